"""Reads calendar files with libraries that did not write them: vobject for the structure, dateutil
for the clock changes that a VTIMEZONE describes."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import vobject
from dateutil.rrule import rrulestr
from dateutil.tz import tzical


@dataclass(frozen=True)
class ReadEvent:
    """One VEVENT as another program understands it."""

    uid: str
    start: datetime
    end: datetime
    texts: dict[str, str]
    alarms: tuple[str, ...]


@dataclass(frozen=True)
class ReadCalendar:
    """A calendar file as another program understands it."""

    properties: dict[str, str]
    timezone: Any
    """vobject's VTIMEZONE, or None."""
    events: tuple[ReadEvent, ...]


def read(data: bytes) -> ReadCalendar:
    """Read a calendar file; every moment in it as an aware datetime."""
    calendar = vobject.readOne(data.decode("utf-8"), transform=False)
    zones = calendar.contents.get("vtimezone", [])
    assert len(zones) <= 1
    zone = zones[0] if zones else None
    clock = None if zone is None else dateutil_zone(zone)
    return ReadCalendar(
        _properties(calendar),
        zone,
        tuple(_event(event, clock) for event in calendar.contents["vevent"]),
    )


def dateutil_zone(zone: Any) -> tzinfo:
    """The VTIMEZONE as dateutil understands it."""
    lines = zone.serialize(validate=False).replace("\r\n", "\n").splitlines()
    # dateutil refuses properties that it does not know.
    known = "\n".join(line for line in lines if not line.startswith("X-"))
    found = tzical(io.StringIO(known)).get()
    assert found is not None
    return found


def onsets(zone: Any, until: datetime) -> list[tuple[datetime, timedelta]]:
    """The UTC instants (naive) at which a VTIMEZONE's offsets begin to hold, in order."""
    found = []
    for kind in ("standard", "daylight"):
        for part in zone.contents.get(kind, []):
            values = _properties(part)
            first = datetime.strptime(values["dtstart"], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local
            before, after = (_offset(values[name]) for name in ("tzoffsetfrom", "tzoffsetto"))
            rule = values.get("rrule")
            local = (
                rrulestr(rule, dtstart=first).between(first, until, inc=True) if rule else [first]
            )
            found += [(moment - before, after) for moment in local]
    return sorted(found)


def _offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


def _properties(component: Any) -> dict[str, str]:
    lines = [line for lines in component.contents.values() for line in lines]
    return {line.name.lower(): line.value for line in lines if hasattr(line, "value")}


def _event(event: Any, clock: tzinfo | None) -> ReadEvent:
    texts = _properties(event)
    start, end = (_moment(event.contents[name][0], clock) for name in ("dtstart", "dtend"))
    alarms = tuple(_properties(alarm)["trigger"] for alarm in event.contents.get("valarm", []))
    return ReadEvent(texts["uid"], start, end, texts, alarms)


def _moment(line: Any, clock: tzinfo | None) -> datetime:
    if line.value.endswith("Z"):
        assert "TZID" not in line.params
        return datetime.strptime(line.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert "TZID" in line.params
    assert clock is not None
    return datetime.strptime(line.value, "%Y%m%dT%H%M%S").replace(tzinfo=clock)
