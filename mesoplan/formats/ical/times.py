"""The times that one VCALENDAR takes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.formats.ical.dates import MIDNIGHT, UTC_NAME, Unreadable, WrittenTime, written_times
from mesoplan.formats.ical.events import Clocks, blocks, instant, read_event, sequence, uid
from mesoplan.formats.ical.rules import checked_rule
from mesoplan.formats.ical.zones import FileZones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, tzinfo
    from zoneinfo import ZoneInfo

    from mesoplan.dates.days import DateRange
    from mesoplan.formats.ical.effort import Effort
    from mesoplan.formats.ical.events import Event
    from mesoplan.formats.ical.series import SeriesEvent
    from mesoplan.formats.ical.text import Component, Property

    Span = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_LONG = timedelta(days=20_000)
_ROOM_FOR_ZONES = timedelta(days=2)
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are looked at, in the zone of whoever looks."""

    days: DateRange
    zone: ZoneInfo

    @property
    def first(self) -> datetime:
        """A naive moment before all of it, whatever the zone."""
        return datetime.combine(self.days.first, MIDNIGHT) - _ROOM_FOR_ZONES

    @property
    def last(self) -> datetime:
        """A naive moment after all of it, whatever the zone."""
        return datetime.combine(self.days.last, MIDNIGHT) + _DAY + _ROOM_FOR_ZONES

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """Its begin and its end, in UTC."""
        begin, end = self.days.first, self.days.last + _DAY
        return (
            instant(datetime.combine(begin, MIDNIGHT), self.zone),
            instant(datetime.combine(end, MIDNIGHT), self.zone),
        )


class TakenTime(NamedTuple):
    """A time that is taken, and by what: two of the same may be two that need a room each."""

    start: datetime
    """An instant in UTC, as the end."""
    end: datetime
    of: str | int
    """The UID; the place in the text of what has none."""


class CalendarTimes:
    """Takes the components of one VCALENDAR, and tells which times they take.

    *effort* is that of the file. *counts* says of a VEVENT whether it takes its time; one that does
    not may still take the place of an occurrence. With *moments*, what lasts no time at all is told
    too.

    Zones and the events of one series may come in any order, so that all is put off to the end.
    """

    def __init__(
        self,
        window: Window,
        effort: Effort,
        counts: Callable[[Component], bool] = blocks,
        *,
        moments: bool = False,
    ) -> None:
        self._window = window
        self._effort = effort
        self._counts = counts
        self._moments = moments
        self._first, self._last = window.first, window.last
        self._zones: list[Component] = []
        self._free_busy: list[Component] = []
        self._events: defaultdict[str | int, list[Event]] = defaultdict(list)
        """By UID; an event without one is alone, under the place where it stands."""
        self._versions: dict[str | int, int] = {}
        """The highest SEQUENCE of those that were put aside, where it is not 0."""
        self.unreadable: list[Unreadable] = []
        """What could not be read so far."""

    def add(self, component: Component) -> None:
        """Take a component of any kind; those that take no time are passed over."""
        if component.name == "VEVENT":
            self._add_event(component)
        elif component.name == "VTIMEZONE":
            self._zones.append(component)
        elif component.name == "VFREEBUSY":
            self._free_busy.append(component)

    def taken(self) -> Iterator[TakenTime]:
        """The times that are taken within the window; one that is “always” is cut at its ends.

        Raises TooMuchWork.
        """
        zones = FileZones(self._zones, self._window.days.last.year + 1)
        clocks = Clocks(zones, self._window.zone)
        begin, end = self._window.instants
        for of, (start, stop) in (*self._event_spans(clocks), *self._free_busy_spans(clocks)):
            if not (start < stop or (self._moments and start == stop)):
                continue
            if start < end and stop > begin:
                if stop - start > _LONG:
                    start, stop = max(start, begin), min(stop, end)
                yield TakenTime(start, stop, of)

    def _add_event(self, component: Component) -> None:
        key = uid(component) or component.at
        alone = not component.properties.keys() & {"RECURRENCE-ID", "RRULE", "RDATE"}
        if not alone or self._counts(component):
            try:
                event = read_event(component, self._counts)
            except Unreadable as error:
                self.unreadable.append(error)
                return
            if not alone or event.can_matter(self._first, self._last):
                self._events[key].append(event)
                return
        version = sequence(component)
        if version > self._versions.get(key, 0):
            self._versions[key] = version

    def _event_spans(self, clocks: Clocks) -> Iterator[tuple[str | int, Span]]:
        for key, events in self._events.items():
            if not any(event.blocks for event in events):
                continue
            masters = [event for event in events if event.recurrence_id is None]
            overrides = [event for event in events if event.recurrence_id is not None]
            # Of several with the same SEQUENCE all count: nothing tells which one holds.
            version = max((self._versions.get(key, 0), *(event.sequence for event in masters)))
            moved = any(event.and_future for event in overrides)
            masters = [
                event
                for event in masters
                if event.sequence == version
                and (moved or not event.recurs or event.can_matter(self._first, self._last))
            ]
            for master in masters:
                yield from ((key, span) for span in self._spans_of(master, overrides, clocks))
            if not masters:
                yield from ((key, span) for span in self._spans_alone(overrides, clocks))

    def _spans_of(self, master: Event, overrides: list[Event], clocks: Clocks) -> Iterator[Span]:
        """The spans of a master and of those that take the place of its occurrences."""
        try:
            if overrides or master.recurs:
                yield from self._series_spans(master, overrides, clocks)
            else:
                yield clocks.span(master)
        except Unreadable as error:
            self.unreadable.append(error)
            yield from self._spans_alone(overrides, clocks)
        except (ValueError, OverflowError):
            self.unreadable.append(_too_far(master.at))
            yield from self._spans_alone(overrides, clocks)

    def _spans_alone(self, overrides: Iterable[Event], clocks: Clocks) -> Iterator[Span]:
        """The spans of events that would take the place of an occurrence, but have no series."""
        newest: dict[WrittenTime | None, Event] = {}
        for event in sorted(overrides, key=lambda event: event.sequence):
            newest[event.recurrence_id] = event
        for event in newest.values():
            if event.blocks and event.can_matter(self._first, self._last):
                try:
                    yield clocks.span(event)
                except Unreadable as error:
                    self.unreadable.append(error)
                except OverflowError:
                    self.unreadable.append(_too_far(event.at))

    def _series_spans(
        self, master: Event, overrides: Iterable[Event], clocks: Clocks
    ) -> Iterator[Span]:
        from mesoplan.formats.ical.series import taken_times

        zone = clocks.zone(master.start, master.at)
        reading = _SeriesReading(master, clocks, zone, self._effort)
        series = [reading.event(master)]
        for event in overrides:
            try:
                series.append(reading.event(event))
            except Unreadable as error:
                self.unreadable.append(error)
            except OverflowError:
                self.unreadable.append(_too_far(event.at))
        for start, end in list(taken_times(series, self._first, self._last, self._effort)):
            yield instant(start, reading.zone), instant(end, reading.zone)

    def _free_busy_spans(self, clocks: Clocks) -> Iterator[tuple[int, Span]]:
        for component in self._free_busy:
            for found in component.properties.get("FREEBUSY", []):
                if found.parameters.get("FBTYPE", "").upper() != "FREE":
                    yield from ((found.at, span) for span in self._periods(found, clocks))

    def _periods(self, found: Property, clocks: Clocks) -> Iterator[Span]:
        try:
            for start, end in written_times("FREEBUSY", found):
                yield clocks.period(start, end, found.at)
        except Unreadable as error:
            self.unreadable.append(error)
        except OverflowError:
            self.unreadable.append(_too_far(found.at))


@dataclass(frozen=True, slots=True)
class _SeriesReading:
    """Puts all times of a series by the clocks that its master goes by."""

    master: Event
    clocks: Clocks
    zone: tzinfo
    effort: Effort

    def event(self, event: Event) -> SeriesEvent:
        """The event with its times naive, by the clocks of the series.

        Raises Unreadable where a date or rule in it is broken or nobody knows a zone, and
        TooMuchWork.
        """
        from mesoplan.formats.ical.series import SeriesEvent

        start = self.clocks.local(event.start, self.zone, event.at)
        until = partial(self._until, at=event.at)
        rid = event.recurrence_id
        return SeriesEvent(
            start=start,
            end=self.clocks.local_end(event, self.zone),
            blocks=event.blocks,
            sequence=event.sequence,
            recurrence_id=None if rid is None else self._occurrence(rid, event.at),
            and_future=event.and_future,
            rules=tuple(checked_rule(found, start, until, self.effort) for found in event.rules),
            dates=tuple(self._further_dates(event)),
            exceptions=tuple(self._exceptions(event)),
        )

    def _further_dates(self, event: Event) -> Iterator[datetime | tuple[datetime, timedelta]]:
        for found in event.dates:
            for written, end in written_times("RDATE", found):
                start = self._occurrence(written, found.at)
                if end is None:
                    yield start
                else:
                    begins, ends = self.clocks.period(written, end, found.at)
                    yield start, ends - begins

    def _exceptions(self, event: Event) -> Iterator[datetime | date]:
        for found in event.exceptions:
            for written, _ in written_times("EXDATE", found):
                if written.is_day and not self.master.start.is_day:
                    yield written.local.date()
                else:
                    yield self._occurrence(written, found.at)

    def _occurrence(self, written: WrittenTime, at: int) -> datetime:
        """The start of the occurrence that is meant, even where it is told by day or in UTC."""
        if self.master.start.is_day:
            return self._day(written, at)
        if written.is_day:
            return datetime.combine(written.local, self.master.start.local.time())
        if not written.zone_name:
            return written.local
        return self.clocks.local(written, self.zone, at)

    def _until(self, written: WrittenTime, at: int) -> datetime:
        """The last moment at which an occurrence may start, by the clocks of the series."""
        if self.master.start.is_day:
            return self._day(written, at)
        if written.is_day:
            return datetime.combine(written.local, _END_OF_DAY)
        if not written.zone_name or not self.master.start.zone_name:
            return written.local
        return self.clocks.local(written, self.zone, at)

    def _day(self, written: WrittenTime, at: int) -> datetime:
        """The midnight of the day that is meant, where a day is to be told.

        Some programs tell a day by its midnight in UTC, some by its midnight here, put into UTC.
        """
        local = written.local
        if written.zone_name and not (written.zone_name == UTC_NAME and local.time() == MIDNIGHT):
            local = self.clocks.local(written, self.clocks.reader, at)
        return datetime.combine(local, MIDNIGHT)


def _too_far(at: int) -> Unreadable:
    return Unreadable(at, "its dates can't be worked out")
