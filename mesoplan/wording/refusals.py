"""Why there is no plan, in words: the rule or constraint, the days, and what closes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import (
    DateRange,
    day_text,
    days_text,
    list_text,
    span_text,
    weekdays_text,
)
from mesoplan.dates.times import clock_text, minutes_of
from mesoplan.model.causes import ClosedWeekday, NotOpen, Taken
from mesoplan.model.plan import ReasonCode
from mesoplan.model.refusal import Conflict
from mesoplan.planning.course import (
    days_for_pin,
    onward,
    search_for,
    solve_search,
    unusable_by_hand,
)
from mesoplan.planning.solver import members, reachable, within_interval
from mesoplan.rules.limits import (
    INTERVAL_DAYS,
    LONGEST_DELAY_DAYS,
    MAINTENANCE_SLACK_DAYS,
    MAX_INTERVAL_DAYS,
    MAX_START_SLIP_DAYS,
)
from mesoplan.wording.reasons import cause_text, causes_on, purpose_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesoplan.model.causes import Cause, LastDay
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.course import NoDays, Search
    from mesoplan.planning.problem import Pin, Problem

_MOST_CAUSES = 6


def conflict_of(problem: Problem, found: NoDays) -> Conflict:
    """Why a problem finds no days."""
    match found.why:
        case "TOO_LATE":
            return _too_late(problem)
        case "NO_LATE_DAY":
            return _no_late_day(problem)
        case "TOO_MANY_PINNED":
            return _too_many_pinned(problem)
        case "PINNED_DAY" | "SEARCHED":
            return _no_course(problem, found)
        case _:
            return _no_maintenance(problem, found)


def _no_course(problem: Problem, found: NoDays) -> Conflict:
    in_time = problem.of_course.late is None
    if in_time and (conflict := _too_near_or_far(problem)):
        return conflict
    if found.why == "PINNED_DAY":
        return _pinned_day(problem)
    search = found.search or search_for(problem)
    chosen = problem.of_course.pin is not None or problem.by_hand
    if chosen and solve_search(problem, search, bound=False) is not None:
        return _pinned_apart(problem, search)
    return course_conflict(problem, search)


def _too_late(problem: Problem) -> Conflict:
    last, limits, rule = problem.past[-1], problem.limits, problem.limits.interval_rule
    number, first_day = problem.next_number, problem.first_day
    in_time = problem.last_day_in_time or last.day
    text = (
        f"session {number} of {problem.sessions} must come {rule.limit} after session "
        f"{len(problem.past)} ({day_text(last.day)}), on {day_text(in_time)} at the latest "
        f"({limits.interval_rule_text}), and {day_text(first_day)}, {(first_day - last.day).days} "
        "days after it, is the first day that is left"
    )
    return Conflict("TOO_LATE", INTERVAL_DAYS.id, problem.sessions, number, (in_time,), text)


def _no_late_day(problem: Problem) -> Conflict:
    first, number = problem.first_day, problem.next_number
    last = first + timedelta(days=LONGEST_DELAY_DAYS)
    text = (
        f"no day on {span_text(first, last)} can be used that leaves a legal course for "
        f"session {number} and those after it"
    )
    return Conflict("TOO_LATE", None, problem.sessions, number, (first, last), text)


def _too_near_or_far(problem: Problem) -> Conflict | None:
    """The conflict of the next session with what took place before it, where that is plain."""
    pin = problem.of_course.pin
    if pin is None or pin.number != problem.next_number or not problem.past:
        return None
    last, limits = problem.past[-1], problem.limits
    interval = (pin.day - last.day).days
    if interval in limits.intervals:
        return None
    text = (
        f"session {pin.number} can't be on {day_text(pin.day)}: that is {days_text(interval)} "
        f"after session {len(problem.past)} ({day_text(last.day)}), and it must come "
        f"{limits.interval_rule.limit} after it ({limits.interval_rule_text})"
    )
    return Conflict("PINNED", INTERVAL_DAYS.id, problem.sessions, pin.number, (pin.day,), text)


def _too_many_pinned(problem: Problem) -> Conflict:
    days = tuple(session.day for session in problem.by_hand)
    text = (
        f"of {problem.sessions} sessions {problem.to_place} are still to come, and {len(days)} "
        f"days were chosen by hand: {list_text(days)}"
    )
    return Conflict("PINNED", None, problem.sessions, problem.next_number, days, text)


def _pinned_day(problem: Problem) -> Conflict:
    unusable = next(unusable_by_hand(problem))
    day, why = unusable.day, causes_on(unusable.causes, unusable.day)
    if unusable.clock is not None and not isinstance(unusable.causes[0], NotOpen):
        why = f"not at {clock_text(unusable.clock)}: {why}"
    pin = problem.of_course.pin
    if pin is not None and pin.day == day:
        number = pin.number or problem.next_number
        what = f"{_pinned(problem)} can't be on {day_text(day)}"
    else:
        number = next(each.number for each in problem.agreed if each.day == day)
        what = f"session {number} was put on {day_text(day)} by hand, and can't stay there"
    return Conflict("PINNED", None, problem.sessions, number, (day,), f"{what}: {why}")


def _pinned_apart(problem: Problem, search: Search) -> Conflict:
    """The conflict of days that were chosen by hand, where a course without them has days."""
    wanted, sessions, limits = problem.of_course, problem.sessions, problem.limits
    pin, by_hand = wanted.pin, [session.day for session in problem.by_hand]
    rule = f"{limits.interval_rule.limit} from each to the next, {limits.interval_rule_text}"
    free = replace(problem, of_course=replace(wanted, pin=None))
    if pin is None or solve_search(free, search) is None:
        text = (
            f"no legal course of {sessions} sessions has a session on {list_text(by_hand)}, chosen "
            f"by hand ({rule})"
        )
        number = problem.by_hand[0].number
        return Conflict("PINNED", INTERVAL_DAYS.id, sessions, number, tuple(by_hand), text)
    blocked = _blocked_after_pin(problem)
    why = f" ({rule})" if blocked is None else f": {blocked.text}"
    text = f"with {_pinned(problem)} on {day_text(pin.day)} no legal course is left{why}"
    possible = days_for_pin(problem, search)
    if possible:
        text += f"; it can be on {_runs_text(possible)}"
    if by_hand:
        text += f", while {list_text(by_hand)} {'stay' if len(by_hand) > 1 else 'stays'} as chosen"
        text += " by hand"
    number = pin.number or problem.next_number
    days = (pin.day, *(blocked.days if blocked is not None else ()))
    return Conflict("PINNED", INTERVAL_DAYS.id, sessions, number, days, text)


def _blocked_after_pin(problem: Problem) -> Conflict | None:
    """Where the days run out for the sessions after the pinned one, if they do."""
    pin = problem.of_course.pin
    if pin is None or pin.number is None:
        return None
    search = onward(problem, pin.day, pin.number)
    steps = problem.sessions - pin.number
    if all(reachable(search.usable, search.all_starts, steps, problem.limits.intervals)):
        return None
    return course_conflict(problem, search)


def _pinned(problem: Problem) -> str:
    """“session 4”, or “a session” where any will do."""
    pin = problem.of_course.pin
    return "a session" if pin is None or pin.number is None else f"session {pin.number}"


def _runs_text(days: list[date]) -> str:
    runs: list[DateRange] = []
    for day in days:
        if runs and (day - runs[-1].last).days == 1:
            runs[-1] = DateRange(runs[-1].first, day)
        else:
            runs.append(DateRange(day, day))
    texts = [str(run) for run in runs]
    shown = texts if len(texts) < 4 else [*texts[:2], f"{len(texts) - 3} more", texts[-1]]
    return ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + shown[-1]


def course_conflict(problem: Problem, search: Search) -> Conflict:
    """The place where the days of a course run out."""
    if not search.all_starts:
        return _no_first_day(problem, search.origin)
    limits, sessions, origin = problem.limits, problem.sessions, search.origin
    steps = sessions - search.first_number
    if problem.end is not None and (conflict := _end_too_early(problem, search, problem.end)):
        return conflict
    reach = reachable(search.usable, search.all_starts, steps, limits.intervals)
    place = next(place for place, days in enumerate(reach) if not days)
    number = search.first_number + place
    before = [origin + timedelta(days=day) for day in members(reach[place - 1])]
    within = members(within_interval(reach[place - 1], limits.intervals))
    days = tuple(origin + timedelta(days=day) for day in within)
    text = (
        f"session {number} of {sessions} finds no day: it must come {limits.interval_rule.limit} "
        f"after session {number - 1} ({span_text(before[0], before[-1])}), on "
        f"{span_text(days[0], days[-1])} ({limits.interval_rule_text}), and no such day can be "
        f"used: {causes_text(problem.course_days, days)}"
    )
    return Conflict("BLOCKED", INTERVAL_DAYS.id, sessions, number, days, text)


def _no_first_day(problem: Problem, origin: date) -> Conflict:
    """The conflict of a course for whose first session there is no day."""
    end, last = problem.end, origin + timedelta(days=MAX_START_SLIP_DAYS)
    if end is not None and end.day < origin:
        text = (
            f"session 1 can't be before {day_text(origin)}, and the last session must be on "
            f"{day_text(end.day)} or before, {purpose_text(end)}"
        )
        return Conflict("NO_START", end.rule_id, problem.sessions, 1, (origin,), text)
    if end is not None:
        last = min(last, end.day)
    days = tuple(DateRange(origin, last))
    causes = causes_text(problem.course_days, days)
    text = f"session 1 finds no day on {span_text(origin, last)}: {causes}"
    if end is not None and last == end.day:
        text += f"; the last session must be on {day_text(end.day)} or before, {purpose_text(end)}"
    return Conflict("NO_START", None, problem.sessions, 1, days, text)


def _end_too_early(problem: Problem, search: Search, end: LastDay) -> Conflict | None:
    """The conflict with the trip or deadline, if the course would find its days without that."""
    sessions, limits, origin = problem.sessions, problem.limits, search.origin
    steps = sessions - search.first_number
    without_end = problem.course_days.without(ReasonCode.DEADLINE)
    last = (end.day - origin).days
    # The first day may be that of a session that took place, whatever blocks it.
    usable = without_end.usable(origin, max(last, 0) + MAX_INTERVAL_DAYS * sessions + 1)
    reach = reachable(usable | search.all_starts, search.all_starts, steps, limits.intervals)
    if not reach[-1]:
        return None
    finish = next(members(reach[-1]))
    number = search.first_number + next(
        place for place, days in enumerate(reach) if next(members(days)) > last
    )
    first = next(members(search.all_starts))
    begin, earliest_finish = (origin + timedelta(days=day) for day in (first, finish))
    which = f"{sessions} sessions from {day_text(begin)}"
    if search.first_number > 1:
        which = f"the sessions after session {search.first_number} of {sessions} "
        which += f"({day_text(begin)})"
    text = (
        f"{which} can't end before {day_text(earliest_finish)}, and the last session must be on "
        f"{day_text(end.day)} or before, {purpose_text(end)}"
    )
    if first + limits.min_interval_days * steps <= last:
        text += f"; in between {causes_text(without_end, DateRange(begin, end.day))}"
    days = tuple(DateRange(end.day + timedelta(days=1), earliest_finish))
    return Conflict("DEADLINE", end.rule_id, sessions, number, days, text)


def _no_maintenance(problem: Problem, found: NoDays) -> Conflict:
    """The conflict of a maintenance session."""
    number, due, pin = found.number, found.due, problem.of_maintenance.pin
    name, first_day = f"maintenance {number}", problem.first_day
    if found.why == "MAINTENANCE_PINNED" and pin is not None:
        text = f"{name} {_why_not_on(problem.maintenance_days, pin, due)}"
        return Conflict("PINNED", "R3", 0, number, (pin.day,), text)
    if found.why == "MAINTENANCE_TOO_LATE":
        text = (
            f"{name} was due on {day_text(due)}, and all days within {MAINTENANCE_SLACK_DAYS} days "
            "of that are past (R3)"
        )
        return Conflict("TOO_LATE", "R3", 0, number, (first_day,), text)
    if found.why == "MAINTENANCE_NO_LATE_DAY":
        text = f"{name} finds no usable day within a year of {day_text(first_day)}"
        return Conflict("MAINTENANCE", "R3", 0, number, (first_day,), text)
    slack = timedelta(days=MAINTENANCE_SLACK_DAYS)
    days = tuple(DateRange(due - slack, due + slack))
    text = (
        f"{name}, due on {day_text(due)}, finds no day within {MAINTENANCE_SLACK_DAYS} days of it "
        f"(R3): {causes_text(problem.maintenance_days, days)}"
    )
    return Conflict("MAINTENANCE", "R3", 0, number, days, text)


def _why_not_on(days: Availability, pin: Pin, due: date) -> str:
    """Why maintenance can't be on the day, or at the time, that was asked for."""
    if abs((pin.day - due).days) > MAINTENANCE_SLACK_DAYS:
        return (
            f"can't be on {day_text(pin.day)}: it is due on {day_text(due)}, and must be within "
            f"{MAINTENANCE_SLACK_DAYS} days of that (R3)"
        )
    blockers = days.blockers(pin.day)
    if blockers or pin.clock is None:
        why = causes_on((each.cause for each in blockers), pin.day)
        return f"can't be on {day_text(pin.day)}: {why}"
    cause = days.slots.why_not_at(pin.day, minutes_of(pin.clock))
    why = "" if cause is None else cause_text(cause, [pin.day])
    return f"can't be on {day_text(pin.day)} at {pin.clock:%H:%M}: {why}"


def causes_text(availability: Availability, days: Iterable[date]) -> str:
    """What blocks the days, in words, each cause once; closed weekdays come last."""
    causes: dict[tuple[ReasonCode, Cause], list[date]] = {}
    closed_on: set[date] = set()
    for day in days:
        for code, cause in availability.blockers(day):
            if isinstance(cause, ClosedWeekday):
                closed_on.add(day)
            else:
                causes.setdefault((code, cause), []).append(day)
    listed = [_cause(code, cause, blocked) for (code, cause), blocked in causes.items()]
    if len(listed) > _MOST_CAUSES:
        listed[_MOST_CAUSES:] = [f"{len(listed) - _MOST_CAUSES} other causes"]
    if closed_on:
        listed.append(f"the clinic is closed on {weekdays_text(closed_on)}")
    return "; ".join(listed)


def _cause(code: ReasonCode, cause: Cause, days: Sequence[date]) -> str:
    text = cause_text(cause, days)
    if code is ReasonCode.HOLIDAY:
        return " and ".join(f"{day_text(day)} is {text}" for day in days)
    return f"{list_text(days)}: {text}" if isinstance(cause, Taken) else text
