"""The clinic's profile, and what is asked of a new plan there."""

from __future__ import annotations

from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

from mesoplan.dates.times import time_text
from mesoplan.errors import InvalidInput, UnknownName, is_address
from mesoplan.model.request import (
    DEFAULT_SLOT_MINUTES,
    DEFAULT_TIME,
    CalendarOptions,
    ClinicWords,
    Request,
)
from mesoplan.rules.goals import find_goal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, time, timedelta

    from mesoplan.dates.days import ClosedTime, Closure
    from mesoplan.dates.readings import DateOrder
    from mesoplan.dates.times import TimeRange
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.model.request import WeeklyHours
    from mesoplan.model.taken import BusyCalendar
    from mesoplan.rules.goals import Goal
    from mesoplan.rules.protocol import Protocol


SERVER = "server:"
"""What comes before the name of a server, where a calendar is named."""
THE_PATIENTS = "the patient's calendar"
"""What is shown in place of the names of the patient's files."""


def calendar_source(name: str) -> Path | str:
    """Where a calendar of that name is: a path; or an address, or “server:NAME”, as written."""
    return name if is_address(name) or name.startswith(SERVER) else Path(name)


_S = TypeVar("_S")
_New = TypeVar("_New")


class Calendars(NamedTuple, Generic[_S]):
    """Busy calendars that are still to be read, by whose they are.

    Where each is: the path of a file or folder, or an address as it was written.
    """

    clinic: tuple[_S, ...] = ()
    rooms: tuple[_S, ...] = ()
    patient: tuple[_S, ...] = ()
    practitioners: Mapping[str, tuple[_S, ...]] = {}
    """The diaries of practitioners, by their ids."""

    @property
    def sources(self) -> tuple[_S, ...]:
        """All of them."""
        diaries = (each for sources in self.practitioners.values() for each in sources)
        return (*self.clinic, *self.rooms, *self.patient, *diaries)

    def but(self, folders: frozenset[Path]) -> Calendars[_S]:
        """The same without those whose real paths these are."""

        def others(sources: tuple[_S, ...]) -> tuple[_S, ...]:
            return tuple(
                each
                for each in sources
                if not (isinstance(each, Path) and Path(realpath(each)) in folders)
            )

        return Calendars(
            others(self.clinic),
            others(self.rooms),
            others(self.patient),
            {name: others(paths) for name, paths in self.practitioners.items()},
        )

    def and_those(
        self, clinic: Iterable[_S], rooms: Iterable[_S], patient: Iterable[_S]
    ) -> Calendars[_S]:
        """The same with further ones."""
        return Calendars(
            (*self.clinic, *clinic),
            (*self.rooms, *rooms),
            (*self.patient, *patient),
            self.practitioners,
        )

    def each(
        self, change: Callable[[_S, str], _New], staff: Iterable[Practitioner]
    ) -> Calendars[_New]:
        """The same with something in place of each; *change* gets whose it is, for messages."""
        names = {each.id: f"the diary of {each.name}" for each in staff}

        def changed(sources: tuple[_S, ...], whose: str = "") -> tuple[_New, ...]:
            return tuple(change(source, whose) for source in sources)

        return Calendars(
            changed(self.clinic),
            changed(self.rooms),
            changed(self.patient, THE_PATIENTS),
            {
                name: changed(diaries, names.get(name, ""))
                for name, diaries in self.practitioners.items()
            },
        )

    def around(
        self,
        request: Request,
        read: Callable[[tuple[_S, ...], str], tuple[BusyCalendar, ...]],
    ) -> Request:
        """The request with what they take.

        *read* gets the calendars of one owner, and what to call them in place of their own names.
        """

        def taken(sources: tuple[_S, ...], whose: str = "") -> tuple[BusyCalendar, ...]:
            return read(sources, whose) if sources else ()

        return replace(
            request,
            busy=(*request.busy, *taken(self.clinic)),
            room_busy=(*request.room_busy, *taken(self.rooms)),
            patient_busy=(*request.patient_busy, *taken(self.patient, THE_PATIENTS)),
            has_calendar=request.has_calendar or bool(self.patient),
            practitioners=tuple(
                each._replace(
                    busy=(*each.busy, *taken(self.practitioners.get(each.id, ()), each.name))
                )
                for each in request.practitioners
            ),
        )


class Server(NamedTuple):
    """A server that the clinic has: of its calendar, or of what patients can look up."""

    url: str | None = None
    folder: str | None = None
    """In place of an address: a folder of this computer, from the profile's folder on."""
    user: str | None = None
    password_command: tuple[str, ...] = ()
    calendar: str | None = None
    """What its calendar is called there, where it has several."""
    public: str | None = None
    """Where on the web patients look up what is in it; None for a calendar."""
    named_in: str = ""
    """The file of the profile that says so."""


class Profile(NamedTuple):
    """What a clinic has said of itself; None, or empty, where it has said nothing."""

    name: str | None = None
    address: str | None = None
    phone: str | None = None
    timezone: str | None = None
    date_order: DateOrder | None = None
    """What 01/02/2026 means here; None if nobody said, so that it is refused."""
    opening_hours: WeeklyHours | None = None
    rooms: int = 1
    slot_minutes: int = DEFAULT_SLOT_MINUTES
    busy: tuple[str, ...] = ()
    """The clinic's busy calendars: files and folders as they are written, from the profile's
    folder on, and addresses."""
    room_busy: tuple[str, ...] = ()
    """The same of rooms."""
    practitioners: tuple[Practitioner, ...] = ()
    """Who treats; their diaries are still to be read."""
    diaries: Mapping[str, tuple[str, ...]] = {}
    """The busy calendars of practitioners, by their ids."""
    most_sessions_a_day: int | None = None
    book: str | None = None
    """The folder of all plans, as it is written: from the profile's folder on."""
    holidays: tuple[str, ...] = ()
    """The region whose public holidays the clinic keeps, as `region_name` writes it; or none."""
    open_holidays: frozenset[str] = frozenset()
    """The names of those on which it opens anyway."""
    open_days: frozenset[date] = frozenset()
    closures: tuple[Closure, ...] = ()
    closed_times: tuple[ClosedTime, ...] = ()
    time_of_day: time | TimeRange | None = None
    reminders: tuple[timedelta, ...] | None = None
    private: bool | None = None
    language: str | None = None
    """In which language patients read, by its code."""
    years: int | None = None
    protocols: Mapping[tuple[str, str | None], Protocol] = {}
    """The clinic's own protocols, by goal and area; None for all areas that have none."""
    patient_text: Mapping[str, str] = {}
    """What patients read in place of our own lines, by their names; empty for no such line."""
    texts: Mapping[str, Mapping[str, str]] = {}
    """The same by languages, with what is filled in, in braces."""
    servers: Mapping[str, Server] = {}
    """By their names."""
    patient_text_reviewed: str | None = None
    """Who agreed to what patients read, and when."""
    said: frozenset[str] = frozenset()
    """The keys and tables at the top of its file."""

    @property
    def words(self) -> ClinicWords:
        """What it says to its patients in place of our own words."""
        return ClinicWords(self.name, self.patient_text, self.texts)

    def practitioner_called(self, typed: str, option: str = "with") -> str:
        """The id of a practitioner as the profile has it, however it was typed after an option.

        Raises InvalidInput for one whom the profile doesn't name.
        """
        if not self.practitioners:
            raise InvalidInput(
                "the clinic's profile names no practitioner",
                f"leave out --{option}, or add a [[practitioner]] to the profile",
            )
        for each in self.practitioners:
            if each.id.casefold() == typed.strip().casefold():
                return each.id
        listed = ", ".join(f"{each.id} ({each.name})" for each in self.practitioners)
        ids = [each.id for each in self.practitioners]
        raise UnknownName("practitioner", typed, ids, f"name one of these: {listed}")

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
        """Where the clinic is, as the patient reads it; its name may say what it treats."""
        parts = (self.address,) if private else (self.name, self.address)
        return ", ".join(filter(None, parts)) or None


class RequestDraft(NamedTuple):
    """What is asked of a new plan."""

    goal: str
    start: date | None
    start_time: time | None
    """The time of day that was written after START."""
    given: Mapping[str, Any]
    """The fields of `Request` and `CalendarOptions` that were given besides: see `asked_values`."""

    def request(self, profile: Profile, zone_name: str) -> Request:
        """The request that it is in the clinic of that profile, whose zone has that name.

        What is asked overrides the profile; closures and opened days add up. Raises InvalidInput.
        """
        given = self.given
        if given.get("years", 1) > 1 and given.get("maintenance_per_year") == 0:
            raise InvalidInput(
                "years have no effect without maintenance",
                "leave out the years, or ask for maintenance",
            )
        time_of_day = given.get("time_of_day")
        wanted = first_given(self.start_time, time_of_day)
        if time_of_day is not None and time_of_day != wanted:
            raise InvalidInput(
                f"START says {self.start_time:%H:%M}, but the time is given as "
                f"{time_text(time_of_day)}",
                "give the time only once",
            )
        asked = {name: value for name, value in given.items() if name not in _OF_THE_FILE}
        if "practitioner" in asked:
            asked["practitioner"] = profile.practitioner_called(asked["practitioner"])
        if profile.protocols:
            asked["protocol"] = profile.own_protocol(find_goal(self.goal), given.get("area"))
        place = profile.place(private=self._is_private(profile))
        of_clinic = {
            "goal": self.goal,
            "start": self.start,
            "timezone": zone_name,
            "years": given.get("years", first_given(profile.years, default=1)),
            "time_of_day": first_given(wanted, profile.time_of_day, default=DEFAULT_TIME),
            "opening_hours": profile.opening_hours,
            "slot_minutes": profile.slot_minutes,
            "rooms": profile.rooms,
            "practitioners": profile.practitioners,
            "most_sessions_a_day": profile.most_sessions_a_day,
            "closed_times": (*profile.closed_times, *given.get("closed_times", ())),
            "closures": (*profile.closures, *given.get("closures", ())),
            "holidays": given.get("holidays", profile.holidays),
            "open_holidays": profile.open_holidays,
            "open_days": profile.open_days | given.get("open_days", frozenset()),
            "location": given.get("location", place),
            "phone": given.get("phone", profile.phone),
            "language": first_given(given.get("language"), profile.language, default="en"),
        }
        return Request(**asked | of_clinic)

    def calendar_options(self, profile: Profile) -> CalendarOptions:
        """How its calendar file is to be written."""
        return CalendarOptions(
            private=self._is_private(profile),
            utc=self.given.get("utc", False),
            reminders=self.given.get("reminders", profile.reminders),
            words=profile.words,
        )

    def _is_private(self, profile: Profile) -> bool:
        return bool(self.given.get("private", profile.private))


_OF_THE_FILE = frozenset({"private", "utc", "reminders"})


T = TypeVar("T")


@overload
def first_given(*values: T | None, default: T) -> T: ...
@overload
def first_given(*values: T | None) -> T | None: ...
def first_given(*values: T | None, default: T | None = None) -> T | None:
    """The first of the values that was given: option, profile, built-in default."""
    return next((value for value in values if value is not None), default)
