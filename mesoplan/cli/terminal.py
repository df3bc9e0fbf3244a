"""A page on a terminal: boxes, colour, and lines broken between words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from mesoplan.formats.page import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def print_page(page: Iterable[Part], stream: TextIO, width: int) -> None:
    """Print a page on a terminal of *width* columns. NO_COLOR is honoured."""
    console = Console(
        file=stream, width=width, force_terminal=True, markup=False, highlight=False, emoji=False
    )
    for part in page:
        console.print(_table(part) if isinstance(part, Table) else _text(part))


def _text(line: Line) -> RenderableType:
    text = Text.assemble(*((words, _STYLES[style]) for words, style in line.spans))
    return Padding(text, (0, 0, 0, line.indent)) if line.indent else text


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
        style = _STYLES["attention"] if index in table.attention else ""
        style = _STYLES["quiet"] if index in table.quiet else style
        drawn.add_row(*map(Text, row), style=style)
    return drawn
