"""The dates in the bytes of a file that is no calendar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem
from mesoplan.formats.date_lists.cells import WrongLine
from mesoplan.formats.date_lists.plain import dates_in, written_lines
from mesoplan.formats.date_lists.table import WrongLines, first_row, is_date_name, read_table
from mesoplan.formats.delimited import ARCHIVE_MARK, UTF_16_MARKS
from mesoplan.planning.appointments import FoundDate, FoundDates

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_MOST_PROBLEMS = 20
_WHAT_CAN_BE_READ = (
    "give a calendar (.ics), a CSV with a column “date”, or a list with one date a line"
)


def read_dates(data: bytes, path: Path | None, name: str, zone: ZoneInfo) -> FoundDates:
    """The dates in a list or table; times are by the clocks of *zone* where they do not say more.

    *path* is None for standard input, *name* what a message calls it. Raises FileProblem for what
    is no text, has no dates, or has lines that are no clear dates.
    """
    text = _text(data, path, name)
    if not text.strip():
        raise FileProblem(path, f"{name} is empty", _WHAT_CAN_BE_READ)
    try:
        found = read_table(text, zone) if _is_table(text, zone) else _read_list(text, zone)
    except WrongLine as error:
        raise FileProblem(path, f"{name}, {error.problem}", error.remedy) from None
    except WrongLines as error:
        first, *others = error.problems
        problem = FileProblem(path, f"{name}, {first.problem}", first.remedy)
        problem.details = tuple(f"{other.problem}; {other.remedy}" for other in others)
        raise problem from None
    if not found.dates:
        raise FileProblem(path, f"there is no date in {name}", _WHAT_CAN_BE_READ)
    return found


def _text(data: bytes, path: Path | None, name: str) -> str:
    if data.startswith(ARCHIVE_MARK):
        raise FileProblem(
            path,
            f"{name} is a spreadsheet or an archive, which is not read",
            "save the sheet as CSV, or export the calendar as .ics",
        )
    text = None
    for encoding in ["utf-16"] if data.startswith(UTF_16_MARKS) else ["utf-8-sig", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    if text is None or _NO_TEXT.search(text):
        raise FileProblem(path, f"{name} is no text", _WHAT_CAN_BE_READ)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_table(text: str, zone: ZoneInfo) -> bool:
    """Whether the first row is a header: names, and not a year among them."""
    first = next(written_lines(text), None)
    if first is None:
        return False
    try:
        dates_in(*first, zone)
    except WrongLine:
        cells = first_row(text)
        several = len(cells) > 1 and not any(re.search("[0-9]{4}", cell) for cell in cells)
        return several or any(map(is_date_name, cells))
    return False


def _read_list(text: str, zone: ZoneInfo) -> FoundDates:
    found: list[FoundDate] = []
    problems: list[WrongLine] = []
    for number, line in written_lines(text):
        try:
            found += (
                FoundDate(day=day, start=start, line=number)
                for day, start in dates_in(number, line, zone)
            )
        except WrongLine as error:
            problems.append(error)
            if len(problems) == _MOST_PROBLEMS:
                break
    if problems:
        raise WrongLines(problems)
    return FoundDates(tuple(found))
