"""Keeps other commands away from a file or folder while one of them changes it."""

from __future__ import annotations

import contextlib
import os
import stat
import time
import warnings
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.storage.files import LONGEST_PATH
from mesoplan.storage.interruptions import undisturbed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

FOLDER_LOCK_NAME = ".mesoplan-lock"
_LONGEST_WAIT_SECONDS = 30
"""Who holds it is alive: the system takes a lock from a process that has ended."""
_POLL_SECONDS = 0.05


@contextlib.contextmanager
def held(lock_path: Path, what: Path) -> Iterator[None]:
    """Hold the lock that the file at *lock_path* is, for what is at *what*.

    Waits for a while. Raises FileProblem when another command has not done by then, or the lock
    can't be made.
    """
    from filelock import FileLock, Timeout

    _require_own(lock_path, what)
    lock = FileLock(lock_path, mode=0o600)
    shown = quoted(what, LONGEST_PATH)
    try:
        try:
            _acquire(lock)
        except Timeout as error:
            raise FileProblem(
                what,
                f"another command is changing {shown} right now",
                f"try again; if none is, remove {quoted(lock_path, LONGEST_PATH)}",
            ) from error
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            # Its file may have been made, and only who holds it may remove that.
            with contextlib.suppress(Timeout, OSError, ValueError):
                _try(lock)
            raise FileProblem(
                what,
                f"{shown} can't be changed: {why}",
                "see who may write there, or look without writing with --dry-run",
            ) from error
        yield
    finally:
        if lock.is_locked:
            _release(lock, lock_path)


def _acquire(lock: BaseFileLock) -> None:
    """Take a lock, waiting for a while. Raises what `filelock` does."""
    from filelock import Timeout

    latest = time.monotonic() + _LONGEST_WAIT_SECONDS
    while True:
        try:
            _try(lock)
        except Timeout:
            if time.monotonic() >= latest:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def _try(lock: BaseFileLock) -> None:
    with undisturbed(), warnings.catch_warnings():
        # Where a file system has no locks the file itself is one, and a warning is printed.
        warnings.simplefilter("ignore")
        lock.acquire(blocking=False)


def _release(lock: BaseFileLock, lock_path: Path) -> None:
    with undisturbed(), contextlib.suppress(OSError):
        # While it is held: who waits for it sees that it has gone, and makes another.
        if os.name != "nt":
            with contextlib.suppress(OSError):
                lock_path.unlink(missing_ok=True)
        # What can't be let go of goes with the process.
        lock.release()


def _require_own(lock_path: Path, what: Path) -> None:
    """Raise FileProblem where something stands at *lock_path* that is no lock of this program.

    A link there could lead to somebody's file, which some libraries would empty.
    """
    try:
        found = lock_path.lstat()
    except (OSError, ValueError):
        return
    if not stat.S_ISREG(found.st_mode) or (found.st_nlink > 1 and found.st_size):
        raise FileProblem(
            what,
            f"{quoted(what, LONGEST_PATH)} can't be changed: what stands at "
            f"{quoted(lock_path, LONGEST_PATH)} is no lock",
            "see who put it there, and take it away",
        )


@contextlib.contextmanager
def folder_held(folder: Path) -> Iterator[None]:
    """Keep every other command that books in a folder waiting, for a while. Raises FileProblem."""
    with held(folder / FOLDER_LOCK_NAME, folder):
        yield
