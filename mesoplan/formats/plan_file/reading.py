"""A plan from its file, or from what a calendar program made of it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from mesoplan.dates.days import require_plannable
from mesoplan.dates.times import TimeRange
from mesoplan.dates.zones import find_zone, instant, later
from mesoplan.errors import FileProblem, InvalidInput, quoted
from mesoplan.formats.ical.events import EventTime, event_time, is_cancelled
from mesoplan.formats.ical.lines import Block, Damaged, read_calendars
from mesoplan.formats.plan_file.assuming import (
    USUAL_MINUTES,
    assumed_record,
    assumed_session,
    missing,
    title_of,
)
from mesoplan.formats.plan_file.finding import (
    DROPPED,
    USE_KEPT,
    CalendarFile,
    DatedEvent,
    FoundEvent,
    FoundPlan,
    NotOnePlan,
    find_plan,
    zone_named,
)
from mesoplan.formats.plan_file.record import PLAN_PROPERTY
from mesoplan.model.plan import Notice, Plan, Session, Status, stay_of
from mesoplan.model.request import DEFAULT_TIME
from mesoplan.rules.limits import MAINTENANCE_GAP_DAYS
from mesoplan.storage.files import read_whole, reason
from mesoplan.wording.recognised import is_english, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from mesoplan.model.request import CalendarOptions
    from mesoplan.rules.protocol import Phase

LARGEST_PLAN_BYTES = 20_000_000
UNREADABLE = "UNREADABLE"
"""The code of what is said of an event whose session can't be known."""

_MOST_FILES = 1000
_LONGEST_PATH = 300
_USE_ANOTHER = "name the plan's own file, or what a calendar program exported of it"
_SERIALS_LEFT_OUT = 100
"""If the record is gone, this many more serials than are seen may have been used."""
_OUR_UID = re.compile(
    rb"^UID[^:\n]*:(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]{2,5}|"
    rb"040000008200E00074C5B7101A82E008\w*7643616C2D556964\w*)\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """A plan that was read back."""

    plan: Plan
    options: CalendarOptions
    """How its file is written."""
    assumed: tuple[Notice, ...]
    """What was assumed where the files do not say, and what was passed over."""
    files: tuple[CalendarFile, ...]
    """What it was read from."""
    found: FoundPlan


def read_plan(paths: Sequence[Path], usual_zone: Callable[[], str]) -> ReadPlan:
    """The plan in a file, or in several files, or folders of files, of one event each.

    *usual_zone* is asked for the clinic's zone where the files do not say it. Raises FileProblem
    where a file can't be read, is damaged, or where they do not hold exactly one plan.
    """
    files = [file for path in paths for file in files_of(path)]
    return plan_in(((file, read_bytes(file)) for file in files), usual_zone)


def read_bytes(path: Path) -> bytes:
    """The content of a file that may hold a plan. Raises FileProblem."""
    return read_whole(path, LARGEST_PLAN_BYTES, _USE_ANOTHER)


def names_plan(data: bytes, plan_id: str) -> bool:
    """Whether the id of a plan stands anywhere in a file, also as Exchange wraps it."""
    text = _unfolded(data).lower()
    return plan_id.encode().lower() in text or plan_id.encode().hex().encode() in text


def holds_plan(data: bytes) -> bool:
    """Whether a file looks as if a plan were in it: by a record, or by a UID of our form."""
    mark = PLAN_PROPERTY.encode()
    if mark in data:
        return True
    text = _unfolded(data)
    return mark in text or _OUR_UID.search(text) is not None


def _unfolded(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"")


def plan_in(contents: Iterable[tuple[Path, bytes]], usual_zone: Callable[[], str]) -> ReadPlan:
    """The plan in the contents of files; see `read_plan`."""
    files: list[CalendarFile] = []
    for path, data in contents:
        blocks = _calendars(path, data)
        if len(blocks) > 1:
            raise _problem(path, blocks[1].number, "a second calendar begins here", _USE_ANOTHER)
        files += [CalendarFile(path, block) for block in blocks]
    try:
        found = find_plan(files)
        reading = _Reading(found, files, usual_zone)
        plan, options = reading.read()
    except NotOnePlan as error:
        blamed = error.path or (files[0].path if len(files) == 1 else None)
        raise _problem(blamed, error.line, error.problem, error.remedy) from error
    return ReadPlan(plan, options, tuple(reading.assumed), tuple(files), found)


def files_of(path: Path) -> list[Path]:
    """The file, or the calendar files of a folder, in order. Raises FileProblem."""
    try:
        if not path.is_dir():
            return [path]
        files = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() == ".ics" and not file.name.startswith(".") and file.is_file()
        )
    except (OSError, ValueError) as error:
        raise _problem(path, None, f"it can't be read: {reason(error)}", _USE_ANOTHER) from error
    if not files:
        raise _problem(path, None, "there is no calendar file (.ics) in it", _USE_ANOTHER)
    if len(files) > _MOST_FILES:
        raise _problem(path, None, f"there are {len(files):,} calendar files in it", _USE_ANOTHER)
    return files


def _calendars(path: Path, data: bytes) -> list[Block]:
    try:
        if b"\0" in data:
            raise Damaged(data.count(b"\n", 0, data.index(b"\0")) + 1, "this is not text")
        return read_calendars(data)
    except Damaged as error:
        raise _problem(path, error.line, error.problem, _USE_ANOTHER) from error


def _problem(path: Path | None, line: int | None, problem: str, remedy: str) -> FileProblem:
    where = "these files" if path is None else quoted(path, _LONGEST_PATH)
    if line is not None:
        where += f", line {line}"
    return FileProblem(path, f"{where}: {problem}", remedy)


class _Reading:
    """Makes a plan of the events and records that were found, and notes what it has to assume."""

    def __init__(
        self, found: FoundPlan, files: Sequence[CalendarFile], usual_zone: Callable[[], str]
    ) -> None:
        self.found = found
        self.files = files
        self.assumed: list[Notice] = []
        self.given_up: set[int] = set()
        """The numbers of the sessions of the course that were cancelled in a calendar."""
        self.titles = {
            event.uid: title_of(event.block)
            for event in found.events
            if found.record is None or event.record is None
        }
        plan = None if found.record is None else found.record.plan
        self.minutes = USUAL_MINUTES if plan is None else plan.duration_minutes
        asked = DEFAULT_TIME if plan is None else plan.request.time_of_day
        self.usual_clock = DEFAULT_TIME if isinstance(asked, TimeRange) else asked
        self.zone_name = self._zone_name(usual_zone)
        self.zone = find_zone(self.zone_name)

    def read(self) -> tuple[Plan, CalendarOptions]:
        """The plan, and how its file is written; raises NotOnePlan for contradicting records."""
        dated = [each for event in self.found.events if (each := self._dated(event)) is not None]
        dropped = [each for each in dated if each.status in DROPPED]
        active = sorted(
            (each for each in dated if each.status not in DROPPED), key=lambda each: each.start
        )
        for each in dropped:
            # The number that it would have among the others, if it has none.
            each.number = each.number or 1 + sum(other.start < each.start for other in active)
        course, maintenance = self._kinds(active)
        record = self.found.record
        if record is None:
            record, notice = assumed_record(
                self.found, self.titles, self.zone_name, course, maintenance
            )
            self.assumed.append(notice)
        request = record.plan.request
        if request.language == "en" and active:
            request = replace(request, language=_language(active[-1].event.block))
        sessions = tuple(self._course(course, record.plan.phases))
        last_serial = max(record.plan.last_serial, *(each.serial for each in self.found.events))
        if self.found.record is None:
            last_serial += _SERIALS_LEFT_OUT
        plan = replace(
            record.plan,
            request=request,
            sessions=sessions,
            maintenance=tuple(map(_outside_course, maintenance)),
            dropped=tuple(
                sorted(map(_outside_course, dropped), key=lambda each: each.place_in_time)
            ),
            last_serial=last_serial,
        )
        plan = self._with_windows(replace(plan, stay=stay_of(sessions) if plan.is_whole else None))
        self._note_what_is_missing(plan)
        return plan, record.options

    def _assume(self, code: str, *values: object) -> None:
        self.assumed.append(Notice(code, values))

    def _zone_name(self, usual_zone: Callable[[], str]) -> str:
        if self.found.record is not None:
            return self.found.record.plan.request.timezone
        names = {zone_named(event.zone_name, self.files) for event in self.found.events} - {None}
        if len(names) == 1:
            return str(names.pop())
        of_calendars = {file.block.text("X-WR-TIMEZONE") for file in self.files} - {None, ""}
        one = of_calendars.pop() if len(of_calendars) == 1 else None
        calendar_zone = zone_named(one, self.files)
        name = calendar_zone or usual_zone()
        self._assume("ZONE_ASSUMED", name, calendar_zone is not None)
        return name

    def _dated(self, event: FoundEvent) -> DatedEvent | None:
        """The event with its time; None if it does not say its day."""
        record, planned = event.record, None
        if record is not None and record.planned is not None:
            planned = instant(record.planned.date(), record.planned.time(), self.zone)
        when = self._time(event, planned)
        if when is None:
            return None
        start, minutes = when.start, self.minutes
        end = when.end if when.end is not None and when.has_clock else later(start, minutes)
        status = record.status if record is not None else Status.PLANNED
        if is_cancelled(event.block) and status is Status.PLANNED:
            status = Status.CANCELLED
            if record is not None:
                if record.kind == "course":
                    self.given_up.add(record.number)
                self._assume("CANCELLED", event.named, start.date())
        if status is Status.ATTENDED and planned is not None and planned != start:
            # When it took place is what the clinic says, whatever a calendar shows.
            self._assume("MOVED_SINCE", event.named, planned.date())
            start, end = planned, later(planned, minutes)
        record = record or assumed_session(event.block, self.titles[event.uid], start.date())
        return DatedEvent(
            event=event,
            record=record,
            kind=record.kind,
            number=record.number,
            start=start,
            end=end,
            status=status,
            moved_from=planned if planned != start else None,
        )

    def _time(self, event: FoundEvent, planned: datetime | None) -> EventTime | None:
        """When an event is, or is assumed to be; None if nothing says its day."""
        when = event_time(event.block, event.file.zones, self.zone)
        if when is None or not _can_be_planned(when.start):
            if planned is None:
                self._assume(UNREADABLE, event.named)
                return None
            self._assume("NO_DAY", event.named, planned.date())
            when = EventTime(planned, None, has_clock=True)
        if not when.has_clock:
            clock = planned.time() if planned is not None else self.usual_clock
            when = when._replace(start=instant(when.start.date(), clock, self.zone))
            self._assume("NO_TIME", event.named, clock)
        if event.block.first("RRULE") or event.block.first("RDATE"):
            self._assume("REPEATS", event.named)
        return when

    def _kinds(self, active: list[DatedEvent]) -> tuple[list[DatedEvent], list[DatedEvent]]:
        """Course and maintenance; where nothing shows which is which, by the days between them."""
        if all(each.event.record is None and self.titles[each.uid] is None for each in active):
            gaps = [(after.day - before.day).days for before, after in pairwise(active)]
            for place, each in enumerate(active):
                long_gap = any(gap >= MAINTENANCE_GAP_DAYS for gap in gaps[:place])
                each.kind = "maintenance" if long_gap else "course"
        course = [each for each in active if each.kind == "course"]
        maintenance = [each for each in active if each.kind == "maintenance"]
        if any(each.number == 0 for each in maintenance):
            for number, each in enumerate(maintenance, start=1):
                each.number = number
        return course, maintenance

    def _course(self, course: list[DatedEvent], phases: Sequence[Phase]) -> Iterator[Session]:
        """Yield the sessions of the course with their numbers, intervals and preferred intervals.

        Raises NotOnePlan if the records give one number twice, or one beyond the total.
        """
        preferred = [days for count, days in phases for _ in range(count)]
        by_record = [each.number for each in course if each.event.record is not None]
        if len(set(by_record)) < len(by_record) or max(by_record, default=0) > len(preferred):
            raise NotOnePlan(
                "the plan's own record contradicts itself: two sessions have one number, or one "
                "has a number beyond the total",
                USE_KEPT,
            )
        numbers = [each.number for each in course]
        if len(course) == len(preferred) or 0 in numbers or len(set(numbers)) < len(numbers):
            numbers = list(range(1, len(course) + 1))
        before: DatedEvent | None = None
        for number, each in zip(numbers, course, strict=True):
            each.number = number
            yield _session(
                each,
                preferred[number - 2] if 1 < number <= len(preferred) + 1 else None,
                None if before is None else (each.day - before.day).days,
            )
            before = each

    def _with_windows(self, plan: Plan) -> Plan:
        """The plan with a window for each session of which nothing shows one that still holds."""
        recorded = {event.uid for event in self.found.events if event.record is not None}
        uids = {session.uid for session in plan.active} - recorded
        for before, after in pairwise(plan.sessions):
            if before.moved_from is not None or after.moved_from is not None:
                uids |= {before.uid, after.uid}
        course_moved = plan.sessions and plan.sessions[-1].moved_from is not None
        uids |= {each.uid for each in plan.maintenance if course_moved or each.moved_from}
        if not uids:
            return plan
        from mesoplan.planning.sessions import with_windows

        # What a record asks for may be more than this clinic allows: a change will say so.
        with suppress(InvalidInput):
            plan = with_windows(plan, uids)
        return plan

    def _note_what_is_missing(self, plan: Plan) -> None:
        for event in self.found.lagging:
            when = event_time(event.block, event.file.zones, self.zone)
            self._assume("LAGGING", event.named, None if when is None else when.start.date())
        names = tuple(each.name for each in plan.active if each.uid in self.found.doubled)
        if names:
            self._assume("DOUBLED", names)
        if self.found.copies:
            self._assume("COPIED")
        if not plan.cancelled:
            serials = {each.serial for each in self.found.events}
            record = self.found.record
            lost = 0 if record is None else record.plan.last_serial - len(serials)
            self.assumed += missing(plan, self.given_up, lost)


def _session(dated: DatedEvent, preferred: int | None, interval: int | None = None) -> Session:
    """The session of an event."""
    record = dated.record
    given_up = dated.status is Status.CANCELLED and record.status is Status.PLANNED
    return Session(
        number=dated.number,
        kind=dated.kind,
        uid=dated.uid,
        start=dated.start,
        end=dated.end,
        interval_days=interval,
        preferred_interval_days=preferred,
        due=record.due,
        window=record.window,
        status=dated.status,
        sequence=dated.event.sequence,
        reasons=record.reasons,
        pinned=given_up or record.pinned,
        late=record.late,
        moved_from=dated.moved_from,
    )


def _language(last: Block) -> str:
    """The language of the last event: versions that knew no other than English forgot it."""
    if is_english(last.text("SUMMARY") or ""):
        return "en"
    return language_of(last.text("DESCRIPTION") or "")


def _outside_course(dated: DatedEvent) -> Session:
    return _session(dated, dated.record.preferred_interval_days)


def _can_be_planned(start: datetime) -> bool:
    try:
        require_plannable(start.date())
    except InvalidInput:
        return False
    return True
