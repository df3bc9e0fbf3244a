"""Holds the promises of the manual against what goes wrong; tests/README.md lists the parts."""
