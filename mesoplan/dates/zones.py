"""Time zones by name, and the instant that a clock in one of them shows."""

from __future__ import annotations

import zoneinfo
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from mesoplan.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable


def find_zone(name: str) -> ZoneInfo:
    """The zone with the IANA name *name* (“Europe/Paris”), spelled exactly so.

    Raises UnknownName, with the nearest names, if there is no such zone.
    """
    # A ZoneInfo does not prove the name: on a file system that ignores letter case it is found
    # under “europe/paris” too, and that name would go into the calendar file.
    if name not in zone_names() and name not in _all_names():
        cities = {zone.rpartition("/")[2]: zone for zone in sorted(_all_names())}
        by_city = cities.get(name.strip().replace(" ", "_").title())
        error = UnknownName(
            "time zone",
            name,
            _all_names(),
            "give an IANA name such as Europe/Paris, Asia/Bangkok or America/New_York",
        )
        if by_city is not None and by_city not in error.suggestions:
            error.suggestions.insert(0, by_city)
            error.remedy = f"did you mean {' or '.join(error.suggestions[:3])}?"
        raise error
    return known_zone(name)


class _Zone(ZoneInfo):
    """A zone that is copied and pickled by its name, which those read from a file can't be."""

    def __reduce__(self) -> tuple[Callable[[str], ZoneInfo], tuple[str]]:
        return known_zone, (self.key,)


@cache
def known_zone(name: str) -> ZoneInfo:
    """The zone of a known IANA name, as `zone_file` describes it."""
    return _Zone.from_file(BytesIO(zone_file(name)), key=name)


@cache
def zone_names() -> frozenset[str]:
    """The names of all zones that the zone data has."""
    # Reading this list takes a hundredth of the time of walking the zone files.
    return frozenset((tzdata_folder() / "zones").read_text(encoding="ascii").split())


@cache
def _all_names() -> frozenset[str]:
    # A table may have a wrong name in every row.
    return frozenset(available_timezones())


def country_of_zone(name: str) -> str | None:
    """The country of a zone in two letters, as the zone data has it; None for “Etc/UTC”."""
    table = (tzdata_folder() / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((country for country, _, zone, *_ in rows if zone == name), None)


def tzdata_folder() -> Path:
    """The folder of the tzdata package: its list of names, and the zone files in `zoneinfo`."""
    import tzdata

    return Path(tzdata.__file__).parent


def zone_file(name: str) -> bytes:
    """The zone file of an IANA name, from the newer of the system's zone data and the package's.

    Data without a version may be years old.
    """
    folders = [tzdata_folder() / "zoneinfo", *map(Path, zoneinfo.TZPATH)]
    newest_first = (max(folders, key=_version), *folders)
    found = (path for folder in newest_first if (path := folder / name).is_file())
    return next(found).read_bytes()


def _version(folder: Path) -> str:
    """“# version 2026f”; empty if the folder doesn't say."""
    with suppress(OSError, ValueError), (folder / "tzdata.zi").open(encoding="ascii") as file:
        return file.readline().strip()
    return ""


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in *zone* show *clock* on *day*, as zoneinfo has it.

    A time that the clocks skip is returned as the one they show instead; of a time that they show
    twice, the first is taken.
    """
    return datetime.combine(day, clock, zone).astimezone(UTC).astimezone(zone)


def shown_text(moment: datetime) -> str:
    """What the clocks show at a moment: “2026-12-01T10:00:00”, without the offset from UTC."""
    # With its zone, making the text would take four times as long.
    return moment.replace(tzinfo=None, microsecond=0).isoformat()


def shown_twice(moment: datetime) -> bool:
    """Whether the clocks of its zone show the time of an aware moment a second time."""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def later(moment: datetime, minutes: int) -> datetime:
    """The moment *minutes* of elapsed time after an aware *moment*, in the same zone."""
    return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(moment.tzinfo)


@lru_cache(maxsize=64)
def days_that_skip(zone_name: str, clock: time, year: int) -> frozenset[date]:
    """The days of a year on which clocks skip *clock* and are in the next day after that."""
    zone = find_zone(zone_name)
    days = (date(year, 1, 1) + timedelta(days=k) for k in range(366))
    return frozenset(day for day in days if instant(day, clock, zone).date() != day)
