"""Writes a plan, or some of its sessions, as a new calendar file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.times import clocks_change
from mesoplan.dates.zones import find_zone, shown_twice
from mesoplan.formats.ical.lines import escaped, lead_text, line, local_text, text_line, utc_text
from mesoplan.formats.ical.vtimezone import vtimezone
from mesoplan.formats.plan_file.record import (
    EVENT_PROPERTY,
    PLAN_PROPERTY,
    further_record,
    plan_record,
    session_record,
)
from mesoplan.wording.patient import description, require_neutral, title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions

_PRODID = "-//mesoplan//mesoplan//EN"
_PRIVATE_PRODID = "-//Appointments//Appointment Calendar//EN"


def calendar_file(
    plan: Plan,
    options: CalendarOptions,
    stamp: datetime,
    sessions: Sequence[Session] | None = None,
) -> bytes:
    """The plan, or some of its sessions, as a calendar file, written at the moment *stamp* (aware).

    Raises InvalidInput when the file is to be private and its location is not.
    """
    return PlanWriter(plan, options, stamp).file(plan.active if sessions is None else sessions)


def event_files(plan: Plan, options: CalendarOptions, stamp: datetime) -> dict[str, bytes]:
    """Each session as a calendar file of its own, by the serial that ends its UID (“01”)."""
    writer = PlanWriter(plan, options, stamp)
    return {session.uid.rpartition("-")[2]: writer.file((session,)) for session in plan.active}


def writes_utc(plan: Plan, options: CalendarOptions) -> bool:
    """Whether the times in the file are in UTC: by choice, or since nothing else is exact.

    Nothing else is for a zone whose clock changes have no yearly rule that all clients read, and
    for a session at a time that the clocks show twice.
    """
    return _zone(plan, options) is None


class PlanWriter:
    """Writes a plan's events, and files of them, at the moment *stamp* (aware)."""

    def __init__(self, plan: Plan, options: CalendarOptions, stamp: datetime) -> None:
        self._plan = plan
        self._options = options
        self._record = plan_record(plan, options)
        location, written = plan.request.location, utc_text(stamp)
        # What all its events have.
        self._stamps = "".join(
            f"{name}:{written}\r\n" for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED")
        )
        self._location = b"" if location is None else text_line("LOCATION", location.strip())
        self._plan_record = line(PLAN_PROPERTY, self._record)
        self._alarms = [
            f"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:{lead_text(each)}\r\n".encode()
            for each in sorted(set(options.reminders), reverse=True)
        ]
        self.zone = _zone(plan, options)
        """The VTIMEZONE in which times are written; None where they are in UTC."""

    def file(self, sessions: Sequence[Session], *, is_part: bool | None = None) -> bytes:
        """A calendar file of some of the plan's sessions; see `calendar_file`.

        The record says whether the file is only a part of the plan: None for what *sessions* show.
        """
        plan, options = self._plan, self._options
        require_neutral(plan, options)
        if is_part is None:
            is_part = len(sessions) < len(plan.active) + len(plan.dropped)
        record = (self._record, further_record(plan, options, is_part=is_part))
        return b"".join(
            [
                line("BEGIN", "VCALENDAR"),
                line("VERSION", "2.0"),
                line("PRODID", _PRIVATE_PRODID if options.private else _PRODID),
                line("CALSCALE", "GREGORIAN"),
                line(PLAN_PROPERTY, "&".join(filter(None, record))),
                self.zone or b"",
                *map(self.event, sessions),
                line("END", "VCALENDAR"),
            ]
        )

    def event(self, session: Session) -> bytes:
        """The event of a session, active or dropped."""
        plan, private = self._plan, self._options.private
        dropped = session.is_dropped
        name = escaped(title(plan, session, private=private))
        status = "CONFIRMED" if session.kind == "course" else "TENTATIVE"
        # No line in these two is too long for one.
        head = (
            f"BEGIN:VEVENT\r\nUID:{session.uid}\r\nSEQUENCE:{session.sequence}\r\n{self._stamps}"
            f"DTSTART{self._time(session.start)}\r\nDTEND{self._time(session.end)}\r\n"
        )
        state = (
            f"STATUS:{'CANCELLED' if dropped else status}\r\n"
            f"TRANSP:{'TRANSPARENT' if dropped else 'OPAQUE'}\r\n"
        )
        message = line("DESCRIPTION", name) + b"END:VALARM\r\n"
        return b"".join(
            [
                head.encode(),
                line("SUMMARY", name),
                text_line("DESCRIPTION", "\n".join(description(plan, session, private=private))),
                self._location,
                state.encode(),
                self._plan_record,
                line(EVENT_PROPERTY, session_record(session, self._options)),
                *[alarm + message for alarm in self._alarms if not dropped],
                b"END:VEVENT\r\n",
            ]
        )

    def _time(self, moment: datetime) -> str:
        """What stands after the name of a property of that time."""
        if self.zone is None:
            return f":{utc_text(moment)}"
        return f";TZID={self._plan.request.timezone}:{local_text(moment)}"


def _zone(plan: Plan, options: CalendarOptions) -> bytes | None:
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
