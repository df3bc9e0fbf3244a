"""New files until they have their names: never two makers of one, and none that stays for ever.

Whoever makes one holds a lock on it, so that every other command on this machine sees at once
whether its maker still runs. A lock may not reach to other machines that share a folder. So the
name tells the machine (by a number that tells nothing else of it); what another one made, or could
not lock, is removed once nobody has written to it for an hour.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

if sys.platform != "win32":
    import fcntl

NEW_FILES = ".calendar-*.tmp"
"""What new files are called until they are ready; the star stands for something random."""
NEW_INDEXES = ".mesoplan-index-*.tmp"
"""What the next index of a book is called until it is ready."""
NEW_OF_BATCHES = ".batch-*.tmp"
"""What the new files of a batch are called; the next one in that folder removes all that it finds.
"""
_LONG_AGO_SECONDS = 3600
_RUN_OF_THIS_MACHINE = Path("/proc/sys/kernel/random/boot_id")
"""A random number that Linux draws whenever it starts."""
_TO_HOLD = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


class Temporary:
    """A new file, open for writing, mode 0600; nobody sweeps it up while it is open."""

    def __init__(self, folder: Path, names: str, buffer_bytes: int = -1) -> None:
        """*names* is what it is called, with a star in it. Raises OSError; nothing is left then."""
        descriptor, self.path = _new(folder, names)
        give_to_owner(descriptor)
        try:
            self.file = os.fdopen(descriptor, "wb", buffering=buffer_bytes)
        except BaseException:
            _remove(descriptor, self.path)
            raise

    def fill(self, data: bytes) -> None:
        """Write all that is to be in it, and wait until it is on the disk. Raises OSError."""
        self.file.write(data)
        self.complete()

    def complete(self) -> None:
        """Wait until what was written is on the disk. Raises OSError."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.let_go()

    def let_go(self) -> None:
        """Close it where a file that is open can't get another name. Raises OSError."""
        if os.name == "nt":
            self.file.close()

    def close(self) -> None:
        """Close it, as far as that works: what is on the disk stays there."""
        with contextlib.suppress(OSError):
            self.file.close()

    def discard(self) -> None:
        """Close it, and remove what is left of it under this name."""
        self.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def sweep(folder: Path, like: Path) -> None:
    """Remove the new files in a folder that nobody makes any more, as far as that works.

    The file *like* was written just now, and so tells what time the file system has.
    """
    with contextlib.suppress(OSError):
        now = like.stat().st_mtime
        with os.scandir(folder) as found:
            strays = [Path(each.path) for each in found if _is_new(each.name)]
        for stray in strays:
            with contextlib.suppress(OSError):
                if _is_ours(stray.name):
                    _remove_unless_held(stray)
                elif now - stray.lstat().st_mtime > _LONG_AGO_SECONDS:
                    stray.unlink()


def _is_new(name: str) -> bool:
    return name.endswith(".tmp") and name.startswith(
        (_before_star(NEW_FILES), _before_star(NEW_INDEXES), _before_star(NEW_OF_BATCHES))
    )


def _is_ours(name: str) -> bool:
    """Whether it was made by this machine since it was switched on, and locked."""
    machine = _this_machine()
    return machine is not None and f"-{machine}-" in name


def give_to_owner(descriptor: int) -> None:
    """Let the owner read and write a new file, and nobody else, whatever the umask."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, 0o600)


def _new(folder: Path, names: str) -> tuple[int, Path]:
    prefix, suffix = names.split("*")
    machine = _this_machine()
    if machine is not None:
        descriptor, name = tempfile.mkstemp(suffix, f"{prefix}{machine}-", folder)
        if _hold(descriptor):
            return descriptor, Path(name)
        _remove(descriptor, Path(name))
    descriptor, name = tempfile.mkstemp(suffix, prefix, folder)
    return descriptor, Path(name)


def _remove(descriptor: int, path: Path) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _remove_unless_held(path: Path) -> None:
    descriptor = os.open(path, _TO_HOLD)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and _hold(descriptor):
            path.unlink()
    finally:
        os.close(descriptor)


def _hold(descriptor: int) -> bool:
    """Lock an open file until it is closed; whether that worked, and it has a name still."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(descriptor).st_nlink > 0
    except OSError:
        return False


@cache
def _this_machine() -> str | None:
    """What tells this machine from others since it was switched on; None where it does not tell."""
    try:
        number = _RUN_OF_THIS_MACHINE.read_text(encoding="ascii")[:8]
    except (OSError, ValueError):
        return None
    return number if len(number) == 8 and number.isalnum() else None


def _before_star(names: str) -> str:
    return names.partition("*")[0]
