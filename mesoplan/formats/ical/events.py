"""What a VEVENT says of its time, and the instants that this means in the zones of its file."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import quoted
from mesoplan.formats.ical.values import (
    DAY,
    FAR,
    Length,
    Unreadable,
    Written,
    length,
    written,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from mesoplan.formats.ical.lines import Block
    from mesoplan.formats.ical.zones import FileZones

AGENDA_UID = "agenda-"
"""How the UID of an appointment begins in the clinic's own agenda, before that of its session."""

Span = tuple[datetime, datetime]

_FAR_PAST = datetime.min.replace(tzinfo=UTC)
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC)
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

    Raises Unreadable if a date in it can't be read, or if DTSTART is missing.
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
    """The UID of a component; empty if it has none."""
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


def travel_time(component: Block) -> timedelta:
    """How long the way to a VEVENT takes, which Apple's calendars keep free; a day at most.

    Raises Unreadable if it is not a duration.
    """
    found = component.first("X-APPLE-TRAVEL-DURATION")
    if found is None:
        return timedelta()
    lasts = length("X-APPLE-TRAVEL-DURATION", found)
    return DAY if lasts.days else min(lasts.elapsed, DAY)


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
    """None if the event does not say, or if it lasts a day or more."""
    has_clock: bool
    """Whether it has a time of day."""


def event_time(component: Block, zones: FileZones, zone: ZoneInfo) -> EventTime | None:
    """When a VEVENT is by itself, in *zone*; None if its start can't be read.

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
