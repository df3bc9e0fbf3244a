"""Times that are taken, and which minutes of a day they take in so many rooms.

Sets of minutes are as `minutes_of_days` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from mesoplan.minutes_of_days import first_moment, minute_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class BusySpan:
    """A time that is taken, from one aware moment to a later one."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A part of one day that is taken, in minutes from the day's first moment."""

    begin_minutes: int
    end_minutes: int
    calendar: str
    """What the calendar that takes it is called on the screen."""

    @property
    def minutes(self) -> int:
        """The same as a set of minutes."""
        return minute_set(self.begin_minutes, self.end_minutes)


FullMinutes = tuple[int, ...]
"""Item *k*: the minutes of a day at which more than *k* rooms are taken."""


class TakenTimes(Protocol):
    """Times that are taken, whatever keeps them; each takes one room.

    They don't change while something is planned around them, and are compared by identity.
    """

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Taken]:
        """What is taken of a day, as the clocks of *zone* divide days."""
        ...

    def filled(self, rooms: FullMinutes, day: date, zone: ZoneInfo) -> FullMinutes:
        """What is taken in the rooms on a day, where *rooms* is what others take there."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class BusyCalendar:
    """The times that a calendar takes; what they are taken by is not kept.

    Compared by identity: a calendar may hold ten thousands of spans.
    """

    name: str
    """What it is called on the screen: its file's name, or its folder's."""
    spans: tuple[BusySpan, ...]
    """In order of their start."""

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Taken]:
        """What is taken of a day, as the clocks of *zone* divide days."""
        return _taken_by_day(self, zone).get(day, ())

    def filled(self, rooms: FullMinutes, day: date, zone: ZoneInfo) -> FullMinutes:
        """What is taken in the rooms on a day, where *rooms* is what others take there."""
        return with_taken(rooms, self.on(day, zone))


@lru_cache(maxsize=16)
def _taken_by_day(calendar: BusyCalendar, zone: ZoneInfo) -> Mapping[date, Sequence[Taken]]:
    by_day: dict[date, list[Taken]] = {}
    for span in calendar.spans:
        for day, taken in parts_by_day(span, calendar.name, zone):
            by_day.setdefault(day, []).append(taken)
    return by_day


def with_taken(rooms: FullMinutes, taken: Iterable[Taken]) -> FullMinutes:
    """The minutes at which rooms are taken, once further times of the same day are."""
    full = list(rooms)
    for each in taken:
        carried = each.minutes
        for room, before in enumerate(full):
            full[room], carried = before | carried, before & carried
    return tuple(full)


def parts_by_day(span: BusySpan, name: str, zone: ZoneInfo) -> Iterator[tuple[date, Taken]]:
    """What a span of the calendar of that name takes of each day that it touches.

    In whole minutes that hold the span.
    """
    minute = timedelta(minutes=1)
    day = span.start.astimezone(zone).date()
    while (first := first_moment(day, zone)) < span.end:
        following = day + timedelta(days=1)
        begin = max(span.start, first) - first
        end = min(span.end, first_moment(following, zone)) - first
        yield day, Taken(begin // minute, -(-end // minute), name)
        day = following
