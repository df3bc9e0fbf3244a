"""What a check finds, and how a plan is doing, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import WEEKDAYS, day_text, days_text, listed, start_text
from mesoplan.model.plan import Notice, Status
from mesoplan.planning.appointments import (
    HolidaysOfParts,
    HolidaysUnknown,
    MaintenanceAssumed,
    PerYearAssumed,
)
from mesoplan.planning.checking import (
    BrokenLimit,
    OffDue,
    OutsideHours,
    TooLate,
    TooSoon,
    Unusable,
    check_plan,
)
from mesoplan.rules.limits import (
    ALL_RULES,
    INTERVAL_DAYS,
    MAINTENANCE_GAP_DAYS,
    MAINTENANCE_SLACK_DAYS,
    RECOVERY_HOURS,
    SESSIONS,
)
from mesoplan.wording.options import command_line
from mesoplan.wording.reasons import begun, cause_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from mesoplan.dates.readings import DateOrder
    from mesoplan.model.causes import Cause
    from mesoplan.model.plan import Plan
    from mesoplan.planning.appointments import Appointment, Assumption
    from mesoplan.planning.checking import Finding

_RULES = {rule.id for rule in ALL_RULES}
_MOST_NAMED = 5
"""How many sessions one notice names."""


def finding_text(finding: Finding) -> str:
    """A problem in words, with its dates and its size."""
    about, size = finding.about, finding.size or 0
    match finding.fact:
        case BrokenLimit() as fact:
            if finding.code == SESSIONS.id:
                text = _wrong_count(about, size, fact)
            elif finding.code == INTERVAL_DAYS.id:
                text = _wrong_interval(about[0], about[1], size, fact)
            else:
                text = _too_much_maintenance(about, size, fact)
            return text
        case OffDue() as fact:
            return _off_due(about[0], size, fact)
        case TooSoon() as fact:
            return _too_soon(about[0], about[1], size, fact)
        case TooLate() as fact:
            recovered = finding.code == RECOVERY_HOURS.id
            purpose = "to have recovered by" if recovered else "to travel home on"
            return (
                f"{_name(about[0])} ({_where(*about)}) is {days_text(size)} too late. The last day "
                f"{purpose} {day_text(fact.until)} is {day_text(fact.latest)}"
            )
        case Unusable() as fact:
            causes = "; ".join(_cause(each, about[0].day) for each in fact.causes)
            return f"{_name(about[0])} ({_where(*about)}): {causes}"


def unclear_text(appointment: Appointment) -> str:
    """Why an appointment does not count: “line 3 (Fri 11 Dec 2026) does not count: …”."""
    where = f"line {appointment.line} ({day_text(appointment.day)})"
    return f"{where} doesn't count, because {appointment.unclear} is not known"


def _wrong_count(about: Sequence[Appointment], size: int, fact: BrokenLimit) -> str:
    count = fact.limit + size if fact.is_over else fact.limit - size
    place = f" ({_where(*about)})" if about else ""
    off = "too many" if fact.is_over else "too few"
    return f"{sessions_text(count)} in the course{place}: {size} {off} {_at(fact)}"


def _wrong_interval(before: Appointment, after: Appointment, size: int, fact: BrokenLimit) -> str:
    interval = (after.day - before.day).days
    comes = f"comes {days_text(interval)} after" if interval else "is on the same day as"
    off = "too late" if fact.is_over else "too early"
    return (
        f"{_name(after)} {comes} {_name(before)} ({_where(before, after)}): {days_text(size)} "
        f"{off} {_at(fact)}"
    )


def _at(fact: BrokenLimit) -> str:
    """“(at most 14)”."""
    narrowed = ", as the clinic narrows it" if fact.is_narrowed else ""
    return f"(at {'most' if fact.is_over else 'least'} {fact.limit}{narrowed})"


def _too_much_maintenance(about: Sequence[Appointment], size: int, fact: BrokenLimit) -> str:
    text = sessions_text(len(about), "maintenance session")
    if fact.year is not None:
        text += f" in year {fact.year} after the course ({_where(about[0], about[-1])})"
    return f"{text}: {size} too many {_at(fact)}"


def _off_due(session: Appointment, size: int, fact: OffDue) -> str:
    off = (session.day - fact.due).days
    due = "its due day" if session.due_number else "the nearest day on which one is due"
    return (
        f"{_name(session)} ({_where(session)}) comes {days_text(abs(off))} "
        f"{'after' if off > 0 else 'before'} {due}, {day_text(fact.due)}: {days_text(size)} "
        f"{'too late' if off > 0 else 'too early'} (at most {MAINTENANCE_SLACK_DAYS}, mesoplan's "
        "own margin)"
    )


def _too_soon(before: Appointment, after: Appointment, size: int, fact: TooSoon) -> str:
    hours = RECOVERY_HOURS.minimum
    over = before.end or before.start
    if fact.minutes_apart is None or over is None or after.start is None:
        same = f"is on the same day as {_name(before)} ({_where(before, after)})"
        return f"{_name(after)} {same}: too early (at least {hours} hours)"
    the_end_of = "the end of " if before.end is not None else ""
    moments = " – ".join(map(start_text, (over, after.start)))
    return (
        f"{_name(after)} begins {_duration_text(fact.minutes_apart)} after {the_end_of}"
        f"{_name(before)} ({moments}): {_duration_text(size)} too early (at least {hours} hours)"
    )


def _cause(cause: Cause | OutsideHours, day: date) -> str:
    if not isinstance(cause, OutsideHours):
        return cause_text(cause, [day])
    start, end = cause.start, cause.end
    until = f" to {end:%H:%M}" if end > start else ""
    hours = " and ".join(map(str, cause.spans))
    return f"at {start:%H:%M}{until}, but the clinic is open {hours} on {WEEKDAYS[day.weekday()]}s"


def assumption_note(assumed: Assumption) -> Notice:
    """What a check had to assume, or could not know, in words."""
    match assumed:
        case MaintenanceAssumed(first, count, gap_days):
            first_day = day_text(first)
            which = (
                f"{first_day} counts" if count == 1 else f"The {count} dates from {first_day} count"
            )
            text = (
                f"{which} as maintenance, {days_text(gap_days)} after the date before. A course "
                f"ends at a gap of {MAINTENANCE_GAP_DAYS} days or more (mesoplan's own limit)."
            )
        case PerYearAssumed(per_year):
            sessions = sessions_text(per_year, "maintenance session")
            text = f"The check assumes {sessions} a year, which fits the dates best."
        case HolidaysUnknown(region, years):
            return Notice(assumed.code, (region, years))
        case HolidaysOfParts():
            return Notice(assumed.code, (assumed,))
    return Notice(assumed.code, text)


def mixed_orders(seen: Mapping[DateOrder, str]) -> Iterator[Notice]:
    """That a file has dates of both orders; *seen* has the first of each."""
    if len(seen) > 1:
        text = f"In {seen['dmy']} the day comes first, in {seen['mdy']} the month. "
        yield Notice(
            "DATE_ORDERS", f"{text}Check that all dates of this file mean what they should."
        )


def code_text(code: str) -> str:
    """“R2”, “closed weekday”: the code of a problem as it is read."""
    return code if code in _RULES else code.lower().replace("_", " ")


def coded_text(finding: Finding) -> str:
    """A problem with its code: “R2: session 4 comes 16 days after session 3 (…)”."""
    return f"{finding.code}: {finding_text(finding)}"


def problem_text(finding: Finding) -> str:
    """A problem with its rule, where it breaks one."""
    if finding.code in _RULES:
        return coded_text(finding)
    return begun(finding_text(finding))


def notices_on(plan: Plan, now: datetime, path: str = "PLAN") -> Iterator[Notice]:
    """What is to be said of a plan beside its own notices: problems, and what is open.

    *path* is its file as it was typed.
    """
    for problem in check_plan(plan).problems:
        yield Notice(problem.code, f"{problem_text(problem)}.")
    yield from states_on(plan, now, path)


def states_on(plan: Plan, now: datetime, path: str = "PLAN") -> Iterator[Notice]:
    """What is open at the moment *now* (aware): what was moved in a calendar, what isn't recorded.

    *path* is the plan's file as it was typed.
    """
    for session in plan.active:
        if session.moved_from is not None:
            then = start_text(session.moved_from)
            moved = f"{begun(session.name.in_words)} was moved in a calendar"
            yield Notice("MOVED", f"{moved}, from {then} to {start_text(session.start)}.")
    past = [str(session.name) for session in plan.overdue(now)]
    if past:
        which, they = f"{len(past)} sessions are", "they"
        if len(past) == 1:
            which, they = f"Session {past[0]} is", "it"
        elif len(past) <= _MOST_NAMED:
            which = f"Sessions {listed(past)} are"
        text = f"{which} past and not recorded. Did {they} take place? "
        yield Notice("OVERDUE", text + command_line(["done", path, *past], {}))


def progress(plan: Plan, now: datetime) -> str:
    """“3 of 8 done, 1 not recorded yet. Next: Tue 15 Dec 2026, 10:00”."""
    done = sum(session.status is Status.ATTENDED for session in plan.sessions)
    here = "" if plan.is_whole else f" (of the {len(plan.sessions)} that are in this file)"
    parts = [f"{done} of {plan.total_sessions} done{here}"]
    not_recorded = len(plan.overdue(now))
    parts += [f"{not_recorded} not recorded yet"] * bool(not_recorded)
    parts += ["the rest is cancelled"] * plan.cancelled
    said = f"{', '.join(parts)}."
    for following in () if plan.cancelled else plan.coming(now)[:1]:
        kind = " (maintenance)" if following.kind == "maintenance" else ""
        said += f" Next: {day_text(following.day)}, {following.start:%H:%M}{kind}"
    return said


def _name(appointment: Appointment) -> str:
    """“session 4”, “maintenance session 1”."""
    kind = "maintenance session" if appointment.kind == "maintenance" else "session"
    return f"{kind} {appointment.number}"


def _where(*appointments: Appointment) -> str:
    """“Tue 15 Dec 2026 – Thu 31 Dec 2026, lines 6 and 7”: days once each, lines where known."""
    days = " – ".join(day_text(day) for day in dict.fromkeys(each.day for each in appointments))
    lines = [each.line for each in appointments if each.line is not None]
    return ", ".join([days, *([lines_text(lines)] if lines else [])])


def lines_text(lines: Sequence[int | None]) -> str:
    """“line 6”, “lines 6 and 7”."""
    return f"line{'' if len(lines) == 1 else 's'} {' and '.join(map(str, lines))}"


def sessions_text(number: int, what: str = "session") -> str:
    """“1 session”, “2 maintenance sessions”."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _duration_text(minutes: int) -> str:
    """“20 hours 30 minutes”, “1 hour”, “5 minutes”."""
    hours, rest = divmod(minutes, 60)
    parts = [
        f"{number} {unit}{'' if number == 1 else 's'}"
        for number, unit in ((hours, "hour"), (rest, "minute"))
        if number
    ]
    return " ".join(parts) or "0 hours"
