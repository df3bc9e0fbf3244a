"""A command of mesoplan under strace: its system calls, and how each of them can go wrong."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib
import itertools
import os
import pkgutil
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from mesoplan.__main__ import main as _main
from tests.command_line import WORLD

_ERRORS: dict[str, tuple[str, ...]] = {
    "openat": ("ENOSPC", "EACCES"),
    "write": ("ENOSPC", "EIO"),
    "fsync": ("EIO",),
    "close": ("EIO",),
    "link": ("EIO", "EOPNOTSUPP"),
    "unlink": ("EIO",),
    "rmdir": ("EIO",),
    "fchmod": ("EPERM",),
    "chmod": ("EPERM",),
    "flock": ("EIO", "ENOSYS"),
    "read": ("EIO",),
    **dict.fromkeys(("rename", "renameat2", "mkdir"), ("EIO", "EACCES")),
}
"""What each call can fail with, of what is tried here."""
_LASTING = {"write": "ENOSPC", "fsync": "EIO", "rename": "EIO", "unlink": "EACCES"}
"""How some fail from a moment on: a full or broken disk."""
SIGNALS = ("KILL", "INT", "TERM")
_LOADED_LATER = (
    *("csv", "encodings.ascii", "filelock", "holidays", "icalendar", "platformdirs"),
    *("tarfile", "tomllib", "typer._click.decorators", "tzdata", "tzlocal"),
)
_ALLOW_ANY_TRACER = 0x59616D61, -1
_LONGEST_SECONDS = 30.0
_NOT_FLUSHED = 120
"""The exit code of Python where what is left to be written can't be."""

_LINE = re.compile(r"(?:[0-9]+ +)?(?P<name>[a-z0-9_]+)\((?P<rest>.*)")
_PATH = re.compile(r'\bAT_FDCWD<[^>]*>|\b[0-9]+<(?P<opened>/[^>]*)>|"(?P<named>[^"]+)"')
_RANDOM = re.compile(r"(?<=[-/])[a-z0-9_]{8,16}(?=\.tmp|$)|#[0-9]+")
_SIGNAL = re.compile(r"(?:[0-9]+ +)?(?:--- SIG(?:INT|TERM) |\+\+\+ killed ).*")


class CanNotTrace(Exception):
    """Why nothing can be tried here."""


@dataclass(frozen=True)
class Call:
    """A system call, the *number*th of its name in its process."""

    name: str
    number: int
    paths: tuple[str, ...]
    """What it concerns."""
    concerns: bool
    """Whether that is in the world of the commands, or a standard stream."""
    stream: int | None
    """1 or 2 for standard output or error."""
    changes: bool
    """Whether it can change anything."""
    line: str
    """As strace writes it."""
    is_signalled: bool
    """Whether a signal comes later: it may be put off."""

    def faults(self) -> Iterator[Fault]:
        """Each way in which it can go wrong."""
        for error in _ERRORS[self.name]:
            if error != "ENOSPC" or self.changes:
                yield Fault(self, error)
        if self.name in _LASTING:
            yield Fault(self, _LASTING[self.name], lasts=True)
        if self.changes:
            for each in SIGNALS:
                yield Fault(self, each)

    def is_like(self, other: Call) -> bool:
        """Whether it is the same call of another run."""
        return self._settled == other._settled

    @property
    def _settled(self) -> tuple[object, ...]:
        return self.name, self.number, [_RANDOM.sub("*", path) for path in self.paths]


@dataclass(frozen=True)
class Fault:
    """A call that goes wrong in one way: with an error, or with a signal on its entry."""

    call: Call
    kind: str
    lasts: bool = False
    """Whether all later calls of that name fail too."""

    @property
    def is_signal(self) -> bool:
        """Whether it is a signal."""
        return self.kind in SIGNALS

    @property
    def injection(self) -> str:
        """As strace's option --inject takes it."""
        what = f"signal={self.kind}" if self.is_signal else f"error={self.kind}"
        return f"{self.call.name}:{what}:when={self.call.number}{'+' if self.lasts else ''}"

    def has_hit(self, calls: tuple[Call, ...]) -> bool:
        """Whether that happened in a run, to the same call."""
        return any(
            each.is_like(self.call)
            and (each.is_signalled if self.is_signal else each.line.endswith("(INJECTED)"))
            for each in calls
        )


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    exit_code: int
    """Below zero the signal that ended it."""
    output: bytes
    error: str
    calls: tuple[Call, ...]


def called(trace: str, world: Path) -> tuple[Call, ...]:
    """The calls of a trace, in their order; *world* is all that commands may change."""
    numbers: dict[str, int] = {}
    calls: list[Call] = []
    lines = trace.splitlines()
    signalled = max((at for at, line in enumerate(lines) if _SIGNAL.fullmatch(line)), default=-1)
    for at, line in enumerate(lines):
        found = _LINE.fullmatch(line)
        if found is None or found["name"] not in _ERRORS:
            continue
        name, rest = found["name"], found["rest"]
        numbers[name] = numbers.get(name, 0) + 1
        told = rest.partition(", " if name in {"read", "write"} else ") = ")[0]
        paths = tuple(
            os.path.normpath(world / "clinic" / (each["opened"] or each["named"]))
            for each in _PATH.finditer(told)
            if each["opened"] or each["named"]
        )
        stream = {"1": 1, "2": 2}.get(rest.partition("<")[0]) if name == "write" else None
        only_opens = name == "openat" and "O_CREAT" not in rest
        is_inside = any(path == str(world) or path.startswith(f"{world}/") for path in paths)
        calls.append(
            Call(
                *(name, numbers[name], paths, stream is not None or is_inside, stream),
                changes=name not in {"read", "close"} and not only_opens,
                line=line,
                is_signalled=at < signalled,
            )
        )
    return tuple(calls)


def named_too_early(calls: Sequence[Call]) -> Iterator[str]:
    """The names that files got before all that is in them was surely on the disk."""
    unsafe: set[str] = set()
    for call in calls:
        if call.name == "write":
            unsafe.update(call.paths)
        elif call.name == "fsync":
            unsafe.difference_update(call.paths)
        elif call.name.startswith(("rename", "link")) and call.paths[0] in unsafe:
            yield call.paths[1]


class Runner:
    """Runs command lines in the folder “clinic” of a world, each in a fork of this process."""

    def __init__(self, world: Path, aside: Path) -> None:
        """What a command prints, and its trace, are kept in a folder *aside*."""
        strace = shutil.which("strace")
        if strace is None:
            raise CanNotTrace("strace is missing; install it (apt-get install strace)")
        self._strace, self._world, self._aside = strace, world, aside
        _load_all()

    def run(self, line: str, fault: Fault | None = None) -> Ended:
        """Run `mesoplan LINE`. Raises CanNotTrace."""
        output, error, trace = (self._aside / name for name in ("output", "error", "trace"))
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            _become(line, self._world, theirs, output, error)
        theirs.close()
        ours.recv(1)
        with self._traced(process, trace, fault):
            ours.close()
            timer = threading.Timer(_LONGEST_SECONDS, os.kill, (process, signal.SIGKILL))
            timer.start()
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            timer.cancel()
        calls = called(trace.read_text(errors="replace"), self._world)
        return Ended(code, output.read_bytes(), error.read_text(errors="replace"), calls)

    @contextlib.contextmanager
    def _traced(self, process: int, trace: Path, fault: Fault | None) -> Iterator[None]:
        inject = () if fault is None else (f"--inject={fault.injection}",)
        names = ",".join(f"?{name}" for name in _ERRORS)
        with subprocess.Popen(
            [
                *(self._strace, "-f", "-y", "-s", "16", "-o", str(trace), f"--trace={names}"),
                *(*inject, "-p", str(process)),
            ],
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as tracer:
            assert tracer.stderr is not None
            said = tracer.stderr.readline()
            if "attached" not in said:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
                raise CanNotTrace(f"strace may not trace here: {said.strip()}")
            yield
            tracer.stderr.read()


def _load_all() -> None:
    """Load what commands load, so that each begins at once and makes few calls of its own."""
    import mesoplan

    for found in pkgutil.walk_packages(mesoplan.__path__, "mesoplan."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name in _LOADED_LATER:
        importlib.import_module(name)


def _become(line: str, world: Path, gate: socket.socket, output: Path, error: Path) -> NoReturn:
    """Make this process that of a command line, which begins when the other end is closed."""
    ctypes.CDLL(None).prctl(*_ALLOW_ANY_TRACER, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(world / "clinic")
    os.environ.clear()
    os.environ |= {
        **WORLD,
        "LC_ALL": "C.UTF-8",
        "HOME": str(world / "home"),
        "XDG_CONFIG_HOME": str(world / "home" / "config"),
        "TMPDIR": str(world / "tmp"),
    }
    opened = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for path in (output, error)]
    for standard, descriptor in enumerate((os.open(os.devnull, os.O_RDONLY), *opened)):
        os.dup2(descriptor, standard)
    os.closerange(3, gate.fileno())
    os.closerange(gate.fileno() + 1, 256)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", closefd=False)  # noqa: SIM115
    asked = itertools.count()
    # The same bytes in each run, so that its ids are the same; others for the next command.
    os.urandom = lambda size: hashlib.shake_128(f"{line} {next(asked)}".encode()).digest(size)
    sys.argv = ["mesoplan", *line.split()]
    waiting = select.poll()
    waiting.register(gate, select.POLLIN)
    # From here on calls are counted, which “poll” is not.
    gate.send(b".")
    waiting.poll()
    code = 0
    try:
        _main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        code = _NOT_FLUSHED
    os._exit(code)
