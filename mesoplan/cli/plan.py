"""`mesoplan plan`: print the schedule of a course, and write the calendar file."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from mesoplan.cli import clock, options, words
from mesoplan.cli.book import book_folder_of, book_held, bookings_in, without
from mesoplan.cli.busy import with_busy_calendars
from mesoplan.cli.calendar_output import Destination
from mesoplan.cli.console import Screen, say, standard_error, standard_output
from mesoplan.cli.plan_views import View, view_named
from mesoplan.cli.profile import find_profile
from mesoplan.dates.times import reminders, time_of_day
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput
from mesoplan.model.clinic import RequestDraft, first_given
from mesoplan.model.plan import Plan
from mesoplan.model.refusal import NoLegalPlan
from mesoplan.planning.planner import days_that_matter
from mesoplan.planning.planner import plan as make_plan
from mesoplan.wording.neutral import require_neutral

# \b keeps click from filling the lines of a paragraph.
EPILOG = """\b
Examples:
  mesoplan plan hair 2026-12-01 --closed sun,mon --holidays FR
  mesoplan plan cellulite tomorrow 9:30 --arrive 2026-12-04 --depart 2027-02-20
  mesoplan plan rejuvenation --finish-by 2027-06-19 --private -o visits.ics

\b
Exit codes:
  0 done; 2 a value is wrong; 3 no legal schedule exists; 4 a file can't be
  written; 130 interrupted
"""


def plan(
    goal: options.Goal,
    start: options.Start = None,
    sessions: options.Sessions = None,
    interval: options.Interval = None,
    maintenance: options.Maintenance = None,
    years: options.Years = None,
    area: options.Area = None,
    at: options.At = None,
    duration: options.Duration = None,
    tz: options.Tz = None,
    closed: options.Closed = None,
    closure: options.Closure = None,
    holidays: options.Holidays = None,
    open_on: options.OpenOn = None,
    busy: options.Busy = None,
    book: options.Book = None,
    clinic: options.Clinic = None,
    patient: options.Patient = None,
    away: options.Away = None,
    arrive: options.Arrive = None,
    depart: options.Depart = None,
    finish_by: options.FinishBy = None,
    flex: options.Flex = None,
    output: options.Output = None,
    split: options.Split = None,
    remind: options.Remind = None,
    location: options.Location = None,
    private: options.Private = None,
    utc: options.Utc = False,
    as_json: options.AsJson = False,
    view: options.View = None,
    dry_run: options.DryRun = False,
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
    zone_name = first_given(tz, profile.timezone)
    if zone_name is None:
        zone_name = clock.system_zone_name()
    now = clock.now()
    today = now.astimezone(find_zone(zone_name)).date()

    def day(what: str, text: str | None) -> date | None:
        return None if text is None else words.day(what, text, today)

    def number(what: str, text: str | None) -> int | None:
        return None if text is None else words.whole_number(what, text)

    start_day, start_time = None, None
    if start:
        start_day, start_time = words.day_and_clock("START", " ".join(start), today)
    asked = RequestDraft(
        goal=goal,
        start=start_day,
        start_time=start_time,
        sessions=number("sessions", sessions),
        interval_days=number("interval", interval),
        maintenance_per_year=number("maintenance", maintenance),
        years=number("years", years),
        area=area,
        time_of_day=None if at is None else time_of_day("time", at),
        duration_minutes=number("duration", duration),
        closed_weekdays=words.weekdays(closed or []),
        closures=words.day_ranges("closure", closure or [], today),
        holidays=None if holidays is None else words.regions(holidays),
        open_days=frozenset(words.day("open", text, today) for text in open_on or []),
        away=words.day_ranges("away", away or [], today),
        arrive=day("arrive", arrive),
        depart=day("depart", depart),
        finish_by=day("finish-by", finish_by),
        flex_days=0 if flex is None else words.whole_number("flex", flex),
        patient=patient,
        location=location,
        private=private,
        utc=utc,
        reminders=None if remind is None else reminders(remind),
    )
    request = asked.request(profile, zone_name)
    file_options = asked.calendar_options(profile)
    show = _printer(as_json=as_json, view=view, output=output)
    if busy is not None and "" in busy:
        raise InvalidInput("the calendar after --busy has no name", "name a file or a folder")
    book_folder = book_folder_of(book, found_profile)
    busy_paths = (*found_profile.busy, *map(Path, busy or []))
    with book_held(book_folder, writes=not dry_run):
        request, unreadable = with_busy_calendars(request, without(busy_paths, book_folder))
        if book_folder is not None:
            days = days_that_matter(request)
            bookings = bookings_in([book_folder], zone_name, days, writes=not dry_run)
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
    schedule = view_named(view)
    if as_json and output == "-":
        raise InvalidInput(
            "--json and -o - both want standard output", "give the calendar file a name with -o"
        )
    if as_json and view is not None:
        raise InvalidInput("--json prints no view", "leave out --json or --view")
    if as_json:
        return _print_json
    screen = standard_error() if output == "-" else standard_output()
    return partial(_print_schedule, screen, schedule)


def _print_json(plan: Plan, written: Sequence[str]) -> None:
    from mesoplan.formats import json

    standard_output().write(json.dumps(json.plan_document(plan)))
    say(*written)


def _print_schedule(screen: Screen, schedule: View, plan: Plan, written: Sequence[str]) -> None:
    from mesoplan.formats.page import line

    screen.show(lambda width: [*schedule(plan, width, None), *map(line, written)])
