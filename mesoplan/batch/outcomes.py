"""What becomes of a row: a plan, or the reason why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, MesoplanError, OutsideRule, UnknownName
from mesoplan.model.refusal import NoLegalPlan

if TYPE_CHECKING:
    from mesoplan.formats.rows import Row, WrongRow
    from mesoplan.model.plan import Plan

_MOST_WAYS = 3


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
    begins_in_the_past: bool = False
    """Whether a new one does: that may be a slip of the year."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that has none; one that is there from an earlier time stays as it is."""

    line: int
    raw: tuple[str, ...]
    code: str
    """A word for the kind of reason: the rule that is broken, where no legal plan exists."""
    reason: str
    """What is wrong, and what to do."""
    name: str | None = None
    """The row's id as its file would be called, where it has one."""
    finds_no_days: bool = False
    """Whether all was right but the days: where others are booked since, it may find some."""


Outcome = Planned | Rejected


def rejected(row: Row | WrongRow, error: MesoplanError, name: str | None = None) -> Rejected:
    """A row that was refused for that error."""
    reason = f"{error.problem}; {error.remedy}"
    if isinstance(error, NoLegalPlan) and error.ways_out:
        reason += f" {'; '.join(way.text for way in error.ways_out[:_MOST_WAYS])}"
    code = _code_of(error)
    return Rejected(row.line, row.raw, code, reason, name, isinstance(error, NoLegalPlan))


def _code_of(error: MesoplanError) -> str:
    if isinstance(error, NoLegalPlan):
        return error.conflict.code
    if isinstance(error, OutsideRule):
        return error.rule_id
    if isinstance(error, FileProblem):
        return "FILE"
    return "UNKNOWN_NAME" if isinstance(error, UnknownName) else "VALUE"
