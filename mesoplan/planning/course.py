"""Places the sessions of a course: where its days are looked for, and the best that are found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.days import day_text
from mesoplan.errors import InvalidInput
from mesoplan.planning.solver import (
    ANY_DAY,
    Pick,
    Wishes,
    last_member,
    members,
    on_courses,
    perfect_starts,
    solve,
)
from mesoplan.rules.limits import (
    LONGEST_DELAY_DAYS,
    MAX_INTERVAL_DAYS,
    MAX_SESSIONS,
    MAX_START_SLIP_DAYS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesoplan.planning.availability import Availability
    from mesoplan.planning.problem import Problem

LONGEST_COURSE_DAYS = (MAX_SESSIONS - 1) * MAX_INTERVAL_DAYS
LONGEST_SEARCH_BACK_DAYS = LONGEST_COURSE_DAYS + 366
"""How long before its last possible day a course without START may begin."""


class Search(NamedTuple):
    """Where the days of a course are looked for: sets of days, counted from an origin."""

    origin: date
    usable: int
    starts: tuple[int, ...]
    """The days that the first session of the search may have, in sets that are tried in order. All
    of them are in the last one."""
    pick: Pick
    """Which day of a set is taken."""
    first_number: int
    """The number of that session: of the last past one, or of the first that is to be placed."""

    @property
    def all_starts(self) -> int:
        """All the days that its first session may have."""
        return self.starts[-1]

    def day(self, offset: int) -> date:
        """The day that is this number of days after the origin."""
        return self.origin + timedelta(days=offset)


class PlacedCourse(NamedTuple):
    """The days of the sessions that were to be placed, with what they were chosen by."""

    days: tuple[date, ...]
    availability: Availability
    is_late: bool = False
    """Whether the first of them comes after the last day within the rules."""


class NoDays(NamedTuple):
    """Why no days are found."""

    why: Literal[
        "TOO_LATE",
        "NO_LATE_DAY",
        "PINNED_DAY",
        "TOO_MANY_PINNED",
        "SEARCHED",
        "MAINTENANCE",
        "MAINTENANCE_PINNED",
        "MAINTENANCE_TOO_LATE",
        "MAINTENANCE_NO_LATE_DAY",
    ]
    """For the course: all days within the rules are past; no usable day at all; a day chosen by
    hand can't be; more such days than sessions; none found. For one maintenance session: no usable
    day near the due day; the day chosen by hand can't be; all days near it are past; none later."""
    search: Search | None = None
    """Where the days of a course were looked for in vain."""
    number: int = 0
    """The number of the maintenance session."""
    due: date = date.min
    """The day on which it is due."""

    @property
    def has_no_start(self) -> bool:
        """Whether there is no day for the first session, so that fewer sessions don't help."""
        return self.search is not None and not self.search.all_starts


def place_course(problem: Problem) -> PlacedCourse | NoDays:
    """The best days for the sessions of a course that are to be placed, if there are any.

    Raises InvalidInput for a reason to be late where days within the rules are left.
    """
    if not problem.lets_go and problem.to_place < len(problem.by_hand):
        return NoDays("TOO_MANY_PINNED")
    if problem.to_place == 0 and problem.of_course.late is None:
        return PlacedCourse((), problem.course_days)
    if problem.is_too_late and problem.excused is None:
        return NoDays("TOO_LATE") if problem.of_course.late is None else _place_late(problem)
    if problem.of_course.late is not None:
        raise _not_late(problem)
    if not problem.lets_go and next(unusable_by_hand(problem), None) is not None:
        return NoDays("PINNED_DAY")
    search = search_for(problem)
    days = solve_search(problem, search)
    if days is None:
        return NoDays("SEARCHED", search)
    return PlacedCourse(days[problem.next_number - search.first_number :], problem.course_days)


def search_for(problem: Problem) -> Search:
    """Where the days are looked for: from the last past session on, or else from START on."""
    if problem.begins_anew:
        return _new_search(problem)
    if (excused := problem.excused) is not None and problem.is_too_late:
        return onward(problem, excused.day, problem.next_number)
    if problem.past:
        return onward(problem, problem.past[-1].day, len(problem.past))
    pin = problem.of_course.pin
    agreed = [session.day for session in problem.agreed[:1]]
    earliest = problem.request.given_start
    if pin is not None and pin.number == 1:
        agreed.append(pin.day)
        # A day that was chosen by hand overrides START.
        earliest = None if earliest is None else min(earliest, pin.day)
    if earliest is None:
        earliest = min(agreed, default=problem.first_day) - timedelta(days=MAX_START_SLIP_DAYS)
    origin = max(earliest, problem.first_day)
    latest = max([origin + timedelta(days=MAX_START_SLIP_DAYS), *agreed])
    last = min((latest - origin).days, MAX_START_SLIP_DAYS + LONGEST_DELAY_DAYS)
    usable = problem.course_days.usable(origin, last + _longest_days(problem, 1))
    starts = usable & ((1 << (last + 1)) - 1)
    return Search(origin, usable, (_preferred_start(problem, origin, starts), starts), "best", 1)


def _preferred_start(problem: Problem, origin: date, starts: int) -> int:
    """The day of session 1, where it stays: a set of one day, or none where it may be any.

    A new course begins on the first usable day from START on, and its other sessions are chosen
    around that one. So they are where a course stays that has not begun, unless the change
    concerns session 1, and where days don't stay.
    """
    if not problem.keeps_days:
        return starts & -starts
    pin = problem.of_course.pin
    if not problem.agreed or problem.agreed[0].number != 1:
        return 0
    first = problem.agreed[0].day
    if (pin is not None and (pin.number == 1 or pin.day <= first)) or first < origin:
        return 0
    return starts & 1 << (first - origin).days


def _new_search(problem: Problem) -> Search:
    """Where a new course is looked for: from START on, or as late as its end allows."""
    start, end, days = problem.request.given_start, problem.end, problem.course_days
    if start is not None:
        usable = days.usable(start, MAX_START_SLIP_DAYS + _longest_days(problem, 1))
        # Up to the first usable day on or after the last START that the flex allows.
        soon = usable & (1 << MAX_START_SLIP_DAYS + 1) - 1
        late = soon >> problem.request.flex_days << problem.request.flex_days
        starts = soon & ((late & -late) << 1) - 1 if late else soon
        return Search(start, usable, (starts,), "earliest", 1)
    if end is None:
        raise no_start()
    earliest = end.day - timedelta(days=LONGEST_SEARCH_BACK_DAYS)
    origin = max(earliest, problem.first_day, problem.request.arrive or date.min)
    length = max((end.day - origin).days + 1, 0)
    usable = days.usable(origin, length)
    perfect = perfect_starts(usable & _on_weekday(problem, origin, length), problem.preferred)
    latest_perfect = 1 << last_member(perfect) if perfect else 0
    # It should not end more than 90 days before its time if that can be helped.
    near = max(length - 1 - sum(problem.preferred) - MAX_START_SLIP_DAYS, 0)
    return Search(origin, usable, (latest_perfect, usable >> near << near, usable), "latest", 1)


def no_start() -> InvalidInput:
    """Nothing says when the course could begin."""
    return InvalidInput(
        "START is missing, and no trip or deadline says when the course could begin",
        "write the first day after the goal: mesoplan plan hair 2026-12-01",
    )


def onward(problem: Problem, origin: date, first_number: int) -> Search:
    """The search in which the session of that number is on that day, whatever may block it."""
    usable = problem.course_days.usable(origin, _longest_days(problem, first_number)) | 1
    return Search(origin, usable, (1,), "best", first_number)


def _longest_days(problem: Problem, first_number: int) -> int:
    """How many days the course can take, from the session of that number on."""
    return problem.limits.max_interval_days * (problem.sessions - first_number) + 1


def solve_search(
    problem: Problem, search: Search, *, bound: bool = True
) -> tuple[date, ...] | None:
    """The best days from the first session of the search on; None if there are none.

    Unless *bound*, neither the pin nor what was agreed binds.
    """
    preferred = problem.preferred[search.first_number - 1 :]
    intervals = problem.limits.intervals
    wishes = _wishes(problem, search) if bound else None
    must_keep = 0 if problem.lets_go else len(_days_to_keep(problem))
    if wishes is not None and wishes.kept.bit_count() < must_keep:
        return None
    slots = problem.course_days.slots

    def minutes_off(offset: int) -> int:
        return slots.minutes_off(search.day(offset))

    asked = None if slots.all_preferred else minutes_off
    on_weekday = _on_weekday(problem, search.origin, search.usable.bit_length())
    for starts in search.starts:
        offsets = solve(
            search.usable,
            preferred,
            intervals,
            asked,
            starts=starts,
            wishes=wishes,
            pick=search.pick,
            on_weekday=on_weekday,
        )
        if offsets is not None:
            return tuple(map(search.day, offsets))
    return None


def _on_weekday(problem: Problem, origin: date, length: int) -> int:
    """The days on a preferred weekday, as a set of *length* days or a few more; all without one."""
    weekdays = problem.request.weekdays
    if not weekdays:
        return ANY_DAY
    week = sum(1 << (weekday - origin.weekday()) % 7 for weekday in weekdays)
    return sum(week << days for days in range(0, length, 7))


def _days_to_keep(problem: Problem) -> set[date]:
    """The days that the course must have, each for some session."""
    pin = problem.of_course.pin
    days = {session.day for session in problem.by_hand}
    return days | {pin.day} if pin is not None and pin.number is None else days


def _wishes(problem: Problem, search: Search) -> Wishes | None:
    """What was agreed and chosen by hand, and that the rhythm counts first; None if nothing was."""
    pin = problem.of_course.pin
    if pin is None and not problem.agreed and not problem.keeps_rhythm:
        return None
    agreed = (each.day for each in problem.had if problem.keeps_days or each.pinned)
    fixed = {}
    if pin is not None and pin.number is not None:
        fixed[pin.number - search.first_number] = (pin.day - search.origin).days
    kept = _bits(search, _days_to_keep(problem))
    return Wishes(_bits(search, agreed), kept, problem.lets_go, fixed, problem.keeps_rhythm)


def _bits(search: Search, days: Iterable[date]) -> int:
    """Those of *days* that are usable, as a set."""
    bits = 0
    for day in days:
        offset = (day - search.origin).days
        bits |= 1 << offset if offset >= 0 else 0
    return bits & search.usable


def days_for_pin(problem: Problem, search: Search) -> list[date]:
    """The days on which the pinned session can be in some course, at whatever time."""
    pin = problem.of_course.pin
    if pin is None:
        return []
    preferred, intervals = problem.preferred[search.first_number - 1 :], problem.limits.intervals
    kept = _bits(search, (session.day for session in problem.by_hand))
    reach = on_courses(search.usable, search.all_starts, len(preferred), intervals)
    numbers = range(len(reach)) if pin.number is None else [pin.number - search.first_number]
    found = {
        day
        for index in numbers
        for day in members(reach[index])
        if not kept
        or solve(
            search.usable,
            preferred,
            intervals,
            starts=search.all_starts,
            wishes=Wishes(0, kept, fixed={index: day}),
        )
    }
    return [search.day(offset) for offset in sorted(found)]


def unusable_by_hand(problem: Problem) -> Iterator[date]:
    """The days that were chosen by hand and can't be used, or not at the time chosen with them."""
    pin = problem.of_course.pin
    days = {session.day for session in problem.by_hand}
    days |= {pin.day} if pin is not None else set()
    for day in sorted(days):
        lacks_the_time = pin is not None and day == pin.day and not problem.has_time_of(pin)
        if lacks_the_time or problem.course_days.blockers(day):
            yield day


def _place_late(problem: Problem) -> PlacedCourse | NoDays:
    """The next session on the day that was asked for, or else on the earliest usable one.

    The others must find days after it. Where they don't, a later day takes the place of the one
    that was asked for, but an earlier one does not.
    """
    pin, free = problem.of_course.pin, problem
    first, number = problem.first_day, problem.next_number
    asked = pin.day if pin is not None and pin.number in (None, number) else None
    if asked is not None:
        # On another day the time that was asked for, or agreed, counts no more.
        free = replace(problem, of_course=problem.of_course._replace(pin=None))
    elif not problem.lets_go and next(unusable_by_hand(problem), None) is not None:
        return NoDays("PINNED_DAY")
    usable = free.course_days.usable(first, LONGEST_DELAY_DAYS + _longest_days(problem, number))
    starts = usable & (1 << LONGEST_DELAY_DAYS) - 1
    if asked is not None and asked >= first:
        starts &= ~(1 << (asked - first).days)
        if problem.course_days.usable(asked, 1):
            if next(unusable_by_hand(problem), None) is not None:
                return NoDays("PINNED_DAY")
            days = solve_search(free, onward(problem, asked, number))
            if days is not None:
                return PlacedCourse(days, problem.course_days, is_late=True)
    found = solve_search(free, Search(first, usable, (starts,), "earliest", number))
    if found is None:
        return NoDays("NO_LATE_DAY")
    if asked is not None and asked > found[0]:
        is_usable = next(unusable_by_hand(problem), None) is None
        return NoDays("SEARCHED" if is_usable else "PINNED_DAY", onward(problem, asked, number))
    return PlacedCourse(found, free.course_days, is_late=True)


def _not_late(problem: Problem) -> InvalidInput:
    last, number = problem.last_day_in_time, problem.next_number
    if problem.excused is not None and problem.is_too_late:
        why = f"session {number} is already late, and keeps its agreed day"
    elif last is None or problem.to_place == 0:
        why = "no session has taken place that the next one could be too late for"
    else:
        why = f"session {number} can still take place by {day_text(last)} (R2)"
    return InvalidInput(f"--late has no effect: {why}", "leave out --late")
