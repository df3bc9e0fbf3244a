"""What a batch leaves behind beside the plans in its folder: tables, or an archive of all."""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from mesoplan.batch.outcomes import Planned
from mesoplan.batch.places import SUFFIX
from mesoplan.batch.table_files import NewFile, Table, require_own_table
from mesoplan.batch.tables import (
    REJECTED_NAME,
    SCHEDULE_HEADER,
    SCHEDULE_NAME,
    rejected_header,
    rejected_row,
)
from mesoplan.errors import printable
from mesoplan.formats.rows.header import REJECTED_COLUMNS
from mesoplan.storage.files import problems_of, put_in_place, require_free, sync_folder
from mesoplan.storage.temporaries import NEW_FILES, sweep

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from mesoplan.batch.outcomes import Outcome


class Output(Protocol):
    """Takes what has become of the rows, in their order.

    Every method raises FileProblem where something can't be written.
    """

    def take(self, outcome: Outcome) -> None:
        """Take what has become of a row."""

    def add_to_schedule(self, rows: bytes, count: int) -> None:
        """Let so many rendered rows be in the schedule, too."""

    def finish(self) -> list[str]:
        """Put everything in its place; what is where, a line each."""
        ...

    def discard(self) -> None:
        """Leave everything as an earlier run left it, unless it was finished."""


class NoOutput:
    """Nothing is written."""

    def take(self, outcome: Outcome) -> None:
        """Take what has become of a row."""

    def add_to_schedule(self, rows: bytes, count: int) -> None:
        """Let so many rendered rows be in the schedule, too."""

    def finish(self) -> list[str]:
        """Say that nothing was written."""
        return ["Nothing is written (--dry-run)"]

    def discard(self) -> None:
        """Leave everything as an earlier run left it."""


class _Tables:
    """The schedule and the rejected rows."""

    def __init__(self, schedule: Table, rejected: Table, columns: Sequence[str]) -> None:
        self.schedule = schedule
        self.rejected = rejected
        self._columns = columns

    def take(self, outcome: Outcome) -> None:
        if isinstance(outcome, Planned):
            self.schedule.write_rendered(outcome.schedule, outcome.sessions)
        else:
            self.rejected.write_row(rejected_row(outcome, self._columns))


class FolderOutput:
    """The tables beside the plans in a folder."""

    def __init__(self, folder: Path, columns: Sequence[str], delimiter: str) -> None:
        """Raises FileProblem where something else has the name of a table."""
        require_own_table(folder / SCHEDULE_NAME, SCHEDULE_HEADER)
        require_own_table(folder / REJECTED_NAME, REJECTED_COLUMNS)
        self._schedule = NewFile(folder / SCHEDULE_NAME)
        try:
            self._rejected = NewFile(folder / REJECTED_NAME)
        except BaseException:
            self._schedule.discard()
            raise
        self._tables = _Tables(
            _table(self._schedule, SCHEDULE_HEADER, delimiter),
            _table(self._rejected, rejected_header(columns), delimiter),
            columns,
        )

    def take(self, outcome: Outcome) -> None:
        """Take what has become of a row."""
        self._tables.take(outcome)

    def add_to_schedule(self, rows: bytes, count: int) -> None:
        """Let so many rendered rows be in the schedule, too."""
        self._tables.schedule.write_rendered(rows, count)

    def finish(self) -> list[str]:
        """Put the tables in place of those of an earlier run."""
        tables = self._tables
        self._schedule.replace_earlier()
        sessions = _sessions(tables.schedule.rows)
        lines = [f"Schedule: {printable(self._schedule.path)} ({sessions})"]
        if tables.rejected.rows:
            self._rejected.replace_earlier()
            rows = _rows(tables.rejected.rows)
            lines.append(f"Rejected: {printable(self._rejected.path)} ({rows})")
        else:
            self._rejected.discard()
            with problems_of(self._rejected.path):
                self._rejected.path.unlink(missing_ok=True)
        return lines

    def discard(self) -> None:
        """Leave the tables of an earlier run as they are."""
        self._schedule.discard()
        self._rejected.discard()


class ArchiveOutput:
    """One archive (tar) with the plan of each row and the tables, in place of many files."""

    def __init__(self, path: Path, columns: Sequence[str], delimiter: str, now: datetime) -> None:
        """Raises FileProblem where something stands at *path*."""
        # Loaded only for an archive.
        from mesoplan.batch.archive import Archive

        require_free(path)
        with contextlib.ExitStack() as failing:
            # Not by the name that the next batch in a folder sweeps up.
            self._file = NewFile(path, NEW_FILES)
            failing.callback(self._file.discard)
            schedule = _unnamed(path, SCHEDULE_HEADER, delimiter)
            failing.callback(schedule.stream.close)
            rejected = _unnamed(path, rejected_header(columns), delimiter)
            failing.callback(rejected.stream.close)
            self._tables = _Tables(schedule, rejected, columns)
            self._archive = Archive(self._file.stream, now)
            failing.pop_all()

    def take(self, outcome: Outcome) -> None:
        """Take what has become of a row."""
        if isinstance(outcome, Planned) and outcome.data is not None:
            with problems_of(self._file.path):
                self._archive.add(f"{outcome.name}{SUFFIX}", outcome.data)
        self._tables.take(outcome)

    def add_to_schedule(self, rows: bytes, count: int) -> None:
        """Let so many rendered rows be in the schedule, too."""
        self._tables.schedule.write_rendered(rows, count)

    def finish(self) -> list[str]:
        """Put the tables into the archive, and give it its name."""
        path, tables, count = self._file.path, self._tables, self._archive.members
        self._add_table(SCHEDULE_NAME, tables.schedule)
        if tables.rejected.rows:
            self._add_table(REJECTED_NAME, tables.rejected)
        with problems_of(path):
            self._archive.close()
        self._file.complete()
        with problems_of(path):
            put_in_place(self._file.temporary, path)
        sync_folder(path.parent)
        sweep(path.parent, path)
        plans = "1 plan" if count == 1 else f"{count:,} plans"
        lines = [f"Archive: {printable(path)} ({plans}, {_sessions(tables.schedule.rows)})"]
        if tables.rejected.rows:
            lines.append(f"  {REJECTED_NAME} in it: {_rows(tables.rejected.rows)}")
        return lines

    def discard(self) -> None:
        """Let there be no archive, unless it was finished."""
        for table in (self._tables.schedule, self._tables.rejected):
            with contextlib.suppress(OSError):
                table.stream.close()
        self._file.discard()

    def _add_table(self, name: str, table: Table) -> None:
        with problems_of(table.path):
            table.stream.flush()
            size = table.stream.tell()
            table.stream.seek(0)
            self._archive.add_stream(name, table.stream, size)


def _table(file: NewFile, header: Sequence[str], delimiter: str) -> Table:
    return Table(file.path, file.stream, header, delimiter)


def _unnamed(path: Path, header: Sequence[str], delimiter: str) -> Table:
    prefix, suffix = NEW_FILES.split("*")
    with problems_of(path):
        # Beside the archive, where there must be room for it in any case.
        file = tempfile.TemporaryFile(prefix=prefix, suffix=suffix, dir=path.parent)  # noqa: SIM115 - see discard
    stream = cast("BinaryIO", file)
    return Table(path, stream, header, delimiter)


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count:,} sessions"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
