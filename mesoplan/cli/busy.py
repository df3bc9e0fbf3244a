"""Busy calendars that are named on the command line or in the profile, for one request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesoplan.dates.zones import find_zone
from mesoplan.model.plan import Notice
from mesoplan.planning.planner import days_that_matter

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from mesoplan.dates.days import DateRange
    from mesoplan.model.request import Request

_MOST_NAMED = 10


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
