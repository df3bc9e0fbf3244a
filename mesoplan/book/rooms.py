"""The times that a book takes, for planning around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.errors import printable
from mesoplan.model.taken import Bookings, BusySpan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoplan.book.folder import Book
    from mesoplan.dates.days import DateRange

_A_DAY_SECONDS = 24 * 3600


def bookings_of(books: Iterable[Book], days: DateRange | None = None) -> Bookings:
    """What the plans of the books take; only on those days where they are given.

    A plan that is in several of them counts once. What is told of taken times names the first one.
    """
    found: Bookings | None = None
    first, last = _seconds(days)
    for book in books:
        if found is None:
            found = Bookings(
                printable(book.folder.name or book.folder.resolve().name or book.folder)
            )
        for entry in book.entries:
            found.book(
                entry.plan_id,
                (
                    BusySpan(each.start, each.end)
                    for each in entry.sessions
                    if not each.is_dropped and first <= each.start_seconds <= last
                ),
            )
    return found if found is not None else Bookings("")


def _seconds(days: DateRange | None) -> tuple[int, int]:
    """The seconds, since 1970 began in UTC, between which the days are in every zone."""
    if days is None:
        return 0, 1 << 40
    from datetime import UTC, datetime, time

    first = datetime.combine(days.first, time(), UTC).timestamp()
    last = datetime.combine(days.last, time(), UTC).timestamp()
    return int(first) - 2 * _A_DAY_SECONDS, int(last) + 2 * _A_DAY_SECONDS
