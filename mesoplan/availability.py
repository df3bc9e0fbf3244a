"""Which days can be used, and the reason where not.

A *source* is one thing that blocks days: a closed weekday, a closure, a region's holidays, the
patient being away, the ends of the trip. Each tells the days it blocks in two forms: as a set of
days for the solver (an integer, one bit a day) and in words for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Protocol

from mesoplan.days import WEEKDAYS, day_text, list_text
from mesoplan.model import Reason, ReasonCode, Request
from mesoplan.public_holidays import holiday_year, region_name
from mesoplan.rules import MIN_DAYS_BEFORE_TRAVEL, RECOVERY_DAYS
from mesoplan.zones import days_that_skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


_EARLIEST_SKIPPED_INTO_NEXT_DAY = time(21)
"""No zone skips more than two hours."""


class Source(Protocol):
    """One thing that blocks days."""

    @property
    def code(self) -> ReasonCode:
        """The kind of reason that it is."""
        ...

    def blocks(self, day: date) -> bool:
        """Whether *day* can't be used because of it."""
        ...

    def blocked(self, origin: date, length: int) -> int:
        """The days it blocks: bit *k* stands for *k* days after *origin*, *k* < *length*."""
        ...

    def phrase(self, day: date) -> str:
        """Why it blocks *day*, as a clause without the day; asked only of a day that it blocks."""
        ...


@dataclass(frozen=True, slots=True)
class ClosedWeekday:
    """The clinic never opens on that weekday."""

    weekday: int
    code: ReasonCode = ReasonCode.CLOSED_WEEKDAY

    def blocks(self, day: date) -> bool:
        """See Source."""
        return day.weekday() == self.weekday

    def blocked(self, origin: date, length: int) -> int:
        """See Source."""
        first = (self.weekday - origin.weekday()) % 7
        return sum(1 << k for k in range(first, length, 7))

    def phrase(self, day: date) -> str:
        """See Source."""
        return f"the clinic is closed on {WEEKDAYS[day.weekday()]}s"


@dataclass(frozen=True, slots=True)
class Span:
    """All the days from one to another can't be used: a closure, an absence, an end of the trip."""

    code: ReasonCode
    first: date
    last: date
    why: str

    def blocks(self, day: date) -> bool:
        """See Source."""
        return self.first <= day <= self.last

    def blocked(self, origin: date, length: int) -> int:
        """See Source."""
        low = max((self.first - origin).days, 0)
        high = min((self.last - origin).days + 1, length)
        return ((1 << high) - (1 << low)) if high > low else 0

    def phrase(self, day: date) -> str:  # noqa: ARG002 - the same on every day of the span
        """See Source."""
        return self.why


@dataclass(frozen=True, slots=True)
class Holidays:
    """The public holidays of a region, as `region_name` writes it."""

    region: str
    code: ReasonCode = ReasonCode.HOLIDAY

    def blocks(self, day: date) -> bool:
        """See Source."""
        return day in holiday_year(self.region, day.year).names

    def blocked(self, origin: date, length: int) -> int:
        """See Source."""
        return _bits_of_years(lambda year: holiday_year(self.region, year).names, origin, length)

    def phrase(self, day: date) -> str:
        """See Source."""
        return f"{holiday_year(self.region, day.year).names[day]} ({self.region})"


@dataclass(frozen=True, slots=True)
class SkippedTime:
    """On the days of a change of clocks, a session late at night would begin on the next day."""

    zone_name: str
    clock: time
    code: ReasonCode = ReasonCode.HOURS

    def blocks(self, day: date) -> bool:
        """See Source."""
        return day in days_that_skip(self.zone_name, self.clock, day.year)

    def blocked(self, origin: date, length: int) -> int:
        """See Source."""
        return _bits_of_years(
            lambda year: days_that_skip(self.zone_name, self.clock, year), origin, length
        )

    def phrase(self, day: date) -> str:  # noqa: ARG002 - the same on every such day
        """See Source."""
        return f"clocks skip {self.clock:%H:%M}"


@dataclass(frozen=True, slots=True)
class Availability:
    """The usable days: those that nothing blocks."""

    clinic: tuple[Source, ...]
    """What closes the clinic."""
    open_days: frozenset[date]
    """The days on which the clinic opens in spite of that."""
    patient: tuple[Source, ...]
    """What no opening of the clinic mends: absences, the ends of the trip, skipped times."""

    def usable(self, origin: date, length: int) -> int:
        """The usable days: bit *k* is set when *k* days after *origin* can be used."""
        days = (1 << length) - 1
        for source in self.clinic:
            days &= ~source.blocked(origin, length)
        days |= _bits(self.open_days, origin, length)
        for source in self.patient:
            days &= ~source.blocked(origin, length)
        return days

    def blockers(self, day: date) -> tuple[Source, ...]:
        """Everything that blocks *day*; nothing when it is usable."""
        clinic = () if day in self.open_days else self.clinic
        return tuple(source for source in (*clinic, *self.patient) if source.blocks(day))

    def reasons(self, days: Iterable[date]) -> tuple[Reason, ...]:
        """Why those of *days* that can't be used can't; days with the same cause share one."""
        causes: dict[tuple[ReasonCode, str], list[date]] = {}
        for day in days:
            for source in self.blockers(day):
                causes.setdefault((source.code, source.phrase(day)), []).append(day)
        return tuple(
            Reason(code, _reason_text(phrase, blocked), tuple(blocked))
            for (code, phrase), blocked in causes.items()
        )


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day that the trip or the deadline leaves for a session."""

    day: date
    rule_id: str
    purpose: str
    """What it is kept for, with the rule: “to travel home on Wed 20 Jan 2027 (R5)”."""


def for_maintenance(request: Request) -> Availability:
    """The days that can be used once the course is over: the trip and the deadline are past."""
    weekdays = [ClosedWeekday(weekday) for weekday in sorted(request.closed_weekdays)]
    holidays = map(Holidays, dict.fromkeys(map(region_name, request.holidays)))
    closures = [
        Span(ReasonCode.CLOSURE, days.first, days.last, f"the clinic is closed {days}")
        for days in dict.fromkeys(request.closures)
    ]
    away = [
        Span(ReasonCode.AWAY, days.first, days.last, f"the patient is away {days}")
        for days in dict.fromkeys(request.away)
    ]
    night: list[Source] = []
    if request.time_of_day >= _EARLIEST_SKIPPED_INTO_NEXT_DAY:
        night.append(SkippedTime(request.timezone, request.time_of_day))
    patient = (*away, *night)
    return Availability((*weekdays, *holidays, *closures), request.open_days, patient)


def for_course(request: Request) -> Availability:
    """The days that can be used for the course, between arrival and the last possible day."""
    general = for_maintenance(request)
    trip: list[Source] = []
    if (arrive := request.arrive) is not None:
        why = f"the patient arrives on {day_text(arrive)}"
        trip.append(Span(ReasonCode.AWAY, date.min, arrive - timedelta(days=1), why))
    if (last := last_day(request)) is not None:
        why = f"too late {last.purpose}"
        trip.append(Span(ReasonCode.DEADLINE, last.day + timedelta(days=1), date.max, why))
    return Availability(general.clinic, general.open_days, (*general.patient, *trip))


def last_day(request: Request) -> LastDay | None:
    """The end that departure (R5) or deadline (R4) sets to the course, whichever is earlier."""
    ends: list[LastDay] = []
    if request.depart is not None:
        purpose = f"to travel home on {day_text(request.depart)} (R5)"
        last = request.depart - timedelta(days=MIN_DAYS_BEFORE_TRAVEL)
        ends.append(LastDay(last, "R5", purpose))
    if request.finish_by is not None:
        purpose = f"to have recovered by {day_text(request.finish_by)} (R4)"
        ends.append(LastDay(request.finish_by - timedelta(days=RECOVERY_DAYS), "R4", purpose))
    return min(ends, key=lambda end: end.day, default=None)


def _bits(days: Iterable[date], origin: date, length: int) -> int:
    bits = 0
    for day in days:
        if 0 <= (offset := (day - origin).days) < length:
            bits |= 1 << offset
    return bits


def _bits_of_years(days_of_year: Callable[[int], Iterable[date]], origin: date, length: int) -> int:
    years = range(origin.year, (origin + timedelta(days=length)).year + 1)
    return _bits((day for year in years for day in days_of_year(year)), origin, length)


def _reason_text(phrase: str, days: Sequence[date]) -> str:
    """The phrase with the days that it is said of, unless it names them itself."""
    listed = list_text(days)
    return phrase if listed in phrase else f"{listed}: {phrase}"
