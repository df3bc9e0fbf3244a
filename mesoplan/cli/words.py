"""What is typed, as values: dates, ranges, weekdays, times, numbers, reminders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mesoplan.date_words import day as day
from mesoplan.date_words import day_and_clock as day_and_clock
from mesoplan.date_words import named_place
from mesoplan.days import WEEKDAYS, DateRange
from mesoplan.errors import InvalidInput, UnknownName, quoted
from mesoplan.model import SessionName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


def day_ranges(what: str, texts: Iterable[str], today: date) -> tuple[DateRange, ...]:
    """Each “FROM..TO”, or one day, as a range."""
    ranges = []
    for text in texts:
        first, dots, last = text.partition("..")
        begin = day(what, first, today)
        ranges.append(DateRange(begin, day(what, last, today) if dots else begin))
    return tuple(ranges)


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
        raise UnknownName("weekday", word, [*names, *map(str.lower, WEEKDAYS)], _weekdays_help)
    return place


_weekdays_help = "write mon, tue, wed, thu, fri, sat or sun, with commas between"


def regions(texts: Iterable[str]) -> tuple[str, ...]:
    """“FR,TH” and repeated options as one list of names; “none” alone for none."""
    words = tuple(word.strip() for text in texts for word in text.split(","))
    return () if words == ("none",) else words


def session_name(text: str) -> SessionName:
    """“3” for a session of the course, “m1” for maintenance.

    Raises InvalidInput for anything else.
    """
    match = re.fullmatch(r"(m?)([0-9]{1,2})", text.strip().casefold())
    if match is None or int(match[2]) == 0:
        raise InvalidInput(
            f"{quoted(text)} is no session", "write 3 for session 3, m1 for maintenance 1"
        )
    return SessionName("maintenance" if match[1] else "course", int(match[2]))


def more_or_fewer(text: str) -> int:
    """“+2” or “-1”: how many sessions more, or fewer. Raises InvalidInput for anything else."""
    match = re.fullmatch(r"([+-])([0-9]{1,2})", text.strip().replace("−", "-"))
    if match is None:
        raise InvalidInput(
            f"{quoted(text)} says neither how many sessions more nor how many fewer",
            "write +2 for two more, -1 for one fewer",
        )
    return int(match[2]) if match[1] == "+" else -int(match[2])


def whole_number(what: str, text: str) -> int:
    """A whole number in plain digits: neither “3.0” nor “1_0” nor “nan”."""
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise InvalidInput(f"{what}: {quoted(text)} is no whole number", "write it in digits, as 8")
    return int(text)
