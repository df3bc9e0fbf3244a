"""Makes a plan of the events and records that were found, and says what had to be assumed."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from mesoplan.dates.days import DateRange, day_text, require_plannable
from mesoplan.dates.times import DEFAULT_REMINDERS, TimeRange, reminders
from mesoplan.dates.zones import find_zone, instant, later
from mesoplan.errors import InvalidInput
from mesoplan.formats.plan_file.assumed_record import (
    USUAL_MINUTES,
    assumed_record,
    kind_told,
    tells_treatment,
    title_of,
)
from mesoplan.formats.plan_file.found_events import (
    EventTime,
    FoundEvent,
    FoundPlan,
    NotOnePlan,
    time_of,
    zone_named,
)
from mesoplan.model.plan import Notice, Plan, Session, Status, Stay
from mesoplan.model.request import DEFAULT_TIME, CalendarOptions, Request
from mesoplan.planning.appointments import MAINTENANCE_GAP_DAYS
from mesoplan.planning.windows import with_windows
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL
from mesoplan.rules.protocol import Phase

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from mesoplan.formats.plan_file.record_reading import PlanRecord


UNREADABLE = "UNREADABLE"
"""The code of what is said of an event whose session can't be known."""

_SERIALS_LEFT_OUT = 100
"""Where the record is gone, so many serials more than are seen may have been used."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A plan made of what was found."""

    plan: Plan
    options: CalendarOptions
    """How its file is written."""
    assumed: tuple[Notice, ...]
    """What was assumed where the files do not tell, and what was passed over."""


def restored(found: FoundPlan, usual_zone: Callable[[], str]) -> Restored:
    """The plan that was found; *usual_zone* is asked where the files do not tell the zone.

    Raises NotOnePlan where the records contradict each other.
    """
    return _Restoring(found, usual_zone).read()


class _Restoring:
    """Makes a plan of the events and records that were found."""

    def __init__(self, found: FoundPlan, usual_zone: Callable[[], str]) -> None:
        self.found = found
        self.assumed: list[Notice] = []
        self.given_up: set[int] = set()
        """The numbers of the sessions of the course that were cancelled in a calendar."""
        self.titles = {event.uid: title_of(event.block) for event in found.events}
        self.zone_name = self._zone_name(usual_zone)
        self.zone: ZoneInfo = find_zone(self.zone_name)
        self.private = (
            found.record.private
            if found.record is not None
            else not tells_treatment(found.events, self.titles)
        )

    def read(self) -> Restored:
        sessions = [
            session for event in self.found.events if (session := self._session(event)) is not None
        ]
        dropped = [each for each in sessions if each.status in (Status.MISSED, Status.CANCELLED)]
        standing = sorted(
            (each for each in sessions if each not in dropped), key=lambda each: each.start
        )
        dropped = [_numbered_by_place(each, standing) for each in dropped]
        course, maintenance = self._kinds(standing)
        record = self.found.record
        if record is None:
            record, notice = assumed_record(
                self.found, self.titles, self.zone_name, course, maintenance
            )
            self.assumed.append(notice)
        course = self._numbered(course, record)
        plan = self._plan(record, course, maintenance, dropped)
        # What a record asks for may be more than this clinic allows: a change will say so.
        with suppress(InvalidInput):
            plan = with_windows(plan, self._without_window(plan))
        self._say_what_is_missing(plan)
        options = CalendarOptions(
            private=self.private,
            utc=record.utc,
            reminders=(
                DEFAULT_REMINDERS
                if record.reminders is None
                else reminders(record.reminders.split(","))
            ),
        )
        return Restored(plan, options, tuple(self.assumed))

    def _assume(self, code: str, text: str) -> None:
        self.assumed.append(Notice(code, text))

    def _zone_name(self, usual_zone: Callable[[], str]) -> str:
        if self.found.record is not None:
            return self.found.record.request.timezone
        zones = list(self.found.zones.values())
        names = {zone_named(event.zone_name, zones) for event in self.found.events} - {None}
        if len(names) == 1:
            return str(names.pop())
        calendar_zone = zone_named(self.found.calendar_zone, zones)
        name = calendar_zone or usual_zone()
        whose = "the calendar's own zone" if calendar_zone else "as usual here"
        self._assume(
            "ZONE_ASSUMED",
            f"the file does not tell the clinic's time zone; {name}, {whose}, is assumed",
        )
        return name

    def _session(self, event: FoundEvent) -> Session | None:
        """The session that an event stands for; None where it does not tell its day."""
        record, title = event.record, self.titles[event.uid]
        when = time_of(event, self.found.zones[event.path], self.zone)
        name = f"the event in line {event.block.number}"
        if record is not None:
            name = f"{'session' if record.kind == 'course' else 'maintenance'} {record.number}"
        planned = None
        if record is not None and record.planned is not None:
            planned = instant(record.planned.date(), record.planned.time(), self.zone)
        if when is None or not _can_be_planned(when.start):
            if planned is None:
                self._assume(UNREADABLE, f"{name} does not tell its day, and is left out")
                return None
            text = f"{name} does not tell its day any more; {day_text(planned.date())} is assumed"
            self._assume("NO_DAY", text)
            when = EventTime(planned, None, has_clock=True)
        start = when.start
        if not when.has_clock:
            clock = planned.time() if planned is not None else self._usual_clock()
            start = instant(start.date(), clock, self.zone)
            self._assume("NO_TIME", f"{name} has no time of day any more; {clock:%H:%M} is assumed")
        if event.repeats:
            self._assume("REPEATS", f"{name} repeats in this file; its first day counts")
        minutes = (
            self.found.record.duration_minutes if self.found.record is not None else USUAL_MINUTES
        )
        end = when.end if when.end is not None and when.has_clock else later(start, minutes)
        kind: Literal["course", "maintenance"] = "course"
        if (record.kind if record is not None else _kind_in(title, event)) == "maintenance":
            kind = "maintenance"
        number = record.number if record is not None else int(title["number"]) if title else 0
        status = record.status if record is not None else Status.PLANNED
        given_up = event.is_cancelled and status is Status.PLANNED
        if given_up:
            status = Status.CANCELLED
            if record is not None:
                if record.kind == "course":
                    self.given_up.add(record.number)
                self._assume(
                    "CANCELLED",
                    f"{name}, on {day_text(start.date())}, was cancelled in a calendar",
                )
        if status is Status.ATTENDED and planned is not None and planned != start:
            # When it took place is what the clinic says, whatever a calendar shows.
            text = f"{name} took place on {day_text(planned.date())}; its event was moved since"
            self._assume("MOVED_SINCE", text)
            start, end = planned, later(planned, minutes)
        return Session(
            number=number,
            kind=kind,
            uid=event.uid,
            start=start,
            end=end,
            preferred_interval_days=record.preferred_interval_days if record else None,
            due=record.due if record else None,
            window=record.window if record else DateRange(start.date(), start.date()),
            status=status,
            sequence=event.sequence,
            reasons=record.reasons if record else (),
            pinned=given_up or (record.fixed if record else False),
            late=record.late if record else None,
            moved_from=planned if planned is not None and planned != start else None,
        )

    def _usual_clock(self) -> time:
        record = self.found.record
        asked = record.request.time_of_day if record is not None else DEFAULT_TIME
        return DEFAULT_TIME if isinstance(asked, TimeRange) else asked

    def _kinds(self, standing: list[Session]) -> tuple[list[Session], list[Session]]:
        """Course and maintenance; where nothing tells them apart, by the days between them."""
        known = {
            event.uid
            for event in self.found.events
            if event.record is not None or self.titles[event.uid] is not None
        }
        if not any(session.uid in known for session in standing):
            first = next(
                (
                    place
                    for place, (before, after) in enumerate(pairwise(standing), start=1)
                    if (after.day - before.day).days >= MAINTENANCE_GAP_DAYS
                ),
                len(standing),
            )
            standing = [
                replace(session, kind="course" if place < first else "maintenance")
                for place, session in enumerate(standing)
            ]
        course = [session for session in standing if session.kind == "course"]
        maintenance = [session for session in standing if session.kind == "maintenance"]
        if any(session.number == 0 for session in maintenance):
            maintenance = [
                replace(session, number=number)
                for number, session in enumerate(maintenance, start=1)
            ]
        return course, maintenance

    def _numbered(self, course: list[Session], record: PlanRecord) -> list[Session]:
        """The course with the number, interval and preferred interval of each session.

        Raises NotOnePlan where the records give one number twice, or one beyond the total.
        """
        total = sum(sessions for sessions, _ in record.phases)
        recorded = {event.uid for event in self.found.events if event.record is not None}
        numbers = [session.number for session in course]
        by_record = [session.number for session in course if session.uid in recorded]
        if len(set(by_record)) < len(by_record) or max(by_record, default=0) > total:
            raise NotOnePlan(
                "the plan's own record contradicts itself: two sessions have one number, or one "
                "has a number beyond the total",
                "use the file that the clinic kept, or the one before the last change (….ics~)",
                None,
                None,
            )
        whole = len(course) == total or 0 in numbers or len(set(numbers)) < len(numbers)
        phases = [Phase(*phase) for phase in record.phases]
        preferred = [phase.interval_days for phase in phases for _ in range(phase.sessions)]
        numbered: list[Session] = []
        for place, session in enumerate(course, start=1):
            number = place if whole else session.number
            before = numbered[-1] if numbered else None
            numbered.append(
                replace(
                    session,
                    number=number,
                    interval_days=None if before is None else (session.day - before.day).days,
                    preferred_interval_days=(
                        preferred[number - 2] if 1 < number <= len(preferred) + 1 else None
                    ),
                )
            )
        return numbered

    def _plan(
        self,
        record: PlanRecord,
        course: list[Session],
        maintenance: list[Session],
        dropped: list[Session],
    ) -> Plan:
        stay = None
        total = sum(sessions for sessions, _ in record.phases)
        if course and (record.ended or len(course) >= total):
            home = course[-1].day + timedelta(days=MIN_DAYS_BEFORE_TRAVEL)
            stay = Stay(course[0].day, home)
        request = record.request
        last_serial = max(record.last_serial, *(event.serial for event in self.found.events))
        if self.found.record is None:
            request = _with_place(request, self._place())
            last_serial += _SERIALS_LEFT_OUT
        return Plan(
            id=self.found.plan_id,
            revision=record.revision,
            request=request,
            goal=record.goal,
            area=record.area,
            phases=record.phases,
            maintenance_per_year=record.maintenance_per_year,
            duration_minutes=record.duration_minutes,
            sessions=tuple(course),
            maintenance=tuple(maintenance),
            stay=stay,
            notices=record.notices,
            dropped=tuple(sorted(dropped, key=lambda session: session.place_in_time)),
            last_serial=last_serial,
            cancelled=record.ended,
            row_digest=record.row_digest,
        )

    def _without_window(self, plan: Plan) -> set[str]:
        """The sessions of which nothing tells a window, or a due day, that is still true."""
        recorded = {event.uid for event in self.found.events if event.record is not None}
        uids = {session.uid for session in plan.active} - recorded
        for before, after in pairwise(plan.sessions):
            if before.moved_from is not None or after.moved_from is not None:
                uids |= {before.uid, after.uid}
        if plan.sessions and plan.sessions[-1].moved_from is not None:
            uids |= {session.uid for session in plan.maintenance}
        return uids | {session.uid for session in plan.maintenance if session.moved_from}

    def _place(self) -> str | None:
        """The one place that most events tell; None where that is not so."""
        events = self.found.events
        places = Counter(place for each in events if (place := each.block.text("LOCATION")))
        place, times = next(iter(places.most_common(1)), (None, 0))
        return place if len(places) == 1 and 2 * times > len(events) else None

    def _say_what_is_missing(self, plan: Plan) -> None:
        doubled = {event.uid for event in self.found.doubled}
        names = [str(each.name) for each in plan.active if each.uid in doubled]
        if names:
            which = (
                f"session {names[0]} is" if len(names) == 1 else f"sessions {', '.join(names)} are"
            )
            self._assume("DOUBLED", f"{which} there twice: what is newer counts")
        if self.found.copies:
            self._assume(
                "COPIED",
                "an event is a copy of one of the plan's, and none of its appointments: it is left "
                "alone",
            )
        if plan.cancelled:
            return
        there = {session.number for session in plan.sessions} | self.given_up
        gone = [number for number in range(1, plan.total_sessions + 1) if number not in there]
        if gone:
            numbers = ", ".join(map(str, gone))
            which = f"session {numbers}" if len(gone) == 1 else f"sessions {numbers}"
            are = "is" if len(gone) == 1 else "are"
            self._assume("MISSING", f"{which} of {plan.total_sessions} {are} not in this file")


def _numbered_by_place(session: Session, standing: list[Session]) -> Session:
    """A dropped session with the number that it would have among the others, if it tells none."""
    if session.number:
        return session
    return replace(session, number=1 + sum(each.start < session.start for each in standing))


def _kind_in(title: re.Match[str] | None, event: FoundEvent) -> str:
    if title is not None:
        return kind_told(title)
    tentative = (event.block.text("STATUS") or "").upper() == "TENTATIVE"
    return "maintenance" if tentative else "course"


def _can_be_planned(start: datetime) -> bool:
    try:
        require_plannable(start.date())
    except InvalidInput:
        return False
    return True


def _with_place(request: Request, place: str | None) -> Request:
    try:
        return replace(request, location=place and place.strip())
    except InvalidInput:
        return request
