"""What a text can mean as a date, and how it is refused where that isn't exactly one day."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.dates.days import (
    FIRST_YEAR,
    LAST_YEAR,
    MONTHS,
    WEEKDAYS,
    DateRange,
    day_text,
    require_plannable,
)
from mesoplan.dates.relative import named_place
from mesoplan.errors import InvalidInput, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

DateOrder = Literal["dmy", "mdy"]
"""Whether the day or the month comes first in 01/02/2026."""

HOW_TO_WRITE_A_DATE = 'write it as 2026-12-01 or "1 Dec 2026"'
HOW_TO_TYPE_A_DATE = 'write it as 2026-12-01, "10 Dec", tue or +3w'
"""For whoever types it today."""

_LONGEST_SHOWN = 40
_WORDS_OF_DATES = {"st", "nd", "rd", "th", "t", "z", "am", "pm"}
_EXCEL_DAY_0 = date(1899, 12, 30)


class NotADate(InvalidInput):
    """A text that is not a date, or more than one."""

    meant = ""
    """The word of dates that it is close to, if any."""


class TwoMeanings(InvalidInput):
    """A date that can be read in several ways; the error lists them."""


class Read(NamedTuple):
    """A date as it was read."""

    day: date
    at: time | None = None
    form: Literal["in full", "short year", "no year", "from today"] = "in full"
    is_clear: bool = True
    """Whether nothing had to be worked out, so that it needs no echo."""


def no_date(
    what: str, text: str, why: str = "is not a date", how: str = HOW_TO_WRITE_A_DATE
) -> InvalidInput:
    """That a text is not a date, or *why* it is only part of one, and *how* it is written."""
    kind = NotADate if why in ("is not a date", "is more than one date") else InvalidInput
    return kind(f"{what}: {quoted(text)} {why}", how)


def wrong_order(
    what: str, text: str, order: DateOrder | None, others: Iterable[date]
) -> InvalidInput:
    """That the numbers are a date only in the other order."""
    first_part = "month" if order == "mdy" else "day"
    why = f"doesn't begin with the {first_part}"
    forms = " or ".join(f"{day.isoformat()} for {day_text(day)}" for day in others)
    return InvalidInput(f"{what}: {quoted(text)} {why}", f"write {forms}")


def require_no_time(what: str, text: str, day: date, at: time | None) -> None:
    """Raise InvalidInput for a time of day; midnight counts as none."""
    if at not in (None, time(0)):
        raise InvalidInput(
            f"{what}: {quoted(text)} has a time, but only a day is needed", f"write {day}"
        )


def moment_text(day: date, at: time | None) -> str:
    """“Tue 8 Dec 2026, 14:30”."""
    return day_text(day) + ("" if at is None else f", {at:%H:%M}")


def require_one_meaning(what: str, text: str, readings: Iterable[Read]) -> None:
    """Raise TwoMeanings, with all of them, if the readings differ."""
    moments = list(dict.fromkeys((each.day, each.at) for each in readings))
    if len(moments) > 1:
        meanings = " or ".join(moment_text(day, at) for day, at in moments)
        forms = " or ".join(
            f"{day}" if at is None else f'"{day} {at:%H:%M}"' for day, at in moments
        )
        raise TwoMeanings(f"{what}: {quoted(text)} can be {meanings}", f"write {forms}")


def require_one_range(what: str, text: str, readings: Iterable[tuple[Read, Read]]) -> None:
    """Raise TwoMeanings, with all of them, if there are several ranges."""
    ranges = [DateRange(first.day, last.day) for first, last in readings]
    if len(ranges) > 1:
        meanings = " or ".join(map(str, ranges))
        forms = " or ".join(f"{each.first}..{each.last}" for each in ranges)
        raise TwoMeanings(f"{what}: {quoted(text)} can be {meanings}", f"write {forms}")


def real_days(readings: Iterable[tuple[int, int, int]]) -> list[date]:
    """The days, each once, of those readings (year, month, day) that are real days."""
    days: dict[date, None] = {}
    for reading in readings:
        with suppress(ValueError):
            days[date(*reading)] = None
    return list(days)


def real_day(what: str, year: int, month: int, number: int) -> date:
    """That day; raises InvalidInput if there is none."""
    with suppress(ValueError):
        return date(year, month, number)
    if not 1 <= month <= 12:
        why = f"there is no month {month}"
    elif year < 1:
        why = "there is no year 0"
    else:
        why = f"there is no {number} {MONTHS[month - 1]} {year:04d}"
    raise InvalidInput(f"{what}: {why}", "check the day, the month and the year")


def only_one(what: str, text: str, readings: Collection[tuple[int, int, int]]) -> date:
    """The only day that the readings (year, month, day) allow. Raises InvalidInput."""
    found = real_days(readings)
    days = [day for day in found if FIRST_YEAR <= day.year <= LAST_YEAR]
    if len(days) == 1:
        return days[0]
    if days:
        require_one_meaning(what, text, list(map(Read, days)))
    if found:
        require_plannable(found[0])
    in_a_month = {reading for reading in readings if 1 <= reading[1] <= 12}
    if len(in_a_month) == 1:
        return real_day(what, *in_a_month.pop())
    raise no_date(what, text)


def refuse_serial(what: str, text: str, days: int) -> None:
    """Raise InvalidInput for what a spreadsheet keeps in place of a day of our years."""
    day = _EXCEL_DAY_0 + timedelta(days=days)
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(
            f"{what}: {quoted(text)} is a spreadsheet's number for a day, not a date",
            f"format the column as dates; this one is then {day.isoformat()} for {day_text(day)}",
        )


def fit_to_show(text: str) -> bool:
    """Whether a text has only digits and words of dates, so that it is nobody's name."""
    return len(text) <= _LONGEST_SHOWN and all(
        word in _WORDS_OF_DATES or named_place(word, (*MONTHS, *WEEKDAYS)) is not None
        for word in re.findall(r"[^\W\d_]+", text.casefold())
    )
