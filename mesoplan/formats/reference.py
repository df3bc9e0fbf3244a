"""The pages of goals, rules and the clinic's profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import WEEKDAYS, day_text
from mesoplan.dates.times import DEFAULT_REMINDERS, reminders_text, time_text
from mesoplan.formats.page import Part, Table, line, table_of, titled
from mesoplan.model.request import DEFAULT_TIME
from mesoplan.planning.slots import USUAL_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mesoplan.model.clinic import Profile
    from mesoplan.rules.goals import Goal
    from mesoplan.rules.limits import Rule
    from mesoplan.rules.protocol import Protocol

_NARROWEST_WITH_AREAS = 120
_NARROWEST_WITH_FIGURES = 76


def goals_page(goals: Sequence[Goal], width: int | None) -> Iterator[Part]:
    """One row a goal, for a terminal of *width* columns; None for a pipe."""
    columns = 7 if width is None or width >= _NARROWEST_WITH_AREAS else 5
    if width is not None and width < _NARROWEST_WITH_FIGURES:
        columns = 4
    shown = dict(list(_OF_A_GOAL.items())[:columns])
    yield table_of(goals, shown)
    yield line()
    yield line(("“mesoplan goals GOAL” shows one of them with its sources and cautions.", "quiet"))


_OF_A_GOAL: dict[str, Callable[[Goal], str]] = {
    "Goal": lambda goal: goal.name,
    "Sessions": lambda goal: _phases(goal.protocol),
    "Upkeep": lambda goal: f"{goal.protocol.maintenance_per_year} a year",
    "Min": lambda goal: str(goal.protocol.minutes),
    "Figures": lambda goal: goal.protocol.grade,
    "Also called": lambda goal: ", ".join(goal.aliases),
    "Areas": lambda goal: ", ".join(goal.areas),
}


def goal_page(goal: Goal) -> Iterator[Part]:
    """All that is known of a goal."""
    yield line((goal.name.capitalize(), "title"), f": {goal.purpose}")
    yield line()
    if goal.aliases:
        yield from _entry("Also called", ", ".join(goal.aliases))
    yield from _entry("Areas", ", ".join(goal.areas))
    yield from _protocol("Protocol", goal.protocol)
    for area, protocol in goal.area_protocols.items():
        yield from _protocol(f"Protocol for the {area}", protocol)
    yield from _entry("Alternatives", "; ".join(goal.alternatives) or "the source names none")
    yield from _entry("Caution", goal.caution)


def _protocol(title: str, protocol: Protocol) -> Iterator[Part]:
    yield from _entry(
        title,
        f"{protocol.sessions} sessions of {protocol.minutes} minutes: {_phases(protocol)}; "
        f"maintenance {protocol.maintenance_per_year} a year",
    )
    if protocol.limits.narrowing:
        yield from _entry("Limits", protocol.limits.narrowing)
    yield from _entry("Where from", f"{protocol.grade}: {protocol.source}")


def _entry(title: str, text: str) -> Iterator[Part]:
    yield line((title, "title"))
    yield line(text, indent=2)


def _phases(protocol: Protocol) -> str:
    return ", then ".join(map(str, protocol.phases))


_NARROWEST_TABLE = 130


def rules_page(rules: Sequence[Rule], source: str, width: int | None) -> Iterator[Part]:
    """The rules, as a table where *width* allows (None: a pipe), else one below the other."""
    if width is None or width >= _NARROWEST_TABLE:
        rows = ((rule.id, rule.name, rule.limit, _where(rule)) for rule in rules)
        yield Table(("Rule", "Limits", "To", "Source"), tuple(rows))
    else:
        for rule in rules:
            yield line((rule.id, "title"), f"  {rule.name}: ", (rule.limit, "title"))
            yield line((_where(rule), "quiet"), indent=4)
    yield line()
    yield line(
        (f"Source: {source}. A clinic may narrow R1 to R3; nothing may widen them.", "quiet")
    )


def _where(rule: Rule) -> str:
    return f"{rule.section}: {rule.fact}"


_PROFILE, _DEFAULT = "the profile", "built-in default"
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
        what = f"Protocol for {goal}" + (f", {area}" if area else "")
        yield from titled(what, f" ({_PROFILE})")
        yield line(_protocol_text(protocol), indent=2)
    yield line()
    yield line(("An option of “mesoplan plan” goes before all of these.", "quiet"))


def _plain_values(profile: Profile, system_zone: str) -> Iterator[tuple[str, str, str]]:
    for key, value in (
        ("name", profile.name or "not known"),
        ("address", profile.address or "not known"),
        ("phone", profile.phone or "not known"),
        ("timezone", profile.timezone or system_zone),
        ("date_order", profile.date_order or "not known: 01/02/2027 is refused"),
        ("rooms", str(profile.rooms)),
        ("slot_minutes", str(profile.slot_minutes)),
        ("busy", ", ".join(profile.busy) or "none"),
        ("book", profile.book or "none"),
    ):
        default = "this machine" if key == "timezone" else _DEFAULT
        yield key, value, _PROFILE if key in profile.said else default


def _calendar(profile: Profile) -> Iterator[tuple[str, str, str]]:
    hours = profile.opening_hours
    if hours is None:
        yield "hours", f"not known: the time asked for, or within {USUAL_HOURS}", _DEFAULT
    else:
        for weekday, spans in zip(WEEKDAYS, hours, strict=True):
            text = " and ".join(map(str, spans)) or "closed"
            yield f"hours.{weekday[:3].lower()}", text, _PROFILE
    yield (
        "holidays",
        ", ".join(profile.holidays) or "none",
        _PROFILE if "holidays" in profile.said else _DEFAULT,
    )
    opened = (*sorted(profile.open_holidays), *map(day_text, sorted(profile.open_days)))
    if opened:
        yield "holidays.open_on", ", ".join(opened), _PROFILE
    for closure in profile.closures:
        text = str(closure) + (f" ({closure.reason})" if closure.reason else "")
        yield "closures", text, _PROFILE


def _defaults(profile: Profile) -> Iterator[tuple[str, str, str]]:
    remind = DEFAULT_REMINDERS if profile.reminders is None else profile.reminders
    for key, said, value in (
        ("time", profile.time_of_day, time_text(profile.time_of_day or DEFAULT_TIME)),
        ("remind", profile.reminders, reminders_text(remind)),
        ("private", profile.private, "yes" if profile.private else "no"),
        ("years", profile.years, str(profile.years or 1)),
    ):
        yield f"defaults.{key}", value, _DEFAULT if said is None else _PROFILE


def _protocol_text(protocol: Protocol) -> str:
    text = (
        f"{_phases(protocol)}; {protocol.minutes} minutes; "
        f"maintenance {protocol.maintenance_per_year} a year"
    )
    narrowing = protocol.limits.narrowing
    return f"{text}; limits: {narrowing}" if narrowing else text
