"""`mesoplan batch`: one plan a row of a table, and the update of what stands already."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mesoplan.batch.outputs import ArchiveOutput, FolderOutput, NoOutput, Output
from mesoplan.batch.places import PlanFolder, put_right
from mesoplan.batch.planning import RowClinic
from mesoplan.batch.row_words import COLUMNS, REQUIRED, require_no_batch_options
from mesoplan.batch.running import Setting
from mesoplan.batch.tables import SCHEDULE_NAME
from mesoplan.batch.whole import Batch
from mesoplan.cli import clock, options, options_of_batch, words
from mesoplan.cli.batch_progress import progress, stopping
from mesoplan.cli.batch_summary import say_stopped, show
from mesoplan.cli.book import book_folder_of, bookings_in, require_folder
from mesoplan.cli.console import say
from mesoplan.cli.profile import FoundProfile, find_profile
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, UnknownName, quoted
from mesoplan.formats.rows.reader import Rows, open_rows
from mesoplan.storage.files import make_folder, require_free
from mesoplan.storage.locks import folder_held

SOME_FAILED = 1

_STANDARD_INPUT = "-"
_MOST_JOBS = 64
_ROWS_FOR_SEVERAL_JOBS = 1000
_NAME_A_TABLE = "name a table (.csv, .tsv) or NDJSON, or - for standard input"

EPILOG = """\b
Examples:
  mesoplan batch patients.csv -o plans
  mesoplan batch patients.csv -o plans --book plans --prune
  mesoplan batch plans/rejected.csv -o plans
  mesoplan batch - --tar plans.tar < patients.ndjson

\b
Exit codes:
  0 done; 1 some rows were rejected; 2 a column or a value is wrong; 4 a file
  can't be read or written; 130 interrupted, what is said to be done is whole
"""


def batch(
    file: options_of_batch.TableFile,
    output: options_of_batch.PlansFolder = None,
    tar: options_of_batch.Tar = None,
    prune: options_of_batch.Prune = False,
    book: options.Book = None,
    clinic: options.Clinic = None,
    tz: options.Tz = None,
    jobs: options_of_batch.Jobs = None,
    dry_run: options.DryRun = False,
) -> int:
    """Make one plan a row of a table, or bring the plans that are there up to date.

    The columns id, goal and start are needed; every other option of “plan” may be a column by its
    long name (several values of one cell are separated by ; or |). In FOLDER each row gets its
    plan as ID.ics. schedule.csv has a row a session; rejected.csv has the rows that failed as they
    came, with the reason: mend it, and give it to “batch” again.

    Run again, a row that is the same changes nothing; of one that changed, what took place stays,
    and so does every appointment that still can. Rows do not see each other, unless there is a
    book: then they are booked in their order, one after the other.
    """
    found_profile = find_profile(clinic)
    folder, archive = _destination(output, tar, found_profile, book)
    if prune and folder is None:
        raise InvalidInput("--prune without a folder has no meaning", "give the folder with -o")
    book_folder = book_folder_of(book, found_profile)
    zone_name = tz or found_profile.profile.timezone or clock.system_zone_name()
    find_zone(zone_name)
    clinics = Clinics(found_profile, zone_name, typed_zone=tz is not None)
    now = clock.now()
    processes = None if jobs is None else _jobs(jobs)
    if book_folder is not None and not _is_same(book_folder, folder):
        require_folder(book_folder)
    with ExitStack() as opened:
        reading = opened.enter_context(ExitStack())
        rows = reading.enter_context(_rows(file, folder))
        if prune and rows.is_rejected:
            raise InvalidInput(
                "these are only the rows that were rejected; --prune would cancel all other plans",
                "leave out --prune, or give the whole table",
            )
        if rows.encoding_guessed:
            say(f"The table is not in UTF-8; {rows.encoding} is assumed, look at the accents")
        if folder is not None and not dry_run:
            make_folder(folder)
        held = {each.resolve(): each for each in (folder, book_folder) if each is not None}
        if not dry_run:
            for real_path in sorted(held):
                opened.enter_context(folder_held(held[real_path]))
            if folder is not None:
                put_right(folder)
        bookings = None
        if book_folder is not None:
            there = (each for each in held.values() if each.is_dir())
            bookings = bookings_in(there, zone_name, writes=not dry_run)
        setting = Setting(
            PlanFolder(folder, writes=not dry_run),
            clinics,
            now,
            rows.delimiter,
            books=frozenset(held if book_folder is not None else ()),
            hands_back=archive is not None and not dry_run,
        )
        stop = opened.enter_context(stopping())
        result: Output
        if dry_run:
            result = NoOutput()
        elif archive is not None:
            result = ArchiveOutput(archive, rows.columns, rows.delimiter, now)
        else:
            result = FolderOutput(folder or Path(), rows.columns, rows.delimiter)
        told = opened.enter_context(progress(max(rows.line_ends - (not rows.is_json), 1)))
        summary = Batch(
            rows=rows,
            setting=setting,
            output=result,
            folder=folder,
            prunes=prune,
            bookings=bookings,
            jobs=processes or _usual_jobs(rows.line_ends),
            usual_zone=lambda: zone_name,
            lets_go=reading.close,
            stops=stop.is_set,
            told=told,
        ).carry_out()
    if summary.stopped:
        say_stopped(summary, folder, dry_run=dry_run)
        raise KeyboardInterrupt
    show(summary, folder, dry_run=dry_run, prune=prune)
    if book_folder is not None and not dry_run and not _is_same(book_folder, folder):
        say("The plans are not in the book, so their times stay free for others there")
    return SOME_FAILED if summary.rejected.count else 0


@dataclass
class Clinics:
    """Finds the clinic that a row names; each process of a batch has one of its own."""

    usual: FoundProfile
    zone_name: str
    typed_zone: bool
    """Whether the zone was typed, and so goes before that of every profile."""
    found: dict[str | None, RowClinic] = field(default_factory=dict)

    def __call__(self, name: str | None) -> RowClinic:
        """The clinic of that name, or the usual one."""
        if name not in self.found:
            profile = self.usual if name is None else find_profile(name)
            zone = self.zone_name if self.typed_zone else profile.profile.timezone
            self.found[name] = RowClinic(
                profile.profile, zone or self.zone_name, zone is not None, profile.busy
            )
        return self.found[name]


def _destination(
    output: str | None, tar: str | None, profile: FoundProfile, book: str | None
) -> tuple[Path | None, Path | None]:
    """The folder, or else the archive."""
    if "" in (output, tar):
        raise InvalidInput("what comes after -o or --tar has no name", "name a folder, or a file")
    if output is not None and tar is not None:
        raise InvalidInput("--tar writes one archive in place of a folder", "leave out -o or --tar")
    if tar == _STANDARD_INPUT:
        raise InvalidInput("the archive needs a name", "name a file after --tar")
    if tar is not None:
        require_free(Path(tar))
        return None, Path(tar)
    folder = Path(output) if output is not None else book_folder_of(book, profile)
    if folder is None:
        raise InvalidInput(
            "nothing says where the plans are to be", "name a folder with -o, or a file with --tar"
        )
    return folder, None


@contextmanager
def _rows(file: str, folder: Path | None) -> Iterator[Rows]:
    """The rows of a table. Raises FileProblem and InvalidInput."""
    with _stream(file) as (stream, path, name):
        if path is not None and folder is not None:
            written = folder / SCHEDULE_NAME
            if written.exists() and written.samefile(path):
                raise FileProblem(
                    path,
                    f"{name} is the schedule that a batch writes, and no table of rows",
                    "name the table that the plans are made from",
                )
        try:
            rows = open_rows(stream, path, name, COLUMNS, REQUIRED)
        except UnknownName as error:
            require_no_batch_options(error)
            raise
        with rows:
            yield rows


@contextmanager
def _stream(file: str) -> Iterator[tuple[BinaryIO, Path | None, str]]:
    if file == _STANDARD_INPUT:
        if sys.stdin is None:
            raise FileProblem(None, "standard input is closed", _NAME_A_TABLE)
        yield sys.stdin.buffer, None, "standard input"
        return
    path, name = Path(file), quoted(file, 200)
    try:
        if path.is_dir():
            raise FileProblem(path, f"{name} is a folder, not a file", _NAME_A_TABLE)
        stream = path.open("rb")
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise FileProblem(path, f"there is no file {name}", _NAME_A_TABLE) from error
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileProblem(path, f"{name} can't be read: {why}", _NAME_A_TABLE) from error
    with stream:
        yield stream, path, name


def _is_same(book: Path, folder: Path | None) -> bool:
    return folder is not None and book.resolve() == folder.resolve()


def _usual_jobs(lines: int) -> int:
    return min(os.cpu_count() or 1, 4) if lines >= _ROWS_FOR_SEVERAL_JOBS else 1


def _jobs(typed: str) -> int:
    number = words.whole_number("jobs", typed)
    if not 1 <= number <= _MOST_JOBS:
        raise InvalidInput(f"jobs: {number} is not 1 to {_MOST_JOBS}", "write 2, or leave it out")
    return number
