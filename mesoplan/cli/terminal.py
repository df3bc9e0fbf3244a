"""A page on a terminal: boxes, colour, and lines broken between words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from mesoplan.formats.page import UNBROKEN, Table, kept_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
            for text in _lines(part, width):
                console.print(text, soft_wrap=_is_command(text))
            continue
        table = part
        while table.optional and _least_width(table) > width:
            table = table.narrower()
        if _least_width(table) <= width:
            console.print(_table(table, width))
        else:
            for text in _stacked(part, width):
                console.print(text)


def _is_command(text: Text) -> bool:
    return text.plain.lstrip().startswith("mesoplan ")


def _lines(line: Line, width: int) -> Iterator[Text]:
    """A line broken between words, but in no date; those after the first one hang.

    A command that is a line of its own stays whole, so that it can be pasted.
    """
    text = Text.assemble(*((words, _STYLES[style]) for words, style in line.spans))
    if _is_command(text):
        yield Text(" " * line.indent) + text
        return
    hang = line.hang if width - line.indent - line.hang >= _LEAST_TO_READ else 0
    plain, place, left = kept_together(text.plain), hang, width - line.indent - hang
    margin = Text(" " * line.indent) + text[:hang]
    for part in textwrap.wrap(plain[hang:], left, break_on_hyphens=False) or [""]:
        place = plain.index(part, place)
        yield margin + text[place : place + len(part)]
        margin = Text(" " * (line.indent + hang))


def _least_width(table: Table) -> int:
    """In how many columns a table is whole, and its last column can be read."""
    last = [table.headings[-1], *(row[-1] for row in table.rows)]
    words = max(cell_len(word) for cell in last for word in kept_together(cell).split(" "))
    return _whole_width(table) + max(words, min(max(map(cell_len, last)), _LEAST_TO_READ))


def _whole_width(table: Table) -> int:
    """The width of all columns but the last."""
    *columns, _ = zip(table.headings, *table.rows, strict=True)
    return sum(max(map(cell_len, column)) + _GAP for column in columns)


def _stacked(table: Table, width: int) -> Iterator[Text]:
    """A table that is too wide, row by row: cells one after the other, broken between them."""
    gap = " " * _GAP
    for index, row in enumerate((table.headings, *table.rows), start=-1):
        *cells, last = row
        kept = (cell.replace(" ", UNBROKEN) for cell in cells if cell)
        text = gap.join([*kept, kept_together(last)])
        lines = textwrap.wrap(text, width, subsequent_indent=gap)
        style = _STYLES["title"] if index < 0 else _row_style(table, index)
        yield Text("\n".join(lines).replace(UNBROKEN, " "), style=style)


def _row_style(table: Table, index: int) -> str:
    if index in table.quiet:
        return _STYLES["quiet"]
    return _STYLES["attention"] if index in table.attention else ""


def _table(table: Table, width: int) -> RichTable:
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
        *cells, last_cell = row
        broken = textwrap.wrap(kept_together(last_cell), width - _whole_width(table))
        text = "\n".join(broken).replace(UNBROKEN, " ")
        drawn.add_row(*map(Text, (*cells, text)), style=_row_style(table, index))
    return drawn
