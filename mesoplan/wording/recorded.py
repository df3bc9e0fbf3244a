"""What became of sessions, in one line: the answer to a change that moves no date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import listed, near_day_text
from mesoplan.dates.zones import find_zone
from mesoplan.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session
    from mesoplan.planning.replanner import Comparison

_OUTCOMES = {
    Status.ATTENDED: ("done", "done"),
    Status.PLANNED: ("is not recorded any more", "are not recorded any more"),
    Status.MISSED: ("missed", "missed"),
    Status.CANCELLED: ("cancelled", "cancelled"),
}
"""What became of one session, and of several."""


def recorded_text(comparison: Comparison, called: str, now: datetime) -> str:
    """What became of whose sessions, and what comes next, where no date to come changes.

    “Anne Martin, hair: session 3 of 10 done. Next: Tue 8 Dec 09:30.” *called* is the patient's
    label, or else the name of the plan's file.
    """
    plan = comparison.after
    rows = [row for row in comparison.rows if not row.is_kept]
    which = "; ".join(
        f"{_named(changed, plan)} {outcomes[len(changed) > 1]}"
        for status, outcomes in _OUTCOMES.items()
        if (changed := [row.after for row in rows if row.after.status is status])
    )
    moved = [row.after.day for row in rows if row.moves and row.after.status is Status.ATTENDED]
    today = now.astimezone(find_zone(plan.request.timezone)).date()
    which += "".join(f" on {near_day_text(day, today)}" for day in moved[:1])
    whose = ", ".join(filter(None, (called, plan.goal)))
    return " ".join([f"{whose}: {which}.", *_what_comes(plan, [row.after for row in rows], now)])


def _named(sessions: Sequence[Session], plan: Plan) -> str:
    """“sessions 1 and 2 of 10”, “session 10 of 10 and maintenance 1 of 2”."""
    parts = []
    for kind, what in (("course", "session"), ("maintenance", "maintenance")):
        of_kind = [each for each in sessions if each.kind == kind]
        if of_kind:
            several = "s" * (len(of_kind) > 1 and kind == "course")
            numbers = listed([each.number for each in of_kind])
            parts.append(f"{what}{several} {numbers} of {plan.total(of_kind[0])}")
    return " and ".join(parts)


def _what_comes(plan: Plan, changed: Sequence[Session], now: datetime) -> Iterator[str]:
    if plan.cancelled:
        yield "The rest is cancelled."
        return
    is_done = all(each.status is Status.ATTENDED for each in plan.sessions) and plan.is_whole
    if is_done and any(each.kind == "course" for each in changed):
        yield "The course is complete."
    today = now.astimezone(find_zone(plan.request.timezone)).date()
    for following in plan.coming(now)[:1]:
        name = f"{following.name.in_words}, " if following.kind == "maintenance" else ""
        yield f"Next: {name}{near_day_text(following.day, today)} {following.start:%H:%M}."
