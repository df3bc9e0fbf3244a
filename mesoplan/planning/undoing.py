"""Puts back an earlier state of a plan, as a new revision of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput
from mesoplan.model.plan import Plan, Session, Status
from mesoplan.planning.revision import told

if TYPE_CHECKING:
    from datetime import datetime


def undone(plan: Plan, earlier: Plan, now: datetime) -> Plan:
    """*earlier* as the next revision of *plan*, both of one id, at the moment *now* (aware).

    Every appointment that differs gets a higher sequence number than it had in either; one that
    *earlier* does not know is cancelled. Raises InvalidInput where the two are alike.
    """
    current = {session.uid: session for session in (*plan.active, *plan.dropped)}

    def newer(session: Session) -> Session:
        there = current.get(session.uid)
        if there is None:
            return session
        highest = max(there.sequence, session.sequence)
        if _told(plan, there, now) == _told(earlier, session, now):
            # Its event stays as it is, and so does all that it tells besides.
            return replace(
                there,
                interval_days=session.interval_days,
                preferred_interval_days=session.preferred_interval_days,
            )
        return replace(session, sequence=highest + 1)

    known = {session.uid for session in (*earlier.active, *earlier.dropped)}
    dropped = [newer(session) for session in earlier.dropped]
    for uid, session in current.items():
        if uid not in known:
            is_dropped = session.status in (Status.MISSED, Status.CANCELLED)
            dropped.append(
                session
                if is_dropped
                else replace(
                    session,
                    status=Status.CANCELLED,
                    pinned=False,
                    sequence=session.sequence + 1,
                    interval_days=None,
                )
            )
    after = replace(
        earlier,
        revision=plan.revision + 1,
        sessions=tuple(map(newer, earlier.sessions)),
        maintenance=tuple(map(newer, earlier.maintenance)),
        dropped=tuple(sorted(dropped, key=lambda session: session.place_in_time)),
        last_serial=max(plan.last_serial, earlier.last_serial),
    )
    sequences = {uid: session.sequence for uid, session in current.items()}
    same = {each.uid: each.sequence for each in (*after.active, *after.dropped)}
    if sequences == same and (plan.request, plan.cancelled) == (after.request, after.cancelled):
        raise InvalidInput(
            "the plan before the last change is the same", "there is nothing to undo"
        )
    return after


def _told(plan: Plan, session: Session, now: datetime) -> tuple[object, ...]:
    if session.status in (Status.MISSED, Status.CANCELLED):
        return (session.status, session.start, session.number)
    return told(plan, session, now)
