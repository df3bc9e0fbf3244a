"""The schedule of a batch, a row a session, and its rejected rows, as tables."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.formats.delimited import rendered_cells
from mesoplan.formats.plan_file.record import OF_THE_MOMENT
from mesoplan.formats.rows.header import REJECTED_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mesoplan.batch.outcomes import Rejected
    from mesoplan.model.plan import Plan

SCHEDULE_NAME = "schedule.csv"
REJECTED_NAME = "rejected.csv"


SCHEDULE_HEADER = (
    *("id", "patient", "goal", "area", "kind", "session", "of", "date", "time", "end"),
    *("timezone", "status", "note"),
)
"""A row a session; what is to be said of a whole plan stands at its first session."""


class Told(NamedTuple):
    """What the schedule tells of a plan beside its sessions; its file may not, if it is private."""

    name: str
    patient: str | None
    goal: str | None
    area: str | None
    private: bool


def schedule_of(plan: Plan, told: Told, delimiter: str) -> tuple[bytes, int]:
    """The rows of the schedule for a plan, standing sessions first, and how many these are."""
    name, patient, goal, area, private = told
    ids = rendered_cells((name, patient or "", goal or "", area or ""), delimiter)
    # Private files keep none, and a second run is to give the same schedule.
    lasting = () if private else (each for each in plan.notices if each.code not in OF_THE_MOMENT)
    note = rendered_cells(["; ".join(each.text for each in lasting)], delimiter)
    zone, totals = plan.request.timezone, plan.totals
    rows = []
    for session in (*plan.active, *plan.dropped):
        # No spreadsheet takes any of these for a formula, and no cell of them needs quotes.
        cells = (
            ids,
            session.kind,
            str(session.number),
            str(totals[session.kind]),
            *_times(zone, session.start, session.end),
            zone,
            str(session.status),
            note,
        )
        rows.append(delimiter.join(cells))
        note = ""
    return "".join(f"{row}\r\n" for row in rows).encode("utf-8", "replace"), len(rows)


# Sessions of many patients begin and end at the same times.
@lru_cache(maxsize=1024)
def _times(_zone: str, start: datetime, end: datetime) -> tuple[str, str, str]:
    """The day, the beginning and the end of a session in that zone, as clocks there show them.

    Equal moments are not shown alike in every zone.
    """
    return start.date().isoformat(), f"{start:%H:%M}", f"{end:%H:%M}"


def rejected_header(columns: Sequence[str]) -> tuple[str, ...]:
    """The header of the rejected rows of a table with those columns."""
    return (*columns, *REJECTED_COLUMNS)


def rejected_row(rejected: Rejected, columns: Sequence[str]) -> tuple[str, ...]:
    """A rejected row as it came, its line, and why."""
    blanks = ("",) * (len(columns) - len(rejected.raw))
    return (*rejected.raw, *blanks, str(rejected.line), rejected.code, rejected.reason)
