"""How a plan is doing at a moment, and what differs between two revisions of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mesoplan.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session


def overdue(plan: Plan, now: datetime) -> tuple[Session, ...]:
    """The sessions that are past at *now* (aware), and neither attended nor missed."""
    return tuple(
        session
        for session in plan.active
        if session.status is Status.PLANNED and session.is_past(now)
    )


def coming(plan: Plan, now: datetime) -> tuple[Session, ...]:
    """The sessions still to come at *now* (aware), in order."""
    return _in_order(session for session in plan.active if not session.is_past(now))


class Row(NamedTuple):
    """One appointment before and after."""

    before: Session | None
    """None for a new one."""
    after: Session
    """As it is now, or as it was dropped."""
    comes_back: bool = False
    """Whether it had been dropped before."""

    @property
    def is_dropped(self) -> bool:
        """Whether it does not take place any more."""
        return self.after.is_dropped

    @property
    def moves(self) -> bool:
        """Whether it goes to another day or time."""
        return self.before is not None and (
            self.before.start != self.after.start or self.before.end != self.after.end
        )

    @property
    def is_kept(self) -> bool:
        """Whether its time and its status stay as they were."""
        return (
            self.before is not None
            and not self.moves
            and self.before.status is self.after.status
            and self.before.pinned == self.after.pinned
        )


class Comparison(NamedTuple):
    """Two revisions of a plan, side by side."""

    before: Plan
    after: Plan
    rows: tuple[Row, ...]
    """The course by its days, then maintenance; what was dropped earlier is not among them."""
    going: tuple[Session, ...]
    """What the patient can strike out: appointments to come, as they were."""
    coming: tuple[Session, ...]
    """What the patient must note down."""


def compare(before: Plan, after: Plan, now: datetime) -> Comparison:
    """What a change makes of a plan, at the moment *now* (aware)."""
    old = {session.uid: session for session in before.active}
    dropped_before = {session.uid for session in before.dropped}
    rows = [
        Row(old.get(session.uid), session, session.uid in dropped_before)
        for session in after.active
    ]
    rows += [
        Row(old.get(session.uid), session)
        for session in after.dropped
        if session.uid not in dropped_before or session.uid in old
    ]
    rows.sort(key=lambda row: (row.after.kind == "maintenance", row.after.start))
    then = {session.start for session in before.active}
    now_on = {session.start for session in after.active}
    going = [
        session
        for session in before.active
        if session.start not in now_on and not session.is_past(now)
    ]
    coming = [
        session
        for session in after.active
        if session.start not in then and not session.is_past(now)
    ]
    return Comparison(before, after, tuple(rows), _in_order(going), _in_order(coming))


def _in_order(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(sorted(sessions, key=lambda session: session.start))
