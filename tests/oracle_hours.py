"""The slow, obviously right search for plans in which the time of day matters.

It shares nothing with the program but the values of a request. Days are dates and moments are
datetimes; of every slot of a day it is asked whether the clocks show it, whether the session ends
in time, and how many busy spans run at each moment of it. Every beginning of a course is looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from mesoplan import BusyCalendar, BusySpan, Request, TimeRange
from mesoplan.dates.times import AFTERNOON, ANY_TIME, MORNING
from mesoplan.rules.goals import find_goal
from mesoplan.rules.protocol import Limits, Protocol, preferred_intervals, with_sessions
from tests.oracle import days_after, is_usable

USUAL_OPENING, USUAL_CLOSING = 9 * 60, 18 * 60
MIDNIGHT = 24 * 60
MINUTE = timedelta(minutes=1)

Course = tuple[date, ...]


def busy_spans(request: Request) -> list[BusySpan]:
    """The spans of all the calendars of rooms of a request."""
    spans: list[BusySpan] = []
    for calendar in request.room_busy:
        assert isinstance(calendar, BusyCalendar)
        spans += calendar.spans
    return spans


@dataclass(frozen=True)
class Opening:
    """A time for which the clinic is open, and when sessions could begin in it (minutes)."""

    begins: tuple[int, ...]
    closes: int


@dataclass(frozen=True)
class Slot:
    """A time of day at which a session could be, were no room taken."""

    minutes: int
    begin: datetime
    end: datetime
    minutes_off: int


class Oracle:
    """What is right for one request with START and a typed number of sessions."""

    def __init__(self, request: Request) -> None:
        assert request.sessions is not None
        self.request = request
        self.zone = ZoneInfo(request.timezone)
        self.length = request.duration_minutes or self.protocol.minutes
        self.busy = [
            (rounded_down(span.start), rounded_up(span.end)) for span in busy_spans(request)
        ]
        self._best: dict[date, Slot | None] = {}

    @property
    def protocol(self) -> Protocol:
        return self.request.protocol or find_goal(self.request.goal).protocol

    @property
    def limits(self) -> Limits:
        return self.protocol.limits

    @property
    def legal_intervals(self) -> range:
        return range(self.limits.min_interval_days, self.limits.max_interval_days + 1)

    @cached_property
    def preferred(self) -> tuple[int, ...]:
        assert self.request.sessions is not None
        if self.request.interval_days is not None:
            return (self.request.interval_days,) * (self.request.sessions - 1)
        return preferred_intervals(with_sessions(self.protocol.phases, self.request.sessions))

    # Times of one day

    @property
    def at_one_time(self) -> bool:
        """Whether every session is at the time asked for, since nothing else is known."""
        clock = self.request.time_of_day
        return (
            self.request.opening_hours is None
            and not self.request.room_busy
            and not isinstance(clock, TimeRange)
        )

    def usual_opening(self) -> Opening:
        """When a clinic counts as open whose hours are not known."""
        clock, step = self.request.time_of_day, self.request.slot_minutes
        if isinstance(clock, TimeRange):
            begin, end = clock.begin_minutes, clock.end_minutes
            if clock in (MORNING, AFTERNOON, ANY_TIME):
                begin, end = max(begin, USUAL_OPENING), min(end, USUAL_CLOSING)
            return Opening(tuple(range(begin, end, step)), end)
        preferred = clock.hour * 60 + clock.minute
        begin = min(USUAL_OPENING, preferred)
        end = min(MIDNIGHT, max(USUAL_CLOSING, preferred + self.length))
        begins = [m for m in range(begin, end) if (m - preferred) % step == 0]
        return Opening(tuple(begins), end)

    def openings(self, day: date) -> list[Opening]:
        hours, step = self.request.opening_hours, self.request.slot_minutes
        if hours is None:
            return [self.usual_opening()]
        spans = hours[day.weekday()]
        if not spans and day in self.request.open_days:
            return [self.usual_opening()]
        return [
            Opening(tuple(range(span.begin_minutes, span.end_minutes, step)), span.end_minutes)
            for span in spans
        ]

    def moment(self, day: date, minutes: int) -> datetime | None:
        """When clocks show that time, for the first time; None where they never do."""
        shown = datetime.combine(day, time(minutes // 60, minutes % 60))
        moment = shown.replace(tzinfo=self.zone).astimezone(UTC).astimezone(self.zone)
        return moment if moment.replace(tzinfo=None) == shown else None

    def end_of(self, begin: datetime) -> datetime:
        return (begin.astimezone(UTC) + self.length * MINUTE).astimezone(self.zone)

    def asked_for(self, minutes: int, closes: int) -> tuple[int, int] | None:
        """By how much that time is off the preferred one, and when a session must be over then;
        None outside the range asked for."""
        clock = self.request.time_of_day
        if isinstance(clock, time):
            return abs(minutes - (clock.hour * 60 + clock.minute)), closes
        if clock.begin_minutes <= minutes < clock.end_minutes:
            return 0, min(closes, clock.end_minutes)
        return None

    def slots(self, day: date) -> Iterator[Slot]:
        """The slots of an opening day, free or not, the best first."""
        times = []
        for opening in self.openings(day):
            for minutes in opening.begins:
                asked = self.asked_for(minutes, opening.closes)
                if asked is not None:
                    minutes_off, last_end = asked
                    times.append((minutes_off, minutes, last_end))
        for minutes_off, minutes, last_end in sorted(times):
            begin = self.moment(day, minutes)
            if begin is not None:
                end = self.end_of(begin)
                if end.replace(tzinfo=None) <= datetime.combine(day, time()) + last_end * MINUTE:
                    yield Slot(minutes, begin, end, minutes_off)

    def is_free(self, slot: Slot) -> bool:
        """Whether a room is free all the time: more are taken only where a span begins."""
        begin, end = slot.begin.astimezone(UTC), slot.end.astimezone(UTC)
        near = [span for span in self.busy if span[0] < end and span[1] > begin]
        moments = [begin, *(start for start, _ in near if start > begin)]
        return all(running(near, moment) < self.request.rooms for moment in moments)

    def best_slot(self, day: date) -> Slot | None:
        """Where a session of that day would be; None if it can't be on that day."""
        if day not in self._best:
            self._best[day] = self._find_best_slot(day)
        return self._best[day]

    def _find_best_slot(self, day: date) -> Slot | None:
        if not is_usable(self.request, day):
            return None
        if self.at_one_time:
            assert isinstance(self.request.time_of_day, time)
            begin = datetime.combine(day, self.request.time_of_day, self.zone)
            begin = begin.astimezone(UTC).astimezone(self.zone)
            return Slot(0, begin, self.end_of(begin), 0)
        return next((slot for slot in self.slots(day) if self.is_free(slot)), None)

    def minutes_off(self, day: date) -> int:
        slot = self.best_slot(day)
        assert slot is not None
        return slot.minutes_off

    # Courses

    def is_other(self, day: date) -> bool:
        """Whether it falls on none of the preferred weekdays."""
        return bool(self.request.weekdays) and day.weekday() not in self.request.weekdays

    def order(self, course: Course) -> tuple[int, int, int, date, Course]:
        """What the best course has least."""
        intervals = [(after - before).days for before, after in pairwise(course)]
        squares = sum((a - p) ** 2 for a, p in zip(intervals, self.preferred, strict=True))
        others = sum(map(self.is_other, course))
        return others, squares, sum(map(self.minutes_off, course)), course[-1], course

    def every_course(self, first: date) -> Course | None:
        """The best of all courses from *first*, by looking at each of them."""
        found = []
        for intervals in product(self.legal_intervals, repeat=len(self.preferred)):
            course = [first]
            for interval in intervals:
                course.append(days_after(course[-1], interval))
            if all(self.best_slot(day) is not None for day in course):
                found.append(tuple(course))
        return min(found, key=self.order, default=None)

    def every_prefix(self, first: date) -> Course | None:
        """The same for long courses: every beginning of a course, but of those that end on the
        same day only the best, since they can all be continued alike."""
        begun = (int(self.is_other(first)), 0, self.minutes_off(first), (first,))
        best: dict[date, tuple[int, int, int, Course]] = {first: begun}
        for wanted in self.preferred:
            longer: dict[date, list[tuple[int, int, int, Course]]] = {}
            for day, (others, squares, minutes, course) in best.items():
                for interval in self.legal_intervals:
                    following = days_after(day, interval)
                    slot = self.best_slot(following)
                    if slot is not None:
                        candidate = (
                            others + self.is_other(following),
                            squares + (interval - wanted) ** 2,
                            minutes + slot.minutes_off,
                            (*course, following),
                        )
                        longer.setdefault(following, []).append(candidate)
            best = {day: min(candidates) for day, candidates in longer.items()}
        return min((course for *_, course in best.values()), key=self.order, default=None)

    def firsts(self) -> list[date]:
        """The days that session 1 may be on: of START, and of each day it may slip to."""
        assert self.request.start is not None
        within_slip = [days_after(self.request.start, k) for k in range(91)]
        found: list[date] = []
        for slip in range(self.request.flex_days + 1):
            start = days_after(self.request.start, slip)
            first = next((d for d in within_slip if d >= start and self.best_slot(d)), None)
            if first is not None and first not in found:
                found.append(first)
        return found

    def expected(self) -> tuple[Slot, ...] | None:
        """The days and times that the planner must find; None if it must refuse."""
        for first in self.firsts():
            course = self.every_prefix(first)
            if course is not None:
                slots = [self.best_slot(day) for day in course]
                return tuple(slot for slot in slots if slot is not None)
        return None


def running(spans: list[tuple[datetime, datetime]], moment: datetime) -> int:
    """How many rooms are taken at a moment."""
    return sum(start <= moment < end for start, end in spans)


def rounded_down(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def rounded_up(moment: datetime) -> datetime:
    down = rounded_down(moment)
    return down if down == moment else down + MINUTE
