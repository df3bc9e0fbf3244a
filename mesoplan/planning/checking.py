"""Holds a course against the rules, and against the days that can be used.

It finds what is wrong with dates that are there, whoever chose them and whether they are past or
not. Nothing here looks for better ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, days_text, weekday_text
from mesoplan.dates.holidays import holiday_year, region_name
from mesoplan.dates.times import minutes_of
from mesoplan.model.plan import Notice, ReasonCode
from mesoplan.model.request import DEFAULT_TIME, Request
from mesoplan.planning.appointments import course_of_plan, in_order
from mesoplan.planning.availability import Availability, for_course, for_maintenance
from mesoplan.planning.breaches import (
    Breach,
    as_narrowed,
    breach_of,
    duration_text,
    sessions_text,
    where,
)
from mesoplan.planning.maintenance_check import maintenance_breaches
from mesoplan.rules.limits import (
    DAYS_BEFORE_TRAVEL,
    INTERVAL_DAYS,
    MIN_DAYS_BEFORE_TRAVEL,
    RECOVERY_DAYS,
    RECOVERY_HOURS,
    SESSIONS,
)
from mesoplan.rules.protocol import MIN_DURATION_MINUTES, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from mesoplan.model.plan import Plan
    from mesoplan.planning.appointments import Appointment, Course
    from mesoplan.planning.slots import Slots

CLOSED_DAYS = "closed days"

_DAYS_SURELY_ENOUGH = 2
"""More days than these between two appointments are more than R4's hours, whatever the clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a course is held against."""

    limits: Limits
    """R1 to R3, as the clinic narrows them."""
    depart: date | None
    """The journey home (R5); None where there is none."""
    finish_by: date | None
    """The day on which recovery must be over (R4); None where there is none."""
    course_days: Availability
    """The days that the course can use, from the patient's arrival on."""
    maintenance_days: Availability
    holidays: tuple[str, ...]
    """The regions whose holidays are kept, as `region_name` writes them."""

    @property
    def closes_days(self) -> bool:
        """Whether there are days that can't be used."""
        days = self.course_days
        return bool(days.closings or days.others or days.slots.hours is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came out for one course."""

    course: Course
    breaches: tuple[Breach, ...]
    """In the order of the rules, each rule's in the order of their days; closed days last."""
    checked: tuple[str, ...]
    """What the course was held against: “R1”, …, “closed days”."""
    notes: tuple[Notice, ...]
    """What was assumed, and what is not known."""


def terms_of(request: Request, duration_minutes: int = MIN_DURATION_MINUTES) -> Terms:
    """What a course for *request* is held against.

    The goal, the preferred time and busy calendars of the request do not count: a course may well
    be in one of them. Raises UnknownName for a region that has no holidays here.
    """
    # A session may have been at any time of an open day.
    open_request = replace(request, time_of_day=DEFAULT_TIME, busy=(), depart=None, finish_by=None)
    return Terms(
        limits=request.limits,
        depart=request.depart,
        finish_by=request.finish_by,
        course_days=for_course(open_request, duration_minutes),
        maintenance_days=for_maintenance(open_request, duration_minutes),
        holidays=tuple(dict.fromkeys(map(region_name, request.holidays))),
    )


def check_plan(plan: Plan) -> Findings:
    """What is wrong with a plan, by the request that it was made for."""
    return check_course(course_of_plan(plan), terms_of(plan.request, plan.duration_minutes))


def check_course(course: Course, terms: Terms) -> Findings:
    """What is wrong with a course."""
    of_rules, assumed = _breaches_of_rules(course, terms.limits, terms.depart, terms.finish_by)
    breaches = (
        *of_rules,
        *_closed_days(course.sessions, terms.course_days),
        *_closed_days(course.maintenance, terms.maintenance_days),
    )
    checked = [SESSIONS.id, INTERVAL_DAYS.id]
    checked += ["R3"] * bool(course.maintenance and course.sessions)
    checked += [RECOVERY_HOURS.id]
    checked += [DAYS_BEFORE_TRAVEL.id] * (terms.depart is not None)
    checked += [CLOSED_DAYS] * terms.closes_days
    notes = (*course.notes, *assumed, *_unknown_holidays(course, terms))
    return Findings(course=course, breaches=breaches, checked=tuple(checked), notes=notes)


def rules_broken(plan: Plan) -> tuple[Breach, ...]:
    """The rules that a plan breaks, whatever days are closed."""
    request = plan.request
    course = course_of_plan(plan)
    return _breaches_of_rules(course, request.limits, request.depart, request.finish_by)[0]


def _breaches_of_rules(
    course: Course, limits: Limits, depart: date | None, finish_by: date | None
) -> tuple[tuple[Breach, ...], tuple[Notice, ...]]:
    """The breaches of R1 to R5, and what was assumed to find them."""
    of_maintenance, assumed = maintenance_breaches(course, limits)
    breaches = (
        *_wrong_count(course, limits),
        *_wrong_intervals(course.sessions, limits),
        *of_maintenance,
        *_short_recoveries((*course.sessions, *course.maintenance)),
        *_too_late(course, depart, finish_by),
    )
    return breaches, assumed


def _wrong_count(course: Course, limits: Limits) -> Iterator[Breach]:
    rule, count = limits.sessions_rule, len(course.sessions)
    if rule.maximum is not None and count > rule.maximum:
        size, limit = count - rule.maximum, f"more than {rule.maximum}"
    elif count < rule.minimum and course.is_whole:
        size, limit = rule.minimum - count, f"fewer than {rule.minimum}"
    else:
        return
    ends = (course.sessions[0], course.sessions[-1]) if count > 1 else course.sessions
    place = f" ({where(*ends)})" if ends else ""
    text = f"{sessions_text(count)} in the course{place}: {size} {limit}"
    yield breach_of(rule.id, ends, text + as_narrowed(rule, SESSIONS), size, "sessions")


def _wrong_intervals(sessions: Iterable[Appointment], limits: Limits) -> Iterator[Breach]:
    rule = limits.interval_rule
    for before, after in pairwise(sessions):
        if after.number != before.number + 1:
            # What was between them is not in the file.
            continue
        interval = (after.day - before.day).days
        if rule.maximum is not None and interval > rule.maximum:
            size, limit = interval - rule.maximum, f"more than {rule.maximum}"
        elif interval < rule.minimum:
            size, limit = rule.minimum - interval, f"less than {rule.minimum}"
        else:
            continue
        comes = f"comes {days_text(interval)} after" if interval else "is on the same day as"
        text = (
            f"{after.name} {comes} {before.name} ({where(before, after)}): {days_text(size)} "
            f"{limit}{as_narrowed(rule, INTERVAL_DAYS)}"
        )
        yield breach_of(rule.id, (before, after), text, size, "days")


def _short_recoveries(appointments: Iterable[Appointment]) -> Iterator[Breach]:
    """Appointments less than R4's hours apart, as far as their times are known."""
    hours = RECOVERY_HOURS.minimum
    for before, after in pairwise(sorted(appointments, key=in_order)):
        if before.start is None or after.start is None:
            if before.day == after.day:
                text = f"{after.name} is on the same day as {before.name} ({where(before, after)})"
                text += f": less than {hours} hours"
                yield breach_of(RECOVERY_HOURS.id, (before, after), text)
            continue
        over = before.end or before.start
        if (after.day - over.date()).days > _DAYS_SURELY_ENOUGH:
            continue
        # Between two moments of one zone Python counts what the clocks show, not what elapses.
        between = after.start.astimezone(UTC) - over.astimezone(UTC)
        short = ceil((timedelta(hours=hours) - between) / timedelta(minutes=1))
        short = min(short, hours * 60)
        if short > 0:
            elapsed = hours * 60 - short
            the_end_of = "the end of " if before.end is not None else ""
            text = (
                f"{after.name} begins {duration_text(elapsed)} after {the_end_of}{before.name} "
                f"({_moments(over, after.start)}): {duration_text(short)} less than {hours} hours"
            )
            yield breach_of(RECOVERY_HOURS.id, (before, after), text, short, "minutes")


def _moments(*moments: datetime) -> str:
    return " – ".join(f"{day_text(each.date())} {each:%H:%M}" for each in moments)


def _too_late(course: Course, depart: date | None, finish_by: date | None) -> Iterator[Breach]:
    """The last session, where it leaves no time to recover, or to wait for the journey home."""
    if not course.sessions:
        return
    last = course.sessions[-1]
    limits = []
    if finish_by is not None:
        purpose = f"to have recovered by {day_text(finish_by)}"
        limits.append((RECOVERY_HOURS.id, finish_by, RECOVERY_DAYS, purpose))
    if depart is not None:
        purpose = f"to travel home on {day_text(depart)}"
        limits.append((DAYS_BEFORE_TRAVEL.id, depart, MIN_DAYS_BEFORE_TRAVEL, purpose))
    for rule_id, end, days_before, purpose in limits:
        latest = end - timedelta(days=days_before)
        size = (last.day - latest).days
        if size > 0:
            text = (
                f"{last.name} ({where(last)}) comes {days_text(size)} later than "
                f"{day_text(latest)}, the last day {purpose}"
            )
            yield breach_of(rule_id, (last,), text, size, "days")


def _closed_days(appointments: Iterable[Appointment], days: Availability) -> Iterator[Breach]:
    """A breach for each reason for which an appointment could not be where it is."""
    for each in appointments:
        phrases: dict[ReasonCode, list[str]] = {}
        for blocker in days.blockers(each.day):
            phrases.setdefault(blocker.code, []).append(blocker.phrase(each.day))
        if not phrases and (why := _outside_hours(each, days.slots)) is not None:
            phrases[ReasonCode.HOURS] = [why]
        for code, why_not in phrases.items():
            text = f"{each.name} ({where(each)}): {'; '.join(why_not)}"
            yield breach_of(code.value, (each,), text)


def _outside_hours(appointment: Appointment, slots: Slots) -> str | None:
    """Why the clinic is not open for all of an appointment; None when it is, or may be."""
    day, start = appointment.day, appointment.start
    if slots.hours is None or slots.is_assumed_on(day) or start is None:
        return None
    end = appointment.end or start
    begin_minutes = minutes_of(start.time())
    end_minutes = (end.date() - day).days * 24 * 60 + minutes_of(end.time())
    spans = slots.spans(day)
    if any(
        span.begin_minutes <= begin_minutes < span.end_minutes and end_minutes <= span.end_minutes
        for span in spans
    ):
        return None
    until = f" to {end:%H:%M}" if end > start else ""
    hours = " and ".join(map(str, spans))
    return f"at {start:%H:%M}{until}, and the clinic is open {hours} on {weekday_text(day)}"


def _unknown_holidays(course: Course, terms: Terms) -> Iterator[Notice]:
    years = sorted({each.day.year for each in (*course.sessions, *course.maintenance)})
    for region in terms.holidays:
        unknown = [str(year) for year in years if not holiday_year(region, year).complete]
        if unknown:
            text = f"not all holidays of {region} are known for {', '.join(unknown)}"
            yield Notice("HOLIDAYS_UNKNOWN", text)
