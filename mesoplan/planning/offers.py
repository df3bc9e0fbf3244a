"""The best days to which one session can go, each solved before it is offered."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput
from mesoplan.model.changes import Move
from mesoplan.planning.course import search_for
from mesoplan.planning.maintenance import days_outwards
from mesoplan.planning.planner import Solution
from mesoplan.planning.problem import carried_on, problem_of
from mesoplan.planning.replanner import after_change
from mesoplan.planning.solver import members, on_courses

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from mesoplan.model.changes import Keep
    from mesoplan.model.plan import Plan, Session, SessionName
    from mesoplan.model.request import Request

MOST_OFFERS = 3
_DAYS_FOR_A_LATE_ONE = 28


def best_moves(
    plan: Plan, name: SessionName, now: datetime, was: Request, late: str | None, keep: Keep
) -> list[Move]:
    """The best moves of a session to another day, at most three; none if no day will do.

    The plan has its new request already; *was* is the one before. The fewest new dates for the
    patient come first, then what makes a course the best one.
    """
    session = plan.find(name)
    if session is None or session.is_past(now):
        return []
    found: list[tuple[tuple[object, ...], Move]] = []
    for place, day in enumerate(_days_to_try(plan, session, now, late)):
        move = Move(name, day, late=late)
        # What makes no sense is not offered.
        with suppress(InvalidInput):
            solution = after_change(plan, move, now, was, keep)
            if isinstance(solution, Solution):
                found.append(((*_rank(plan, solution, day), place), move))
    return [move for _, move in sorted(found, key=itemgetter(0))[:MOST_OFFERS]]


def _days_to_try(plan: Plan, session: Session, now: datetime, late: str | None) -> list[date]:
    """The days that the session might have, its own left out."""
    problem = carried_on(problem_of(plan, now=now), plan)
    days: Iterable[date]
    if late is not None:
        usable = problem.maintenance_days.usable(problem.first_day, _DAYS_FOR_A_LATE_ONE)
        days = (problem.first_day + timedelta(days=offset) for offset in members(usable))
    elif session.kind == "maintenance":
        days = days_outwards(session.due or session.day, problem.maintenance_days)
    else:
        search, intervals = search_for(problem), problem.limits.intervals
        steps = problem.sessions - search.first_number
        reach = on_courses(search.usable, search.all_starts, steps, intervals)
        of_number = dict(enumerate(reach, search.first_number))
        days = map(search.day, members(of_number.get(session.number, 0)))
    return [day for day in days if day != session.day and day >= problem.first_day]


def _rank(plan: Plan, solution: Solution, day: date) -> tuple[object, ...]:
    """What the best of several moves to a day has least, seen by the patient."""
    problem, days, placed = solution.problem, solution.days, solution.maintenance
    agreed = {session.day for session in plan.sessions}
    new = sum(each not in agreed for each in days)
    for each in () if placed is None else placed.days:
        new += each.before is None or each.before.day != each.day
    others, squares, minutes = solution.off_wishes
    return (
        *(squares if problem.keeps_rhythm else 0, new),
        *(others, squares, minutes, days[-1:], days),
        not problem.is_on_weekday(day),
    )
