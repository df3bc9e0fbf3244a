"""Places the sessions of a course exactly; knows nothing of calendars, files, screens or clocks.

Days are whole numbers counted from some origin. A set of days is an integer: bit *k* is set when
day *k* is in it. *preferred* holds the preferred interval before each session from the second on,
so a course has one session more than *preferred* has items. *intervals* are those that are within
the rules: rule R2, unless the clinic narrows it.
"""

from __future__ import annotations

from functools import reduce
from itertools import accumulate
from operator import or_
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.rules.limits import MAX_INTERVAL_DAYS, MIN_INTERVAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

INTERVALS = range(MIN_INTERVAL_DAYS, MAX_INTERVAL_DAYS + 1)

Pick = Literal["best", "earliest", "latest"]
"""Which of the possible first days is taken: the one of the best course, the earliest, or of those
that keep nearest to the preferred intervals the latest."""

Cost = tuple[int, int, int, int, tuple[int, ...]]
"""What the rest of a course costs: how many sessions are on none of the days to keep; how far it is
from what was agreed and preferred, in one number; Σ minutes off the preferred time, and the last
day; then its days, of which the earlier ones are taken where all else is equal."""

ANY_DAY = -1
"""The set of all days."""
_WEIGHTS = (1 << 24, 1 << 12, 1)
"""What counts first in that number outweighs any that counts second, and so on: there are at most
15 days and, of Σ (interval - preferred)², 14 x 7²."""


class Wishes(NamedTuple):
    """What counts before the preferred intervals, where a course is planned anew; sets of days."""

    agreed: int
    """Days agreed before: as many sessions as can be are on one of them."""
    kept: int = 0
    """Days that the course must have, each for some session; all of them must be usable."""
    lets_go: bool = False
    """Whether it may lack some of them after all: then as few as can be."""
    fixed: Mapping[int, int] = {}
    """The day of the session with that index; counted from 0. No session is on a day below 0."""
    keeps_rhythm: bool = False
    """Whether the preferred intervals count before the days that were agreed."""


_NO_WISHES = Wishes(agreed=ANY_DAY)


def solve(
    usable: int,
    preferred: Sequence[int],
    intervals: range = INTERVALS,
    minutes_off: Callable[[int], int] | None = None,
    *,
    starts: int = 1,
    wishes: Wishes | None = None,
    pick: Pick = "best",
    on_weekday: int = ANY_DAY,
) -> tuple[int, ...] | None:
    """The days of the best course within the rules, or None if there is none.

    Its first day is one of *starts*: day 0 unless more are given; *pick* says which.
    *minutes_off* gives, for a day, by how many minutes a session on it would be off the preferred
    time; None if that is 0 on all of them. It is asked only for days on which a course can be.
    *on_weekday* are the days that fall on a preferred weekday.

    The best course, where there are *wishes*, has the fewest days that were not agreed before;
    among those, the fewest on another weekday; among those, the least Σ (interval - preferred)²;
    among those, the least Σ minutes off; among those, the earliest last day; among those, the
    earliest first day, second day, and so on. So the answer is unique. To keep the rhythm, Σ comes
    before the days that were agreed.
    """
    asked = _NO_WISHES if wishes is None else wishes
    days_of = on_courses(usable, starts, len(preferred), intervals, asked.fixed)
    must_keep = 0 if asked.lets_go else asked.kept.bit_count()
    if pick == "earliest" and not must_keep:
        first_day = days_of[0] & -days_of[0]
        days_of = on_courses(usable, first_day, len(preferred), intervals, asked.fixed)
    if not days_of[0]:
        return None
    if wishes is None and pick != "latest":
        # Nothing is better than all that is preferred, from the first possible day on.
        days = tuple(accumulate(preferred, initial=first_member(days_of[0])))
        pairs = zip(days_of, days, strict=True)
        are_possible = all((among & on_weekday) >> day & 1 for among, day in pairs)
        if are_possible and (minutes_off is None or not any(map(minutes_off, days))):
            return days
    new, other, square = _WEIGHTS
    if asked.keeps_rhythm:
        square, new, other = _WEIGHTS
    own = {
        day: (
            not asked.kept >> day & 1,
            (not asked.agreed >> day & 1) * new + (not on_weekday >> day & 1) * other,
            0 if minutes_off is None else minutes_off(day),
        )
        for day in members(reduce(or_, days_of))
    }

    def with_session(onward: Cost, day: int) -> Cost:
        """The cost of the rest of a course with that of a session on *day* before it."""
        lost, off, minutes, last, course = onward
        is_lost, own_off, own_minutes = own[day]
        return lost + is_lost, off + own_off, minutes + own_minutes, last, (day, *course)

    costs = {day: with_session((0, 0, 0, day, ()), day) for day in members(days_of[-1])}
    for days_before, wanted in zip(days_of[-2::-1], reversed(preferred), strict=True):
        penalties = [(interval, (interval - wanted) ** 2 * square) for interval in intervals]
        costs_before = {}
        for day in members(days_before):
            best: Cost | None = None
            for interval, penalty in penalties:
                onward = costs.get(day + interval)
                if onward is not None:
                    lost, off, minutes, last, course = onward
                    cost = (lost, off + penalty, minutes, last, course)
                    best = cost if best is None or cost < best else best
            if best is not None:
                costs_before[day] = with_session(best, day)
        costs = costs_before
    most_lost = len(preferred) + 1 - must_keep
    found = [cost for cost in costs.values() if not must_keep or cost[0] <= most_lost]
    return _picked(found, pick)[-1] if found else None


def _picked(costs: Sequence[Cost], pick: Pick) -> Cost:
    """The cost of the course that is taken; they are in the order of their first days."""
    if pick == "earliest":
        return costs[0]
    if pick == "latest":
        least = min(off for _, off, *_ in costs)
        return [cost for cost in costs if cost[1] == least][-1]
    return min(costs)


def perfect_starts(usable: int, preferred: Sequence[int]) -> int:
    """The days from which a course keeps every preferred interval."""
    starts = usable
    for offset in accumulate(preferred):
        starts &= usable >> offset
    return starts


def reachable(
    usable: int,
    starts: int,
    steps: int,
    intervals: range = INTERVALS,
    fixed: Mapping[int, int] | None = None,
) -> list[int]:
    """The days that each session can fall on when only the sessions before it are looked at.

    Item 0 holds the usable days of *starts*; each of the *steps* items after it holds the usable
    days at an interval within the rules from some day of the item before. *fixed* is as in
    `Wishes`.
    """

    def allowed(index: int) -> int:
        if not fixed or index not in fixed:
            return usable
        return usable & (1 << fixed[index]) if fixed[index] >= 0 else 0

    reach = [starts & allowed(0)]
    for index in range(1, steps + 1):
        reach.append(within_interval(reach[-1], intervals) & allowed(index))
    return reach


def on_courses(
    usable: int,
    starts: int,
    steps: int,
    intervals: range = INTERVALS,
    fixed: Mapping[int, int] | None = None,
) -> list[int]:
    """The days that each session has in some course within the rules; given is what `reachable` is.

    All are empty if there is no such course.
    """
    days = reachable(usable, starts, steps, intervals, fixed)
    for index in range(steps - 1, -1, -1):
        before = 0
        for interval in intervals:
            before |= days[index + 1] >> interval
        days[index] &= before
    return days


def within_interval(days: int, intervals: range = INTERVALS) -> int:
    """The days that lie an interval within the rules after some day of *days*."""
    after = 0
    for interval in intervals:
        after |= days << interval
    return after


def members(days: int) -> Iterator[int]:
    """The days of a set, in order."""
    while days:
        lowest = days & -days
        yield lowest.bit_length() - 1
        days ^= lowest


def first_member(days: int) -> int:
    """The first day of a set that is not empty."""
    return (days & -days).bit_length() - 1


def last_member(days: int) -> int:
    """The last day of a set that is not empty."""
    return days.bit_length() - 1
