"""What is asked for: a plan, and how its calendar file is to be written."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date, time
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import WEEKDAYS, DateRange, day_text, require_plannable
from mesoplan.dates.times import TimeRange
from mesoplan.errors import InvalidInput, OutsideRule, UnknownName, quoted
from mesoplan.rules.limits import INTERVAL_DAYS, MAINTENANCE_PER_YEAR, MAX_START_SLIP_DAYS, SESSIONS
from mesoplan.rules.protocol import MAX_DURATION_MINUTES, MIN_DURATION_MINUTES, Limits, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from mesoplan.dates.days import ClosedTime
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.model.taken import BookedTimes, BusyCalendar

MAX_YEARS_OF_MAINTENANCE = 10
DEFAULT_TIME = time(10)
DEFAULT_SLOT_MINUTES = 15
MIN_SLOT_MINUTES = 5
MAX_ROOMS = 50
MAX_PLACE_CHARACTERS = 200
MAX_LABEL_CHARACTERS = 80
LONGEST_ID = 20
"""Of a practitioner, in characters."""
LANGUAGES = {
    "en": "English",
    "fr": "French",
    "es": "Spanish",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "th": "Thai",
    "ja": "Japanese",
}
"""The languages in which patients can read, by their codes."""


WeeklyHours = tuple[tuple[TimeRange, ...], ...]
"""The opening spans of each weekday, Monday first, in order; none where it is closed."""


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
    """When the clinic is open; None if that is not known."""
    slot_minutes: int = DEFAULT_SLOT_MINUTES
    """The minutes between possible start times, counted from each opening."""
    rooms: int = 1
    """How many sessions, or times of the rooms' calendars, there can be at once."""
    busy: tuple[BusyCalendar, ...] = ()
    """The clinic's calendars: nobody treats at their times."""
    room_busy: tuple[BusyCalendar, ...] = ()
    """Calendars of rooms: each of their times takes one room."""
    patient_busy: tuple[BusyCalendar, ...] = ()
    """The patient's calendars: the patient can't come at their times."""
    booked: BookedTimes | None = None
    """The sessions of other patients: each takes a room and a practitioner."""
    practitioners: tuple[Practitioner, ...] = ()
    """All who treat at the clinic, in its own order; none if only rooms count."""
    practitioner: str | None = None
    """The id of the one who treats; None to choose the one with the best course."""
    most_sessions_a_day: int | None = None
    """How many sessions the clinic has on one day at most."""
    weekdays: frozenset[int] = frozenset()
    """Preferred weekdays, Monday = 0, for the sessions after START; none if any will do."""
    closed_weekdays: frozenset[int] = frozenset()
    """Weekdays, Monday = 0, on which the clinic never opens."""
    closures: tuple[DateRange, ...] = ()
    """Days on which the clinic is closed."""
    closed_times: tuple[ClosedTime, ...] = ()
    """Times of days at which the clinic is closed."""
    holidays: tuple[str, ...] = ()
    """Regions whose public holidays the clinic keeps: “TH”, “FR-Alsace”."""
    open_holidays: frozenset[str] = frozenset()
    """Public holidays, by their English names, on which the clinic opens anyway."""
    open_days: frozenset[date] = frozenset()
    """Days on which the clinic opens in spite of a weekday, closure or holiday."""
    away: tuple[DateRange, ...] = ()
    """Days on which the patient can't come."""
    has_calendar: bool = False
    """Whether the patient gave a calendar of their own, now or at an earlier change."""
    arrive: date | None = None
    """The patient's arrival: session 1 is on that day or later."""
    depart: date | None = None
    """The journey home: the last session is R5's days before it, or earlier."""
    finish_by: date | None = None
    """The day on which the last session's recovery (R4) must be over."""
    flex_days: int = 0
    """By how many days START may slip if no course is possible from START itself."""
    past: bool = False
    """Whether START may be more than 30 days ago: the course has begun already."""
    another: bool = False
    """Whether the book may hold a plan of the same patient, goal and START."""
    patient: str | None = None
    """A label for the patient. It is shown; it never goes into a UID or a file name."""
    location: str | None = None
    """Where the sessions are held, as the patient should read it."""
    phone: str | None = None
    """Whom to call."""
    language: str = "en"
    """In which language the patient reads: one of LANGUAGES."""
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
        for closed in self.closed_times:
            closed.require_plannable()
        self._check_trip()
        if self.patient is not None:
            require_label(self.patient)
        for what, text, longest in (
            ("location", self.location, MAX_PLACE_CHARACTERS),
            ("phone number", self.phone, MAX_LABEL_CHARACTERS),
        ):
            if text is not None:
                require_one_line(what, text, longest)
        language_called(self.language)
        if self.practitioner is not None and not is_short_id(self.practitioner):
            raise InvalidInput(
                f"the practitioner's id {quoted(self.practitioner)} is not valid",
                f"use at most {LONGEST_ID} letters, digits and hyphens",
            )
        if not re.fullmatch(r"[0-9A-Za-z-]{8,64}", self.plan_id):
            raise InvalidInput(
                f"the plan id {quoted(self.plan_id)} is not valid",
                "use 8 to 64 letters, digits and hyphens, or leave it out",
            )

    @property
    def given_start(self) -> date | None:
        """START, or the arrival in its place; None if it is to be worked out from the end."""
        if self.start is None and self.finish_by is None:
            return self.arrive
        return self.start

    def with_taken_of(self, other: Request) -> Request:
        """The same around the times that are taken by *other*: no file keeps them."""
        return replace(self, **{name: getattr(other, name) for name in _TAKEN})

    def around_nothing(self) -> Request:
        """The same as if no times were taken."""
        return self.with_taken_of(Request(""))

    @property
    def treats(self) -> str | None:
        """The name of the one who treats, or the id where the clinic has no name for it."""
        known = (each.name for each in self.practitioners if each.id == self.practitioner)
        return next(known, self.practitioner)

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
        longest = MAX_DURATION_MINUTES
        for what, unit, value, least, most in (
            ("years", "years", self.years, 1, MAX_YEARS_OF_MAINTENANCE),
            ("flex", "days", self.flex_days, 0, MAX_START_SLIP_DAYS),
            ("duration", "minutes", self.duration_minutes, MIN_DURATION_MINUTES, longest),
            ("slot", "minutes", self.slot_minutes, MIN_SLOT_MINUTES, longest),
            ("rooms", "rooms", self.rooms, 1, MAX_ROOMS),
        ):
            if value is not None and not least <= value <= most:
                limits = f"{least} to {most} {unit}"
                raise InvalidInput(f"{what}: {value} is outside {limits}", f"choose {limits}")
        if self.opening_hours is not None:
            require_weekly_hours(self.opening_hours)
        clock = self.time_of_day
        if isinstance(clock, time) and (clock.fold or clock != time(clock.hour, clock.minute)):
            raise InvalidInput(
                f"the time of day {clock.isoformat()} is not a plain hour and minute",
                "give a time such as time(9, 30); the zone has a field of its own",
            )
        for weekday in self.weekdays | self.closed_weekdays:
            if not 0 <= weekday <= 6:
                raise UnknownName("weekday", str(weekday), WEEKDAYS)

    def _check_trip(self) -> None:
        if self.flex_days and self.given_start is None:
            raise InvalidInput("flex has no effect without START", "give START, or leave out flex")
        if self.arrive is None:
            return
        for what, day in (("departure", self.depart), ("finish-by day", self.finish_by)):
            if day is not None and day <= self.arrive:
                raise InvalidInput(
                    f"the {what} {day} is not after the arrival {self.arrive}",
                    f"give a {what} after {day_text(self.arrive)}",
                )


_TAKEN = (*("busy", "room_busy", "patient_busy", "booked", "practitioners", "most_sessions_a_day"),)


def is_short_id(text: str) -> bool:
    """Whether a text can be the id of a practitioner."""
    return len(text) <= LONGEST_ID and re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z-]*", text) is not None


def language_called(text: str) -> str:
    """The code of a language, however it was typed. Raises UnknownName, with all of them."""
    code = text.strip().casefold()
    if code not in LANGUAGES:
        listed = ", ".join(f"{each} ({name})" for each, name in LANGUAGES.items())
        raise UnknownName("language", text, LANGUAGES, f"the languages are: {listed}")
    return code


def require_weekly_hours(hours: WeeklyHours) -> None:
    """Raise InvalidInput unless there are seven days, each with its spans in order and apart."""
    if len(hours) != len(WEEKDAYS):
        raise InvalidInput(
            f"there are opening hours for {len(hours)} weekdays",
            "give seven, Monday first, () for closed",
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


def require_label(label: str) -> None:
    """Raise InvalidInput, without repeating it, unless *label* can be shown anywhere as it is."""
    require_one_line("patient label", label, MAX_LABEL_CHARACTERS)
    if re.search(r"\[/?[a-z#@][^\[]*\]", label):
        raise InvalidInput(
            "the patient label has square brackets that a terminal would read as markup",
            "write it without them, or with round ones",
        )


def require_one_line(what: str, text: str, longest: int) -> None:
    """Raise InvalidInput unless *text* is one printable line of at most *longest* characters."""
    if not text.strip():
        raise InvalidInput(f"the {what} is empty", "write it, or leave it out")
    if len(text) > longest:
        raise InvalidInput(
            f"the {what} has {len(text):,} characters", f"write at most {longest} characters"
        )
    # What is printable breaks no line; to ask each character takes far longer.
    if (not text.isprintable() or "\ufffd" in text) and any(_breaks_a_line(c) for c in text):
        raise InvalidInput(
            f"the {what} has a line break, control character or text-direction override",
            "write it on one line, in plain text",
        )


def _breaks_a_line(character: str) -> bool:
    kind = unicodedata.category(character)
    # Direction marks and joiners (also Cf) belong to some scripts; overrides and isolates reach
    # beyond the label and turn round what is printed after it.
    overrides = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    return kind in {"Cc", "Cs", "Zl", "Zp"} or character in overrides or character == "\ufffd"


class ClinicWords(NamedTuple):
    """What a clinic has said of what its patients read."""

    name: str | None = None
    """Of the clinic."""
    texts: Mapping[str, str] = {}
    """In place of our own lines, by their names; empty for a line that is left out."""
    translated: Mapping[str, Mapping[str, str]] = {}
    """The same by languages, with what is filled in, in braces."""

    def texts_in(self, language: str) -> Mapping[str, str]:
        """Its lines in a language, with what is filled in, in braces.

        Without a language of their own they are in English. A line that is left out there is left
        out in every language.
        """
        own = {
            line: text.replace("{", "{{").replace("}", "}}") for line, text in self.texts.items()
        }
        if language != "en":
            own = {line: "" for line, text in own.items() if not text}
        return {**own, **self.translated.get(language, {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOptions:
    """How a calendar file is to be written."""

    private: bool = False
    """No word of treatment, goal, area, substance or patient anywhere in the file."""
    utc: bool = False
    """Times in UTC, without VTIMEZONE."""
    reminders: tuple[timedelta, ...] | None = None
    """How long before each session the phone reminds; empty for never, None for the usual times."""
    words: ClinicWords = field(default=ClinicWords(), compare=False)
    """Of the clinic that writes it: no file keeps them."""
