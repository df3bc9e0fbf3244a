"""Dates, weekdays, regions and numbers as people and spreadsheets write them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from mesoplan.dates.days import (
    FIRST_YEAR,
    LAST_YEAR,
    MONTHS,
    WEEKDAYS,
    ClosedTime,
    DateRange,
    day_text,
    require_plannable,
)
from mesoplan.dates.times import clock
from mesoplan.errors import InvalidInput, UnknownName, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

DateOrder = Literal["dmy", "mdy"]
"""Whether the day or the month comes first in 01/02/2026."""

_DAYS_FROM_TODAY = {"yesterday": -1, "today": 0, "tomorrow": 1}

HOW_TO_WRITE_A_DATE = "write it as 2026-12-01 or “1 Dec 2026”"

_LONGEST, _LONGEST_SHOWN = 100, 40
_WORDS_OF_DATES = {"st", "nd", "rd", "th", "t", "z", "am", "pm"}
_EXCEL_DAY_0 = date(1899, 12, 30)
# Not compiled here, because most commands need only one or two of these patterns.
_CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:\s*([ap])\.?m\.?)?"
_WITH_CLOCK = rf"(.+?)(?:,?\s+|(?<=[0-9])T)({_CLOCK})(\s*Z|\s*[+-][0-9]{{2}}:?[0-9]{{2}})?"
_YEAR_FIRST = r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})"
_YEAR_FIRST_DOTS = r"([0-9]{4})\.\s*([0-9]{1,2})\.\s*([0-9]{1,2})\.?"
_WITHOUT_DAY = r"[0-9]{4}[-/.][0-9]{1,2}"
_YEAR_LAST = r"([0-9]{1,2})([-/.])\s*([0-9]{1,2})\2\s*([0-9]{4}|[0-9]{2})\.?"
_SHORT_YEAR = r"([0-9]{1,2})[-/. ]\s*([^\W\d_]+)[-/. ]\s*([0-9]{2})"
_SERIAL = r"([0-9]{5})(?:[.,][0-9]+)?"
_DAY_NUMBER = r"([0-9]{1,2})(?:st|nd|rd|th)?"


class DateReader:
    """Reads dates in any clear form: the one reader of every command and every table."""

    def __init__(
        self,
        today: date | None = None,
        order: DateOrder | None = None,
        seen: dict[DateOrder, str] | None = None,
    ) -> None:
        """“tomorrow” is counted from *today*; with *order*, 01/02/2026 has one meaning."""
        self.today, self.order = today, order
        self.seen: dict[DateOrder, str] = {} if seen is None else seen
        """The first date that must have its day first, and the first with its month first."""

    def day_and_clock(self, what: str, text: str) -> tuple[date, time | None]:
        """A date, and the time of day after it, if any; *what* names it in errors.

        Raises InvalidInput for anything that is not a date, lacks a part, has two meanings, or is
        outside the years that can be planned. Seconds are left out.
        """
        written = text = text.strip()
        if not text:
            raise InvalidInput(f"{what} is empty", HOW_TO_WRITE_A_DATE)
        if len(text) > _LONGEST:
            # The patterns below would take long on it.
            raise _no_date(what, text)
        at = None
        if match := re.fullmatch(_WITH_CLOCK, text, re.IGNORECASE):
            at = clock(what, in_24_hours(match[2]))
            written = match[1]
            if match[6]:
                raise InvalidInput(
                    f"{what}: {quoted(text)} has a time zone, which may not be the clinic's",
                    "write the time in the clinic's time zone, as 2026-12-01 10:00",
                )
        found = self._day(what, written)
        require_plannable(found)
        return found, at

    def day(self, what: str, text: str) -> date:
        """A date alone; a time of day is refused, except midnight, which spreadsheets add."""
        found, at = self.day_and_clock(what, text)
        if at not in (None, time(0)):
            raise InvalidInput(
                f"{what}: {quoted(text)} has a time, but only a day is needed",
                f"write {found.isoformat()}",
            )
        return found

    def _day(self, what: str, text: str) -> date:
        if (days := _DAYS_FROM_TODAY.get(text.casefold())) is not None:
            if self.today is None:
                raise _no_date(what, text, "means a different day every day")
            return self.today + timedelta(days)
        if serial := re.fullmatch(_SERIAL, text):
            _refuse_serial(what, text, int(serial[1]))
        if numbers := re.fullmatch(_YEAR_LAST, text):
            return self._in_numbers(what, text, numbers)
        if in_words := re.fullmatch(_SHORT_YEAR, text):
            month = named_place(in_words[2].casefold(), MONTHS)
            if month is not None:
                first, last = int(in_words[1]), int(in_words[3])
                readings = [(2000 + last, month + 1, first)]
                readings += [(2000 + first, month + 1, last)] * (self.order is None)
                return _only_one(what, text, readings)
        if dotted := re.fullmatch(_YEAR_FIRST_DOTS, text):
            text = "-".join(dotted.groups())
        year_first = re.fullmatch(_YEAR_FIRST, text)
        if year_first and (year_first[2] or len(text) == 8):
            return _real_day(what, int(year_first[1]), int(year_first[3]), int(year_first[4]))
        if re.fullmatch(_WITHOUT_DAY, text):
            raise _no_date(what, text, "has no day")
        return _day_in_words(what, text)

    def _in_numbers(self, what: str, text: str, numbers: re.Match[str]) -> date:
        """“25/12/2026”, “25.12.26”: with dots the day comes first, whoever writes it."""
        first, second, last = int(numbers[1]), int(numbers[3]), int(numbers[4])
        is_short = len(numbers[4]) == 2
        year = 2000 + last if is_short else last
        in_order: dict[DateOrder, tuple[int, int, int]] = {
            "dmy": (year, second, first),
            "mdy": (year, first, second),
        }
        order = "dmy" if numbers[2] == "." else self.order
        readings = [it for name, it in in_order.items() if order in (None, name)]
        if is_short and self.order is None:
            readings.append((2000 + first, second, last))
        if not _real_days(readings) and (others := _real_days(in_order.values())):
            first_part = "month" if order == "mdy" else "day"
            why = f"doesn't begin with the {first_part}"
            raise InvalidInput(f"{what}: {quoted(text)} {why}", f"write {_forms(others)}")
        found = _only_one(what, text, readings)
        for name, reading in in_order.items():
            if order is None and first != second and _real_days([reading]) == [found]:
                self.seen.setdefault(name, text)
        return found


def _no_date(what: str, text: str, why: str = "is not a date") -> InvalidInput:
    return InvalidInput(f"{what}: {quoted(text)} {why}", HOW_TO_WRITE_A_DATE)


def _real_days(readings: Iterable[tuple[int, int, int]]) -> list[date]:
    """The days, each once, of those readings (year, month, day) that are real days."""
    days: dict[date, None] = {}
    for reading in readings:
        with suppress(ValueError):
            days[date(*reading)] = None
    return list(days)


def _forms(days: Iterable[date]) -> str:
    return " or ".join(f"{day.isoformat()} for {day_text(day)}" for day in days)


def _day_in_words(what: str, text: str) -> date:
    """“1 Dec 2026”, “December 1st, 2026”, “Tue 1 Dec 2026”, “2026 Dec 1”."""
    parts: dict[str, list[int]] = {"day": [], "month": [], "four-digit year": [], "weekday": []}
    numbers, months, years, weekdays = parts.values()
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
            raise _no_date(what, text)
    if max(map(len, parts.values())) > 1:
        raise _no_date(what, text, "is more than one date")
    missing = [part for part, found in parts.items() if not found and part != "weekday"]
    if missing:
        raise _no_date(what, text, f"has no {' and no '.join(missing)}")
    found = _real_day(what, years[0], months[0], numbers[0])
    if weekdays and weekdays[0] != found.weekday():
        raise InvalidInput(
            f"{what}: {quoted(text)} contradicts itself: {found.isoformat()} is a "
            f"{WEEKDAYS[found.weekday()]}",
            "correct the weekday or the date, or leave out the weekday",
        )
    return found


def _real_day(what: str, year: int, month: int, number: int) -> date:
    with suppress(ValueError):
        return date(year, month, number)
    if not 1 <= month <= 12:
        why = f"there is no month {month}"
    elif year < 1:
        why = "there is no year 0"
    else:
        why = f"there is no {number} {MONTHS[month - 1]} {year:04d}"
    raise InvalidInput(f"{what}: {why}", "check the day, the month and the year")


def named_place(word: str, names: tuple[str, ...]) -> int | None:
    """The place of the month or weekday that *word* names, in three letters or more."""
    if len(word) < 3:
        return None
    places = [place for place, name in enumerate(names) if name.casefold().startswith(word)]
    return places[0] if places else None


def fit_to_show(text: str) -> bool:
    """Whether a text has only digits and words of dates, so that it is nobody's name."""
    return len(text) <= _LONGEST_SHOWN and all(
        word in _WORDS_OF_DATES or named_place(word, (*MONTHS, *WEEKDAYS)) is not None
        for word in re.findall(r"[^\W\d_]+", text.casefold())
    )


def day_range(text: str, day: Callable[[str], date]) -> DateRange:
    """“FROM..TO”, or one day, as a range; *day* makes a date of each of the two."""
    first, dots, last = text.partition("..")
    begin = day(first)
    return DateRange(begin, day(last) if dots else begin)


def closure(
    what: str, text: str, day_and_clock: Callable[[str], tuple[date, time | None]]
) -> DateRange | ClosedTime:
    """“FROM..TO” with times of day, or as `day_range`; the second date may be left out.

    Midnight at both ends does not count: spreadsheets add it to dates.
    """
    first, dots, last = text.partition("..")
    day, at = day_and_clock(first)
    until_day, until = day, at
    if re.fullmatch(_CLOCK, last.strip(), re.IGNORECASE):
        until = clock(what, in_24_hours(last))
    elif dots:
        until_day, until = day_and_clock(last)
    if {at, until} <= {None, time(0)}:
        return DateRange(day, until_day)
    if not dots or at is None or until is None:
        raise InvalidInput(f"{what}: {quoted(text)} has only one time of day", HOW_TO_CLOSE)
    closed = ClosedTime(datetime.combine(day, at), datetime.combine(until_day, until))
    closed.require_plannable()
    return closed


HOW_TO_CLOSE = "write from when to when: “2026-12-24 12:00..2026-12-24 18:00”"


def weekdays(texts: Iterable[str]) -> frozenset[int]:
    """“sun,mon”, “mon-fri” or “weekend” as weekdays, Monday = 0.

    Raises UnknownName for a word that is not a weekday.
    """
    found: set[int] = set()
    for word in (word for text in texts for word in re.split(r"[\s,]+", text.strip(" ,"))):
        if word.casefold() == "weekend":
            word = "sat-sun"
        first, dash, last = word.partition("-")
        begin = _weekday(first)
        found |= {(begin + k) % 7 for k in range((_weekday(last) - begin) % 7 + 1 if dash else 1)}
    return frozenset(found)


def weekday_names(weekdays: Iterable[int]) -> str:
    """Weekdays as they are typed: “mon,sun”."""
    return ",".join(WEEKDAYS[weekday][:3].lower() for weekday in sorted(weekdays))


def _weekday(word: str) -> int:
    place = named_place(word.casefold(), WEEKDAYS)
    if place is None:
        names = [name[:3].lower() for name in WEEKDAYS]
        raise UnknownName("weekday", word, [*names, *map(str.lower, WEEKDAYS)], _WEEKDAYS_HELP)
    return place


_WEEKDAYS_HELP = "write mon, tue, wed, thu, fri, sat or sun, with commas between; or weekend"


def regions(texts: Iterable[str]) -> tuple[str, ...]:
    """“FR,TH” and repeated options as one list of names; “none” alone for none."""
    words = tuple(word.strip() for text in texts for word in text.split(","))
    return () if words == ("none",) else words


def whole_number(what: str, text: str) -> int:
    """A whole number in plain digits: neither “3.0” nor “1_0” nor “nan”."""
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise InvalidInput(
            f"{what}: {quoted(text)} is not a whole number", "write it in digits, as 8"
        )
    return int(text)


def in_24_hours(text: str) -> str:
    """“2:30:00 PM” as “14:30”; a text that is not a time of day is returned as it is."""
    match = re.fullmatch(_CLOCK, text.strip(), re.IGNORECASE)
    if match is None:
        return text
    hour, half = int(match[1]), (match[3] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return text
        hour = hour % 12 + 12 * (half == "p")
    return f"{hour}:{match[2]}"


def _only_one(what: str, text: str, readings: Collection[tuple[int, int, int]]) -> date:
    found = _real_days(readings)
    days = [day for day in found if FIRST_YEAR <= day.year <= LAST_YEAR]
    if len(days) == 1:
        return days[0]
    if days:
        meanings, forms = (" or ".join(map(way, days)) for way in (day_text, str))
        raise InvalidInput(f"{what}: {quoted(text)} can be {meanings}", f"write {forms}")
    if found:
        require_plannable(found[0])
    in_a_month = {reading for reading in readings if 1 <= reading[1] <= 12}
    if len(in_a_month) == 1:
        return _real_day(what, *in_a_month.pop())
    raise _no_date(what, text)


def _refuse_serial(what: str, text: str, days: int) -> None:
    day = _EXCEL_DAY_0 + timedelta(days=days)
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(
            f"{what}: {quoted(text)} is a spreadsheet's number for a day, not a date",
            f"format the column as dates; this one is then {day.isoformat()} for {day_text(day)}",
        )
