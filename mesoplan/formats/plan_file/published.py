"""A plan on a calendar server, an event each: what to write there, and what somebody changed there.

Each event says itself when the plan had it, and in which revision it was written. So it shows
whether somebody there moved it, and whether it is older than the plan, without any other memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.formats.ical.events import is_cancelled
from mesoplan.formats.ical.lines import read_calendars
from mesoplan.formats.plan_file.finding import own_uid
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

What = Literal["moved", "cancelled", "deleted"]


class There(NamedTuple):
    """An event of the plan on the server, read by itself: others may be older or newer."""

    session: Session
    event: FoundEvent
    read: ReadPlan

    @property
    def revision(self) -> int:
        """The latest revision of the plan that its file names."""
        return self.read.plan.revision


class Difference(NamedTuple):
    """What somebody did to an appointment on the server."""

    what: What
    session: Session
    """As the plan has it."""
    there: Session | None
    """As the server has it; None for one that was deleted there."""


@dataclass(frozen=True)
class OnServer:
    """A plan's own file beside its events on a server."""

    own: ReadPlan
    there: Mapping[str, There]
    """By their UIDs."""
    known: frozenset[int]
    """The serials of what was put there earlier."""
    now: datetime

    @property
    def is_later(self) -> bool:
        """Whether the server has a later revision than the plan's own file."""
        return self._latest > self.own.plan.revision

    @property
    def serials(self) -> frozenset[int]:
        """The serials of what is there."""
        return frozenset(each.event.serial for each in self.there.values())

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
        if not (new or older) and self._latest < self.own.plan.revision:
            # One event at least says what the plan says by now.
            older = self._next(sessions)
        plan, options = replace(self.own.plan, published=frozenset()), self.own.options
        writer = PlanWriter(plan, options, self.now)
        files = {each.uid: writer.file((each,), is_part=True) for each in new}
        for session in older:
            there = self.there[session.uid]
            rewriting = Rewriting(there.read, plan, self.now, options)
            # A program there may have counted versions of its own.
            sequence = max(session.sequence, there.event.sequence)
            rewriting.changed = {session.uid: replace(session, sequence=sequence)}
            files[session.uid] = rewriting.file(there.event.file.block, is_part=True)
        return files

    @property
    def _latest(self) -> int:
        return max((each.revision for each in self.there.values()), default=-1)

    def _all(self) -> Iterable[Session]:
        return (*self.own.plan.active, *self.own.plan.dropped)

    def _is_older(self, there: There) -> bool:
        """Whether an event there is older than the same in the plan's own file."""
        own = (each.revision for each in self.own.found.events if each.uid == there.event.uid)
        revision = next(own, -1)
        return there.event.revision < (self.own.plan.revision if revision < 0 else revision)

    def _changed(self, session: Session, there: There) -> What | None:
        """What somebody did to an event there; None for nothing, or nothing that the plan lacks."""
        found, record = there.session, there.event.record
        if session.is_dropped or Status.ATTENDED in {session.status, found.status}:
            # Whether it took place, the clinic knows.
            return None
        if is_cancelled(there.event.block):
            by_hand = record is None or record.status is Status.PLANNED
            return "cancelled" if by_hand or not self._is_older(there) else None
        lasts, length = found.end - found.start, timedelta(minutes=there.event.minutes or 0)
        if found.start == session.start and lasts in {session.end - session.start, length}:
            return None
        by_hand = record is None or found.moved_from is not None or lasts != length
        return "moved" if by_hand or not self._is_older(there) else None

    def _next(self, sessions: Iterable[Session]) -> list[Session]:
        """The next session of those that are there, else the last one."""
        there = [each for each in sessions if each.uid in self.there]
        there.sort(key=lambda each: each.place_in_time)
        coming = [each for each in there if not (each.is_dropped or each.is_past(self.now))]
        return coming[:1] or there[-1:]


def of_plan(contents: Mapping[Path, bytes], plan: Plan) -> dict[str, There]:
    """What a server has of a plan, by the UIDs. Raises FileProblem, and Damaged."""
    found: dict[str, There] = {}
    for path, data in contents.items():
        if not _has_event_of(data, plan.id):
            continue
        read = plan_in([(path, data)], lambda: plan.request.timezone)
        events = {event.uid: event for event in read.found.events}
        for session in (*read.plan.active, *read.plan.dropped):
            there = There(session, events[session.uid], read)
            before = found.get(session.uid)
            if before is None or before.event.age < there.event.age:
                found[session.uid] = there
    return found


def _has_event_of(data: bytes, plan_id: str) -> bool:
    return names_plan(data, plan_id) and any(
        own_uid(block.text("UID") or "").rpartition("-")[0] == plan_id
        for calendar in read_calendars(data)
        for block in calendar.blocks
        if block.name == "VEVENT"
    )


def _serial(session: Session) -> int:
    return int(session.uid.rpartition("-")[2])
