"""`mesoplan plan`: print the schedule of a course, and write the calendar file."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import os
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

from mesoplan.cli import clock, options
from mesoplan.cli.console import answer, echoing, say, standard_error, standard_output
from mesoplan.cli.profile import book_held, find_profile, with_taken_times
from mesoplan.cli.servers import shown_file
from mesoplan.cli.views import view_named
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, printable, quoted
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.clinic import RequestDraft, first_given
from mesoplan.model.fields import CALENDARS, Words, asked_values
from mesoplan.model.plan import Notice, Plan
from mesoplan.model.request import CalendarOptions
from mesoplan.storage.files import folder_made, write_all_new
from mesoplan.wording.neutral import require_neutral
from mesoplan.wording.notices import notice_text, notices_of_language, notices_of_phone
from mesoplan.wording.plans import plan as make_plan

STANDARD_OUTPUT = "-"
_SEPARATORS = tuple(separator for separator in (os.sep, os.altsep) if separator)

EPILOGS = {
    "plan": options.epilog(
        'plan hair tue 14h30 --patient "Anne Martin"',
        "plan cellulite 2026-12-04 --closed sun,mon --depart 2027-02-20",
        "plan rejuvenation --finish-by 2027-06-19 --private -o visits.ics",
        codes={
            3: "no schedule fits",
            4: "a file can't be written",
            5: "a calendar can't be fetched",
        },
    )
}


@options.with_options(options.PLAN)
def plan(
    goal: options.Goal,
    start: options.Start = None,
    *,
    timezone: str | None,
    busy: list[str] | None,
    room_busy: list[str] | None,
    patient_busy: list[str] | None,
    busy_offline: bool,
    insecure_http: bool,
    book: str | None,
    clinic: str | None,
    output: str | None,
    split: str | None,
    handout: str | None,
    as_json: bool,
    view: str | None,
    dry_run: bool,
    **asked: Any,
) -> None:
    """Plan a course: print the schedule, and write the calendar file for the patient.

    mesoplan finds the best dates around closed days, holidays, opening hours, busy calendars, days
    away and the trip. If no schedule fits, it says why, and what would help.

    With a book, it also finds a free room beside all the plans there, and puts the file there.

    Options override the clinic's profile; the profile overrides the protocol.
    """
    found_profile = find_profile(clinic)
    profile = found_profile.profile
    zone_name = first_given(timezone, profile.timezone)
    if zone_name is None:
        zone_name = clock.system_zone_name()
    now = clock.now()
    today = now.astimezone(find_zone(zone_name)).date()
    words = Words(today, profile.date_order)
    start_day, start_time = None, None
    with echoing(words):
        if start:
            start_day, start_time = words.day_and_clock("START", " ".join(start))
        values = asked_values(asked, words)
    draft = RequestDraft(goal, start_day, start_time, values)
    request = draft.request(profile, zone_name)
    file_options = draft.calendar_options(profile)
    schedule = view_named(view, as_json=as_json)
    on_error = output == STANDARD_OUTPUT
    if as_json and on_error:
        raise InvalidInput(
            "--json and -o - both want standard output", "give the calendar file a name with -o"
        )
    book_folder = found_profile.book_folder(book)
    calendars: dict[str, Any] = dict(
        zip(CALENDARS, (busy, room_busy, patient_busy), strict=True),
        busy_offline=busy_offline,
        insecure_http=insecure_http,
    )
    busy_calendars = found_profile.calendars_with(calendars, book_folder)
    with book_held(book_folder, writes=not dry_run):
        request, unreadable = with_taken_times(request, busy_calendars, book_folder, is_new=True)
        try:
            found = make_plan(request, now=now)
        except NoLegalPlan as refusal:
            from mesoplan.wording.options import ways_out_of_new

            say(*map(notice_text, unreadable))
            typed = asked | {"start": start or [], "timezone": timezone} | calendars
            typed |= {
                "book": book,
                "clinic": clinic,
                "output": output,
                "split": split,
                "handout": handout,
                "as_json": as_json,
            }
            typed |= {"view": view, "dry_run": dry_run}
            if asked["patient"] is not None and not standard_error().is_terminal:
                # Nobody's label comes into a log.
                typed["patient"] = "LABEL"
            refusal.typed = ways_out_of_new(
                refusal.ways_out, ["plan", goal], typed, request, profile, start_time
            )
            refusal.details = tuple(line for way in refusal.typed for line in way.lines)
            raise
        destination = _destination(found, file_options, output, split, book_folder)
        further = (*unreadable, *destination.notices, *notices_of_phone(request.phone))
        further += (*notices_of_language(request.language),)
        found = replace(found, notices=(*found.notices, *further))
        require_neutral(found, file_options)
        write_page = None
        if handout is not None:
            # Loaded only for a page.
            from mesoplan.cli.handout import page_writer

            file = destination.file
            write_page = page_writer(handout, file, found, file_options, now, dry_run=dry_run)
        written = ["Calendar file: not written (--dry-run)"]
        if not dry_run:
            written = [*_write(found, file_options, now, destination)]
        failed = None if write_page is None else write_page(written)
    answer(
        as_json,
        lambda json: json.plan_document(found, now),
        lambda width: schedule(found, width, None),
        written,
        standard_error() if on_error else None,
        failed,
    )


class _Destination(NamedTuple):
    """The file for the whole plan, and the folder for one file per session, if any."""

    file: Path | None
    """None for standard output."""
    folder: Path | None
    stem: str
    """What our own names begin with; nothing personal, and with --private nothing of the goal."""
    notices: tuple[Notice, ...]
    """That the file is not in the book, if there is one."""
    book: Path | None
    """The book, if the file is in it."""


def _destination(
    plan: Plan, options: CalendarOptions, output: str | None, split: str | None, book: Path | None
) -> _Destination:
    """What is meant by what was typed after --output and --split.

    Where there is a book, a file without a name gets one there that is free. Raises InvalidInput
    for a folder without a name, and FileProblem for a file with that of a folder.
    """
    start = plan.request.start or plan.sessions[0].day
    stem = f"appointments-{start}" if options.private else f"mesoplan-{plan.goal}-{start}"
    file: Path | None = None
    if output is None:
        file = Path(f"{stem}.ics") if book is None else _free_in(book, stem)
    elif output != STANDARD_OUTPUT:
        file = Path(output)
    if split == "":
        raise InvalidInput("the folder after --split has no name", "name a folder to write to")
    if output is not None and output.endswith(_SEPARATORS):
        raise FileProblem(
            file, f"{quoted(output)} is the name of a folder", "give the name of a file in it"
        )
    notices: tuple[Notice, ...] = ()
    within = book
    if book is not None and (file is None or file.resolve().parent != book.resolve()):
        text = "This calendar file is not in the book, so its times stay free for others there."
        notices, within = (Notice("NOT_IN_BOOK", text),), None
    return _Destination(file, None if split is None else Path(split), stem, notices, within)


def _free_in(folder: Path, stem: str) -> Path:
    """A free name in a folder: other patients begin on the same day."""
    names = (f"{stem}{after}.ics" for after in chain([""], (f"-{k}" for k in count(2))))
    return next(folder / name for name in names if not os.path.lexists(folder / name))


def _write(
    plan: Plan, options: CalendarOptions, stamp: datetime, destination: _Destination
) -> list[str]:
    """Write all files or none; returns what was written where, one per line.

    Raises FileProblem, and InvalidInput when two of the files would have one name.
    """
    from mesoplan.formats.plan_file.writing import calendar_file, event_files, writes_utc

    file, folder, stem, _, book = destination
    data = calendar_file(plan, options, stamp)
    contents: dict[Path, bytes] = {}
    if folder is not None:
        events = event_files(plan, options, stamp).items()
        contents = {folder / f"{stem}-{serial}.ics": event for serial, event in events}
    in_utc = " (times in UTC)" if writes_utc(plan, options) else ""
    if file is None:
        # First: a file can be removed again, but what is printed stays.
        standard_output().write_bytes(data)
        lines = [f"Calendar file: standard output{in_utc}"]
    else:
        if file.absolute() in {path.absolute() for path in contents}:
            raise InvalidInput(
                "--output and --split give the plan and one session the same file",
                "give the calendar file another name with -o",
            )
        lines = [f"Calendar file: {shown_file(file)}{in_utc}"]
    if folder is not None:
        lines.append(f"One file per session: {len(contents)} files in {printable(folder)}")
    whole = {} if file is None else {file: data}
    table, said = _names_with(plan, options, book)
    try:
        with nullcontext() if folder is None else folder_made(folder):
            write_all_new(whole | contents, table)
    except FileProblem as problem:
        if problem.path == file and isinstance(problem.__cause__, FileExistsError):
            problem.remedy = "choose another name with -o, or look first, with --dry-run"
        raise
    return [*lines, *said]


def _names_with(
    plan: Plan, options: CalendarOptions, book: Path | None
) -> tuple[dict[Path, bytes], list[str]]:
    """The table of a book that keeps the label of a private plan's patient; and what to say."""
    label = plan.request.patient
    if book is None or label is None or not options.private:
        return {}, []
    from mesoplan.book.names import FILE_NAME, table_with

    try:
        table = table_with(book, {plan.id: label})
    except FileProblem as problem:
        return {}, [f"Patient's label: not kept. {problem.in_one_line}"]
    return table, [f"Patient's label: {printable(book / FILE_NAME)}, for the clinic alone"]
