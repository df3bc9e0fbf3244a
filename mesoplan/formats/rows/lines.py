"""The lines of a text, row by row, none of them too long to be kept."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from mesoplan.formats.rows.values import LONGEST_ROW

if TYPE_CHECKING:
    from typing import TextIO


class RowTooLong(Exception):
    """The lines of a row have more characters than a row may have."""


class Lines:
    """Gives out lines with their ends, and can take those back that turn out to be other rows.

    Of a line that is too long only the beginning is kept. Iterating raises RowTooLong where the
    lines taken since `begin_row` are too long together; it can be gone on with.
    """

    def __init__(self, text: TextIO) -> None:
        """*text* must not translate line ends."""
        self.number = 1
        """Of the first line of the row."""
        self.taken: list[str] = []
        """The lines of the row so far."""
        self.characters = 0
        """How many they have together."""
        self._read = text.readline
        self._given_back: deque[str] = deque()

    def begin_row(self) -> None:
        """The next line is the first one of a row."""
        self.number += len(self.taken)
        self.taken = []
        self.characters = 0

    def keep_first(self) -> None:
        """The row is its first line alone; the others are given out again."""
        self._given_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else self._next_line()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.characters += len(line)
        if self.characters > LONGEST_ROW:
            raise RowTooLong
        return line

    def _next_line(self) -> str:
        line = self._read(LONGEST_ROW + 1)
        if len(line) > LONGEST_ROW:
            piece = line
            while piece and not piece.endswith(("\n", "\r")):
                piece = self._read(LONGEST_ROW)
        return line
