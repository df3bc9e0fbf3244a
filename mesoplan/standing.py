"""Where a plan stands at a moment: what is done, what comes next, what somebody must say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.checking import check_plan
from mesoplan.days import day_text
from mesoplan.model import Notice, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mesoplan.model import Plan, Session

_MOST_NAMED = 5
"""How many sessions one notice names."""


def overdue(plan: Plan, now: datetime) -> tuple[Session, ...]:
    """The sessions whose time has come by *now* (aware), while nobody says what became of them."""
    return tuple(
        session
        for session in plan.standing
        if session.status is Status.PLANNED and session.is_fact(now)
    )


def progress(plan: Plan, now: datetime) -> str:
    """“3 of 8 done, next Tue 15 Dec 2026 10:00”."""
    done = sum(session.status is Status.ATTENDED for session in plan.sessions)
    here = "" if plan.is_whole else f" (of the {len(plan.sessions)} that are here)"
    parts = [f"{done} of {plan.total_sessions} done{here}"]
    unsaid = len(overdue(plan, now))
    parts += [f"{unsaid} past and not said"] * bool(unsaid)
    if plan.ended:
        return ", ".join([*parts, "the rest is cancelled"])
    coming = sorted(
        (session for session in plan.standing if not session.is_fact(now)),
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
    for session in plan.standing:
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
