"""Sets of minutes of one day.

A set of minutes is an integer: bit *k* is set when minute *k* is in it. Minutes are counted from
the first moment of the day; on a day without a change of clocks that is what the clock shows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.times_of_day import MINUTES_A_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo


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
