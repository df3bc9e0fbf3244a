"""The frozen values that everything else passes around, from Request to Plan."""

from __future__ import annotations

import re
import uuid
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from mesoplan.days import WEEKDAYS, DateRange, day_text, require_plannable
from mesoplan.errors import InvalidInput, OutsideRule, UnknownName, quoted
from mesoplan.labels import MAX_LABEL_CHARACTERS, require_label, require_one_line
from mesoplan.protocol import MAX_DURATION_MINUTES, MIN_DURATION_MINUTES, Limits, Protocol
from mesoplan.rules import INTERVAL_DAYS, MAINTENANCE_PER_YEAR, MAX_START_SLIP_DAYS, SESSIONS
from mesoplan.times_of_day import TimeRange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesoplan.busy_times import TakenTimes

MAX_YEARS_OF_MAINTENANCE = 10
DEFAULT_TIME = time(10)
DEFAULT_SLOT_MINUTES = 15
MIN_SLOT_MINUTES = 5
MAX_ROOMS = 50
MAX_PLACE_CHARACTERS = 200


class ReasonCode(StrEnum):
    """Why a session is not on its preferred day, or not at its preferred time."""

    CLOSED_WEEKDAY = "CLOSED_WEEKDAY"
    HOLIDAY = "HOLIDAY"
    CLOSURE = "CLOSURE"
    AWAY = "AWAY"
    GIVEN_UP = "GIVEN_UP"
    BUSY = "BUSY"
    CAPACITY = "CAPACITY"
    HOURS = "HOURS"
    DEADLINE = "DEADLINE"
    LOOK_AHEAD = "LOOK_AHEAD"
    PINNED = "PINNED"
    AGREED = "AGREED"
    PAST = "PAST"


class Status(StrEnum):
    """What has become of a session."""

    PLANNED = "planned"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why a session is not on its preferred day, or not at its preferred time."""

    code: ReasonCode
    text: str
    """The reason in words: “Fri 25 Dec 2026: Christmas Day (FR)”."""
    days: tuple[date, ...]
    """The days that it is about, in order."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a whole plan that its reader must know; `warnings` in JSON."""

    code: str
    text: str


WeeklyHours = tuple[tuple[TimeRange, ...], ...]
"""The opening spans of each weekday, Monday first, in order; none where it is closed."""


@dataclass(frozen=True, slots=True)
class SessionName:
    """Which session of a plan is meant: “3” in the course, “m1” in maintenance."""

    kind: Literal["course", "maintenance"]
    number: int

    def __str__(self) -> str:
        return f"{'m' if self.kind == 'maintenance' else ''}{self.number}"

    @property
    def in_words(self) -> str:
        """“session 3”, “maintenance 1”."""
        return f"{'session' if self.kind == 'course' else 'maintenance'} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One appointment of a plan."""

    number: int
    """Counts from 1 within its kind."""
    kind: Literal["course", "maintenance"]
    uid: str
    """The appointment's own name in calendar files: the plan's id and a serial number."""
    start: datetime
    """An aware moment in the clinic's zone."""
    end: datetime
    interval_days: int | None = None
    """Days since the session before; None for the first one and for maintenance."""
    preferred_interval_days: int | None = None
    due: date | None = None
    """The day on which maintenance is due; None in the course."""
    window: DateRange
    """The earliest and the latest usable day it could move to, all others left where they are."""
    status: Status = Status.PLANNED
    sequence: int = 0
    """How often this event was changed since it was first written."""
    reasons: tuple[Reason, ...] = ()
    """Why it is not on its preferred day; empty when it is."""
    fixed: bool = False
    """Whether its day was chosen by hand, so that planning anew may not move it."""
    late: str | None = None
    """Why it comes later after the session before it than any legal interval; None otherwise."""
    moved_from: datetime | None = None
    """When the plan had it, if somebody moved the event in a calendar."""

    @property
    def day(self) -> date:
        """Its calendar day in the clinic's zone."""
        return self.start.date()

    @property
    def place_in_time(self) -> tuple[datetime, str]:
        """What sessions are sorted by: one that was dropped may have the time of another."""
        return self.start, self.uid

    @property
    def name(self) -> SessionName:
        """What it is called where a session is to be named."""
        return SessionName(self.kind, self.number)

    def is_fact(self, now: datetime) -> bool:
        """Whether it took place, or its time has come by *now* (aware) and nobody says otherwise.

        A fact is never moved.
        """
        return self.status is Status.ATTENDED or self.start < now


@dataclass(frozen=True, slots=True)
class Stay:
    """From the first session to the earliest day of travel home."""

    arrive: date
    earliest_travel: date

    @property
    def nights(self) -> int:
        """The nights between the two days."""
        return (self.earliest_travel - self.arrive).days


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. Fields left at None take the goal's own defaults.

    Raises InvalidInput (OutsideRule, UnknownName, …) for a value that no plan can have. Goal, area
    and holiday regions are looked up later, by `plan`.
    """

    goal: str
    """A goal's name or alias: “hair”, “alopecia”."""
    start: date | None = None
    """START: session 1 is on the first usable day from here. None: worked out from the trip."""
    _: KW_ONLY
    sessions: int | None = None
    """How many sessions (R1). When given it is kept, or the plan is refused."""
    interval_days: int | None = None
    """Preferred interval (R2), in place of the goal's phases."""
    maintenance_per_year: int | None = None
    """Maintenance sessions a year (R3); 0 for none."""
    years: int = 1
    """For how many years maintenance is planned, 1-10."""
    area: str | None = None
    time_of_day: time | TimeRange = DEFAULT_TIME
    """The preferred time at which sessions begin, or a range of which any time is as good."""
    duration_minutes: int | None = None
    timezone: str = "UTC"
    """The clinic's IANA zone."""
    protocol: Protocol | None = None
    """The clinic's own protocol for this goal and area, in place of the goal's."""
    opening_hours: WeeklyHours | None = None
    """When the clinic is open; None where that is not known."""
    slot_minutes: int = DEFAULT_SLOT_MINUTES
    """Sessions begin every so many minutes from each opening."""
    rooms: int = 1
    """How many sessions, or times of busy calendars, there can be at once."""
    busy: tuple[TakenTimes, ...] = ()
    """Times that are taken; each takes one room."""
    closed_weekdays: frozenset[int] = frozenset()
    """Weekdays, Monday = 0, on which the clinic never opens."""
    closures: tuple[DateRange, ...] = ()
    """Days on which the clinic is closed."""
    holidays: tuple[str, ...] = ()
    """Regions whose public holidays the clinic keeps: “TH”, “FR-Alsace”."""
    open_holidays: frozenset[str] = frozenset()
    """Public holidays, by their English names, on which the clinic opens all the same."""
    open_days: frozenset[date] = frozenset()
    """Days on which the clinic opens in spite of a weekday, closure or holiday."""
    away: tuple[DateRange, ...] = ()
    """Days on which the patient can't come."""
    arrive: date | None = None
    """The patient's arrival: session 1 is on that day or later."""
    depart: date | None = None
    """The journey home: the last session is R5's days before it, or earlier."""
    finish_by: date | None = None
    """The day on which the last session's recovery (R4) must be over."""
    flex_days: int = 0
    """By how many days START may slip where no legal course exists from START itself."""
    patient: str | None = None
    """A label for the patient. It is shown; it never goes into a UID or a file name."""
    place: str | None = None
    """Where the sessions are held, as the patient should read it."""
    phone: str | None = None
    """Whom to call, likewise."""
    plan_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """The plan's id: random unless it is given. Every UID begins with it."""

    def __post_init__(self) -> None:
        self._check_numbers()
        for what in ("start", "arrive", "depart", "finish_by"):
            day = getattr(self, what)
            if day is not None:
                require_plannable(day)
        for days in (*self.closures, *self.away):
            require_plannable(days.first)
            require_plannable(days.last)
        self._check_trip()
        if self.patient is not None:
            require_label(self.patient)
        for what, text, longest in (
            ("location", self.place, MAX_PLACE_CHARACTERS),
            ("phone number", self.phone, MAX_LABEL_CHARACTERS),
        ):
            if text is not None:
                require_one_line(what, text, longest)
        if not re.fullmatch(r"[0-9A-Za-z-]{8,64}", self.plan_id):
            raise InvalidInput(
                f"the plan id {quoted(self.plan_id)} is no id",
                "use 8 to 64 letters, digits and hyphens, or leave it out",
            )

    @property
    def given_start(self) -> date | None:
        """START, or the arrival in its place; None where it is to be worked out from the end."""
        if self.start is None and self.finish_by is None:
            return self.arrive
        return self.start

    @property
    def limits(self) -> Limits:
        """R1 to R3, as the clinic narrows them for what is asked."""
        return self.protocol.limits if self.protocol is not None else Limits()

    def _check_numbers(self) -> None:
        if self.sessions is not None:
            SESSIONS.require("sessions", self.sessions)
        if self.interval_days is not None:
            INTERVAL_DAYS.require("interval", self.interval_days)
        if self.maintenance_per_year is not None:
            most = MAINTENANCE_PER_YEAR.maximum or 0
            if not 0 <= self.maintenance_per_year <= most:
                raise OutsideRule(
                    "R3",
                    "maintenance",
                    self.maintenance_per_year,
                    f"{MAINTENANCE_PER_YEAR.limit}, or 0 for none",
                )
        _require_between("years", self.years, 1, MAX_YEARS_OF_MAINTENANCE)
        _require_between("flex", self.flex_days, 0, MAX_START_SLIP_DAYS)
        if self.duration_minutes is not None:
            _require_between(
                "duration", self.duration_minutes, MIN_DURATION_MINUTES, MAX_DURATION_MINUTES
            )
        _require_between("slot", self.slot_minutes, MIN_SLOT_MINUTES, MAX_DURATION_MINUTES)
        _require_between("rooms", self.rooms, 1, MAX_ROOMS)
        if self.opening_hours is not None:
            require_weekly_hours(self.opening_hours)
        clock = self.time_of_day
        if isinstance(clock, time) and (clock.fold or clock != time(clock.hour, clock.minute)):
            raise InvalidInput(
                f"the time of day {clock.isoformat()} is no plain hour and minute",
                "give a time such as time(9, 30); the zone has a field of its own",
            )
        for weekday in self.closed_weekdays:
            if not 0 <= weekday <= 6:
                raise UnknownName("weekday", str(weekday), WEEKDAYS)

    def _check_trip(self) -> None:
        if self.flex_days and self.given_start is None:
            raise InvalidInput(
                "flex without START has no meaning", "give START, or leave out the flex"
            )
        if self.arrive is None:
            return
        for what, day in (("departure", self.depart), ("finish-by day", self.finish_by)):
            if day is not None and day <= self.arrive:
                raise InvalidInput(
                    f"the {what} {day} is not after the arrival {self.arrive}",
                    f"give a {what} after {day_text(self.arrive)}",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Course, maintenance and stay for one patient."""

    id: str
    revision: int
    """How often the plan was re-planned."""
    request: Request
    """What was asked for, word for word."""
    goal: str | None
    """The goal's own name; None where a private file does not tell it."""
    area: str | None
    phases: tuple[tuple[int, int], ...]
    """(sessions, preferred interval in days) of each phase, as planned."""
    maintenance_per_year: int
    duration_minutes: int
    sessions: tuple[Session, ...]
    """The course, in order: what is planned and what took place."""
    maintenance: tuple[Session, ...]
    """The maintenance sessions, likewise."""
    stay: Stay | None
    """None where no session of the course is left, or not all of them are here."""
    warnings: tuple[Notice, ...]
    dropped: tuple[Session, ...] = ()
    """What was missed or cancelled, in order, under the numbers that it had."""
    last_serial: int = 0
    """The highest serial that a UID of this plan has had: none is ever used again."""
    ended: bool = False
    """Whether all that had not taken place was cancelled."""
    row_digest: str | None = None
    """Of a plan from a batch, what its row asked for, as a digest; None for one that was typed."""

    @property
    def is_whole(self) -> bool:
        """Whether all sessions of the course are here, or it was ended: a file may lack some."""
        return self.ended or len(self.sessions) >= self.total_sessions

    @property
    def total_sessions(self) -> int:
        """How many sessions the course is to have."""
        return sum([sessions for sessions, _ in self.phases])

    @property
    def totals(self) -> dict[Literal["course", "maintenance"], int]:
        """How many sessions of each kind there are to be, a maintenance left out among them."""
        return {
            "course": self.total_sessions,
            "maintenance": self.maintenance_per_year * self.request.years,
        }

    def total(self, session: Session) -> int:
        """Of how many a session is one: see `totals`."""
        return self.totals[session.kind]

    @property
    def standing(self) -> tuple[Session, ...]:
        """The course and the maintenance together, without what was dropped."""
        return (*self.sessions, *self.maintenance)

    def following(self, session: Session) -> Session | None:
        """The standing session that comes next after another; None after the last one."""
        later = (each for each in self.standing if each.start > session.start)
        return min(later, key=lambda each: each.start, default=None)

    def find(self, name: SessionName) -> Session | None:
        """The standing session of that name."""
        among = self.sessions if name.kind == "course" else self.maintenance
        return next((session for session in among if session.number == name.number), None)


def require_weekly_hours(hours: WeeklyHours) -> None:
    """Raise InvalidInput unless there are seven days, each with its spans in order and apart."""
    if len(hours) != len(WEEKDAYS):
        raise InvalidInput(
            f"opening hours for {len(hours)} weekdays", "give seven, Monday first, () for closed"
        )
    for spans in hours:
        require_apart(spans)


def require_apart(spans: Sequence[TimeRange]) -> None:
    """Raise InvalidInput unless the opening spans of one day are in order and do not overlap."""
    for before, after in pairwise(spans):
        if after.begin_minutes < before.end_minutes:
            raise InvalidInput(
                f"the opening hours {before} and {after} overlap or are out of order",
                "join them, or write the earlier one first",
            )


def _require_between(what: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidInput(
            f"{what}: {value} is not between {least} and {most}", f"choose {least} to {most}"
        )
