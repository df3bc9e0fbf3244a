"""The system calls of a command, as strace tells them, and how each of them can go wrong."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.book.index import INDEX_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_INTO_FULL_DISK = ("ENOSPC", "EIO", "EINTR")
_OF_NAMES = ("ENOSPC", "EIO", "EACCES")
CALLS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("open", "openat"), ("ENOSPC", "EIO", "EACCES", "EINTR")),
    **dict.fromkeys(("write", "pwrite64", "writev", "ftruncate"), _INTO_FULL_DISK),
    **dict.fromkeys(("fsync", "fdatasync", "close"), _INTO_FULL_DISK),
    **dict.fromkeys(("rename", "renameat", "renameat2", "mkdir", "mkdirat"), _OF_NAMES),
    **dict.fromkeys(("link", "linkat"), (*_OF_NAMES, "EOPNOTSUPP")),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), ("EIO", "EACCES")),
    **dict.fromkeys(("chmod", "fchmod", "fchmodat"), ("EIO", "EPERM")),
    "flock": ("EIO", "ENOLCK", "ENOSYS"),
    "read": ("EIO", "EINTR"),
    "getdents64": ("EIO",),
    **dict.fromkeys(("stat", "lstat", "newfstatat", "fstat", "statx"), ("EIO",)),
}
"""What each can fail with, of what is tried here."""

_READ_ALONE = {"read", "getdents64", "stat", "lstat", "newfstatat", "fstat", "statx"}
_LASTING = {
    "write": "ENOSPC",
    "fsync": "EIO",
    "rename": "EIO",
    "link": "EOPNOTSUPP",
    "unlink": "EACCES",
    "flock": "ENOSYS",
}
"""How some fail from a moment on: a full or broken disk, a file system that lacks something."""
SIGNALS = ("KILL", "INT", "TERM")
_AGAIN = {"open", "openat", "write", "pwrite64", "writev", "read", "fsync", "fdatasync"}
"""Python makes these once more when a signal has come in between."""

_LINE = re.compile(r"(?:[0-9]+ +)?(?P<name>[a-z0-9_]+)\((?P<rest>.*)")
_PATH = re.compile(r'\bAT_FDCWD<[^>]*>|\b[0-9]+<(?P<opened>[^>]*)>|"(?P<named>[^"]+)"')
_OPENED = re.compile(r"\) = (?P<descriptor>[0-9]+)<")
_DESCRIPTOR = re.compile(r"[0-9]+(?=<)")
_RANDOM = re.compile(r"(?<=[-/])[a-z0-9_]{8}(?=\.tmp|$)|#[0-9]+")
_SIGNAL = re.compile(r"(?:[0-9]+ +)?(?:--- SIG(?:INT|TERM) |\+\+\+ killed ).*")


@dataclass(frozen=True)
class Call:
    """A system call, the *number*th of its name in its process."""

    name: str
    number: int
    exact_paths: tuple[str, ...]
    """What it concerns."""
    paths: tuple[str, ...]
    """The same with a star for what is random in the name of a temporary file."""
    concerns: bool
    """Whether that is in the world of the commands, or a standard stream."""
    stream: int | None
    """1 or 2 for standard output or error."""
    changes: bool
    """Whether it can change anything."""
    line: str
    """As strace tells it."""
    is_signalled: bool
    """Whether a signal comes later: it may be put off."""

    def faults(self) -> Iterator[Fault]:
        """Each way in which it can go wrong."""
        for error in CALLS[self.name]:
            if error == "ENOSPC" and not (self.changes or self.stream):
                continue
            yield Fault(self, error)
        if self.name in _LASTING:
            yield Fault(self, _LASTING[self.name], lasts=True)
        if self.stream == 1 and self.name == "write":
            yield Fault(self, "EPIPE")
        if self.changes:
            for signal in SIGNALS:
                yield Fault(self, signal)

    def is_like(self, other: Call) -> bool:
        """Whether it is the same call of another run."""
        return (self.name, self.number, self.paths) == (other.name, other.number, other.paths)


@dataclass(frozen=True)
class Fault:
    """A call that goes wrong in one way: with an error, or with a signal on its entry."""

    call: Call
    kind: str
    lasts: bool = False
    """Whether all later calls of that name fail too, those that would tell of it among them."""

    @property
    def is_signal(self) -> bool:
        """Whether it is a signal."""
        return self.kind in SIGNALS

    @property
    def is_harmless(self) -> bool:
        """Whether Python makes the call once more, and so nothing may come of it."""
        is_made_again = self.call.name in _AGAIN and "O_DIRECTORY" not in self.call.line
        return self.kind == "EINTR" and is_made_again

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


def called(trace: str, world: Path) -> tuple[Call, ...]:
    """The calls that a trace tells of, in their order; *world* is all that commands may change."""
    numbers: dict[str, int] = {}
    reading: set[str] = set()
    calls: list[Call] = []
    lines = trace.splitlines()
    signalled = [at for at, line in enumerate(lines) if _SIGNAL.fullmatch(line)]
    for at, line in enumerate(lines):
        found = _LINE.fullmatch(line)
        if found is None or found["name"] not in CALLS:
            continue
        name, rest = found["name"], found["rest"]
        numbers[name] = numbers.get(name, 0) + 1
        told = rest.partition(", " if name in {"read", "write"} else ") = ")[0]
        exact_paths = tuple(_paths(told, world))
        paths = tuple(_RANDOM.sub("*", path) for path in exact_paths)
        stream = {"1": 1, "2": 2}.get(rest.partition("<")[0]) if name == "write" else None
        calls.append(
            Call(
                name=name,
                number=numbers[name],
                exact_paths=exact_paths,
                paths=paths,
                concerns=stream is not None or any(_is_in(path, world) for path in paths),
                stream=stream,
                changes=name not in _READ_ALONE and not _only_reads(name, rest, reading),
                line=line,
                is_signalled=bool(signalled) and at < signalled[-1],
            )
        )
    return tuple(calls)


def given_names_too_early(calls: Iterable[Call]) -> Iterator[str]:
    """The names that files got before all that is in them was surely on the disk.

    An index, whose content tells whether it is whole, need not be.
    """
    unsafe: set[str] = set()
    for call in calls:
        if call.name == "write":
            unsafe.update(call.exact_paths)
        elif call.name in {"fsync", "fdatasync"}:
            unsafe.difference_update(call.exact_paths)
        elif call.name.startswith(("rename", "link")):
            before, after = call.exact_paths
            if before in unsafe and not after.endswith(INDEX_NAME):
                yield after


def _paths(told: str, world: Path) -> Iterator[str]:
    for found in _PATH.finditer(told):
        opened, named = found["opened"], found["named"]
        if named or (opened and opened.startswith("/")):
            yield os.path.normpath(world / "clinic" / (named or opened))


def _is_in(path: str, world: Path) -> bool:
    return path == str(world) or path.startswith(f"{world}/")


def _only_reads(name: str, rest: str, reading: set[str]) -> bool:
    """Whether a call opens what is only read, or closes it; those opened are kept in *reading*."""
    if name in {"open", "openat"}:
        reads = "O_CREAT" not in rest and "O_RDONLY" in rest
        if found := _OPENED.search(rest):
            (reading.add if reads else reading.discard)(found["descriptor"])
        return reads
    descriptor = _DESCRIPTOR.match(rest)
    return name == "close" and descriptor is not None and descriptor[0] in reading
