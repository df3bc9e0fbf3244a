"""What comes up in a book of plans, day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.zones import find_zone
from mesoplan.model.plan import SessionName, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.dates.days import DateRange
    from mesoplan.model.plan import Plan, Session


class BookedSession(NamedTuple):
    """An appointment of a plan in the book.

    A tuple, since there may be a hundred thousand, and a frozen dataclass takes longer to make.
    """

    plan_id: str
    serial: str
    """What ends its UID: “01”."""
    kind: Literal["course", "maintenance"]
    number: int
    """Counts from 1 within its kind."""
    start_seconds: int
    """Its start and its end, in seconds since 1970 began in UTC."""
    end_seconds: int
    status: Status
    sequence: int
    """How often its event was changed."""

    @property
    def uid(self) -> str:
        """The appointment's own name in calendar files."""
        return f"{self.plan_id}-{self.serial}"

    @property
    def start(self) -> datetime:
        """An aware moment, in UTC."""
        return datetime.fromtimestamp(self.start_seconds, UTC)

    @property
    def end(self) -> datetime:
        """An aware moment, in UTC."""
        return datetime.fromtimestamp(self.end_seconds, UTC)

    @property
    def is_dropped(self) -> bool:
        """Whether it was missed or cancelled; all others take a room."""
        return self.status is Status.MISSED or self.status is Status.CANCELLED

    @property
    def name(self) -> SessionName:
        """What it is called where a session is to be named."""
        return SessionName(self.kind, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPlan:
    """A plan in the book."""

    folder: Path
    file_name: str
    plan_id: str
    goal: str | None
    """None where a private file does not tell it; so are area and patient."""
    area: str | None
    patient: str | None
    zone: str
    """The IANA name of the clinic's zone, as the plan has it."""
    total_sessions: int
    """How many sessions the course is to have."""
    total_maintenance: int
    ended: bool
    """Whether all that had not taken place was cancelled."""
    is_whole: bool
    """Whether all sessions of the course are in the file, or it was ended."""
    row_digest: str | None
    """Of a plan from a batch: see `Plan`."""
    problems: tuple[str, ...]
    """The rules R1 to R5 that it breaks: “R2: session 4 comes 16 days after session 3 (…)”."""
    sessions: tuple[BookedSession, ...]
    """What stands, and what was dropped, in the order of their starts."""

    @property
    def path(self) -> Path:
        """The plan's file."""
        return self.folder / self.file_name

    def total(self, session: BookedSession) -> int:
        """Of how many a session is one: all of its kind."""
        return self.total_sessions if session.kind == "course" else self.total_maintenance


def booked(plan: Plan, folder: Path, file_name: str, problems: tuple[str, ...]) -> BookedPlan:
    """The plan that is in a file of the book, with the rules that it breaks."""
    sessions = map(_session, (*plan.active, *plan.dropped))
    return BookedPlan(
        folder=folder,
        file_name=file_name,
        plan_id=plan.id,
        goal=plan.goal,
        area=plan.area,
        patient=plan.request.patient,
        zone=plan.request.timezone,
        total_sessions=plan.total_sessions,
        total_maintenance=plan.maintenance_per_year * plan.request.years,
        ended=plan.cancelled,
        is_whole=plan.is_whole,
        row_digest=plan.row_digest,
        problems=problems,
        sessions=tuple(sorted(sessions, key=lambda each: (each.start_seconds, each.serial))),
    )


def _session(session: Session) -> BookedSession:
    plan_id, _, serial = session.uid.rpartition("-")
    return BookedSession(
        plan_id,
        serial,
        session.kind,
        session.number,
        int(session.start.timestamp()),
        int(session.end.timestamp()),
        session.status,
        session.sequence,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Booking:
    """An appointment on the agenda."""

    plan: BookedPlan
    session: BookedSession
    start: datetime
    """Start and end are aware moments in the clinic's zone."""
    end: datetime
    is_overdue: bool
    """Whether it is past, and nobody says what became of it."""
    at_once: int
    """How many sessions there are at most while it lasts, itself included; 0 if it was dropped."""

    @property
    def number(self) -> str:
        """“3/8”, “m1/2”: which session of how many."""
        return f"{self.session.name}/{self.plan.total(self.session)}"

    @property
    def status(self) -> str:
        """What has become of it, in one word; empty while it is to come."""
        if self.is_overdue:
            return "overdue"
        return "" if self.session.status is Status.PLANNED else self.session.status.value


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """A day with its appointments, in the order of their times."""

    day: date
    bookings: tuple[Booking, ...]

    @property
    def active(self) -> int:
        """How many of them were not dropped."""
        return sum(not booking.session.is_dropped for booking in self.bookings)

    @property
    def at_once(self) -> int:
        """How many sessions there are at most at the same time."""
        return max((booking.at_once for booking in self.bookings), default=0)


@dataclass(frozen=True, slots=True)
class Clash:
    """Sessions that can't all take place, from one moment to another in the clinic's zone."""

    kind: Literal["rooms", "patient"]
    """More sessions at once than rooms, or one patient's label twice at once."""
    start: datetime
    end: datetime
    sessions: int
    """How many there are at once, at most."""
    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A course that is not ended, and lacks sessions that it is to have."""

    plan: BookedPlan
    active: int
    """How many sessions of the course took place or are planned."""
    has_next: bool
    """Whether one of them is still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What comes up, and what somebody must see to."""

    days: DateRange
    zone: ZoneInfo
    """The clinic's, by which the days go."""
    rooms: int
    plans: int
    """How many plans are in the book."""
    found: tuple[AgendaDay, ...]
    """The days that have appointments, in order."""
    next_day: date | None
    """The first day after all these on which a session is to take place."""
    clashes: tuple[Clash, ...]
    """On these days, in order."""
    overdue: tuple[Booking, ...]
    """In the whole book, the oldest first."""
    broken: tuple[BookedPlan, ...]
    """The plans in the book that break a rule, in the order of the book; so are the next."""
    unfinished: tuple[Unfinished, ...]


def agenda_of(
    plans: Sequence[BookedPlan], days: DateRange, zone_name: str, rooms: int, now: datetime
) -> Agenda:
    """What comes up on these days by the clocks of a zone, seen from *now* (aware).

    *rooms* is how many sessions there can be at once.
    """
    zone = find_zone(zone_name)
    first = _seconds(datetime.combine(days.first, time(), zone))
    last = _seconds(datetime.combine(days.last + timedelta(days=1), time(), zone))
    at = now.timestamp()
    on_days: list[tuple[BookedPlan, BookedSession]] = []
    late: list[tuple[BookedPlan, BookedSession]] = []
    following: int | None = None
    for plan in plans:
        for session in plan.sessions:
            if session.start_seconds < last and session.end_seconds > first:
                on_days.append((plan, session))
            if session.status is Status.PLANNED:
                if session.start_seconds < at:
                    late.append((plan, session))
                if session.start_seconds >= last:
                    following = min(session.start_seconds, following or session.start_seconds)
    on_days.sort(key=_in_time)
    overlaps = tuple(_overlaps([session for _, session in on_days]))
    at_once = [0] * len(on_days)
    for overlap in overlaps:
        for index in overlap.indexes:
            at_once[index] = max(at_once[index], len(overlap.indexes))
    bookings = [
        _booking(*each, zone, at, most) for each, most in zip(on_days, at_once, strict=True)
    ]
    by_day: dict[date, list[Booking]] = {}
    for booking in bookings:
        if first <= booking.session.start_seconds < last:
            by_day.setdefault(booking.start.date(), []).append(booking)
    return Agenda(
        days=days,
        zone=zone,
        rooms=rooms,
        plans=len(plans),
        found=tuple(AgendaDay(day, tuple(by_day[day])) for day in sorted(by_day)),
        next_day=None if following is None else _local(following, zone).date(),
        clashes=tuple(sorted(_clashes(overlaps, bookings, rooms, zone), key=attrgetter("start"))),
        overdue=tuple(_booking(*each, zone, at, 0) for each in sorted(late, key=_in_time)),
        broken=tuple(plan for plan in plans if plan.problems),
        unfinished=tuple(_unfinished(plans, at)),
    )


def usual_zone_of(plans: Iterable[BookedPlan]) -> str | None:
    """The zone that most plans have; None where there is none."""
    zones = Counter(plan.zone for plan in plans)
    return min(zones, key=lambda name: (-zones[name], name), default=None)


def _unfinished(plans: Iterable[BookedPlan], at: float) -> Iterator[Unfinished]:
    for plan in plans:
        if plan.is_whole or plan.ended:
            continue
        course = [
            session
            for session in plan.sessions
            if session.kind == "course" and not session.is_dropped
        ]
        has_next = any(
            session.status is Status.PLANNED and session.start_seconds >= at for session in course
        )
        yield Unfinished(plan, len(course), has_next)


@dataclass(frozen=True, slots=True)
class _Overlap:
    """From when to when which appointments take place, by their places in a sequence."""

    begin: int
    end: int
    indexes: frozenset[int]


def _overlaps(sessions: Sequence[BookedSession]) -> Iterator[_Overlap]:
    """What takes place at once, in order; dropped sessions take no time."""
    begins: dict[int, set[int]] = {}
    ends: dict[int, set[int]] = {}
    for index, session in enumerate(sessions):
        if not session.is_dropped and session.end_seconds > session.start_seconds:
            begins.setdefault(session.start_seconds, set()).add(index)
            ends.setdefault(session.end_seconds, set()).add(index)
    running: frozenset[int] = frozenset()
    for begin, end in pairwise(sorted({*begins, *ends})):
        running = running - ends.get(begin, set()) | begins.get(begin, set())
        if running:
            yield _Overlap(begin, end, running)


def _clashes(
    overlaps: Iterable[_Overlap], bookings: Sequence[Booking], rooms: int, zone: ZoneInfo
) -> Iterator[Clash]:
    """What clashes: for each reason one clash for all that touches."""
    crowded = []
    doubled: dict[str, list[_Overlap]] = {}
    for each in overlaps:
        if len(each.indexes) > rooms:
            crowded.append(each)
        by_label: dict[str, set[int]] = {}
        for index in sorted(each.indexes):
            label = bookings[index].plan.patient
            if label is not None:
                by_label.setdefault(" ".join(label.casefold().split()), set()).add(index)
        for label, same in by_label.items():
            if len(same) > 1:
                one = replace(each, indexes=frozenset(same))
                doubled.setdefault(label, []).append(one)
    yield from _joined("rooms", crowded, bookings, zone)
    for of_one in doubled.values():
        yield from _joined("patient", of_one, bookings, zone)


def _joined(
    kind: Literal["rooms", "patient"],
    overlaps: Iterable[_Overlap],
    bookings: Sequence[Booking],
    zone: ZoneInfo,
) -> Iterator[Clash]:
    joined: list[list[_Overlap]] = []
    among: frozenset[int] = frozenset()
    for each in overlaps:
        touches = bool(joined) and joined[-1][-1].end == each.begin and bool(among & each.indexes)
        among = among | each.indexes if touches else each.indexes
        if touches:
            joined[-1].append(each)
        else:
            joined.append([each])
    for touching in joined:
        indexes = sorted({index for each in touching for index in each.indexes})
        yield Clash(
            kind,
            _local(touching[0].begin, zone),
            _local(touching[-1].end, zone),
            max(len(each.indexes) for each in touching),
            tuple(bookings[index] for index in indexes),
        )


def _in_time(each: tuple[BookedPlan, BookedSession]) -> tuple[int, str, str]:
    plan, session = each
    return session.start_seconds, plan.file_name, session.uid


def _booking(
    plan: BookedPlan, session: BookedSession, zone: ZoneInfo, at: float, at_once: int
) -> Booking:
    return Booking(
        plan,
        session,
        _local(session.start_seconds, zone),
        _local(session.end_seconds, zone),
        session.status is Status.PLANNED and session.start_seconds < at,
        at_once,
    )


def _local(seconds: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
