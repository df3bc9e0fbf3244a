"""How long before a session a calendar reminds of it, and how that is written."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEFAULT_REMINDERS = (timedelta(days=1),)

_REMINDER = r"([0-9]{1,4})(w|d|h|m|min)"
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
}
_LONGEST = timedelta(weeks=4)


def reminders(texts: Iterable[str]) -> tuple[timedelta, ...]:
    """“1d”, “2h”, “30m”, “1w” as the time before a session; “none” alone for no reminder."""
    found = []
    words = [text.strip().casefold() for text in texts]
    if words == ["none"]:
        return ()
    for word in words:
        match = re.fullmatch(_REMINDER, word)
        before = int(match[1]) * _UNITS[match[2]] if match else timedelta()
        if not timedelta() < before <= _LONGEST:
            raise InvalidInput(
                f"remind: {quoted(word)} is no time from 1m to 4w",
                "write 1d, 2h, 30m or 1w, or “none” alone",
            )
        found.append(before)
    return tuple(found)


def reminders_text(before: Sequence[timedelta]) -> str:
    """As they are typed: “1d, 2h”; “none”."""
    return ", ".join(map(_text, before)) or "none"


def _text(before: timedelta) -> str:
    for unit in ("w", "d", "h"):
        if not before % _UNITS[unit]:
            return f"{before // _UNITS[unit]}{unit}"
    return f"{before // _UNITS['m']}m"
