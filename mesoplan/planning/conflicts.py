"""Why no legal plan exists, in words: the rule or constraint, the days, and what closes them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange, day_text, list_text, span_text, weekdays_text
from mesoplan.model.plan import ReasonCode
from mesoplan.model.refusal import Conflict
from mesoplan.planning.availability import NoSlot
from mesoplan.planning.solver import members, reachable, within_interval
from mesoplan.rules.limits import (
    INTERVAL_DAYS,
    MAINTENANCE_SLACK_DAYS,
    MAX_INTERVAL_DAYS,
    MAX_START_SLIP_DAYS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesoplan.planning.availability import Availability, LastDay
    from mesoplan.rules.protocol import Limits

_MOST_CAUSES = 6
_THOSE_WEEKDAYS = "{those weekdays}"


def course_conflict(
    availability: Availability,
    end: LastDay | None,
    origin: date,
    usable: int,
    starts: int,
    sessions: int,
    limits: Limits,
    first_number: int = 1,
) -> Conflict:
    """The place where the days of a course run out, for a course that has no legal days.

    *usable* and *starts*, the days that the first session to place may have, are sets of days
    counted from *origin*. *first_number* is the number of that session, of *sessions* in all.
    """
    if not starts:
        return _start_conflict(availability, end, origin, sessions)
    steps = sessions - first_number
    reach = reachable(usable, starts, steps, limits.intervals)
    if end is not None:
        conflict = _deadline_conflict(
            availability, end, origin, starts, sessions, limits, first_number
        )
        if conflict is not None:
            return conflict
    place = next(place for place, days in enumerate(reach) if not days)
    number = first_number + place
    before = [origin + timedelta(days=day) for day in members(reach[place - 1])]
    within = members(within_interval(reach[place - 1], limits.intervals))
    days = tuple(origin + timedelta(days=day) for day in within)
    text = (
        f"session {number} of {sessions} finds no day: it must come {limits.interval_rule.limit} "
        f"after session {number - 1} ({span_text(before[0], before[-1])}), on "
        f"{span_text(days[0], days[-1])} ({limits.interval_rule_text}), and no such day can be "
        f"used: {causes_text(availability, days)}"
    )
    return Conflict("BLOCKED", INTERVAL_DAYS.id, sessions, number, days, text)


def _start_conflict(
    availability: Availability, end: LastDay | None, origin: date, sessions: int
) -> Conflict:
    """The conflict of a course for whose first session there is no day."""
    last = origin + timedelta(days=MAX_START_SLIP_DAYS)
    if end is not None and end.day < origin:
        text = (
            f"session 1 can't be before {day_text(origin)}, and the last session must be on "
            f"{day_text(end.day)} or before, {end.purpose}"
        )
        return Conflict("NO_START", end.rule_id, sessions, 1, (origin,), text)
    if end is not None:
        last = min(last, end.day)
    days = tuple(DateRange(origin, last))
    text = f"session 1 finds no day on {span_text(origin, last)}: {causes_text(availability, days)}"
    if end is not None and last == end.day:
        text += f"; the last session must be on {day_text(end.day)} or before, {end.purpose}"
    return Conflict("NO_START", None, sessions, 1, days, text)


def _deadline_conflict(
    availability: Availability,
    end: LastDay,
    origin: date,
    starts: int,
    sessions: int,
    limits: Limits,
    first_number: int,
) -> Conflict | None:
    """The conflict with the trip or deadline, if the course would find its days without that."""
    steps = sessions - first_number
    without_end = availability.without(ReasonCode.DEADLINE)
    last = (end.day - origin).days
    # The first day may be that of a session that took place, whatever blocks it.
    usable = without_end.usable(origin, max(last, 0) + MAX_INTERVAL_DAYS * sessions + 1) | starts
    reach = reachable(usable, starts, steps, limits.intervals)
    if not reach[-1]:
        return None
    finish = next(members(reach[-1]))
    number = first_number + next(
        place for place, days in enumerate(reach) if next(members(days)) > last
    )
    first = next(members(starts))
    begin, earliest_finish = (origin + timedelta(days=day) for day in (first, finish))
    if first_number == 1:
        which = f"{sessions} sessions from {day_text(begin)}"
    else:
        which = f"the sessions after session {first_number} of {sessions} ({day_text(begin)})"
    text = (
        f"{which} can't end before {day_text(earliest_finish)}, and the last session must be on "
        f"{day_text(end.day)} or before, {end.purpose}"
    )
    if first + limits.min_interval_days * steps <= last:
        text += f"; in between {causes_text(without_end, DateRange(begin, end.day))}"
    days = tuple(DateRange(end.day + timedelta(days=1), earliest_finish))
    return Conflict("DEADLINE", end.rule_id, sessions, number, days, text)


def maintenance_conflict(availability: Availability, number: int, due: date) -> Conflict:
    """The conflict of a maintenance session that finds no day around the one when it is due."""
    slack = timedelta(days=MAINTENANCE_SLACK_DAYS)
    days = tuple(DateRange(due - slack, due + slack))
    text = (
        f"maintenance {number}, due on {day_text(due)}, finds no day within "
        f"{MAINTENANCE_SLACK_DAYS} days of it (R3): {causes_text(availability, days)}"
    )
    return Conflict("MAINTENANCE", "R3", 0, number, days, text)


def causes_text(availability: Availability, days: Iterable[date]) -> str:
    """What blocks the days, in words, each cause once; closed weekdays come last."""
    causes: dict[tuple[ReasonCode, str], list[date]] = {}
    closed_on: set[date] = set()
    for day in days:
        for source in availability.blockers(day):
            if source.code is ReasonCode.CLOSED_WEEKDAY:
                closed_on.add(day)
            elif isinstance(source, NoSlot):
                phrase = source.phrase_about(day, _THOSE_WEEKDAYS)
                causes.setdefault((source.code, phrase), []).append(day)
            else:
                causes.setdefault((source.code, source.phrase(day)), []).append(day)
    listed = [_cause(code, phrase, blocked) for (code, phrase), blocked in causes.items()]
    if len(listed) > _MOST_CAUSES:
        listed[_MOST_CAUSES:] = [f"{len(listed) - _MOST_CAUSES} other causes"]
    if closed_on:
        listed.append(f"the clinic is closed on {weekdays_text(closed_on)}")
    return "; ".join(listed)


def _cause(code: ReasonCode, phrase: str, days: Sequence[date]) -> str:
    if code is ReasonCode.HOLIDAY:
        return " and ".join(f"{day_text(day)} is {phrase}" for day in days)
    if code in (ReasonCode.BUSY, ReasonCode.CAPACITY):
        return f"{list_text(days)}: {phrase}"
    return phrase.replace(_THOSE_WEEKDAYS, weekdays_text(days))
