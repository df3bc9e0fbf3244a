"""Dates and times as they stand in a cell: what is typed there, and what spreadsheets make of it.

More can be read here than on the command line, since a spreadsheet rewrites what was typed. What
can be read in two ways, within the years that can be planned, is refused here too. With dots the
day comes first, wherever dates are written so: 03.10.2027 is 3 October.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from mesoplan.date_words import HOW_TO_WRITE_A_DATE, day_and_clock, named_place, require_short
from mesoplan.days import FIRST_YEAR, LAST_YEAR, MONTHS, day_text, require_plannable
from mesoplan.errors import InvalidInput, quoted
from mesoplan.times_of_day import clock

_EXCEL_DAY_0 = date(1899, 12, 30)
_MIDNIGHT = time(0)
_RELATIVE = {"yesterday", "today", "tomorrow"}

# Not compiled here: most commands need none of them.
_CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:\s*([ap])\.?m\.?)?"
_WITH_CLOCK = rf"(.+?)(?:,?\s+|(?<=[0-9])T)({_CLOCK})(\s*Z|\s*[+-][0-9]{{2}}:?[0-9]{{2}})?"
_NUMBERS = r"([0-9]{1,2})([-/.])\s*([0-9]{1,2})\2\s*([0-9]{4}|[0-9]{2})\.?"
_YEAR_FIRST_DOTS = r"([0-9]{4})\.\s*([0-9]{1,2})\.\s*([0-9]{1,2})\.?"
_SHORT_YEAR = r"([0-9]{1,2})[-/. ]\s*([^\W\d_]+)[-/. ]\s*([0-9]{2})"
_SERIAL = r"([0-9]{5})(?:[.,][0-9]+)?"


def written_day(what: str, text: str) -> date:
    """The day in a cell; *what* names it in errors.

    Raises InvalidInput as `written_day_and_clock` does, and for a time of day, unless it is
    midnight, which spreadsheets add.
    """
    day, at = written_day_and_clock(what, text)
    if at is not None:
        raise InvalidInput(
            f"{what}: {quoted(text)} has a time of day, and only a day is wanted",
            f"write {day.isoformat()}",
        )
    return day


def written_day_and_clock(what: str, text: str) -> tuple[date, time | None]:
    """The day in a cell, and its time of day; None where there is none, or where it is midnight.

    Raises InvalidInput for anything that is no date, lacks a part, can be read in two ways, counts
    from today, or is outside the years that can be planned. Seconds are left out.
    """
    text = text.strip()
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            found = date.fromisoformat(text)
        except ValueError:
            pass
        else:
            require_plannable(found)
            return found, None
    require_short(what, text)
    at = None
    written = text
    if match := re.fullmatch(_WITH_CLOCK, text, re.IGNORECASE):
        at = clock(what, in_24_hours(match[2]))
        written = match[1]
        if match[6]:
            raise InvalidInput(
                f"{what}: {quoted(text)} gives its time by the clocks of another place, perhaps",
                "write the time by the clinic's clocks, as 2026-12-01 10:00",
            )
    return _day(what, written), None if at == _MIDNIGHT else at


def in_24_hours(text: str) -> str:
    """“2:30:00 PM” as “14:30”; what is no time of day is left as it is."""
    match = re.fullmatch(_CLOCK, text.strip(), re.IGNORECASE)
    if match is None:
        return text
    hour, half = int(match[1]), (match[3] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return text
        hour = hour % 12 + 12 * (half == "p")
    return f"{hour}:{match[2]}"


def _day(what: str, text: str) -> date:
    if text.casefold() in _RELATIVE:
        raise InvalidInput(f"{what}: {quoted(text)} is another day each day", HOW_TO_WRITE_A_DATE)
    if serial := re.fullmatch(_SERIAL, text):
        _refuse_serial(what, text, int(serial[1]))
    if numbers := re.fullmatch(_NUMBERS, text):
        return _only_one(what, text, _readings(numbers))
    if in_words := re.fullmatch(_SHORT_YEAR, text):
        month = named_place(in_words[2].casefold(), MONTHS)
        if month is not None:
            first, last = int(in_words[1]), int(in_words[3])
            orders = ((2000 + last, month + 1, first), (2000 + first, month + 1, last))
            return _only_one(what, text, orders)
    if dotted := re.fullmatch(_YEAR_FIRST_DOTS, text):
        text = "-".join(dotted.groups())
    return day_and_clock(what, text, None)[0]


def _readings(numbers: re.Match[str]) -> tuple[tuple[int, int, int], ...]:
    """Each year, month and day that the numbers can mean."""
    first, second, last = int(numbers[1]), int(numbers[3]), int(numbers[4])
    year = last if len(numbers[4]) == 4 else 2000 + last
    readings = [(year, second, first)]
    if numbers[2] != ".":
        readings.append((year, first, second))
    if len(numbers[4]) == 2:
        readings.append((2000 + first, second, last))
    return tuple(readings)


def _only_one(what: str, text: str, readings: tuple[tuple[int, int, int], ...]) -> date:
    days: list[date] = []
    outside: list[date] = []
    for reading in readings:
        try:
            day = date(*reading)
        except ValueError:
            continue
        (days if FIRST_YEAR <= day.year <= LAST_YEAR else outside).append(day)
    days = list(dict.fromkeys(days))
    if len(days) == 1:
        return days[0]
    if days:
        forms = " or ".join(f"{day.isoformat()} for {day_text(day)}" for day in days)
        raise InvalidInput(f"{what}: {quoted(text)} can be read in two ways", f"write {forms}")
    if outside:
        require_plannable(outside[0])
    # Says what is wrong with it.
    return day_and_clock(what, text, None)[0]


def _refuse_serial(what: str, text: str, days: int) -> None:
    day = _EXCEL_DAY_0 + timedelta(days=days)
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(
            f"{what}: {quoted(text)} is how a spreadsheet counts days, and no date",
            f"format the column as 2026-12-01 there; it should show {day.isoformat()} "
            f"for {day_text(day)}",
        )
