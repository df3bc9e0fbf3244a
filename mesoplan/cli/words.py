"""What is typed, as values: dates, ranges, weekdays, times, numbers, reminders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mesoplan.dates.parsing import day as day
from mesoplan.dates.parsing import day_and_clock as day_and_clock
from mesoplan.dates.parsing import day_range
from mesoplan.dates.parsing import regions as regions
from mesoplan.dates.parsing import weekdays as weekdays
from mesoplan.dates.parsing import whole_number as whole_number
from mesoplan.errors import InvalidInput, quoted
from mesoplan.model.plan import SessionName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from mesoplan.dates.days import DateRange


def day_ranges(what: str, texts: Iterable[str], today: date) -> tuple[DateRange, ...]:
    """Each “FROM..TO”, or one day, as a range."""
    return tuple(day_range(text, lambda each: day(what, each, today)) for text in texts)


def session_name(text: str) -> SessionName:
    """“3” for a session of the course, “m1” for maintenance.

    Raises InvalidInput for anything else.
    """
    match = re.fullmatch(r"(m?)([0-9]{1,2})", text.strip().casefold())
    if match is None or int(match[2]) == 0:
        raise InvalidInput(
            f"{quoted(text)} is no session", "write 3 for session 3, m1 for maintenance 1"
        )
    return SessionName("maintenance" if match[1] else "course", int(match[2]))


def more_or_fewer(text: str) -> int:
    """“+2” or “-1”: how many sessions more, or fewer. Raises InvalidInput for anything else."""
    match = re.fullmatch(r"([+-])([0-9]{1,2})", text.strip().replace("−", "-"))
    if match is None:
        raise InvalidInput(
            f"{quoted(text)} says neither how many sessions more nor how many fewer",
            "write +2 for two more, -1 for one fewer",
        )
    return int(match[2]) if match[1] == "+" else -int(match[2])
