"""Who treats: the one whose best course is the best, where nobody says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesoplan.model.practitioner import Practitioner
    from mesoplan.model.request import Request
    from mesoplan.planning.planner import Solution
    from mesoplan.planning.problem import Problem


def with_each(problem: Problem) -> tuple[Problem, ...]:
    """The problem with each practitioner who could treat, in the clinic's order.

    Just the problem where one is named, or the clinic names none. Raises InvalidInput for one who
    is not at the clinic, or doesn't treat the goal, and where nobody does.
    """
    request = problem.request
    if not request.practitioners:
        return (problem,)
    able = [each for each in request.practitioners if each.treats(problem.goal)]
    if request.practitioner is not None:
        _require_able(request, able, problem)
        return (problem,)
    if not able:
        raise InvalidInput(
            f"nobody at the clinic treats {problem.goal}",
            "add the goal to a practitioner in the clinic's profile",
        )
    return tuple(replace(problem, request=replace(request, practitioner=each.id)) for each in able)


def _require_able(request: Request, able: Sequence[Practitioner], asked: Problem) -> None:
    """Raise InvalidInput unless the practitioner who is named can treat the goal."""
    if any(each.id == request.practitioner for each in able):
        return
    there = {each.id: each.name for each in request.practitioners}
    listed = ", ".join(f"--with {each.id} ({each.name})" for each in able)
    name = request.practitioner or ""
    if name in there:
        problem = f"{there[name]} doesn't treat {asked.goal}"
    elif not asked.begins_anew:
        problem = f"this plan is with {quoted(name)}, who is no longer in the clinic's profile"
    else:
        problem = f"there is no practitioner {quoted(name)} in the clinic's profile"
    remedy = "add the goal to a practitioner in the clinic's profile"
    if listed:
        remedy = f"name {'one' if asked.begins_anew else 'who treats from now on'}: {listed}"
    raise InvalidInput(problem, remedy)


def order(solution: Solution) -> tuple[object, ...]:
    """What the best of several solutions has least; each is the best with one practitioner.

    More sessions come first. Of a change then come the fewest days that were not agreed before, of
    a new course its first day; what makes a course the best one decides the rest. To keep the
    rhythm, the intervals come before the days that were agreed.
    """
    problem, days = solution.problem, solution.days
    others, squares, minutes = solution.off_wishes
    new = 0
    if problem.keeps_days and not problem.begins_anew and solution.course is not None:
        new = len(set(solution.course.days) - {session.day for session in problem.had})
    is_dated = problem.begins_anew and problem.request.given_start is not None
    first = days[0].toordinal() if days else 0
    latest = 0 if is_dated or not problem.begins_anew else -first
    return (
        *(-len(days), squares if problem.keeps_rhythm else 0),
        *(new, first if is_dated else 0, others, squares, latest, minutes),
        *(days[-1:], days),
    )
