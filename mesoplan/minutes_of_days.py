"""Sets of minutes of one day, and which of them busy calendars take.

A set of minutes is an integer: bit *k* is set when minute *k* is in it. Minutes are counted from
the first moment of the day; on a day without a change of clocks that is what the clock shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.times_of_day import MINUTES_A_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from mesoplan.model import BusyCalendar, BusySpan


@dataclass(frozen=True, slots=True)
class Taken:
    """A time of one day that a busy calendar takes, in minutes from the day's first moment."""

    begin_minutes: int
    end_minutes: int
    calendar: str

    @property
    def minutes(self) -> int:
        """The same as a set of minutes."""
        return minute_set(self.begin_minutes, self.end_minutes)


@lru_cache(maxsize=4)
def taken_by_day(busy: tuple[BusyCalendar, ...], zone: ZoneInfo) -> Mapping[date, Sequence[Taken]]:
    """What busy calendars take of each day, as the clocks of *zone* divide them."""
    by_day: dict[date, list[Taken]] = {}
    for calendar in busy:
        for span in calendar.spans:
            for day, begin, end in _by_days(span, zone):
                by_day.setdefault(day, []).append(Taken(begin, end, calendar.name))
    return by_day


def _by_days(span: BusySpan, zone: ZoneInfo) -> Iterator[tuple[date, int, int]]:
    """A span of time day by day: the day, and the minutes from its first moment on."""
    minute = timedelta(minutes=1)
    day = span.start.astimezone(zone).date()
    while (first := first_moment(day, zone)) < span.end:
        following = day + timedelta(days=1)
        begin = max(span.start, first) - first
        end = min(span.end, first_moment(following, zone)) - first
        # Whole minutes that hold the span.
        yield day, begin // minute, -(-end // minute)
        day = following


def minute_set(begin: int, end: int) -> int:
    """The minutes from *begin* until before *end*, as a set."""
    return (1 << end) - (1 << begin)


def runs(minutes: int) -> Iterator[tuple[int, int]]:
    """The runs of minutes in a set, as begin and end."""
    offset = 0
    while minutes:
        skip = (minutes & -minutes).bit_length() - 1
        minutes >>= skip
        length = (~minutes & (minutes + 1)).bit_length() - 1
        yield offset + skip, offset + skip + length
        minutes >>= length
        offset += skip + length


@lru_cache(maxsize=4096)
def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which *day* begins, in UTC."""
    # Of a midnight that the clocks skip this makes the moment at which they do.
    return datetime.combine(day, time(), zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def day_minutes(day: date, zone: ZoneInfo) -> int:
    """How many minutes *day* has: 1440, unless the clocks change."""
    length = first_moment(day + timedelta(days=1), zone) - first_moment(day, zone)
    return length // timedelta(minutes=1)


def clocks_change(day: date, zone: ZoneInfo) -> bool:
    """Whether the clocks change on *day* so that it has more or fewer minutes than others."""
    return day_minutes(day, zone) != MINUTES_A_DAY
