"""A page on a terminal: boxes, colour, and lines broken between words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from mesoplan.formats.page import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from mesoplan.formats.page import Line, Part, Style

_STYLES: dict[Style, str] = {
    "": "",
    "title": "bold",
    "quiet": "dim",
    "attention": "yellow",
    "session": "bold green",
    "maintenance": "bold cyan",
}


_GAP = 2
"""The blanks between two columns of a table."""
_LEAST_TO_READ = 14


def print_page(page: Iterable[Part], stream: TextIO, width: int) -> None:
    """Print a page on a terminal of *width* columns. NO_COLOR is honoured."""
    console = Console(
        file=stream, width=width, force_terminal=True, markup=False, highlight=False, emoji=False
    )
    for part in page:
        if not isinstance(part, Table):
            console.print(_text(part))
        elif _least_width(part) <= width:
            console.print(_table(part))
        else:
            for text in _stacked(part, width):
                console.print(text)


def _text(line: Line) -> RenderableType:
    text = Text.assemble(*((words, _STYLES[style]) for words, style in line.spans))
    return Padding(text, (0, 0, 0, line.indent)) if line.indent else text


def _least_width(table: Table) -> int:
    """In how many columns a table is whole, and its last column can be read."""
    *columns, last = zip(table.headings, *table.rows, strict=True)
    whole = sum(max(map(cell_len, column)) + _GAP for column in columns)
    words = max(cell_len(word) for cell in last for word in cell.split(" "))
    return whole + max(words, min(max(map(cell_len, last)), _LEAST_TO_READ))


def _stacked(table: Table, width: int) -> Iterator[Text]:
    """A table that is too wide, row by row: cells one after the other, broken between them."""
    gap, unbroken = " " * _GAP, "\N{NO-BREAK SPACE}"
    for index, row in enumerate((table.headings, *table.rows), start=-1):
        *cells, last = row
        kept = (cell.replace(" ", unbroken) for cell in cells if cell)
        lines = textwrap.wrap(gap.join([*kept, last]), width, subsequent_indent=gap)
        style = _STYLES["title"] if index < 0 else _row_style(table, index)
        yield Text("\n".join(lines).replace(unbroken, " "), style=style)


def _row_style(table: Table, index: int) -> str:
    if index in table.quiet:
        return _STYLES["quiet"]
    return _STYLES["attention"] if index in table.attention else ""


def _table(table: Table) -> RichTable:
    drawn = RichTable(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style=_STYLES["title"],
    )
    last = len(table.headings) - 1
    for index, heading in enumerate(table.headings):
        drawn.add_column(
            Text(heading),
            justify="right" if index in table.right_aligned else "left",
            no_wrap=index != last,
        )
    for index, row in enumerate(table.rows):
        drawn.add_row(*map(Text, row), style=_row_style(table, index))
    return drawn
