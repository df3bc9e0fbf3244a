"""The rows of a batch, as spreadsheets and programs write them (CSV, TSV, NDJSON); any number."""

from __future__ import annotations

import csv
import re
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from mesoplan.errors import InvalidInput, UnknownName, nearest, quoted
from mesoplan.formats.delimited import (
    DELIMITERS,
    as_it_was,
    column_key,
    delimiter_of,
    marked_delimiter,
)
from mesoplan.formats.ndjson import LONGEST_CELL, NotARow, cells_of
from mesoplan.formats.table_text import HOW_TO_SAVE, LONGEST_ROW, Lines, RowTooLong, TableText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

REJECTED_COLUMNS = ("line", "code", "reason")
"""What the rows that were refused have after their own columns."""

_OTHER_FORMS = {
    "<": ("is a web page or XML", HOW_TO_SAVE),
    "[": ("is JSON in one piece", "write one object a line (NDJSON), or give a CSV"),
}
_SAVE_AGAIN = "mend the quotation marks of this line, or save it again from the spreadsheet"
_BLANK = re.compile(rf'[\s"{DELIMITERS}]*')
_CLOSED = re.compile(r'"(?:[^"]|"")*"(?!")')
_LIKE_A_DATE = re.compile(r"[0-9]{4}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]")
_MOST_UNKNOWN = 20


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


@contextmanager
def open_rows(
    stream: BinaryIO,
    path: Path | None,
    name: str,
    known: Sequence[str],
    required: Sequence[str] = (),
) -> Iterator[Rows]:
    """Find out what the rows in *stream* are written in, and which columns they have.

    *path* is None for standard input, *name* what a message calls it; *known* are the columns that
    may come, *required* those that must. The stream is the caller's to close, after the rows.
    Raises FileProblem for what is empty, no text, or can't be read, and InvalidInput (UnknownName)
    for a header with a column that is unknown, missing or there twice. In NDJSON each row has its
    own names, so that there they are looked at row by row, and none is required.
    """
    with closing(TableText(stream, path, name)) as text:
        yield Rows(text, known, required)


class Rows:
    """The rows of a batch; each time it is iterated over they are read anew, and none is kept."""

    def __init__(self, text: TableText, known: Sequence[str], required: Sequence[str]) -> None:
        """See `open_rows`."""
        self._text = text
        self._known = tuple(known)
        self.is_json = self._first_character() == "{"
        """Whether each row is a JSON object."""
        self.delimiter = ","
        """What separates the cells; “,” for JSON."""
        self._header = _Header(self._known, self._known, (), is_rejected=False)
        if not self.is_json:
            _, self.delimiter, cells = self._begin()
            self._header = _read_header(cells, known, required, text.name)
        self.columns = self._header.columns
        """The names of the columns as they came, or all that are known for JSON."""
        self.is_rejected = self._header.is_rejected
        """Whether these are rows that were refused, fed back with the reasons in further columns.

        Those are left out of `columns` and of the rows, and what was neutralised is as it was.
        """
        self.encoding = text.encoding
        """UTF-8, UTF-16 or Windows-1252."""
        self.encoding_guessed = text.guessed
        """Whether the encoding may be another one: then umlauts and accents can be wrong."""
        self.line_ends = text.line_ends
        """How many line ends there are: what `Row.line` comes to at the end, about."""

    def __iter__(self) -> Iterator[Row | WrongRow]:
        """Read the rows from the first one; a wrong one comes in its place.

        Raises FileProblem when they can't be read any more.
        """
        try:
            if self.is_json:
                yield from _json_rows(Lines(self._text.from_beginning()), self._known)
            else:
                lines, delimiter, _ = self._begin()
                yield from _delimited_rows(lines, delimiter, self._header)
        except (OSError, UnicodeError) as error:
            what = "can't be read to its end, or changed meanwhile"
            raise self._text.problem(what, "run it again") from error

    def _first_character(self) -> str:
        """The first one that is no blank. Raises FileProblem where there is none."""
        text = self._text.from_beginning()
        while character := text.read(1):
            if character in _OTHER_FORMS:
                raise self._text.problem(*_OTHER_FORMS[character])
            if not character.isspace():
                return character
        raise self._text.problem("is empty", "give a table with a header and a row for each plan")

    def _begin(self) -> tuple[Lines, str, list[str]]:
        """The lines after the header, the delimiter, and the cells of the header."""
        lines = Lines(self._text.from_beginning())
        try:
            return lines, *_cut_header(lines)
        except (StopIteration, RowTooLong, csv.Error):
            raise self._text.problem(
                "has no header that can be read",
                "put the names of the columns into its first row, separated by commas",
            ) from None


# The header


@dataclass(frozen=True, slots=True)
class _Header:
    """The columns of a table, without those that say why its rows were refused."""

    columns: tuple[str, ...]
    """As they came."""
    names: tuple[str, ...]
    """The known name of each; empty for those without a name."""
    places: tuple[int, ...]
    """Where in a row each of them stands."""
    is_rejected: bool


def _cut_header(lines: Lines) -> tuple[str, list[str]]:
    """The delimiter, and the cells of the first row that has any; the lines go on after it.

    Raises StopIteration, RowTooLong or csv.Error.
    """

    def next_line() -> str:
        lines.begin_row()
        return next(lines)

    text = next_line()
    if (delimiter := marked_delimiter(text)) is not None:
        text = next_line()
    while _BLANK.fullmatch(text):
        text = next_line()
    # A quoted name may have line breaks.
    while text.count('"') % 2:
        text += next(lines)
    delimiter = delimiter or delimiter_of(text)
    return delimiter, next(csv.reader([text], delimiter=delimiter, strict=True))


def _names_by_key(known: Sequence[str]) -> dict[str, str]:
    return {column_key(name): name for name in known}


def _read_header(
    cells: Sequence[str], known: Sequence[str], required: Sequence[str], table: str
) -> _Header:
    """Find the *known* columns in the first row of a table; *table* is what a message calls it."""
    by_key = _names_by_key(known)
    keys = [column_key(cell) for cell in cells]
    is_rejected = all(name in keys and name not in by_key for name in REJECTED_COLUMNS)
    places = [
        place
        for place, key in enumerate(keys)
        if not (is_rejected and key in REJECTED_COLUMNS and keys.index(key) == place)
    ]
    named = [place for place in places if keys[place]]
    first_row = f"put the names of the columns into its first row: {', '.join(required or known)}"
    if not any(keys[place] in by_key for place in named):
        # The names are not shown: where there is no header they are somebody's data.
        if any(_LIKE_A_DATE.search(cell) for cell in cells):
            raise InvalidInput(
                f"{table} has no header: there is a date in its first row", first_row
            )
        if not any(nearest(keys[place], by_key) for place in named):
            raise InvalidInput(f"the first row of {table} names no column that is known", first_row)
    missing = [name for name in required if column_key(name) not in keys]
    listed = ", ".join(f"“{name}”" for name in missing)
    listed = f"the column {listed}" if len(missing) == 1 else f"the columns {listed}"
    if unknown := [cells[place].strip() for place in named if keys[place] not in by_key]:
        raise _unknown(unknown, f"missing: {listed}" if missing else "", known)
    seen: dict[str, int] = {}
    for place in named:
        if keys[place] in seen:
            raise InvalidInput(
                f"{table} has the column {quoted(cells[place].strip())} twice: it is column "
                f"{seen[keys[place]] + 1} and column {place + 1}",
                "leave one of them out",
            )
        seen[keys[place]] = place
    if missing:
        raise InvalidInput(f"{table} lacks {listed}", first_row)
    return _Header(
        columns=tuple(cells[place] for place in places),
        names=tuple(by_key.get(keys[place], "") for place in places),
        places=tuple(places),
        is_rejected=is_rejected,
    )


def _unknown(names: Sequence[str], missing: str, known: Sequence[str]) -> UnknownName:
    first, *others = (UnknownName("column", name, known) for name in names)
    details = [
        f"{each.problem}; {each.remedy}" if each.suggestions else each.problem
        for each in others[:_MOST_UNKNOWN]
    ]
    if len(others) > _MOST_UNKNOWN:
        details.append(f"and {len(others) - _MOST_UNKNOWN} more that are unknown")
    first.details = tuple(filter(None, [*details, missing]))
    return first


# Rows of CSV and TSV


def _delimited_rows(lines: Lines, delimiter: str, header: _Header) -> Iterator[Row | WrongRow]:
    """The rows after the header; blank ones are left out."""
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
        columns = len(header.names)
        if not any(map(str.strip, raw[columns:])):
            raw = raw[:columns]
        cells = {
            name: text
            for name, cell in zip(header.names, raw, strict=False)
            if (text := cell.strip())
        }
        if wrong := _what_is_wrong(raw, cells, header):
            yield WrongRow(lines.number, *wrong, tuple(raw))
        elif cells:
            yield Row(lines.number, cells, tuple(raw), refused_for)


def _without_reasons(raw: Sequence[str], header: _Header) -> list[str]:
    width = len(header.places) + len(REJECTED_COLUMNS)
    if len(raw) > width:
        # They were written after the cells, however many these are.
        return [as_it_was(cell) for cell in raw[: -len(REJECTED_COLUMNS)]]
    return [as_it_was(raw[place]) for place in header.places if place < len(raw)]


def _what_is_wrong(
    raw: Sequence[str], cells: Mapping[str, str], header: _Header
) -> tuple[str, str, str] | None:
    """The code, the problem and the remedy of a row that can't be taken."""
    columns = len(header.names)
    if len(raw) > columns:
        problem = f"there are {len(raw)} cells, and the header has {columns}"
        return "CELLS", problem, "put quotation marks around a cell that has the separator in it"
    for place, cell in enumerate(raw, 1):
        if "" in cells and not header.names[place - 1] and cell.strip():
            problem = f"there is something in column {place}, which has no name in the header"
            return "CELLS", problem, "give the column its name"
        if len(cell) > LONGEST_CELL:
            problem = f"the cell in column {place} has more than {LONGEST_CELL:,} characters"
            return "TOO_LONG", problem, "shorten it"
    return None


def _not_cut(lines: Lines, delimiter: str, error: Exception) -> WrongRow:
    """Say why, and go back to the line after the first one."""
    text = "".join(lines.taken)
    first = lines.taken[0]
    lines.keep_first()
    if len(first) > LONGEST_ROW:
        return _line_too_long(lines.number, first)
    # What is closed goes, its line breaks stay.
    rest = _CLOSED.sub(lambda closed: "\n" * closed[0].count("\n"), text)
    opened = re.search(rf'(?:^|[{delimiter}\r\n])"', rest)
    if opened is None or not (isinstance(error, RowTooLong) or _CLOSED.sub("", text).count('"')):
        problem = "it can't be cut into cells: a quotation mark is out of place"
    else:
        line = lines.number + rest.count("\n", 0, opened.end())
        problem = f"the quotation mark that opens a cell in line {line} is not closed"
    raw = (first[:LONGEST_CELL].rstrip("\r\n"),)
    return WrongRow(lines.number, "QUOTES", problem, _SAVE_AGAIN, raw)


def _line_too_long(number: int, line: str) -> WrongRow:
    problem = f"the line has more than {LONGEST_ROW:,} characters"
    raw = (line[:LONGEST_CELL].rstrip("\r\n"),)
    return WrongRow(number, "TOO_LONG", problem, "shorten it", raw)


# Rows of NDJSON


def _json_rows(lines: Lines, known: Sequence[str]) -> Iterator[Row | WrongRow]:
    """The rows, an object per line; blank lines are left out. The columns are the *known* ones."""
    by_key = _names_by_key(known)
    while True:
        lines.begin_row()
        try:
            text = next(lines).strip()
        except StopIteration:
            return
        except RowTooLong:
            yield _line_too_long(lines.number, lines.taken[0])
            continue
        if not text:
            continue
        try:
            cells = cells_of(text, by_key)
        except NotARow as error:
            code, problem, remedy = error.args
            yield WrongRow(lines.number, code, problem, remedy, (text,))
        else:
            yield Row(lines.number, cells, tuple(cells.get(name, "") for name in known))
