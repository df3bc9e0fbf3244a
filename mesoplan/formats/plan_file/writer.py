"""Writes a plan as a new calendar file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.times import clocks_change
from mesoplan.dates.zones import find_zone, shown_twice
from mesoplan.formats.ical.lines import line
from mesoplan.formats.ical.vtimezone import vtimezone
from mesoplan.formats.plan_file.events import EventForm, events_of
from mesoplan.formats.plan_file.record import PLAN_PROPERTY, plan_records
from mesoplan.wording.neutral import require_neutral

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions

PRODID = "-//mesoplan//mesoplan//EN"
PRIVATE_PRODID = "-//Appointments//Appointment Calendar//EN"


def calendar_file(plan: Plan, options: CalendarOptions, stamp: datetime) -> bytes:
    """The whole plan as one calendar file, written at the moment *stamp* (aware).

    Raises InvalidInput when the file is to be private and its location is not.
    """
    return file_of(plan, options, stamp, plan.active)


def event_files(plan: Plan, options: CalendarOptions, stamp: datetime) -> dict[str, bytes]:
    """Each session as a calendar file of its own, by the serial that ends its UID (“01”)."""
    return {
        session.uid.rpartition("-")[2]: file_of(plan, options, stamp, (session,))
        for session in plan.active
    }


def writes_utc(plan: Plan, options: CalendarOptions) -> bool:
    """Whether the times in the file are in UTC: by choice, or since nothing else is exact.

    Nothing else is for a zone whose clock changes have no yearly rule that all clients read, and
    for a session at a time that the clocks show twice.
    """
    return zone_component(plan, options) is None


def file_of(
    plan: Plan,
    options: CalendarOptions,
    stamp: datetime,
    sessions: Sequence[Session],
    *,
    is_part: bool | None = None,
) -> bytes:
    """A calendar file of some of a plan's sessions; see `calendar_file`.

    The record tells whether the file is only a part of the plan: None for what *sessions* tell.
    """
    if is_part is None:
        is_part = len(sessions) < len(plan.active) + len(plan.dropped)
    records = plan_records(plan, options, is_part=is_part)
    return file_with(records, plan, options, stamp, sessions)


def file_with(
    records: tuple[str, str],
    plan: Plan,
    options: CalendarOptions,
    stamp: datetime,
    sessions: Sequence[Session],
) -> bytes:
    """A calendar file of some of a plan's sessions, with the records that `plan_records` gives.

    See `calendar_file`.
    """
    require_neutral(plan, options)
    zone = zone_component(plan, options)
    record, record_of_events = records
    form = EventForm(plan, record_of_events, options, stamp, in_utc=zone is None)
    return b"".join(
        [
            line("BEGIN", "VCALENDAR"),
            line("VERSION", "2.0"),
            line("PRODID", PRIVATE_PRODID if options.private else PRODID),
            line("CALSCALE", "GREGORIAN"),
            line(PLAN_PROPERTY, record),
            zone or b"",
            *events_of(form, sessions),
            line("END", "VCALENDAR"),
        ]
    )


def zone_component(plan: Plan, options: CalendarOptions) -> bytes | None:
    """The VTIMEZONE in which the times of a plan are written; None where they are in UTC."""
    if options.utc:
        return None
    zone = find_zone(plan.request.timezone)
    sessions = (*plan.active, *plan.dropped)
    moments = [moment for each in sessions for moment in (each.start, each.end)]
    days = {moment.date() for moment in moments}
    # Nothing is shown twice on a day that is as long as others.
    if any(clocks_change(day, zone) for day in days) and any(map(shown_twice, moments)):
        return None
    years = {day.year for day in days}
    return vtimezone(plan.request.timezone, min(years), max(years))
