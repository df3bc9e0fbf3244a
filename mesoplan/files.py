"""Reads files, and puts bytes on the disk: whole or not at all.

A new file is never put over one that is there. A plan's own file is replaced by its next revision,
under a lock, and the one before is kept beside it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST_PATH = 300
_LONGEST_WAIT_SECONDS = 10
_NO_LINKS_HERE = {
    *(errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EMLINK),
    # Two numbers on macOS, one on Linux.
    *(errno.EOPNOTSUPP, errno.ENOTSUP),
}


def write_all_new(contents: Mapping[Path, bytes]) -> None:
    """Write files that were not there, readable by their owner alone (mode 0600): all, or none.

    Raises FileProblem when something stands at one of the paths, even a dangling link, or when a
    file can't be written; nothing is left behind then.
    """
    for path in contents:
        _require_free(path)
    prepared: dict[Path, Path] = {}
    written: list[Path] = []
    try:
        for path, data in contents.items():
            with _problems_of(path):
                prepared[path] = _temporary_copy(path.parent, data)
        for path, temporary in prepared.items():
            with _problems_of(path):
                _put_in_place(temporary, path)
            written.append(path)
        for folder in {path.parent for path in contents}:
            _sync_folder(folder)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    finally:
        for temporary in prepared.values():
            temporary.unlink(missing_ok=True)


def read_whole(path: Path, largest_bytes: int, remedy: str) -> bytes:
    """The bytes of a file of at most *largest_bytes*; *remedy* says what to do if it can't be read.

    Raises FileProblem when it is missing, no file, too large, or can't be read.
    """
    shown = quoted(path, _LONGEST_PATH)
    try:
        if path.is_dir():
            raise FileProblem(path, f"{shown} is a folder, not a file", remedy)
        with path.open("rb") as file:
            data = file.read(largest_bytes + 1)
    except (OSError, ValueError) as error:
        # ValueError: a NUL character in the name.
        if isinstance(error, FileNotFoundError):
            raise FileProblem(path, f"there is no file {shown}", remedy) from error
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileProblem(path, f"{shown} can't be read: {why}", remedy) from error
    if len(data) > largest_bytes:
        limit = f"{largest_bytes // 1_000_000} MB"
        raise FileProblem(path, f"{shown} is larger than {limit}", remedy)
    return data


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other command that changes the file at *path* waiting, for a while.

    Raises FileProblem when another one has not done after some seconds.
    """
    from filelock import FileLock, Timeout

    lock_path = path.with_name(f".{path.name}.lock")
    lock = FileLock(lock_path, timeout=_LONGEST_WAIT_SECONDS, mode=0o600)
    shown = quoted(path, _LONGEST_PATH)
    try:
        lock.acquire()
    except Timeout as error:
        raise FileProblem(
            path,
            f"another command is changing {shown} right now",
            f"try again; if none is, remove {quoted(lock_path, _LONGEST_PATH)}",
        ) from error
    except (OSError, ValueError) as error:
        raise _cannot_change(path, error) from error
    try:
        yield
    finally:
        # While it is held: who waits for it sees that it has gone, and makes another.
        if os.name != "nt":
            lock_path.unlink(missing_ok=True)
        lock.release()


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
                f"{quoted(path, _LONGEST_PATH)} is no plain file",
                "name the file that the plan is in",
            )
        return real


def replace_whole(path: Path, before: bytes, after: bytes, new: Mapping[Path, bytes]) -> None:
    """Put *after* in place of *before* in a file, keep that beside it, and write *new* files.

    Raises FileProblem when the file does not hold *before* any more, or something can't be
    written; then everything is as it was. Each file is the old or the new one at any moment.
    """
    for other in new:
        _require_free(other)
    with _problems_of_change(path):
        if path.read_bytes() != before:
            raise FileProblem(
                path,
                f"{quoted(path, _LONGEST_PATH)} has just been changed by another program",
                "look at it, and try again",
            )
    temporary: list[Path] = []
    try:
        with _problems_of_change(path):
            kept = _temporary_copy(path.parent, before)
            temporary.append(kept)
            changed = _temporary_copy(path.parent, after)
            temporary.append(changed)
        write_all_new(new)
        try:
            with _problems_of_change(path):
                kept.replace(previous_of(path))
                changed.replace(path)
        except BaseException:
            for other in new:
                other.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    finally:
        for each in temporary:
            each.unlink(missing_ok=True)


def make_folder(path: Path) -> bool:
    """Make a folder unless it is there; whether it was made. Its parent must exist.

    Raises FileProblem when that fails, or when something else has that name.
    """
    with _problems_of(path):
        if path.is_dir():
            return False
    _require_free(path)
    with _problems_of(path):
        path.mkdir(mode=0o700)
    return True


def make_folders(path: Path) -> None:
    """Make a folder, and those around it, unless they are there. Raises FileProblem."""
    if path != path.parent and not path.is_dir():
        make_folders(path.parent)
        make_folder(path)


def require_free(path: Path, *, parent_may_be_missing: bool = False) -> None:
    """Raise FileProblem when something stands at *path*, or a file could not be put there."""
    if not parent_may_be_missing or path.parent.is_dir():
        _require_free(path)


def _require_free(path: Path) -> None:
    with _problems_of(path):
        if not path.name or path.is_dir():
            raise FileProblem(
                path,
                f"{quoted(path, _LONGEST_PATH)} is a folder",
                "give the name of a file in it",
            )
        if os.path.lexists(path):
            raise FileExistsError
        if not path.parent.is_dir():
            raise FileProblem(
                path,
                f"there is no folder {quoted(path.parent, _LONGEST_PATH)} to write to",
                "make it first, or choose another place",
            )


def _temporary_copy(folder: Path, data: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=".calendar-", suffix=".tmp", dir=folder)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _put_in_place(temporary: Path, path: Path) -> None:
    """Give the whole file its name, unless something else has got that name in the meantime."""
    if os.name == "nt":
        temporary.rename(path)
        return
    try:
        os.link(temporary, path)
    except OSError as error:
        # Some file systems have no hard links; there a moment is left between look and rename.
        if error.errno not in _NO_LINKS_HERE:
            raise
        _require_free(path)
        temporary.replace(path)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can do that for a folder."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _problems_of_change(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        # RuntimeError: a loop of links.
        raise _cannot_change(path, error) from error


def _cannot_change(path: Path, error: Exception) -> FileProblem:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return FileProblem(
        path,
        f"{quoted(path, _LONGEST_PATH)} can't be changed: {why}",
        "look without writing with --dry-run, or change a copy of it",
    )


@contextlib.contextmanager
def _problems_of(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise FileProblem(
            path,
            f"{quoted(path, _LONGEST_PATH)} is there already, and is left as it is",
            "choose another name, or look without writing with --dry-run",
        ) from error
    except (OSError, ValueError) as error:
        # ValueError: a NUL character in the name.
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileProblem(
            path,
            f"{quoted(path, _LONGEST_PATH)} can't be written: {why}",
            "choose another place, or look without writing with --dry-run",
        ) from error
