"""Whatever system call of a command that writes fails: `python -m tests.proving.faults --help`.

- `commands`: all commands, what each is run on, and what it is to write
- `calls`: the calls of a process, read from its trace, and the faults that each can have
- `loaded`: a process that has the program loaded, and runs a command as soon as it is told to
- `runs`: a command under strace, whole or with one fault
- `states`: what a folder holds, and how it is put back
- `judging`: what may have come of a fault, and what breaks a promise
"""
