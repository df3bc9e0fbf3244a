"""What has become of the rows of a batch: each of them, and all in numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from mesoplan.dates.readings import fit_to_show
from mesoplan.errors import MesoplanError, OutsideRule
from mesoplan.model.causes import NoLegalPlan
from mesoplan.wording.notices import notice_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoplan.errors import InvalidInput
    from mesoplan.formats.rows import Row, WrongRow
    from mesoplan.model.plan import Notice, Plan
    from mesoplan.wording.plans import PlannedTogether

NamedRow = tuple["Row", str]
"""A row, and its id as the name of a file."""
SUFFIX = ".ics"
"""Of the files of plans."""
_MOST_KEPT = 20
DOUBTED = (
    *("IN_THE_PAST", "FAR_AHEAD", "HOLIDAYS_OF_PARTS", "HALF_HOLIDAYS", "SHORT_MARGIN"),
    "PATIENT_CALENDAR",
)
"""The notices that say that a plan may not be what was meant."""


class Became(StrEnum):
    """What has become of a row's plan."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Planned:
    """A row that has its plan."""

    line: int
    name: str
    """The row's id, as its file is called."""
    became: Became
    plan: Plan
    schedule: list[tuple[str, ...]]
    """Its rows of the schedule."""
    data: bytes | None = None
    """The calendar file, where it is new or changed."""
    before: bytes | None = None
    """The one that is there, where it changes."""
    kept: bytes | None = None
    """What to keep beside the file in place of *before*, which may not be shown any more."""
    label: str | None = None
    """The patient's, where the file is private and does not show it."""
    came_back: str = ""
    """What of it was not in its file before, and has a day again."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that has none; one that is there from an earlier time stays as it is."""

    line: int
    raw: tuple[str, ...]
    code: str
    """A word for the kind of reason: the rule that is broken, where no plan is within the rules."""
    reasons: tuple[str, ...]
    """What is wrong, and what to do: each mistake."""
    name: str | None = None
    """The row's id as its file would be called, where it has one."""
    finds_no_days: bool = False
    """Whether all was right but the days: where others are booked since, it may find some."""

    @property
    def reason(self) -> str:
        """All that is wrong, for the table of rejected rows."""
        return " | ".join(self.reasons)

    @property
    def reason_shown(self) -> str:
        """The same for the screen: what was typed, and may be somebody's name, is left out."""
        return " | ".join(
            _TYPED.sub(lambda typed: typed[0] if fit_to_show(typed[1]) else "'…'", each)
            for each in self.reasons
        )


_TYPED = re.compile(r"(?<!\w)'(.*)'(?!\w)")
Outcome = Planned | Rejected


def rejected(
    row: Row | WrongRow,
    error: MesoplanError,
    name: str | None = None,
    mistakes: Iterable[InvalidInput] = (),
) -> Rejected:
    """A row that was refused for that error, and for other mistakes in it."""
    reason, code = error.in_one_line, error.kind
    if isinstance(error, NoLegalPlan):
        code = error.conflict.code
        reason = " ".join([*error.problem.splitlines(), error.remedy, *error.details])
    elif isinstance(error, OutsideRule):
        code = error.rule_id
    reasons = tuple(dict.fromkeys((reason, *(each.in_one_line for each in mistakes))))
    return Rejected(row.line, row.raw, code, reasons, name, isinstance(error, NoLegalPlan))


@dataclass(slots=True)
class Some:
    """A number of things, and the first of them in words."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < _MOST_KEPT:
            self.first.append(text)


@dataclass(slots=True)
class Summary:
    """What has been done of a batch by now."""

    rows: int = 0
    became: dict[Became, int] = field(default_factory=lambda: dict.fromkeys(Became, 0))
    made: dict[int, tuple[Became, str, tuple[Notice, ...]]] | None = None
    """What the first of two looks at the row of each line made of it: the second one finds it
    unchanged."""
    rejected: Some = field(default_factory=Some)
    """The lines of the rows, each with its reasons."""
    reasons: Some = field(default_factory=Some)
    """The same with all that stands in a cell, which may be a name."""
    gone: Some = field(default_factory=Some)
    """The plans whose row is gone, with sessions to come: the names of their files."""
    cancelled: Some = field(default_factory=Some)
    """Those of them that were cancelled."""
    changed: Some = field(default_factory=Some)
    """The plans that changed: the names of their files, and what came back to them."""
    unpublished: Some = field(default_factory=Some)
    """Those of them that others look up on a server, or under a link."""
    doubts: dict[str, Some] = field(default_factory=lambda: {code: Some() for code in DOUBTED})
    """The new plans that may not be what was meant, by the code of the notice that says so."""
    nameless: int = 0
    """The rejected rows whose id is not known: their plans may be those that have no row."""
    unreadable: Some = field(default_factory=Some)
    """Events of busy calendars, and files in the folder, that could not be read."""
    aside: tuple[str, ...] = ()
    """The names of columns that were not used."""
    together: PlannedTogether | None = None
    """What came of it where new rows were placed together."""
    notes: list[str] = field(default_factory=list)
    """What is to be said of the table as a whole."""
    stopped: bool = False
    """Whether it was to stop before all rows were done."""
    written: tuple[str, ...] = ()
    """What is where, one per line."""

    @property
    def served(self) -> str | None:
        """How many rows have a plan, and how many would have one first come, first served."""
        if self.together is None or not self.rows:
            return None
        have = sum(self.became.values())
        placed = sum(plan is not None for plan in self.together.plans)
        beside = ", beside the plans that are there" if have > placed else ""
        count = have - placed + self.together.first_come
        first_come = f" (first come, first served{beside}: {count:,})"
        are = "patient has" if self.rows == 1 else "patients have"
        return f"{have:,} of {self.rows:,} {are} a course{first_come if placed else ''}"

    def count(self, outcome: Outcome) -> None:
        """Count a row."""
        self.rows += 1
        if isinstance(outcome, Rejected):
            self.rejected.add(f"line {outcome.line}: {outcome.reason_shown}")
            self.reasons.add(f"line {outcome.line}: {outcome.reason}")
            self.nameless += outcome.name is None
            return
        doubts = tuple(each for each in outcome.plan.notices if each.code in DOUBTED)
        found = outcome.became, outcome.came_back, doubts
        if self.made is not None:
            found = self.made.setdefault(outcome.line, found)
        became, remark, doubts = found
        self.became[became] += 1
        if became is Became.CHANGED:
            self.changed.add(f"{outcome.name}{SUFFIX}{remark and f': {remark}'}")
            if outcome.plan.feed is not None or outcome.plan.published:
                self.unpublished.add(f"{outcome.name}{SUFFIX}")
        for notice in doubts:
            self.doubts[notice.code].add(f"{outcome.name}{SUFFIX}: {notice_text(notice)}")
