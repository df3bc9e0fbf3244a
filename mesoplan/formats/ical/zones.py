"""The time zone that a TZID in calendar text means.

icalendar has such a look-up too. It is not used: it reads a time in a zone that it does not know as
a time of no zone, without a word, and it remembers a file's own zones for every file after it,
though “Customized Time Zone” means another one in each.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from mesoplan.dates.zones import tzdata_folder
from mesoplan.formats.ical.dates import UTC_NAME, Unreadable, written_time, written_times
from mesoplan.formats.ical.effort import Effort, TooMuchWork
from mesoplan.formats.ical.rules import checked_rule, first_dates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesoplan.formats.ical.dates import WrittenTime
    from mesoplan.formats.ical.text import Component

_OFFSET = re.compile(r"([+-]?)([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])?")
_MOST_CHANGES = 2000
"""Two a year since 1601, where Microsoft's zones begin, are fewer."""
_MOST_PARTS = 300
"""A part for each change since clocks were first changed are fewer."""
_MOST_OWN_ZONES = 30
"""What goes beyond these numbers is no calendar that anybody uses, and takes too long to read."""


class _Change(NamedTuple):
    local: datetime
    """When it happens, by the clocks before it."""
    before: timedelta
    after: timedelta


class FileZone(tzinfo):
    """A zone as the VTIMEZONE of a file describes it."""

    def __init__(self, changes: Iterable[_Change]) -> None:
        ordered = sorted(changes, key=lambda change: change.local - change.before)
        self._offsets = [ordered[0].before, *(change.after for change in ordered)]
        self._instants = [change.local - change.before for change in ordered]
        # A time that clocks skip is told by the clocks before, as RFC 5545 has it; so is the
        # first of two times alike.
        self._locals = [
            change.local + max(timedelta(), change.after - change.before) for change in ordered
        ]

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """The offset from UTC at a local time."""
        if moment is None:
            return None
        return self._offsets[bisect_right(self._locals, moment.replace(tzinfo=None))]

    def fromutc(self, moment: datetime) -> datetime:
        """The local time at an instant, whose fields are in UTC."""
        return moment + self._offsets[bisect_right(self._instants, moment.replace(tzinfo=None))]

    def dst(self, moment: datetime | None) -> None:
        """None: which half of the year is called summer time matters to nobody here."""

    def tzname(self, moment: datetime | None) -> None:
        """None: no name is shown."""


class FileZones:
    """The zones by the names that one VCALENDAR uses for them."""

    def __init__(self, definitions: Iterable[Component], last_year: int) -> None:
        self._definitions: dict[str, Component] = {}
        for definition in definitions:
            name = definition.first("TZID")
            if name is not None:
                self._definitions[_plain(name.whole_value)] = definition
        self._last = datetime(last_year + 1, 1, 1)  # noqa: DTZ001 - local by definition
        self._found: dict[str, tzinfo | None] = {UTC_NAME: UTC}
        self._effort = Effort()

    def find(self, name: str) -> tzinfo | None:
        """The zone of that name; None where nobody knows it.

        Names that all programs share come before the file's own VTIMEZONE, which is often out of
        date. A name without a slash, such as EST, may mean something else in the file: there the
        VTIMEZONE comes first.
        """
        if name not in self._found:
            # As in “tzone://Microsoft/Utc”, where a maker's prefix stands before a plain name.
            last_part = name.casefold().rpartition("/")[2]
            self._found[name] = (
                _shared_zone(name)
                or self._own_zone(name)
                or _zone_named(_iana_names().get(last_part))
            )
        return self._found[name]

    def _own_zone(self, name: str) -> tzinfo | None:
        definition = self._definitions.get(_plain(name))
        too_many = sum(type(z) is FileZone for z in self._found.values()) >= _MOST_OWN_ZONES
        if definition is None or too_many or len(definition.parts) > _MOST_PARTS:
            return None
        every = (
            change
            for part in definition.parts
            for change in _changes(part, self._last, self._effort)
        )
        try:
            changes = list(islice(every, _MOST_CHANGES + 1))
        except (Unreadable, TooMuchWork, ValueError, OverflowError):
            return None
        return FileZone(changes) if 0 < len(changes) <= _MOST_CHANGES else None


def _plain(name: str) -> str:
    r"""The name without what its place asks for: “\\,” where it is defined, quotes where used."""
    return name.strip('"').replace("\\", "")


def _shared_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name with a slash, also one behind a maker's prefix, or of Windows."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    folded = name.casefold()
    parts = folded.strip("/").split("/")
    for k in range(len(parts) - 1):
        known = _iana_names().get("/".join(parts[k:]))
        if known is not None:
            return ZoneInfo(known)
    return _zone_named(WINDOWS_TO_OLSON.get(name))


def _zone_named(name: str | None) -> ZoneInfo | None:
    return None if name is None else ZoneInfo(name)


@cache
def _iana_names() -> dict[str, str]:
    """The IANA names, by themselves without letter case."""
    names = (tzdata_folder() / "zones").read_text(encoding="ascii").split()
    return {name.casefold(): name for name in names}


def _changes(part: Component, last: datetime, effort: Effort) -> Iterator[_Change]:
    """The changes of clocks that one STANDARD or DAYLIGHT part describes, up to *last*.

    Raises Unreadable where it lacks something or a date in it is none, and TooMuchWork.
    """
    start = part.first("DTSTART")
    if start is None:
        raise Unreadable(part.at, "DTSTART is missing")
    before, after = _offset(part, "TZOFFSETFROM"), _offset(part, "TZOFFSETTO")
    first = written_time("DTSTART", start).local
    yield _Change(first, before, after)
    for dates in part.properties.get("RDATE", []):
        for written, _ in written_times("RDATE", dates):
            yield _Change(written.local, before, after)
    for found in part.properties.get("RRULE", []):
        rule = checked_rule(found, first, partial(_local_until, offset=before), effort)
        for moment in first_dates(rule, first, last, _MOST_CHANGES + 1):
            yield _Change(moment, before, after)


def _local_until(until: WrittenTime, offset: timedelta) -> datetime:
    return until.local + offset if until.zone_name == UTC_NAME else until.local


def _offset(part: Component, name: str) -> timedelta:
    found = part.first(name)
    match = _OFFSET.fullmatch(found.value) if found else None
    if match is None:
        raise Unreadable(part.at, f"{name} is no offset")
    hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if match[1] == "-" else offset
