"""Why no plan exists, and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesoplan.errors import MesoplanError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class WayOut:
    """One change after which a legal plan exists; it was solved before it was offered."""

    text: str
    """The change in words: “start on Sat 5 Dec 2026”."""
    change: Mapping[str, Any]
    """The fields of the Request to replace, with their new values.

    Of a plan that changes also `when`, `by` and `late`, for what was asked of it, and `extend` and
    `cancel`, for what to ask in place of that, or first.
    """


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why no legal plan exists: the place where the dates run out."""

    code: str
    """NO_START, BLOCKED, DEADLINE or MAINTENANCE.

    Of a plan that changes also PINNED, where a day was chosen by hand, and TOO_LATE, where all
    legal days are past.
    """
    rule_id: str | None
    """The rule that leaves no other day, where one does."""
    sessions: int
    """How many sessions the course was to have; 0 for maintenance."""
    session: int
    """The number of the session that finds no day."""
    days: tuple[date, ...]
    """The days on which it could have been, in order; none of them can be used."""
    text: str
    """The same in one sentence, with the closures and dates that are in the way."""


class NoLegalPlan(MesoplanError):
    """No legal schedule exists for the request."""

    exit_code = 3

    def __init__(self, conflict: Conflict, ways_out: tuple[WayOut, ...]) -> None:
        remedy = "any one of these would help:" if ways_out else "no single change would help"
        super().__init__(f"no legal schedule: {conflict.text}", remedy)
        self.details = tuple(way.text for way in ways_out)
        self.conflict = conflict
        self.ways_out = ways_out
        """The smallest changes that would make it work, each one solved; may be empty."""
