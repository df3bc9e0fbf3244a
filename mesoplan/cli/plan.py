"""`mesoplan plan`: print the schedule of a course, and write the calendar file."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from mesoplan.cli import clock, options
from mesoplan.cli.console import Screen, say, standard_error, standard_output
from mesoplan.cli.profile import book_held, bookings_in, find_profile, with_busy_calendars
from mesoplan.dates.parsing import day_and_clock
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, printable, quoted
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.clinic import RequestDraft, first_given
from mesoplan.model.fields import Words, asked_values
from mesoplan.model.plan import Notice, Plan
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.planner import days_that_matter
from mesoplan.storage.files import folder_made, write_all_new
from mesoplan.wording.patient import require_neutral
from mesoplan.wording.plans import plan as make_plan

STANDARD_OUTPUT = "-"

EPILOGS = {
    "plan": options.epilog(
        "plan hair 2026-12-01 --closed sun,mon --holidays FR",
        "plan cellulite tomorrow 9:30 --arrive 2026-12-04 --depart 2027-02-20",
        "plan rejuvenation --finish-by 2027-06-19 --private -o visits.ics",
        codes="""\
  0 done; 2 a value is wrong; 3 no legal schedule exists; 4 a file can't be
  written; 130 interrupted""",
    )
}


@options.with_options(options.OF_PLAN)
def plan(
    goal: options.Goal,
    start: options.Start = None,
    *,
    timezone: str | None,
    busy: list[str] | None,
    book: str | None,
    clinic: str | None,
    output: str | None,
    split: str | None,
    as_json: bool,
    view: str | None,
    dry_run: bool,
    **asked: Any,
) -> None:
    """Print the schedule of a course, and write the calendar file that the patient imports.

    The best legal course is found around closed days, holidays, hours, busy calendars, absences and
    the trip. Where there is none, the answer says why, and what would help.

    With a book, a free room is found beside all the plans in it, and the file is put there.

    An option goes before the clinic's profile, the profile before the goal's protocol, and that
    before the built-in default.
    """
    found_profile = find_profile(clinic)
    profile = found_profile.profile
    zone_name = first_given(timezone, profile.timezone)
    if zone_name is None:
        zone_name = clock.system_zone_name()
    now = clock.now()
    today = now.astimezone(find_zone(zone_name)).date()
    start_day, start_time = None, None
    if start:
        start_day, start_time = day_and_clock("START", " ".join(start), today)
    values = asked_values(asked, Words(today))
    draft = RequestDraft(goal, start_day, start_time, values)
    request = draft.request(profile, zone_name)
    file_options = draft.calendar_options(profile)
    show = _printer(as_json=as_json, view=view, output=output)
    book_folder = found_profile.book_folder(book)
    busy_calendars = found_profile.busy_paths(busy, book_folder)
    with book_held(book_folder, writes=not dry_run):
        request, unreadable = with_busy_calendars(request, busy_calendars)
        if book_folder is not None:
            days = days_that_matter(request)
            bookings = bookings_in([book_folder], zone_name, days)
            request = replace(request, busy=(bookings.around(request.plan_id), *request.busy))
        try:
            found = make_plan(request, now=now)
        except NoLegalPlan as refusal:
            from mesoplan.wording.options import spelled_ways_out

            say(*(notice.text for notice in unreadable))
            refusal.details = spelled_ways_out(refusal.ways_out, request, start_time, profile)
            raise
        destination = Destination.of(found, file_options, output, split, book_folder)
        notices = (*unreadable, *destination.notices(book_folder))
        found = replace(found, notices=(*found.notices, *notices))
        require_neutral(found, file_options)
        written = (
            destination.unwritten() if dry_run else destination.write(found, file_options, now)
        )
    try:
        show(found, written)
    except FileProblem as problem:
        problem.details = tuple(written)
        raise


def _printer(
    *, as_json: bool, view: str | None, output: str | None
) -> Callable[[Plan, Sequence[str]], None]:
    """What prints the plan and the lines that say what was written; checks the options for it."""
    schedule = options.view_named(view, as_json=as_json)
    if as_json and output == STANDARD_OUTPUT:
        raise InvalidInput(
            "--json and -o - both want standard output", "give the calendar file a name with -o"
        )
    if as_json:
        return _print_json
    screen = standard_error() if output == STANDARD_OUTPUT else standard_output()
    return partial(_print_schedule, screen, schedule)


def _print_json(plan: Plan, written: Sequence[str]) -> None:
    from mesoplan.formats import json

    standard_output().write(json.dumps(json.plan_document(plan)))
    say(*written)


def _print_schedule(
    screen: Screen, schedule: options.PlanView, plan: Plan, written: Sequence[str]
) -> None:
    from mesoplan.formats.page import line

    screen.show(lambda width: [*schedule(plan, width, None), *map(line, written)])


_SEPARATORS = tuple(separator for separator in (os.sep, os.altsep) if separator)


@dataclass(frozen=True, slots=True)
class Destination:
    """The file for the whole plan, and the folder for one file a session, if any."""

    file: Path | None
    """None for standard output."""
    folder: Path | None
    stem: str
    """What our own names begin with; nothing personal, and with --private nothing of the goal."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        options: CalendarOptions,
        output: str | None,
        split: str | None,
        book: Path | None = None,
    ) -> "Destination":
        """The destination for what was typed after --output and --split.

        Where there is a book, a file without a name gets one there that is free.

        Raises InvalidInput for a folder without a name.
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
        return cls(file, None if split is None else Path(split), stem)

    def notices(self, book: Path | None) -> Iterator[Notice]:
        """That the file goes elsewhere than into the book that there is."""
        if book is None:
            return
        if self.file is None or self.file.resolve().parent != book.resolve():
            text = (
                "the calendar file does not go into the book, so its times stay free for others "
                "there"
            )
            yield Notice("NOT_IN_BOOK", text)

    def unwritten(self) -> list[str]:
        """What is said when nothing is to be written."""
        return ["Calendar file: not written (--dry-run)"]

    def write(self, plan: Plan, options: CalendarOptions, stamp: datetime) -> list[str]:
        """Write it all, or nothing; what was written where, a line each.

        Raises FileProblem, and InvalidInput when two of the files would have one name.
        """
        from mesoplan.formats.plan_file.writing import calendar_file, event_files, writes_utc

        data = calendar_file(plan, options, stamp)
        contents: dict[Path, bytes] = {}
        if self.folder is not None:
            for serial, event in event_files(plan, options, stamp).items():
                contents[self.folder / f"{self.stem}-{serial}.ics"] = event
        in_utc = " (times in UTC)" if writes_utc(plan, options) else ""
        if self.file is None:
            # First, since a file can be taken back and what is printed can't.
            standard_output().write_bytes(data)
            lines = [f"Calendar file: standard output{in_utc}"]
        else:
            if self.file.absolute() in {path.absolute() for path in contents}:
                raise InvalidInput(
                    "--output and --split give the plan and one session the same file",
                    "give the calendar file another name with -o",
                )
            lines = [f"Calendar file: {printable(self.file)}{in_utc}"]
        if self.folder is not None:
            lines.append(f"One file a session: {len(contents)} files in {printable(self.folder)}")
        whole = {} if self.file is None else {self.file: data}
        self._write_files(whole | contents)
        return lines

    def _write_files(self, contents: Mapping[Path, bytes]) -> None:
        with nullcontext() if self.folder is None else folder_made(self.folder):
            write_all_new(contents)


def _free_in(folder: Path, stem: str) -> Path:
    """A name in a folder that nothing has: other patients begin on the same day."""
    numbers = itertools.count(2)
    path = folder / f"{stem}.ics"
    while os.path.lexists(path):
        path = folder / f"{stem}-{next(numbers)}.ics"
    return path
