"""Files for a web server in a local folder, and the secret key that their addresses are made of."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import FileProblem, quoted
from mesoplan.storage.files import (
    FOR_EVERYBODY,
    LONGEST_PATH,
    make_folder,
    missing,
    problem_with,
    problems_of,
    read_whole,
    reason,
    sync_folder,
    write_all_new,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KEY_NAME = "feeds.key"
_KEY_BYTES = 32
_LARGEST_FILE = 5_000_000
_NOT_LISTED = 0o711
"""Whoever knows the name of a file in such a folder can read it, and nobody else can list it."""
_RESTORE = "restore it from a backup, or give each patient a new link with --new-link"


def read_key(folder: Path) -> bytes | None:
    """The secret key in a folder; None if there is none. Raises FileProblem."""
    path = folder / KEY_NAME
    with problems_of(path):
        if not os.path.lexists(path):
            return None
    with contextlib.suppress(ValueError):
        key = bytes.fromhex(read_whole(path, 1000, _RESTORE).decode("ascii"))
        if len(key) == _KEY_BYTES:
            if os.name == "posix" and path.stat().st_mode & 0o077:
                what = "can be read by others, who could then guess the links of patients"
                raise problem_with(path, what, f"type: chmod 600 {quoted(path, LONGEST_PATH)}")
            return key
    raise problem_with(path, "is not the key that links are made of", _RESTORE)


def key_made(folder: Path) -> bytes:
    """The secret key in a folder, which is made if there is none. Raises FileProblem."""
    # Loaded only here.
    import secrets

    made = secrets.token_bytes(_KEY_BYTES)
    try:
        write_all_new({folder / KEY_NAME: f"{made.hex()}\n".encode()})
    except FileProblem:
        # Another command may have made it just now.
        if (found := read_key(folder)) is None:
            raise
        return found
    return made


class LocalFeeds(NamedTuple):
    """The folder that a web server shows, with a folder in it for each feed.

    That folder is called after the secret part of its link, which no error shows. Each method
    raises FileProblem.
    """

    folder: Path

    def read(self, token: str, names: tuple[str, ...]) -> dict[str, bytes]:
        """What there is of the files of these names."""
        with self._problems(token):
            inside = self.folder / token
            found = (name for name in names if os.path.lexists(inside / name))
            return {name: read_whole(inside / name, _LARGEST_FILE, _RESTORE) for name in found}

    def write(self, token: str, files: Mapping[str, bytes]) -> None:
        """Put files where a web server can read them: all, or none."""
        with self._problems(token):
            make_folder(self.folder / token, _NOT_LISTED)
            contents = {self.folder / token / name: data for name, data in files.items()}
            write_all_new({}, contents, mode=FOR_EVERYBODY)

    def remove(self, token: str) -> None:
        """Remove a feed, with what a killed command left of it."""
        # Loaded only here.
        from shutil import rmtree

        with self._problems(token):
            if os.path.lexists(self.folder / token):
                rmtree(self.folder / token)
        sync_folder(self.folder)

    @property
    def is_listed(self) -> bool:
        """Whether everybody on this machine can list it, and so find what can't be guessed."""
        with contextlib.suppress(OSError):
            return os.name == "posix" and bool(self.folder.stat().st_mode & stat.S_IROTH)
        return False

    @contextlib.contextmanager
    def _problems(self, token: str) -> Iterator[None]:
        if not self.folder.is_dir():
            how = f"create it (mkdir -m {_NOT_LISTED:o}), or correct it in the clinic's profile"
            raise missing(self.folder, "folder", how)
        try:
            inside = self.folder / token
            # What a link leads to is not ours.
            if inside.is_symlink() or (inside.exists() and not inside.is_dir()):
                raise FileExistsError
            yield
        except (FileProblem, OSError) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            why = reason(cause) if isinstance(cause, OSError) else ""
            why = why or "something else is in its place"
            problem = f"the feed in {quoted(self.folder, LONGEST_PATH)} can't be changed: {why}"
            remedy = "check that you may write there, then publish again"
            raise FileProblem(self.folder, problem, remedy) from None
