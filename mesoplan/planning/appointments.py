"""The appointments of a course, from a plan or from dates that somebody else wrote down.

A plan knows which of its appointments are maintenance. Dates that somebody else wrote down often
don't say; then it is worked out, and the reader learns that it was. All of them are tuples: most
commands load them, and dataclasses take several times as long to make.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.model.plan import due_day
from mesoplan.rules.limits import MAINTENANCE_GAP_DAYS, MAINTENANCE_SLACK_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from mesoplan.dates.holidays import OfParts
    from mesoplan.model.plan import Notice, Plan, Session
    from mesoplan.rules.protocol import Limits

Kind = Literal["course", "maintenance"]

_DAYS_A_YEAR = 365.25


class Appointment(NamedTuple):
    """One appointment of a course, or a date of a file that may be one; not whom it is about."""

    day: date
    """In the clinic's zone."""
    start: datetime | None = None
    """An aware moment in the clinic's zone; None if only the day is known."""
    end: datetime | None = None
    kind: Kind | None = None
    """None until it is worked out, where a file doesn't say."""
    number: int = 0
    """Counts from 1 within its kind; 0 until it is known among which others it is."""
    due_number: int | None = None
    """Which maintenance it is, counted from the end of the course; None if nobody said."""
    line: int | None = None
    """The line of a file, where its reader would look for it; None if that helps nobody."""
    course: str = ""
    """What distinguishes the courses of one file. Never shown: it may be a name."""
    unclear: str = ""
    """What about it is not understood, “the status 'moved'”: then it does not count."""


class FoundDates(NamedTuple):
    """What the reader of a file gives back."""

    dates: tuple[Appointment, ...]
    notes: tuple[Notice, ...] = ()
    """What could not be read, or was left out."""


class MaintenanceAssumed(NamedTuple):
    """The dates after a long gap were taken as maintenance."""

    first: date
    """The first of them."""
    number: int
    gap_days: int
    code: Literal["MAINTENANCE_TAKEN"] = "MAINTENANCE_TAKEN"


class PerYearAssumed(NamedTuple):
    """The number of maintenance sessions a year was taken to be the one that fits best."""

    per_year: int
    code: Literal["MAINTENANCE_PER_YEAR_TAKEN"] = "MAINTENANCE_PER_YEAR_TAKEN"


class HolidaysUnknown(NamedTuple):
    """Not all holidays of a region are known for some years."""

    region: str
    years: tuple[int, ...]
    code: Literal["HOLIDAYS_UNKNOWN"] = "HOLIDAYS_UNKNOWN"


class HolidaysOfParts(NamedTuple):
    """Parts of a country have further holidays, but the whole country is named."""

    found: tuple[OfParts, ...]
    sessions: frozenset[date]
    """The days of sessions."""
    code: Literal["HOLIDAYS_OF_PARTS"] = "HOLIDAYS_OF_PARTS"


Assumption = MaintenanceAssumed | PerYearAssumed | HolidaysUnknown | HolidaysOfParts
"""What a check had to assume, or could not know."""


class Course(NamedTuple):
    """The appointments of one course with its maintenance, each in the order of their days."""

    sessions: tuple[Appointment, ...]
    maintenance: tuple[Appointment, ...] = ()
    maintenance_per_year: int | None = None
    """None if nobody said."""
    is_whole: bool = True
    """Whether all its sessions are here. If not, too few are not a problem: some are not in the
    file, or the rest of the course was cancelled."""
    assumptions: tuple[Assumption, ...] = ()
    unclear: tuple[Appointment, ...] = ()
    """Those that don't count, since they are not understood: the course is not fully checked."""

    @property
    def first_line(self) -> int | None:
        """The first of the lines on which it stands; None if they are not known."""
        lines = (each.line for each in (*self.sessions, *self.maintenance, *self.unclear))
        return min((line for line in lines if line is not None), default=None)


def course_of_plan(plan: Plan) -> Course:
    """The appointments of a plan that are planned or attended, not missed and not cancelled."""
    return Course(
        sessions=_of_plan(plan.sessions),
        maintenance=_of_plan(plan.maintenance),
        maintenance_per_year=plan.maintenance_per_year,
        is_whole=plan.is_whole and not plan.cancelled,
    )


def _of_plan(sessions: Iterable[Session]) -> tuple[Appointment, ...]:
    return tuple(
        Appointment(
            each.day,
            each.start,
            each.end,
            each.kind,
            each.number,
            due_number=each.number if each.kind == "maintenance" else None,
        )
        for each in sorted(sessions, key=lambda session: session.start)
        if not each.is_dropped
    )


def courses_of(found: Iterable[Appointment]) -> tuple[Course, ...]:
    """The courses that the dates make up, in the order in which each first appears."""
    by_course: dict[str, list[Appointment]] = {}
    for each in found:
        by_course.setdefault(each.course, []).append(each)
    return tuple(map(_course, by_course.values()))


def _course(found: Iterable[Appointment]) -> Course:
    in_time = sorted(found, key=in_order)
    unclear = tuple(each for each in in_time if each.unclear)
    dates = [each for each in in_time if not each.unclear]
    assumptions: tuple[Assumption, ...] = ()
    kinds: list[Kind] = [each.kind or "course" for each in dates]
    if not any(each.kind for each in dates):
        for index, (before, after) in enumerate(pairwise(dates), start=1):
            gap_days = (after.day - before.day).days
            if gap_days >= MAINTENANCE_GAP_DAYS:
                count = len(dates) - index
                assumptions = (MaintenanceAssumed(after.day, count, gap_days),)
                kinds[index:] = ["maintenance"] * count
                break
    of_kind: dict[Kind, list[Appointment]] = {"course": [], "maintenance": []}
    for each, kind in zip(dates, kinds, strict=True):
        of_kind[kind].append(each._replace(kind=kind, number=len(of_kind[kind]) + 1))
    sessions, maintenance = map(tuple, of_kind.values())
    return Course(
        sessions, maintenance, is_whole=not unclear, assumptions=assumptions, unclear=unclear
    )


def in_order(each: Appointment) -> tuple[date, float, int]:
    """What dates are sorted by: the day, then the time where it is known, then the line."""
    return each.day, each.start.timestamp() if each.start else 0, each.line or 0


class DueMaintenance(NamedTuple):
    """A maintenance session and the day that it is due on."""

    appointment: Appointment
    number: int
    """Which one it is, counted from the end of the course."""
    due: date

    @property
    def off_days(self) -> int:
        """By how many days it is off that day."""
        return abs((self.appointment.day - self.due).days)

    @property
    def excess_days(self) -> int:
        """By how many days more than it may be."""
        return max(0, self.off_days - MAINTENANCE_SLACK_DAYS)


def with_maintenance_meant(course: Course, limits: Limits) -> Course:
    """The course with the number of maintenance sessions a year that is meant.

    Where nobody said, it is the one that fits the dates best.
    """
    most = limits.max_maintenance_per_year
    if course.maintenance_per_year or not (course.maintenance and course.sessions and most):
        return course
    last = course.sessions[-1].day

    def misfit(per_year: int) -> tuple[int, int, int]:
        placed = with_due_days(course.maintenance, last, per_year)
        excess = sum(each.excess_days for each in placed)
        return excess, sum(each.off_days for each in placed), per_year

    best = min(range(1, most + 1), key=misfit)
    assumptions = (*course.assumptions, PerYearAssumed(best))
    return course._replace(maintenance_per_year=best, assumptions=assumptions)


def with_due_days(
    maintenance: Sequence[Appointment], last: date, per_year: int
) -> list[DueMaintenance]:
    """Each with the day that it is due on.

    Of several that are near enough to the same due day the nearest has it, the others the next.
    """
    placed = []
    for each in maintenance:
        number = each.due_number or _nearest_number(each.day, last, per_year)
        placed.append(DueMaintenance(each, number, due_day(last, number, per_year)))
    holders: dict[int, DueMaintenance] = {}
    for one in sorted(placed, key=lambda one: one.off_days):
        holders.setdefault(one.number, one)
    return [
        one
        if one is holders[one.number] or one.excess_days
        else one._replace(due=due_day(last, one.number + 1, per_year))
        for one in placed
    ]


def _nearest_number(day: date, last: date, per_year: int) -> int:
    """The number of the maintenance whose due day is nearest to a day."""
    about = round((day - last).days * per_year / _DAYS_A_YEAR)
    numbers = range(max(1, about - 1), max(1, about) + 2)
    return min(numbers, key=lambda number: abs((day - due_day(last, number, per_year)).days))
