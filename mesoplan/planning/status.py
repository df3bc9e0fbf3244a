"""What has become of each session by a moment, and what differs between two revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text
from mesoplan.model.plan import Notice, Session, Status
from mesoplan.planning.checking import check_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session

_MOST_NAMED = 5
"""How many sessions one notice names."""


def overdue(plan: Plan, now: datetime) -> tuple[Session, ...]:
    """The sessions whose time has come by *now* (aware), while nobody says what became of them."""
    return tuple(
        session
        for session in plan.active
        if session.status is Status.PLANNED and session.is_past(now)
    )


def progress(plan: Plan, now: datetime) -> str:
    """“3 of 8 done, next Tue 15 Dec 2026 10:00”."""
    done = sum(session.status is Status.ATTENDED for session in plan.sessions)
    here = "" if plan.is_whole else f" (of the {len(plan.sessions)} that are here)"
    parts = [f"{done} of {plan.total_sessions} done{here}"]
    unsaid = len(overdue(plan, now))
    parts += [f"{unsaid} past and not said"] * bool(unsaid)
    if plan.cancelled:
        return ", ".join([*parts, "the rest is cancelled"])
    coming = sorted(
        (session for session in plan.active if not session.is_past(now)),
        key=lambda session: session.start,
    )
    if coming:
        following = coming[0]
        kind = "maintenance " if following.kind == "maintenance" else ""
        when = f"{day_text(following.day)} {following.start:%H:%M}"
        parts.append(f"next {kind}{when}")
    return ", ".join(parts)


def notices_on(plan: Plan, now: datetime) -> Iterator[Notice]:
    """What is to be said of a plan beside its own warnings: breaches, and what is open."""
    for breach in check_plan(plan).breaches:
        yield Notice(breach.code, f"{breach.code}: {breach.text}")
    yield from states_on(plan, now)


def states_on(plan: Plan, now: datetime) -> Iterator[Notice]:
    """What is open at the moment *now* (aware): what was moved in a calendar, what is overdue."""
    for session in plan.active:
        if session.moved_from is not None:
            then = f"{day_text(session.moved_from.date())} {session.moved_from:%H:%M}"
            new = f"{day_text(session.day)} {session.start:%H:%M}"
            text = f"{session.name.in_words} was moved in a calendar: from {then} to {new}"
            yield Notice("MOVED", text)
    past = overdue(plan, now)
    if past:
        names = ", ".join(
            f"{session.name} ({day_text(session.day)})" for session in past[:_MOST_NAMED]
        )
        more = f" and {len(past) - _MOST_NAMED} more" if len(past) > _MOST_NAMED else ""
        which = f"session {names} is" if len(past) == 1 else f"sessions {names}{more} are"
        text = f"{which} past: say “attend” of what took place, “miss” of what did not"
        yield Notice("OVERDUE", text)


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
            and self.before.pinned == self.after.pinned
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
