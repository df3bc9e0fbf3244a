"""The goals as pages to read: the list of all, and one with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from mesoplan.formats.wording import plain_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from mesoplan.goals import Goal, Protocol

_NARROWEST_WITH_AREAS = 110


def goals_page(goals: Sequence[Goal], width: int | None) -> Iterator[RenderableType]:
    """One row a goal, for a terminal of *width* columns; None for a pipe."""
    headings = ["Goal", "Sessions", "Maintenance", "Minutes", "Figures"]
    wide = width is None or width >= _NARROWEST_WITH_AREAS
    if wide:
        headings += ["Also called", "Areas"]
    table = plain_table(width, *headings)
    for goal in goals:
        protocol = goal.protocol
        cells = [
            goal.name,
            _phases(protocol),
            f"{protocol.maintenance_per_year} a year",
            str(protocol.minutes),
            protocol.grade,
        ]
        if wide:
            cells += [", ".join(goal.aliases), ", ".join(goal.areas)]
        table.add_row(*map(Text, cells))
    yield table
    yield Text()
    yield Text("“mesoplan goals GOAL” shows one of them with its sources and cautions.", "dim")


def goal_page(goal: Goal) -> Iterator[RenderableType]:
    """All that is known of a goal."""
    yield Text.assemble((goal.name.capitalize(), "bold"), f": {goal.purpose}")
    yield Text()
    if goal.aliases:
        yield from _entry("Also called", ", ".join(goal.aliases))
    yield from _entry("Areas", ", ".join(goal.areas))
    yield from _protocol("Protocol", goal.protocol)
    for area, protocol in goal.area_protocols.items():
        yield from _protocol(f"Protocol for the {area}", protocol)
    yield from _entry("Alternatives", "; ".join(goal.alternatives) or "the source names none")
    yield from _entry("Caution", goal.caution)


def _protocol(title: str, protocol: Protocol) -> Iterator[RenderableType]:
    yield from _entry(
        title,
        f"{protocol.sessions} sessions of {protocol.minutes} minutes: {_phases(protocol)}; "
        f"maintenance {protocol.maintenance_per_year} a year",
    )
    yield from _entry("Figures", f"{protocol.grade}. {protocol.source}")


def _entry(title: str, text: str) -> Iterator[RenderableType]:
    yield Text(title, "bold")
    yield Padding(Text(text), (0, 0, 0, 2))


def _phases(protocol: Protocol) -> str:
    return ", then ".join(map(str, protocol.phases))
