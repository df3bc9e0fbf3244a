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
    weekdays_text,
)
from mesoplan.dates.holidays import region_name
from mesoplan.dates.times import clock_text, minutes_of
from mesoplan.model.causes import (
    ClosedPart,
    ClosedWeekday,
    Conflict,
    DayFull,
    LastDay,
    NoLegalPlan,
    NotOpen,
    Plain,
    WayOut,
)
from mesoplan.model.plan import ReasonCode
from mesoplan.planning.maintenance import is_near_due
from mesoplan.rules.limits import MAINTENANCE_SLACK_DAYS, MAX_START_SLIP_DAYS
from mesoplan.wording.reasons import OF_TIMES, begun, cause_text, purpose_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mesoplan.model.causes import Cause
    from mesoplan.model.request import Request
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.conflicts import Clash
    from mesoplan.planning.problem import Problem
    from mesoplan.planning.ways_out import Way

_MOST_CAUSES = 6


def no_legal_plan(
    clash: Clash, ways: Iterable[Way | None], asked: Problem | None = None
) -> NoLegalPlan:
    """The refusal of a problem whose days run out there, with the changes that help.

    *asked* is the problem before somebody was chosen who treats, where several could.
    """
    request = clash.problem.request
    offered = (
        WayOut(_way_text(way, request), way.change, way.code) for way in ways if way is not None
    )
    return NoLegalPlan(_conflict(clash, asked), tuple(offered))


def _conflict(clash: Clash, asked: Problem | None) -> Conflict:
    clauses = [*_clauses(clash), *(_whoever(clash, asked) if asked is not None else ())]
    text = "\n".join(f"{begun(each)}." for each in clauses)
    return Conflict(clash.code, clash.rule_id, clash.sessions, clash.session, clash.days, text)


def _whoever(clash: Clash, asked: Problem) -> Iterator[str]:
    """Whose course it is that finds no day, and that nobody else has one."""
    treats = clash.problem.request.practitioner
    able = [each for each in asked.request.practitioners if each.treats(asked.goal)]
    name = next(each.name for each in able if each.id == treats)
    others = " or ".join(each.name for each in able if each.id != treats)
    yield f"that is with {name}; with {others} no schedule fits either"


def _clauses(clash: Clash) -> list[str]:
    """What is wrong, the rule and its days, then what is in the way: a clause each."""
    problem, number, days = clash.problem, clash.session, clash.days
    rule = f"({problem.limits.interval_rule_text})"
    apart = problem.limits.interval_rule.limit
    last = problem.past[-1].day if problem.past else date.min
    none_left = f"there is no possible day for session {number} of {problem.sessions}"
    match clash.kind:
        case "TOO_LATE":
            first_day = problem.first_day_left
            gap = (first_day - last).days
            in_time = day_text(problem.last_day_in_time or last)
            return [
                f"it is too late for session {number} of {problem.sessions}",
                f"it has to be {apart} after session {number - 1} {rule}: by {in_time}",
                f"the first day left is {day_text(first_day)}, {days_text(gap)} after session "
                f"{number - 1} ({day_text(last)})",
            ]
        case "NO_LATE_DAY":
            return [
                none_left,
                f"no day from {_from_to(days)} leaves possible days for it and the sessions after",
            ]
        case "NEXT_TOO_NEAR_OR_FAR":
            gap = (days[0] - last).days
            return [
                f"session {number} can't be on {day_text(days[0])}",
                f"that is {days_text(gap)} after session {number - 1} ({day_text(last)})",
                f"it has to be {apart} after it {rule}",
            ]
        case "TOO_MANY_PINNED":
            return [
                f"{len(days)} days were chosen by hand, and only {problem.to_place} of "
                f"{clash.sessions} sessions are still to come",
                f"the days are {list_text(days)}",
            ]
        case "PINNED_DAY":
            return _pinned_day(problem, clash)
        case "DAYS_APART":
            return [
                f"no course of {clash.sessions} sessions keeps what was chosen by hand",
                f"{list_text(days)} {'stays' if len(days) == 1 else 'stay'} as chosen",
                _interval_rule(problem),
            ]
        case "PIN_APART":
            return _pin_apart(clash)
        case "BEGINS_AFTER_END" | "NO_FIRST_DAY":
            return _no_first_day(clash)
        case "END_TOO_EARLY":
            return _end_too_early(clash)
        case "NO_DAY":
            span = clash.span
            before = [f"session {number - 1} can be on {span}"] if span and len(span) > 1 else []
            return [
                none_left,
                *before,
                f"it has to be {apart} after session {number - 1} {rule}: {_from_to(days)}",
                *causes_listed(problem.course_days, days),
            ]
        case _:
            return _no_maintenance(clash)


def _from_to(days: Sequence[date]) -> str:
    """“Fri 25 Dec 2026 to Fri 1 Jan 2027”."""
    return " to ".join(dict.fromkeys(map(day_text, (days[0], days[-1]))))


def _pinned_day(problem: Problem, clash: Clash) -> list[str]:
    day, pin = clash.days[0], problem.of_course.pin
    if pin is not None and pin.day == day:
        what = f"{_pinned(problem)} can't be on {day_text(day)}"
    else:
        what = f"session {clash.session} was put on {day_text(day)} by hand, and can't stay there"
    blockers = problem.course_days.blockers(day)
    if not blockers and pin is not None and pin.clock is not None:
        minutes = minutes_of(pin.clock)
        cause = problem.slots.why_not_at(day, minutes) or ""
        at = "" if isinstance(cause, NotOpen) else f"not at {clock_text(minutes)}: "
        return [what, f"{at}{cause_text(cause, [day])}"]
    return [what, *(_blocker(each.cause, [day]) for each in blockers)]


def _blocker(cause: Cause, days: Sequence[date]) -> str:
    return _by_the_end(cause) if isinstance(cause, LastDay) else cause_text(cause, days)


def _interval_rule(problem: Problem) -> str:
    limits = problem.limits
    return f"sessions have to be {limits.interval_rule.limit} apart ({limits.interval_rule_text})"


def _pin_apart(clash: Clash) -> list[str]:
    problem, after = clash.problem, clash.after_pin
    clauses = [f"{_pinned(problem)} can't be on {day_text(clash.days[0])}"]
    clauses += [_interval_rule(problem)] if after is None else _clauses(after)
    if clash.possible:
        clauses.append(f"{_pinned(problem)} can be on {_runs_text(clash.possible)}")
    if by_hand := [session.day for session in problem.by_hand]:
        stay = "stay" if len(by_hand) > 1 else "stays"
        clauses.append(f"{list_text(by_hand)} {stay} as chosen by hand")
    return clauses


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
    shown = texts if len(texts) < 5 else [*texts[:3], f"{len(texts) - 3} more"]
    return ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + shown[-1]


def _no_first_day(clash: Clash) -> list[str]:
    days, end = clash.days, clash.problem.end
    by_the_end = [] if end is None else [_by_the_end(end, clash.problem.today)]
    if clash.kind == "BEGINS_AFTER_END":
        return [f"session 1 can't be before {day_text(days[0])}", *by_the_end]
    is_cut = end is not None and days[-1] == end.day
    within = "" if is_cut else f" within {MAX_START_SLIP_DAYS} days (mesoplan's own limit)"
    return [
        "there is no possible day for session 1",
        f"it has to be{within}: {_from_to(days)}" if within else f"it has to be {_from_to(days)}",
        *(by_the_end if is_cut else []),
        *causes_listed(clash.problem.course_days, days),
    ]


def _by_the_end(end: LastDay, today: date = date.min) -> str:
    past = ", which is past" if end.day < today else ""
    return f"the last session has to be by {day_text(end.day)}{past}, {purpose_text(end)}"


def _end_too_early(clash: Clash) -> list[str]:
    problem, end, span, first = clash.problem, clash.problem.end, clash.span, clash.first_number
    if end is None or span is None:
        return []
    which = f"{clash.sessions} sessions from {day_text(span.first)}"
    if first > 1:
        which = f"the sessions after session {first} ({day_text(span.first)})"
    clauses = [f"{which} can't end before {day_text(span.last)}", _by_the_end(end, problem.today)]
    shortest = problem.limits.min_interval_days * (clash.sessions - first)
    if (end.day - span.first).days >= shortest:
        days = problem.course_days.without(ReasonCode.DEADLINE)
        clauses += causes_listed(days, DateRange(span.first, end.day))
    return clauses


def _no_maintenance(clash: Clash) -> list[str]:
    problem, name = clash.problem, f"maintenance {clash.session}"
    match clash.kind:
        case "MAINTENANCE_PINNED":
            return _not_near(name, clash)
        case "MAINTENANCE_TOO_LATE":
            return [f"it is too late for {name}", _near_due(clash), "all these days are past"]
        case "MAINTENANCE_NO_LATE_DAY":
            first = day_text(clash.days[0])
            return [f"there is no possible day for {name} within a year of {first}"]
        case _:
            causes = causes_listed(problem.maintenance_days, clash.days)
            return [f"there is no possible day for {name}", _near_due(clash), *causes]


def _near_due(clash: Clash) -> str:
    within = f"within {MAINTENANCE_SLACK_DAYS} days of {day_text(clash.due)}"
    return f"it has to be {within} (mesoplan's own margin)"


def _not_near(name: str, clash: Clash) -> list[str]:
    """The day, or time, on which maintenance was asked for, and why it can't be then."""
    problem, day = clash.problem, clash.days[0]
    what = f"{name} can't be on {day_text(day)}"
    if problem.of_maintenance.late is None and not is_near_due(day, clash.due):
        return [what, _near_due(clash)]
    if blockers := problem.maintenance_days.blockers(day):
        return [what, *(_blocker(each.cause, [day]) for each in blockers)]
    pin = problem.of_maintenance.pin
    minutes = 0 if pin is None or pin.clock is None else minutes_of(pin.clock)
    why = cause_text(problem.slots.why_not_at(day, minutes) or "", [day])
    return [f"{what} at {clock_text(minutes)}", why]


def causes_listed(availability: Availability, days: Iterable[date]) -> list[str]:
    """What blocks the days, in words, each cause once; closed weekdays come last."""
    causes: dict[tuple[ReasonCode, Cause], list[date]] = {}
    closed_on: set[date] = set()
    for day in days:
        for code, cause in availability.blockers(day):
            if isinstance(cause, ClosedWeekday):
                closed_on.add(day)
            else:
                causes.setdefault((code, cause), []).append(day)
    listed = [
        text for (code, cause), blocked in causes.items() for text in _cause(code, cause, blocked)
    ]
    if len(listed) > _MOST_CAUSES:
        listed[_MOST_CAUSES:] = [f"there are {len(listed) - _MOST_CAUSES} other causes"]
    if closed_on:
        listed.append(f"the clinic is closed on {weekdays_text(closed_on)}")
    return listed


def _cause(code: ReasonCode, cause: Cause, days: Sequence[date]) -> list[str]:
    text = _blocker(cause, days)
    if code is ReasonCode.HOLIDAY:
        return [f"{day_text(day)} is {text}" for day in days]
    names_none = isinstance(cause, _NAME_NO_DAY) or cause is Plain.DAY_PASSED
    return [f"{list_text(days)}: {text}" if names_none else text]


_NAME_NO_DAY = (*OF_TIMES, DayFull, ClosedPart)
_ASK = "ask the practitioner"
_WAYS = {
    "START": "start on {day}",
    "TIME": "come {value.in_words}",
    "DURATION": "plan sessions of {value} minutes",
    "SESSIONS": "plan {total} sessions ({ask})",
    "SESSIONS_FIRST": "plan {total} sessions first ({ask})",
    "SESSIONS_WHICHEVER": "plan {total} sessions, whichever goes ({ask})",
    "ARRIVE": "arrive on {day}",
    "LATE": "say why it is late; the first possible day is {day}",
}
"""What changes help, where their one value, or the number of sessions that there are to be, says
all of it."""


def _way_text(way: Way, request: Request) -> str:
    """A change that helps: “start on Sat 5 Dec 2026”."""
    value = next(iter(way.change.values()))
    match way.code:
        case "MAINTENANCE":
            text = "plan 1 maintenance session a year" if value else "plan no maintenance"
        case "PRACTITIONER":
            text = f"see {next(e.name for e in request.practitioners if e.id == value)} instead"
        case "OPEN_DAY":
            text = f"open on {day_text(next(iter(value - request.open_days)))}"
        case "CLOSURE":
            text = _shortened("close", "open", request.closures, value)
        case "WEEKDAY":
            text = _opened_weekday(way, request)
        case "HOLIDAYS":
            region = next(each for each in request.holidays if each not in value)
            text = f"work on the public holidays of {region_name(region)}"
        case "AWAY":
            text = _shortened("be away", "come", request.away, value)
        case "END":
            words = {"depart": "travel home on", "finish_by": "finish by"}
            text = " and ".join(
                f"{words[name]} {day_text(day)}" for name, day in way.change.items()
            )
        case "WHEN":
            day, _, clock = value.partition(" ")
            text = ", ".join(filter(None, (day_text(date.fromisoformat(day)), clock)))
            text = f"put it on {text}"
        case "MOVE_FIRST":
            text = f"put {value.session.in_words} on {day_text(value.day)} first"
        case "WITHOUT":
            left = "" if way.total is None else f", with {way.total} sessions ({_ASK})"
            text = f"do without it{left}"
        case _:
            day = day_text(value) if isinstance(value, date) else ""
            text = _WAYS[way.code].format(day=day, value=value, total=way.total, ask=_ASK)
    return text if way.fewer is None else f"{text} with {way.fewer} sessions ({_ASK})"


def _shortened(what: str, instead: str, old: Sequence[DateRange], new: Sequence[DateRange]) -> str:
    """“close 24 – 26 Dec 2026, not 24 – 28 Dec 2026”, or “open on 24 – 28 Dec 2026”."""
    pairs = zip(old, (*new, None), strict=False)
    cut, left = next((cut, left) for cut, left in pairs if left is None or cut != left)
    if left is None or len(new) < len(old):
        return f"{instead} on {cut}"
    return f"{what} {left}, not {cut} ({days_text(len(cut) - len(left))} less)"


def _opened_weekday(way: Way, request: Request) -> str:
    """“open on Mondays (09:00–18:00)”."""
    closed = request.closed_weekdays - way.change.get("closed_weekdays", request.closed_weekdays)
    hours = way.change.get("opening_hours")
    if hours is None or request.opening_hours is None:
        return f"open on {WEEKDAYS[next(iter(closed))]}s"
    weekday = next(k for k in range(len(hours)) if hours[k] != request.opening_hours[k])
    return f"open on {WEEKDAYS[weekday]}s ({' and '.join(map(str, hours[weekday]))})"
