"""What a check finds, and how a plan is doing, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, days_text, weekday_text
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
    INTERVAL_DAYS,
    MAINTENANCE_GAP_DAYS,
    MAINTENANCE_SLACK_DAYS,
    RECOVERY_HOURS,
    SESSIONS,
)
from mesoplan.wording.reasons import cause_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from mesoplan.dates.parsing import DateOrder
    from mesoplan.model.causes import Cause
    from mesoplan.model.plan import Plan, Session
    from mesoplan.planning.appointments import Appointment, Assumption
    from mesoplan.planning.checking import Finding

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
            narrowed = f" ({finding.code} as the clinic narrows it)" if fact.is_narrowed else ""
            return text + narrowed
        case OffDue() as fact:
            return _off_due(about[0], size, fact)
        case TooSoon() as fact:
            return _too_soon(about[0], about[1], size, fact)
        case TooLate() as fact:
            recovered = finding.code == RECOVERY_HOURS.id
            purpose = "to have recovered by" if recovered else "to travel home on"
            return (
                f"{_name(about[0])} ({_where(*about)}) comes {days_text(size)} later than "
                f"{day_text(fact.latest)}, the last day {purpose} {day_text(fact.until)}"
            )
        case Unusable() as fact:
            causes = "; ".join(_cause(each, about[0].day) for each in fact.causes)
            return f"{_name(about[0])} ({_where(*about)}): {causes}"


def unclear_text(appointment: Appointment) -> str:
    """Why an appointment does not count: “line 3 (Fri 11 Dec 2026) does not count: …”."""
    where = f"line {appointment.line} ({day_text(appointment.day)})"
    return f"{where} does not count: {appointment.unclear} is not understood"


def _wrong_count(about: Sequence[Appointment], size: int, fact: BrokenLimit) -> str:
    count = fact.limit + size if fact.is_over else fact.limit - size
    place = f" ({_where(*about)})" if about else ""
    than = "more than" if fact.is_over else "fewer than"
    return f"{sessions_text(count)} in the course{place}: {size} {than} {fact.limit}"


def _wrong_interval(before: Appointment, after: Appointment, size: int, fact: BrokenLimit) -> str:
    interval = (after.day - before.day).days
    comes = f"comes {days_text(interval)} after" if interval else "is on the same day as"
    than = "more than" if fact.is_over else "less than"
    return (
        f"{_name(after)} {comes} {_name(before)} ({_where(before, after)}): {days_text(size)} "
        f"{than} {fact.limit}"
    )


def _too_much_maintenance(about: Sequence[Appointment], size: int, fact: BrokenLimit) -> str:
    text = sessions_text(len(about), "maintenance session")
    if fact.year is not None:
        text += f" in year {fact.year} after the course ({_where(about[0], about[-1])})"
    return f"{text}: {size} more than {fact.limit or 'none'}"


def _off_due(session: Appointment, size: int, fact: OffDue) -> str:
    off = (session.day - fact.due).days
    due = "it is due, on" if session.due_number else "the nearest day on which one is due,"
    return (
        f"{_name(session)} ({_where(session)}) comes {days_text(abs(off))} "
        f"{'after' if off > 0 else 'before'} {due} {day_text(fact.due)}: "
        f"{days_text(size)} more than {MAINTENANCE_SLACK_DAYS}"
    )


def _too_soon(before: Appointment, after: Appointment, size: int, fact: TooSoon) -> str:
    hours = RECOVERY_HOURS.minimum
    over = before.end or before.start
    if fact.minutes_apart is None or over is None or after.start is None:
        same = f"is on the same day as {_name(before)} ({_where(before, after)})"
        return f"{_name(after)} {same}: less than {hours} hours"
    the_end_of = "the end of " if before.end is not None else ""
    moments = " – ".join(f"{day_text(each.date())} {each:%H:%M}" for each in (over, after.start))
    return (
        f"{_name(after)} begins {_duration_text(fact.minutes_apart)} after {the_end_of}"
        f"{_name(before)} ({moments}): {_duration_text(size)} less than {hours} hours"
    )


def _cause(cause: Cause | OutsideHours, day: date) -> str:
    if not isinstance(cause, OutsideHours):
        return cause_text(cause, [day])
    start, end = cause.start, cause.end
    until = f" to {end:%H:%M}" if end > start else ""
    hours = " and ".join(map(str, cause.spans))
    return f"at {start:%H:%M}{until}, and the clinic is open {hours} on {weekday_text(day)}"


def assumption_note(assumed: Assumption) -> Notice:
    """What a check had to assume, or could not know, in words."""
    match assumed:
        case MaintenanceAssumed(first, count, gap_days):
            one = count == 1
            which = f"the date {day_text(first)} is" if one else f"the {count} last dates are"
            text = (
                f"{which} taken as maintenance, since {'it' if one else day_text(first)} comes "
                f"{days_text(gap_days)} after the date before; from "
                f"{days_text(MAINTENANCE_GAP_DAYS)} on a course is taken to be over"
            )
        case PerYearAssumed(per_year):
            text = (
                f"{sessions_text(per_year, 'maintenance session')} a year "
                f"{'is' if per_year == 1 else 'are'} taken as meant: that fits the dates best"
            )
        case HolidaysUnknown(region, years):
            return Notice(assumed.code, (region, years))
        case HolidaysOfParts():
            return Notice(assumed.code, (assumed,))
    return Notice(assumed.code, text)


def mixed_orders(seen: Mapping[DateOrder, str]) -> Iterator[Notice]:
    """That a file has dates of both orders; *seen* has the first of each."""
    if len(seen) > 1:
        text = f"in {seen['dmy']} the day comes first, in {seen['mdy']} the month: check that the "
        yield Notice("DATE_ORDERS", f"{text}dates of this file were written by one rule")


def coded_text(finding: Finding) -> str:
    """A problem with its code: “R2: session 4 comes 16 days after session 3 (…)”."""
    return f"{finding.code}: {finding_text(finding)}"


def notices_on(plan: Plan, now: datetime) -> Iterator[Notice]:
    """What is to be said of a plan beside its own notices: problems, and what is open."""
    for problem in check_plan(plan).problems:
        yield Notice(problem.code, coded_text(problem))
    yield from states_on(plan, now)


def states_on(plan: Plan, now: datetime) -> Iterator[Notice]:
    """What is open at the moment *now* (aware): what was moved in a calendar, what is overdue."""
    for session in plan.active:
        if session.moved_from is not None:
            then = f"{day_text(session.moved_from.date())} {session.moved_from:%H:%M}"
            moved = f"{session.name.in_words} was moved in a calendar"
            yield Notice("MOVED", f"{moved}: from {then} to {_when(session)}")
    past = plan.overdue(now)
    if past:
        names = ", ".join(
            f"{session.name} ({day_text(session.day)})" for session in past[:_MOST_NAMED]
        )
        more = f" and {len(past) - _MOST_NAMED} more" if len(past) > _MOST_NAMED else ""
        which = f"session {names} is" if len(past) == 1 else f"sessions {names}{more} are"
        text = f"{which} past: say “attend” of what took place, “miss” of what did not"
        yield Notice("OVERDUE", text)


def progress(plan: Plan, now: datetime) -> str:
    """“3 of 8 done, next Tue 15 Dec 2026 10:00”."""
    done = sum(session.status is Status.ATTENDED for session in plan.sessions)
    here = "" if plan.is_whole else f" (of the {len(plan.sessions)} that are here)"
    parts = [f"{done} of {plan.total_sessions} done{here}"]
    not_recorded = len(plan.overdue(now))
    parts += [f"{not_recorded} past and not said"] * bool(not_recorded)
    if plan.cancelled:
        parts.append("the rest is cancelled")
    else:
        for following in plan.coming(now)[:1]:
            kind = "maintenance " if following.kind == "maintenance" else ""
            parts.append(f"next {kind}{_when(following)}")
    return ", ".join(parts)


def _when(session: Session) -> str:
    return f"{day_text(session.day)} {session.start:%H:%M}"


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
