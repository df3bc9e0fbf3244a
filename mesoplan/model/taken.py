"""Times that are taken: by busy calendars, and by the plans of a book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from mesoplan.dates.times import first_moment, minute_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
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


class Bookings:
    """The sessions of the plans of one book."""

    def __init__(self, name: str) -> None:
        self.name = name
        """What the book is called on the screen."""
        self._spans: dict[str, tuple[BusySpan, ...]] = {}
        self._days: dict[ZoneInfo, _Days] = {}

    def book(self, plan_id: str, spans: Iterable[BusySpan]) -> None:
        """Let the sessions of a plan take these times, in place of those that it took before."""
        self.release(plan_id)
        self._spans[plan_id] = tuple(spans)
        for zone, days in self._days.items():
            self._put(plan_id, zone, days)

    def release(self, plan_id: str) -> None:
        """Let the sessions of a plan take no time."""
        if self._spans.pop(plan_id, None) is not None:
            for days in self._days.values():
                days.remove(plan_id)

    def around(self, plan_id: str) -> BookedTimes:
        """The times that all plans take but the one of that id.

        They are what they are now only until another plan is booked.
        """
        return BookedTimes(self, plan_id)

    def days_in(self, zone: ZoneInfo) -> _Days:
        """What is taken day by day, as the clocks of *zone* divide days."""
        days = self._days.get(zone)
        if days is None:
            days = self._days[zone] = _Days()
            for plan_id in self._spans:
                self._put(plan_id, zone, days)
        return days

    def _put(self, plan_id: str, zone: ZoneInfo, days: _Days) -> None:
        for span in self._spans[plan_id]:
            for day, taken in parts_by_day(span, self.name, zone):
                days.add(plan_id, day, taken)


@dataclass(frozen=True, slots=True, eq=False)
class BookedTimes:
    """What the plans of a book take, all but one: see `TakenTimes`."""

    bookings: Bookings
    without: str
    """The id of the plan that is planned."""

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Taken]:
        """What is taken of a day, as the clocks of *zone* divide days."""
        return self.bookings.days_in(zone).on(day, self.without)

    def filled(self, rooms: FullMinutes, day: date, zone: ZoneInfo) -> FullMinutes:
        """What is taken in the rooms on a day, where *rooms* is what others take there."""
        days = self.bookings.days_in(zone)
        if any(rooms) or days.has(day, self.without):
            return with_taken(rooms, days.on(day, self.without))
        return days.full(day, len(rooms))


class _Days:
    """What is taken of each day of one zone."""

    def __init__(self) -> None:
        self._taken: dict[date, list[tuple[str, Taken]]] = {}
        self._days_of: dict[str, set[date]] = {}
        self._full: dict[date, dict[int, FullMinutes]] = {}
        """By the number of rooms; worked out when it is asked for."""

    def add(self, plan_id: str, day: date, taken: Taken) -> None:
        self._taken.setdefault(day, []).append((plan_id, taken))
        self._days_of.setdefault(plan_id, set()).add(day)
        for rooms, full in self._full.get(day, {}).items():
            self._full[day][rooms] = with_taken(full, [taken])

    def remove(self, plan_id: str) -> None:
        for day in self._days_of.pop(plan_id, ()):
            self._taken[day] = [each for each in self._taken[day] if each[0] != plan_id]
            self._full.pop(day, None)

    def has(self, day: date, plan_id: str) -> bool:
        return day in self._days_of.get(plan_id, ())

    def on(self, day: date, without: str) -> list[Taken]:
        return [taken for plan_id, taken in self._taken.get(day, ()) if plan_id != without]

    def full(self, day: date, rooms: int) -> FullMinutes:
        full = self._full.setdefault(day, {})
        if rooms not in full:
            taken = (each for _, each in self._taken.get(day, ()))
            full[rooms] = with_taken((0,) * rooms, taken)
        return full[rooms]
