"""What the reader of a whole plan must know beside its dates, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, days_text, list_of_weekdays, list_text, listed
from mesoplan.model.changes import without_moment
from mesoplan.model.plan import UNDO, Notice, SessionName
from mesoplan.model.request import LANGUAGES
from mesoplan.rules.goals import find_goal
from mesoplan.rules.limits import EVENT_MARGIN_DAYS, MAINTENANCE_SLACK_DAYS
from mesoplan.wording.languages import words_in
from mesoplan.wording.reasons import holidays_of_parts_text, purpose_text, reason_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime, time

    from mesoplan.dates.times import TimeRange
    from mesoplan.model.causes import LastDay
    from mesoplan.model.plan import Plan, Reason

_MOST_REASONS, _MOST_DAYS = 4, 3


def notice_text(notice: Notice) -> str:
    """A notice in sentences; one that has its words already, as in an old file, keeps them."""
    code, about = notice
    if isinstance(about, str):
        return about or f"The file says “{code}”, which this version of mesoplan doesn't know."
    return _TEXTS[code](*about)


def notices_of_phone(phone: str | None) -> Iterator[Notice]:
    """That the patient's calendar says nobody to call."""
    if phone is None:
        yield Notice(
            "NO_PHONE",
            "The patient's calendar has no number to call. Add --clinic-phone NUMBER, or write "
            "phone in the clinic's profile.",
        )


def notices_of_language(language: str) -> Iterator[Notice]:
    """That no native reader has reviewed what the patient reads."""
    # English was there first, and needs nothing loaded.
    if language != "en" and words_in(language).reviewed is None:
        yield Notice(
            "LANGUAGE_UNREVIEWED",
            f"No native reader has reviewed the texts in {LANGUAGES[language]}. What may be urgent "
            "is also in English there. See “mesoplan help languages”.",
        )


def _start_slipped(day: date, start: date, reasons: Sequence[Reason] | None) -> str:
    days = days_text((day - start).days)
    if reasons is None:
        return f"The course now begins on {day_text(day)}, {days} later than before."
    text = f"The course begins on {day_text(day)}, {days} after {day_text(start)}"
    return f"{text}{_because(reasons, day, start if day - start == timedelta(days=1) else None)}."


def _because(reasons: Sequence[Reason], near: date | None, known: date | None = None) -> str:
    """“: clinic closed 24 – 26 Dec 2026; …”, or nothing; see `reason_text`."""
    texts = [reason_text(each, near=near, known=known) for each in reasons[:_MOST_REASONS]]
    texts += [f"{len(reasons) - _MOST_REASONS} more"] * (len(reasons) > _MOST_REASONS)
    return f": {'; '.join(texts)}" if texts else ""


def _start_weekday(day: date, weekdays: Sequence[int], instead: date | None) -> str:
    which = list_of_weekdays(weekdays)
    text = f"Session 1 is as early as possible, on {day_text(day)}. The patient prefers {which}."
    return text if instead is None else f"{text} To begin on one, write {instead} for START."


def _ends_early(days: int) -> str:
    early = f"The course ends {days_text(days)} earlier than it has to."
    return f"{early} A later end would not keep the preferred intervals as well."


def _in_the_past(sessions: int, first: date) -> str:
    if sessions > 1:
        return f"Sessions 1 to {sessions}, from {day_text(first)}, are in the past."
    return f"Session 1, on {day_text(first)}, is in the past."


def _fewer_sessions(
    planned: int, asked: int, end: LastDay | None, reasons: Sequence[Reason]
) -> str:
    text = f"Only {planned} of the {asked} sessions fit."
    if end is not None:
        text += f" The last possible day is {day_text(end.day)}, {purpose_text(end)}."
    if reasons:
        text += f" Also in the way{_because(reasons, end and end.day)}."
    return f"{text} Ask the practitioner whether {planned} sessions are enough."


def _short_margin(last: date, event: date, earlier: date | None) -> str:
    text = (
        f"The last session is {days_text((event - last).days)} before {day_text(event)}. If that "
        "is the event itself, leave two weeks, as most clinics do (mesoplan's own margin). "
        "Bruises can show for longer than a day."
    )
    if earlier is None:
        return f"{text} An earlier start or fewer sessions leave more time. Ask the practitioner."
    return f"{text} To leave {EVENT_MARGIN_DAYS} days: --finish-by {earlier}"


def _left_out(number: int, due: date, reasons: Sequence[Reason]) -> str:
    near = f"within {MAINTENANCE_SLACK_DAYS} days of {day_text(due)} (mesoplan's own margin)"
    text = f"Maintenance {number} is left out. There is no possible day {near}"
    return f"{text}{_because(reasons, due)}."


def _rest(
    is_course: bool, number: int, is_late: bool, last: date | None, reasons: Sequence[Reason]
) -> str:
    name = _name(is_course, number)
    if last is not None:
        why = f"{name.capitalize()} had to be on {day_text(last)} or before (R2)"
    elif is_late:
        why = f"No possible day is left for {name}"
    else:
        why = f"There is no possible day for {name}{_because(reasons, None)}"
    how = " with --late" if is_late else ""
    return (
        f"What comes next keeps its dates, but they no longer fit the rules. {why}. "
        f"“mesoplan move” or “mesoplan miss”{how} plans the rest again."
    )


def _late(is_course: bool, number: int, day: date, late: str) -> str:
    name = _name(is_course, number).capitalize()
    return f"{name}, on {day_text(day)}, is later than the rules allow: {late.rstrip('.')}."


def _name(is_course: bool, number: int) -> str:
    return SessionName("course" if is_course else "maintenance", number).in_words


def _hours_assumed(spans: Sequence[TimeRange], days: Sequence[date]) -> str:
    hours = " and ".join(map(str, spans))
    if days:
        return f"The opening hours on {list_text(days)} are not known, so {hours} is assumed."
    return (
        f"The clinic's opening hours are not known, so sessions are kept within {hours}. "
        "“mesoplan clinic init” makes a profile with the right hours."
    )


def _half_holiday(found: Sequence[tuple[date, str]]) -> str:
    shown = [f"{day_text(day)} ({name})" for day, name in found[:_MOST_DAYS]]
    shown += [f"{len(found) - _MOST_DAYS} more"] * (len(found) > _MOST_DAYS)
    are = "is a half holiday" if len(found) == 1 else "are half holidays"
    day = found[0][0]
    return (
        f"{listed(shown)} {are}, and the hour is not known. If the clinic closes early then, add "
        f'--closure "{day} 12:00..{day} 18:00".'
    )


def _clock_change(asked: time, start: datetime, end: datetime | None) -> str:
    begin = f"{start:%H:%M} (UTC{start:%z})"
    if start.time() != asked:
        why = f"skip {asked:%H:%M}, so the session begins at {begin}"
    elif end is None:
        why = f"show {asked:%H:%M} twice; the session begins at the first, {begin}"
    else:
        why = f"change during the session: {begin} to {end:%H:%M} (UTC{end:%z})"
    return f"On {day_text(start.date())} the clocks {why}."


# What is assumed of a plan's file.


def _event(named: SessionName | int) -> str:
    """“Session 3”, or where its event stands where nothing says which session it is."""
    if isinstance(named, SessionName):
        return named.in_words.capitalize()
    return f"The event in line {named}"


def _record_gone(shows_total: bool, shows_goal: bool) -> str:
    known = ["the days", *["the titles"] * shows_total, *["the goal"] * shows_goal]
    return (
        f"The plan's own record is missing from this file. Still known: {', '.join(known)}. "
        "Not known: what was asked for, closed days and the clinic's limits."
    )


def _zone_assumed(name: str, is_calendars: bool) -> str:
    whose = "the calendar's own zone" if is_calendars else "as usual here"
    return f"The file doesn't say the clinic's time zone. {name} is assumed, {whose}."


def _missing_of(which: str) -> Callable[..., str]:
    def text(numbers: Sequence[int], total: int, is_back: bool = False) -> str:
        one = len(numbers) == 1
        what = f"{which}{'s' * (not one and which == 'Session')} {listed(numbers)} of {total}"
        if not is_back:
            return f"{what} {'is' if one else 'are'} not in this file."
        was, has = ("was", "has") if one else ("were", "have")
        return f"{what} {was} not in the file, and {has} a day again."

    return text


def _lagging(named: SessionName | int, day: date | None) -> str:
    of_day = "" if day is None else f" of {day_text(day)}"
    event = _event(named)
    return (
        f"The event{of_day} still says {event[0].lower()}{event[1:]}, as before the last change. "
        "It doesn't count. The file that the clinic kept shows whether it takes place."
    )


def _doubled(names: Sequence[SessionName]) -> str:
    which = f"Session {names[0]} is" if len(names) == 1 else f"Sessions {listed(names)} are"
    return f"{which} in the file twice. The newer event counts."


_TEXTS: dict[str, Callable[..., str]] = {
    "START_SLIPPED": _start_slipped,
    "START_WEEKDAY": _start_weekday,
    "WEEKDAY_CLOSED": lambda weekdays: (
        f"The patient prefers {list_of_weekdays(weekdays)}, but the clinic is always closed then."
    ),
    "ENDS_EARLY": _ends_early,
    "IN_THE_PAST": _in_the_past,
    "FAR_AHEAD": lambda day: (
        f"The course begins on {day_text(day)}, more than two years ahead. Check the year."
    ),
    "FEWER_SESSIONS": _fewer_sessions,
    "SHORT_MARGIN": _short_margin,
    "MAINTENANCE_LEFT_OUT": _left_out,
    "REST_NOT_LEGAL": _rest,
    "LATE": _late,
    "HOURS_ASSUMED": _hours_assumed,
    "HOLIDAYS_UNKNOWN": lambda region, years: (
        f"Not all holidays of {region} are known for {listed(years)}. Check those dates by hand."
    ),
    "HOLIDAYS_OF_PARTS": holidays_of_parts_text,
    "HALF_HOLIDAYS": _half_holiday,
    "CLOCK_CHANGE": _clock_change,
    "CAUTION": lambda goal: find_goal(goal).plan_caution or "",
    "RECORD_GONE": _record_gone,
    "ZONE_ASSUMED": _zone_assumed,
    "MISSING": _missing_of("Session"),
    "MAINTENANCE_MISSING": _missing_of("Maintenance"),
    "LAGGING": _lagging,
    "DOUBLED": _doubled,
    "COPIED": lambda: "One event is only a copy of one of the plan's, and stays as it is.",
    "UNREADABLE": lambda named: f"{_event(named)} has no readable day, and is left out.",
    "NO_DAY": lambda named, day: (
        f"{_event(named)} no longer has a day. {day_text(day)} is assumed, as in the plan."
    ),
    "NO_TIME": lambda named, clock: (
        f"{_event(named)} no longer has a time of day. {clock:%H:%M} is assumed."
    ),
    "REPEATS": lambda named: f"{_event(named)} repeats in this file. Its first day counts.",
    "PATIENT_CALENDAR": lambda: "Patient's calendar not given: add --patient-busy.",
    "CANCELLED": lambda named, day: (
        f"{_event(named)}, on {day_text(day)}, was cancelled in a calendar."
    ),
    "MOVED_SINCE": lambda named, day: (
        f"{_event(named)} took place on {day_text(day)}. Its event was moved since."
    ),
}
"""What makes the sentences of each code; its parameters are the values that the code has."""


def notice_of_undo(plan: Plan, earlier: Plan) -> Notice:
    """What an undo takes back, or does again where it takes back an undo."""
    did, before = (without_moment(each.did or "") for each in (plan, earlier))
    if plan.did == UNDO:
        again = f"“{before}”, which" if before else "what"
        return Notice("REDONE", f"This does again {again} the last undo took back.")
    change = f"“{did}”" if did else "the last change"
    return Notice("UNDONE", f"This takes back {change}. Another undo does it again.")


def notices_of_change(before: Plan, after: Plan) -> Iterator[Notice]:
    """That somebody else treats, and that sessions have other numbers than before.

    Whoever names one next must know.
    """
    treats = after.request.practitioner
    if treats is not None and treats != before.request.practitioner:
        yield Notice("TREATED_BY", f"From now on with {after.request.treats}.")
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
        yield Notice("RENUMBERED", f"S{', '.join(shifts)[1:]}.")
