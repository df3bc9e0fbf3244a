"""Faults in the program, which the tests must notice: `python -m tests.proving.mutants --help`.

- `parts`: the modules that get faults, and the tests that run
- `made`: the faults of a module
- `reach`: which tests reach a line
- `trials`: a process that tries faults; `forks`: in forks of it, each with limits
- `outside`: faults in tables and numbers by name, for which the module is loaded anew
- `equivalent_mutants.toml`: faults that nobody could notice, each with its reason
"""
