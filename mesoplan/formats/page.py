"""Lines with styles, and grids of days: what a screen shows before it is written."""

from __future__ import annotations

import re
from calendar import Calendar
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from mesoplan.dates.days import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

Style = Literal["", "title", "quiet", "attention", "session", "maintenance"]
Span = tuple[str, Style]


class Line(NamedTuple):
    """One line of text, in styled spans; a terminal may break it between words."""

    spans: tuple[Span, ...]
    indent: int = 0
    hang: int = 0
    """By how many columns more the lines after the first are indented, where it is broken."""

    @property
    def text(self) -> str:
        """The line without its styles."""
        return " " * self.indent + "".join(text for text, _ in self.spans)


class Table(NamedTuple):
    """Rows under headings. A terminal may break the last column between words, and no other."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right_aligned: frozenset[int] = frozenset()
    """The columns, from 0, that are aligned at their right edge."""
    attention: frozenset[int] = frozenset()
    """The rows, from 0, that the eye should stop at."""
    quiet: frozenset[int] = frozenset()
    """The rows that it may pass over."""
    optional: tuple[int, ...] = ()
    """The columns that a narrow window leaves out, one after the other until the rest fits."""

    def narrower(self) -> Table:
        """The table without the first of its optional columns."""
        gone, *others = self.optional
        cells = (row[:gone] + row[gone + 1 :] for row in (self.headings, *self.rows))
        headings, *rows = cells
        return self._replace(
            headings=headings,
            rows=tuple(rows),
            right_aligned=frozenset(each - (each > gone) for each in self.right_aligned - {gone}),
            optional=tuple(each - (each > gone) for each in others),
        )

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
T = TypeVar("T")


def table_of(
    items: Sequence[T],
    columns: Mapping[str, Callable[[T], str]],
    right_aligned: Container[str] = (),
    attention: Callable[[T], bool] = lambda _: False,
    quiet: Callable[[T], bool] = lambda _: False,
    optional: Iterable[str] = (),
) -> Table:
    """A table with a row for each item; *columns* give its cells, by their headings."""
    return Table(
        headings=tuple(columns),
        rows=tuple(tuple(cell(each) for cell in columns.values()) for each in items),
        right_aligned=frozenset(k for k, name in enumerate(columns) if name in right_aligned),
        attention=frozenset(k for k, each in enumerate(items) if attention(each)),
        quiet=frozenset(k for k, each in enumerate(items) if quiet(each)),
        optional=tuple(list(columns).index(name) for name in optional if name in columns),
    )


def titled(title: str, *rest: str | Span) -> Iterator[Line]:
    """An empty line, and a line that begins with a title."""
    yield line()
    yield line((title, "title"), *rest)


def counted(number: int, what: str, several: str = "") -> str:
    """“1 plan”, “2,000 plans”; *several* are called otherwise than with an s."""
    return f"{number:,} {what if number == 1 else several or f'{what}s'}"


def line(*spans: str | Span, indent: int = 0, hang: int = 0) -> Line:
    """A line of plain texts and (text, style) spans."""
    styled: Iterator[Span] = ((each, "") if isinstance(each, str) else each for each in spans)
    return Line(tuple(styled), indent, hang)


def note_line(text: str) -> Line:
    """A notice, below a page."""
    return line(("Note: ", "attention"), text, hang=len("Note: "))


UNBROKEN = "\N{NO-BREAK SPACE}"
"""Stands where a line isn't broken between words."""
_IN_DATE = re.compile(
    rf"(?<=\b(?:{'|'.join(name[:3] for name in WEEKDAYS)})) +(?=\d)"
    rf"|(?<=\d) (?=(?:{'|'.join(name[:3] for name in MONTHS)})\b)"
    rf"|(?<=\b(?:{'|'.join(name[:3] for name in MONTHS)})) (?=\d{{4}}|\d\d:)"
)


_COMMAND = re.compile(r"\bmesoplan (?:done|miss|move|extend|replan|undo) .*$")


def kept_together(text: str) -> str:
    """The text with no place to break a line within a date, or a command at its end."""
    text = _COMMAND.sub(lambda command: command[0].replace(" ", UNBROKEN), text)
    return _IN_DATE.sub(lambda blanks: UNBROKEN * len(blanks[0]), text)


def plain_text(parts: Iterable[Part]) -> str:
    """The page in plain text, every line whole."""
    lines: list[str] = []
    for part in parts:
        lines += part.plain_lines() if isinstance(part, Table) else [part.text.rstrip()]
    return "".join(f"{each}\n" for each in lines)


Grid = list[list[Span]]
"""The lines of a month, all of one width."""

_GAP = 3
_WIDTH_OF_A_PIPE = 80


def month_grid(
    year: int, month: int, widths: Sequence[int], cell: Callable[[date], Sequence[Span]]
) -> Grid:
    """A month under its name and weekdays, of these *widths*; *cell* gives the lines of a day."""
    title: Span = (f"{MONTHS[month - 1]} {year}".center(sum(widths)), "title")
    names = (f" {name[:2]}".ljust(width) for name, width in zip(WEEKDAYS, widths, strict=True))
    grid: Grid = [[title], [("".join(names), "quiet")]]
    for week in Calendar().monthdayscalendar(year, month):
        days = [cell(date(year, month, number)) if number else [] for number in week]
        grid += [
            [
                day[line] if line < len(day) else (" " * width, "")
                for day, width in zip(days, widths, strict=True)
            ]
            for line in range(max(map(len, days)))
        ]
    return grid


def side_by_side(grids: Sequence[Grid], width: int | None) -> Iterator[Line]:
    """Grids of one width, as many beside each other as *width* allows; None for a pipe.

    An empty line follows each row of them.
    """
    if not grids:
        return
    of_one = sum(len(text) for text, _ in grids[0][0])
    columns = max(1, ((width or _WIDTH_OF_A_PIPE) + _GAP) // (of_one + _GAP))
    gap: Span = (" " * _GAP, "")
    nothing: list[Span] = [(" " * of_one, "")]
    for row in range(0, len(grids), columns):
        for first, *others in zip_longest(*grids[row : row + columns], fillvalue=nothing):
            yield line(*first, *(span for other in others for span in (gap, *other)))
        yield line()
