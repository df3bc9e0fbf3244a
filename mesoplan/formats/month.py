"""The schedule as month grids with the session days marked."""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text

from mesoplan.availability import for_maintenance
from mesoplan.formats.wording import heading, number_of, stay_line, warning_lines
from mesoplan.model import MONTHS, WEEKDAYS, day_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from mesoplan.model import Plan

_CELL = 4
_GRID_WIDTH = 7 * _CELL
_GAP = 3
_WIDTH_OF_A_PIPE = 80


def schedule(plan: Plan, width: int | None) -> Iterator[RenderableType]:
    """The months of the plan, side by side as *width* columns allow; None for a pipe.

    Course sessions are in [brackets], maintenance in (round ones); an x follows a day on which the
    clinic is closed or the patient away. All months of the course are shown, and of the later ones
    those with maintenance.
    """
    yield from heading(plan)
    yield Text()
    columns = max(1, ((width or _WIDTH_OF_A_PIPE) + _GAP) // (_GRID_WIDTH + _GAP))
    months = list(_months(plan))
    for row in range(0, len(months), columns):
        yield from _side_by_side([_grid(plan, *month) for month in months[row : row + columns]])
        yield Text()
    yield Text("[ ] session   ( ) maintenance   x closed or away", "dim")
    for session in (*plan.sessions, *plan.maintenance):
        kind = "session" if session.kind == "course" else "maintenance"
        when = f"{day_text(session.day)}, {session.start:%H:%M}"
        yield Text(f"{number_of(session, plan):>5}  {when}  {kind}")
    yield Text()
    yield stay_line(plan)
    yield from warning_lines(plan)


def _months(plan: Plan) -> Iterator[tuple[int, int]]:
    first, last = plan.sessions[0].day, plan.sessions[-1].day
    course = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    upkeep = (session.day.year * 12 + session.day.month - 1 for session in plan.maintenance)
    for number in sorted({*course, *upkeep}):
        yield number // 12, number % 12 + 1


def _grid(plan: Plan, year: int, month: int) -> list[Text]:
    """A month as lines of equal width, under its name and weekdays."""
    availability = for_maintenance(plan.request)
    course = {session.day for session in plan.sessions}
    upkeep = {session.day for session in plan.maintenance}
    lines = [
        Text(f"{MONTHS[month - 1]} {year}".center(_GRID_WIDTH), "bold"),
        Text("".join(f" {name[:2]} " for name in WEEKDAYS), "dim"),
    ]
    for week in calendar.Calendar().monthdayscalendar(year, month):
        line = Text()
        for number in week:
            day = date(year, month, number) if number else None
            if day is None:
                line.append(" " * _CELL)
            elif day in course:
                line.append(f"[{number:2}]", "bold green")
            elif day in upkeep:
                line.append(f"({number:2})", "bold cyan")
            elif availability.blockers(day):
                line.append(f" {number:2}x", "dim")
            else:
                line.append(f" {number:2} ")
        lines.append(line)
    return lines


def _side_by_side(grids: list[list[Text]]) -> Iterator[Text]:
    for row in range(max(map(len, grids))):
        line = Text()
        for index, grid in enumerate(grids):
            if index:
                line.append(" " * _GAP)
            line.append_text(grid[row] if row < len(grid) else Text(" " * _GRID_WIDTH))
        yield line
