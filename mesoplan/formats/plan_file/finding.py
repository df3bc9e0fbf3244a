"""Finds the events and records of one plan in calendar files of any program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from mesoplan.formats.ical.events import is_cancelled, sequence
from mesoplan.formats.ical.lines import plain_text
from mesoplan.formats.ical.zones import FileZones
from mesoplan.formats.plan_file.record import (
    EVENT_PROPERTY,
    PLAN_PROPERTY,
    BrokenRecord,
    NewerRecord,
    PlanRecord,
    SessionRecord,
    own_record,
    read_plan_record,
    read_session_record,
)
from mesoplan.model.plan import SessionName, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from mesoplan.formats.ical.lines import Block
    from mesoplan.model.plan import Plan

_T = TypeVar("_T")
USE_KEPT = "use the file that the clinic kept, or the one before the last change (….ics~)"
_UID = re.compile(r"([0-9A-Za-z-]{8,64})-([0-9]{2,5})")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Exchange puts a foreign UID into one of its own: a fixed head, its length, a mark, and the UID.
_WRAPPED_UID = re.compile(r"040000008200E00074C5B7101A82E008[0-9A-F]*7643616C2D55696401000000(\w*)")
_LAST_YEAR = 2100
DROPPED = frozenset({Status.MISSED, Status.CANCELLED})


class NotOnePlan(Exception):
    """The files hold no plan, several, or one that can't be read; *problem* says which."""

    def __init__(
        self, problem: str, remedy: str, path: Path | None = None, line: int | None = None
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.path = path
        self.line = line


@dataclass(frozen=True)
class CalendarFile:
    """A VCALENDAR, and the file that it was read from."""

    path: Path
    block: Block

    @cached_property
    def zones(self) -> FileZones:
        """The zones that its TZIDs mean."""
        zones = (block for block in self.block.blocks if block.name == "VTIMEZONE")
        return FileZones(zones, _LAST_YEAR)


class FoundEvent(NamedTuple):
    """One event of the plan, with what it says by itself."""

    uid: str
    file: CalendarFile
    block: Block
    record: SessionRecord | None
    revision: int = -1
    """Of the plan when the event was written; -1 where it does not say."""
    minutes: int | None = None
    """How long a session of the plan was then; None where it does not say."""

    @property
    def named(self) -> SessionName | int:
        """The session's name, or the line of the event if no record says which session it is."""
        if self.record is None:
            return self.block.number
        return SessionName(self.record.kind, self.record.number)

    @property
    def plan_id(self) -> str:
        """The id of its plan."""
        return self.uid.rpartition("-")[0]

    @property
    def serial(self) -> int:
        """What ends its UID."""
        return int(self.uid.rpartition("-")[2])

    @property
    def sequence(self) -> int:
        """The number of its version; 0 where it has none that is a number."""
        return sequence(self.block)

    @property
    def age(self) -> tuple[int, str, int]:
        """What rises with each version of the event."""
        written = (self.block.text(name) or "" for name in ("LAST-MODIFIED", "DTSTAMP"))
        return self.sequence, " ".join(written), self.revision

    @property
    def zone_name(self) -> str | None:
        """The TZID of its start."""
        start = self.block.first("DTSTART")
        return start.parameters.get("TZID") if start else None


@dataclass(slots=True)
class DatedEvent:
    """An event of the plan, with what is known of its session by now."""

    event: FoundEvent
    record: SessionRecord
    """Its own, or what is assumed in its place."""
    kind: Literal["course", "maintenance"]
    number: int
    """0 where nothing says it."""
    start: datetime
    """In the clinic's zone, as the end."""
    end: datetime
    status: Status
    moved_from: datetime | None
    """When the plan has it, if somebody moved the event in a calendar."""

    @property
    def uid(self) -> str:
        """The UID of the event."""
        return self.event.uid

    @property
    def day(self) -> date:
        """Its day in the clinic's zone."""
        return self.start.date()


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """All that the files hold of one plan."""

    plan_id: str
    record: PlanRecord | None
    """The newest one."""
    events: tuple[FoundEvent, ...]
    """One for each UID."""
    doubled: frozenset[str]
    """The UIDs that were there twice, with different content."""
    copies: int
    """How many events have a record of the plan, but not one of its UIDs."""
    lagging: tuple[FoundEvent, ...] = ()
    """Those that a change has passed by, and that contradict newer ones; none of *events*."""


def find_plan(files: Sequence[CalendarFile]) -> FoundPlan:
    """The one plan that is in these files.

    Raises NotOnePlan if there is none, if there are several, and if a record of it can't
    be read or contradicts itself.
    """
    records: dict[str, PlanRecord] = {}
    events: list[FoundEvent] = []
    occurrences: list[FoundEvent] = []
    strangers: list[str] = []
    seen: set[bytes] = set()
    for file in files:
        blocks = [block for block in file.block.blocks if block.name == "VEVENT"]
        for block in (file.block, *blocks):
            line = block.first(PLAN_PROPERTY)
            # All events have the same, unless the plan has changed.
            if line is None or line.raw in seen:
                continue
            seen.add(line.raw)
            text = plain_text(line.value)
            if (own := own_record(text)) not in records:
                records[own] = _read(read_plan_record, text, file, block)
        for block in blocks:
            uid = own_uid(block.text("UID") or "")
            if _UID.fullmatch(uid):
                said = block.text(EVENT_PROPERTY)
                record = None if said is None else _read(read_session_record, said, file, block)
                of_series = block.first("RECURRENCE-ID") is not None
                plan = block.text(PLAN_PROPERTY)
                then = None if plan is None else records[own_record(plan)].plan
                written = () if then is None else (then.revision, then.duration_minutes)
                event = FoundEvent(uid, file, block, record, *written)
                (occurrences if of_series else events).append(event)
            elif (said := block.text(PLAN_PROPERTY)) is not None:
                strangers.append(records[own_record(said)].plan.id)
    whole = {event.uid for event in events}
    # An occurrence of a series that is not there is all that is left of its appointment.
    events += [event for event in occurrences if event.uid not in whole]
    ids = {record.plan.id for record in records.values()}
    if not ids:
        ids = {event.plan_id for event in events if RANDOM_ID.fullmatch(event.plan_id)}
    if len(ids) != 1:
        raise _not_one(len(ids), files[0].path if len(files) == 1 else None)
    (plan_id,) = ids
    by_uid: dict[str, list[FoundEvent]] = {}
    for event in events:
        if event.plan_id == plan_id:
            by_uid.setdefault(event.uid, []).append(event)
    if not by_uid:
        problem = (
            "its events have other UIDs than the plan gave them, so that no calendar could follow "
            "a change"
            if plan_id in strangers
            else "the plan's events are missing"
        )
        raise NotOnePlan(problem, "use the file that the clinic kept")
    newest = max(records.values(), key=lambda record: record.plan.revision, default=None)
    found = [max(same, key=lambda event: event.age) for same in by_uid.values()]
    lagging = _lagging(found, newest.plan) if newest is not None else ()
    return FoundPlan(
        plan_id=plan_id,
        record=newest,
        events=tuple(event for event in found if event.uid not in {each.uid for each in lagging}),
        doubled=frozenset(uid for uid, same in by_uid.items() if _differ(same)),
        copies=strangers.count(plan_id),
        lagging=lagging,
    )


def _lagging(events: Sequence[FoundEvent], plan: Plan) -> tuple[FoundEvent, ...]:
    """The events whose place in the plan a newer one has, or that it no longer has.

    A program that passes over the UIDs that it knows takes up the new events of a change alone.
    """
    newest: dict[tuple[str, int], int] = {}
    active = [
        (event, (event.record.kind, event.record.number))
        for event in events
        if event.record is not None
        and event.record.status not in DROPPED
        and not is_cancelled(event.block)
    ]
    for event, place in active:
        newest[place] = max(newest.get(place, -1), event.revision)
        if place[0] == "course" and place[1] > plan.total_sessions:
            newest[place] = plan.revision
    return tuple(event for event, place in active if event.revision < newest[place])


def own_uid(uid: str) -> str:
    """The UID that an event had before a program put it into one of its own, or into capitals."""
    match = _WRAPPED_UID.fullmatch(uid)
    if match is not None:
        try:
            uid = bytes.fromhex(match[1]).rstrip(b"\0").decode("ascii")
        except ValueError:
            return uid
    return uid.lower() if RANDOM_ID.fullmatch(uid.rpartition("-")[0]) else uid


def _differ(events: Sequence[FoundEvent]) -> bool:
    return len(events) > 1 and len({tuple(event.block.written()) for event in events}) > 1


def _not_one(plans: int, path: Path | None) -> NotOnePlan:
    if plans == 0:
        return NotOnePlan(
            "there is no plan here",
            "“mesoplan check” checks the dates of any calendar; “mesoplan plan” makes a plan",
            path,
        )
    return NotOnePlan(
        f"there are {plans} plans here, not one", "keep each plan in a file of its own", path
    )


def _read(read: Callable[[str], _T], text: str, file: CalendarFile, block: Block) -> _T:
    try:
        return read(text)
    except BrokenRecord as error:
        is_newer = isinstance(error, NewerRecord)
        remedy = "use a later version of mesoplan" if is_newer else USE_KEPT
        problem = f"the plan's own record can't be read: {error}"
        raise NotOnePlan(problem, remedy, file.path, block.number) from error


def zone_named(name: str | None, files: Iterable[CalendarFile]) -> str | None:
    """The IANA name of the zone that a TZID of the files means, if it has one."""
    if not name:
        return None
    found = (file.zones.find(name) for file in files)
    return next((key for zone in found if (key := getattr(zone, "key", None))), None)
