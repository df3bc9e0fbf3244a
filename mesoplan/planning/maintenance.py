"""Maintenance of a plan that changes: it follows the end of the course."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange, day_text
from mesoplan.dates.times import minutes_of
from mesoplan.errors import InvalidInput
from mesoplan.model.plan import Notice, Reason, ReasonCode, Session, Status
from mesoplan.model.refusal import Conflict
from mesoplan.planning.placement import due_day, maintenance_day, maintenance_window
from mesoplan.planning.rest_of_course import later_than_needed
from mesoplan.planning.solver import members
from mesoplan.rules.limits import LONGEST_DELAY_DAYS, MAINTENANCE_SLACK_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mesoplan.model.plan import Plan
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.problem import Task
    from mesoplan.planning.rest_of_course import Pin


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """How the maintenance of a plan is to go on."""

    plan: Plan
    """As it is before the change, without what the change drops."""
    task: Task
    now: datetime
    availability: Availability
    """For maintenance: none of its days is past, and agreed times stay where they fit."""
    first_day: date
    """The first day that is not past."""
    given_up: frozenset[int] = frozenset()
    """The numbers of those that are not wanted any more."""
    again: int | None = None
    """The number of the one that was missed."""
    pin: Pin | None = None
    late: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedUpkeep:
    """Maintenance after a change."""

    sessions: tuple[Session, ...]
    """In order; a new one has an empty UID."""
    notices: tuple[Notice, ...]


def place_upkeep(upkeep: Upkeep, last: date) -> PlacedUpkeep | Conflict:
    """The maintenance that follows a course whose last session is on *last*.

    What took place stays. Of the others one stays where it is while its due day stays, or while it
    was chosen by hand and is still within 14 days of the due day (R3), and can be used; otherwise
    it goes to the nearest usable day. Raises InvalidInput for a reason to be late where legal days
    are left.
    """
    per_year = upkeep.task.maintenance_per_year
    standing = {session.number: session for session in upkeep.plan.maintenance}
    sessions: list[Session] = []
    notices: list[Notice] = []
    for number in range(1, per_year * upkeep.task.request.years + 1):
        before = standing.get(number)
        due = due_day(last, number * 12 // per_year)
        if before is not None and before.is_past(upkeep.now):
            sessions.append(before)
            continue
        if before is None and number in upkeep.given_up:
            continue
        placed = _placed(upkeep, number, due, before)
        if isinstance(placed, Session):
            sessions.append(placed)
        elif _is_asked_for(upkeep, number):
            return placed
        else:
            notices.append(Notice("MAINTENANCE_LEFT_OUT", f"left out: {placed.text}"))
    return PlacedUpkeep(tuple(sessions), tuple(notices))


def _is_asked_for(upkeep: Upkeep, number: int) -> bool:
    """Whether a maintenance that finds no day is refused, and not left out."""
    named = upkeep.again == number or (upkeep.pin is not None and upkeep.pin.number == number)
    return named or upkeep.task.request.maintenance_per_year is not None


def _placed(upkeep: Upkeep, number: int, due: date, before: Session | None) -> Session | Conflict:
    last_legal = due + timedelta(days=MAINTENANCE_SLACK_DAYS)
    availability = upkeep.availability
    pin = upkeep.pin if upkeep.pin is not None and upkeep.pin.number == number else None
    named = pin is not None or upkeep.again == number
    if named and last_legal < upkeep.first_day:
        return _placed_late(upkeep, number, due, before, pin)
    carried = pin is not None and pin.appointment is not None and pin.appointment.late
    if named and upkeep.late is not None and not carried:
        raise InvalidInput(
            f"nothing is late: maintenance {number} has legal days left, until "
            f"{day_text(last_legal)} (R3)",
            "leave out --late",
        )
    if pin is not None:
        why = _why_not_on(availability, pin, due)
        if why is not None:
            return Conflict("PINNED", "R3", 0, number, (pin.day,), f"maintenance {number} {why}")
        return _session(upkeep, number, due, pin.day, before, fixed=True)
    if before is not None and _stays(upkeep, before, due):
        return _session(upkeep, number, due, before.day, before, fixed=before.pinned)
    day = maintenance_day(due, availability)
    if day is None:
        from mesoplan.planning.conflicts import maintenance_conflict

        return maintenance_conflict(availability, number, due)
    return _session(upkeep, number, due, day, before)


def _stays(upkeep: Upkeep, before: Session, due: date) -> bool:
    if upkeep.availability.blockers(before.day):
        return False
    if before.late is not None and before.day > due:
        return True
    is_near = abs((before.day - due).days) <= MAINTENANCE_SLACK_DAYS
    return is_near and (before.due == due or before.pinned)


def _why_not_on(availability: Availability, pin: Pin, due: date) -> str | None:
    """Why maintenance can't be on the day, or at the time, that was asked for."""
    off = abs((pin.day - due).days)
    if off > MAINTENANCE_SLACK_DAYS:
        return (
            f"can't be on {day_text(pin.day)}: it is due on {day_text(due)}, and must be within "
            f"{MAINTENANCE_SLACK_DAYS} days of that (R3)"
        )
    blockers = availability.blockers(pin.day)
    if blockers:
        phrases = "; ".join(each.phrase(pin.day) for each in blockers)
        return f"can't be on {day_text(pin.day)}: {phrases}"
    if pin.clock is None:
        return None
    why = availability.slots.why_not_at(pin.day, minutes_of(pin.clock))
    return why and f"can't be on {day_text(pin.day)} at {pin.clock:%H:%M}: {why}"


def _placed_late(
    upkeep: Upkeep, number: int, due: date, before: Session | None, pin: Pin | None
) -> Session | Conflict:
    """The maintenance on the earliest usable day, if there is a reason for its being late.

    Raises InvalidInput where a later day was asked for.
    """
    earliest = upkeep.first_day
    if upkeep.late is None:
        text = (
            f"maintenance {number} was due on {day_text(due)}, and all days within "
            f"{MAINTENANCE_SLACK_DAYS} days of that are past (R3)"
        )
        return Conflict("TOO_LATE", "R3", 0, number, (earliest,), text)
    usable = upkeep.availability.usable(earliest, LONGEST_DELAY_DAYS)
    for offset in members(usable):
        day = earliest + timedelta(days=offset)
        if pin is not None and pin.day > day:
            raise later_than_needed(f"maintenance {number}", day, pin.day)
        return _session(upkeep, number, due, day, before, fixed=pin is not None, late=upkeep.late)
    text = f"maintenance {number} finds no usable day within a year of {day_text(earliest)}"
    return Conflict("MAINTENANCE", "R3", 0, number, (earliest,), text)


def _session(
    upkeep: Upkeep,
    number: int,
    due: date,
    day: date,
    before: Session | None,
    *,
    fixed: bool = False,
    late: str | None = None,
) -> Session:
    availability = upkeep.availability
    start, end = upkeep.task.moments(day, availability)
    stays = before is not None and before.day == day
    late = before.late if before is not None and stays and late is None else late
    window = DateRange(day, day) if late else _window(due, day, availability)
    if before is not None and stays and before.due == due and before.start == start:
        return replace(before, pinned=fixed, window=window)
    return Session(
        number=number,
        kind="maintenance",
        uid=before.uid if before is not None else "",
        start=start,
        end=end,
        due=due,
        window=window,
        status=Status.PLANNED,
        sequence=before.sequence if before is not None else 0,
        reasons=(
            *_reasons_for_day(availability, day, due, fixed=fixed, late=late),
            *times_by_hand(availability.reasons_for_time(day), by_hand=fixed),
        ),
        pinned=fixed,
        late=late,
    )


def _window(due: date, day: date, availability: Availability) -> DateRange:
    if abs((day - due).days) > MAINTENANCE_SLACK_DAYS:
        return DateRange(day, day)
    return maintenance_window(due, availability.without(ReasonCode.PAST))


def _reasons_for_day(
    availability: Availability, day: date, due: date, *, fixed: bool, late: str | None
) -> tuple[Reason, ...]:
    if day == due:
        return ()
    if late is not None:
        return (Reason(ReasonCode.PAST, f"no legal day is left: {late}", (day,)),)
    blocked = availability.reasons([due])
    if fixed:
        return (*blocked, Reason(ReasonCode.PINNED, f"{day_text(day)} was chosen by hand", (day,)))
    return blocked or (Reason(ReasonCode.AGREED, f"{day_text(day)} was agreed before", (day,)),)


def times_by_hand(reasons: Iterable[Reason], *, by_hand: bool) -> Iterator[Reason]:
    """Why a session is not at its preferred time; *by_hand* where its day and time were chosen."""
    for reason in reasons:
        if by_hand and reason.code is ReasonCode.AGREED:
            text = reason.text.replace("was agreed before", "was chosen by hand")
            yield replace(reason, code=ReasonCode.PINNED, text=text)
        else:
            yield reason
