"""Which days can be used, what blocks the others, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from mesoplan.dates.days import Closure, DateRange, day_text, list_text, weekday_text, weekdays_text
from mesoplan.dates.holidays import each_name, holiday_year, region_name
from mesoplan.dates.zones import days_that_skip
from mesoplan.model.plan import Reason, ReasonCode
from mesoplan.planning.slots import Slots, slots_for
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL, RECOVERY_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mesoplan.model.request import Request
    from mesoplan.planning.slots import Slots


class Blocker(Protocol):
    """One thing that blocks days, and what is said of it."""

    @property
    def code(self) -> ReasonCode:
        """The kind of reason that it is."""
        ...

    def blocks(self, day: date) -> bool:
        """Whether *day* can't be used because of it."""
        ...

    def phrase(self, day: date) -> str:
        """Why it blocks *day*, as a clause without the day; asked only of a day that it blocks."""
        ...


class Source(Blocker, Protocol):
    """A blocker that knows its days without being asked for each of them."""

    def blocked(self, origin: date, length: int) -> int:
        """The days it blocks: bit *k* stands for *k* days after *origin*, *k* < *length*."""
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
        weeks = -(-(length - first) // 7)
        # 2⁰ + 2⁷ + 2¹⁴ + …, as many terms as there are weeks.
        return ((1 << 7 * weeks) - 1) // 127 << first

    def phrase(self, day: date) -> str:
        """See Source."""
        return f"the clinic is closed on {weekday_text(day)}"


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
    open_on: frozenset[str] = frozenset()
    """The names of those on which the clinic opens all the same, letter case folded."""
    code: ReasonCode = ReasonCode.HOLIDAY

    def blocks(self, day: date) -> bool:
        """See Source."""
        return day in _kept_holidays(self.region, self.open_on, day.year)

    def blocked(self, origin: date, length: int) -> int:
        """See Source."""

        def of_year(year: int) -> int:
            return _holiday_bits(self.region, self.open_on, year)

        return _bits_of_years(of_year, origin, length)

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

        def of_year(year: int) -> int:
            return _bits_of_year(days_that_skip(self.zone_name, self.clock, year), year)

        return _bits_of_years(of_year, origin, length)

    def phrase(self, day: date) -> str:  # noqa: ARG002 - the same on every such day
        """See Source."""
        return f"clocks skip {self.clock:%H:%M}"


@dataclass(frozen=True, slots=True)
class NoSlot:
    """On some days the opening hours leave no slot for a session of that length."""

    slots: Slots
    code: ReasonCode = ReasonCode.HOURS

    def blocks(self, day: date) -> bool:
        """See Blocker."""
        return self.slots.best(day) is None and not self.slots.offered(day)

    def phrase(self, day: date) -> str:
        """See Blocker."""
        return self.phrase_about(day, weekday_text(day))

    def phrase_about(self, day: date, weekdays: str) -> str:
        """The phrase for *day*, said of several *weekdays* with the same hours."""
        return self.slots.why_not_offered(day, weekdays)


@dataclass(frozen=True, slots=True)
class AllTaken:
    """On some days busy calendars take all the slots that the hours leave."""

    slots: Slots

    @property
    def code(self) -> ReasonCode:
        """See Blocker."""
        return self.slots.taken_code

    def blocks(self, day: date) -> bool:
        """See Blocker."""
        return self.slots.best(day) is None and self.slots.is_full(day)

    def phrase(self, day: date) -> str:
        """See Blocker."""
        return self.slots.why_none_is_free(day)


def day_set(days: Iterable[date], origin: date, length: int) -> int:
    """Those of *days* that are one of *length* days from *origin* on, as a set."""
    bits = 0
    for day in days:
        if 0 <= (offset := (day - origin).days) < length:
            bits |= 1 << offset
    return bits


@lru_cache(maxsize=256)
def _kept_holidays(region: str, open_on: frozenset[str], year: int) -> frozenset[date]:
    names = holiday_year(region, year).names
    return frozenset(
        day for day, name in names.items() if not open_on or not open_on.issuperset(each_name(name))
    )


@lru_cache(maxsize=256)
def _holiday_bits(region: str, open_on: frozenset[str], year: int) -> int:
    return _bits_of_year(_kept_holidays(region, open_on, year), year)


def _bits_of_year(days: Iterable[date], year: int) -> int:
    return day_set(days, date(year, 1, 1), 366)


def _bits_of_years(bits_of: Callable[[int], int], origin: date, length: int) -> int:
    """The days of some years, each told as a set from its first day on, counted from *origin*."""
    found = 0
    for year in range(origin.year, (origin + timedelta(days=length)).year + 1):
        offset = (date(year, 1, 1) - origin).days
        found |= bits_of(year) << offset if offset > 0 else bits_of(year) >> -offset
    return found & (1 << length) - 1


_EARLIEST_SKIPPED_INTO_NEXT_DAY = time(21)
"""No zone skips more than two hours."""


@dataclass(frozen=True, slots=True)
class Availability:
    """The usable days: those that nothing blocks; and the times of day on them."""

    closings: tuple[Source, ...]
    """What closes the clinic."""
    open_days: frozenset[date]
    """The days on which the clinic opens in spite of that."""
    slots: Slots
    """The times at which sessions can begin on an open day."""
    others: tuple[Source, ...]
    """What no opening of the clinic mends: absences, the ends of the trip, skipped times."""

    def usable(self, origin: date, length: int) -> int:
        """The usable days: bit *k* is set when *k* days after *origin* can be used."""
        days = (1 << length) - 1
        for source in self.closings:
            days &= ~source.blocked(origin, length)
        days |= day_set(self.open_days, origin, length)
        for source in self.others:
            days &= ~source.blocked(origin, length)
        if not self.slots.fixed:
            for k in range(length):
                if days >> k & 1 and self.slots.best(origin + timedelta(days=k)) is None:
                    days &= ~(1 << k)
        return days

    def without(self, code: ReasonCode) -> Availability:
        """The same, if nothing but the clinic's closings blocked days for that reason."""
        return replace(
            self, others=tuple(source for source in self.others if source.code is not code)
        )

    def minutes_off(self, origin: date, length: int) -> list[int]:
        """By how many minutes the best slot of each day is off the preferred time.

        Item *k* is for *k* days after *origin*; the list is empty where all would be 0.
        """
        if self.slots.all_preferred:
            return []
        return [self.slots.minutes_off(origin + timedelta(days=k)) for k in range(length)]

    def blockers(self, day: date) -> tuple[Blocker, ...]:
        """Everything that blocks *day*; nothing when it is usable.

        Of a day on which the clinic is closed nothing is said about its hours.
        """
        closed = () if day in self.open_days else _blocking(self.closings, day)
        no_time = () if closed or self.slots.fixed else _blocking(self._times, day)
        return (*closed, *no_time, *_blocking(self.others, day))

    @property
    def _times(self) -> tuple[Blocker, ...]:
        return NoSlot(self.slots), AllTaken(self.slots)

    def reasons(self, days: Iterable[date]) -> tuple[Reason, ...]:
        """Why those of *days* that can't be used can't; days with the same cause share one."""
        causes: dict[tuple[ReasonCode, str], list[date]] = {}
        for day in days:
            for source in self.blockers(day):
                weekday = source.code is ReasonCode.CLOSED_WEEKDAY
                phrase = "" if weekday else source.phrase(day)
                causes.setdefault((source.code, phrase), []).append(day)
        return tuple(
            Reason(code, _reason_text(code, phrase, blocked), tuple(blocked))
            for (code, phrase), blocked in causes.items()
        )

    def reasons_for_time(self, day: date) -> tuple[Reason, ...]:
        """Why a session on *day* is not at the preferred time; nothing when it is."""
        if self.slots.all_preferred:
            return ()
        return tuple(
            Reason(code, phrase, (day,)) for code, phrase in self.slots.why_not_preferred(day)
        )


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day that the trip or the deadline leaves for a session."""

    day: date
    rule_id: str
    purpose: str
    """What it is kept for, with the rule: “to travel home on Wed 20 Jan 2027 (R5)”."""


def for_maintenance(request: Request, duration_minutes: int) -> Availability:
    """The days that can be used once the course is over: the trip and the deadline are past."""
    closings = _closings(
        closed_weekdays(request), request.holidays, request.open_holidays, request.closures
    )
    away = [
        Span(ReasonCode.AWAY, days.first, days.last, f"the patient is away {days}")
        for days in dict.fromkeys(request.away)
    ]
    slots = slots_for(request, duration_minutes)
    night: list[Source] = []
    clock = request.time_of_day
    if slots.fixed and isinstance(clock, time) and clock >= _EARLIEST_SKIPPED_INTO_NEXT_DAY:
        night.append(SkippedTime(request.timezone, clock))
    return Availability(closings, request.open_days, slots, (*away, *night))


@lru_cache(maxsize=64)
def _closings(
    weekdays: frozenset[int],
    holidays: tuple[str, ...],
    open_holidays: frozenset[str],
    closures: tuple[DateRange, ...],
) -> tuple[Source, ...]:
    """What closes a clinic; kept, since most plans of a clinic have the same."""
    open_on = frozenset(name.casefold() for name in open_holidays)
    regions = dict.fromkeys(region_name(region) for region in holidays)
    return (
        *(ClosedWeekday(weekday) for weekday in sorted(weekdays)),
        *(Holidays(region, open_on) for region in regions),
        *(
            Span(ReasonCode.CLOSURE, days.first, days.last, _closure_phrase(days))
            for days in dict.fromkeys(closures)
        ),
    )


def for_course(request: Request, duration_minutes: int) -> Availability:
    """The days that can be used for the course, between arrival and the last possible day."""
    return within_trip(for_maintenance(request, duration_minutes), request)


def within_trip(general: Availability, request: Request) -> Availability:
    """Of days that can be used in general, those between arrival and the last possible day."""
    trip: list[Source] = []
    if (arrive := request.arrive) is not None:
        why = f"the patient arrives on {day_text(arrive)}"
        trip.append(Span(ReasonCode.AWAY, date.min, arrive - timedelta(days=1), why))
    if (last := last_day(request)) is not None:
        why = f"too late {last.purpose}"
        trip.append(Span(ReasonCode.DEADLINE, last.day + timedelta(days=1), date.max, why))
    return replace(general, others=(*general.others, *trip)) if trip else general


def closed_weekdays(request: Request) -> frozenset[int]:
    """The weekdays on which the clinic never opens: those named, and those without hours."""
    hours = request.opening_hours or ()
    return request.closed_weekdays | {weekday for weekday, spans in enumerate(hours) if not spans}


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


def _blocking(sources: Iterable[Blocker], day: date) -> tuple[Blocker, ...]:
    return tuple(source for source in sources if source.blocks(day))


def _closure_phrase(days: DateRange) -> str:
    reason = days.reason if isinstance(days, Closure) else None
    return f"the clinic is closed {days}" + (f" ({reason})" if reason else "")


def _reason_text(code: ReasonCode, phrase: str, days: Sequence[date]) -> str:
    """The phrase with the days that it is said of, unless it names them itself."""
    if code is ReasonCode.CLOSED_WEEKDAY:
        phrase = f"the clinic is closed on {weekdays_text(days)}"
    listed = list_text(days)
    if listed in phrase or (code is ReasonCode.CLOSED_WEEKDAY and len(days) > 1):
        return phrase
    return f"{listed}: {phrase}"
