"""The slow, obviously right search that re-planning at a clinic with practitioners is held against.

It is the one for changes, asked once for each practitioner who might treat. The clinics have one
time of day, so that a day is as good as a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

from mesoplan.model.changes import Attend, Cancel, Change, Miss, Move
from mesoplan.model.plan import Plan
from mesoplan.model.request import Request
from tests.oracle import is_usable
from tests.oracle_changes import (
    INVALID,
    Outcome,
    Replanned,
    Unclear,
    expected,
    protocol_phases,
    wanted_intervals,
)
from tests.oracle_clinic import ClinicOracle, OtherSession, is_nonsense, tries


def days_with(request: Request, others: Sequence[OtherSession]) -> Callable[[Request, date], bool]:
    """Whether a day is usable, with whoever the request names, or with anybody who is free."""
    oracle = ClinicOracle(request, others)
    known: dict[date, bool] = {}

    def is_free(day: date) -> bool:
        (slot,) = oracle.slots(day)
        return oracle.is_free(slot)

    def usable(asked: Request, day: date) -> bool:
        if not is_usable(asked, day):
            return False
        if day not in known:
            known[day] = is_free(day)
        return known[day]

    return usable


def how_good(
    outcome: Replanned, plan: Plan, request: Request, *, keeps_rhythm: bool
) -> tuple[object, ...]:
    """What the best of several has least: days that are new, then as of any course."""
    days = [*(day for _, day in outcome.facts), *outcome.rest]
    agreed = {session.day for session in (*outcome.planned, *outcome.freed)}
    new = sum(day not in agreed for day in outcome.rest)
    before = plan.request
    if (request.interval_days, request.weekdays) != (before.interval_days, before.weekdays):
        new = 0
    others = sum(
        bool(request.weekdays) and day.weekday() not in request.weekdays for day in outcome.rest
    )
    wanted = wanted_intervals(protocol_phases(replace(plan, request=request)), outcome.total)
    squares = sum(
        ((after - before).days - preferred) ** 2
        for (before, after), preferred in zip(pairwise(days), wanted, strict=True)
    )
    if keeps_rhythm:
        return squares, new, others, days[-1:], days
    return new, others, squares, days[-1:], days


def is_of_maintenance(change: Change) -> bool:
    """Whether a change is of maintenance alone."""
    if isinstance(change, Miss):
        return all(session.kind == "maintenance" for session in change.sessions)
    if isinstance(change, Move | Cancel):
        return change.session is not None and change.session.kind == "maintenance"
    return False


def _attended(
    plan: Plan,
    change: Attend,
    now: datetime,
    request: Request,
    others: Sequence[OtherSession],
    *,
    keeps_rhythm: bool,
) -> Outcome:
    """What took place as planned moves nothing, whoever is busy on the other days by now."""
    free = days_with(request, others)
    days = {each.name: each.day for each in plan.active}
    moves = change.day is not None and change.day != days.get(change.sessions[0])
    agreed = set() if moves else set(days.values())

    def usable(asked: Request, day: date) -> bool:
        return day in agreed or free(asked, day)

    return expected(plan, change, now, request, usable, keeps_rhythm=keeps_rhythm)


def expected_at(
    plan: Plan,
    change: Change,
    now: datetime,
    request: Request,
    others: Sequence[OtherSession],
    *,
    keeps_rhythm: bool = False,
) -> tuple[Outcome, str | None]:
    """What must come of a change of a plan at a clinic, and who treats then."""

    def with_whom(asked: Request) -> Outcome:
        usable = days_with(asked, others)
        return expected(plan, change, now, asked, usable, keeps_rhythm=keeps_rhythm)

    def rank(k: int) -> tuple[object, ...]:
        outcome, asked = found[k]
        return how_good(outcome, plan, asked, keeps_rhythm=keeps_rhythm)

    stays = request.practitioner
    if plan.cancelled:
        return Unclear(), stays
    if isinstance(change, Attend):
        attended = _attended(plan, change, now, request, others, keeps_rhythm=keeps_rhythm)
        return attended, stays
    if change == Cancel(None):
        return with_whom(request), stays
    if is_nonsense(request):
        return INVALID, stays
    if is_of_maintenance(change):
        keeps_rhythm = False
        usable = days_with(request, others)
        course = (each for each in plan.sessions if each.start >= now)
        general = replace(request, arrive=None, depart=None, finish_by=None)
        upkeep = (each for each in plan.maintenance if each.start >= now)
        if not (
            all(usable(request, session.day) for session in course)
            and all(usable(general, session.day) for session in upkeep)
        ):
            # Other sessions may go to other days as well.
            return Unclear(), stays
        if stays is None:
            # Of maintenance alone nobody is chosen.
            return with_whom(request), None
    outcomes = [(with_whom(each), each) for each in tries(request)]
    found = [(outcome, each) for outcome, each in outcomes if isinstance(outcome, Replanned)]
    if any(isinstance(outcome, Unclear) for outcome, _ in outcomes) or not found:
        return outcomes[0][0], outcomes[0][1].practitioner
    outcome, asked = found[min(range(len(found)), key=lambda k: (rank(k), k))]
    return outcome, asked.practitioner
