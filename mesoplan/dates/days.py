"""Days and ranges of days, how they are written, and which can be planned with.

The conventions for dates:
- A *day* is a `datetime.date` in the clinic's time zone; a *moment* is an aware `datetime` there.
- An interval is the number of calendar days from one session's day to the next one's.
- A range of days includes both its ends.
- Weekdays count from Monday = 0, as in `date.weekday()`.
- Days from 2020 to 2089 can be planned with.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FIRST_YEAR, LAST_YEAR = 2020, 2089

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def day_text(day: date) -> str:
    """“Tue 1 Dec 2026”, whatever the locale."""
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def start_text(start: datetime) -> str:
    """“Tue 1 Dec 2026 10:00”."""
    return f"{day_text(start.date())} {start:%H:%M}"


def near_day_text(day: date, today: date) -> str:
    """“Tue 1 Dec”, or with its year where that is not today's."""
    text = day_text(day)
    return text.rpartition(" ")[0] if day.year == today.year else text


def weekdays_text(days: Iterable[date]) -> str:
    """“Mondays to Wednesdays and Fridays”: the weekdays of the days, each once, in order."""
    return list_of_weekdays(day.weekday() for day in days)


def list_of_weekdays(weekdays: Iterable[int]) -> str:
    """The same of weekdays, Monday = 0."""
    runs: list[list[str]] = []
    found = set(weekdays)
    for weekday in sorted(found):
        if weekday - 1 not in found:
            runs.append([])
        runs[-1].append(f"{WEEKDAYS[weekday]}s")
    if len(found) == len(WEEKDAYS):
        return "all days of the week"
    texts = [[f"{run[0]} to {run[-1]}"] if len(run) > 2 else run for run in runs]
    return listed([text for run in texts for text in run])


def listed(names: Sequence[object]) -> str:
    """“3”, “3 and 4”, “3, 4 and m1”."""
    *others, last = map(str, names)
    return f"{', '.join(others)} and {last}" if others else last


def span_text(first: date, last: date) -> str:
    """“24 Dec 2026 – 3 Jan 2027”, “4 – 12 Jan 2027”, or one day with its weekday."""
    if first == last:
        return day_text(first)
    end = f"{last.day} {MONTHS[last.month - 1][:3]} {last.year}"
    if first.year != last.year:
        return f"{first.day} {MONTHS[first.month - 1][:3]} {first.year} – {end}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1][:3]} – {end}"
    return f"{first.day} – {end}"


def list_text(days: Sequence[date]) -> str:
    """Several days in words, short: a run as a span, else the first three of them."""
    if (days[-1] - days[0]).days == len(days) - 1:
        return span_text(days[0], days[-1])
    shown = ", ".join(day_text(day) for day in days[:3])
    return f"{shown} and {len(days) - 3} more" if len(days) > 3 else shown


def days_text(number: int) -> str:
    """“1 day”, “3 days”."""
    return f"{number} day" if number == 1 else f"{number} days"


def months_after(day: date, months: int) -> date:
    """The same day that many months later; one that the month lacks rolls back."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of days, both ends included.

    Raises InvalidInput if the last day comes before the first.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidInput(
                f"the range {self.first}..{self.last} ends before it begins",
                f"write the earlier day first: {self.last}..{self.first}",
            )

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=k) for k in range(len(self)))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return span_text(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Closure(DateRange):
    """Days on which the clinic is closed, and why."""

    reason: str | None = None
    """As the clinic names it: “Christmas”."""


def require_plannable(day: date) -> None:
    """Raise InvalidInput unless *day* is a day in the years that can be planned with."""
    if isinstance(day, datetime):
        raise InvalidInput(f"{day.isoformat()} is a moment, not a day", "give its date()")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(
            f"{day.isoformat()} is outside the years that can be planned, {FIRST_YEAR} to "
            f"{LAST_YEAR}",
            "check the year",
        )


class ClosedTime(NamedTuple):
    """A time for which the clinic is closed, from one moment to another by its own clocks."""

    begin: datetime
    """Begin and end are naive."""
    end: datetime
    reason: str | None = None

    def __str__(self) -> str:
        """“Thu 24 Dec 2026, 12:00–18:00”, or with both days."""
        begin = f"{day_text(self.begin.date())}, {self.begin:%H:%M}"
        if self.begin.date() == self.end.date():
            return f"{begin}–{self.end:%H:%M}"
        return f"{begin} – {day_text(self.end.date())}, {self.end:%H:%M}"

    def require_plannable(self) -> None:
        """Raise InvalidInput unless it ends after it begins, in the years to plan with."""
        for moment in (self.begin, self.end):
            require_plannable(moment.date())
            if moment.tzinfo is not None or moment != moment.replace(second=0, microsecond=0):
                raise InvalidInput(
                    f"{moment.isoformat()} is not a plain hour and minute of a day",
                    "write the clinic's own time, as 2026-12-24 12:00",
                )
        if self.end <= self.begin:
            raise InvalidInput(
                f"the time {self.begin:%Y-%m-%d %H:%M}..{self.end:%Y-%m-%d %H:%M} ends before it "
                "begins",
                "write the earlier time first",
            )
