"""The agenda on the screen and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import day_text
from mesoplan.errors import printable
from mesoplan.formats.page import Grid, Part, Span, Table, line, month_grid, side_by_side
from mesoplan.planning.breaches import sessions_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from mesoplan.errors import FileProblem
    from mesoplan.planning.agenda import Agenda, AgendaDay, BookedPlan, Booking, Clash

_CELL = 7
_NARROW_CELL = 5
_NARROWEST_WITH_ROOM = 7 * _CELL
_MOST_ON_A_TERMINAL = 25
"""So much of each kind that somebody must see to is shown there: what comes up stays in sight."""


def agenda_page(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None
) -> Iterator[Part]:
    """The days with a line for each appointment; *unreadable* are the files left out.

    *width* is that of the terminal, in columns; None for a pipe.
    """
    yield from _heading(agenda)
    if not agenda.found and agenda.next_day is not None:
        yield line(f"the next one is on {day_text(agenda.next_day)}")
    for day in agenda.found:
        yield line()
        yield line((day_text(day.day), "title"), f" · {_load(day, agenda.rooms)}")
        yield _day(day, agenda.rooms)
    yield from _to_see_to(agenda, unreadable, width)


def agenda_months(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None
) -> Iterator[Part]:
    """The months as grids that tell how many sessions each day has; then the same as above."""
    yield from _heading(agenda)
    yield line()
    by_day = {day.day: day for day in agenda.found}
    crowded = {clash.start.date() for clash in agenda.clashes}
    days = agenda.days
    months = range(
        days.first.year * 12 + days.first.month - 1, days.last.year * 12 + days.last.month
    )
    is_narrow = width is not None and width < _NARROWEST_WITH_ROOM
    grids = [_grid(number, agenda, by_day, crowded, is_narrow=is_narrow) for number in months]
    yield from side_by_side(grids, width)
    marks = ["×3  three sessions", *["!  clash"] * (bool(crowded) and not is_narrow)]
    yield line(("   ".join(marks), "quiet"))
    yield from _to_see_to(agenda, unreadable, width)


def _grid(
    number: int,
    agenda: Agenda,
    by_day: dict[date, AgendaDay],
    crowded: set[date],
    *,
    is_narrow: bool,
) -> Grid:
    cell_width = _NARROW_CELL if is_narrow else _CELL

    def cell(day: date) -> Span:
        text = f"{day.day:2}" if is_narrow else f" {day.day:2}"
        if day not in agenda.days:
            return text.ljust(cell_width), "quiet"
        count = by_day[day].standing if day in by_day else 0
        if count == 0:
            return text.ljust(cell_width), ""
        load = "9+" if is_narrow and count > 9 else str(count)
        mark = "!" if day in crowded and not is_narrow else ""
        return f"{text}×{load}{mark}".ljust(cell_width), (
            "attention" if day in crowded else "session"
        )

    return month_grid(number // 12, number % 12 + 1, cell_width, cell)


def _heading(agenda: Agenda) -> Iterator[Part]:
    count = sum(day.standing for day in agenda.found)
    rooms = "1 room" if agenda.rooms == 1 else f"{agenda.rooms} rooms"
    yield line(
        (
            f"Agenda · {agenda.days if len(agenda.days) > 1 else day_text(agenda.days.first)}",
            "title",
        )
    )
    plans = "1 plan" if agenda.plans == 1 else f"{agenda.plans:,} plans"
    yield line(
        f"{sessions_text(count) if count else 'no session'} · {plans} in the book · {rooms} · "
        f"{agenda.zone}"
    )


def _load(day: AgendaDay, rooms: int) -> str:
    count = sessions_text(day.standing) if day.standing else "no session"
    if rooms == 1 and day.at_once <= 1:
        return count
    return f"{count}, up to {day.at_once} at once"


def _day(day: AgendaDay, rooms: int) -> Table:
    bookings = day.bookings
    columns: list[tuple[str, Callable[[Booking], str]]] = [
        ("Time", lambda each: f"{each.start:%H:%M}–{each.end:%H:%M}"),
        ("No.", lambda each: each.number),
        ("Goal", lambda each: _goal(each.plan)),
    ]
    if rooms > 1 or day.at_once > 1:
        columns.append(("Rooms", lambda each: f"{each.at_once}/{rooms}" if each.at_once else ""))
    if any(each.status for each in bookings):
        columns.append(("Status", lambda each: each.status))
    # Nothing follows the label, so that right-to-left script turns nothing round.
    columns.append(("Patient", lambda each: _whose(each.plan)))
    return Table(
        headings=tuple(heading for heading, _ in columns),
        rows=tuple(tuple(cell(each) for _, cell in columns) for each in bookings),
        right_aligned=frozenset({1}),
        attention=frozenset(
            k for k, each in enumerate(bookings) if each.is_overdue or each.at_once > rooms
        ),
        quiet=frozenset(k for k, each in enumerate(bookings) if each.session.is_dropped),
    )


def _goal(plan: BookedPlan) -> str:
    return " · ".join(filter(None, (plan.goal, plan.area))) or "–"


def _whose(plan: BookedPlan) -> str:
    """The patient's label; where the plan has none, what its file is called."""
    return printable(plan.file_name) if plan.patient is None else plan.patient


def _to_see_to(
    agenda: Agenda, unreadable: Sequence[FileProblem], width: int | None
) -> Iterator[Part]:
    """What somebody must see to, under a heading each; all of it in a pipe."""
    most = None if width is None else _MOST_ON_A_TERMINAL
    clashes = [_clash(clash, agenda.rooms) for clash in agenda.clashes]
    yield from _section("Clashes", clashes, most)
    if agenda.overdue:
        count = len(agenda.overdue)
        are = "is" if count == 1 else "are"
        yield line()
        title = f"Overdue: {sessions_text(count)} {are} past, neither attended nor missed"
        yield line((title, "title"))
        yield _overdue(agenda.overdue[:most])
        yield from _more(count, most)
        yield line(("say “attend” of what took place, “miss” of what did not", "quiet"))
    broken = [
        f"{printable(plan.file_name)}: {breach}"
        for plan in agenda.broken
        for breach in plan.breaches
    ]
    yield from _section("Plans that break a rule", broken, most)
    unfinished = [
        f"{printable(each.plan.file_name)}: {each.standing} of {each.plan.total_sessions} "
        f"sessions stand{'' if each.has_next else ', and none is to come'}"
        for each in agenda.unfinished
    ]
    yield from _section("Courses that lack sessions", unfinished, most)
    count = len(unreadable)
    by_remedy: dict[str, list[str]] = {}
    for problem in unreadable[:most]:
        by_remedy.setdefault(problem.remedy, []).append(problem.problem)
    if unreadable:
        yield line()
        yield line((f"Left out: {'1 file' if count == 1 else f'{count:,} files'}", "title"))
    for remedy, problems in by_remedy.items():
        for text in problems:
            yield line((text, "attention"), indent=2)
        yield line((remedy, "quiet"), indent=4)
    yield from _more(count, most)


def _section(title: str, texts: Sequence[str], most: int | None) -> Iterator[Part]:
    """Texts under a title; nothing where there are none."""
    if texts:
        yield line()
        yield line((title, "title"))
    for text in texts[:most]:
        yield line((text, "attention"), indent=2)
    yield from _more(len(texts), most)


def _more(count: int, most: int | None) -> Iterator[Part]:
    if most is not None and count > most:
        text = f"and {count - most:,} more; in a pipe, or with --json, all are told"
        yield line((text, "quiet"), indent=2)


def _overdue(bookings: Sequence[Booking]) -> Table:
    return Table(
        headings=("Day", "Time", "No.", "Goal", "File", "Patient"),
        rows=tuple(
            (
                day_text(each.start.date()),
                f"{each.start:%H:%M}",
                each.number,
                _goal(each.plan),
                printable(each.plan.file_name),
                each.plan.patient or "",
            )
            for each in bookings
        ),
        right_aligned=frozenset({2}),
    )


def _clash(clash: Clash, rooms: int) -> str:
    when = f"{day_text(clash.start.date())}, {clash.start:%H:%M}–{clash.end:%H:%M}"
    files = ", ".join(dict.fromkeys(printable(each.plan.file_name) for each in clash.bookings))
    if clash.kind == "patient":
        return f"{when}: one patient {clash.sessions} times at once ({files})"
    has = "1 room" if rooms == 1 else f"{rooms} rooms"
    return f"{when}: {clash.sessions} sessions at once, and {has} ({files})"


def agenda_document(agenda: Agenda, unreadable: Sequence[FileProblem]) -> dict[str, Any]:
    """The agenda as the schema “mesoplan-agenda/1” has it; *unreadable* are the files left out.

    A session's `file` is the name of its plan's file in the book, `at_once` how many sessions
    there are at most while it lasts. A clash is of ROOMS or of one PATIENT.
    """
    return {
        "schema": "mesoplan-agenda/1",
        "from": agenda.days.first.isoformat(),
        "to": agenda.days.last.isoformat(),
        "timezone": str(agenda.zone),
        "rooms": agenda.rooms,
        "plans": agenda.plans,
        "days": [
            {
                "day": day.day.isoformat(),
                "standing": day.standing,
                "at_once": day.at_once,
                "sessions": [{**_booking(each), "at_once": each.at_once} for each in day.bookings],
            }
            for day in agenda.found
        ],
        "next_day": agenda.next_day.isoformat() if agenda.next_day else None,
        "clashes": list(map(_clash_document, agenda.clashes)),
        "overdue": list(map(_booking, agenda.overdue)),
        "breaches": [{**_plan(plan), "breaches": list(plan.breaches)} for plan in agenda.broken],
        "unfinished": [
            {
                **_plan(each.plan),
                "sessions": each.standing,
                "total": each.plan.total_sessions,
                "has_next": each.has_next,
            }
            for each in agenda.unfinished
        ],
        "unreadable": [
            {"file": problem.path.name if problem.path else None, "problem": problem.problem}
            for problem in unreadable
        ],
    }


def _plan(plan: BookedPlan) -> dict[str, Any]:
    return {
        "file": plan.file_name,
        "plan": plan.plan_id,
        "patient": plan.patient,
        "goal": plan.goal,
        "area": plan.area,
    }


def _booking(booking: Booking) -> dict[str, Any]:
    session = booking.session
    return {
        **_plan(booking.plan),
        "kind": session.kind,
        "number": session.number,
        "total": booking.plan.total(session),
        "uid": session.uid,
        "start": booking.start.isoformat(),
        "end": booking.end.isoformat(),
        "status": session.status.value,
        "overdue": booking.is_overdue,
    }


def _clash_document(clash: Clash) -> dict[str, Any]:
    return {
        "code": clash.kind.upper(),
        "start": clash.start.isoformat(),
        "end": clash.end.isoformat(),
        "sessions": clash.sessions,
        "uids": [booking.session.uid for booking in clash.bookings],
    }
