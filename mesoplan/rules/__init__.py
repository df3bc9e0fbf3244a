"""The clinical numbers, and where each comes from."""
