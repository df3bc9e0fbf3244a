"""The words around a schedule that its table and its month view share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.days import day_text, days_text
from mesoplan.formats.page import Line, line
from mesoplan.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mesoplan.model import Plan, Session


def heading(plan: Plan) -> Iterator[Line]:
    """What is planned, for whom, in which zone."""
    what = plan.goal.capitalize() if plan.goal else "Course"
    what += f" · {plan.area}" if plan.area else ""
    detail = f" · {plan.total_sessions} sessions of {plan.duration_minutes} minutes"
    yield line((what, "title"), detail, f" · {plan.request.timezone}")
    where = " · ".join(filter(None, (plan.request.place, plan.request.phone)))
    if where:
        yield line((where, "quiet"))
    if plan.request.patient is not None:
        # Nothing follows the label, so that right-to-left script turns nothing round.
        yield line(("Patient: ", "quiet"), plan.request.patient)


def stay_line(plan: Plan) -> Line:
    """The stay, in one line."""
    if plan.stay is None:
        why = "the stay is not known: not all sessions are here"
        return line((why if plan.sessions else "no session is left", "title"))
    nights = plan.stay.nights
    home = f"home from {day_text(plan.stay.earliest_travel)}"
    return line((f"stay {nights} night{'' if nights == 1 else 's'}; {home}", "title"))


def warning_lines(plan: Plan) -> Iterator[Line]:
    """What the reader of the schedule must know, a line each."""
    for notice in plan.warnings:
        yield line(("Note: ", "attention"), notice.text)


def number_of(session: Session, plan: Plan) -> str:
    """“3/8”: the session's number of how many of its kind."""
    return f"{session.number}/{plan.total(session)}"


def note(session: Session) -> str:
    """Why the session is not on its preferred day, and by how much; empty when it is."""
    if not session.reasons:
        return ""
    off_days = 0
    if session.interval_days is not None and session.preferred_interval_days is not None:
        off_days = session.interval_days - session.preferred_interval_days
    elif session.due is not None and session.status is not Status.ATTENDED:
        off_days = (session.day - session.due).days
    why = "; ".join(reason.text for reason in session.reasons)
    if off_days == 0:
        return why
    return f"{days_text(abs(off_days))} {'later' if off_days > 0 else 'earlier'}; {why}"


def aligned_day(session: Session) -> str:
    """“Tue  1 Dec 2026”: the day with its number in two places, so that the months line up."""
    weekday, rest = day_text(session.day).split(" ", 1)
    return f"{weekday} {rest:>11}"


def status_of(session: Session, now: datetime) -> str:
    """What became of a session by *now*, in one word; empty while it is still to come."""
    if session.status is not Status.PLANNED:
        return session.status.value
    if session.is_fact(now):
        return "overdue"
    if session.moved_from is not None:
        return "moved"
    if session.late is not None:
        return "late"
    return "by hand" if session.fixed else ""
