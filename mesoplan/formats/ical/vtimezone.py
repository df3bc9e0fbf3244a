"""A zone's clock changes as a VTIMEZONE with yearly rules, or the finding that it has no such form.

The rule is the zone's own: the POSIX TZ string that ends its zone file (RFC 9636, section 3.3).
Before it is used it is held against `zoneinfo` for the years in question, since a zone may still
have changes of its own to come, listed before the rule begins to hold.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from mesoplan.dates.zones import zone_file
from mesoplan.formats.ical.lines import line, local_text, offset_text, text_line

_WEEKDAY_CODES = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LAST_WEEK = 5
_NAMELESS_ZONES = {"Factory", "localtime"}
"""Names that zone files have, but that mean nothing on another machine."""

_NAME = r"<[^>]+>|[A-Za-z]{3,}"
_CLOCK = r"[+-]?[0-9]{1,3}(?::[0-9]{2}){0,2}"
_ONSET = rf"M([0-9]+)\.([0-9])\.([0-9])(?:/({_CLOCK}))?"
_POSIX_RULE = re.compile(
    rf"(?P<standard>{_NAME})(?P<offset>{_CLOCK})"
    rf"(?:(?P<daylight>{_NAME})(?P<daylight_offset>{_CLOCK})?,"
    rf"(?P<begin>M[^,]+),(?P<end>M[^,]+))?"
)


@dataclass(frozen=True, slots=True)
class Onset:
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
class Half:
    """The part of the year with one offset from UTC."""

    name: str
    offset: timedelta
    onset: Onset | None
    """None where the offset holds all year."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """How the clocks of a zone go, every year alike."""

    standard: Half
    """The half with the smaller offset, whatever the zone file calls it (Dublin's is winter)."""
    daylight: Half | None

    def holds(self, zone: zoneinfo.ZoneInfo, first_year: int, last_year: int) -> bool:
        """Whether zoneinfo gives the zone the very same offsets in all those years.

        Looked at: both sides of each change that the rule foresees, and every few days between,
        so that a change it does not foresee shows.
        """
        begin = datetime(first_year, 1, 1, tzinfo=UTC)
        end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
        changes = self._changes(first_year - 1, last_year)
        for (start, offset), (stop, _) in pairwise([*changes, (end, timedelta())]):
            moment = max(start, begin)
            while moment < stop:
                if moment.astimezone(zone).utcoffset() != offset:
                    return False
                moment += _LOOK_EVERY
            if stop > begin and (stop - _SECOND).astimezone(zone).utcoffset() != offset:
                return False
        return True

    def _changes(self, first_year: int, last_year: int) -> list[tuple[datetime, timedelta]]:
        """The instants from which each offset holds, in order."""
        if self.daylight is None:
            return [(datetime(first_year, 1, 1, tzinfo=UTC), self.standard.offset)]
        halves = (self.daylight, self.standard), (self.standard, self.daylight)
        return sorted(
            ((half.onset.moment(year) - before.offset).replace(tzinfo=UTC), half.offset)
            for year in range(first_year, last_year + 1)
            for half, before in halves
            if half.onset is not None
        )


_SECOND = timedelta(seconds=1)
_LOOK_EVERY = timedelta(days=5)


def clock_rule(zone_name: str, first_year: int, last_year: int) -> ClockRule | None:
    """The yearly rule of a zone that holds in all those years; None where there is none.

    None also for UTC itself, which needs no rule, and for names that other machines don't know.
    """
    match = _POSIX_RULE.fullmatch(_posix_rule(zone_name))
    if match is None or zone_name in _NAMELESS_ZONES:
        return None
    offset = -_duration(match["offset"])
    standard = Half(match["standard"].strip("<>"), offset, None)
    if match["daylight"] is None:
        rule = ClockRule(standard, None)
        if standard.name == "UTC":
            return None
    else:
        begin, end = _onset(match["begin"]), _onset(match["end"])
        if begin is None or end is None:
            return None
        shifted = match["daylight_offset"]
        daylight = Half(
            match["daylight"].strip("<>"),
            -_duration(shifted) if shifted else offset + timedelta(hours=1),
            begin,
        )
        standard = Half(standard.name, offset, end)
        low, high = sorted((standard, daylight), key=lambda half: half.offset)
        rule = ClockRule(low, high)
    return rule if rule.holds(zoneinfo.ZoneInfo(zone_name), first_year, last_year) else None


@lru_cache(maxsize=64)
def vtimezone(zone_name: str, first_year: int, last_year: int) -> bytes | None:
    """The VTIMEZONE of a zone for events in those years; None where they must be in UTC.

    It has one STANDARD and at most one DAYLIGHT part. Their onsets lie in the year before the
    first, so that every event comes after both.
    """
    rule = clock_rule(zone_name, first_year - 1, last_year)
    if rule is None:
        return None
    year, standard, daylight = first_year - 1, rule.standard, rule.daylight
    head = (("BEGIN", "VTIMEZONE"), ("TZID", zone_name), ("X-LIC-LOCATION", zone_name))
    text = b"".join(line(*each) for each in head)
    text += _part("STANDARD", standard, daylight or standard, year)
    if daylight is not None:
        text += _part("DAYLIGHT", daylight, standard, year)
    return text + line("END", "VTIMEZONE")


def _part(name: str, half: Half, before: Half, year: int) -> bytes:
    """The part of a VTIMEZONE for one offset, which first begins in *year*."""
    onset = half.onset
    first = datetime(year, 1, 1)  # noqa: DTZ001 - local by definition
    lines = [
        line("BEGIN", name),
        line("DTSTART", local_text(onset.moment(year) if onset else first)),
        line("TZOFFSETFROM", offset_text(before.offset)),
        line("TZOFFSETTO", offset_text(half.offset)),
        text_line("TZNAME", half.name),
    ]
    if onset is not None:
        week = -1 if onset.week == _LAST_WEEK else onset.week
        weekday = f"{week}{_WEEKDAY_CODES[onset.weekday]}"
        lines.append(line("RRULE", f"FREQ=YEARLY;BYDAY={weekday};BYMONTH={onset.month}"))
    return b"".join([*lines, line("END", name)])


def _posix_rule(zone_name: str) -> str:
    """The last line of the zone file that zoneinfo reads for this name."""
    data = zone_file(zone_name)
    return data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")


def _onset(text: str) -> Onset | None:
    """The yearly change that a POSIX rule describes; None if it may fall on another day.

    A time of day before 0:00 or after 23:59 moves the change to a day that is not the n-th
    weekday of its month any more; a yearly rule by weekday can't say that.
    """
    match = re.fullmatch(_ONSET, text)
    if match is None:
        return None
    clock = _duration(match[4] or "2")
    if not timedelta() <= clock < timedelta(days=1):
        return None
    return Onset(int(match[1]), int(match[2]), int(match[3]), clock)


def _duration(text: str) -> timedelta:
    """“-3:30” as a time span."""
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = (*(int(part) for part in text.lstrip("+-").split(":")), 0, 0)[:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)
