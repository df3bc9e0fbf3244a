"""A session as an event: the words that the patient reads, its times, its alarms."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from mesoplan.days import day_text
from mesoplan.formats.ics.record import EVENT_PROPERTY, PLAN_PROPERTY, plan_record, session_record
from mesoplan.model import Status
from mesoplan.rules import RECOVERY_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from icalendar import Event

    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.model import Plan, Session

DISCLAIMER = "This calendar is a planning aid, not medical advice."
PRIVATE_DISCLAIMER = "This calendar is a planning aid; what you are told in person comes first."


def event_of(
    plan: Plan, session: Session, options: CalendarOptions, stamp: datetime, *, in_utc: bool
) -> Event:
    """The event of a session, standing or dropped, as it is written at the moment *stamp*."""
    from icalendar import Event

    event = Event()
    event.add("UID", session.uid)
    event.add("SEQUENCE", session.sequence)
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        event.add(name, stamp.astimezone(UTC).replace(microsecond=0))
    for name, moment in (("DTSTART", session.start), ("DTEND", session.end)):
        if in_utc:
            event.add(name, moment.astimezone(UTC))
        else:
            # Named here, since icalendar would write a zone that is called GMT in UTC.
            local = moment.replace(tzinfo=None)
            event.add(name, local, parameters={"TZID": plan.request.timezone})
    event.add("SUMMARY", summary(plan, session, options))
    event.add("DESCRIPTION", "\n".join(description(plan, session, options)))
    if plan.request.place is not None:
        event.add("LOCATION", plan.request.place.strip())
    dropped = is_dropped(session)
    status = "CONFIRMED" if session.kind == "course" else "TENTATIVE"
    event.add("STATUS", "CANCELLED" if dropped else status)
    event.add("TRANSP", "TRANSPARENT" if dropped else "OPAQUE")
    event.add(PLAN_PROPERTY, plan_record(plan, options))
    event.add(EVENT_PROPERTY, session_record(session, options))
    if not dropped:
        _add_alarms(event, options.reminders)
    return event


def is_dropped(session: Session) -> bool:
    """Whether a session was missed or cancelled, so that its event must go from the phone."""
    return session.status in (Status.MISSED, Status.CANCELLED)


def _add_alarms(event: Event, reminders: Iterable[timedelta]) -> None:
    from icalendar import Alarm

    for reminder in sorted(set(reminders), reverse=True):
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("TRIGGER", -reminder)
        alarm.add("DESCRIPTION", event["SUMMARY"])
        event.add_component(alarm)


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
    phone = plan.request.phone
    if options.private:
        expect = "Plan a quiet day afterwards; many people work again the same day."
        call = f"Call{f' {phone}' if phone else ''} as soon as you can if you can't come."
        disclaimer = PRIVATE_DISCLAIMER
    else:
        number, total = session.number, plan.total(session)
        what = "Session" if session.kind == "course" else "Maintenance session"
        goal = ", ".join(filter(None, (plan.goal, plan.area)))
        named = f"{what} {number} of {total}{f' ({goal})' if goal else ''}"
        expect = (
            f"{named}. What to expect: slight bruising and swelling, usually gone within "
            f"{RECOVERY_HOURS.limit}. Many people work again the same day, some take a day off."
        )
        call = (
            f"Call the clinic{f' ({phone})' if phone else ''} if you can't come; call at once if "
            "redness, swelling or pain gets worse instead of better, or with a fever."
        )
        disclaimer = DISCLAIMER
    return [expect, _window_line(session), *_next_lines(plan, session, options), call, disclaimer]


def _window_line(session: Session) -> str:
    if len(session.window) == 1:
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
        lines.append(f"Next {what}: {day_text(following.day)}, {following.start:%H:%M}.")
    else:
        lines.append(f"This is the last {what} of the plan.")
    return lines
