"""What has become of a row, in a form that can be handed from process to process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from mesoplan.errors import FileProblem, MesoplanError, OutsideRule, UnknownName
from mesoplan.model.refusal import NoLegalPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_WAYS = 3


class Became(StrEnum):
    """What has become of a row's plan."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Planned:
    """A row that has its plan."""

    name: str
    """The row's id, as its file is called."""
    became: Literal[Became.NEW, Became.CHANGED, Became.UNCHANGED]
    data: bytes | None
    """The calendar file, where it is new or changed."""
    before: bytes | None
    """The one that is there, where it changes."""
    schedule: bytes
    """Its rows of the schedule, as they are written."""
    sessions: int
    """How many rows these are."""
    plan_id: str
    is_past: bool = False
    """Whether it is new, and begins in the past: that may be a slip of the year."""
    kept: bytes | None = None
    """What to keep beside the file in place of *before*, which may not be told any more."""

    def without_data(self) -> Planned:
        """The same without its files, once they are written."""
        return replace(self, data=None, before=None, kept=None)


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


def rejected(
    line: int, raw: Sequence[str], error: MesoplanError, name: str | None = None
) -> Rejected:
    """A row that was refused for that error."""
    reason = f"{error.problem}; {error.remedy}"
    if isinstance(error, NoLegalPlan) and error.ways_out:
        reason += f" {'; '.join(way.text for way in error.ways_out[:_MOST_WAYS])}"
    return Rejected(line, tuple(raw), _code_of(error), reason, name, isinstance(error, NoLegalPlan))


def _code_of(error: MesoplanError) -> str:
    if isinstance(error, NoLegalPlan):
        return error.conflict.code
    if isinstance(error, OutsideRule):
        return error.rule_id
    if isinstance(error, FileProblem):
        return "FILE"
    return "UNKNOWN_NAME" if isinstance(error, UnknownName) else "VALUE"
