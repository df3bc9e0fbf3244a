"""Holds the maintenance after a course against R3.

Session *k* is due k × 12 / per_year months after the last course session, and may be 14 days off.
Of dates that somebody else wrote down neither *k* nor the number a year is told: each is held
against the due day that it comes nearest to, and the number a year is the one that fits best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, days_text
from mesoplan.model.plan import Notice
from mesoplan.planning.breaches import Breach, breach_of, sessions_text, where
from mesoplan.planning.placement import due_day
from mesoplan.rules.limits import (
    MAINTENANCE_PER_YEAR,
    MAINTENANCE_SLACK_DAYS,
    MAX_MAINTENANCE_PER_YEAR,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from mesoplan.planning.appointments import Appointment, Course
    from mesoplan.rules.protocol import Limits

_MONTHS_A_YEAR = 12
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class _Placed:
    """A maintenance session and the day that it is due on."""

    appointment: Appointment
    number: int
    """Which one it is, counted from the end of the course."""
    due: date

    @property
    def off_days(self) -> int:
        return (self.appointment.day - self.due).days

    @property
    def excess_days(self) -> int:
        return max(0, abs(self.off_days) - MAINTENANCE_SLACK_DAYS)


def maintenance_breaches(
    course: Course, limits: Limits
) -> tuple[tuple[Breach, ...], tuple[Notice, ...]]:
    """The breaches of R3, and what was assumed to find them.

    Without a course session there is nothing that due days could be counted from.
    """
    if not course.maintenance or not course.sessions:
        return (), ()
    most = limits.max_maintenance_per_year
    if most == 0:
        text = f"{sessions_text(len(course.maintenance), 'maintenance session')}: "
        text += f"{len(course.maintenance)} more than none{_narrowed(limits)}"
        return (breach_of("R3", course.maintenance, text, len(course.maintenance), "sessions"),), ()
    last = course.sessions[-1].day
    per_year = course.maintenance_per_year
    notes: tuple[Notice, ...] = ()
    if not per_year:
        per_year = _best_fit(course.maintenance, last, most)
        notes = (_assumed(per_year),)
    breaches = [
        *_too_many_a_year(course.maintenance, last, per_year, limits),
        *(_off_due(each) for each in _placed(course.maintenance, last, per_year)),
    ]
    return tuple(each for each in breaches if each is not None), notes


def _assumed(per_year: int) -> Notice:
    return Notice(
        "MAINTENANCE_PER_YEAR_TAKEN",
        f"{sessions_text(per_year, 'maintenance session')} a year "
        f"{'is' if per_year == 1 else 'are'} taken as meant: that fits the dates best",
    )


def _best_fit(maintenance: Sequence[Appointment], last: date, most: int) -> int:
    def misfit(per_year: int) -> tuple[int, int, int]:
        placed = _placed(maintenance, last, per_year)
        excess = sum(each.excess_days for each in placed)
        return excess, sum(abs(each.off_days) for each in placed), per_year

    return min(range(1, most + 1), key=misfit)


def _placed(maintenance: Sequence[Appointment], last: date, per_year: int) -> list[_Placed]:
    """Each with the day that it is due on.

    Of several that are near enough to the same due day the nearest has it, the others the next.
    """
    placed = []
    for each in maintenance:
        number = each.due_number or _nearest(each.day, last, per_year)
        placed.append(_Placed(each, number, _due(last, number, per_year)))
    holders: dict[int, _Placed] = {}
    for one in sorted(placed, key=lambda one: abs(one.off_days)):
        holders.setdefault(one.number, one)
    return [
        one
        if one is holders[one.number] or one.excess_days
        else replace(one, number=one.number + 1, due=_due(last, one.number + 1, per_year))
        for one in placed
    ]


def _nearest(day: date, last: date, per_year: int) -> int:
    about = round((day - last).days * per_year / _DAYS_A_YEAR)
    numbers = range(max(1, about - 1), max(1, about) + 2)
    return min(numbers, key=lambda number: abs((day - _due(last, number, per_year)).days))


@lru_cache(maxsize=4096)
def _due(last: date, number: int, per_year: int) -> date:
    return due_day(last, number * _MONTHS_A_YEAR // per_year)


def _too_many_a_year(
    maintenance: Sequence[Appointment], last: date, per_year: int, limits: Limits
) -> Iterator[Breach]:
    """Each belongs to the year of the due day that it comes nearest to."""
    most = limits.max_maintenance_per_year
    by_year: dict[int, list[Appointment]] = {}
    for each in maintenance:
        number = each.due_number or _nearest(each.day, last, per_year)
        by_year.setdefault((number - 1) // per_year + 1, []).append(each)
    for year, held in sorted(by_year.items()):
        extra = len(held) - most
        if extra > 0:
            text = (
                f"{sessions_text(len(held), 'maintenance session')} in year {year} after the "
                f"course ({where(held[0], held[-1])}): {extra} more than {most}{_narrowed(limits)}"
            )
            yield breach_of("R3", held, text, extra, "sessions")


def _off_due(placed: _Placed) -> Breach | None:
    excess = placed.excess_days
    if not excess:
        return None
    session, off = placed.appointment, placed.off_days
    due = "it is due, on" if session.due_number else "the nearest day on which one is due,"
    text = (
        f"{session.name} ({where(session)}) comes {days_text(abs(off))} "
        f"{'after' if off > 0 else 'before'} {due} {day_text(placed.due)}: "
        f"{days_text(excess)} more than {MAINTENANCE_SLACK_DAYS}"
    )
    return breach_of("R3", (session,), text, excess, "days")


def _narrowed(limits: Limits) -> str:
    if limits.max_maintenance_per_year == MAX_MAINTENANCE_PER_YEAR:
        return ""
    return f" ({MAINTENANCE_PER_YEAR.id} as the clinic narrows it)"
