"""Rows of NDJSON: an object a line, its keys the names of the columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mesoplan.errors import UnknownName, quoted
from mesoplan.formats.rows.header import key_of, names_by_key
from mesoplan.formats.rows.lines import RowTooLong
from mesoplan.formats.rows.values import LONGEST_CELL, LONGEST_ROW, Row, WrongRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.formats.rows.lines import Lines

_LARGEST_WHOLE = 1e15
"""Beyond it a floating-point number is no count of anything."""


class _Wrong(Exception):
    def __init__(self, code: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem
        self.remedy = remedy


_NO_JSON = _Wrong("JSON", "it is no JSON object", "write one object a line, with its names quoted")


def json_rows(lines: Lines, known: Sequence[str]) -> Iterator[Row | WrongRow]:
    """The rows; blank lines are left out. The columns are the *known* ones, in their order."""
    by_key = names_by_key(known)
    while True:
        lines.begin_row()
        try:
            line = next(lines)
        except StopIteration:
            return
        except RowTooLong:
            problem = f"the line has more than {LONGEST_ROW:,} characters"
            raw = (lines.taken[0][:LONGEST_CELL],)
            yield WrongRow(lines.number, "TOO_LONG", problem, "shorten it", raw)
            continue
        text = line.strip()
        if not text:
            continue
        try:
            cells = _cells(text, by_key, known)
        except _Wrong as error:
            yield WrongRow(lines.number, error.code, error.problem, error.remedy, (text,))
        else:
            yield Row(lines.number, cells, tuple(cells.get(name, "") for name in known))


def _cells(text: str, by_key: dict[str, str], known: Sequence[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    seen: set[str] = set()
    for written, value in _pairs(text):
        name = by_key.get(written) or by_key.get(key_of(written))
        if name is None:
            error = UnknownName("column", written, known)
            raise _Wrong("COLUMN", error.problem, error.remedy)
        if name in seen:
            raise _Wrong("COLUMN", f"the column “{name}” is there twice", "leave one of them out")
        seen.add(name)
        cell = _cell(name, value).strip()
        if len(cell) > LONGEST_CELL:
            problem = f"the value of “{name}” has more than {LONGEST_CELL:,} characters"
            raise _Wrong("TOO_LONG", problem, "shorten it")
        if cell:
            cells[name] = cell
    return cells


class _Pairs(list[tuple[str, Any]]):
    """An object, with the keys that it has twice."""


def _pairs(text: str) -> _Pairs:
    try:
        found = _DECODER.decode(text)
        if "\\u" in text:
            # JSON can name half a surrogate pair, which no file can hold.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise _NO_JSON from None
    if not isinstance(found, _Pairs):
        raise _NO_JSON
    return found


def _number_text(text: str) -> str:
    """“8” for 8.0; any other number as it stands."""
    number = float(text)
    if number.is_integer() and abs(number) < _LARGEST_WHOLE:
        return str(int(number))
    return text


def _no_constant(name: str) -> str:
    raise ValueError(name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs,
    parse_int=str,
    parse_float=_number_text,
    parse_constant=_no_constant,
)


def _cell(name: str, value: object) -> str:
    if isinstance(value, list) and not isinstance(value, _Pairs):
        return "\n".join(filter(None, (_single(name, each) for each in value)))
    return _single(name, value)


def _single(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    raise _Wrong(
        "VALUE",
        f"the value of {quoted(name)} is an object, or a list in a list",
        "write a text, a number, true, false, null, or a list of those",
    )
