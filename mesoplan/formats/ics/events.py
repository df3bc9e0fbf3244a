"""A session as an event: the words that the patient reads, its times, its alarms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.days import day_text
from mesoplan.formats.content_lines import (
    lead_text,
    line,
    local_text,
    recurring_line,
    recurring_text_line,
    text_line,
    text_of_lines,
    utc_text,
)
from mesoplan.formats.ics.record import EVENT_PROPERTY, PLAN_PROPERTY, session_record
from mesoplan.model import Status
from mesoplan.rules import RECOVERY_HOURS
from mesoplan.zones import shown_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.model import Plan, Session

DISCLAIMER = "This calendar is a planning aid, not medical advice."
PRIVATE_DISCLAIMER = "This calendar is a planning aid; what you are told in person comes first."


@dataclass(frozen=True, slots=True)
class EventForm:
    """What all the events of one file have in common."""

    plan: Plan
    record: str
    """The plan's record, as each event has it."""
    options: CalendarOptions
    stamp: datetime
    """When they are written: aware."""
    in_utc: bool
    """Whether their times are in UTC, and not in the clinic's zone."""


def events_of(form: EventForm, sessions: Iterable[Session]) -> Iterator[bytes]:
    """The event of each session, standing or dropped."""
    plan, options = form.plan, form.options
    stamp = utc_text(form.stamp)
    stamps = b"".join(line(name, stamp) for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"))
    record = text_line(PLAN_PROPERTY, form.record)
    place = plan.request.place
    location = b"" if place is None else text_line("LOCATION", place.strip())
    triggers = tuple(
        line("TRIGGER", lead_text(reminder))
        for reminder in sorted(set(options.reminders), reverse=True)
    )
    zone = plan.request.timezone
    begin_name, end_name = f"DTSTART;TZID={zone}", f"DTEND;TZID={zone}"
    for session in sessions:
        dropped = is_dropped(session)
        title = summary(plan, session, options)
        if form.in_utc:
            begin = line("DTSTART", utc_text(session.start))
            end = line("DTEND", utc_text(session.end))
        else:
            begin = line(begin_name, local_text(session.start))
            end = line(end_name, local_text(session.end))
        yield b"".join(
            (
                b"BEGIN:VEVENT\r\n",
                line("UID", session.uid),
                recurring_line("SEQUENCE", str(session.sequence)),
                stamps,
                begin,
                end,
                recurring_text_line("SUMMARY", title),
                text_of_lines("DESCRIPTION", description(plan, session, options)),
                location,
                _DROPPED if dropped else _STANDING[session.kind],
                record,
                text_line(EVENT_PROPERTY, session_record(session, options)),
                b"" if dropped else _alarms(title, triggers),
                b"END:VEVENT\r\n",
            )
        )


_STANDING = {
    "course": line("STATUS", "CONFIRMED") + line("TRANSP", "OPAQUE"),
    "maintenance": line("STATUS", "TENTATIVE") + line("TRANSP", "OPAQUE"),
}
_DROPPED = line("STATUS", "CANCELLED") + line("TRANSP", "TRANSPARENT")


@lru_cache(maxsize=512)
def _alarms(title: str, triggers: tuple[bytes, ...]) -> bytes:
    begin, action = line("BEGIN", "VALARM"), line("ACTION", "DISPLAY")
    words, end = text_line("DESCRIPTION", title), line("END", "VALARM")
    return b"".join(begin + action + trigger + words + end for trigger in triggers)


def is_dropped(session: Session) -> bool:
    """Whether a session was missed or cancelled, so that its event must go from the phone."""
    return session.status in (Status.MISSED, Status.CANCELLED)


def summary(plan: Plan, session: Session, options: CalendarOptions) -> str:
    """The title of a session's event."""
    # Not every client shows by itself that an event is cancelled.
    dropped = is_dropped(session)
    # Of how many it was one is not said: that number may have changed since.
    number = f"{session.number}" if dropped else f"{session.number}/{plan.total(session)}"
    cancelled = "Cancelled: " if dropped else ""
    if options.private:
        kind = "Appointment" if session.kind == "course" else "Follow-up appointment"
        return f"{cancelled}{kind} {number}"
    kind = "Mesotherapy" if session.kind == "course" else "Mesotherapy maintenance"
    goal = f" · {plan.goal}" if plan.goal else ""
    return f"{cancelled}{kind} {number}{goal}"


def description(plan: Plan, session: Session, options: CalendarOptions) -> list[str]:
    """The lines that the patient reads, in plain text."""
    if is_dropped(session):
        return ["This appointment does not take place."]
    expect = _expectation(
        session.kind, session.number, plan.total(session), plan.goal, plan.area, options.private
    )
    return [
        expect,
        _window_line(session),
        *_next_lines(plan, session, options),
        _call(plan.request.phone, options.private),
        PRIVATE_DISCLAIMER if options.private else DISCLAIMER,
    ]


@lru_cache(maxsize=512)
def _expectation(
    kind: str, number: int, total: int, goal: str | None, area: str | None, private: bool
) -> str:
    if private:
        return "Plan a quiet day afterwards; many people work again the same day."
    what = "Session" if kind == "course" else "Maintenance session"
    treated = ", ".join(filter(None, (goal, area)))
    named = f"{what} {number} of {total}{f' ({treated})' if treated else ''}"
    return (
        f"{named}. What to expect: slight bruising and swelling, usually gone within "
        f"{RECOVERY_HOURS.limit}. Many people work again the same day, some take a day off."
    )


@lru_cache(maxsize=64)
def _call(phone: str | None, private: bool) -> str:
    if private:
        return f"Call{f' {phone}' if phone else ''} as soon as you can if you can't come."
    return (
        f"Call the clinic{f' ({phone})' if phone else ''} if you can't come; call at once if "
        "redness, swelling or pain gets worse instead of better, or with a fever."
    )


def _window_line(session: Session) -> str:
    if session.window.first == session.window.last:
        return "No other day would do without moving another one as well."
    return (
        f"If this day does not suit you, it may be possible to move it within {session.window}; "
        "ask first."
    )


def _next_lines(plan: Plan, session: Session, options: CalendarOptions) -> list[str]:
    what = "appointment" if options.private else "session"
    lines = []
    if plan.stay is not None and session is plan.sessions[-1]:
        lines.append(f"Earliest day to travel home: {day_text(plan.stay.earliest_travel)}.")
    following = plan.following(session)
    if following is not None:
        clock = shown_text(following.start)[11:16]
        lines.append(f"Next {what}: {day_text(following.day)}, {clock}.")
    else:
        lines.append(f"This is the last {what} of the plan.")
    return lines
