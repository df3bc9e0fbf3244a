"""An agenda as one calendar file, for the doctor's own screen.

Each event has a UID of its own, made of the appointment's: in a calendar that has the patient's
event, too, neither takes the place of the other. There are no alarms: the screen is there to be
looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.zones import shown_twice
from mesoplan.formats.ical.content_lines import line, local_text, text_line, utc_text
from mesoplan.formats.ical.vtimezone import vtimezone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mesoplan.planning.agenda import Booking

MARK = "X-AGENDA-OF-APPOINTMENTS"
"""The property that only such a file has."""

_PRODID = "-//mesoplan//mesoplan//EN"
_PRIVATE_PRODID = "-//Appointments//Appointment Calendar//EN"


def agenda_file(
    bookings: Sequence[Booking], zone_name: str, stamp: datetime, *, private: bool
) -> bytes:
    """The appointments as a calendar file, written at the moment *stamp* (aware).

    A private one has no word of treatment, goal, area or patient. Times are in the clinic's zone,
    or in UTC where that has no rule that all calendars read.
    """
    zone = _zone(bookings, zone_name, stamp)
    in_zone = None if zone is None else zone_name
    return b"".join(
        [
            line("BEGIN", "VCALENDAR"),
            line("VERSION", "2.0"),
            line("PRODID", _PRIVATE_PRODID if private else _PRODID),
            line("CALSCALE", "GREGORIAN"),
            line(MARK, "1"),
            zone or b"",
            *(_event(each, in_zone, stamp, private=private) for each in bookings),
            line("END", "VCALENDAR"),
        ]
    )


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
    return vtimezone(zone_name, min(years), max(years))


def _event(booking: Booking, zone_name: str | None, stamp: datetime, *, private: bool) -> bytes:
    session = booking.session
    written = utc_text(stamp)
    status = "CONFIRMED" if session.kind == "course" else "TENTATIVE"
    return b"".join(
        [
            line("BEGIN", "VEVENT"),
            line("UID", f"agenda-{session.uid}"),
            line("SEQUENCE", str(session.sequence)),
            *(line(name, written) for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED")),
            _time("DTSTART", booking.start, zone_name),
            _time("DTEND", booking.end, zone_name),
            text_line("SUMMARY", _summary(booking, private=private)),
            line("STATUS", "CANCELLED" if session.is_dropped else status),
            line("TRANSP", "TRANSPARENT" if session.is_dropped else "OPAQUE"),
            line("END", "VEVENT"),
        ]
    )


def _time(name: str, moment: datetime, zone_name: str | None) -> bytes:
    if zone_name is None:
        return line(name, utc_text(moment))
    return line(f"{name};TZID={zone_name}", local_text(moment))


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
