"""What the reader of a whole plan must know beside its dates."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, days_text, list_text, months_after
from mesoplan.dates.holidays import holiday_year, region_name
from mesoplan.dates.times import clock_at, clocks_change, minutes_of
from mesoplan.dates.zones import instant, shown_twice
from mesoplan.model.plan import UNDO, Notice
from mesoplan.planning.availability import further_holidays
from mesoplan.planning.planner import Refusal
from mesoplan.planning.sessions import Whys
from mesoplan.wording.reasons import holidays_of_parts_text, reason_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import time

    from mesoplan.model.causes import Conflict
    from mesoplan.model.plan import Plan, Session
    from mesoplan.planning.appointments import HolidaysOfParts
    from mesoplan.planning.planner import Solution
    from mesoplan.planning.problem import Problem
    from mesoplan.planning.slots import Slots

_NOT_WITHIN_THE_RULES = "REST_NOT_LEGAL"
_THAN_IT_DID = "later than it did"
"""What is said once, by the change that makes it so."""
_USUAL_MONTHS_AHEAD = 24


def notices_of(solution: Solution, plan: Plan) -> Iterator[Notice]:
    """What is to be said of the plan that a solution was written as."""
    problem, fewer, left = solution.problem, solution.fewer, solution.left
    if problem.begins_anew:
        yield from _of_new(solution, plan)
    if fewer is not None:
        text = f"{problem.sessions} sessions, not {fewer.problem.sessions}: {_conflict(fewer).text}"
        yield Notice("FEWER_SESSIONS", text)
    if not problem.begins_anew:
        yield from _carried(problem, plan)
    for each in () if solution.maintenance is None else solution.maintenance.left_out:
        text = f"left out: {_conflict(Refusal(problem, each)).text}"
        yield Notice("MAINTENANCE_LEFT_OUT", text)
    yield from _of_days(problem, plan)
    if not problem.begins_anew:
        yield from late_notices(plan)
    if left is not None:
        conflict = _conflict(left)
        how = " with --late" if conflict.code == "TOO_LATE" else ""
        text = f"what comes after it is left as it is, and is not legal: {conflict.text}"
        yield Notice(_NOT_WITHIN_THE_RULES, f"{text}; “move” and “miss”{how} plan it anew")


def _conflict(refusal: Refusal) -> Conflict:
    # Not needed for most plans.
    from mesoplan.wording.refusals import why_none

    found = why_none(refusal)
    text = " ".join(found.text.splitlines()).rstrip(".")
    return found._replace(text=text[:1].lower() + text[1:])


def _of_new(solution: Solution, plan: Plan) -> Iterator[Notice]:
    """What is to be said of where a new course begins and ends."""
    problem = solution.problem
    first, last = plan.sessions[0].day, plan.sessions[-1].day
    start, end = problem.request.given_start, problem.end
    if start is not None and first > start:
        placed = solution.course
        causes = () if placed is None else Whys(problem, placed, placed.days).of_a_late_start()
        text = (
            f"the course begins on {day_text(first)}, {days_text((first - start).days)} after "
            f"{day_text(start)} ({'; '.join(map(reason_text, causes))})"
        )
        yield Notice("START_SLIPPED", text)
    if start is None and end is not None:
        early_days = (end.day - last).days
        if early_days >= problem.limits.max_interval_days:
            text = (
                f"the course ends {days_text(early_days)} before it must, the latest way to keep "
                "nearest to its preferred intervals"
            )
            yield Notice("ENDS_EARLY", text)
    if first < problem.first_day:
        past = sum(session.day < problem.first_day for session in plan.sessions)
        text = f"session 1, on {day_text(first)}, is in the past"
        if past > 1:
            text = f"sessions 1 to {past}, from {day_text(first)} on, are in the past"
        yield Notice("IN_THE_PAST", text)
    # The year may be a slip: nobody plans so far ahead.
    if problem.today > date.min and first > months_after(problem.today, _USUAL_MONTHS_AHEAD):
        text = f"the course begins in {first.year}, on {day_text(first)}, more than two years ahead"
        yield Notice("FAR_AHEAD", f"{text}; check the year")


def _carried(problem: Problem, plan: Plan) -> Iterator[Notice]:
    """What still holds of what was said before, and that the course begins later than it did."""
    before, still = problem.before, set[str]()
    there = before.sessions and plan.sessions
    if there and before.sessions[0].day == plan.sessions[0].day:
        still.add("START_SLIPPED")
    if there and before.sessions[-1].day == plan.sessions[-1].day:
        still.add("ENDS_EARLY")
    if before.total_sessions == plan.total_sessions:
        still.add("FEWER_SESSIONS")
    said = (each for each in before.notices if not each.text.endswith(_THAN_IT_DID))
    yield from (notice for notice in said if notice.code in still)
    if _breaks_the_rules(problem, plan):
        yield from (each for each in before.notices if each.code == _NOT_WITHIN_THE_RULES)
    if there and not problem.past:
        first = plan.sessions[0].day
        later = (first - before.sessions[0].day).days
        if later > 0:
            text = f"the course begins on {day_text(first)}, {days_text(later)} {_THAN_IT_DID}"
            yield Notice("START_SLIPPED", text)


def _breaks_the_rules(problem: Problem, plan: Plan) -> bool:
    allowed = (None, *problem.limits.intervals)
    return any(
        session.interval_days not in allowed and session.late is None
        for session in plan.sessions
        if not problem.is_past(session)
    )


def late_notices(plan: Plan) -> Iterator[Notice]:
    """What stays to be said of sessions after their last day within the rules."""
    limits = plan.request.limits
    for session in plan.active:
        # Once what took place before it was put right, it may turn out to be in time.
        in_time = session.kind == "course" and session.interval_days in (None, *limits.intervals)
        if session.late is not None and not in_time:
            name = session.name.in_words
            text = f"{name}, on {day_text(session.day)}, comes after its last legal day: "
            yield Notice("LATE", text + session.late)


def notice_of_undo(plan: Plan, earlier: Plan) -> Notice:
    """What an undo takes back, or does again where it takes back an undo."""
    if plan.did == UNDO:
        again = f"“{earlier.did}”, which" if earlier.did else "what"
        return Notice("REDONE", f"this does again {again} the last undo took back")
    change = f"“{plan.did}”" if plan.did else "the last change"
    return Notice("UNDONE", f"this takes back {change}; another undo does it again")


def notices_of_numbers(before: Plan, after: Plan) -> Iterator[Notice]:
    """That sessions have other numbers than before: whoever names one next must know."""
    numbers = {each.uid: each.number for each in before.sessions}
    runs: list[tuple[int, int, int]] = []
    """The first and the last number of each run that shifts, and by how many."""
    for old, new in sorted(
        (numbers[each.uid], each.number) for each in after.sessions if each.uid in numbers
    ):
        if runs and (old - 1, new - old) == runs[-1][1:]:
            runs[-1] = (runs[-1][0], old, new - old)
        else:
            runs.append((old, old, new - old))
    shifts = []
    for first, last, by in runs:
        to = "to" if last > first + 1 else "and"
        text = f"sessions {first} {to} {last} are now sessions {first + by} {to} {last + by}"
        if first == last:
            text = f"session {first} is now session {first + by}"
        shifts += [text] * bool(by)
    if shifts:
        yield Notice("RENUMBERED", "; ".join(shifts))


def _of_days(problem: Problem, plan: Plan) -> Iterator[Notice]:
    """What the days and times of sessions ask to be said, however they came there."""
    sessions, slots = _looked_at(problem, plan)
    if sessions:
        yield from _hours(slots, sessions)
        yield from _clocks(slots, sessions)
        yield from _holidays(problem, sessions)
    if problem.caution:
        yield Notice("CAUTION", problem.caution)


def _looked_at(problem: Problem, plan: Plan) -> tuple[Sequence[Session], Slots]:
    """The sessions of which something may be said, and the slots that their times are from."""
    if problem.begins_anew:
        return plan.active, problem.slots
    coming = [session for session in plan.active if not problem.is_past(session)]
    usual = problem.usual_days.slots
    times = {
        session.day: minutes_of(session.start.time())
        for session in coming
        if _usual_time(session, usual) is None
    }
    pin = problem.of_course.pin
    if pin is not None and pin.clock is not None:
        # What was asked for, whatever the clocks make of it.
        times[pin.day] = minutes_of(pin.clock)
    # Not the agreed times: of those the clocks may have made something else.
    return coming, problem.slots.keeping(times)


def _usual_time(session: Session, slots: Slots) -> time | None:
    """When a session on its day would begin, if it does, whatever the clocks make of that."""
    best = slots.best(session.day)
    if best is None or instant(session.day, clock_at(best), slots.zone) != session.start:
        return None
    return clock_at(best)


def _hours(slots: Slots, sessions: Sequence[Session]) -> Iterator[Notice]:
    hours = " and ".join(map(str, slots.usual_spans))
    if slots.hours_are_assumed and not slots.fixed:
        text = (
            f"the clinic's opening hours are not known, so sessions are kept within {hours}; "
            "“mesoplan clinic init” makes a profile that says more"
        )
        yield Notice("HOURS_ASSUMED", text)
    opened = [session.day for session in sessions if slots.is_assumed_on(session.day)]
    if opened:
        text = f"the opening hours on {list_text(opened)} are not known; {hours} is taken"
        yield Notice("HOURS_ASSUMED", text)


def _holidays(problem: Problem, sessions: Sequence[Session]) -> Iterator[Notice]:
    first, last = sessions[0].window.first.year, sessions[-1].window.last.year
    for region in dict.fromkeys(map(region_name, problem.request.holidays)):
        years = range(first, last + 1)
        unknown = [str(year) for year in years if not holiday_year(region, year).complete]
        if unknown:
            text = f"not all holidays of {region} are known for {', '.join(unknown)}"
            yield Notice("HOLIDAYS_UNKNOWN", text)
    yield from notices_of_parts(
        further_holidays(
            problem.request,
            problem.usual_days,
            [each.day for each in sessions],
            [each.day for each in sessions if each.kind == "course"],
            chain.from_iterable(each.window for each in sessions if each.kind != "course"),
        )
    )


def notices_of_parts(found: Iterable[HolidaysOfParts]) -> Iterator[Notice]:
    """That parts of a country have further holidays, a notice for each country."""
    for each in found:
        yield Notice(each.code, holidays_of_parts_text(each))


def _clocks(slots: Slots, sessions: Sequence[Session]) -> Iterator[Notice]:
    for session in sessions:
        same_offset = session.start.utcoffset() == session.end.utcoffset()
        if same_offset and not clocks_change(session.day, slots.zone):
            continue
        asked = _usual_time(session, slots)
        if asked is None:
            # It was put there by hand, in a calendar.
            continue
        begin = f"{session.start:%H:%M} (UTC{session.start:%z})"
        if session.start.time() != asked:
            why = f"clocks skip {asked:%H:%M}: the session begins at {begin}"
        elif shown_twice(session.start):
            why = f"clocks show {asked:%H:%M} twice: the session begins at the first, {begin}"
        elif not same_offset:
            why = f"clocks change during the session: it begins at {begin} and ends at "
            why += f"{session.end:%H:%M} (UTC{session.end:%z})"
        else:
            continue
        yield Notice("CLOCK_CHANGE", f"on {day_text(session.day)} {why}")
