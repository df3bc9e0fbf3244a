"""The occurrences of a series of events, worked out by recurring_ical_events.

Times go in and come out as the clocks of one zone show them, without that zone: the library tells
an occurrence both by its time in UTC and by the clocks, so that of a series at 9:00 and 10:00 in
Paris it would take out both where one is excepted. A day goes in as its midnight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import gcd
from typing import TYPE_CHECKING, Any

from dateutil.rrule import rrulestr
from icalendar import Event
from icalendar.prop import vDDDLists, vDDDTypes, vRecur
from recurring_ical_events import EventAdapter, Series

from mesoplan.formats.ical.rules import times_a_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from mesoplan.formats.ical.effort import Effort

_DAY = timedelta(days=1)
_NOT_OLD = timedelta(days=60)
_DAYS_A_YEAR = 365
_DAYS_BETWEEN = {"DAILY": 1, "WEEKLY": 7}
_IN_EACH_PERIOD = {
    "DAILY": {"FREQ", "INTERVAL", "WKST", "COUNT"},
    "WEEKLY": {"FREQ", "INTERVAL", "WKST", "COUNT", "BYDAY"},
}
"""By frequency: a rule of these parts alone has a date in each of its periods."""
_DAYS_OF_A_CYCLE = 146_097
"""Of the 400 years after which the calendar is the same again."""
_IN_A_CYCLE = {"YEARLY": 400, "MONTHLY": 4800}


@dataclass(frozen=True, slots=True, eq=False)
class SeriesEvent:
    """One event of a series: the master, or one that takes the place of an occurrence."""

    start: datetime
    end: datetime
    blocks: bool
    sequence: int
    recurrence_id: datetime | None
    """The start of the occurrence whose place it takes; None for the master."""
    and_future: bool
    """Whether it takes the place of all later ones too."""
    rules: tuple[str, ...]
    dates: tuple[datetime | tuple[datetime, timedelta], ...]
    """Further occurrences, with their length where they have one of their own."""
    exceptions: tuple[datetime | date, ...]
    """Occurrences that do not take place; a date takes out all of its day."""


def taken_times(
    events: Sequence[SeriesEvent], first: datetime, last: datetime, effort: Effort
) -> Iterator[tuple[datetime, datetime]]:
    """Yield start and end of each occurrence that blocks and that overlaps a span of time.

    Raises ValueError or OverflowError where the library can't work it out, and TooMuchWork.
    """
    if not any(event.and_future for event in events):
        events = [_skipped_ahead(event, first) for event in events]
    for event in events:
        for rule in event.rules:
            effort.pass_years(*_passed(rule, event.start, first))
    if len(events) == 1 and len(events[0].rules) == 1 and not events[0].dates:
        yield from _times_of_rule(events[0], first, last, effort)
        return
    series = Series([_Adapter(event) for event in events])
    for occurrence in series.between(first, last):
        effort.find_occurrence()
        found = occurrence.as_component(keep_recurrence_attributes=False)
        if found["blocks"]:
            yield found["start"], found["end"]


def _times_of_rule(
    event: SeriesEvent, first: datetime, last: datetime, effort: Effort
) -> Iterator[tuple[datetime, datetime]]:
    """The same of one event and its rule alone, as nearly all series are: many times as quick."""
    if not event.blocks or _is_over_before_it_begins(event):
        return
    length = event.end - event.start
    earliest, exceptions = first - length, set(event.exceptions)
    for start in _with_its_own(rrulestr(event.rules[0], dtstart=event.start), event.start):
        if start >= last:
            return
        effort.find_plain_occurrence()
        is_taken = start > earliest or start == first
        if is_taken and not {start, start.date()} & exceptions:
            yield start, start + length


def _is_over_before_it_begins(event: SeriesEvent) -> bool:
    until = dict(part.split("=") for part in event.rules[0].split(";")).get("UNTIL")
    return until is not None and datetime.fromisoformat(until) < event.start


def _with_its_own(dates: Iterable[datetime], start: datetime) -> Iterator[datetime]:
    """The dates of a rule, and the start of the series where it is none of them."""
    found = iter(dates)
    earliest = next(found, None)
    if earliest != start:
        yield start
    if earliest is not None:
        yield earliest
        yield from found


def _passed(rule: str, start: datetime, first: datetime) -> tuple[int, str, int]:
    """How many years dateutil goes through before *first*, at what frequency, how often a day."""
    parts = dict(part.split("=") for part in rule.split(";"))
    frequency, end = parts["FREQ"], first.year
    if "UNTIL" in parts:
        end = min(end, int(parts["UNTIL"][:4]))
    elif "COUNT" in parts and parts.keys() <= _IN_EACH_PERIOD.get(frequency, frozenset()):
        days = int(parts["COUNT"]) * int(parts.get("INTERVAL", 1)) * _DAYS_BETWEEN[frequency]
        end = min(end, start.year + 1 + days // _DAYS_A_YEAR)
    return end - start.year, frequency, times_a_day(frequency)


def _skipped_ahead(event: SeriesEvent, first: datetime) -> SeriesEvent:
    """The series from an occurrence shortly before *first*, where that is simple; else as it is.

    dateutil goes through all occurrences from the start on, and a series may be old, such as
    birthdays since 1604. A rule by days or weeks is the same from any whole number of its intervals
    later, one by months or years from the same day of another cycle of the calendar; then its first
    date is its start. COUNT counts from the true start, and BYSETPOS needs whole weeks.
    """
    length = event.end - event.start
    if len(event.rules) != 1 or first - event.start <= length + _NOT_OLD:
        return event
    (rule,) = event.rules
    parts = dict(part.split("=") for part in rule.split(";"))
    if parts.keys() & {"COUNT", "BYSETPOS"}:
        return event
    days = _days_until_alike(parts["FREQ"], int(parts.get("INTERVAL", 1)))
    intervals = (first - length - _DAY - event.start) // timedelta(days=days)
    if not intervals:
        return event
    later = next(iter(rrulestr(rule, dtstart=event.start + timedelta(days=days * intervals))), None)
    if later is None:
        return event
    return replace(event, start=later, end=later + length)


def _days_until_alike(frequency: str, interval: int) -> int:
    """After how many days a rule goes on as it does from its start."""
    if frequency in _IN_A_CYCLE:
        return _DAYS_OF_A_CYCLE * (interval // gcd(interval, _IN_A_CYCLE[frequency]))
    return interval * (7 if frequency == "WEEKLY" else 1)


class _Adapter(EventAdapter):  # type: ignore[misc]  # the library has no types
    """Gives back the few values that are asked for, where the library would copy a component."""

    def __init__(self, event: SeriesEvent) -> None:
        super().__init__(_component(event))
        self._blocks = event.blocks

    def as_component(
        self,
        start: datetime | None = None,
        stop: datetime | None = None,
        keep_recurrence_attributes: bool = True,  # noqa: ARG002 - the library's
    ) -> dict[str, Any]:
        return {"start": start, "end": stop, "blocks": self._blocks}


def _component(event: SeriesEvent) -> Event:
    component = Event()
    component["UID"] = "series"
    component["SEQUENCE"] = event.sequence
    component["DTSTART"] = vDDDTypes(event.start)
    component["DTEND"] = vDDDTypes(event.end)
    if event.recurrence_id is not None:
        component["RECURRENCE-ID"] = vDDDTypes(event.recurrence_id)
        if event.and_future:
            component["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
    if event.rules:
        component["RRULE"] = [vRecur.from_ical(rule) for rule in event.rules]
    if event.dates:
        component["RDATE"] = vDDDLists(event.dates)
    if event.exceptions:
        component["EXDATE"] = vDDDLists(event.exceptions)
    return component
