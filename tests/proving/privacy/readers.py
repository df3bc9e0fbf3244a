"""Looks at what the program wrote as other programs do: calendars, tables, JSON, terminals."""

import csv
import io
import re
import unicodedata
from urllib.parse import parse_qs

import icalendar
import vobject

from tests.command_line import Outcome
from tests.proving.privacy.count import Count

_TURNS_ROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_OUR_STYLES = frozenset(
    {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[1;32m", "\x1b[1;36m", "\x1b[1;33m"}
)
"""What a terminal is told for bold, quiet and coloured words."""

_RUNS = re.compile(
    "[\\s\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2060\ufeff]*"
    "[=+\\-@\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
)
"""How a cell begins that some spreadsheet runs."""


def look_at_screen(outcome: Outcome, what: str, count: Count, *, on_terminal: bool = False) -> None:
    """Hold that what was printed commands no terminal, and turns nothing round."""
    for text in (outcome.output.decode("utf-8", "replace"), outcome.error):
        plain = text
        if on_terminal:
            styles = set(_STYLE.findall(text)) - _OUR_STYLES
            count.holds(not styles, f"{what}: the terminal is told {sorted(styles)}")
            plain = _STYLE.sub("", text)
        # To ask each character takes far longer.
        is_plain = plain.replace("\n", "").isprintable()
        odd = set() if is_plain else {c for c in plain if _commands(c)}
        count.holds(not odd, f"{what}: {sorted(map(ascii, odd))} is printed")
    first = outcome.error.partition("\n")[0]
    count.holds(
        outcome.exit_code in {0, 1, 3} or first.startswith("mesoplan: "),
        f"{what}: exit {outcome.exit_code} with {first!a}",
    )
    count.holds(outcome.exit_code in range(5), f"{what}: exit {outcome.exit_code}")


def _commands(character: str) -> bool:
    kind = unicodedata.category(character)
    return (kind in {"Cc", "Zl", "Zp"} and character != "\n") or character in _TURNS_ROUND


def skeleton(data: bytes) -> list[str]:
    """Components and properties of a calendar file, with the names of their parameters."""
    lines = []
    for line in re.sub(rb"\r\n[ \t]", b"", data).split(b"\r\n"):
        name = line.partition(b":")[0]
        lines.append((line if name in {b"BEGIN", b"END"} else name).decode())
    return lines


def read_by_others(data: bytes, number: int) -> tuple[set[str], set[str]]:
    """All places, and all patients of the record, as others read the calendar file of that number.

    Every third is read by vobject, the others by icalendar.
    """
    if number % 3:
        events = icalendar.Calendar.from_ical(data).walk("VEVENT")
        places = {str(event.get("LOCATION", "")) for event in events}
        records = {str(event["X-APPOINTMENT-PLAN"]) for event in events}
    else:
        events = vobject.readOne(data.decode()).vevent_list
        places = {event.location.value if "location" in event.contents else "" for event in events}
        records = {event.x_appointment_plan.value for event in events}
    return places, {
        patient for record in records for patient in parse_qs(record).get("patient", [])
    }


def look_at_table(data: bytes, what: str, count: Count) -> list[list[str]]:
    """Hold that no spreadsheet runs anything in a table; its rows, as the csv module reads them."""
    count.files += 1
    text = data.decode("utf-8-sig")
    rows: list[list[str]] = []
    for delimiter in ",;\t":
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        rows = rows or found
        run = {cell for row in found for cell in row if _RUNS.match(cell)}
        count.holds(not run, f"{what}, cut at {delimiter!a}: {sorted(map(ascii, run))[:5]} runs")
    width = len(rows[0])
    count.holds(all(len(row) >= width for row in rows), f"{what}: a row is broken")
    return rows
