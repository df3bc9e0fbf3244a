"""A page to read, as lines and tables: the same for a pipe, where it is plain text, and a terminal.

A style is a word of meaning, not of colour: "title", "quiet", "attention", "session",
"maintenance". Plain text has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Style = Literal["", "title", "quiet", "attention", "session", "maintenance"]
Span = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, in styled spans; a terminal may break it between words."""

    spans: tuple[Span, ...]
    indent: int = 0

    @property
    def text(self) -> str:
        """The line without its styles."""
        return " " * self.indent + "".join(text for text, _ in self.spans)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. A terminal may break the last column between words, and no other."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right_aligned: frozenset[int] = frozenset()
    """The columns, from 0, that are aligned at their right edge."""
    attention: frozenset[int] = frozenset()
    """The rows, from 0, that the eye should stop at."""
    quiet: frozenset[int] = frozenset()
    """The rows that it may pass over."""

    def plain_lines(self) -> Iterator[str]:
        """The table in plain text: columns two blanks apart, no rules."""
        every_row = (self.headings, *self.rows)
        widths = [max(map(len, column)) for column in zip(*every_row, strict=True)]
        for row in every_row:
            cells = (
                f"{cell:>{width}}" if index in self.right_aligned else f"{cell:<{width}}"
                for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            yield "  ".join(cells).rstrip()


Part = Line | Table


def line(*spans: str | Span, indent: int = 0) -> Line:
    """A line of plain texts and (text, style) spans."""
    return Line(tuple((span, "") if isinstance(span, str) else span for span in spans), indent)


def plain_text(parts: Iterable[Part]) -> str:
    """The page in plain text, every line whole."""
    lines: list[str] = []
    for part in parts:
        lines += part.plain_lines() if isinstance(part, Table) else [part.text.rstrip()]
    return "".join(f"{each}\n" for each in lines)
