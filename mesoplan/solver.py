"""Places the sessions of a course exactly; knows nothing of calendars, files, screens or clocks.

Days are whole numbers counted from some origin. A set of days is an integer: bit *k* is set when
day *k* is in it. *preferred* holds the preferred interval before each session from the second on,
so a course has one session more than *preferred* has items. *intervals* are the legal intervals,
those of rule R2 unless the clinic narrows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import add
from typing import TYPE_CHECKING

from mesoplan.rules import MAX_INTERVAL_DAYS, MIN_INTERVAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

INTERVALS = range(MIN_INTERVAL_DAYS, MAX_INTERVAL_DAYS + 1)

# A cost is, from its high bits to its low ones: how many sessions are on none of the days to keep,
# how many on a new day, Σ (interval - preferred)², Σ minutes from the preferred time, and the last
# day. So comparing two costs compares them in the order that the optimum is defined in. Days stay
# below 4096; 15 sessions are less than 2 to the power of 15 minutes off, and their intervals less
# than 2 to the power of 11 squared days, all together.
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
    reach = reachable(usable, starts, len(preferred), intervals)
    kept, must_keep = 0, 0
    if wishes is not None:
        kept = wishes.kept
        must_keep = 0 if wishes.lets_go else kept.bit_count()
        reach = [
            days & (1 << wishes.fixed[index] if index in wishes.fixed else -1)
            for index, days in enumerate(reach)
        ]
    if not all(reach):
        return None
    weights = [minutes << _LAST_DAY_BITS for minutes in minutes_off] or [0] * usable.bit_length()
    if wishes is not None:
        for day in members(usable):
            weights[day] += _NEW_DAY * (not wishes.agreed >> day & 1)
            weights[day] += _NOT_TO_KEEP * (not kept >> day & 1)
    costs = _costs_to_go(reach, preferred, intervals, weights)
    first = min(members(reach[0]), key=costs[0].__getitem__)
    least = costs[0][first]
    if least >= _IMPOSSIBLE:
        return None
    if must_keep and least // _NOT_TO_KEEP > len(reach) - must_keep:
        return None
    days = [first]
    for before, after, wanted in zip(costs, costs[1:], preferred, strict=False):
        here = days[-1]
        rest = before[here] - weights[here]
        days.append(
            next(
                here + interval
                for interval in intervals
                if after[here + interval] + _penalty(interval, wanted) == rest
            )
        )
    return tuple(days)


def latest_perfect_start(usable: int, preferred: Sequence[int]) -> int | None:
    """The latest day from which a course keeps every preferred interval; None if there is none."""
    starts, offset = usable, 0
    for interval in preferred:
        offset += interval
        starts &= usable >> offset
    return starts.bit_length() - 1 if starts else None


def latest_start(
    usable: int, starts: int, preferred: Sequence[int], intervals: range = INTERVALS
) -> int | None:
    """The day in *starts* from which a course can keep closest to its preferred intervals.

    Where several are equally good the latest is meant. None when no course is legal from any.
    """
    reach = reachable(usable, starts, len(preferred), intervals)
    costs = _costs_to_go(reach, preferred, intervals, [0] * usable.bit_length())[0]
    deviations = {day: costs[day] >> _MINUTES_AND_LAST_DAY_BITS for day in members(starts & usable)}
    legal = {day: deviation for day, deviation in deviations.items() if costs[day] < _IMPOSSIBLE}
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


def _penalty(interval: int, wanted: int) -> int:
    return (interval - wanted) ** 2 << _MINUTES_AND_LAST_DAY_BITS


def _costs_to_go(
    reach: Sequence[int],
    preferred: Sequence[int],
    intervals: range,
    weights: Sequence[int],
) -> list[list[int]]:
    """For each session and day, the least cost of the rest of the course from there.

    Every session costs what its day has in *weights*. The last one costs its day, too. Every
    session before it costs the least, over the legal intervals, of that interval's penalty and the
    cost of the next session on the day it leads to.
    """
    size = max(days.bit_length() for days in reach) + MAX_INTERVAL_DAYS + 1
    costs = [_IMPOSSIBLE] * size
    for day in members(reach[-1]):
        costs[day] = day + weights[day]
    table = [costs]
    for days, wanted in zip(reach[-2::-1], reversed(preferred), strict=True):
        after, costs = costs, [_IMPOSSIBLE] * size
        penalties = [_penalty(interval, wanted) for interval in intervals]
        for day in members(days):
            nexts = after[day + intervals.start : day + intervals.stop]
            costs[day] = min(map(add, nexts, penalties)) + weights[day]
        table.append(costs)
    table.reverse()
    return table
