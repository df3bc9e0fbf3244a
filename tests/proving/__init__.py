"""Holds the promises of the README against what goes wrong: faults, nonsense, wrong code, crowds.

Each part is one command, which prints its figure last and exits with 1 where a promise is broken:

    python -m tests.proving.faults    each system call of each writing command fails, or is the last
    python -m tests.proving.fuzzing   nonsense for everything that reads
    python -m tests.proving.mutants   wrong code, which the tests must notice
    python -m tests.proving.privacy   what the files of a private plan tell, and what a label can do
    python -m tests.proving.versions  the suite with the lowest and the newest versions of libraries
    python -m tests.proving.crowd     fifty commands at once on one folder, and on one file

`--help` of each says what it needs and how long it takes.
"""
