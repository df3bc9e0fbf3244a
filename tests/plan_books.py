"""Folders of plans for tests, made quickly."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from mesoplan import DateRange, Phase, Plan, Request, Session, plan
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.agenda import BookEntry

STAMP = datetime(2026, 11, 1, tzinfo=UTC)


def plan_id(number: int) -> str:
    """The id of the plan with that number."""
    return str(UUID(int=number))


@cache
def plan_bytes(number: int = 1, goal: str = "hair", private: bool = False) -> bytes:
    """A plan's new file; of few sessions, since that is quick."""
    request = Request(
        goal,
        date(2026, 12, 1),
        sessions=3,
        timezone="Europe/Paris",
        patient=f"Patient {number}",
        plan_id=plan_id(number),
    )
    return calendar_file(plan(request), CalendarOptions(private=private), STAMP)


def make_book(folder: Path, plans: int = 3) -> Path:
    """A folder with so many plans, “a.ics”, “b.ics”, …"""
    folder.mkdir(exist_ok=True)
    for number in range(1, plans + 1):
        (folder / f"{chr(96 + number)}.ics").write_bytes(plan_bytes(number))
    return folder


def book_entry(
    name: str,
    sessions: Iterable[Session],
    *,
    goal: str | None = "hair",
    patient: str | None = None,
    zone: str = "Europe/Paris",
    total: int = 0,
    cancelled: bool = False,
    treats: str | None = None,
) -> BookEntry:
    """A plan with just these sessions; *total* is how many its course is to have, if not fewer."""
    found = tuple(sessions)
    active = [session for session in found if not session.is_dropped]
    course = tuple(session for session in active if session.kind == "course")
    made = Plan(
        id=name,
        revision=0,
        request=Request("hair", timezone=zone, patient=patient, years=3, practitioner=treats),
        goal=goal,
        area=None,
        phases=(Phase(max(total, len(course)), 7),),
        maintenance_per_year=2,
        duration_minutes=30,
        sessions=course,
        maintenance=tuple(session for session in active if session.kind == "maintenance"),
        stay=None,
        notices=(),
        dropped=tuple(session for session in found if session.is_dropped),
        cancelled=cancelled,
    )
    return BookEntry(Path(f"{name}.ics"), made)


def session_at(uid: str, number: int, start: datetime, minutes: int = 30, **fields: Any) -> Session:
    """A session from an aware moment on."""
    end = (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(start.tzinfo)
    session = Session(
        number=number,
        kind="course",
        uid=uid,
        start=start,
        end=end,
        window=DateRange(start.date(), start.date()),
    )
    return replace(session, **fields)
