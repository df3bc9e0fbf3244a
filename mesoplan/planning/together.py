"""Many new courses at once: more patients get one than first come, first served.

First come, first served is the beginning. Then a round asks for room for a patient who has no
course: some of those who have what that patient wants give it up, and find other days; where one of
them finds none, others make room in turn. What comes of a round is kept if nobody who was served
at the beginning goes without, and if more patients have a course; or as many, of whom the first
ones come first; or the same ones, closer to what they asked for.

Every course is found by the planner for one patient. There is neither a clock nor chance in it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from mesoplan.errors import InvalidInput
from mesoplan.model.fields import request_pairs
from mesoplan.model.taken import BookedTimes, BusySpan, course_of
from mesoplan.planning.availability import day_set
from mesoplan.planning.planner import Solution, best_of, days_that_matter, require_recent_start
from mesoplan.planning.practitioners import with_each
from mesoplan.planning.problem import problem_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mesoplan.model.request import Request
    from mesoplan.model.taken import Bookings, Course
    from mesoplan.planning.problem import Problem
    from mesoplan.planning.slots import Slots

_LEAST_ROUNDS, _ROUNDS_EACH, _MOST_ROUNDS = 100, 4, 2_000
_MOST_STEPS, _MOST_RIVALS = 6, 2
"""How many patients of a round ask others to make room, and how many of these at most."""
_OTHER_ORDER, _MOST_ASIDE = 3, 10
"""Every third round puts a course and up to ten of its rivals back in another order."""


def usual_rounds(patients: int) -> int:
    """The number of rounds that find most of what can be found for that number of patients."""
    return min(_LEAST_ROUNDS + _ROUNDS_EACH * patients, _MOST_ROUNDS)


class _Placed(NamedTuple):
    """A course and its maintenance, as they are booked."""

    solution: Solution
    treats: str | None
    spans: tuple[BusySpan, ...]
    days: frozenset[date]
    """Of the course."""
    off: tuple[int, ...]
    """How far it is from what was asked for, what counts most first."""


class _Value(NamedTuple):
    """How good all courses are; the less, the better."""

    left: int
    turns: list[int]
    """Those of the ones who are left, below zero: the last turns are the least."""
    off: list[int]


def choices_of(request: Request, now: datetime | None) -> tuple[Problem, ...]:
    """The problem of a new course with each practitioner who could treat.

    Raises InvalidInput for a request that no plan can have.
    """
    problem = problem_for(request, now=now)
    require_recent_start(problem)
    days_that_matter(request)
    return with_each(problem)


class Together:
    """Requests for new courses, with the course of each that has one by now."""

    def __init__(
        self,
        requests: Sequence[Request],
        taken: Bookings,
        priorities: Sequence[int] = (),
        now: datetime | None = None,
    ) -> None:
        """Around what is *taken*, which stays as it is; higher *priorities* first.

        Raises InvalidInput for a request that no plan can have, and for two of one id.
        """
        _require_apart(requests, taken, priorities)
        self._bookings = taken.copy()
        booked = BookedTimes(self._bookings, "", changes=True)
        self._requests = requests
        self._choices: list[tuple[Problem, ...]] = [()] * len(requests)
        self._slots: defaultdict[ZoneInfo, set[Slots]] = defaultdict(set)
        # Those that are alike one after the other, so that they share what is found of the days.
        for at in sorted(range(len(requests)), key=lambda at: _kind(requests[at])):
            self._choices[at] = choices_of(replace(requests[at], booked=booked), now)
            for problem in self._choices[at]:
                self._slots[problem.zone].add(problem.slots)
        self._placed: list[_Placed | None] = [None] * len(requests)
        self._alike: list[list[int]] = [[] for _ in requests]
        alone = (self._find(at) for at in range(len(requests)))
        self._wanted = [frozenset(() if each is None else each.days) for each in alone]
        """The days of each course if there were no others."""
        # Higher priorities first, then in order.
        ranks = priorities or [0] * len(requests)
        self._order = sorted(range(len(requests)), key=lambda at: (-ranks[at], at))
        self._alike = self._same_courses()

    def _same_courses(self) -> list[list[int]]:
        """The others that are the same course of the same patient: not more than one is placed."""
        alike: defaultdict[Course | None, list[int]] = defaultdict(list)
        found: list[list[int]] = [[] for _ in self._requests]
        for at in self._order:
            course = course_of(self._requests[at], self._choices[at][0].goal)
            if course is not None and not self._requests[at].another:
                found[at] += alike[course]
                for earlier in alike[course]:
                    if not self._requests[earlier].another:
                        found[earlier].append(at)
            alike[course].append(at)
        return found

    @property
    def served(self) -> list[int]:
        """Which requests have a course."""
        return [at for at, placed in enumerate(self._placed) if placed is not None]

    def first_come(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Place one after the other; how many are served."""
        for done, at in enumerate(self._order, 1):
            self._give(at)
            progress(done)
        return len(self.served)

    def improve(
        self,
        rounds: int,
        stops: Callable[[], bool] = lambda: False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> tuple[int, bool]:
        """Go through that number of rounds; how many were needed, and whether it was to stop."""
        texts = (f"{each.goal} {[*request_pairs(each)]}" for each in self._requests)
        random = Random(crc32("\n".join(texts).encode()))  # noqa: S311 - no secret
        keep, best, done, stopped = frozenset(self.served), self._value(), 0, False
        while keep and done < rounds and not stopped and (best.left or any(best.off)):
            before: dict[int, _Placed | None] = {}
            self._round(random, done, before)
            value = self._value()
            if value <= best and all(self._placed[at] for at in keep):
                best = value
            else:
                self._put_back(before)
            done += 1
            progress(done)
            stopped = done < rounds and stops()
        self._settle()
        return done, stopped

    def courses(self) -> Iterator[tuple[int, Solution]]:
        """Each request that has a course, and the best one beside all others.

        They are booked, and the course itself is not, until the next one is asked for.
        """
        for at, placed in enumerate(self._placed):
            if placed is not None:
                self._take_out(at)
                solution = self._again(at, placed)
                yield at, solution
                self._put(at, solution)

    # Rounds

    def _round(self, random: Random, number: int, before: dict[int, _Placed | None]) -> None:
        """Change some courses; *before* gets what they were."""

        def some(among: list[int], most: int) -> list[int]:
            count = min(1 + _below(random, most), len(among))
            return [among.pop(_below(random, len(among))) for _ in range(count)]

        def take_out(*those: int) -> None:
            for at in those:
                before.setdefault(at, self._placed[at])
                self._take_out(at)

        left = [at for at, placed in enumerate(self._placed) if placed is None]
        if left and number % _OTHER_ORDER != _OTHER_ORDER - 1:
            waiting, settled = some(left, 1), set[int]()
            take_out(*waiting)
            for _ in range(_MOST_STEPS):
                while waiting and self._give(waiting[0]):
                    settled.add(waiting.pop(0))
                if not waiting:
                    return
                rivals = some(self._rivals(waiting[0], settled), _MOST_RIVALS)
                take_out(*rivals)
                if self._give(waiting[0]):
                    settled.add(waiting.pop(0))
                    waiting += rivals
                else:
                    waiting = [*waiting[1:], *rivals, waiting[0]]
        else:
            first = some(self.served, 1)
            waiting = [*first, *some(self._rivals(first[0], set()), _MOST_ASIDE), *some(left, 2)]
            take_out(*waiting)
            while waiting:
                self._give(waiting.pop(_below(random, len(waiting))))

    def _rivals(self, at: int, settled: set[int]) -> list[int]:
        """Those who have a session on a day that a request wants, but for the *settled* ones."""
        wanted = self._wanted[at]
        return [
            other
            for other, placed in enumerate(self._placed)
            if placed is not None
            and other != at
            and other not in settled
            and not wanted.isdisjoint(placed.days)
        ]

    def _value(self) -> _Value:
        """It is less where more are served, or the first ones, or closer to what they asked for."""
        left = [-turn for turn, at in enumerate(self._order) if self._placed[at] is None]
        offs = [placed.off for placed in self._placed if placed is not None]
        return _Value(len(left), left, [*map(sum, zip(*offs, strict=True))])

    def _settle(self) -> None:
        """Let each have the best course beside all others, and who finds days now have one."""
        moves = True
        while moves:
            before = [placed and placed[1:3] for placed in self._placed]
            for _ in self.courses():
                pass
            for at in self._order:
                if self._placed[at] is None:
                    self._give(at)
            moves = before != [placed and placed[1:3] for placed in self._placed]

    # One course

    def _find(self, at: int) -> Solution | None:
        if any(self._placed[other] is not None for other in self._alike[at]):
            return None
        found = best_of(self._choices[at])
        return found if isinstance(found, Solution) else None

    def _again(self, at: int, placed: _Placed) -> Solution:
        """The best course in place of one that was taken out.

        It may begin as late as before, though an earlier day, from which there is no course, is
        free by now.
        """
        found = self._find(at)
        if found is not None:
            return found
        request = self._choices[at][0].request
        start = request.given_start
        late = 0 if start is None else (placed.solution.days[0] - start).days
        flexible = [
            replace(each, request=replace(each.request, flex_days=late))
            for each in self._choices[at]
        ]
        again = best_of(flexible)
        return again if isinstance(again, Solution) else placed.solution

    def _give(self, at: int) -> bool:
        """Let a request have the best course beside all others, if there is one."""
        solution = self._find(at)
        if solution is not None:
            self._put(at, solution)
        return solution is not None

    def _put(self, at: int, solution: Solution) -> None:
        problem, maintenance = solution.problem, solution.maintenance
        after = () if maintenance is None else maintenance.days
        days = (*solution.days, *(each.day for each in after))
        spans = tuple(BusySpan(*problem.moments(day, problem.slots)) for day in days)
        course, treats = frozenset(solution.days), problem.request.practitioner
        self._book(at, _Placed(solution, treats, spans, course, _off(solution)))

    def _book(self, at: int, placed: _Placed) -> None:
        self._placed[at] = placed
        self._bookings.book(self._requests[at].plan_id, placed.spans, placed.treats)
        self._look_again(placed)

    def _take_out(self, at: int) -> _Placed | None:
        placed, self._placed[at] = self._placed[at], None
        if placed is not None:
            self._bookings.release(self._requests[at].plan_id)
            self._look_again(placed)
        return placed

    def _put_back(self, before: dict[int, _Placed | None]) -> None:
        for at in before:
            self._take_out(at)
        for at, placed in before.items():
            if placed is not None:
                self._book(at, placed)

    def _look_again(self, placed: _Placed) -> None:
        for zone, alike in self._slots.items():
            days = {moment.astimezone(zone).date() for span in placed.spans for moment in span}
            first = min(days)
            changed = day_set(days, first, (max(days) - first).days + 1)
            for slots in alike:
                slots.forget(changed, first)


def _require_apart(requests: Sequence[Request], taken: Bookings, priorities: Sequence[int]) -> None:
    ids = [each.plan_id for each in requests]
    if len(set(ids)) < len(ids) or any(map(taken.has, ids)):
        raise InvalidInput("two plans have the same id", "give each request an id of its own")
    if any(each.booked is not None for each in requests):
        raise InvalidInput(
            "a request has booked times of its own", "give all bookings as those that are taken"
        )
    if priorities and len(priorities) != len(requests):
        raise InvalidInput(
            f"there are {len(priorities)} priorities for {len(requests)} requests",
            "give one for each request, or none",
        )


def _kind(request: Request) -> tuple[str, int]:
    return f"{request.time_of_day}", request.duration_minutes or 0


def _below(random: Random, limit: int) -> int:
    """A whole number below *limit*: the same with each version of Python."""
    return int(random.random() * limit)


def _off(solution: Solution) -> tuple[int, ...]:
    """How far a course is from what was asked for: the less, the better.

    Sessions that are missing, days after START, then what else is not as wished.
    """
    days, start = solution.days, solution.problem.request.given_start
    left_out = () if solution.maintenance is None else solution.maintenance.left_out
    missing = 0 if solution.fewer is None else solution.fewer.problem.sessions - len(days)
    late = 0 if start is None else (days[0] - start).days
    return missing + len(left_out), late, *solution.off_wishes
