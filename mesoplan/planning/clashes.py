"""Sessions of a book that can't take place: too many at once, one person twice, or a busy time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.zones import find_zone
from mesoplan.model.plan import ReasonCode, Status
from mesoplan.model.taken import BusySpan, parts_by_day, with_taken
from mesoplan.planning.resources import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from mesoplan.model.causes import Cause
    from mesoplan.model.request import Request
    from mesoplan.planning.agenda import Booking

ClashKind = Literal["rooms", "patient", "practitioner", "practitioners", "busy"]
"""More sessions at once than rooms, or one patient's label twice at once; one practitioner twice,
or more sessions than practitioners where some have none; or what calendars and hours leave no time
for by now."""


class Clash(NamedTuple):
    """Sessions that can't all take place, from one moment to another in the clinic's zone."""

    kind: ClashKind
    start: datetime
    end: datetime
    sessions: int
    """How many there are at once, at most."""
    bookings: tuple[Booking, ...]
    practitioner: str | None = None
    """The id of the one who has several, or is busy."""
    cause: Cause | None = None
    """Why there is no time for a session."""
    lacks: Literal["room", "practitioner"] | None = None
    """Of what there are too few, with what calendars and hours take."""


class Overlap(NamedTuple):
    """From when to when which appointments take place, by their places in a sequence."""

    begin: float
    """In seconds since 1970 began in UTC: the clocks may show one time twice."""
    end: float
    indexes: frozenset[int]


def overlaps_of(bookings: Sequence[Booking]) -> Iterator[Overlap]:
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
            yield Overlap(begin, end, running)


def clashes_of(
    overlaps: Iterable[Overlap], bookings: Sequence[Booking], clinic: Request, now: datetime
) -> Iterator[Clash]:
    """What clashes: for each reason one clash for all that touches.

    Calendars and hours count for what is to come at *now* (aware).
    """
    if clinic.busy or not all(each.is_always_there for each in clinic.practitioners):
        yield from _busy(bookings, clinic, now)
    zone = find_zone(clinic.timezone)
    labels = [_folded(each.entry.label) for each in bookings]
    treating = [each.entry.practitioner for each in bookings]
    named = {each.id for each in clinic.practitioners}
    of_one: tuple[tuple[ClashKind, Sequence[str | None]], ...]
    of_one = (("patient", labels), ("practitioner", treating))
    found: dict[tuple[ClashKind, str | None], list[Overlap]] = {}
    for each in overlaps:
        loose = sum(treating[index] is None for index in each.indexes) if named else 0
        treated = named.intersection(filter(None, (treating[index] for index in each.indexes)))
        if len(each.indexes) > clinic.rooms:
            found.setdefault(("rooms", None), []).append(each)
        elif clinic.room_busy and each.end > now.timestamp() and _lacks_room(each, clinic, zone):
            found.setdefault(("busy", "room"), []).append(each)
        if loose and loose + len(treated) > len(named):
            found.setdefault(("practitioners", None), []).append(each)
        elif loose and each.end > now.timestamp() and _lacks_staff(each, loose, treated, clinic):
            found.setdefault(("busy", "practitioner"), []).append(each)
        if len(each.indexes) == 1:
            continue
        for kind, whose in of_one:
            for whom, same in _by_name(each.indexes, whose).items():
                if len(same) > 1:
                    found.setdefault((kind, whom), []).append(each._replace(indexes=same))
    for (reason, name), those in found.items():
        treats = name if reason == "practitioner" else None
        lacks: Literal["room", "practitioner"] | None = None
        if reason == "busy":
            lacks = "room" if name == "room" else "practitioner"
        for touching in _touching(those):
            indexes = sorted({index for each in touching for index in each.indexes})
            yield Clash(
                reason,
                datetime.fromtimestamp(touching[0].begin, zone),
                datetime.fromtimestamp(touching[-1].end, zone),
                max(len(each.indexes) for each in touching),
                tuple(bookings[index] for index in indexes),
                treats,
                lacks=lacks,
            )


def _busy(bookings: Iterable[Booking], clinic: Request, now: datetime) -> Iterator[Clash]:
    """The sessions to come at whose times nobody treats, or the one who treats is off or busy."""
    zone, among = find_zone(clinic.timezone), replace(clinic, room_busy=())
    requests: dict[str | None, Request] = {None: replace(among, practitioners=())}
    requests |= {each.id: replace(among, practitioner=each.id) for each in clinic.practitioners}
    obstacles = {
        name: tuple(resources_of(request).obstacles()) for name, request in requests.items()
    }
    for booking in bookings:
        if booking.session.status is not Status.PLANNED or booking.end <= now:
            continue
        name = booking.entry.practitioner
        days = [*parts_by_day(BusySpan(booking.start, booking.end), "", zone)]
        for obstacle in obstacles.get(name, obstacles[None]):
            for day, part in days:
                if obstacle.minutes(day) & part.minutes:
                    cause = obstacle.cause(day, part.minutes, None)
                    who = name if obstacle.code is ReasonCode.PRACTITIONER else None
                    yield Clash("busy", booking.start, booking.end, 1, (booking,), who, cause)


def _lacks_room(overlap: Overlap, clinic: Request, zone: ZoneInfo) -> bool:
    """Whether calendars of rooms leave fewer than the sessions need, at any minute."""
    for day, minutes in _parts(overlap, zone):
        taken = (each for calendar in clinic.room_busy for each in calendar.on(day, zone))
        full = with_taken((0,) * clinic.rooms, (each.minutes for each in taken))
        if full[clinic.rooms - len(overlap.indexes)] & minutes:
            return True
    return False


def _lacks_staff(overlap: Overlap, loose: int, treated: set[str], clinic: Request) -> bool:
    """Whether fewer practitioners are free than sessions have none, at any minute."""
    if all(each.is_always_there for each in clinic.practitioners):
        return False
    resources = resources_of(clinic)
    for day, minutes in _parts(overlap, resources.zone):
        unfree = (
            minutes if each.id in treated else resources.unfree(each, day)
            for each in clinic.practitioners
        )
        full = with_taken((0,) * len(clinic.practitioners), unfree)
        if full[len(clinic.practitioners) - loose] & minutes:
            return True
    return False


def _parts(overlap: Overlap, zone: ZoneInfo) -> Iterator[tuple[date, int]]:
    """What an overlap has of each day, as a set of minutes."""
    begin, end = (datetime.fromtimestamp(each, UTC) for each in (overlap.begin, overlap.end))
    for day, part in parts_by_day(BusySpan(begin, end), "", zone):
        yield day, part.minutes


def _folded(label: str | None) -> str | None:
    return None if label is None else " ".join(label.casefold().split())


def _by_name(indexes: Iterable[int], names: Sequence[str | None]) -> dict[str, frozenset[int]]:
    """The appointments of each name; those without one are left out."""
    found: dict[str, frozenset[int]] = {}
    for index in sorted(indexes):
        if (name := names[index]) is not None:
            found[name] = found.get(name, frozenset()) | {index}
    return found


def _touching(overlaps: Iterable[Overlap]) -> list[list[Overlap]]:
    """Runs of overlaps that follow each other and have appointments in common."""
    joined: list[list[Overlap]] = []
    among: frozenset[int] = frozenset()
    for each in overlaps:
        if joined and joined[-1][-1].end == each.begin and among & each.indexes:
            joined[-1].append(each)
            among |= each.indexes
        else:
            joined.append([each])
            among = each.indexes
    return joined
