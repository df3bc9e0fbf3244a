"""Days, times of day, zones and holidays, and how people write them."""
