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
from mesoplan.formats.ical.events import is_cancelled, uid
from mesoplan.formats.ical.lines import Block, Damaged, Line
from mesoplan.formats.ical.occurrences import Looking, TakenTime, taken_times
from mesoplan.formats.ical.values import TooMuchWork, Unreadable, written
from mesoplan.model.plan import Notice
from mesoplan.planning.appointments import FoundDate, FoundDates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.planning.appointments import Kind

MOST_REPEATS = 16
"""How often a series without an end is followed: once more than a course has sessions."""

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
    events = _Events(match)
    looking = Looking(_ALL_YEARS, zone, events.counts, moments=True)
    try:
        taken, unreadable = taken_times(data, looking, events.prepare)
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
    notes = (*_cut(events.cut), *_unreadable(unreadable))
    if not taken:
        raise _no_dates(path, name, events, notes)
    in_order = sorted(taken, key=lambda each: (each.start, each.end, str(each.of)))
    return FoundDates(
        tuple(_date(each, zone, events.kinds.get(each.of)) for each in in_order), notes
    )


class _Events:
    """Sees each event of a file, and says whether it counts."""

    def __init__(self, match: str | None) -> None:
        self.match = None if match is None else match.casefold()
        self.kinds: dict[str | int, Kind] = {}
        """By UID: what our own records say."""
        self.cut: set[date] = set()
        """Where the series without an end were cut."""
        self.number = 0

    def prepare(self, component: Block) -> Block | None:
        """The event, where it repeats without end with an end, or the zone; None for the rest."""
        if component.name != "VEVENT":
            return component if component.name == "VTIMEZONE" else None
        self.number += 1
        kind = _kind(component)
        if kind is not None:
            self.kinds[uid(component) or component.number] = kind
        if not (component.first("RRULE") and self.counts(component)):
            return component
        return self._with_end(component)

    def counts(self, component: Block) -> bool:
        """Whether the event is not cancelled, and has the text in its title."""
        if is_cancelled(component):
            return False
        return self.match is None or self.match in (component.text("SUMMARY") or "").casefold()

    def _with_end(self, component: Block) -> Block:
        start = component.first("DTSTART")
        try:
            begin = None if start is None else written("DTSTART", start).local.date()
        except Unreadable:
            begin = None
        if begin is None:
            return component
        ended = [
            self._ended(part, begin) if isinstance(part, Line) and part.name == "RRULE" else part
            for part in component.parts
        ]
        return Block(component.name, component.number, ended)

    def _ended(self, rule: Line, begin: date) -> Line:
        """The rule with an end, where it has none."""
        text = rule.value.upper()
        if re.search("COUNT=0*[1-9]|UNTIL=", text):
            return rule
        until = _end_of_endless(text, begin)
        self.cut.add(until)
        return rule._replace(raw=rule.raw.rstrip() + f";UNTIL={until:%Y%m%d}".encode())


def _date(taken: TakenTime, zone: ZoneInfo, kind: Kind | None) -> FoundDate:
    start, end = taken.start.astimezone(zone), taken.end.astimezone(zone)
    all_day = end > start and start.time() == end.time() == time()
    if all_day:
        return FoundDate(day=start.date(), kind=kind)
    return FoundDate(day=start.date(), start=start, end=end if end > start else None, kind=kind)


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


def _kind(component: Block) -> Kind | None:
    """What our own record of an event says that it is; None without one."""
    record = component.first("X-APPOINTMENT")
    if record is None:
        return None
    return _KINDS.get(parse_qs(record.value).get("kind", [""])[0])


def _cut(days: Collection[date]) -> Iterator[Notice]:
    if days:
        text = f"what repeats without an end is followed until {day_text(max(days))} at most"
        yield Notice("SERIES_CUT", text)


def _unreadable(problems: Sequence[str]) -> Iterator[Notice]:
    if problems:
        count = len(problems)
        named = [*problems[:_MOST_NAMED]]
        named += [f"and {count - _MOST_NAMED} more"] * (count > _MOST_NAMED)
        what = "1 event can't be read and is"
        if count > 1:
            what = f"{count} events can't be read and are"
        yield Notice("EVENTS_UNREADABLE", f"{what} left out: {'; '.join(named)}")


def _no_dates(
    path: Path | None, name: str, events: _Events, notes: Sequence[Notice]
) -> FileProblem:
    if not events.number:
        why, remedy = f"there is no event in {name}", "export the calendar that has the sessions"
    elif events.match is not None:
        why = f"no event of {name} that counts has that text in its title"
        remedy = "check the text after --match, or leave it out"
    else:
        why = f"no event of {name} counts: they are cancelled, can't be read, or lie outside the "
        why += f"years {FIRST_YEAR} to {LAST_YEAR}"
        remedy = "export the calendar that has the sessions"
    problem = FileProblem(path, why, remedy)
    problem.details = tuple(note.text for note in notes)
    return problem
