"""The smallest changes after which there is a plan, each one solved before it is offered.

`wording.refusals` puts them in words.

A new request is varied itself; for a plan that changes it is the change that is varied, or what its
request says of closed days, absences and the end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.dates.days import DateRange
from mesoplan.dates.times import (
    AFTERNOON,
    ANY_TIME,
    MINUTES_A_DAY,
    MORNING,
    TimeRange,
    clock_at,
    minutes_of,
)
from mesoplan.errors import InvalidInput
from mesoplan.model.changes import Away, Cancel, Extend, Miss, Move, Replan
from mesoplan.planning.availability import closed_weekdays, for_course, for_maintenance
from mesoplan.planning.course import days_for_pin, search_for
from mesoplan.rules.limits import (
    LONGEST_DELAY_DAYS,
    MAINTENANCE_PER_YEAR,
    MAINTENANCE_SLACK_DAYS,
    MAX_INTERVAL_DAYS,
    MAX_SESSIONS,
    MAX_START_SLIP_DAYS,
)
from mesoplan.rules.protocol import MIN_DURATION_MINUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import time

    from mesoplan.model.changes import Change
    from mesoplan.model.plan import Plan
    from mesoplan.model.request import Request
    from mesoplan.planning.conflicts import Clash
    from mesoplan.planning.planner import Solution
    from mesoplan.planning.problem import Problem

    SolveAgain = Callable[[Request], Solution | None]
    TryAgain = Callable[[Plan, Change], Solution | None]
    Fields = Mapping[str, Any]

_RANGE_STEP_MINUTES = 30
_LENGTH_STEP_MINUTES = 5
_EXAMPLE_OF_A_REASON = "ill"


class Way(NamedTuple):
    """A change that helps: a `WayOut` without its words."""

    code: str
    """What is changed: START, TIME, DURATION, SESSIONS, …"""
    change: Fields
    """What `WayOut` says."""
    fewer: int | None = None
    """How many sessions there are then, where the protocol has to lose some."""
    total: int | None = None
    """How many sessions there are to be, where that changes."""


def ways_out_of_new(
    problem: Problem, clash: Clash, solve_again: SolveAgain
) -> Iterator[Way | None]:
    """The smallest changes of a request, of each kind that helps."""
    request = problem.request
    ways = WaysOut(problem, clash, request.given_start, solve_again)
    yield ways.another_start(range(1, LONGEST_DELAY_DAYS + 1))
    if problem.first_day != date.min:
        # Otherwise nothing says which days are past.
        yield ways.another_start(range(-1, -MAX_START_SLIP_DAYS - 1, -1))
    yield ways.first("TIME", "time_of_day", _other_times(request.time_of_day))
    yield ways.somebody_else()
    if request.duration_minutes is not None:
        lengths = range(problem.duration_minutes - 1, MIN_DURATION_MINUTES - 1, -1)
        shorter = (minutes for minutes in lengths if minutes % _LENGTH_STEP_MINUTES == 0)
        yield ways.first("DURATION", "duration_minutes", shorter)
    fewer = range(clash.sessions - 1, problem.limits.min_sessions - 1, -1)
    yield ways.first("SESSIONS", "sessions", fewer)
    if clash.code == "MAINTENANCE":
        less = range((request.maintenance_per_year or 0) - 1, -1, -1)
        yield ways.first("MAINTENANCE", "maintenance_per_year", less)
    yield from ways.clinic_opens()
    yield from ways.shortened("AWAY", "away")
    arrive = request.arrive
    if arrive is not None and (request.start is None or request.start < arrive):
        # The arrival is what holds the start back.
        earlier = (arrive - timedelta(days=k) for k in range(1, MAX_START_SLIP_DAYS + 1))
        yield ways.first("ARRIVE", "arrive", (day for day in earlier if day >= problem.first_day))
    if problem.end is not None:
        yield ways.first_of("END", map(ways.ended_later, range(1, LONGEST_DELAY_DAYS + 1)))


class WaysOut:
    """Tries the changes of one request, kind by kind, the smallest first."""

    def __init__(
        self, problem: Problem, clash: Clash, start: date | None, solve_again: SolveAgain
    ) -> None:
        """*start* is the first day of the course, where one was asked for or is known."""
        self.request = request = problem.request
        self.clash = clash
        self.problem = problem
        self.first_day = problem.first_day
        self.solve_again = solve_again
        self.in_course = clash.rule_id != MAINTENANCE_PER_YEAR.id
        usable_in = for_course if self.in_course else for_maintenance
        self.availability = usable_in(request, problem.duration_minutes)
        self.start = start
        self.until_conflict = DateRange(clash.days[0], clash.days[-1])
        """The days of which a single one more could resolve the conflict."""
        self.horizon = self.until_conflict
        """The days of which several more could matter."""
        if self.in_course:
            longest = timedelta(days=MAX_INTERVAL_DAYS * MAX_SESSIONS + MAX_START_SLIP_DAYS)
            known = None if self.first_day == date.min else self.first_day
            earliest = start or request.arrive or known or clash.days[0] - longest
            first = min(earliest, clash.days[0])
            self.until_conflict = DateRange(first, clash.days[-1])
            self.horizon = DateRange(first, max(first + longest, clash.days[-1]))

    def solved_with(self, change: Fields) -> Solution | None:
        """The solution after a change, if there is one."""
        try:
            changed = replace(self.request, **change)
        except InvalidInput:
            return None
        return self.solve_again(changed)

    def first(self, code: str, field: str, values: Iterable[Any]) -> Way | None:
        """The first of the values for a field of the request that has a solution."""
        return self.first_of(code, ({field: value} for value in values))

    def first_of(self, code: str, changes: Iterable[Fields]) -> Way | None:
        """The first of the changes that has a solution."""
        for change in changes:
            solution = self.solved_with(change)
            if solution is not None:
                return self.way(code, change, solution)
        return None

    def way(self, code: str, change: Fields, solution: Solution) -> Way:
        """The change as it is offered."""
        fewer = len(solution.days) if solution.has_fewer_sessions else None
        return Way(code, change, fewer, change.get("sessions"))

    def another_start(self, offsets: Iterable[int]) -> Way | None:
        """START on another usable day that is not past, and session 1 on that very day."""
        if self.start is None:
            return None
        availability = for_course(self.request, self.problem.duration_minutes)
        for day in (self.start + timedelta(days=offset) for offset in offsets):
            if day < self.first_day or availability.blockers(day):
                continue
            change = {"start": day}
            solution = self.solved_with(change)
            if solution is not None and solution.days[0] == day:
                return self.way("START", change, solution)
        return None

    def somebody_else(self) -> Way | None:
        """Another practitioner in place of the one who was named, the first with a solution."""
        named, able = self.request.practitioner, self.request.practitioners
        if named is None:
            return None
        others = (each.id for each in able if each.id != named and each.treats(self.problem.goal))
        return self.first("PRACTITIONER", "practitioner", others)

    def clinic_opens(self) -> Iterator[Way | None]:
        """One day opened; where no single day is enough, one closure or weekday lifted."""
        one_day = self.one_open_day()
        yield one_day
        if one_day is not None:
            return
        yield from self.shortened("CLOSURE", "closures")
        request = self.request
        for weekday in sorted(closed_weekdays(request)):
            yield self.first_of("WEEKDAY", [_opened_weekday(request, weekday)])
        for region in request.holidays:
            others = tuple(other for other in request.holidays if other != region)
            yield self.first("HOLIDAYS", "holidays", [others])

    def one_open_day(self) -> Way | None:
        """The one closed day whose opening is enough, and keeps nearest to what is preferred.

        That is the day with the least Σ (interval - preferred)², or for maintenance the day
        nearest to the one when it is due.
        """
        found: list[tuple[int, date, Fields, Solution]] = []
        due = self.clash.days[len(self.clash.days) // 2]
        for day in self.until_conflict:
            if not self.availability.is_only_closed(day):
                continue
            change: Fields = {"open_days": self.request.open_days | {day}}
            solution = self.solved_with(change)
            if solution is not None:
                off = abs((day - due).days)
                if self.in_course:
                    off = solution.problem.off_rhythm(solution.days)
                found.append((off, day, change, solution))
        if not found:
            return None
        _, _, change, solution = min(found, key=lambda each: each[:2])
        return self.way("OPEN_DAY", change, solution)

    def shortened(self, code: str, field: str) -> Iterator[Way | None]:
        """One closure, or absence, shortened or given up."""
        ranges = getattr(self.request, field)
        for number in range(len(ranges)):
            yield self.first(code, field, _shortened(ranges, number, self.horizon))

    def later_end_of_a_course(self) -> Way | None:
        """The earliest later end of a course that has begun, which only has more days then."""
        if self.problem.end is None:
            return None
        options = range(1, LONGEST_DELAY_DAYS + 1)

        def works(days: int) -> bool:
            return self.solved_with(self.ended_later(days)) is not None

        place = bisect_left(options, True, key=works)
        return Way("END", self.ended_later(options[place])) if place < len(options) else None

    def ended_later(self, days: int) -> Fields:
        """The earlier end put off by *days*."""
        given = {"depart": self.request.depart, "finish_by": self.request.finish_by}
        ends = {name: end for name, end in given.items() if end is not None}
        earliest = min(ends.values()) + timedelta(days=days)
        return {name: earliest for name, end in ends.items() if end < earliest}


def _other_times(asked: time | TimeRange) -> Iterator[TimeRange]:
    """Where only a range of times was asked for: the other half of the day, or longer ranges.

    A range is made longer at one end, by ever more; the later end comes first.
    """
    if not isinstance(asked, TimeRange) or asked == ANY_TIME:
        return
    if asked in (MORNING, AFTERNOON):
        yield AFTERNOON if asked == MORNING else MORNING
    else:
        for minutes in range(_RANGE_STEP_MINUTES, MINUTES_A_DAY, _RANGE_STEP_MINUTES):
            if asked.end_minutes + minutes <= MINUTES_A_DAY:
                yield TimeRange(asked.begin_minutes, asked.end_minutes + minutes)
            if asked.begin_minutes - minutes >= 0:
                yield TimeRange(asked.begin_minutes - minutes, asked.end_minutes)
    yield ANY_TIME


def _opened_weekday(request: Request, weekday: int) -> Fields:
    """The clinic opening on a weekday; one without hours gets those that most others have."""
    change: dict[str, object] = {}
    if weekday in request.closed_weekdays:
        change["closed_weekdays"] = request.closed_weekdays - {weekday}
    hours = request.opening_hours
    if hours is not None and not hours[weekday] and any(hours):
        spans = Counter(filter(None, hours)).most_common(1)[0][0]
        change["opening_hours"] = (*hours[:weekday], spans, *hours[weekday + 1 :])
    return change


def _shortened(
    ranges: Sequence[DateRange], number: int, mattering: DateRange
) -> Iterator[tuple[DateRange, ...]]:
    """One of the ranges cut by ever more days at either end, and at last left out.

    Cuts that free none of the days that matter are passed over.
    """
    before, cut, after = ranges[:number], ranges[number], ranges[number + 1 :]
    day = timedelta(days=1)
    cuts: list[tuple[int, bool, DateRange]] = []
    for freed in mattering:
        # Of equal cuts the one at the end comes first.
        if cut.first < freed <= cut.last:
            cuts.append(((cut.last - freed).days + 1, False, replace(cut, last=freed - day)))
        if cut.first <= freed < cut.last:
            cuts.append(((freed - cut.first).days + 1, True, replace(cut, first=freed + day)))
    for _, _, left in sorted(cuts, key=lambda each: each[:2]):
        yield (*before, left, *after)
    yield (*before, *after)


def ways_out_of_change(
    plan: Plan, change: Change, problem: Problem, clash: Clash, try_again: TryAgain
) -> Iterator[Way | None]:
    """The smallest other changes of a plan, of each kind that helps."""
    if clash.code == "TOO_LATE" and not isinstance(change, Cancel):
        if change.late is None:
            found = try_again(plan, change._replace(late=_EXAMPLE_OF_A_REASON))
            if found is not None and found.late_day is not None:
                # A reason is all that the late session lacks.
                yield Way("LATE", {"late": found.late_day})
        if not isinstance(change, Miss) or len(change.sessions) > 1:
            return
        if try_again(plan, Cancel(change.session)) is not None:
            # The session that was missed is not made up for.
            total = plan.total_sessions - 1 if change.session.kind == "course" else None
            yield Way("WITHOUT", {"cancel": change.session}, total=total)
        return
    if clash.code == "PINNED" and isinstance(change, Move | Miss) and change.day is not None:
        yield from _another_day(plan, change, change.day, problem, try_again)
    if clash.code == "PINNED" and isinstance(change, Away | Replan):
        yield _another_day_first(plan, change, clash.days[0], problem, try_again)
    yield _fewer(plan, change, try_again)

    def solve_again(request: Request) -> Solution | None:
        return try_again(replace(plan, request=request), change)

    ways = WaysOut(problem, clash, problem.first_day, solve_again)
    yield ways.somebody_else()
    yield ways.one_open_day()
    yield from ways.shortened("AWAY", "away")
    yield ways.later_end_of_a_course()


def _another_day(
    plan: Plan, change: Move | Miss, asked: date, problem: Problem, try_again: TryAgain
) -> Iterator[Way | None]:
    """The nearest other days to the one that was asked for, the earlier one first."""
    if change.clock is not None:
        # The free times of that day next to the one that was asked for.
        slots = problem.usual_days.slots.keeping({}, problem.now)
        had = {(each.day, each.start.time()) for each in problem.had}
        for other in map(clock_at, slots.near(asked, minutes_of(change.clock))):
            if (asked, other) in had:
                # Where it is already, or another session of the patient.
                continue
            if try_again(plan, change._replace(clock=other)) is not None:
                yield Way("WHEN", {"when": f"{asked} {other:%H:%M}"})
    days = _days_instead(plan, change, asked, problem)
    yield _first_that_works(plan, change, reversed([d for d in days if d < asked]), try_again)
    yield _first_that_works(plan, change, [day for day in days if day > asked], try_again)


def _another_day_first(
    plan: Plan, change: Change, by_hand: date, problem: Problem, try_again: TryAgain
) -> Way | None:
    """The nearest other day for the session that was put on a day by hand."""
    session = next((each for each in plan.active if each.pinned and each.day == by_hand), None)
    offsets = (sign * off for off in range(1, MAX_INTERVAL_DAYS + 1) for sign in (1, -1))
    for day in (by_hand + timedelta(days=offset) for offset in offsets):
        if session is not None and day >= problem.first_day:
            move = Move(session.name, day)
            moved = try_again(plan, move)
            if moved is not None and try_again(moved.written(), change) is not None:
                return Way("MOVE_FIRST", {"move": move})
    return None


def _days_instead(plan: Plan, change: Move | Miss, asked: date, problem: Problem) -> list[date]:
    """The days to try in place of the one that was asked for, in order."""
    named, pin = plan.find(change.session), problem.of_course.pin
    own = named.day if named is not None else None
    late = problem.of_course.late or problem.of_maintenance.late
    if change.session.kind == "course" and pin is not None and late is None:
        wanted = problem.of_course._replace(pin=pin._replace(clock=None))
        at_any_time = replace(problem, of_course=wanted)
        days = days_for_pin(at_any_time, search_for(problem))
    else:
        around = range(-2 * MAINTENANCE_SLACK_DAYS, 2 * MAINTENANCE_SLACK_DAYS + 1)
        due = asked if named is None or named.due is None or late else named.due
        days = [due + timedelta(days=off) for off in around]
    return [day for day in days if day >= problem.first_day and day != own]


def _first_that_works(
    plan: Plan, change: Move | Miss, days: Iterable[date], try_again: TryAgain
) -> Way | None:
    """The first of the days that will do, with the time that the session gets there."""
    for day in days:
        for clock in dict.fromkeys((change.clock, None)):
            found = try_again(plan, change._replace(day=day, clock=clock))
            if found is not None:
                start, _ = found.problem.moments(day, found.problem.slots)
                at = f" {start:%H:%M}" if change.clock is not None else ""
                return Way("WHEN", {"when": f"{day}{at}"})
    return None


def _fewer(plan: Plan, change: Change, try_again: TryAgain) -> Way | None:
    """The most sessions, fewer than the course is to have, that leave a plan."""
    least, total = plan.request.limits.min_sessions, plan.total_sessions
    if isinstance(change, Extend):
        for by in range(change.by - 1, least - total - 1, -1):
            if by and try_again(plan, change._replace(by=by)) is not None:
                return Way("SESSIONS", {"by": by}, total=total + by)
    elif isinstance(change, Cancel):
        if try_again(plan, Extend(-1)) is not None:
            return Way("SESSIONS_WHICHEVER", {"extend": -1}, total=total - 1)
    else:
        for by in range(1, total - least + 1):
            shorter = try_again(plan, Extend(-by))
            if shorter is not None and try_again(shorter.written(), change) is not None:
                return Way("SESSIONS_FIRST", {"extend": -by}, total=total - by)
    return None
