"""Places the sessions of a course exactly; knows nothing of calendars, files, screens or clocks.

Days are whole numbers counted from some origin. A set of days is an integer: bit *k* is set when
day *k* is in it. *preferred* holds the preferred interval before each session from the second on,
so a course has one session more than *preferred* has items. *intervals* are the legal intervals,
those of rule R2 unless the clinic narrows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, partial, reduce
from itertools import accumulate, zip_longest
from operator import add
from typing import TYPE_CHECKING

from mesoplan.planning.lanes import (
    LANE_BITS,
    first_of,
    numbers_of,
    only,
    row_of,
    same,
    smaller,
    without_first,
)
from mesoplan.rules.limits import MAX_INTERVAL_DAYS, MIN_INTERVAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

INTERVALS = range(MIN_INTERVAL_DAYS, MAX_INTERVAL_DAYS + 1)

# A cost is, from its high bits to its low ones: how many sessions are on none of the days to keep,
# how many on a new day, Σ (interval - preferred)², Σ minutes from the preferred time, and the last
# day. So comparing two costs compares them in the order that the optimum is defined in. Days stay
# below 4096; 15 sessions are less than 2 to the power of 15 minutes off, and their intervals less
# than 2 to the power of 11 squared days, all together. Impossible sessions may add up: a lane has
# room for those of a whole course.
_LAST_DAY_BITS = 12
_MINUTES_AND_LAST_DAY_BITS = 27
_NEW_DAY = 1 << 38
_NOT_TO_KEEP = 1 << 42
_IMPOSSIBLE = 1 << 50


@dataclass(frozen=True, slots=True)
class Wishes:
    """What counts before the preferred intervals, where a course is planned anew; sets of days."""

    agreed: int
    """Days agreed before: as many sessions as can be are on one of them."""
    kept: int = 0
    """Days that the course must have, each for some session; all of them must be usable."""
    lets_go: bool = False
    """Whether it may lack some of them after all: then as few as can be."""
    fixed: Mapping[int, int] = field(default_factory=dict)
    """The day of the session with that index; counted from 0."""


def solve(
    usable: int,
    preferred: Sequence[int],
    intervals: range = INTERVALS,
    minutes_off: Sequence[int] = (),
    *,
    starts: int = 1,
    wishes: Wishes | None = None,
) -> tuple[int, ...] | None:
    """The days of the best legal course, or None where there is none.

    Its first day is one of *starts*: day 0 unless more are given. *minutes_off* says of each usable
    day by how many minutes a session on it would be off the preferred time; empty where that is 0
    on all of them.

    The best course, where there are *wishes*, has the fewest days that were not agreed before;
    among those, the least Σ (interval - preferred)²; among those, the least Σ minutes off; among
    those, the earliest last day; among those, the earliest first day, second day, and so on. So the
    answer is unique.
    """
    starts &= usable
    if not starts:
        return None
    if wishes is None and not minutes_off:
        # From the first start, nothing can be better than a course with all preferred intervals.
        perfect = _perfect_course(usable, first_member(starts), preferred, intervals)
        if perfect is not None:
            return perfect
    costs = [minutes << _LAST_DAY_BITS for minutes in minutes_off] or [0] * usable.bit_length()
    must_keep = 0
    fixed: Mapping[int, int] = {}
    if wishes is not None:
        must_keep = 0 if wishes.lets_go else wishes.kept.bit_count()
        fixed = wishes.fixed
        for day in members(usable):
            costs[day] += _NEW_DAY * (not wishes.agreed >> day & 1)
            costs[day] += _NOT_TO_KEEP * (not wishes.kept >> day & 1)
    rows = _costs_to_go(usable, starts, preferred, intervals, costs, fixed)
    of_starts = _costs_of_starts(rows, starts)
    first = min(of_starts, key=of_starts.__getitem__)
    least = of_starts[first]
    if least >= _IMPOSSIBLE:
        return None
    if must_keep and least // _NOT_TO_KEEP > len(preferred) + 1 - must_keep:
        return None
    return _course_from(first, first - first_member(starts), rows, preferred, intervals)


def latest_perfect_start(usable: int, preferred: Sequence[int]) -> int | None:
    """The latest day from which a course keeps every preferred interval; None if there is none."""
    starts, offset = usable, 0
    for interval in preferred:
        offset += interval
        starts &= usable >> offset
    return last_member(starts) if starts else None


def latest_start(
    usable: int, starts: int, preferred: Sequence[int], intervals: range = INTERVALS
) -> int | None:
    """The day in *starts* from which a course can keep closest to its preferred intervals.

    Where several are equally good the latest is meant. None when no course is legal from any.
    """
    starts &= usable
    if not starts:
        return None
    rows = _costs_to_go(usable, starts, preferred, intervals, [0] * usable.bit_length(), {})
    legal = {
        day: cost >> _MINUTES_AND_LAST_DAY_BITS
        for day, cost in _costs_of_starts(rows, starts).items()
        if cost < _IMPOSSIBLE
    }
    if not legal:
        return None
    least = min(legal.values())
    return max(day for day, deviation in legal.items() if deviation == least)


def reachable(usable: int, starts: int, steps: int, intervals: range = INTERVALS) -> list[int]:
    """The days that each session can fall on when only the sessions before it are looked at.

    Item 0 holds the usable days of *starts*; each of the *steps* items after it holds the usable
    days at a legal interval from some day of the item before.
    """
    reach = [starts & usable]
    for _ in range(steps):
        reach.append(within_interval(reach[-1], intervals) & usable)
    return reach


def on_legal_courses(
    usable: int, starts: int, steps: int, intervals: range = INTERVALS
) -> list[int]:
    """The days that each session has in some legal course: see `reachable` for what is given."""
    days = reachable(usable, starts, steps, intervals)
    for index in range(steps - 1, -1, -1):
        before = 0
        for interval in intervals:
            before |= days[index + 1] >> interval
        days[index] &= before
    return days


def within_interval(days: int, intervals: range = INTERVALS) -> int:
    """The days that lie a legal interval after some day of *days*."""
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


def _perfect_course(
    usable: int, start: int, preferred: Sequence[int], intervals: range
) -> tuple[int, ...] | None:
    """The course from *start* that keeps every preferred interval, if it is legal."""
    days = tuple(accumulate(preferred, initial=start))
    are_usable = all(usable >> day & 1 for day in days)
    return days if are_usable and all(wanted in intervals for wanted in preferred) else None


@lru_cache(maxsize=256)
def _penalties(wanted: int, intervals: range) -> tuple[int, ...]:
    """What each legal interval costs where *wanted* is preferred."""
    return tuple((interval - wanted) ** 2 << _MINUTES_AND_LAST_DAY_BITS for interval in intervals)


def _costs_to_go(
    usable: int,
    starts: int,
    preferred: Sequence[int],
    intervals: range,
    costs: Sequence[int],
    fixed: Mapping[int, int],
) -> list[int]:
    """For each session a row with the least cost of the rest of the course from each of its days.

    Lane 0 of the first session's row is for the first start, and each row begins the shortest
    interval after the one before.

    Every session costs what its day has in *costs*, and is impossible on a day that is not usable
    or not *fixed* for it. The last one costs its day, too. Every session before it costs the least,
    over the legal intervals, of that interval's penalty and the cost of the next session on the day
    that it leads to. Each step is worked out for all days of a session at once.
    """
    steps, shortest, more = len(preferred), intervals[0], len(intervals) - 1
    first = first_member(starts)
    last = first + steps * shortest
    count = starts.bit_length() - first + steps * more
    of_days = _day_costs(usable, costs, first, last + count)
    ones = same(1, count)

    def with_days(row: int, index: int) -> int:
        """The row with what the days of that session cost it added."""
        row += first_of(without_first(of_days, index * shortest), count)
        if index in fixed:
            lane = fixed[index] - first - index * shortest
            others = ones - (only(1, lane) if 0 <= lane < count else 0)
            row += _IMPOSSIBLE * others
        return row

    row = with_days(row_of(range(last, last + count)), steps)
    rows = [row]
    for index in range(steps - 1, -1, -1):
        onwards = (
            without_first(row, longer_by) + penalty * ones
            for longer_by, penalty in enumerate(_penalties(preferred[index], intervals))
        )
        row = reduce(partial(smaller, top_bits=ones << LANE_BITS - 1), onwards)
        count -= more
        ones = first_of(ones, count)
        row = with_days(first_of(row, count), index)
        rows.append(row)
    rows.reverse()
    return rows


def _day_costs(usable: int, costs: Sequence[int], first: int, end: int) -> int:
    """The row of what the days from *first* until before *end* cost a session."""
    days = f"{usable:0{end}b}"[::-1][first:end]
    return row_of(
        [
            cost if day == "1" else _IMPOSSIBLE
            for day, cost in zip_longest(days, costs[first:end], fillvalue=0)
        ]
    )


def _costs_of_starts(rows: Sequence[int], starts: int) -> dict[int, int]:
    """The least cost of a course from each of its possible first days."""
    first = first_member(starts)
    costs = numbers_of(rows[0], starts.bit_length() - first)
    return {day: costs[day - first] for day in members(starts)}


def _course_from(
    first: int, lane: int, rows: Sequence[int], preferred: Sequence[int], intervals: range
) -> tuple[int, ...]:
    """The best course from a first day, which has that lane; where several are, the earliest."""
    days, count = [first], len(intervals)
    for row, wanted in zip(rows[1:], preferred, strict=True):
        nexts = numbers_of(first_of(without_first(row, lane), count), count)
        costs = list(map(add, nexts, _penalties(wanted, intervals)))
        longer_by = costs.index(min(costs))
        lane += longer_by
        days.append(days[-1] + intervals[longer_by])
    return tuple(days)
