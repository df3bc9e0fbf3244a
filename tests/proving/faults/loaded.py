"""Begins a process of mesoplan for each trial: forked, with all that it needs loaded already.

A program of its own. It reads a line of JSON for each process, and answers with the number of the
process, which waits for a byte before it does anything, and at last with how it ended. The same
command line in the same folder gives the same bytes: nothing that is asked for at random is.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys

_ALLOW_ANY_TRACER = 0x59616D61, -1
_LOADED_LATER = (
    *("csv", "encodings.ascii", "filelock", "holidays", "icalendar", "platformdirs", "sqlite3"),
    *("tarfile", "tomllib", "typer._click.decorators", "tzdata", "tzlocal"),
)


class Settled:
    """Takes the place of `os.urandom`, and gives the same bytes in each process."""

    asked = 0

    def __call__(self, size: int) -> bytes:
        """So many bytes."""
        self.asked += 1
        return hashlib.shake_128(str(self.asked).encode()).digest(size)


def _load_all() -> None:
    import mesoplan

    for found in pkgutil.walk_packages(mesoplan.__path__, "mesoplan."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name in _LOADED_LATER:
        importlib.import_module(name)


def _become(asked: dict[str, str], ready: socket.socket, begin: int) -> None:
    """Make this process that of a command line, say that it is *ready*, and wait to *begin*."""
    ctypes.CDLL(None).prctl(*_ALLOW_ANY_TRACER, 0, 0, 0)
    os.chdir(asked["folder"])
    for descriptor, name in ((1, "output"), (2, "error")):
        opened = os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.argv = ["mesoplan", *json.loads(asked["arguments"])]
    waiting = select.poll()
    waiting.register(begin, select.POLLIN)
    # Nothing that is counted, which “write” is: it may be traced already.
    ready.send(b".")
    waiting.poll()
    os.read(begin, 1)


# Whoever runs in the background of a shell begins with this one ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
random_bytes = Settled()
os.urandom = random_bytes
_load_all()
# Nothing of the prover's is left to a child but the standard streams and this.
lines, answers, begin = os.dup(0), os.dup(1), int(sys.argv[1])
ready_there, ready_here = socket.socketpair()
with os.fdopen(lines) as asking:
    for line in iter(asking.readline, ""):
        process = os.fork()
        if process == 0:
            random_bytes.asked = 0
            _become(json.loads(line), ready_there, begin)
            break
        ready_here.recv(1)
        os.write(answers, f"{process}\n".encode())
        _, status = os.waitpid(process, 0)
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    else:
        sys.exit()
    from mesoplan.__main__ import main

    main()
