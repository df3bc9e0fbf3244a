"""What is to be planned, with all that is decided: what is asked for, what is past, what is agreed.

A new course is the rest of a course that has no past sessions, no agreed days and no pins: it
follows a blank plan. A change of a plan, or of the row that it comes from, leaves a problem with
some of these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.times import MINUTES_A_DAY, TimeRange, minutes_of
from mesoplan.dates.zones import find_zone, instant, later
from mesoplan.errors import InvalidInput
from mesoplan.model.causes import GivenUp, Plain
from mesoplan.model.plan import Plan, ReasonCode, Session, Status
from mesoplan.planning.availability import for_maintenance, last_day, span, within_trip
from mesoplan.rules.goals import find_goal
from mesoplan.rules.protocol import Phase, preferred_intervals, with_sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from mesoplan.model.causes import LastDay
    from mesoplan.model.request import Request
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.slots import Slots
    from mesoplan.rules.protocol import Limits


class Pin(NamedTuple):
    """A session goes to that very day."""

    number: int | None
    """Its number; None if some session is to be there, of whatever number."""
    day: date
    clock: time | None = None
    """The time of day that was asked for; None if any will do."""
    appointment: Session | None = None
    """The one that goes there; None for a new one."""


class Wanted(NamedTuple):
    """What a change asks of the course, or of maintenance."""

    pin: Pin | None = None
    late: str | None = None
    """Why its next session may come after its last day within the rules."""
    again: tuple[int, ...] = ()
    """The numbers of the maintenance sessions that were missed."""
    given_up: frozenset[int] = frozenset()
    """The numbers of the maintenance sessions that are not wanted any more."""


NOTHING_WANTED = Wanted()


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """What is to be planned. Raises OutsideRule for numbers outside the limits."""

    before: Plan
    """The plan as it was; a blank one for a new plan."""
    request: Request
    goal: str | None
    """The goal's own name; None if nobody knows it."""
    area: str | None
    phases: tuple[Phase, ...]
    """The protocol's, whatever the number of sessions; see `planned_phases`."""
    sessions: int
    """How many the whole course has, past ones among them."""
    least_sessions: int
    """With how many it may make do if there are no days for all."""
    maintenance_per_year: int
    duration_minutes: int
    now: datetime | None = None
    not_before: date | None = None
    """The first day that is not past, where *now* is not given."""
    begins_anew: bool = True
    """Whether START decides where the course begins, and days may lie in the past."""
    past: tuple[Session, ...] = ()
    """The course so far, in order."""
    agreed: tuple[Session, ...] = ()
    """The sessions that are planned and still to come, in order: their days are agreed."""
    maintenance: tuple[Session, ...] = ()
    """Past and planned."""
    gone: tuple[Session, ...] = ()
    """What the change drops, with the status that says how."""
    barred: frozenset[date] = frozenset()
    """Days on which a session was missed, or that were given up."""
    of_course: Wanted = NOTHING_WANTED
    of_maintenance: Wanted = NOTHING_WANTED
    lets_go: bool = False
    """Whether days that were chosen by hand may be given up: then as few as can be."""
    keeps_days: bool = True
    """Whether days stay, before all else, that were agreed and not chosen by hand."""
    keeps_times: bool = True
    """Whether the times stay that were agreed and not chosen by hand."""
    keeps_rhythm: bool = False
    """Whether the preferred intervals count before the days that were agreed."""

    def __post_init__(self) -> None:
        self.limits.require(self.sessions, None, self.maintenance_per_year)
        for phase in self.planned_phases:
            self.limits.require(None, phase.interval_days, None)

    @cached_property
    def limits(self) -> Limits:
        """R1 to R3, as the clinic narrows them."""
        return self.request.limits

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's zone."""
        return find_zone(self.request.timezone)

    @cached_property
    def end(self) -> LastDay | None:
        """The end that the trip or a deadline sets to the course."""
        return last_day(self.request)

    @property
    def next_request(self) -> Request:
        """What is asked of the plan from now on: session 1 that is put on a day begins it."""
        pin = self.of_course.pin
        if pin is None or pin.number != 1 or self.request.start is None:
            return self.request
        return replace(self.request, start=pin.day)

    @property
    def caution(self) -> str | None:
        """What every schedule for this goal must repeat."""
        return None if self.goal is None else find_goal(self.goal).plan_caution

    @cached_property
    def planned_phases(self) -> tuple[Phase, ...]:
        """The phases of the course with its number of sessions."""
        return with_sessions(self.phases, self.sessions)

    @cached_property
    def preferred(self) -> tuple[int, ...]:
        """The preferred interval before each session of the whole course but its first."""
        return preferred_intervals(self.planned_phases)

    @property
    def next_number(self) -> int:
        """The number of the first session that is to be placed."""
        return len(self.past) + 1

    @property
    def to_place(self) -> int:
        """How many sessions of the course are to be placed."""
        return self.sessions - len(self.past)

    @property
    def by_hand(self) -> list[Session]:
        """The agreed sessions whose days were chosen by hand."""
        return [session for session in self.agreed if session.pinned]

    @cached_property
    def had(self) -> tuple[Session, ...]:
        """The course to come as the patient has it in the diary.

        A session that took place on another day still has its own there.
        """
        took_place = {session.uid for session in self.past}
        there = (each for each in self.before.sessions if each.uid in took_place)
        return (*self.agreed, *(session for session in there if not self.is_past(session)))

    def is_on_weekday(self, day: date) -> bool:
        """Whether a day falls on a preferred weekday, or any will do."""
        return not self.request.weekdays or day.weekday() in self.request.weekdays

    def off_rhythm(self, days: Sequence[date]) -> int:
        """Σ (interval - preferred)² of a course on these days."""
        intervals = ((day - before).days for before, day in pairwise(days))
        pairs = zip(intervals, self.preferred, strict=False)
        return sum((interval - wanted) ** 2 for interval, wanted in pairs)

    def is_past(self, session: Session) -> bool:
        """Whether it took place, or its time has come."""
        return self.now is not None and session.is_past(self.now)

    @cached_property
    def usual_days(self) -> Availability:
        """The days and times that can be used whatever was agreed and whatever is past."""
        return for_maintenance(self.request, self.duration_minutes)

    @cached_property
    def slots(self) -> Slots:
        """The times of day: none is past, and agreed times stay where they fit."""
        usual = self.usual_days.slots
        times = {
            session.day: minutes_of(session.start.time())
            for session in (*self.had, *self.maintenance)
            if (self.keeps_times or session.pinned) and not self.is_past(session)
        }
        for pin in (self.of_course.pin, self.of_maintenance.pin):
            if pin is not None and pin.clock is not None:
                times[pin.day] = minutes_of(pin.clock)
            elif pin is not None and pin.appointment is not None:
                times.setdefault(pin.day, minutes_of(pin.appointment.start.time()))
        if self.begins_anew:
            return usual.keeping(times) if times else usual
        return usual.keeping(times, self.now)

    @cached_property
    def today(self) -> date:
        """The day in the clinic's zone; date.min where nobody said."""
        if self.now is None:
            return self.not_before or date.min
        return self.now.astimezone(self.zone).date()

    @cached_property
    def first_day(self) -> date:
        """The first day on which a session would not be in the past; date.min where none is."""
        today = self.today
        if self.now is None:
            return today
        best = self.slots.best(today)
        if best is None:
            # Whether today would do but for the time of day.
            return today + timedelta(days=self.slots.keeping({}).best(today) is not None)
        begins = instant(today, time(*divmod(best, 60)), self.zone)
        return today + timedelta(days=begins < self.now)

    @cached_property
    def course_days(self) -> Availability:
        """The days on which the course can be."""
        # What the trip says comes before what is past.
        return self._left_of(within_trip(self.usual_days, self.request))

    @cached_property
    def maintenance_days(self) -> Availability:
        """The days on which maintenance can be."""
        return self._left_of(self.usual_days)

    def _left_of(self, days: Availability) -> Availability:
        if self.begins_anew:
            return days if days.slots is self.slots else days._replace(slots=self.slots)
        yesterday = self.first_day - timedelta(days=1)
        past = span(ReasonCode.PAST, date.min, yesterday, Plain.DAY_PASSED)
        given_up = (
            span(ReasonCode.GIVEN_UP, day, day, GivenUp(day)) for day in sorted(self.barred)
        )
        return days._replace(slots=self.slots, others=(*days.others, past, *given_up))

    @property
    def last_day_in_time(self) -> date | None:
        """The last day within the rules for the next session; None if nothing took place."""
        if not self.past:
            return None
        return self.past[-1].day + timedelta(days=self.limits.max_interval_days)

    @property
    def is_too_late(self) -> bool:
        """Whether no day within the rules is left for the next session: all of them are past.

        A day on which a session was missed is past too, from the moment that it is known.
        """
        last = self.last_day_in_time
        return bool(self.to_place) and last is not None and last < self.first_day_left

    @property
    def first_day_left(self) -> date:
        """The first day that is not past, and on which no session was missed or given up."""
        days = (self.first_day + timedelta(days=count) for count in range(len(self.barred) + 1))
        return next(day for day in days if day not in self.barred)

    @cached_property
    def excused(self) -> Session | None:
        """The next session, where it is late already and stays as it was agreed."""
        if not self.agreed or self.agreed[0].late is None:
            return None
        first, pin = self.agreed[0], self.of_course.pin
        pinned = pin is not None and (
            pin.day < first.day or (pin.number == self.next_number and pin.day != first.day)
        )
        return None if pinned or self.course_days.blockers(first.day) else first

    def has_time_of(self, pin: Pin) -> bool:
        """Whether a session can begin at the time, if any, that was asked for on an open day."""
        return pin.clock is None or not self.slots.why_not_at(pin.day, minutes_of(pin.clock))

    def moments(self, day: date, slots: Slots) -> tuple[datetime, datetime]:
        """When a session on a usable day begins and ends."""
        start = instant(day, slots.clock(day), self.zone)
        return start, later(start, self.duration_minutes)


def problem_for(
    request: Request,
    before: Plan | None = None,
    *,
    now: datetime | None = None,
    not_before: date | None = None,
) -> Problem:
    """A new course as a request asks for it, perhaps in place of the one that was *before* it.

    Raises InvalidInput (UnknownName, OutsideRule, …) for a value that no plan can have.
    """
    goal = find_goal(request.goal)
    area = goal.area_meant(request.area)
    protocol = request.protocol or goal.protocol_for(area)
    sessions = request.sessions or protocol.sessions
    yearly, interval = request.maintenance_per_year, request.interval_days
    makes_do = request.sessions is None and last_day(request) is not None
    # A new plan follows a blank one: with no sessions, and no revision yet.
    blank = Plan(id=request.plan_id, revision=-1, request=request)
    problem = Problem(
        before=before or blank,
        request=request,
        goal=goal.name,
        area=area,
        phases=protocol.phases if interval is None else (Phase(sessions, interval),),
        sessions=sessions,
        # A protocol, where nobody asked for a number, makes do with what a trip leaves room for.
        least_sessions=min(protocol.limits.min_sessions, sessions) if makes_do else sessions,
        maintenance_per_year=protocol.maintenance_per_year if yearly is None else yearly,
        duration_minutes=request.duration_minutes or protocol.minutes,
        now=now,
        not_before=not_before,
    )
    require_time_for_a_session(request, problem.duration_minutes)
    return problem


def problem_of(plan: Plan, *, sessions: int | None = None, now: datetime | None = None) -> Problem:
    """The course of a plan as it stands, with another number of sessions if that is given.

    Raises OutsideRule for a number outside the limits.
    """
    count = plan.total_sessions if sessions is None else sessions
    return Problem(
        before=plan,
        request=plan.request,
        goal=None if plan.goal is None else find_goal(plan.goal).name,
        area=plan.area,
        phases=plan.protocol_phases or plan.phases,
        sessions=count,
        least_sessions=count,
        maintenance_per_year=plan.maintenance_per_year,
        duration_minutes=plan.duration_minutes,
        now=now,
    )


def carried_on(
    problem: Problem,
    left: Plan,
    *,
    gone: Sequence[Session] = (),
    given_up: date | None = None,
    of_course: Wanted = NOTHING_WANTED,
    of_maintenance: Wanted = NOTHING_WANTED,
    keeps_days: bool = True,
    keeps_times: bool = True,
) -> Problem:
    """The problem with what is left of a plan: what is past stays, and the rest is agreed.

    *given_up* is the day of a session that is cancelled: no other one takes it now.
    """
    pin = of_course.pin
    moved = pin.appointment if pin is not None else None
    rest = [session for session in left.sessions if session is not moved]
    past = tuple(session for session in rest if problem.is_past(session))
    if pin is not None and pin.number is not None and pin.number <= len(past):
        # A session that is past has that number by now.
        of_course = of_course._replace(pin=pin._replace(number=None))
    dropped = (*left.dropped, *gone)
    barred = {each.day for each in dropped if each.status is Status.MISSED or each.pinned}
    barred |= set() if given_up is None else {given_up}
    # Unless they are agreed, or asked for, again.
    barred -= {each.day for each in left.active}
    barred -= {each.pin.day for each in (of_course, of_maintenance) if each.pin is not None}
    unwanted = frozenset(
        session.number
        for session in dropped
        if session.kind == "maintenance" and session.status is Status.CANCELLED and session.pinned
    )
    carried = replace(
        problem,
        begins_anew=False,
        past=past,
        agreed=tuple(session for session in rest if not problem.is_past(session)),
        maintenance=left.maintenance,
        gone=tuple(gone),
        barred=frozenset(barred),
        of_course=of_course,
        of_maintenance=of_maintenance._replace(given_up=unwanted),
        keeps_days=keeps_days,
        keeps_times=keeps_times,
    )
    if moved is not None and of_course.late is None and carried.is_too_late:
        # It was late before, for a reason that was given then.
        carried = replace(carried, of_course=carried.of_course._replace(late=moved.late))
    return carried


def require_time_for_a_session(request: Request, minutes: int) -> None:
    """Raise InvalidInput if a session of that length can't be at the time that is asked for."""
    asked = request.time_of_day
    if isinstance(asked, TimeRange):
        if asked.end_minutes - asked.begin_minutes < minutes:
            raise InvalidInput(
                f"a session of {minutes} minutes does not fit into {asked}",
                "choose a longer range of times or a shorter duration",
            )
    elif request.opening_hours is None and minutes_of(asked) + minutes > MINUTES_A_DAY:
        raise InvalidInput(
            f"a session of {minutes} minutes at {asked:%H:%M} would run past midnight",
            "choose an earlier time or a shorter duration",
        )
