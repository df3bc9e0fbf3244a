"""A change of a plan, old and new side by side, and the dates that the patient must know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text
from mesoplan.formats.page import Part, Table, line
from mesoplan.formats.schedule import (
    aligned_day,
    heading,
    note,
    number_of,
    stay_line,
    warning_lines,
)
from mesoplan.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.model.plan import Plan, Session
    from mesoplan.planning.replanner import Comparison, Row

_NARROWEST_WITH_NOTES = 120
"""From so many columns on, the notes have a column of the table; below, a list under it."""

_NARROWEST_WITH_YEARS = 76
"""Below so many columns the days of the table have no year."""

_NARROWEST_SIDE_BY_SIDE = 60
"""Below so many columns the two sides stand one under the other."""

_NOTHING = "–"


def changes(comparison: Comparison, width: int | None) -> Iterator[Part]:
    """What changed, part by part, for a terminal of *width* columns; None for a pipe."""
    after = comparison.after
    yield from heading(after)
    yield line()
    notes = {
        row.after.uid: note(row.after)
        for row in comparison.rows
        if not row.is_kept and not row.is_dropped and note(row.after)
    }
    in_table = bool(notes) and (width is None or width >= _NARROWEST_WITH_NOTES)
    short = width is not None and width < _NARROWEST_WITH_YEARS
    narrow = width is not None and width < _NARROWEST_SIDE_BY_SIDE
    headings: tuple[str, ...] = ("Was", "Before", "Is", "After", "")
    rows = [_cells(comparison, row, short=short) for row in comparison.rows]
    if narrow:
        headings = ("Before", "→ After", "")
        rows = [
            _one_under_the_other(row, cells)
            for row, cells in zip(comparison.rows, rows, strict=True)
        ]
    if in_table:
        rows = [
            (*cells, notes.get(row.after.uid, ""))
            for cells, row in zip(rows, comparison.rows, strict=True)
        ]
    yield Table(
        headings=(*headings, *["Note"] * in_table),
        rows=tuple(rows),
        right_aligned=frozenset() if narrow else frozenset({0, 2}),
        attention=frozenset(index for index, row in enumerate(comparison.rows) if not row.is_kept),
        quiet=frozenset(index for index, row in enumerate(comparison.rows) if row.is_kept),
    )
    if notes and not in_table:
        for row in comparison.rows:
            if row.after.uid in notes:
                yield line(
                    (f"{_number(row.after, after)}  {notes[row.after.uid]}", "attention"), indent=2
                )
    yield line()
    yield from _for_the_patient(comparison)
    yield stay_line(after)
    yield from warning_lines(after)


def _cells(comparison: Comparison, row: Row, *, short: bool) -> tuple[str, ...]:
    was, day_before = _NOTHING, _NOTHING
    if row.before is not None:
        was = _number(row.before, comparison.before)
        day_before = _moment(row.before, short=short)
    if row.is_dropped:
        return was, day_before, _NOTHING, _NOTHING, row.after.status.value
    number = _number(row.after, comparison.after)
    if row.is_kept:
        return was, day_before, number, _moment(row.after, short=short), ""
    return was, day_before, number, _moment(row.after, short=short), _what(row)


def _one_under_the_other(row: Row, cells: tuple[str, ...]) -> tuple[str, str, str]:
    """The cells of a row for a window in which the two sides have no place beside each other."""
    was, day_before, number, day_after, what = cells
    if row.is_kept:
        return f"{number if was == number else f'{was} → {number}'}  {day_after}", "", ""
    before = "" if row.before is None else f"{was}  {day_before}"
    after = "" if row.is_dropped else f"→ {number}  {day_after}"
    return before, after, what


def _what(row: Row) -> str:
    before, after = row.before, row.after
    if before is None:
        return "back" if row.comes_back else "new"
    words = []
    if after.status is not before.status:
        words.append(after.status.value)
    if row.moves:
        words.append("moved")
    elif after.pinned != before.pinned and after.status is Status.PLANNED:
        words.append("fixed" if after.pinned else "not fixed any more")
    return ", ".join(words)


def _number(session: Session, plan: Plan) -> str:
    marker = "m" if session.kind == "maintenance" else ""
    return marker + number_of(session, plan)


def _moment(session: Session, *, short: bool) -> str:
    day = aligned_day(session)
    return f"{day[:-5] if short else day} {session.start:%H:%M}"


def _for_the_patient(comparison: Comparison) -> Iterator[Part]:
    if not comparison.going and not comparison.coming:
        yield line(("For the patient: ", "title"), "all dates stay")
        yield line()
        return
    yield line(("For the patient", "title"))
    if comparison.going:
        yield line(f"no more:  {_list(comparison.going)}", indent=2)
    if comparison.coming:
        yield line(f"instead:  {_list(comparison.coming)}", indent=2)
    yield line()


def _list(sessions: Sequence[Session]) -> str:
    return "; ".join(f"{day_text(each.day)} {each.start:%H:%M}" for each in sessions)
