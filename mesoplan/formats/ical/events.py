"""What a VEVENT says of its time, and the instants that this means in the zones of its file.

A TZID means an IANA name, one of Windows and Outlook, or a file's own. icalendar has such a look-up
too. It is not used: it reads a time in a zone that it does not know as a time of no zone, without a
word, and it remembers a file's own zones for every file after it, though “Customized Time Zone”
means another one in each.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from mesoplan.dates.zones import tzdata_folder
from mesoplan.errors import quoted
from mesoplan.formats.ical.values import (
    DAY,
    FAR,
    UTC_NAME,
    Length,
    TooMuchWork,
    Unreadable,
    Work,
    Written,
    length,
    read_rule,
    written,
    written_list,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesoplan.formats.ical.lines import Block

Span = tuple[datetime, datetime]
Change = tuple[datetime, timedelta, timedelta]
"""A change of clocks: when, by the clocks before it, and the offsets before and after it."""

_WORK_OF_A_CHANGE = 50
_FAR_PAST = datetime.min.replace(tzinfo=UTC)
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC)
_OFFSET = re.compile(r"([+-]?)([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])?")
_UNTIL = re.compile("UNTIL=([0-9]{8})", re.IGNORECASE)


class Event(NamedTuple):
    """A VEVENT as it is written, without a word of what it is about."""

    component: Block
    takes_time: bool
    start: Written
    end: Written | Length | None
    recurrence_id: Written | None
    """The start of the occurrence whose place it takes; None for all others."""

    @property
    def sequence(self) -> int:
        """The number of the version that it is."""
        return sequence(self.component)

    @property
    def and_future(self) -> bool:
        """Whether it takes the place of all later occurrences too."""
        found = self.component.first("RECURRENCE-ID")
        return found is not None and found.parameters.get("RANGE", "").upper() == "THISANDFUTURE"

    @property
    def recurs(self) -> bool:
        """Whether it has occurrences beside its own start."""
        return bool(self.component.all("RRULE") or self.component.all("RDATE"))

    def can_matter(self, first: datetime, last: datetime) -> bool:
        """Whether it may take a time between two naive moments that leave room for any zone."""
        latest = self.start.local
        if self.component.all("RDATE") or latest > last:
            return bool(self.component.all("RDATE"))
        try:
            for rule in self.component.all("RRULE"):
                until = _UNTIL.search(rule.value)
                latest = max(latest, datetime.fromisoformat(until[1]) if until else FAR)
            end, elapsed = _end(self.start, self.end)
            return latest + (end.local - self.start.local) + elapsed + DAY >= first
        except (ValueError, OverflowError):
            return True


def read_event(component: Block, takes_time: bool) -> Event:
    """The VEVENT as it is written; rules and lists of dates are left for later.

    Raises Unreadable where a date in it can't be read, and where DTSTART is missing.
    """
    start = component.first("DTSTART")
    if start is None:
        raise Unreadable(component.number, "DTSTART is missing")
    end: Written | Length | None = None
    if found := component.first("DTEND"):
        end = written("DTEND", found)
    elif found := component.first("DURATION"):
        end = length("DURATION", found)
    replaced = component.first("RECURRENCE-ID")
    return Event(
        component=component,
        takes_time=takes_time,
        start=written("DTSTART", start),
        end=end,
        recurrence_id=written("RECURRENCE-ID", replaced) if replaced else None,
    )


def uid(component: Block) -> str:
    """The UID of a component; empty where it has none."""
    found = component.first("UID")
    return found.value if found else ""


def sequence(component: Block) -> int:
    """The number of the version that a component is; 0 where it has none that is a number."""
    number = component.word("SEQUENCE")
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def is_cancelled(component: Block) -> bool:
    """Whether a VEVENT is marked as cancelled."""
    return component.word("STATUS") in {"CANCELLED", "CANCELED"}


def takes_time(component: Block) -> bool:
    """Whether a VEVENT takes the time that it has: neither transparent, cancelled nor free."""
    if is_cancelled(component):
        return False
    transparency = component.word("TRANSP")
    if transparency:
        return transparency != "TRANSPARENT"
    return component.word("X-MICROSOFT-CDO-BUSYSTATUS") != "FREE"


def _end(start: Written, end: Written | Length | None) -> tuple[Written, timedelta]:
    """The end as it is written, and the time that elapses after it.

    A day without an end, or with the same day as its end, is a whole day.
    """
    if isinstance(end, Written) and not (start.is_day and end.is_day and end.local == start.local):
        return end, timedelta()
    days, elapsed = end if isinstance(end, Length) else (0, timedelta())
    if start.is_day:
        days, elapsed = max(1, days + math.ceil(elapsed / DAY)), timedelta()
    return start._replace(local=start.local + timedelta(days=days)), elapsed


class FileZones:
    """The zones by the names that one VCALENDAR uses for them."""

    def __init__(self, definitions: Iterable[Block], last_year: int) -> None:
        self._definitions: dict[str, Block] = {}
        for definition in definitions:
            name = definition.first("TZID")
            if name is not None:
                self._definitions[_plain(name.value)] = definition
        self._last = datetime(last_year + 1, 1, 1)  # noqa: DTZ001 - local by definition
        self._found: dict[str, tzinfo | None] = {UTC_NAME: UTC}
        self._work = Work()

    def find(self, name: str) -> tzinfo | None:
        """The zone of that name; None where nobody knows it.

        Names that all programs share come before the file's own VTIMEZONE, which is often out of
        date. A name without a slash, such as EST, may mean something else in the file: there the
        VTIMEZONE comes first.
        """
        if name not in self._found:
            self._found[name] = _shared_zone(name) or self._own_zone(name) or _plain_zone(name)
        return self._found[name]

    def _own_zone(self, name: str) -> tzinfo | None:
        definition = self._definitions.get(_plain(name))
        parts = [] if definition is None else definition.blocks
        try:
            changes = [each for part in parts for each in _changes(part, self._last, self._work)]
        except (Unreadable, TooMuchWork, ValueError, OverflowError):
            return None
        return _FileZone(changes) if changes else None


def _plain(name: str) -> str:
    r"""The name without what its place asks for: “\\,” where it is defined, quotes where used."""
    return name.strip('"').replace("\\", "")


def _shared_zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name with a slash, also one behind a maker's prefix, or of Windows."""
    parts = name.casefold().strip("/").split("/")
    tails = ("/".join(parts[k:]) for k in range(len(parts) - 1))
    known = next(filter(None, map(_iana_names().get, tails)), None)
    if known is None:
        # Imported here, since it takes a tenth of a second and most files have no such name.
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        known = WINDOWS_TO_OLSON.get(name)
    return None if known is None else ZoneInfo(known)


def _plain_zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name without a slash, also behind a prefix: “tzone://Microsoft/Utc”."""
    known = _iana_names().get(name.casefold().rpartition("/")[2])
    return None if known is None else ZoneInfo(known)


@cache
def _iana_names() -> dict[str, str]:
    """The IANA names, by themselves without letter case."""
    names = (tzdata_folder() / "zones").read_text(encoding="ascii").split()
    return {name.casefold(): name for name in names}


class _FileZone(tzinfo):
    """A zone as the VTIMEZONE of a file describes it."""

    def __init__(self, changes: Iterable[Change]) -> None:
        ordered = sorted(changes, key=lambda change: change[0] - change[1])
        self._offsets = [ordered[0][1], *(after for _, _, after in ordered)]
        self._instants = [local - before for local, before, _ in ordered]
        # RFC 5545: a time that clocks skip goes by the clocks before, as does the first of two.
        self._locals = [
            local + max(timedelta(), after - before) for local, before, after in ordered
        ]

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        return self._offsets[bisect_right(self._locals, moment.replace(tzinfo=None))]

    def fromutc(self, moment: datetime) -> datetime:
        return moment + self._offsets[bisect_right(self._instants, moment.replace(tzinfo=None))]

    def dst(self, moment: datetime | None) -> None: ...

    def tzname(self, moment: datetime | None) -> None: ...


def _changes(part: Block, last: datetime, work: Work) -> Iterator[Change]:
    """The changes that one STANDARD or DAYLIGHT part describes, up to *last*.

    Raises Unreadable where it lacks something or a date in it can't be read, and TooMuchWork.
    """
    start = part.first("DTSTART")
    if start is None:
        raise Unreadable(part.number, "DTSTART is missing")
    before, after = _offset(part, "TZOFFSETFROM"), _offset(part, "TZOFFSETTO")

    def local_until(until: Written) -> datetime:
        return until.local + before if until.zone_name == UTC_NAME else until.local

    first = written("DTSTART", start).local
    moments = [first]
    for dates in part.all("RDATE"):
        moments += (moment.local for moment, _ in written_list("RDATE", dates))
    for found in part.all("RRULE"):
        moments += read_rule(found, first, local_until, work).dates(first, first, last, work)
    work.spend(_WORK_OF_A_CHANGE * len(moments))
    return ((moment, before, after) for moment in moments)


def _offset(part: Block, name: str) -> timedelta:
    found = part.first(name)
    match = _OFFSET.fullmatch(found.value) if found else None
    if match is None:
        raise Unreadable(part.number, f"{name} is no offset")
    hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if match[1] == "-" else offset


@dataclass(frozen=True, slots=True)
class Clocks:
    """Gives the instants that written times mean: the zones of the file, and the reader's own.

    All of it raises Unreadable where a zone is not known.
    """

    zones: FileZones
    reader: ZoneInfo

    def zone(self, moment: Written) -> tzinfo:
        """The zone of a written time."""
        zone = self.zones.find(moment.zone_name) if moment.zone_name else self.reader
        if zone is None:
            raise Unreadable(moment.at, f"the time zone {quoted(moment.zone_name)} is not known")
        return zone

    def instant(self, moment: Written) -> datetime:
        """The instant of a written time, in UTC."""
        return instant(moment.local, self.zone(moment))

    def local(self, moment: Written, zone: tzinfo) -> datetime:
        """What the clocks of *zone* show then, naive."""
        if self.zone(moment) is zone:
            return moment.local
        return self.instant(moment).astimezone(zone).replace(tzinfo=None)

    def span(
        self, start: Written, end: Written | Length | None, zone: tzinfo | None = None
    ) -> Span:
        """When what is written like this begins and ends: instants, or local times in *zone*."""
        until, elapsed = _end(start, end)
        if zone is None:
            begins, ends = self.instant(start), self.instant(until)
        else:
            begins, ends = self.local(start, zone), self.local(until, zone)
        if ends + elapsed < begins:
            raise Unreadable(start.at, "the end is before the start")
        return begins, ends + elapsed


def instant(local: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which the clocks of a zone show that; the first one of two."""
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        # Some programs write the first or the last day there is for “always”.
        return _FAR_PAST if local.year < 5000 else _FAR_FUTURE


class EventTime(NamedTuple):
    """When one event is, in the zone of whoever reads it."""

    start: datetime
    end: datetime | None
    """None where the event does not say, or where it lasts a day or more."""
    has_clock: bool
    """Whether it has a time of day."""


def event_time(component: Block, zones: FileZones, zone: ZoneInfo) -> EventTime | None:
    """When a VEVENT is by itself, in *zone*; None where its start can't be read.

    *zones* are those of its file. No library is imported unless a zone has an unusual name.
    """
    clocks = Clocks(zones, zone)
    try:
        event = read_event(component, takes_time=True)
        try:
            start, end = (each.astimezone(zone) for each in clocks.span(event.start, event.end))
        except (Unreadable, OverflowError, ValueError):
            start = end = clocks.instant(event.start).astimezone(zone)
    except (Unreadable, OverflowError, ValueError):
        return None
    says_end = event.end is not None and timedelta() < end - start < DAY
    return EventTime(start, end if says_end else None, not event.start.is_day)
