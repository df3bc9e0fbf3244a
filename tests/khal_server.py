"""khal, loaded once: each line of standard input is a command, which runs in a process of its own.

A line is a JSON list of khal's arguments before which stands the file that its standard output and
error go to. Each is answered by a line with its exit code. To load khal takes longer than all that
it does in a test.
"""

import json
import os
import sys

from khal.cli import main_khal


def serve() -> None:
    """Run the commands one after the other, until standard input ends."""
    for line in sys.stdin:
        said, *arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            sys.argv = ["khal", *arguments]
            sys.exit(main_khal())
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
