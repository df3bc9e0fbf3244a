"""A table of dates: CSV or TSV with a header, as spreadsheets save it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.formats.date_lists.cells import WrongLine, written_date
from mesoplan.formats.delimited import delimiter_of, folded_name, marked_delimiter
from mesoplan.model.plan import Notice
from mesoplan.planning.appointments import FoundDate, FoundDates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from mesoplan.planning.appointments import Kind

_DATE_NAMES = (
    *("date", "day", "session date", "appointment date", "start date", "when", "start", "begin"),
    *("appointment", "session", "visit", "datum", "fecha", "data", "jour"),
)
_TIME_NAMES = ("time", "start time", "clock", "hour", "uhrzeit", "hora", "heure", "ora")
_KIND_NAMES = ("kind",)
_STATUS_NAMES = ("status",)
_COURSE_NAMES = ("plan", "course", "patient", "client", "id")
"""What tells courses apart, the surest first."""
_KINDS: dict[str, Kind | None] = {
    **dict.fromkeys(("course", "series", "session", "treatment"), "course"),
    **dict.fromkeys(("maintenance", "upkeep"), "maintenance"),
    "": None,
}
_NOT_HELD = {"cancelled", "canceled", "missed"}
_MOST_PROBLEMS = 20


class _Row(NamedTuple):
    line: int
    cells: list[str]

    def cell(self, column: int | None) -> str:
        if column is None or column >= len(self.cells):
            return ""
        return self.cells[column].strip()


class WrongLines(Exception):
    """Lines can't be read; at least one."""

    def __init__(self, problems: Sequence[WrongLine]) -> None:
        super().__init__(problems[0].problem)
        self.problems = tuple(problems)


def first_row(text: str) -> list[str]:
    """The cells of the first row, as a header; empty where it can't be cut into cells."""
    try:
        return next((row.cells for row in _rows(text)), [])
    except WrongLine:
        return []


def is_date_name(cell: str) -> bool:
    """Whether a column of that name holds dates."""
    return folded_name(cell) in _DATE_NAMES


def read_table(text: str, zone: ZoneInfo) -> FoundDates:
    """The dates of a table whose first row is a header.

    Raises WrongLines for rows that can't be read, and WrongLine for a table without dates.
    """
    header, *rows = _rows(text)
    names = [folded_name(cell) for cell in header.cells]
    rows = [row for row in rows if any(cell.strip() for cell in row.cells)]
    column = _date_column(names, rows, zone)
    times = _column(names, _TIME_NAMES)
    kinds = _column(names, _KIND_NAMES)
    courses = _course_column(names, rows)
    states = _column(names, _STATUS_NAMES)
    held = [row for row in rows if row.cell(states).casefold() not in _NOT_HELD]
    dated = [row for row in held if row.cell(column)]
    found: list[FoundDate] = []
    problems: list[WrongLine] = []
    for row in dated:
        try:
            day, start = written_date(row.line, row.cell(column), zone, row.cell(times))
            found.append(
                FoundDate(
                    day=day,
                    start=start,
                    kind=_kind(row.line, row.cell(kinds)),
                    line=row.line,
                    course=row.cell(courses),
                )
            )
        except WrongLine as error:
            problems.append(error)
            if len(problems) == _MOST_PROBLEMS:
                break
    if problems:
        raise WrongLines(problems)
    notes = (
        *_left_out("CANCELLED_LEFT_OUT", len(rows) - len(held), "marked as cancelled or missed"),
        *_left_out("UNDATED_LEFT_OUT", len(held) - len(dated), "without a date"),
    )
    return FoundDates(tuple(found), notes)


def _rows(text: str) -> Iterator[_Row]:
    """Raises WrongLine where the text can't be cut into rows."""
    line = 1
    first_line, line_end, rest = text.partition("\n")
    delimiter = marked_delimiter(first_line) if line_end else None
    if delimiter is not None:
        text, line = rest, 2
    first = next((each for each in text.split("\n") if each.strip()), "")
    delimiter = delimiter or delimiter_of(first)
    offset = line - 1
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield _Row(line, cells)
            line = offset + reader.line_num + 1
    except csv.Error:
        raise WrongLine(
            f"line {line}: this row can't be cut into cells: a quotation mark is out of place",
            "save it again as CSV from the spreadsheet",
        ) from None


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _date_column(names: Sequence[str], rows: Sequence[_Row], zone: ZoneInfo) -> int:
    named = [names.index(name) for name in _DATE_NAMES if name in names]
    for column in named:
        if _holds_dates(rows, column, zone):
            return column
    if named:
        return named[0]
    found = [column for column in range(len(names)) if _holds_dates(rows, column, zone)]
    if len(found) == 1:
        return found[0]
    several = " and ".join(str(column + 1) for column in found)
    raise WrongLine(
        f"columns {several} hold dates, and none is called “date”"
        if found
        else "it looks like a table, and no column of it holds dates",
        "call the column of the session days “date” in the first row",
    )


def _holds_dates(rows: Sequence[_Row], column: int, zone: ZoneInfo) -> bool:
    cells = [(row.line, row.cell(column)) for row in rows if row.cell(column)]
    try:
        return bool([written_date(line, cell, zone) for line, cell in cells])
    except WrongLine:
        return False


def _course_column(names: Sequence[str], rows: Sequence[_Row]) -> int | None:
    column = _column(names, _COURSE_NAMES)
    if column is not None and names[column] == "id":
        values = [row.cell(column) for row in rows]
        if len(set(values)) == len(values):
            # The rows are numbered by it.
            return None
    return column


def _kind(line: int, cell: str) -> Kind | None:
    try:
        return _KINDS[cell.casefold()]
    except KeyError:
        raise WrongLine(
            f"line {line}: the kind is neither “course” nor “maintenance”",
            "write one of them, or leave the cell empty",
        ) from None


def _left_out(code: str, count: int, which: str) -> Iterator[Notice]:
    if count:
        rows = "1 row" if count == 1 else f"{count} rows"
        yield Notice(code, f"{rows} {which} {'is' if count == 1 else 'are'} left out")
