"""The events of one plan, looked for in calendar files of any program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mesoplan.formats.ical.dates import Unreadable
from mesoplan.formats.ical.events import Clocks, read_event, sequence
from mesoplan.formats.ical.text import Component, Property
from mesoplan.formats.ical.zones import FileZones
from mesoplan.formats.plan_file.record import EVENT_PROPERTY, PLAN_PROPERTY
from mesoplan.formats.plan_file.record_reading import (
    PlanRecord,
    SessionRecord,
    read_plan_record,
    read_session_record,
)
from mesoplan.formats.plan_file.record_text import BrokenRecord, NewerRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.formats.ical.lines import Block

_UID = re.compile(r"([0-9A-Za-z-]{8,64})-([0-9]{2,5})")
_RANDOM_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Exchange puts a foreign UID into one of its own: a fixed head, its length, a mark, and the UID.
_WRAPPED_UID = re.compile(r"040000008200E00074C5B7101A82E008[0-9A-F]*7643616C2D55696401000000(\w*)")
_LAST_YEAR = 2100


class NotOnePlan(Exception):
    """The files hold no plan, several, or one that can't be read; *problem* says which."""

    def __init__(self, problem: str, remedy: str, path: Path | None, line: int | None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One event of the plan, as far as it can be read by itself."""

    uid: str
    serial: int
    path: Path
    block: Block
    component: Component
    """The same as calendar text is read everywhere."""
    record: SessionRecord | None
    sequence: int
    written_at: str
    """LAST-MODIFIED and DTSTAMP, to tell the newer of two."""

    @property
    def is_cancelled(self) -> bool:
        """Whether a calendar shows it as cancelled."""
        status = (self.block.text("STATUS") or "").upper()
        return status in {"CANCELLED", "CANCELED"}

    @property
    def is_occurrence(self) -> bool:
        """Whether it stands for one occurrence of a series that a program made of it."""
        return self.block.text("RECURRENCE-ID") is not None

    @property
    def repeats(self) -> bool:
        """Whether a program made a series of it."""
        return any(line.name in {"RRULE", "RDATE"} for line in self.block.lines)

    @property
    def zone_name(self) -> str | None:
        """The TZID of its start."""
        found = self.component.first("DTSTART")
        return found.parameters.get("TZID") if found else None


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """All that the files tell of one plan."""

    plan_id: str
    record: PlanRecord | None
    """The newest one."""
    events: tuple[FoundEvent, ...]
    """One for each UID."""
    doubled: tuple[FoundEvent, ...]
    """Those of UIDs that were there twice, with different content."""
    copies: int
    """How many events have a record of the plan and a UID that is none of it."""
    calendar_zone: str | None
    """What the calendar says of the zone of whoever looks at it."""
    zones: dict[Path, FileZones]


def find_plan(calendars: Iterable[tuple[Path, Block]]) -> FoundPlan:
    """The one plan that is in these VCALENDARs, each with the file that it was read from.

    Raises NotOnePlan where there is none, where there are several, and where a record of it can't
    be read or contradicts itself.
    """
    calendars = list(calendars)
    records: list[PlanRecord] = []
    read: dict[str, PlanRecord] = {}
    events: list[FoundEvent] = []
    occurrences: list[FoundEvent] = []
    strangers: list[str] = []
    for path, calendar in calendars:
        for block in (calendar, *_events(calendar)):
            text = block.text(PLAN_PROPERTY)
            if text is not None:
                # All events have the same one, unless the plan has changed.
                if text not in read:
                    read[text] = _plan_record(text, path, block)
                records.append(read[text])
        for block in _events(calendar):
            event = _found_event(path, block)
            if event is not None:
                (occurrences if event.is_occurrence else events).append(event)
            elif (stranger := block.text(PLAN_PROPERTY)) is not None:
                strangers.append(read[stranger].plan_id)
    whole = {event.uid for event in events}
    # An occurrence of a series that is not there is all that is left of its appointment.
    events += [event for event in occurrences if event.uid not in whole]
    ids = {record.plan_id for record in records}
    if not ids:
        ids = {_id_of(event) for event in events if _RANDOM_ID.fullmatch(_id_of(event))}
    if len(ids) != 1:
        raise _not_one(len(ids), calendars[0][0] if len(calendars) == 1 else None)
    (plan_id,) = ids
    own = [event for event in events if _id_of(event) == plan_id]
    if not own:
        problem = (
            "its events have other UIDs than the plan gave them, so that no calendar could follow "
            "a change"
            if plan_id in strangers
            else "its events are gone"
        )
        raise NotOnePlan(problem, "use the file that the clinic kept", None, None)
    newest, doubled = _newest_of_each(own)
    return FoundPlan(
        plan_id=plan_id,
        record=max(records, key=lambda record: record.revision, default=None),
        events=tuple(newest),
        doubled=tuple(doubled),
        copies=strangers.count(plan_id),
        calendar_zone=_calendar_zone(calendar for _, calendar in calendars),
        zones={path: _zones(calendar) for path, calendar in calendars},
    )


def _events(calendar: Block) -> Iterator[Block]:
    return (block for block in calendar.blocks if block.name == "VEVENT")


def _found_event(path: Path, block: Block) -> FoundEvent | None:
    """The event, if its UID may be one of ours."""
    uid = own_uid(block.text("UID") or "")
    match = _UID.fullmatch(uid)
    if match is None:
        return None
    text = block.text(EVENT_PROPERTY)
    component = _component(block)
    written = f"{block.text('LAST-MODIFIED') or ''} {block.text('DTSTAMP') or ''}"
    return FoundEvent(
        uid=uid,
        serial=int(match[2]),
        path=path,
        block=block,
        component=component,
        record=None if text is None else _session_record(text, path, block),
        sequence=sequence(component),
        written_at=written,
    )


def own_uid(uid: str) -> str:
    """The UID that an event had before a program put it into one of its own, or into capitals."""
    match = _WRAPPED_UID.fullmatch(uid)
    if match is not None:
        try:
            uid = bytes.fromhex(match[1]).rstrip(b"\0").decode("ascii")
        except ValueError:
            return uid
    return uid.lower() if _RANDOM_ID.fullmatch(uid.rpartition("-")[0]) else uid


def _id_of(event: FoundEvent) -> str:
    return event.uid.rpartition("-")[0]


def _not_one(plans: int, path: Path | None) -> NotOnePlan:
    if plans == 0:
        return NotOnePlan(
            "there is no plan here",
            "“mesoplan check” holds any calendar against the rules; “plan” makes a plan",
            path,
            None,
        )
    return NotOnePlan(
        f"there are {plans} plans here, not one", "keep each plan in a file of its own", path, None
    )


def _plan_record(text: str, path: Path, block: Block) -> PlanRecord:
    try:
        return read_plan_record(text)
    except BrokenRecord as error:
        raise _unreadable(error, path, block) from error


def _session_record(text: str, path: Path, block: Block) -> SessionRecord:
    try:
        return read_session_record(text)
    except BrokenRecord as error:
        raise _unreadable(error, path, block) from error


def _unreadable(error: BrokenRecord, path: Path, block: Block) -> NotOnePlan:
    remedy = (
        "use a later version of mesoplan"
        if isinstance(error, NewerRecord)
        else "use the file that the clinic kept, or the one before the last change (….ics~)"
    )
    problem = f"the plan's own record can't be read: {error.problem}"
    return NotOnePlan(problem, remedy, path, block.number)


def _newest_of_each(events: list[FoundEvent]) -> tuple[list[FoundEvent], list[FoundEvent]]:
    """The newest event of each UID, and those of which there are others that differ."""
    by_uid: dict[str, list[FoundEvent]] = {}
    for event in events:
        by_uid.setdefault(event.uid, []).append(event)
    newest, doubled = [], []
    for same in by_uid.values():
        best = max(same, key=lambda event: (event.sequence, event.written_at))
        newest.append(best)
        if any(list(each.block.written()) != list(best.block.written()) for each in same):
            doubled.append(best)
    return newest, doubled


def _calendar_zone(calendars: Iterable[Block]) -> str | None:
    names = {calendar.text("X-WR-TIMEZONE") for calendar in calendars} - {None, ""}
    return names.pop() if len(names) == 1 else None


def _zones(calendar: Block) -> FileZones:
    definitions = (_component(block) for block in calendar.blocks if block.name == "VTIMEZONE")
    return FileZones(definitions, _LAST_YEAR)


def _component(block: Block) -> Component:
    """A block as the readers of busy calendars have it."""
    found = Component(block.name, block.number)
    for line in block.lines:
        unfolded = re.sub(rb"\n[ \t]", b"", line.raw)
        after_name = unfolded[len(re.split(rb"[:;]", unfolded, maxsplit=1)[0]) :]
        found.properties.setdefault(line.name, []).append(Property(line.number, after_name))
    found.parts = [_component(inside) for inside in block.blocks]
    return found


@dataclass(frozen=True, slots=True)
class EventTime:
    """When an event is, in the clinic's zone."""

    start: datetime
    end: datetime | None
    """None where the event does not say."""
    has_clock: bool
    """Whether it tells a time of day."""


def time_of(event: FoundEvent, zones: FileZones, zone: ZoneInfo) -> EventTime | None:
    """When an event is; None where it does not say so that it can be read."""
    clocks = Clocks(zones, zone)
    try:
        read = read_event(event.component)
        start = clocks.instant(read.start, read.at).astimezone(zone)
    except (Unreadable, OverflowError, ValueError):
        return None
    try:
        end = clocks.span(read)[1].astimezone(zone)
    except (Unreadable, OverflowError, ValueError):
        end = start
    told = read.end is not None and timedelta() < end - start < timedelta(days=1)
    return EventTime(start, end if told else None, not read.start.is_day)


def zone_named(name: str | None, zones: Iterable[FileZones]) -> str | None:
    """The IANA name of the zone that a TZID of the files means, if it has one."""
    if not name:
        return None
    found = (each.find(name) for each in zones)
    return next((key for zone in found if (key := getattr(zone, "key", None))), None)
