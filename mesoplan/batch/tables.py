"""The schedule of a batch, a row a session, and its rejected rows, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mesoplan.formats.ics.record import OF_THE_MOMENT
from mesoplan.formats.rows.header import REJECTED_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.batch.outcomes import Rejected
    from mesoplan.model import Plan

SCHEDULE_NAME = "schedule.csv"
REJECTED_NAME = "rejected.csv"


class ScheduleRow(NamedTuple):
    """A session, as the schedule tells it."""

    id: str
    patient: str
    goal: str
    area: str
    kind: str
    session: str
    of: str
    date: str
    time: str
    end: str
    timezone: str
    status: str
    note: str
    """What is to be said of the whole plan, at its first session."""


def schedule_rows(
    name: str,
    plan: Plan,
    *,
    private: bool,
    goal: str | None,
    area: str | None,
    patient: str | None,
) -> Iterator[ScheduleRow]:
    """The sessions of the plan under that name, standing ones first.

    What a private file does not tell of its goal, area and patient is given.
    """
    told = (name, patient or "", goal or "", area or "")
    zone = plan.request.timezone
    # Private files keep none, and a second run is to give the same schedule.
    lasting = () if private else (each for each in plan.warnings if each.code not in OF_THE_MOMENT)
    note = "; ".join(each.text for each in lasting)
    for session in (*plan.standing, *plan.dropped):
        yield ScheduleRow(
            *told,
            session.kind,
            str(session.number),
            str(plan.total(session)),
            session.start.date().isoformat(),
            f"{session.start:%H:%M}",
            f"{session.end:%H:%M}",
            zone,
            session.status.value,
            note,
        )
        note = ""


def rejected_header(columns: Sequence[str]) -> tuple[str, ...]:
    """The header of the rejected rows of a table with those columns."""
    return (*columns, *REJECTED_COLUMNS)


def rejected_row(rejected: Rejected, columns: Sequence[str]) -> tuple[str, ...]:
    """A rejected row as it came, its line, and why."""
    blanks = ("",) * (len(columns) - len(rejected.raw))
    return (*rejected.raw, *blanks, str(rejected.line), rejected.code, rejected.reason)
