"""Sees each file that this process makes, under whatever name, while it is still there."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_BEFORE_IT_GOES = ("os.rename", "os.link", "os.remove")
"""What the interpreter is about to do to a file that may be gone then."""


@dataclass(frozen=True)
class MadeFile:
    """A file as it was at one moment."""

    path: Path
    mode: int
    """Its permissions."""
    data: bytes


@dataclass
class Made:
    """What was made under a folder."""

    names: set[str] = field(default_factory=set)
    """The paths below the folder of all that was written to, made, renamed or removed."""
    files: list[MadeFile] = field(default_factory=list)
    """Each plain file as it was before it got another name or was removed, and at the end."""


_watching: list[tuple[Path, Made]] = []
_is_installed = [False]
_is_inside = [False]


@contextmanager
def watched(folder: Path) -> Iterator[Made]:
    """What is made under *folder* meanwhile, by this process; complete at the end."""
    if not _is_installed[0]:
        # It can't be taken away again, so there is one for all.
        sys.addaudithook(_seen)
        _is_installed[0] = True
    made = Made()
    _watching.append((folder.resolve(), made))
    try:
        yield made
    finally:
        _watching.pop()
        for path in folder.rglob("*"):
            made.names.add(str(path.relative_to(folder)))
            _take(path, made)


def _seen(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or _is_inside[0]:
        return
    if event == "open":
        name, _, flags = arguments
        names = [name] if flags is not None and flags & _WRITES else []
    elif event in _BEFORE_IT_GOES or event in ("os.mkdir", "os.symlink"):
        names = [each for each in arguments[:2] if isinstance(each, str | bytes | os.PathLike)]
    else:
        return
    folder, made = _watching[-1]
    _is_inside[0] = True
    try:
        for name in names:
            if isinstance(name, int):
                continue
            path = Path(os.path.abspath(os.fsdecode(name)))  # noqa: PTH100 - follows no links
            if path.is_relative_to(folder):
                made.names.add(str(path.relative_to(folder)))
                if event in _BEFORE_IT_GOES:
                    _take(path, made)
    finally:
        _is_inside[0] = False


def _take(path: Path, made: Made) -> None:
    try:
        found = path.lstat()
    except OSError:
        return
    if stat.S_ISREG(found.st_mode):
        made.files.append(MadeFile(path, stat.S_IMODE(found.st_mode), path.read_bytes()))
