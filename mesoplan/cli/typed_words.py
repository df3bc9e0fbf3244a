"""The words of a change as they are typed: sessions, days away, how many more, why it is late."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING

from mesoplan.dates.readings import NotADate, TwoMeanings, moment_text
from mesoplan.errors import InvalidInput, quoted
from mesoplan.model.plan import SessionName
from mesoplan.model.request import MAX_PLACE_CHARACTERS, require_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from mesoplan.dates.days import DateRange
    from mesoplan.model.fields import Words

SESSION = re.compile(r"\s*(m?)([0-9]{1,2})\s*", re.IGNORECASE)


def missed(
    typed: Sequence[str], words: Words
) -> tuple[tuple[SessionName, ...], date | None, time | None]:
    """The sessions that were typed, and the day and the time that may follow.

    “10” may be a session or a day of the month. The first word is always a session. Further ones
    are sessions if what follows them is a day by itself, or if nothing follows. Raises InvalidInput
    where that can be so in two ways.
    """
    count = len(list(takewhile(SESSION.fullmatch, typed)))
    names = tuple(map(session_name, typed[: count or 1]))
    if len(names) == len(typed):
        return names, None, None
    found: dict[int, tuple[date, time | None]] = {}
    problems = []
    for count in range(1, len(names) + 1):
        try:
            found[count] = words.day_and_clock("WHEN", " ".join(typed[count:]))
        except InvalidInput as problem:
            problems.append(problem)
    if len(found) > 1:
        words.said.clear()
        meanings = " or ".join(
            f"session{'s' * (count > 1)} {' and '.join(map(str, names[:count]))} on "
            f"{moment_text(*when)}"
            for count, when in found.items()
        )
        raise InvalidInput(
            f"{quoted(' '.join(typed))} can be {meanings}", "write the day as 2026-12-01 11:00"
        )
    for count, when in found.items():
        return names[:count], *when
    raise next((each for each in problems if isinstance(each, TwoMeanings)), problems[0])


def absences(typed: Sequence[str], words: Words) -> tuple[DateRange, ...]:
    """The ranges that were typed; a single one may have blanks, “10 Jan 2027..14 Jan 2027”."""
    with suppress(NotADate):
        return (words.days("FROM..TO", " ".join(typed)),)
    if re.search("(?<= )(?:to|until|till|-|–)(?= )", " ".join(typed)):
        raise InvalidInput(
            f"{quoted(' '.join(typed))} is not a range of days", "write it as 20..24 dec"
        )
    return tuple(words.days("FROM..TO", each) for each in typed)


def reason(typed: str | None) -> str | None:
    """What was typed after --late. Raises InvalidInput for what can't be shown everywhere."""
    if typed is not None:
        require_one_line("reason after --late", typed, MAX_PLACE_CHARACTERS)
        return typed.strip()
    return None


def session_name(text: str) -> SessionName:
    """“3” for a session of the course, “m1” for maintenance.

    Raises InvalidInput for anything else.
    """
    match = SESSION.fullmatch(text)
    if match is None or int(match[2]) == 0:
        raise InvalidInput(
            f"{quoted(text)} is not a session",
            "write 3 for session 3, m1 for maintenance 1; a PLAN of several words needs quotes",
        )
    return SessionName("maintenance" if match[1] else "course", int(match[2]))


def more_or_fewer(text: str) -> int:
    """“+2” or “-1”: how many sessions to add or to drop. Raises InvalidInput for anything else."""
    match = re.fullmatch(r"([+-])([0-9]{1,2})", text.strip().replace("−", "-"))
    if match is None:
        raise InvalidInput(
            f"{quoted(text)} is not a number of sessions to add or to drop",
            "write +2 for two more, -1 for one fewer",
        )
    return int(match[2]) if match[1] == "+" else -int(match[2])
