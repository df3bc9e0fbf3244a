"""Why there is no plan, and what would help, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mesoplan.dates.days import (
    WEEKDAYS,
    DateRange,
    day_text,
    days_text,
    list_text,
    span_text,
    weekdays_text,
)
from mesoplan.dates.holidays import region_name
from mesoplan.dates.times import clock_text, minutes_of
from mesoplan.model.causes import ClosedWeekday, Conflict, NoLegalPlan, NotOpen, Taken, WayOut
from mesoplan.model.plan import ReasonCode
from mesoplan.planning.conflicts import clash_of
from mesoplan.planning.maintenance import is_near_due
from mesoplan.rules.limits import MAINTENANCE_SLACK_DAYS
from mesoplan.wording.reasons import cause_text, causes_on, purpose_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesoplan.model.causes import Cause, LastDay
    from mesoplan.model.request import Request
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.conflicts import Clash
    from mesoplan.planning.planner import Refusal
    from mesoplan.planning.problem import Problem
    from mesoplan.planning.ways_out import Way

_MOST_CAUSES = 6


def no_legal_plan(clash: Clash, ways: Iterable[Way | None]) -> NoLegalPlan:
    """The refusal of a problem whose days run out there, with the changes that help."""
    request = clash.problem.request
    offered = (WayOut(_way_text(way, request), way.change) for way in ways if way is not None)
    return NoLegalPlan(_conflict(clash), tuple(offered))


def why_none(refusal: Refusal) -> Conflict:
    """Why a problem finds no days."""
    return _conflict(clash_of(refusal.problem, refusal.found))


def _conflict(clash: Clash) -> Conflict:
    text = _clash_text(clash)
    return Conflict(clash.code, clash.rule_id, clash.sessions, clash.session, clash.days, text)


def _clash_text(clash: Clash) -> str:
    """Why there are no days."""
    problem, number, days = clash.problem, clash.session, clash.days
    rule = problem.limits.interval_rule
    last = problem.past[-1].day if problem.past else date.min
    apart = f"must come {rule.limit} after"
    match clash.kind:
        case "TOO_LATE":
            in_time, first_day = problem.last_day_in_time or last, problem.first_day
            return (
                f"session {number} of {problem.sessions} {apart} session {number - 1} "
                f"({day_text(last)}), on {day_text(in_time)} at the latest "
                f"({problem.limits.interval_rule_text}), and {day_text(first_day)}, "
                f"{(first_day - last).days} days after it, is the first day that is left"
            )
        case "NO_LATE_DAY":
            return (
                f"no day on {span_text(*days)} can be used that leaves a legal course for "
                f"session {number} and those after it"
            )
        case "NEXT_TOO_NEAR_OR_FAR":
            return (
                f"session {number} can't be on {day_text(days[0])}: that is "
                f"{days_text((days[0] - last).days)} after session {number - 1} "
                f"({day_text(last)}), and it {apart} it ({problem.limits.interval_rule_text})"
            )
        case "TOO_MANY_PINNED":
            return (
                f"of {clash.sessions} sessions {problem.to_place} are still to come, and "
                f"{len(days)} days were chosen by hand: {list_text(days)}"
            )
        case "PINNED_DAY":
            return _pinned_day(problem, clash)
        case "DAYS_APART":
            return (
                f"no legal course of {clash.sessions} sessions has a session on "
                f"{list_text(days)}, chosen by hand ({_interval_rule(problem)})"
            )
        case "PIN_APART":
            return _pin_apart(clash)
        case "BEGINS_AFTER_END" | "NO_FIRST_DAY":
            return _no_first_day(clash)
        case "END_TOO_EARLY":
            return _end_too_early(clash)
        case "NO_DAY":
            return (
                f"session {number} of {clash.sessions} finds no day: it {apart} session "
                f"{number - 1} ({clash.span}), on {span_text(days[0], days[-1])} "
                f"({problem.limits.interval_rule_text}), and no such day can be used: "
                f"{causes_text(problem.course_days, days)}"
            )
        case _:
            return _no_maintenance(clash)


def _pinned_day(problem: Problem, clash: Clash) -> str:
    day, pin = clash.days[0], problem.of_course.pin
    if pin is not None and pin.day == day:
        what = f"{_pinned(problem)} can't be on {day_text(day)}"
    else:
        what = f"session {clash.session} was put on {day_text(day)} by hand, and can't stay there"
    blockers = problem.course_days.blockers(day)
    why = causes_on((each.cause for each in blockers), day)
    if not blockers and pin is not None and pin.clock is not None:
        minutes = minutes_of(pin.clock)
        cause = problem.slots.why_not_at(day, minutes) or ""
        at = "" if isinstance(cause, NotOpen) else f"not at {clock_text(minutes)}: "
        why = f"{at}{cause_text(cause, [day])}"
    return f"{what}: {why}"


def _interval_rule(problem: Problem) -> str:
    limits = problem.limits
    return f"{limits.interval_rule.limit} from each to the next, {limits.interval_rule_text}"


def _pin_apart(clash: Clash) -> str:
    problem, after = clash.problem, clash.after_pin
    why = f" ({_interval_rule(problem)})" if after is None else f": {_clash_text(after)}"
    text = f"with {_pinned(problem)} on {day_text(clash.days[0])} no legal course is left{why}"
    if clash.possible:
        text += f"; it can be on {_runs_text(clash.possible)}"
    if by_hand := [session.day for session in problem.by_hand]:
        stay = "stay" if len(by_hand) > 1 else "stays"
        text += f", while {list_text(by_hand)} {stay} as chosen by hand"
    return text


def _pinned(problem: Problem) -> str:
    """“session 4”, or “a session” where any will do."""
    pin = problem.of_course.pin
    return "a session" if pin is None or pin.number is None else f"session {pin.number}"


def _runs_text(days: Iterable[date]) -> str:
    runs: list[DateRange] = []
    for day in days:
        if runs and (day - runs[-1].last).days == 1:
            runs[-1] = DateRange(runs[-1].first, day)
        else:
            runs.append(DateRange(day, day))
    texts = [str(run) for run in runs]
    shown = texts if len(texts) < 4 else [*texts[:2], f"{len(texts) - 3} more", texts[-1]]
    return ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + shown[-1]


def _no_first_day(clash: Clash) -> str:
    days, end = clash.days, clash.problem.end
    by_the_end = "" if end is None else _by_the_end(end)
    if clash.kind == "BEGINS_AFTER_END":
        return f"session 1 can't be before {day_text(days[0])}, and {by_the_end}"
    causes = causes_text(clash.problem.course_days, days)
    text = f"session 1 finds no day on {span_text(days[0], days[-1])}: {causes}"
    return f"{text}; {by_the_end}" if end is not None and days[-1] == end.day else text


def _by_the_end(end: LastDay) -> str:
    return f"the last session must be on {day_text(end.day)} or before, {purpose_text(end)}"


def _end_too_early(clash: Clash) -> str:
    problem, end, span, first = clash.problem, clash.problem.end, clash.span, clash.first_number
    if end is None or span is None:
        return ""
    which = f"{clash.sessions} sessions from {day_text(span.first)}"
    if first > 1:
        which = f"the sessions after session {first} of {clash.sessions} ({day_text(span.first)})"
    text = f"{which} can't end before {day_text(span.last)}, and {_by_the_end(end)}"
    shortest = problem.limits.min_interval_days * (clash.sessions - first)
    if (end.day - span.first).days >= shortest:
        days = problem.course_days.without(ReasonCode.DEADLINE)
        text += f"; in between {causes_text(days, DateRange(span.first, end.day))}"
    return text


def _no_maintenance(clash: Clash) -> str:
    problem, due = clash.problem, day_text(clash.due)
    name, slack = f"maintenance {clash.session}", f"{MAINTENANCE_SLACK_DAYS} days"
    match clash.kind:
        case "MAINTENANCE_PINNED":
            return f"{name} can't be on {_why_not_near(clash)}"
        case "MAINTENANCE_TOO_LATE":
            return f"{name} was due on {due}, and all days within {slack} of that are past (R3)"
        case "MAINTENANCE_NO_LATE_DAY":
            return f"{name} finds no usable day within a year of {day_text(clash.days[0])}"
        case _:
            causes = causes_text(problem.maintenance_days, clash.days)
            return f"{name}, due on {due}, finds no day within {slack} of it (R3): {causes}"


def _why_not_near(clash: Clash) -> str:
    """The day, or time, on which maintenance was asked for, and why it can't be then."""
    problem, day = clash.problem, clash.days[0]
    if problem.of_maintenance.late is None and not is_near_due(day, clash.due):
        return (
            f"{day_text(day)}: it is due on {day_text(clash.due)}, and must be within "
            f"{MAINTENANCE_SLACK_DAYS} days of that (R3)"
        )
    if blockers := problem.maintenance_days.blockers(day):
        return f"{day_text(day)}: {causes_on((each.cause for each in blockers), day)}"
    pin = problem.of_maintenance.pin
    minutes = 0 if pin is None or pin.clock is None else minutes_of(pin.clock)
    why = cause_text(problem.slots.why_not_at(day, minutes) or "", [day])
    return f"{day_text(day)} at {clock_text(minutes)}: {why}"


def causes_text(availability: Availability, days: Iterable[date]) -> str:
    """What blocks the days, in words, each cause once; closed weekdays come last."""
    causes: dict[tuple[ReasonCode, Cause], list[date]] = {}
    closed_on: set[date] = set()
    for day in days:
        for code, cause in availability.blockers(day):
            if isinstance(cause, ClosedWeekday):
                closed_on.add(day)
            else:
                causes.setdefault((code, cause), []).append(day)
    listed = [_cause(code, cause, blocked) for (code, cause), blocked in causes.items()]
    if len(listed) > _MOST_CAUSES:
        listed[_MOST_CAUSES:] = [f"{len(listed) - _MOST_CAUSES} other causes"]
    if closed_on:
        listed.append(f"the clinic is closed on {weekdays_text(closed_on)}")
    return "; ".join(listed)


def _cause(code: ReasonCode, cause: Cause, days: Sequence[date]) -> str:
    text = cause_text(cause, days)
    if code is ReasonCode.HOLIDAY:
        return " and ".join(f"{day_text(day)} is {text}" for day in days)
    return f"{list_text(days)}: {text}" if isinstance(cause, Taken) else text


_WAYS = {
    "START": "start on {day}",
    "DURATION": "sessions of {value} minutes",
    "SESSIONS": "plan {total} sessions",
    "SESSIONS_FIRST": "plan {total} sessions first",
    "SESSIONS_WHICHEVER": "plan {total} sessions, whichever goes",
    "ARRIVE": "arrive on {day}",
    "LATE": "say why it is late; the earliest day is {day}",
}
"""What changes help, where their one value, or the number of sessions that there are to be, says
all of it."""


def _way_text(way: Way, request: Request) -> str:
    """A change that helps: “start on Sat 5 Dec 2026”."""
    value = next(iter(way.change.values()))
    match way.code:
        case "TIME":
            text = f"come {value.in_words}"
        case "MAINTENANCE":
            text = f"plan {value} maintenance a year" if value else "plan no maintenance"
        case "OPEN_DAY":
            text = f"open on {day_text(next(iter(value - request.open_days)))}"
        case "CLOSURE":
            text = _shortened("closure", request.closures, value)
        case "WEEKDAY":
            text = _opened_weekday(way, request)
        case "HOLIDAYS":
            region = next(each for each in request.holidays if each not in value)
            text = f"work on the holidays of {region_name(region)}"
        case "AWAY":
            text = _shortened("absence", request.away, value)
        case "END":
            words = {"depart": "travel home on", "finish_by": "finish by"}
            text = " and ".join(
                f"{words[name]} {day_text(day)}" for name, day in way.change.items()
            )
        case "WHEN":
            day, _, clock = value.partition(" ")
            text = f"put it on {day_text(date.fromisoformat(day))} {clock}".rstrip()
        case "WITHOUT":
            left = "" if way.total is None else f": {way.total} sessions"
            text = f"do without it{left}"
        case _:
            day = day_text(value) if isinstance(value, date) else ""
            text = _WAYS[way.code].format(day=day, value=value, total=way.total)
    return text if way.fewer is None else f"{text} ({way.fewer} sessions)"


def _shortened(what: str, old: Sequence[DateRange], new: Sequence[DateRange]) -> str:
    """“cut 2 days off the end of the closure 24 – 28 Dec 2026”, or that it is left out."""
    pairs = zip(old, (*new, None), strict=False)
    cut, left = next((cut, left) for cut, left in pairs if left is None or cut != left)
    if left is None or len(new) < len(old):
        return f"leave out the {what} {cut}"
    days = days_text(len(cut) - len(left))
    where = "end" if left.first == cut.first else "beginning"
    return f"cut {days} off the {where} of the {what} {cut}"


def _opened_weekday(way: Way, request: Request) -> str:
    """“open on Mondays (09:00–18:00)”."""
    closed = request.closed_weekdays - way.change.get("closed_weekdays", request.closed_weekdays)
    hours = way.change.get("opening_hours")
    if hours is None or request.opening_hours is None:
        return f"open on {WEEKDAYS[next(iter(closed))]}s"
    weekday = next(k for k in range(len(hours)) if hours[k] != request.opening_hours[k])
    return f"open on {WEEKDAYS[weekday]}s ({' and '.join(map(str, hours[weekday]))})"
