"""Request -> Plan: the whole way, without a clock, a file or a screen.

Days come first: a `Problem` is solved, and only the solution that is taken is written as a plan.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import DateRange, day_text, days_text
from mesoplan.errors import InvalidInput
from mesoplan.planning.availability import last_day
from mesoplan.planning.course import (
    LONGEST_COURSE_DAYS,
    LONGEST_SEARCH_BACK_DAYS,
    NoDays,
    PlacedCourse,
    no_start,
    place_course,
)
from mesoplan.planning.maintenance import PlacedMaintenance, place_maintenance
from mesoplan.planning.practitioners import order, with_each
from mesoplan.planning.revision import new_uids, settled, with_intervals
from mesoplan.planning.sessions import course_sessions, maintenance_session
from mesoplan.rules.limits import LONGEST_DELAY_DAYS, MAINTENANCE_SLACK_DAYS, MAX_START_SLIP_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import Request
    from mesoplan.planning.problem import Problem


LONGEST_USUAL_PAST = timedelta(days=30)
"""Our own: an earlier START of a new course is more often a slip than meant."""


class Refusal(NamedTuple):
    """A problem that finds no days."""

    problem: Problem
    found: NoDays
    asked: Problem | None = None
    """The problem before somebody was chosen who treats, where several could."""


class Solution(NamedTuple):
    """The days of a course and its maintenance."""

    problem: Problem
    course: PlacedCourse | None
    """None if the course stays as it is."""
    maintenance: PlacedMaintenance | None
    """None if maintenance stays as it is."""
    fewer: Refusal | None = None
    """Why there are fewer sessions than there should be."""
    left: Refusal | None = None
    """Why what comes after a session that took place stays as it is, against the rules."""

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the whole course."""
        problem = self.problem
        if self.course is None:
            return tuple(session.day for session in (*problem.past, *problem.agreed))
        return (*(session.day for session in problem.past), *self.course.days)

    @property
    def off_wishes(self) -> tuple[int, int, int]:
        """Sessions on another weekday, the intervals, minutes from the preferred time.

        They are in the order in which the planner looks at them; the less of each, the better.
        """
        problem, planned = self.problem, () if self.course is None else self.course.days
        others = sum(not problem.is_on_weekday(day) for day in planned)
        minutes = sum(map(problem.slots.minutes_off, planned))
        return others, problem.off_rhythm(self.days), minutes

    @property
    def has_fewer_sessions(self) -> bool:
        """Whether there are fewer sessions than there should be, now or since an earlier change."""
        before = self.problem.before
        were_fewer = any(notice.code == "FEWER_SESSIONS" for notice in before.notices)
        return self.fewer is not None or (were_fewer and len(self.days) == before.total_sessions)

    @property
    def late_day(self) -> date | None:
        """The day of the session that comes after its last day within the rules, if one does."""
        if self.course is not None and self.course.is_late:
            return self.course.days[0]
        maintenance = () if self.maintenance is None else self.maintenance.days
        return next((each.day for each in maintenance if each.late is not None), None)

    def written(self) -> Plan:
        """The plan, with times, identities, windows and reasons, and the notices of before."""
        problem, uids = self.problem, new_uids(self.problem.before)
        course: Sequence[Session] = (*problem.past, *problem.agreed)
        if self.course is not None:
            course = course_sessions(problem, self.course, uids)
        elif self.left is not None:
            course = with_intervals(course)
        maintenance = problem.maintenance
        if self.maintenance is not None:
            placed = self.maintenance.days
            maintenance = tuple(maintenance_session(problem, each, uids) for each in placed)
        plan = replace(as_asked(problem), sessions=tuple(course), maintenance=maintenance)
        return settled(problem.before, plan, problem.gone, problem.now)


def as_asked(problem: Problem) -> Plan:
    """The plan before, with all that a problem says of the next one but its sessions."""
    planned = problem.planned_phases
    return replace(
        problem.before,
        request=problem.next_request,
        goal=problem.goal,
        area=problem.area,
        phases=planned,
        protocol_phases=problem.phases if len(problem.phases) > len(planned) else (),
        maintenance_per_year=problem.maintenance_per_year,
        duration_minutes=problem.duration_minutes,
        cancelled=False,
    )


def solve(
    problem: Problem,
    *,
    chooses: bool = True,
    course_stays: bool = False,
    took_place: bool = False,
) -> Solution | Refusal:
    """The days of the course, with fewer sessions if it makes do with them, and of maintenance.

    Where nobody is named who treats, it *chooses* the one whose course is the best, the first of
    several alike; but not for what took place.

    With *course_stays* only maintenance is placed. Where the change says that a session
    *took_place*, that overrides days that were chosen by hand, and what finds no day after it is
    left as it is: for others to say.
    """
    if took_place or (not chooses and problem.request.practitioner is None):
        return _solve_with(problem, course_stays=course_stays, took_place=took_place)
    return best_of(with_each(problem), problem, course_stays=course_stays)


def best_of(
    choices: Sequence[Problem], asked: Problem | None = None, *, course_stays: bool = False
) -> Solution | Refusal:
    """The best of the solutions with each who could treat; *asked* is the problem without them."""
    found = [_solve_with(each, course_stays=course_stays) for each in choices]
    if solutions := [each for each in found if isinstance(each, Solution)]:
        return min(solutions, key=order)
    refusals = [each for each in found if isinstance(each, Refusal)]
    return refusals[0]._replace(asked=asked if len(refusals) > 1 else None)


def _solve_with(
    problem: Problem, *, course_stays: bool = False, took_place: bool = False
) -> Solution | Refusal:
    """The same with the one who treats, or with anybody who is free."""
    course: PlacedCourse | None = None
    fewer = left = None
    if not course_stays:
        placed = _place_course(problem, took_place=took_place)
        if isinstance(placed, Refusal):
            if not took_place or problem.of_course.late is not None:
                return placed
            left = placed
        else:
            problem, course, fewer = placed
    sessions = problem.past if course is not None else (*problem.past, *problem.agreed)
    days = (*(session.day for session in sessions), *(course.days if course is not None else ()))
    if not days:
        return Solution(problem, course, None, fewer, left)
    maintenance = place_maintenance(problem, days[-1])
    if isinstance(maintenance, PlacedMaintenance):
        return Solution(problem, course, maintenance, fewer, left)
    refusal = Refusal(problem, maintenance)
    if not took_place or problem.of_course.late is not None:
        return refusal
    return Solution(problem, course, None, fewer, left or refusal)


def _place_course(
    problem: Problem, *, took_place: bool
) -> tuple[Problem, PlacedCourse, Refusal | None] | Refusal:
    """The course, with the most sessions that find days, and why there are no more."""
    first: Refusal | None = None
    for sessions in range(problem.sessions, problem.least_sessions - 1, -1):
        asked = problem if sessions == problem.sessions else replace(problem, sessions=sessions)
        placed = place_course(asked)
        if isinstance(placed, NoDays) and took_place:
            free = replace(asked, lets_go=True)
            freely = place_course(free)
            asked, placed = (free, freely) if isinstance(freely, PlacedCourse) else (asked, placed)
        if isinstance(placed, PlacedCourse):
            return asked, placed, first
        last = Refusal(asked, placed)
        first = first or last
        if placed.has_no_start:
            break
    return last


def require_recent_start(problem: Problem) -> None:
    """Raise InvalidInput for a START so long ago that its year may be a slip, unless it is meant.

    Only where the problem says which day it is.
    """
    request, start = problem.request, problem.request.given_start
    if start is None or request.past:
        return
    ago = problem.today - start
    if ago > LONGEST_USUAL_PAST:
        raise InvalidInput(
            f"START is in {start.year}: {day_text(start)} is {days_text(ago.days)} ago",
            f"check the year; if the course began in {start.year}, add --past (in a table: "
            "yes in the column “past”)",
        )


def days_that_matter(request: Request) -> DateRange:
    """The days of which a plan for *request*, or a way out of a refusal, can depend on.

    Raises InvalidInput if nothing says when the course could begin.
    """
    end = last_day(request)
    last = None if end is None else end.day
    given = [day for day in (request.given_start, last) if day is not None]
    if not given:
        raise no_start()
    back_days = MAX_START_SLIP_DAYS if request.given_start else LONGEST_SEARCH_BACK_DAYS
    maintenance_days = 366 * request.years + MAINTENANCE_SLACK_DAYS
    ahead_days = LONGEST_DELAY_DAYS + MAX_START_SLIP_DAYS + LONGEST_COURSE_DAYS + maintenance_days
    return DateRange(
        min(given) - timedelta(days=back_days), max(given) + timedelta(days=ahead_days)
    )
