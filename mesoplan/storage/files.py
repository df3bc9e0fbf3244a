"""Reads files, and puts bytes on the disk: whole or not at all.

A new file is never put over one that is there. How a plan's own file is replaced by its next
revision is in `replacing`.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.storage.interruptions import undisturbed
from mesoplan.storage.temporaries import NEW_FILES, Temporary, give_to_owner, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LONGEST_PATH = 300
_BINARY = getattr(os, "O_BINARY", 0)
"""Windows would change line ends."""
_NO_LINKS_HERE = {
    *(errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EMLINK),
    # Two numbers on macOS, one on Linux.
    *(errno.EOPNOTSUPP, errno.ENOTSUP),
}


class NewFiles:
    """Files that were not there, made ready under other names: all get their own, or none.

    They are readable by their owner alone (mode 0600).
    """

    def __init__(self, contents: Mapping[Path, bytes], temporary_names: str = NEW_FILES) -> None:
        """*temporary_names* is what they are called until they are ready, with a star in it."""
        self._contents = contents
        self._temporary_names = temporary_names
        self._ready: dict[Path, Temporary] = {}
        self._identities: dict[Path, tuple[int, int]] = {}

    def prepare(self) -> None:
        """Put all that is to be in them on the disk. Raises FileProblem, also where one stands."""
        for path in self._contents:
            require_free(path)
        for path, data in self._contents.items():
            with problems_of(path):
                temporary = Temporary(path.parent, self._temporary_names)
                self._ready[path] = temporary
                temporary.fill(data)
                self._identities[path] = _identity(temporary.path)

    def put(self) -> None:
        """Give them their names. Raises FileProblem, also where something has got one by now."""
        for path, temporary in self._ready.items():
            with problems_of(path):
                put_in_place(temporary.path, path)
        for folder, path in {path.parent: path for path in self._contents}.items():
            sync_folder(folder)
            if self._temporary_names == NEW_FILES:
                sweep(folder, path)

    def take_back(self) -> None:
        """Remove those that have their names; what somebody else put there stays."""
        for path, identity in self._identities.items():
            with contextlib.suppress(OSError, ValueError):
                if _identity(path) == identity:
                    path.unlink()

    def discard(self) -> None:
        """Remove what is left of making them ready."""
        for temporary in self._ready.values():
            temporary.close()
        for temporary in self._ready.values():
            temporary.discard()


def write_all_new(contents: Mapping[Path, bytes], temporary_names: str = NEW_FILES) -> None:
    """Write files that were not there: all, or none; see NewFiles.

    Raises FileProblem when something stands at one of the paths, even a dangling link, or when a
    file can't be written; nothing is left behind then. Ctrl-C comes before it, or after.
    """
    files = NewFiles(contents, temporary_names)
    with undisturbed():
        try:
            files.prepare()
            files.put()
        except BaseException:
            files.take_back()
            raise
        finally:
            files.discard()


def replace_own(path: Path, data: bytes) -> None:
    """Put a file in place of an earlier one that this program made, whole or not at all.

    Raises FileProblem; the earlier one is as it was then. Ctrl-C comes before it, or after.
    """
    with undisturbed(), problems_of(path):
        real_path = path.resolve()
        temporary = Temporary(real_path.parent, NEW_FILES)
        try:
            temporary.fill(data)
            temporary.path.replace(real_path)
            sync_folder(real_path.parent)
            sweep(real_path.parent, real_path)
        finally:
            temporary.discard()


def read_whole(path: Path, largest_bytes: int, remedy: str) -> bytes:
    """The bytes of a file of at most *largest_bytes*; *remedy* says what to do if it can't be read.

    Raises FileProblem when it is missing, no file, too large, or can't be read.
    """
    shown = quoted(path, LONGEST_PATH)
    try:
        if path.is_dir():
            raise FileProblem(path, f"{shown} is a folder, not a file", remedy)
        if path.is_fifo() and not _is_open_already(path):
            raise FileProblem(path, f"{shown} is a pipe, which may never end", remedy)
        with path.open("rb") as file:
            data = file.read(largest_bytes + 1)
    except (OSError, ValueError) as error:
        # ValueError: a NUL character in the name.
        if isinstance(error, FileNotFoundError):
            raise FileProblem(path, f"there is no file {shown}", remedy) from error
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileProblem(path, f"{shown} can't be read: {why}", remedy) from error
    if len(data) > largest_bytes:
        raise FileProblem(path, f"{shown} is larger than {_size_text(largest_bytes)}", remedy)
    return data


def _size_text(octets: int) -> str:
    if octets < 1_000_000:
        return f"{octets // 1000} kB"
    return f"{octets // 1_000_000} MB"


def read_beginning(path: Path, octets: int = 1000) -> bytes:
    """The first bytes of a plain file that is there. Raises FileProblem."""
    try:
        with path.open("rb") as file:
            return file.read(octets)
    except OSError as error:
        raise FileProblem(
            path,
            f"{quoted(path, LONGEST_PATH)} can't be read: {error.strerror or error}",
            "choose another name",
        ) from error


def _is_open_already(path: Path) -> bool:
    """Whether it is a pipe that the shell opened for this program, as in “show <(unzip -p …)”."""
    return path.absolute().parts[1:2] in (("dev",), ("proc",))


def make_folder(path: Path) -> bool:
    """Make a folder unless it is there; whether it was made. Its parent must exist.

    Raises FileProblem when that fails, or when something else has that name.
    """
    with problems_of(path):
        if path.is_dir():
            return False
    require_free(path)
    with problems_of(path):
        path.mkdir(mode=0o700)
        # The umask may have taken some of that from the owner, too.
        with contextlib.suppress(OSError):
            path.chmod(0o700)
    return True


def make_folders(path: Path) -> list[Path]:
    """Make a folder, and those around it, unless they are there; those that were made, in order.

    Raises FileProblem; none is left then.
    """
    made: list[Path] = []
    with problems_of(path):
        missing = [each for each in (path, *path.parents) if not each.is_dir()]
    try:
        for each in reversed(missing):
            if make_folder(each):
                made.append(each)  # noqa: PERF401 - what was made before an error is to be known
    except BaseException:
        remove_folders(made)
        raise
    return made


def remove_folders(made: Sequence[Path]) -> None:
    """Take back what `make_folders` made, as far as nothing is in it."""
    with contextlib.suppress(OSError):
        for each in reversed(made):
            each.rmdir()


def require_free(path: Path, *, parent_may_be_missing: bool = False) -> None:
    """Raise FileProblem when something stands at *path*, or a file could not be put there."""
    if parent_may_be_missing and not path.parent.is_dir():
        return
    with problems_of(path):
        if not path.name or path.is_dir():
            raise FileProblem(
                path,
                f"{quoted(path, LONGEST_PATH)} is a folder",
                "give the name of a file in it",
            )
        if os.path.lexists(path):
            raise FileExistsError
        if not path.parent.is_dir():
            raise FileProblem(
                path,
                f"there is no folder {quoted(path.parent, LONGEST_PATH)} to write to",
                "make it first, or choose another place",
            )


def write_synced(path: Path, data: bytes) -> None:
    """Write a file of our own making anew (mode 0600) and wait until it is on the disk.

    Raises OSError; nothing is left then.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    give_to_owner(descriptor)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def _identity(path: Path) -> tuple[int, int]:
    """What tells the file from every other one, whatever it is called."""
    found = path.lstat()
    return found.st_dev, found.st_ino


def put_in_place(temporary: Path, path: Path) -> None:
    """Give the whole file its name, unless something else has got that name in the meantime.

    Raises OSError, and FileProblem where something has.
    """
    if os.name == "nt":
        temporary.rename(path)
        return
    try:
        os.link(temporary, path)
    except OSError as error:
        # Some file systems have no hard links; there a moment is left between look and rename.
        if error.errno not in _NO_LINKS_HERE:
            raise
        require_free(path)
        temporary.replace(path)


def sync_folder(folder: Path) -> None:
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
def problems_of(path: Path) -> Iterator[None]:
    """Raise FileProblem for what goes wrong while a new file is written to *path*."""
    try:
        yield
    except FileExistsError as error:
        raise FileProblem(
            path,
            f"{quoted(path, LONGEST_PATH)} is there already, and is left as it is",
            "choose another name, or look without writing with --dry-run",
        ) from error
    except (OSError, ValueError) as error:
        # ValueError: a NUL character in the name.
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileProblem(
            path,
            f"{quoted(path, LONGEST_PATH)} can't be written: {why}",
            "choose another place, or look without writing with --dry-run",
        ) from error
