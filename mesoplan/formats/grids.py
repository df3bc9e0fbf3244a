"""Months as grids of days, side by side as far as a window allows."""

from __future__ import annotations

from calendar import Calendar
from datetime import date
from typing import TYPE_CHECKING

from mesoplan.days import MONTHS, WEEKDAYS
from mesoplan.formats.page import Line, Span, line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Grid = list[list[Span]]
"""The lines of a month, all of one width."""

_GAP = 3
_WIDTH_OF_A_PIPE = 80


def month_grid(year: int, month: int, cell_width: int, cell: Callable[[date], Span]) -> Grid:
    """A month under its name and weekdays; *cell* gives the text of each day, so wide."""

    def place(number: int) -> Span:
        return cell(date(year, month, number)) if number else (" " * cell_width, "")

    title: Span = (f"{MONTHS[month - 1]} {year}".center(7 * cell_width), "title")
    weekdays: Span = ("".join(f" {name[:2]}".ljust(cell_width) for name in WEEKDAYS), "quiet")
    weeks = Calendar().monthdayscalendar(year, month)
    return [[title], [weekdays], *([place(number) for number in week] for week in weeks)]


def side_by_side(grids: Sequence[Grid], width: int | None) -> Iterator[Line]:
    """Grids of one width, as many beside each other as *width* allows; None for a pipe.

    An empty line follows each row of them.
    """
    if not grids:
        return
    of_one = sum(len(text) for text, _ in grids[0][0])
    columns = max(1, ((width or _WIDTH_OF_A_PIPE) + _GAP) // (of_one + _GAP))
    for row in range(0, len(grids), columns):
        yield from _one_row(grids[row : row + columns], of_one)
        yield line()


def _one_row(grids: Sequence[Grid], width: int) -> Iterator[Line]:
    gap: Span = (" " * _GAP, "")
    nothing: list[Span] = [(" " * width, "")]
    for row in range(max(map(len, grids))):
        spans: list[Span] = []
        for index, grid in enumerate(grids):
            spans += [gap] if index else []
            spans += grid[row] if row < len(grid) else nothing
        yield line(*spans)
