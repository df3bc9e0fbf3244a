"""Where a batch writes: the plans in a folder, tables beside them, or an archive of it all.

A folder is changed by one command at a time.
"""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

from mesoplan.batch.outcomes import SUFFIX, Planned
from mesoplan.batch.tables import (
    REJECTED_NAME,
    SCHEDULE_HEADER,
    SCHEDULE_NAME,
    rejected_row,
    require_own_table,
)
from mesoplan.errors import FileProblem, printable, quoted
from mesoplan.formats.delimited import SpreadsheetWriter
from mesoplan.formats.page import counted
from mesoplan.formats.plan_file.reading import LARGEST_PLAN_BYTES
from mesoplan.formats.rows import REJECTED_COLUMNS
from mesoplan.storage.files import (
    LONGEST_PATH,
    Temporary,
    problems_of,
    read_whole,
    remove_strays,
    require_free,
    sync_folder,
    write_all_new,
)
from mesoplan.storage.revisions import locked, replace_whole, require_real_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from mesoplan.batch.outcomes import Outcome

_BUFFER_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """A folder that has the plan of each row, by its id."""

    folder: Path | None
    """None if plans are neither looked for nor kept here."""
    writes: bool
    """Whether anything is written to it."""

    def path_of(self, name: str) -> Path:
        """Where the plan of that name is, if it is kept here."""
        return (self.folder or Path()) / f"{name}{SUFFIX}"

    def content(self, name: str) -> bytes | None:
        """The file of the plan of that name; None if there is none. Raises FileProblem."""
        path = self.path_of(name)
        if self.folder is None or not os.path.lexists(path):
            return None
        require_real_file(path)
        return read_whole(path, LARGEST_PLAN_BYTES, "remove it, or give the row another id")

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Write the files that are new or changed. Raises FileProblem, which names no file."""
        if self.folder is None or not self.writes:
            return
        made = {
            self.path_of(each.name): each
            for each in outcomes
            if isinstance(each, Planned) and each.data is not None
        }
        new = {path: each.data or b"" for path, each in made.items() if each.before is None}
        try:
            if new:
                write_all_new(new, sweeps=False)
            for path, each in made.items():
                if each.before is not None:
                    replace_plan(path, each.before, each.data or b"", each.kept)
        except FileProblem as problem:
            line = made[problem.path].line if problem.path in made else None
            what = "a plan" if line is None else f"the plan of line {line}"
            raise nameless(problem, what) from problem

    def plan_names(self) -> Iterator[str]:
        """The names of the plans in it, in no order, without the suffix of their files."""
        if self.folder is None:
            return
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder) as found:
            for each in found:
                stem, suffix = os.path.splitext(each.name)  # noqa: PTH122 - ten times as quick
                if suffix.lower() == SUFFIX and not each.name.startswith("."):
                    yield stem


def replace_plan(path: Path, before: bytes, after: bytes, kept: bytes | None = None) -> None:
    """Put the next revision of a plan in place of its file. Raises FileProblem.

    *kept* is what to keep beside it in place of *before*.
    """
    real_path = require_real_file(path)
    with locked(real_path, sweeps=False):
        replace_whole(real_path, before, after, {}, kept)


def nameless(problem: FileProblem, what: str) -> FileProblem:
    """The same problem of a plan's file, which is called *what*: its name may be somebody's.

    A problem of something else stays as it is.
    """
    if problem.path is None:
        return problem
    text = problem.problem.replace(quoted(problem.path, LONGEST_PATH), what)
    remedy = problem.remedy.replace(problem.path.name, "…")
    of_folder = FileProblem(problem.path.parent, text, remedy)
    of_folder.details = problem.details
    return of_folder


class Output:
    """Takes what has become of the rows, in their order; this one writes nothing.

    Every method raises FileProblem where something can't be written.
    """

    def take(self, outcome: Outcome) -> None:
        """Take what has become of a row."""

    def add_to_schedule(self, rows: Iterable[Sequence[str]]) -> None:
        """Let these rows be in the schedule, too."""

    def finish(self) -> list[str]:
        """Put everything in its place; what is where, one per line."""
        return ["Nothing was written (--dry-run)"]

    def discard(self) -> None:
        """Leave everything as an earlier run left it, unless it was finished."""


class _Table:
    """A table that is written row by row, under another name until it is whole."""

    def __init__(self, path: Path, header: Sequence[str], delimiter: str) -> None:
        self.path = path
        self.rows = 0
        with problems_of(path):
            self.file = Temporary(path.parent, _BUFFER_BYTES)
            self._writer = SpreadsheetWriter(self.file.file, delimiter)
            self._writer.write_row(header)

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        with problems_of(self.path):
            for row in rows:
                self._writer.write_row(row)
                self.rows += 1

    def replace_earlier(self) -> None:
        """Put it in place of what an earlier run wrote."""
        with problems_of(self.path):
            self.file.complete()
            self.file.path.replace(self.path)
        sync_folder(self.path.parent)


class _Tables(Output):
    """The schedule and the rejected rows."""

    def __init__(
        self, schedule: Path, rejected: Path, columns: Sequence[str], delimiter: str
    ) -> None:
        self._columns = columns
        self.schedule = _Table(schedule, SCHEDULE_HEADER, delimiter)
        try:
            self.rejected = _Table(rejected, (*columns, *REJECTED_COLUMNS), delimiter)
        except BaseException:
            self.schedule.file.discard()
            raise

    def take(self, outcome: Outcome) -> None:
        if isinstance(outcome, Planned):
            self.schedule.write(outcome.schedule)
        else:
            self.rejected.write([rejected_row(outcome, self._columns)])

    def add_to_schedule(self, rows: Iterable[Sequence[str]]) -> None:
        self.schedule.write(rows)

    def discard(self) -> None:
        self.schedule.file.discard()
        self.rejected.file.discard()


class FolderOutput(_Tables):
    """The tables beside the plans in a folder."""

    def __init__(
        self, folder: Path, columns: Sequence[str], delimiter: str, source: Path | None = None
    ) -> None:
        """*source* is the table that is read, unless it is standard input.

        Raises FileProblem if something else has the name of a table.
        """
        schedule, rejected = folder / SCHEDULE_NAME, folder / REJECTED_NAME
        self._source = source
        require_own_table(schedule, SCHEDULE_HEADER)
        require_own_table(rejected, REJECTED_COLUMNS)
        super().__init__(schedule, rejected, columns, delimiter)

    def finish(self) -> list[str]:
        """Put the tables in place of those of an earlier run."""
        self.schedule.replace_earlier()
        sessions, path = counted(self.schedule.rows, "session"), self.rejected.path
        lines = [f"Schedule: {printable(self.schedule.path)} ({sessions})"]
        kept = self._keep_corrections()
        if self.rejected.rows:
            self.rejected.replace_earlier()
            _mark_as_written(path)
            lines.append(f"Rejected: {printable(path)} ({counted(self.rejected.rows, 'row')})")
        else:
            with problems_of(path):
                path.unlink(missing_ok=True)
        if kept is not None:
            lines.append(f"Kept: {printable(kept)} ({REJECTED_NAME} as you changed it)")
        return lines

    def _keep_corrections(self) -> Path | None:
        """Give the rejected rows of before another name, if somebody has changed them since.

        Unless they are what was read, and so what the corrections asked for is done.
        """
        path = self.rejected.path
        with problems_of(path):
            if not path.exists() or (self._source is not None and path.samefile(self._source)):
                return None
            if path.stat().st_mtime_ns // 1000 % _MARKS == _mark_of(path):
                return None
            names = (f"{path.stem}-changed{f'-{n}' * (n > 1)}{path.suffix}" for n in count(1))
            kept = next(each for each in map(path.with_name, names) if not os.path.lexists(each))
            path.rename(kept)
        return kept


_MARKS = 1_000_000


def _mark_of(path: Path) -> int:
    return crc32(path.read_bytes()) % _MARKS


def _mark_as_written(path: Path) -> None:
    """Let the microseconds of a file's time be a sum of what is in it.

    So it is seen later whether somebody has changed it. A copy may lose that, and a file system may
    have no microseconds: then it passes for changed, and is kept.
    """
    with contextlib.suppress(OSError):
        moment = (int(time.time()) * _MARKS + _mark_of(path)) * 1000
        os.utime(path, ns=(moment, moment))


class ArchiveOutput(_Tables):
    """One archive (tar) with the plan of each row and the tables, in place of many files."""

    def __init__(self, path: Path, columns: Sequence[str], delimiter: str, now: datetime) -> None:
        """Raises FileProblem if something stands at *path*."""
        require_free(path)
        self._path = path
        self._seconds = int(now.timestamp())
        self._plans = 0
        # The tables are made beside it, where there must be room for them in any case.
        with problems_of(path):
            self._file = Temporary(path.parent, _BUFFER_BYTES)
        try:
            with problems_of(path):
                self._tar = tarfile.open(  # noqa: SIM115 - what it writes to is closed by `discard`
                    fileobj=self._file.file, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8"
                )
            super().__init__(path, path, columns, delimiter)
        except BaseException:
            self._file.discard()
            raise

    def take(self, outcome: Outcome) -> None:
        """Add a plan to the archive, and its rows to the tables."""
        if isinstance(outcome, Planned) and outcome.data is not None:
            with problems_of(self._path):
                self._add(f"{outcome.name}{SUFFIX}", len(outcome.data), io.BytesIO(outcome.data))
            self._plans += 1
        super().take(outcome)

    def finish(self) -> list[str]:
        """Put the tables into the archive, and give it its name."""
        rejected = self.rejected.rows
        with problems_of(self._path):
            self._add_table(SCHEDULE_NAME, self.schedule)
            if rejected:
                self._add_table(REJECTED_NAME, self.rejected)
            self._tar.close()
            self._file.complete()
            self._file.put(self._path)
        sync_folder(self._path.parent)
        remove_strays(self._path.parent)
        held = f"{counted(self._plans, 'plan')}, {counted(self.schedule.rows, 'session')}"
        lines = [f"Archive: {printable(self._path)} ({held})"]
        if rejected:
            lines.append(f"  with {REJECTED_NAME} ({counted(rejected, 'row')})")
        return lines

    def discard(self) -> None:
        """Let there be no archive, unless it was finished."""
        super().discard()
        self._file.discard()

    def _add_table(self, name: str, table: _Table) -> None:
        table.file.file.flush()
        with table.file.path.open("rb") as content:
            self._add(name, os.fstat(content.fileno()).st_size, content)

    def _add(self, name: str, size: int, content: BinaryIO) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self._seconds
        self._tar.addfile(member, content)
        # It would remember every member, which takes a gigabyte for a million.
        self._tar.members.clear()  # type: ignore[attr-defined]  # its types lack it
