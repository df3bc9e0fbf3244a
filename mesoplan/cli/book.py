"""The clinic's book, as it is named on the command line or in the profile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mesoplan.cli.console import say
from mesoplan.cli.profile import NO_PROFILE, at_home
from mesoplan.errors import InvalidInput, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mesoplan.cli.profile import FoundProfile
    from mesoplan.dates.days import DateRange
    from mesoplan.model.taken import Bookings

_MOST_NAMED = 5


def book_folder_of(typed: str | None, found: FoundProfile) -> Path | None:
    """The folder of the book: as typed, else the profile's; None for none.

    Raises InvalidInput for a name that is none.
    """
    if typed is None:
        return found.book
    if not typed:
        raise InvalidInput("the folder after --book has no name", "name the folder of all plans")
    return None if typed == NO_PROFILE else at_home(typed)


@contextmanager
def book_held(folder: Path | None, *, writes: bool) -> Iterator[None]:
    """Keep every other command that books in a folder waiting, if anything is to be written.

    Raises FileProblem where there is no such folder, or another command has not done in a while.
    """
    if folder is None or not writes:
        yield
        return
    # The lock would be the first file in it.
    require_folder(folder)
    from mesoplan.storage.locks import folder_held

    with folder_held(folder):
        yield


def require_folder(folder: Path) -> None:
    """Raise FileProblem where there is no such book."""
    if not folder.is_dir():
        from mesoplan.book.folder import read_book

        # It says what is wrong.
        read_book(folder, lambda: "UTC", writes=False)


def without(paths: Iterable[Path], folder: Path | None) -> tuple[Path, ...]:
    """The busy calendars but the book, which would take two rooms for each session."""
    return tuple(path for path in paths if folder is None or path.resolve() != folder.resolve())


def bookings_in(
    folders: Iterable[Path], zone_name: str, days: DateRange | None = None, *, writes: bool
) -> Bookings:
    """What the plans in folders take, at least on those days.

    What was read is remembered there, if anything is to be written.
    Files that can't be read are told on standard error: their times are not known. Raises
    FileProblem where a folder can't be read.
    """
    # Loaded only for a book: most commands have none.
    from mesoplan.book.folder import read_book
    from mesoplan.book.rooms import bookings_of

    books = [read_book(folder, lambda: zone_name, writes=writes) for folder in folders]
    problems = [problem for book in books for problem in book.unreadable]
    if problems:
        files = "1 file of the book" if len(problems) == 1 else f"{len(problems)} files of the book"
        more = [f"  and {len(problems) - _MOST_NAMED} more"] * (len(problems) > _MOST_NAMED)
        named = (f"  {printable(problem.problem)}" for problem in problems[:_MOST_NAMED])
        say(f"{files} can't be read, and the times in them are not known:", *named, *more)
    return bookings_of(books, days)
