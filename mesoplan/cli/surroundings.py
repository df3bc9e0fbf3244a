"""What a plan is made around, as it is named on the command line or in the profile.

The busy calendars, and the book: the folder of all plans.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.cli.console import say
from mesoplan.cli.profile import NO_PROFILE, at_home
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, printable
from mesoplan.model.plan import Notice
from mesoplan.planning.planner import days_that_matter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mesoplan.cli.profile import FoundProfile
    from mesoplan.dates.days import DateRange
    from mesoplan.model.request import Request
    from mesoplan.model.taken import Bookings

_MOST_NAMED = 10
_MOST_FILES_NAMED = 5


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
        read_book(folder, lambda: "UTC")


def busy_paths(
    typed: Sequence[str] | None, found: FoundProfile, book: Path | None
) -> tuple[Path, ...]:
    """The busy calendars of the profile and those after --busy.

    The book is none of them: there it would take two rooms for each session. Raises InvalidInput
    for a name that is none.
    """
    if typed is not None and "" in typed:
        raise InvalidInput("the calendar after --busy has no name", "name a file or a folder")
    paths = (*found.busy, *map(Path, typed or []))
    return tuple(path for path in paths if book is None or path.resolve() != book.resolve())


def bookings_in(folders: Iterable[Path], zone_name: str, days: DateRange | None = None) -> Bookings:
    """What the plans in folders take, at least on those days.

    Files that can't be read are told on standard error: their times are not known. Raises
    FileProblem where a folder can't be read.
    """
    # Loaded only for a book: most commands have none.
    from mesoplan.book.folder import bookings_of, read_book

    books = [read_book(folder, lambda: zone_name) for folder in folders]
    problems = [problem for book in books for problem in book.unreadable]
    if problems:
        files = "1 file of the book" if len(problems) == 1 else f"{len(problems)} files of the book"
        more = [f"  and {len(problems) - _MOST_FILES_NAMED} more"] * (
            len(problems) > _MOST_FILES_NAMED
        )
        named = (f"  {printable(problem.problem)}" for problem in problems[:_MOST_FILES_NAMED])
        say(f"{files} can't be read, and the times in them are not known:", *named, *more)
    return bookings_of(books, days)


def with_busy_calendars(
    request: Request,
    paths: Sequence[Path],
    days: DateRange | None = None,
    without: Collection[str] = frozenset(),
) -> tuple[Request, tuple[Notice, ...]]:
    """The request with the busy times that matter for it, and what can't be read of them.

    *days* are those that matter, where the request does not tell; appointments whose UID is in
    *without* don't count. Raises FileProblem for a calendar that can't be read.
    """
    if not paths:
        return request, ()
    from mesoplan.formats.busy import read_busy

    mattering = days_that_matter(request) if days is None else days
    reading = read_busy(paths, mattering, find_zone(request.timezone), without)
    notices: tuple[Notice, ...] = ()
    if reading.unreadable:
        count = len(reading.unreadable)
        named = [*reading.unreadable[:_MOST_NAMED]]
        named += [f"and {count - _MOST_NAMED} more"] * (count > _MOST_NAMED)
        what = "1 busy event" if count == 1 else f"{count} busy events"
        are = "is" if count == 1 else "are"
        text = f"{what} can't be read and {are} left out: {'; '.join(named)}"
        notices = (Notice("BUSY_UNREADABLE", text),)
    return replace(request, busy=reading.calendars), notices
