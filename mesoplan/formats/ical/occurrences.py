"""When the events of calendar text take place: the times that one VCALENDAR takes.

Plain rules are expanded by dateutil, series with changed occurrences by recurring_ical_events. Both
get a series by the clocks of its zone, without that zone: the latter knows an occurrence both by
its time in UTC and by the clocks, so that of a series at 9:00 and 10:00 in Paris it would take out
both where one is excepted. A day goes in as its midnight.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import FileProblem, quoted
from mesoplan.formats.ical.events import (
    Clocks,
    Event,
    instant,
    read_event,
    sequence,
    takes_time,
    travel_time,
    uid,
)
from mesoplan.formats.ical.lines import Damaged, components
from mesoplan.formats.ical.values import (
    DAY,
    MIDNIGHT,
    UTC_NAME,
    TooMuchWork,
    Unreadable,
    Work,
    Written,
    read_rule,
    written_list,
)
from mesoplan.formats.ical.zones import FileZones

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    import icalendar

    from mesoplan.dates.days import DateRange
    from mesoplan.formats.ical.events import Span
    from mesoplan.formats.ical.lines import Block


_EXPORT_AGAIN = "export it again from the calendar program, as an iCalendar (.ics) file"
_LONG = timedelta(days=20_000)
_ROOM_FOR_ZONES = timedelta(days=2)
_END_OF_DAY = time(23, 59, 59)
_TAKES_TIME = "X-TAKES-TIME"
_WORK_OF_A_CHANGE = 100


class TakenTime(NamedTuple):
    """A time that is taken, and by what: two of the same may be two that need a room each."""

    start: datetime
    """An instant in UTC, as the end."""
    end: datetime
    of: str | int
    """The UID; the place in the text of what has none."""


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked for in a file."""

    days: DateRange
    zone: ZoneInfo
    """Of whoever looks: days begin, and times without a zone are, by its clocks."""
    counts: Callable[[Block], bool] = takes_time
    """Whether a VEVENT takes its time; if not, it may still replace an occurrence that does."""
    appointments: bool = False
    """Whether every event matters, even one that lasts no time, and no VFREEBUSY does."""
    most_repeats: int | None = None
    """For how many of its periods a series without an end is followed; None for all the days."""


@dataclass(slots=True)
class FileTimes:
    """What was found in a file."""

    taken: set[TakenTime]
    unreadable: tuple[str, ...]
    """For each event that can't be read the line, and what is wrong."""
    followed_until: datetime | None
    """The last moment to which a series without an end was followed, if one was cut."""
    notes: tuple[str, ...]
    """What was understood in some way of its own, or passed over as a whole."""


def taken_times(
    data: bytes,
    looking: Looking,
    path: Path | None,
    name: str,
    export_less: str,
    sees: Callable[[Block], object],
) -> FileTimes:
    """The times that a calendar file takes; *sees* is shown each component.

    *name* is what a message calls it. Raises FileProblem if the calendar is not whole, or if its
    repeating events take too long: then *export_less* says what to do.
    """
    try:
        return _taken_times(data, looking, sees)
    except TooMuchWork:
        problem = f"{name}: its repeating events take too long to work out"
        raise FileProblem(path, problem, export_less) from None
    except Damaged as error:
        problem = f"{name}, line {error.line}: {error.problem}"
        raise FileProblem(path, problem, _EXPORT_AGAIN) from None


def _taken_times(data: bytes, looking: Looking, sees: Callable[[Block], object]) -> FileTimes:
    work = Work(len(data))
    calendar = _Calendar(looking, work)
    read: list[_Calendar] = []
    taken: set[TakenTime] = set()
    for component in components(data):
        sees(component)
        if component.name != "VCALENDAR":
            calendar.add(component)
            continue
        # It comes when all that is in it has come.
        if component.word("METHOD") != "CANCEL":
            taken.update(calendar.taken())
            read.append(calendar)
        calendar = _Calendar(looking, work)
    problems = sorted((each for one in read for each in one.unreadable), key=attrgetter("at"))
    # What belongs to several events of one UID was looked at for each of them.
    lines = dict.fromkeys(f"line {each.at}: {each.problem}" for each in problems)
    cut = max((each for one in read for each in one.cut), default=None)
    notes = dict.fromkeys(each for one in read for each in one.notes)
    return FileTimes(taken, tuple(lines), cut, tuple(notes))


class _Calendar:
    """Takes the components of one VCALENDAR, and gives the times that they take.

    Zones and the events of one series may come in any order, so all is put off to the end.
    """

    def __init__(self, looking: Looking, work: Work) -> None:
        self.looking = looking
        self.work = work
        begin = datetime.combine(looking.days.first, MIDNIGHT)
        end = datetime.combine(looking.days.last, MIDNIGHT) + DAY
        self.span = instant(begin, looking.zone), instant(end, looking.zone)
        self.first, self.last = begin - _ROOM_FOR_ZONES, end + _ROOM_FOR_ZONES
        self.cut: list[datetime] = []
        """Where series without an end were cut."""
        self.unreadable: list[Unreadable] = []
        """What could not be read so far."""
        self.notes: list[str] = []
        self._travel: dict[str | int, timedelta] = {}
        """By UID: for how long before it somebody is on the way."""
        self._zones: list[Block] = []
        self._free_busy: list[Block] = []
        self._events: defaultdict[str | int, list[Event]] = defaultdict(list)
        """By UID; an event without one is alone, under the line where it stands."""
        self._versions: dict[str | int, int] = {}
        """The highest SEQUENCE of those that were put aside, where it is not 0."""

    def add(self, component: Block) -> None:
        """Take a component of any kind; those that take no time are passed over."""
        if component.name == "VEVENT":
            with self.noted(component.number):
                self._add_event(component)
        elif component.name == "VTIMEZONE":
            self._zones.append(component)
        elif component.name == "VFREEBUSY" and not self.looking.appointments:
            self._free_busy.append(component)
        elif component.name == "VAVAILABILITY" and not self.looking.appointments:
            self.notes.append("working hours (VAVAILABILITY) are not read.")

    def _add_event(self, component: Block) -> None:
        """Keep an event if it may matter: of a large calendar nearly all are put aside here."""
        key = uid(component) or component.number
        counts = self.looking.counts(component)
        alone = not any(map(component.first, ("RECURRENCE-ID", "RRULE", "RDATE")))
        if counts or not alone:
            event = read_event(component, counts)
            if not alone or event.can_matter(self.first, self.last):
                self._events[key].append(event)
                if counts and not self.looking.appointments:
                    travel = travel_time(component)
                    self._travel[key] = max(travel, self._travel.get(key, travel))
                return
        if version := sequence(component):
            self._versions[key] = max(version, self._versions.get(key, 0))

    def taken(self) -> Iterator[TakenTime]:
        """The times that are taken; one that is “always” is cut to the days that are looked at.

        Raises TooMuchWork.
        """
        clocks = Clocks(FileZones(self._zones, self.last.year + 1, by_offset={}), self.looking.zone)
        begin, end = self.span
        for of, (start, stop) in (*self._event_spans(clocks), *self._free_busy_spans(clocks)):
            if (travel := self._travel.get(of)) and start.year > 1:
                start -= travel
            lasts = start < stop or (self.looking.appointments and start == stop)
            if lasts and start < end and stop > begin:
                if stop - start > _LONG:
                    start, stop = max(start, begin), min(stop, end)
                yield TakenTime(start, stop, of)
        for name, offset in (clocks.zones.by_offset or {}).items():
            zone = f"the time zone {quoted(name)} is not defined"
            self.notes.append(f"{zone}, so it is read as {offset} all year round.")

    def _event_spans(self, clocks: Clocks) -> Iterator[tuple[str | int, Span]]:
        for key, events in self._events.items():
            if not any(event.takes_time for event in events):
                continue
            masters = [event for event in events if event.recurrence_id is None]
            overrides = [event for event in events if event.recurrence_id is not None]
            # Of several with the same SEQUENCE all count: nothing shows which one holds.
            version = max((self._versions.get(key, 0), *(event.sequence for event in masters)))
            moved = any(event.and_future for event in overrides)
            masters = [
                event
                for event in masters
                if event.sequence == version and (moved or event.can_matter(self.first, self.last))
            ]
            for master in masters:
                yield from ((key, span) for span in self._spans_of(master, overrides, clocks))
            if not masters:
                yield from ((key, span) for span in self._spans_alone(overrides, clocks))

    def _spans_of(self, master: Event, overrides: list[Event], clocks: Clocks) -> Iterator[Span]:
        """The spans of a master and of those that take the place of its occurrences."""
        with self.noted(master.start.at):
            if overrides or master.component.all("RRULE") or master.component.all("RDATE"):
                yield from [*_Series(master, clocks, self).spans(overrides)]
            else:
                yield clocks.span(master.start, master.end)
            return
        yield from self._spans_alone(overrides, clocks)

    def _spans_alone(self, overrides: Iterable[Event], clocks: Clocks) -> Iterator[Span]:
        """The spans of events that would take the place of an occurrence, but have no series."""
        in_order = sorted(overrides, key=attrgetter("sequence"))
        newest = {event.recurrence_id and event.recurrence_id[:3]: event for event in in_order}
        for event in newest.values():
            if event.takes_time and event.can_matter(self.first, self.last):
                with self.noted(event.start.at):
                    yield clocks.span(event.start, event.end)

    def _free_busy_spans(self, clocks: Clocks) -> Iterator[tuple[int, Span]]:
        for component in self._free_busy:
            for found in component.all("FREEBUSY"):
                if found.parameters.get("FBTYPE", "").upper() != "FREE":
                    with self.noted(found.number):
                        for start, end in written_list("FREEBUSY", found):
                            yield found.number, clocks.span(start, end)

    @contextmanager
    def noted(self, at: int) -> Iterator[None]:
        """Remember what can't be read of an event, and go on."""
        try:
            yield
        except Unreadable as error:
            self.unreadable.append(error)
        except (ValueError, OverflowError):
            self.unreadable.append(Unreadable(at, "its dates can't be worked out"))


class _Series:
    """A master with its occurrences, by the clocks of its zone: here all times are naive."""

    def __init__(self, master: Event, clocks: Clocks, calendar: _Calendar) -> None:
        self._master = master
        self._clocks = clocks
        self._calendar = calendar
        self._zone = clocks.zone(master.start)
        self._start, end = clocks.span(master.start, master.end, self._zone)
        self._length = end - self._start

    def spans(self, overrides: Sequence[Event]) -> Iterator[Span]:
        """Yield the instants between which each occurrence takes place.

        Raises Unreadable, TooMuchWork, and ValueError or OverflowError where a library fails.
        """
        exceptions = frozenset(self._exceptions())
        lengths = {
            start: length
            for start, length in self._lengths([one for one in overrides if one.and_future]).items()
            if not {start, start.date()} & exceptions
        }
        found: Iterable[Span] = ()
        if overrides:
            found = self._changed(lengths, exceptions, overrides)
        elif self._master.takes_time:
            found = [(start, start + length) for start, length in lengths.items()]
        for start, end in found:
            yield instant(start, self._zone), instant(end, self._zone)

    def _lengths(self, moving: Sequence[Event]) -> dict[datetime, timedelta]:
        """How long each occurrence that may matter lasts, by its start, before any exception.

        Those that *moving* brings from anywhere into the days that are looked at matter too.
        """
        calendar = self._calendar
        since = self._start if moving else calendar.first - self._length
        back = (
            each.recurrence_id.local - each.start.local for each in moving if each.recurrence_id
        )
        until = calendar.last + max([DAY, *back])
        lengths: dict[datetime, timedelta] = {}
        ends: list[datetime] = []
        for found in self._master.component.all("RRULE"):
            rule = read_rule(found, self._start, self._until, calendar.work)
            is_endless = rule.until is None and "COUNT" not in rule.parts
            if is_endless and calendar.looking.most_repeats:
                begin = max(self._start, datetime.combine(calendar.looking.days.first, MIDNIGHT))
                rule = rule.ended(begin, calendar.looking.most_repeats, calendar.last)
                if rule.until is not None and (moving or self._master.takes_time):
                    calendar.cut.append(rule.until)
            ends += filter(None, [rule.until])
            starts = rule.dates(self._start, since, until, calendar.work)
            lengths.update(dict.fromkeys(starts, self._length))
        if not ends or self._start <= max(ends):
            lengths.setdefault(self._start, self._length)
        for found in self._master.component.all("RDATE"):
            for moment, end in written_list("RDATE", found):
                begins, ends_at = self._clocks.span(moment, end)
                length = self._length if end is None else ends_at - begins
                lengths[self._occurrence(moment)] = length
        return lengths

    def _exceptions(self) -> Iterator[date]:
        """The occurrences that do not take place; a date without a time takes out all its day."""
        for found in self._master.component.all("EXDATE"):
            for moment, _ in written_list("EXDATE", found):
                if moment.is_day and not self._master.start.is_day:
                    yield moment.local.date()
                else:
                    yield self._occurrence(moment)
        for found in self._master.component.all("EXRULE"):
            work, last = self._calendar.work, self._calendar.last + DAY
            rule = read_rule(found, self._start, self._until, work)
            yield from rule.dates(self._start, self._start, last, work)

    def _occurrence(self, moment: Written, clock: time | None = None) -> datetime:
        """The start of the occurrence that is meant, even where it is written as a day or in UTC.

        Some programs write a day as its midnight in UTC, some as its midnight here, put into UTC.
        """
        local = moment.local
        if self._master.start.is_day:
            in_utc = moment.zone_name == UTC_NAME and local.time() == MIDNIGHT
            if moment.zone_name and not in_utc:
                local = self._clocks.local(moment, self._clocks.reader)
            return datetime.combine(local, MIDNIGHT)
        if moment.is_day:
            return datetime.combine(local, clock or self._start.time())
        return self._clocks.local(moment, self._zone) if moment.zone_name else local

    def _until(self, moment: Written) -> datetime:
        """The last moment at which an occurrence may start."""
        if not (self._master.start.is_day or self._master.start.zone_name):
            moment = moment._replace(zone_name="")
        return self._occurrence(moment, _END_OF_DAY)

    def _changed(
        self,
        lengths: Mapping[datetime, timedelta],
        exceptions: Collection[date],
        overrides: Iterable[Event],
    ) -> Iterator[Span]:
        """The occurrences, some of which were changed, as recurring_ical_events finds them."""
        import icalendar
        from recurring_ical_events import of

        first = min(lengths, default=self._start)
        master = _component(self._master, first, first + self._length)
        dates = [
            start if length == self._length else (start, length)
            for start, length in lengths.items()
        ]
        master["RDATE"] = icalendar.vDDDLists(dates)
        master["EXDATE"] = icalendar.vDDDLists([*exceptions, *([] if lengths else [first])])
        calendar = icalendar.Calendar()
        calendar.add_component(master)
        for event in overrides:
            with self._calendar.noted(event.start.at):
                span = self._clocks.span(event.start, event.end, self._zone)
                replaced = self._occurrence(event.recurrence_id or event.start)
                change = _component(event, *span)
                and_future = {"RANGE": "THISANDFUTURE"} if event.and_future else {}
                change.add("RECURRENCE-ID", replaced, parameters=and_future)
                calendar.add_component(change)
        for occurrence in of(calendar).between(self._calendar.first, self._calendar.last):
            self._calendar.work.spend(_WORK_OF_A_CHANGE)
            if occurrence[_TAKES_TIME]:
                yield occurrence.start, occurrence.end


def _component(event: Event, start: datetime, end: datetime) -> icalendar.Event:
    import icalendar

    component = icalendar.Event()
    component.add("UID", "series")
    component.add("SEQUENCE", event.sequence)
    component.add("DTSTART", start)
    component.add("DTEND", end)
    component[_TAKES_TIME] = event.takes_time
    return component
