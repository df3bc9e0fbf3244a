"""A row of NDJSON: an object in a line, its keys the names of the columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mesoplan.errors import UnknownName, quoted
from mesoplan.formats.delimited import column_key

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_CELL = 10_000
"""In characters."""


class NotARow(Exception):
    """The code, the problem and the remedy of a line that is no row."""


_NOT_JSON = NotARow(
    "JSON", "it is no JSON object", "write one object a line, with its names quoted"
)


def cells_of(text: str, by_key: Mapping[str, str]) -> dict[str, str]:
    """The cells of a line by the names of their columns, empty ones left out.

    *by_key* are the known names by what `column_key` makes of them. Raises NotARow.
    """
    cells: dict[str, str] = {}
    for written, value in _pairs_of(text):
        name = by_key.get(column_key(written))
        if name is None:
            error = UnknownName("column", written, list(by_key.values()))
            raise NotARow("COLUMN", error.problem, error.remedy)
        if name in cells:
            raise NotARow("COLUMN", f"the column “{name}” is there twice", "leave one of them out")
        values = value if type(value) is list else [value]
        cells[name] = "\n".join(filter(None, (_cell(name, each) for each in values))).strip()
        if len(cells[name]) > LONGEST_CELL:
            problem = f"the value of “{name}” has more than {LONGEST_CELL:,} characters"
            raise NotARow("TOO_LONG", problem, "shorten it")
    return {name: cell for name, cell in cells.items() if cell}


class _Pairs(list[tuple[str, Any]]):
    """An object, with the keys that it has twice."""


def _pairs_of(text: str) -> _Pairs:
    try:
        found = _DECODER.decode(text)
        if "\\u" in text:
            # JSON can name half a surrogate pair, which no file can hold.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise _NOT_JSON from None
    if not isinstance(found, _Pairs):
        raise _NOT_JSON
    return found


def _number_text(text: str) -> str:
    """“8” for 8.0; any other number as it stands."""
    number = float(text)
    # Beyond that a floating-point number counts nothing.
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text


def _no_constant(name: str) -> str:
    raise ValueError(name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs,
    parse_int=str,
    parse_float=_number_text,
    parse_constant=_no_constant,
)


def _cell(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    raise NotARow(
        "VALUE",
        f"the value of {quoted(name)} is an object, or a list in a list",
        "write a text, a number, true, false, null, or a list of those",
    )
