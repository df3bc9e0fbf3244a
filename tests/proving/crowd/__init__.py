"""Fifty commands at once: `python -m tests.proving.crowd --help`.

- `scenes`: what they do at the same moment, and what must be there afterwards
"""
