"""A change of the request, spelled as what to type: the way back from values to options."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import WEEKDAYS
from mesoplan.model import fields as kinds
from mesoplan.model.clinic import Profile
from mesoplan.model.fields import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import time

    from mesoplan.dates.days import DateRange
    from mesoplan.dates.times import TimeRange
    from mesoplan.model.causes import WayOut
    from mesoplan.model.request import Request, WeeklyHours


def spelled_ways_out(
    ways_out: Sequence[WayOut], request: Request, start_time: time | None, profile: Profile
) -> tuple[str, ...]:
    """Each way out in words, and what to type for it in place of what *request* has.

    *start_time* is the time of day that was typed with START, which a new START must repeat. What
    comes from the profile is to be changed there.
    """

    def spelled(way: WayOut) -> str:
        typed = _together(
            _spelled(field, value, request, profile) for field, value in way.change.items()
        )
        with_time = "start" in way.change and start_time is not None
        return f"{typed} {start_time:%H:%M}" if with_time else typed

    return _in_columns(ways_out, spelled)


def spelled_ways_out_of_change(
    ways_out: Sequence[WayOut], plan_path: str, request: Request
) -> tuple[str, ...]:
    """Each way out of a change in words, and what to type for it beside what was typed."""
    return _in_columns(
        ways_out,
        lambda way: _together(
            _spelled_of_change(field, value, plan_path, request)
            for field, value in way.change.items()
        ),
    )


def _in_columns(ways_out: Sequence[WayOut], spelled: Callable[[WayOut], str]) -> tuple[str, ...]:
    longest = max((len(way.text) for way in ways_out), default=0)
    return tuple(f"{way.text:<{longest}}   {spelled(way)}" for way in ways_out)


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


def _spelled(name: str, value: Any, request: Request, profile: Profile) -> str:
    """A field of the request with another value, as it is typed."""
    field = BY_NAME[name]
    option = f"--{field.option}"
    before = getattr(request, name)
    match field.kind:
        case _ if name == "start":
            return f"{value}"
        case kinds.HOURS:
            return _changed_hours(before or (), value)
        case kinds.DAYS:
            return " ".join(f"{option} {day}" for day in sorted(value - before))
        case kinds.WEEKDAYS:
            if not value:
                return f"no {option}"
            return f"{option} {_names(value)} (in place of {_names(before)})"
        case kinds.RANGES if name == "closures" and set(profile.closures) - set(value):
            return _changed_closures(before, value)
        case kinds.RANGES:
            return _changed_range(option, before, value)
        case kinds.REGIONS if profile.holidays:
            # Without the option those of the profile would be back.
            return f"{option} {','.join(value) or 'none'}"
        case kinds.REGIONS:
            return " ".join(f"no {option} {region}" for region in before if region not in value)
        case _:
            return f"{option} {field.kind.write(value)}"


def _changed_hours(old: WeeklyHours, new: WeeklyHours) -> str:
    changed = [weekday for weekday in range(len(new)) if new[weekday] != old[weekday]]
    lines = (f"{_names([weekday])} = [{_spans(new[weekday])}]" for weekday in changed)
    return f"in the profile, [hours]: {', '.join(lines)}"


def _spans(spans: Iterable[TimeRange]) -> str:
    return ", ".join(f'"{span.in_numbers}"' for span in spans)


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
