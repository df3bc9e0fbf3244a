"""Folders of plans for tests, made quickly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from mesoplan import Request, plan
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.request import CalendarOptions

if TYPE_CHECKING:
    from pathlib import Path

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


def renumbered(data: bytes, old: int, new: int) -> bytes:
    """The file as that of another plan of the same length."""
    return data.replace(plan_id(old).encode(), plan_id(new).encode())


def make_book(folder: Path, plans: int = 3) -> Path:
    """A folder with so many plans, “a.ics”, “b.ics”, …"""
    folder.mkdir(exist_ok=True)
    for number in range(1, plans + 1):
        (folder / f"{chr(96 + number)}.ics").write_bytes(plan_bytes(number))
    return folder
