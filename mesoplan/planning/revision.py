"""Writes the changed plan up: which appointment is which, and what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange, day_text, days_text
from mesoplan.dates.times import minutes_of
from mesoplan.dates.zones import instant
from mesoplan.model.plan import Notice, Plan, Reason, ReasonCode, Session, Status, Stay
from mesoplan.planning.maintenance import times_by_hand
from mesoplan.planning.notices import notices_of
from mesoplan.planning.placement import PlacedCourse
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL
from mesoplan.rules.protocol import Phase, preferred_intervals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from mesoplan.model.refusal import Conflict
    from mesoplan.planning.maintenance import PlacedUpkeep
    from mesoplan.planning.rest_of_course import PlacedRest, Rest
    from mesoplan.planning.slots import Slots


def appointments_on(days: Sequence[date], before: Sequence[Session]) -> dict[date, Session]:
    """The appointment that each of *days* continues; days that begin a new one have none.

    *days* and *before* are in order. A day that stays keeps its appointment. Of the others as many
    as can be are moved, in order, and all together by as few days as can be.
    """
    by_day = {session.day: session for session in before}
    kept = {day: by_day[day] for day in days if day in by_day}
    new_days = [day for day in days if day not in kept]
    left = [session for session in before if session.day not in kept]
    pairings = (
        (zip(new_days, some, strict=True) for some in combinations(left, len(new_days)))
        if len(new_days) <= len(left)
        else (zip(some, left, strict=True) for some in combinations(new_days, len(left)))
    )
    nearest = min(
        map(list, pairings),
        key=lambda pairs: sum(abs((day - session.day).days) for day, session in pairs),
    )
    return kept | dict(nearest)


_NUMBERED = frozenset({ReasonCode.LOOK_AHEAD, ReasonCode.DEADLINE})
"""Reasons that may name other sessions by number."""

_REST_NOT_LEGAL = "REST_NOT_LEGAL"
_OF_THE_START = frozenset({"START_SLIPPED"})
_OF_THE_COUNT = frozenset({"FEWER_SESSIONS"})
_OF_THE_END = frozenset({"ENDS_EARLY"})


def course_of(rest: Rest, placed: PlacedRest) -> tuple[Session, ...]:
    """The whole course: the facts, and the rest on its days; a new session has an empty UID."""
    days = (*(fact.day for fact in rest.facts), *placed.days)
    if not days:
        return ()
    start = min(days[0], rest.task.request.given_start or days[0])
    course = PlacedCourse(
        days, rest.preferred, rest.task.limits.intervals, start, placed.availability
    )
    appointments = _appointments(rest, placed.days)
    sessions = [
        replace(
            fact,
            number=index + 1,
            interval_days=_interval(course, index),
            preferred_interval_days=rest.preferred[index - 1] if index else None,
        )
        for index, fact in enumerate(rest.facts)
    ]
    for index, day in enumerate(placed.days, start=len(rest.facts)):
        before = appointments.get(day)
        sessions.append(_session(rest, placed, course, index, before))
    return tuple(sessions)


def _appointments(rest: Rest, days: Sequence[date]) -> dict[date, Session]:
    """The appointment that each day of the rest continues."""
    pin = rest.pin
    if pin is None or pin.appointment is None:
        return appointments_on(days, rest.agreed)
    # One that is late may be on a later day than the one that was asked for.
    target = pin.day if pin.day in days else days[0]
    found = appointments_on([day for day in days if day != target], rest.agreed)
    return found | {target: pin.appointment}


def _interval(course: PlacedCourse, index: int) -> int | None:
    return (course.days[index] - course.days[index - 1]).days if index else None


def _session(
    rest: Rest, placed: PlacedRest, course: PlacedCourse, index: int, before: Session | None
) -> Session:
    day = course.days[index]
    start, end = rest.task.moments(day, placed.availability)
    stays = before is not None and before.day == day
    is_first_late = placed.is_late and index == len(rest.facts)
    late = rest.late if is_first_late else before.late if before is not None and stays else None
    by_hand = rest.pin is not None and rest.pin.day == day
    preferred = rest.preferred[index - 1] if index else None
    session = Session(
        number=index + 1,
        kind="course",
        uid=before.uid if before is not None else "",
        start=start,
        end=end,
        interval_days=_interval(course, index),
        preferred_interval_days=preferred,
        window=DateRange(day, day) if late else _window(course, index),
        sequence=before.sequence if before is not None else 0,
        pinned=by_hand or (before is not None and stays and before.pinned),
        late=late,
    )
    if before is not None and _is_as_it_was(before, session):
        return replace(session, reasons=before.reasons)
    agreed = rest.keeps_days and any(day == each.day for each in rest.agreed)
    return replace(session, reasons=tuple(_reasons(session, course, index, agreed=agreed)))


def _window(course: PlacedCourse, index: int) -> DateRange:
    """The window of a session, as it is whatever the day is on which it is looked at."""
    # A late session may leave no legal day before the one that follows it.
    day = course.days[index]
    earliest = day if index == 0 else course.days[index - 1] + timedelta(days=course.intervals[0])
    if earliest > day:
        return DateRange(day, day)
    return replace(course, availability=course.availability.without(ReasonCode.PAST)).window(index)


def _is_as_it_was(before: Session, now: Session) -> bool:
    """Whether the day, the time and the preferred day of a session are what they were."""
    return (
        before.start == now.start
        and before.interval_days == now.interval_days
        and before.preferred_interval_days == now.preferred_interval_days
        and before.pinned == now.pinned
        and before.late == now.late
        and before.moved_from is None
        and (before.number == now.number or _NUMBERED.isdisjoint(_codes(before)))
    )


def _codes(session: Session) -> set[ReasonCode]:
    return {reason.code for reason in session.reasons}


def _reasons(
    session: Session, course: PlacedCourse, index: int, *, agreed: bool
) -> Iterator[Reason]:
    """Why a session that was planned anew is not on its preferred day, or not at its time."""
    day = session.day
    if session.late is not None:
        yield Reason(ReasonCode.PAST, f"no legal day was left: {session.late}", (day,))
    elif index and session.interval_days != session.preferred_interval_days:
        yield from _reasons_for_day(session, course, index, agreed=agreed)
    yield from times_by_hand(course.availability.reasons_for_time(day), by_hand=session.pinned)


def _reasons_for_day(
    session: Session, course: PlacedCourse, index: int, *, agreed: bool
) -> Iterator[Reason]:
    day = session.day
    preferred = course.days[index - 1] + timedelta(days=course.preferred[index - 1])
    # That a day is past matters where nothing else kept the session from it.
    availability = course.availability
    blocked = availability.without(ReasonCode.PAST).reasons([preferred])
    blocked = blocked or availability.reasons([preferred])
    yield from blocked
    if session.pinned:
        yield Reason(ReasonCode.PINNED, f"{day_text(day)} was chosen by hand", (day,))
    elif agreed:
        yield Reason(ReasonCode.AGREED, f"{day_text(day)} was agreed before", (day,))
    elif not blocked:
        yield Reason(ReasonCode.LOOK_AHEAD, "so that the sessions after it fit", (preferred,))


def with_intervals(course: Sequence[Session]) -> tuple[Session, ...]:
    """The sessions of a course, in order, each with the days since the one before."""
    return tuple(
        replace(session, interval_days=(session.day - before.day).days if before else None)
        for before, session in zip((None, *course), course, strict=False)
    )


def numbered(course: Iterable[Session], phases: Iterable[tuple[int, int]]) -> tuple[Session, ...]:
    """The sessions of a course, in order, numbered from 1, with the preferred interval of each."""
    preferred = (None, *preferred_intervals(tuple(Phase(*phase) for phase in phases)))
    return tuple(
        replace(session, number=index + 1, preferred_interval_days=preferred[index])
        for index, session in enumerate(course)
    )


def settled(before: Plan, after: Plan, gone: Sequence[Session], now: datetime) -> Plan:
    """The next revision of a plan, when everything but identities is known.

    The sessions of *after* have the UID and sequence number that they had; new ones have an empty
    UID. *gone* are the sessions that the change drops, with the status that says how. What else
    stood in *before* and does not in *after* is cancelled. A sequence number rises by 1 for each
    session of which anything changes that its event tells.
    """
    serial = before.last_serial
    standing: list[Session] = []
    for session in after.active:
        if not session.uid:
            serial += 1
            session = replace(session, uid=f"{before.id}-{serial:02d}")
        standing.append(session)
    course = tuple(session for session in standing if session.kind == "course")
    maintenance = tuple(session for session in standing if session.kind == "maintenance")
    kept = {session.uid for session in standing} | {session.uid for session in gone}
    left_over = (
        replace(session, status=Status.CANCELLED, pinned=False)
        for session in before.active
        if session.uid not in kept
    )
    dropped = [
        replace(each, sequence=each.sequence + 1, interval_days=None)
        for each in (*gone, *left_over)
    ]
    first, last = (course[0].day, course[-1].day) if course else (None, None)
    plan = replace(
        after,
        revision=before.revision + 1,
        sessions=course,
        maintenance=maintenance,
        stay=Stay(first, last + timedelta(days=MIN_DAYS_BEFORE_TRAVEL)) if first and last else None,
        dropped=tuple(sorted((*before.dropped, *dropped), key=lambda each: each.place_in_time)),
        last_serial=serial,
    )
    told_before = {session.uid: told(before, session, now) for session in before.active}

    def counted(session: Session) -> Session:
        told_then = told_before.get(session.uid)
        if told_then is None or told_then == told(plan, session, now):
            return session
        return replace(session, sequence=session.sequence + 1, moved_from=None)

    return replace(
        plan,
        sessions=tuple(map(counted, plan.sessions)),
        maintenance=tuple(map(counted, plan.maintenance)),
    )


def told(plan: Plan, session: Session, now: datetime) -> tuple[object, ...]:
    """All that the event of a session tells, in a form to compare.

    What an event says of the sessions around it matters as long as it is still to come.
    """
    of_itself = (session.number, session.status, session.start, session.end, session.moved_from)
    if session.is_past(now):
        return of_itself
    following = plan.following(session)
    is_last = session.kind == "course" and session.number == plan.sessions[-1].number
    request = plan.request
    return (
        *of_itself,
        *(plan.goal, plan.area, request.location, request.phone),
        plan.total(session),
        session.window,
        following.start if following is not None else None,
        plan.stay.earliest_travel if is_last and plan.stay else None,
        session.due,
        session.interval_days,
        session.preferred_interval_days,
        session.pinned,
        session.late,
        session.reasons,
    )


def notices_after(before: Plan, after: Plan, rest: Rest, upkeep: PlacedUpkeep) -> Iterator[Notice]:
    """What is to be said of a changed plan: what still holds of before, and what is new."""
    still: set[str] = set()
    if before.sessions and after.sessions:
        still |= _OF_THE_START if before.sessions[0].day == after.sessions[0].day else set()
        still |= _OF_THE_END if before.sessions[-1].day == after.sessions[-1].day else set()
    still |= _OF_THE_COUNT if before.total_sessions == after.total_sessions else set()
    yield from (notice for notice in before.notices if notice.code in still)
    if _planned_against_the_rules(after, rest):
        yield from (notice for notice in before.notices if notice.code == _REST_NOT_LEGAL)
    yield from _later_beginning(before, after, rest)
    yield from upkeep.notices
    coming = [session for session in after.active if not session.is_past(rest.now)]
    usual = rest.task.for_course().slots
    times = {
        session.day: minutes_of(session.start.time())
        for session in coming
        if not _is_as_usual(session, usual)
    }
    if rest.pin is not None and rest.pin.clock is not None:
        # What was asked for, whatever the clocks make of it.
        times[rest.pin.day] = minutes_of(rest.pin.clock)
    yield from notices_of(rest.task, coming, rest.availability.slots.keeping(times))
    yield from late_notices(after)


def _is_as_usual(session: Session, slots: Slots) -> bool:
    """Whether it is when a session on its day would be, whatever the clocks make of that."""
    best = slots.best(session.day)
    if best is None:
        return False
    return instant(session.day, time(*divmod(best, 60)), slots.zone) == session.start


def left_as_it_is(conflict: Conflict) -> Notice:
    """That no legal day is left for what comes after a session that took place."""
    text = f"what comes after it is left as it is, and is not legal: {conflict.text}"
    how = " with --late" if conflict.code == "TOO_LATE" else ""
    return Notice(_REST_NOT_LEGAL, f"{text}; “move” and “miss”{how} plan it anew")


def _planned_against_the_rules(plan: Plan, rest: Rest) -> bool:
    legal = (None, *rest.task.limits.intervals)
    return any(
        session.interval_days not in legal and session.late is None
        for session in plan.sessions
        if not session.is_past(rest.now)
    )


def _later_beginning(before: Plan, after: Plan, rest: Rest) -> Iterator[Notice]:
    """That a course which has not begun begins later than it did, whatever moved it."""
    if rest.facts or not before.sessions or not after.sessions:
        return
    first = after.sessions[0].day
    later = (first - before.sessions[0].day).days
    if later > 0:
        text = f"the course begins on {day_text(first)}, {days_text(later)} later than it did"
        yield Notice("START_SLIPPED", text)


def late_notices(plan: Plan) -> Iterator[Notice]:
    """What stays to be said of sessions that came, or come, after their last legal day."""
    limits = plan.request.limits
    for session in plan.active:
        # Once what took place before it was put right, it may turn out to be in time.
        in_time = session.kind == "course" and session.interval_days in (None, *limits.intervals)
        if session.late is not None and not in_time:
            name = session.name.in_words
            text = f"{name}, on {day_text(session.day)}, comes after its last legal day: "
            yield Notice("LATE", text + session.late)
