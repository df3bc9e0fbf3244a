"""Request -> Plan: the whole way, without a clock, a file or a screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange
from mesoplan.dates.times import MINUTES_A_DAY, TimeRange, minutes_of
from mesoplan.errors import InvalidInput
from mesoplan.model.plan import Notice, Plan, Session, Stay
from mesoplan.model.refusal import Conflict, NoLegalPlan
from mesoplan.planning.availability import last_day
from mesoplan.planning.notices import course_notices, notices_of
from mesoplan.planning.placement import PlacedCourse, due_day, maintenance_place
from mesoplan.planning.problem import Task, task_for
from mesoplan.planning.solver import last_member, members, on_courses, perfect_starts, solve
from mesoplan.rules.limits import (
    LONGEST_DELAY_DAYS,
    MAINTENANCE_SLACK_DAYS,
    MAX_INTERVAL_DAYS,
    MAX_SESSIONS,
    MAX_START_SLIP_DAYS,
    MIN_DAYS_BEFORE_TRAVEL,
)
from mesoplan.rules.protocol import preferred_intervals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesoplan.model.request import Request
    from mesoplan.planning.availability import Availability, LastDay
    from mesoplan.planning.solver import Pick

_COURSE_DAYS = (MAX_SESSIONS - 1) * MAX_INTERVAL_DAYS
_LONGEST_SEARCH_BACK_DAYS = _COURSE_DAYS + 366
"""How long before its last possible day a course without START may begin."""


def plan(
    request: Request,
    *,
    not_before: date | None = None,
    now: datetime | None = None,
    explains: bool = True,
) -> Plan:
    """The best legal plan for *request*; the same request always gives the same plan.

    *not_before* is the first day, in the clinic's zone, whose session would not be in the past. It
    only matters where START is not given (no course is planned to begin before it), in what a
    refusal offers, and for the warning that session 1 lies in the past. *now* (aware) takes its
    place where the time of day counts: the first day then is `Task.first_day_not_past`, for
    this request and for each change of it that a refusal tries.

    Raises InvalidInput (UnknownName, OutsideRule, …) for a value that no plan can have, and
    NoLegalPlan, with the conflict and the ways out, when there is no legal schedule. Unless it
    *explains*, a refusal has neither words nor ways out, and takes a fraction of the time.
    """
    task = task_for(request, not_before, now)
    if not explains:
        quick = _attempt(replace(task, explains=False))
        if not isinstance(quick, Plan):
            raise NoLegalPlan(quick, ())
        if not any(notice.code == "FEWER_SESSIONS" for notice in quick.notices):
            return quick
    outcome = _attempt(task)
    if isinstance(outcome, Plan):
        return outcome
    from mesoplan.planning.ways_out import find_ways_out

    def solve_again(changed: Request) -> Plan | None:
        again = _attempt(replace(task_for(changed, not_before, now), explains=False))
        return again if isinstance(again, Plan) else None

    raise NoLegalPlan(
        outcome,
        find_ways_out(
            request,
            outcome,
            task.first_day_not_past,
            task.duration_minutes,
            task.limits,
            solve_again,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Upkeep:
    """One maintenance session before it has a time of day."""

    number: int
    due: date
    day: date
    window: DateRange


def days_that_matter(request: Request) -> DateRange:
    """The days of which a plan for *request*, or a way out of a refusal, can depend on.

    Raises InvalidInput when nothing says when the course could begin.
    """
    end = last_day(request)
    last = None if end is None else end.day
    given = [day for day in (request.given_start, last) if day is not None]
    if not given:
        raise _no_start()
    back_days = MAX_START_SLIP_DAYS if request.given_start else _LONGEST_SEARCH_BACK_DAYS
    maintenance_days = 366 * request.years + MAINTENANCE_SLACK_DAYS
    ahead_days = LONGEST_DELAY_DAYS + MAX_START_SLIP_DAYS + _COURSE_DAYS + maintenance_days
    return DateRange(
        min(given) - timedelta(days=back_days), max(given) + timedelta(days=ahead_days)
    )


def _attempt(task: Task) -> Plan | Conflict:
    _require_time_for_a_session(task)
    warnings: list[Notice] = []
    course = _place_course(task, warnings)
    if isinstance(course, Conflict):
        return course
    upkeep = _place_maintenance(task, course.days[-1], warnings)
    if isinstance(upkeep, Conflict):
        return upkeep
    return _write_up(task, course, upkeep, warnings)


def _require_time_for_a_session(task: Task) -> None:
    asked, minutes = task.request.time_of_day, task.duration_minutes
    if isinstance(asked, TimeRange):
        if asked.end_minutes - asked.begin_minutes < minutes:
            raise InvalidInput(
                f"a session of {minutes} minutes does not fit into {asked}",
                "choose a longer range of times or a shorter duration",
            )
    elif task.request.opening_hours is None and minutes_of(asked) + minutes > MINUTES_A_DAY:
        raise InvalidInput(
            f"a session of {minutes} minutes at {asked:%H:%M} would run past midnight",
            "choose an earlier time or a shorter duration",
        )


def _place_course(task: Task, warnings: list[Notice]) -> PlacedCourse | Conflict:
    """The best course: with the sessions asked for, or the most that the trip leaves room for."""
    availability = task.for_course()
    end = last_day(task.request)
    first_conflict = None
    for sessions in _session_counts(task, end):
        preferred = preferred_intervals(task.phases_of(sessions))
        placed = _place_sessions(task, availability, end, preferred)
        if isinstance(placed, PlacedCourse):
            if first_conflict is not None:
                text = f"{sessions} sessions, not {task.sessions}: {first_conflict.text}"
                warnings.append(Notice("FEWER_SESSIONS", text))
            return placed
        first_conflict = first_conflict or placed
        if placed.code == "NO_START":
            break
    return placed


def _session_counts(task: Task, end: LastDay | None) -> Sequence[int]:
    """The numbers of sessions to try, in order: fewer only for a protocol within a trip."""
    if task.request.sessions is None and end is not None:
        return range(task.sessions, task.limits.min_sessions - 1, -1)
    return (task.sessions,)


def _place_sessions(
    task: Task, availability: Availability, end: LastDay | None, preferred: tuple[int, ...]
) -> PlacedCourse | Conflict:
    start = task.request.given_start
    intervals = task.limits.intervals
    if start is not None:
        origin = start
        usable = availability.usable(origin, MAX_START_SLIP_DAYS + _COURSE_DAYS + 1)
        starts = _first_days(usable, task.request.flex_days)
        tries: list[int] = [starts]
    elif end is not None:
        earliest = [end.day - timedelta(days=_LONGEST_SEARCH_BACK_DAYS)]
        earliest += [
            day for day in (task.request.arrive, task.first_day_not_past) if day is not None
        ]
        origin = max(earliest)
        length = max((end.day - origin).days + 1, 0)
        usable = starts = availability.usable(origin, length)
        tries = _first_days_before_an_end(usable, length, preferred)
    else:
        raise _no_start()
    offsets = None
    for first_days in tries:
        if on_courses(usable, first_days, len(preferred), intervals)[0]:
            minutes_off = availability.minutes_off(origin, usable.bit_length())
            pick: Pick = "latest" if start is None else "earliest"
            offsets = solve(usable, preferred, intervals, minutes_off, starts=first_days, pick=pick)
            break
    if offsets is None:
        sessions = len(preferred) + 1
        if not task.explains:
            return Conflict("BLOCKED" if starts else "NO_START", None, sessions, 0, (), "")
        from mesoplan.planning.conflicts import course_conflict

        return course_conflict(availability, end, origin, usable, starts, sessions, task.limits)
    days = tuple(origin + timedelta(days=offset) for offset in offsets)
    return PlacedCourse(days, preferred, intervals, start or days[0], availability)


def _no_start() -> InvalidInput:
    return InvalidInput(
        "START is missing, and no trip or deadline says when the course could begin",
        "write the first day after the goal: mesoplan plan hair 2026-12-01",
    )


def _first_days_before_an_end(usable: int, length: int, preferred: tuple[int, ...]) -> list[int]:
    """The days for session 1 of a course that is to end by the last of *length* days, in order.

    The latest from which every preferred interval is kept; then those from which the course ends at
    most 90 days before its time; then all.
    """
    perfect = perfect_starts(usable, preferred)
    near = max(length - 1 - sum(preferred) - MAX_START_SLIP_DAYS, 0)
    return [1 << last_member(perfect) if perfect else 0, usable >> near << near, usable]


def _first_days(usable: int, flex_days: int) -> int:
    """The days that session 1 may have, counted from START, as a set.

    They end with the first usable day on or after the last START that the flex allows.
    """
    days = 0
    for day in members(usable & ((1 << (MAX_START_SLIP_DAYS + 1)) - 1)):
        days |= 1 << day
        if day >= flex_days:
            break
    return days


def _place_maintenance(task: Task, last: date, warnings: list[Notice]) -> list[_Upkeep] | Conflict:
    """The maintenance sessions; one that finds no day is a conflict only if it was asked for."""
    availability = task.for_maintenance()
    placed: list[_Upkeep] = []
    per_year = task.maintenance_per_year
    for number in range(1, per_year * task.request.years + 1):
        due = due_day(last, number * 12 // per_year)
        place = maintenance_place(due, availability)
        if place is not None:
            placed.append(_Upkeep(number, due, *place))
            continue
        from mesoplan.planning.conflicts import maintenance_conflict

        conflict = maintenance_conflict(availability, number, due)
        if task.request.maintenance_per_year is not None:
            return conflict
        warnings.append(Notice("MAINTENANCE_LEFT_OUT", f"left out: {conflict.text}"))
    return placed


def _write_up(
    task: Task, course: PlacedCourse, upkeep: list[_Upkeep], warnings: list[Notice]
) -> Plan:
    """The plan, with times of day, identities, windows, reasons and warnings."""
    request = task.request
    availability = task.for_maintenance()
    sessions = []
    for index, (day, window) in enumerate(zip(course.days, course.windows(), strict=True)):
        start, end = task.moments(day, availability)
        first = index == 0
        sessions.append(
            Session(
                number=index + 1,
                kind="course",
                uid=f"{request.plan_id}-{index + 1:02d}",
                start=start,
                end=end,
                interval_days=None if first else (day - course.days[index - 1]).days,
                preferred_interval_days=None if first else course.preferred[index - 1],
                window=window,
                reasons=course.reasons(index),
            )
        )
    maintenance = []
    for serial, item in enumerate(upkeep, start=len(sessions) + 1):
        start, end = task.moments(item.day, availability)
        maintenance.append(
            Session(
                number=item.number,
                kind="maintenance",
                uid=f"{request.plan_id}-{serial:02d}",
                start=start,
                end=end,
                due=item.due,
                window=item.window,
                reasons=(
                    *(() if item.day == item.due else availability.reasons([item.due])),
                    *availability.reasons_for_time(item.day),
                ),
            )
        )
    days = course.days
    return Plan(
        id=request.plan_id,
        revision=0,
        request=request,
        goal=task.goal,
        area=task.area,
        phases=tuple((phase.sessions, phase.interval_days) for phase in task.phases_of(len(days))),
        maintenance_per_year=task.maintenance_per_year,
        duration_minutes=task.duration_minutes,
        sessions=tuple(sessions),
        maintenance=tuple(maintenance),
        stay=Stay(days[0], days[-1] + timedelta(days=MIN_DAYS_BEFORE_TRAVEL)),
        notices=(
            *course_notices(task, course),
            *warnings,
            *notices_of(task, (*sessions, *maintenance), availability.slots),
        ),
        last_serial=len(sessions) + len(maintenance),
    )
