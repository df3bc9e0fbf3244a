"""Places maintenance, which follows the end of the course."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import DateRange, day_text
from mesoplan.errors import InvalidInput
from mesoplan.model.plan import due_day
from mesoplan.planning.course import NoDays
from mesoplan.planning.solver import first_member, last_member, members
from mesoplan.rules.limits import LONGEST_DELAY_DAYS, MAINTENANCE_SLACK_DAYS

if TYPE_CHECKING:
    from mesoplan.model.plan import Session
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.problem import Pin, Problem

_SLACK = timedelta(days=MAINTENANCE_SLACK_DAYS)


class MaintenanceDay(NamedTuple):
    """The day of one maintenance session."""

    number: int
    due: date
    day: date
    before: Session | None
    """The session as it was; None for a new one."""
    pinned: bool = False
    late: str | None = None
    """Why it comes after its last day within the rules, where it was put there now."""


class PlacedMaintenance(NamedTuple):
    """The days of maintenance."""

    days: tuple[MaintenanceDay, ...]
    """In order, past ones among them."""
    left_out: tuple[NoDays, ...] = ()
    """Those that find no day, and that nobody asked for."""


def place_maintenance(problem: Problem, last: date) -> PlacedMaintenance | NoDays:
    """The maintenance that follows a course whose last session is on *last*.

    What took place stays. Of the others one stays where it is while its day can be used and is
    within 14 days of its due day, whatever that is now; otherwise it goes to the nearest usable
    day, on a preferred weekday if there is one. If days don't stay, one that was not chosen by hand
    goes to such a weekday too. One that finds no day is refused only if it was asked for.
    Raises InvalidInput for a reason to be late where days within the rules are left.
    """
    per_year = problem.maintenance_per_year
    count = per_year * problem.request.years
    there = {session.number: session for session in problem.maintenance}
    placed: list[MaintenanceDay] = []
    left_out: list[NoDays] = []
    for number in range(1, count + 1):
        before = there.get(number)
        due = due_day(last, number, per_year)
        if before is not None and problem.is_past(before):
            placed.append(_as_it_was(before))
            continue
        if before is None and number in problem.of_maintenance.given_up:
            continue
        found = _placed(problem, number, due, before)
        if isinstance(found, MaintenanceDay):
            placed.append(found)
        elif _is_asked_for(problem, number):
            return found
        else:
            left_out.append(found)
    # Fewer may be wanted than took place.
    beyond = (each for each in problem.maintenance if each.number > count and problem.is_past(each))
    return PlacedMaintenance((*placed, *map(_as_it_was, beyond)), tuple(left_out))


def _as_it_was(session: Session) -> MaintenanceDay:
    return MaintenanceDay(session.number, session.due or session.day, session.day, session)


def _is_asked_for(problem: Problem, number: int) -> bool:
    """Whether a session that finds no day is refused, and not left out."""
    asked = problem.of_maintenance
    named = number in asked.again or (asked.pin is not None and asked.pin.number == number)
    return named or problem.request.maintenance_per_year is not None


def _placed(
    problem: Problem, number: int, due: date, before: Session | None
) -> MaintenanceDay | NoDays:
    wanted = problem.of_maintenance
    pin = wanted.pin if wanted.pin is not None and wanted.pin.number == number else None
    named = pin is not None or number in wanted.again
    last = due + _SLACK
    if named and last < problem.first_day:
        return _placed_late(problem, number, due, before, pin)
    carried = pin is not None and pin.appointment is not None and pin.appointment.late
    if named and wanted.late is not None and not carried:
        raise InvalidInput(
            f"--late has no effect: maintenance {number} can still take place by {day_text(last)}",
            "leave out --late",
        )
    if pin is not None:
        if not _is_possible(problem, pin, due):
            return NoDays("MAINTENANCE_PINNED", None, number, due)
        return MaintenanceDay(number, due, pin.day, before, pinned=True)
    if before is not None and _stays(problem, before, due):
        return MaintenanceDay(number, due, before.day, before, pinned=before.pinned)
    near = days_outwards(due, problem.maintenance_days)
    if not near:
        return NoDays("MAINTENANCE", None, number, due)
    day = next(filter(problem.is_on_weekday, near), near[0])
    return MaintenanceDay(number, due, day, before)


def _stays(problem: Problem, before: Session, due: date) -> bool:
    if problem.maintenance_days.blockers(before.day):
        return False
    if not (problem.keeps_days or before.pinned or problem.is_on_weekday(before.day)):
        near = days_outwards(due, problem.maintenance_days)
        if any(map(problem.is_on_weekday, near)):
            return False
    if before.late is not None and before.day > due:
        return True
    return is_near_due(before.day, due)


def _is_possible(problem: Problem, pin: Pin, due: date) -> bool:
    """Whether maintenance can be on the day, and at the time, that was asked for."""
    if not is_near_due(pin.day, due) or problem.maintenance_days.blockers(pin.day):
        return False
    return problem.has_time_of(pin)


def is_near_due(day: date, due: date) -> bool:
    """Whether a day is within 14 days of the due day."""
    return abs(day - due) <= _SLACK


def _placed_late(
    problem: Problem, number: int, due: date, before: Session | None, pin: Pin | None
) -> MaintenanceDay | NoDays:
    """The session on the day that was asked for, or the earliest usable one, if it says why."""
    late, earliest = problem.of_maintenance.late, problem.first_day
    if late is None:
        return NoDays("MAINTENANCE_TOO_LATE", None, number, due)
    usable = problem.maintenance_days.usable(earliest, LONGEST_DELAY_DAYS)
    if not usable:
        return NoDays("MAINTENANCE_NO_LATE_DAY", None, number, due)
    day = earliest + timedelta(days=first_member(usable))
    if pin is not None and pin.day > day:
        if problem.maintenance_days.blockers(pin.day) or not problem.has_time_of(pin):
            return NoDays("MAINTENANCE_PINNED", None, number, due)
        day = pin.day
    return MaintenanceDay(number, due, day, before, pinned=pin is not None, late=late)


def maintenance_window(due: date, days: Availability) -> DateRange:
    """The earliest and the latest usable day within 14 days of the due day."""
    near, first = _days_near(due, days), due - _SLACK
    return DateRange(
        first + timedelta(days=first_member(near)), first + timedelta(days=last_member(near))
    )


def _days_near(due: date, days: Availability) -> int:
    """The usable days within 14 days of the due day, as a set counted from the first."""
    return days.usable(due - _SLACK, 2 * MAINTENANCE_SLACK_DAYS + 1)


def days_outwards(due: date, days: Availability) -> list[date]:
    """The usable days within 14 days of the due day, the nearest first; of two the later one."""
    near = _days_near(due, days)
    usable = (off - MAINTENANCE_SLACK_DAYS for off in members(near))
    return [due + timedelta(days=off) for off in sorted(usable, key=lambda off: (abs(off), -off))]
