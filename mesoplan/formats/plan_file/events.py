"""A session as an event: the words that the patient reads, its times, its alarms."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import day_text, span_text
from mesoplan.formats.ical.lines import lead_text, line, local_text, text_line, utc_text
from mesoplan.formats.plan_file.record import EVENT_PROPERTY, PLAN_PROPERTY, session_record
from mesoplan.model.plan import Status
from mesoplan.rules.limits import RECOVERY_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime, time

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions

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
    record = line(PLAN_PROPERTY, form.record)
    place = plan.request.location
    location = b"" if place is None else text_line("LOCATION", place.strip())
    triggers = tuple(
        line("TRIGGER", lead_text(reminder))
        for reminder in sorted(set(options.reminders), reverse=True)
    )
    zone = plan.request.timezone
    in_time = sorted(plan.active, key=lambda each: each.start)
    starts = [each.start for each in in_time]
    followings = (*in_time, None)
    totals = plan.totals
    for session in sessions:
        dropped = is_dropped(session)
        following = None if dropped else followings[bisect_right(starts, session.start)]
        title, words = _words(_told(plan, session, totals[session.kind], following, options))
        if form.in_utc:
            times = line("DTSTART", utc_text(session.start)) + line("DTEND", utc_text(session.end))
        else:
            times = _local_times(zone, session.start, session.end)
        yield b"".join(
            (
                b"BEGIN:VEVENT\r\n",
                line("UID", session.uid),
                line("SEQUENCE", str(session.sequence)),
                stamps,
                times,
                words,
                location,
                _DROPPED if dropped else _STANDING[session.kind],
                record,
                line(EVENT_PROPERTY, session_record(session, options)),
                b"" if dropped else _alarms(title, triggers),
                b"END:VEVENT\r\n",
            )
        )


# Sessions of many patients begin and end at the same times, one after the other or in turn.
@lru_cache(maxsize=1024)
def _local_times(zone: str, start: datetime, end: datetime) -> bytes:
    """When an event begins and ends, both in that zone."""
    return line(f"DTSTART;TZID={zone}", local_text(start)) + line(
        f"DTEND;TZID={zone}", local_text(end)
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


class _Told(NamedTuple):
    """All that the title and the description of a session's event depend on."""

    private: bool
    dropped: bool
    kind: str
    number: int
    total: int
    goal: str | None
    area: str | None
    phone: str | None
    earliest: date
    """The first day of the session's window; then its last one."""
    latest: date
    earliest_travel: date | None
    """None but for the last session of the course."""
    next_day: date | None
    """The day of the session that follows; None after the last one."""
    next_time: time | None


def _told(
    plan: Plan,
    session: Session,
    total: int,
    following: Session | None,
    options: CalendarOptions,
) -> _Told:
    stay = plan.stay
    return _Told(
        options.private,
        is_dropped(session),
        session.kind,
        session.number,
        total,
        plan.goal,
        plan.area,
        plan.request.phone,
        session.window.first,
        session.window.last,
        stay.earliest_travel if stay is not None and session is plan.sessions[-1] else None,
        None if following is None else following.day,
        None if following is None else following.start.time(),
    )


def _told_in(plan: Plan, session: Session, options: CalendarOptions) -> _Told:
    return _told(plan, session, plan.total(session), plan.following(session), options)


def summary(plan: Plan, session: Session, options: CalendarOptions) -> str:
    """The title of a session's event."""
    return _title(_told_in(plan, session, options))


def description(plan: Plan, session: Session, options: CalendarOptions) -> list[str]:
    """The lines that the patient reads, in plain text."""
    return _lines(_told_in(plan, session, options))


# Plans of the same goal that begin at about the same time have most of these in common.
@lru_cache(maxsize=1024)
def _words(told: _Told) -> tuple[str, bytes]:
    """The title of an event, and its content lines with the title and the description."""
    title = _title(told)
    words = text_line("SUMMARY", title) + text_line("DESCRIPTION", "\n".join(_lines(told)))
    return title, words


def _title(told: _Told) -> str:
    # Not every client shows by itself that an event is cancelled.
    cancelled = "Cancelled: " if told.dropped else ""
    # Of how many it was one is not said: that number may have changed since.
    number = f"{told.number}" if told.dropped else f"{told.number}/{told.total}"
    if told.private:
        kind = "Appointment" if told.kind == "course" else "Follow-up appointment"
        return f"{cancelled}{kind} {number}"
    kind = "Mesotherapy" if told.kind == "course" else "Mesotherapy maintenance"
    goal = f" · {told.goal}" if told.goal else ""
    return f"{cancelled}{kind} {number}{goal}"


def _lines(told: _Told) -> list[str]:
    if told.dropped:
        return ["This appointment does not take place."]
    return [
        _expectation(told),
        _window_line(told),
        *_next_lines(told),
        _call(told),
        PRIVATE_DISCLAIMER if told.private else DISCLAIMER,
    ]


def _expectation(told: _Told) -> str:
    if told.private:
        return "Plan a quiet day afterwards; many people work again the same day."
    what = "Session" if told.kind == "course" else "Maintenance session"
    treated = ", ".join(filter(None, (told.goal, told.area)))
    named = f"{what} {told.number} of {told.total}{f' ({treated})' if treated else ''}"
    return (
        f"{named}. What to expect: slight bruising and swelling, usually gone within "
        f"{RECOVERY_HOURS.limit}. Many people work again the same day, some take a day off."
    )


def _call(told: _Told) -> str:
    phone = told.phone
    if told.private:
        return f"Call{f' {phone}' if phone else ''} as soon as you can if you can't come."
    return (
        f"Call the clinic{f' ({phone})' if phone else ''} if you can't come; call at once if "
        "redness, swelling or pain gets worse instead of better, or with a fever."
    )


def _window_line(told: _Told) -> str:
    if told.earliest == told.latest:
        return "No other day would do without moving another one as well."
    window = span_text(told.earliest, told.latest)
    return (
        f"If this day does not suit you, it may be possible to move it within {window}; ask first."
    )


def _next_lines(told: _Told) -> Iterator[str]:
    what = "appointment" if told.private else "session"
    if told.earliest_travel is not None:
        yield f"Earliest day to travel home: {day_text(told.earliest_travel)}."
    if told.next_day is not None:
        yield f"Next {what}: {day_text(told.next_day)}, {told.next_time:%H:%M}."
    else:
        yield f"This is the last {what} of the plan."
