"""Plan + change -> Plan: keeps what is agreed, and never moves what took place.

A *fact* is a session that took place, or whose time has come while nobody says otherwise. Facts
are the first sessions of a course. The *rest* comes after them, and is planned anew whenever a
change asks for it: with the fewest days that were not agreed before, then as a new course is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from mesoplan.changes import Attend, Cancel, Change, Extend, Miss, Move
from mesoplan.days import DateRange, day_text, require_plannable
from mesoplan.errors import Conflict, InvalidInput, NoLegalPlan
from mesoplan.model import Plan, Reason, ReasonCode, Session, SessionName, Status
from mesoplan.protocol import Limits
from mesoplan.refusal_of_change import conflict_of, ways_out_of_change
from mesoplan.rest_of_course import NoDays, Pin, PlacedRest, Rest, first_day_left, place_rest
from mesoplan.revision import (
    course_of,
    late_notices,
    notices_after,
    numbered,
    settled,
    with_intervals,
)
from mesoplan.rules import LONGEST_DELAY_DAYS, SESSIONS
from mesoplan.task import task_of
from mesoplan.times_of_day import minutes_of
from mesoplan.upkeep import PlacedUpkeep, Upkeep, place_upkeep
from mesoplan.zones import find_zone, instant, later

if TYPE_CHECKING:
    from datetime import date, datetime

    from mesoplan.model import Request


def replan(plan: Plan, change: Change, *, now: datetime, request: Request | None = None) -> Plan:
    """The plan after a change that is asked for at the moment *now* (aware).

    What *request*, or else that of *plan*, says of closed days, busy times, absences and the trip
    holds for all that is planned anew; busy times are not kept. Raises InvalidInput for a change
    that makes no sense for this plan, and NoLegalPlan, with the conflict and the ways out, when no
    legal plan is left after it.
    """
    asked = plan if request is None else replace(plan, request=request)
    outcome = _attempt(asked, change, now, course_stays=request in (None, plan.request))
    if isinstance(outcome, Plan):
        kept = replace(outcome.request, busy=plan.request.busy)
        return _different(plan, replace(outcome, request=kept))

    def try_again(other: Plan, changed: Change) -> Plan | None:
        try:
            again = _attempt(other, changed, now)
        except InvalidInput:
            return None
        return again if isinstance(again, Plan) else None

    conflict, rest = outcome.conflict(), outcome.rest
    raise NoLegalPlan(conflict, ways_out_of_change(asked, change, conflict, rest, try_again))


@dataclass(frozen=True, slots=True)
class _Refused:
    rest: Rest
    why: NoDays | Conflict

    def conflict(self) -> Conflict:
        """Why, in words: worked out only where they are told."""
        return self.why if isinstance(self.why, Conflict) else conflict_of(self.rest, self.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What a change makes of a plan before anything is placed."""

    plan: Plan
    """With what took place put right, and without what the change drops."""
    sessions: int
    """How many the course is to have."""
    gone: tuple[Session, ...] = ()
    pin: Pin | None = None
    upkeep_pin: Pin | None = None
    missed_upkeep: int | None = None
    late: str | None = None
    """Of the course."""
    late_upkeep: str | None = None
    given_up: date | None = None
    """The day of the session that is cancelled: no other one takes it in this very change."""
    places: bool = True
    """Whether anything is to be placed anew."""


def _attempt(
    plan: Plan, change: Change, now: datetime, *, course_stays: bool = False
) -> Plan | _Refused:
    """The plan after a change, or why there is none.

    With *course_stays*, and where no legal day is left for the course anyway, a change of
    maintenance leaves the course as it is.
    """
    step = _step(plan, change, now)
    if not step.places:
        course = with_intervals(step.plan.sessions)
        if plan.ended:
            course = numbered(course, plan.phases)
        unplaced = replace(step.plan, sessions=course)
        return settled(plan, unplaced, step.gone, now)
    rest = _rest(step, now)
    of_maintenance = not isinstance(change, Attend | Extend) and _is_upkeep(change.session)
    course = step.plan.sessions
    if not (of_maintenance and (course_stays or rest.is_too_late)):
        placed = place_rest(rest)
        if isinstance(placed, NoDays) and isinstance(change, Attend):
            rest, placed = _letting_go(rest, placed)
        if isinstance(placed, NoDays):
            return _Refused(rest, placed)
        course = course_of(rest, placed)
    upkeep = (
        place_upkeep(_upkeep(step, rest, now), course[-1].day)
        if course
        else PlacedUpkeep(step.plan.maintenance, ())
    )
    if isinstance(upkeep, Conflict):
        return _Refused(rest, upkeep)
    phases = rest.task.phases_of(step.sessions)
    request = step.plan.request
    if request.sessions is not None or step.sessions != plan.total_sessions:
        request = replace(request, sessions=step.sessions)
    if step.pin is not None and step.pin.number == 1 and request.start is not None:
        request = replace(request, start=min(request.start, step.pin.day))
    after = replace(
        step.plan,
        request=request,
        phases=tuple((phase.sessions, phase.interval_days) for phase in phases),
        sessions=course,
        maintenance=upkeep.sessions,
    )
    after = settled(plan, after, step.gone, now)
    return replace(after, warnings=tuple(notices_after(plan, after, rest, upkeep)))


def _is_upkeep(name: SessionName | None) -> bool:
    return name is not None and name.kind == "maintenance"


def _letting_go(rest: Rest, refused: NoDays) -> tuple[Rest, PlacedRest | NoDays]:
    """What took place goes before days that were chosen by hand: as few as can be are let go."""
    placed = place_rest(replace(rest, lets_go=True))
    if isinstance(placed, NoDays):
        return rest, refused
    agreed = tuple(
        replace(each, fixed=each.fixed and each.day in placed.days) for each in rest.agreed
    )
    return replace(rest, agreed=agreed), placed


def _rest(step: _Step, now: datetime) -> Rest:
    """What is to be placed: all but the facts and what goes by its pin."""
    pin = step.pin
    carried = pin.appointment if pin is not None else None
    standing = [session for session in step.plan.sessions if session is not carried]
    facts = tuple(session for session in standing if session.is_fact(now))
    if pin is not None and pin.number is not None and pin.number <= len(facts):
        # A fact has that number by now.
        pin = replace(pin, number=None)
    rest = Rest(
        task=task_of(step.plan, step.plan.request, step.sessions),
        now=now,
        facts=facts,
        agreed=tuple(session for session in standing if not session.is_fact(now)),
        barred=_barred(step),
        pin=pin,
        late=step.late,
    )
    if carried is not None and step.late is None and rest.is_too_late:
        # It was late before, for a reason that was given then.
        rest = replace(rest, late=carried.late)
    return rest


def _different(before: Plan, after: Plan) -> Plan:
    """*after*, if it differs. Raises InvalidInput if it does not."""
    events = {session.uid: session.sequence for session in (*before.standing, *before.dropped)}
    same = {session.uid: session.sequence for session in (*after.standing, *after.dropped)}
    if events == same and before.request == after.request and before.ended == after.ended:
        raise InvalidInput(
            "nothing would be different", "“mesoplan show” tells how the plan stands"
        )
    return after


def _barred(step: _Step) -> frozenset[date]:
    """The days given up or missed, unless they are agreed, or asked for, again."""
    asked = {pin.day for pin in (step.pin, step.upkeep_pin) if pin is not None}
    missed = {
        session.day
        for session in (*step.plan.dropped, *step.gone)
        if session.status is Status.MISSED or session.fixed
    }
    given_up = {step.given_up} if step.given_up is not None else set()
    return frozenset((missed | given_up) - asked - {each.day for each in step.plan.standing})


def _upkeep(step: _Step, rest: Rest, now: datetime) -> Upkeep:
    times = {
        session.day: minutes_of(session.start.time())
        for session in step.plan.maintenance
        if not session.is_fact(now)
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


def _given_up(step: _Step) -> frozenset[int]:
    """The numbers of the maintenance sessions that were cancelled by hand."""
    return frozenset(
        session.number
        for session in (*step.plan.dropped, *step.gone)
        if session.kind == "maintenance" and session.status is Status.CANCELLED and session.fixed
    )


def _step(plan: Plan, change: Change, now: datetime) -> _Step:
    if plan.ended and not isinstance(change, Attend | Miss):
        raise InvalidInput(
            "the plan is cancelled", "“mesoplan undo” puts it back; or plan a new course"
        )
    match change:
        case Move():
            return _moved(plan, change, now)
        case Miss():
            return _missed(plan, change, now)
        case Attend():
            return _attended(plan, change, now)
        case Extend():
            return _extended(plan, change, now)
        case Cancel():
            return _cancelled(plan, change, now)
    assert_never(change)


def _moved(plan: Plan, move: Move, now: datetime) -> _Step:
    session = _planned(plan, move.session)
    name = move.session.in_words
    if session.is_fact(now):
        raise InvalidInput(
            f"{name}, on {day_text(session.day)}, is past",
            f"say “attend” if it took place, “miss” if it did not: {move.session}",
        )
    _require_to_come(plan, move.session, move.day, now)
    clock = session.start.time()
    same = session.day == move.day and move.clock in (None, clock)
    if same and session.fixed and session.moved_from is None:
        raise InvalidInput(
            f"{name} is on {day_text(move.day)}, {clock:%H:%M}, already", "give another day or time"
        )
    pin = Pin(number=session.number, day=move.day, clock=move.clock, appointment=session)
    if session.kind == "maintenance":
        late = move.late or session.late
        return _Step(plan=plan, sessions=plan.total_sessions, upkeep_pin=pin, late_upkeep=late)
    return _Step(plan=plan, sessions=plan.total_sessions, pin=pin, late=move.late)


def _missed(plan: Plan, miss: Miss, now: datetime) -> _Step:
    session = _standing(plan, miss.session)
    gone = (replace(session, status=Status.MISSED),)
    pin = None
    if miss.day is not None:
        _require_to_come(plan, miss.session, miss.day, now)
        pin = Pin(number=session.number, day=miss.day, clock=miss.clock)
    left = _without(plan, session)
    if plan.ended:
        if miss.day is not None or miss.late is not None:
            raise InvalidInput(
                "the plan is cancelled, and nothing is put in the place of what was missed",
                "say “miss” without a day",
            )
        return _Step(plan=left, sessions=plan.total_sessions, gone=gone, places=False)
    if session.kind == "maintenance":
        return _Step(
            plan=left,
            sessions=plan.total_sessions,
            gone=gone,
            upkeep_pin=pin,
            missed_upkeep=session.number,
            late_upkeep=miss.late,
        )
    return _Step(plan=left, sessions=plan.total_sessions, gone=gone, pin=pin, late=miss.late)


def _attended(plan: Plan, attend: Attend, now: datetime) -> _Step:
    if attend.day is not None and len(attend.sessions) != 1:
        raise InvalidInput(
            f"{len(attend.sessions)} sessions can't all have been on {day_text(attend.day)}",
            "say of each session by itself when it took place",
        )
    if not attend.sessions:
        raise InvalidInput("no session is named", "name the sessions that took place: 3, m1")
    after = plan
    moved = False
    for name in dict.fromkeys(attend.sessions):
        session = _standing(after, name)
        took_place = _as_it_took_place(after, session, attend, now)
        moved = moved or took_place.day != session.day
        after = _with(after, took_place)
    if attend.late is not None and not moved:
        raise InvalidInput("nothing is late: no day changes", "leave out --late")
    return _Step(
        plan=after, sessions=plan.total_sessions, late=attend.late, places=moved and not plan.ended
    )


def _as_it_took_place(plan: Plan, session: Session, attend: Attend, now: datetime) -> Session:
    name = session.name.in_words
    zone = find_zone(plan.request.timezone)
    today = now.astimezone(zone).date()
    day = attend.day or session.day
    if day > today:
        raise InvalidInput(
            f"{name} can't have taken place: {day_text(day)} is still to come",
            "give today or a day before it"
            if attend.day is not None
            else "tell with --on if it took place before that day",
        )
    if attend.day is None and session.status is Status.ATTENDED:
        raise InvalidInput(
            f"{name} is known to have taken place, on {day_text(day)}",
            "to put another day right, give it with --on",
        )
    for other in plan.standing:
        if other.kind != session.kind or other.uid == session.uid:
            continue
        comes_before = other.number < session.number and other.day >= day
        comes_after = other.number > session.number and other.day <= day and other.is_fact(now)
        if comes_before or comes_after:
            raise InvalidInput(
                f"{name} can't have been on {day_text(day)}: {other.name.in_words} "
                f"{'is' if other.start >= now else 'was'} on {day_text(other.day)}",
                "say first what became of that one, or give another day",
            )
    start = instant(day, attend.clock or session.start.time(), zone)
    if day == session.day and attend.clock is None:
        start = session.start
    took_place = replace(session, status=Status.ATTENDED, fixed=False)
    if start == session.start:
        if session.status is Status.ATTENDED:
            raise InvalidInput(
                f"{name} is known to have taken place then", "give another day or time"
            )
        return took_place
    length = (session.end - session.start) // timedelta(minutes=1)
    return replace(
        took_place,
        start=start,
        end=later(start, length),
        window=DateRange(day, day),
        reasons=(Reason(ReasonCode.PINNED, f"it took place on {day_text(day)}", (day,)),),
        moved_from=None,
    )


def _extended(plan: Plan, extend: Extend, now: datetime) -> _Step:
    sessions = plan.total_sessions + extend.by
    facts = sum(session.is_fact(now) for session in plan.sessions)
    if sessions < facts:
        attended = sum(session.status is Status.ATTENDED for session in plan.sessions)
        raise InvalidInput(
            f"{facts} sessions took place or are past, so the course can't have {sessions}",
            "to stop the course, cancel what is left: “mesoplan cancel” without a session"
            if attended == facts
            else "say “miss” of those that did not take place, or “cancel”",
        )
    return _Step(plan=plan, sessions=sessions, late=extend.late)


def _cancelled(plan: Plan, cancel: Cancel, now: datetime) -> _Step:
    if cancel.session is None:
        coming = [session for session in plan.standing if not session.is_fact(now)]
        if not coming:
            raise InvalidInput("nothing is left to cancel", "look at it with “mesoplan show”")
        gone = tuple(replace(session, status=Status.CANCELLED) for session in coming)
        left = replace(
            plan,
            ended=True,
            sessions=tuple(session for session in plan.sessions if session.is_fact(now)),
            maintenance=tuple(session for session in plan.maintenance if session.is_fact(now)),
        )
        left = replace(left, warnings=tuple(late_notices(left)))
        return _Step(plan=left, sessions=plan.total_sessions, gone=gone, places=False)
    session = _planned(plan, cancel.session)
    if session.kind == "maintenance":
        gone = (replace(session, status=Status.CANCELLED, fixed=True),)
        return _Step(plan=_without(plan, session), sessions=plan.total_sessions, gone=gone)
    limits = plan.request.protocol.limits if plan.request.protocol else Limits()
    if plan.total_sessions - 1 < limits.min_sessions:
        raise InvalidInput(
            f"the course would have {plan.total_sessions - 1} sessions, fewer than "
            f"{limits.min_sessions} ({SESSIONS.id})",
            "to stop the course, cancel the whole plan: give no session",
        )
    gone = (replace(session, status=Status.CANCELLED),)
    return _Step(
        plan=_without(plan, session),
        sessions=plan.total_sessions - 1,
        gone=gone,
        given_up=session.day,
    )


def _standing(plan: Plan, name: SessionName) -> Session:
    """The session of that name. Raises InvalidInput where there is none."""
    session = plan.find(name)
    if session is None:
        among = plan.sessions if name.kind == "course" else plan.maintenance
        known = ", ".join(str(each.name) for each in among)
        raise InvalidInput(
            f"the plan has no {name.in_words}",
            f"its sessions are: {known}" if known else "look at it with “mesoplan show”",
        )
    return session


def _planned(plan: Plan, name: SessionName) -> Session:
    session = _standing(plan, name)
    if session.status is Status.ATTENDED:
        raise InvalidInput(
            f"{name.in_words} took place, on {day_text(session.day)}",
            "what took place stays; “attend --on” puts its day right, “undo” the last change",
        )
    return session


def _require_to_come(plan: Plan, name: SessionName, day: date, now: datetime) -> None:
    """Raise InvalidInput unless a session can be planned for *day* at all."""
    require_plannable(day)
    today = now.astimezone(find_zone(plan.request.timezone)).date()
    if day < today:
        raise InvalidInput(
            f"{day_text(day)} is past", "give a day to come; “attend --on” tells when one was"
        )
    if name.kind == "course" and day > today + timedelta(days=2 * LONGEST_DELAY_DAYS):
        raise InvalidInput(f"{day_text(day)} is more than two years ahead", "check the year")


def _without(plan: Plan, session: Session) -> Plan:
    return replace(
        plan,
        sessions=tuple(each for each in plan.sessions if each is not session),
        maintenance=tuple(each for each in plan.maintenance if each is not session),
    )


def _with(plan: Plan, session: Session) -> Plan:
    """The plan with a session in place of the one with the same UID."""

    def put(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        return tuple(session if each.uid == session.uid else each for each in sessions)

    return replace(plan, sessions=put(plan.sessions), maintenance=put(plan.maintenance))
