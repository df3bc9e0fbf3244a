"""Writes a plan, or some of its sessions, as a new calendar file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

from mesoplan.dates.times import USUAL_REMINDERS, clocks_change, reminders_text
from mesoplan.dates.zones import find_zone, shown_twice
from mesoplan.formats.ical.lines import lead_text, line, local_text, text_line, utc_text
from mesoplan.formats.ical.vtimezone import vtimezone
from mesoplan.formats.plan_file.record import (
    EVENT_PROPERTY,
    PLAN_PROPERTY,
    further_record,
    plan_record,
    session_record,
)
from mesoplan.wording.neutral import neutral, require_neutral
from mesoplan.wording.patient import alarm_text, lines_of, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions

_PRODID = "-//mesoplan//mesoplan//EN"
_PRIVATE_PRODID = "-//Appointments//Appointment Calendar//EN"
_MARKS = re.compile("&(?:remind|own)=[^&]*")


def calendar_file(
    plan: Plan,
    options: CalendarOptions,
    stamp: datetime,
    sessions: Sequence[Session] | None = None,
) -> bytes:
    """The plan, or some of its sessions, as a calendar file, written at the moment *stamp* (aware).

    Raises InvalidInput if the file is to be private and its location is not.
    """
    require_neutral(plan, options)
    return PlanWriter(plan, options, stamp).file(plan.active if sessions is None else sessions)


def event_files(plan: Plan, options: CalendarOptions, stamp: datetime) -> dict[str, bytes]:
    """Each session as a calendar file of its own, by the serial that ends its UID (“01”)."""
    require_neutral(plan, options)
    writer = PlanWriter(plan, options, stamp)
    return {session.uid.rpartition("-")[2]: writer.file((session,)) for session in plan.active}


def writes_utc(plan: Plan, options: CalendarOptions) -> bool:
    """Whether the times in the file are in UTC: by choice, or since nothing else is exact.

    Nothing else is for a zone whose clock changes have no yearly rule that all clients read, and
    for a session at a time that the clocks show twice.
    """
    return _zone(plan, options) is None


def _marks(leads: Sequence[timedelta], texts: Iterable[str]) -> str:
    """What an event's record says of what we wrote into the event, so that it is known again.

    That is when its alarms are, and a digest of each text that is the clinic's own.
    """
    own = ".".join(map(digest, texts))
    return f"&remind={reminders_text(leads).replace(' ', '')}{f'&own={own}' * bool(own)}"


def marks_in(record: str) -> str:
    """What the record of an event says of what we wrote into it; empty in old files."""
    return "".join(_MARKS.findall(record))


def digest(text: str) -> str:
    """A few digits that stand for a text, however programs space it."""
    # A digest that nobody could forge would take a library of its own, and nobody gains by that.
    return f"{crc32(' '.join(text.split()).encode()):08x}"


def whole_calendar(
    head: bytes, zone: bytes | None, events: Iterable[bytes], *, private: bool
) -> bytes:
    """A calendar with the properties of its own that *head* has, its zone if any, and events."""
    return b"".join(
        [
            line("BEGIN", "VCALENDAR"),
            line("VERSION", "2.0"),
            line("PRODID", _PRIVATE_PRODID if private else _PRODID),
            line("CALSCALE", "GREGORIAN"),
            head,
            zone or b"",
            *events,
            line("END", "VCALENDAR"),
        ]
    )


class PlanWriter:
    """Writes a plan's events, and files of them, at the moment *stamp* (aware)."""

    def __init__(
        self, plan: Plan, options: CalendarOptions, stamp: datetime, *, has_records: bool = True
    ) -> None:
        self._plan = plan
        self._options = options = neutral(plan, options)
        self._has_records = has_records
        self._record = plan_record(plan, options)
        location, written = plan.request.location, utc_text(stamp)
        # What all its events have.
        self._stamps = "".join(
            f"{name}:{written}\r\n" for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED")
        )
        self._location = b"" if location is None else text_line("LOCATION", location.strip())
        self._plan_record = line(PLAN_PROPERTY, self._record)
        phone = plan.request.phone
        self._contact = b"" if phone is None else text_line("CONTACT", phone.strip())
        self.zone = _zone(plan, options)
        """The VTIMEZONE in which times are written; None if they are in UTC."""

    def file(self, sessions: Sequence[Session], *, is_part: bool | None = None) -> bytes:
        """A calendar file of some of the plan's sessions; see `calendar_file`.

        The record says whether the file is only a part of the plan: None for what *sessions* show.
        """
        plan, options = self._plan, self._options
        if is_part is None:
            is_part = len(sessions) < len(plan.active) + len(plan.dropped)
        record = (self._record, further_record(plan, options, is_part=is_part))
        return self.calendar(line(PLAN_PROPERTY, "&".join(filter(None, record))), sessions)

    def calendar(self, head: bytes, sessions: Iterable[Session]) -> bytes:
        """A calendar of some sessions, with the properties of its own that *head* has."""
        events = map(self.event, sessions)
        return whole_calendar(head, self.zone, events, private=self._options.private)

    def event(self, session: Session) -> bytes:
        """The event of a session, active or dropped."""
        plan, options = self._plan, self._options
        dropped = session.is_dropped
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
        lines = lines_of(plan, session, options)
        leads = () if dropped else options.reminders
        leads = USUAL_REMINDERS[session.kind] if leads is None else leads
        own = [text for text, is_own in lines if is_own]
        own += filter(None, [plan.request.phone])
        return b"".join(
            [
                head.encode(),
                text_line("SUMMARY", title(plan, session, private=options.private)),
                text_line("DESCRIPTION", "\n".join(text for text, _ in lines)) if lines else b"",
                self._location,
                self._contact,
                state.encode(),
                *(self._records(session, _marks(leads, own)) if self._has_records else ()),
                *self._alarms(session, leads),
                b"END:VEVENT\r\n",
            ]
        )

    def _records(self, session: Session, marks: str) -> tuple[bytes, bytes]:
        record = session_record(session, self._options) + marks
        return self._plan_record, line(EVENT_PROPERTY, record)

    def _alarms(self, session: Session, leads: Sequence[timedelta]) -> Iterator[bytes]:
        if not leads:
            return
        message = text_line("DESCRIPTION", alarm_text(self._plan, session, self._options))
        for lead in sorted(set(leads), reverse=True):
            head = f"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:{lead_text(lead)}\r\n"
            yield head.encode() + message + b"END:VALARM\r\n"

    def _time(self, moment: datetime) -> str:
        """What stands after the name of a property of that time."""
        if self.zone is None:
            return f":{utc_text(moment)}"
        return f";TZID={self._plan.request.timezone}:{local_text(moment)}"


def _zone(plan: Plan, options: CalendarOptions) -> bytes | None:
    """The VTIMEZONE in which the times of a plan are written; None if they are in UTC."""
    if options.utc:
        return None
    moments = [moment for each in plan.every_session for moment in (each.start, each.end)]
    return zone_described(plan.request.timezone, moments)


def zone_described(name: str, moments: Sequence[datetime]) -> bytes | None:
    """The VTIMEZONE in which moments in a zone are written; None where nothing but UTC is exact."""
    zone = find_zone(name)
    days = {moment.date() for moment in moments}
    # Nothing is shown twice on a day that is as long as others.
    if any(clocks_change(day, zone) for day in days) and any(map(shown_twice, moments)):
        return None
    years = {day.year for day in days}
    return vtimezone(name, min(years), max(years))
