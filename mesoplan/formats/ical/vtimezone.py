"""A zone's clock changes as a VTIMEZONE with yearly rules, or the finding that it has no such form.

The rule is the zone's own: the POSIX TZ string that ends its zone file (RFC 9636, section 3.3).
Before it is used, it is checked against `zoneinfo` for the years in question, because a zone may
still have changes of its own to come, listed before the rule begins to apply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from mesoplan.dates.zones import known_zone, zone_file
from mesoplan.formats.ical.lines import line, local_text, offset_text, text_line

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_WEEKDAY_CODES = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LAST_WEEK = 5
_NAMELESS_ZONES = {"Factory", "localtime"}
"""Names that zone files have, but that mean nothing on another machine."""
_SECOND = timedelta(seconds=1)
_LOOK_EVERY = timedelta(days=5)

_NAME = r"<[^>]+>|[A-Za-z]{3,}"
_CLOCK = r"[+-]?[0-9]{1,3}(?::[0-9]{2}){0,2}"
_ONSET = re.compile(rf"M([0-9]+)\.([0-9])\.([0-9])(?:/({_CLOCK}))?")
_POSIX_RULE = re.compile(
    rf"(?P<standard>{_NAME})(?P<offset>{_CLOCK})"
    rf"(?:(?P<daylight>{_NAME})(?P<daylight_offset>{_CLOCK})?,"
    rf"(?P<begin>M[^,]+),(?P<end>M[^,]+))?"
)


@dataclass(frozen=True, slots=True)
class _Onset:
    """A yearly change of clocks: at a local time on the n-th or last such weekday of a month."""

    month: int
    week: int
    """1 to 4, or 5 for the last one of the month."""
    weekday: int
    """Sunday = 0, as POSIX counts."""
    clock: timedelta
    """The local time of the change, by the clocks before it."""

    def moment(self, year: int) -> datetime:
        """The local time of the change in a year, naive."""
        first = datetime(year, self.month, 1)  # noqa: DTZ001 - local by definition
        ahead = (self.weekday - (first.weekday() + 1)) % 7
        day = first + timedelta(days=ahead + 7 * (self.week - 1))
        if day.month != self.month:
            day -= timedelta(days=7)
        return day + self.clock


@dataclass(frozen=True, slots=True)
class _Part:
    """The part of each year with one offset from UTC."""

    name: str
    offset: timedelta
    onset: _Onset | None = None
    """None if the offset holds all year."""


@lru_cache(maxsize=64)
def vtimezone(zone_name: str, first_year: int, last_year: int) -> bytes | None:
    """The VTIMEZONE of a zone for events in those years; None if they must be in UTC.

    They must where the zone has no yearly rule that holds in all those years, in UTC itself, and
    for names that other machines don't know. It has one STANDARD and at most one DAYLIGHT part.
    Their onsets lie two years before the first: some programs pass over the first one of each, and
    even then every event comes after both.
    """
    parts = _yearly_parts(zone_name)
    if not parts or not _hold(parts, known_zone(zone_name), first_year - 1, last_year):
        return None
    first_year -= 2
    lines = [line("BEGIN", "VTIMEZONE"), line("TZID", zone_name), line("X-LIC-LOCATION", zone_name)]
    for kind, part, before in zip(("STANDARD", "DAYLIGHT"), parts, reversed(parts), strict=False):
        onset = part.onset
        begin = onset.moment(first_year) if onset else datetime(first_year, 1, 1)  # noqa: DTZ001
        lines += [
            line("BEGIN", kind),
            line("DTSTART", local_text(begin)),
            line("TZOFFSETFROM", offset_text(before.offset)),
            line("TZOFFSETTO", offset_text(part.offset)),
            text_line("TZNAME", part.name),
        ]
        if onset is not None:
            week = -1 if onset.week == _LAST_WEEK else onset.week
            weekday = f"{week}{_WEEKDAY_CODES[onset.weekday]}"
            lines.append(line("RRULE", f"FREQ=YEARLY;BYDAY={weekday};BYMONTH={onset.month}"))
        lines.append(line("END", kind))
    return b"".join([*lines, line("END", "VTIMEZONE")])


def _yearly_parts(zone_name: str) -> list[_Part]:
    """The one part, or the two parts, of each year of a zone; none where it has no such rule.

    The part with the smaller offset comes first, whatever the zone file calls it (Dublin's is
    winter).
    """
    rule = zone_file(zone_name).rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
    match = _POSIX_RULE.fullmatch(rule)
    if match is None or zone_name in _NAMELESS_ZONES:
        return []
    name, offset = match["standard"].strip("<>"), -_duration(match["offset"])
    if match["daylight"] is None:
        return [] if name == "UTC" else [_Part(name, offset)]
    begin, end = _onset(match["begin"]), _onset(match["end"])
    if begin is None or end is None:
        return []
    shifted = match["daylight_offset"]
    daylight_offset = -_duration(shifted) if shifted else offset + timedelta(hours=1)
    daylight = _Part(match["daylight"].strip("<>"), daylight_offset, begin)
    return sorted([_Part(name, offset, end), daylight], key=lambda part: part.offset)


def _hold(parts: list[_Part], zone: ZoneInfo, first_year: int, last_year: int) -> bool:
    """Whether zoneinfo gives the zone the very same offsets in all those years.

    Looked at: both sides of each change that the rule foresees, and every few days between, so that
    a change it does not foresee shows.
    """
    begin = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    changes = sorted(
        ((part.onset.moment(year) - before.offset).replace(tzinfo=UTC), part.offset)
        for year in range(first_year - 1, last_year + 1)
        for part, before in zip(parts, reversed(parts), strict=True)
        if part.onset is not None
    )
    changes = changes or [(begin, parts[0].offset)]
    for (start, offset), (stop, _) in pairwise([*changes, (end, timedelta())]):
        moment = max(start, begin)
        while moment < stop:
            if moment.astimezone(zone).utcoffset() != offset:
                return False
            moment += _LOOK_EVERY
        if stop > begin and (stop - _SECOND).astimezone(zone).utcoffset() != offset:
            return False
    return True


def _onset(text: str) -> _Onset | None:
    """The yearly change that a POSIX rule describes; None if it may fall on another day.

    A time of day before 0:00 or after 23:59 moves the change to a day that is not the n-th
    weekday of its month any more; a yearly rule by weekday can't say that.
    """
    match = _ONSET.fullmatch(text)
    if match is None:
        return None
    clock = _duration(match[4] or "2")
    if not timedelta() <= clock < timedelta(days=1):
        return None
    return _Onset(int(match[1]), int(match[2]), int(match[3]), clock)


def _duration(text: str) -> timedelta:
    """“-3:30” as a time span."""
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = (*(int(part) for part in text.lstrip("+-").split(":")), 0, 0)[:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)
