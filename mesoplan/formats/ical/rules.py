"""The RRULE of a series, checked before dateutil gets it.

dateutil takes some rules that it can't work through: with INTERVAL=0 it stays where it is, and for
30 February it searches to the year 9999.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR
from functools import lru_cache
from itertools import islice, takewhile
from math import prod
from typing import TYPE_CHECKING

from mesoplan.formats.ical.dates import refusal, written_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from mesoplan.formats.ical.dates import WrittenTime
    from mesoplan.formats.ical.effort import Effort
    from mesoplan.formats.ical.text import Property

_NUMBERS = r"[+-]?[0-9]{1,3}(?:,[+-]?[0-9]{1,3})*"
_WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_WEEKDAYS = rf"(?:[+-]?[0-9]{{1,2}})?{_WEEKDAY}(?:,(?:[+-]?[0-9]{{1,2}})?{_WEEKDAY})*"
_PARTS = {
    "FREQ": re.compile("(?:SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)"),
    "INTERVAL": re.compile("0*[1-9][0-9]{0,4}"),
    "COUNT": re.compile("0*[1-9][0-9]{0,8}"),
    "UNTIL": re.compile("[0-9]{8}(?:T[0-9]{6}Z?)?"),
    "WKST": re.compile(_WEEKDAY),
    "BYDAY": re.compile(_WEEKDAYS),
    **{
        f"BY{what}": re.compile(_NUMBERS)
        for what in (
            *("SECOND", "MINUTE", "HOUR", "MONTHDAY", "YEARDAY", "WEEKNO", "MONTH", "SETPOS"),
        )
    },
}
_SAME_AS_NOTHING = {("RSCALE", "GREGORIAN"), ("SKIP", "OMIT")}
_SECONDS_BETWEEN = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
_SECONDS_A_DAY = 86_400
_MOST_TIMES_A_DAY = 24
_MOST_TIMES = 10_000
_SHORT_PERIODS = {"MINUTELY", "SECONDLY"}
_BY_DAYS = {"BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY"}
"""dateutil goes through each minute, or second, of the days that these pass over."""
_LONGEST = 5_000
_AGAIN = 8
_CALENDAR_CYCLE = 400
_LATE = 9200
"""A year after which one more cycle of the calendar comes before dateutil's last year, 9999."""


def checked_rule(
    found: Property,
    start: datetime,
    local_until: Callable[[WrittenTime], datetime],
    effort: Effort,
) -> str:
    """The rule in the property, for a series from *start*, as dateutil can work with it.

    *start* is naive; *local_until* makes the rule's UNTIL naive by the same clocks. Raises
    Unreadable for a rule that is broken, that never happens, or that happens so often that it
    would take all the time there is, and TooMuchWork where that can't be found out in time.
    """
    effort.begin_rule()
    parts = _parts(found)
    until = None
    if "UNTIL" in parts:
        until = local_until(written_time("RRULE", found, parts.pop("UNTIL")))
    by_days = parts.keys() & _BY_DAYS
    if _too_often(parts, start, until) or (parts["FREQ"] in _SHORT_PERIODS and by_days):
        raise refusal("RRULE", found, f"happens more than {_MOST_TIMES_A_DAY} times a day")
    _require_it_happens(found, parts, start, effort)
    text = _text(parts)
    return text if until is None else f"{text};UNTIL={until.year:04d}{until:%m%dT%H%M%S}"


def first_dates(rule: str, start: datetime, last: datetime, most: int) -> Iterator[datetime]:
    """The dates of a checked rule from *start* to *last*, at most so many."""
    from dateutil.rrule import rrulestr

    return islice(takewhile(lambda moment: moment <= last, rrulestr(rule, dtstart=start)), most)


def times_a_day(frequency: str) -> int:
    """How often a checked rule of that frequency can happen in a day."""
    return _MOST_TIMES_A_DAY if frequency in _SECONDS_BETWEEN else 1


def _parts(found: Property) -> dict[str, str]:
    parts: dict[str, str] = {}
    if len(found.text) > _LONGEST:
        raise refusal("RRULE", found, "is no rule")
    for part in filter(None, found.value.upper().replace(" ", "").split(";")):
        name, _, value = part.partition("=")
        if (name, value) in _SAME_AS_NOTHING or (name == "COUNT" and value.startswith("-")):
            # Some programs write COUNT=-1 for a series without end.
            continue
        pattern = _PARTS.get(name)
        if pattern is None or not pattern.fullmatch(value) or name in parts:
            raise refusal("RRULE", found, "is no rule")
        parts[name] = value
    if "FREQ" not in parts:
        raise refusal("RRULE", found, "is no rule")
    return parts


def _text(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _listed(parts: dict[str, str], name: str, otherwise: int) -> int:
    return len(set(parts[name].split(","))) if name in parts else otherwise


def _times_in_a_period(parts: dict[str, str]) -> int:
    """How many times of day the rule names within one day, hour, minute or second."""
    between = _SECONDS_BETWEEN.get(parts["FREQ"], _SECONDS_A_DAY)
    units = (("BYHOUR", 3600), ("BYMINUTE", 60), ("BYSECOND", 1))
    return prod(_listed(parts, name, 1) for name, seconds in units if seconds < between)


def _too_often(parts: dict[str, str], start: datetime, until: datetime | None) -> bool:
    between = _SECONDS_BETWEEN.get(parts["FREQ"])
    times = _times_in_a_period(parts)
    if between is not None:
        periods = max(1, _SECONDS_A_DAY // (between * int(parts.get("INTERVAL", 1))))
        named = (
            _listed(parts, "BYHOUR", 24),
            _listed(parts, "BYMINUTE", 60 if between < 3600 else 1),
            _listed(parts, "BYSECOND", 60 if between < 60 else 1),
        )
        times = min(times * periods, prod(named))
    if times <= _MOST_TIMES_A_DAY:
        return False
    if "COUNT" in parts:
        return int(parts["COUNT"]) > _MOST_TIMES
    return until is None or times * ((until - start).days + 1) > _MOST_TIMES


def _require_it_happens(
    found: Property, parts: dict[str, str], start: datetime, effort: Effort
) -> None:
    """Raise Unreadable unless the rule has a date within 400 years, and dateutil takes it.

    The calendar is the same every 400 years. So dateutil is asked from the same day of a late
    year on, where it soon comes to its end.
    """
    if not _has_position(parts):
        raise refusal("RRULE", found, "never happens")
    late = start.replace(year=_LATE + start.year % _CALENDAR_CYCLE)
    try:
        years = _years_until(_text(parts), late)
    except ValueError:
        raise refusal("RRULE", found, "is no rule") from None
    if years is None:
        effort.pass_years((MAXYEAR - late.year) // 2, parts["FREQ"])
        raise refusal("RRULE", found, "never happens")
    # What is rare is looked for again by whoever works it out.
    effort.pass_years(_AGAIN * years, parts["FREQ"])


@lru_cache(maxsize=1024)
def _years_until(rule: str, start: datetime) -> int | None:
    """How many years from *start* on the first date of a rule is; None where it has none.

    Raises ValueError where dateutil does not take the rule.
    """
    from dateutil.rrule import rrulestr

    try:
        first = next(iter(rrulestr(rule, dtstart=start)), None)
    except TypeError:
        # So dateutil fails where an INTERVAL passes over each BYHOUR.
        return None
    return None if first is None else first.year - start.year


def _has_position(parts: dict[str, str]) -> bool:
    """Whether a BYSETPOS can be met; a plain count tells where a period is a day or less."""
    if "BYSETPOS" not in parts or parts["FREQ"] in {"YEARLY", "MONTHLY", "WEEKLY"}:
        return True
    times = _times_in_a_period(parts)
    return any(abs(int(position)) <= times for position in parts["BYSETPOS"].split(","))
