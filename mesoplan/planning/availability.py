"""Which days can be used, and what blocks the others.

A set of days is a number: its bit *k* stands for the day *k* days after an origin.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import Closure, DateRange
from mesoplan.dates.holidays import each_name, holiday_year, holidays_of_parts, region_name
from mesoplan.dates.zones import days_that_skip
from mesoplan.model import causes
from mesoplan.model.causes import LastDay
from mesoplan.model.plan import Reason, ReasonCode
from mesoplan.planning.slots import slots_for
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL, RECOVERY_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from mesoplan.model.causes import Cause
    from mesoplan.model.request import Request
    from mesoplan.planning.appointments import HolidaysOfParts
    from mesoplan.planning.slots import Slots


class Source(NamedTuple):
    """One thing that blocks days."""

    code: ReasonCode
    blocked: Callable[[date, int], int]
    """The days that it blocks, as a set, among a number of days from an origin on."""
    cause: Callable[[date], Cause]
    """Why it blocks a day; asked only of a day that it blocks."""


def closed_weekday(weekday: int) -> Source:
    """The clinic never opens on that weekday."""

    def blocked(origin: date, length: int) -> int:
        first = (weekday - origin.weekday()) % 7
        weeks = -(-(length - first) // 7)
        # 2⁰ + 2⁷ + 2¹⁴ + …, as many terms as there are weeks.
        return ((1 << 7 * weeks) - 1) // 127 << first

    return Source(ReasonCode.CLOSED_WEEKDAY, blocked, lambda _: causes.ClosedWeekday(weekday))


def span(code: ReasonCode, first: date, last: date, why: Cause) -> Source:
    """All the days from one to another can't be used: a closure, an absence, an end of the trip."""

    def blocked(origin: date, length: int) -> int:
        low = max((first - origin).days, 0)
        high = min((last - origin).days + 1, length)
        return ((1 << high) - (1 << low)) if high > low else 0

    return Source(code, blocked, lambda _: why)


def holidays(region: str, open_on: frozenset[str] = frozenset()) -> Source:
    """The public holidays of a region, as `region_name` writes it.

    *open_on* has the names of those on which the clinic opens anyway, letter case folded.
    """

    def blocked(origin: date, length: int) -> int:
        found = 0
        for year in range(origin.year, (origin + timedelta(days=length)).year + 1):
            offset = (date(year, 1, 1) - origin).days
            bits = _holidays_kept(region, open_on, year)
            found |= bits << offset if offset > 0 else bits >> -offset
        return found & (1 << length) - 1

    def cause(day: date) -> Cause:
        return causes.Holiday(holiday_year(region, day.year).names[day], region)

    return Source(ReasonCode.HOLIDAY, blocked, cause)


@lru_cache(maxsize=256)
def _holidays_kept(region: str, open_on: frozenset[str], year: int) -> int:
    """The holidays of a year on which the clinic is closed, as a set from 1 January on."""
    names = holiday_year(region, year).names
    kept = (day for day, name in names.items() if not open_on.issuperset(each_name(name)))
    return day_set(kept, date(year, 1, 1), 366)


def skipped_time(zone_name: str, clock: time) -> Source:
    """On the days of a change of clocks, a session late at night would begin on the next day."""

    def blocked(origin: date, length: int) -> int:
        years = range(origin.year, (origin + timedelta(days=length)).year + 1)
        skipped = (day for y in years for day in days_that_skip(zone_name, clock, y))
        return day_set(skipped, origin, length)

    return Source(ReasonCode.HOURS, blocked, lambda _: causes.NightSkipped(clock))


def day_set(days: Iterable[date], origin: date, length: int) -> int:
    """Those of *days* that are one of *length* days from *origin* on, as a set."""
    bits = 0
    for day in days:
        if 0 <= (offset := (day - origin).days) < length:
            bits |= 1 << offset
    return bits


_EARLIEST_SKIPPED_INTO_NEXT_DAY = time(21)
"""No zone skips more than two hours."""


class Blocker(NamedTuple):
    """Something that blocks one day."""

    code: ReasonCode
    cause: Cause


class Availability(NamedTuple):
    """The usable days: those that nothing blocks; and the times of day on them."""

    closings: tuple[Source, ...]
    """What closes the clinic."""
    open_days: frozenset[date]
    """The days on which the clinic opens in spite of that."""
    slots: Slots
    """The times at which sessions can begin on an open day."""
    others: tuple[Source, ...]
    """What no opening of the clinic changes: absences, the ends of the trip, skipped times."""

    def usable(self, origin: date, length: int) -> int:
        """The usable ones of *length* days from *origin* on, as a set."""
        days = (1 << length) - 1
        for source in self.closings:
            days &= ~source.blocked(origin, length)
        days |= day_set(self.open_days, origin, length)
        for source in self.others:
            days &= ~source.blocked(origin, length)
        return self.slots.with_a_slot(days, origin)

    def without(self, code: ReasonCode) -> Availability:
        """The same, if nothing but the clinic's closings blocked days for that reason."""
        return self._replace(
            others=tuple(source for source in self.others if source.code is not code)
        )

    def blockers(self, day: date) -> tuple[Blocker, ...]:
        """Everything that blocks *day*; nothing when it is usable.

        If the clinic is closed on the day, its hours are left out.
        """
        found = [] if day in self.open_days else _blocking(self.closings, day)
        if not found and not self.slots.fixed and self.slots.best(day) is None:
            found += [Blocker(*why) for why in self.slots.why_none(day)]
        return (*found, *_blocking(self.others, day))

    def is_closed(self, day: date) -> bool:
        """Whether the clinic is closed on *day*, whatever its hours."""
        return day not in self.open_days and bool(_blocking(self.closings, day))

    def is_only_closed(self, day: date) -> bool:
        """Whether *day* is blocked only because the clinic is closed."""
        is_closed = self.is_closed(day) or self.slots.closings.closes_on(day)
        return is_closed and day not in self.open_days and not _blocking(self.others, day)

    def reasons(self, days: Iterable[date]) -> tuple[Reason, ...]:
        """Why those of *days* that can't be used can't; days with the same cause share one."""
        alike: dict[tuple[object, ...], list[tuple[date, Blocker]]] = {}
        for day in days:
            for blocker in self.blockers(day):
                key: tuple[object, ...] = (blocker.code, blocker.cause)
                if isinstance(blocker.cause, causes.ClosedWeekday):
                    key = (blocker.code,)
                elif isinstance(blocker.cause, causes.NoSlotLeft):
                    key = (*key, blocker.cause.opening.is_known and day.weekday())
                alike.setdefault(key, []).append((day, blocker))
        return tuple(
            Reason(found[0][1].code, tuple(day for day, _ in found), found[0][1].cause)
            for found in alike.values()
        )

    def reasons_for_time(self, day: date) -> tuple[Reason, ...]:
        """Why a session on *day* is not at the preferred time; nothing when it is."""
        if self.slots.all_preferred:
            return ()
        return tuple(
            Reason(code, (day,), cause) for code, cause in self.slots.why_not_preferred(day)
        )


def _blocking(sources: Iterable[Source], day: date) -> list[Blocker]:
    return [Blocker(each.code, each.cause(day)) for each in sources if each.blocked(day, 1)]


def for_maintenance(request: Request, duration_minutes: int) -> Availability:
    """The days that can be used once the course is over: the trip and the deadline are past."""
    open_on = frozenset(name.casefold() for name in request.open_holidays)
    closings = [closed_weekday(day) for day in sorted(closed_weekdays(request))]
    closings += [
        holidays(each, open_on) for each in dict.fromkeys(map(region_name, request.holidays))
    ]
    closings += map(_closure, dict.fromkeys(request.closures))
    others = [
        span(ReasonCode.AWAY, days.first, days.last, causes.Away(days))
        for days in dict.fromkeys(request.away)
    ]
    slots = slots_for(request, duration_minutes)
    clock = request.time_of_day
    if slots.fixed and isinstance(clock, time) and clock >= _EARLIEST_SKIPPED_INTO_NEXT_DAY:
        others.append(skipped_time(request.timezone, clock))
    return Availability(tuple(closings), request.open_days, slots, tuple(others))


def further_holidays(
    request: Request,
    usual: Availability,
    sessions: Collection[date],
    course: Sequence[date],
    others: Iterable[date] = (),
) -> Iterator[HolidaysOfParts]:
    """The further holidays of parts of a country, on days on which the clinic would open.

    Looked at are the days of all *sessions*, those from the first of the *course* to its last, and
    *others*. *usual* are the days that can be used.
    """
    if not request.holidays:
        return
    # Not needed where no holidays are kept.
    from mesoplan.planning.appointments import HolidaysOfParts

    days = {*sessions, *others, *(DateRange(course[0], course[-1]) if course else ())}
    open_on = frozenset(name.casefold() for name in request.open_holidays)
    found = (
        each
        for each in holidays_of_parts(request.holidays, days)
        if each.day not in request.open_days
        and not open_on.issuperset(each_name(each.name))
        and not usual.blockers(each.day)
    )
    for _, of_country in groupby(found, key=lambda each: each.country):
        yield HolidaysOfParts(tuple(of_country), frozenset(sessions))


def _closure(days: DateRange) -> Source:
    reason = days.reason if isinstance(days, Closure) else None
    cause = causes.Closed(DateRange(days.first, days.last), reason or None)
    return span(ReasonCode.CLOSURE, days.first, days.last, cause)


def for_course(request: Request, duration_minutes: int) -> Availability:
    """The days that can be used for the course, between arrival and the last possible day."""
    return within_trip(for_maintenance(request, duration_minutes), request)


def within_trip(general: Availability, request: Request) -> Availability:
    """Of days that can be used in general, those between arrival and the last possible day."""
    trip: list[Source] = []
    if (arrive := request.arrive) is not None:
        before = arrive - timedelta(days=1)
        trip.append(span(ReasonCode.AWAY, date.min, before, causes.NotArrived(arrive)))
    if (last := last_day(request)) is not None:
        after = last.day + timedelta(days=1)
        trip.append(span(ReasonCode.DEADLINE, after, date.max, last))
    return general._replace(others=(*general.others, *trip)) if trip else general


def closed_weekdays(request: Request) -> frozenset[int]:
    """The weekdays on which the clinic never opens: those named, and those without hours."""
    hours = request.opening_hours or ()
    return request.closed_weekdays | {weekday for weekday, spans in enumerate(hours) if not spans}


def last_day(request: Request) -> LastDay | None:
    """The end that departure (R5) or deadline (R4) sets to the course, whichever is earlier."""
    ends: list[LastDay] = []
    if (depart := request.depart) is not None:
        ends.append(LastDay(depart - timedelta(days=MIN_DAYS_BEFORE_TRAVEL), "R5", depart))
    if (finish_by := request.finish_by) is not None:
        ends.append(LastDay(finish_by - timedelta(days=RECOVERY_DAYS), "R4", finish_by))
    return min(ends, key=lambda end: end.day, default=None)
