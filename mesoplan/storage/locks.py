"""Keeps other commands away from a file or folder while one of them changes it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.storage.files import LONGEST_PATH, Temporary, problem_with, reason, remove_strays
from mesoplan.storage.shared import shared_held

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

FOLDER_LOCK_NAME = ".mesoplan-lock"
_LONGEST_WAIT_SECONDS = 30
"""Whoever holds it is alive: the system takes a lock from a process that has ended. A file server
takes it from a computer that has, after a while: of NFS 4 and SMB that is about a minute."""
_POLL_SECONDS = 0.05
_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}


@contextlib.contextmanager
def held(lock_path: Path, what: Path) -> Iterator[None]:
    """Hold the lock that the file at *lock_path* is, for what is at *what*.

    Where it is in the copy of a shared book, the book is held, too. Raises FileProblem if another
    command takes too long, or the lock can't be made, and ServerProblem.
    """
    with shared_held(lock_path.parent), held_here(lock_path, what):
        yield


@contextlib.contextmanager
def held_here(lock_path: Path, what: Path) -> Iterator[None]:
    """Keep other commands of this computer waiting, but no other desk. Raises FileProblem."""
    from filelock import FileLock

    _require_own(lock_path, what)
    lock = FileLock(lock_path, timeout=_LONGEST_WAIT_SECONDS, mode=0o600)
    try:
        _acquire(lock, lock_path, what)
        yield
    finally:
        if lock.is_locked:
            # While it is held, so that whoever waits for it sees it go, and makes another.
            if os.name != "nt":
                with contextlib.suppress(OSError):
                    lock_path.unlink(missing_ok=True)
            # A lock that can't be released ends with the process.
            with contextlib.suppress(OSError):
                lock.release()


def _acquire(lock: BaseFileLock, lock_path: Path, what: Path) -> None:
    from filelock import Timeout

    latest = time.monotonic() + _LONGEST_WAIT_SECONDS
    try:
        while not _is_acquired(lock, lock_path, latest):
            if time.monotonic() > latest:
                raise Timeout(str(lock_path))
            time.sleep(_POLL_SECONDS)
    except BaseException as error:
        # Its file may have been made, and only the holder may remove it.
        with contextlib.suppress(OSError, ValueError):
            _is_acquired(lock, lock_path, 0)
        if isinstance(error, Timeout):
            shown, lock_shown = quoted(what, LONGEST_PATH), quoted(lock_path, LONGEST_PATH)
            raise FileProblem(
                what,
                f"another command is changing {shown} right now",
                f"try again in a moment; if no command is running, remove {lock_shown}",
            ) from error
        if isinstance(error, OSError | ValueError):
            remedy = "check who may write there, or look first, with --dry-run"
            if isinstance(error, OSError) and error.errno in _NO_LOCKS:
                remedy = "put the book where there are locks: mesoplan help desks"
            raise problem_with(what, f"can't be changed: {reason(error)}", remedy) from error
        raise


def _is_acquired(lock: BaseFileLock, lock_path: Path, latest: float) -> bool:
    """Whether the lock can be acquired, of the file that still has its name.

    While it is opened here, its holder may remove it. On NFS it is then gone, or called otherwise.
    """
    try:
        lock.acquire(max(latest - time.monotonic(), 0), _POLL_SECONDS)
    except OSError as error:
        if error.errno != errno.ESTALE or time.monotonic() > latest:
            raise
        return False
    with contextlib.suppress(OSError):
        held = lock._context.lock_file_fd
        if os.name == "nt" or held is None or os.path.samestat(os.fstat(held), lock_path.stat()):
            return True
    lock.release()
    return False


def _require_own(lock_path: Path, what: Path) -> None:
    """Raise FileProblem if something at *lock_path* is not a lock of this program."""
    try:
        found = lock_path.lstat()
    except (OSError, ValueError):
        return
    if not stat.S_ISREG(found.st_mode) or (found.st_nlink > 1 and found.st_size):
        shown = quoted(lock_path, LONGEST_PATH)
        problem = f"can't be changed: {shown} is not a lock file"
        raise problem_with(what, problem, "check who put it there, and remove it")


@contextlib.contextmanager
def folder_held(folder: Path) -> Iterator[None]:
    """Keep every other command that books in a folder waiting, for a while. Raises FileProblem."""
    with held(folder / FOLDER_LOCK_NAME, folder):
        remove_strays(folder)
        # Without it a computer may list the folder of a file server as it was a minute ago.
        with contextlib.suppress(OSError):
            Temporary(folder).discard()
        yield
