"""The calendar file that the patient imports: RFC 5545, in the profile that every client reads.

One VCALENDAR with VERSION, PRODID and CALSCALE, the plan's own record, at most one VTIMEZONE, and
one VEVENT a session. What is left out is left out on purpose: METHOD, ORGANIZER, NAME, X-WR-*,
RRULE for sessions, VALARM UIDs, CLASS and empty values each upset some client.

The plan's record holds what a later change of the plan needs. It stands in a property of the
calendar and, since clients drop those, in every event. It is written as URL-encoded pairs, so that
no client's idea of escaping can damage it. In a private file the names of properties and keys are
as neutral as the texts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from mesoplan.days import day_text
from mesoplan.errors import InvalidInput
from mesoplan.formats.vtimezone import vtimezone
from mesoplan.goals import ALL_GOALS, TELLTALE_BEGINNINGS
from mesoplan.public_holidays import region_name
from mesoplan.reminders import DEFAULT_REMINDERS
from mesoplan.rules import RECOVERY_HOURS
from mesoplan.times_of_day import TimeRange
from mesoplan.zones import shown_twice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from icalendar import Event, Timezone

    from mesoplan.days import DateRange
    from mesoplan.model import Plan, Session, WeeklyHours
    from mesoplan.protocol import Protocol

PLAN_PROPERTY = "X-APPOINTMENT-PLAN"
EVENT_PROPERTY = "X-APPOINTMENT"
PRODID = "-//mesoplan//mesoplan//EN"
PRIVATE_PRODID = "-//Appointments//Appointment Calendar//EN"

DISCLAIMER = "This calendar is a planning aid, not medical advice."
PRIVATE_DISCLAIMER = "This calendar is a planning aid; what you are told in person comes first."


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOptions:
    """How a calendar file is to be written."""

    private: bool = False
    """No word of treatment, goal, area, substance or patient anywhere in the file."""
    utc: bool = False
    """Times in UTC, without VTIMEZONE."""
    reminders: tuple[timedelta, ...] = DEFAULT_REMINDERS
    """How long before each session the phone reminds; empty for never."""


def calendar_file(plan: Plan, options: CalendarOptions, stamp: datetime) -> bytes:
    """The whole plan as one calendar file, written at the moment *stamp* (aware).

    Raises InvalidInput when the file is to be private and its location is not.
    """
    return _file(plan, options, stamp, (*plan.sessions, *plan.maintenance))


def event_files(plan: Plan, options: CalendarOptions, stamp: datetime) -> dict[str, bytes]:
    """Each session as a calendar file of its own, by the serial that ends its UID (“01”)."""
    return {
        session.uid.rpartition("-")[2]: _file(plan, options, stamp, (session,))
        for session in (*plan.sessions, *plan.maintenance)
    }


def writes_utc(plan: Plan, options: CalendarOptions) -> bool:
    """Whether the times in the file are in UTC: by choice, or since nothing else is exact.

    Nothing else is for a zone whose clock changes have no yearly rule that all clients read, and
    for a session at a time that the clocks show twice.
    """
    sessions = (*plan.sessions, *plan.maintenance)
    return options.utc or _zone_component(plan, sessions) is None


def _file(
    plan: Plan, options: CalendarOptions, stamp: datetime, sessions: Sequence[Session]
) -> bytes:
    from icalendar import Calendar

    require_neutral(plan, options)
    record = _plan_record(plan, options)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRIVATE_PRODID if options.private else PRODID)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add(PLAN_PROPERTY, record)
    zone = None if options.utc else _zone_component(plan, (*plan.sessions, *plan.maintenance))
    if zone is not None:
        calendar.add_component(zone)
    for session in sessions:
        event = _event(plan, session, options, stamp, in_utc=zone is None)
        event.add(PLAN_PROPERTY, record)
        event.add(EVENT_PROPERTY, _session_record(session))
        _add_alarms(event, options.reminders)
        calendar.add_component(event)
    # Sorted, the calendar's properties would leave the order of the profile.
    data: bytes = calendar.to_ical(sorted=False)
    return data


def _zone_component(plan: Plan, sessions: Sequence[Session]) -> Timezone | None:
    moments = [moment for session in sessions for moment in (session.start, session.end)]
    if any(shown_twice(moment) for moment in moments):
        return None
    years = [moment.year for moment in moments]
    return vtimezone(plan.request.timezone, min(years), max(years))


def _event(
    plan: Plan, session: Session, options: CalendarOptions, stamp: datetime, *, in_utc: bool
) -> Event:
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
    event.add("SUMMARY", _summary(plan, session, options))
    event.add("DESCRIPTION", "\n".join(_description(plan, session, options)))
    if plan.request.place is not None:
        event.add("LOCATION", plan.request.place.strip())
    event.add("STATUS", "CONFIRMED" if session.kind == "course" else "TENTATIVE")
    event.add("TRANSP", "OPAQUE")
    return event


def _add_alarms(event: Event, reminders: Iterable[timedelta]) -> None:
    from icalendar import Alarm

    for reminder in sorted(set(reminders), reverse=True):
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("TRIGGER", -reminder)
        alarm.add("DESCRIPTION", event["SUMMARY"])
        event.add_component(alarm)


def _summary(plan: Plan, session: Session, options: CalendarOptions) -> str:
    number, total = session.number, plan.total(session)
    if options.private:
        kind = "Appointment" if session.kind == "course" else "Follow-up appointment"
        return f"{kind} {number}/{total}"
    kind = "Mesotherapy" if session.kind == "course" else "Mesotherapy maintenance"
    return f"{kind} {number}/{total} · {plan.goal}"


def _description(plan: Plan, session: Session, options: CalendarOptions) -> list[str]:
    """The lines that the patient reads, in plain text."""
    phone = plan.request.phone
    if options.private:
        expect = "Plan a quiet day afterwards; many people work again the same day."
        call = f"Call{f' {phone}' if phone else ''} as soon as you can if you can't come."
        disclaimer = PRIVATE_DISCLAIMER
    else:
        number, total = session.number, plan.total(session)
        what = "Session" if session.kind == "course" else "Maintenance session"
        where = f", {plan.area}" if plan.area else ""
        expect = (
            f"{what} {number} of {total} ({plan.goal}{where}). What to expect: slight bruising and "
            f"swelling, usually gone within {RECOVERY_HOURS.limit}. Many people work again the "
            "same day, some take a day off."
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
    everything = (*plan.sessions, *plan.maintenance)
    index = everything.index(session)
    lines = []
    if plan.stay is not None and session is plan.sessions[-1]:
        lines.append(f"Earliest day to travel home: {day_text(plan.stay.earliest_travel)}.")
    if index + 1 < len(everything):
        following = everything[index + 1]
        lines.append(f"Next {what}: {day_text(following.day)}, {following.start:%H:%M}.")
    else:
        lines.append(f"This is the last {what} of the plan.")
    return lines


def _plan_record(plan: Plan, options: CalendarOptions) -> str:
    """What a later change of the plan needs to know; see the docstring of this module.

    Days are ISO dates, ranges FROM..TO, lists joined by commas. `count`, `interval` and `yearly`
    are what was asked for, absent when the protocol decided; `phases` is what was planned, each
    phase as sessions × days.
    """
    request = plan.request
    open_record = (
        {}
        if options.private
        else {
            "goal": plan.goal,
            "area": plan.area,
            "patient": request.patient,
        }
    )
    record = {
        "v": 1,
        "id": plan.id,
        "revision": plan.revision,
        **open_record,
        "zone": request.timezone,
        "phases": _joined(f"{count}x{interval}" for count, interval in plan.phases),
        "total": len(plan.sessions),
        "upkeep": f"{plan.maintenance_per_year}x{request.years}",
        "time": _time(request.time_of_day),
        "minutes": plan.duration_minutes,
        "hours": _hours(request.opening_hours),
        "slot": request.slot_minutes if request.opening_hours or request.busy else None,
        "rooms": request.rooms if request.rooms > 1 else None,
        "limits": _limits(request.protocol),
        "phone": request.phone,
        "start": request.start,
        "count": request.sessions,
        "interval": request.interval_days,
        "yearly": request.maintenance_per_year,
        "closed": _joined(str(weekday) for weekday in sorted(request.closed_weekdays)),
        "closures": _joined(map(_range, request.closures)),
        "holidays": _joined(map(region_name, request.holidays)),
        "works": "|".join(sorted(request.open_holidays)),
        "open": _joined(day.isoformat() for day in sorted(request.open_days)),
        "away": _joined(map(_range, request.away)),
        "arrive": request.arrive,
        "depart": request.depart,
        "finish": request.finish_by,
        "flex": request.flex_days or None,
    }
    return _encoded(record)


def _session_record(session: Session) -> str:
    return _encoded(
        {
            "kind": "series" if session.kind == "course" else "upkeep",
            "number": session.number,
            "status": session.status.value,
            "interval": session.preferred_interval_days,
            "due": session.due,
            "window": _range(session.window),
        }
    )


def _encoded(record: Mapping[str, object]) -> str:
    pairs = {key: str(value) for key, value in record.items() if value not in (None, "")}
    return urlencode(pairs, safe=":./")


def _joined(items: Iterable[str]) -> str:
    return ",".join(items)


def _time(asked: time | TimeRange) -> str:
    return asked.as_typed if isinstance(asked, TimeRange) else f"{asked:%H:%M}"


def _hours(hours: WeeklyHours | None) -> str:
    """“0.09:00-12:30/14:00-18:00,2.09:00-12:30”: the spans of each weekday that has any."""
    return _joined(
        f"{weekday}.{'/'.join(str(span).replace('–', '-') for span in spans)}"
        for weekday, spans in enumerate(hours or ())
        if spans
    )


def _limits(protocol: Protocol | None) -> str:
    """“3-15/7-10/2”: sessions, days between them, maintenance a year; or empty."""
    if protocol is None or not protocol.limits.narrowing:
        return ""
    limits = protocol.limits
    return (
        f"{limits.min_sessions}-{limits.max_sessions}/{limits.min_interval_days}-"
        f"{limits.max_interval_days}/{limits.max_maintenance_per_year}"
    )


def _range(days: DateRange) -> str:
    return f"{days.first}..{days.last}"


def require_neutral(plan: Plan, options: CalendarOptions) -> None:
    """Raise InvalidInput if the file is to be private and its place or phone tells what it is for.

    They are looked through for the treatment, any goal, substances and other procedures, and
    for the area and the patient of this plan. What no list can know is left to whoever types it.
    """
    shown = " ".join(filter(None, (plan.request.place, plan.request.phone)))
    if not options.private or not shown:
        return
    label = re.findall(r"\w{3,}", _folded(plan.request.patient or ""))
    whole_words = {*label, *([plan.area] if plan.area else [])}
    for goal in ALL_GOALS:
        whole_words |= {goal.name, *goal.aliases}
    patterns = [rf"\b{re.escape(word)}\b" for word in whole_words]
    patterns += [rf"\b{beginning}" for beginning in TELLTALE_BEGINNINGS]
    if re.search("|".join(patterns), _folded(shown)):
        raise InvalidInput(
            "the location or phone names the treatment or patient, which a private file must not",
            "write the address alone, or plan with --no-private",
        )


def _folded(text: str) -> str:
    """The text without letter case and accents, so that “Mésothérapie” is found."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
