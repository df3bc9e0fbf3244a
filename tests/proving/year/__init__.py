"""A year of a clinic, day by day, and a checker that shares nothing with the program."""
