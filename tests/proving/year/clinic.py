"""The clinic of the year as plain values: who works when, what is taken, when it is closed.

It shares nothing with the program. Times are minutes of a day, as the clinic's clocks show them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

YEAR = 2027
FIRST, LAST = date(YEAR, 1, 4), date(YEAR, 12, 31)
LAST_KNOWN = date(YEAR + 2, 12, 31)
"""Maintenance of those who come in December is planned up to here."""
ROOMS = 2
MOST_SESSIONS_A_DAY = 16
WHOLE_DAY = (0, 24 * 60)

Span = tuple[int, int]
"""From one minute of a day to a later one."""
Week = tuple[tuple[Span, ...], ...]
"""The spans of each weekday, Monday first."""
Diary = defaultdict[date, list[Span]]
"""What is taken on each day."""


def _at(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _week(*days: str) -> Week:
    return tuple(
        tuple((_at(begin), _at(end)) for begin, end in (part.split("-") for part in day.split()))
        for day in days
    )


HOURS = _week(
    "9:00-12:30 14:00-18:00",
    "9:00-12:30 14:00-18:00",
    "9:00-12:30 14:00-18:00",
    "10:00-13:00 14:00-19:00",
    "9:00-13:00",
    "",
    "",
)


class Protocol(NamedTuple):
    """What a course of a goal is, where nobody asks for something else."""

    sessions: int
    minutes: int
    maintenance_a_year: int


PROTOCOLS = {
    "hair": Protocol(8, 30, 2),
    "cellulite": Protocol(10, 30, 2),
    "contouring": Protocol(8, 30, 2),
    "rejuvenation": Protocol(4, 30, 2),
    "wrinkles": Protocol(6, 30, 2),
    "pigmentation": Protocol(6, 45, 2),
    "fat": Protocol(6, 30, 1),
}


@dataclass
class Person:
    """Somebody who treats."""

    hours: Week
    goals: frozenset[str] = frozenset()
    """Empty for all goals."""
    most_sessions_a_day: int | None = None
    diary: Diary = field(default_factory=lambda: defaultdict(list))
    last_day: date = LAST_KNOWN
    """After it they are not among those who treat."""


@dataclass
class Clinic:
    """What the desk knows today: it changes in the course of the year."""

    people: dict[str, Person]
    are_named: bool = True
    """Whether the program knows them; before that, only rooms count."""
    closed: set[date] = field(default_factory=set)
    """Days of closures."""
    shut: Diary = field(default_factory=lambda: defaultdict(list))
    """Times at which the clinic is closed."""
    busy: Diary = field(default_factory=lambda: defaultdict(list))
    """The clinic's calendar: nobody treats then."""
    room_busy: Diary = field(default_factory=lambda: defaultdict(list))
    """Each takes one room."""


class Closing(NamedTuple):
    """Days on which the clinic is closed, and when the desk hears of it."""

    first: date
    last: date
    known: date


CLOSINGS = (
    Closing(date(YEAR, 8, 1), date(YEAR, 8, 31), FIRST),
    Closing(date(YEAR, 12, 25), date(YEAR + 1, 1, 2), FIRST),
    # The bridge to the weekend after Ascension Day, and the next year's holidays.
    Closing(date(YEAR, 5, 7), date(YEAR, 5, 7), date(YEAR, 3, 15)),
    Closing(date(YEAR + 1, 8, 1), date(YEAR + 1, 8, 31), date(YEAR, 11, 8)),
    Closing(date(YEAR + 1, 12, 23), date(YEAR + 2, 1, 3), date(YEAR, 11, 8)),
)
HALF_DAYS = (
    (date(YEAR, 12, 24), (12 * 60, 24 * 60), FIRST),
    (date(YEAR, 6, 17), (13 * 60, 24 * 60), date(YEAR, 4, 12)),
)
"""Day, the time at which it is closed, and when the desk hears of it."""


def french_holidays(year: int) -> set[date]:
    """The public holidays of France, by the rule of Easter."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, day = divmod(h + n - 7 * m + 114, 31)
    easter = date(year, month, day + 1)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    return {
        *(date(year, *each) for each in fixed),
        *(easter + timedelta(days=days) for days in (1, 39, 50)),
    }


def days_from(first: date, last: date) -> Iterator[date]:
    """Each day from one to another, both of them among it."""
    for count in range((last - first).days + 1):
        yield first + timedelta(days=count)


def new_clinic(random: Random) -> Clinic:
    """The clinic as it is when the year begins."""
    petit = Person(
        _week("9:00-12:30 14:00-18:00", "9:00-12:30 14:00-18:00", "9:00-12:30")
        + _week("10:00-13:00 14:00-19:00", "", "", ""),
        most_sessions_a_day=10,
    )
    roux = Person(
        _week("", "9:00-12:30 14:00-17:00", "9:00-12:30 14:00-18:00")
        + _week("14:00-19:00", "9:00-13:00", "", ""),
        goals=frozenset({"hair", "cellulite", "contouring", "rejuvenation"}),
    )
    clinic = Clinic({"petit": petit, "roux": roux}, are_named=False)
    for day in days_from(FIRST, LAST_KNOWN):
        if day.weekday() == 2 and day.year == YEAR:
            clinic.room_busy[day].append((14 * 60, 18 * 60))  # the laser, which others use too
        if day.weekday() == 1 and day.day <= 7:
            clinic.busy[day].append((9 * 60, 10 * 60))  # the meeting
        for person in clinic.people.values():
            if day.year == YEAR and random.random() < 0.6:
                add_appointment(person, day, random)
    for first in (date(YEAR, 2, 15), date(YEAR, 10, 25)):
        take(petit.diary, days_from(first, first + timedelta(days=4)))
    for first in (date(YEAR, 4, 19), date(YEAR, 7, 12)):
        take(roux.diary, days_from(first, first + timedelta(days=4)))
    return clinic


def take(diary: Diary, days: Iterable[date], span: Span = WHOLE_DAY) -> None:
    """Let something take a time of each of some days."""
    for day in days:
        diary[day].append(span)


def add_appointment(person: Person, day: date, random: Random) -> None:
    """Put something into the diary of somebody who works on that day."""
    if spans := person.hours[day.weekday()]:
        begin, end = random.choice(spans)
        start = random.randrange(begin, end - 30, 15)
        person.diary[day].append((start, min(end, start + random.choice((20, 30, 60, 90, 120)))))
