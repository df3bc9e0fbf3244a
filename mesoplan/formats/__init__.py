"""One file for each outside form of a plan; they do not know each other."""
