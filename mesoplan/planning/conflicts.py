"""Why a problem finds no days: where they run out. `wording.refusals` puts it in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import DateRange
from mesoplan.model.plan import ReasonCode
from mesoplan.planning.course import (
    days_for_pin,
    onward,
    search_for,
    solve_search,
    unusable_by_hand,
)
from mesoplan.planning.solver import first_member, last_member, members, reachable, within_interval
from mesoplan.rules.limits import (
    INTERVAL_DAYS,
    LONGEST_DELAY_DAYS,
    MAINTENANCE_PER_YEAR,
    MAINTENANCE_SLACK_DAYS,
    MAX_INTERVAL_DAYS,
    MAX_START_SLIP_DAYS,
)

if TYPE_CHECKING:
    from mesoplan.model.causes import LastDay
    from mesoplan.planning.course import NoDays, Search
    from mesoplan.planning.problem import Problem


class Clash(NamedTuple):
    """The place where the days run out: a `Conflict` without its words."""

    problem: Problem
    kind: str
    """What `NoDays` says, but where days were searched for in vain: NEXT_TOO_NEAR_OR_FAR of a
    pinned session, DAYS_APART of days chosen by hand, PIN_APART of the pinned day; and of the days
    of a course NO_FIRST_DAY, BEGINS_AFTER_END, END_TOO_EARLY, NO_DAY."""
    code: str
    """What `Conflict` says."""
    rule_id: str | None
    """The rule that leaves no other day, where one does."""
    session: int
    """The number of the session that finds no day."""
    days: tuple[date, ...]
    """The days on which it could have been, in order; none of them can be used."""
    first_number: int = 1
    """Of the sessions after END_TOO_EARLY: the number of the first."""
    span: DateRange | None = None
    """Before NO_DAY the days that the session before it can have; of END_TOO_EARLY the days from
    the first session to the earliest end."""
    possible: tuple[date, ...] = ()
    """Of PIN_APART: the days that the session could have."""
    after_pin: Clash | None = None
    """Of PIN_APART: where the days run out for the sessions after it, if they do."""
    due: date = date.min
    """The day on which maintenance is due."""

    @property
    def sessions(self) -> int:
        """How many sessions the course was to have; 0 for maintenance."""
        return 0 if self.rule_id == MAINTENANCE_PER_YEAR.id else self.problem.sessions


def clash_of(problem: Problem, found: NoDays) -> Clash:
    """Where the days of a problem run out."""
    number, rule = problem.next_number, INTERVAL_DAYS.id
    days: tuple[date, ...]
    match found.why:
        case "TOO_LATE":
            days = (problem.last_day_in_time or problem.first_day,)
            return Clash(problem, found.why, "TOO_LATE", rule, number, days)
        case "NO_LATE_DAY":
            first = problem.first_day
            days = (first, first + timedelta(days=LONGEST_DELAY_DAYS))
            return Clash(problem, found.why, "TOO_LATE", None, number, days)
        case "TOO_MANY_PINNED":
            days = tuple(session.day for session in problem.by_hand)
            return Clash(problem, found.why, "PINNED", None, number, days)
        case "PINNED_DAY" | "SEARCHED":
            return _no_course(problem, found)
        case _:
            return _no_maintenance(problem, found)


def _no_course(problem: Problem, found: NoDays) -> Clash:
    number, pin, past = problem.next_number, problem.of_course.pin, problem.past
    is_next = pin is not None and pin.number == number and problem.of_course.late is None
    if pin is not None and is_next and past:
        interval, rule = (pin.day - past[-1].day).days, INTERVAL_DAYS.id
        if interval not in problem.limits.intervals:
            return Clash(problem, "NEXT_TOO_NEAR_OR_FAR", "PINNED", rule, number, (pin.day,))
    if found.why == "PINNED_DAY":
        day = next(unusable_by_hand(problem))
        if pin is None or pin.day != day:
            number = next(each.number for each in problem.agreed if each.day == day)
        elif pin.number is not None:
            number = pin.number
        return Clash(problem, found.why, "PINNED", None, number, (day,))
    search = found.search or search_for(problem)
    chosen = pin is not None or problem.by_hand
    if chosen and solve_search(problem, search, bound=False) is not None:
        return _days_apart(problem, search)
    return _days_run_out(problem, search)


def _days_apart(problem: Problem, search: Search) -> Clash:
    """The conflict of days that were chosen by hand, where a course without them has days."""
    pin, rule = problem.of_course.pin, INTERVAL_DAYS.id
    free = replace(problem, of_course=problem.of_course._replace(pin=None))
    if pin is None or solve_search(free, search) is None:
        days = tuple(session.day for session in problem.by_hand)
        return Clash(problem, "DAYS_APART", "PINNED", rule, problem.by_hand[0].number, days)
    after = None
    if pin.number is not None:
        onwards, steps = onward(problem, pin.day, pin.number), problem.sessions - pin.number
        if not all(reachable(onwards.usable, 1, steps, problem.limits.intervals)):
            after = _days_run_out(problem, onwards)
    number = pin.number or problem.next_number
    days = (pin.day, *(after.days if after is not None else ()))
    possible = tuple(days_for_pin(problem, search))
    return Clash(
        problem, "PIN_APART", "PINNED", rule, number, days, possible=possible, after_pin=after
    )


def _days_run_out(problem: Problem, search: Search) -> Clash:
    """The place where the days of a course run out."""
    origin, end, intervals = search.origin, problem.end, problem.limits.intervals
    if not search.all_starts:
        if end is not None and end.day < origin:
            return Clash(problem, "BEGINS_AFTER_END", "NO_START", end.rule_id, 1, (origin,))
        last = origin + timedelta(days=MAX_START_SLIP_DAYS)
        days = tuple(DateRange(origin, last if end is None else min(last, end.day)))
        return Clash(problem, "NO_FIRST_DAY", "NO_START", None, 1, days)
    if end is not None and (clash := _end_too_early(problem, search, end)):
        return clash
    steps = problem.sessions - search.first_number
    reach = reachable(search.usable, search.all_starts, steps, intervals)
    place = next(place for place, days in enumerate(reach) if not days)
    before = reach[place - 1]
    span = DateRange(search.day(first_member(before)), search.day(last_member(before)))
    days = tuple(search.day(day) for day in members(within_interval(before, intervals)))
    number = search.first_number + place
    return Clash(problem, "NO_DAY", "BLOCKED", INTERVAL_DAYS.id, number, days, span=span)


def _end_too_early(problem: Problem, search: Search, end: LastDay) -> Clash | None:
    """The conflict with the trip or deadline, if the course would find its days without that."""
    sessions, starts, first_number = problem.sessions, search.all_starts, search.first_number
    last = (end.day - search.origin).days
    # The first day may be that of a session that took place, whatever blocks it.
    usable = starts | problem.course_days.without(ReasonCode.DEADLINE).usable(
        search.origin, max(last, 0) + MAX_INTERVAL_DAYS * sessions + 1
    )
    reach = reachable(usable, starts, sessions - first_number, problem.limits.intervals)
    if not reach[-1]:
        return None
    place = next(place for place, days in enumerate(reach) if first_member(days) > last)
    span = DateRange(search.day(first_member(starts)), search.day(first_member(reach[-1])))
    return Clash(
        problem,
        "END_TOO_EARLY",
        "DEADLINE",
        end.rule_id,
        first_number + place,
        tuple(DateRange(end.day + timedelta(days=1), span.last)),
        first_number=first_number,
        span=span,
    )


def _no_maintenance(problem: Problem, found: NoDays) -> Clash:
    pin, due, slack = problem.of_maintenance.pin, found.due, timedelta(days=MAINTENANCE_SLACK_DAYS)
    code: str = "MAINTENANCE"
    days: tuple[date, ...] = (problem.first_day,)
    if found.why == "MAINTENANCE_PINNED" and pin is not None:
        code, days = "PINNED", (pin.day,)
    elif found.why == "MAINTENANCE_TOO_LATE":
        code = "TOO_LATE"
    elif found.why == "MAINTENANCE":
        days = tuple(DateRange(due - slack, due + slack))
    return Clash(problem, found.why, code, MAINTENANCE_PER_YEAR.id, found.number, days, due=due)
