"""Times of day, ranges of them, and how long before a session a calendar reminds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

MINUTES_A_DAY = 24 * 60

# Not compiled here, because most commands need none of them.
CLOCK = (
    r"(?:noon|([0-9]{1,2})(?:(?::|(?<!\b0)\.)([0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"|\s?h\s?([0-9]{2})?|(?=\s*[ap]))(?:\s*([ap])\.?m\.?)?)"
)
"""A time of day as people and spreadsheets write it: hour, minute or minute, half of the day.

Not 0.25, which is how a spreadsheet keeps 6:00.
"""
_RANGE = rf"({CLOCK})\s*(?:-|–|\.\.)\s*({CLOCK})"


def minutes_of(clock: time) -> int:
    """The minutes from midnight to a time of day."""
    return clock.hour * 60 + clock.minute


def clock_at(minutes: int) -> time:
    """A number of minutes since midnight as a time of day."""
    return time(*divmod(minutes, 60))


def clock_text(minutes: int) -> str:
    """“09:30”; the end of the day is “24:00”."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """A range within one day, from a time of day to a later one.

    Raises InvalidInput if it ends before it begins, or after the day.
    """

    begin_minutes: int
    """Minutes since midnight."""
    end_minutes: int
    """Minutes since midnight, at most 1440."""

    def __post_init__(self) -> None:
        if self.end_minutes <= self.begin_minutes:
            begin, end = clock_text(self.begin_minutes), clock_text(self.end_minutes)
            raise InvalidInput(
                f"{begin}-{end} ends before it begins; no range can run past midnight",
                f"write the earlier time first, or end it at 24:00: {begin}-24:00"
                if begin != "24:00"
                else "write the earlier time first",
            )
        if not 0 <= self.begin_minutes < self.end_minutes <= MINUTES_A_DAY:
            raise InvalidInput(
                f"the range from minute {self.begin_minutes} to minute {self.end_minutes} is not "
                "within a day",
                f"give minutes since midnight, 0 to {MINUTES_A_DAY}",
            )

    def __str__(self) -> str:
        return f"{clock_text(self.begin_minutes)}–{clock_text(self.end_minutes)}"

    @property
    def as_typed(self) -> str:
        """As it is typed: “afternoon”, “14:00-18:00”."""
        for name, named in NAMED_RANGES.items():
            if self == named:
                return name
        return self.in_numbers

    @property
    def in_numbers(self) -> str:
        """As it is typed without words: “12:00-24:00”."""
        return str(self).replace("–", "-")

    @property
    def in_words(self) -> str:
        """As part of a sentence: “in the afternoon”, “from 14:00 to 18:00”."""
        if self == ANY_TIME:
            return "at any time of day"
        if self in (MORNING, AFTERNOON):
            return f"in the {self.as_typed}"
        return f"from {clock_text(self.begin_minutes)} to {clock_text(self.end_minutes)}"


MORNING = TimeRange(0, MINUTES_A_DAY // 2)
AFTERNOON = TimeRange(MINUTES_A_DAY // 2, MINUTES_A_DAY)
ANY_TIME = TimeRange(0, MINUTES_A_DAY)
NAMED_RANGES = {"any": ANY_TIME, "morning": MORNING, "afternoon": AFTERNOON}


def is_clock(text: str) -> bool:
    """Whether a text can only be a time of day: “14:30”, “14h30” or “2pm”, and not 8.12."""
    return "." not in text and re.fullmatch(CLOCK, text.strip(), re.IGNORECASE) is not None


def in_24_hours(text: str) -> str:
    """“2:30:00 PM”, “14h30” or “14.30” as “14:30”; what is not a time of day as it is."""
    match = re.fullmatch(CLOCK, text.strip(), re.IGNORECASE)
    if match is None:
        return text
    hour, half = int(match[1] or 12), (match[4] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return text
        hour = hour % 12 + 12 * (half == "p")
    return f"{hour}:{match[2] or match[3] or '00'}"


def clock(what: str, text: str) -> time:
    """“9:30” as a time of day, by the 24-hour clock; *what* names it in errors."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text.strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise InvalidInput(
            f"{what}: {quoted(text)} is not a time of day",
            "write it as 9:30 or 14:00 (24-hour clock)",
        )
    return time(int(match[1]), int(match[2]))


def time_range(what: str, text: str) -> TimeRange:
    """“9:00-12:30” or “9h-12h30” as a range; it may end at 24:00."""
    match = re.fullmatch(_RANGE, text.strip(), re.IGNORECASE)
    if match is None:
        raise InvalidInput(
            f"{what}: {quoted(text)} is not a range of times",
            "write it as 9:00-12:30 (24-hour clock)",
        )
    begin, end_text = minutes_of(clock(what, in_24_hours(match[1]))), in_24_hours(match[6])
    end = MINUTES_A_DAY if end_text == "24:00" else minutes_of(clock(what, end_text))
    try:
        return TimeRange(begin, end)
    except InvalidInput as error:
        raise InvalidInput(f"{what}: {error.problem}", error.remedy) from None


def time_of_day(what: str, text: str) -> time | TimeRange:
    """“9:30” or “9h30” as a preferred time; “any”, “morning” or “14:00-18:00” as a range."""
    word = text.strip().casefold()
    if word in NAMED_RANGES:
        return NAMED_RANGES[word]
    if re.fullmatch(_RANGE, word):
        return time_range(what, word)
    try:
        return clock(what, in_24_hours(word))
    except InvalidInput as error:
        raise InvalidInput(
            error.problem, "write 9:30, morning, afternoon, any, or a range such as 14:00-18:00"
        ) from None


def time_text(asked: time | TimeRange) -> str:
    """As it is typed: “09:30”, “afternoon”, “14:00-18:00”."""
    return asked.as_typed if isinstance(asked, TimeRange) else f"{asked:%H:%M}"


def minute_set(begin: int, end: int) -> int:
    """The minutes from *begin* until before *end*, as a set."""
    return (1 << end) - (1 << begin)


def runs(minutes: int) -> Iterator[tuple[int, int]]:
    """The runs of minutes in a set, as begin and end."""
    offset = 0
    while minutes:
        skip = (minutes & -minutes).bit_length() - 1
        minutes >>= skip
        length = (~minutes & (minutes + 1)).bit_length() - 1
        yield offset + skip, offset + skip + length
        minutes >>= length
        offset += skip + length


@lru_cache(maxsize=4096)
def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which *day* begins, in UTC."""
    # If the clocks skip midnight, this is the moment at which they do.
    return datetime.combine(day, time(), zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def day_minutes(day: date, zone: ZoneInfo) -> int:
    """How many minutes *day* has: 1440, unless the clocks change."""
    length = first_moment(day + timedelta(days=1), zone) - first_moment(day, zone)
    return length // timedelta(minutes=1)


def clocks_change(day: date, zone: ZoneInfo) -> bool:
    """Whether the clocks change on *day* so that it has more or fewer minutes than others."""
    return day_minutes(day, zone) != MINUTES_A_DAY


USUAL_REMINDERS = {
    "course": (timedelta(days=2),),
    "maintenance": (timedelta(days=14), timedelta(days=2)),
}
"""How long before a session of each kind the phone reminds, where nobody says otherwise."""
USUAL_REMINDERS_ONCE = (timedelta(days=1),)
"""The same before there were two kinds: files in the wild have it."""

_REMINDER = r"([0-9]{1,4})(w|d|h|m|min)"
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
}
_LONGEST = timedelta(weeks=4)


def reminders(texts: Iterable[str]) -> tuple[timedelta, ...]:
    """“1d”, “2h”, “30m”, “1w” as the time before a session; “none” alone for no reminder."""
    found = []
    words = [text.strip().casefold() for text in texts]
    if words == ["none"]:
        return ()
    for word in words:
        match = re.fullmatch(_REMINDER, word)
        before = int(match[1]) * _UNITS[match[2]] if match else timedelta()
        if not timedelta() < before <= _LONGEST:
            raise InvalidInput(
                f"remind: {quoted(word)} is not a time from 1 minute (1m) to 4 weeks (4w)",
                "write 1d, 2h, 30m or 1w, or “none” alone",
            )
        found.append(before)
    return tuple(found)


def reminders_text(before: Sequence[timedelta]) -> str:
    """As they are typed: “1d, 2h”; “none”."""
    return ", ".join(map(_text, before)) or "none"


def _text(before: timedelta) -> str:
    for unit in ("w", "d", "h"):
        if not before % _UNITS[unit]:
            return f"{before // _UNITS[unit]}{unit}"
    return f"{before // _UNITS['m']}m"
