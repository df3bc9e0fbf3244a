"""The next revision of a plan: which appointment is which, and which of them changed."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, count
from typing import TYPE_CHECKING

from mesoplan.dates.times import minutes_of
from mesoplan.model.causes import AgreedTime, Plain
from mesoplan.model.plan import Plan, Reason, ReasonCode, Session, Status, stay_of
from mesoplan.planning.availability import for_course, for_maintenance, last_day
from mesoplan.rules.limits import MAX_INTERVAL_DAYS
from mesoplan.rules.protocol import preferred_intervals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from mesoplan.planning.availability import Availability
    from mesoplan.rules.protocol import Phase

_TOLD_IN_THE_PAST = frozenset(
    {
        *(ReasonCode.AGREED, ReasonCode.PINNED, ReasonCode.PAST, ReasonCode.GIVEN_UP),
        *(ReasonCode.BUSY, ReasonCode.CAPACITY),
    }
)
"""Reasons that stay true whatever comes. Of busy times a file says that they were taken."""


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


def with_intervals(course: Sequence[Session]) -> tuple[Session, ...]:
    """The sessions of a course, in order, each with the days since the one before."""
    return tuple(
        replace(session, interval_days=(session.day - before.day).days if before else None)
        for before, session in zip((None, *course), course, strict=False)
    )


def numbered(course: Iterable[Session], phases: Sequence[Phase]) -> tuple[Session, ...]:
    """The sessions of a course, in order, numbered from 1, with the preferred interval of each."""
    preferred = (None, *preferred_intervals(phases))
    return tuple(
        replace(session, number=index + 1, preferred_interval_days=preferred[index])
        for index, session in enumerate(course)
    )


def new_uids(before: Plan) -> Iterator[str]:
    """UIDs that no appointment of the plan has had, for those that are new in its next revision."""
    return (f"{before.id}-{serial:02d}" for serial in count(before.last_serial + 1))


def cancelled(session: Session) -> Session:
    """The session once it is cancelled, which is a change of its event."""
    return replace(
        session,
        status=Status.CANCELLED,
        pinned=False,
        sequence=session.sequence + 1,
        interval_days=None,
    )


def settled(before: Plan, after: Plan, gone: Sequence[Session], now: datetime | None) -> Plan:
    """The next revision of a plan, when everything but identities is known.

    The sessions of *after* have the UID and sequence number that they had, or the next of
    `new_uids`. *gone* are the sessions that the change drops, with the status that says how. What
    else was in *before* and is not in *after* is cancelled. A sequence number rises by 1 for each
    session whose event changes at the moment *now*, which only a new plan does without.
    """
    known = {session.uid for session in before.every_session}
    kept = {session.uid for session in (*after.active, *gone)}
    dropped = [
        *before.dropped,
        *(replace(each, sequence=each.sequence + 1, interval_days=None) for each in gone),
        *(cancelled(session) for session in before.active if session.uid not in kept),
    ]
    plan = replace(
        after,
        revision=before.revision + 1,
        stay=stay_of(after.sessions),
        dropped=tuple(sorted(dropped, key=lambda each: each.place_in_time)),
        last_serial=before.last_serial + len(kept - known),
    )
    if now is None or not before.active:
        return plan
    events_before = {each.uid: event_fingerprint(before, each, now) for each in before.active}

    def counted(session: Session) -> Session:
        event_before = events_before.get(session.uid)
        if event_before is None or event_before == event_fingerprint(plan, session, now):
            return session
        return replace(session, sequence=session.sequence + 1, moved_from=None)

    return replace(
        plan,
        sessions=tuple(map(counted, plan.sessions)),
        maintenance=tuple(map(counted, plan.maintenance)),
    )


def event_fingerprint(plan: Plan, session: Session, now: datetime) -> tuple[object, ...]:
    """What makes the event of a session another one for the patient, in a form to compare.

    That is what it is about, and its own time, place, status, number and total. Other sessions, its
    reasons and its window don't count, nor does the place of a past session.
    """
    of_itself = (session.number, session.status, session.start, session.end, session.moved_from)
    if session.is_past(now):
        return of_itself
    return (*of_itself, plan.total(session), plan.request.location, plan.goal, plan.area)


def with_reasons_of_today(before: Plan, after: Plan, now: datetime) -> Plan:
    """The next revision of a plan, without the reasons whose cause is gone or another one now.

    What keeps its day without them was agreed. What is past stays as it is. Nor does it say any
    more that a course begins late, ends early or is shorter than it should be, where that may have
    had such a cause.
    """
    requests = [replace(plan.request.around_nothing(), sessions=None) for plan in (before, after)]
    if requests[0] == requests[1] or not after.sessions:
        return after
    of_kind = {
        "course": [for_course(each, after.duration_minutes) for each in requests],
        "maintenance": [for_maintenance(each, after.duration_minutes) for each in requests],
    }
    first, last = after.sessions[0].day, after.sessions[-1].day
    origin = min([first, *(day for each in after.sessions[0].reasons for day in each.days)])
    then, today = (
        days.usable(origin, (last - origin).days + MAX_INTERVAL_DAYS) for days in of_kind["course"]
    )
    opens = bool(today & ~then)
    stay = _TOLD_IN_THE_PAST
    if requests[0].weekdays == requests[1].weekdays:
        stay |= {ReasonCode.WEEKDAY}
    old = {session.uid: session for session in before.active}

    def reworded(session: Session) -> Session:
        was = old.get(session.uid)
        if was is None or session.is_past(now) or session.reasons is not was.reasons:
            # Those that are new are of today.
            return session
        reasons: list[Reason] = []
        for reason in session.reasons:
            new = _today(reason, session, *of_kind[session.kind], stay=stay, opens=opens)
            reasons += (each for each in new if each is reason or each not in reasons)
        if list(map(id, reasons)) == list(map(id, session.reasons)):
            return session
        return replace(session, reasons=tuple(reasons))

    sessions = tuple(map(reworded, after.sessions))
    gone = {"START_SLIPPED"} if sessions[0] is not after.sessions[0] else set()
    if opens or last_day(requests[0]) != last_day(requests[1]):
        gone |= {"ENDS_EARLY", "FEWER_SESSIONS"}
    carried = {id(notice) for notice in before.notices if notice.code in gone}
    return replace(
        after,
        sessions=sessions,
        maintenance=tuple(map(reworded, after.maintenance)),
        notices=tuple(notice for notice in after.notices if id(notice) not in carried),
    )


def _today(
    reason: Reason,
    session: Session,
    then: Availability,
    today: Availability,
    *,
    stay: frozenset[ReasonCode],
    opens: bool,
) -> Iterator[Reason]:
    """The reason itself if its code says it stays, or as long as it holds; or what holds of it."""
    day, looks_ahead = session.day, reason.code is ReasonCode.LOOK_AHEAD
    is_of_time = reason.days == (day,)
    was, now = (
        [
            each
            for each in (days.reasons_for_time(day) if is_of_time else days.reasons(reason.days))
            if looks_ahead or each.code is reason.code
        ]
        for days in (then, today)
    )
    same = was == now and [each.cause for each in was] == [each.cause for each in now]
    if reason.code in stay or (same and (now or (looks_ahead and not opens))):
        yield reason
    elif now and not looks_ahead:
        yield from now
    elif is_of_time:
        yield Reason(ReasonCode.AGREED, (day,), AgreedTime(minutes_of(session.start.time())))
    elif session.interval_days != session.preferred_interval_days or session.due not in (None, day):
        yield Reason(ReasonCode.AGREED, (day,), Plain.AGREED)
