"""The clinic's profile: what holds for every plan of a clinic."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mesoplan.model import DEFAULT_SLOT_MINUTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time, timedelta

    from mesoplan.days import Closure
    from mesoplan.goals import Goal
    from mesoplan.model import WeeklyHours
    from mesoplan.protocol import Protocol
    from mesoplan.times_of_day import TimeRange
    from mesoplan.toml_lines import KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a clinic has said of itself; None, or empty, where it has said nothing."""

    name: str | None = None
    address: str | None = None
    phone: str | None = None
    timezone: str | None = None
    opening_hours: WeeklyHours | None = None
    rooms: int = 1
    slot_minutes: int = DEFAULT_SLOT_MINUTES
    busy: tuple[str, ...] = ()
    """Files and folders of busy calendars, as they are written: from the profile's folder on."""
    book: str | None = None
    """The folder of all plans, as it is written: from the profile's folder on."""
    holidays: tuple[str, ...] = ()
    """The region whose public holidays the clinic keeps, as `region_name` writes it; or none."""
    open_holidays: frozenset[str] = frozenset()
    """The names of those on which it opens all the same."""
    open_days: frozenset[date] = frozenset()
    closures: tuple[Closure, ...] = ()
    time_of_day: time | TimeRange | None = None
    reminders: tuple[timedelta, ...] | None = None
    private: bool | None = None
    years: int | None = None
    protocols: Mapping[tuple[str, str | None], Protocol] = field(default_factory=dict)
    """The clinic's own protocols, by goal and area; None for all areas that have none."""
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    """At which line of the file each value stands."""

    def planned(self, goal: Goal) -> Goal:
        """The goal as this clinic plans it: with the clinic's own protocols in place of its own."""
        own = {area: it for (name, area), it in self.protocols.items() if name == goal.name}
        general = own.pop(None, None)
        of_areas = {area: it for area, it in own.items() if area is not None}
        if general is None:
            return replace(goal, area_protocols={**goal.area_protocols, **of_areas})
        return replace(goal, protocol=general, area_protocols=of_areas)

    def own_protocol(self, goal: Goal, area: str | None) -> Protocol | None:
        """What is planned for a goal in an area, where the clinic has protocols of its own.

        Raises UnknownName for an area that the goal does not have.
        """
        if not self.protocols:
            return None
        return self.planned(goal).protocol_for(goal.area_meant(area))

    def place(self, *, private: bool) -> str | None:
        """Where the clinic is, as the patient reads it; its name may tell what it treats."""
        parts = (self.address,) if private else (self.name, self.address)
        return ", ".join(filter(None, parts)) or None
