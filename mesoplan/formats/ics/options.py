"""How a calendar file is to be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.reminders import DEFAULT_REMINDERS

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOptions:
    """How a calendar file is to be written."""

    private: bool = False
    """No word of treatment, goal, area, substance or patient anywhere in the file."""
    utc: bool = False
    """Times in UTC, without VTIMEZONE."""
    reminders: tuple[timedelta, ...] = DEFAULT_REMINDERS
    """How long before each session the phone reminds; empty for never."""
