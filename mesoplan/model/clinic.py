"""The clinic's profile, and what is asked of a new plan there."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, TypeVar, overload

from mesoplan.dates.times import DEFAULT_REMINDERS, time_text
from mesoplan.errors import InvalidInput
from mesoplan.model.request import DEFAULT_SLOT_MINUTES, DEFAULT_TIME, CalendarOptions, Request
from mesoplan.rules.goals import find_goal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time, timedelta

    from mesoplan.dates.days import Closure, DateRange
    from mesoplan.dates.times import TimeRange
    from mesoplan.model.request import WeeklyHours
    from mesoplan.rules.goals import Goal
    from mesoplan.rules.protocol import Protocol


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
    said: frozenset[str] = frozenset()
    """The keys and tables at the top of its file."""

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


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDraft:
    """What is asked of a new plan; None, or empty, where nothing was said.

    The fields are those of `Request` and `CalendarOptions`.
    """

    goal: str
    start: date | None = None
    start_time: time | None = None
    """The time of day that was written after START."""
    sessions: int | None = None
    interval_days: int | None = None
    maintenance_per_year: int | None = None
    years: int | None = None
    area: str | None = None
    time_of_day: time | TimeRange | None = None
    duration_minutes: int | None = None
    closed_weekdays: frozenset[int] = frozenset()
    closures: tuple[DateRange, ...] = ()
    holidays: tuple[str, ...] | None = None
    open_days: frozenset[date] = frozenset()
    away: tuple[DateRange, ...] = ()
    arrive: date | None = None
    depart: date | None = None
    finish_by: date | None = None
    flex_days: int = 0
    patient: str | None = None
    location: str | None = None
    private: bool | None = None
    utc: bool = False
    reminders: tuple[timedelta, ...] | None = None

    def request(self, profile: Profile, zone_name: str, plan_id: str | None = None) -> Request:
        """The request that it is in the clinic of that profile, whose zone has that name.

        Without *plan_id* the plan gets a new one.

        What is asked overrides the profile; closures and opened days add up. Raises InvalidInput.
        """
        if self.years is not None and self.maintenance_per_year == 0:
            raise InvalidInput(
                "years without maintenance have no meaning",
                "leave out the years, or ask for maintenance",
            )
        wanted = first_given(self.start_time, self.time_of_day)
        if self.time_of_day is not None and self.time_of_day != wanted:
            raise InvalidInput(
                f"START says {self.start_time:%H:%M}, and the time is given as "
                f"{time_text(self.time_of_day)}",
                "give the time once",
            )
        private = self._is_private(profile)
        asked = {name: getattr(self, name) for name in _OF_THE_REQUEST}
        if profile.protocols:
            asked["protocol"] = profile.own_protocol(find_goal(self.goal), self.area)
        if plan_id is not None:
            asked["plan_id"] = plan_id
        return Request(
            **asked
            | {
                "timezone": zone_name,
                "years": first_given(self.years, profile.years, default=1),
                "time_of_day": first_given(wanted, profile.time_of_day, default=DEFAULT_TIME),
                "opening_hours": profile.opening_hours,
                "slot_minutes": profile.slot_minutes,
                "rooms": profile.rooms,
                "closures": (*profile.closures, *self.closures),
                "holidays": profile.holidays if self.holidays is None else self.holidays,
                "open_holidays": profile.open_holidays,
                "open_days": profile.open_days | self.open_days,
                "location": first_given(self.location, profile.place(private=private)),
                "phone": profile.phone,
            }
        )

    def calendar_options(self, profile: Profile) -> CalendarOptions:
        """How its calendar file is to be written."""
        return CalendarOptions(
            private=self._is_private(profile),
            utc=self.utc,
            reminders=first_given(self.reminders, profile.reminders, default=DEFAULT_REMINDERS),
        )

    def _is_private(self, profile: Profile) -> bool:
        return first_given(self.private, profile.private, default=False)


_OF_THE_REQUEST = {each.name for each in fields(RequestDraft)} & {
    each.name for each in fields(Request)
}


@overload
def first_given(*values: T | None, default: T) -> T: ...
@overload
def first_given(*values: T | None) -> T | None: ...
def first_given(*values: T | None, default: T | None = None) -> T | None:
    """The first of the values that was given: option, profile, built-in default."""
    return next((value for value in values if value is not None), default)
