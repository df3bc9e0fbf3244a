"""What each change makes of a plan: a problem to solve, or a plan that needs no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from mesoplan.dates.days import DateRange, day_text, require_plannable
from mesoplan.dates.zones import find_zone, instant, later
from mesoplan.errors import InvalidInput
from mesoplan.model.causes import Plain
from mesoplan.model.changes import Attend, Away, Cancel, Change, Extend, Miss, Move, Replan
from mesoplan.model.fields import TABLE, Part
from mesoplan.model.plan import Plan, Reason, ReasonCode, Session, SessionName, Status
from mesoplan.planning.problem import (
    NOTHING_WANTED,
    Pin,
    Problem,
    Wanted,
    carried_on,
    problem_of,
    require_time_for_a_session,
)
from mesoplan.planning.revision import numbered, settled, with_intervals
from mesoplan.rules.limits import LONGEST_DELAY_DAYS, SESSIONS
from mesoplan.rules.protocol import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from mesoplan.model.request import Request


def changed(plan: Plan, change: Change, now: datetime, was: Request) -> Problem | Plan:
    """What is to be planned after *change*, asked for at the moment *now* (aware).

    The plan has its new request already; *was* is the one before. The answer is the next revision
    itself where nothing is to be placed. Raises InvalidInput for a change that makes no sense for
    this plan.
    """
    if plan.cancelled and not isinstance(change, Attend | Miss):
        raise InvalidInput(
            "the plan is cancelled", "put it back with “mesoplan undo”, or plan a new course"
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
        case Away() | Replan():
            return _replanned(plan, change, now, was)
        case Cancel():
            return _cancelled(plan, change, now)
    assert_never(change)


def _to_plan(
    plan: Plan,
    now: datetime,
    left: Plan | None = None,
    gone: Sequence[Session] = (),
    *,
    sessions: int | None = None,
    given_up: date | None = None,
    of_course: Wanted = NOTHING_WANTED,
    of_maintenance: Wanted = NOTHING_WANTED,
) -> Problem:
    """The problem with what the change leaves of a plan: all of it, unless *left* is given."""
    left = plan if left is None else left
    problem = problem_of(left, sessions=sessions, now=now)
    request = left.request
    if request.sessions is not None or problem.sessions != plan.total_sessions:
        request = replace(request, sessions=problem.sessions)
    return carried_on(
        replace(problem, before=plan, request=request),
        left,
        gone=gone,
        given_up=given_up,
        of_course=of_course,
        of_maintenance=of_maintenance,
    )


def _unplaced(plan: Plan, left: Plan, gone: Sequence[Session], now: datetime) -> Plan:
    """The next revision, where nothing is to be placed."""
    course = with_intervals(left.sessions)
    if plan.cancelled:
        course = numbered(course, plan.phases)
    return settled(plan, replace(left, sessions=course), gone, now)


def _moved(plan: Plan, move: Move, now: datetime) -> Problem:
    session = _planned(plan, move.session)
    name = move.session.in_words
    if session.is_past(now):
        raise InvalidInput(
            f"{name} ({day_text(session.day)}) is past and not recorded",
            f"use “done {move.session}” if it took place, “miss {move.session}” if it did not",
        )
    _require_to_come(plan, move.session, move.day, now)
    clock = session.start.time()
    same = session.day == move.day and move.clock in (None, clock)
    if same and session.pinned and session.moved_from is None:
        raise InvalidInput(
            f"{name} is already on {day_text(move.day)}, {clock:%H:%M}", "give another day or time"
        )
    for other in plan.active:
        if (
            other.pinned
            and other is not session
            and (other.kind, other.day) == (session.kind, move.day)
        ):
            raise InvalidInput(
                f"{other.name.in_words} was fixed on {day_text(move.day)} by hand, and stays there",
                f"move {other.name} first, or give another day",
            )
    pin = Pin(number=session.number, day=move.day, clock=move.clock, appointment=session)
    if session.kind == "maintenance":
        return _to_plan(plan, now, of_maintenance=Wanted(pin=pin, late=move.late or session.late))
    return _to_plan(plan, now, of_course=Wanted(pin=pin, late=move.late))


def _missed(plan: Plan, miss: Miss, now: datetime) -> Problem | Plan:
    left, missed = plan, []
    for name in miss.sessions:
        session = _standing(plan, name)
        _require_same_story(session, name, miss)
        missed.append(session)
        left = _without(left, session)
    gone = tuple(replace(session, status=Status.MISSED) for session in missed)
    pin = None
    if miss.day is not None:
        if len(missed) > 1:
            raise InvalidInput(
                f"{len(missed)} sessions can't all be put on {day_text(miss.day)}",
                "leave out the day, or name one session at a time",
            )
        _require_to_come(plan, miss.session, miss.day, now)
        _require_no_fact_on(miss.day, plan, missed[0], now)
        pin = Pin(number=miss.session.number, day=miss.day, clock=miss.clock)
    if plan.cancelled:
        if miss.day is not None or miss.late is not None:
            raise InvalidInput(
                "the plan is cancelled, so a missed session gets no new day",
                "leave out the day",
            )
        return _unplaced(plan, left, gone, now)
    again = tuple(name.number for name in miss.sessions if name.kind == "maintenance")
    wanted = Wanted(pin=pin, late=miss.late)
    return _to_plan(
        plan,
        now,
        left,
        gone,
        of_course=wanted if len(again) < len(gone) else NOTHING_WANTED,
        of_maintenance=wanted._replace(again=again) if again else NOTHING_WANTED,
    )


def _require_same_story(session: Session, named: SessionName, miss: Miss) -> None:
    """Raise InvalidInput for a session recorded as attended, unless that was a mistake."""
    name = named.in_words
    attended = session.status is Status.ATTENDED
    if attended and not miss.not_attended:
        raise InvalidInput(
            f"{name} is recorded as attended on {day_text(session.day)}",
            f"if that was a mistake: mesoplan miss PLAN {named} --not-attended",
        )
    if miss.not_attended and not attended:
        raise InvalidInput(f"{name} is not recorded as attended", "leave out --not-attended")


def _attended(plan: Plan, attend: Attend, now: datetime) -> Problem | Plan:
    if attend.day is not None and len(attend.sessions) != 1:
        raise InvalidInput(
            f"{len(attend.sessions)} sessions can't all have been on {day_text(attend.day)}",
            "record each session by itself",
        )
    if not attend.sessions:
        raise InvalidInput("no session is named", "name the sessions that took place: 3, m1")
    after = plan
    moved = False
    for name in dict.fromkeys(attend.sessions):
        session = _standing(after, name)
        took_place = _as_it_took_place(after, session, attend, now)
        moved = moved or took_place.day != session.day
        after = _without(after, session, took_place)
    if attend.late is not None and not moved:
        raise InvalidInput("--late has no effect: no day changes", "leave out --late")
    if not moved or plan.cancelled:
        return _unplaced(plan, after, (), now)
    return _to_plan(plan, now, after, of_course=Wanted(late=attend.late))


def _as_it_took_place(plan: Plan, session: Session, attend: Attend, now: datetime) -> Session:
    name = session.name.in_words
    zone = find_zone(plan.request.timezone)
    today = now.astimezone(zone).date()
    day = attend.day or session.day
    require_plannable(day)
    if day > today:
        raise InvalidInput(
            f"{name} can't have taken place: {day_text(day)} is still to come",
            "give today or an earlier day"
            if attend.day is not None
            else "if it took place earlier, give the day with --on",
        )
    if attend.day is None and session.status is Status.ATTENDED:
        raise InvalidInput(
            f"{name} is already recorded as attended on {day_text(day)}",
            "to correct the day, give it with --on",
        )
    for other in plan.active if day != session.day else ():
        if other.kind != session.kind or other.uid == session.uid:
            continue
        comes_before = other.number < session.number and other.day >= day
        comes_after = other.number > session.number and other.day <= day and other.is_past(now)
        if comes_before or comes_after:
            raise InvalidInput(
                f"{name} can't have been on {day_text(day)}: {other.name.in_words} "
                f"{'is' if other.start >= now else 'was'} on {day_text(other.day)}",
                "record that one first, or give another day",
            )
    start = instant(day, attend.clock or session.start.time(), zone)
    if day == session.day and attend.clock is None:
        start = session.start
    if attend.clock is not None and start > now:
        raise InvalidInput(
            f"{name} can't have taken place: {day_text(day)} {attend.clock:%H:%M} is still to come",
            "give a time in the past",
        )
    took_place = replace(session, status=Status.ATTENDED, pinned=False)
    if start == session.start:
        if session.status is Status.ATTENDED:
            raise InvalidInput(
                f"{name} is already recorded as attended then", "give another day or time"
            )
        return took_place
    length = (session.end - session.start) // timedelta(minutes=1)
    return replace(
        took_place,
        start=start,
        end=later(start, length),
        window=DateRange(day, day),
        reasons=(Reason(ReasonCode.PINNED, (day,), Plain.TOOK_PLACE),),
        moved_from=None,
    )


def _extended(plan: Plan, extend: Extend, now: datetime) -> Problem:
    sessions = plan.total_sessions + extend.by
    facts = sum(session.is_past(now) for session in plan.sessions)
    if sessions < facts:
        attended = sum(session.status is Status.ATTENDED for session in plan.sessions)
        raise InvalidInput(
            f"{facts} sessions took place or are past, so the course can't have {sessions}",
            "to stop the course, cancel what is left: “mesoplan cancel” without a session"
            if attended == facts
            else "record those that did not take place with “miss”, or cancel what is left",
        )
    return _to_plan(plan, now, sessions=sessions, of_course=Wanted(late=extend.late))


def with_absence(request: Request, away: Away) -> Request:
    """The request with further days on which the patient can't come, none of them twice."""
    kept = request.away
    for new in away.days:
        if not any(new.first in old and new.last in old for old in kept):
            kept = (*(old for old in kept if not (old.first in new and old.last in new)), new)
    return replace(request, away=kept)


def _replanned(plan: Plan, change: Away | Replan, now: datetime, was: Request) -> Problem:
    """The rest of the course, for the plan's request in place of the one that it *was*.

    The number of sessions stays. How much of what is agreed stays depends on what is new in the
    request: see `Part`. A trip with other dates keeps as many days as it can.
    """
    request = plan.request
    if isinstance(change, Away):
        _require_absence_to_come(change, now.astimezone(find_zone(request.timezone)).date())
    # Who gives up the wish for a weekday asks for no new days.
    known = was if request.weekdays else replace(was, weekdays=frozenset())
    parts = {
        field.part
        for field in TABLE
        if getattr(request, field.name, None) != getattr(known, field.name, None)
    }
    keeps_days = Part.COURSE not in parts
    problem = _to_plan(plan, now, of_course=Wanted(late=change.late))
    interval, yearly = request.interval_days, request.maintenance_per_year
    phases, minutes = problem.phases, request.duration_minutes
    if interval is not None and interval != was.interval_days:
        phases = (Phase(problem.sessions, interval),)
    if yearly is None or yearly == was.maintenance_per_year:
        yearly = plan.maintenance_per_year
    if minutes is None or minutes == was.duration_minutes:
        minutes = plan.duration_minutes
    require_time_for_a_session(request, minutes)
    settles = any(each.is_past(now) or each.pinned for each in plan.sessions)
    return replace(
        problem,
        before=replace(plan, request=was),
        phases=phases,
        maintenance_per_year=yearly,
        duration_minutes=minutes,
        # Without START its end decides where a course begins, as that of a new one.
        begins_anew=not (keeps_days or settles or request.given_start),
        keeps_days=keeps_days,
        keeps_times=keeps_days and Part.TIME not in parts,
    )


def _require_absence_to_come(away: Away, today: date) -> None:
    if not away.days:
        raise InvalidInput("no day is named", "name the days: 2027-01-10..2027-01-14")
    for days in away.days:
        if days.last < today:
            raise InvalidInput(
                f"{days} is in the past", "check the year; an absence is still to come"
            )


def _cancelled(plan: Plan, cancel: Cancel, now: datetime) -> Problem | Plan:
    if cancel.session is None:
        coming = plan.coming(now)
        if not coming:
            raise InvalidInput("nothing is left to cancel", "look at it with “mesoplan show”")
        gone = tuple(replace(session, status=Status.CANCELLED) for session in coming)
        left = replace(
            plan,
            cancelled=True,
            sessions=tuple(session for session in plan.sessions if session.is_past(now)),
            maintenance=tuple(session for session in plan.maintenance if session.is_past(now)),
        )
        return _unplaced(plan, left, gone, now)
    session = _planned(plan, cancel.session)
    if session.kind == "maintenance":
        gone = (replace(session, status=Status.CANCELLED, pinned=True),)
        return _to_plan(plan, now, _without(plan, session), gone)
    limits = plan.request.limits
    if plan.total_sessions - 1 < limits.min_sessions:
        raise InvalidInput(
            f"the course would have {plan.total_sessions - 1} sessions, fewer than "
            f"{limits.min_sessions} ({SESSIONS.id})",
            "to stop the course, cancel the whole plan: give no session",
        )
    gone = (replace(session, status=Status.CANCELLED, pinned=False),)
    return _to_plan(
        plan,
        now,
        _without(plan, session),
        gone,
        sessions=plan.total_sessions - 1,
        given_up=session.day,
    )


def _standing(plan: Plan, name: SessionName) -> Session:
    """The session of that name. Raises InvalidInput if there is none."""
    session = plan.find(name)
    if session is None:
        among = plan.sessions if name.kind == "course" else plan.maintenance
        known = ", ".join(str(each.name) for each in among)
        if plan.cancelled:
            raise InvalidInput(
                f"the plan has no {name.in_words} any more: the rest of it is cancelled",
                "“mesoplan undo” puts it back; “mesoplan show” shows what is left",
            )
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
            f"correct its day: mesoplan done PLAN {name} --on DATE",
        )
    return session


def _require_to_come(plan: Plan, name: SessionName, day: date, now: datetime) -> None:
    """Raise InvalidInput unless a session can be planned for *day* at all."""
    require_plannable(day)
    today = now.astimezone(find_zone(plan.request.timezone)).date()
    if day < today:
        raise InvalidInput(
            f"{day_text(day)} is past",
            f"give a day to come, or record a past one: mesoplan done PLAN {name} --on DATE",
        )
    if name.kind == "course" and day > today + timedelta(days=2 * LONGEST_DELAY_DAYS):
        raise InvalidInput(f"{day_text(day)} is more than two years ahead", "check the year")


def _require_no_fact_on(day: date, plan: Plan, session: Session, now: datetime) -> None:
    """Raise InvalidInput if another session of its kind took place, or is past, on *day*."""
    for other in plan.active:
        if other is not session and other.kind == session.kind and other.day == day:
            if not other.is_past(now):
                return
            name = other.name.in_words
            raise InvalidInput(
                f"{session.name.in_words} can't be put on {day_text(day)}: {name} was on that day",
                "give another day, or leave it out",
            )


def _without(plan: Plan, session: Session, *instead: Session) -> Plan:
    """The plan without a session, perhaps with another in its place."""

    def left(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        return tuple(new for old in sessions for new in (instead if old is session else (old,)))

    return replace(plan, sessions=left(plan.sessions), maintenance=left(plan.maintenance))
