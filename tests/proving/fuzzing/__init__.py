"""Nonsense for everything that reads: `python -m tests.proving.fuzzing --help`.

- `readers`: all that reads, in one table; `reads_calendars`, `reads_words`: what must hold of each
- `seeds`: inputs that mean something; `mutating`: what makes nonsense of them
- `trial`: one input given to one reader, and what breaks a promise
- `searching`: makes nonsense by chance; `guided`: by what the code does with it (atheris)
- `worst_shapes`, `measuring`: a megabyte each of the worst, and what it takes to read it
- `shortening`: the shortest input that breaks a reader in the same way
- `reports`: what a process tells of what it has tried
"""
