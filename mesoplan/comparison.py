"""What changed between two revisions of a plan, appointment by appointment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.model import Session, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mesoplan.model import Plan


@dataclass(frozen=True, slots=True)
class Row:
    """One appointment before and after."""

    before: Session | None
    """None for a new one."""
    after: Session
    """As it stands, or as it was dropped."""
    comes_back: bool = False
    """Whether it had been dropped before."""

    @property
    def is_dropped(self) -> bool:
        """Whether it does not take place any more."""
        return self.after.status in (Status.MISSED, Status.CANCELLED)

    @property
    def moves(self) -> bool:
        """Whether it goes to another day or time."""
        return self.before is not None and (
            self.before.start != self.after.start or self.before.end != self.after.end
        )

    @property
    def is_kept(self) -> bool:
        """Whether it stays when it was, and what became of it stays too."""
        return (
            self.before is not None
            and not self.moves
            and self.before.status is self.after.status
            and self.before.fixed == self.after.fixed
        )


@dataclass(frozen=True, slots=True)
class Comparison:
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
    old = {session.uid: session for session in before.standing}
    dropped_before = {session.uid for session in before.dropped}
    rows = [
        Row(old.get(session.uid), session, session.uid in dropped_before)
        for session in after.standing
    ]
    rows += [
        Row(old.get(session.uid), session)
        for session in after.dropped
        if session.uid not in dropped_before or session.uid in old
    ]
    rows.sort(key=lambda row: (row.after.kind == "maintenance", row.after.start))
    then = {session.start for session in before.standing}
    now_on = {session.start for session in after.standing}
    going = [
        session
        for session in before.standing
        if session.start not in now_on and not session.is_fact(now)
    ]
    coming = [
        session
        for session in after.standing
        if session.start not in then and not session.is_fact(now)
    ]
    return Comparison(before, after, tuple(rows), _in_order(going), _in_order(coming))


def _in_order(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(sorted(sessions, key=lambda session: session.start))
