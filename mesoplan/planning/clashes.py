"""Sessions of a book that can't all take place: too many at once, or one person twice."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mesoplan.model.request import Request
    from mesoplan.planning.agenda import Booking

ClashKind = Literal["rooms", "patient", "practitioner", "practitioners"]
"""More sessions at once than rooms, or one patient's label twice at once; one practitioner twice,
or more sessions than practitioners where some have none."""


class Clash(NamedTuple):
    """Sessions that can't all take place, from one moment to another in the clinic's zone."""

    kind: ClashKind
    start: datetime
    end: datetime
    sessions: int
    """How many there are at once, at most."""
    bookings: tuple[Booking, ...]
    practitioner: str | None = None
    """The id of the one who has several."""


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
    overlaps: Iterable[Overlap], bookings: Sequence[Booking], clinic: Request
) -> Iterator[Clash]:
    """What clashes: for each reason one clash for all that touches."""
    zone = find_zone(clinic.timezone)
    labels = [_folded(each.entry.label) for each in bookings]
    treating = [each.entry.practitioner for each in bookings]
    named = {each.id for each in clinic.practitioners}
    of_one: tuple[tuple[ClashKind, Sequence[str | None]], ...]
    of_one = (("patient", labels), ("practitioner", treating))
    found: dict[tuple[ClashKind, str | None], list[Overlap]] = {}
    for each in overlaps:
        if len(each.indexes) == 1:
            continue
        if len(each.indexes) > clinic.rooms:
            found.setdefault(("rooms", None), []).append(each)
        if named:
            loose = sum(treating[index] is None for index in each.indexes)
            taken = named.intersection(filter(None, (treating[index] for index in each.indexes)))
            if loose and loose + len(taken) > len(named):
                found.setdefault(("practitioners", None), []).append(each)
        for kind, whose in of_one:
            for whom, same in _by_name(each.indexes, whose).items():
                if len(same) > 1:
                    found.setdefault((kind, whom), []).append(each._replace(indexes=same))
    for (reason, name), those in found.items():
        treats = name if reason == "practitioner" else None
        for touching in _touching(those):
            indexes = sorted({index for each in touching for index in each.indexes})
            yield Clash(
                reason,
                datetime.fromtimestamp(touching[0].begin, zone),
                datetime.fromtimestamp(touching[-1].end, zone),
                max(len(each.indexes) for each in touching),
                tuple(bookings[index] for index in indexes),
                treats,
            )


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
