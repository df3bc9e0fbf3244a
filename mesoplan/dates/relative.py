"""Days that are not written in full: counted from today, as a weekday, or without a year."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta
from typing import Literal

from mesoplan.dates.days import WEEKDAYS

Toward = Literal["plan", "fact", "agenda"]
"""Which way a day is looked for: a plan's is to come, a fact's is past; each may be today.

But of a weekday that is today's, a plan means the one in a week.
"""

_FROM_TODAY = {"yesterday": -1, "today": 0, "tomorrow": 1}
WORDS = (*_FROM_TODAY, "next", "last", "weeks", "days")
"""What is written beside weekdays, months and numbers."""
_COUNTED = r"(\+|in )([0-9]{1,3}|an?) ?(d|w|days?|weeks?)|([0-9]{1,3}|an?) (days?|weeks?) ago"
_WEEKDAY = r"(?:(next|last) )?([a-z]{3,9})"
_YEARS = 9
"""Two days called 29 February may be eight years apart."""
_DAY = timedelta(days=1)


def named_place(word: str, names: tuple[str, ...]) -> int | None:
    """The place of the month or weekday that *word* names, in three letters or more."""
    if len(word) < 3:
        return None
    places = [place for place, name in enumerate(names) if name.casefold().startswith(word)]
    return places[0] if places else None


def days_counted(text: str) -> int | None:
    """How many days from today “tomorrow”, “+3w”, “in 10 days” and “a week ago” are."""
    word = " ".join(text.casefold().split())
    if word in _FROM_TODAY:
        return _FROM_TODAY[word]
    match = re.fullmatch(_COUNTED, word)
    if match is None:
        return None
    number, unit = match[2] or match[4], match[3] or match[5]
    count = 1 if number.startswith("a") else int(number)
    return count * (7 if unit.startswith("w") else 1) * (-1 if match[4] else 1)


def is_counted_on(text: str) -> bool:
    """Whether the text counts on from a day that it doesn't name: “+3w”, “in 10 days”."""
    return text.casefold().startswith(("+", "in "))


def by_weekday(text: str) -> tuple[str, int] | None:
    """“next” or “last”, if either is written, and the weekday after it."""
    match = re.fullmatch(_WEEKDAY, " ".join(text.casefold().split()))
    place = named_place(match[2], WEEKDAYS) if match else None
    return None if match is None or place is None else (match[1] or "", place)


def weekday_near(which: str, weekday: int, day: date, toward: Toward) -> list[date]:
    """The day of that name that is meant as seen from *day*; two where either may be meant."""
    monday = day - day.weekday() * _DAY
    ahead, back = (weekday - day.weekday()) % 7, (day.weekday() - weekday) % 7
    if which == "next":
        return [monday + (7 + weekday) * _DAY]
    if which == "last":
        return sorted({day - (back or 7) * _DAY, monday + (weekday - 7) * _DAY})
    if toward == "fact":
        return [day - back * _DAY]
    return [day + (ahead or 7 * (toward == "plan")) * _DAY]


def number_near(number: int, day: date, toward: Toward) -> date | None:
    """The nearest day that has this number in its month, from *day* itself on."""
    step = -_DAY if toward == "fact" else _DAY
    days = (day + count * step for count in range(62))
    return next((each for each in days if each.day == number), None)


def day_near(month: int, number: int, day: date, toward: Toward) -> date | None:
    """The nearest day with that month and number, from *day* itself on; None if there is none."""
    is_fact = toward == "fact"
    for years in range(_YEARS):
        with suppress(ValueError):
            found = date(day.year + (-years if is_fact else years), month, number)
            if found == day or (found < day) == is_fact:
                return found
    return None
