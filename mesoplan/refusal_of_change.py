"""Why a change leaves no legal plan, and what would help: each way out was planned first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mesoplan.availability import last_day
from mesoplan.changes import Cancel, Extend, Miss, Move
from mesoplan.days import DateRange, day_text, list_text, span_text
from mesoplan.errors import Conflict, WayOut
from mesoplan.refusal import WaysOut, course_conflict
from mesoplan.rest_of_course import search_for, solve_rest, unusable_by_hand
from mesoplan.rules import INTERVAL_DAYS, LONGEST_DELAY_DAYS, MAX_START_SLIP_DAYS
from mesoplan.solver import members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from mesoplan.changes import Change
    from mesoplan.model import Plan, Request
    from mesoplan.rest_of_course import NoDays, Rest, Search

    TryAgain = Callable[[Plan, Change], Plan | None]

_EXAMPLE_OF_A_REASON = "ill"


def conflict_of(rest: Rest, found: NoDays) -> Conflict:
    """Why the rest of a course finds no legal days."""
    if found.why == "TOO_LATE":
        return _too_late(rest)
    if found.why == "NO_LATE_DAY":
        return _no_late_day(rest)
    if found.why == "PINNED_DAY":
        return _pinned_day(rest)
    search = found.search or search_for(rest)
    if solve_rest(rest, search, bound=False) is not None:
        return _pinned_apart(rest, search)
    return course_conflict(
        rest.availability,
        last_day(rest.task.request),
        search.origin,
        search.usable,
        search.starts,
        rest.task.sessions,
        rest.task.limits,
        search.first_number,
    )


def _too_late(rest: Rest) -> Conflict:
    last, limits = rest.facts[-1], rest.task.limits
    passed = (rest.first_day - last.day).days
    legal = rest.last_legal_day or last.day
    text = (
        f"session {rest.next_number} of {rest.task.sessions} must come {limits.interval_rule.limit}"
        f" after session {last.number} ({day_text(last.day)}), on {day_text(legal)} at the latest "
        f"({limits.interval_rule_text}), and {day_text(rest.first_day)}, {passed} days after it, "
        "is the first day that is left"
    )
    return Conflict(
        "TOO_LATE", INTERVAL_DAYS.id, rest.task.sessions, rest.next_number, (legal,), text
    )


def _no_late_day(rest: Rest) -> Conflict:
    last = rest.first_day + timedelta(days=LONGEST_DELAY_DAYS)
    text = (
        f"no day on {span_text(rest.first_day, last)} can be used that leaves a legal course for "
        f"session {rest.next_number} and those after it"
    )
    days = (rest.first_day, last)
    return Conflict("TOO_LATE", None, rest.task.sessions, rest.next_number, days, text)


def _pinned_day(rest: Rest) -> Conflict:
    day, why = next(unusable_by_hand(rest))
    pin = rest.pin
    if pin is not None and pin.day == day:
        number, what = pin.number, f"session {pin.number} can't be on {day_text(day)}"
    else:
        session = next(each for each in rest.agreed if each.day == day)
        number = session.number
        what = f"session {number} was put on {day_text(day)} by hand, and can't stay there"
    return Conflict("PINNED", None, rest.task.sessions, number, (day,), f"{what}: {why}")


def _pinned_apart(rest: Rest, search: Search) -> Conflict:
    """The conflict of days that were chosen by hand, where a course without them is legal."""
    pin, sessions, limits = rest.pin, rest.task.sessions, rest.task.limits
    rule = f"{limits.interval_rule.limit} from each to the next, {limits.interval_rule_text}"
    fixed = [session for session in rest.agreed if session.fixed]
    if pin is None or solve_rest(replace(rest, pin=None), search) is None:
        days = tuple(session.day for session in fixed)
        text = (
            f"no legal course of {sessions} sessions has a session on {list_text(days)}, chosen by "
            f"hand ({rule})"
        )
        return Conflict("PINNED", INTERVAL_DAYS.id, sessions, fixed[0].number, days, text)
    text = f"with session {pin.number} on {day_text(pin.day)} no legal course is left ({rule})"
    legal = legal_days(rest, search)
    if legal:
        text += f"; it can be on {_runs_text(legal)}"
    if fixed:
        by_hand = list_text([session.day for session in fixed])
        text += f", while {by_hand} {'stay' if len(fixed) > 1 else 'stays'} as chosen by hand"
    return Conflict("PINNED", INTERVAL_DAYS.id, sessions, pin.number, (pin.day,), text)


def legal_days(rest: Rest, search: Search) -> list[date]:
    """The days on which the pinned session can be in some legal course."""
    pin = rest.pin
    if pin is None or pin.number < search.first_number:
        return []
    days = (search.origin + timedelta(days=day) for day in members(search.usable))
    # Of another day only that counts that it can be used: any time on it will do.
    return [
        day
        for day in days
        if solve_rest(replace(rest, pin=replace(pin, day=day, clock=None)), search) is not None
    ]


def _runs_text(days: list[date]) -> str:
    runs: list[DateRange] = []
    for day in days:
        if runs and (day - runs[-1].last).days == 1:
            runs[-1] = DateRange(runs[-1].first, day)
        else:
            runs.append(DateRange(day, day))
    texts = [str(run) for run in runs]
    shown = texts if len(texts) < 4 else [*texts[:2], f"{len(texts) - 3} more", texts[-1]]
    return ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + shown[-1]


def ways_out_of_change(
    plan: Plan, change: Change, conflict: Conflict, rest: Rest, try_again: TryAgain
) -> tuple[WayOut, ...]:
    """The smallest changes of each kind after which a legal plan is left, each one planned."""
    if conflict.code == "TOO_LATE":
        return tuple(_late(plan, change, try_again))
    found = [*_another_day(plan, change, conflict, rest, try_again)]
    if not isinstance(change, Extend | Cancel):
        found += _fewer(plan, change, try_again)

    def solve_again(request: Request) -> Plan | None:
        # What is offered here depends neither on START nor on how many sessions were typed.
        kept = replace(request, start=plan.request.start)
        return try_again(replace(plan, request=kept), change)

    ways = WaysOut(
        replace(plan.request, start=rest.first_day, flex_days=0),
        conflict,
        rest.first_day,
        rest.task.duration_minutes,
        rest.task.limits,
        solve_again,
    )
    found += [way for way in (ways.one_open_day(), *ways.patient_comes(), ways.later_end()) if way]
    return tuple(found)


def _late(plan: Plan, change: Change, try_again: TryAgain) -> Iterator[WayOut]:
    """The late session, where a reason is all that it lacks."""
    if isinstance(change, Cancel) or change.late is not None:
        return
    late = replace(change, late=_EXAMPLE_OF_A_REASON)
    found = try_again(plan, late)
    if found is None:
        return
    session = next((each for each in found.standing if each.late == _EXAMPLE_OF_A_REASON), None)
    if session is not None:
        text = f"say why it is late; the earliest day is {day_text(session.day)}"
        yield WayOut(text, {"late": session.day})


def _another_day(
    plan: Plan, change: Change, conflict: Conflict, rest: Rest, try_again: TryAgain
) -> Iterator[WayOut]:
    """The nearest other days to the one that was asked for, the earlier one first."""
    if not isinstance(change, Move | Miss) or change.day is None or conflict.code != "PINNED":
        return
    for step in (-1, 1):
        for off in range(1, MAX_START_SLIP_DAYS):
            day = change.day + timedelta(days=step * off)
            if day < rest.first_day:
                break
            for clock in dict.fromkeys((change.clock, None)):
                if try_again(plan, replace(change, day=day, clock=clock)) is not None:
                    at = f" {clock:%H:%M}" if clock else ""
                    text = f"put it on {day_text(day)}{at}"
                    yield WayOut(text, {"when": f"{day}{at}"})
                    break
            else:
                continue
            break


def _fewer(plan: Plan, change: Change, try_again: TryAgain) -> Iterator[WayOut]:
    """The most sessions, fewer than the course has, with which the change leaves a legal plan."""
    least = plan.request.protocol.limits.min_sessions if plan.request.protocol else 3
    for by in range(1, plan.total_sessions - least + 1):
        sessions = plan.total_sessions - by
        shorter = try_again(plan, Extend(-by))
        if shorter is None:
            continue
        if try_again(shorter, change) is not None:
            text = f"plan {sessions} sessions first"
            yield WayOut(text, {"extend": -by})
            return
