"""The agenda as a calendar file, for a practitioner's own screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.formats.ical import lines as ical
from mesoplan.formats.ical.events import AGENDA_UID
from mesoplan.formats.plan_file.writing import whole_calendar, zone_described
from mesoplan.wording.patient import title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mesoplan.planning.agenda import Booking

AGENDA_MARK = "X-AGENDA-OF-APPOINTMENTS"
"""The property that only a calendar file of an agenda has."""


def agenda_file(
    bookings: Sequence[Booking], zone_name: str, stamp: datetime, *, private: bool
) -> bytes:
    """The appointments as a calendar file, written at the moment *stamp* (aware).

    A private one has no word of treatment, goal, area or patient. Times are in the clinic's zone,
    or in UTC where that has no rule that all calendars read. Each event has a UID of its own, made
    of the appointment's, so that both can be in one calendar. There are no alarms: the screen is
    there to be looked at.
    """
    moments = [moment for each in bookings for moment in (each.start, each.end)]
    # A calendar must have something in it, even where nothing comes up.
    zone = zone_described(zone_name, moments or [stamp])
    in_zone = zone_name if zone else None
    events = (_event(each, in_zone, stamp, private=private) for each in bookings)
    return whole_calendar(ical.line(AGENDA_MARK, "1"), zone, events, private=private)


def is_agenda(data: bytes) -> bool:
    """Whether a file that begins like this is one that `agenda_file` wrote."""
    return data.startswith(b"BEGIN:VCALENDAR\r\n") and f"\r\n{AGENDA_MARK}:".encode() in data[:300]


def _event(booking: Booking, zone_name: str | None, stamp: datetime, *, private: bool) -> bytes:
    session, written = booking.session, ical.utc_text(stamp)
    status = "CONFIRMED" if session.kind == "course" else "TENTATIVE"

    def time(name: str, moment: datetime) -> bytes:
        if zone_name is None:
            return ical.line(name, ical.utc_text(moment))
        return ical.line(f"{name};TZID={zone_name}", ical.local_text(moment))

    return b"".join(
        [
            ical.line("BEGIN", "VEVENT"),
            ical.line("UID", f"{AGENDA_UID}{session.uid}"),
            ical.line("SEQUENCE", str(session.sequence)),
            *(ical.line(name, written) for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED")),
            time("DTSTART", booking.start),
            time("DTEND", booking.end),
            ical.text_line("SUMMARY", _summary(booking, private=private)),
            ical.line("STATUS", "CANCELLED" if session.is_dropped else status),
            ical.line("TRANSP", "TRANSPARENT" if session.is_dropped else "OPAQUE"),
            ical.line("END", "VEVENT"),
        ]
    )


def _summary(booking: Booking, *, private: bool) -> str:
    """Whose it is, what for, and which one: a phone shows the beginning."""
    plan, session, label = booking.entry.plan, booking.session, booking.entry.plan.request.patient
    if private or plan.goal is None:
        text = title(plan, session, private=True, language="en")
    else:
        total = ", cancelled" if session.is_dropped else f"/{plan.total(session)}"
        top_up = "" if session.kind == "course" else "top-up "
        text = f"{plan.goal} {top_up}{session.number}{total}"
    label = None if private or label is None else " ".join(label.split())
    return ": ".join(filter(None, (label, text)))
