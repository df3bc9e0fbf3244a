"""The dates, durations and periods that calendar text (RFC 5545) is written in."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesoplan.formats.ical.text import Property

UTC_NAME = "UTC"
_DATE = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")
_LENGTH_OF_DAY = 8
_DURATION = re.compile(
    r"([+-]?)P(?=[0-9T])(?:([0-9]+)W)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)
_FIT_TO_SHOW = re.compile(r"[A-Z0-9=;,:/+-]{1,40}")
MIDNIGHT = time()


class Unreadable(Exception):
    """A single event can't be read; *at* is the place in the text, *problem* says why."""

    def __init__(self, at: int, problem: str) -> None:
        super().__init__(problem)
        self.at = at
        self.problem = problem


def refusal(name: str, found: Property, what: str) -> Unreadable:
    """What to raise for a property: “DTSTART '2026-13-01' is no date”.

    A value that does not look like one of a date property is not shown: it may be anything.
    """
    value = found.value
    shown = f" {quoted(value)}" if _FIT_TO_SHOW.fullmatch(value) else ""
    return Unreadable(found.at, f"{name}{shown} {what}")


class WrittenTime(NamedTuple):
    """A day or a time as it is written, in a zone that is not looked up yet."""

    local: datetime
    """Naive; midnight where a day is written."""
    is_day: bool
    zone_name: str
    """“UTC”, or the TZID; empty for the zone of whoever reads it."""


class Length(NamedTuple):
    """How long something lasts: days as the clocks count them, and time that elapses."""

    days: int
    elapsed: timedelta


def written_time(name: str, found: Property, text: str | None = None) -> WrittenTime:
    """The day or time that is the value of a property, or *text*, which is a part of it.

    Raises Unreadable where it is none.
    """
    return _written(name, found, found.value if text is None else text, found.parameters)


def _written(name: str, found: Property, text: str, parameters: Mapping[str, str]) -> WrittenTime:
    written = text.upper()
    try:
        if not _DATE.fullmatch(written):
            raise refusal(name, found, "is no date")
        local = datetime.fromisoformat(written.removesuffix("Z"))
    except ValueError:
        raise refusal(name, found, "is no date") from None
    if len(written) == _LENGTH_OF_DAY:
        return WrittenTime(local, True, "")
    if parameters.get("VALUE", "").upper() == "DATE":
        return WrittenTime(datetime.combine(local, MIDNIGHT), True, "")
    return WrittenTime(local, False, UTC_NAME if written[-1] == "Z" else parameters.get("TZID", ""))


def written_times(
    name: str, found: Property
) -> list[tuple[WrittenTime, WrittenTime | Length | None]]:
    """The days and times in a list, each with the end or length that it has as a period, or None.

    Raises Unreadable where one of them is none.
    """
    times: list[tuple[WrittenTime, WrittenTime | Length | None]] = []
    # Once for all of a list, which may be as long as the file.
    parameters = found.parameters
    for item in filter(None, map(str.strip, found.value.split(","))):
        start, is_period, end = item.partition("/")
        until: WrittenTime | Length | None = None
        if is_period and end.lstrip("+-").startswith("P"):
            until = _length(name, found, end)
        elif is_period:
            until = _written(name, found, end, parameters)
        times.append((_written(name, found, start, parameters), until))
    return times


def written_length(name: str, found: Property) -> Length:
    """The duration that is the value of a property.

    Raises Unreadable where it is none.
    """
    return _length(name, found, found.value)


def written_lead(name: str, found: Property) -> timedelta:
    """How long before its reference a relative trigger lies; less than nothing where after it.

    Raises Unreadable where the value is none.
    """
    text = found.value.strip()
    length = _length(name, found, text.removeprefix("-"))
    lead = timedelta(days=length.days) + length.elapsed
    return lead if text.startswith("-") else -lead


def _length(name: str, found: Property, text: str) -> Length:
    match = _DURATION.fullmatch(text.upper())
    if match is None:
        raise refusal(name, found, "is no duration")
    try:
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
        length = Length(7 * weeks + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
        total = timedelta(days=length.days) + length.elapsed
    except (OverflowError, ValueError):
        # ValueError: more digits than Python makes a number of.
        raise refusal(name, found, "is no duration") from None
    if match[1] == "-" and total:
        raise refusal(name, found, "is less than nothing")
    return length
