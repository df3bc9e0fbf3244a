"""Reads the clinic's profile from a TOML file, with all the mistakes in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import WEEKDAYS, Closure
from mesoplan.dates.holidays import each_name, holiday_year, region_name
from mesoplan.dates.times import TimeRange, reminders, time_of_day, time_range
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, UnknownName, printable, quoted
from mesoplan.formats.checked_toml import (
    MOST_MISTAKES,
    Document,
    Mistake,
    Table,
    as_day,
    as_number_between,
    as_text,
    as_texts,
    as_whole_number,
    as_yes_or_no,
)
from mesoplan.formats.toml_lines import DEEPEST, MOST_DOTS, key_lines, line_of_endless_key
from mesoplan.model.clinic import Profile
from mesoplan.model.request import (
    MAX_PLACE_CHARACTERS,
    MAX_ROOMS,
    MAX_YEARS_OF_MAINTENANCE,
    MIN_SLOT_MINUTES,
    WeeklyHours,
    require_apart,
)
from mesoplan.model.texts import MAX_LABEL_CHARACTERS, require_one_line
from mesoplan.rules.goals import find_goal
from mesoplan.rules.limits import INTERVAL_DAYS, SESSIONS
from mesoplan.rules.protocol import (
    MAX_DURATION_MINUTES,
    MIN_DURATION_MINUTES,
    Limits,
    Phase,
    Protocol,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mesoplan.formats.toml_lines import KeyPath
    from mesoplan.rules.goals import Goal

PROTOCOL_SOURCE = "the clinic's profile"
_YEARS_TO_FIND_A_HOLIDAY_IN = range(2024, 2036)
_UNDER = {
    **dict.fromkeys(("time", "remind", "private", "years"), "defaults"),
    **dict.fromkeys(("country", "subdivision", "open_on"), "holidays"),
    **{weekday[:3].lower(): "hours" for weekday in WEEKDAYS},
}
"""Where keys belong that are written above all tables by mistake."""

_LIMITS = (
    "min_sessions",
    "max_sessions",
    "min_interval_days",
    "max_interval_days",
    "max_maintenance_per_year",
)


class ProfileMistakes(InvalidInput):
    """A profile has mistakes: all of them at once, in the order of its lines.

    Where there are more than anybody mends at once, the rest of them is not told.
    """

    def __init__(self, name: str, mistakes: tuple[Mistake, ...]) -> None:
        count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        if len(mistakes) > MOST_MISTAKES:
            count = f"more than {MOST_MISTAKES} mistakes"
        super().__init__(
            f"the clinic's profile {quoted(name, 200)} has {count}",
            "mend the file, then look again with “mesoplan clinic check”:",
        )
        self.mistakes = mistakes
        self.details = tuple(map(str, mistakes[:MOST_MISTAKES]))
        if len(mistakes) > MOST_MISTAKES:
            self.details += (f"and more than these {MOST_MISTAKES}",)


def read_profile(text: str, name: str) -> Profile:
    """The profile in the text of a TOML file; *name* is what the file is called in errors.

    Raises ProfileMistakes with all the mistakes in it.
    """
    import tomllib

    if (line := line_of_endless_key(text)) is not None:
        hint = f"there are more than {MOST_DOTS} dots; take some out"
        raise ProfileMistakes(name, (Mistake(line, "", hint),))
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The message ends in “(at line 3, column 5)”, or “(at end of document)”.
        problem, _, where = str(error).rpartition(" (at ")
        at = re.match(r"line (\d+)", where)
        line = int(at[1]) if at else text.count("\n") + 1
        hint = "texts and times stand in quotes"
        mistake = Mistake(line, "", f"it is no TOML: {printable(problem)}; {hint}")
        raise ProfileMistakes(name, (mistake,)) from error
    except (ValueError, RecursionError) as error:
        mistake = Mistake(None, "", "a number is too long, or brackets are too deep; take it out")
        raise ProfileMistakes(name, (mistake,)) from error
    document = Document(_with_inline_keys(key_lines(text), values))
    profile = _profile(Table(document, (), values))
    if document.mistakes:
        ordered = sorted(document.mistakes, key=lambda mistake: mistake.line or 0)
        raise ProfileMistakes(name, tuple(ordered))
    return profile


def _with_inline_keys(lines: dict[KeyPath, int], values: Mapping[str, Any]) -> dict[KeyPath, int]:
    """The lines, with those of keys in inline tables: each stands where the outer key does."""
    inside: list[tuple[KeyPath, Any]] = [((), values)]
    while inside:
        path, value = inside.pop()
        if path and path not in lines:
            lines[path] = lines.get(path[:-1], 1)
        if isinstance(value, dict) and len(path) < DEEPEST:
            inside += [((*path, key), each) for key, each in value.items()]
    return lines


def _profile(table: Table) -> Profile:
    given: dict[str, Any] = {
        "name": table.take("name", _one_line("name", MAX_LABEL_CHARACTERS)),
        "address": table.take("address", _one_line("address", MAX_PLACE_CHARACTERS)),
        "phone": table.take("phone", _one_line("phone", MAX_LABEL_CHARACTERS)),
        "timezone": table.take("timezone", _zone),
        "rooms": table.take("rooms", as_number_between("rooms", 1, MAX_ROOMS)),
        "slot_minutes": table.take(
            "slot_minutes",
            as_number_between("slot_minutes", MIN_SLOT_MINUTES, MAX_DURATION_MINUTES),
        ),
        "busy": tuple(table.each("busy", _name_of("file"), "list of names of files")),
        "book": table.take("book", _name_of("folder")),
    }
    if (hours := table.table("hours")) is not None:
        given["opening_hours"] = _opening_hours(hours)
    if (holidays := table.table("holidays")) is not None:
        given |= _holidays(holidays)
    given["closures"] = tuple(
        closure for each in table.tables("closures") if (closure := _closure(each)) is not None
    )
    if (defaults := table.table("defaults")) is not None:
        given |= {
            "time_of_day": defaults.take("time", lambda it: time_of_day("time", as_text(it))),
            "reminders": defaults.take("remind", lambda it: reminders(as_texts(it))),
            "private": defaults.take("private", as_yes_or_no),
            "years": defaults.take(
                "years", as_number_between("years", 1, MAX_YEARS_OF_MAINTENANCE)
            ),
        }
        defaults.finish()
    if (protocols := table.table("protocols")) is not None:
        given["protocols"] = _protocols(protocols)
    table.finish(elsewhere=_UNDER)
    said = {key: value for key, value in given.items() if value is not None}
    return Profile(**said, lines=table.document.lines)


def _opening_hours(table: Table) -> WeeklyHours | None:
    before = len(table.document.mistakes)
    week: list[tuple[TimeRange, ...]] = []
    for weekday in WEEKDAYS:
        key = weekday[:3].lower()
        if table.values.get(key) in ("closed", ["closed"]):
            table.take(key, as_texts)
            week.append(())
            continue
        spans = tuple(table.each(key, partial(_span, key), "list of ranges of times"))
        try:
            require_apart(spans)
        except InvalidInput as error:
            table.note(key, error)
        week.append(spans)
    table.finish()
    hours = tuple(week)
    if not any(hours) and len(table.document.mistakes) == before:
        table.document.add(
            table.path, "the clinic never opens", 'write the days it opens: mon = ["9:00-17:00"]'
        )
    return hours


def _span(key: str, value: Any) -> TimeRange:
    return time_range(key, as_text(value))


def _holidays(table: Table) -> dict[str, Any]:
    country = table.take("country", as_text)
    part = table.take("subdivision", as_text)
    region = None
    if country is None and "country" not in table.values:
        table.document.add(table.path, "the country is missing", 'write it: country = "FR"')
    if country is not None:
        try:
            region = region_name(country)
        except UnknownName as error:
            table.note("country", error)
    if region is not None and part is not None:
        try:
            region = region_name(f"{region}-{part}")
        except UnknownName as error:
            table.note("subdivision", error)
    names: set[str] = set()
    days: set[date] = set()
    for value in table.each("open_on", _name_or_day, "list of names and dates"):
        if isinstance(value, date):
            days.add(value)
        elif region is not None and _falls(region, value):
            names.add(value)
        elif region is not None:
            known = {name for year in _YEARS_TO_FIND_A_HOLIDAY_IN for name in _named(region, year)}
            table.note("open_on", UnknownName(f"holiday of {region}", value, sorted(known)))
    table.finish()
    return {
        "holidays": None if region is None else (region,),
        "open_holidays": frozenset(names),
        "open_days": frozenset(days),
    }


def _named(region: str, year: int) -> Iterator[str]:
    for names in holiday_year(region, year).names.values():
        yield from (name.strip() for name in names.split(";"))


def _falls(region: str, name: str) -> bool:
    return any(
        name.casefold() in each_name(names)
        for year in _YEARS_TO_FIND_A_HOLIDAY_IN
        for names in holiday_year(region, year).names.values()
    )


def _closure(table: Table) -> Closure | None:
    first = table.take("from", as_day)
    last = table.take("to", as_day)
    reason = table.take("reason", _one_line("reason", MAX_LABEL_CHARACTERS))
    table.finish()
    if "from" not in table.values:
        table.document.add(table.path, "from is missing", "write it: from = 2026-12-24")
    if first is None or (last is None and "to" in table.values):
        return None
    try:
        return Closure(first, last or first, reason)
    except InvalidInput as error:
        table.note("to", error)
        return None


def _protocols(table: Table) -> dict[tuple[str, str | None], Protocol]:
    found: dict[tuple[str, str | None], Protocol] = {}
    named: dict[str, str] = {}
    for key in table.values:
        goal = table.take(key, partial(_goal_named, key))
        own = table.table(key)
        if goal is None or own is None:
            continue
        if goal.name in named:
            problem = f"the goal {goal.name} has a table already, {quoted(named[goal.name])}"
            table.document.add((*table.path, key), problem, "join the two")
            continue
        named[goal.name] = key
        # Whoever shows it knows the goal by its own name.
        table.document.lines.setdefault(
            (*table.path, goal.name), table.document.lines[*table.path, key]
        )
        areas = [(area, own.table(area)) for area in goal.areas]
        general = None
        if any(name not in goal.areas for name in own.values):
            general = _protocol(own, goal.protocol, Limits())
            if general is not None:
                found[goal.name, None] = general
        for area, of_area in areas:
            if of_area is None:
                continue
            usual = goal.protocol_for(area) if general is None else general
            protocol = _protocol(of_area, usual, usual.limits)
            if protocol is not None:
                found[goal.name, area] = protocol
    return found


def _goal_named(key: str, _value: Any) -> Goal:
    return find_goal(key)


def _protocol(table: Table, usual: Protocol, within: Limits) -> Protocol | None:
    """The clinic's protocol, with what it leaves out taken from the *usual* one and its limits."""
    before = len(table.document.mistakes)
    given = {key: table.take(key, as_whole_number) for key in _LIMITS}
    yearly = table.take("maintenance_per_year", as_whole_number)
    minutes = table.take(
        "minutes", as_number_between("minutes", MIN_DURATION_MINUTES, MAX_DURATION_MINUTES)
    )
    phases = tuple(_phases(table))
    if "phases" in table.values and table.values["phases"] == []:
        table.document.add((*table.path, "phases"), "there are none", "write one, or take it out")
    table.finish()
    limits = Limits()
    for key, value in given.items():
        try:
            Limits(**({} if value is None else {key: value}))
        except InvalidInput as error:
            table.note(key, error)
            given[key] = None
    try:
        said = {key: value for key, value in given.items() if value is not None}
        limits = replace(within, **said)
    except InvalidInput as error:
        table.document.add(table.path, error.problem, error.remedy)
    if len(table.document.mistakes) > before:
        return None
    if yearly is None:
        yearly = min(usual.maintenance_per_year, limits.max_maintenance_per_year)
    phases = phases or usual.phases
    _require_within_limits(table, phases, yearly, limits)
    if len(table.document.mistakes) > before:
        return None
    return Protocol(
        phases,
        yearly,
        minutes or usual.minutes,
        "the clinic's own",
        PROTOCOL_SOURCE,
        limits,
    )


def _phases(table: Table) -> Iterator[Phase]:
    for each in table.tables("phases"):
        sessions = each.take("sessions", as_number_between("sessions", 1, SESSIONS.maximum or 0))
        interval = each.take("interval_days", _interval)
        for key in ("sessions", "interval_days"):
            if key not in each.values:
                table.document.add(each.path, f"{key} is missing", f"write it: {key} = 7")
        each.finish()
        if sessions is not None and interval is not None:
            yield Phase(sessions, interval)


def _require_within_limits(
    table: Table, phases: tuple[Phase, ...], yearly: int, limits: Limits
) -> None:
    own_phases = "phases" if "phases" in table.values else ""
    whose = "" if own_phases else "the goal's own phases: "
    checks: list[tuple[str, tuple[int | None, int | None, int | None]]] = [
        (own_phases, (sum(phase.sessions for phase in phases), None, None)),
        *((own_phases, (None, phase.interval_days, None)) for phase in phases),
        ("maintenance_per_year", (None, None, yearly)),
    ]
    for key, numbers in checks:
        try:
            limits.require(*numbers)
        except InvalidInput as error:
            path = (*table.path, key) if key else table.path
            problem = error.problem if key else whose + error.problem
            table.document.add(path, problem, error.remedy)


def _name_or_day(value: Any) -> str | date:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    return as_day(value)


def _name_of(what: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        name = as_text(value)
        if not name.strip():
            raise InvalidInput(f"the name of a {what} is empty", "write it, or take it out")
        require_one_line(f"name of a {what}", name, 1000)
        return name

    return read


def _one_line(what: str, longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = as_text(value).strip()
        require_one_line(what, text, longest)
        return text

    return read


def _zone(value: Any) -> str:
    return find_zone(as_text(value)).key


def _interval(value: Any) -> int:
    number = as_whole_number(value)
    INTERVAL_DAYS.require("interval_days", number)
    return number
