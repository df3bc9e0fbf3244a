"""Folders that are this computer's copies of books which several desks share.

What locks such a folder keeps the other desks waiting, too, and what is written there is written to
the shared book first. So no command need know which kind of book it works with.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, nullcontext, suppress
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mesoplan.errors import FileProblem, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

COPY_MARK, COPY_NAME = ".book.json", "{}-{}"
"""The file that marks such a copy, and what its folder is called: the server, and a digest."""


class SharedBook(Protocol):
    """A book that other computers change, too."""

    def held(self) -> AbstractContextManager[None]:
        """Keep other desks from changing it, and read it into the copy. Raises ServerProblem."""

    def written(self, files: Mapping[str, bytes]) -> AbstractContextManager[None]:
        """Write files into it, by their names in the copy. Raises ServerProblem.

        Within it the same are written into the copy, and nobody else changes that.
        """

    def remove(self, name: str) -> None:
        """Take the file of that name out of it. Raises ServerProblem."""


_shared: dict[str, SharedBook] = {}
"""Those that are open, by the folders of their copies."""


def share(folder: Path, book: SharedBook) -> None:
    """Let what is done to a folder from now on be done to that book."""
    _shared[realpath(folder)] = book


def is_copy(folder: Path) -> bool:
    """Whether a folder is a copy of a shared book."""
    # One that is open is a copy also if somebody empties the cache just then.
    return (folder / COPY_MARK).is_file() or realpath(folder) in _shared


def server_of_copy(folder: Path) -> str | None:
    """The name of the server whose book a folder is a copy of; None for other folders."""
    return Path(realpath(folder)).name.rpartition("-")[0] if is_copy(folder) else None


def stamp_of(path: Path) -> list[int]:
    """What shows whether anybody touched a file since; nothing where there is none."""
    with suppress(OSError):
        found = path.lstat()
        return [found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    return []


def shared_held(folder: Path) -> AbstractContextManager[None]:
    """Hold the book whose copy a folder is, if it is one.

    Raises FileProblem for the copy of a book that is not open, and what `SharedBook.held` does.
    """
    if not is_copy(folder):
        return nullcontext()
    return _open_book(folder).held()


@contextmanager
def shared_first(files: Mapping[Path, bytes]) -> Iterator[None]:
    """Write those files that are in copies of shared books into these books, and then the copies.

    Raises as `shared_held`.
    """
    with ExitStack() as written:
        for folder in filter(is_copy, {path.parent for path in files}):
            own = {path.name: data for path, data in files.items() if path.parent == folder}
            written.enter_context(_open_book(folder).written(own))
        yield


def remove_shared(path: Path) -> None:
    """Take a file out of the shared book in whose copy it is. Raises as `shared_held`."""
    _open_book(path.parent).remove(path.name)


def _open_book(folder: Path) -> SharedBook:
    book = _shared.get(realpath(folder))
    if book is None:
        raise FileProblem(
            folder,
            f"{quoted(folder, 300)} is this computer's copy of a book on a server",
            "name the book itself, as in --book server:NAME",
        )
    return book
