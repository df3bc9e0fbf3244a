"""What a VEVENT says of the times that it takes, read as it is written: zones come later."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import quoted
from mesoplan.formats.ical.dates import (
    Length,
    Unreadable,
    WrittenTime,
    written_length,
    written_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo
    from zoneinfo import ZoneInfo

    from mesoplan.formats.ical.text import Component, Property
    from mesoplan.formats.ical.zones import FileZones

_DAY = timedelta(days=1)
_FAR_PAST = datetime.min.replace(tzinfo=UTC)
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


class Event(NamedTuple):
    """A VEVENT, without a word of what it is about.

    A tuple, since there may be many thousands, and a frozen dataclass takes longer to make.
    """

    at: int
    """The place of its DTSTART in the text."""
    uid: str
    """Empty where it has none."""
    sequence: int
    blocks: bool
    """Whether it takes the time that it has."""
    start: WrittenTime
    end: WrittenTime | Length | None
    recurrence_id: WrittenTime | None
    """The start of the occurrence whose place it takes; None for all others."""
    and_future: bool
    """Whether it takes the place of all later occurrences too."""
    rules: tuple[Property, ...]
    dates: tuple[Property, ...]
    exceptions: tuple[Property, ...]

    @property
    def recurs(self) -> bool:
        """Whether it has occurrences beside its own start."""
        return bool(self.rules or self.dates)

    def can_matter(self, first: datetime, last: datetime) -> bool:
        """Whether it may take a time between two naive moments that leave room for any zone."""
        if self.start.local > last:
            # An RDATE before DTSTART is not foreseen, but nothing rules it out.
            return bool(self.dates)
        if self.dates:
            return True
        try:
            latest = max([self.start.local, *map(_until, self.rules)])
            return latest + self._rough_length() >= first
        except OverflowError:
            return True

    def _rough_length(self) -> timedelta:
        if isinstance(self.end, WrittenTime):
            return _DAY + (self.end.local - self.start.local)
        if isinstance(self.end, Length):
            return _DAY + timedelta(days=self.end.days) + self.end.elapsed
        return _DAY


def _until(rule: Property) -> datetime:
    """About when a rule ends; far away where it does not, or does not say it properly."""
    match = re.search(r"UNTIL=([0-9]{4})([0-9]{2})([0-9]{2})", rule.value.upper())
    far = _FAR_FUTURE.replace(tzinfo=None)
    if match is None:
        return far
    try:
        return datetime.combine(date(*map(int, match.groups())), time())
    except ValueError:
        return far


def blocks(component: Component) -> bool:
    """Whether a VEVENT takes the time that it has: neither transparent, cancelled nor free."""
    if component.word("STATUS") in {"CANCELLED", "CANCELED"}:
        return False
    transparency = component.word("TRANSP")
    if transparency:
        return transparency != "TRANSPARENT"
    return component.word("X-MICROSOFT-CDO-BUSYSTATUS") != "FREE"


def read_event(component: Component, counts: Callable[[Component], bool] = blocks) -> Event:
    """The VEVENT as it is written; *counts* says whether it takes the time that it has.

    Raises Unreadable where a date in it is none or DTSTART is missing; rules and lists of dates
    are left for later.
    """
    start = component.first("DTSTART")
    if start is None:
        raise Unreadable(component.at, "DTSTART is missing")
    end, duration = component.first("DTEND"), component.first("DURATION")
    recurrence_id = component.first("RECURRENCE-ID")
    written_end: WrittenTime | Length | None = None
    if end is not None:
        written_end = written_time("DTEND", end)
    elif duration is not None:
        written_end = written_length("DURATION", duration)
    return Event(
        at=start.at,
        uid=uid(component),
        sequence=sequence(component),
        blocks=counts(component),
        start=written_time("DTSTART", start),
        end=written_end,
        recurrence_id=written_time("RECURRENCE-ID", recurrence_id) if recurrence_id else None,
        and_future=(
            recurrence_id is not None
            and recurrence_id.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
        ),
        rules=tuple(component.properties.get("RRULE", ())),
        dates=tuple(component.properties.get("RDATE", ())),
        exceptions=tuple(component.properties.get("EXDATE", ())),
    )


def uid(component: Component) -> str:
    """The UID of a component; empty where it has none."""
    found = component.first("UID")
    return found.whole_value if found else ""


def sequence(component: Component) -> int:
    """The number of the version that a component is; 0 where it has none that is a number."""
    number = component.word("SEQUENCE")
    return int(number) if number.isdecimal() and len(number) < 10 else 0


@dataclass(frozen=True, slots=True)
class Clocks:
    """Tells the instants that written times mean: the zones of the file, and the reader's own."""

    zones: FileZones
    reader: ZoneInfo

    def zone(self, written: WrittenTime, at: int) -> tzinfo:
        """The zone of a written time, which stands at that place.

        Raises Unreadable where nobody knows the zone.
        """
        if not written.zone_name:
            return self.reader
        zone = self.zones.find(written.zone_name)
        if zone is None:
            raise Unreadable(at, f"the time zone {quoted(written.zone_name)} is not known")
        return zone

    def instant(self, written: WrittenTime, at: int) -> datetime:
        """The instant of a written time, in UTC.

        Raises Unreadable where nobody knows its zone.
        """
        return instant(written.local, self.zone(written, at))

    def local(self, written: WrittenTime, zone: tzinfo, at: int) -> datetime:
        """What the clocks of *zone* show then, naive.

        Raises Unreadable where nobody knows the zone of the written time.
        """
        if self.zone(written, at) is zone:
            return written.local
        return self.instant(written, at).astimezone(zone).replace(tzinfo=None)

    def span(self, event: Event) -> tuple[datetime, datetime]:
        """The start and the end of an event by itself, as instants in UTC.

        Raises Unreadable where nobody knows a zone, and where it ends before it starts.
        """
        return self.period(event.start, event.end, event.at)

    def period(
        self, start: WrittenTime, end: WrittenTime | Length | None, at: int
    ) -> tuple[datetime, datetime]:
        """The instants between which something lasts that is written like this.

        A day without an end, or with the same day as its end, is a whole day. Raises Unreadable
        where nobody knows a zone, and where it ends before it starts.
        """
        begins = self.instant(start, at)
        if isinstance(end, WrittenTime) and not (end == start and start.is_day):
            ends = self.instant(end, at)
            if ends < begins:
                raise Unreadable(at, "the end is before the start")
            return begins, ends
        zone = self.zone(start, at)
        length = end if isinstance(end, Length) else Length(0, timedelta())
        if start.is_day:
            return begins, instant(start.local + _whole_days(length), zone)
        return begins, instant(start.local + timedelta(days=length.days), zone) + length.elapsed

    def local_end(self, event: Event, zone: tzinfo) -> datetime:
        """What the clocks of *zone* show at the end of an event, naive; for a series.

        Raises Unreadable where nobody knows a zone, and where it ends before it starts.
        """
        start = self.local(event.start, zone, event.at)
        end = event.end
        if isinstance(end, WrittenTime) and not (end == event.start and end.is_day):
            ends = self.local(end, zone, event.at)
            if ends < start:
                raise Unreadable(event.at, "the end is before the start")
            return ends
        length = end if isinstance(end, Length) else Length(0, timedelta())
        if event.start.is_day:
            last = WrittenTime(event.start.local + _whole_days(length), True, "")
            return self.local(last, zone, event.at)
        return start + timedelta(days=length.days) + length.elapsed


def instant(local: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which the clocks of a zone show that; the first one of two."""
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        # Some programs write the first or the last day there is for “always”.
        return _FAR_PAST if local.year < 5000 else _FAR_FUTURE


def _whole_days(length: Length) -> timedelta:
    return timedelta(days=max(1, length.days + math.ceil(length.elapsed / _DAY)))
