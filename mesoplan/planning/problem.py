"""What is to be planned, with nothing left open: the request and what its protocol says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from mesoplan.dates.zones import find_zone, span_of
from mesoplan.planning.availability import Availability, for_maintenance, within_trip
from mesoplan.rules.goals import find_goal
from mesoplan.rules.protocol import Limits, Phase, with_sessions

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import Request


@dataclass(frozen=True, kw_only=True)
class Task:
    """A request with everything filled in that it leaves to the protocol.

    Raises OutsideRule for numbers outside the limits.
    """

    request: Request
    goal: str | None
    """The goal's own name; None where nobody knows it."""
    area: str | None
    caution: str | None
    """What every schedule for this goal must repeat."""
    phases: tuple[Phase, ...]
    """The protocol's, whatever the number of sessions; see `phases_of`."""
    sessions: int
    maintenance_per_year: int
    duration_minutes: int
    limits: Limits
    zone: ZoneInfo
    not_before: date | None
    """The first day that is not past, where that is given; see `first_day_not_past`."""
    now: datetime | None = None
    """The moment that it is worked out from in place of that."""
    explains: bool = True
    """Whether a conflict is put into words; not where only the outcome counts."""

    def __post_init__(self) -> None:
        self.limits.require(self.sessions, None, self.maintenance_per_year)
        for phase in self.phases_of(self.sessions):
            self.limits.require(None, phase.interval_days, None)

    def for_course(self) -> Availability:
        """The days on which the course can be."""
        return self._course_days

    def for_maintenance(self) -> Availability:
        """The days on which maintenance can be."""
        return self._maintenance_days

    @cached_property
    def _course_days(self) -> Availability:
        return within_trip(self.for_maintenance(), self.request)

    @cached_property
    def _maintenance_days(self) -> Availability:
        return for_maintenance(self.request, self.duration_minutes)

    @cached_property
    def first_day_not_past(self) -> date | None:
        """The first day whose session would not be in the past; None where that is not known."""
        if self.now is None:
            return self.not_before
        today = self.now.astimezone(self.zone).date()
        days = self.for_maintenance()
        if days.blockers(today):
            return today
        begins = self.moments(today, days)[0]
        return today + timedelta(days=begins < self.now)

    def phases_of(self, sessions: int) -> tuple[Phase, ...]:
        """The phases of a course of so many sessions."""
        return with_sessions(self.phases, sessions)

    def moments(self, day: date, availability: Availability) -> tuple[datetime, datetime]:
        """When a session on a usable day begins and ends."""
        return span_of(day, availability.slots.clock(day), self.duration_minutes, self.zone)


def task_for(request: Request, not_before: date | None, now: datetime | None = None) -> Task:
    """The task that a request is, at the moment *now* (aware) if that is given.

    Raises InvalidInput (UnknownName, OutsideRule, …) for a value that no plan can have.
    """
    goal = find_goal(request.goal)
    area = goal.area_meant(request.area)
    protocol = request.protocol or goal.protocol_for(area)
    sessions = request.sessions or protocol.sessions
    asked_yearly, interval = request.maintenance_per_year, request.interval_days
    return Task(
        request=request,
        goal=goal.name,
        area=area,
        caution=goal.plan_caution,
        phases=protocol.phases if interval is None else (Phase(sessions, interval),),
        sessions=sessions,
        maintenance_per_year=(
            protocol.maintenance_per_year if asked_yearly is None else asked_yearly
        ),
        duration_minutes=request.duration_minutes or protocol.minutes,
        limits=protocol.limits,
        zone=find_zone(request.timezone),
        not_before=not_before,
        now=now,
    )


def task_of(plan: Plan, request: Request, sessions: int) -> Task:
    """The task of planning *plan* anew for *sessions* sessions in all, under another request.

    The phases are those of the plan. Raises OutsideRule for a number of sessions outside the
    limits.
    """
    goal = None if plan.goal is None else find_goal(plan.goal)
    return Task(
        request=request,
        goal=plan.goal,
        area=plan.area,
        caution=goal.plan_caution if goal else None,
        phases=tuple(Phase(*phase) for phase in plan.phases),
        sessions=sessions,
        maintenance_per_year=plan.maintenance_per_year,
        duration_minutes=plan.duration_minutes,
        limits=request.limits,
        zone=find_zone(request.timezone),
        not_before=None,
    )
