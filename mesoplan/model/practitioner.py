"""Who treats at a clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mesoplan.dates.days import DateRange
    from mesoplan.model.request import WeeklyHours
    from mesoplan.model.taken import BusyCalendar


class Practitioner(NamedTuple):
    """Somebody who treats, one patient at a time."""

    id: str
    """Short, and kept in the record of a plan."""
    name: str
    """As it is shown on screen and paper."""
    hours: WeeklyHours | None = None
    """When they work, within the clinic's hours; None for as long as the clinic is open."""
    goals: frozenset[str] = frozenset()
    """What they treat, by the goals' own names; empty for all goals."""
    most_sessions_a_day: int | None = None
    busy: tuple[BusyCalendar, ...] = ()
    """Their diaries."""
    away: tuple[DateRange, ...] = ()
    """Days on which they don't treat at all."""

    @property
    def is_always_there(self) -> bool:
        """Whether they can treat whenever the clinic is open, if they have no other session."""
        return not (self.hours is not None or self.busy or self.away)

    def treats(self, goal: str | None) -> bool:
        """Whether they treat a goal; None is one that nobody knows."""
        return goal is None or not self.goals or goal in self.goals
