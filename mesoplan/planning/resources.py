"""What a session needs at its time: an open clinic, a practitioner, a room and the patient.

A set of minutes is a number whose bit *k* stands for the minute *k* minutes after the day begins.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.holidays import each_name, half_holidays, region_name
from mesoplan.dates.times import (
    MINUTES_A_DAY,
    clocks_change,
    day_minutes,
    first_moment,
    minute_set,
    minutes_of,
    runs,
)
from mesoplan.dates.zones import find_zone
from mesoplan.model import causes
from mesoplan.model.plan import ReasonCode
from mesoplan.model.taken import with_taken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from zoneinfo import ZoneInfo

    from mesoplan.dates.days import ClosedTime
    from mesoplan.model.causes import Cause
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.model.request import Request
    from mesoplan.model.taken import BookedTimes, BusyCalendar, FullMinutes, Taken

_MOST_NAMED = 3
"""How many taken times one reason names."""
_HALF_HOLIDAYS_KNOWN = range(2024, 2031)
"""Years that show whether a region has half holidays at all."""


class Obstacle(NamedTuple):
    """One thing that takes minutes of a day from sessions."""

    code: ReasonCode
    minutes: Callable[[date], int]
    """Those of a day that it takes, as a set."""
    cause: Callable[[date, int, int | None], Cause]
    """Why sessions that need a set of minutes of a day can't be then.

    The last argument is the time of day that is not to be had; None if it is about all of them.
    """


class PartClosings(NamedTuple):
    """When the clinic is closed for parts of days on which it opens."""

    zone: ZoneInfo
    closed_times: tuple[ClosedTime, ...]
    half_holidays: tuple[str, ...]
    """The regions whose half holidays are kept from their hour on."""
    open_holidays: frozenset[str]
    """The names, letter case folded, of those on which the clinic opens anyway."""
    open_days: frozenset[date]

    def obstacles(self) -> Iterator[Obstacle]:
        """The times that it takes, in the order in which they are named."""
        if self.closed_times:
            yield Obstacle(ReasonCode.CLOSURE, self._closed, self._why_closed)
        if self.half_holidays:
            yield Obstacle(ReasonCode.HOLIDAY, self._half_holiday, self._why_half_holiday)

    def closes_on(self, day: date) -> bool:
        """Whether the clinic is closed for a part of a day."""
        return bool(self._closed(day) | self._half_holiday(day))

    def _closed(self, day: date) -> int:
        if day in self.open_days:
            return 0
        shut = ((each.begin, each.end) for each in self.closed_times)
        return _by_the_clock(day, self.zone, _on(day, shut))

    def _why_closed(self, day: date, wanted: int, _begin: int | None) -> Cause:
        why = None
        for each in self.closed_times:
            taken = _by_the_clock(day, self.zone, _on(day, [(each.begin, each.end)]))
            why = why or (each.reason if taken & wanted else None)
        return causes.ClosedPart(_times(self.zone, day, self._closed(day), wanted), why)

    def _half_holiday(self, day: date) -> int:
        spans = ((begin, MINUTES_A_DAY) for _, begin in self._half_holidays_on(day))
        return _by_the_clock(day, self.zone, spans)

    def _why_half_holiday(self, day: date, wanted: int, _begin: int | None) -> Cause:
        names = dict.fromkeys(name for name, _ in self._half_holidays_on(day))
        times = _times(self.zone, day, self._half_holiday(day), wanted)
        return causes.ClosedPart(times, "; ".join(names))

    def _half_holidays_on(self, day: date) -> Iterator[tuple[str, int]]:
        for region in self.half_holidays if day not in self.open_days else ():
            found = half_holidays(region, day.year).get(day)
            if found is None or found.from_minutes is None:
                continue
            if not self.open_holidays.issuperset(each_name(found.name)):
                yield found.name, found.from_minutes


class Resources(NamedTuple):
    """What sessions of one request share with others; two that are equal have the same times."""

    zone: ZoneInfo
    rooms: int
    busy: tuple[BusyCalendar, ...]
    room_busy: tuple[BusyCalendar, ...]
    patient_busy: tuple[BusyCalendar, ...]
    booked: BookedTimes | None
    practitioners: tuple[Practitioner, ...]
    practitioner: str | None
    most_sessions_a_day: int | None

    def state(self, day: date) -> object:
        """What differs if others take other times of a day; see `BookedTimes.state`."""
        return None if self.booked is None else self.booked.state(day, self.zone)

    def obstacles(self) -> Iterator[Obstacle]:
        """Everything that may take minutes, in the order in which it is named."""
        if self.busy:
            yield Obstacle(ReasonCode.BUSY, self._nobody_treats, self._why_nobody_treats)
        if (who := self._who) is not None and (who.hours is not None or who.away):
            why = partial(self._why_off, who)
            yield Obstacle(ReasonCode.PRACTITIONER, partial(self._off, who), why)
        has_diary = who is not None and bool(who.busy)
        if has_diary or (self.practitioner is not None and self.booked is not None):
            yield Obstacle(ReasonCode.PRACTITIONER, self._elsewhere, self._why_elsewhere)
        if self.booked is not None:
            if who is not None and who.most_sessions_a_day is not None:
                yield self._full_day(who.name, who.most_sessions_a_day, who.id)
            if self.most_sessions_a_day is not None:
                yield self._full_day("", self.most_sessions_a_day, None)
        if self.room_busy or self.booked is not None:
            code = ReasonCode.BUSY if self.rooms == 1 else ReasonCode.CAPACITY
            yield Obstacle(code, self._rooms_taken, self._why_no_room)
        absent = not all(each.is_always_there for each in self.practitioners)
        anybody = self.practitioner is None and absent
        if self.practitioners and (self.booked is not None or anybody):
            yield Obstacle(ReasonCode.PRACTITIONER, self._nobody_free, self._why_nobody)
        if self.patient_busy:
            yield Obstacle(ReasonCode.AWAY, self._patient_busy, self._why_patient)

    # The clinic

    def _nobody_treats(self, day: date) -> int:
        return together(each.minutes for each in self._on(self.busy, day))

    def _why_nobody_treats(self, day: date, wanted: int, begin: int | None) -> Cause:
        taken = self._on(self.busy, day)
        return self._taken(1, self._nobody_treats(day), taken, day, wanted, begin)

    # The practitioner

    @property
    def _who(self) -> Practitioner | None:
        """The one who treats, where the clinic knows them."""
        return next((each for each in self.practitioners if each.id == self.practitioner), None)

    def _off(self, who: Practitioner, day: date) -> int:
        if any(day in days for days in who.away):
            return self._whole(day)
        if who.hours is None:
            return 0
        spans = ((each.begin_minutes, each.end_minutes) for each in who.hours[day.weekday()])
        return self._whole(day) & ~_by_the_clock(day, self.zone, spans)

    def _why_off(self, who: Practitioner, day: date, _wanted: int, _begin: int | None) -> Cause:
        if away := [days for days in who.away if day in days]:
            return causes.PractitionerAway(who.name, away[0])
        return causes.PractitionerOff(who.name, who.hours[day.weekday()] if who.hours else ())

    def _elsewhere(self, day: date) -> int:
        """The minutes at which the one who treats has another session, or an appointment."""
        calendars = () if self._who is None else self._who.busy
        taken = [*self._on(calendars, day), *self._sessions(day, self.practitioner)]
        return together(each.minutes for each in taken)

    def _why_elsewhere(self, day: date, wanted: int, begin: int | None) -> Cause:
        name = self.practitioner or "" if self._who is None else self._who.name
        return causes.PractitionerBusy(
            name, _times(self.zone, day, self._elsewhere(day), wanted), begin
        )

    def _nobody_free(self, day: date) -> int:
        """The minutes at which sessions without a practitioner need all others who are free."""
        anybody = self.practitioner is None
        if not anybody and self._who is None:
            return 0
        loose = self._sessions(day, None)
        if not loose and not anybody:
            return 0
        others = (each for each in self.practitioners if each.id != self.practitioner)
        needed = [self.unfree(each, day) for each in others]
        needed += [each.minutes for each in loose]
        return with_taken((0,) * len(self.practitioners), needed)[-1]

    def unfree(self, who: Practitioner, day: date) -> int:
        """The minutes of a day at which a practitioner is off, busy, or in another session."""
        taken = [*self._on(who.busy, day), *self._sessions(day, who.id)]
        return self._off(who, day) | together(each.minutes for each in taken)

    def _why_nobody(self, day: date, wanted: int, begin: int | None) -> Cause:
        return causes.NobodyFree(_times(self.zone, day, self._nobody_free(day), wanted), begin)

    def _full_day(self, name: str, most: int, practitioner: str | None) -> Obstacle:
        """A day with as many sessions as there may be, of one practitioner or of all."""

        def minutes(day: date) -> int:
            booked = self.booked.on(day, self.zone) if self.booked is not None else ()
            begun = [each for each in booked if not each.goes_on]
            if practitioner is not None:
                begun = [each for each in begun if each.practitioner == practitioner]
            return self._whole(day) if len(begun) >= most else 0

        cause = causes.DayFull(name, most)
        return Obstacle(ReasonCode.DAY_FULL, minutes, lambda *_: cause)

    def _sessions(self, day: date, practitioner: str | None) -> list[Taken]:
        """The sessions of the book on a day that one practitioner has; None for nobody yet."""
        booked = self.booked.on(day, self.zone) if self.booked is not None else ()
        return [each for each in booked if each.practitioner == practitioner]

    # Rooms, and the patient

    def _rooms_taken(self, day: date) -> int:
        full: FullMinutes = (0,) * self.rooms
        if self.booked is not None:
            full = self.booked.filled(full, day, self.zone)
        return with_taken(full, (each.minutes for each in self._on(self.room_busy, day)))[-1]

    def _why_no_room(self, day: date, wanted: int, begin: int | None) -> Cause:
        booked = self.booked.on(day, self.zone) if self.booked is not None else ()
        taken = [*booked, *self._on(self.room_busy, day)]
        return self._taken(self.rooms, self._rooms_taken(day), taken, day, wanted, begin)

    def _patient_busy(self, day: date) -> int:
        return together(each.minutes for each in self._on(self.patient_busy, day))

    def _why_patient(self, day: date, wanted: int, begin: int | None) -> Cause:
        return causes.PatientBusy(_times(self.zone, day, self._patient_busy(day), wanted), begin)

    # What is said of them

    def _on(self, calendars: Iterable[BusyCalendar], day: date) -> Iterator[Taken]:
        for calendar in calendars:
            yield from calendar.on(day, self.zone)

    def _whole(self, day: date) -> int:
        return minute_set(0, day_minutes(day, self.zone))

    def _taken(
        self,
        rooms: int,
        full: int,
        taken: Iterable[Taken],
        day: date,
        wanted: int,
        begin: int | None,
    ) -> Cause:
        """What takes a set of minutes of a day: by calendar, or where there are *rooms*, in all."""
        by_calendar: dict[str, int] = {}
        for each in taken:
            if each.minutes & wanted & full:
                before = by_calendar.get(each.calendar, 0)
                by_calendar[each.calendar] = before | each.minutes
        shown: Collection[int] = by_calendar.values() if rooms == 1 else [full]
        times = tuple(_times(self.zone, day, minutes, wanted) for minutes in shown)
        return causes.Taken(rooms, tuple(by_calendar), times, begin)


def _times(zone: ZoneInfo, day: date, minutes: int, wanted: int) -> causes.BusyTimes:
    """The runs of a set of minutes that touch *wanted*, as the clock shows them."""
    touched = [run for run in runs(minutes) if minute_set(*run) & wanted]
    if touched == [(0, day_minutes(day, zone))]:
        return causes.BusyTimes((), 0)
    named = tuple((_shown(zone, day, begin), _shown(zone, day, end)) for begin, end in touched)
    return causes.BusyTimes(named[:_MOST_NAMED], max(0, len(named) - _MOST_NAMED))


def _shown(zone: ZoneInfo, day: date, minutes: int) -> int:
    """What the clock shows *minutes* after *day* began; the end of the day is 24:00."""
    local = (first_moment(day, zone) + timedelta(minutes=minutes)).astimezone(zone)
    return MINUTES_A_DAY if local.date() > day else minutes_of(local.time())


@lru_cache(maxsize=16)
def minutes_by_day(_resources: Resources) -> dict[tuple[date, object], int]:
    """The minutes that are taken, by day: a dict for each resources, which `Slots` fills.

    A refusal tries hundreds of other requests, most of them with the same practitioner and rooms.
    """
    return {}


def resources_of(request: Request) -> Resources:
    """What the sessions of a request share with others."""
    return Resources(
        zone=find_zone(request.timezone),
        rooms=request.rooms,
        busy=request.busy,
        room_busy=request.room_busy,
        patient_busy=request.patient_busy,
        booked=request.booked,
        practitioners=request.practitioners,
        practitioner=request.practitioner,
        most_sessions_a_day=request.most_sessions_a_day,
    )


def part_closings_of(request: Request) -> PartClosings:
    """When the clinic of a request is closed for parts of days."""
    return PartClosings(
        zone=find_zone(request.timezone),
        closed_times=request.closed_times,
        half_holidays=tuple(filter(_has_half_holidays, map(region_name, request.holidays))),
        open_holidays=frozenset(name.casefold() for name in request.open_holidays),
        open_days=request.open_days,
    )


@lru_cache(maxsize=64)
def _has_half_holidays(region: str) -> bool:
    """Whether a region has half holidays whose hour is known."""
    return any(
        found.from_minutes is not None
        for year in _HALF_HOLIDAYS_KNOWN
        for found in half_holidays(region, year).values()
    )


def together(minutes: Iterable[int]) -> int:
    """All minutes of several sets."""
    found = 0
    for each in minutes:
        found |= each
    return found


def _on(day: date, spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[int, int]]:
    """What spans of local times have of a day, in minutes by its clocks."""
    begins = datetime.combine(day, time())
    ends = begins + timedelta(days=1)
    for first, last in spans:
        if first < ends and last > begins:
            cut = (max(first, begins) - begins, min(last, ends) - begins)
            yield cut[0] // timedelta(minutes=1), -(-cut[1] // timedelta(minutes=1))


def _by_the_clock(day: date, zone: ZoneInfo, spans: Iterable[tuple[int, int]]) -> int:
    """The minutes of a day at which its clocks show a time within spans, as a set."""
    shown = together(minute_set(begin, end) for begin, end in spans)
    if not shown or not clocks_change(day, zone):
        return shown
    first, found = first_moment(day, zone), 0
    for minute in range(day_minutes(day, zone)):
        local = (first + timedelta(minutes=minute)).astimezone(zone)
        found |= (shown >> minutes_of(local.time()) & 1) << minute
    return found
