"""Which plan is meant by what was typed after a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mesoplan.cli.profile import FoundProfile


class NamedPlan(NamedTuple):
    """The plan that is meant."""

    path: Path
    """Its file, or the folder of its events."""
    typed: str
    """How it is typed again in a command that is shown."""


def named_plan(typed: str, found: FoundProfile, book: str | None) -> NamedPlan:
    """The plan that is meant; *book* is what was typed after --book."""
    del found, book
    return NamedPlan(Path(typed), typed)
