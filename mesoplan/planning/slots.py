"""The times of day at which a session can begin: the clinic's slots, and which of them are free.

Sets of minutes are as `minutes_of_days` has them.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import weekday_text
from mesoplan.dates.times import (
    ANY_TIME,
    MINUTES_A_DAY,
    NAMED_RANGES,
    TimeRange,
    clock_at,
    clock_text,
    clocks_change,
    day_minutes,
    first_moment,
    minute_set,
    minutes_of,
    runs,
)
from mesoplan.dates.zones import find_zone, instant, later
from mesoplan.model.plan import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from mesoplan.model.request import Request, WeeklyHours
    from mesoplan.model.taken import FullMinutes, Taken, TakenTimes

USUAL_HOURS = TimeRange(9 * 60, 18 * 60)
"""When a clinic whose opening hours are not known is taken to be open."""

_MOST_NAMED = 3
"""How many taken times one reason names."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of day at which a session can begin, where nothing else takes it."""

    begin_minutes: int
    """What the clock shows, in minutes since midnight."""
    closing_minutes: int
    """When the session must be over, likewise: its opening span or the range asked for ends."""


class _Terms(NamedTuple):
    """What slots depend on: the fields of a request, and how long its sessions are."""

    duration_minutes: int
    timezone: str
    time_of_day: time | TimeRange
    opening_hours: WeeklyHours | None
    slot_minutes: int
    rooms: int
    busy: tuple[TakenTimes, ...]
    open_days: frozenset[date]
    """Days on which the clinic opens though their weekdays have no hours."""


class Slots:
    """The slots of every day for the sessions of one request, the best of a day first.

    The best is the one nearest to the preferred time, of two that are equally near the earlier;
    where a range of times is asked for, all in it are as good, and the earliest is the best.
    """

    def __init__(self, terms: _Terms) -> None:
        self.duration_minutes = terms.duration_minutes
        self.zone: ZoneInfo = find_zone(terms.timezone)
        self.rooms = terms.rooms
        self.slot_minutes = terms.slot_minutes
        self.hours = terms.opening_hours
        self.open_days = terms.open_days
        self.asked = terms.time_of_day
        self.preferred_minutes = (
            None if isinstance(self.asked, TimeRange) else minutes_of(self.asked)
        )
        """The preferred time; None where a range is asked for."""
        self.busy = terms.busy
        self.fixed = self.hours is None and not self.busy and not isinstance(self.asked, TimeRange)
        """Whether nothing is known that could keep a session from the very time asked for."""
        self.agreed: Mapping[date, int] = {}
        """The times, in minutes since midnight, that stay as they are where they still fit."""
        self.past: tuple[date, int] | None = None
        """A day, and the minute of it until which its times have passed."""
        self._best: dict[date, int | None] = {}

    def keeping(self, agreed: Mapping[date, int], now: datetime | None = None) -> Slots:
        """The same, with times that were agreed before: on their days they are the best.

        With *now* (aware) the times of that day that have passed are none any more.
        """
        slots = copy(self)
        slots.agreed = agreed
        slots.past = None
        if now is not None:
            local = now.astimezone(self.zone)
            # A minute that has begun has passed.
            begun = bool(local.second or local.microsecond)
            slots.past = (local.date(), minutes_of(local.time()) + begun)
        slots._best = {}
        return slots

    def clock(self, day: date) -> time:
        """The time at which a session on *day* begins.

        Raises LookupError when the day has no free slot.
        """
        best = self.best(day)
        if best is None:
            raise LookupError(f"no slot is free on {day}")
        return clock_at(best)

    @property
    def all_preferred(self) -> bool:
        """Whether every day has the preferred time, or no time is better than another."""
        return self.preferred_minutes is None or (self.fixed and not self.agreed)

    @property
    def hours_are_assumed(self) -> bool:
        """Whether sessions are kept within hours that nobody gave: see USUAL_HOURS."""
        asked = self.asked
        typed = isinstance(asked, TimeRange) and asked not in NAMED_RANGES.values()
        return self.hours is None and not typed

    @property
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
        spans = self._weekly_spans(day.weekday())
        return self.usual_spans if not spans and day in self.open_days else spans

    def best(self, day: date) -> int | None:
        """The best free slot, in minutes since midnight as the clock shows them, if there is one.

        A session that begins then ends on the same day, before the span that holds it closes.
        """
        agreed = self.agreed.get(day)
        if agreed is not None and self._has_passed(day, agreed):
            agreed = None
        if self.fixed:
            return self.preferred_minutes if agreed is None else agreed
        if day not in self._best:
            if agreed is not None and self.why_not_at(day, agreed) is None:
                self._best[day] = agreed
            else:
                self._best[day] = next((slot.begin_minutes for slot in self._free(day)), None)
        return self._best[day]

    def _has_passed(self, day: date, clock: int) -> bool:
        return self.past is not None and day == self.past[0] and clock < self.past[1]

    def why_not_at(self, day: date, clock: int) -> str | None:
        """Why a session can't begin at that time of an open day, as a clause; None if it can.

        *clock* is in minutes since midnight. Where sessions usually begin does not matter.
        """
        if self._has_passed(day, clock):
            return "that time has passed"
        if clock + self.duration_minutes > MINUTES_A_DAY:
            return f"a session of {self.duration_minutes} minutes would run past midnight"
        if self.fixed:
            return None
        # Hours that nobody gave keep nobody from a time that was agreed or asked for.
        if self.hours is None:
            wanted = self._minutes_of(day, Slot(clock, MINUTES_A_DAY))
            return self._taken_text(day, wanted) if wanted & self._full(day) else None
        spans = [span for span in self.spans(day) if span.begin_minutes <= clock < span.end_minutes]
        slot = Slot(clock, spans[0].end_minutes if spans else clock)
        if not self._holds(day, slot):
            return self._why_not_at(day, clock, any_minute=True)
        wanted = self._minutes_of(day, slot)
        return self._taken_text(day, wanted) if wanted & self._full(day) else None

    def offered(self, day: date) -> bool:
        """Whether the opening hours alone leave a slot on *day*, or it has no hours at all."""
        return not self.spans(day) or self.has_slot(day)

    def has_slot(self, day: date) -> bool:
        """Whether the opening hours leave a slot on *day*, free or not."""
        return next(self._real(day), None) is not None

    def is_full(self, day: date) -> bool:
        """Whether the opening hours leave slots on *day*, and busy calendars take them all."""
        return self.has_slot(day) and next(self._free(day, whenever=True), None) is None

    def near(self, day: date, clock: int) -> tuple[int, ...]:
        """The free slots of *day* next to a time of day: the last before it, the first after it.

        All are in minutes since midnight; the nearer slot comes first.
        """
        free = [slot.begin_minutes for slot in self._free(day)]
        before = max((begin for begin in free if begin < clock), default=None)
        after = min((begin for begin in free if begin > clock), default=None)
        found = [begin for begin in (before, after) if begin is not None]
        return tuple(sorted(found, key=lambda begin: abs(begin - clock)))

    def minutes_off(self, day: date) -> int:
        """By how many minutes the best slot is off the preferred time; 0 where there is none."""
        best, preferred = self.best(day), self.preferred_minutes
        return 0 if best is None or preferred is None else abs(best - preferred)

    def why_not_offered(self, day: date, weekdays: str) -> str:
        """Why the opening hours leave no slot on *day*, as a clause about *weekdays*.

        Those are “Mondays”, or several of the same hours.
        """
        asked = f" {self.asked.in_words}" if isinstance(self.asked, TimeRange) else ""
        opened = self._open_text(day, weekdays)
        change = " while clocks change" if clocks_change(day, self.zone) else ""
        return f"{opened}, which leaves no {self.duration_minutes} minutes{asked}{change}"

    def why_none_is_free(self, day: date) -> str:
        """What takes all the slots of *day*, as a clause without the day."""
        wanted = 0
        for slot in self._real(day):
            wanted |= self._minutes_of(day, slot)
        return self._taken_text(day, wanted)

    @property
    def taken_code(self) -> ReasonCode:
        """What a taken time is called: with several rooms it is a matter of how many."""
        return ReasonCode.BUSY if self.rooms == 1 else ReasonCode.CAPACITY

    def why_not_preferred(self, day: date) -> Iterator[tuple[ReasonCode, str]]:
        """Why the best slot of *day* is not at the preferred time, as clauses without the day.

        Nothing where it is, and where no time is preferred.
        """
        best, preferred = self.best(day), self.preferred_minutes
        if best is None or preferred is None or best == preferred:
            return
        if best == self.agreed.get(day):
            yield ReasonCode.AGREED, f"{clock_text(best)} was agreed before"
            return
        first = next(self._real(day))
        if first.begin_minutes != preferred:
            yield ReasonCode.HOURS, self._why_not_at(day, preferred)
        if best == first.begin_minutes:
            return
        if self._has_passed(day, first.begin_minutes):
            yield ReasonCode.PAST, f"{clock_text(first.begin_minutes)} had passed"
        else:
            taken = self._taken_text(day, self._minutes_of(day, first))
            yield self.taken_code, f"at {clock_text(first.begin_minutes)} {taken}"

    def _weekly_spans(self, weekday: int) -> tuple[TimeRange, ...]:
        return self.usual_spans if self.hours is None else self.hours[weekday]

    @cached_property
    def _slots_by_weekday(self) -> list[tuple[Slot, ...]]:
        return [self._fitting(self._weekly_spans(weekday)) for weekday in range(7)]

    @cached_property
    def _usual_slots(self) -> tuple[Slot, ...]:
        return self._fitting(self.usual_spans)

    def _fitting(self, spans: Iterable[TimeRange]) -> tuple[Slot, ...]:
        """The slots of a day without a change of clocks, the best first."""
        length = self.duration_minutes
        return tuple(
            slot
            for slot in self._ordered(spans)
            if slot.begin_minutes + length <= slot.closing_minutes
        )

    def _ordered(self, spans: Iterable[TimeRange]) -> list[Slot]:
        """When sessions could begin in opening spans, however long they are; the best first."""
        asked = self.asked if isinstance(self.asked, TimeRange) else ANY_TIME
        found = []
        for span in spans:
            closing = min(span.end_minutes, asked.end_minutes)
            begins = range(span.begin_minutes, closing, self.slot_minutes)
            found += [Slot(begin, closing) for begin in begins if begin >= asked.begin_minutes]
        return sorted(found, key=self._rank)

    def _rank(self, slot: Slot) -> tuple[int, int]:
        preferred, begin = self.preferred_minutes, slot.begin_minutes
        return (0 if preferred is None else abs(begin - preferred), begin)

    def _real(self, day: date) -> Iterator[Slot]:
        """The slots that the hours leave on *day*, free or not, the best first."""
        if not clocks_change(day, self.zone):
            if self._weekly_spans(day.weekday()):
                yield from self._slots_by_weekday[day.weekday()]
            elif day in self.open_days:
                yield from self._usual_slots
            return
        for slot in self._ordered(self.spans(day)):
            if self._holds(day, slot):
                yield slot

    def _holds(self, day: date, slot: Slot) -> bool:
        """Whether a session in *slot* is over before it closes, whatever the clocks do that day."""
        if not clocks_change(day, self.zone):
            return slot.begin_minutes + self.duration_minutes <= slot.closing_minutes
        # Two hours by the clock may be one hour long, or three.
        start = self._start(day, slot)
        end = later(start, self.duration_minutes)
        shown = minutes_of(start.time()) == slot.begin_minutes and start.date() == day
        closing = datetime.combine(day, time()) + timedelta(minutes=slot.closing_minutes)
        return shown and end.replace(tzinfo=None) <= closing

    def _free(self, day: date, *, whenever: bool = False) -> Iterator[Slot]:
        """The free slots of *day*, the best first; *whenever* those that have passed as well."""
        taken = self._full(day)
        for slot in self._real(day):
            if not whenever and self._has_passed(day, slot.begin_minutes):
                continue
            if not taken or not taken & self._minutes_of(day, slot):
                yield slot

    def _full(self, day: date) -> int:
        """The minutes of *day* at which all rooms are taken."""
        full: FullMinutes = (0,) * self.rooms
        for times in self.busy:
            full = times.filled(full, day, self.zone)
        return full[-1]

    def _taken(self, day: date) -> Iterator[Taken]:
        for times in self.busy:
            yield from times.on(day, self.zone)

    def _minutes_of(self, day: date, slot: Slot) -> int:
        """The minutes that a session in *slot* takes, as a set."""
        begin = slot.begin_minutes
        if clocks_change(day, self.zone):
            begin = (self._start(day, slot) - first_moment(day, self.zone)) // timedelta(minutes=1)
        return minute_set(begin, begin + self.duration_minutes)

    def _start(self, day: date, slot: Slot) -> datetime:
        clock = time(*divmod(slot.begin_minutes, 60))
        return instant(day, clock, self.zone)

    def _open_text(self, day: date, weekdays: str) -> str:
        spans = " and ".join(map(str, self.spans(day)))
        if not self.hours or not self.hours[day.weekday()]:
            return f"sessions are kept within {spans}"
        return f"{weekdays} are open {spans}"

    def _why_not_at(self, day: date, clock: int, *, any_minute: bool = False) -> str:
        """Why the hours have no slot at *clock*, as a clause without the day.

        With *any_minute* a session may begin between two slots.
        """
        if clocks_change(day, self.zone):
            begins = instant(day, time(*divmod(clock, 60)), self.zone)
            if minutes_of(begins.time()) != clock:
                return f"clocks skip {clock_text(clock)}"
        opened = self._open_text(day, weekday_text(day))
        span = next(
            (span for span in self.spans(day) if span.begin_minutes <= clock < span.end_minutes),
            None,
        )
        if span is None:
            return f"{opened}, not at {clock_text(clock)}"
        if (clock - span.begin_minutes) % self.slot_minutes and not any_minute:
            first = clock_text(span.begin_minutes)
            return f"sessions begin every {self.slot_minutes} minutes from {first}"
        return f"{opened}, which leaves no {self.duration_minutes} minutes from {clock_text(clock)}"

    def _taken_text(self, day: date, wanted: int) -> str:
        """What takes a set of minutes of *day*: “doctor.ics is busy 09:00–10:30”."""
        full = self._full(day)
        taken = [taken for taken in self._taken(day) if taken.minutes & wanted & full]
        by_calendar: dict[str, int] = {}
        for each in taken:
            by_calendar[each.calendar] = by_calendar.get(each.calendar, 0) | each.minutes
        if self.rooms > 1:
            which = "both rooms" if self.rooms == 2 else f"all {self.rooms} rooms"
            names = ", ".join(by_calendar)
            return f"{which} are taken {self._times_text(day, full, wanted)} ({names})"
        return " and ".join(
            f"{name} is busy {self._times_text(day, minutes, wanted)}"
            for name, minutes in by_calendar.items()
        )

    def _times_text(self, day: date, minutes: int, wanted: int) -> str:
        """The runs of a set of minutes that touch *wanted*, as the clock shows them."""
        touched = [run for run in runs(minutes) if minute_set(*run) & wanted]
        if touched == [(0, day_minutes(day, self.zone))]:
            return "all day"
        shown = [
            f"{self._shown(day, begin)}–{self._shown(day, end, is_end=True)}"
            for begin, end in touched[:_MOST_NAMED]
        ]
        more = [f"{len(touched) - _MOST_NAMED} more"] * (len(touched) > _MOST_NAMED)
        return ", ".join([*shown, *more])

    def _shown(self, day: date, minutes: int, *, is_end: bool = False) -> str:
        moment = first_moment(day, self.zone) + timedelta(minutes=minutes)
        local = moment.astimezone(self.zone)
        return "24:00" if is_end and local.date() > day else f"{local:%H:%M}"


def slots_for(request: Request, duration_minutes: int) -> Slots:
    """The slots for sessions of that length."""
    hours = request.opening_hours
    without_hours = {
        day for day in request.open_days if hours is not None and not hours[day.weekday()]
    }
    return _slots(
        _Terms(
            duration_minutes,
            request.timezone,
            request.time_of_day,
            hours,
            request.slot_minutes,
            request.rooms,
            request.busy,
            frozenset(without_hours),
        )
    )


# Most requests to one clinic have the same, and then share the best slots once they are found.
_slots = lru_cache(maxsize=16)(Slots)
