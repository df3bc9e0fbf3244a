"""Why a day or a time can't be used, and why a session is not where it was preferred, in words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import (
    day_text,
    days_text,
    list_of_weekdays,
    list_text,
    weekdays_text,
)
from mesoplan.dates.times import clock_text
from mesoplan.model import causes as of
from mesoplan.model.plan import ReasonCode, Status
from mesoplan.model.taken import OTHER_PATIENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mesoplan.dates.days import DateRange
    from mesoplan.model.causes import BusyTimes, Cause, LastDay, Opening, Taken
    from mesoplan.model.plan import Reason, Session
    from mesoplan.planning.appointments import HolidaysOfParts

_NEAR_DAYS = 183
"""Of days that are so near the year is clear."""
_TO_MAKE_ROOM = "to make room for"
"""How a reason begins that is a purpose."""


def begun(clause: str) -> str:
    """A clause as a sentence begins; a name of a file there stays as it is written."""
    is_word = clause.split(" ", 1)[0].isalpha()
    return clause[:1].upper() + clause[1:] if is_word else clause


def note_text(session: Session) -> str:
    """Why a session is not on its preferred day, or not at its time, and by how much.

    “6 days later than preferred (Wed 30 Dec): clinic closed 24 Dec – 3 Jan”, or nothing where it
    is. Days are without their years, where the day of the session makes them clear.
    """
    if not session.reasons:
        return ""
    preferred, how = session.day, "preferred"
    if session.interval_days is not None and session.preferred_interval_days is not None:
        preferred -= timedelta(days=session.interval_days - session.preferred_interval_days)
    elif session.due is not None and session.status is not Status.ATTENDED:
        preferred, how = session.due, "due"
    off_days = (session.day - preferred).days
    texts = [reason_text(each, near=session.day, known=preferred) for each in session.reasons]
    why = "; ".join(texts)
    if off_days == 0:
        return why
    by = f"{days_text(abs(off_days))} {'later' if off_days > 0 else 'earlier'}"
    if why.startswith(_TO_MAKE_ROOM):
        return f"{by}, {why}"
    return f"{by} than {how} ({_day(preferred, session.day)}): {why}"


def reason_text(reason: Reason, *, near: date | None = None, known: date | None = None) -> str:
    """A reason in words: “Fri 25 Dec 2026: Christmas Day (FR)”.

    A sentence that was read back stays. A reason about days begins with them, unless its words name
    them anyway, or they are *known*. Days that are *near* one are without their years.
    """
    cause, days = reason.cause, reason.days
    if isinstance(cause, str) and cause:
        return cause if known is None else cause.removeprefix(f"{day_text(known)}: ")
    if not cause or not days:
        return NEUTRAL_REASONS[reason.code]
    text = cause_text(cause, days, near, known)
    is_of_days = (
        isinstance(cause, _OF_DAYS)
        or (isinstance(cause, OF_TIMES) and cause.begin is None)
        or cause is of.Plain.DAY_PASSED
    )
    listed = _dated(list_text(days), near, *days)
    names_weekdays = isinstance(cause, of.ClosedWeekday) and len(days) > 1
    has_span = near is not None and isinstance(cause, _HAVE_SPANS)
    if not is_of_days or names_weekdays or has_span or listed in text or days == (known,):
        return text
    return f"{listed}: {text}"


def _dated(text: str, near: date | None, *days: date) -> str:
    """Days in words, without their years where they are so near that these are clear."""
    if near is None or any(abs((day - near).days) > _NEAR_DAYS for day in days):
        return text
    return re.sub(r" [0-9]{4}\b", "", text)


def _day(day: date, near: date | None) -> str:
    return _dated(day_text(day), near, day)


def _span(days: DateRange, near: date | None) -> str:
    """“24 Dec 2026 – 3 Jan 2027”, “on Tue 8 Dec 2026”."""
    return "on " * (len(days) == 1) + _dated(str(days), near, days.first, days.last)


NEUTRAL_REASONS = {
    ReasonCode.CLOSED_WEEKDAY: "closed on that weekday",
    ReasonCode.HOLIDAY: "a public holiday",
    ReasonCode.CLOSURE: "closed then",
    ReasonCode.AWAY: "away then",
    ReasonCode.GIVEN_UP: "missed or given up",
    ReasonCode.BUSY: "the time was taken",
    ReasonCode.CAPACITY: "all rooms were taken",
    ReasonCode.PRACTITIONER: "the practitioner was not free",
    ReasonCode.DAY_FULL: "the day was full",
    ReasonCode.HOURS: "the opening hours",
    ReasonCode.DEADLINE: "the end of the trip",
    ReasonCode.WEEKDAY: "another weekday is preferred",
    ReasonCode.LOOK_AHEAD: f"{_TO_MAKE_ROOM} the sessions after it",
    ReasonCode.PINNED: "chosen by hand",
    ReasonCode.AGREED: "agreed before",
    ReasonCode.PAST: "the preferred day was past",
}
"""What is said of a reason where a file has no more than its code."""

_OF_DAYS = (
    of.ClosedWeekday,
    of.Closed,
    of.Holiday,
    of.Away,
    of.NotArrived,
    of.LastDay,
    of.NightSkipped,
    of.GivenUp,
    of.NoSlotLeft,
    of.PractitionerOff,
    of.PractitionerAway,
    of.DayFull,
    of.ClosedPart,
)
OF_TIMES = (of.Taken, of.PractitionerBusy, of.NobodyFree, of.PatientBusy)
"""Causes that are about a time of day, or all the times of a day."""
_HAVE_SPANS = (of.Closed, of.Away, of.PractitionerAway, of.NotArrived)
_NAME_THEIR_DAYS = (*_HAVE_SPANS, of.ClosedWeekday, of.LastDay, of.GivenUp)


def _obstacle(causes: Sequence[Cause], day: date, near: date | None) -> str:
    """What is in the way further on: “clinic closed 24 Dec – 3 Jan”, with the day if need be."""
    why = "; ".join(cause_text(cause, [day], near) for cause in causes)
    if all(isinstance(cause, _NAME_THEIR_DAYS) for cause in causes):
        return why
    return f"{_day(day, near)}: {why}"


def cause_text(
    cause: Cause, days: Sequence[date], near: date | None = None, known: date | None = None
) -> str:
    """A cause as a clause without the days that it is about, at most with their weekdays.

    With *near*, as a note has room for: “clinic closed 24 Dec – 3 Jan”, days near that one without
    their years. A day that is *known* is not named again.
    """
    clinic, patient = ("the clinic is", "the patient is") if near is None else ("clinic", "patient")
    match cause:
        case str():
            return cause
        case of.ClosedWeekday():
            return f"{clinic} closed on {weekdays_text(days)}"
        case of.Closed(closed, why):
            return f"{clinic} closed {_span(closed, near)}" + (f" ({why})" if why else "")
        case of.Holiday(name, region):
            return f"{name} ({region})"
        case of.Away(away):
            return f"{patient} away {_span(away, near)}"
        case of.NotArrived(arrive):
            return f"the patient arrives on {_day(arrive, near)}"
        case of.LastDay():
            return f"too late {purpose_text(cause, near)}"
        case of.NightSkipped(clock):
            return f"the clocks skip {clock:%H:%M}"
        case of.GivenUp(day):
            which = "" if day == known else f"{_day(day, near)} was "
            return f"{which}missed or given up"
        case of.NoSlotLeft(opening, minutes, asked, clocks_change):
            within = f" {asked.in_words}" if asked is not None else ""
            change = " while the clocks change" if clocks_change else ""
            hours = _open(clinic, opening, days)
            return f"{hours}, so {minutes} minutes don't fit{within}{change}"
        case of.Taken():
            return _taken(cause)
        case of.PractitionerBusy(who, times, begin):
            return _busy(who or "the practitioner", times, begin)
        case of.PractitionerOff(who, spans):
            works = f"works {' and '.join(map(str, spans))}" if spans else "doesn't work"
            return f"{who or 'the practitioner'} {works} on {weekdays_text(days)}"
        case of.PractitionerAway(who, leave):
            return f"{who or 'the practitioner'} is away {_span(leave, near)}"
        case of.NobodyFree(times, begin):
            at = _at(begin)
            return (
                f"{at}no practitioner is free {_times(times)}" if times else f"{at}nobody was free"
            )
        case of.DayFull(who, most):
            sessions = f"{most} session{'s' * (most > 1)}"
            return f"{who or 'the clinic'} takes {sessions} a day at most"
        case of.PatientBusy(times, begin):
            return _busy("the patient", times, begin)
        case of.ClosedPart(times, why):
            return f"{clinic} closed {_times(times)}".strip() + (f" ({why})" if why else "")
        case of.TimePassed(passed, had):
            return f"{clock_text(passed)} had passed" if had else "that time has passed"
        case of.PastMidnight(minutes):
            return f"a session of {minutes} minutes would run past midnight"
        case of.ClockSkipped(skipped):
            return f"the clocks skip {clock_text(skipped)}"
        case of.NotOpen(opening, at):
            return f"{_open(clinic, opening, days)}, not at {clock_text(at)}"
        case of.BetweenSlots(slot_minutes, first):
            return f"sessions begin every {slot_minutes} minutes from {clock_text(first)}"
        case of.ClosesTooSoon(opening, minutes, at):
            hours = _open(clinic, opening, days)
            return f"{hours}, so {minutes} minutes from {clock_text(at)} don't fit"
        case of.OtherWeekday(weekdays):
            return f"{patient.removesuffix(' is')} prefers {list_of_weekdays(weekdays)}"
        case of.AgreedTime(agreed, by_hand):
            return f"{clock_text(agreed)} was {'chosen by hand' if by_hand else 'agreed before'}"
        case of.NoDayLeft(late, was):
            return f"no day within the rules {'was' if was else 'is'} left ({late})"
        case of.NoCourseGoesOn(day, obstacle, causes):
            which = "that day" if day == known else _day(day, near)
            why = _obstacle(causes, obstacle, near)
            return f"{which} leaves no room for the sessions after it ({why})"
        case of.SharesShift(number, obstacle, causes):
            return f"{_TO_MAKE_ROOM} session {number} ({_obstacle(causes, obstacle, near)})"
        case of.Plain.DAY_PASSED:
            return "the time has passed"
        case of.Plain.AGREED:
            return f"{_day(days[0], near)} was agreed before"
        case of.Plain.BY_HAND:
            return f"{_day(days[0], near)} was chosen by hand"
        case of.Plain.TOOK_PLACE:
            return f"it took place on {_day(days[0], near)}"
        case of.Plain.NO_COURSE_BEGINS:
            return f"no course fits from {_dated(list_text(days), near, *days)}"
        case of.Plain.MAKES_ROOM:
            return f"{_TO_MAKE_ROOM} the sessions after it"


def purpose_text(last: LastDay, near: date | None = None) -> str:
    """What the last day is kept for, with the rule: “to travel home on Wed 20 Jan 2027 (R5)”."""
    purpose = "to travel home on" if last.rule_id == "R5" else "to have recovered by"
    return f"{purpose} {_day(last.until, near)} ({last.rule_id})"


def _open(clinic: str, opening: Opening, days: Sequence[date]) -> str:
    spans = " and ".join(map(str, opening.spans))
    if not opening.is_known:
        return f"sessions are kept within {spans}"
    return f"{clinic} open {spans} on {weekdays_text(days)}"


def _taken(taken: Taken) -> str:
    """“doctor.ics is busy 09:00–10:30”, “both rooms are taken all day (laser.ics)”.

    A plan's file has no more than “the time was taken”, “all rooms were taken”.
    """
    at = _at(taken.begin)
    if not taken.times:
        return at + ("the time was taken" if taken.rooms == 1 else "all rooms were taken")
    if taken.rooms == 1:
        each = zip(taken.calendars, taken.times, strict=True)
        return at + " and ".join(
            f"{name} {'come' if name == OTHER_PATIENTS else 'is busy'} {_times(times)}"
            for name, times in each
        )
    which = "both rooms" if taken.rooms == 2 else f"all {taken.rooms} rooms"
    return f"{at}{which} are taken {_times(taken.times[0])} ({', '.join(taken.calendars)})"


def _busy(who: str, times: BusyTimes | None, begin: int | None) -> str:
    """“Dr Roux is busy 10:00–10:30”; a plan's file doesn't say when."""
    return f"{_at(begin)}{who} is busy {_times(times)}" if times else f"{_at(begin)}{who} was busy"


def _at(begin: int | None) -> str:
    return "" if begin is None else f"at {clock_text(begin)} "


def _times(busy: BusyTimes | None) -> str:
    if busy is None:
        return ""
    if not busy.spans:
        return "all day"
    shown = [f"{clock_text(begin)}–{clock_text(end)}" for begin, end in busy.spans]
    return ", ".join([*shown, *[f"{busy.more} more"] * bool(busy.more)])


_MOST_LISTED = 3


def holidays_of_parts_text(of_parts: HolidaysOfParts) -> str:
    """“GB-ENG also has Mon 29 Mar 2027 (Easter Monday). …”, the days of sessions first."""
    taken = of_parts.sessions
    found = sorted(of_parts.found, key=lambda each: (each.day not in taken, each.day))
    clauses = []
    for each in found[:_MOST_LISTED]:
        *others, last = each.parts
        if len(others) >= _MOST_LISTED:
            others, last = others[:_MOST_LISTED], f"{len(others) + 1 - _MOST_LISTED} more"
        parts = f"{', '.join(others)} and {last} also have" if others else f"{last} also has"
        name = f"{each.name}, the day of a session" if each.day in taken else each.name
        clauses.append(f"{parts} {day_text(each.day)} ({name})")
    if len(found) > _MOST_LISTED:
        more = len(found) - _MOST_LISTED
        clauses.append(
            f"There {'is 1 more such day' if more == 1 else f'are {more} more such days'}"
        )
    part = found[0].parts[0]
    part = f"'{part}'" if " " in part else part
    return f"{'. '.join(clauses)}. Name the part that the clinic is in: --holidays {part}"
