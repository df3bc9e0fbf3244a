"""The smallest changes after which a legal plan exists, each one solved before it is offered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import WEEKDAYS, DateRange, day_text, days_text
from mesoplan.dates.holidays import region_name
from mesoplan.dates.times import AFTERNOON, ANY_TIME, MINUTES_A_DAY, MORNING, TimeRange
from mesoplan.errors import InvalidInput
from mesoplan.model.refusal import Conflict, WayOut
from mesoplan.planning.availability import closed_weekdays, for_course, for_maintenance, last_day
from mesoplan.rules.limits import (
    LONGEST_DELAY_DAYS,
    MAINTENANCE_PER_YEAR,
    MAX_INTERVAL_DAYS,
    MAX_SESSIONS,
    MAX_START_SLIP_DAYS,
)
from mesoplan.rules.protocol import MIN_DURATION_MINUTES, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import Request

    SolveAgain = Callable[[Request], Plan | None]
    Change = Mapping[str, Any]

_RANGE_STEP_MINUTES = 30
_LENGTH_STEP_MINUTES = 5


def find_ways_out(
    request: Request,
    conflict: Conflict,
    not_before: date | None,
    duration_minutes: int,
    limits: Limits,
    solve_again: SolveAgain,
) -> tuple[WayOut, ...]:
    """The smallest changes of each kind after which a legal plan exists, each one solved."""
    ways = WaysOut(request, conflict, not_before, duration_minutes, limits, solve_again)
    found = (
        ways.later_start(),
        ways.earlier_start(),
        ways.another_time(),
        ways.shorter_sessions(),
        ways.fewer_sessions(),
        ways.less_maintenance(),
        *ways.clinic_opens(),
        *ways.patient_comes(),
        ways.earlier_arrival(),
        ways.later_end(),
    )
    return tuple(way for way in found if way is not None)


class WaysOut:
    """Tries the changes of one request, kind by kind, the smallest first."""

    def __init__(
        self,
        request: Request,
        conflict: Conflict,
        not_before: date | None,
        duration_minutes: int,
        limits: Limits,
        solve_again: SolveAgain,
    ) -> None:
        self.request = request
        self.conflict = conflict
        self.not_before = not_before
        self.duration_minutes = duration_minutes
        self.limits = limits
        self.solve_again = solve_again
        self.in_course = conflict.rule_id != MAINTENANCE_PER_YEAR.id
        usable_in = for_course if self.in_course else for_maintenance
        self.availability = usable_in(request, duration_minutes)
        self.start = request.given_start
        self.until_conflict = DateRange(conflict.days[0], conflict.days[-1])
        """The days of which a single one more could resolve the conflict."""
        self.horizon = self.until_conflict
        """The days of which several more could matter."""
        if self.in_course:
            longest = timedelta(days=MAX_INTERVAL_DAYS * MAX_SESSIONS + MAX_START_SLIP_DAYS)
            earliest = self.start or request.arrive or not_before or conflict.days[0] - longest
            first = min(earliest, conflict.days[0])
            self.until_conflict = DateRange(first, conflict.days[-1])
            self.horizon = DateRange(first, max(first + longest, conflict.days[-1]))

    def plan_with(self, change: Change) -> Plan | None:
        """The plan after a change, if there is one."""
        try:
            changed = replace(self.request, **change)
        except InvalidInput:
            return None
        return self.solve_again(changed)

    def first_that_works(self, options: Iterable[tuple[str, Change]]) -> WayOut | None:
        """The first of the options, in words and as fields to replace, that leads to a plan."""
        for text, change in options:
            plan = self.plan_with(change)
            if plan is not None:
                return self.way_out(text, change, plan)
        return None

    def way_out(self, text: str, change: Change, plan: Plan) -> WayOut:
        """The change as it is offered; it says so when the protocol has to lose sessions."""
        if any(notice.code == "FEWER_SESSIONS" for notice in plan.notices):
            text += f" ({len(plan.sessions)} sessions)"
        return WayOut(text, change)

    def another_start(self, offsets: Iterable[int]) -> WayOut | None:
        """START on another usable day that is not past, and session 1 on that very day."""
        if self.start is None:
            return None
        availability = for_course(self.request, self.duration_minutes)
        for day in (self.start + timedelta(days=offset) for offset in offsets):
            past = self.not_before is not None and day < self.not_before
            if past or availability.blockers(day):
                continue
            change = {"start": day}
            plan = self.plan_with(change)
            if plan is not None and plan.sessions[0].day == day:
                return self.way_out(f"start on {day_text(day)}", change, plan)
        return None

    def later_start(self) -> WayOut | None:
        """The nearest later START."""
        return self.another_start(range(1, LONGEST_DELAY_DAYS + 1))

    def earlier_start(self) -> WayOut | None:
        """The nearest earlier START; none while nothing tells which days are past."""
        if self.not_before is None:
            return None
        return self.another_start(range(-1, -MAX_START_SLIP_DAYS - 1, -1))

    def another_time(self) -> WayOut | None:
        """Where only a range of times was asked for: the other half of the day, a longer range."""
        asked = self.request.time_of_day
        if not isinstance(asked, TimeRange) or asked == ANY_TIME:
            return None
        halves = {MORNING: AFTERNOON, AFTERNOON: MORNING}
        others = [halves[asked]] if asked in halves else _longer_ranges(asked)
        return self.first_that_works(
            (f"come {other.in_words}", {"time_of_day": other}) for other in (*others, ANY_TIME)
        )

    def shorter_sessions(self) -> WayOut | None:
        """The longest sessions, shorter than the ones that were asked for, that find a slot."""
        if self.request.duration_minutes is None:
            return None
        lengths = range(self.duration_minutes - 1, MIN_DURATION_MINUTES - 1, -1)
        return self.first_that_works(
            (f"sessions of {minutes} minutes", {"duration_minutes": minutes})
            for minutes in lengths
            if minutes % _LENGTH_STEP_MINUTES == 0
        )

    def fewer_sessions(self) -> WayOut | None:
        """The most sessions, fewer than asked for, that find days."""
        counts = range(self.conflict.sessions - 1, self.limits.min_sessions - 1, -1)
        return self.first_that_works(
            (f"plan {count} sessions", {"sessions": count}) for count in counts
        )

    def less_maintenance(self) -> WayOut | None:
        """Maintenance less often, or none."""
        if self.conflict.code != "MAINTENANCE":
            return None
        per_year = self.request.maintenance_per_year or 0
        return self.first_that_works(
            (
                f"plan {count} maintenance a year" if count else "plan no maintenance",
                {"maintenance_per_year": count},
            )
            for count in range(per_year - 1, -1, -1)
        )

    def clinic_opens(self) -> Iterator[WayOut | None]:
        """One day opened; where no single day is enough, one closure or weekday lifted."""
        one_day = self.one_open_day()
        yield one_day
        if one_day is not None:
            return
        request = self.request
        for number, closure in enumerate(request.closures):
            yield self.first_that_works(
                (f"{words} the closure {closure}", {"closures": ranges})
                for words, ranges in _shortened(request.closures, number, self.horizon)
            )
        for weekday in sorted(closed_weekdays(request)):
            yield self.first_that_works([_opened_weekday(request, weekday)])
        for region in request.holidays:
            others = tuple(other for other in request.holidays if other != region)
            text = f"work on the holidays of {region_name(region)}"
            yield self.first_that_works([(text, {"holidays": others})])

    def one_open_day(self) -> WayOut | None:
        """The one closed day whose opening is enough, and keeps nearest to what is preferred.

        That is the day with the least Σ (interval - preferred)², or for maintenance the day
        nearest to the one when it is due.
        """
        found: list[tuple[int, date, Change, Plan]] = []
        due = self.conflict.days[len(self.conflict.days) // 2]
        for day in self.until_conflict:
            blockers = self.availability.blockers(day)
            if not blockers or not all(each in self.availability.closings for each in blockers):
                continue
            change: Change = {"open_days": self.request.open_days | {day}}
            plan = self.plan_with(change)
            if plan is not None:
                off = _deviation(plan) if self.in_course else abs((day - due).days)
                found.append((off, day, change, plan))
        if not found:
            return None
        _, day, change, plan = min(found, key=lambda each: each[:2])
        return self.way_out(f"open on {day_text(day)}", change, plan)

    def patient_comes(self) -> Iterator[WayOut | None]:
        """One absence shortened, or given up."""
        for number, absence in enumerate(self.request.away):
            yield self.first_that_works(
                (f"{words} the absence {absence}", {"away": ranges})
                for words, ranges in _shortened(self.request.away, number, self.horizon)
            )

    def earlier_arrival(self) -> WayOut | None:
        """The latest earlier arrival, where the arrival is what holds the start back."""
        arrive = self.request.arrive
        if arrive is None or (self.request.start is not None and self.request.start >= arrive):
            return None
        days = (arrive - timedelta(days=k) for k in range(1, MAX_START_SLIP_DAYS + 1))
        return self.first_that_works(
            (f"arrive on {day_text(day)}", {"arrive": day})
            for day in days
            if self.not_before is None or day >= self.not_before
        )

    def later_end(self) -> WayOut | None:
        """The earliest later departure or deadline."""
        if last_day(self.request) is None:
            return None
        delays = range(1, LONGEST_DELAY_DAYS + 1)
        return self.first_that_works(self.ended_later(days) for days in delays)

    def ended_later(self, days: int) -> tuple[str, Change]:
        """The earlier end put off by so many days, in words and as fields to replace."""
        request = self.request
        ends = {"depart": request.depart, "finish_by": request.finish_by}
        earliest = min(end for end in ends.values() if end is not None) + timedelta(days=days)
        words = {"depart": "travel home on", "finish_by": "finish by"}
        change = {
            name: earliest for name, end in ends.items() if end is not None and end < earliest
        }
        text = " and ".join(f"{words[name]} {day_text(day)}" for name, day in change.items())
        return text, dict(change)


def _longer_ranges(asked: TimeRange) -> Iterator[TimeRange]:
    """The range of times made longer at one end, by ever more; the later end comes first."""
    for minutes in range(_RANGE_STEP_MINUTES, MINUTES_A_DAY, _RANGE_STEP_MINUTES):
        if asked.end_minutes + minutes <= MINUTES_A_DAY:
            yield TimeRange(asked.begin_minutes, asked.end_minutes + minutes)
        if asked.begin_minutes - minutes >= 0:
            yield TimeRange(asked.begin_minutes - minutes, asked.end_minutes)


def _opened_weekday(request: Request, weekday: int) -> tuple[str, Change]:
    """The clinic opening on a weekday; one without hours gets those that most others have."""
    text = f"open on {WEEKDAYS[weekday]}s"
    change: dict[str, object] = {}
    if weekday in request.closed_weekdays:
        change["closed_weekdays"] = request.closed_weekdays - {weekday}
    hours = request.opening_hours
    if hours is not None and not hours[weekday] and any(hours):
        spans = Counter(filter(None, hours)).most_common(1)[0][0]
        change["opening_hours"] = (*hours[:weekday], spans, *hours[weekday + 1 :])
        text += f" ({' and '.join(map(str, spans))})"
    return text, change


def _shortened(
    ranges: Sequence[DateRange], number: int, mattering: DateRange
) -> Iterator[tuple[str, tuple[DateRange, ...]]]:
    """One of the ranges cut by ever more days at either end, and at last left out.

    Cuts that free none of the days that matter are passed over.
    """
    before, cut, after = ranges[:number], ranges[number], ranges[number + 1 :]
    day = timedelta(days=1)
    cuts: list[tuple[int, str, date]] = []
    for freed in mattering:
        if cut.first < freed <= cut.last:
            cuts.append(((cut.last - freed).days + 1, "end", freed))
        if cut.first <= freed < cut.last:
            cuts.append(((freed - cut.first).days + 1, "beginning", freed))
    # Of equal cuts the one at the end comes first.
    for days, where, freed in sorted(cuts, key=lambda each: (each[0], each[1] != "end")):
        ends = {"last": freed - day} if where == "end" else {"first": freed + day}
        yield f"cut {days_text(days)} off the {where} of", (*before, replace(cut, **ends), *after)
    yield "leave out", (*before, *after)


def _deviation(plan: Plan) -> int:
    """Σ (interval - preferred)², what the solver keeps least."""
    return sum(
        (session.interval_days - session.preferred_interval_days) ** 2
        for session in plan.sessions
        if session.interval_days is not None and session.preferred_interval_days is not None
    )
