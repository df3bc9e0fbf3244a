"""Who treats at a clinic, as the tables of its profile say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import DateRange
from mesoplan.dates.parsing import DateReader
from mesoplan.dates.times import minute_set
from mesoplan.errors import InvalidInput, is_address, quoted
from mesoplan.formats.checked_toml import Reader, Table, as_day, as_text, between, one_line
from mesoplan.formats.profile_days import WEEKDAY_KEYS, weekly_hours
from mesoplan.model.practitioner import Practitioner
from mesoplan.model.request import (
    LONGEST_ID,
    MAX_LABEL_CHARACTERS,
    WeeklyHours,
    is_short_id,
    require_one_line,
)
from mesoplan.rules.goals import find_goal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesoplan.dates.times import TimeRange

MOST_SESSIONS = between(1, 1000)
"""What reads the most sessions a day."""


def staff(table: Table, hours: WeeklyHours | None) -> dict[str, Any]:
    """The fields of a profile with those who treat; *hours* are the clinic's, where it gives any.

    Mistakes are noted under their ids: “practitioner.roux.hours.mon”.
    """
    found: dict[str, Practitioner] = {}
    diaries: dict[str, tuple[str, ...]] = {}
    for given in table.tables("practitioner"):
        named = given.take("id", practitioner_id)
        own = given if named is None else replace(given, path=(*given.path, named))
        if named is not None and named.casefold() in found:
            own.add("id", "another practitioner has the same id", "give each an id of their own")
        one = Practitioner(
            named or "",
            own.take("name", one_line("name", MAX_LABEL_CHARACTERS)) or "",
            _own_hours(own, hours),
            frozenset(own.each("goals", _goal, "a list of goals")),
            own.take("most_sessions_a_day", MOST_SESSIONS),
            away=tuple(own.each("away", _absence, "a list of days, and of ranges from..to")),
        )
        diaries[one.id] = calendars(own, "busy")
        for key, example in (("id", "roux"), ("name", "Dr Roux")):
            if key not in own.values:
                own.add("", f"{key} is missing", f'write it: {key} = "{example}"')
        own.finish()
        found[one.id.casefold()] = one
    return {"practitioners": tuple(found.values()), "diaries": diaries}


def practitioner_id(value: Any) -> str:
    """The id of a practitioner. Raises InvalidInput."""
    text = as_text(value)
    if not is_short_id(text):
        raise InvalidInput(
            f"{quoted(text)} is not an id",
            f"use letters without accents, digits and hyphens, {LONGEST_ID} at most",
        )
    return text


def _goal(value: Any) -> str:
    return find_goal(as_text(value)).name


def _absence(value: Any) -> DateRange:
    if isinstance(value, str) and ".." in value:
        return DateReader().days("away", value)
    day = as_day(value)
    return DateRange(day, day)


def _own_hours(table: Table, hours: WeeklyHours | None) -> WeeklyHours | None:
    """When somebody works, which can only be while the clinic is open."""
    if (own := table.table("hours")) is None:
        return None
    week = weekly_hours(own, "the practitioner never works")
    for key, error in hours_outside(week, hours or week):
        own.add(key, error.problem, error.remedy)
    return week


def hours_outside(own: WeeklyHours, hours: WeeklyHours) -> Iterator[tuple[str, InvalidInput]]:
    """What is wrong with the hours of somebody, by weekday, where the clinic has others."""
    for key, spans, opened in zip(WEEKDAY_KEYS, own, hours, strict=True):
        if _minutes(spans) & ~_minutes(opened):
            when = f"open {' and '.join(map(str, opened))}" if opened else "closed"
            yield (
                key,
                InvalidInput(f"the clinic is {when} then", "keep the hours within the clinic's"),
            )


def _minutes(spans: Iterable[TimeRange]) -> int:
    minutes = 0
    for span in spans:
        minutes |= minute_set(span.begin_minutes, span.end_minutes)
    return minutes


def calendars(table: Table, key: str) -> tuple[str, ...]:
    """The names of busy calendars under a key, as they are written."""
    return tuple(table.each(key, name_of("file"), "a list of file names"))


def name_of(what: str) -> Reader[str]:
    """What reads the name of a file or folder, or an address: as it is written."""

    def read(value: Any) -> str:
        name = as_text(value)
        if not name.strip():
            raise InvalidInput(f"the name of a {what} is empty", "write it, or leave it out")
        require_one_line(f"name of a {what}", name, 1000)
        if is_address(name):
            # Loaded only for one.
            from mesoplan.servers.http import address_in

            address_in(name, plain_http=True)
        return name

    return read
