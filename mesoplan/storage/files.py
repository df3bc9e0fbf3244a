"""Reads files whole, and puts bytes on the disk: whole or not at all.

A file is written under another name in its folder, and gets its own once all of it is on the disk.
What a killed command leaves there is removed by a later one, once it is an hour old.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.storage.shared import shared_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST_PATH = 300
NAME_BEGINS, NAME_ENDS = ".calendar-", ".tmp"
FOLDER_BEGINS = f"{NAME_BEGINS}page-"
"""Of temporary files, and of folders of them; a folder of another name is somebody's own."""
_STRAYS = re.compile(r"\.(calendar|batch|mesoplan-index)-.*\.tmp|\..*\.ics\.(next|before)")
"""The names of temporary files; all but the first kind are those of earlier versions."""
_INDEX = ".mesoplan-index"
"""Earlier versions kept in it what is in the plans of a folder, patients' labels too."""
_LONG_AGO_SECONDS = 3600
_ADDRESS = re.compile("(?:^|/)(?:https?|webcals?|caldavs?|ftp):/", re.IGNORECASE)
"""As a path has it, which joins two slashes."""
_NO_LINKS_HERE = {
    *(errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EMLINK),
    # Two numbers on macOS, one on Linux.
    *(errno.EOPNOTSUPP, errno.ENOTSUP),
}


OWNERS_ALONE, FOR_EVERYBODY = 0o600, 0o644
"""Who may read a file: its owner alone, or also a web server, and so anybody on the machine."""


class Temporary:
    """A file that is being written under another name until it is whole.

    All but `discard` raises OSError.
    """

    def __init__(self, folder: Path, buffer_bytes: int = -1, mode: int = OWNERS_ALONE) -> None:
        # Named before it is made, so that it can be removed whatever happens in between.
        self.path = folder / f"{NAME_BEGINS}{uuid.uuid4().hex}{NAME_ENDS}"
        try:
            self.file = open(self.path, "xb", buffer_bytes, opener=_owners_alone)  # noqa: SIM115 - until it is complete
            if sys.platform != "win32":
                # The umask may have taken rights from the owner; some file systems have none.
                with contextlib.suppress(OSError):
                    os.fchmod(self.file.fileno(), mode)
            self._identity = _identity(os.fstat(self.file.fileno()))
        except BaseException:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
            raise

    def __enter__(self) -> Temporary:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def fill(self, data: bytes) -> None:
        """Write all of its content, and complete it."""
        self.file.write(data)
        self.complete()

    def complete(self) -> None:
        """Wait until what was written is on the disk, and close it."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def put(self, path: Path) -> None:
        """Give the whole file its name. FileProblem if something has that name by now."""
        if os.name == "nt":
            self.path.rename(path)
            return
        try:
            os.link(self.path, path)
        except OSError as error:
            # Some file systems have no hard links; there, a moment passes between check and rename.
            if error.errno not in _NO_LINKS_HERE:
                raise
            require_free(path)
            self.path.replace(path)

    def take_back(self, path: Path) -> None:
        """Remove the file if it has that name; a file of somebody else stays."""
        if _identity(path.lstat()) == self._identity:
            path.unlink()

    def discard(self) -> None:
        """Close it, and remove what is left of it under its temporary name."""
        with contextlib.suppress(OSError):
            try:
                self.file.close()
            finally:
                self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def new_files(
    contents: Mapping[Path, bytes],
    own: Mapping[Path, bytes] | None = None,
    mode: int = OWNERS_ALONE,
) -> Iterator[Callable[[], None]]:
    """Prepare files that don't exist yet. What is yielded gives them their names.

    Before that it puts *own* files in place of earlier ones that this program made, if they are
    there. If that or anything after it in the block fails, all is as it was. Raises FileProblem,
    also if something else is at one of the paths, even a dangling link.
    """
    temporaries: dict[Path, Temporary] = {}
    earlier: dict[Path, bytes] = {}
    replaced: list[Path] = []
    of_all = {**(own or {}), **contents}

    def put() -> None:
        with shared_first(of_all):
            for path, temporary in temporaries.items():
                with problems_of(path):
                    if path in earlier:
                        replaced.append(path)
                        temporary.path.replace(path.resolve())
                    else:
                        temporary.put(path)
        for folder in {path.resolve().parent for path in temporaries}:
            sync_folder(folder)

    with contextlib.ExitStack() as discarded:
        try:
            for path in of_all:
                if path in contents or not path.is_file():
                    require_free(path)
                else:
                    with problems_of(path):
                        earlier[path] = path.read_bytes()
            for path, data in of_all.items():
                with problems_of(path):
                    folder = path.resolve().parent if path in earlier else path.parent
                    temporaries[path] = discarded.enter_context(Temporary(folder, mode=mode))
                    temporaries[path].fill(data)
            yield put
        except BaseException:
            for path, temporary in temporaries.items():
                with contextlib.suppress(OSError, ValueError):
                    if path not in earlier:
                        temporary.take_back(path)
            for path in replaced:
                with contextlib.suppress(OSError, FileProblem):
                    replace_own(path, earlier[path])
            raise


def write_all_new(
    contents: Mapping[Path, bytes],
    own: Mapping[Path, bytes] | None = None,
    *,
    sweeps: bool = True,
    mode: int = OWNERS_ALONE,
) -> None:
    """Write files that were not there, and *own* ones that may be: all, or none.

    Raises FileProblem; see `new_files`. Unless it *sweeps*, strays in their folders stay.
    """
    with new_files(contents, own, mode) as put:
        put()
    if sweeps:
        for folder in {path.parent for path in (*contents, *(own or ()))}:
            remove_strays(folder)


def replace_own(path: Path, data: bytes) -> None:
    """Put a file in place of an earlier one that this program made, whole or not at all.

    Raises FileProblem, and then leaves the earlier one as it was.
    """
    with problems_of(path):
        real_path = path.resolve()
        with Temporary(real_path.parent) as temporary:
            temporary.fill(data)
            with shared_first({real_path: data}):
                temporary.path.replace(real_path)
    sync_folder(real_path.parent)
    remove_strays(real_path.parent)


def write_unsynced(path: Path, data: bytes) -> None:
    """Write a file that can be made anew after a power cut. Raises FileProblem."""
    with problems_of(path), Temporary(path.parent) as temporary:
        temporary.file.write(data)
        temporary.file.close()
        temporary.path.replace(path)


def remove_strays(folder: Path) -> None:
    """Remove what killed commands and earlier versions left in a folder, if possible."""
    with contextlib.suppress(OSError):
        (folder / _INDEX).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        with os.scandir(folder) as found:
            strays = [each for each in found if _STRAYS.fullmatch(each.name)]
        for stray in strays:
            seconds = time.time() - stray.stat(follow_symlinks=False).st_mtime
            is_folder = stray.name.startswith(FOLDER_BEGINS)
            if seconds > _LONG_AGO_SECONDS:
                if stray.is_file(follow_symlinks=False):
                    Path(stray.path).unlink(missing_ok=True)
                elif is_folder and stray.is_dir(follow_symlinks=False):
                    # Slow to load, and hardly ever needed.
                    from shutil import rmtree

                    rmtree(stray.path, ignore_errors=True)


def read_whole(path: Path, largest_bytes: int, remedy: str) -> bytes:
    """The bytes of a file of at most *largest_bytes*; *remedy* says what to do if it can't be read.

    Raises FileProblem if it is missing, not a file, too large, or can't be read.
    """
    try:
        if path.is_dir():
            raise problem_with(path, "is a folder, not a file", remedy)
        if path.is_fifo() and not _is_open_already(path):
            raise problem_with(path, "is a pipe, which may never end", remedy)
        with path.open("rb") as file:
            data = file.read(largest_bytes + 1)
    except FileNotFoundError as error:
        raise missing(path, "file", remedy) from error
    except (OSError, ValueError) as error:
        raise problem_with(path, f"can't be read: {reason(error)}", remedy) from error
    if len(data) > largest_bytes:
        kilobytes = largest_bytes // 1000
        size = f"{kilobytes} kB" if kilobytes < 1000 else f"{kilobytes // 1000} MB"
        raise problem_with(path, f"is larger than {size}", remedy)
    return data


def missing(path: Path, what: str, remedy: str) -> FileProblem:
    """The problem that there is no *what* at *path*; an address may be secret and isn't shown."""
    if _ADDRESS.search(path.as_posix()):
        return FileProblem(
            path,
            "an address on the web can't be read here",
            "download it, and give the name of the file",
        )
    return FileProblem(path, f"there is no {what} {quoted(path, LONGEST_PATH)}", remedy)


def _is_open_already(path: Path) -> bool:
    """Whether it is a pipe that the shell opened for this program, as in “show <(unzip -p …)”."""
    return path.absolute().parts[1:2] in (("dev",), ("proc",))


def make_folder(path: Path, mode: int = 0o700) -> bool:
    """Make a folder unless it is there; whether it was made. Its parent must exist.

    Raises FileProblem if that fails, or if something else has that name.
    """
    with problems_of(path):
        if path.is_dir():
            return False
    try:
        require_free(path)
        with problems_of(path):
            path.mkdir(mode=mode)
    except FileProblem:
        # Another command may be making it right now.
        if path.is_dir():
            return False
        raise
    # The umask may have taken rights from the owner, too.
    with contextlib.suppress(OSError):
        path.chmod(mode)
    return True


@contextlib.contextmanager
def folder_made(path: Path, *, parents: bool = False) -> Iterator[None]:
    """Make a folder, with those around it if *parents*, unless they are there. Raises FileProblem.

    They are removed again if the block fails.
    """
    made: list[Path] = []
    with problems_of(path):
        missing = [each for each in (path, *path.parents) if not each.is_dir()]
    try:
        for each in reversed(missing) if parents else [path]:
            if make_folder(each):
                made.append(each)  # noqa: PERF401 - what was made before an error is to be known
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            for each in reversed(made):
                each.rmdir()
        raise


def require_free(path: Path) -> None:
    """Raise FileProblem if something is at *path*, or a file could not be put there."""
    with problems_of(path):
        if not path.name or path.is_dir():
            raise problem_with(path, "is a folder", "give the name of a file in it")
        if os.path.lexists(path):
            raise FileExistsError
        if not path.parent.is_dir():
            problem = f"there is no folder {quoted(path.parent, LONGEST_PATH)} to write to"
            raise FileProblem(path, problem, "create it first, or choose another place")


def sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut, if the system can do that for a folder."""
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
    """Raise FileProblem for whatever goes wrong while a new file is written to *path*."""
    look = "look first, with --dry-run"
    try:
        yield
    except FileExistsError as error:
        what = "already exists and was not changed"
        raise problem_with(path, what, f"choose another name, or {look}") from error
    except (OSError, ValueError) as error:
        what = f"can't be written: {reason(error)}"
        raise problem_with(path, what, f"choose another place, or {look}") from error


def problem_with(path: Path, what: str, remedy: str) -> FileProblem:
    """A problem with the file at *path*: “is a folder, not a file”."""
    return FileProblem(path, f"{quoted(path, LONGEST_PATH)} {what}", remedy)


def reason(error: Exception) -> str:
    """Why the system refused something, in its words; a NUL in a name raises ValueError."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _owners_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _identity(found: os.stat_result) -> tuple[int, int]:
    """What identifies a file, whatever it is called."""
    return found.st_dev, found.st_ino
