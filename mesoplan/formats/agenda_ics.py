"""An agenda as one calendar file, for the doctor's own screen.

Each event has a UID of its own, made of the appointment's: in a calendar that has the patient's
event, too, neither takes the place of the other. The lines are put together here, and not by
icalendar, since there may be a hundred thousand events. There are no alarms: the screen is there
to be looked at.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mesoplan.formats.vtimezone import vtimezone
from mesoplan.zones import shown_twice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mesoplan.agenda import Booking

MARK = "X-AGENDA-OF-APPOINTMENTS"
"""The property that only such a file has."""

_PRODID = "-//mesoplan//mesoplan//EN"
_PRIVATE_PRODID = "-//Appointments//Appointment Calendar//EN"
_LONGEST_LINE = 75
_UTC = "%Y%m%dT%H%M%SZ"
_LOCAL = "%Y%m%dT%H%M%S"


def agenda_file(
    bookings: Sequence[Booking], zone_name: str, stamp: datetime, *, private: bool
) -> bytes:
    """The appointments as a calendar file, written at the moment *stamp* (aware).

    A private one has no word of treatment, goal, area or patient. Times are in the clinic's zone,
    or in UTC where that has no rule that all calendars read.
    """
    zone = _zone(bookings, zone_name, stamp)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRIVATE_PRODID if private else _PRODID}",
        "CALSCALE:GREGORIAN",
        f"{MARK}:1",
    ]
    written = "".join(f"{each}\r\n" for each in lines).encode() + (zone or b"")
    events = b"".join(
        _event(each, None if zone is None else zone_name, stamp, private=private)
        for each in bookings
    )
    return written + events + b"END:VCALENDAR\r\n"


def is_agenda(data: bytes) -> bool:
    """Whether a file is one that `agenda_file` wrote, as far as its beginning tells."""
    return data.startswith(b"BEGIN:VCALENDAR\r\n") and f"\r\n{MARK}:".encode() in data[:300]


def _zone(bookings: Sequence[Booking], zone_name: str, stamp: datetime) -> bytes | None:
    """The VTIMEZONE of the clinic's zone; None where times must be in UTC."""
    moments = [moment for each in bookings for moment in (each.start, each.end)]
    if any(map(shown_twice, moments)):
        return None
    # A calendar must have something in it, even where nothing comes up.
    years = [moment.year for moment in moments or [stamp]]
    zone = vtimezone(zone_name, min(years), max(years))
    if zone is None:
        return None
    data: bytes = zone.to_ical(sorted=False)
    return data


def _event(booking: Booking, zone_name: str | None, stamp: datetime, *, private: bool) -> bytes:
    session = booking.session
    written = stamp.astimezone(UTC).strftime(_UTC)
    status = "CONFIRMED" if session.kind == "course" else "TENTATIVE"
    lines = [
        "BEGIN:VEVENT",
        f"UID:agenda-{session.uid}",
        f"SEQUENCE:{session.sequence}",
        f"DTSTAMP:{written}",
        f"CREATED:{written}",
        f"LAST-MODIFIED:{written}",
        f"DTSTART{_time(booking.start, zone_name)}",
        f"DTEND{_time(booking.end, zone_name)}",
        f"SUMMARY:{_escaped(_summary(booking, private=private))}",
        f"STATUS:{'CANCELLED' if session.is_dropped else status}",
        f"TRANSP:{'TRANSPARENT' if session.is_dropped else 'OPAQUE'}",
        "END:VEVENT",
    ]
    return b"".join(_folded(lines))


def _time(moment: datetime, zone_name: str | None) -> str:
    if zone_name is None:
        return f":{moment.astimezone(UTC).strftime(_UTC)}"
    return f";TZID={zone_name}:{moment.strftime(_LOCAL)}"


def _summary(booking: Booking, *, private: bool) -> str:
    plan, session = booking.plan, booking.session
    number = (
        f"{session.number}" if session.is_dropped else f"{session.number}/{plan.total(session)}"
    )
    is_course = session.kind == "course"
    if private or plan.goal is None:
        what = [f"{'Appointment' if is_course else 'Follow-up appointment'} {number}"]
    else:
        kind = "Mesotherapy" if is_course else "Mesotherapy maintenance"
        what = [f"{kind} {number}", plan.goal]
    if not private and plan.patient is not None:
        what.append(" ".join(plan.patient.split()))
    return f"{'Cancelled: ' if session.is_dropped else ''}{' · '.join(what)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines with their ends, in pieces of 75 octets that leave characters whole."""
    for text in lines:
        data = text.encode()
        if len(data) <= _LONGEST_LINE:
            yield data + b"\r\n"
            continue
        pieces: list[bytes] = [b""]
        for character in text:
            octets = character.encode()
            if len(pieces[-1]) + len(octets) > _LONGEST_LINE - (len(pieces) > 1):
                pieces.append(b"")
            pieces[-1] += octets
        yield b"\r\n ".join(pieces) + b"\r\n"
