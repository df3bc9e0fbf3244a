"""Puts the next revision of a plan in place of its file, and keeps the one before beside it.

At any moment the file is the old or the new one, whole. In this order

1. the new content is put beside the file (`.NAME.next`), and then the old one (`.NAME.before`);
2. `.NAME.next` becomes the file: from here on the change is made;
3. `.NAME.before` becomes the file before the change (`NAME~`).

So what a killed command leaves tells how far it came, and the next one that has the lock goes on
from there: while `.NAME.next` is there nothing was changed; where `.NAME.before` is there alone,
only the third step is missing.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.storage.files import LONGEST_PATH, NewFiles, sync_folder, write_synced
from mesoplan.storage.interruptions import undisturbed
from mesoplan.storage.locks import held
from mesoplan.storage.temporaries import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LEFT = {"next", "before"} if os.name == "nt" else {"next", "before", "lock"}
"""On Windows locks stay in any case."""


def previous_of(path: Path) -> Path:
    """Where the file before the last change is kept."""
    return path.with_name(f"{path.name}~")


def require_real_file(path: Path) -> Path:
    """The path of a plain file behind all links. Raises FileProblem where it is something else."""
    with _problems_of_change(path):
        real = path.resolve() if path.is_symlink() else path
        if real.exists() and not real.is_file():
            raise FileProblem(
                path,
                f"{quoted(path, LONGEST_PATH)} is no plain file",
                "name the file that the plan is in",
            )
        return real


@contextlib.contextmanager
def locked(path: Path, *, sweeps: bool = True) -> Iterator[None]:
    """Keep every other command that changes the file at *path* waiting, for a while.

    What a killed command left beside the file is put right first; what one left elsewhere in the
    folder only if it *sweeps*. Raises FileProblem when another command has not done after some
    seconds.
    """
    lock_path = path.with_name(f".{path.name}.lock")
    with held(lock_path, path):
        with _problems_of_change(path):
            _put_right(path)
        if sweeps:
            sweep(path.parent, lock_path)
        yield


def replace_whole(
    path: Path,
    before: bytes,
    after: bytes,
    new: Mapping[Path, bytes],
    kept: bytes | None = None,
) -> None:
    """Put *after* in place of *before* in a file, keep that beside it, and write *new* files.

    With *kept*, that is kept beside it, and nothing is left of *before*: a file that becomes
    private may not tell beside itself what it was. Called while `locked`. Raises FileProblem when
    the file does not hold *before* any more, or something can't be written; then everything is as
    it was, or, where the disk fails so that nothing can be taken back, the message says that the
    change is made. Ctrl-C comes before it, or after.
    """
    with undisturbed():
        _replace(path, before, after, NewFiles(new), kept)


def _replace(path: Path, before: bytes, after: bytes, files: NewFiles, kept: bytes | None) -> None:
    following, old = _next_of(path), _before_of(path)
    try:
        files.prepare()
        with _problems_of_change(path):
            _require_same(path, before)
            write_synced(following, after)
            write_synced(old, before if kept is None else kept)
            following.replace(path)
        files.put()
        with _problems_of_change(path):
            old.replace(previous_of(path))
        sync_folder(path.parent)
    except BaseException as error:
        # Once the old content has its place beside the file nothing is left to take back.
        if os.path.lexists(old) or os.path.lexists(following):
            if not _take_back(path, None if kept is None else before):
                raise _half_kept(path) from error
            files.take_back()
        raise
    finally:
        files.discard()


def _require_same(path: Path, before: bytes) -> None:
    if path.read_bytes() != before:
        raise FileProblem(
            path,
            f"{quoted(path, LONGEST_PATH)} has just been changed by another program",
            "look at it, and try again",
        )


def left_behind(folder: Path) -> Iterator[Path]:
    """The files in a folder beside which a killed command left something: see `locked`."""
    for stray in folder.glob(".*"):
        name, dot, step = stray.name[1:].rpartition(".")
        if dot and step in _LEFT:
            yield folder / name


def _next_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.next")


def _before_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.before")


def _take_back(path: Path, before: bytes | None) -> bool:
    """Undo a change that went wrong; False where it stays: `_put_right` completes it later.

    *before* is what the file had, where that is not what was put beside it.
    """
    if os.path.lexists(_next_of(path)):
        with contextlib.suppress(OSError):
            _discard(path)
        return True
    try:
        if before is None:
            _before_of(path).replace(path)
        else:
            write_synced(_next_of(path), before)
            _next_of(path).replace(path)
            with contextlib.suppress(OSError):
                _before_of(path).unlink(missing_ok=True)
    except OSError:
        # Beside the file before it would mean that nothing was changed.
        with contextlib.suppress(OSError):
            _next_of(path).unlink(missing_ok=True)
        return False
    return True


def _put_right(path: Path) -> None:
    """Complete, or remove, what a command left that was killed; see above."""
    if os.path.lexists(_next_of(path)):
        _discard(path)
    elif os.path.lexists(_before_of(path)):
        _before_of(path).replace(previous_of(path))


def _discard(path: Path) -> None:
    # In this order: the old content alone would mean that the change was made.
    _before_of(path).unlink(missing_ok=True)
    _next_of(path).unlink(missing_ok=True)


@contextlib.contextmanager
def _problems_of_change(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        # RuntimeError: a loop of links.
        raise _cannot_change(path, error) from error


def _half_kept(path: Path) -> FileProblem:
    shown = quoted(path, LONGEST_PATH)
    return FileProblem(
        path,
        f"{shown} is changed, but the disk fails, and the plan before could not be put aside yet",
        "make room, or mend the disk; the next change of it sees to that first",
    )


def _cannot_change(path: Path, error: Exception) -> FileProblem:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return FileProblem(
        path,
        f"{quoted(path, LONGEST_PATH)} can't be changed: {why}",
        "look without writing with --dry-run, or change a copy of it",
    )
