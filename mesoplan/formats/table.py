"""The schedule as a table that a practitioner reads at a glance and can hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mesoplan.formats.wording import (
    heading,
    note,
    number_of,
    plain_table,
    stay_line,
    warning_lines,
)
from mesoplan.model import day_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from mesoplan.model import Plan, Session

_NARROWEST_WITH_NOTES = 120
"""From so many columns on, the notes have a column of the table; below, a list under it."""


def schedule(plan: Plan, width: int | None) -> Iterator[RenderableType]:
    """The schedule, part by part, for a terminal of *width* columns; None for a pipe.

    In a pipe nothing is boxed and every session has its note on its own line.
    """
    yield from heading(plan)
    yield Text()
    yield from _part(plan, plan.sessions, "Days", width)
    if plan.maintenance:
        yield Text()
        yield Text(f"Maintenance, {plan.maintenance_per_year} a year", "bold")
        yield from _part(plan, plan.maintenance, "Due", width)
    yield Text()
    yield stay_line(plan)
    yield from warning_lines(plan)


def _part(
    plan: Plan, sessions: Sequence[Session], measure: str, width: int | None
) -> Iterator[RenderableType]:
    noted = [session for session in sessions if session.reasons]
    in_table = bool(noted) and (width is None or width >= _NARROWEST_WITH_NOTES)
    table = plain_table(width, "No.", "Day", "Time", measure, "Window")
    for column in table.columns:
        column.no_wrap = True
    table.columns[0].justify = table.columns[3].justify = "right"
    if in_table:
        table.add_column("Note")
    for session in sessions:
        mark = "*" if session.reasons and not in_table else ""
        cells = [
            number_of(session, plan),
            _padded_day(session),
            f"{session.start:%H:%M}",
            _measure(session) + mark,
            "this day only" if len(session.window) == 1 else str(session.window),
        ]
        if in_table:
            cells.append(note(session))
        table.add_row(*map(Text, cells), style="" if not session.reasons else "yellow")
    yield table
    if noted and not in_table:
        yield Text("* not on the preferred day:")
        for session in noted:
            yield Text(f"  {number_of(session, plan)}  {note(session)}", "yellow")


def _padded_day(session: Session) -> str:
    """“Tue  1 Dec 2026”: the day with its number in two places, so that the months line up."""
    weekday, rest = day_text(session.day).split(" ", 1)
    return f"{weekday} {rest:>11}"


def _measure(session: Session) -> str:
    """Days since the session before, or the day on which maintenance is due."""
    if session.due is not None:
        return day_text(session.due)
    return "" if session.interval_days is None else str(session.interval_days)
