"""A plan's file in other hands: written in long lines, edited event by event, read and changed."""

import re
from datetime import date, datetime
from pathlib import Path

from mesoplan import Plan, Request, plan, replan
from mesoplan.formats.plan_file.reading import ReadPlan, plan_in
from mesoplan.formats.plan_file.rewriting import rewritten
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.changes import Change
from mesoplan.model.request import CalendarOptions

NOW = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
ID = "4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f"
PATH = Path("plan.ics")
_EVENT = re.compile(r"BEGIN:VEVENT.*?END:VEVENT\r\n", re.DOTALL)


def request(**fields: object) -> Request:
    """Eight sessions from Tue 1 Dec 2026 at 10:00, and two of maintenance, but *fields*."""
    usual = {"goal": "hair", "start": date(2026, 12, 1), "timezone": "Europe/Paris", "plan_id": ID}
    return Request(**{**usual, **fields})  # type: ignore[arg-type]  # by name


def written(made: Plan | Request | None = None, *, private: bool = False, utc: bool = False) -> str:
    """A plan's file, each property in one line."""
    if made is None or isinstance(made, Request):
        made = plan(made or request())
    return unfolded(calendar_file(made, CalendarOptions(private=private, utc=utc), NOW))


def unfolded(data: bytes) -> str:
    return data.decode().replace("\r\n ", "")


def bare(text: str) -> str:
    """The file without its records."""
    return re.sub(r"X-APPOINTMENT[^\r]*\r\n", "", text)


def read(text: str | bytes, zone: str = "UTC") -> ReadPlan:
    data = text.encode() if isinstance(text, str) else text
    return plan_in([(PATH, data)], lambda: zone)


def said(text: str) -> list[tuple[str, object]]:
    """What reading it assumes, as codes and values."""
    return [(notice.code, notice.about) for notice in read(text, "Asia/Tokyo").assumed]


def events(text: str) -> list[str]:
    return _EVENT.findall(text)


def serial_of(event: str) -> int:
    found = re.search(r"^UID:.*-(\d+)\r", event, re.M)
    assert found is not None
    return int(found[1])


def event(text: str, serial: int) -> str:
    """The event of that serial."""
    (found,) = (each for each in events(text) if serial_of(each) == serial)
    return found


def edited(text: str, serial: int, pattern: str, new: str) -> str:
    """The file with a change in one event."""
    old = event(text, serial)
    changed, times = re.subn(pattern, new, old, count=1, flags=re.M)
    assert times == 1
    return text.replace(old, changed)


def with_events(text: str, *serials: int) -> str:
    """The file with those events alone."""
    return _EVENT.sub(lambda found: found[0] if serial_of(found[0]) in serials else "", text)


def without(text: str, *serials: int) -> str:
    return _EVENT.sub(lambda found: "" if serial_of(found[0]) in serials else found[0], text)


def with_more(text: str, *more: str) -> str:
    """The file with more events at its end."""
    return text.replace("END:VCALENDAR", "".join(more) + "END:VCALENDAR")


def retitled(text: str) -> str:
    """The file with titles of somebody else."""
    return re.sub(r"SUMMARY:[^\r]*", "SUMMARY:Doctor", text)


def without_words(text: str) -> str:
    """The file without any word of ours."""
    return re.sub(r"DESCRIPTION:[^\r]*\r\n", "", retitled(bare(text)))


def after(text: str, change: Change, now: datetime = NOW) -> str:
    """The file after a change of the plan, each property in one line."""
    found = read(text)
    return unfolded(rewritten(found, replan(found.plan, change, now=now), now))
