"""Folders that are this computer's copies of books which several desks share.

What locks such a folder keeps the other desks waiting, too, and what is written there is written to
the shared book first. So no command need know which kind of book it works with.
"""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Protocol

from mesoplan.errors import FileProblem, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

COPY_MARK = ".book.json"
"""The file that says of a folder that it is such a copy, and what it was read from."""


class SharedBook(Protocol):
    """A book that other computers change, too."""

    def held(self) -> AbstractContextManager[None]:
        """Keep other desks from changing it, and read it into the copy. Raises ServerProblem."""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files into it, by their names in the copy. Raises ServerProblem."""


_shared: dict[Path, SharedBook] = {}
"""Those that are open, by the folders of their copies."""


def share(folder: Path, book: SharedBook) -> None:
    """Let what is done to a folder from now on be done to that book."""
    _shared[folder.resolve()] = book


def server_of_copy(folder: Path) -> str | None:
    """The name of the server whose book a folder is a copy of; None if it is none."""
    if not is_copy(folder):
        return None
    with suppress(OSError, ValueError, LookupError, TypeError):
        return str(json.loads((folder / COPY_MARK).read_bytes())["server"])
    return ""


def is_copy(folder: Path) -> bool:
    """Whether a folder is a copy of a shared book."""
    return (folder / COPY_MARK).is_file()


def shared_held(folder: Path) -> AbstractContextManager[None]:
    """Hold the book whose copy a folder is, if it is one.

    Raises FileProblem for the copy of a book that is not open, and what `SharedBook.held` does.
    """
    if not is_copy(folder):
        return nullcontext()
    return _open_book(folder).held()


def write_shared(files: Mapping[Path, bytes]) -> None:
    """Write those files that are in copies of shared books into these books.

    Raises as `shared_held`.
    """
    folders = {path.parent for path in files}
    for folder in filter(is_copy, folders):
        own = {path.name: data for path, data in files.items() if path.parent == folder}
        _open_book(folder).write(own)


def _open_book(folder: Path) -> SharedBook:
    book = _shared.get(folder.resolve())
    if book is None:
        raise FileProblem(
            folder,
            f"{quoted(folder, 300)} is this computer's copy of a book on a server",
            "name the book itself, as in --book server:NAME",
        )
    return book
