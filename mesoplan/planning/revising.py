"""A plan for another request than before: what took place stays, and each appointment its identity.

A row of a batch that was changed asks for this. How much of what was agreed stays depends on what
the row says otherwise: see `Kept`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput
from mesoplan.model.plan import Notice, Plan, Status
from mesoplan.model.refusal import Conflict, NoLegalPlan
from mesoplan.planning.availability import last_day
from mesoplan.planning.changing import Step
from mesoplan.planning.maintenance import PlacedUpkeep, place_upkeep
from mesoplan.planning.planner import plan as make_plan
from mesoplan.planning.problem import task_for
from mesoplan.planning.replanner import Refused, rest_of, upkeep_of, written_up
from mesoplan.planning.rest_of_course import NoDays, place_rest
from mesoplan.planning.revision import appointments_on, course_of, settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mesoplan.model.plan import Session
    from mesoplan.model.request import Request
    from mesoplan.planning.problem import Task


class Kept(IntEnum):
    """What stays of what was agreed; each keeps what those before it keep.

    What took place, and days that were chosen by hand, stay in any case.
    """

    NOTHING = 0
    """The course is planned as a new one is: another START, or other preferred intervals."""
    DAYS = 1
    """As many days as can be; times are chosen anew: another time of day."""
    TIMES = 2
    """As many days as can be with their times: other closed days, absences, numbers."""
    ALL = 3
    """All days and times: other words."""


def revised(plan: Plan, request: Request, kept: Kept, *, now: datetime) -> Plan:
    """The next revision of *plan*, for a request in place of its own, at the moment *now* (aware).

    A plan that was cancelled is taken up again, unless only words change. Busy times are not kept.
    Raises InvalidInput for a request that no plan can have, and NoLegalPlan when no legal plan is
    left.
    """
    request = replace(request, plan_id=plan.id)
    if request.timezone != plan.request.timezone:
        plan = _in_zone(plan, request.timezone, now)
    task = task_for(request, None)
    settles = any(each.is_past(now) or each.pinned for each in plan.sessions)
    if kept is Kept.ALL:
        base = _base(plan, task, plan.total_sessions)
        after = settled(plan, replace(base, cancelled=plan.cancelled), (), now)
    elif (kept is Kept.NOTHING or plan.cancelled) and not settles:
        after = _as_new(plan, request, now)
    else:
        after = _with_facts(plan, task, kept, now)
    return replace(after, request=replace(after.request, busy=plan.request.busy))


def _in_zone(plan: Plan, zone_name: str, now: datetime) -> Plan:
    """The plan with what took place, or was dropped, as the clocks of another zone tell it.

    What is to come keeps its times of day, which are other moments then.
    """
    zone = find_zone(zone_name)

    def told(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        return tuple(
            replace(each, start=each.start.astimezone(zone), end=each.end.astimezone(zone))
            if each.is_past(now) or each.status is not Status.PLANNED
            else each
            for each in sessions
        )

    return replace(
        plan,
        sessions=told(plan.sessions),
        maintenance=told(plan.maintenance),
        dropped=told(plan.dropped),
    )


def _base(plan: Plan, task: Task, sessions: int) -> Plan:
    """The plan with all that another request says of it but its sessions."""
    return replace(
        plan,
        request=task.request,
        goal=task.goal,
        area=task.area,
        phases=tuple((each.sessions, each.interval_days) for each in task.phases_of(sessions)),
        maintenance_per_year=task.maintenance_per_year,
        duration_minutes=task.duration_minutes,
        cancelled=False,
    )


def _as_new(plan: Plan, request: Request, now: datetime) -> Plan:
    """A new course in place of one of which nothing took place."""
    new = make_plan(request, now=now)
    appointments = appointments_on([session.day for session in new.sessions], plan.sessions)
    upkeep = {session.number: session for session in plan.maintenance}

    def known(session: Session, before: Session | None) -> Session:
        if before is None:
            return replace(session, uid="")
        return replace(session, uid=before.uid, sequence=before.sequence)

    facts = tuple(session for session in plan.maintenance if session.is_past(now))
    numbers = {fact.number for fact in facts}
    after = replace(
        new,
        revision=plan.revision,
        sessions=tuple(known(each, appointments.get(each.day)) for each in new.sessions),
        maintenance=(
            *facts,
            *(
                known(each, upkeep.get(each.number))
                for each in new.maintenance
                if each.number not in numbers
            ),
        ),
        row_digest=plan.row_digest,
    )
    return settled(plan, after, (), now)


def _with_facts(plan: Plan, task: Task, kept: Kept, now: datetime) -> Plan:
    """The plan with what is still to come planned anew."""
    refused: list[Conflict] = []
    for sessions in _session_counts(plan, task, now):
        step = Step(
            plan=_base(plan, task, sessions),
            sessions=sessions,
            keeps_days=kept >= Kept.DAYS,
            keeps_times=kept >= Kept.TIMES,
        )
        outcome = _placed(plan, step, now)
        if isinstance(outcome, Plan):
            warnings = [each for each in outcome.notices if each.code != "FEWER_SESSIONS"]
            if refused:
                text = f"{sessions} sessions, not {task.sessions}: {refused[0].text}"
                warnings.insert(0, Notice("FEWER_SESSIONS", text))
            return replace(outcome, notices=tuple(warnings))
        refused.append(outcome.conflict())
    refusal = NoLegalPlan(refused[0], ())
    refusal.remedy = (
        "what is past, or was chosen by hand, leaves no day: ask for other days, or say “miss” of "
        "what did not take place"
    )
    raise refusal


def _session_counts(plan: Plan, task: Task, now: datetime) -> Sequence[int]:
    """The numbers of sessions to try, in order: fewer only for a protocol within a trip.

    Raises InvalidInput where more took place than were asked for.
    """
    facts = sum(session.is_past(now) for session in plan.sessions)
    if task.request.sessions is None:
        most = max(task.sessions, facts)
        fewest = max(task.limits.min_sessions, facts)
        return range(most, fewest - 1, -1) if last_day(task.request) is not None else (most,)
    if task.sessions < facts:
        raise InvalidInput(
            f"{facts} sessions took place or are past, so the course can't have {task.sessions}",
            f"ask for {facts} or more, or say “miss” of those that did not take place",
        )
    return (task.sessions,)


def _placed(plan: Plan, step: Step, now: datetime) -> Plan | Refused:
    rest = rest_of(step, now)
    placed = place_rest(rest)
    if isinstance(placed, NoDays):
        return Refused(rest, placed)
    course = course_of(rest, placed)
    upkeep = (
        place_upkeep(upkeep_of(step, rest, now), course[-1].day) if course else PlacedUpkeep((), ())
    )
    if isinstance(upkeep, Conflict):
        return Refused(rest, upkeep)
    return written_up(plan, step, rest, course, upkeep)
