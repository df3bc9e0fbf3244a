"""A row of a batch, as it is read: its cells by the names of their columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_CELL = 10_000
"""In characters."""
LONGEST_ROW = 100_000
"""In characters, line ends included."""


class Row(NamedTuple):
    """A row that could be read; whether its values are right is not known yet."""

    line: int
    """The first line of the file that it stands in, counted from 1."""
    cells: Mapping[str, str]
    """By the known names of the columns, without blanks around them; empty cells are left out."""
    raw: tuple[str, ...]
    """Its cells as they came, in the order of `Rows.columns`; may be fewer than the columns."""
    refused_for: str = ""
    """The code for which it was refused before, where it was."""


class WrongRow(NamedTuple):
    """A row that can't be read; the rows after it can."""

    line: int
    """The first line of the file that it stands in, counted from 1."""
    code: str
    """QUOTES, TOO_LONG, CELLS, JSON, COLUMN or VALUE."""
    problem: str
    """What is wrong, in part of a line."""
    remedy: str
    """What to do about it, in part of a line."""
    raw: tuple[str, ...]
    """Its cells as they came, perhaps more than there are columns; its text where it has none."""


def values_of(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, separated by “;”, “|” or line breaks."""
    return tuple(value for each in re.split(r"[;|\r\n]", cell) if (value := each.strip()))
