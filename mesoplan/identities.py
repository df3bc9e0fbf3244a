"""Which appointment is which after a plan has changed: an appointment goes with its day."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mesoplan.model import Session


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
