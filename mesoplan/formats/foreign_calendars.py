"""The dates of a calendar that is no plan of ours: every event is an appointment.

Cancelled events do not count. What events are called is looked at only to choose among them, and
never kept. Where our own record of an event has survived, it tells which are maintenance.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from mesoplan.dates.days import FIRST_YEAR, LAST_YEAR, DateRange, day_text
from mesoplan.errors import FileProblem
from mesoplan.formats.ical.dates import Unreadable, written_time
from mesoplan.formats.ical.effort import Effort, TooMuchWork
from mesoplan.formats.ical.events import uid
from mesoplan.formats.ical.text import CalendarText, Damaged, Property
from mesoplan.formats.ical.times import CalendarTimes, TakenTime, Window
from mesoplan.model.plan import Notice
from mesoplan.planning.appointments import FoundDate, FoundDates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.formats.ical.text import Component
    from mesoplan.planning.appointments import Kind

MOST_REPEATS = 16
"""How often a series without an end is followed: once more than a course has sessions."""

_SUMMARY, _OUR_RECORD = "SUMMARY", "X-APPOINTMENT"
_KINDS: dict[str, Kind] = {"series": "course", "upkeep": "maintenance"}
_DAYS_BETWEEN = {"WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
_ALL_YEARS = DateRange(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
_MOST_NAMED = 10


def is_calendar(data: bytes) -> bool:
    """Whether the bytes of a file begin as a calendar does, or as something like it."""
    begin = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return begin[:6].upper() == b"BEGIN:"


def read_dates(
    data: bytes, path: Path | None, name: str, zone: ZoneInfo, match: str | None
) -> FoundDates:
    """The dates of the events, in *zone*; with *match*, of those whose title contains it.

    *path* is None for standard input, *name* what a message calls it. Raises FileProblem where the
    text is damaged, and where no event is left.
    """
    text = CalendarText(data, (_SUMMARY, _OUR_RECORD))
    reading = _Reading(zone, match, Effort(len(data)))
    try:
        for component in text.components():
            reading.add(component)
    except TooMuchWork:
        raise FileProblem(
            path,
            f"{name}: what repeats in it takes too long to work out",
            "export only the calendar that matters, or only the patient's appointments",
        ) from None
    except Damaged as error:
        raise FileProblem(
            path,
            f"{name}, line {error.line}: {error.problem}",
            "export it again from the calendar program, as an iCalendar (.ics) file",
        ) from None
    notes = (*reading.cut_series(), *_unreadable(reading.unreadable, text))
    dates = reading.dates()
    if not dates:
        raise _no_dates(path, name, reading, notes)
    return FoundDates(dates, notes)


class _Reading:
    """Takes the components of a file, and tells the dates of the events that count."""

    def __init__(self, zone: ZoneInfo, match: str | None, effort: Effort) -> None:
        self._zone = zone
        self._effort = effort
        self._match = None if match is None else match.casefold()
        self._kinds: dict[str | int, Kind] = {}
        self._cut: set[date] = set()
        self._found: dict[TakenTime, None] = {}
        self._times = self._new_calendar()
        self.unreadable: list[Unreadable] = []
        self.events = 0
        """How many VEVENTs there are, whether they count or not."""

    def add(self, component: Component) -> None:
        """Take a component of any kind; what is no event and no zone is passed over."""
        if component.name == "VCALENDAR":
            # It comes when all that is in it has come.
            if component.word("METHOD") != "CANCEL":
                self._found |= dict.fromkeys(self._times.taken())
                self.unreadable += self._times.unreadable
            self._times = self._new_calendar()
        elif component.name == "VTIMEZONE":
            self._times.add(component)
        elif component.name == "VEVENT":
            self.events += 1
            kind = _kind(component)
            if kind is not None:
                self._kinds[uid(component) or component.at] = kind
            self._cut_endless(component)
            self._times.add(component)

    @property
    def matches_only(self) -> bool:
        """Whether only events with a certain text in their title count."""
        return self._match is not None

    def dates(self) -> tuple[FoundDate, ...]:
        """The dates that were found, in their order."""
        return tuple(self._date(taken) for taken in sorted(self._found, key=lambda each: each[:2]))

    def cut_series(self) -> tuple[Notice, ...]:
        """What is said of series without an end."""
        if not self._cut:
            return ()
        text = f"what repeats without an end is followed until {day_text(max(self._cut))} at most"
        return (Notice("SERIES_CUT", text),)

    def _new_calendar(self) -> CalendarTimes:
        return CalendarTimes(
            Window(_ALL_YEARS, self._zone), self._effort, self._counts, moments=True
        )

    def _counts(self, component: Component) -> bool:
        if component.word("STATUS") in {"CANCELLED", "CANCELED"}:
            return False
        return self._match is None or self._match in _title(component).casefold()

    def _cut_endless(self, component: Component) -> None:
        """Give each rule without an end one, and remember it."""
        rules = component.properties.get("RRULE", [])
        start = component.first("DTSTART")
        if start is None or not self._counts(component):
            return
        for index, found in enumerate(rules):
            if not re.search(r"(?:COUNT=0*[1-9]|UNTIL=)", found.value.upper()):
                try:
                    begin = written_time("DTSTART", start).local.date()
                except Unreadable:
                    return
                until = _end_of_endless(found.value.upper(), begin)
                self._cut.add(until)
                ended = found.text.rstrip() + f";UNTIL={until:%Y%m%d}".encode("ascii")
                rules[index] = Property(found.at, ended)

    def _date(self, taken: TakenTime) -> FoundDate:
        start, end = taken.start.astimezone(self._zone), taken.end.astimezone(self._zone)
        day, kind = start.date(), self._kinds.get(taken.of)
        all_day = end > start and start.time() == end.time() == time()
        if all_day:
            return FoundDate(day=day, kind=kind)
        return FoundDate(day=day, start=start, end=end if end > start else None, kind=kind)


def _end_of_endless(rule: str, begin: date) -> date:
    """The last day to which a rule from *begin* on is followed."""
    frequency = re.search("FREQ=([A-Z]+)", rule)
    interval = re.search("INTERVAL=([0-9]{1,5})", rule)
    days = _DAYS_BETWEEN.get(frequency[1] if frequency else "", 1)
    first, last = max(begin, _ALL_YEARS.first), max(begin, _ALL_YEARS.last)
    try:
        until = first + timedelta(
            days=days * (MOST_REPEATS - 1) * int(interval[1] if interval else 1)
        )
    except OverflowError:
        return last
    return min(until, last)


def _kind(component: Component) -> Kind | None:
    """What our own record of an event says that it is; None without one."""
    record = component.first(_OUR_RECORD)
    if record is None:
        return None
    return _KINDS.get(parse_qs(record.whole_value).get("kind", [""])[0])


def _title(component: Component) -> str:
    found = component.first(_SUMMARY)
    return "" if found is None else re.sub(r"\\(.)", r"\1", found.whole_value)


def _unreadable(problems: Sequence[Unreadable], text: CalendarText) -> tuple[Notice, ...]:
    if not problems:
        return ()
    lines = text.lines(problem.at for problem in problems)
    said = dict.fromkeys(
        f"line {lines[problem.at]}: {problem.problem}"
        for problem in sorted(problems, key=lambda problem: problem.at)
    )
    count = len(said)
    named = [*said][:_MOST_NAMED] + [f"and {count - _MOST_NAMED} more"] * (count > _MOST_NAMED)
    what = "1 event can't be read and is" if count == 1 else f"{count} events can't be read and are"
    return (Notice("EVENTS_UNREADABLE", f"{what} left out: {'; '.join(named)}"),)


def _no_dates(
    path: Path | None, name: str, reading: _Reading, notes: Sequence[Notice]
) -> FileProblem:
    if not reading.events:
        why, remedy = f"there is no event in {name}", "export the calendar that has the sessions"
    elif reading.matches_only:
        why = f"no event of {name} that counts has that text in its title"
        remedy = "check the text after --match, or leave it out"
    else:
        why = f"no event of {name} counts: they are cancelled, can't be read, or lie outside the "
        why += f"years {FIRST_YEAR} to {LAST_YEAR}"
        remedy = "export the calendar that has the sessions"
    problem = FileProblem(path, why, remedy)
    problem.details = tuple(note.text for note in notes)
    return problem
