"""Whatever system call of a command that writes fails: `python -m tests.proving.faults --help`.

- `commands`: the commands, what each is run on, and what belongs together of what it writes
- `tracing`: a command under strace, whole or with one of its calls going wrong
- `judging`: what may have come of a fault, and what breaks a promise
"""
