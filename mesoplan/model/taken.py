"""Times that are taken: by busy calendars, and by the plans of a book."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.times import first_moment, minute_set
from mesoplan.errors import InvalidInput, printable
from mesoplan.rules.goals import find_goal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import Request


OTHER_PATIENTS = "other patients"
"""Who takes the times of a book, as they are called on the screen."""


class BusySpan(NamedTuple):
    """A time that is taken, from one aware moment to a later one."""

    start: datetime
    end: datetime


class Taken(NamedTuple):
    """A part of one day that is taken, in minutes from the day's first moment."""

    begin_minutes: int
    end_minutes: int
    calendar: str
    """What the calendar that takes it is called on the screen."""
    practitioner: str | None = None
    """The id of the one who treats, where it is a session and somebody is known to."""
    goes_on: bool = False
    """Whether it began on the day before."""

    @property
    def minutes(self) -> int:
        """The same as a set of minutes."""
        return minute_set(self.begin_minutes, self.end_minutes)


FullMinutes = tuple[int, ...]
"""Item *k*: the minutes of a day at which more than *k* rooms are taken."""


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


@lru_cache(maxsize=16)
def _taken_by_day(calendar: BusyCalendar, zone: ZoneInfo) -> Mapping[date, Sequence[Taken]]:
    by_day: dict[date, list[Taken]] = {}
    for span in calendar.spans:
        for day, taken in parts_by_day(span, calendar.name, zone):
            by_day.setdefault(day, []).append(taken)
    return by_day


def with_taken(rooms: FullMinutes, taken: Iterable[int]) -> FullMinutes:
    """The minutes at which rooms are taken, once further sets of minutes of the day are."""
    full = list(rooms)
    for carried in taken:
        for room, before in enumerate(full):
            full[room], carried = before | carried, before & carried
    return tuple(full)


def parts_by_day(
    span: BusySpan, name: str, zone: ZoneInfo, practitioner: str | None = None
) -> Iterator[tuple[date, Taken]]:
    """What a span of the calendar of that name takes of each day that it touches.

    In whole minutes that hold the span.
    """
    minute = timedelta(minutes=1)
    day = span.start.astimezone(zone).date()
    while (first := first_moment(day, zone)) < span.end:
        following = day + timedelta(days=1)
        begin = max(span.start, first) - first
        end = min(span.end, first_moment(following, zone)) - first
        goes_on = span.start < first
        yield day, Taken(begin // minute, -(-end // minute), name, practitioner, goes_on)
        day = following


@lru_cache(maxsize=4096)
def _parts(
    spans: tuple[BusySpan, ...], name: str, zone: ZoneInfo, practitioner: str | None
) -> tuple[tuple[date, Taken], ...]:
    """What the sessions of a plan take of each day; they are booked and released many times."""
    return tuple(part for span in spans for part in parts_by_day(span, name, zone, practitioner))


Course = tuple[str, str, "date"]
"""A patient's label, a goal, and START or else the end that the course is planned for."""


def course_of(request: Request, goal: str | None) -> Course | None:
    """What a course is known by; None for one of a patient who has no label."""
    begins = request.given_start or request.depart or request.finish_by
    if request.patient is None or goal is None or begins is None:
        return None
    return " ".join(request.patient.casefold().split()), goal, begins


def spans_of(plan: Plan) -> tuple[BusySpan, ...]:
    """The times that a plan takes in a book."""
    return tuple(BusySpan(session.start, session.end) for session in plan.active)


class Bookings:
    """The sessions of the plans of one book."""

    def __init__(self, name: str = OTHER_PATIENTS) -> None:
        self.name = name
        """What the book is called on the screen."""
        self.files: dict[Path, str] = {}
        """The id of the plan in each file, by its real path."""
        self._spans: dict[str, tuple[BusySpan, ...]] = {}
        self._practitioners: dict[str, str | None] = {}
        self._lines: dict[str, int] = {}
        """On which line of a table the row of a plan stands, where it has one."""
        self._last_line = 0
        self._days: dict[ZoneInfo, defaultdict[date, _Day]] = {}
        self._courses: dict[str, Course] = {}
        self._holders: defaultdict[Course, dict[str, Path]] = defaultdict(dict)

    def book(
        self, plan_id: str, spans: Iterable[BusySpan], practitioner: str | None = None
    ) -> None:
        """Let the sessions of a plan take these times, in place of those that it took before.

        *practitioner* is the id of the one who treats, if anybody is known to. What follows a line
        break in an id is the name of another state of the plan.
        """
        self.release(plan_id)
        self._spans[plan_id] = tuple(spans)
        self._practitioners[plan_id] = practitioner
        for zone in self._days:
            self._put(plan_id, zone)

    def book_plan(self, plan: Plan) -> None:
        """Let a plan take the times of its sessions, in place of those that it took before."""
        self.book(plan.id, spans_of(plan), plan.request.practitioner)

    def has(self, plan_id: str) -> bool:
        """Whether a plan takes any time."""
        return plan_id in self._spans

    def release(self, plan_id: str) -> None:
        """Let the sessions of a plan take no time."""
        spans, practitioner = self._spans.pop(plan_id, ()), self._practitioners.get(plan_id)
        if plan_id in self._courses:
            del self._holders[self._courses.pop(plan_id)][plan_id]
        for zone, days in self._days.items():
            for day, _ in _parts(spans, self.name, zone, practitioner):
                days[day].remove(plan_id)

    def copy(self) -> Bookings:
        """The same sessions, to try others beside them."""
        found = Bookings(self.name)
        for plan_id, spans in self._spans.items():
            found.book(plan_id, spans, self._practitioners[plan_id])
        return found

    def put_on_line(self, plan_id: str, line: int) -> None:
        """Let a plan be that of the row on a line of a table."""
        self._lines[plan_id] = line
        self._last_line = max(self._last_line, line)

    def has_row_after(self, line: int) -> bool:
        """Whether a plan may be that of a row after that line."""
        return self._last_line > line

    def is_up_to(self, plan_id: str, line: int) -> bool:
        """Whether a plan has no row, or one that does not stand after that line."""
        return self._lines.get(plan_id, 0) <= line

    def remember(self, plan: Plan, file: Path) -> None:
        """Know the course of a plan in that file, so that nobody plans it twice by mistake."""
        course = None if plan.cancelled else course_of(plan.request, plan.goal)
        if course is not None:
            self._courses[plan.id] = course
            self._holders[course][plan.id] = file

    def require_new(self, request: Request) -> None:
        """Raise InvalidInput if a plan of the same patient, goal and START is there already."""
        course = None if request.another else course_of(request, find_goal(request.goal).name)
        if course is not None and self._holders[course]:
            import shlex

            file = next(iter(self._holders[course].values()))
            shown = shlex.quote(printable(file))
            raise InvalidInput(
                f"{shown} is already a plan for the same patient, goal and START",
                f"look at it with “mesoplan show {shown}”, or add --another for a second course "
                "(in a table: yes in the column “another”)",
            )

    def around(self, plan_id: str, line: int | None = None) -> BookedTimes:
        """The times that all plans take but the one of that id; with *line*, no rows after it.

        They are what they are now only until another plan is booked.
        """
        return BookedTimes(self, plan_id, line)

    def day(self, day: date, zone: ZoneInfo) -> _Day:
        """What is taken of a day, as the clocks of *zone* divide days."""
        if zone not in self._days:
            self._days[zone] = defaultdict(_Day)
            for plan_id in self._spans:
                self._put(plan_id, zone)
        return self._days[zone][day]

    def _put(self, plan_id: str, zone: ZoneInfo) -> None:
        spans, practitioner = self._spans[plan_id], self._practitioners[plan_id]
        for day, taken in _parts(spans, self.name, zone, practitioner):
            self._days[zone][day].add(plan_id, taken)


@dataclass(frozen=True, slots=True, eq=False)
class BookedTimes:
    """The sessions of the plans of a book, all but one.

    They don't change while something is planned around them, and are compared by identity.
    """

    bookings: Bookings
    without: str
    """The id of the plan that is planned."""
    line: int | None = None
    """Plans of rows after that line of a table take nothing; None if all count."""
    changes: bool = False
    """Whether plans are booked and released while something is planned around them.

    Whoever does that lets `Slots.forget` know of the days.
    """

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Taken]:
        """What is taken of a day, as the clocks of *zone* divide days."""
        plans = self.bookings.day(day, zone).plans
        return [each for name, taken in plans.items() if self._counts(name) for each in taken]

    def state(self, day: date, zone: ZoneInfo) -> object:
        """What differs if other times of a day are taken; None where they don't change."""
        return self.bookings.day(day, zone).state if self.changes else None

    def filled(self, rooms: FullMinutes, day: date, zone: ZoneInfo) -> FullMinutes:
        """What is taken in the rooms on a day, where *rooms* is what others take there."""
        found = self.bookings.day(day, zone)
        if any(rooms) or not all(map(self._counts, found.plans)):
            return with_taken(rooms, (each.minutes for each in self.on(day, zone)))
        return found.filled(len(rooms))

    def _counts(self, plan_id: str) -> bool:
        is_up_to = self.line is None or self.bookings.is_up_to(plan_id, self.line)
        return is_up_to and plan_id.partition("\n")[0] != self.without


class _Day:
    """What is taken of a day."""

    def __init__(self) -> None:
        self.plans: dict[str, list[Taken]] = {}
        """By the id of the plan."""
        self._state: tuple[object, ...] | None = None
        self._filled: dict[int, FullMinutes] = {}
        """By the number of rooms. Each row of a batch asks for it, and few rows change it."""

    def add(self, plan_id: str, taken: Taken) -> None:
        self.plans.setdefault(plan_id, []).append(taken)
        self._filled.clear()
        self._state = None

    def remove(self, plan_id: str) -> None:
        self.plans.pop(plan_id, None)
        self._filled.clear()
        self._state = None

    @property
    def state(self) -> tuple[object, ...]:
        """The same for the same times with the same practitioners, whoever the patients are."""
        if self._state is None:
            taken = [each for plan in self.plans.values() for each in plan]
            self._state = tuple(sorted((*each[:2], each[3] or "", each[4]) for each in taken))
        return self._state

    def filled(self, rooms: int) -> FullMinutes:
        if rooms not in self._filled:
            taken = (each.minutes for plan in self.plans.values() for each in plan)
            self._filled[rooms] = with_taken((0,) * rooms, taken)
        return self._filled[rooms]
