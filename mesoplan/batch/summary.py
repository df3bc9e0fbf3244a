"""What has been done of a batch, in numbers, and the first of what needs somebody's attention."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesoplan.batch.outcomes import Became, Planned

if TYPE_CHECKING:
    from mesoplan.batch.outcomes import Outcome

_MOST_KEPT = 20


@dataclass(slots=True)
class Some:
    """A number of things, and the first of them in words."""

    count: int = 0
    first: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < _MOST_KEPT:
            self.first.append(text)

    def extend(self, others: Some) -> None:
        """Count others, too."""
        self.count += others.count
        self.first = [*self.first, *others.first][:_MOST_KEPT]

    def add_once(self, text: str) -> None:
        """Count one more, unless it has been counted."""
        if text not in self._known:
            self._known.add(text)
            self.add(text)


@dataclass(slots=True)
class Summary:
    """What has been done of a batch by now."""

    rows: int = 0
    became: dict[Became, int] = field(default_factory=lambda: dict.fromkeys(Became, 0))
    rejected: Some = field(default_factory=Some)
    """The lines of the rows, each with the code of its reason."""
    reasons: Some = field(default_factory=Some)
    """The same with the reasons, which may show what stands in a cell."""
    gone: Some = field(default_factory=Some)
    """The plans whose row is gone, with sessions to come: the names of their files."""
    cancelled: Some = field(default_factory=Some)
    """Those of them that were cancelled."""
    changed: Some = field(default_factory=Some)
    """The plans that changed: the names of their files."""
    past: Some = field(default_factory=Some)
    """The new plans that begin in the past, likewise."""
    nameless: int = 0
    """The rejected rows whose id is not known: their plans may be those that have no row."""
    unreadable: Some = field(default_factory=Some)
    """Events of busy calendars, and files in the folder, that could not be read."""
    stopped: bool = False
    """Whether it was to stop before all rows were done."""
    written: tuple[str, ...] = ()
    """What is where, a line each."""

    def count(self, outcome: Outcome) -> None:
        """Count a row."""
        self.rows += 1
        if isinstance(outcome, Planned):
            self.became[outcome.became] += 1
            if outcome.became is Became.CHANGED:
                self.changed.add(f"{outcome.name}.ics")
            if outcome.is_past:
                self.past.add(f"{outcome.name}.ics")
        else:
            self.rejected.add(f"line {outcome.line}: {outcome.code}")
            self.reasons.add(f"line {outcome.line}: {outcome.reason}")
            self.nameless += outcome.name is None
