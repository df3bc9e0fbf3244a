"""What the cells of a row ask for: every option of `plan` that can differ from plan to plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesoplan.dates.parsing import (
    day_range,
    in_24_hours,
    regions,
    weekdays,
    whole_number,
    written_day,
    written_day_and_clock,
)
from mesoplan.dates.times import reminders, time_of_day
from mesoplan.errors import InvalidInput, UnknownName, quoted
from mesoplan.formats.rows import values_of
from mesoplan.model.clinic import RequestDraft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesoplan.dates.days import DateRange

REQUIRED = ("id", "goal", "start")

OF_THE_WHOLE_BATCH = ("book", "dry-run", "json", "output", "split", "view")
"""Options of `plan` that say what is done with plans, and so can't differ from row to row."""

_YES = {"yes", "y", "true", "1", "x"}
_NO = {"no", "n", "false", "0"}


@dataclass(frozen=True, slots=True)
class RowRequest:
    """What a row asks for, and where to look for the rest."""

    draft: RequestDraft
    zone: str | None
    """The name of the clinic's zone, as it stands in the row."""
    clinic: str | None
    """The name of the clinic's profile, as it stands in the row."""
    busy: tuple[str, ...]
    """The names of busy calendars, as it stands in the row."""


def _days(what: str) -> Callable[[str], Any]:
    return lambda cell: frozenset(written_day(what, each) for each in values_of(cell))


def _ranges(what: str) -> Callable[[str], Any]:
    def read(each: str) -> DateRange:
        try:
            return day_range(each, lambda text: written_day(what, text))
        except InvalidInput as error:
            remedy = f"{error.remedy}; several days as 2026-12-24..2027-01-03"
            raise InvalidInput(error.problem, remedy) from error

    return lambda cell: tuple(map(read, values_of(cell)))


def _day(what: str) -> Callable[[str], Any]:
    return lambda cell: written_day(what, cell)


def _number(what: str) -> Callable[[str], Any]:
    # Programs write 8.0 in a column that has an empty cell somewhere.
    return lambda cell: whole_number(what, re.sub(r"(?<=[0-9])[.,]0$", "", cell))


def _yes_or_no(what: str) -> Callable[[str], Any]:
    def read(cell: str) -> bool:
        word = cell.casefold()
        if word not in _YES | _NO:
            raise InvalidInput(f"{what}: {quoted(cell)} is neither yes nor no", "write yes or no")
        return word in _YES

    return read


def _reminders(cell: str) -> Any:
    return reminders(part for each in values_of(cell) for part in re.split(r"[,\s]+", each) if part)


_FIELDS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "goal": ("goal", str),
    "sessions": ("sessions", _number("sessions")),
    "interval": ("interval_days", _number("interval")),
    "maintenance": ("maintenance_per_year", _number("maintenance")),
    "years": ("years", _number("years")),
    "area": ("area", str),
    "time": ("time_of_day", lambda cell: time_of_day("time", in_24_hours(cell))),
    "duration": ("duration_minutes", _number("duration")),
    "closed": ("closed_weekdays", lambda cell: weekdays(values_of(cell))),
    "closure": ("closures", _ranges("closure")),
    "holidays": ("holidays", lambda cell: regions(values_of(cell))),
    "open": ("open_days", _days("open")),
    "patient": ("patient", str),
    "away": ("away", _ranges("away")),
    "arrive": ("arrive", _day("arrive")),
    "depart": ("depart", _day("depart")),
    "finish-by": ("finish_by", _day("finish-by")),
    "flex": ("flex_days", _number("flex")),
    "remind": ("reminders", _reminders),
    "location": ("location", str),
    "private": ("private", _yes_or_no("private")),
    "utc": ("utc", _yes_or_no("utc")),
}
"""The columns that are fields of what is asked, and how their cells are read."""

COLUMNS = ("id", "goal", "start", *list(_FIELDS)[1:], "tz", "clinic", "busy")
"""All the columns that there can be, in the order in which they are told."""


def asked_by(cells: Mapping[str, str]) -> RowRequest:
    """What the cells of a row, by the names of their columns, ask for.

    Raises InvalidInput for a cell that says nothing that can be planned.
    """
    if "goal" not in cells:
        raise InvalidInput("the goal is empty", "“mesoplan goals” lists them")
    start, start_time = None, None
    if "start" in cells:
        start, start_time = written_day_and_clock("start", cells["start"])
    values: dict[str, Any] = {
        _FIELDS[column][0]: _FIELDS[column][1](cell)
        for column, cell in cells.items()
        if column in _FIELDS
    }
    return RowRequest(
        RequestDraft(start=start, start_time=start_time, **values),
        cells.get("tz"),
        cells.get("clinic"),
        values_of(cells.get("busy", "")),
    )


def require_no_batch_options(error: UnknownName) -> None:
    """Raise a plainer error where an unknown column is an option of the whole batch."""
    name = error.name.strip().casefold().lstrip("-").replace("_", "-").replace(" ", "-")
    if name in OF_THE_WHOLE_BATCH:
        raise InvalidInput(
            f"the column “{name}” can't differ from row to row",
            f"leave it out; what --{name} does holds for the whole batch",
        ) from error
