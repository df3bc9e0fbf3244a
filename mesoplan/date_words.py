"""Dates in words: every clear form of a day, wherever somebody writes one.

A date that can be read in two ways, or lacks a part, is refused with the ways to write it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, time, timedelta

from mesoplan.days import MONTHS, WEEKDAYS, day_text, require_plannable
from mesoplan.errors import InvalidInput, quoted
from mesoplan.times_of_day import clock

_DAYS_FROM_TODAY = {"yesterday": -1, "today": 0, "tomorrow": 1}

HOW_TO_WRITE_A_DATE = "write it as 2026-12-01 or “1 Dec 2026”"

_LONGEST = 100
# Not compiled here: of these patterns most commands need one or two.
_YEAR_FIRST = r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})"
_WITHOUT_DAY = r"[0-9]{4}[-/.][0-9]{1,2}"
_YEAR_LAST = r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})"
_WITH_CLOCK = r"(.+?)(?:[ \t]+|(?<=[0-9])T)([0-9]{1,2}:[0-9]{2})"
_DAY_NUMBER = r"([0-9]{1,2})(?:st|nd|rd|th)?"


def day_and_clock(what: str, text: str, today: date | None) -> tuple[date, time | None]:
    """“2026-12-01 10:00” as a day and a time of day; the time is None where none is written."""
    require_short(what, text.strip())
    match = re.fullmatch(_WITH_CLOCK, text.strip())
    if match is None:
        return day(what, text, today), None
    return day(what, match[1], today), clock(what, match[2])


def day(what: str, text: str, today: date | None) -> date:
    """A date in any clear form; *what* names it in errors.

    “tomorrow” and “yesterday” are counted from *today*; without it there are no such words.
    Raises InvalidInput for anything that is no date, lacks a part, or can be read in two ways.
    """
    words = text.strip()
    if not words:
        raise InvalidInput(f"{what} is empty", HOW_TO_WRITE_A_DATE)
    require_short(what, words)
    if today is not None and words.casefold() in _DAYS_FROM_TODAY:
        return today + timedelta(days=_DAYS_FROM_TODAY[words.casefold()])
    year_first = re.fullmatch(_YEAR_FIRST, words)
    if year_first and (year_first[2] or len(words) == 8):
        found = _real_day(what, int(year_first[1]), int(year_first[3]), int(year_first[4]))
    elif year_last := re.fullmatch(_YEAR_LAST, words):
        raise _not_year_first(what, words, *(int(part) for part in year_last.groups()))
    elif re.fullmatch(_WITHOUT_DAY, words):
        raise InvalidInput(f"{what}: {quoted(words)} lacks the day", HOW_TO_WRITE_A_DATE)
    else:
        found = _day_in_words(what, words)
    require_plannable(found)
    return found


def require_short(what: str, text: str) -> None:
    """Raise InvalidInput for a text that is too long for a date: the forms are looked for in it."""
    if len(text) > _LONGEST:
        raise InvalidInput(f"{what}: {quoted(text)} is no date", HOW_TO_WRITE_A_DATE)


def _not_year_first(what: str, text: str, first: int, second: int, year: int) -> InvalidInput:
    readings = []
    for number, month in ((first, second), (second, first)):
        try:
            readings.append(date(year, month, number))
        except ValueError:
            continue
    forms = [f"{reading.isoformat()} for {day_text(reading)}" for reading in readings]
    if not forms:
        return InvalidInput(f"{what}: {quoted(text)} is no date", HOW_TO_WRITE_A_DATE)
    why = "can be read in two ways" if len(set(forms)) > 1 else "is not written year first"
    return InvalidInput(
        f"{what}: {quoted(text)} {why}", f"write {' or '.join(dict.fromkeys(forms))}"
    )


def _day_in_words(what: str, text: str) -> date:
    """“1 Dec 2026”, “December 1st, 2026”, “Tue 1 Dec 2026”, “2026 Dec 1”."""
    numbers: list[int] = []
    years: list[int] = []
    months: list[int] = []
    weekdays: list[int] = []
    for word in re.split(r"[\s,.\-]+", text.strip(" ,.")):
        folded = word.casefold()
        if re.fullmatch(r"[0-9]{4}", word):
            years.append(int(word))
        elif number := re.fullmatch(_DAY_NUMBER, folded):
            numbers.append(int(number[1]))
        elif (month := named_place(folded, MONTHS)) is not None:
            months.append(month + 1)
        elif (weekday := named_place(folded, WEEKDAYS)) is not None:
            weekdays.append(weekday)
        else:
            raise InvalidInput(f"{what}: {quoted(text)} is no date", HOW_TO_WRITE_A_DATE)
    missing = [
        part
        for part, found in (("day", numbers), ("month", months), ("four-digit year", years))
        if not found
    ]
    if max(map(len, (numbers, months, years, weekdays))) > 1:
        raise InvalidInput(f"{what}: {quoted(text)} is not one date", HOW_TO_WRITE_A_DATE)
    if missing:
        raise InvalidInput(
            f"{what}: {quoted(text)} lacks the {' and the '.join(missing)}", HOW_TO_WRITE_A_DATE
        )
    found = _real_day(what, years[0], months[0], numbers[0])
    if weekdays and weekdays[0] != found.weekday():
        raise InvalidInput(
            f"{what}: {quoted(text)} contradicts itself: {found.isoformat()} is a "
            f"{WEEKDAYS[found.weekday()]}",
            "mend the weekday or the date, or leave the weekday out",
        )
    return found


def _real_day(what: str, year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError:
        pass
    if not 1 <= month <= 12:
        why = f"there is no month {month}"
    elif year < 1:
        why = "there is no year 0"
    else:
        last = monthrange(year, month)[1]
        why = f"{MONTHS[month - 1]} {year:04d} has the days 1 to {last}, and no {number}"
    raise InvalidInput(f"{what} is no date: {why}", "check the day, the month and the year")


def named_place(word: str, names: tuple[str, ...]) -> int | None:
    """The place of a month or weekday that *word* is the name of, cut to three letters or more."""
    if len(word) < 3:
        return None
    places = [place for place, name in enumerate(names) if name.casefold().startswith(word)]
    return places[0] if places else None
