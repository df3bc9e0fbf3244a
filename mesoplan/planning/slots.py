"""The times of day at which a session can begin: the clinic's slots, and which of them are free.

Times of day are minutes since midnight, as the clock shows them. A set of minutes is a number
whose bit *k* stands for the minute *k* minutes after the day begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.times import (
    ANY_TIME,
    MINUTES_A_DAY,
    NAMED_RANGES,
    TimeRange,
    clock_at,
    clocks_change,
    first_moment,
    minute_set,
    minutes_of,
)
from mesoplan.dates.zones import instant, later
from mesoplan.model import causes
from mesoplan.model.plan import ReasonCode
from mesoplan.planning.resources import (
    minutes_by_day,
    part_closings_of,
    resources_of,
    together,
)
from mesoplan.planning.solver import members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from mesoplan.model.causes import Cause
    from mesoplan.model.request import Request, WeeklyHours
    from mesoplan.planning.resources import Obstacle, PartClosings, Resources

USUAL_HOURS = TimeRange(9 * 60, 18 * 60)
"""When a clinic whose opening hours are not known is taken to be open."""


_Known = tuple[date, object]
"""A day, and what others have taken of it."""


class _Seen:
    """The days that were looked at, and those of them that have a free slot, as sets."""

    def __init__(self) -> None:
        self.origin, self.days, self.free = date.max, 0, 0

    def offset(self, day: date) -> int:
        """How many days after the origin a day is; an earlier one becomes the origin."""
        offset = (day - self.origin).days
        if offset < 0:
            self.origin, self.days, self.free = day, self.days << -offset, self.free << -offset
        return max(offset, 0)


class _Slot(NamedTuple):
    """A time of day at which a session can begin, where nothing else takes it."""

    begin: int
    closing: int
    """When the session must be over: its opening span or the range asked for ends."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Slots:
    """The slots of every day for the sessions of one request, the best of a day first.

    The best is the one nearest to the preferred time, of two that are equally near the earlier;
    where a range of times is asked for, all in it are as good, and the earliest is the best.
    """

    duration_minutes: int
    asked: time | TimeRange
    """The preferred time, or a range of which all times are as good."""
    hours: WeeklyHours | None
    slot_minutes: int
    resources: Resources
    """Who and what a session needs."""
    closings: PartClosings
    open_days: frozenset[date]
    """Days on which the clinic opens though their weekdays have no hours."""
    agreed: Mapping[date, int] = field(default_factory=dict)
    """The times that stay as they are where they still fit."""
    past: tuple[date, int] | None = None
    """A day, and the minute of it until which its times have passed."""
    _best: dict[_Known, int | None] = field(default_factory=dict, init=False, repr=False)
    """The best slots found so far: planning asks again and again."""
    _seen: _Seen = field(default_factory=_Seen, init=False, repr=False)

    def keeping(self, agreed: Mapping[date, int], now: datetime | None = None) -> Slots:
        """The same, with times that were agreed before: on their days they are the best.

        With *now* (aware), times of that day that have passed do not count.
        """
        past = None
        if now is not None:
            local = now.astimezone(self.zone)
            # A minute that has begun has passed.
            begun = bool(local.second or local.microsecond)
            past = (local.date(), minutes_of(local.time()) + begun)
        return replace(self, agreed=agreed, past=past)

    @cached_property
    def preferred_minutes(self) -> int | None:
        """The preferred time; None if a range is asked for."""
        return None if isinstance(self.asked, TimeRange) else minutes_of(self.asked)

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's."""
        return self.resources.zone

    @cached_property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """What takes times, in the order in which it is named."""
        return (*self.closings.obstacles(), *self._shared)

    @cached_property
    def _taken_by_day(self) -> dict[_Known, int]:
        return minutes_by_day(self.resources)

    @cached_property
    def _shared(self) -> tuple[Obstacle, ...]:
        return tuple(self.resources.obstacles())

    @cached_property
    def fixed(self) -> bool:
        """Whether nothing is known that could keep a session from the very time asked for."""
        return self.hours is None and not self.obstacles and not isinstance(self.asked, TimeRange)

    @property
    def all_preferred(self) -> bool:
        """Whether every day has the preferred time, or no time is better than another."""
        return isinstance(self.asked, TimeRange) or (self.fixed and not self.agreed)

    @property
    def hours_are_assumed(self) -> bool:
        """Whether sessions are kept within hours that nobody gave: see USUAL_HOURS."""
        typed = isinstance(self.asked, TimeRange) and self.asked not in NAMED_RANGES.values()
        return self.hours is None and not typed

    @cached_property
    def usual_spans(self) -> tuple[TimeRange, ...]:
        """The opening span of a day whose hours are not known.

        It holds the preferred time, and its slots are counted from there.
        """
        if isinstance(self.asked, TimeRange):
            if self.asked not in NAMED_RANGES.values():
                return (self.asked,)
            begin = max(self.asked.begin_minutes, USUAL_HOURS.begin_minutes)
            return (TimeRange(begin, min(self.asked.end_minutes, USUAL_HOURS.end_minutes)),)
        preferred = minutes_of(self.asked)
        before = max(preferred - USUAL_HOURS.begin_minutes, 0)
        begin = preferred - before // self.slot_minutes * self.slot_minutes
        end = max(USUAL_HOURS.end_minutes, preferred + self.duration_minutes)
        return (TimeRange(begin, min(end, MINUTES_A_DAY)),)

    def is_assumed_on(self, day: date) -> bool:
        """Whether the hours of an open day are not the clinic's own: its weekday has none."""
        return self.hours is not None and day in self.open_days and not self.hours[day.weekday()]

    def spans(self, day: date) -> tuple[TimeRange, ...]:
        """The opening hours of a day; none when the clinic never opens on its weekday."""
        if self.hours is None or self.is_assumed_on(day):
            return self.usual_spans
        return self.hours[day.weekday()]

    def best(self, day: date) -> int | None:
        """The best free slot, if there is one.

        A session that begins then ends on the same day, before the span that holds it closes.
        """
        agreed = self.agreed.get(day)
        if agreed is not None and self._has_passed(day, agreed):
            agreed = None
        if self.fixed:
            return self.preferred_minutes if agreed is None else agreed
        key = day, self.resources.state(day)
        if key not in self._best:
            if agreed is None or self.why_not_at(day, agreed) is not None:
                agreed = next((slot.begin for slot in self._free(day)), None)
            self._best[key] = agreed
        return self._best[key]

    def with_a_slot(self, days: int, origin: date) -> int:
        """Those of a set of days, counted from *origin*, that have a free slot."""
        if self.fixed:
            return days
        seen, first = self._seen, self._seen.offset(origin)
        for offset in members(days & ~(seen.days >> first)):
            day = 1 << first + offset
            seen.days |= day
            if self.best(origin + timedelta(days=offset)) is not None:
                seen.free |= day
        return days & (seen.free >> first)

    def forget(self, days: int, origin: date) -> None:
        """Look again at a set of days, counted from *origin*: others take, or leave, times."""
        gone = days << self._seen.offset(origin)
        self._seen.days &= ~gone
        self._seen.free &= ~gone

    def clock(self, day: date) -> time:
        """The time at which a session on *day* begins. Raises LookupError if no slot is free."""
        best = self.best(day)
        if best is None:
            raise LookupError(f"no slot is free on {day}")
        return clock_at(best)

    def minutes_off(self, day: date) -> int:
        """By how many minutes the best slot is off the preferred time; 0 where there is none."""
        best, preferred = self.best(day), self.preferred_minutes
        return 0 if best is None or preferred is None else abs(best - preferred)

    def near(self, day: date, clock: int) -> tuple[int, ...]:
        """The free slots of *day* next to a time: the last before it, the first after it.

        The nearer one comes first.
        """
        free = [slot.begin for slot in self._free(day)]
        before = max((begin for begin in free if begin < clock), default=None)
        after = min((begin for begin in free if begin > clock), default=None)
        found = [begin for begin in (before, after) if begin is not None]
        return tuple(sorted(found, key=lambda begin: abs(begin - clock)))

    def why_none(self, day: date) -> Iterator[tuple[ReasonCode, Cause]]:
        """Why there is no slot on *day*: the hours leave none, or they are all taken.

        Nothing where all have passed, and of a day that has no hours at all.
        """
        real = list(self._real(day))
        if not real and self.spans(day):
            asked = self.asked if isinstance(self.asked, TimeRange) else None
            change = clocks_change(day, self.zone)
            opening, minutes = self._opening(day), self.duration_minutes
            yield ReasonCode.HOURS, causes.NoSlotLeft(opening, minutes, asked, change)
        elif real and next(self._free(day, whenever=True), None) is None:
            needed = [self._minutes_of(day, slot.begin) for slot in real]
            wanted = together(needed)
            for obstacle in self._in_the_way(day, needed):
                yield obstacle.code, obstacle.cause(day, wanted, None)

    def _in_the_way(self, day: date, needed: Sequence[int]) -> Iterator[Obstacle]:
        """What takes all of the sets of minutes: a single thing if there is one."""
        for obstacle in self.obstacles:
            if all(obstacle.minutes(day) & minutes for minutes in needed):
                yield obstacle
                return
        left = list(needed)
        for obstacle in self.obstacles:
            free = [minutes for minutes in left if not obstacle.minutes(day) & minutes]
            if len(free) < len(left):
                yield obstacle
            left = free

    def why_not_at(self, day: date, clock: int) -> Cause | None:
        """Why a session can't begin at that time of an open day; None if it can.

        Where sessions usually begin does not matter.
        """
        if self._has_passed(day, clock):
            return causes.TimePassed(clock, had=False)
        if clock + self.duration_minutes > MINUTES_A_DAY:
            return causes.PastMidnight(self.duration_minutes)
        if self.fixed:
            return None
        # Hours that nobody gave keep nobody from a time that was agreed or asked for.
        if self.hours is not None:
            span = self._span_at(day, clock)
            if span is None or not self._holds(day, _Slot(clock, span.end_minutes)):
                return self._why_no_slot_at(day, clock, any_minute=True)
        wanted = self._minutes_of(day, clock)
        first = next(self._in_the_way(day, [wanted]), None)
        return None if first is None else first.cause(day, wanted, None)

    def why_not_preferred(self, day: date) -> Iterator[tuple[ReasonCode, Cause]]:
        """Why the best slot of *day* is not at the preferred time.

        Nothing where it is, and where no time is preferred.
        """
        best, preferred = self.best(day), self.preferred_minutes
        if best is None or preferred is None or best == preferred:
            return
        if best == self.agreed.get(day):
            yield ReasonCode.AGREED, causes.AgreedTime(best)
            return
        first = next(self._real(day)).begin
        if first != preferred:
            yield ReasonCode.HOURS, self._why_no_slot_at(day, preferred)
        if best == first:
            return
        if self._has_passed(day, first):
            yield ReasonCode.PAST, causes.TimePassed(first, had=True)
        else:
            wanted = self._minutes_of(day, first)
            for obstacle in self._in_the_way(day, [wanted]):
                yield obstacle.code, obstacle.cause(day, wanted, first)

    def _has_passed(self, day: date, clock: int) -> bool:
        return self.past is not None and day == self.past[0] and clock < self.past[1]

    def _real(self, day: date) -> Iterator[_Slot]:
        """The slots that the hours leave on *day*, free or not, the best first."""
        for slot in _in_order(self.spans(day), self.asked, self.slot_minutes):
            if self._holds(day, slot):
                yield slot

    def _free(self, day: date, *, whenever: bool = False) -> Iterator[_Slot]:
        """The free slots of *day*, the best first; *whenever* those that have passed as well."""
        taken = self._taken(day)
        for slot in self._real(day):
            if not whenever and self._has_passed(day, slot.begin):
                continue
            if not taken or not taken & self._minutes_of(day, slot.begin):
                yield slot

    def _holds(self, day: date, slot: _Slot) -> bool:
        """Whether a session in *slot* is over before it closes, whatever the clocks do that day."""
        if not clocks_change(day, self.zone):
            return slot.begin + self.duration_minutes <= slot.closing
        # Two hours by the clock may be one hour long, or three.
        start = instant(day, clock_at(slot.begin), self.zone)
        end = later(start, self.duration_minutes)
        shown = minutes_of(start.time()) == slot.begin and start.date() == day
        closing = datetime.combine(day, time()) + timedelta(minutes=slot.closing)
        return shown and end.replace(tzinfo=None) <= closing

    def _taken(self, day: date) -> int:
        """The minutes of *day* at which no session can be, whatever the opening hours."""
        known, key = self._taken_by_day, (day, self.resources.state(day))
        if key not in known:
            known[key] = together(each.minutes(day) for each in self._shared)
        return known[key] | together(each.minutes(day) for each in self.closings.obstacles())

    def _minutes_of(self, day: date, begin: int) -> int:
        """The minutes that a session takes that begins then, as a set."""
        if clocks_change(day, self.zone):
            start = instant(day, clock_at(begin), self.zone)
            begin = (start - first_moment(day, self.zone)) // timedelta(minutes=1)
        return minute_set(begin, begin + self.duration_minutes)

    def _opening(self, day: date) -> causes.Opening:
        is_known = self.hours is not None and bool(self.hours[day.weekday()])
        return causes.Opening(self.spans(day), is_known)

    def _span_at(self, day: date, clock: int) -> TimeRange | None:
        """The opening span of *day* that holds a time of day."""
        for span in self.spans(day):
            if span.begin_minutes <= clock < span.end_minutes:
                return span
        return None

    def _why_no_slot_at(self, day: date, clock: int, *, any_minute: bool = False) -> Cause:
        """Why the hours have no slot at *clock*.

        With *any_minute* a session may begin between two slots.
        """
        if clocks_change(day, self.zone):
            begins = instant(day, clock_at(clock), self.zone)
            if minutes_of(begins.time()) != clock:
                return causes.ClockSkipped(clock)
        span = self._span_at(day, clock)
        if span is None:
            return causes.NotOpen(self._opening(day), clock)
        if (clock - span.begin_minutes) % self.slot_minutes and not any_minute:
            return causes.BetweenSlots(self.slot_minutes, span.begin_minutes)
        return causes.ClosesTooSoon(self._opening(day), self.duration_minutes, clock)


@lru_cache(maxsize=64)
def _in_order(
    spans: Sequence[TimeRange], asked: time | TimeRange, slot_minutes: int
) -> tuple[_Slot, ...]:
    """When sessions could begin in opening spans, however long they are; the best first."""
    within = asked if isinstance(asked, TimeRange) else ANY_TIME
    found = []
    for span in spans:
        closing = min(span.end_minutes, within.end_minutes)
        begins = range(span.begin_minutes, closing, slot_minutes)
        found += [_Slot(begin, closing) for begin in begins if begin >= within.begin_minutes]
    if isinstance(asked, time):
        preferred = minutes_of(asked)
        found.sort(key=lambda slot: (abs(slot.begin - preferred), slot.begin))
    return tuple(found)


def slots_for(request: Request, duration_minutes: int) -> Slots:
    """The slots for sessions of that length."""
    hours = request.opening_hours
    opened = {day for day in request.open_days if hours is not None and not hours[day.weekday()]}
    return _slots(
        duration_minutes=duration_minutes,
        asked=request.time_of_day,
        hours=hours,
        slot_minutes=request.slot_minutes,
        resources=resources_of(request),
        closings=part_closings_of(request),
        open_days=frozenset(opened),
    )


# Most requests to one clinic have the same, and then share the best slots once they are found.
_slots = lru_cache(maxsize=16)(Slots)
