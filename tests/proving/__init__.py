"""Holds the promises of the README against what goes wrong; tests/README.md lists the parts."""
