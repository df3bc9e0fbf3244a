"""What calendars take, read for one owner at once."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mesoplan import BusyCalendar, DateRange
from mesoplan.formats.calendar_files import Source
from mesoplan.formats.calendars import BusyReader


class BusyReading(NamedTuple):
    calendars: tuple[BusyCalendar, ...]
    unreadable: tuple[str, ...]
    notes: tuple[str, ...]
    old: tuple[str, ...]


def read_busy(
    sources: Iterable[Source], days: DateRange, zone: ZoneInfo, without: Collection[str] = ()
) -> BusyReading:
    reader = BusyReader(days, zone, without)
    calendars = reader.read(tuple(sources))
    return BusyReading(calendars, tuple(reader.unreadable), tuple(reader.notes), tuple(reader.old))
