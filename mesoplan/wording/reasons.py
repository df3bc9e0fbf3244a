"""Why a day or a time can't be used, and why a session is not where it was preferred, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, list_text, weekdays_text
from mesoplan.dates.times import clock_text
from mesoplan.model import causes as of
from mesoplan.model.plan import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from mesoplan.model.causes import BusyTimes, Cause, LastDay, Opening, Taken
    from mesoplan.model.plan import Reason
    from mesoplan.planning.appointments import HolidaysOfParts


def begun(clause: str) -> str:
    """A clause as a sentence begins; a name of a file there stays as it is written."""
    is_word = clause.split(" ", 1)[0].isalpha()
    return clause[:1].upper() + clause[1:] if is_word else clause


def reason_text(reason: Reason) -> str:
    """A reason in words: “Fri 25 Dec 2026: Christmas Day (FR)”.

    One that was read back has the words of its file. One about days begins with them, unless its
    words name them anyway.
    """
    cause, days = reason.cause, reason.days
    if isinstance(cause, str) and cause:
        return cause
    if not cause or not days:
        return NEUTRAL_REASONS[reason.code]
    text = cause_text(cause, days)
    is_of_days = (
        isinstance(cause, _OF_DAYS)
        or (isinstance(cause, of.Taken) and cause.begin is None)
        or cause is of.Plain.DAY_PASSED
    )
    listed = list_text(days) if days else ""
    names_weekdays = isinstance(cause, of.ClosedWeekday) and len(days) > 1
    return text if not is_of_days or names_weekdays or listed in text else f"{listed}: {text}"


NEUTRAL_REASONS = {
    ReasonCode.CLOSED_WEEKDAY: "closed on that weekday",
    ReasonCode.HOLIDAY: "a public holiday",
    ReasonCode.CLOSURE: "closed then",
    ReasonCode.AWAY: "away then",
    ReasonCode.GIVEN_UP: "missed or given up",
    ReasonCode.BUSY: "the time was taken",
    ReasonCode.CAPACITY: "all rooms were taken",
    ReasonCode.HOURS: "the opening hours",
    ReasonCode.DEADLINE: "the end of the trip",
    ReasonCode.LOOK_AHEAD: "so that the ones after it fit",
    ReasonCode.PINNED: "chosen by hand",
    ReasonCode.AGREED: "agreed before",
    ReasonCode.PAST: "the preferred day was past",
}
"""What is said of a reason of which a file has no words."""

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
)


def causes_on(causes: Iterable[Cause], day: date) -> str:
    """Several causes for the same day, in words."""
    return "; ".join(cause_text(cause, [day]) for cause in causes)


def cause_text(cause: Cause, days: Sequence[date]) -> str:
    """A cause as a clause without the days that it is about, at most with their weekdays."""
    match cause:
        case str():
            return cause
        case of.ClosedWeekday():
            return f"the clinic is closed on {weekdays_text(days)}"
        case of.Closed(closed, why):
            return f"the clinic is closed {closed}" + (f" ({why})" if why else "")
        case of.Holiday(name, region):
            return f"{name} ({region})"
        case of.Away(away):
            return f"the patient is away {away}"
        case of.NotArrived(arrive):
            return f"the patient arrives on {day_text(arrive)}"
        case of.LastDay():
            return f"too late {purpose_text(cause)}"
        case of.NightSkipped(clock):
            return f"clocks skip {clock:%H:%M}"
        case of.GivenUp(day):
            return f"{day_text(day)} was missed or given up"
        case of.NoSlotLeft(opening, minutes, asked, clocks_change):
            within = f" {asked.in_words}" if asked is not None else ""
            change = " while clocks change" if clocks_change else ""
            return f"{_open(opening, days)}, which leaves no {minutes} minutes{within}{change}"
        case of.Taken():
            return _taken(cause)
        case of.TimePassed(passed, had):
            return f"{clock_text(passed)} had passed" if had else "that time has passed"
        case of.PastMidnight(minutes):
            return f"a session of {minutes} minutes would run past midnight"
        case of.ClockSkipped(skipped):
            return f"clocks skip {clock_text(skipped)}"
        case of.NotOpen(opening, at):
            return f"{_open(opening, days)}, not at {clock_text(at)}"
        case of.BetweenSlots(slot_minutes, first):
            return f"sessions begin every {slot_minutes} minutes from {clock_text(first)}"
        case of.ClosesTooSoon(opening, minutes, at):
            no_time = f"which leaves no {minutes} minutes from {clock_text(at)}"
            return f"{_open(opening, days)}, {no_time}"
        case of.AgreedTime(agreed, by_hand):
            return f"{clock_text(agreed)} was {'chosen by hand' if by_hand else 'agreed before'}"
        case of.NoDayLeft(late, was):
            return f"no legal day {'was' if was else 'is'} left: {late}"
        case of.NoCourseGoesOn(day, obstacle, causes):
            why = f"{day_text(obstacle)}: {causes_on(causes, obstacle)}"
            return f"no legal course goes on from {day_text(day)} ({why})"
        case of.SharesShift(number, obstacle, causes):
            why = f"{day_text(obstacle)}: {causes_on(causes, obstacle)}"
            return f"shares the shift that session {number} needs ({why})"
        case of.Plain.DAY_PASSED:
            return "the time has passed"
        case of.Plain.AGREED:
            return f"{day_text(days[0])} was agreed before"
        case of.Plain.BY_HAND:
            return f"{day_text(days[0])} was chosen by hand"
        case of.Plain.TOOK_PLACE:
            return f"it took place on {day_text(days[0])}"
        case of.Plain.NO_COURSE_BEGINS:
            return f"no legal course begins on {list_text(days)}"
        case of.Plain.MAKES_ROOM:
            return "so that the sessions after it fit"


def purpose_text(last: LastDay) -> str:
    """What the last day is kept for, with the rule: “to travel home on Wed 20 Jan 2027 (R5)”."""
    purpose = "to travel home on" if last.rule_id == "R5" else "to have recovered by"
    return f"{purpose} {day_text(last.until)} ({last.rule_id})"


def _open(opening: Opening, days: Sequence[date]) -> str:
    spans = " and ".join(map(str, opening.spans))
    if not opening.is_known:
        return f"sessions are kept within {spans}"
    return f"{weekdays_text(days)} are open {spans}"


def _taken(taken: Taken) -> str:
    """“doctor.ics is busy 09:00–10:30”, “both rooms are taken all day (book, doctor.ics)”.

    A plan's file has no more than “the time was taken”, “all rooms were taken”.
    """
    at = f"at {clock_text(taken.begin)} " if taken.begin is not None else ""
    if not taken.times:
        return at + ("the time was taken" if taken.rooms == 1 else "all rooms were taken")
    if taken.rooms == 1:
        each = zip(taken.calendars, taken.times, strict=True)
        return at + " and ".join(f"{name} is busy {_times(times)}" for name, times in each)
    which = "both rooms" if taken.rooms == 2 else f"all {taken.rooms} rooms"
    return f"{at}{which} are taken {_times(taken.times[0])} ({', '.join(taken.calendars)})"


def _times(busy: BusyTimes) -> str:
    if not busy.spans:
        return "all day"
    shown = [f"{clock_text(begin)}–{clock_text(end)}" for begin, end in busy.spans]
    return ", ".join([*shown, *[f"{busy.more} more"] * bool(busy.more)])


_MOST_LISTED = 3


def holidays_of_parts_text(of_parts: HolidaysOfParts) -> str:
    """“GB-ENG also has Mon 29 Mar 2027 (Easter Monday); …”, the days of sessions first."""
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
            f"there {'is 1 more such day' if more == 1 else f'are {more} more such days'}"
        )
    part = found[0].parts[0]
    part = f"'{part}'" if " " in part else part
    return f"{'; '.join(clauses)}; name the part that the clinic is in, as in --holidays {part}"
