"""The kinds of values that can be asked of a plan: how each is typed, and how a record keeps it."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.dates import parsing
from mesoplan.dates.days import DateRange
from mesoplan.dates.holidays import region_name
from mesoplan.dates.times import TimeRange, reminders, time_of_day, time_range, time_text
from mesoplan.errors import InvalidInput, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import timedelta

    from mesoplan.model.request import WeeklyHours


class Words:
    """How days, numbers and times are written on the command line; a table writes some otherwise.

    Each method takes what the value is called in errors, and raises InvalidInput.
    """

    def __init__(self, today: date | None = None) -> None:
        """*today* is what “tomorrow” is counted from; without it there is no such word."""
        self.today = today

    def day(self, what: str, text: str) -> date:
        """One day."""
        return parsing.day(what, text, self.today)

    def days(self, what: str, text: str) -> DateRange:
        """“FROM..TO”, or one day."""
        return parsing.day_range(text, lambda each: self.day(what, each))

    def number(self, what: str, text: str) -> int:
        """A whole number."""
        return parsing.whole_number(what, text)

    def time(self, what: str, text: str) -> time | TimeRange:
        """A time of day, or a range of them."""
        return time_of_day(what, text)

    def reminders(self, texts: Iterable[str]) -> tuple[timedelta, ...]:
        """How long before a session to remind."""
        return reminders(texts)

    def yes_or_no(self, what: str, text: str) -> bool:
        """Yes or no."""
        word = text.casefold()
        if word not in _YES | _NO:
            raise InvalidInput(f"{what}: {quoted(text)} is neither yes nor no", "write yes or no")
        return word in _YES


_YES = {"yes", "y", "true", "1", "x"}
_NO = {"no", "n", "false", "0"}


class Kind(NamedTuple):
    """How values of one kind are read from what was typed, and kept in a record.

    A tuple, as the rows of the table of fields are: each command loads them, and dataclasses take
    several times as long to make.
    """

    read: Callable[[str, Any, Words], Any]
    """From the name for errors and the text, or all the texts where it *repeats*."""
    write: Callable[[Any], str] = str
    """The value as a record has it."""
    read_record: Callable[[str], Any] = str
    """It raises ValueError, IndexError, OverflowError or InvalidInput for what is none."""
    repeats: bool = False
    """Whether there may be several."""


def read_range(text: str) -> DateRange:
    """FROM..TO as a range. Raises ValueError or InvalidInput where it is none."""
    first, _, last = text.partition("..")
    return DateRange(date.fromisoformat(first), date.fromisoformat(last))


def write_range(days: DateRange) -> str:
    """A range as FROM..TO."""
    return f"{days.first}..{days.last}"


def _write_hours(hours: WeeklyHours) -> str:
    """“0.09:00-12:30/14:00-18:00,2.09:00-12:30”: the spans of each weekday that has any."""
    return ",".join(
        f"{weekday}.{'/'.join(span.in_numbers for span in spans)}"
        for weekday, spans in enumerate(hours)
        if spans
    )


def _read_hours(text: str) -> WeeklyHours:
    days: list[tuple[TimeRange, ...]] = [()] * 7
    for part in text.split(","):
        weekday, _, spans = part.partition(".")
        days[int(weekday)] = tuple(time_range("hours", span) for span in spans.split("/"))
    return tuple(days)


def _several(
    read: Callable[[str, Sequence[str], Words], Any],
    write: Callable[[Any], str],
    read_record: Callable[[str], Any],
    make: Callable[[Iterable[Any]], Any],
    separator: str = ",",
) -> Kind:
    """A kind of several values; sets are recorded in order."""
    in_order: Callable[[Iterable[Any]], Iterable[Any]] = sorted if make is frozenset else iter
    return Kind(
        read,
        lambda items: separator.join(map(write, in_order(items))),
        lambda text: make(map(read_record, text.split(separator))),
        repeats=True,
    )


def _read_flag(what: str, given: bool | str, words: Words) -> bool:
    return given if isinstance(given, bool) else words.yes_or_no(what, given)


TEXT = Kind(lambda _what, text, _words: text)
NUMBER = Kind(lambda what, text, words: words.number(what, text), read_record=int)
DAY = Kind(lambda what, text, words: words.day(what, text), read_record=date.fromisoformat)
TIME = Kind(
    lambda what, text, words: words.time(what, text),
    time_text,
    lambda text: time_of_day("time", text),
)
FLAG = Kind(_read_flag)
REMINDERS = Kind(lambda _what, texts, words: words.reminders(texts), repeats=True)
TEXTS = Kind(lambda _what, texts, _words: tuple(texts), repeats=True)
DAYS = _several(
    lambda what, texts, words: frozenset(words.day(what, each) for each in texts),
    str,
    date.fromisoformat,
    frozenset,
)
RANGES = _several(
    lambda what, texts, words: tuple(words.days(what, each) for each in texts),
    write_range,
    read_range,
    tuple,
)
WEEKDAYS = _several(lambda _what, texts, _words: parsing.weekdays(texts), str, int, frozenset)
REGIONS = _several(
    lambda _what, texts, _words: parsing.regions(texts), region_name, region_name, tuple
)
NAMES = _several(TEXTS.read, str, str, frozenset, "|")
HOURS = Kind(TEXT.read, _write_hours, _read_hours)
