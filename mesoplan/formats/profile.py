"""The clinic's profile, read from a TOML file with all the mistakes in it."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from functools import partial
from string import Formatter
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import ClosedTime, Closure
from mesoplan.dates.times import reminders, time_of_day
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, UnknownName, printable, quoted
from mesoplan.formats.checked_toml import (
    MOST_MISTAKES,
    Reader,
    Table,
    as_number,
    as_text,
    as_texts,
    as_yes_or_no,
    between,
    one_line,
)
from mesoplan.formats.profile_days import WEEKDAY_KEYS, closure, holidays_kept, weekly_hours
from mesoplan.formats.profile_staff import MOST_SESSIONS, calendars, name_of, staff
from mesoplan.model.clinic import Profile
from mesoplan.model.fields import ASKED
from mesoplan.model.request import (
    LANGUAGES,
    MAX_LABEL_CHARACTERS,
    MAX_PLACE_CHARACTERS,
    MAX_ROOMS,
    MAX_YEARS_OF_MAINTENANCE,
    MIN_SLOT_MINUTES,
    language_called,
)
from mesoplan.rules.goals import find_goal
from mesoplan.rules.limits import INTERVAL_DAYS, SESSIONS
from mesoplan.rules.protocol import (
    MAX_DURATION_MINUTES,
    MIN_DURATION_MINUTES,
    Limits,
    Phase,
    Protocol,
)
from mesoplan.wording.patient import LINES, fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesoplan.rules.goals import Goal
    from mesoplan.rules.protocol import Grade

_LONGEST_LINE = 400
PROTOCOL_SOURCE = "the clinic's profile"
MOST_DOTS = 200
"""Of more of them in one line `tomllib` may make a key that takes it hours."""
_UNDER = {
    **dict.fromkeys(("time", "remind", "private", "language", "years"), "defaults"),
    **dict.fromkeys(("country", "subdivision", "open_on"), "holidays"),
    **dict.fromkeys(WEEKDAY_KEYS, "hours"),
    **dict.fromkeys(LINES, "patient_text"),
}
"""Where keys belong that are written above all tables by mistake."""


class ProfileMistakes(InvalidInput):
    """A profile has mistakes: all of them at once, table by table.

    If there are too many to correct at once, the rest is left out.
    """

    def __init__(self, name: str, mistakes: tuple[str, ...]) -> None:
        count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        if len(mistakes) > MOST_MISTAKES:
            count = f"more than {MOST_MISTAKES} mistakes"
        super().__init__(
            f"the clinic's profile {quoted(name, 200)} has {count}",
            "correct the file, then check it again with “mesoplan clinic check”:",
        )
        self.mistakes = mistakes
        self.details = mistakes[:MOST_MISTAKES]
        if len(mistakes) > MOST_MISTAKES:
            self.details += ("and more",)


def read_profile(text: str, name: str) -> Profile:
    """The profile in the text of a TOML file; *name* is what the file is called in errors.

    Raises ProfileMistakes with all the mistakes in it.
    """
    table = Table((), _parsed(text, name), [])
    profile = _profile(table, name)
    if table.mistakes:
        raise ProfileMistakes(name, tuple(table.mistakes))
    return profile


def _parsed(text: str, name: str) -> dict[str, Any]:
    import tomllib

    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > MOST_DOTS:
            mistake = f"line {number}: there are more than {MOST_DOTS} dots; remove some"
            raise ProfileMistakes(name, (mistake,))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The message ends in “(at line 3, column 5)”, or “(at end of document)”.
        problem, _, where = str(error).rpartition(" (at ")
        at = re.match(r"line \d+", where)
        line = at[0] if at else f"line {text.count(chr(10)) + 1}"
        mistake = f"{line}: it is not TOML: {printable(problem)}. Texts and times need quotes"
        raise ProfileMistakes(name, (mistake,)) from error
    except (ValueError, RecursionError) as error:
        mistake = "a number is too long, or brackets are nested too deep"
        raise ProfileMistakes(name, (mistake,)) from error


# ---------------------------------------------------------------- the tables of a profile


def _profile(table: Table, name: str) -> Profile:
    given: dict[str, Any] = {
        "name": table.take("name", one_line("name", MAX_LABEL_CHARACTERS)),
        "address": table.take("address", one_line("address", MAX_PLACE_CHARACTERS)),
        "phone": table.take("phone", one_line("phone", MAX_LABEL_CHARACTERS)),
        "timezone": table.take("timezone", lambda value: find_zone(as_text(value)).key),
        "date_order": table.take("date_order", _date_order),
        "rooms": table.take("rooms", between(1, MAX_ROOMS)),
        "slot_minutes": table.take("slot_minutes", between(MIN_SLOT_MINUTES, MAX_DURATION_MINUTES)),
        "busy": calendars(table, "busy"),
        "room_busy": calendars(table, "room_busy"),
        "most_sessions_a_day": table.take("most_sessions_a_day", MOST_SESSIONS),
        "book": table.take("book", name_of("folder")),
        "patient_text_reviewed": table.take(
            "patient_text_reviewed", one_line("review", MAX_LABEL_CHARACTERS)
        ),
    }
    if (texts := table.table("patient_text")) is not None:
        said = {key: texts.take(key, _own_line) for key in LINES}
        given["patient_text"] = {key: text for key, text in said.items() if text is not None}
        texts.finish()
    if (translated := table.table("texts")) is not None:
        given["texts"] = _translated(translated)
    before = len(table.mistakes)
    if (hours := table.table("hours")) is not None:
        given["opening_hours"] = weekly_hours(hours, "the clinic never opens")
    given |= staff(table, given.get("opening_hours") if len(table.mistakes) == before else None)
    if (holidays := table.table("holidays")) is not None:
        given |= holidays_kept(holidays)
    closed = [*filter(None, map(closure, table.tables("closures")))]
    given["closures"] = tuple(each for each in closed if isinstance(each, Closure))
    given["closed_times"] = tuple(each for each in closed if isinstance(each, ClosedTime))
    if (defaults := table.table("defaults")) is not None:
        given |= {ASKED[key].name: defaults.take(key, read) for key, read in _DEFAULTS.items()}
        defaults.finish()
    if (servers := table.table("servers")) is not None:
        from mesoplan.formats.profile_servers import servers_named

        given["servers"] = servers_named(servers, name)
    if (protocols := table.table("protocols")) is not None:
        given["protocols"] = _protocols(protocols)
    table.finish(elsewhere=_UNDER)
    known = {key: value for key, value in given.items() if value is not None}
    return Profile(**known, said=frozenset(table.values))


def _translated(table: Table) -> dict[str, dict[str, str]]:
    """The clinic's own lines, by languages."""
    found = {}
    for language in LANGUAGES:
        if (texts := table.table(language)) is not None:
            said = {key: texts.take(key, partial(_own_template, key)) for key in LINES}
            found[language] = {key: text for key, text in said.items() if text is not None}
            texts.finish()
    table.finish()
    return found


def _own_template(line: str, value: Any) -> str:
    """A line in which something is filled in; false for none."""
    text, known = _own_line(value), fields_of(line)
    try:
        parts = [*Formatter().parse(text)]
    except ValueError:
        raise InvalidInput("a brace has no other", "write {{ and }} for braces that stay") from None
    # Nothing but names: a width or an attribute could do what no text should.
    filled = {
        name + f"!{conversion}" * bool(conversion) + f":{width}" * bool(width)
        for _, name, width, conversion in parts
        if name is not None
    }
    for name in sorted(filled - known):
        listed = ", ".join(f"{{{each}}}" for each in sorted(known)) or "nothing"
        raise InvalidInput(f"{{{name}}} is not known here", f"what can be filled in: {listed}")
    return text


def _own_line(value: Any) -> str:
    """A line in place of ours; false for none."""
    if value is False:
        return ""
    if value is True:
        raise InvalidInput(
            "true is not a text", "write the line in quotes, or false to leave it out"
        )
    if isinstance(value, str) and not value.strip():
        raise InvalidInput("the line is empty", "write a text, or false for no such line")
    return one_line("line", _LONGEST_LINE)(value)


def _date_order(value: Any) -> str:
    if (order := as_text(value)) not in ("dmy", "mdy"):
        how = "write dmy if 1/2/2027 is 1 February, mdy if it is 2 January"
        raise UnknownName("order of dates", order, ("dmy", "mdy"), how)
    return order


# ---------------------------------------------------------------- the clinic's own protocols


def _protocols(table: Table) -> dict[tuple[str, str | None], Protocol]:
    found: dict[tuple[str, str | None], Protocol] = {}
    named: dict[str, str] = {}
    for key in table.values:
        goal = table.take(key, partial(_goal_named, key))
        own = table.table(key)
        if goal is None or own is None:
            continue
        if goal.name in named:
            problem = f"the goal {goal.name} already has a table, {quoted(named[goal.name])}"
            table.add(key, problem, "join the two")
            continue
        named[goal.name] = key
        areas = {area: own.table(area) for area in goal.areas}
        general = None
        if own.values.keys() - areas.keys():
            general = _protocol(own, goal.protocol, Limits())
            if general is not None:
                found[goal.name, None] = general
        for area, of_area in areas.items():
            if of_area is not None:
                usual = general or goal.protocol_for(area)
                protocol = _protocol(of_area, usual, usual.limits)
                if protocol is not None:
                    found[goal.name, area] = protocol
    return found


def _goal_named(key: str, _value: Any) -> Goal:
    return find_goal(key)


def _protocol(table: Table, usual: Protocol, within: Limits) -> Protocol | None:
    """The clinic's protocol, with what it leaves out taken from the *usual* one and its limits."""
    before = len(table.mistakes)
    numbers = {
        each.name: table.take(each.name, partial(_limit, each.name)) for each in fields(Limits)
    }
    yearly = table.take("maintenance_per_year", as_number)
    minutes = table.take("minutes", between(MIN_DURATION_MINUTES, MAX_DURATION_MINUTES))
    phases = tuple(filter(None, map(_phase, table.tables("phases"))))
    if table.values.get("phases") == []:
        table.add("phases", "the list is empty", "write a phase, or leave it out")
    table.finish()
    limits = within
    with table.noting(""):
        limits = replace(within, **{key: it for key, it in numbers.items() if it is not None})
    if len(table.mistakes) > before:
        return None
    if yearly is None:
        yearly = min(usual.maintenance_per_year, limits.max_maintenance_per_year)
    key, whose = ("phases", "") if phases else ("", "the goal's own phases: ")
    phases = phases or usual.phases
    with table.noting(key, whose):
        limits.require(sum(phase.sessions for phase in phases), None, None)
    for phase in phases:
        with table.noting(key, whose):
            limits.require(None, phase.interval_days, None)
    with table.noting("maintenance_per_year"):
        limits.require(None, None, yearly)
    if len(table.mistakes) > before:
        return None
    grade: Grade = "the clinic's own"
    own = Protocol(phases, yearly, minutes or usual.minutes, grade, PROTOCOL_SOURCE, limits)
    return replace(own, figures=own.figures_beside(usual))


def _limit(key: str, value: Any) -> int:
    number = as_number(value)
    Limits(**{key: number})
    return number


def _phase(table: Table) -> Phase | None:
    sessions = table.take("sessions", between(1, SESSIONS.maximum or 0))
    interval = table.take("interval_days", _interval)
    for key in (each for each in table.known if each not in table.values):
        table.add("", f"{key} is missing", f"write it: {key} = 7")
    table.finish()
    return None if sessions is None or interval is None else Phase(sessions, interval)


def _interval(value: Any) -> int:
    number = as_number(value)
    INTERVAL_DAYS.require("interval_days", number)
    return number


_DEFAULTS: Mapping[str, Reader[Any]] = {
    "time": lambda value: time_of_day("time", as_text(value)),
    "remind": lambda value: reminders(as_texts(value)),
    "private": as_yes_or_no,
    "language": lambda value: language_called(as_text(value)),
    "years": between(1, MAX_YEARS_OF_MAINTENANCE),
}
"""What options of the same name say for one plan."""
