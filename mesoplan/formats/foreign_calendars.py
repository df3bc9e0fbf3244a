"""The dates of a calendar that is no plan of ours: every event is an appointment.

Cancelled events do not count. What events are called is looked at only to choose among them, and
never kept. Where our own record of an event has survived, it tells which are maintenance.
"""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from mesoplan.dates.days import FIRST_YEAR, LAST_YEAR, DateRange, day_text
from mesoplan.errors import FileProblem
from mesoplan.formats.ical.events import is_cancelled, uid
from mesoplan.formats.ical.lines import Block, Damaged
from mesoplan.formats.ical.occurrences import Looking, TakenTime, taken_times
from mesoplan.formats.ical.values import TooMuchWork
from mesoplan.model.plan import Notice
from mesoplan.planning.appointments import Appointment, FoundDates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.planning.appointments import Kind

MOST_REPEATS = 16
"""How often a series without an end is followed: once more than a course has sessions."""

_KINDS: dict[str, Kind] = {"series": "course", "upkeep": "maintenance"}
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
    looking = Looking(_ALL_YEARS, zone, events.counts, appointments=True, most_repeats=MOST_REPEATS)
    try:
        found = taken_times(data, looking, events.see)
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
    notes = (*_cut(found.followed_until), *_unreadable(found.unreadable))
    if not found.taken:
        raise _no_dates(path, name, events, notes)
    in_order = sorted(found.taken, key=lambda each: (each.start, each.end, str(each.of)))
    return FoundDates(
        tuple(_date(each, zone, events.kinds.get(each.of)) for each in in_order), notes
    )


class _Events:
    """Sees each event of a file, and says whether it counts."""

    def __init__(self, match: str | None) -> None:
        self.match = None if match is None else match.casefold()
        self.kinds: dict[str | int, Kind] = {}
        """By UID: what our own records say."""
        self.number = 0

    def see(self, component: Block) -> None:
        """Count an event, and keep what our record of it says."""
        if component.name == "VEVENT":
            self.number += 1
            record = component.first("X-APPOINTMENT")
            name = parse_qs(record.value).get("kind", [""])[0] if record else ""
            if name in _KINDS:
                self.kinds[uid(component) or component.number] = _KINDS[name]

    def counts(self, component: Block) -> bool:
        """Whether the event is not cancelled, and has the text in its title."""
        if is_cancelled(component):
            return False
        return self.match is None or self.match in (component.text("SUMMARY") or "").casefold()


def _date(taken: TakenTime, zone: ZoneInfo, kind: Kind | None) -> Appointment:
    start, end = taken.start.astimezone(zone), taken.end.astimezone(zone)
    all_day = end > start and start.time() == end.time() == time()
    if all_day:
        return Appointment(day=start.date(), kind=kind)
    return Appointment(day=start.date(), start=start, end=end if end > start else None, kind=kind)


def _cut(until: datetime | None) -> Iterator[Notice]:
    if until is not None:
        text = f"what repeats without an end is followed until {day_text(until.date())} at most"
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
