"""What blocks days, one thing at a time: weekdays, closures, holidays, hours, absences.

The days that something blocks are told in two forms: as a set of days for the solver (an integer,
one bit a day) and in words for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from mesoplan.days import weekday_text
from mesoplan.model import ReasonCode
from mesoplan.public_holidays import each_name, holiday_year
from mesoplan.zones import days_that_skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mesoplan.slots import Slots


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
