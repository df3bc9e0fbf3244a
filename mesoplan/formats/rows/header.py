"""The header of a table of rows: which column is which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput, UnknownName, nearest, quoted
from mesoplan.formats.delimited import folded_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REJECTED_COLUMNS = ("line", "code", "reason")
"""What the rows that were refused have after their own columns."""

_LIKE_A_DATE = re.compile(r"[0-9]{4}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]")
_MOST_UNKNOWN = 20


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table, without those that tell why its rows were refused."""

    columns: tuple[str, ...]
    """As they came."""
    names: tuple[str, ...]
    """The known name of each; empty for those without a name."""
    places: tuple[int, ...]
    """Where in a row each of them stands."""
    is_rejected: bool
    """Whether the rows are those that were refused, with the reason in further columns."""


def names_by_key(known: Sequence[str]) -> dict[str, str]:
    """The known names by what `key_of` makes of them."""
    return {key_of(name): name for name in known}


def key_of(name: str) -> str:
    """What all spellings of a name have in common: “Finish by”, “finish_by”, “--finish-by”."""
    return folded_name(name).replace(" ", "")


def read_header(
    cells: Sequence[str], known: Sequence[str], required: Sequence[str], table: str
) -> Header:
    """Find the *known* columns in the first row of a table; *table* is what a message calls it.

    Raises InvalidInput where there is none, where one is unknown (UnknownName; all of them are in
    its details), stands there twice, or where one of *required* is missing.
    """
    by_key = names_by_key(known)
    keys = [key_of(cell) for cell in cells]
    is_rejected = all(name in keys and name not in by_key for name in REJECTED_COLUMNS)
    places = [
        place
        for place, key in enumerate(keys)
        if not (is_rejected and key in REJECTED_COLUMNS and keys.index(key) == place)
    ]
    named = [(place, keys[place]) for place in places if keys[place]]
    _require_header(cells, [key for _, key in named], by_key, required, table)
    unknown = [cells[place].strip() for place, key in named if key not in by_key]
    missing = [name for name in required if key_of(name) not in keys]
    if unknown:
        raise _unknown(unknown, missing, known)
    _require_once(cells, named, table)
    if missing:
        raise InvalidInput(f"{table} lacks {_columns(missing)}", _first_row_of(required))
    return Header(
        columns=tuple(cells[place] for place in places),
        names=tuple(by_key.get(keys[place], "") for place in places),
        places=tuple(places),
        is_rejected=is_rejected,
    )


def _require_header(
    cells: Sequence[str],
    keys: Sequence[str],
    by_key: Mapping[str, str],
    required: Sequence[str],
    table: str,
) -> None:
    # The names are not shown: where there is no header they are somebody's data.
    if any(key in by_key for key in keys):
        return
    if any(_LIKE_A_DATE.search(cell) for cell in cells):
        problem = f"{table} has no header: there is a date in its first row"
    elif not any(nearest(key, by_key) for key in keys):
        problem = f"the first row of {table} names no column that is known"
    else:
        return
    raise InvalidInput(problem, _first_row_of(required or list(by_key.values())))


def _unknown(unknown: Sequence[str], missing: Sequence[str], known: Sequence[str]) -> UnknownName:
    first, *others = (UnknownName("column", name, known) for name in unknown)
    details = []
    for other in others[:_MOST_UNKNOWN]:
        question = f"; {other.remedy}" if other.suggestions else ""
        details.append(f"{other.problem}{question}")
    if len(others) > _MOST_UNKNOWN:
        details.append(f"and {len(others) - _MOST_UNKNOWN} more that are unknown")
    if missing:
        details.append(f"missing: {_columns(missing)}")
    first.details = tuple(details)
    return first


def _require_once(cells: Sequence[str], named: Sequence[tuple[int, str]], table: str) -> None:
    seen: dict[str, int] = {}
    for place, key in named:
        if key in seen:
            raise InvalidInput(
                f"{table} has the column {quoted(cells[place].strip())} twice: it is column "
                f"{seen[key] + 1} and column {place + 1}",
                "leave one of them out",
            )
        seen[key] = place


def _columns(names: Sequence[str]) -> str:
    listed = ", ".join(f"“{name}”" for name in names)
    return f"the column {listed}" if len(names) == 1 else f"the columns {listed}"


def _first_row_of(names: Sequence[str]) -> str:
    return f"put the names of the columns into its first row: {', '.join(names)}"
