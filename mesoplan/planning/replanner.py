"""Plan + change -> Plan: keeps what is agreed, and never moves what took place.

A *fact* is a session that took place, or whose time has come while nobody says otherwise. Facts
are the first sessions of a course. The *rest* comes after them, and is planned anew whenever a
change asks for it: with the fewest days that were not agreed before, then as a new course is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mesoplan.dates.times import minutes_of
from mesoplan.errors import InvalidInput
from mesoplan.model.changes import Attend, Change, Extend
from mesoplan.model.plan import Plan, SessionName, Status
from mesoplan.model.refusal import Conflict, NoLegalPlan
from mesoplan.planning.changing import step_of
from mesoplan.planning.maintenance import PlacedUpkeep, Upkeep, place_upkeep
from mesoplan.planning.problem import task_of
from mesoplan.planning.refusal_of_change import conflict_of, ways_out_of_change
from mesoplan.planning.rest_of_course import NoDays, PlacedRest, Rest, first_day_left, place_rest
from mesoplan.planning.revision import (
    course_of,
    left_as_it_is,
    notices_after,
    numbered,
    settled,
    with_intervals,
)

if TYPE_CHECKING:
    from datetime import date, datetime

    from mesoplan.model.plan import Session
    from mesoplan.model.request import Request
    from mesoplan.planning.changing import Step


def replan(plan: Plan, change: Change, *, now: datetime, request: Request | None = None) -> Plan:
    """The plan after a change that is asked for at the moment *now* (aware).

    What *request*, or else that of *plan*, says of closed days, busy times, absences and the trip
    holds for all that is planned anew; busy times are not kept. Raises InvalidInput for a change
    that makes no sense for this plan, and NoLegalPlan, with the conflict and the ways out, when no
    legal plan is left after it.
    """

    def attempt(asked: Plan, changed: Change) -> Plan | Refused:
        # What is new about closed days or absences may well move the course, whatever changes.
        return _attempt(asked, changed, now, course_stays=asked.request == plan.request)

    def try_again(asked: Plan, changed: Change) -> Plan | None:
        try:
            again = attempt(asked, changed)
        except InvalidInput:
            return None
        return again if isinstance(again, Plan) else None

    asked = plan if request is None else replace(plan, request=request)
    outcome = attempt(asked, change)
    if isinstance(outcome, Plan):
        kept = replace(outcome.request, busy=plan.request.busy)
        return _different(plan, replace(outcome, request=kept))
    conflict, rest = outcome.conflict(), outcome.rest
    raise NoLegalPlan(conflict, ways_out_of_change(asked, change, conflict, rest, try_again))


@dataclass(frozen=True, slots=True)
class Refused:
    """What is to come of a plan finds no legal days."""

    rest: Rest
    why: NoDays | Conflict

    def conflict(self) -> Conflict:
        """Why, in words: worked out only where they are told."""
        return self.why if isinstance(self.why, Conflict) else conflict_of(self.rest, self.why)


def _attempt(plan: Plan, change: Change, now: datetime, *, course_stays: bool) -> Plan | Refused:
    """The plan after a change, or why there is none.

    With *course_stays*, and where no legal day is left for the course anyway, a change of
    maintenance leaves the course as it is.
    """
    step = step_of(plan, change, now)
    if not step.places:
        course = with_intervals(step.plan.sessions)
        if plan.cancelled:
            course = numbered(course, plan.phases)
        unplaced = replace(step.plan, sessions=course)
        return settled(plan, unplaced, step.gone, now)
    rest = rest_of(step, now)
    of_maintenance = not isinstance(change, Attend | Extend) and _is_upkeep(change.session)
    course, left = step.plan.sessions, None
    if not (of_maintenance and (course_stays or rest.is_too_late)):
        placed = place_rest(rest)
        if isinstance(placed, NoDays) and isinstance(change, Attend):
            # What took place goes before days that were chosen by hand.
            free = place_rest(replace(rest, lets_go=True))
            placed = free if isinstance(free, PlacedRest) else placed
        if isinstance(placed, PlacedRest):
            course = course_of(rest, placed)
        elif isinstance(change, Attend) and change.late is None:
            # What took place is told in any case; what comes after it is for others to say.
            course, left = with_intervals(course), conflict_of(rest, placed)
        else:
            return Refused(rest, placed)
    upkeep = (
        place_upkeep(upkeep_of(step, rest, now), course[-1].day)
        if course
        else PlacedUpkeep(step.plan.maintenance, ())
    )
    if isinstance(upkeep, Conflict):
        if not (isinstance(change, Attend) and change.late is None):
            return Refused(rest, upkeep)
        left = left or upkeep
        upkeep = PlacedUpkeep(step.plan.maintenance, ())
    request = step.plan.request
    if request.sessions is not None or step.sessions != plan.total_sessions:
        request = replace(request, sessions=step.sessions)
    if step.pin is not None and step.pin.number == 1 and request.start is not None:
        request = replace(request, start=step.pin.day)
    step = replace(step, plan=replace(step.plan, request=request))
    after = written_up(plan, step, rest, course, upkeep)
    return replace(after, notices=(*after.notices, *([left_as_it_is(left)] if left else [])))


def written_up(
    before: Plan, step: Step, rest: Rest, course: tuple[Session, ...], upkeep: PlacedUpkeep
) -> Plan:
    """The next revision of a plan, whose sessions are placed."""
    phases = rest.task.phases_of(step.sessions)
    after = replace(
        step.plan,
        phases=tuple((phase.sessions, phase.interval_days) for phase in phases),
        sessions=course,
        maintenance=upkeep.sessions,
    )
    after = settled(before, after, step.gone, rest.now)
    return replace(after, notices=tuple(notices_after(before, after, rest, upkeep)))


def _is_upkeep(name: SessionName | None) -> bool:
    return name is not None and name.kind == "maintenance"


def rest_of(step: Step, now: datetime) -> Rest:
    """What is to be placed: all but the facts and what goes by its pin."""
    pin = step.pin
    carried = pin.appointment if pin is not None else None
    standing = [session for session in step.plan.sessions if session is not carried]
    facts = tuple(session for session in standing if session.is_past(now))
    if pin is not None and pin.number is not None and pin.number <= len(facts):
        # A fact has that number by now.
        pin = replace(pin, number=None)
    rest = Rest(
        task=task_of(step.plan, step.plan.request, step.sessions),
        now=now,
        facts=facts,
        agreed=tuple(session for session in standing if not session.is_past(now)),
        barred=_barred(step),
        pin=pin,
        late=step.late,
        keeps_days=step.keeps_days,
        keeps_times=step.keeps_times,
    )
    if carried is not None and step.late is None and rest.is_too_late:
        # It was late before, for a reason that was given then.
        rest = replace(rest, late=carried.late)
    return rest


def _different(before: Plan, after: Plan) -> Plan:
    """*after*, if it differs. Raises InvalidInput if it does not."""
    events = {session.uid: session.sequence for session in (*before.active, *before.dropped)}
    same = {session.uid: session.sequence for session in (*after.active, *after.dropped)}
    if events == same and before.request == after.request and before.cancelled == after.cancelled:
        raise InvalidInput(
            "nothing would be different", "“mesoplan show” tells how the plan stands"
        )
    return after


def _barred(step: Step) -> frozenset[date]:
    """The days given up or missed, unless they are agreed, or asked for, again."""
    asked = {pin.day for pin in (step.pin, step.upkeep_pin) if pin is not None}
    missed = {
        session.day
        for session in (*step.plan.dropped, *step.gone)
        if session.status is Status.MISSED or session.pinned
    }
    given_up = {step.given_up} if step.given_up is not None else set()
    return frozenset((missed | given_up) - asked - {each.day for each in step.plan.active})


def upkeep_of(step: Step, rest: Rest, now: datetime) -> Upkeep:
    """How the maintenance goes on after a step."""
    times = {
        session.day: minutes_of(session.start.time())
        for session in step.plan.maintenance
        if not session.is_past(now) and (step.keeps_times or session.pinned)
    }
    pin = step.upkeep_pin
    if pin is not None and pin.clock is not None:
        times[pin.day] = minutes_of(pin.clock)
    elif pin is not None and pin.appointment is not None:
        times.setdefault(pin.day, minutes_of(pin.appointment.start.time()))
    general = rest.task.for_maintenance()
    slots = general.slots.keeping(times, now)
    first_day = first_day_left(slots, now)
    return Upkeep(
        plan=step.plan,
        task=rest.task,
        now=now,
        availability=replace(
            general, slots=slots, others=(*general.others, *rest.bars_before(first_day))
        ),
        first_day=first_day,
        given_up=_given_up(step),
        again=step.missed_upkeep,
        pin=pin,
        late=step.late_upkeep,
    )


def _given_up(step: Step) -> frozenset[int]:
    """The numbers of the maintenance sessions that were cancelled by hand."""
    return frozenset(
        session.number
        for session in (*step.plan.dropped, *step.gone)
        if session.kind == "maintenance" and session.status is Status.CANCELLED and session.pinned
    )
