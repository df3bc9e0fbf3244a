"""The times that a book takes, for planning around them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mesoplan.errors import printable
from mesoplan.model.taken import Bookings, BusySpan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoplan.book.folder import Book
    from mesoplan.dates.days import DateRange

_BETWEEN_ZONES = timedelta(days=2)
"""By more than this no day in one zone is off the same day in another."""


def bookings_of(books: Iterable[Book], days: DateRange | None = None) -> Bookings:
    """What the plans of the books take; only on those days where they are given.

    A plan that is in several of them counts once. Taken times are named after the first one.
    """
    found: Bookings | None = None
    for book in books:
        if found is None:
            found = Bookings(
                printable(book.folder.name or book.folder.resolve().name or book.folder)
            )
        for entry in book.entries:
            found.book(
                entry.plan.id,
                (
                    BusySpan(each.start, each.end)
                    for each in entry.plan.active
                    if days is None
                    or days.first - _BETWEEN_ZONES <= each.day <= days.last + _BETWEEN_ZONES
                ),
            )
    return found if found is not None else Bookings("")
