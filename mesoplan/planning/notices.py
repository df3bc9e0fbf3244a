"""What the reader of a whole plan must know beside its dates, as codes and values.

`wording.notices` makes the sentences, and shows which values a code has.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta, timezone
from itertools import chain
from typing import TYPE_CHECKING

from mesoplan.dates.days import WEEKDAYS, DateRange, months_after
from mesoplan.dates.holidays import each_name, half_holidays, holiday_year, region_name
from mesoplan.dates.times import clock_at, clocks_change, minutes_of
from mesoplan.dates.zones import instant, shown_twice
from mesoplan.errors import InvalidInput
from mesoplan.model.causes import ClosedWeekday
from mesoplan.model.plan import Notice, ReasonCode
from mesoplan.planning.availability import closed_weekdays, further_holidays
from mesoplan.planning.problem import problem_for
from mesoplan.planning.sessions import Whys
from mesoplan.rules.limits import EVENT_MARGIN_DAYS, MAINTENANCE_SLACK_DAYS, RECOVERY_DAYS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime, time

    from mesoplan.model.plan import Plan, Reason, Session
    from mesoplan.model.request import Request
    from mesoplan.planning.planner import Refusal, Solution
    from mesoplan.planning.problem import Problem
    from mesoplan.planning.slots import Slots

_NOT_WITHIN_THE_RULES = "REST_NOT_LEGAL"
_USUAL_MONTHS_AHEAD = 24
_OLD_LATER_START = "later than it did"
"""How old files say what `_later_start` says."""


def notices_of(solution: Solution, plan: Plan) -> Iterator[Notice]:
    """What the reader of the plan that a solution was written as must know."""
    problem, fewer, left = solution.problem, solution.fewer, solution.left
    if problem.begins_anew:
        yield from _of_new(solution, plan)
    if never := _never_open(problem):
        yield Notice("WEEKDAY_CLOSED", (never,))
    if fewer is not None:
        yield _fewer(fewer, plan)
    if not problem.begins_anew:
        yield from _carried(problem, plan)
    for each in () if solution.maintenance is None else solution.maintenance.left_out:
        slack = timedelta(days=MAINTENANCE_SLACK_DAYS)
        why = problem.maintenance_days.reasons(DateRange(each.due - slack, each.due + slack))
        yield Notice("MAINTENANCE_LEFT_OUT", (each.number, each.due, why))
    yield from _of_days(problem, plan)
    if not problem.begins_anew:
        yield from late_notices(plan)
    elif problem.caution:
        yield Notice("CAUTION", (problem.goal,))
    yield from _margin(problem, plan)
    if left is not None:
        yield _rest(left)


def _never_open(problem: Problem) -> tuple[int, ...]:
    """The weekdays that are newly preferred, and on which the clinic never opens."""
    request, before = problem.request, problem.before.request
    is_new = problem.begins_anew or request.weekdays != before.weekdays
    return tuple(sorted(request.weekdays & closed_weekdays(request))) if is_new else ()


def _fewer(refusal: Refusal, plan: Plan) -> Notice:
    """That there are fewer sessions than there should be: the end, and what else is in the way."""
    problem, end = refusal.problem, refusal.problem.end
    why: tuple[Reason, ...] = ()
    if end is not None and plan.sessions[0].day <= end.day:
        days = problem.course_days.without(ReasonCode.PAST)
        reasons = days.reasons(DateRange(plan.sessions[0].day, end.day))
        why = tuple(each for each in reasons if not isinstance(each.cause, ClosedWeekday))
    return Notice("FEWER_SESSIONS", (plan.total_sessions, problem.sessions, end, why))


def _rest(refusal: Refusal) -> Notice:
    """That what comes after a session that took place stays as it is, against the rules."""
    # Not needed for most plans.
    from mesoplan.planning.conflicts import clash_of

    clash = clash_of(refusal.problem, refusal.found)
    course = clash.sessions > 0
    days = refusal.problem.course_days if course else refusal.problem.maintenance_days
    is_late = clash.code == "TOO_LATE"
    last = clash.days[-1] if is_late and course else None
    why = () if is_late else days.reasons(clash.days)
    return Notice(_NOT_WITHIN_THE_RULES, (course, clash.session, is_late, last, why))


def _margin(problem: Problem, plan: Plan) -> Iterator[Notice]:
    """That bruises may still show on the day of an event, and the deadline that prevents it."""
    event, before = problem.request.finish_by, problem.before.sessions
    if event is None or not plan.sessions:
        return
    last = plan.sessions[-1].day
    is_news = problem.begins_anew or not before or before[-1].day != last
    if is_news and 0 < (event - last).days < EVENT_MARGIN_DAYS:
        earlier = event - timedelta(days=EVENT_MARGIN_DAYS - RECOVERY_DAYS)
        fits = problem.begins_anew and _fits(problem, replace(problem.request, finish_by=earlier))
        yield Notice("SHORT_MARGIN", (last, event, earlier if fits else None))


def _fits(problem: Problem, request: Request) -> bool:
    """Whether a request in place of that of a new course gives as many sessions."""
    from mesoplan.planning.planner import Solution, solve

    # What can't be asked for, as an end before START, gives none.
    with suppress(InvalidInput):
        again = problem_for(request, problem.before, now=problem.now, not_before=problem.not_before)
        found = solve(again)
        return isinstance(found, Solution) and len(found.days) == problem.sessions
    return False


def _of_new(solution: Solution, plan: Plan) -> Iterator[Notice]:
    """What must be known of where a new course begins and ends."""
    problem = solution.problem
    first, last = plan.sessions[0].day, plan.sessions[-1].day
    start, end = problem.request.given_start, problem.end
    if start is not None and first > start:
        placed = solution.course
        why = () if placed is None else Whys(problem, placed, placed.days).of_a_late_start()
        yield Notice("START_SLIPPED", (first, start, tuple(why)))
    if start is not None and not problem.is_on_weekday(first):
        near = (first + timedelta(days=days) for days in range(1, 2 * len(WEEKDAYS)))
        free = (day for day in near if not problem.course_days.blockers(day))
        instead = next(filter(problem.is_on_weekday, free), None)
        yield Notice("START_WEEKDAY", (first, tuple(sorted(problem.request.weekdays)), instead))
    if start is None and end is not None:
        early_days = (end.day - last).days
        if early_days >= problem.limits.max_interval_days:
            yield Notice("ENDS_EARLY", (early_days,))
    if first < problem.first_day:
        past = sum(session.day < problem.first_day for session in plan.sessions)
        yield Notice("IN_THE_PAST", (past, first))
    # The year may be a slip: nobody plans so far ahead.
    if problem.today > date.min and first > months_after(problem.today, _USUAL_MONTHS_AHEAD):
        yield Notice("FAR_AHEAD", (first,))


def _carried(problem: Problem, plan: Plan) -> Iterator[Notice]:
    """What still holds of what was known before, and that the course begins later than it did."""
    before, still = problem.before, set[str]()
    there = before.sessions and plan.sessions
    if there and before.sessions[0].day == plan.sessions[0].day:
        still.add("START_SLIPPED")
    if there and before.sessions[-1].day == plan.sessions[-1].day:
        still.add("ENDS_EARLY")
    if before.total_sessions == plan.total_sessions:
        still.add("FEWER_SESSIONS")
    if _breaks_the_rules(problem, plan):
        still.add(_NOT_WITHIN_THE_RULES)
    lasting = (each for each in before.notices if not _is_later_start(each))
    yield from (notice for notice in lasting if notice.code in still)
    if there and not problem.past:
        first, was = plan.sessions[0].day, before.sessions[0].day
        if first > was:
            yield Notice("START_SLIPPED", (first, was, None))


def _is_later_start(notice: Notice) -> bool:
    """Whether it says that a change made the course begin later: that is news once."""
    if isinstance(notice.about, str):
        return notice.about.endswith(_OLD_LATER_START)
    return notice.code == "START_SLIPPED" and notice.about[-1] is None


def _breaks_the_rules(problem: Problem, plan: Plan) -> bool:
    allowed = (None, *problem.limits.intervals)
    return any(
        session.interval_days not in allowed and session.late is None
        for session in plan.sessions
        if not problem.is_past(session)
    )


def late_notices(plan: Plan) -> Iterator[Notice]:
    """The sessions after their last day within the rules."""
    limits = plan.request.limits
    for session in plan.active:
        # Once what took place before it was put right, it may turn out to be in time.
        in_time = session.kind == "course" and session.interval_days in (None, *limits.intervals)
        if session.late is not None and not in_time:
            is_course = session.kind == "course"
            yield Notice("LATE", (is_course, session.number, session.day, session.late))


def _of_days(problem: Problem, plan: Plan) -> Iterator[Notice]:
    """What the days and times of sessions ask to be known, however they came there."""
    sessions, slots = _looked_at(problem, plan)
    if sessions:
        yield from _hours(slots, sessions)
        yield from _clocks(slots, sessions)
        yield from _holidays(problem, sessions)


def _looked_at(problem: Problem, plan: Plan) -> tuple[Sequence[Session], Slots]:
    """The sessions that matter, and the slots that their times are from."""
    if problem.begins_anew:
        return plan.active, problem.slots
    coming = [session for session in plan.active if not problem.is_past(session)]
    usual = problem.usual_days.slots
    times = {
        session.day: minutes_of(session.start.time())
        for session in coming
        if _usual_time(session, usual) is None
    }
    pin = problem.of_course.pin
    if pin is not None and pin.clock is not None:
        # What was asked for, whatever the clocks make of it.
        times[pin.day] = minutes_of(pin.clock)
    # Not the agreed times: of those the clocks may have made something else.
    return coming, problem.slots.keeping(times)


def _usual_time(session: Session, slots: Slots) -> time | None:
    """When a session on its day would begin, if it does, whatever the clocks make of that."""
    best = slots.best(session.day)
    if best is None or instant(session.day, clock_at(best), slots.zone) != session.start:
        return None
    return clock_at(best)


def _hours(slots: Slots, sessions: Sequence[Session]) -> Iterator[Notice]:
    if slots.hours_are_assumed and not slots.fixed:
        yield Notice("HOURS_ASSUMED", (tuple(slots.usual_spans), ()))
    opened = tuple(session.day for session in sessions if slots.is_assumed_on(session.day))
    if opened:
        yield Notice("HOURS_ASSUMED", (tuple(slots.usual_spans), opened))


def _holidays(problem: Problem, sessions: Sequence[Session]) -> Iterator[Notice]:
    first, last = sessions[0].window.first.year, sessions[-1].window.last.year
    for region in dict.fromkeys(map(region_name, problem.request.holidays)):
        years = range(first, last + 1)
        unknown = tuple(year for year in years if not holiday_year(region, year).complete)
        if unknown:
            yield Notice("HOLIDAYS_UNKNOWN", (region, unknown))
    for found in further_holidays(
        problem.request,
        problem.usual_days,
        [each.day for each in sessions],
        [each.day for each in sessions if each.kind == "course"],
        chain.from_iterable(each.window for each in sessions if each.kind != "course"),
    ):
        yield Notice(found.code, (found,))
    if halves := tuple(_half_holidays(problem.request, {each.day for each in sessions})):
        yield Notice("HALF_HOLIDAYS", (halves,))


def _half_holidays(request: Request, days: Collection[date]) -> Iterator[tuple[date, str]]:
    """The half holidays among the days of which nobody knows the hour, or has said it."""
    said = {day for each in request.closed_times for day in (each.begin.date(), each.end.date())}
    open_on = frozenset(name.casefold() for name in request.open_holidays)
    for day in sorted(set(days) - said - request.open_days):
        names = {
            found.name: None
            for region in map(region_name, request.holidays)
            if (found := half_holidays(region, day.year).get(day)) is not None
            and found.from_minutes is None
            and not open_on.issuperset(each_name(found.name))
        }
        if names:
            yield day, "; ".join(names)


def _clocks(slots: Slots, sessions: Sequence[Session]) -> Iterator[Notice]:
    for session in sessions:
        start, end = _by_offset(session.start), _by_offset(session.end)
        same_offset = start.utcoffset() == end.utcoffset()
        if same_offset and not clocks_change(session.day, slots.zone):
            continue
        asked = _usual_time(session, slots)
        if asked is None:
            # It was put there by hand, in a calendar.
            continue
        if session.start.time() != asked or shown_twice(session.start):
            yield Notice("CLOCK_CHANGE", (asked, start, None))
        elif not same_offset:
            yield Notice("CLOCK_CHANGE", (asked, start, end))


def _by_offset(moment: datetime) -> datetime:
    """The same moment in a zone without a change of clocks, so that it can be compared."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()), fold=0)
