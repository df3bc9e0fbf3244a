"""The names of patients whose plans are private: a table beside the plans, for the desk alone.

It says which plan is whose, and no more. Other programs may edit it: their columns, delimiter and
rows stay, and what can't be read is said and left alone. A row is never removed: a plan that is not
in the folder today may come back.
"""

from __future__ import annotations

import csv
from contextlib import ExitStack
from io import BytesIO
from os.path import lexists
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import FileProblem, InvalidInput
from mesoplan.formats.delimited import (
    Lines,
    RowTooLong,
    SpreadsheetWriter,
    TableText,
    as_it_was,
    column_key,
    cut_header,
    neutralised,
)
from mesoplan.model.request import require_label
from mesoplan.storage.files import problem_with, read_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE_NAME = "names.csv"
_HEADER, _PHONE = ("plan", "label"), "phone"
_LARGEST_BYTES, _LONGEST_PHONE = 20_000_000, 40
_CORRECT = "correct it, or move it out of the folder"


class Names(NamedTuple):
    """What the table of a folder says."""

    labels: Mapping[str, str]
    """The patients' labels, by the ids of their plans."""
    problem: FileProblem | None = None
    """Why not all of it can be read. Then it is left as it is."""
    rows: tuple[tuple[str, ...], ...] = (_HEADER,)
    """As they are there, the header first."""
    delimiter: str = ","
    phones: Mapping[str, str] = {}
    """Phone numbers, by the ids of plans, or by the labels of rows without one."""

    def phone_of(self, plan_id: str, label: str | None) -> str | None:
        """The patient's phone number, where the table has a column with it."""
        keys = (plan_id.casefold(), (label or "").casefold())
        return next(filter(None, map(self.phones.get, keys)), None)


def read_names(folder: Path) -> Names:
    """The names that a folder keeps; none if it has no such table."""
    path = folder / FILE_NAME
    if not lexists(path):
        return Names({})
    labels: dict[str, str] = {}
    phones: dict[str, str] = {}
    try:
        if path.is_symlink():
            raise problem_with(path, "is a link to another place", "put the table itself there")
        data = read_whole(path, _LARGEST_BYTES, _CORRECT)
        with ExitStack() as opened:
            text = TableText(BytesIO(data), path, f"'{FILE_NAME}'", opened)
            delimiter, rows = _cut(path, text)
            _take(path, rows, labels, phones)
            if text.guessed:
                raise problem_with(path, "is not in UTF-8", "save it as “CSV UTF-8”")
    except FileProblem as problem:
        return Names(labels, problem, phones=phones)
    return Names(labels, None, tuple(rows), delimiter, phones)


def table_with(folder: Path, labels: Mapping[str, str]) -> dict[Path, bytes]:
    """The table with the labels of patients by the ids of their plans; nothing if it has them.

    Called while the folder is held. Raises FileProblem where what is there can't be read whole.
    """
    found = read_names(folder)
    if found.problem is not None:
        raise found.problem
    wanted = {plan.casefold(): label.strip() for plan, label in labels.items()}
    changed = {plan: label for plan, label in wanted.items() if found.labels.get(plan) != label}
    if not changed:
        return {}
    plan_at, label_at = _columns(found.rows[0])
    rows = [list(row) for row in found.rows]
    for row in rows[1:]:
        if (label := changed.pop(_cell(row, plan_at).casefold(), None)) is not None:
            row += [""] * (label_at + 1 - len(row))
            row[label_at] = neutralised(label)
    for plan, label in changed.items():
        rows.append([""] * len(rows[0]))
        rows[-1][plan_at], rows[-1][label_at] = plan, neutralised(label)
    stream = BytesIO()
    writer = SpreadsheetWriter(stream, found.delimiter)
    for row in rows:
        writer.write_row(map(as_it_was, row))
    return {folder / FILE_NAME: stream.getvalue()}


def _cut(path: Path, text: TableText) -> tuple[str, list[tuple[str, ...]]]:
    """The delimiter, and the rows that have anything, the header first."""
    stream = text.from_beginning()
    where = "its header"
    try:
        delimiter, header = cut_header(Lines(stream))
        rows = csv.reader(stream, delimiter=delimiter, strict=True)
        cells = [tuple(header)]
        for row in rows:
            where = f"line {rows.line_num + 1} after the header"
            if any(row):
                cells.append(tuple(row))
    except (StopIteration, RowTooLong, csv.Error) as error:
        raise problem_with(path, f"is damaged: see {where}", _CORRECT) from error
    return delimiter, cells


def _take(
    path: Path, rows: list[tuple[str, ...]], labels: dict[str, str], phones: dict[str, str]
) -> None:
    """Read the labels and, if there is a column “phone”, the numbers.

    Raises FileProblem for the first label that can't be shown, after all others.
    """
    columns = _columns(rows[0])
    keys = [column_key(name) for name in rows[0]]
    phone_at = keys.index(_PHONE) if _PHONE in keys else len(keys)
    if min(columns) < 0:
        what = f"has no columns “{_HEADER[0]}” and “{_HEADER[1]}”"
        raise problem_with(path, what, "move it out of the folder, or give it another name")
    wrong: InvalidInput | None = None
    for row in rows[1:]:
        plan, label = (as_it_was(_cell(row, column)) for column in columns)
        phone = as_it_was(_cell(row, phone_at))
        if phone.isprintable() and len(phone) <= _LONGEST_PHONE:
            phones.setdefault((plan or label).casefold(), phone)
        if not plan or not label:
            continue
        try:
            require_label(label)
        except InvalidInput as error:
            wrong = wrong or error
        else:
            labels.setdefault(plan.casefold(), label)
    if wrong is not None:
        raise problem_with(path, f"can't be read whole: {wrong.problem}", _CORRECT)


def _columns(header: tuple[str, ...]) -> tuple[int, int]:
    """Where the two columns are; -1 for one that is not there."""
    keys = [column_key(name) for name in header]
    plan, label = (keys.index(name) if name in keys else -1 for name in _HEADER)
    return plan, label


def _cell(row: tuple[str, ...] | list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""
