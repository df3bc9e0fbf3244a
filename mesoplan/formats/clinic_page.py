"""The profile that is in force, as a page that tells where each value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.days import WEEKDAYS, day_text
from mesoplan.formats.page import Part, Table, line
from mesoplan.model import DEFAULT_TIME
from mesoplan.reminders import DEFAULT_REMINDERS, reminders_text
from mesoplan.slots import USUAL_HOURS
from mesoplan.times_of_day import TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesoplan.clinic import Profile
    from mesoplan.protocol import Protocol
    from mesoplan.toml_lines import KeyPath

_DEFAULT = "built-in default"
_NARROWEST_WITH_COLUMNS = 60


def clinic_page(
    profile: Profile, path: str | None, system_zone: str, width: int | None
) -> Iterator[Part]:
    """Every setting with its value and its source; *path* names the profile, None where is none.

    *system_zone* is what plans go by when the profile names no zone. *width* is that of the
    terminal, in columns; None for a pipe.
    """
    yield line(("Clinic's profile: ", "title"), path or "none")
    yield line()
    rows = (*_plain_values(profile, system_zone), *_calendar(profile), *_defaults(profile))
    if width is None or width >= _NARROWEST_WITH_COLUMNS:
        yield Table(("Setting", "Where from", "Value"), tuple((a, c, b) for a, b, c in rows))
    else:
        for setting, value, source in rows:
            yield line((setting, "title"), f" ({source}): {value}")
    for (goal, area), protocol in profile.protocols.items():
        yield line()
        what = f"Protocol for {goal}" + (f", {area}" if area else "")
        key = ("protocols", goal) if area is None else ("protocols", goal, area)
        yield line((what, "title"), f" ({_source(profile, key)})")
        yield line(_protocol_text(protocol), indent=2)
    yield line()
    yield line(("An option of “mesoplan plan” goes before all of these.", "quiet"))


def _plain_values(profile: Profile, system_zone: str) -> Iterator[tuple[str, str, str]]:
    for key in ("name", "address", "phone"):
        yield key, getattr(profile, key) or "not known", _source(profile, (key,))
    zone = profile.timezone
    where = "this machine" if zone is None else _source(profile, ("timezone",))
    yield "timezone", zone or system_zone, where
    for key in ("rooms", "slot_minutes"):
        yield key, str(getattr(profile, key)), _source(profile, (key,))
    yield "busy", ", ".join(profile.busy) or "none", _source(profile, ("busy",))
    yield "book", profile.book or "none", _source(profile, ("book",))


def _calendar(profile: Profile) -> Iterator[tuple[str, str, str]]:
    hours = profile.opening_hours
    if hours is None:
        text = f"not known: the time asked for, or within {USUAL_HOURS}"
        yield "hours", text, _DEFAULT
    else:
        for weekday, spans in zip(WEEKDAYS, hours, strict=True):
            key = weekday[:3].lower()
            text = " and ".join(map(str, spans)) or "closed"
            yield f"hours.{key}", text, _source(profile, ("hours", key), ("hours",))
    yield "holidays", ", ".join(profile.holidays) or "none", _source(profile, ("holidays",))
    opened = (*sorted(profile.open_holidays), *map(day_text, sorted(profile.open_days)))
    if opened:
        yield "holidays.open_on", ", ".join(opened), _source(profile, ("holidays", "open_on"))
    for number, closure in enumerate(profile.closures):
        text = str(closure) + (f" ({closure.reason})" if closure.reason else "")
        yield "closures", text, _source(profile, ("closures", number), ("closures",))


def _defaults(profile: Profile) -> Iterator[tuple[str, str, str]]:
    asked = DEFAULT_TIME if profile.time_of_day is None else profile.time_of_day
    time = asked.as_typed if isinstance(asked, TimeRange) else f"{asked:%H:%M}"
    remind = DEFAULT_REMINDERS if profile.reminders is None else profile.reminders
    for key, value in (
        ("time", time),
        ("remind", reminders_text(remind)),
        ("private", "yes" if profile.private else "no"),
        ("years", str(profile.years or 1)),
    ):
        yield f"defaults.{key}", value, _source(profile, ("defaults", key))


def _source(profile: Profile, *keys: KeyPath) -> str:
    line_number = next((profile.lines[key] for key in keys if key in profile.lines), None)
    return _DEFAULT if line_number is None else f"line {line_number}"


def _protocol_text(protocol: Protocol) -> str:
    phases = ", then ".join(map(str, protocol.phases))
    text = (
        f"{phases}; {protocol.minutes} minutes; maintenance {protocol.maintenance_per_year} a year"
    )
    narrowing = protocol.limits.narrowing
    return f"{text}; limits: {narrowing}" if narrowing else text
