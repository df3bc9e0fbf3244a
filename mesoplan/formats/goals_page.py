"""The goals as pages to read: the list of all, and one with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.formats.page import Part, Table, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.goals import Goal
    from mesoplan.protocol import Protocol

_NARROWEST_WITH_AREAS = 120
_NARROWEST_WITH_FIGURES = 76


def goals_page(goals: Sequence[Goal], width: int | None) -> Iterator[Part]:
    """One row a goal, for a terminal of *width* columns; None for a pipe."""
    columns = 7 if width is None or width >= _NARROWEST_WITH_AREAS else 5
    if width is not None and width < _NARROWEST_WITH_FIGURES:
        columns = 4
    headings = ("Goal", "Sessions", "Upkeep", "Min", "Figures", "Also called", "Areas")
    rows = []
    for goal in goals:
        protocol = goal.protocol
        upkeep = f"{protocol.maintenance_per_year} a year"
        row = (
            goal.name,
            _phases(protocol),
            upkeep,
            str(protocol.minutes),
            protocol.grade,
            ", ".join(goal.aliases),
            ", ".join(goal.areas),
        )
        rows.append(row[:columns])
    yield Table(headings[:columns], tuple(rows))
    yield line()
    yield line(("“mesoplan goals GOAL” shows one of them with its sources and cautions.", "quiet"))


def goal_page(goal: Goal) -> Iterator[Part]:
    """All that is known of a goal."""
    yield line((goal.name.capitalize(), "title"), f": {goal.purpose}")
    yield line()
    if goal.aliases:
        yield from _entry("Also called", ", ".join(goal.aliases))
    yield from _entry("Areas", ", ".join(goal.areas))
    yield from _protocol("Protocol", goal.protocol)
    for area, protocol in goal.area_protocols.items():
        yield from _protocol(f"Protocol for the {area}", protocol)
    yield from _entry("Alternatives", "; ".join(goal.alternatives) or "the source names none")
    yield from _entry("Caution", goal.caution)


def _protocol(title: str, protocol: Protocol) -> Iterator[Part]:
    yield from _entry(
        title,
        f"{protocol.sessions} sessions of {protocol.minutes} minutes: {_phases(protocol)}; "
        f"maintenance {protocol.maintenance_per_year} a year",
    )
    if protocol.limits.narrowing:
        yield from _entry("Limits", protocol.limits.narrowing)
    yield from _entry("Where from", f"{protocol.grade}: {protocol.source}")


def _entry(title: str, text: str) -> Iterator[Part]:
    yield line((title, "title"))
    yield line(text, indent=2)


def _phases(protocol: Protocol) -> str:
    return ", then ".join(map(str, protocol.phases))
