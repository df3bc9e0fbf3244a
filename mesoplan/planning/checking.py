"""Check the dates of a course against the rules, and against the days that can be used.

It finds what is wrong with given dates, whoever chose them, past or to come. Nothing here looks
for better ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.holidays import holiday_year, region_name
from mesoplan.dates.times import minutes_of
from mesoplan.model.causes import BusyTimes, ClosedPart
from mesoplan.model.plan import ReasonCode
from mesoplan.model.request import DEFAULT_TIME, Request
from mesoplan.planning.appointments import (
    HolidaysUnknown,
    course_of_plan,
    in_order,
    with_due_days,
    with_maintenance_meant,
)
from mesoplan.planning.availability import (
    Availability,
    for_course,
    for_maintenance,
    further_holidays,
)
from mesoplan.rules.limits import (
    DAYS_BEFORE_TRAVEL,
    INTERVAL_DAYS,
    MAINTENANCE_PER_YEAR,
    MAX_MAINTENANCE_PER_YEAR,
    MIN_DAYS_BEFORE_TRAVEL,
    RECOVERY_DAYS,
    RECOVERY_HOURS,
    SESSIONS,
    Rule,
)
from mesoplan.rules.protocol import MIN_DURATION_MINUTES, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from mesoplan.dates.days import ClosedTime
    from mesoplan.dates.times import TimeRange
    from mesoplan.model.causes import Cause
    from mesoplan.model.plan import Plan
    from mesoplan.planning.appointments import Appointment, Assumption, Course
    from mesoplan.planning.slots import Slots

CLOSED_DAYS = "closed days"
"""Listed after the rules' ids among what was checked."""

_DAYS_SURELY_ENOUGH = 2
"""More days than these between two appointments are more than R4's hours, whatever the clocks."""


class Terms(NamedTuple):
    """What a course is checked against."""

    request: Request
    """Its rules, narrowed by the clinic, its trip or deadline, and the holidays that are kept."""
    course_days: Availability
    """The days that the course can use, from the patient's arrival on."""
    maintenance_days: Availability

    @property
    def closes_days(self) -> bool:
        """Whether there are days that can't be used."""
        days = self.course_days
        hours = days.slots.hours is not None
        return bool(days.closings or days.others or hours or self.request.closed_times)


class BrokenLimit(NamedTuple):
    """There are too many or too few sessions, or too many or too few days between two of them."""

    limit: int
    is_over: bool
    """Whether it is more than the limit, not less."""
    is_narrowed: bool
    """Whether the clinic's limit is narrower than the rule's."""
    year: int | None = None
    """The year after the course that has too much maintenance."""


class OffDue(NamedTuple):
    """Maintenance is too far from the day on which it is due."""

    due: date


class TooLate(NamedTuple):
    """The last session leaves no time to recover (R4), or to wait for the journey home (R5)."""

    latest: date
    """The last day that leaves enough."""
    until: date
    """The day by which the patient must have recovered, or of the journey home."""


class TooSoon(NamedTuple):
    """An appointment begins before the patient has recovered from the one before."""

    minutes_apart: int | None
    """None if both are on one day, and their times are not known."""


class OutsideHours(NamedTuple):
    """The clinic is not open for all of an appointment."""

    start: datetime
    end: datetime
    spans: tuple[TimeRange, ...]
    """When it is open on that day."""


class Unusable(NamedTuple):
    """The day of an appointment can't be used, or not at its time."""

    causes: tuple[Cause | OutsideHours, ...]


class Finding(NamedTuple):
    """One problem with the dates of a course."""

    code: str
    """The rule's id, “R2”; or why a day can't be used: a ReasonCode such as “HOLIDAY”."""
    about: tuple[Appointment, ...]
    """The appointments concerned, in order."""
    fact: BrokenLimit | OffDue | TooSoon | TooLate | Unusable
    size: int | None = None
    """By how much the limit is broken; None if there is no measure for it."""
    unit: Literal["days", "sessions", "minutes"] | None = None
    """What the size counts."""

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the appointments concerned, in order."""
        return tuple(dict.fromkeys(each.day for each in self.about))

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the file on which they stand; empty if those are not known."""
        return tuple(each.line for each in self.about if each.line is not None)


class CheckedCourse(NamedTuple):
    """The outcome of a check of one course."""

    course: Course
    problems: tuple[Finding, ...]
    """By rule, R1 first, then the closed days."""
    checked: tuple[str, ...]
    """The ids of the rules that it was checked against, and CLOSED_DAYS."""
    assumptions: tuple[Assumption, ...] = ()


def terms_of(request: Request, duration_minutes: int = MIN_DURATION_MINUTES) -> Terms:
    """What a course is checked against, by what is asked for and the clinic's own days.

    The preferred time and busy calendars do not matter: a session may well have been at any time
    of an open day.
    """
    any_time = replace(request.around_nothing(), time_of_day=DEFAULT_TIME, closed_times=())
    open_request = replace(any_time, depart=None, finish_by=None)
    return Terms(
        request,
        course_days=for_course(open_request, duration_minutes),
        maintenance_days=for_maintenance(open_request, duration_minutes),
    )


def check_plan(plan: Plan) -> CheckedCourse:
    """What is wrong with a plan, by the request that it was made for."""
    return check_course(course_of_plan(plan), terms_of(plan.request, plan.duration_minutes))


def check_course(course: Course, terms: Terms) -> CheckedCourse:
    """What is wrong with a course."""
    request = terms.request
    course = with_maintenance_meant(course, request.limits)
    checked = [SESSIONS.id, INTERVAL_DAYS.id]
    checked += ["R3"] * bool(course.maintenance and course.sessions)
    checked += [RECOVERY_HOURS.id]
    checked += [DAYS_BEFORE_TRAVEL.id] * (request.depart is not None)
    checked += [CLOSED_DAYS] * terms.closes_days
    return CheckedCourse(
        course=course,
        problems=(
            *_rules_broken(course, request),
            *_closed_days(course.sessions, terms.course_days, request.closed_times),
            *_closed_days(course.maintenance, terms.maintenance_days, request.closed_times),
        ),
        checked=tuple(checked),
        assumptions=(
            *course.assumptions,
            *_unknown_holidays(course, request.holidays),
            *further_holidays(
                request,
                terms.maintenance_days,
                [each.day for each in (*course.sessions, *course.maintenance)],
                [each.day for each in course.sessions],
            ),
        ),
    )


def rules_broken(plan: Plan) -> tuple[Finding, ...]:
    """The rules that a plan breaks, whatever days are closed."""
    course = with_maintenance_meant(course_of_plan(plan), plan.request.limits)
    return tuple(_rules_broken(course, plan.request))


def _rules_broken(course: Course, request: Request) -> Iterator[Finding]:
    """The problems by R1 to R5."""
    limits = request.limits
    yield from _wrong_count(course, limits)
    yield from _wrong_intervals(course.sessions, limits)
    yield from _wrong_maintenance(course, limits)
    yield from _short_recoveries((*course.sessions, *course.maintenance))
    if course.sessions:
        last = course.sessions[-1]
        yield from _too_late(RECOVERY_HOURS, last, request.finish_by, RECOVERY_DAYS)
        yield from _too_late(DAYS_BEFORE_TRAVEL, last, request.depart, MIN_DAYS_BEFORE_TRAVEL)


def _wrong_count(course: Course, limits: Limits) -> Iterator[Finding]:
    rule, count = limits.sessions_rule, len(course.sessions)
    ends = (course.sessions[0], course.sessions[-1]) if count > 1 else course.sessions
    found = _outside(rule, SESSIONS, count, ends, "sessions")
    if found is not None and (count > rule.minimum or course.is_whole):
        yield found


def _wrong_intervals(sessions: Iterable[Appointment], limits: Limits) -> Iterator[Finding]:
    rule = limits.interval_rule
    for before, after in pairwise(sessions):
        # Where a number is missing, what was between them is not in the file.
        if after.number == before.number + 1:
            interval = (after.day - before.day).days
            found = _outside(rule, INTERVAL_DAYS, interval, (before, after), "days")
            if found is not None:
                yield found


def _outside(
    limit: Rule,
    rule: Rule,
    value: int,
    about: tuple[Appointment, ...],
    unit: Literal["days", "sessions"],
) -> Finding | None:
    """What is wrong with a value that a limit, the rule's own or a narrower one, doesn't allow."""
    if limit.allows(value):
        return None
    is_over = value > limit.minimum
    bound = limit.maximum if is_over and limit.maximum is not None else limit.minimum
    fact = BrokenLimit(bound, is_over, is_narrowed=limit != rule)
    return Finding(limit.id, about, fact, abs(value - bound), unit)


def _short_recoveries(appointments: Iterable[Appointment]) -> Iterator[Finding]:
    """Appointments less than R4's hours apart, as far as their times are known."""
    for before, after in pairwise(sorted(appointments, key=in_order)):
        if before.start is None or after.start is None:
            if before.day == after.day:
                yield Finding(RECOVERY_HOURS.id, (before, after), TooSoon(None))
            continue
        over = before.end or before.start
        if (after.day - over.date()).days > _DAYS_SURELY_ENOUGH:
            continue
        # Between two moments of one zone Python counts what the clocks show, not what elapses.
        between = after.start.astimezone(UTC) - over.astimezone(UTC)
        short = ceil((timedelta(hours=RECOVERY_HOURS.minimum) - between) / timedelta(minutes=1))
        short = min(short, RECOVERY_HOURS.minimum * 60)
        if short > 0:
            fact = TooSoon(RECOVERY_HOURS.minimum * 60 - short)
            yield Finding(RECOVERY_HOURS.id, (before, after), fact, short, "minutes")


def _too_late(
    rule: Rule, last: Appointment, until: date | None, days_before: int
) -> Iterator[Finding]:
    """The last session, where it leaves no time to recover, or to wait for the journey home."""
    if until is None:
        return
    latest = until - timedelta(days=days_before)
    if last.day > latest:
        size = (last.day - latest).days
        yield Finding(rule.id, (last,), TooLate(latest, until), size, "days")


def _wrong_maintenance(course: Course, limits: Limits) -> Iterator[Finding]:
    """The problems by R3: too many a year, or too far from a day on which one is due.

    Session *k* is due k × 12 / per_year months after the last course session, and may be 14 days
    off. Without a course session there is nothing that due days could be counted from.
    """
    if not course.maintenance or not course.sessions:
        return
    last, most = course.sessions[-1].day, limits.max_maintenance_per_year
    per_year = course.maintenance_per_year or 1
    placed = with_due_days(course.maintenance, last, per_year)
    by_year: dict[int | None, list[Appointment]] = {}
    for one in placed:
        year = (one.number - 1) // per_year + 1 if most else None
        by_year.setdefault(year, []).append(one.appointment)
    is_narrowed = most != MAX_MAINTENANCE_PER_YEAR
    for year in sorted(by_year, key=lambda year: year or 0):
        about, extra = tuple(by_year[year]), len(by_year[year]) - most
        if extra > 0:
            fact = BrokenLimit(most, is_over=True, is_narrowed=is_narrowed, year=year)
            yield Finding(MAINTENANCE_PER_YEAR.id, about, fact, extra, "sessions")
    for one in placed if most else ():
        if one.excess_days:
            about, excess = (one.appointment,), one.excess_days
            yield Finding(MAINTENANCE_PER_YEAR.id, about, OffDue(one.due), excess, "days")


def _closed_days(
    appointments: Iterable[Appointment], days: Availability, closed_times: Sequence[ClosedTime]
) -> Iterator[Finding]:
    """A problem for each kind of reason for which an appointment could not be where it is."""
    for each in appointments:
        causes: dict[ReasonCode, list[Cause | OutsideHours]] = {}
        for blocker in days.blockers(each.day):
            causes.setdefault(blocker.code, []).append(blocker.cause)
        if not causes and (outside := _outside_hours(each, days.slots)) is not None:
            causes[ReasonCode.HOURS] = [outside]
        if not causes and each.day not in days.open_days:
            causes[ReasonCode.CLOSURE] = [*_closed_parts(each, closed_times)]
        for code, why in causes.items():
            if why:
                yield Finding(code.value, (each,), Unusable(tuple(why)))


def _closed_parts(
    appointment: Appointment, closed_times: Sequence[ClosedTime]
) -> Iterator[ClosedPart]:
    """The closed times into which an appointment falls."""
    if (start := appointment.start) is None:
        return
    begin = start.replace(tzinfo=None)
    end = (appointment.end or start + timedelta(minutes=1)).replace(tzinfo=None)
    midnight = datetime.combine(appointment.day, time())
    for each in closed_times:
        if each.begin < end and begin < each.end:
            of_day = (max(each.begin, midnight), min(each.end, midnight + timedelta(days=1)))
            first, last = ((moment - midnight) // timedelta(minutes=1) for moment in of_day)
            yield ClosedPart(BusyTimes(((first, last),), 0), each.reason)


def _outside_hours(appointment: Appointment, slots: Slots) -> OutsideHours | None:
    """Why the clinic is not open for all of an appointment; None when it is, or may be."""
    day, start = appointment.day, appointment.start
    if slots.hours is None or slots.is_assumed_on(day) or start is None:
        return None
    end = appointment.end or start
    begin_minutes = minutes_of(start.time())
    end_minutes = (end.date() - day).days * 24 * 60 + minutes_of(end.time())
    spans = slots.spans(day)
    for span in spans:
        begins_within = span.begin_minutes <= begin_minutes < span.end_minutes
        if begins_within and end_minutes <= span.end_minutes:
            return None
    return OutsideHours(start, end, spans)


def _unknown_holidays(course: Course, regions: Iterable[str]) -> Iterator[HolidaysUnknown]:
    years = sorted({each.day.year for each in (*course.sessions, *course.maintenance)})
    for region in dict.fromkeys(map(region_name, regions)):
        unknown = tuple(year for year in years if not holiday_year(region, year).complete)
        if unknown:
            yield HolidaysUnknown(region, unknown)
