"""The agenda on the screen, and as JSON."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import day_text
from mesoplan.errors import printable, quoted
from mesoplan.formats.page import (
    Part,
    Table,
    counted,
    line,
    table_of,
    titled,
)
from mesoplan.wording.findings import coded_text, problem_text, sessions_text
from mesoplan.wording.reasons import cause_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mesoplan.errors import FileProblem
    from mesoplan.planning.agenda import Agenda, AgendaDay, BookEntry, Booking
    from mesoplan.planning.clashes import Clash

_MOST_LINES, _MOST_NAMES = 2, 3
"""On a terminal a longer group takes one line, with the first few names."""
_TO_RECORD = (
    "Took place? mesoplan done PLAN SESSION",
    "Missed? mesoplan miss PLAN SESSION",
)
_DESERTED = "Practitioner not in the clinic's profile"
_NOT_HANDED_OUT = "Not handed out since a change"
_TO_HAND_OUT = "Hand it out: mesoplan handout PLAN. Done already? mesoplan show PLAN --handed-out"
_TO_DESERTED = "Who treats now? mesoplan replan PLAN --with ID"


def agenda_page(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None
) -> Iterator[Part]:
    """The days with a line for each appointment; *unreadable* are the files left out.

    *width* is that of the terminal, in columns; None for a pipe.
    """
    yield from heading(agenda)
    if not agenda.found and agenda.next_day is not None:
        yield line(f"Next session: {day_text(agenda.next_day)}")
    for day in agenda.found:
        load = sessions_text(day.active) if day.active else "no sessions"
        if agenda.rooms > 1 or day.at_once > 1:
            load += f", up to {day.at_once} at once"
        yield from titled(day_text(day.day), f" · {load}")
        yield _day(day, agenda)
    yield from to_see_to(agenda, unreadable, width, lists_days=True)


def heading(agenda: Agenda) -> Iterator[Part]:
    """Which days and how many sessions these are, of what."""
    count = sum(day.active for day in agenda.found)
    days = agenda.days if len(agenda.days) > 1 else day_text(agenda.days.first)
    whose = "" if agenda.of_one is None else f"{printable(agenda.name_of(agenda.of_one))} · "
    yield line((f"Agenda · {whose}{days}", "title"))
    of_all = "" if agenda.of_one is None else f"{agenda.own_plans} of "
    yield line(
        f"{sessions_text(count) if count else 'No sessions'} · "
        f"{of_all}{counted(agenda.plans, 'plan')} in the book · {counted(agenda.rooms, 'room')} · "
        f"{agenda.zone}"
    )


def _day(day: AgendaDay, agenda: Agenda) -> Table:
    rooms = agenda.rooms
    clashing = clashing_uids(agenda)
    columns: dict[str, Callable[[Booking], str]] = {
        "Time": lambda each: f"{each.start:%H:%M}–{each.end:%H:%M}",
        "No.": lambda each: each.number,
        "Goal": _goal,
    }
    if rooms > 1 or day.at_once > 1:
        columns["Rooms"] = lambda each: f"{each.at_once}/{rooms}" if each.at_once else ""
    if agenda.has_practitioners and agenda.of_one is None:
        columns["With"] = lambda each: printable(agenda.name_of(each.entry.practitioner))
    if any(each.status for each in day.bookings):
        columns["Status"] = lambda each: each.status
    columns["File"] = lambda each: _file(each.entry)
    plans = {each.entry.path: each.entry.label for each in day.bookings}
    has_labels = None not in plans.values() and len({*plans.values()}) == len(plans)
    if any(_patient(each.entry) for each in day.bookings):
        # Nothing follows the label, so that right-to-left script turns nothing round.
        columns["Patient"] = lambda each: _patient(each.entry)
    return table_of(
        day.bookings,
        columns,
        right_aligned={"No."},
        attention=lambda each: each.is_overdue or each.session.uid in clashing,
        quiet=lambda each: each.session.is_dropped,
        optional=[*["File"] * has_labels, "Rooms", "Goal"],
    )


def clashing_uids(agenda: Agenda) -> set[str]:
    """The UIDs of the appointments that clash."""
    return {each.session.uid for clash in agenda.clashes for each in clash.bookings}


def _patient(entry: BookEntry) -> str:
    return entry.label or ""


def _goal(booking: Booking) -> str:
    return " · ".join(filter(None, (booking.entry.plan.goal, booking.entry.plan.area))) or "–"


def _file(entry: BookEntry) -> str:
    return printable(entry.path.name)


def to_see_to(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None, *, lists_days: bool
) -> Iterator[Part]:
    """What somebody must see to, grouped and counted.

    All of it in a pipe. On a terminal plans are called by their labels, and a group of many takes
    one line, so that what comes up stays in sight. Where the page *lists the days*, past sessions
    of these are in their places there.
    """
    called = _file if width is None else attrgetter("called")
    shown = {each.session.uid for day in agenda.found for each in day.bookings if lists_days}
    to_record: dict[Path, list[Booking]] = {}
    for each in agenda.overdue:
        if each.session.uid not in shown:
            to_record.setdefault(each.entry.path, []).append(each)
    above = len(agenda.overdue) - sum(map(len, to_record.values()))
    past = counted(len(agenda.overdue), "past session") + f" ({above} shown above)" * (above > 0)
    groups: dict[str, list[tuple[str, str]]] = {
        f"Clashes: {len(agenda.clashes)}": [
            (_clash(each, agenda, called), _when(each)) for each in agenda.clashes
        ],
        f"To record: {past}": [_past(each, called) for each in to_record.values()],
        f"Plans that break a rule: {len(agenda.broken)}": [
            (f"{called(each.entry)}: {problem_text(problem)}", called(each.entry))
            for each in agenda.broken
            for problem in each.problems
        ],
        f"Courses with missing sessions: {len(agenda.unfinished)}": [
            (
                f"{called(each.entry)}: only {each.active} of {each.entry.plan.total_sessions} "
                f"sessions have a day{'' if each.has_next else ', and none is still to come'}",
                called(each.entry),
            )
            for each in agenda.unfinished
        ],
        f"{_DESERTED}: {counted(len(agenda.deserted), 'plan')}": [
            (
                f"{called(each.entry)}: {sessions_text(each.to_come)} to come with "
                f"{quoted(each.entry.practitioner or '')}",
                called(each.entry),
            )
            for each in agenda.deserted
        ],
        f"{_NOT_HANDED_OUT}: {counted(len(agenda.unseen), 'plan')}": [
            (f"{called(each)}: not handed out since revision {each.plan.unseen}", called(each))
            for each in agenda.unseen
        ],
        f"Left out: {counted(len(unreadable), 'file')}": [
            (
                each.in_one_line,
                printable(each.path.name if each.path else each.problem),
            )
            for each in unreadable
        ],
    }
    for heading, texts in groups.items():
        is_to_record = heading.startswith("To record") and bool(agenda.overdue)
        if texts or is_to_record:
            yield from titled(heading)
            yield from _lines(texts, width)
        if is_to_record:
            yield from (line((each, "quiet"), indent=2) for each in _TO_RECORD)
        if texts and heading.startswith(_DESERTED):
            yield line((_TO_DESERTED, "quiet"), indent=2)
        if texts and heading.startswith(_NOT_HANDED_OUT):
            yield line((_TO_HAND_OUT, "quiet"), indent=2)


def _lines(texts: Sequence[tuple[str, str]], width: int | None) -> Iterator[Part]:
    """A line for each of a few texts; for many, on a terminal, one with their short forms."""
    if width is None or len(texts) <= _MOST_LINES:
        yield from (line((text, "attention"), indent=2, hang=2) for text, _ in texts)
        return
    shorts = list(dict.fromkeys(short for _, short in texts))
    more = f"and {len(shorts) - _MOST_NAMES} more (“| more” shows all)"
    named = [*shorts[:_MOST_NAMES], *[more] * (len(shorts) > _MOST_NAMES)]
    yield line((" · ".join(named), "attention"), indent=2)


def _past(bookings: Sequence[Booking], called: Callable[[BookEntry], str]) -> tuple[str, str]:
    """The past sessions of a plan that are not recorded, with their days; and without."""
    entry = bookings[0].entry
    days = ", ".join(
        f"{each.session.name} ({day_text(each.start.date())}, {each.start:%H:%M})"
        for each in bookings
    )
    whose = f" · {_patient(entry)}" if _patient(entry) and called is _file else ""
    names = " ".join(str(each.session.name) for each in bookings)
    return f"{called(entry)}: {days}{whose}", f"{called(entry)} {names}"


def _when(clash: Clash) -> str:
    return f"{day_text(clash.start.date())}, {clash.start:%H:%M}–{clash.end:%H:%M}"


def _clash(clash: Clash, agenda: Agenda, called: Callable[[BookEntry], str] = _file) -> str:
    plans = ", ".join(dict.fromkeys(called(each.entry) for each in clash.bookings))
    if clash.cause is not None:
        return (
            f"{_when(clash)}: {printable(cause_text(clash.cause, [clash.start.date()]))} ({plans})"
        )
    at_once = sessions_text(clash.sessions) + " at once" * (clash.sessions > 1)
    free = f"no {clash.lacks} is" if clash.sessions == 1 else f"fewer {clash.lacks}s are"
    text = {
        "patient": f"the same patient has {at_once}",
        "practitioner": f"{printable(agenda.name_of(clash.practitioner))} has {at_once}",
        "practitioners": f"{at_once}, but {counted(len(agenda.practitioners), 'practitioner')}",
        "rooms": f"{at_once}, but {counted(agenda.rooms, 'room')}",
        "busy": f"{at_once}, but {free} free",
    }[clash.kind]
    return f"{_when(clash)}: {text} ({plans})"


def agenda_document(agenda: Agenda, unreadable: Sequence[FileProblem]) -> dict[str, Any]:
    """The agenda as the schema “mesoplan-agenda/1” has it; *unreadable* are the files left out.

    A session's `file` is the name of its plan's file in the book, `at_once` how many sessions
    there are at most while it lasts. A clash is of ROOMS, of one PATIENT or PRACTITIONER, of
    PRACTITIONERS, or with what makes the time BUSY.
    """
    return {
        "schema": "mesoplan-agenda/1",
        "from": agenda.days.first,
        "to": agenda.days.last,
        "timezone": str(agenda.zone),
        "rooms": agenda.rooms,
        "practitioner": _practitioner_document(agenda, agenda.of_one),
        "plans": agenda.plans,
        "days": [
            {
                "day": day.day,
                "standing": day.active,
                "at_once": day.at_once,
                "sessions": [
                    _booking_document(agenda, each) | {"at_once": each.at_once}
                    for each in day.bookings
                ],
            }
            for day in agenda.found
        ],
        "next_day": agenda.next_day,
        "clashes": [
            {
                "code": clash.kind.upper(),
                "start": clash.start,
                "end": clash.end,
                "sessions": clash.sessions,
                "practitioner": _practitioner_document(agenda, clash.practitioner),
                "text": _clash(clash, agenda),
                "uids": [booking.session.uid for booking in clash.bookings],
            }
            for clash in agenda.clashes
        ],
        "overdue": [_booking_document(agenda, each) for each in agenda.overdue],
        "breaches": [
            _plan_document(each.entry) | {"breaches": list(map(coded_text, each.problems))}
            for each in agenda.broken
        ],
        "unfinished": [
            {
                **_plan_document(each.entry),
                "sessions": each.active,
                "total": each.entry.plan.total_sessions,
                "has_next": each.has_next,
            }
            for each in agenda.unfinished
        ],
        "practitioner_gone": [
            {
                **_plan_document(each.entry),
                "practitioner": _practitioner_document(agenda, each.entry.practitioner),
                "to_come": each.to_come,
            }
            for each in agenda.deserted
        ],
        "not_handed_out": [
            _plan_document(each) | {"since_revision": each.plan.unseen} for each in agenda.unseen
        ],
        "unreadable": [
            {"file": problem.path.name if problem.path else None, "problem": problem.problem}
            for problem in unreadable
        ],
    }


def _plan_document(entry: BookEntry) -> dict[str, Any]:
    plan = entry.plan
    return {
        "file": entry.path.name,
        "plan": plan.id,
        "patient": entry.label,
        "goal": plan.goal,
        "area": plan.area,
    }


def _practitioner_document(agenda: Agenda, practitioner: str | None) -> dict[str, Any] | None:
    """Somebody who treats; the name is that of the clinic's profile, if it has one."""
    if practitioner is None:
        return None
    names = (each.name for each in agenda.practitioners if each.id == practitioner)
    return {"id": practitioner, "name": next(names, None)}


def _booking_document(agenda: Agenda, booking: Booking) -> dict[str, Any]:
    session = booking.session
    return {
        **_plan_document(booking.entry),
        "kind": session.kind,
        "number": session.number,
        "total": booking.entry.plan.total(session),
        "uid": session.uid,
        "start": booking.start,
        "end": booking.end,
        "status": session.status,
        "overdue": booking.is_overdue,
        "practitioner": _practitioner_document(agenda, booking.entry.practitioner),
    }
