"""The dates in a list or a table, as people and spreadsheets write them.

A list has one date per line, or several if that is clear; a table is CSV or TSV with a header.
A file may contain anything, even names. So a message shows only what is made of digits and the
words of dates, and a short status whose meaning is asked for.
"""

from __future__ import annotations

import csv
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mesoplan.dates.days import require_plannable
from mesoplan.dates.parsing import DateReader
from mesoplan.dates.readings import HOW_TO_WRITE_A_DATE, fit_to_show
from mesoplan.dates.times import clock, in_24_hours
from mesoplan.dates.zones import instant
from mesoplan.errors import FileProblem, InvalidInput, quoted
from mesoplan.formats.columns import (
    NOTHING_SAID,
    Columns,
    TableWords,
    is_date_name,
    require_nothing_said,
)
from mesoplan.formats.delimited import (
    ARCHIVE_MARK,
    UTF_16_MARKS,
    delimiter_of,
    marked_delimiter,
)
from mesoplan.model.plan import Notice
from mesoplan.planning.appointments import Appointment, FoundDates
from mesoplan.wording.findings import mixed_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.dates.readings import DateOrder
    from mesoplan.planning.appointments import Kind

T = TypeVar("T")
WrittenDate = tuple[date, datetime | None]
"""A day in the clinic's zone, and its moment there; None if no time is written."""

_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_MOST_PROBLEMS = 20
_WHAT_CAN_BE_READ = (
    "give a calendar (.ics), a CSV with a column “date”, or a list with one date per line"
)

_WITH_OFFSET = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)

_BULLET = re.compile(r"\s*[-*•]\s+")
_SEPARATORS = (r"[;\t]", ",")
_YEAR_FIRST = r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:(?:[ \t]+|T)[0-9]{1,2}:[0-9]{2})?"
_SEVERAL_YEAR_FIRST = re.compile(rf"{_YEAR_FIRST}(?:[\s,;]+{_YEAR_FIRST})+")

_KINDS: dict[str, Kind | None] = {
    **dict.fromkeys(("course", "series", "session", "treatment"), "course"),
    **dict.fromkeys(("maintenance", "upkeep"), "maintenance"),
    "": None,
}
_LONGEST_WORD = 30
"""Of a status; what is longer is not shown."""


class _WrongLines(Exception):
    """Lines can't be read: it has an InvalidInput for each, at least one, which says why."""


def read_dates(
    data: bytes,
    path: Path | None,
    name: str,
    zone: ZoneInfo,
    order: DateOrder | None = None,
    said: TableWords = NOTHING_SAID,
) -> FoundDates:
    """The dates in a list or table; times are by the clocks of *zone* where they do not say more.

    With *order*, 01/02/2026 has one meaning. *path* is None for standard input, *name* what a
    message calls it. Raises FileProblem for a file that is not text, has no dates, or has lines
    that are not clear dates.
    """
    text = _text(data, path, name)
    if not text.strip():
        raise FileProblem(path, f"{name} is empty", _WHAT_CAN_BE_READ)
    dates = _Dates(zone, order)
    try:
        if _is_table(text, dates):
            found = _read_table(text, dates, said)
        else:
            require_nothing_said(said)
            found = _read_list(text, dates)
    except _WrongLines as error:
        first, *others = error.args
        comma = "," if first.problem.startswith("line ") else ""
        problem = FileProblem(path, f"{name}{comma} {first.problem}", first.remedy)
        problem.details = tuple(other.in_one_line for other in others)
        raise problem from None
    if not found.dates:
        raise FileProblem(path, f"there is no date in {name}", _WHAT_CAN_BE_READ)
    return found._replace(notes=(*found.notes, *mixed_orders(dates.seen)))


def _text(data: bytes, path: Path | None, name: str) -> str:
    if data.startswith(ARCHIVE_MARK):
        raise FileProblem(
            path,
            f"{name} is a spreadsheet or an archive, which mesoplan can't read",
            "save the sheet as CSV, or export the calendar as .ics",
        )
    for encoding in ["utf-16"] if data.startswith(UTF_16_MARKS) else ["utf-8-sig", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NO_TEXT.search(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
        break
    raise FileProblem(path, f"{name} is not text", _WHAT_CAN_BE_READ)


def _is_table(text: str, dates: _Dates) -> bool:
    """Whether the first row is a header: names, and neither a date nor a year among them."""
    first = next(_written_lines(text), None)
    if first is None:
        return False
    try:
        _dates_in(*first, dates)
    except InvalidInput:
        try:
            cells = next((row.cells for row in _rows(text)), [])
        except _WrongLines:
            return False
        has_date = any(re.search("[0-9]{4}", cell) or dates.can_read(cell) for cell in cells)
        return (len(cells) > 1 and not has_date) or any(map(is_date_name, cells))
    return False


def _all_dates(
    lines: Iterable[T], read: Callable[[T], Iterable[Appointment]]
) -> tuple[Appointment, ...]:
    """What *read* finds in each line; raises _WrongLines with the first lines it can't read."""
    found: list[Appointment] = []
    problems: list[InvalidInput] = []
    for line in lines:
        try:
            found += read(line)
        except InvalidInput as error:
            problems.append(error)
            if len(problems) == _MOST_PROBLEMS:
                break
    if problems:
        raise _WrongLines(*problems)
    return tuple(found)


# One date


class _Dates(DateReader):
    """Reads the dates of a file, each with its moment in *zone* where its time is written."""

    def __init__(self, zone: ZoneInfo, order: DateOrder | None) -> None:
        super().__init__(order=order)
        self.zone = zone

    def in_line(self, line: int, text: str, time_text: str = "") -> WrittenDate:
        """The date in *text*, which stands in that line; its time may stand in *time_text*.

        Midnight is not a time: spreadsheets add it. Raises InvalidInput if the text is not a date,
        lacks a part, or has two meanings.
        """
        what = f"line {line}"
        text = text.strip()
        try:
            if _WITH_OFFSET.fullmatch(text):
                return _iso_moment(what, text, self.zone)
            day, at = self.day_and_clock(what, text)
        except InvalidInput as error:
            raise _wrong(what, text, error) from None
        at = None if at == time(0) else at
        if at is None and time_text.strip():
            try:
                at = clock(what, in_24_hours(time_text.strip()))
            except InvalidInput as error:
                raise _wrong(what, time_text, error, "is not a time of day") from None
        return day, None if at is None else instant(day, at, self.zone)

    def can_read(self, *cells: str) -> bool:
        """Whether all of them are dates, and there is one at least; what is seen is forgotten."""
        seen, self.seen = self.seen, {}
        try:
            return bool([self.in_line(0, cell) for cell in cells])
        except InvalidInput:
            return False
        finally:
            self.seen = seen


def _iso_moment(what: str, text: str, zone: ZoneInfo) -> WrittenDate:
    try:
        moment = datetime.fromisoformat(text).replace(microsecond=0).astimezone(zone)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{what}: '{text}' is not a date", HOW_TO_WRITE_A_DATE) from None
    require_plannable(moment.date())
    return moment.date(), moment


def _wrong(
    what: str, text: str, error: InvalidInput, otherwise: str = "is not a date"
) -> InvalidInput:
    if not fit_to_show(text):
        remedy = error.remedy if otherwise != "is not a date" else HOW_TO_WRITE_A_DATE
        return InvalidInput(f"{what}: the text there {otherwise}", remedy)
    problem = error.problem
    return InvalidInput(problem if problem.startswith(what) else f"{what}: {problem}", error.remedy)


# A list


def _read_list(text: str, dates: _Dates) -> FoundDates:
    def read(numbered: tuple[int, str]) -> list[Appointment]:
        line, bare = numbered
        found = _dates_in(line, bare, dates)
        return [Appointment(day=day, start=start, line=line) for day, start in found]

    return FoundDates(_all_dates(_written_lines(text), read))


def _written_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that is neither blank nor a comment, with its number, without comments."""
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.partition("#")[0].strip()
        if bare:
            yield number, bare


def _dates_in(line: int, text: str, dates: _Dates) -> list[WrittenDate]:
    """The dates in one line of a list.

    Raises InvalidInput if there is anything else, or if it isn't clear where a date ends.
    """
    text = _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
    if _SEVERAL_YEAR_FIRST.fullmatch(text.strip(" ,;")):
        return [dates.in_line(line, found) for found in re.findall(_YEAR_FIRST, text)]
    try:
        return [dates.in_line(line, text)]
    except InvalidInput as error:
        problem = error
    for separator in _SEPARATORS:
        found: list[WrittenDate] = []
        try:
            for piece in filter(str.strip, re.split(separator, text)):
                found.append(dates.in_line(line, piece))  # noqa: PERF401 - kept on an error
        except InvalidInput as error:
            # Where some of the pieces are dates, the wrong piece is what is to be corrected.
            if found:
                problem = error
        else:
            return found
    raise problem


# A table


class _Row(NamedTuple):
    line: int
    cells: list[str]

    def cell(self, column: int | None) -> str:
        if column is None or column >= len(self.cells):
            return ""
        return self.cells[column].strip()


def _read_table(text: str, dates: _Dates, said: TableWords) -> FoundDates:
    """The dates of a table whose first row is a header."""
    header, *rows = _rows(text)
    rows = [row for row in rows if any(cell.strip() for cell in row.cells)]
    columns = Columns(header.cells, [row.cell for row in rows], said)
    column = _date_column(columns, rows, dates)
    times, kinds, courses = map(columns.place, ("time", "kind", "patient"))
    counts = {row.line: columns.counts(row.cell) for row in rows}
    held = [row for row in rows if counts[row.line] is not False]
    dated = [row for row in held if row.cell(column)]

    def read(row: _Row) -> list[Appointment]:
        day, start = dates.in_line(row.line, row.cell(column), row.cell(times))
        kind = _kind(row.line, row.cell(kinds))
        found = Appointment(day, start, kind=kind, line=row.line, course=row.cell(courses))
        if isinstance(word := counts[row.line], str):
            shown = quoted(word) if len(word) <= _LONGEST_WORD else "written there"
            found = found._replace(unclear=f"the status {shown}")
        return [found]

    found = _all_dates(dated, read)
    notes = [
        *_left_out("CANCELLED_LEFT_OUT", len(rows) - len(held), "marked as cancelled or missed"),
        *_left_out("UNDATED_LEFT_OUT", len(held) - len(dated), "without a date"),
    ]
    if any(each.unclear for each in found):
        text = "Explain a status with --status WORD=missed (or planned, attended, cancelled)."
        notes.append(Notice("STATUS_UNKNOWN", text))
    if len(header.cells) > 1:
        text = f"Columns: {columns.taken(column)}. Choose others with --column status=NAME."
        notes.append(Notice("COLUMNS_TAKEN", text))
    return FoundDates(found, tuple(notes))


def _rows(text: str) -> Iterator[_Row]:
    """Raises _WrongLines where the text can't be cut into rows."""
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
        problem = "a quotation mark is in the wrong place"
        remedy = "save the table again as CSV from the spreadsheet"
        raise _WrongLines(InvalidInput(f"line {line}: {problem}", remedy)) from None


def _date_column(columns: Columns, rows: Sequence[_Row], dates: _Dates) -> int:
    def holds_dates(column: int) -> bool:
        return dates.can_read(*(row.cell(column) for row in rows if row.cell(column)))

    named = columns.places["date"]
    for column in (*filter(holds_dates, named), *named):
        return column
    found = list(filter(holds_dates, range(len(columns.names))))
    if len(found) == 1:
        return found[0]
    several = " and ".join(str(column + 1) for column in found)
    problem = (
        f"has dates in columns {several}, but none of them is called “date”"
        if found
        else "looks like a table, but no column contains dates"
    )
    remedy = "call the right column “date” in the first row, or name it with --column date=NAME"
    raise _WrongLines(InvalidInput(problem, remedy))


def _kind(line: int, cell: str) -> Kind | None:
    try:
        return _KINDS[cell.casefold()]
    except KeyError:
        raise InvalidInput(
            f"line {line}: the kind is neither “course” nor “maintenance”",
            "write one of them, or leave the cell empty",
        ) from None


def _left_out(code: str, count: int, which: str) -> Iterator[Notice]:
    if count:
        rows = "1 row" if count == 1 else f"{count} rows"
        yield Notice(code, f"{rows} {which} {'was' if count == 1 else 'were'} left out.")
