"""One date of a file, with its time where one is written.

What stands in a file may be anything, a name above all. So a message shows it only when it is made
of digits and the words of dates.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import MONTHS, WEEKDAYS, require_plannable
from mesoplan.dates.parsing import HOW_TO_WRITE_A_DATE, day_and_clock, in_24_hours, named_place
from mesoplan.dates.times import clock
from mesoplan.dates.zones import instant
from mesoplan.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

_WITH_SECONDS_OR_OFFSET = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_OF_DATES = {"st", "nd", "rd", "th", "t", "z", "am", "pm"}
_LONGEST_SHOWN = 40


class WrongLine(Exception):
    """A line can't be read: *problem* says where and why, *remedy* what to write."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class WrittenDate(NamedTuple):
    """A day in the clinic's zone, and its moment there; None where no time is written."""

    day: date
    start: datetime | None


def written_date(line: int, text: str, zone: ZoneInfo, time_text: str = "") -> WrittenDate:
    """The date in *text*, which stands in that line; its time may stand in *time_text*.

    Raises WrongLine where it is none, lacks a part, or can be read in two ways.
    """
    what = f"line {line}"
    text = text.strip()
    try:
        if _WITH_SECONDS_OR_OFFSET.fullmatch(text):
            return _iso_moment(what, text, zone)
        day, at = day_and_clock(what, text, None)
    except InvalidInput as error:
        raise _wrong(what, text, error) from None
    if at is None and time_text.strip():
        try:
            at = clock(what, in_24_hours(time_text.strip()))
        except InvalidInput as error:
            raise _wrong(what, time_text, error, "is no time of day") from None
    return WrittenDate(day, None if at is None else instant(day, at, zone))


def _iso_moment(what: str, text: str, zone: ZoneInfo) -> WrittenDate:
    try:
        moment = datetime.fromisoformat(text).replace(microsecond=0)
        if moment.tzinfo is None:
            day = moment.date()
            moment = instant(day, moment.time(), zone)
        else:
            moment = moment.astimezone(zone)
            day = moment.date()
    except (ValueError, OverflowError):
        raise InvalidInput(f"{what}: '{text}' is no date", HOW_TO_WRITE_A_DATE) from None
    require_plannable(day)
    return WrittenDate(day, moment)


def _wrong(what: str, text: str, error: InvalidInput, otherwise: str = "is no date") -> WrongLine:
    if not _fit_to_show(text):
        remedy = error.remedy if otherwise != "is no date" else HOW_TO_WRITE_A_DATE
        return WrongLine(f"{what}: what stands there {otherwise}", remedy)
    problem = error.problem
    return WrongLine(problem if problem.startswith(what) else f"{what}: {problem}", error.remedy)


def _fit_to_show(text: str) -> bool:
    return len(text) <= _LONGEST_SHOWN and all(
        word.casefold() in _WORDS_OF_DATES
        or named_place(word.casefold(), MONTHS) is not None
        or named_place(word.casefold(), WEEKDAYS) is not None
        for word in _WORD.findall(text)
    )
