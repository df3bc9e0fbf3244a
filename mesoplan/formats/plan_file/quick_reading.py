"""Reads a plan's file at once where it is just as this program wrote it.

What `reader.plan_in` finds out step by step in files of any program is certain there: which lines
each event has, that each has its record and is where the record says, that nothing is missing. For
every other file there is `plan_in`, which gives the same plan for these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.days import LAST_YEAR
from mesoplan.dates.times import DEFAULT_REMINDERS, reminders
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput
from mesoplan.formats.ical.zones import FileZones
from mesoplan.formats.plan_file.found_events import own_uid
from mesoplan.formats.plan_file.record_reading import read_plan_record, read_session_record
from mesoplan.formats.plan_file.record_text import VERSION, BrokenRecord
from mesoplan.model.plan import Plan, Session, Status, Stay
from mesoplan.model.request import CalendarOptions
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from mesoplan.formats.plan_file.record_reading import PlanRecord, SessionRecord

_DAY = timedelta(days=1)
_HOME = timedelta(days=MIN_DAYS_BEFORE_TRAVEL)
_DROPPED = (Status.MISSED, Status.CANCELLED)

_STAMP = r":[0-9]{8}T[0-9]{6}Z\r\n"
_CLOCK = r"(?:;TZID=([\w+/-]+))?:([0-9]{8}T[0-9]{6})(Z?)\r\n"
_TEXT = r":.*\r\n"
_RECORD = r":(.*)\r\n"
_REVISION = re.compile(rf"(v={VERSION}&id=[0-9A-Za-z-]+)&revision=([0-9]{{1,9}})(?=&)")
_SERIAL = re.compile(r"&serial=[0-9]{1,5}(?=&|$)")
_OF_RECORDS = re.compile(r"[A-Za-z0-9_%&=+.:/~-]+")
_HEAD = re.compile(
    r"BEGIN:VCALENDAR\r\nVERSION:2\.0\r\nPRODID:-//(?:mesoplan//mesoplan|"
    r"Appointments//Appointment Calendar)//EN\r\nCALSCALE:GREGORIAN\r\n"
    rf"X-APPOINTMENT-PLAN{_RECORD}(BEGIN:VTIMEZONE\r\n(?:.*\r\n)*?END:VTIMEZONE\r\n)?",
    re.ASCII,
)
_HALF = (
    r"(?:BEGIN:{}\r\nDTSTART:[0-9]{{8}}T[0-9]{{6}}\r\nTZOFFSETFROM:[+-][0-9]{{4,6}}\r\n"
    r"TZOFFSETTO:[+-][0-9]{{4,6}}\r\nTZNAME:[\w+-]+\r\n"
    r"(?:RRULE:FREQ=YEARLY;BYDAY=-?[1-5][A-Z]{{2}};BYMONTH=[0-9]{{1,2}}\r\n)?END:{}\r\n)"
)
_ZONE = re.compile(
    r"BEGIN:VTIMEZONE\r\nTZID:([\w+/-]+)\r\nX-LIC-LOCATION:\1\r\n"
    + _HALF.format("STANDARD", "STANDARD")
    + _HALF.format("DAYLIGHT", "DAYLIGHT")
    + r"?END:VTIMEZONE\r\n",
    re.ASCII,
)
_EVENT = re.compile(
    r"BEGIN:VEVENT\r\nUID:([0-9A-Za-z-]{8,64})-([0-9]{2,5})\r\nSEQUENCE:([0-9]{1,9})\r\n"
    rf"DTSTAMP{_STAMP}CREATED{_STAMP}LAST-MODIFIED{_STAMP}DTSTART{_CLOCK}DTEND{_CLOCK}"
    rf"SUMMARY{_TEXT}DESCRIPTION{_TEXT}(?:LOCATION{_TEXT})?"
    r"STATUS:(CONFIRMED|TENTATIVE|CANCELLED)\r\nTRANSP:(?:OPAQUE|TRANSPARENT)\r\n"
    rf"X-APPOINTMENT-PLAN{_RECORD}X-APPOINTMENT{_RECORD}(?:LOCATION{_TEXT})?"
    r"(?:BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P[0-9A-Z]+\r\n"
    rf"DESCRIPTION{_TEXT}END:VALARM\r\n)*END:VEVENT\r\n",
    re.ASCII,
)
_END = "END:VCALENDAR\r\n"


class _NotOurs(Exception):
    """The file is not just as this program wrote it."""


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """A plan in a file that nobody but this program wrote."""

    plan: Plan
    options: CalendarOptions
    """How its file is written."""


def read_own(data: bytes) -> OwnPlan | None:
    """The plan in a file that is just as this program wrote it, new or after changes.

    None for every other file, and where anything would have to be assumed.
    """
    try:
        return _read(data)
    except (_NotOurs, BrokenRecord, InvalidInput, ValueError, OverflowError):
        return None


def _read(data: bytes) -> OwnPlan:
    # All that matters here is ASCII, and texts are not looked at.
    text = data.decode("latin-1").replace("\r\n ", "")
    # The patterns see to it that a CR stands before each LF; none may stand anywhere else.
    if "\0" in text or text.count("\r") != text.count("\n") or not text.endswith(_END):
        raise _NotOurs
    head = _HEAD.match(text)
    if head is None or (head[2] is not None and not _is_our_zone(head[2])):
        raise _NotOurs
    events: list[re.Match[str]] = []
    at, end = head.end(), len(text) - len(_END)
    while at < end:
        event = _EVENT.match(text, at)
        if event is None:
            raise _NotOurs
        events.append(event)
        at = event.end()
    if not events:
        raise _NotOurs
    record = _newest_record([head[1], *(event[11] for event in events)])
    zone = find_zone(record.request.timezone)
    plan = _plan(record, [_appointment(event, record.plan_id, zone) for event in events])
    options = CalendarOptions(
        private=record.private,
        utc=record.utc,
        reminders=(
            DEFAULT_REMINDERS
            if record.reminders is None
            else reminders(record.reminders.split(","))
        ),
    )
    return OwnPlan(plan, options)


@lru_cache(maxsize=256)
def _is_our_zone(text: str) -> bool:
    """Whether it is a VTIMEZONE in the form that we write; few are in use, in many files."""
    return _ZONE.fullmatch(text) is not None


def _newest_record(texts: list[str]) -> PlanRecord:
    """The record with the highest revision, the first of them; all must be of one plan."""
    revisions = {text: _revision_in(text) for text in dict.fromkeys(texts)}
    newest = max(revisions, key=revisions.__getitem__)
    record = read_plan_record(_of_record(newest))
    uid = f"{record.plan_id}-01"
    if own_uid(uid) != uid:
        raise _NotOurs
    # What is said of the plan stands in the calendar's record alone, at its end.
    same = _without_counts(newest.partition("&note=")[0])
    for text in revisions:
        if text != newest and _without_counts(text) != same:
            other = read_plan_record(_of_record(text))
            if other.plan_id != record.plan_id:
                raise _NotOurs
    return record


def _revision_in(text: str) -> int:
    found = _REVISION.match(text)
    if found is None:
        raise _NotOurs
    return int(found[2])


def _without_counts(text: str) -> str:
    """A record without what most changes of a plan change in it."""
    return _SERIAL.sub("", _REVISION.sub(r"\1", text, count=1), count=1)


def _of_record(text: str) -> str:
    """The text, if it has only what records are written with."""
    if _OF_RECORDS.fullmatch(text) is None:
        raise _NotOurs
    return text


class _Appointment(NamedTuple):
    """What one event tells."""

    uid: str
    serial: int
    sequence: int
    start: datetime
    end: datetime
    record: SessionRecord

    def session(self, number: int, interval: int | None, preferred: int | None) -> Session:
        """The session that it is, under that number, so many days after the one before."""
        record = self.record
        return Session(
            number=number,
            kind=_kind(record),
            uid=self.uid,
            start=self.start,
            end=self.end,
            interval_days=interval,
            preferred_interval_days=preferred,
            due=record.due,
            window=record.window,
            status=record.status,
            sequence=self.sequence,
            reasons=record.reasons,
            pinned=record.fixed,
            late=record.late,
        )


def _kind(record: SessionRecord) -> Literal["course", "maintenance"]:
    return "maintenance" if record.kind == "maintenance" else "course"


def _appointment(event: re.Match[str], plan_id: str, zone: ZoneInfo) -> _Appointment:
    of_plan, serial, sequence, *times, status, _, text = event.groups()
    record = read_session_record(_of_record(text))
    start, end = _moment(times[:3], zone), _moment(times[3:], zone)
    if (
        of_plan != plan_id
        or record.planned != start.replace(tzinfo=None)
        or not timedelta() < end - start < _DAY
        or (status == "CANCELLED") is not (record.status in _DROPPED)
    ):
        raise _NotOurs
    return _Appointment(f"{of_plan}-{serial}", int(serial), int(sequence), start, end, record)


def _moment(parts: Sequence[str], zone: ZoneInfo) -> datetime:
    """The moment that TZID, date and Z tell, in the clinic's zone."""
    zone_name, written, utc = parts
    local = datetime.fromisoformat(written)
    if utc and not zone_name:
        return local.replace(tzinfo=UTC).astimezone(zone)
    if utc or not zone_name or _shared_zone(zone_name) is not zone:
        raise _NotOurs
    moment = local.replace(tzinfo=zone)
    return moment if _clocks_stay(zone, local.date()) else moment.astimezone(UTC).astimezone(zone)


@lru_cache(maxsize=4096)
def _clocks_stay(zone: ZoneInfo, day: date) -> bool:
    """Whether no clocks are changed around a day, so that they show each of its times once."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    around = (midnight + timedelta(days=days) for days in (-1, 0, 1, 2))
    return len({moment.utcoffset() for moment in around}) == 1


@lru_cache(maxsize=64)
def _shared_zone(name: str) -> tzinfo | None:
    """The zone that any file means by a TZID; None where a file's own VTIMEZONE may decide."""
    return FileZones((), LAST_YEAR).find(name) if "/" in name else None


def _plan(record: PlanRecord, found: list[_Appointment]) -> Plan:
    if len({each.uid for each in found}) < len(found):
        raise _NotOurs
    dropped = [each for each in found if each.record.status in _DROPPED]
    standing = sorted(
        (each for each in found if each.record.status not in _DROPPED), key=lambda each: each.start
    )
    sessions = _course([each for each in standing if each.record.kind == "course"], record)
    is_whole = len(sessions) == sum(count for count, _ in record.phases)
    if not (is_whole or record.ended):
        raise _NotOurs
    return Plan(
        id=record.plan_id,
        revision=record.revision,
        request=record.request,
        goal=record.goal,
        area=record.area,
        phases=record.phases,
        maintenance_per_year=record.maintenance_per_year,
        duration_minutes=record.duration_minutes,
        sessions=sessions,
        maintenance=tuple(
            _as_recorded(each) for each in standing if each.record.kind == "maintenance"
        ),
        stay=Stay(sessions[0].day, sessions[-1].day + _HOME) if sessions else None,
        notices=record.notices,
        dropped=tuple(
            sorted(map(_as_recorded, dropped), key=lambda session: session.place_in_time)
        ),
        last_serial=max(record.last_serial, *(each.serial for each in found)),
        cancelled=record.ended,
        row_digest=record.row_digest,
    )


def _as_recorded(found: _Appointment) -> Session:
    record = found.record
    return found.session(record.number, None, record.preferred_interval_days)


def _course(found: list[_Appointment], record: PlanRecord) -> tuple[Session, ...]:
    preferred = [days for count, days in record.phases for _ in range(count)]
    numbers = [each.record.number for each in found]
    if len(set(numbers)) < len(numbers) or max(numbers, default=0) > len(preferred):
        raise _NotOurs
    if len(found) == len(preferred):
        numbers = list(range(1, len(found) + 1))
    sessions: list[Session] = []
    for number, each in zip(numbers, found, strict=True):
        interval = (each.start.date() - sessions[-1].day).days if sessions else None
        sessions.append(
            each.session(number, interval, preferred[number - 2] if number > 1 else None)
        )
    return tuple(sessions)
