"""Puts the next revision of a plan in place of its file, and keeps the one before beside it.

At any moment the file is the old or the new one, whole. The one before gets its place (`NAME~`)
first, and then the new one; a command that is killed between the two leaves the plan as it was,
with nothing to undo. Of a plan in several files some may then be new, and the others old.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, ServerProblem
from mesoplan.storage.files import (
    Temporary,
    new_files,
    problem_with,
    reason,
    remove_strays,
    replace_own,
    sync_folder,
)
from mesoplan.storage.locks import held
from mesoplan.storage.shared import shared_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def previous_of(path: Path) -> Path:
    """Where the file before the last change is kept."""
    return path.with_name(f"{path.name}~")


def require_real_file(path: Path) -> Path:
    """The path of a plain file behind all links. Raises FileProblem if it is something else."""
    with _problems_of_change(path):
        real = path.resolve() if path.is_symlink() else path
        if real.exists() and not real.is_file():
            raise problem_with(path, "is not a regular file", "give the name of the plan's file")
        return real


@contextlib.contextmanager
def locked(path: Path, *, sweeps: bool = True) -> Iterator[None]:
    """Keep every other command that changes the file at *path* waiting, for a while.

    Unless it *sweeps*, strays in the folder stay. Raises FileProblem if another command takes
    longer than some seconds.
    """
    with held(path.with_name(f".{path.name}.lock"), path):
        if sweeps:
            remove_strays(path.parent)
        yield


def replace_whole(
    path: Path,
    before: bytes,
    after: bytes,
    new: Mapping[Path, bytes],
    kept: bytes | None = None,
) -> None:
    """Put *after* in place of *before* in one file; see `replace_all`."""
    replace_all({path: (before, after)}, new, kept)


def replace_all(
    contents: Mapping[Path, tuple[bytes, bytes]],
    new: Mapping[Path, bytes],
    kept: bytes | None = None,
) -> None:
    """Replace the first content of files by the second, keep the first, and write *new* files.

    With *kept*, that is kept instead, and nothing is left of the first: a file that becomes private
    may not have its earlier content beside it. Called while `locked`. Raises FileProblem if a file
    no longer has its first content, or something can't be written. Then everything is as it was.
    """
    before: dict[Path, bytes | None] = {}
    with (
        _problems_of_change(next(iter(contents))),
        contextlib.ExitStack() as temporaries,
        new_files(new) as put_new,
    ):
        moves: list[tuple[Path, Path]] = []
        written: dict[Path, bytes] = {}
        for path, (old, following) in contents.items():
            previous = previous_of(path)
            before[path] = old
            before[previous] = previous.read_bytes() if previous.is_file() else None
            for target, data in ((previous, old if kept is None else kept), (path, following)):
                temporary = temporaries.enter_context(Temporary(path.parent))
                temporary.fill(data)
                moves.append((temporary.path, target))
                written[target] = data
        for path, (old, _) in contents.items():
            _require_same(path, old)
        try:
            with shared_first(written):
                for temporary_path, target in moves:
                    temporary_path.replace(target)
            put_new()
            for folder in {path.parent for path in contents}:
                sync_folder(folder)
        except BaseException:
            _put_back(before)
            raise


def _put_back(contents: Mapping[Path, bytes | None]) -> None:
    """Restore files as they were, if possible; None stands for no file."""
    for path, data in contents.items():
        with contextlib.suppress(OSError, FileProblem, ServerProblem):
            if data is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != data:
                replace_own(path, data)


def _require_same(path: Path, before: bytes) -> None:
    if path.read_bytes() != before:
        what = "has just been changed by another program"
        raise problem_with(path, what, "check it, and try again")


@contextlib.contextmanager
def _problems_of_change(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        # RuntimeError: a loop of links.
        remedy = "look first, with --dry-run, or change a copy"
        raise problem_with(path, f"can't be changed: {reason(error)}", remedy) from error
