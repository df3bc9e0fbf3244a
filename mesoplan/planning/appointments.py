"""The appointments of one course, wherever they were read, in the form in which rules look at them.

A plan knows which of its appointments are maintenance. Of dates that somebody else wrote down that
is often not told; it is worked out then, and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from mesoplan.dates.days import day_text, days_text
from mesoplan.model.plan import Notice, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from mesoplan.model.plan import Plan, Session

Kind = Literal["course", "maintenance"]

MAINTENANCE_GAP_DAYS = 90
"""So many days without an appointment are taken to end a course, where nothing else tells."""

_STANDING = {Status.PLANNED, Status.ATTENDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A date that a file has, and what the file tells of it; nothing of whom it is about."""

    day: date
    """In the clinic's zone."""
    start: datetime | None = None
    """An aware moment in the clinic's zone; None where only the day is told."""
    end: datetime | None = None
    kind: Kind | None = None
    """None where it is not told."""
    line: int | None = None
    """The line of the file, where its reader would look for it."""
    course: str = ""
    """What tells apart the courses of one file. Never shown: it may be a name."""


@dataclass(frozen=True, slots=True)
class FoundDates:
    """What the reader of a file gives back."""

    dates: tuple[FoundDate, ...]
    notes: tuple[Notice, ...] = ()
    """What could not be read, or was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One appointment of a course."""

    kind: Kind
    number: int
    """Counts from 1 within its kind."""
    day: date
    start: datetime | None = None
    """An aware moment in the clinic's zone; None where only the day is known."""
    end: datetime | None = None
    line: int | None = None
    """The line of a file; None where that helps nobody."""
    due_number: int | None = None
    """Which maintenance it is, counted from the end of the course; None where nobody said."""

    @property
    def name(self) -> str:
        """“session 4”, “maintenance session 1”."""
        kind = "maintenance session" if self.kind == "maintenance" else "session"
        return f"{kind} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The appointments of one course with its maintenance, each in the order of their days."""

    sessions: tuple[Appointment, ...]
    maintenance: tuple[Appointment, ...] = ()
    maintenance_per_year: int | None = None
    """None where it is not told."""
    is_whole: bool = True
    """Whether all its sessions are here. Few are no breach otherwise: some are not in the file, or
    what was left of the course was cancelled."""
    notes: tuple[Notice, ...] = ()
    """What had to be assumed."""

    @property
    def first_line(self) -> int | None:
        """The first of the lines that it stands in; None where they are not known."""
        lines = (each.line for each in (*self.sessions, *self.maintenance))
        return min((line for line in lines if line is not None), default=None)


def course_of_plan(plan: Plan) -> Course:
    """The appointments of a plan that stand: planned or attended, not missed and not cancelled."""
    return Course(
        sessions=_of_plan(plan.sessions),
        maintenance=_of_plan(plan.maintenance),
        maintenance_per_year=plan.maintenance_per_year,
        is_whole=plan.is_whole and not plan.cancelled,
    )


def courses_of(found: Iterable[FoundDate]) -> tuple[Course, ...]:
    """The courses that the dates make up, in the order in which each first appears."""
    by_course: dict[str, list[FoundDate]] = {}
    for each in found:
        by_course.setdefault(each.course, []).append(each)
    return tuple(map(_course, by_course.values()))


def in_order(each: FoundDate | Appointment) -> tuple[date, float, int]:
    """What dates are sorted by: the day, then the time where it is known, then the line."""
    return each.day, each.start.timestamp() if each.start else 0, each.line or 0


def _of_plan(sessions: Iterable[Session]) -> tuple[Appointment, ...]:
    return tuple(
        Appointment(
            kind=session.kind,
            number=session.number,
            day=session.day,
            start=session.start,
            end=session.end,
            due_number=session.number if session.kind == "maintenance" else None,
        )
        for session in sorted(sessions, key=lambda session: session.start)
        if session.status in _STANDING
    )


def _course(found: Sequence[FoundDate]) -> Course:
    dates = sorted(found, key=in_order)
    notes: tuple[Notice, ...] = ()
    if any(each.kind for each in dates):
        kinds: list[Kind] = [each.kind or "course" for each in dates]
    else:
        end = _end_of_course(dates)
        kinds = ["course" if index < end else "maintenance" for index in range(len(dates))]
        if end < len(dates):
            notes = (_taken_as_maintenance(dates, end),)
    of_kind: dict[Kind, list[Appointment]] = {"course": [], "maintenance": []}
    for each, kind in zip(dates, kinds, strict=True):
        appointment = Appointment(
            kind=kind,
            number=len(of_kind[kind]) + 1,
            day=each.day,
            start=each.start,
            end=each.end,
            line=each.line,
        )
        of_kind[kind].append(appointment)
    return Course(
        sessions=tuple(of_kind["course"]), maintenance=tuple(of_kind["maintenance"]), notes=notes
    )


def _end_of_course(dates: Sequence[FoundDate]) -> int:
    """The index of the first date that is taken as maintenance; their number where none is."""
    for index, (before, after) in enumerate(pairwise(dates), start=1):
        if (after.day - before.day).days >= MAINTENANCE_GAP_DAYS:
            return index
    return len(dates)


def _taken_as_maintenance(dates: Sequence[FoundDate], end: int) -> Notice:
    first, count = dates[end].day, len(dates) - end
    which = f"the date {day_text(first)} is" if count == 1 else f"the {count} last dates are"
    when = "" if count == 1 else f" {day_text(first)}"
    return Notice(
        "MAINTENANCE_TAKEN",
        f"{which} taken as maintenance, since{when or ' it'} comes "
        f"{days_text((first - dates[end - 1].day).days)} after the date before; from "
        f"{days_text(MAINTENANCE_GAP_DAYS)} on a course is taken to be over",
    )
