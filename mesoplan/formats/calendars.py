"""Calendars of any program: when somebody is taken, and the dates of sessions planned elsewhere.

Only times are read. Titles are read only to choose events by them, and never kept, so that no
message can show them.
"""

from __future__ import annotations

import re
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from mesoplan.dates.days import FIRST_YEAR, LAST_YEAR, DateRange, day_text
from mesoplan.errors import FileProblem, printable, quoted
from mesoplan.formats.calendar_files import EXPORT_LESS, FetchedCalendar, contents
from mesoplan.formats.ical.events import AGENDA_UID, is_cancelled, uid
from mesoplan.formats.ical.lines import in_utf8
from mesoplan.formats.ical.occurrences import Looking, TakenTime, taken_times
from mesoplan.formats.plan_file.finding import RANDOM_ID, own_uid
from mesoplan.formats.plan_file.record import EVENT_PROPERTY, KINDS
from mesoplan.model.plan import Notice
from mesoplan.model.taken import BusyCalendar, BusySpan
from mesoplan.planning.appointments import Appointment, FoundDates
from mesoplan.storage.files import LONGEST_PATH
from mesoplan.wording.notices import notice_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from zoneinfo import ZoneInfo

    from mesoplan.formats.calendar_files import Source
    from mesoplan.formats.ical.lines import Block
    from mesoplan.formats.ical.occurrences import FileTimes
    from mesoplan.planning.appointments import Kind

    FileReading = tuple[set[TakenTime], FileTimes, bool]

_MOST_FILES = 16
"""How many are remembered once they are read."""
_UID = re.compile(rb"^UID[^:\r\n]*:(\S*(?:\r?\n[ \t]\S+)*)", re.MULTILINE)
_EXPORT_ONE = "export only the calendar that matters, or only the patient's appointments"

_ALL_YEARS = DateRange(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
_MOST_REPEATS = 16
"""How often a series without an end is followed: once more than a course has sessions."""
_MOST_NAMED = 10


class BusyReader:
    """Reads the calendars of several owners around the same days, each file once.

    Those whose UID is in *without* take no time: the sessions of a plan that is planned anew. Nor
    do, in the clinic's own agenda, these and the sessions of *plans*, whose ids those are: their
    times are known. “-” is *standard input*, where that is given.
    """

    def __init__(
        self,
        days: DateRange,
        zone: ZoneInfo,
        without: Collection[str] = frozenset(),
        plans: Collection[str] = frozenset(),
        standard_input: Callable[[], bytes] | None = None,
    ) -> None:
        self.unreadable: dict[str, None] = {}
        """One line per event that could not be read: where it is, and what is wrong."""
        self.notes: dict[str, None] = {}
        """What was read in a special way, or left out as a whole."""
        self.old: dict[str, None] = {}
        """Of which calendars a copy was read, and from when it is."""
        self.read = lru_cache(maxsize=_MOST_FILES)(self._read)
        self._read_file = lru_cache(maxsize=_MOST_FILES)(_read_file)
        self._looking = Looking(days, zone)
        self._without, self._plans = without, plans
        self._standard_input = standard_input and cache(standard_input)

    def _read(self, sources: tuple[Source, ...], whose: str = "") -> tuple[BusyCalendar, ...]:
        """The times that some calendars take: files, folders, archives, fetched ones.

        Each file is a calendar. So is each file of a folder or archive, except that those with one
        event or series each are one calendar together, which comes first. What several calendars
        have under the same UID at the same time is one event, and counts for the first of them.
        *whose* is shown in place of the names of files. Raises FileProblem for a file or folder
        that is missing, can't be read, or is damaged.
        """
        taken: dict[str, set[TakenTime]] = {}
        seen: set[TakenTime] = set()
        fetched = [each for each in sources if isinstance(each, FetchedCalendar)]
        for source in dict.fromkeys(sources):
            found: dict[str, set[TakenTime]] = {}
            for file, folder_name, data in contents(source, self._standard_input):
                name = whose or "/".join(filter(None, [folder_name, printable(file.name)]))
                times, read, has_one_uid = self._read_file(file, data, self._looking)
                if fetched and isinstance(source, Path):
                    # The same event may be in a fetched calendar, where its UID has another name.
                    named = fetched[0].named
                    times = {each._replace(of=named(str(each.of))) for each in times}
                self.unreadable |= dict.fromkeys(f"{name}, {each}" for each in read.unreadable)
                self.notes |= dict.fromkeys(f"{name}: {note}" for note in read.notes)
                if has_one_uid and folder_name and not whose:
                    name = folder_name
                    found = {name: found.pop(name, set()), **found}
                found.setdefault(name, set()).update(times)
            for name, times in found.items():
                counting = {
                    each for each in times if not _is_known(each.of, self._without, self._plans)
                }
                taken.setdefault(name, set()).update(counting - seen)
                seen |= times
        self.old |= dict.fromkeys(
            each.said_in(self._looking.zone) for each in fetched if each.copied_at is not None
        )
        return tuple(_calendar(name, times) for name, times in taken.items())


def _is_known(of: str | int, without: Collection[str], plans: Collection[str]) -> bool:
    if not isinstance(of, str) or not (without or plans):
        return False
    session, is_of_agenda = _session(of)
    return session in without or (is_of_agenda and session.rpartition("-")[0] in plans)


def _session(found: str) -> tuple[str, bool]:
    """The UID of the session that an event is of, if it is of one, and whether in our agenda.

    Some programs put it into a UID of their own.
    """
    known = own_uid(found)
    is_of_agenda = known.lower().startswith(AGENDA_UID)
    return own_uid(known[len(AGENDA_UID) :]) if is_of_agenda else known, is_of_agenda


def is_session(found: str) -> bool:
    """Whether the UID of an event is that of a session, or of one in our agenda."""
    return RANDOM_ID.fullmatch(_session(found)[0].rpartition("-")[0]) is not None


def plans_in(sources: Sequence[Source]) -> frozenset[str]:
    """The ids of the plans of ours that may have appointments in calendar files.

    Raises FileProblem for a file or folder that is missing or can't be read.
    """
    found = (each for it in sources for _, _, data in contents(it) for each in _UID.findall(data))
    texts = (b"".join(uid.split()).decode("ascii", "replace") for uid in found)
    return frozenset(_session(text)[0].rpartition("-")[0] for text in texts)


def _read_file(path: Path, data: bytes, looking: Looking) -> FileReading:
    """What a file takes, what was read of it, and whether all of it is of one UID.

    Some programs keep a file for each event or series.
    """
    uids: set[str | int] = set()

    def see(component: Block) -> None:
        if component.name in {"VEVENT", "VFREEBUSY"} and len(uids) < 2:
            uids.add(uid(component) or component.number)

    found = taken_times(data, looking, path, quoted(path, LONGEST_PATH), EXPORT_LESS, see)
    place = str(path.resolve())
    # An event without a UID differs from the one in the same place of another file.
    apart = {
        each if isinstance(each.of, str) else each._replace(of=f"{place}:{each.of}")
        for each in found.taken
    }
    return apart, found, len(uids) < 2


def _calendar(name: str, taken: set[TakenTime]) -> BusyCalendar:
    spans = sorted((each.start, each.end) for each in taken)
    return BusyCalendar(name, tuple(BusySpan(start, end) for start, end in spans))


def is_calendar(data: bytes) -> bool:
    """Whether the bytes of a file begin as a calendar does, or as something like it."""
    return in_utf8(data[:1000]).removeprefix(b"\xef\xbb\xbf").lstrip()[:6].upper() == b"BEGIN:"


def read_calendar(
    data: bytes, path: Path | None, name: str, zone: ZoneInfo, match: str | None
) -> FoundDates:
    """The dates of the events that are not cancelled, in *zone*.

    With *match* only those count whose title contains it. Where our own record of an event has
    survived, it says which are maintenance.
    *path* is None for standard input, *name* what a message calls it. Raises FileProblem if the
    text is damaged, or if no event is left.
    """
    events = _Events(match)
    looking = Looking(
        _ALL_YEARS, zone, events.counts, appointments=True, most_repeats=_MOST_REPEATS
    )
    found = taken_times(data, looking, path, name, _EXPORT_ONE, events.see)
    notes: list[Notice] = []
    if found.followed_until is not None:
        until = day_text(found.followed_until.date())
        text = f"Events that repeat without end are followed until {until} at most."
        notes.append(Notice("SERIES_CUT", text))
    notes += (Notice("PARTLY_READ", note) for note in found.notes)
    if problems := found.unreadable:
        more = len(problems) - _MOST_NAMED
        named = " · ".join([*problems[:_MOST_NAMED], *[f"and {more} more"] * (more > 0)])
        which = "1 event" if len(problems) == 1 else f"{len(problems)} events"
        notes.append(Notice("EVENTS_UNREADABLE", f"{which} can't be read: {named}"))
    if not found.taken:
        raise _no_dates(path, name, events, notes)
    in_order = sorted(found.taken, key=lambda each: (each.start, each.end, str(each.of)))
    dates = [_date(each, zone, events) for each in in_order]
    return FoundDates(tuple(dates), tuple(notes))


class _Events:
    """Sees each event of a file, and says whether it counts."""

    def __init__(self, match: str | None) -> None:
        self.match = None if match is None else match.casefold()
        self.kinds: dict[str | int, Kind] = {}
        """By UID: what our own records say."""
        self.plans: dict[str | int, tuple[str, int]] = {}
        """By UID: the id of the plan of ours that it is of, and its line."""
        self.number = 0

    def see(self, component: Block) -> None:
        """Count an event, and keep what our record of it says."""
        if component.name == "VEVENT":
            self.number += 1
            record = component.first(EVENT_PROPERTY)
            name = parse_qs(record.value).get("kind", [""])[0] if record else ""
            if kind := KINDS.get(name):
                own = uid(component)
                self.kinds[own or component.number] = kind
                self.plans[own] = own.rpartition("-")[0], component.number

    def counts(self, component: Block) -> bool:
        """Whether the event is not cancelled, and has the text in its title."""
        if is_cancelled(component):
            return False
        return self.match is None or self.match in (component.text("SUMMARY") or "").casefold()


def _date(taken: TakenTime, zone: ZoneInfo, events: _Events) -> Appointment:
    start, end = taken.start.astimezone(zone), taken.end.astimezone(zone)
    found = Appointment(day=start.date(), kind=events.kinds.get(taken.of))
    if len({plan for plan, _ in events.plans.values()}) > 1 and taken.of in events.plans:
        plan, line = events.plans[taken.of]
        found = found._replace(course=plan, line=line)
    all_day = end > start and start.time() == end.time() == time()
    return found if all_day else found._replace(start=start, end=end if end > start else None)


def _no_dates(
    path: Path | None, name: str, events: _Events, notes: Sequence[Notice]
) -> FileProblem:
    if not events.number:
        why, remedy = f"there is no event in {name}", "export the calendar that has the sessions"
    elif events.match is not None:
        why = f"no event in {name} has that text in its title"
        remedy = "check the text after --match, or leave it out"
    else:
        why = f"no event in {name} counts: they are cancelled, can't be read, or are outside the "
        why += f"years {FIRST_YEAR} to {LAST_YEAR}"
        remedy = "export the calendar that has the sessions"
    problem = FileProblem(path, why, remedy)
    problem.details = tuple(map(notice_text, notes))
    return problem
