"""The rows of a batch, as spreadsheets and programs write them (CSV, TSV, NDJSON); any number."""

from __future__ import annotations

import csv
import json
import re
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from mesoplan.errors import InvalidInput, UnknownName, nearest, quoted
from mesoplan.formats.delimited import (
    HOW_TO_SAVE,
    LONGEST_ROW,
    Lines,
    RowTooLong,
    TableText,
    as_it_was,
    column_key,
    cut_header,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

REJECTED_COLUMNS = ("line", "code", "reason")
"""What the rows that were refused have after their own columns."""
LONGEST_CELL = 10_000
"""In characters."""

_OTHER_FORMS = {
    "<": ("is a web page or XML", HOW_TO_SAVE),
    "[": ("is a single JSON document", "write one object per line (NDJSON), or give a CSV"),
}
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
    code: str
    """QUOTES, TOO_LONG, CELLS, JSON, COLUMN or VALUE."""
    problem: str
    """What is wrong, in part of a line."""
    remedy: str
    """What to do about it, in part of a line."""
    raw: tuple[str, ...]
    """Its cells as they came, perhaps more than there are columns; its text where it has none."""


class _NotARow(Exception):
    """What a WrongRow has, but its line."""


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
    reserved: Sequence[str] = (),
) -> Iterator[Rows]:
    """Find out what the rows in *stream* are written in, and which columns they have.

    *path* is None for standard input, *name* what a message calls it; *known* are the columns that
    may come, *required* those that must, *reserved* names that no column may have. A column whose
    name resembles none of these is kept aside. The stream is the caller's to close, after the rows.
    Raises FileProblem for what is empty, not text, or can't be read, and InvalidInput (UnknownName)
    for a header with a column that is nearly known, missing or there twice. In NDJSON each row has
    its own names, so that there they are looked at row by row, and none is required.
    """
    with ExitStack() as opened:
        yield Rows(TableText(stream, path, name, opened), known, required, reserved)


class Rows:
    """The rows of a batch; each time it is iterated over they are read anew, and none is kept."""

    def __init__(
        self,
        text: TableText,
        known: Sequence[str],
        required: Sequence[str],
        reserved: Sequence[str],
    ) -> None:
        """See `open_rows`."""
        self.text = text
        self.aside: dict[str, None] = {}
        """The names of the columns that are kept aside, or the first of them."""
        self._resembled = (*known, *reserved)
        self._by_key = {column_key(name): name for name in known}
        self.is_json = self._first_character() == "{"
        """Whether each row is a JSON object."""
        self.delimiter = ","
        """What separates the cells; “,” for JSON."""
        self._header = _Header(tuple(known), tuple(known), (), is_rejected=False)
        if not self.is_json:
            _, self.delimiter, cells = self._begin()
            self._header = _read_header(cells, self._by_key, required, text.name, self._is_aside)
        self.columns = self._header.columns
        """The names of the columns as they came, or all that are known for JSON."""
        self.is_rejected = self._header.is_rejected
        """Whether these are rows that were refused, fed back with the reasons in further columns.

        Those are left out of `columns` and of the rows, and what was neutralised is as it was.
        """

    def __iter__(self) -> Iterator[Row | WrongRow]:
        """Read the rows from the first one; a wrong one comes in its place, a blank one does not.

        Raises FileProblem if they can't be read any more.
        """
        try:
            lines, read = self._reader()
            while True:
                lines.begin_row()
                try:
                    row = read(lines)
                except StopIteration:
                    return
                except _NotARow as wrong:
                    yield WrongRow(lines.number, *wrong.args)
                else:
                    if row is not None:
                        yield row
        except (OSError, UnicodeError) as error:
            what = "changed while it was read, or can't be read to its end"
            raise self.text.problem(what, "run it again") from error

    def _is_aside(self, name: str) -> bool:
        """Whether the name of a column resembles no other, so that it can't be a slip."""
        if name not in self.aside:
            if nearest(name, self._resembled):
                return False
            if len(self.aside) < _MOST_UNKNOWN:
                self.aside[name] = None
        return True

    def _reader(self) -> tuple[Lines, Callable[[Lines], Row | None]]:
        """The lines of the rows, and what reads a row of them: None for a blank one."""
        if self.is_json:
            read = partial(_json_row, self._by_key, self._is_aside)
            return Lines(self.text.from_beginning()), read
        lines, delimiter, _ = self._begin()
        cut = csv.reader(lines, delimiter=delimiter, strict=True)
        return lines, partial(_delimited_row, cut, delimiter, self._header)

    def _first_character(self) -> str:
        """The first line that is not blank. Raises FileProblem if there is none."""
        text = self.text.from_beginning()
        while character := text.read(1):
            if character in _OTHER_FORMS:
                raise self.text.problem(*_OTHER_FORMS[character])
            if not character.isspace():
                return character
        raise self.text.problem("is empty", "give a table with a header and one row per plan")

    def _begin(self) -> tuple[Lines, str, list[str]]:
        """The lines after the header, the delimiter, and the cells of the header."""
        lines = Lines(self.text.from_beginning())
        try:
            return lines, *cut_header(lines)
        except (StopIteration, RowTooLong, csv.Error):
            raise self.text.problem(
                "has no header that can be read",
                "put the names of the columns in its first row, separated by commas",
            ) from None


# The header


class _Header(NamedTuple):
    """The columns of a table, without those that say why its rows were refused."""

    columns: tuple[str, ...]
    """As they came."""
    names: tuple[str | None, ...]
    """The known name of each; empty for those without a name, None for those kept aside."""
    places: tuple[int, ...]
    """Where in a row each of them stands."""
    is_rejected: bool


def _read_header(
    cells: Sequence[str],
    by_key: Mapping[str, str],
    required: Sequence[str],
    table: str,
    is_aside: Callable[[str], bool],
) -> _Header:
    """Find the known columns in the first row of a table; *table* is what a message calls it."""
    known = tuple(by_key.values())
    keys = [column_key(cell) for cell in cells]
    is_rejected = all(name in keys and name not in by_key for name in REJECTED_COLUMNS)
    reasons = {keys.index(name) for name in REJECTED_COLUMNS} if is_rejected else ()
    places = tuple(place for place in range(len(keys)) if place not in reasons)
    named = [place for place in places if keys[place]]
    first_row = f"put the names of the columns in its first row: {', '.join(required or known)}"
    if not any(keys[place] in by_key for place in named):
        # The names are not shown: where there is no header they are somebody's data.
        if any(_LIKE_A_DATE.search(cell) for cell in cells):
            raise InvalidInput(
                f"{table} has no header: there is a date in its first row", first_row
            )
        if not any(nearest(keys[place], by_key) for place in named):
            raise InvalidInput(f"the first row of {table} has no known column", first_row)
    missing = [f"“{name}”" for name in required if column_key(name) not in keys]
    listed = f"the column{'' if len(missing) == 1 else 's'} {', '.join(missing)}"
    unknown = [cells[place].strip() for place in named if keys[place] not in by_key]
    if wrong := [name for name in unknown if not is_aside(name)]:
        slip, *others = (UnknownName("column", name, known) for name in wrong)
        details = [
            each.in_one_line if each.suggestions else each.problem
            for each in others[:_MOST_UNKNOWN]
        ]
        slip.details = (*details, *[f"missing: {listed}"] * bool(missing))
        raise slip
    seen: dict[str, int] = {}
    for place in (each for each in named if keys[each] in by_key):
        first = seen.setdefault(keys[place], place)
        if first != place:
            raise InvalidInput(
                f"{table} has the column {quoted(cells[place].strip())} twice: as column "
                f"{first + 1} and as column {place + 1}",
                "remove one of them",
            )
    if missing:
        lacking = InvalidInput(f"{table} doesn't have {listed}", first_row)
        lacking.details = tuple(f"unknown column {quoted(name)}" for name in unknown)
        raise lacking
    columns = tuple(cells[place] for place in places)
    names = tuple(by_key.get(keys[place], None if keys[place] else "") for place in places)
    return _Header(columns, names, places, is_rejected)


# A row of CSV and TSV


def _delimited_row(
    cut: Iterator[list[str]], delimiter: str, header: _Header, lines: Lines
) -> Row | None:
    """The next row after the header. Raises _NotARow, and StopIteration at the end."""
    try:
        raw = next(cut)
    except (csv.Error, RowTooLong) as error:
        raise _not_cut(lines, delimiter, error) from None
    refused_for, columns = "", len(header.names)
    if header.is_rejected:
        refused_for = raw[-2].strip() if len(raw) >= len(REJECTED_COLUMNS) else ""
        raw = _without_reasons(raw, header)
    if not any(map(str.strip, raw[columns:])):
        raw = raw[:columns]
    named = zip(header.names, raw, strict=False)
    cells = {name: text for name, cell in named if name is not None and (text := cell.strip())}
    if wrong := _what_is_wrong(raw, cells, header):
        raise _NotARow(*wrong, tuple(raw))
    return Row(lines.number, cells, tuple(raw), refused_for) if any(map(str.strip, raw)) else None


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
        problem = f"there are {len(raw)} cells, but the header has {columns}"
        return "CELLS", problem, "put quotation marks around a cell that has the separator in it"
    for place, cell in enumerate(raw, 1):
        if "" in cells and header.names[place - 1] == "" and cell.strip():
            problem = f"column {place} is not empty, but has no name in the header"
            return "CELLS", problem, "give the column a name"
        if len(cell) > LONGEST_CELL:
            problem = f"the cell in column {place} has more than {LONGEST_CELL:,} characters"
            return "TOO_LONG", problem, "shorten it"
    return None


def _not_cut(lines: Lines, delimiter: str, error: Exception) -> _NotARow:
    """Say why, and go back to the line after the first one."""
    text = "".join(lines.taken)
    first = lines.taken[0]
    lines.keep_first()
    if len(first) > LONGEST_ROW:
        return _line_too_long(first)
    # What is closed goes, its line breaks stay.
    rest = _CLOSED.sub(lambda closed: "\n" * closed[0].count("\n"), text)
    opened = re.search(rf'(?:^|[{delimiter}\r\n])"', rest)
    if opened is None or not (isinstance(error, RowTooLong) or _CLOSED.sub("", text).count('"')):
        problem = "a quotation mark is in the wrong place"
    else:
        line = lines.number + rest.count("\n", 0, opened.end())
        problem = f"the quotation mark that opens a cell in line {line} is not closed"
    remedy = "correct the quotation marks here, or save the table again from the spreadsheet"
    return _NotARow("QUOTES", problem, remedy, _beginning(first))


def _line_too_long(line: str) -> _NotARow:
    problem = f"the line has more than {LONGEST_ROW:,} characters"
    return _NotARow("TOO_LONG", problem, "shorten it", _beginning(line))


def _beginning(line: str) -> tuple[str]:
    return (line[:LONGEST_CELL].rstrip("\r\n"),)


# A row of NDJSON: an object in a line, its keys the names of the columns


def _json_row(
    by_key: Mapping[str, str], is_aside: Callable[[str], bool], lines: Lines
) -> Row | None:
    """The row in the next line; *by_key* are the known names by what `column_key` makes of them.

    Raises _NotARow, and StopIteration at the end.
    """
    try:
        text = next(lines).strip()
    except RowTooLong:
        raise _line_too_long(lines.taken[0]) from None
    if not text:
        return None

    def wrong(code: str, problem: str, remedy: str) -> _NotARow:
        return _NotARow(code, problem, remedy, (text,))

    cells: dict[str, str] = {}
    pairs = _pairs_of(text)
    if pairs is None:
        raise wrong(
            "JSON", "it is not a JSON object", "write one object per line, with its names in quotes"
        )
    for written, value in pairs:
        name = by_key.get(column_key(written))
        if name is None and is_aside(written):
            continue
        if name is None:
            error = UnknownName("column", written, list(by_key.values()))
            raise wrong("COLUMN", error.problem, error.remedy)
        if name in cells:
            problem = f"the column “{name}” appears twice"
            raise wrong("COLUMN", problem, "remove one of them")
        texts = [_cell_text(each) for each in (value if type(value) is list else [value])]
        if None in texts:
            raise wrong(
                "VALUE",
                f"the value of {quoted(name)} is an object, or a list in a list",
                "write a text, a number, true, false, null, or a list of those",
            )
        cells[name] = "\n".join(filter(None, texts)).strip()
        if len(cells[name]) > LONGEST_CELL:
            problem = f"the value of “{name}” has more than {LONGEST_CELL:,} characters"
            raise wrong("TOO_LONG", problem, "shorten it")
    raw = tuple(cells.get(name, "") for name in by_key.values())
    return Row(lines.number, {name: cell for name, cell in cells.items() if cell}, raw)


class _Pairs(list[tuple[str, Any]]):
    """An object, with the keys that it has twice."""


def _pairs_of(text: str) -> _Pairs | None:
    try:
        found = _DECODER.decode(text)
        if "\\u" in text:
            # JSON can name half a surrogate pair, which no file can hold.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, _Pairs) else None


def _number_text(text: str) -> str:
    """“8” for 8.0; any other number as it stands."""
    number = float(text)
    # Beyond that a floating-point number counts nothing.
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text


def _no_constant(name: str) -> str:
    raise ValueError(name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs,
    parse_int=str,
    parse_float=_number_text,
    parse_constant=_no_constant,
)


def _cell_text(value: object) -> str | None:
    """None for a value that no cell can have."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else None
