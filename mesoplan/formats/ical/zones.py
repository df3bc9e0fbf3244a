"""The time zone that a TZID means: an IANA name, one of Windows and Outlook, or a file's own.

icalendar has such a look-up too. It is not used: it reads a time in a zone that it does not know as
a time of no zone, without a word, and it remembers a file's own zones for every file after it,
though “Customized Time Zone” means another one in each.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import TYPE_CHECKING

from mesoplan.dates.zones import known_zone, zone_names
from mesoplan.formats.ical.values import (
    UTC_NAME,
    TooMuchWork,
    Unreadable,
    Work,
    Written,
    read_rule,
    written,
    written_list,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from mesoplan.formats.ical.lines import Block

Change = tuple[datetime, timedelta, timedelta]
"""A change of clocks: when, by the clocks before it, and the offsets before and after it."""

_OFFSET = re.compile(r"([+-]?)([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])?")
_NAMED_OFFSET = re.compile(
    r"\((?:UTC|GMT)(?:([+-])([0-9]{1,2})[:.]?([0-5][0-9]))?\)", re.IGNORECASE
)
"""As Windows shows a zone: “(UTC+02:00) Helsinki, Kyiv, …”."""
_WORK_OF_A_CHANGE = 50


class FileZones:
    """The zones by the names that one VCALENDAR uses for them."""

    def __init__(
        self,
        definitions: Iterable[Block],
        last_year: int,
        by_offset: dict[str, str] | None = None,
    ) -> None:
        self._definitions: dict[str, Block] = {}
        for definition in definitions:
            name = definition.first("TZID")
            if name is not None:
                self._definitions[_plain(name.value)] = definition
        self._last = datetime(last_year + 1, 1, 1)  # noqa: DTZ001 - local by definition
        self._found: dict[str, tzinfo | None] = {UTC_NAME: UTC}
        self._work = Work()
        self.by_offset = by_offset
        """The names that nothing defines, with the offset in them by which they are understood.

        None if they are not understood.
        """

    def find(self, name: str) -> tzinfo | None:
        """The zone of that name; None if nobody knows it.

        Names that all programs share come before the file's own VTIMEZONE, which is often out of
        date. A name without a slash, such as EST, may mean something else in the file: there the
        VTIMEZONE comes first.
        """
        if name not in self._found:
            zone = _shared_zone(name) or self._own_zone(name) or _plain_zone(name)
            self._found[name] = zone or self._offset_in(name)
        return self._found[name]

    def _offset_in(self, name: str) -> tzinfo | None:
        """The offset that stands in the name of a zone, all year round."""
        found = _NAMED_OFFSET.search(name)
        if found is None or self.by_offset is None:
            return None
        hours, minutes = int(found[2] or 0), int(found[3] or 0)
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if found[1] == "-" else 1)
        if abs(offset) >= timedelta(days=1):
            return None
        self.by_offset[name] = f"UTC{found[1] or '+'}{hours:02}:{minutes:02}"
        return timezone(offset)

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
    return None if known is None else known_zone(known)


def _plain_zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name without a slash, also behind a prefix: “tzone://Microsoft/Utc”."""
    known = _iana_names().get(name.casefold().rpartition("/")[2])
    return None if known is None else known_zone(known)


@cache
def _iana_names() -> dict[str, str]:
    """The IANA names, by themselves without letter case."""
    return {name.casefold(): name for name in zone_names()}


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

    Raises Unreadable if it lacks something or a date in it can't be read, and TooMuchWork.
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
        raise Unreadable(part.number, f"{name} is not an offset")
    hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if match[1] == "-" else offset
