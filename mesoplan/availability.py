"""Which days can be used, and the reason where not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.blockers import (
    AllTaken,
    ClosedWeekday,
    Holidays,
    NoSlot,
    SkippedTime,
    Span,
    day_set,
)
from mesoplan.days import Closure, DateRange, day_text, list_text, weekdays_text
from mesoplan.model import Reason, ReasonCode, Request
from mesoplan.public_holidays import region_name
from mesoplan.rules import MIN_DAYS_BEFORE_TRAVEL, RECOVERY_DAYS
from mesoplan.slots import Slots, slots_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesoplan.blockers import Blocker, Source

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
