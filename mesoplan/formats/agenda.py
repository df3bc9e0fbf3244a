"""The agenda on the screen, as JSON, and as a calendar file for the practitioner's own screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import day_text
from mesoplan.dates.zones import shown_twice
from mesoplan.errors import printable
from mesoplan.formats.ical import lines as ical
from mesoplan.formats.ical.events import AGENDA_UID
from mesoplan.formats.page import (
    Grid,
    Part,
    Span,
    Style,
    Table,
    counted,
    line,
    month_grid,
    side_by_side,
    table_of,
    titled,
)
from mesoplan.wording.findings import coded_text, problem_text, sessions_text
from mesoplan.wording.patient import title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from mesoplan.errors import FileProblem
    from mesoplan.planning.agenda import Agenda, AgendaDay, BookEntry, Booking, Clash

AGENDA_MARK = "X-AGENDA-OF-APPOINTMENTS"
"""The property that only a calendar file of an agenda has."""

_CELL = 7
_NARROW_CELL = 5
_NARROWEST_WITH_ROOM = 7 * _CELL
_MOST_LINES, _MOST_NAMES = 2, 3
"""On a terminal a longer group takes one line, with the first few names."""
_TO_RECORD = (
    "Took place? mesoplan done FILE SESSION",
    "Missed? mesoplan miss FILE SESSION",
)


def agenda_page(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None
) -> Iterator[Part]:
    """The days with a line for each appointment; *unreadable* are the files left out.

    *width* is that of the terminal, in columns; None for a pipe.
    """
    yield from _heading(agenda)
    if not agenda.found and agenda.next_day is not None:
        yield line(f"Next session: {day_text(agenda.next_day)}")
    for day in agenda.found:
        load = sessions_text(day.active) if day.active else "no sessions"
        if agenda.rooms > 1 or day.at_once > 1:
            load += f", up to {day.at_once} at once"
        yield from titled(day_text(day.day), f" · {load}")
        yield _day(day, agenda.rooms)
    yield from _to_see_to(agenda, unreadable, width, lists_days=True)


def agenda_months(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None
) -> Iterator[Part]:
    """The months as grids with the number of sessions of each day; then the same as above."""
    yield from _heading(agenda)
    yield line()
    first, last = agenda.days.first, agenda.days.last
    crowded = {clash.start.date() for clash in agenda.clashes}
    is_narrow = width is not None and width < _NARROWEST_WITH_ROOM
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    grids = [_grid(month, agenda, crowded, is_narrow=is_narrow) for month in months]
    yield from side_by_side(grids, width)
    marks = ["×3  three sessions", *["!  clash"] * (bool(crowded) and not is_narrow)]
    yield line(("   ".join(marks), "quiet"))
    yield from _to_see_to(agenda, unreadable, width, lists_days=False)


def _grid(month: int, agenda: Agenda, crowded: set[date], *, is_narrow: bool) -> Grid:
    """A month, counted from January of the year 0."""
    cell_width = _NARROW_CELL if is_narrow else _CELL
    counts = {day.day: day.active for day in agenda.found}

    def cell(day: date) -> Span:
        text = f"{day.day:2}" if is_narrow else f" {day.day:2}"
        if day not in agenda.days:
            return text.ljust(cell_width), "quiet"
        count = counts.get(day, 0)
        if not count:
            return text.ljust(cell_width), ""
        load = "9+" if is_narrow and count > 9 else str(count)
        mark = "!" if day in crowded and not is_narrow else ""
        style: Style = "attention" if day in crowded else "session"
        return f"{text}×{load}{mark}".ljust(cell_width), style

    return month_grid(month // 12, month % 12 + 1, cell_width, cell)


def _heading(agenda: Agenda) -> Iterator[Part]:
    count = sum(day.active for day in agenda.found)
    days = agenda.days if len(agenda.days) > 1 else day_text(agenda.days.first)
    yield line((f"Agenda · {days}", "title"))
    yield line(
        f"{sessions_text(count) if count else 'No sessions'} · "
        f"{counted(agenda.plans, 'plan')} in the book · {counted(agenda.rooms, 'room')} · "
        f"{agenda.zone}"
    )


def _day(day: AgendaDay, rooms: int) -> Table:
    columns: dict[str, Callable[[Booking], str]] = {
        "Time": lambda each: f"{each.start:%H:%M}–{each.end:%H:%M}",
        "No.": lambda each: each.number,
        "Goal": _goal,
    }
    if rooms > 1 or day.at_once > 1:
        columns["Rooms"] = lambda each: f"{each.at_once}/{rooms}" if each.at_once else ""
    if any(each.status for each in day.bookings):
        columns["Status"] = lambda each: each.status
    columns["File"] = lambda each: _file(each.entry)
    if any(_patient(each.entry) for each in day.bookings):
        # Nothing follows the label, so that right-to-left script turns nothing round.
        columns["Patient"] = lambda each: _patient(each.entry)
    return table_of(
        day.bookings,
        columns,
        right_aligned={"No."},
        attention=lambda each: each.is_overdue or each.at_once > rooms,
        quiet=lambda each: each.session.is_dropped,
    )


def _patient(entry: BookEntry) -> str:
    return entry.plan.request.patient or ""


def _goal(booking: Booking) -> str:
    return " · ".join(filter(None, (booking.entry.plan.goal, booking.entry.plan.area))) or "–"


def _file(entry: BookEntry) -> str:
    return printable(entry.path.name)


def _to_see_to(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None, *, lists_days: bool
) -> Iterator[Part]:
    """What somebody must see to, grouped and counted.

    All of it in a pipe; on a terminal a group of many takes one line, so that what comes up stays
    in sight. Where the page *lists the days*, past sessions of these are in their places there.
    """
    shown = {each.session.uid for day in agenda.found for each in day.bookings if lists_days}
    to_record: dict[Path, list[Booking]] = {}
    for each in agenda.overdue:
        if each.session.uid not in shown:
            to_record.setdefault(each.entry.path, []).append(each)
    above = len(agenda.overdue) - sum(map(len, to_record.values()))
    past = counted(len(agenda.overdue), "past session") + f" ({above} shown above)" * (above > 0)
    groups: dict[str, list[tuple[str, str]]] = {
        f"Clashes: {len(agenda.clashes)}": [
            (_clash(each, agenda.rooms), _when(each)) for each in agenda.clashes
        ],
        f"To record: {past}": list(map(_past, to_record.values())),
        f"Plans that break a rule: {len(agenda.broken)}": [
            (f"{_file(each.entry)}: {problem_text(problem)}", _file(each.entry))
            for each in agenda.broken
            for problem in each.problems
        ],
        f"Courses with missing sessions: {len(agenda.unfinished)}": [
            (
                f"{_file(each.entry)}: only {each.active} of {each.entry.plan.total_sessions} "
                f"sessions have a day{'' if each.has_next else ', and none is still to come'}",
                _file(each.entry),
            )
            for each in agenda.unfinished
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


def _lines(texts: Sequence[tuple[str, str]], width: int | None) -> Iterator[Part]:
    """A line for each of a few texts; for many, on a terminal, one with their short forms."""
    if width is None or len(texts) <= _MOST_LINES:
        yield from (line((text, "attention"), indent=2, hang=2) for text, _ in texts)
        return
    shorts = list(dict.fromkeys(short for _, short in texts))
    more = f"and {len(shorts) - _MOST_NAMES} more (“| more” shows all)"
    named = [*shorts[:_MOST_NAMES], *[more] * (len(shorts) > _MOST_NAMES)]
    yield line((" · ".join(named), "attention"), indent=2)


def _past(bookings: Sequence[Booking]) -> tuple[str, str]:
    """The past sessions of a plan that are not recorded, with their days; and without."""
    entry = bookings[0].entry
    days = ", ".join(
        f"{each.session.name} ({day_text(each.start.date())}, {each.start:%H:%M})"
        for each in bookings
    )
    whose = f" · {_patient(entry)}" if _patient(entry) else ""
    names = " ".join(str(each.session.name) for each in bookings)
    return f"{_file(entry)}: {days}{whose}", f"{_file(entry)} {names}"


def _when(clash: Clash) -> str:
    return f"{day_text(clash.start.date())}, {clash.start:%H:%M}–{clash.end:%H:%M}"


def _clash(clash: Clash, rooms: int) -> str:
    when = _when(clash)
    files = ", ".join(dict.fromkeys(_file(each.entry) for each in clash.bookings))
    if clash.kind == "patient":
        return f"{when}: the same patient has {clash.sessions} sessions at once ({files})"
    return f"{when}: {clash.sessions} sessions at once, but {counted(rooms, 'room')} ({files})"


def agenda_document(agenda: Agenda, unreadable: Sequence[FileProblem]) -> dict[str, Any]:
    """The agenda as the schema “mesoplan-agenda/1” has it; *unreadable* are the files left out.

    A session's `file` is the name of its plan's file in the book, `at_once` how many sessions
    there are at most while it lasts. A clash is of ROOMS or of one PATIENT.
    """
    return {
        "schema": "mesoplan-agenda/1",
        "from": agenda.days.first,
        "to": agenda.days.last,
        "timezone": str(agenda.zone),
        "rooms": agenda.rooms,
        "plans": agenda.plans,
        "days": [
            {
                "day": day.day,
                "standing": day.active,
                "at_once": day.at_once,
                "sessions": [
                    _booking_document(each) | {"at_once": each.at_once} for each in day.bookings
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
                "uids": [booking.session.uid for booking in clash.bookings],
            }
            for clash in agenda.clashes
        ],
        "overdue": list(map(_booking_document, agenda.overdue)),
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
        "patient": plan.request.patient,
        "goal": plan.goal,
        "area": plan.area,
    }


def _booking_document(booking: Booking) -> dict[str, Any]:
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
    }


def agenda_file(
    bookings: Sequence[Booking], zone_name: str, stamp: datetime, *, private: bool
) -> bytes:
    """The appointments as a calendar file, written at the moment *stamp* (aware).

    A private one has no word of treatment, goal, area or patient. Times are in the clinic's zone,
    or in UTC where that has no rule that all calendars read. Each event has a UID of its own, made
    of the appointment's, so that both can be in one calendar. There are no alarms: the screen is
    there to be looked at.
    """
    from mesoplan.formats.ical.vtimezone import vtimezone

    moments = [moment for each in bookings for moment in (each.start, each.end)]
    # A calendar must have something in it, even where nothing comes up.
    years = [moment.year for moment in moments or [stamp]]
    zone = None
    if not any(map(shown_twice, moments)):
        zone = vtimezone(zone_name, min(years), max(years))
    in_zone = zone_name if zone else None
    product = "Appointments//Appointment Calendar" if private else "mesoplan//mesoplan"
    return b"".join(
        [
            ical.line("BEGIN", "VCALENDAR"),
            ical.line("VERSION", "2.0"),
            ical.line("PRODID", f"-//{product}//EN"),
            ical.line("CALSCALE", "GREGORIAN"),
            ical.line(AGENDA_MARK, "1"),
            zone or b"",
            *(_event(each, in_zone, stamp, private=private) for each in bookings),
            ical.line("END", "VCALENDAR"),
        ]
    )


def is_agenda(data: bytes) -> bool:
    """Whether a file that begins like this is one that `agenda_file` wrote."""
    return data.startswith(b"BEGIN:VCALENDAR\r\n") and f"\r\n{AGENDA_MARK}:".encode() in data[:300]


def _event(booking: Booking, zone_name: str | None, stamp: datetime, *, private: bool) -> bytes:
    session, written = booking.session, ical.utc_text(stamp)
    status = "CONFIRMED" if session.kind == "course" else "TENTATIVE"

    def time(name: str, moment: datetime) -> bytes:
        if zone_name is None:
            return ical.line(name, ical.utc_text(moment))
        return ical.line(f"{name};TZID={zone_name}", ical.local_text(moment))

    return b"".join(
        [
            ical.line("BEGIN", "VEVENT"),
            ical.line("UID", f"{AGENDA_UID}{session.uid}"),
            ical.line("SEQUENCE", str(session.sequence)),
            *(ical.line(name, written) for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED")),
            time("DTSTART", booking.start),
            time("DTEND", booking.end),
            ical.text_line("SUMMARY", _summary(booking, private=private)),
            ical.line("STATUS", "CANCELLED" if session.is_dropped else status),
            ical.line("TRANSP", "TRANSPARENT" if session.is_dropped else "OPAQUE"),
            ical.line("END", "VEVENT"),
        ]
    )


def _summary(booking: Booking, *, private: bool) -> str:
    """What the patient's own calendar has, what for, and whose it is."""
    plan, label = booking.entry.plan, booking.entry.plan.request.patient
    text = title(plan, booking.session, private=private or plan.goal is None)
    label = None if label is None else " ".join(label.split())
    return text if private else " · ".join(filter(None, (text, plan.goal, label)))
