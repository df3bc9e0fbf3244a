"""The slow, obviously right search that the planner is held against.

It shares nothing with the solver: days are dates, a course is a tuple of dates, and its cost is
worked out from the whole course.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise, product

from mesoplan import Request

Course = tuple[date, ...]


def days_after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def is_usable(request: Request, day: date) -> bool:
    """Whether a course session can be on that day (the request has no public holidays)."""
    clinic_closed = day.weekday() in request.closed_weekdays or any(
        closure.first <= day <= closure.last for closure in request.closures
    )
    if clinic_closed and day not in request.open_days:
        return False
    if any(absence.first <= day <= absence.last for absence in request.away):
        return False
    if request.arrive is not None and day < request.arrive:
        return False
    if request.depart is not None and not day < request.depart:
        return False
    return request.finish_by is None or day < request.finish_by


ANY: frozenset[int] = frozenset(range(7))


def order(
    course: Course, preferred: Sequence[int], weekdays: frozenset[int] = ANY
) -> tuple[int, int, date, Course]:
    """What the best course has least: the sessions on other weekdays than those, Σ squared
    deviations, then the last day, then the days."""
    others = sum(day.weekday() not in weekdays for day in course)
    intervals = [(after - before).days for before, after in pairwise(course)]
    squares = [(a - p) ** 2 for a, p in zip(intervals, preferred, strict=True)]
    return others, sum(squares), course[-1], course


def every_course(
    first: date,
    preferred: Sequence[int],
    usable: Callable[[date], bool],
    weekdays: frozenset[int] = ANY,
) -> Course | None:
    """The best of all courses from *first*, by looking at each of the 8 to the power of n - 1."""
    found = []
    for intervals in product(range(7, 15), repeat=len(preferred)):
        course = [first]
        for interval in intervals:
            course.append(days_after(course[-1], interval))
        if all(map(usable, course)):
            found.append(tuple(course))
    return min(found, key=lambda course: order(course, preferred, weekdays), default=None)


def every_prefix(
    first: date,
    preferred: Sequence[int],
    usable: Callable[[date], bool],
    weekdays: frozenset[int] = ANY,
) -> Course | None:
    """The same for long courses: every beginning of a course, but of those that end on the same
    day only the best, since they can all be continued alike."""
    if not usable(first):
        return None
    best: dict[date, Course] = {first: (first,)}
    for number in range(1, len(preferred) + 1):
        longer: dict[date, list[Course]] = {}
        for day, course in best.items():
            for interval in range(7, 15):
                following = days_after(day, interval)
                if usable(following):
                    longer.setdefault(following, []).append((*course, following))
        best = {
            day: min(courses, key=lambda course: order(course, preferred[:number], weekdays))
            for day, courses in longer.items()
        }
    return min(best.values(), key=lambda course: order(course, preferred, weekdays), default=None)


def expected_course(request: Request, preferred: Sequence[int]) -> Course | None:
    """The course that the planner must find for a request with START; None if it must refuse."""
    assert request.start is not None

    @cache
    def usable(day: date) -> bool:
        return is_usable(request, day)

    within_slip = [days_after(request.start, k) for k in range(91)]
    for slip in range(request.flex_days + 1):
        start = days_after(request.start, slip)
        first = next((day for day in within_slip if day >= start and usable(day)), None)
        if first is not None:
            course = every_prefix(first, preferred, usable, request.weekdays or ANY)
            if course is not None:
                return course
    return None
