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
    there: ReadPlan | None
    """None if the server has no event of the plan."""
    known: frozenset[int]
    """The serials of what was put there earlier."""
    now: datetime

    @property
    def is_later(self) -> bool:
        """Whether the server has a later revision than the plan's own file."""
        return self.there is not None and self.there.plan.revision > self.own.plan.revision

    @property
    def serials(self) -> frozenset[int]:
        """The serials of what is there."""
        found = () if self.there is None else self.there.found.events
        return frozenset(event.serial for event in found)

    def differences(self) -> Iterator[Difference]:
        """What somebody changed there, in order of time."""
        for session in sorted(self._all(), key=lambda each: each.place_in_time):
            there, event = self._there(session.uid)
            if there is None or event is None:
                is_open = not (session.is_dropped or session.is_past(self.now))
                if is_open and _serial(session) in self.known:
                    yield Difference("deleted", session, None)
            elif what := self._changed(session, there, event):
                yield Difference(what, session, there)

    def to_write(self, over: Collection[str] = ()) -> dict[str, bytes]:
        """The events that are to be written, by their UIDs: new ones, and those that are older.

        What somebody changed there stays, but for the UIDs in *over*.
        """
        apart = {each.session.uid for each in self.differences()} - set(over)
        sessions = [each for each in self._all() if each.uid not in apart]
        own = {event.uid: event.revision for event in self.own.found.events}
        new, older = [], []
        for session in sessions:
            there, event = self._there(session.uid)
            if there is None or event is None:
                is_known = _serial(session) in self.known and session.uid not in over
                if not (session.is_dropped or is_known):
                    new.append(session)
            elif session.uid in over or self._is_older(event, own.get(session.uid, -1)):
                older.append(session)
        is_newest = self.there is not None and self.there.plan.revision == self.own.plan.revision
        if not (new or older or is_newest):
            # One event at least says what the plan says by now.
            older = self._next(sessions)
        return self._written(new, older)

    def resource(self, uid: str) -> Path | None:
        """Which of the contents has the event; None if none has."""
        event = self._there(uid)[1]
        return None if event is None else event.file.path

    def _all(self) -> Iterable[Session]:
        return (*self.own.plan.active, *self.own.plan.dropped)

    def _there(self, uid: str) -> tuple[Session | None, FoundEvent | None]:
        if self.there is None:
            return None, None
        plan, events = self.there.plan, self.there.found.events
        session = next((each for each in (*plan.active, *plan.dropped) if each.uid == uid), None)
        return session, next((each for each in events if each.uid == uid), None)

    def _is_older(self, event: FoundEvent, revision: int) -> bool:
        """Whether an event there is older than the same in the plan's own file."""
        return event.revision < (self.own.plan.revision if revision < 0 else revision)

    def _changed(self, session: Session, there: Session, event: FoundEvent) -> What | None:
        """What somebody did to an event there; None for nothing, or nothing that the plan lacks."""
        own = {each.uid: each.revision for each in self.own.found.events}
        is_older = self._is_older(event, own.get(session.uid, -1))
        if session.is_dropped or Status.ATTENDED in {session.status, there.status}:
            # Whether it took place, the clinic knows.
            return None
        if is_cancelled(event.block):
            by_hand = event.record is None or event.record.status is Status.PLANNED
            return "cancelled" if by_hand or not is_older else None
        lasts, length = there.end - there.start, timedelta(minutes=event.minutes or 0)
        if there.start == session.start and lasts in {session.end - session.start, length}:
            return None
        by_hand = event.record is None or there.moved_from is not None or lasts != length
        return "moved" if by_hand or not is_older else None

    def _next(self, sessions: Iterable[Session]) -> list[Session]:
        """The next session of those that are there, else the last one."""
        there = [each for each in sessions if self._there(each.uid)[1] is not None]
        there.sort(key=lambda each: each.place_in_time)
        coming = [each for each in there if not (each.is_dropped or each.is_past(self.now))]
        return coming[:1] or there[-1:]

    def _written(self, new: Iterable[Session], older: Iterable[Session]) -> dict[str, bytes]:
        plan = replace(self.own.plan, published=frozenset())
        options = self.own.options
        writer = PlanWriter(plan, options, self.now)
        files = {each.uid: writer.file((each,), is_part=True) for each in new}
        if self.there is not None:
            rewriting = Rewriting(self.there, plan, self.now, options)
            # A program there may have counted versions of its own.
            counted = {each.uid: each.sequence for each in self.there.found.events}
            rewriting.changed = {
                each.uid: replace(each, sequence=max(each.sequence, counted[each.uid]))
                for each in older
            }
            for uid in rewriting.changed:
                calendar = rewriting.events[uid].file.block
                files[uid] = rewriting.file(calendar, is_part=True)
        return files


def of_plan(contents: Mapping[Path, bytes], plan: Plan) -> ReadPlan | None:
    """What a server has of a plan; None if it has nothing. Raises FileProblem, and Damaged."""
    own = {path: data for path, data in contents.items() if _has_event_of(data, plan.id)}
    return plan_in(own.items(), lambda: plan.request.timezone) if own else None


def _has_event_of(data: bytes, plan_id: str) -> bool:
    return names_plan(data, plan_id) and any(
        own_uid(block.text("UID") or "").rpartition("-")[0] == plan_id
        for calendar in read_calendars(data)
        for block in calendar.blocks
        if block.name == "VEVENT"
    )


def _serial(session: Session) -> int:
    return int(session.uid.rpartition("-")[2])
