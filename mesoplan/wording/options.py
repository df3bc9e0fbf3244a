"""A change of the request, spelled as what to type: the way back from values to options."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import WEEKDAYS
from mesoplan.model import fields as kinds
from mesoplan.model.clinic import Profile
from mesoplan.model.fields import BY_NAME, write_range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import time

    from mesoplan.dates.days import DateRange
    from mesoplan.model.causes import WayOut
    from mesoplan.model.request import Request, WeeklyHours


def spelled_ways_out(
    ways_out: Sequence[WayOut], request: Request, start_time: time | None, profile: Profile
) -> tuple[str, ...]:
    """Each way out in words, and what to type for it in place of what *request* has.

    *start_time* is the time of day that was typed with START, which a new START must repeat. What
    comes from the profile is to be changed there.
    """

    def spelled(name: str, value: Any) -> str:
        if name == "start" and start_time is not None:
            return f"{value} {start_time:%H:%M}"
        return _spelled(name, value, request, profile)

    return _in_columns(ways_out, spelled)


def spelled_ways_out_of_change(
    ways_out: Sequence[WayOut], plan_path: str, request: Request
) -> tuple[str, ...]:
    """Each way out of a change in words, and what to type for it beside what was typed."""

    def spelled(name: str, value: Any) -> str:
        return _spelled_of_change(name, value, shlex.quote(plan_path), request)

    return _in_columns(ways_out, spelled)


def _in_columns(ways_out: Sequence[WayOut], spelled: Callable[[str, Any], str]) -> tuple[str, ...]:
    longest = max((len(way.text) for way in ways_out), default=0)
    lines = []
    for way in ways_out:
        typed = [spelled(name, value) for name, value in way.change.items()]
        between = " " if all(part.startswith("--") for part in typed) else " and "
        lines.append(f"{way.text:<{longest}}   {between.join(typed)}")
    return tuple(lines)


def _spelled_of_change(name: str, value: object, plan: str, request: Request) -> str:
    """The same of a change of the plan in the file *plan*."""
    match name, value:
        case "late", _:
            return '--late "why"'
        case "cancel", _:
            return f"mesoplan cancel {plan} {value}"
        case "when", _:
            return f"{value}"
        case "by", int():
            return f"{value:+d}"
        case "extend", int():
            return f"mesoplan extend {plan} {value:+d}"
        case "away", tuple():
            kept = (f"--away {write_range(days)}" for days in value)
            return " ".join(("--away none", *kept))
        case _:
            return _spelled(name, value, request, Profile())


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
    lines = []
    for weekday, (before, after) in enumerate(zip(old, new, strict=False)):
        if before != after:
            spans = ", ".join(f'"{span.in_numbers}"' for span in after)
            lines.append(f"{_names([weekday])} = [{spans}]")
    return f"in the profile, [hours]: {', '.join(lines)}"


def _changed_closures(old: Sequence[DateRange], new: Sequence[DateRange]) -> str:
    gone, added = (
        " and ".join(f"{days.first} to {days.last}" for days in some if days not in others)
        for some, others in ((old, new), (new, old))
    )
    change = f"make it {added}" if added else "take it out"
    return f"in the profile, [[closures]] {gone}: {change}"


def _changed_range(option: str, old: Sequence[DateRange], new: Sequence[DateRange]) -> str:
    gone, added = (
        " ".join(f"{option} {write_range(days)}" for days in some if days not in others)
        for some, others in ((old, new), (new, old))
    )
    return f"{added} (in place of {gone})" if added else f"no {gone}"


def _names(weekdays: Iterable[int]) -> str:
    return ",".join(WEEKDAYS[weekday][:3].lower() for weekday in sorted(weekdays))
