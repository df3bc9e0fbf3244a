"""Why a change leaves no legal plan, and what would help: each way out was planned first."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange, day_text, days_text, list_text, span_text
from mesoplan.dates.times import minutes_of
from mesoplan.model.changes import Cancel, Extend, Miss, Move
from mesoplan.model.refusal import Conflict, WayOut
from mesoplan.planning.availability import last_day
from mesoplan.planning.conflicts import course_conflict
from mesoplan.planning.rest_of_course import (
    legal_days,
    onward,
    search_for,
    solve_rest,
    unusable_by_hand,
)
from mesoplan.planning.solver import reachable
from mesoplan.planning.ways_out import WaysOut
from mesoplan.rules.limits import INTERVAL_DAYS, LONGEST_DELAY_DAYS, MAINTENANCE_SLACK_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from mesoplan.model.changes import Change
    from mesoplan.model.plan import Plan
    from mesoplan.model.request import Request
    from mesoplan.planning.rest_of_course import NoDays, Rest, Search

    TryAgain = Callable[[Plan, Change], Plan | None]

_EXAMPLE_OF_A_REASON = "ill"


def conflict_of(rest: Rest, found: NoDays) -> Conflict:
    """Why the rest of a course finds no legal days."""
    if found.why == "TOO_LATE":
        return _too_late(rest)
    if found.why == "NO_LATE_DAY":
        return _no_late_day(rest)
    in_time = rest.late is None and found.why in ("PINNED_DAY", "SEARCHED")
    if in_time and (conflict := _too_near_or_far(rest)):
        return conflict
    if found.why == "PINNED_DAY":
        return _pinned_day(rest)
    if found.why == "TOO_MANY_PINNED":
        return _too_many_pinned(rest)
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
    last, limits, rule = rest.facts[-1], rest.task.limits, rest.task.limits.interval_rule
    passed = (rest.first_day - last.day).days
    legal = rest.last_legal_day or last.day
    text = (
        f"session {rest.next_number} of {rest.task.sessions} must come {rule.limit} after session "
        f"{len(rest.facts)} ({day_text(last.day)}), on {day_text(legal)} at the latest "
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


def _too_near_or_far(rest: Rest) -> Conflict | None:
    """The conflict of the next session with what took place before it, where that is plain."""
    pin = rest.pin
    if pin is None or pin.number != rest.next_number or not rest.facts:
        return None
    last, limits = rest.facts[-1], rest.task.limits
    interval = (pin.day - last.day).days
    if interval in limits.intervals:
        return None
    sessions, number = rest.task.sessions, pin.number
    text = (
        f"session {number} can't be on {day_text(pin.day)}: that is {days_text(interval)} after "
        f"session {len(rest.facts)} ({day_text(last.day)}), and it must come "
        f"{limits.interval_rule.limit} after it ({limits.interval_rule_text})"
    )
    return Conflict("PINNED", INTERVAL_DAYS.id, sessions, number, (pin.day,), text)


def _too_many_pinned(rest: Rest) -> Conflict:
    days = tuple(session.day for session in rest.agreed if session.pinned)
    text = (
        f"of {rest.task.sessions} sessions {rest.sessions} are still to come, and {len(days)} "
        f"days were chosen by hand: {list_text(days)}"
    )
    number = rest.next_number
    return Conflict("PINNED", None, rest.task.sessions, number, days, text)


def _pinned_day(rest: Rest) -> Conflict:
    day, why = next(unusable_by_hand(rest))
    pin = rest.pin
    if pin is not None and pin.day == day:
        number, what = (
            pin.number or rest.next_number,
            f"{_pinned(rest)} can't be on {day_text(day)}",
        )
    else:
        session = next(each for each in rest.agreed if each.day == day)
        number = session.number
        what = f"session {number} was put on {day_text(day)} by hand, and can't stay there"
    return Conflict("PINNED", None, rest.task.sessions, number, (day,), f"{what}: {why}")


def _pinned_apart(rest: Rest, search: Search) -> Conflict:
    """The conflict of days that were chosen by hand, where a course without them is legal."""
    pin, sessions, limits = rest.pin, rest.task.sessions, rest.task.limits
    rule = f"{limits.interval_rule.limit} from each to the next, {limits.interval_rule_text}"
    fixed = [session for session in rest.agreed if session.pinned]
    if pin is None or solve_rest(replace(rest, pin=None), search) is None:
        days = tuple(session.day for session in fixed)
        text = (
            f"no legal course of {sessions} sessions has a session on {list_text(days)}, chosen by "
            f"hand ({rule})"
        )
        return Conflict("PINNED", INTERVAL_DAYS.id, sessions, fixed[0].number, days, text)
    blocked = _blocked_after_pin(rest)
    why = f" ({rule})" if blocked is None else f": {blocked.text}"
    text = f"with {_pinned(rest)} on {day_text(pin.day)} no legal course is left{why}"
    legal = legal_days(rest, search)
    if legal:
        text += f"; it can be on {_runs_text(legal)}"
    if fixed:
        by_hand = list_text([session.day for session in fixed])
        text += f", while {by_hand} {'stay' if len(fixed) > 1 else 'stays'} as chosen by hand"
    number = pin.number or rest.next_number
    days = (pin.day, *(blocked.days if blocked is not None else ()))
    return Conflict("PINNED", INTERVAL_DAYS.id, sessions, number, days, text)


def _blocked_after_pin(rest: Rest) -> Conflict | None:
    """Where the days run out for the sessions after the pinned one, if they do."""
    pin, sessions, limits = rest.pin, rest.task.sessions, rest.task.limits
    if pin is None or pin.number is None:
        return None
    search = onward(rest, pin.day, pin.number)
    if all(reachable(search.usable, search.starts, sessions - pin.number, limits.intervals)):
        return None
    end = last_day(rest.task.request)
    origin, usable, starts = search.origin, search.usable, search.starts
    return course_conflict(
        rest.availability, end, origin, usable, starts, sessions, limits, pin.number
    )


def _pinned(rest: Rest) -> str:
    """“session 4”, or “a session” where any will do."""
    number = rest.pin.number if rest.pin is not None else None
    return "a session" if number is None else f"session {number}"


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
    if conflict.code == "TOO_LATE" and not isinstance(change, Cancel):
        return (*_late(plan, change, try_again), *_left_out(plan, change, try_again))
    found = [*_another_day(plan, change, conflict, rest, try_again)]
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
    found += [way for way in (ways.one_open_day(), *ways.patient_comes()) if way]
    found += _later_end(ways)
    return tuple(found)


def _later_end(ways: WaysOut) -> Iterator[WayOut]:
    """The earliest later departure or deadline; with a later one there are only more days."""
    if last_day(ways.request) is None:
        return
    options = range(1, LONGEST_DELAY_DAYS + 1)
    place = bisect_left(options, True, key=lambda days: _works(ways, days))
    if place < len(options):
        text, change = ways.ended_later(options[place])
        yield WayOut(text, change)


def _works(ways: WaysOut, days: int) -> bool:
    return ways.plan_with(ways.ended_later(days)[1]) is not None


def _late(plan: Plan, change: Change, try_again: TryAgain) -> Iterator[WayOut]:
    """The late session, where a reason is all that it lacks."""
    if isinstance(change, Cancel) or change.late is not None:
        return
    late = replace(change, late=_EXAMPLE_OF_A_REASON)
    found = try_again(plan, late)
    if found is None:
        return
    late_before = {(each.uid, each.day) for each in plan.active if each.late is not None}
    session = next(
        (
            each
            for each in found.active
            if each.late is not None and (each.uid, each.day) not in late_before
        ),
        None,
    )
    if session is not None:
        text = f"say why it is late; the earliest day is {day_text(session.day)}"
        yield WayOut(text, {"late": session.day})


def _left_out(plan: Plan, change: Change, try_again: TryAgain) -> Iterator[WayOut]:
    """The session that was missed is not made up for."""
    if isinstance(change, Miss) and try_again(plan, Cancel(change.session)) is not None:
        left = plan.total_sessions - (change.session.kind == "course")
        text = "do without it" + (f": {left} sessions" if left < plan.total_sessions else "")
        yield WayOut(text, {"cancel": change.session})


def _another_day(
    plan: Plan, change: Change, conflict: Conflict, rest: Rest, try_again: TryAgain
) -> Iterator[WayOut]:
    """The nearest other days to the one that was asked for, the earlier one first."""
    if not isinstance(change, Move | Miss) or change.day is None or conflict.code != "PINNED":
        return
    if change.clock is not None:
        yield from _other_times(plan, change, change.day, change.clock, rest, try_again)
    for step in (-1, 1):
        yield from _first_that_works(plan, change, _candidates(plan, change, rest, step), try_again)


def _other_times(
    plan: Plan, change: Move | Miss, day: date, clock: time, rest: Rest, try_again: TryAgain
) -> Iterator[WayOut]:
    """The free times on the day that was asked for, next to the one that was asked for."""
    of_course = change.session.kind == "course"
    days = rest.task.for_course() if of_course else rest.task.for_maintenance()
    for minutes in days.slots.keeping({}, rest.now).near(day, minutes_of(clock)):
        other = time(*divmod(minutes, 60))
        if try_again(plan, replace(change, clock=other)) is not None:
            when = f"{day_text(day)} {other:%H:%M}"
            yield WayOut(f"put it on {when}", {"when": f"{day} {other:%H:%M}"})


def _first_that_works(
    plan: Plan, change: Move | Miss, days: Iterable[date], try_again: TryAgain
) -> Iterator[WayOut]:
    """The first of the days that will do, with the time that the session gets there."""
    for day in days:
        for clock in dict.fromkeys((change.clock, None)):
            found = try_again(plan, replace(change, day=day, clock=clock))
            if found is not None:
                start = next(each.start for each in found.active if each.day == day)
                at = f" {start:%H:%M}" if change.clock is not None else ""
                yield WayOut(f"put it on {day_text(day)}{at}", {"when": f"{day}{at}"})
                return


def _candidates(plan: Plan, change: Move | Miss, rest: Rest, step: int) -> list[date]:
    """Days before (-1) or after (1) the one that was asked for, the nearest first."""
    asked = change.day
    if asked is None:
        return []
    named = plan.find(change.session)
    own = named.day if named is not None else None
    if change.session.kind == "course" and rest.pin is not None:
        days = legal_days(replace(rest, pin=replace(rest.pin, clock=None)), search_for(rest))
    else:
        around = range(-2 * MAINTENANCE_SLACK_DAYS, 2 * MAINTENANCE_SLACK_DAYS + 1)
        due = named.due if named is not None and named.due is not None else asked
        days = [due + timedelta(days=off) for off in around]
    days = [day for day in days if day >= rest.first_day and day != own]
    return sorted(
        (day for day in days if (day > asked) == (step > 0) and day != asked),
        key=lambda day: abs(day - asked),
    )


def _fewer(plan: Plan, change: Change, try_again: TryAgain) -> Iterator[WayOut]:
    """The most sessions, fewer than the course is to have, that leave a legal plan."""
    least = plan.request.limits.min_sessions
    if isinstance(change, Extend):
        for by in range(change.by - 1, least - plan.total_sessions - 1, -1):
            if by and try_again(plan, replace(change, by=by)) is not None:
                yield WayOut(f"plan {plan.total_sessions + by} sessions", {"by": by})
                return
    elif isinstance(change, Cancel):
        if try_again(plan, Extend(-1)) is not None:
            text = f"plan {plan.total_sessions - 1} sessions, whichever goes"
            yield WayOut(text, {"extend": -1})
    else:
        for by in range(1, plan.total_sessions - least + 1):
            shorter = try_again(plan, Extend(-by))
            if shorter is not None and try_again(shorter, change) is not None:
                yield WayOut(f"plan {plan.total_sessions - by} sessions first", {"extend": -by})
                return
