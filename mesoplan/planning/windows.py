"""The windows and due days of a plan that is there already, where it does not tell them itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange
from mesoplan.planning.placement import PlacedCourse, due_day, maintenance_window
from mesoplan.planning.problem import task_of
from mesoplan.rules.limits import MAINTENANCE_SLACK_DAYS
from mesoplan.rules.protocol import preferred_intervals

if TYPE_CHECKING:
    from collections.abc import Collection

    from mesoplan.model.plan import Plan, Session


def with_windows(plan: Plan, uids: Collection[str]) -> Plan:
    """The plan with the windows of those sessions, by what its request tells of usable days.

    Maintenance is due so long after the last session of the course as it stands, if that is there.
    A session that is where it could not be put has its own day for a window.
    """
    if not uids:
        return plan
    task = task_of(plan, plan.request, plan.total_sessions)
    days = tuple(session.day for session in plan.sessions)
    start = min([*days[:1], *([plan.request.start] if plan.request.start else [])], default=None)
    numbers = [session.number for session in plan.sessions]
    if start is not None and numbers == list(range(1, len(numbers) + 1)):
        preferred = preferred_intervals(task.phases_of(plan.total_sessions))
        course = PlacedCourse(days, preferred, task.limits.intervals, start, task.for_course())
        sessions = tuple(
            replace(session, window=_window(course, index)) if session.uid in uids else session
            for index, session in enumerate(plan.sessions)
        )
        plan = replace(plan, sessions=sessions)
    if not plan.is_whole or not plan.sessions or not plan.maintenance_per_year:
        return plan
    upkeep = task.for_maintenance()

    def due(session: Session) -> Session:
        day = due_day(days[-1], session.number * 12 // plan.maintenance_per_year)
        is_near = abs((session.day - day).days) <= MAINTENANCE_SLACK_DAYS
        fits = is_near and not upkeep.blockers(session.day)
        window = maintenance_window(day, upkeep) if fits else DateRange(session.day, session.day)
        return replace(session, due=day, window=window)

    return replace(
        plan,
        maintenance=tuple(
            due(session) if session.uid in uids else session for session in plan.maintenance
        ),
    )


def _window(course: PlacedCourse, index: int) -> DateRange:
    day = course.days[index]
    before, after = course.days[max(index - 1, 0)], course.days[index + 1 : index + 2]
    intervals = [(day - before).days] if index else []
    intervals += [(following - day).days for following in after]
    # Without a neighbour nothing bounds it.
    is_legal = bool(intervals) and all(interval in course.intervals for interval in intervals)
    if not is_legal or course.availability.blockers(day):
        return DateRange(day, day)
    return course.window(index)
