"""`mesoplan batch`: one plan per row of a table, made or brought up to date."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from mesoplan.batch.outcomes import Became, Some, Summary
from mesoplan.batch.output import ArchiveOutput, FolderOutput, Output, PlanFolder
from mesoplan.batch.planning import RowClinic, RowPlanner, TogetherWays
from mesoplan.batch.rows import (
    COLUMNS,
    OF_THE_WHOLE_BATCH,
    REQUIRED,
    require_no_batch_options,
)
from mesoplan.batch.run import Batch
from mesoplan.batch.tables import SCHEDULE_NAME
from mesoplan.cli import INTERRUPTING, clock, options
from mesoplan.cli.console import say, standard_error, standard_output
from mesoplan.cli.profile import (
    FoundProfile,
    bookings_in,
    fetching,
    find_profile,
    require_folder,
)
from mesoplan.dates.parsing import whole_number
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, UnknownName, printable, quoted
from mesoplan.formats.page import Line, counted, line, note_line
from mesoplan.formats.rows import Rows, open_rows
from mesoplan.model.clinic import SERVER
from mesoplan.rules.limits import EVENT_MARGIN_DAYS
from mesoplan.storage.files import make_folder, missing, reason, require_free, write_all_new
from mesoplan.storage.locks import folder_held
from mesoplan.wording.notices import notice_text, notices_of_phone

SOME_FAILED = 1

_STANDARD_INPUT = "-"
_NAME_A_TABLE = "name a table (.csv, .tsv) or NDJSON, or - for standard input"
_MOST_SHOWN = 5
_MOST_ROUNDS = 999_999

EPILOGS = {
    "batch": options.epilog(
        "batch patients.csv -o plans",
        "batch patients.csv -o plans --book plans --prune",
        "batch patients.csv -o plans --book plans --together",
        "batch - --tar plans.tar < patients.ndjson",
        codes={
            1: "some rows were rejected",
            2: "a column or a value is wrong",
            4: "a file can't be read or written",
            130: "interrupted; what is reported as done is complete",
        },
    )
}


@options.with_options(options.BATCH)
def batch(
    file: options.TableFile,
    *,
    output: str | None,
    tar: str | None,
    prune: bool,
    together: bool,
    rounds: str | None,
    book: str | None,
    clinic: str | None,
    timezone: str | None,
    dry_run: bool,
    **fetched: bool,
) -> int:
    """Make one plan per row of a table, or bring the plans up to date.

    The table needs the columns id, goal and start. Every other option of “plan” can be a column, by
    its long name. Separate several values in one cell with ; or |. A column that resembles no
    option is not used.

    FOLDER gets the plan of each row as ID.ics. schedule.csv has one row per session. rejected.csv
    has the rows that failed, with everything that is wrong. Correct them in your table, and run it
    again.

    When you run it again, an unchanged row changes nothing. In a changed row, past sessions stay,
    and so does every appointment that still fits. Without a book, each row is planned by itself.
    With a book, rows are booked in their order; none depends on the rows after it.

    With --together, all new rows are placed together. Nobody who would have a course first come,
    first served, goes without. A column “priority” decides who comes first: higher numbers do.
    """
    count = _rounds(rounds, together=together)
    found_profile = find_profile(clinic)
    folder, archive = _destination(output, tar, found_profile, book)
    if prune and folder is None:
        raise InvalidInput("--prune has no effect without a folder", "give the folder with -o")
    book_folder = found_profile.book_folder(book)
    if together and book_folder is None:
        raise InvalidInput(
            "--together needs the book: without one, each row is planned by itself",
            "name the folder of all plans with --book",
        )
    zone_name = timezone or found_profile.profile.timezone or clock.system_zone_name()
    find_zone(zone_name)
    clinics = _clinics(found_profile, zone_name, zone_is_typed=timezone is not None)
    now = clock.now()
    if book_folder is not None and not _is_same(book_folder, folder):
        require_folder(book_folder)
    with ExitStack() as opened:
        reading = opened.enter_context(ExitStack())
        rows = _rows(file, folder, reading)
        if prune and rows.is_rejected:
            raise InvalidInput(
                "this table has only rejected rows; --prune would cancel all other plans",
                "leave out --prune, or give the whole table",
            )
        if rows.text.guessed:
            say(f"The table is not in UTF-8; {rows.text.encoding} is assumed. Check the accents.")
        if folder is not None and not dry_run:
            make_folder(folder)
        held = {each.resolve(): each for each in (folder, book_folder) if each is not None}
        if not dry_run:
            for real_path in sorted(held):
                opened.enter_context(folder_held(held[real_path]))
        bookings = None
        if book_folder is not None:
            there = [each for each in held.values() if each.is_dir()]
            bookings = bookings_in(there, zone_name)
        stops, stops_looking = opened.enter_context(_stopping())
        show = opened.enter_context(_progress(max(rows.text.line_ends - (not rows.is_json), 1)))
        result = Output()
        if archive is not None and not dry_run:
            result = ArchiveOutput(archive, rows.columns, rows.delimiter, now)
        elif folder is not None and not dry_run:
            result = FolderOutput(folder, rows.columns, rows.delimiter, rows.text.path)
        # The batch discards it, too, but Ctrl-C may come just then. A second time does nothing.
        opened.callback(result.discard)
        planner = RowPlanner(
            PlanFolder(folder, writes=not dry_run),
            clinics,
            now,
            bookings,
            books=frozenset(held if book_folder is not None else ()),
            fetched=fetching(fetched),
            together=TogetherWays(count, stops_looking, show) if together else None,
        )
        batch = Batch(
            rows=rows,
            planner=planner,
            output=result,
            prunes=prune,
            usual_zone=lambda: zone_name,
            lets_go=reading.close,
            stops=stops,
            progress=show,
        )
        try:
            summary = batch.carry_out()
        finally:
            if folder is not None and not dry_run and book_folder is not None:
                _remember(folder, batch.labels if _is_same(book_folder, folder) else {})
    if summary.stopped:
        _say_stopped(summary, folder, dry_run=dry_run)
        raise KeyboardInterrupt
    lines = [*_page(summary, folder, dry_run=dry_run, prune=prune)]
    if summary.became[Became.NEW] and not {"clinic", "clinic-phone"} & set(rows.columns):
        phone = found_profile.profile.phone
        lines += [f"Note: {notice_text(notice)}" for notice in notices_of_phone(phone)]
    standard_output().show(lambda _width: map(_line, lines))
    say(*planner.notes)
    if book_folder is not None and not dry_run and not _is_same(book_folder, folder):
        say("The plans are not in the book, so their times stay free for others there.")
    found = summary.together
    if found is not None and found.stopped:
        say(
            f"Stopped after {counted(found.rounds, 'round')}. The best plans found so far are "
            f"{'shown' if dry_run else 'written, and stay as they are'}."
        )
        raise KeyboardInterrupt
    return SOME_FAILED if summary.rejected.count else 0


def _rounds(typed: str | None, *, together: bool) -> int | None:
    """How many rounds to look for more courses; None for the usual. Raises InvalidInput."""
    if typed is None:
        return None
    if not together:
        raise InvalidInput("--rounds has no effect without --together", "add --together")
    count = whole_number("rounds", typed)
    if not 0 <= count <= _MOST_ROUNDS:
        limits = f"0 to {_MOST_ROUNDS:,} rounds"
        raise InvalidInput(f"rounds: {count} is outside {limits}", f"choose {limits}")
    return count


def _clinics(
    usual: FoundProfile, zone_name: str, *, zone_is_typed: bool
) -> Callable[[str | None], RowClinic]:
    """Finds the clinic of the profile that a row names, or the usual one."""

    @cache
    def find(name: str | None) -> RowClinic:
        found = usual if name is None else find_profile(name)
        # A typed zone overrides that of every profile.
        zone = zone_name if zone_is_typed else found.profile.timezone
        return RowClinic(found.profile, zone or zone_name, zone is not None, found.calendars)

    return find


def _destination(
    output: str | None, tar: str | None, profile: FoundProfile, book: str | None
) -> tuple[Path | None, Path | None]:
    """The folder, or else the archive."""
    if "" in (output, tar):
        raise InvalidInput("the name after -o or --tar is empty", "name a folder, or a file")
    if output is not None and tar is not None:
        raise InvalidInput("--tar writes an archive instead of a folder", "leave out -o or --tar")
    if tar == _STANDARD_INPUT:
        raise InvalidInput("the archive needs a name", "name a file after --tar")
    if tar is not None:
        require_free(Path(tar))
        return None, Path(tar)
    if output is not None and not output.startswith(SERVER):
        folder: Path | None = Path(output)
    else:
        folder = profile.book_folder(output or book)
    if folder is None:
        raise InvalidInput(
            "no folder is named for the plans", "name a folder with -o, or an archive with --tar"
        )
    return folder, None


def _rows(file: str, folder: Path | None, opened: ExitStack) -> Rows:
    """The rows of a table, which *opened* closes. Raises FileProblem and InvalidInput."""
    stream, path, name = _stream(file, opened)
    if path is not None and folder is not None:
        written = folder / SCHEDULE_NAME
        if written.exists() and written.samefile(path):
            raise FileProblem(
                path,
                f"{name} is the schedule that a batch writes, not a table of patients",
                "name the table that the plans are made from",
            )
    reserved = tuple(OF_THE_WHOLE_BATCH)
    try:
        return opened.enter_context(open_rows(stream, path, name, COLUMNS, REQUIRED, reserved))
    except UnknownName as error:
        require_no_batch_options(error)
        raise


def _stream(file: str, opened: ExitStack) -> tuple[BinaryIO, Path | None, str]:
    if file == _STANDARD_INPUT:
        if sys.stdin is None:
            raise FileProblem(None, "standard input is closed", _NAME_A_TABLE)
        return sys.stdin.buffer, None, "standard input"
    path, name = Path(file), quoted(file, 200)
    try:
        if path.is_dir():
            raise FileProblem(path, f"{name} is a folder, not a file", _NAME_A_TABLE)
        return opened.enter_context(path.open("rb")), path, name
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise missing(path, "file", _NAME_A_TABLE) from error
        raise FileProblem(path, f"{name} can't be read: {reason(error)}", _NAME_A_TABLE) from error


def _remember(book: Path, labels: Mapping[str, str]) -> None:
    """Keep the labels of private plans' patients in the book, for the desk."""
    if labels:
        from mesoplan.book.names import table_with

        try:
            table = table_with(book, labels)
        except FileProblem as problem:
            say(f"Patients' labels are not kept. {problem.in_one_line}")
        else:
            write_all_new({}, table)


def _is_same(book: Path, folder: Path | None) -> bool:
    return folder is not None and book.resolve() == folder.resolve()


@contextmanager
def _stopping() -> Iterator[tuple[Callable[[], bool], Callable[[], bool]]]:
    """Whether Ctrl-C came: then what has begun is finished. A second one ends everything.

    From then on no further one counts, because half-made files are being removed. Where more
    courses are looked for, which the second function is for, it ends just that.
    """
    asked: list[int] = []
    handlers = {each: signal.getsignal(each) for each in INTERRUPTING}
    # What is ignored from the start on, as “nohup” does, stays so.
    before = {each: found for each, found in handlers.items() if found != signal.SIG_IGN}

    def take(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
        for each in before:
            signal.signal(each, handler)

    def stop(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        take(end)

    def end(_signal: int, _frame: FrameType | None) -> None:
        take(signal.SIG_IGN)
        raise KeyboardInterrupt

    def ends_looking() -> bool:
        if not asked:
            return False
        say("Stopping: the best plans found so far are being written.")
        asked.clear()
        take(stop)
        return True

    take(stop)
    try:
        yield lambda: bool(asked), ends_looking
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _progress(rows: int) -> Iterator[Callable[..., None]]:
    """Shows how many are done, of about *rows* rows: by a bar on a terminal, else not at all."""
    screen = standard_error()
    if screen.width is None or screen.stream is None:
        yield lambda _done, _of=rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(file=screen.stream, width=screen.width, force_terminal=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=rows)
        yield lambda done, of=rows: bar.update(task, completed=done, total=of)


def _say_stopped(summary: Summary, folder: Path | None, *, dry_run: bool) -> None:
    """Say how far a stopped batch came."""
    rows = counted(summary.rows, "row")
    if dry_run:
        say(f"Stopped after {rows}. Nothing was written (--dry-run).")
    elif folder is None:
        say(f"Stopped after {rows}. No archive was written.")
    else:
        plans = sum(summary.became.values())
        are = "is" if plans == 1 else "are"
        say(
            f"Stopped after {rows}. {counted(plans, 'plan')} {are} complete, in "
            f"{printable(folder)}.",
            "  The schedule was not changed. Run it again to go on.",
        )


def _page(summary: Summary, folder: Path | None, *, dry_run: bool, prune: bool) -> Iterator[str]:
    """What was done, and what needs somebody's attention."""
    became, rejected, doubts = summary.became, summary.rejected.count, summary.doubts
    parts = [f"{became[each]:,} {each}" for each in Became if became[each] or each is Became.NEW]
    parts += [f"{rejected:,} rejected"] * bool(rejected)
    yield f"{counted(summary.rows, 'row')}: {', '.join(parts)}"
    if summary.served is not None:
        yield summary.served
    if folder is not None and not dry_run:
        yield f"Plans: {printable(folder)}"
    yield from summary.written
    # Where no table of them is written, what was typed is shown, too.
    yield from _first(summary.reasons if dry_run else summary.rejected)
    if rejected and folder is not None and not dry_run:
        yield "  Correct them in your table, and run it again."
    gone = "to cancel, add --prune"
    if prune and summary.nameless:
        gone = "not cancelled, because a rejected row may be theirs"
    for heading, some in (
        ("Changed. Send these patients the new file:", summary.changed),
        ("Not published: run mesoplan publish, with --feed for a link:", summary.unpublished),
        ("{} with the first day in the past:", doubts["IN_THE_PAST"]),
        ("{} with the first day more than two years ahead:", doubts["FAR_AHEAD"]),
        ("{} where parts of the country have more holidays:", doubts["HOLIDAYS_OF_PARTS"]),
        ("{} with a session on a half holiday:", doubts["HALF_HOLIDAYS"]),
        (f"{{}} with less than {EVENT_MARGIN_DAYS} days before an event:", doubts["SHORT_MARGIN"]),
        ("{} around times that are not known (add patient-busy):", doubts["PATIENT_CALENDAR"]),
        ("{} cancelled, because the row is gone:", summary.cancelled),
        (f"{{}} without a row ({gone}):", summary.gone),
        ("Left out, because it can't be read:", summary.unreadable),
    ):
        # What was cancelled says enough of what was gone.
        if some.count and not (some is summary.gone and summary.cancelled.count):
            yield heading.format(counted(some.count, "plan"))
            yield from _first(some)
    if names := ", ".join(map(quoted, summary.aside)):
        columns = counted(len(summary.aside), "column")
        was = "was" if len(summary.aside) == 1 else "were"
        yield f"Note: {columns} {was} not used, because “plan” has no such option: {names}"
    yield from (f"Note: {note}" for note in summary.notes)


def _line(text: str) -> Line:
    if text.startswith("Note: "):
        return note_line(text.removeprefix("Note: "))
    indent = len(text) - len(text.lstrip())
    return line(text.lstrip(), indent=indent, hang=indent)


def _first(some: Some) -> Iterator[str]:
    for text in some.first[:_MOST_SHOWN]:
        # Each mistake of a row has a line.
        first, *others = printable(text).split(" | ")
        yield from (f"  {first}", *(f"    {each}" for each in others))
    if some.count > _MOST_SHOWN:
        yield f"  and {some.count - _MOST_SHOWN:,} more"
