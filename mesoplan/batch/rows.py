"""What the cells of a row ask for: every option of `plan` that can differ from plan to plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesoplan.dates.parsing import in_24_hours, written_day, written_day_and_clock
from mesoplan.errors import InvalidInput, UnknownName
from mesoplan.formats.rows import values_of
from mesoplan.model.clinic import RequestDraft
from mesoplan.model.fields import ASKED, OPTIONS
from mesoplan.model.kinds import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, time, timedelta

    from mesoplan.dates.days import DateRange
    from mesoplan.dates.times import TimeRange

REQUIRED = ("id", "goal", "start")


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


class CellWords(Words):
    """How days, numbers and times are written in a table."""

    def day(self, what: str, text: str) -> date:
        """One day, as a spreadsheet writes it."""
        return written_day(what, text)

    def days(self, what: str, text: str) -> DateRange:
        """“FROM..TO”, or one day."""
        try:
            return super().days(what, text)
        except InvalidInput as error:
            remedy = f"{error.remedy}; several days as 2026-12-24..2027-01-03"
            raise InvalidInput(error.problem, remedy) from error

    def number(self, what: str, text: str) -> int:
        """A whole number: programs write 8.0 in a column that has an empty cell somewhere."""
        return super().number(what, re.sub(r"(?<=[0-9])[.,]0$", "", text))

    def time(self, what: str, text: str) -> time | TimeRange:
        """A time of day, also by the 12-hour clock, or a range of them."""
        return super().time(what, in_24_hours(text))

    def reminders(self, texts: Iterable[str]) -> tuple[timedelta, ...]:
        """How long before a session to remind."""
        each = (part for text in texts for part in re.split(r"[,\s]+", text) if part)
        return super().reminders(each)


COLUMNS = ("id", "goal", "start", *ASKED, "tz", "clinic", "busy")
"""All the columns that there can be, in the order in which they are told."""

OF_THE_WHOLE_BATCH = {each.option for each in OPTIONS} - set(COLUMNS)
"""Options of `plan` that say what is done with plans, and so can't differ from row to row."""


def asked_by(cells: Mapping[str, str]) -> RowRequest:
    """What the cells of a row, by the names of their columns, ask for.

    Raises InvalidInput for a cell that says nothing that can be planned.
    """
    if "goal" not in cells:
        raise InvalidInput("the goal is empty", "“mesoplan goals” lists them")
    start, start_time = None, None
    if "start" in cells:
        start, start_time = written_day_and_clock("start", cells["start"])
    values = {
        ASKED[column].name: _value(column, cell)
        for column, cell in cells.items()
        if column in ASKED
    }
    return RowRequest(
        RequestDraft(goal=cells["goal"], start=start, start_time=start_time, **values),
        cells.get("tz"),
        cells.get("clinic"),
        values_of(cells.get("busy", "")),
    )


_WORDS = CellWords()


def _value(column: str, cell: str) -> Any:
    kind = ASKED[column].kind
    return kind.read(column, values_of(cell) if kind.repeats else cell, _WORDS)


def require_no_batch_options(error: UnknownName) -> None:
    """Raise a plainer error where an unknown column is an option of the whole batch."""
    name = error.name.strip().casefold().lstrip("-").replace("_", "-").replace(" ", "-")
    if name in OF_THE_WHOLE_BATCH:
        raise InvalidInput(
            f"the column “{name}” can't differ from row to row",
            f"leave it out; what --{name} does holds for the whole batch",
        ) from error
