"""Nonsense for everything that reads: `python -m tests.proving.fuzzing --help`.

- `readers`: all that reads, in one table, and what must hold of each
- `material`: inputs that mean something; `mutating`: what makes nonsense of them
- `trial`: one input given to one reader, and what breaks a promise
- `worst_shapes`: a megabyte each of the worst
"""
