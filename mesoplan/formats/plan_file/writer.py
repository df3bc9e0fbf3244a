"""The old name of `writing`, for modules that are still to be rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.formats.ical.lines import line
from mesoplan.formats.plan_file.record import PLAN_PROPERTY, plan_records
from mesoplan.formats.plan_file.writing import PlanWriter
from mesoplan.formats.plan_file.writing import calendar_file as calendar_file
from mesoplan.formats.plan_file.writing import event_files as event_files
from mesoplan.formats.plan_file.writing import file_of as file_of
from mesoplan.formats.plan_file.writing import writes_utc as writes_utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions


def file_with(
    records: tuple[str, str],
    plan: Plan,
    options: CalendarOptions,
    stamp: datetime,
    sessions: Sequence[Session],
) -> bytes:
    """A calendar file of some of a plan's sessions, with other records than its own."""
    writer = PlanWriter(plan, options, stamp)
    data = writer.file(sessions, is_part=False)
    for own, other in zip(plan_records(plan, options, is_part=False), records, strict=True):
        count = 1 if other == records[0] else -1
        data = data.replace(line(PLAN_PROPERTY, own), line(PLAN_PROPERTY, other), count)
    return data
