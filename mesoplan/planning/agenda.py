"""What comes up in a book of plans, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.zones import find_zone
from mesoplan.errors import printable
from mesoplan.model.plan import Status
from mesoplan.planning.checking import rules_broken
from mesoplan.planning.clashes import clashes_of, overlaps_of
from mesoplan.rules.limits import INTERVAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.dates.days import DateRange
    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.model.request import Request
    from mesoplan.planning.checking import Finding
    from mesoplan.planning.clashes import Clash


class BookEntry(NamedTuple):
    """A plan of the book, and its file."""

    path: Path
    plan: Plan
    name: str | None = None
    """What the book calls the patient of a private plan, whose file does not say it."""
    phone: str | None = None
    """The patient's number, if the book has it."""

    @property
    def label(self) -> str | None:
        """The patient's, for the desk."""
        return self.plan.request.patient or self.name

    @property
    def called(self) -> str:
        """What the screen calls it: the patient's label, or else the name of the file."""
        return printable(self.label or self.path.name)

    @property
    def practitioner(self) -> str | None:
        """The id of the one who treats, if anybody is known to."""
        return self.plan.request.practitioner


class Booking(NamedTuple):
    """An appointment on the agenda."""

    entry: BookEntry
    session: Session
    start: datetime
    """Start and end are aware moments in the clinic's zone."""
    end: datetime
    is_overdue: bool
    """Whether it is past, and neither attended nor missed."""
    at_once: int = 0
    """How many sessions there are at most while it lasts, itself included; 0 if it was dropped."""

    @property
    def number(self) -> str:
        """“3/8”, “m1/2”: which session of how many."""
        return f"{self.session.name}/{self.entry.plan.total(self.session)}"

    @property
    def status(self) -> str:
        """Its status, in a word or two; empty while it is still to come."""
        if self.is_overdue:
            return "not recorded"
        return "" if self.session.status is Status.PLANNED else self.session.status.value


class AgendaDay(NamedTuple):
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


class Broken(NamedTuple):
    """A plan that breaks a rule, and can still be changed so that it does not."""

    entry: BookEntry
    problems: tuple[Finding, ...]


class Unfinished(NamedTuple):
    """A course that is not cancelled, and lacks sessions that it is to have."""

    entry: BookEntry
    active: int
    """How many sessions of the course took place or are planned."""
    has_next: bool
    """Whether one of them is still to come."""


class Deserted(NamedTuple):
    """A plan with sessions to come, of a practitioner whom the clinic no longer names."""

    entry: BookEntry
    to_come: int
    """How many sessions."""


class Agenda(NamedTuple):
    """What comes up, and what needs attention: all of it, or what is of one practitioner."""

    days: DateRange
    zone: ZoneInfo
    """The clinic's zone, in which days begin and end."""
    rooms: int
    practitioners: tuple[Practitioner, ...]
    """All whom the clinic names."""
    of_one: str | None
    """The id of the practitioner whose agenda it is; None for all."""
    plans: int
    """How many plans are in the book."""
    own_plans: int
    """How many of them are of the one whose agenda it is; all where it is everybody's."""
    has_practitioners: bool
    """Whether the clinic or any plan names one."""
    found: tuple[AgendaDay, ...]
    """The days that have appointments, in order."""
    next_day: date | None
    """The first day after all these on which a session is to take place."""
    clashes: tuple[Clash, ...]
    """On these days, in order."""
    overdue: tuple[Booking, ...]
    """In the whole book, the oldest first."""
    broken: tuple[Broken, ...]
    """In the whole book, in its order."""
    unfinished: tuple[Unfinished, ...]
    """In the whole book, in its order."""
    deserted: tuple[Deserted, ...]
    """In the whole book, in its order."""
    unseen: tuple[BookEntry, ...]
    """The plans with dates to come that their patients were not given, in the order of the book."""

    def name_of(self, practitioner: str | None) -> str:
        """What the clinic calls a practitioner; the id of one whom it does not name."""
        names = (each.name for each in self.practitioners if each.id == practitioner)
        return next(names, practitioner or "")


def agenda_of(
    entries: Sequence[BookEntry],
    days: DateRange,
    clinic: Request,
    now: datetime,
    of_one: str | None = None,
) -> Agenda:
    """What comes up on these days at a clinic, seen from *now* (aware).

    The *clinic* is what any request there has of it: its zone, rooms and practitioners. *of_one* is
    the id of the practitioner whose agenda it is.
    """
    zone = find_zone(clinic.timezone)
    own = [entry for entry in entries if of_one is None or entry.practitioner == of_one]
    first = datetime.combine(days.first, time(), zone).timestamp()
    last = datetime.combine(days.last + timedelta(days=1), time(), zone).timestamp()
    on_days: list[Booking] = []
    overdue: list[Booking] = []
    following: float | None = None
    for entry in entries:
        is_own = of_one is None or entry.practitioner == of_one
        for session in entry.plan.every_session:
            is_planned = is_own and session.status is Status.PLANNED
            is_overdue = is_planned and session.is_past(now)
            begin, end = session.start.timestamp(), session.end.timestamp()
            is_shown = begin < last and end > first
            if is_shown or is_overdue:
                moments = (session.start.astimezone(zone), session.end.astimezone(zone))
                booking = Booking(entry, session, *moments, is_overdue)
                on_days += [booking] * is_shown
                overdue += [booking] * is_overdue
            if is_planned and begin >= last:
                following = min(following or begin, begin)
    on_days.sort(key=_in_time)
    overlaps = tuple(overlaps_of(on_days))
    at_once = [0] * len(on_days)
    for overlap in overlaps:
        for index in overlap.indexes:
            at_once[index] = max(at_once[index], len(overlap.indexes))
    bookings = [each._replace(at_once=n) for each, n in zip(on_days, at_once, strict=True)]
    by_day: dict[date, list[Booking]] = {}
    for booking in bookings:
        is_own = of_one is None or booking.entry.practitioner == of_one
        if is_own and first <= booking.start.timestamp() < last:
            by_day.setdefault(booking.start.date(), []).append(booking)
    clashes = [
        clash
        for clash in clashes_of(overlaps, bookings, clinic, now)
        if of_one is None or any(each.entry.practitioner == of_one for each in clash.bookings)
    ]
    broken = (Broken(entry, tuple(_to_correct(entry.plan, now))) for entry in own)
    return Agenda(
        days=days,
        zone=zone,
        rooms=clinic.rooms,
        practitioners=clinic.practitioners,
        of_one=of_one,
        plans=len(entries),
        own_plans=len(own),
        has_practitioners=bool(clinic.practitioners) or any(each.practitioner for each in entries),
        found=tuple(AgendaDay(day, tuple(by_day[day])) for day in sorted(by_day)),
        next_day=None if following is None else datetime.fromtimestamp(following, zone).date(),
        clashes=tuple(sorted(clashes, key=lambda clash: clash.start.timestamp())),
        overdue=tuple(sorted(overdue, key=_in_time)),
        broken=tuple(each for each in broken if each.problems),
        unfinished=tuple(_unfinished(own, now)),
        deserted=tuple(_deserted(own, clinic.practitioners, now)),
        unseen=tuple(entry for entry in own if _is_unseen(entry.plan, now)),
    )


def usual_zone_of(entries: Iterable[BookEntry]) -> str | None:
    """The zone that most plans have; None if there is none."""
    zones = Counter(entry.plan.request.timezone for entry in entries)
    return min(zones, key=lambda name: (-zones[name], name), default=None)


def _to_correct(plan: Plan, now: datetime) -> Iterator[Finding]:
    """The rules that a plan breaks with what is to come; nobody can change what took place.

    Nor is there anything to do about an interval that is too long for a reason that is recorded.
    """
    late = {session.start for session in plan.active if session.late is not None}
    for each in rules_broken(plan):
        last = each.about[-1].start if each.about else None
        is_recorded = each.code == INTERVAL_DAYS.id and last in late
        if not is_recorded and (last is None or last >= now):
            yield each


def _unfinished(entries: Iterable[BookEntry], now: datetime) -> Iterator[Unfinished]:
    for entry in entries:
        sessions = entry.plan.sessions
        if not entry.plan.is_whole:
            yield Unfinished(entry, len(sessions), not all(each.is_past(now) for each in sessions))


def _deserted(
    entries: Iterable[BookEntry], practitioners: Sequence[Practitioner], now: datetime
) -> Iterator[Deserted]:
    named = {each.id for each in practitioners}
    for entry in entries if named else ():
        if entry.practitioner is not None and entry.practitioner not in named:
            to_come = len(entry.plan.coming(now))
            if to_come:
                yield Deserted(entry, to_come)


def _is_unseen(plan: Plan, now: datetime) -> bool:
    """Whether the patient was not given the dates of a plan by which anything is still to come."""
    sessions = plan.every_session
    return plan.unseen is not None and any(each.start >= now for each in sessions)


def _in_time(booking: Booking) -> tuple[float, str, str]:
    return booking.start.timestamp(), booking.entry.path.name, booking.session.uid
