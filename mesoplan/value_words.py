"""Values in words that are no dates: weekdays, regions, whole numbers; ranges of days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mesoplan.date_words import named_place
from mesoplan.days import WEEKDAYS, DateRange
from mesoplan.errors import InvalidInput, UnknownName, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date


def day_range(text: str, day: Callable[[str], date]) -> DateRange:
    """“FROM..TO”, or one day, as a range; *day* makes a date of each of the two."""
    first, dots, last = text.partition("..")
    begin = day(first)
    return DateRange(begin, day(last) if dots else begin)


def weekdays(texts: Iterable[str]) -> frozenset[int]:
    """“sun,mon” or “mon-fri” as weekdays, Monday = 0.

    Raises UnknownName for a word that is no weekday.
    """
    found: set[int] = set()
    for word in (word for text in texts for word in re.split(r"[\s,]+", text.strip(" ,"))):
        first, dash, last = word.partition("-")
        begin = _weekday(first)
        found |= {(begin + k) % 7 for k in range((_weekday(last) - begin) % 7 + 1 if dash else 1)}
    return frozenset(found)


def _weekday(word: str) -> int:
    place = named_place(word.casefold(), WEEKDAYS)
    if place is None:
        names = [name[:3].lower() for name in WEEKDAYS]
        raise UnknownName("weekday", word, [*names, *map(str.lower, WEEKDAYS)], _WEEKDAYS_HELP)
    return place


_WEEKDAYS_HELP = "write mon, tue, wed, thu, fri, sat or sun, with commas between"


def regions(texts: Iterable[str]) -> tuple[str, ...]:
    """“FR,TH” and repeated options as one list of names; “none” alone for none."""
    words = tuple(word.strip() for text in texts for word in text.split(","))
    return () if words == ("none",) else words


def whole_number(what: str, text: str) -> int:
    """A whole number in plain digits: neither “3.0” nor “1_0” nor “nan”."""
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise InvalidInput(f"{what}: {quoted(text)} is no whole number", "write it in digits, as 8")
    return int(text)
