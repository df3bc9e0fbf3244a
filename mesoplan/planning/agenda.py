"""What comes up in a book of plans, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.zones import find_zone
from mesoplan.model.plan import Status
from mesoplan.planning.checking import rules_broken
from mesoplan.rules.limits import INTERVAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.dates.days import DateRange
    from mesoplan.model.plan import Plan, Session
    from mesoplan.planning.checking import Finding


class BookEntry(NamedTuple):
    """A plan of the book, and its file."""

    path: Path
    plan: Plan


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


class Clash(NamedTuple):
    """Sessions that can't all take place, from one moment to another in the clinic's zone."""

    kind: Literal["rooms", "patient"]
    """More sessions at once than rooms, or one patient's label twice at once."""
    start: datetime
    end: datetime
    sessions: int
    """How many there are at once, at most."""
    bookings: tuple[Booking, ...]


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


class Agenda(NamedTuple):
    """What comes up, and what needs attention."""

    days: DateRange
    zone: ZoneInfo
    """The clinic's zone, in which days begin and end."""
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
    broken: tuple[Broken, ...]
    """In the whole book, in its order."""
    unfinished: tuple[Unfinished, ...]
    """In the whole book, in its order."""


def agenda_of(
    entries: Sequence[BookEntry], days: DateRange, zone_name: str, rooms: int, now: datetime
) -> Agenda:
    """What comes up on these days by the clocks of a zone, seen from *now* (aware).

    *rooms* is how many sessions there can be at once.
    """
    zone = find_zone(zone_name)
    first = datetime.combine(days.first, time(), zone).timestamp()
    last = datetime.combine(days.last + timedelta(days=1), time(), zone).timestamp()
    on_days: list[Booking] = []
    overdue: list[Booking] = []
    following: float | None = None
    for entry in entries:
        for session in (*entry.plan.active, *entry.plan.dropped):
            is_planned = session.status is Status.PLANNED
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
    overlaps = tuple(_overlaps(on_days))
    at_once = [0] * len(on_days)
    for overlap in overlaps:
        for index in overlap.indexes:
            at_once[index] = max(at_once[index], len(overlap.indexes))
    bookings = [each._replace(at_once=n) for each, n in zip(on_days, at_once, strict=True)]
    by_day: dict[date, list[Booking]] = {}
    for booking in bookings:
        if first <= booking.start.timestamp() < last:
            by_day.setdefault(booking.start.date(), []).append(booking)
    broken = (Broken(entry, tuple(_to_correct(entry.plan, now))) for entry in entries)
    return Agenda(
        days=days,
        zone=zone,
        rooms=rooms,
        plans=len(entries),
        found=tuple(AgendaDay(day, tuple(by_day[day])) for day in sorted(by_day)),
        next_day=None if following is None else datetime.fromtimestamp(following, zone).date(),
        clashes=tuple(
            sorted(
                _clashes(overlaps, bookings, rooms, zone), key=lambda clash: clash.start.timestamp()
            )
        ),
        overdue=tuple(sorted(overdue, key=_in_time)),
        broken=tuple(each for each in broken if each.problems),
        unfinished=tuple(_unfinished(entries, now)),
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


def _in_time(booking: Booking) -> tuple[float, str, str]:
    return booking.start.timestamp(), booking.entry.path.name, booking.session.uid


class _Overlap(NamedTuple):
    """From when to when which appointments take place, by their places in a sequence."""

    begin: float
    """In seconds since 1970 began in UTC: the clocks may show one time twice."""
    end: float
    indexes: frozenset[int]


def _overlaps(bookings: Sequence[Booking]) -> Iterator[_Overlap]:
    """What takes place at once, in order; dropped sessions take no time."""
    begins: dict[float, set[int]] = {}
    ends: dict[float, set[int]] = {}
    for index, booking in enumerate(bookings):
        begin, end = booking.start.timestamp(), booking.end.timestamp()
        if not booking.session.is_dropped and end > begin:
            begins.setdefault(begin, set()).add(index)
            ends.setdefault(end, set()).add(index)
    running: frozenset[int] = frozenset()
    for begin, end in pairwise(sorted({*begins, *ends})):
        running = running - ends.get(begin, set()) | begins.get(begin, set())
        if running:
            yield _Overlap(begin, end, running)


def _clashes(
    overlaps: Iterable[_Overlap], bookings: Sequence[Booking], rooms: int, zone: ZoneInfo
) -> Iterator[Clash]:
    """What clashes: for each reason one clash for all that touches."""
    crowded: list[_Overlap] = []
    doubled: dict[str, list[_Overlap]] = {}
    for each in overlaps:
        crowded += [each] * (len(each.indexes) > rooms)
        by_label: dict[str, set[int]] = {}
        for index in sorted(each.indexes):
            label = bookings[index].entry.plan.request.patient
            if label is not None:
                by_label.setdefault(" ".join(label.casefold().split()), set()).add(index)
        for label, same in by_label.items():
            if len(same) > 1:
                doubled.setdefault(label, []).append(each._replace(indexes=frozenset(same)))
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
        if joined and joined[-1][-1].end == each.begin and among & each.indexes:
            joined[-1].append(each)
            among |= each.indexes
        else:
            joined.append([each])
            among = each.indexes
    for touching in joined:
        indexes = sorted({index for each in touching for index in each.indexes})
        yield Clash(
            kind,
            datetime.fromtimestamp(touching[0].begin, zone),
            datetime.fromtimestamp(touching[-1].end, zone),
            max(len(each.indexes) for each in touching),
            tuple(bookings[index] for index in indexes),
        )
