"""The agenda as months: who comes on each day, or how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.errors import printable
from mesoplan.formats.agenda import clashing_uids, heading, to_see_to
from mesoplan.formats.page import Part, Span, Style, line, month_grid, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from mesoplan.errors import FileProblem
    from mesoplan.planning.agenda import Agenda, AgendaDay

    _Cells = tuple[list[int], Callable[[date], list[Span]]]
    """How wide each weekday is, and the lines of a day."""

_CELL = 7
_NARROW_CELL = 5
_NARROWEST_WITH_ROOM = 7 * _CELL
_WITHOUT_SESSIONS = 4
_LEAST_WITH_LABELS = 15
"""The columns of a day in which a time and most labels can be read."""
_MOST_OF_A_DAY = 5
"""The lines of a day at most; of more sessions, the last line has the number."""
_RIGHT_TO_LEFT = ("R", "AL")
_LEFT_TO_RIGHT = "\u200e"


def agenda_months(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None
) -> Iterator[Part]:
    """The months as grids with what comes up on each day; then what somebody must see to.

    A day lists its times and labels where the terminal is wide enough. Elsewhere, and in a pipe,
    it has the number of sessions.
    """
    yield from heading(agenda)
    yield line()
    first, last = agenda.days.first, agenda.days.last
    crowded = {clash.start.date() for clash in agenda.clashes}
    is_narrow = width is not None and width < _NARROWEST_WITH_ROOM
    labels = None if width is None else _labels(agenda, crowded, width)
    widths, cell = labels or _loads(agenda, crowded, is_narrow=is_narrow)
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    grids = [month_grid(month // 12, month % 12 + 1, widths, cell) for month in months]
    lines = [*side_by_side(grids, width)]
    while not lines[-1].text.strip():
        lines.pop()
    yield from lines
    marks = ["×3  three sessions"] * (labels is None)
    marks += ["!  clash"] * (bool(crowded) and not is_narrow)
    if marks:
        yield line()
        yield line(("   ".join(marks), "quiet"))
    yield from to_see_to(agenda, unreadable, width, lists_days=False)


def _loads(agenda: Agenda, crowded: set[date], *, is_narrow: bool) -> _Cells:
    """Each day with the number of its sessions."""
    cell_width = _NARROW_CELL if is_narrow else _CELL
    counts = {day.day: day.active for day in agenda.found}

    def cell(day: date) -> list[Span]:
        text = f"{day.day:2}" if is_narrow else f" {day.day:2}"
        if day not in agenda.days:
            return [(text.ljust(cell_width), "quiet")]
        count = counts.get(day, 0)
        if not count:
            return [(text.ljust(cell_width), "")]
        load = "9+" if is_narrow and count > 9 else str(count)
        mark = "!" if day in crowded and not is_narrow else ""
        style: Style = "attention" if day in crowded else "session"
        return [(f"{text}×{load}{mark}".ljust(cell_width), style)]

    return [cell_width] * 7, cell


def _labels(agenda: Agenda, crowded: set[date], width: int) -> _Cells | None:
    """Each day with the times and labels of its sessions; None if they can't be read so narrow.

    Weekdays without sessions are narrow, so that the others have more room.
    """
    from unicodedata import bidirectional

    from rich.cells import cell_len, set_cell_size

    listed = {day.day: _listed(day, clashing_uids(agenda)) for day in agenda.found if day.active}
    if not listed:
        return None
    widest = max(cell_len(text) for lines in listed.values() for text, _ in lines)
    used = {day.weekday() for day in listed}
    room = (width - (7 - len(used)) * _WITHOUT_SESSIONS) // len(used)
    if room < min(widest, _LEAST_WITH_LABELS):
        return None
    wide = min(room, max(widest, _CELL))
    widths = [wide if weekday in used else _WITHOUT_SESSIONS for weekday in range(7)]

    def cell(day: date) -> list[Span]:
        def fitted(text: str) -> str:
            columns = widths[day.weekday()]
            if cell_len(text) > columns:
                text = set_cell_size(text, columns - 1).rstrip() + "…"
            if any(bidirectional(character) in _RIGHT_TO_LEFT for character in text):
                # It would turn the next day round, too.
                text += _LEFT_TO_RIGHT
            return text + " " * (columns - cell_len(text))

        number = fitted(f" {day.day:2}{'!' * (day in crowded)}")
        if not (lines := listed.get(day)):
            return [(number, "" if day in agenda.days else "quiet")]
        style: Style = "attention" if day in crowded else "session"
        return [
            (number, style),
            *((fitted(text), style) for text, style in lines),
            (fitted(""), ""),
        ]

    return widths, cell


def _listed(day: AgendaDay, clashing: set[str]) -> list[Span]:
    active = [each for each in day.bookings if not each.session.is_dropped]
    shown = active if len(active) <= _MOST_OF_A_DAY else active[: _MOST_OF_A_DAY - 1]
    lines: list[Span] = [
        (
            f" {each.start:%H:%M} {printable(each.entry.label or each.entry.path.stem)}",
            "attention" if each.is_overdue or each.session.uid in clashing else "",
        )
        for each in shown
    ]
    if more := len(active) - len(shown):
        lines.append((f" +{more} more", "quiet"))
    return lines
