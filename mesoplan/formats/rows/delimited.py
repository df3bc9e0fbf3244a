"""Rows of CSV and TSV: a header, then a row a line, or more where a cell has line breaks."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from mesoplan.formats.delimited import DELIMITERS, as_it_was, delimiter_of, marked_delimiter
from mesoplan.formats.rows.header import REJECTED_COLUMNS
from mesoplan.formats.rows.lines import RowTooLong
from mesoplan.formats.rows.values import LONGEST_CELL, LONGEST_ROW, Row, WrongRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.formats.rows.header import Header
    from mesoplan.formats.rows.lines import Lines

_SAVE_AGAIN = "mend the quotation marks of this line, or save it again from the spreadsheet"
_BLANK = re.compile(rf'[\s"{DELIMITERS}]*')
_CLOSED = re.compile(r'"(?:[^"]|"")*"(?!")')


class NoRow(Exception):
    """The text ends before there is a header, or the header can't be cut into cells."""


def cut_header(lines: Lines) -> tuple[str, list[str]]:
    """The delimiter, and the cells of the first row that has any; the lines go on after it.

    Raises NoRow.
    """
    delimiter = None
    first = _next_line(lines)
    if (marked := marked_delimiter(first)) is not None:
        delimiter, first = marked, _next_line(lines)
    while _BLANK.fullmatch(first):
        first = _next_line(lines)
    # A quoted name may have line breaks.
    text = first
    try:
        while text.count('"') % 2:
            text += next(lines)
        delimiter = delimiter or delimiter_of(text)
        cells = next(csv.reader([text], delimiter=delimiter, strict=True))
    except (StopIteration, RowTooLong, csv.Error):
        raise NoRow from None
    return delimiter, cells


def _next_line(lines: Lines) -> str:
    lines.begin_row()
    try:
        return next(lines)
    except (StopIteration, RowTooLong):
        raise NoRow from None


def delimited_rows(lines: Lines, delimiter: str, header: Header) -> Iterator[Row | WrongRow]:
    """The rows after the header; blank ones are left out."""
    names = header.names
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin_row()
        try:
            raw = next(reader)
        except StopIteration:
            return
        except (csv.Error, RowTooLong) as error:
            yield _not_cut(lines, delimiter, error)
            continue
        refused_for = ""
        if header.is_rejected:
            refused_for = raw[-2].strip() if len(raw) >= len(REJECTED_COLUMNS) else ""
            raw = _without_reasons(raw, header)
        if len(raw) > len(names) and not any(map(str.strip, raw[len(names) :])):
            raw = raw[: len(names)]
        cells = {
            name: text for name, cell in zip(names, raw, strict=False) if (text := cell.strip())
        }
        if (
            "" in cells
            or len(raw) > len(names)
            or (lines.characters > LONGEST_CELL and max(map(len, raw)) > LONGEST_CELL)
        ):
            yield _wrong(lines.number, raw, cells, header)
        elif cells:
            yield Row(lines.number, cells, tuple(raw), refused_for)


def _without_reasons(raw: Sequence[str], header: Header) -> list[str]:
    width = len(header.places) + len(REJECTED_COLUMNS)
    if len(raw) > width:
        # They were written after the cells, however many these are.
        return [as_it_was(cell) for cell in raw[: -len(REJECTED_COLUMNS)]]
    return [as_it_was(raw[place]) for place in header.places if place < len(raw)]


def _wrong(line: int, raw: Sequence[str], cells: dict[str, str], header: Header) -> WrongRow:
    known = len(header.names)
    if len(raw) > known:
        problem = f"there are {len(raw)} cells, and the header has {known}"
        remedy = "put quotation marks around a cell that has the separator in it"
        return WrongRow(line, "CELLS", problem, remedy, tuple(raw))
    if "" in cells:
        column = next(
            place + 1
            for place, (name, cell) in enumerate(zip(header.names, raw, strict=False))
            if not name and cell.strip()
        )
        problem = f"there is something in column {column}, which has no name in the header"
        return WrongRow(line, "CELLS", problem, "give the column its name", tuple(raw))
    column = next(place + 1 for place, cell in enumerate(raw) if len(cell) > LONGEST_CELL)
    problem = f"the cell in column {column} has more than {LONGEST_CELL:,} characters"
    return WrongRow(line, "TOO_LONG", problem, "shorten it", tuple(raw))


def _not_cut(lines: Lines, delimiter: str, error: Exception) -> WrongRow:
    """Say why, and go back to the line after the first one."""
    text = "".join(lines.taken)
    first = lines.taken[0]
    lines.keep_first()
    raw = (first[:LONGEST_CELL].rstrip("\r\n"),)
    if len(first) > LONGEST_ROW:
        problem = f"the line has more than {LONGEST_ROW:,} characters"
        return WrongRow(lines.number, "TOO_LONG", problem, "shorten it", raw)
    # What is closed goes, its line breaks stay.
    rest = _CLOSED.sub(lambda closed: "\n" * closed[0].count("\n"), text)
    opened = re.search(rf'(?:^|[{delimiter}\r\n])"', rest)
    if opened is None or not (isinstance(error, RowTooLong) or _CLOSED.sub("", text).count('"')):
        problem = "it can't be cut into cells: a quotation mark is out of place"
    else:
        line = lines.number + rest.count("\n", 0, opened.end())
        problem = f"the quotation mark that opens a cell in line {line} is not closed"
    return WrongRow(lines.number, "QUOTES", problem, _SAVE_AGAIN, raw)
