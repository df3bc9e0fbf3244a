"""Several desks, one book: `python -m tests.proving.desks --help`.

- `story`: what is booked and changed at them, at random
- `kills`: what is killed, or stopped for a while, on the way
"""
