"""The schedule of a plan on the screen: as a table, and as months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text
from mesoplan.formats.page import (
    Grid,
    Line,
    Part,
    Span,
    counted,
    line,
    month_grid,
    note_line,
    side_by_side,
    table_of,
    titled,
)
from mesoplan.model.plan import Status
from mesoplan.model.request import LANGUAGES
from mesoplan.planning.availability import for_maintenance
from mesoplan.wording.notices import notice_text
from mesoplan.wording.reasons import note_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from mesoplan.model.plan import Plan, Session


_NARROWEST_WITH_NOTES = 120
"""On terminals this wide the notes are a column of the table; on others, a list below it."""

_NARROWEST_WITH_DUE_YEAR = 72
"""On narrower terminals a due day is “16 Aug”; the day beside it has the year."""

_NOT_RECORDED = "not recorded"
_THIS_DAY = "this day only"
_LEGEND = "Window: the days a session can move to if no other moves."
_LEGEND_OF_ONE = "This day only: it can't move alone."
_DAY_WIDTH = 4
"""The columns of a day in a month."""


def heading(plan: Plan) -> Iterator[Line]:
    """What is planned, for whom, in which zone."""
    what = plan.goal.capitalize() if plan.goal else "Course"
    what += f" · {plan.area}" if plan.area else ""
    minutes, zone = f"{plan.duration_minutes} minutes", plan.request.timezone
    if plan.request.treats is not None:
        zone = f"with {plan.request.treats} · {zone}"
    if (fitting := _fitting(plan)) is not None:
        yield line((f"{what} · {fitting}", "title"), f" · {minutes} · {zone}")
    else:
        yield line((what, "title"), f" · {plan.total_sessions} sessions of {minutes} · {zone}")
    where = " · ".join(filter(None, (plan.request.location, plan.request.phone)))
    if where:
        yield line((where, "quiet"))
    if plan.request.language != "en":
        yield line(("Language: ", "quiet"), LANGUAGES[plan.request.language])
    if plan.request.patient is not None:
        # Nothing follows the label, so that right-to-left script turns nothing round.
        yield line(("Patient: ", "quiet"), plan.request.patient)


def _fitting(plan: Plan) -> str | None:
    """“4 of 8 sessions fit before 15 Feb”, of a course that was shortened."""
    for notice in plan.notices:
        # A file of an earlier version has the words alone.
        if notice.code == "FEWER_SESSIONS" and not isinstance(notice.about, str):
            planned, asked, end, _ = notice.about
            before = f" before {' '.join(day_text(end.until).split()[1:3])}" if end else ""
            return f"{planned} of {asked} sessions fit{before}"
    return None


def stay_lines(plan: Plan) -> Iterator[Line]:
    """The stay of a patient who travels."""
    stay, request = plan.stay, plan.request
    if not plan.sessions:
        yield line(("No session is left.", "title"))
    elif not plan.cancelled and (request.arrive is not None or request.depart is not None):
        text = "not known, because some sessions are not in this file."
        if stay is not None:
            home = f"Can travel home from {day_text(stay.earliest_travel)}."
            text = f"{counted(stay.nights, 'night')}. {home}"
        yield line((f"Stay: {text}", "title"))


def number_of(session: Session, plan: Plan) -> str:
    """“3/8”: the session's number of how many of its kind."""
    return f"{session.number}/{plan.total(session)}"


def aligned_day(session: Session) -> str:
    """“Tue  1 Dec 2026”: the day with its number in two places, so that the months line up."""
    weekday, rest = day_text(session.day).split(" ", 1)
    return f"{weekday} {rest:>11}"


def time_of(session: Session) -> str:
    """“10:00”: when it begins."""
    return f"{session.start:%H:%M}"


def status_of(session: Session, now: datetime | None) -> str:
    """The status of a session at *now* (aware), in one word; empty while it is still to come."""
    if now is None:
        return ""
    if session.status is not Status.PLANNED:
        return session.status.value
    if session.is_past(now):
        return _NOT_RECORDED
    if session.moved_from is not None:
        return "moved"
    if session.late is not None:
        return "late"
    return "by hand" if session.pinned else ""


def table(plan: Plan, width: int | None, now: datetime | None = None) -> Iterator[Part]:
    """The schedule, part by part, for a terminal of *width* columns; None for a pipe.

    In a pipe every session has its note on its own line. With *now* (aware) it shows the status of
    each session.
    """
    yield from heading(plan)
    yield line()
    if plan.sessions:
        yield from _sessions(plan, plan.sessions, "Days", width, now)
    if plan.maintenance:
        yield from titled(f"Maintenance, {plan.maintenance_per_year} a year")
        yield from _sessions(plan, plan.maintenance, "Due", width, now)
    if plan.dropped and now is not None:
        yield from titled("Missed and cancelled")
        columns: dict[str, Callable[[Session], str]] = {
            "No.": lambda each: str(each.name),
            "Day": aligned_day,
            "Time": time_of,
            "Status": lambda each: each.status.value,
        }
        yield table_of(plan.dropped, columns, right_aligned={"No."}, quiet=lambda _: True)
    yield line()
    if any(_window(each, now) for each in plan.active):
        only = any(_window(each, now) == _THIS_DAY for each in plan.active)
        text = f"{_LEGEND} {_LEGEND_OF_ONE}" if only else _LEGEND
        yield line((text, "quiet"), hang=len("Window: "))
    yield from ending(plan)


def ending(plan: Plan) -> Iterator[Line]:
    """The stay, and what else the reader of a schedule must know."""
    yield from stay_lines(plan)
    yield from (note_line(notice_text(notice)) for notice in plan.notices)


def _sessions(
    plan: Plan,
    sessions: Sequence[Session],
    measure: str,
    width: int | None,
    now: datetime | None,
) -> Iterator[Part]:
    noted = [session for session in sessions if session.reasons]
    in_table = bool(noted) and (width is None or width >= _NARROWEST_WITH_NOTES)

    def measured(session: Session) -> str:
        mark = "*" if session.reasons and not in_table else ""
        is_over = session.due is not None and now is not None and session.is_past(now)
        return ("" if is_over else _measure(session, width)) + mark

    columns: dict[str, Callable[[Session], str]] = {
        "No.": lambda each: number_of(each, plan),
        "Day": aligned_day,
        "Time": time_of,
        measure: measured,
    }
    if any(status_of(each, now) for each in sessions):
        columns["Status"] = lambda each: status_of(each, now)
    columns["Window"] = lambda each: _window(each, now)
    if in_table:
        columns["Note"] = note_text
    yield table_of(
        sessions,
        columns,
        right_aligned={"No.", measure},
        attention=lambda each: (
            bool(each.reasons) or status_of(each, now) in {_NOT_RECORDED, "moved"}
        ),
    )
    if noted and not in_table:
        yield line("* Not on the preferred day or time:")
        alike: dict[str, list[Session]] = {}
        for session in noted:
            alike.setdefault(note_text(session), []).append(session)
        for text, sharing in alike.items():
            numbers = _numbers(sharing, plan)
            yield line((f"{numbers}  {text}", "attention"), indent=2, hang=len(numbers) + 2)


def _numbers(sessions: Sequence[Session], plan: Plan) -> str:
    """“2/8”, “2/8, 3/8, 7/8”, or “2/8 – 7/8” for three or more in a row."""
    first, last = sessions[0], sessions[-1]
    if len(sessions) > 2 and last.number - first.number == len(sessions) - 1:
        return f"{number_of(first, plan)} – {number_of(last, plan)}"
    return ", ".join(number_of(session, plan) for session in sessions)


def _window(session: Session, now: datetime | None) -> str:
    """The days to which it could move, none of them past; empty if it is past itself."""
    if now is not None and session.is_past(now):
        return ""
    window = session.window if now is None else session.window_at(now)
    return _THIS_DAY if len(window) == 1 else str(window)


def _measure(session: Session, width: int | None) -> str:
    """Days since the session before, or the day on which maintenance is due."""
    if session.due is not None:
        due = day_text(session.due)
        short = width is not None and width < _NARROWEST_WITH_DUE_YEAR
        return " ".join(due.split()[1:3]) if short else due
    return "" if session.interval_days is None else str(session.interval_days)


def months(plan: Plan, width: int | None, now: datetime | None = None) -> Iterator[Part]:
    """The months of the plan, side by side as *width* columns allow; None for a pipe.

    Course sessions are in [brackets], maintenance in (round ones); an x follows a day on which the
    clinic is closed or the patient away. All months of the course are shown, and of the later ones
    those with maintenance. With *now* (aware) it shows the status of each session.
    """
    yield from heading(plan)
    yield line()
    yield from side_by_side([_grid(plan, *month) for month in _months_shown(plan)], width)
    yield line((_legend(plan), "quiet"))
    for session in (*plan.sessions, *plan.maintenance):
        kind = "session" if session.kind == "course" else "maintenance"
        when = f"{day_text(session.day)}, {time_of(session)}"
        what = ", ".join(filter(None, (kind, status_of(session, now))))
        yield line(f"{number_of(session, plan):>5}  {when}  {what}")
    yield line()
    yield from ending(plan)


def _legend(plan: Plan) -> str:
    request = plan.request
    closed = request.closed_weekdays or request.closures or request.holidays or request.away
    marks = ["[ ] session", *["( ) maintenance"] * bool(plan.maintenance)]
    return "   ".join([*marks, *["x closed or away"] * bool(closed)])


def _months_shown(plan: Plan) -> Iterator[tuple[int, int]]:
    course = range(0)
    if plan.sessions:
        first, last = plan.sessions[0].day, plan.sessions[-1].day
        course = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    maintenance = (session.day.year * 12 + session.day.month - 1 for session in plan.maintenance)
    for number in sorted({*course, *maintenance}):
        yield number // 12, number % 12 + 1


def _grid(plan: Plan, year: int, month: int) -> Grid:
    availability = for_maintenance(plan.request, plan.duration_minutes)
    course = {session.day for session in plan.sessions}
    maintenance = {session.day for session in plan.maintenance}

    def cell(day: date) -> list[Span]:
        number = day.day
        if day in course:
            return [(f"[{number:2}]", "session")]
        if day in maintenance:
            return [(f"({number:2})", "maintenance")]
        if availability.blockers(day):
            return [(f" {number:2}x", "quiet")]
        return [(f" {number:2} ", "")]

    return month_grid(year, month, [_DAY_WIDTH] * 7, cell)
