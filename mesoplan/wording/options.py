"""A change of the request, spelled as what to type: the way back from values to options."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from mesoplan.dates.days import WEEKDAYS, DateRange
from mesoplan.dates.times import TimeRange
from mesoplan.model.clinic import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import time

    from mesoplan.model.refusal import WayOut
    from mesoplan.model.request import Request, WeeklyHours


def spelled_ways_out(
    ways_out: Sequence[WayOut], request: Request, start_time: time | None, profile: Profile
) -> tuple[str, ...]:
    """Each way out in words, and what to type for it in place of what *request* has.

    *start_time* is the time of day that was typed with START, which a new START must repeat. What
    comes from the profile is to be changed there.
    """
    longest = max((len(way.text) for way in ways_out), default=0)
    lines = []
    for way in ways_out:
        typed = _together(
            _spelled(field, value, request, profile) for field, value in way.change.items()
        )
        if "start" in way.change and start_time is not None:
            typed += f" {start_time:%H:%M}"
        lines.append(f"{way.text:<{longest}}   {typed}")
    return tuple(lines)


def spelled_ways_out_of_change(
    ways_out: Sequence[WayOut], plan_path: str, request: Request
) -> tuple[str, ...]:
    """Each way out of a change in words, and what to type for it beside what was typed."""
    longest = max((len(way.text) for way in ways_out), default=0)
    return tuple(
        f"{way.text:<{longest}}   "
        + _together(
            _spelled_of_change(field, value, plan_path, request)
            for field, value in way.change.items()
        )
        for way in ways_out
    )


def _spelled_of_change(field: str, value: object, plan_path: str, request: Request) -> str:
    match field, value:
        case "late", _:
            return '--late "why"'
        case "cancel", _:
            return f"mesoplan cancel {shlex.quote(plan_path)} {value}"
        case "when", _:
            return f"{value}"
        case "by", int():
            return f"{value:+d}"
        case "extend", int():
            return f"mesoplan extend {shlex.quote(plan_path)} {value:+d}"
        case "away", tuple():
            kept = (f"--away {days.first}..{days.last}" for days in value)
            return " ".join(("--away none", *kept))
        case _:
            return _spelled(field, value, request, Profile())


def _together(parts: Iterable[str]) -> str:
    """Several options as they are typed, one after the other."""
    typed = list(parts)
    return (" " if all(part.startswith("--") for part in typed) else " and ").join(typed)


def _spelled(field: str, value: object, request: Request, profile: Profile) -> str:
    match field, value:
        case "start", _:
            return f"{value}"
        case "maintenance_per_year", _:
            return f"--maintenance {value}"
        case "time_of_day", TimeRange():
            return f"--time {value.as_typed}"
        case "duration_minutes", _:
            return f"--duration {value}"
        case "open_days", frozenset():
            return " ".join(f"--open {day}" for day in sorted(value - request.open_days))
        case "closed_weekdays", frozenset():
            if not value:
                return "no --closed"
            return f"--closed {_names(value)} (in place of {_names(request.closed_weekdays)})"
        case "opening_hours", tuple():
            return _changed_hours(request.opening_hours or (), value)
        case "closures", tuple():
            if any(days not in value for days in profile.closures):
                return _changed_closures(request.closures, value)
            return _changed_range("--closure", request.closures, value)
        case "away", tuple():
            return _changed_range("--away", request.away, value)
        case "holidays", tuple():
            if profile.holidays:
                # Without the option those of the profile would be back.
                return f"--holidays {','.join(value) or 'none'}"
            gone = [region for region in request.holidays if region not in value]
            return " ".join(f"no --holidays {region}" for region in gone)
        case _:
            return f"--{field.replace('_', '-')} {value}"


def _changed_hours(old: WeeklyHours, new: WeeklyHours) -> str:
    changed = [weekday for weekday in range(len(new)) if new[weekday] != old[weekday]]
    lines = (f"{_names([weekday])} = [{_spans(new[weekday])}]" for weekday in changed)
    return f"in the profile, [hours]: {', '.join(lines)}"


def _spans(spans: Iterable[TimeRange]) -> str:
    return ", ".join(f'"{str(span).replace("–", "-")}"' for span in spans)


def _changed_closures(old: Sequence[DateRange], new: Sequence[DateRange]) -> str:
    gone = " and ".join(f"{days.first} to {days.last}" for days in old if days not in new)
    added = " and ".join(f"{days.first} to {days.last}" for days in new if days not in old)
    change = f"make it {added}" if added else "take it out"
    return f"in the profile, [[closures]] {gone}: {change}"


def _changed_range(option: str, old: Sequence[DateRange], new: Sequence[DateRange]) -> str:
    added = " ".join(f"{option} {days.first}..{days.last}" for days in new if days not in old)
    gone = " ".join(f"{option} {days.first}..{days.last}" for days in old if days not in new)
    return f"{added} (in place of {gone})" if added else f"no {gone}"


def _names(weekdays: Iterable[int]) -> str:
    return ",".join(WEEKDAYS[weekday][:3].lower() for weekday in sorted(weekdays))
