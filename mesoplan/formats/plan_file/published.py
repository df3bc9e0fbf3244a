"""A plan on a calendar server, an event each: what to write there, and what somebody changed there.

Each event says itself when the plan had it, and in which revision it was written. So it shows
whether somebody there moved it, and whether it is older than the plan, without any other memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.zones import find_zone, instant
from mesoplan.errors import FileProblem
from mesoplan.formats.ical.events import event_time, is_cancelled
from mesoplan.formats.ical.lines import Damaged, read_calendars
from mesoplan.formats.plan_file.finding import DROPPED, own_uid
from mesoplan.formats.plan_file.reading import names_plan, plan_in
from mesoplan.formats.plan_file.rewriting import Rewriting
from mesoplan.formats.plan_file.writing import PlanWriter
from mesoplan.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from mesoplan.formats.plan_file.finding import FoundEvent
    from mesoplan.formats.plan_file.reading import ReadPlan
    from mesoplan.model.plan import Plan, Session

What = Literal["moved", "cancelled", "deleted", "unreadable", "repeating"]
_UNREADABLE = frozenset({"UNREADABLE", "NO_DAY", "NO_TIME"})
"""What is said of an event that does not say when it is."""


class There(NamedTuple):
    """An event of the plan on the server, read by itself: others may be older or newer."""

    path: Path
    read: ReadPlan | None = None
    """None if it can't be read."""
    event: FoundEvent | None = None
    session: Session | None = None
    """When the event is; None if that can't be known."""
    repeats: bool = False

    @property
    def revision(self) -> int:
        """Of the plan, when the event was written; -1 if that is not known."""
        return -1 if self.event is None else self.event.revision

    @property
    def latest(self) -> int:
        """The latest revision of the plan that its file names."""
        return -1 if self.read is None else self.read.plan.revision

    @property
    def planned(self) -> Session | None:
        """When the plan had it, if its record says so and somebody has moved it since."""
        session, record = self.session, self.event and self.event.record
        if session is None or self.read is None or not record or record.planned is None:
            return None
        zone = find_zone(self.read.plan.request.timezone)
        start = instant(record.planned.date(), record.planned.time(), zone)
        return None if start == session.start else replace(session, start=start)


class Difference(NamedTuple):
    """What somebody did to an appointment on the server."""

    what: What
    session: Session
    """As the plan has it."""
    there: Session | None
    """As the server has it; None if that can't be known, or it was deleted there."""


@dataclass(frozen=True)
class OnServer:
    """A plan's own file beside its events on a server."""

    own: ReadPlan
    there: Mapping[str, There]
    """By their UIDs."""
    known: frozenset[int]
    """The serials of what this file put there earlier."""
    revision: int
    """The latest revision that this file put there; -1 for none."""
    now: datetime

    def strange(self, over: Collection[str] = ()) -> tuple[Session, int] | None:
        """A session that is there in a revision that this file never put there, and differs.

        What it gives is that session in the plan, and the revision; those in *over* don't count.
        """
        for session in self._all():
            there = self.there.get(session.uid)
            if session.uid in over or there is None or there.latest <= self.revision:
                continue
            if there.latest > self.own.plan.revision or self._is_strange(session, there):
                return session, there.latest
        return None

    @property
    def serials(self) -> frozenset[int]:
        """The serials of what is there."""
        return frozenset(int(uid.rpartition("-")[2]) for uid in self.there)

    def differences(self) -> Iterator[Difference]:
        """What somebody changed there, in order of time."""
        for session in sorted(self._all(), key=lambda each: each.place_in_time):
            there = self.there.get(session.uid)
            if there is None:
                is_open = not (session.is_dropped or session.is_past(self.now))
                if is_open and _serial(session) in self.known:
                    yield Difference("deleted", session, None)
            elif what := self._changed(session, there):
                yield Difference(what, session, there.session)

    def to_write(self, over: Collection[str] = ()) -> dict[str, bytes]:
        """The events that are to be written, by their UIDs: new ones, and those that are older.

        What somebody changed there stays, but for the UIDs in *over*.
        """
        apart = {each.session.uid for each in self.differences()} - set(over)
        sessions = [each for each in self._all() if each.uid not in apart]
        new, older = [], []
        for session in sessions:
            there = self.there.get(session.uid)
            if there is None:
                is_known = _serial(session) in self.known and session.uid not in over
                if not (session.is_dropped or is_known):
                    new.append(session)
            elif session.uid in over or self._is_older(there):
                older.append(session)
        latest = max((each.latest for each in self.there.values()), default=-1)
        if not (new or older) and latest < self.own.plan.revision:
            # One event at least says what the plan says by now.
            older = self._next(sessions)
        plan, options = replace(self.own.plan, published=()), self.own.options
        writer = PlanWriter(plan, options, self.now)
        files = {each.uid: writer.file((each,), is_part=True) for each in new}
        for session in older:
            there = self.there[session.uid]
            if there.read is None or there.event is None:
                files[session.uid] = writer.file((session,), is_part=True)
                continue
            rewriting = Rewriting(there.read, plan, self.now, options)
            # A program there may have counted versions of its own.
            sequence = max(session.sequence, there.event.sequence)
            rewriting.changed = {session.uid: replace(session, sequence=sequence)}
            files[session.uid] = rewriting.file(there.event.file.block, is_part=True)
        return files

    def _all(self) -> Iterable[Session]:
        return self.own.plan.every_session

    def _is_older(self, there: There) -> bool:
        """Whether an event there is older than the same in the plan's own file."""
        uid = None if there.event is None else there.event.uid
        own = (each.revision for each in self.own.found.events if each.uid == uid)
        revision = next(own, -1)
        return there.revision < (self.own.plan.revision if revision < 0 else revision)

    def _is_strange(self, session: Session, there: There) -> bool:
        """Whether what this file never put there is another state than it has by now."""
        record = None if there.event is None else there.event.record
        if record is None or there.revision <= self.revision:
            return False
        planned = there.planned or there.session
        when = None if planned is None else planned.start
        return (record.status, when) != (session.status, session.start)

    def _changed(self, session: Session, there: There) -> What | None:
        """What somebody did to an event there; None for nothing, or nothing that the plan lacks."""
        found, event = there.session, there.event
        if found is None or event is None or there.repeats:
            return "repeating" if there.repeats else "unreadable"
        by_hand = event.record is None or there.planned is not None
        if is_cancelled(event.block):
            own = event.record is not None and event.record.status in DROPPED
            gone = session.is_dropped or (own and self._is_older(there))
            return None if gone else "cancelled"
        if session.is_dropped:
            return "moved" if there.planned is not None else None
        lasts, length = found.end - found.start, timedelta(minutes=event.minutes or 0)
        if found.start == session.start and lasts in {session.end - session.start, length}:
            return None
        if not by_hand and Status.ATTENDED in {session.status, found.status}:
            # It may have lasted for as long as it took.
            return None
        return "moved" if by_hand or lasts != length or not self._is_older(there) else None

    def _next(self, sessions: Iterable[Session]) -> list[Session]:
        """The next session of those that are there, else the last one."""
        there = [each for each in sessions if each.uid in self.there]
        there.sort(key=lambda each: each.place_in_time)
        coming = [each for each in there if not (each.is_dropped or each.is_past(self.now))]
        return coming[:1] or there[-1:]


def of_plan(contents: Mapping[Path, bytes], plan: Plan) -> dict[str, There]:
    """What a server has of a plan, by the UIDs, also what can't be read."""
    found: dict[str, There] = {}
    for path, data in contents.items():
        for uid, there in _events_of(path, data, plan):
            before = found.get(uid)
            if before is None or (before.event and there.event and _age(before) < _age(there)):
                found[uid] = there
    return found


def _age(there: There) -> tuple[int, str, int]:
    return (0, "", -1) if there.event is None else there.event.age


def _events_of(path: Path, data: bytes, plan: Plan) -> Iterator[tuple[str, There]]:
    if not names_plan(data, plan.id):
        return
    try:
        if not _has_event_of(data, plan.id):
            return
        read = plan_in([(path, data)], lambda: plan.request.timezone)
    except (Damaged, FileProblem):
        text = data.replace(b"\r\n", b"\n").replace(b"\n ", b"").lower()
        for serial in dict.fromkeys(re.findall(rb"uid:%s-(\d{2,5})" % plan.id.encode(), text)):
            yield f"{plan.id}-{serial.decode()}", There(path)
        return
    unclear = {notice.code for notice in read.assumed}
    sessions = {each.uid: each for each in read.plan.every_session}
    zone = find_zone(plan.request.timezone)
    for event in read.found.events:
        session = None if unclear & _UNREADABLE else sessions.get(event.uid)
        when = event_time(event.block, event.file.zones, zone)
        if session is not None and when is not None:
            # A record may say that it took place at another time.
            session = replace(session, start=when.start, end=when.end or session.end)
        several = any(
            block.first("RECURRENCE-ID") or block.first("RRULE") or block.first("RDATE")
            for block in event.file.block.blocks
            if block.name == "VEVENT"
        )
        yield event.uid, There(path, read, event, session, several)


def _has_event_of(data: bytes, plan_id: str) -> bool:
    return any(
        own_uid(block.text("UID") or "").rpartition("-")[0] == plan_id
        for calendar in read_calendars(data)
        for block in calendar.blocks
        if block.name == "VEVENT"
    )


def _serial(session: Session) -> int:
    return int(session.uid.rpartition("-")[2])
