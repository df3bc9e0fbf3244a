"""What a breach of a rule is, and the words that tell where it lies and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mesoplan.dates.days import day_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mesoplan.planning.appointments import Appointment
    from mesoplan.rules.limits import Rule

Unit = Literal["days", "sessions", "minutes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One thing that is wrong with the dates of a course."""

    code: str
    """The rule's id, “R2”; or why a day can't be used: a ReasonCode such as “HOLIDAY”."""
    text: str
    """The breach in words, with its dates and its size."""
    days: tuple[date, ...]
    """The days of the appointments that it is about, in order."""
    lines: tuple[int, ...] = ()
    """Where they stand in the file; empty where that is not known."""
    size: int | None = None
    """By how much the limit is broken; None where there is no measure for it."""
    unit: Unit | None = None
    """What the size counts."""


def breach_of(
    code: str,
    appointments: Sequence[Appointment],
    text: str,
    size: int | None = None,
    unit: Unit | None = None,
) -> Breach:
    """The breach that is about those appointments."""
    return Breach(
        code=code,
        text=text,
        days=tuple(dict.fromkeys(each.day for each in appointments)),
        lines=tuple(each.line for each in appointments if each.line is not None),
        size=size,
        unit=unit,
    )


def where(*appointments: Appointment) -> str:
    """“Tue 15 Dec 2026 – Thu 31 Dec 2026, lines 6 and 7”: days once each, lines where known."""
    days = " – ".join(day_text(day) for day in dict.fromkeys(each.day for each in appointments))
    lines = [str(each.line) for each in appointments if each.line is not None]
    return ", ".join([days, *([lines_text(lines)] if lines else [])])


def lines_text(lines: Sequence[str]) -> str:
    """“line 6”, “lines 6 and 7”."""
    return f"line{'' if len(lines) == 1 else 's'} {' and '.join(lines)}"


def as_narrowed(limit: Rule, rule: Rule) -> str:
    """What follows a limit that the clinic has made narrower than its rule; else nothing."""
    return "" if limit == rule else f" ({rule.id} as the clinic narrows it)"


def sessions_text(number: int, what: str = "session") -> str:
    """“1 session”, “2 maintenance sessions”."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def duration_text(minutes: int) -> str:
    """“20 hours 30 minutes”, “1 hour”, “5 minutes”."""
    hours, rest = divmod(minutes, 60)
    parts = [
        f"{number} {unit}{'' if number == 1 else 's'}"
        for number, unit in ((hours, "hour"), (rest, "minute"))
        if number
    ]
    return " ".join(parts) or "0 hours"
