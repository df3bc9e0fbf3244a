"""The values that calendar text (RFC 5545) writes times in: dates, durations, periods, rules.

Rules are checked before dateutil gets them: with INTERVAL=0 it stays where it is, FREQ=SECONDLY
floods, and for 30 February it searches to the year 9999.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import quoted
from mesoplan.formats.ical.lines import unfolded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mesoplan.formats.ical.lines import Line

MIDNIGHT = time()
DAY = timedelta(days=1)
FAR = datetime(9999, 12, 31)  # noqa: DTZ001 - local by definition
UTC_NAME = "UTC"

_USUAL = re.compile(
    rb"[A-Z]+(?:-[A-Z]+)*(?:;TZID=([\w+/-]+))?:([0-9]{8}T[0-9]{6})(Z?)", re.IGNORECASE | re.ASCII
)
"""A property as nearly all are written."""
_DATE = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")
_DURATION = re.compile(
    r"([+-]?)P(?=[0-9T])(?:([0-9]+)W)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)
_BARE_ZONE = re.compile(rb';TZID=([^";]*:[^";]*):([^:]*)$')
_FIT_TO_SHOW = re.compile(r"[A-Z0-9=;,:/+-]{1,40}")

_DAY_CODE = "(?:MO|TU|WE|TH|FR|SA|SU)"
_NTH_DAY = f"(?:[+-]?[0-9]{{1,2}})?{_DAY_CODE}"
_RULE_PART = re.compile(
    "FREQ=(?:SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)"
    "|INTERVAL=0*[1-9][0-9]{0,4}|COUNT=0*[1-9][0-9]{0,8}|UNTIL=[0-9]{8}(?:T[0-9]{6}Z?)?"
    f"|WKST={_DAY_CODE}|BYDAY={_NTH_DAY}(?:,{_NTH_DAY})*"
    "|BY(?:SECOND|MINUTE|HOUR|MONTHDAY|YEARDAY|WEEKNO|MONTH|SETPOS)"
    "=[+-]?[0-9]{1,3}(?:,[+-]?[0-9]{1,3})*"
)
_SAME_AS_NOTHING = re.compile("RSCALE=GREGORIAN|SKIP=OMIT|COUNT=-.*")
"""Some programs write COUNT=-1 for a series without end."""
_LONGEST_RULE = 5_000
_CYCLE = 146_097
"""The days of the 400 years after which the calendar is the same again."""
_LATE = 9200
"""A year after which one more cycle of the calendar comes before dateutil's last year, 9999."""
_LEAST_WORK, _WORK_OF_A_RULE, _WORK_OF_A_DATE = 1_000_000, 300, 12
_LONGEST_PERIOD = {"WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
_PERIODS_A_YEAR = {"YEARLY": 1, "MONTHLY": 12, "WEEKLY": 52}


class Unreadable(Exception):
    """A single event can't be read; *at* is the number of a line, *problem* says why."""

    def __init__(self, at: int, problem: str) -> None:
        super().__init__(problem)
        self.at = at
        self.problem = problem


class TooMuchWork(Exception):
    """What repeats in a calendar takes more work than such a file is worth."""


class Work:
    """The work that may still go into one file, in about millionths of a second.

    A file of any size can ask for years of it. It is counted, not timed, so that a file is read on
    every machine or on none. A large file may make more work than a small one.
    """

    def __init__(self, octets: int = 0) -> None:
        self._left = max(_LEAST_WORK, octets)

    def spend(self, work: int) -> None:
        """Count some work. Raises TooMuchWork if that is more than is left."""
        self._left -= work
        if self._left < 0:
            raise TooMuchWork


def refusal(name: str, found: Line, what: str) -> Unreadable:
    """What to raise for a property: “DTSTART '2026-13-01' is not a date”.

    A value that does not look like one of a date property is not shown: it may be anything.
    """
    value = found.value
    shown = f" {quoted(value)}" if _FIT_TO_SHOW.fullmatch(value) else ""
    return Unreadable(found.number, f"{name}{shown} {what}")


class Written(NamedTuple):
    """A day or a time as it is written, in a zone that is not looked up yet."""

    local: datetime
    """Naive; midnight where a day is written."""
    is_day: bool
    zone_name: str
    """“UTC”, or the TZID; empty for the zone of whoever reads it."""
    at: int
    """The number of the line."""


class Length(NamedTuple):
    """How long something lasts: days as the clocks count them, and time that elapses."""

    days: int
    elapsed: timedelta


def written(name: str, found: Line, text: str | None = None) -> Written:
    """The day or time in a property, or in *text*, a part of it; raises Unreadable if not one."""
    if text is None and (usual := _USUAL.fullmatch(found.raw)):
        zone, clocks, is_utc = usual.groups(b"")
        try:
            local = datetime.fromisoformat(clocks.decode())
        except ValueError:
            raise refusal(name, found, "is not a date") from None
        return Written(local, False, UTC_NAME if is_utc else zone.decode(), found.number)
    found = _with_quotes(found)
    text = (found.value if text is None else text).upper()
    try:
        if not _DATE.fullmatch(text):
            raise refusal(name, found, "is not a date")
        local = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        raise refusal(name, found, "is not a date") from None
    if "T" not in text or found.parameters.get("VALUE", "").upper() == "DATE":
        return Written(datetime.combine(local, MIDNIGHT), True, "", found.number)
    zone_name = UTC_NAME if text[-1] == "Z" else found.parameters.get("TZID", "")
    return Written(local, False, zone_name, found.number)


def _with_quotes(found: Line) -> Line:
    """The property with its TZID in quotes: Outlook leaves them out even around colons."""
    if ":" not in found.value:
        return found
    return found._replace(raw=_BARE_ZONE.sub(rb';TZID="\1":\2', unfolded(found.raw)))


def written_list(name: str, found: Line) -> Iterator[tuple[Written, Written | Length | None]]:
    """Yield each day or time of a list, with the end or length that it has as a period, or None.

    Raises Unreadable if one of them can't be read.
    """
    found = _with_quotes(found)
    for item in filter(None, map(str.strip, found.value.split(","))):
        start, is_period, end = item.partition("/")
        until: Written | Length | None = None
        if is_period and end.lstrip("+-").startswith("P"):
            until = length(name, found, end)
        elif is_period:
            until = written(name, found, end)
        yield written(name, found, start), until


def length(name: str, found: Line, text: str | None = None) -> Length:
    """The duration in a property, or in *text*, a part of it; raises Unreadable if not one."""
    try:
        lasts, total = signed_length(found.value if text is None else text)
    except (OverflowError, ValueError):
        raise refusal(name, found, "is not a duration") from None
    if total < timedelta():
        raise refusal(name, found, "is negative")
    return lasts


def signed_length(text: str) -> tuple[Length, timedelta]:
    """A DURATION without its sign, and all of it with its sign.

    Raises ValueError if it is not one, or has more digits than Python makes a number of, and
    OverflowError.
    """
    match = _DURATION.fullmatch(text.upper())
    if match is None:
        raise ValueError
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    lasts = Length(7 * weeks + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
    total = timedelta(days=lasts.days) + lasts.elapsed
    return lasts, -total if match[1] == "-" else total


@dataclass(frozen=True, slots=True)
class Rule:
    """The RRULE of a series, whose times are naive."""

    parts: Mapping[str, str]
    """Without UNTIL."""
    until: datetime | None

    def ended(self, begin: datetime, most: int, last: datetime) -> Rule:
        """The rule, ended *most* of its periods from *begin*, or at *last* if that is earlier."""
        days = _LONGEST_PERIOD.get(self.parts["FREQ"], 1) * int(self.parts.get("INTERVAL", 1))
        until = begin + min(timedelta(days=days * (most - 1)), max(last - begin, timedelta()))
        return replace(self, until=datetime.combine(until, time.max))

    def dates(
        self, start: datetime, first: datetime, last: datetime, work: Work
    ) -> Iterator[datetime]:
        """Yield its dates up to *last* in a series from *start*; some before *first* are left out.

        Raises ValueError if dateutil does not take the rule, and TooMuchWork.
        """
        from dateutil.rrule import rrulestr

        text = ";".join(f"{name}={value}" for name, value in self.parts.items())
        before = self._near(start, first)
        for moment in rrulestr(text, dtstart=before):
            years = (moment - before).days / 365
            work.spend(_WORK_OF_A_DATE + int(years * self._work_of_a_year))
            if moment > last or (self.until is not None and moment > self.until):
                return
            yield moment
            before = moment

    def _near(self, start: datetime, first: datetime) -> datetime:
        """A later start, before *first*, from which the rule goes on as it does from its own.

        dateutil goes through all dates from the start, and a series may be old, such as birthdays
        since 1604. COUNT counts from the true start, and BYSETPOS needs whole weeks.
        """
        if first <= start or self.parts.keys() & {"COUNT", "BYSETPOS"}:
            return start
        interval, frequency = int(self.parts.get("INTERVAL", 1)), self.parts["FREQ"]
        days = interval * (7 if frequency == "WEEKLY" else 1)
        if frequency in {"YEARLY", "MONTHLY"}:
            in_a_cycle = 400 * _PERIODS_A_YEAR[frequency]
            days = _CYCLE * (interval // gcd(interval, in_a_cycle))
        return start + (first - start) // timedelta(days=days) * timedelta(days=days)

    @property
    def _work_of_a_year(self) -> int:
        return 30 + 2 * _PERIODS_A_YEAR.get(self.parts["FREQ"], 365)

    def happens(self, start: datetime, work: Work) -> bool:
        """Whether a series from *start* has a date of the rule within 400 years.

        The calendar is the same every 400 years. So dateutil is asked from the same day of a late
        year on, where it soon comes to its end.
        """
        if self.parts["FREQ"] == "HOURLY" and "BYSETPOS" in self.parts:
            # dateutil goes through each hour to the year 9999 where there is no such position.
            return False
        late = start.replace(year=_LATE + start.year % 400)
        try:
            if next(Rule(self.parts, None).dates(late, late, FAR, work), None):
                return True
        except TypeError:
            # So dateutil fails where an INTERVAL passes over each BYHOUR.
            return False
        work.spend(400 * self._work_of_a_year)
        return False


def read_rule(
    found: Line, start: datetime, local_until: Callable[[Written], datetime], work: Work
) -> Rule:
    """The rule in a property, for a series from *start*.

    *local_until* makes its UNTIL naive by the same clocks. Raises Unreadable for a rule that is
    broken, never happens, or happens by minutes or seconds, as no event does; and TooMuchWork.
    """
    work.spend(_WORK_OF_A_RULE)
    texts = [part for part in found.value.upper().replace(" ", "").split(";") if part]
    texts = [part for part in texts if not _SAME_AS_NOTHING.fullmatch(part)]
    parts = dict(part.split("=") for part in texts if _RULE_PART.fullmatch(part))
    if len(found.value) > _LONGEST_RULE or len(parts) < len(texts) or "FREQ" not in parts:
        raise refusal("RRULE", found, "is not a rule")
    until = parts.pop("UNTIL", None)
    end = None if until is None else local_until(written("RRULE", found, until))
    rule = Rule(parts, end)
    if parts["FREQ"] in {"MINUTELY", "SECONDLY"}:
        raise refusal("RRULE", found, "happens more than 24 times a day")
    try:
        if not rule.happens(start, work):
            raise refusal("RRULE", found, "never happens")
    except ValueError:
        raise refusal("RRULE", found, "is not a rule") from None
    return rule
