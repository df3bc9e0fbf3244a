"""Puts a changed plan into the file that it was read from.

Events that did not change stay as they are, byte for byte, but for their record, which says what
the plan says by now. In those that did change, our own properties are written anew, and everything
else stays: what other programs added, the alarms that the patient set, a title that the patient
wrote. What took place keeps its words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mesoplan.dates.times import USUAL_REMINDERS, USUAL_REMINDERS_ONCE, reminders_text
from mesoplan.formats.ical.lines import (
    Block,
    Line,
    plain_text,
    read_calendars,
    text_line,
    written_file,
)
from mesoplan.formats.ical.lines import line as property_line
from mesoplan.formats.ical.values import signed_length
from mesoplan.formats.plan_file.finding import own_uid
from mesoplan.formats.plan_file.reading import UNREADABLE, names_plan, read_bytes
from mesoplan.formats.plan_file.record import (
    EVENT_PROPERTY,
    LARGEST_SERIAL,
    PLAN_PROPERTY,
    read_session_record,
)
from mesoplan.formats.plan_file.writing import PlanWriter, digest, marks_in
from mesoplan.planning.replanner import with_unseen
from mesoplan.storage.files import problem_with
from mesoplan.storage.revisions import previous_of
from mesoplan.wording.neutral import require_neutral
from mesoplan.wording.recognised import title_of_others, words_of_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from mesoplan.errors import FileProblem
    from mesoplan.formats.plan_file.finding import CalendarFile, FoundEvent
    from mesoplan.formats.plan_file.reading import ReadPlan
    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions

_CHANGE_KEPT = "change the plan's own file, the one that the clinic kept"
_RECORDS = frozenset({PLAN_PROPERTY, EVENT_PROPERTY})
_OURS = _RECORDS | {
    *("UID", "SEQUENCE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DTEND"),
    *("SUMMARY", "DESCRIPTION", "LOCATION", "CONTACT", "STATUS", "TRANSP"),
}
_WORDS = ("SUMMARY", "DESCRIPTION", "LOCATION", "CONTACT")
_TAKEN_OUT = frozenset(
    {
        *("DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"),
        *("X-ALT-DESC", "X-MOZ-SNOOZE-TIME", "X-MOZ-LASTACK"),
    }
)
"""What other programs keep beside ours, and would contradict what is written now."""

_TAKEN_OUT_OF_DROPPED = frozenset({"X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"})
"""What would keep the time of a session taken that does not take place."""


def rewritten(
    read: ReadPlan, plan: Plan, stamp: datetime, options: CalendarOptions | None = None
) -> bytes:
    """The one file from which a plan was read, with its next revision; see `rewritten_files`."""
    (data,) = rewritten_files(read, plan, stamp, options).values()
    return data


def rewritten_files(
    read: ReadPlan, plan: Plan, stamp: datetime, options: CalendarOptions | None = None
) -> dict[Path, bytes]:
    """The files from which a plan was read, with the next revision of the plan in them.

    What changes in them is written with *options*, or as the files were. Where they are several, of
    one event each, a new appointment has a new file beside them. Raises FileProblem if no UID is
    left for another appointment, or one is in two files, and InvalidInput if the file is private
    and the plan is not.
    """
    if plan.revision != read.plan.revision:
        plan = with_unseen(read.plan, plan, stamp)
    rewriting = Rewriting(read, plan, stamp, options or read.options)
    files = [file for file in read.files if rewriting.has_events_in(file)]
    for file in files:
        if file.block.text("VERSION") != "2.0":
            raise _unchangeable(file, "is not a calendar of version 2.0, and can't be changed")
    for file in read.files[1:] and read.files:
        if any(map(rewriting.goes, file.block.blocks)):
            raise _unchangeable(file, "has an appointment that another file has, too")
    # What follows could not be read back.
    if plan.last_serial > LARGEST_SERIAL:
        problem = f"says that it had {LARGEST_SERIAL:,} appointments, and so can't have another"
        raise _unchangeable(files[0], problem)
    if len(plan.sessions) > plan.total_sessions:
        # Events without a record, which may be maintenance, or of another plan of that patient.
        raise _unchangeable(
            files[0],
            f"has {len(plan.sessions)} sessions where the course has {plan.total_sessions}, and "
            "does not say which are too many",
        )
    if len(files) == 1:
        return {files[0].path: rewriting.file(files[0].block)}
    return {
        **{file.path: rewriting.file(file.block, is_part=True) for file in files},
        **{_beside(read, session): rewriting.writer.file([session]) for session in rewriting.new},
    }


def _beside(read: ReadPlan, session: Session) -> Path:
    """The file of a new appointment, called as those of the others are."""
    event, (uid, _, serial) = read.found.events[0], session.uid.rpartition("-")
    stem = event.file.path.stem
    of_serial = event.uid.rpartition("-")[2]
    head = stem.removesuffix(of_serial) if stem.endswith(f"-{of_serial}") else f"{uid}-"
    return event.file.path.with_name(f"{head}{serial}.ics")


def _unchangeable(file: CalendarFile, problem: str) -> FileProblem:
    return problem_with(file.path, problem, _CHANGE_KEPT)


def require_own_previous(path: Path, plan_id: str) -> None:
    """Raise FileProblem if something else stands where the file before a change is kept."""
    kept = previous_of(path)
    if kept.exists() and not names_plan(read_bytes(kept), plan_id):
        what = "is no earlier state of this plan, and would be lost"
        raise problem_with(kept, what, "give it another name, or move it away")


def require_whole(read: ReadPlan, now: datetime) -> None:
    """Raise FileProblem unless a plan is there as far as a change of it must know it.

    A file may hold just some of its events: those that changed, those of one day, those to come.
    What took place can't be guessed; what is to come may be planned anew, if most of it is there.
    """
    plan = read.plan
    if plan.cancelled:
        return
    file = read.files[0]
    if any(notice.code == UNREADABLE for notice in read.assumed):
        raise _unchangeable(file, "has an event of the plan that does not say its day")
    if read.found.lagging:
        raise _unchangeable(file, "has events from before the last change of the plan")
    there = {session.number for session in plan.sessions}
    missing = [number for number in range(1, plan.total_sessions + 1) if number not in there]
    past = [session.number for session in plan.sessions if session.is_past(now)]
    known_until = max([*past, min(there, default=plan.total_sessions)])
    are_to_come = all(number > known_until for number in missing)
    record = read.found.record
    is_part = record is not None and record.is_part and len(read.files) == 1
    if not is_part and are_to_come and 2 * len(missing) < plan.total_sessions:
        return
    raise _unchangeable(
        file, f"holds only a part of the plan: {len(there)} of {plan.total_sessions} sessions"
    )


def _changed_sessions(before: Plan, after: Plan, now: datetime) -> tuple[Session, ...]:
    """The sessions of which a revision changes the event, new and dropped ones included.

    In another language, all that are still to come are written anew, without a newer version.
    """
    is_reissued = before.request.language != after.request.language
    sequences = {session.uid: session.sequence for session in before.every_session}
    changed = [
        session
        for session in after.every_session
        if sequences.get(session.uid) != session.sequence
        or (is_reissued and not (session.is_dropped or session.is_past(now)))
    ]
    return tuple(sorted(changed, key=lambda session: session.start))


def changes_file(read: ReadPlan, plan: Plan, stamp: datetime) -> bytes:
    """A calendar file of just the events that a revision changes, cancelled ones included.

    They are those of `rewritten`, with all that other programs and the patient added to them.
    Raises InvalidInput if it is private and the plan is not.
    """
    return Rewriting(read, plan, stamp, read.options).changes()


class Rewriting:
    """Writes the next revision of a plan into the files that it was read from."""

    def __init__(
        self, read: ReadPlan, plan: Plan, stamp: datetime, options: CalendarOptions
    ) -> None:
        self.read = read
        self.plan = plan
        self.now = stamp
        require_neutral(plan, options, read.plan if read.options.private else None)
        phones = (each.request.phone for each in (read.plan, plan))
        words = options.words
        own = (
            each for texts in (words.texts, *words.translated.values()) for each in texts.values()
        )
        self.texts = {*map(digest, filter(None, (*own, *phones)))}
        changed = _changed_sessions(read.plan, plan, stamp)
        self.changed = {session.uid: session for session in changed}
        self.writer = PlanWriter(plan, options, stamp)
        self.events = {event.uid: event for event in read.found.events}
        self.found: dict[int, FoundEvent] = {id(event.block): event for event in read.found.events}
        self.after = {each.uid: each for each in plan.every_session}
        self.before = {each.uid: each for each in read.plan.every_session}
        self.new = [each for uid, each in self.after.items() if uid not in self.events]

    def has_events_in(self, file: CalendarFile) -> bool:
        """Whether an event that counts stands in a file."""
        return any(event.file is file for event in self.found.values())

    def file(self, calendar: Block, *, is_part: bool = False) -> bytes:
        """The whole file, of which *calendar* is all; unless it *is_part*, with what is new."""
        new_here = () if is_part else self.new
        own = read_calendars(self.writer.file(new_here, is_part=is_part))[0]
        replaces_zone = self.writer.zone is not None and not self._is_shared_zone(calendar)
        lines = [line for line in calendar.lines if line.name not in {PLAN_PROPERTY, "METHOD"}]
        record = [line for line in own.lines if line.name == PLAN_PROPERTY]
        zones = [block for block in own.blocks if block.name == "VTIMEZONE" and replaces_zone]
        blocks: list[Block] = []
        for block in calendar.blocks:
            if id(block) in self.found:
                blocks.append(self._event(self.found[id(block)]))
            elif block.name == "VTIMEZONE":
                if block.text("TZID") != self.plan.request.timezone or not replaces_zone:
                    blocks.append(block)
            elif not self.goes(block):
                blocks.append(block)
        new = [block for block in own.blocks if block.name == "VEVENT"]
        return written_file([Block("VCALENDAR", 1, [*lines, *record, *zones, *blocks, *new])])

    def changes(self) -> bytes:
        """The file of the changed events alone."""
        sessions = [*self.changed.values()]
        calendar = read_calendars(self.writer.file(sessions))[0]
        own = {block.text("UID"): block for block in calendar.blocks if block.name == "VEVENT"}
        zones = (block for block in calendar.blocks if block.name != "VEVENT")
        events: list[Block] = []
        for session in sessions:
            event = self.events.get(session.uid)
            events.append(own[session.uid] if event is None else self._merged(event, session))
        return written_file([Block("VCALENDAR", 1, [*calendar.lines, *zones, *events])])

    def _event(self, event: FoundEvent) -> Block:
        """The event of an appointment as the new file has it."""
        session = self.changed.get(event.uid)
        if session is not None:
            return self._merged(event, session)
        after = self.after.get(event.uid)
        if after is None:
            return event.block
        anew = self._new(after)
        if event.record is not None:
            record = read_session_record(anew.text(EVENT_PROPERTY) or "")
            if record == event.record:
                return event.block
        # It had lost its record, or that says what the plan said before.
        new = (line for line in anew.lines if line.name in _RECORDS)
        records = {line.name: self._record(line, event) for line in new}
        parts = [
            part if isinstance(part, Block) else records.pop(Line(*part).name, part)
            for part in event.block.parts
        ]
        return Block("VEVENT", event.block.number, [*records.values(), *parts])

    def _record(self, line: Line, event: FoundEvent) -> Line:
        """A record for an event that stays as it is otherwise: what it says of our words, too."""
        if line.name == PLAN_PROPERTY:
            return line
        text = line.value
        new = text.removesuffix(marks_in(text)) + marks_in(event.block.text(EVENT_PROPERTY) or "")
        return _made(line, property_line(EVENT_PROPERTY, new))

    def _is_shared_zone(self, calendar: Block) -> bool:
        """Whether events that are not ours go by the file's description of the clinic's zone.

        Ours begins shortly before the course, and would shift theirs.
        """
        zone = self.plan.request.timezone
        described = any(
            block.name == "VTIMEZONE" and block.text("TZID") == zone for block in calendar.blocks
        )
        return described and any(
            line.parameters.get("TZID") == zone
            for block in calendar.blocks
            if block.name != "VTIMEZONE" and id(block) not in self.found
            for line in block.lines
        )

    def goes(self, block: Block) -> bool:
        """Whether it is a further event of an appointment that another one stands for now.

        An occurrence that was moved belongs to the series that a program made of the appointment,
        and stays as long as that does.
        """
        uid = own_uid(block.text("UID") or "")
        if block.name != "VEVENT" or uid not in self.events or id(block) in self.found:
            return False
        return block.first("RECURRENCE-ID") is None or uid in self.changed

    def _new(self, session: Session) -> Block:
        """The event of a session as a new file would have it."""
        event = self.writer.event(session)
        return read_calendars(b"BEGIN:VCALENDAR\n" + event + b"END:VCALENDAR\n")[0].blocks[0]

    def _merged(self, event: FoundEvent, session: Session) -> Block:
        """The event as it is in the file, with our properties written anew."""
        old, new = event.block, self._new(session)
        is_own = self._is_own(event)
        keeps_words = self._keeps_words(session)
        gone = _OURS | _TAKEN_OUT | (_TAKEN_OUT_OF_DROPPED if session.is_dropped else set())
        kept = [line for line in old.lines if line.name not in gone and not _says_all_day(line)]
        lines: list[Line] = []
        for line in new.lines:
            if line.name == "CREATED":
                lines += old.all("CREATED")[:1] or [line]
            elif line.name == "UID":
                # As the file has it, in whatever form.
                lines += old.all("UID")
            elif line.name == EVENT_PROPERTY and keeps_words:
                lines.append(self._record(line, event))
            elif line.name not in _WORDS:
                lines.append(line)
            elif not keeps_words and line.name in {"SUMMARY", "DESCRIPTION"}:
                lines.append(self._text(line, event, session, is_own))
        if keeps_words:
            lines += [line for line in old.lines if line.name in _WORDS]
            return Block("VEVENT", old.number, [*lines, *kept, *old.blocks])
        contacts = [line for line in old.all("CONTACT") if not is_own(plain_text(line.value))]
        lines += [*self._location(old, new), *new.all("CONTACT"), *contacts]
        return Block("VEVENT", old.number, [*lines, *kept, *self._alarms(event, session, new)])

    def _keeps_words(self, session: Session) -> bool:
        """Whether its event keeps its words: it is past, and neither dropped nor another number."""
        before = self.before.get(session.uid)
        return (
            before is not None
            and session.is_past(self.now)
            and not (session.is_dropped or before.is_dropped)
            and (before.kind, before.number) == (session.kind, session.number)
        )

    def _is_own(self, event: FoundEvent) -> Callable[[str], bool]:
        """Whether a text in an event is the clinic's own."""
        marks = marks_in(event.block.text(EVENT_PROPERTY) or "")
        known = {*re.findall("[0-9a-f]{8}", marks), *self.texts}
        return lambda text: digest(text) in known

    def _text(
        self, line: Line, event: FoundEvent, session: Session, is_own: Callable[[str], bool]
    ) -> Line:
        """A title or description: ours written anew, and what somebody else wrote."""
        old = event.block.first(line.name)
        if old is None:
            return line
        before = plain_text(old.value)
        languages = [each.request.language for each in (self.plan, self.read.plan)]
        if line.name == "SUMMARY":
            text = title_of_others(before, dropped=session.is_dropped, language=languages[0])
        elif theirs := words_of_others(before, is_own, *languages):
            text = f"{plain_text(line.value)}\n\n{theirs}"
        else:
            text = None
        if text is None or text == before:
            return line if text is None else old
        return _made(line, text_line(line.name, text))

    def _location(self, old: Block, new: Block) -> list[Line]:
        """The place: the clinic's, unless somebody wrote another one."""
        written = old.text("LOCATION")
        ours = self.read.plan.request.location or ""
        is_ours = written is None or written.strip() == ours.strip()
        return (new if is_ours else old).all("LOCATION")

    def _alarms(self, event: FoundEvent, session: Session, new: Block) -> Iterable[Block]:
        """The blocks inside the event: ours written anew, unless somebody took them out."""
        before, there = self.before.get(event.uid), event.block.blocks
        if before is None:
            return there
        marked = re.search("&remind=([^&]*)", event.block.text(EVENT_PROPERTY) or "")
        leads: Sequence[timedelta] | None = self.read.options.reminders
        if leads is None:
            # Without its record it may be of either time.
            today = USUAL_REMINDERS[session.kind] if event.record is None else ()
            leads = (*USUAL_REMINDERS_ONCE, *today)
        ours = reminders_text(leads).split(", ")
        if marked:
            ours = marked[1].split(",")
        theirs = [block for block in there if _reminder(block) not in ours]
        had_ours = len(theirs) < len(there) or before.is_dropped
        again = {_reminder(block) for block in theirs}
        anew = [block for block in new.blocks if had_ours and _reminder(block) not in again]
        return [*anew, *theirs]


def _made(line: Line, written: bytes) -> Line:
    """A property that was written anew, in place of another."""
    return Line(line.number, written.removesuffix(b"\r\n").replace(b"\r\n", b"\r"))


def _says_all_day(line: Line) -> bool:
    return line.name == "X-MICROSOFT-CDO-ALLDAYEVENT" and line.value.upper() == "TRUE"


def _reminder(block: Block) -> str | None:
    """How long before the start it shows a message, as it is typed, if that is what it does.

    Programs write our alarms in words of their own: -PT1440M, “This is an event reminder”.
    """
    if block.word("ACTION") != "DISPLAY":
        return None
    try:
        return reminders_text([-signed_length(block.word("TRIGGER"))[1]])
    except (OverflowError, ValueError):
        return None
