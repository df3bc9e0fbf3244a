"""Dates, weekdays, regions and numbers as people and spreadsheets write them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import (
    FIRST_YEAR,
    MONTHS,
    WEEKDAYS,
    ClosedTime,
    DateRange,
    day_text,
    require_plannable,
)
from mesoplan.dates.readings import (
    HOW_TO_TYPE_A_DATE,
    HOW_TO_WRITE_A_DATE,
    DateOrder,
    NotADate,
    Read,
    TwoMeanings,
    moment_text,
    no_date,
    only_one,
    real_day,
    real_days,
    refuse_serial,
    require_no_time,
    require_one_meaning,
    require_one_range,
    wrong_order,
)
from mesoplan.dates.relative import (
    WORDS,
    by_weekday,
    day_near,
    days_counted,
    is_counted_on,
    named_place,
    number_near,
    weekday_near,
)
from mesoplan.dates.times import CLOCK, clock, in_24_hours
from mesoplan.errors import InvalidInput, UnknownName, nearest, printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoplan.dates.relative import Toward

HOW_TO_CLOSE = 'write from when to when: "2026-12-24 12:00..2026-12-24 18:00"'

_LONGEST = 100
_SURELY_OF_THE_DAY = range(7, 24)
"""The hours that mean one time of day where neither minutes nor “pm” are written."""
# Not compiled here, because most commands need only one or two of these patterns.
_WITH_CLOCK = rf"(.+?)(?:,?\s+|(?<=[0-9])T)({CLOCK})(\s*Z|\s*[+-][0-9]{{2}}:?[0-9]{{2}})?"
_WITH_NUMBER = r"(.+?),?\s+([0-9]{1,2})"
_YEAR_FIRST = r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})"
_YEAR_FIRST_DOTS = r"([0-9]{4})\.\s*([0-9]{1,2})\.\s*([0-9]{1,2})\.?"
_WITHOUT_DAY = r"[0-9]{4}[-/.][0-9]{1,2}"
_YEAR_LAST = r"([0-9]{1,2})([-/.])\s*([0-9]{1,2})\2\s*([0-9]{4}|[0-9]{2})\.?"
_WITHOUT_YEAR = r"([0-9]{1,2})(?:/([0-9]{1,2})|\.\s?([0-9]{1,2})\.)"
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
        """What isn't written in full is counted from *today*; in tables, which have none, refused.

        With *order*, 01/02/2026 has one meaning.
        """
        self.today, self.order = today, order
        self.seen: dict[DateOrder, str] = {} if seen is None else seen
        """The first date that must have its day first, and the first with its month first."""
        self.said: list[str] = []
        """What was meant by each date that was not written in full, for whoever typed it."""

    def day_and_clock(
        self, what: str, text: str, toward: Toward = "plan", since: date | None = None
    ) -> tuple[date, time | None]:
        """A date, and the time of day after it, if any; *what* names it in errors.

        What isn't written in full is looked for from *since*, or else from today. Raises
        InvalidInput for anything that is not a date, lacks a part, has two meanings, or is outside
        the years that can be planned. Seconds are left out.
        """
        read = self._read(what, text, toward, since)
        if not read.is_clear:
            self._say(text, moment_text(read.day, read.at))
        return read.day, read.at

    def day(self, what: str, text: str, toward: Toward = "plan", since: date | None = None) -> date:
        """A date alone; a time of day is refused, except midnight, which spreadsheets add."""
        found, at = self.day_and_clock(what, text, toward, since)
        require_no_time(what, text, found, at)
        return found

    def days(self, what: str, text: str) -> DateRange:
        """“FROM..TO”, or one day."""
        first, last = self._ends(what, text)
        for end in (first, last):
            require_no_time(what, text, end.day, end.at)
        return self._range(text, first, last)

    def closure(self, what: str, text: str) -> DateRange | ClosedTime:
        """“FROM..TO” with times of day, or as `days`; the second date may be left out.

        Midnight at both ends does not count: spreadsheets add it to dates.
        """
        first, last = self._ends(what, text)
        if {first.at, last.at} <= {None, time(0)}:
            return self._range(text, first, last)
        if ".." not in text or first.at is None or last.at is None:
            raise InvalidInput(f"{what}: {quoted(text)} has only one time of day", HOW_TO_CLOSE)
        begin, end = datetime.combine(first.day, first.at), datetime.combine(last.day, last.at)
        closed = ClosedTime(begin, end)
        closed.require_plannable()
        if not (first.is_clear and last.is_clear):
            self._say(text, str(closed))
        return closed

    def _say(self, text: str, meant: str) -> None:
        line = f"{printable(' '.join(text.split()))} is {meant}."
        if self.today is not None and line not in self.said:
            self.said.append(line)

    def _range(self, text: str, first: Read, last: Read) -> DateRange:
        found = DateRange(first.day, last.day)
        if not (first.is_clear and last.is_clear):
            self._say(text, " to ".join(dict.fromkeys(map(day_text, (first.day, last.day)))))
        return found

    # ---------------------------------------------------------------- two dates

    def _ends(self, what: str, text: str) -> tuple[Read, Read]:
        """Both ends of a range; the second is counted from the first."""
        first_text, dots, last_text = (part.strip() for part in text.partition(".."))
        if re.fullmatch("[0-9]{1,2}", first_text) and dots:
            return self._ends_in_a_month(what, text, int(first_text), last_text)
        first = self._read(what, first_text)
        if not dots:
            return first, first
        if re.fullmatch(CLOCK, last_text, re.IGNORECASE):
            return first, first._replace(at=clock(what, in_24_hours(last_text)))
        last = self._read(what, last_text, since=first.day)
        if first.form == "no year" and last.form == "in full":
            # It may have begun.
            return self._read(what, first_text, "fact", last.day), last
        if first.form == last.form == "no year":
            begun = []
            with suppress(InvalidInput):
                sooner = self._read(what, last_text)
                if sooner.day < first.day:
                    begun = [(self._read(what, first_text, "fact", sooner.day), sooner)]
            require_one_range(what, text, [*begun, (first, last)])
        return first, last

    def _ends_in_a_month(
        self, what: str, text: str, number: int, last_text: str
    ) -> tuple[Read, Read]:
        """“10..14 Dec”."""
        last = self._read(what, last_text)
        if not 1 <= number <= last.day.day or last.form == "from today":
            raise InvalidInput(
                f"{what}: {quoted(text)} has no month in its first date",
                'write both dates whole, as "24 Dec..3 Jan"',
            )
        first = last._replace(day=last.day.replace(day=number), at=None, is_clear=False)
        if self.today is not None and last.form == "no year" and first.day < self.today:
            in_a_year = self._read(what, last_text, since=last.day + timedelta(days=1))
            begin = in_a_year._replace(day=in_a_year.day.replace(day=number))
            require_one_range(what, text, [(first, last), (begin, in_a_year)])
        return first, last

    # ---------------------------------------------------------------- one date

    def _read(
        self, what: str, text: str, toward: Toward = "plan", since: date | None = None
    ) -> Read:
        text = text.strip()
        if not text:
            raise InvalidInput(f"{what} is empty", HOW_TO_WRITE_A_DATE)
        if len(text) > _LONGEST:
            # The patterns below would take long on it.
            raise self._no_date(what, text)
        match = re.fullmatch(_WITH_CLOCK, text, re.IGNORECASE)
        if match and not ("." in match[2] and re.fullmatch(r"[0-9]{1,2}\.", match[1])):
            if match[match.re.groups]:
                raise InvalidInput(
                    f"{what}: {quoted(text)} has a time zone, which may not be the clinic's",
                    "write the time in the clinic's time zone, as 2026-12-01 10:00",
                )
            at = clock(what, in_24_hours(match[2]))
            read = self._day(what, match[1], toward, since)._replace(at=at)
            if self.today is not None and "." in match[2] and ":" not in match[2]:
                number, month = (int(part) for part in re.findall("[0-9]+", match[2])[:2])
                near = day_near(month, number, since or self.today, toward)
                if near and by_weekday(match[1]) == ("", near.weekday()):
                    require_one_meaning(what, text, [Read(near), read])
        else:
            read = self._with_hour(what, text, toward, since) or self._day(
                what, text, toward, since
            )
        require_plannable(read.day)
        return read

    def _with_hour(self, what: str, text: str, toward: Toward, since: date | None) -> Read | None:
        """“10 Dec 9”: a date that is complete, and an hour alone; None if it is anything else.

        Not in tables, where the number could be anything.
        """
        match = None if self.today is None else re.fullmatch(_WITH_NUMBER, text)
        number = int(match[2]) if match else 0
        if match is None or not 1 <= number <= _SURELY_OF_THE_DAY[-1]:
            return None
        try:
            read = self._day(what, match[1], toward, since)._replace(is_clear=False)
        except TwoMeanings:
            raise
        except InvalidInput:
            return None
        hours = [number] if number in _SURELY_OF_THE_DAY else [number, number + 12]
        readings = [read._replace(at=time(hour)) for hour in hours]
        if read.form == "no year" and 2000 + number >= FIRST_YEAR:
            with suppress(ValueError):
                readings.append(Read(read.day.replace(year=2000 + number)))
        near = number_near(number, since or self.today or read.day, toward)
        if near and by_weekday(match[1]) == ("", near.weekday()):
            readings.append(Read(near))
        require_one_meaning(what, text, readings)
        return readings[0]

    def _day(self, what: str, text: str, toward: Toward, since: date | None) -> Read:
        """A date without a time."""
        if serial := re.fullmatch(_SERIAL, text):
            refuse_serial(what, text, int(serial[1]))
        if numbers := re.fullmatch(_YEAR_LAST, text):
            return self._in_numbers(what, text, numbers)
        if in_words := re.fullmatch(_SHORT_YEAR, text):
            month = named_place(in_words[2].casefold(), MONTHS)
            if month is not None:
                first, last = int(in_words[1]), int(in_words[3])
                readings = [(2000 + last, month + 1, first)]
                readings += [(2000 + first, month + 1, last)] * (self.order is None)
                return Read(only_one(what, text, readings), None, "short year", is_clear=False)
        if dotted := re.fullmatch(_YEAR_FIRST_DOTS, text):
            text = "-".join(dotted.groups())
        year_first = re.fullmatch(_YEAR_FIRST, text)
        if year_first and (year_first[2] or len(text) == 8):
            parts = (int(year_first[place]) for place in (1, 3, 4))
            return Read(real_day(what, *parts))
        if re.fullmatch(_WITHOUT_DAY, text):
            raise self._no_date(what, text, "has no day")
        relative = self._from_today(what, text, toward, since)
        return relative or self._in_words(what, text, toward, since)

    def _from_today(self, what: str, text: str, toward: Toward, since: date | None) -> Read | None:
        """“tomorrow”, “+3w”, “next tue”, “10/12”; None if it is anything else."""
        count, named = days_counted(text), by_weekday(text)
        numbers = re.fullmatch(_WITHOUT_YEAR, text)
        if count is None and named is None and numbers is None:
            return None
        if self.today is None:
            why = "has no year" if numbers else "means a different day every day"
            raise self._no_date(what, text, why)
        day = since or self.today
        if numbers is not None:
            first, second = int(numbers[1]), int(numbers[2] or numbers[3])
            order = "dmy" if numbers[3] else self.order
            found = {
                name: day_near(*month_and_number, day, toward)
                for name, month_and_number in (("dmy", (second, first)), ("mdy", (first, second)))
            }
            kept = [each for name, each in found.items() if order in (None, name) and each]
            if not kept and (others := [each for each in found.values() if each]):
                raise wrong_order(what, text, order, others)
            if not kept:
                raise self._no_date(what, text)
            readings = [Read(each, None, "no year", is_clear=False) for each in kept]
        elif named is not None:
            days = weekday_near(*named, self.today if named[0] else day, toward)
            readings = [Read(each, None, "from today", is_clear=False) for each in days]
        else:
            counted = timedelta(days=count or 0)
            starts = {self.today, day} if is_counted_on(text) else {self.today}
            days = sorted(start + counted for start in starts)
            readings = [Read(each, None, "from today", is_clear=False) for each in days]
        require_one_meaning(what, text, readings)
        return readings[0]

    def _in_numbers(self, what: str, text: str, numbers: re.Match[str]) -> Read:
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
        if not real_days(readings) and (others := real_days(in_order.values())):
            raise wrong_order(what, text, order, others)
        found = only_one(what, text, readings)
        for name, reading in in_order.items():
            if order is None and first != second and real_days([reading]) == [found]:
                self.seen.setdefault(name, text)
        return Read(found, None, "short year", is_clear=False) if is_short else Read(found)

    def _in_words(self, what: str, text: str, toward: Toward, since: date | None) -> Read:
        """“1 Dec 2026”, “December 1st, 2026”, “Tue 1 Dec 2026”, “2026 Dec 1”, “Tue 1 Dec”."""
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
                raise self._not_a_date(what, text, word)
        if max(map(len, parts.values())) > 1:
            raise self._no_date(what, text, "is more than one date")
        day = since or self.today
        not_needed = {"weekday"} if day is None else {"weekday", "four-digit year"}
        missing = [part for part, found in parts.items() if not found and part not in not_needed]
        if missing:
            raise self._no_date(what, text, f"has no {' and no '.join(missing)}")
        if not years and day is not None:
            near = day_near(months[0], numbers[0], day, toward)
            if near is None:
                no_day = f"{what}: there is no {numbers[0]} {MONTHS[months[0] - 1]}"
                raise InvalidInput(no_day, "check the day and the month")
            read = Read(near, None, "no year", is_clear=False)
        else:
            read = Read(real_day(what, years[0], months[0], numbers[0]))
        if weekdays and weekdays[0] != read.day.weekday():
            raise InvalidInput(
                f"{what}: {quoted(text)} contradicts itself: {read.day.isoformat()} is a "
                f"{WEEKDAYS[read.day.weekday()]}",
                "correct the weekday or the date, or leave out the weekday"
                if read.is_clear
                else "correct the weekday or the date, or write the year",
            )
        return read

    def _not_a_date(self, what: str, text: str, word: str) -> InvalidInput:
        """That a word is not one of a date, with the nearest one for whoever typed it."""
        if self.today is not None and word.isalpha() and word.casefold() not in WORDS:
            for meant in nearest(word, (*WEEKDAYS, *MONTHS, *WORDS))[:1]:
                how = f"did you mean {meant}? Otherwise {HOW_TO_TYPE_A_DATE}"
                problem = NotADate(f"{what}: {quoted(text)} is not a date", how)
                problem.meant = meant
                return problem
        return self._no_date(what, text)

    def _no_date(self, what: str, text: str, why: str = "is not a date") -> InvalidInput:
        how = HOW_TO_WRITE_A_DATE if self.today is None else HOW_TO_TYPE_A_DATE
        if self.today is not None and re.fullmatch("[0-9]{1,2}|next|last|in", text):
            # The shell has taken it apart.
            how = "write it whole, as 10 Dec; after an option, put it in quotes"
        return no_date(what, text, why, how)


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
    if re.fullmatch(r"-?[0-9]{7,}", text):
        raise InvalidInput(f"{what}: {quoted(text)} is too long", "write at most 6 digits")
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise InvalidInput(
            f"{what}: {quoted(text)} is not a whole number", "write it in digits, as 8"
        )
    return int(text)
