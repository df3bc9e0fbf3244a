"""When a clinic is open, as the tables of its profile say: hours, holidays and closures."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import partial
from typing import Any

from mesoplan.dates.days import WEEKDAYS, ClosedTime, Closure
from mesoplan.dates.holidays import half_holidays, holiday_year, region_name
from mesoplan.dates.parsing import DateReader
from mesoplan.dates.times import TimeRange, time_range
from mesoplan.errors import UnknownName
from mesoplan.formats.checked_toml import Table, as_day, as_text, one_line
from mesoplan.model.request import MAX_LABEL_CHARACTERS, WeeklyHours, require_apart

WEEKDAY_KEYS = tuple(weekday[:3].lower() for weekday in WEEKDAYS)
_YEARS_TO_FIND_A_HOLIDAY_IN = range(2024, 2036)


def weekly_hours(table: Table, never: str) -> WeeklyHours:
    """The hours of each weekday; *never* says what is wrong where there are none."""
    before = len(table.mistakes)
    week: list[tuple[TimeRange, ...]] = []
    for key in WEEKDAY_KEYS:
        spans: tuple[TimeRange, ...] = ()
        if table.values.get(key) in ("closed", ["closed"]):
            table.known[key] = None
        else:
            spans = tuple(table.each(key, partial(_span, key), "a list of ranges of times"))
        with table.noting(key):
            require_apart(spans)
        week.append(spans)
    table.finish()
    if not any(week) and len(table.mistakes) == before:
        table.add("", never, 'write the open days, as mon = ["9:00-17:00"]')
    return tuple(week)


def _span(key: str, value: Any) -> TimeRange:
    return time_range(key, as_text(value))


def holidays_kept(table: Table) -> dict[str, Any]:
    """Whose public holidays the clinic keeps, and on which of them it opens."""
    region = table.take("country", lambda value: region_name(as_text(value)))
    part = table.take(
        "subdivision", lambda value: region and region_name(f"{region}-{as_text(value)}")
    )
    if "country" not in table.values:
        table.add("", "the country is missing", 'write it: country = "FR"')
    opened = table.each("open_on", partial(_opened, part or region), "a list of names and dates")
    table.finish()
    return {
        "holidays": None if region is None else (part or region,),
        "open_holidays": frozenset(each for each in opened if isinstance(each, str)),
        "open_days": frozenset(each for each in opened if isinstance(each, date)),
    }


def _opened(region: str | None, value: Any) -> str | date:
    """A day, or the name of a holiday of the region."""
    if not isinstance(value, str) or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return as_day(value)
    known: set[str] = set()
    for year in _YEARS_TO_FIND_A_HOLIDAY_IN if region else ():
        halves = (each.name for each in half_holidays(region, year).values())
        for names in (*holiday_year(region, year).names.values(), *halves):
            known |= {name.strip() for name in names.split(";")}
        if value.casefold() in map(str.casefold, known):
            return value
    if region:
        raise UnknownName(f"holiday of {region}", value, sorted(known))
    return value


def _day_or_time(key: str, value: Any) -> date | datetime:
    """A day, or a time of day by the clinic's clocks, as TOML writes it or in quotes."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and ":" in value:
        day, at = DateReader().day_and_clock(key, value)
        return datetime.combine(day, at or time())
    return as_day(value)


def closure(table: Table) -> Closure | ClosedTime | None:
    """Days, or a time from one moment to another; None where it is wrong."""
    first, last = (table.take(key, partial(_day_or_time, key)) for key in ("from", "to"))
    reason = table.take("reason", one_line("reason", MAX_LABEL_CHARACTERS))
    table.finish()
    if "from" not in table.values:
        table.add("", "from is missing", "write it: from = 2026-12-24")
    if first is None or (last is None and "to" in table.values):
        return None
    timed = [isinstance(each, datetime) for each in (first, last)]
    if any(timed) and not all(timed):
        which = "to" if timed[0] else "from"
        problem = f"only one of from and to has a time of day, and {which} has none"
        table.add("from", problem, 'write one for both, as "2026-12-24 12:00", or for neither')
        return None
    with table.noting("to"):
        if isinstance(first, datetime) and isinstance(last, datetime):
            closed = ClosedTime(first, last, reason)
            closed.require_plannable()
            return closed
        return Closure(first, last or first, reason)
    return None
