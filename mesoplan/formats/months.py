"""The schedule as month grids with the session days marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text
from mesoplan.formats.page import Grid, Part, Span, line, month_grid, side_by_side
from mesoplan.formats.schedule import heading, number_of, status_of, stay_line, warning_lines
from mesoplan.planning.availability import for_maintenance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from mesoplan.model.plan import Plan

_CELL = 4


def schedule(plan: Plan, width: int | None, now: datetime | None = None) -> Iterator[Part]:
    """The months of the plan, side by side as *width* columns allow; None for a pipe.

    Course sessions are in [brackets], maintenance in (round ones); an x follows a day on which the
    clinic is closed or the patient away. All months of the course are shown, and of the later ones
    those with maintenance. With *now* (aware) it tells what became of each session by then.
    """
    yield from heading(plan)
    yield line()
    yield from side_by_side([_grid(plan, *month) for month in _months(plan)], width)
    yield line((_legend(plan), "quiet"))
    for session in (*plan.sessions, *plan.maintenance):
        kind = "session" if session.kind == "course" else "maintenance"
        when = f"{day_text(session.day)}, {session.start:%H:%M}"
        status = status_of(session, now) if now is not None else ""
        what = ", ".join(filter(None, (kind, status)))
        yield line(f"{number_of(session, plan):>5}  {when}  {what}")
    yield line()
    yield stay_line(plan)
    yield from warning_lines(plan)


def _legend(plan: Plan) -> str:
    request = plan.request
    closed = request.closed_weekdays or request.closures or request.holidays or request.away
    marks = ["[ ] session", *["( ) maintenance"] * bool(plan.maintenance)]
    return "   ".join([*marks, *["x closed or away"] * bool(closed)])


def _months(plan: Plan) -> Iterator[tuple[int, int]]:
    course = range(0)
    if plan.sessions:
        first, last = plan.sessions[0].day, plan.sessions[-1].day
        course = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    upkeep = (session.day.year * 12 + session.day.month - 1 for session in plan.maintenance)
    for number in sorted({*course, *upkeep}):
        yield number // 12, number % 12 + 1


def _grid(plan: Plan, year: int, month: int) -> Grid:
    availability = for_maintenance(plan.request, plan.duration_minutes)
    course = {session.day for session in plan.sessions}
    upkeep = {session.day for session in plan.maintenance}

    def cell(day: date) -> Span:
        number = day.day
        if day in course:
            return f"[{number:2}]", "session"
        if day in upkeep:
            return f"({number:2})", "maintenance"
        if availability.blockers(day):
            return f" {number:2}x", "quiet"
        return f" {number:2} ", ""

    return month_grid(year, month, _CELL, cell)
