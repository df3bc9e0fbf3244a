"""Puts a changed plan into the file that it was read from.

Events that did not change stay as they are, byte for byte. In those that did, our own properties
are written anew, and everything else stays: what other programs added, the alarms that the patient
set, a title that the patient wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.formats.ics.content import Block, Line, read_calendars, written_file
from mesoplan.formats.ics.events import event_of, is_dropped, summary
from mesoplan.formats.ics.neutral import require_neutral
from mesoplan.formats.ics.record import PLAN_PROPERTY
from mesoplan.formats.ics.writer import file_of, zone_component

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from icalendar import Event

    from mesoplan.formats.ics.found_events import FoundEvent
    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.formats.ics.reader import ReadPlan
    from mesoplan.model import Plan, Session

_OURS = frozenset(
    {
        *("UID", "SEQUENCE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DTEND"),
        *("SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP"),
        *("X-APPOINTMENT-PLAN", "X-APPOINTMENT"),
    }
)
_TAKEN_OUT = frozenset({"DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE"})
"""What would contradict the day that is written now."""


def rewritten(read: ReadPlan, plan: Plan, stamp: datetime) -> bytes:
    """The file from which a plan was read, with the next revision of the plan in it.

    Raises FileProblem when the plan was read from several files, and InvalidInput when the file is
    private and the plan is not.
    """
    if len(read.calendars) != 1:
        raise FileProblem(
            None,
            "the plan is spread over several files, and none of them can be changed alone",
            "change the plan's own file, the one that the clinic kept",
        )
    require_neutral(plan, read.options)
    path, calendar = read.calendars[0]
    if calendar.value("VERSION") != "2.0":
        raise FileProblem(
            path,
            f"{quoted(path, 300)} is not a calendar of version 2.0, and can't be changed",
            "change the plan's own file, the one that the clinic kept",
        )
    return _Rewriting(read, plan, stamp).file(calendar)


def require_whole(read: ReadPlan, now: datetime) -> None:
    """Raise FileProblem unless a plan is there as far as a change of it must know it.

    A file may hold just some of its events: those that changed, those of one day, those to come.
    What took place can't be guessed; what is to come may be planned anew, if most of it is there.
    """
    plan = read.plan
    if plan.ended:
        return
    there = {session.number for session in plan.sessions}
    missing = [number for number in range(1, plan.total_sessions + 1) if number not in there]
    facts = [session.number for session in plan.sessions if session.is_fact(now)]
    known_until = max([*facts, min(there, default=plan.total_sessions)])
    are_to_come = all(number > known_until for number in missing)
    record = read.found.record
    is_part = record is not None and record.is_part
    if not is_part and are_to_come and 2 * len(missing) < plan.total_sessions:
        return
    path = read.calendars[0][0]
    raise FileProblem(
        path,
        f"{quoted(path, 300)} holds only a part of the plan: {len(there)} of "
        f"{plan.total_sessions} sessions",
        "change the plan's own file, the one that the clinic kept",
    )


def changed_sessions(before: Plan, after: Plan) -> tuple[Session, ...]:
    """The sessions of which a revision changes the event, new and dropped ones included."""
    sequences = {session.uid: session.sequence for session in (*before.standing, *before.dropped)}
    return tuple(
        sorted(
            (
                session
                for session in (*after.standing, *after.dropped)
                if sequences.get(session.uid) != session.sequence
            ),
            key=lambda session: session.start,
        )
    )


def changes_file(before: Plan, after: Plan, options: CalendarOptions, stamp: datetime) -> bytes:
    """A calendar file of just the events that a revision changes, cancelled ones included.

    Raises InvalidInput when it is to be private and the plan is not.
    """
    return file_of(after, options, stamp, changed_sessions(before, after))


class _Rewriting:
    def __init__(self, read: ReadPlan, plan: Plan, stamp: datetime) -> None:
        self.read = read
        self.plan = plan
        self.stamp = stamp
        self.options = read.options
        self.changed = {session.uid: session for session in changed_sessions(read.plan, plan)}
        self.zone = zone_component(plan, read.options)
        self.found: dict[int, FoundEvent] = {id(event.block): event for event in read.found.events}
        self.before = {each.uid: each for each in (*read.plan.standing, *read.plan.dropped)}

    def file(self, calendar: Block) -> bytes:
        uids = {event.uid for event in self.read.found.events}
        own = self._whole_calendar()
        replaces_zone = self.zone is not None and not self._is_shared_zone(calendar)
        parts: list[Line | Block] = []
        for part in calendar.parts:
            if isinstance(part, Line):
                if part.name not in {PLAN_PROPERTY, "METHOD"}:
                    parts.append(part)
            elif part.name == "VTIMEZONE":
                if part.value("TZID") != self.plan.request.timezone or not replaces_zone:
                    parts.append(part)
            elif id(part) in self.found:
                event = self.found[id(part)]
                session = self.changed.get(event.uid)
                parts.append(part if session is None else self._merged(event, session))
            elif not _is_of(part, uids):
                parts.append(part)
        lines = [part for part in parts if isinstance(part, Line)]
        zones = [block for block in own.blocks if block.name == "VTIMEZONE" and replaces_zone]
        record = next(line for line in own.lines if line.name == PLAN_PROPERTY)
        blocks = [part for part in parts if isinstance(part, Block)]
        new = [
            block
            for block in own.blocks
            if block.name == "VEVENT" and block.value("UID") not in uids
        ]
        return written_file([Block("VCALENDAR", 1, [*lines, record, *zones, *blocks, *new])])

    def _is_shared_zone(self, calendar: Block) -> bool:
        """Whether events that are not ours go by the file's description of the clinic's zone.

        Ours begins shortly before the course, and would shift theirs.
        """
        zone = self.plan.request.timezone
        described = any(
            block.name == "VTIMEZONE" and block.value("TZID") == zone for block in calendar.blocks
        )
        return described and any(
            parameters.get("TZID") == zone
            for block in calendar.blocks
            if block.name != "VTIMEZONE" and id(block) not in self.found
            for line in block.lines
            if (parameters := line.found.parameters)
        )

    def _whole_calendar(self) -> Block:
        """The whole plan, as a new file would have it."""
        everything = (*self.plan.standing, *self.plan.dropped)
        data = file_of(self.plan, self.options, self.stamp, everything)
        return read_calendars(data)[0]

    def _merged(self, event: FoundEvent, session: Session) -> Block:
        """The event as it is in the file, with our properties written anew."""
        in_utc = self.zone is None
        new = _block(event_of(self.plan, session, self.options, self.stamp, in_utc=in_utc))
        kept = [line for line in event.block.lines if line.name not in _OURS | _TAKEN_OUT]
        created = [line for line in event.block.lines if line.name == "CREATED"]
        lines: list[Line | Block] = []
        for line in new.lines:
            if line.name == "CREATED" and created:
                lines.append(created[0])
            elif line.name == "UID":
                # As the file has it, in whatever form.
                lines += [own for own in event.block.lines if own.name == "UID"]
            elif line.name in {"SUMMARY", "DESCRIPTION"}:
                lines.append(self._text(line, event, session))
            else:
                lines.append(line)
        if not any(line.name == "LOCATION" for line in new.lines):
            lines += [line for line in event.block.lines if line.name == "LOCATION"]
        return Block("VEVENT", event.block.number, [*lines, *kept, *self._alarms(event, new)])

    def _text(self, line: Line, event: FoundEvent, session: Session) -> Line:
        """A title or description: ours written anew, unless somebody wrote another one."""
        old = next((own for own in event.block.lines if own.name == line.name), None)
        before = self.before.get(event.uid)
        if old is None or before is None or line.name == "DESCRIPTION" or is_dropped(session):
            return line
        is_ours = event.block.value("SUMMARY") == summary(self.read.plan, before, self.options)
        return line if is_ours or event.record is None else old

    def _alarms(self, event: FoundEvent, new: Block) -> Iterable[Block]:
        """The blocks inside the event: ours written anew, unless somebody took them out."""
        before = self.before.get(event.uid)
        if before is None:
            return event.block.blocks
        as_written = event_of(self.read.plan, before, self.options, self.stamp, in_utc=True)
        usual = {_alarm(block) for block in _block(as_written).blocks}
        theirs = [block for block in event.block.blocks if _alarm(block) not in usual]
        had_ours = len(theirs) < len(list(event.block.blocks))
        return [*(new.blocks if had_ours or is_dropped(before) else ()), *theirs]


def _block(event: Event) -> Block:
    data: bytes = event.to_ical(sorted=False)
    return next(read_calendars(b"BEGIN:VCALENDAR\n" + data + b"END:VCALENDAR\n")[0].blocks)


def _alarm(block: Block) -> tuple[str, ...]:
    """An alarm in a form to compare."""
    return tuple(sorted(f"{line.name}:{line.value}" for line in block.lines))


def _is_of(block: Block, uids: Sequence[str] | set[str]) -> bool:
    """Whether it is a further event of an appointment, which the one that counts stands for."""
    return block.name == "VEVENT" and (block.value("UID") or "") in uids
