"""`mesoplan plan`: print the schedule of a course, and write the calendar file."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Annotated

import typer

from mesoplan.cli import clock, words
from mesoplan.cli.calendar_output import Destination
from mesoplan.cli.console import Screen, say, standard_error, standard_output
from mesoplan.errors import FileProblem, InvalidInput, NoLegalPlan, UnknownName
from mesoplan.formats.ics import CalendarOptions, require_neutral
from mesoplan.model import DEFAULT_TIME, Plan, Request
from mesoplan.planner import first_day_not_past
from mesoplan.planner import plan as make_plan
from mesoplan.reminders import DEFAULT_REMINDERS, reminders
from mesoplan.times_of_day import time_of_day
from mesoplan.zones import find_zone

_COURSE, _WHEN, _PATIENT = "Course", "When", "Patient"
_FILE, _OUTPUT = "Calendar file", "Output"
_VIEWS = ("table", "month")

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
    goal: Annotated[
        str, typer.Argument(metavar="GOAL", help="What it is for; see “mesoplan goals”.")
    ],
    start: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[START]",
            help="First day: 2026-12-01, “1 Dec 2026” or tomorrow; a time may follow. "
            "May be left out with --arrive, --depart or --finish-by.",
        ),
    ] = None,
    sessions: Annotated[
        str | None,
        typer.Option(
            "-n",
            "--sessions",
            metavar="COUNT",
            help="Sessions, 3 to 15. Kept, or the plan is refused.  [default: the goal's]",
            rich_help_panel=_COURSE,
        ),
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option(
            "-i",
            "--interval",
            metavar="DAYS",
            help="Preferred days between sessions, 7 to 14.  [default: the goal's]",
            rich_help_panel=_COURSE,
        ),
    ] = None,
    maintenance: Annotated[
        str | None,
        typer.Option(
            "-m",
            "--maintenance",
            metavar="0|1|2",
            help="Maintenance sessions a year.  [default: the goal's]",
            rich_help_panel=_COURSE,
        ),
    ] = None,
    years: Annotated[
        str | None,
        typer.Option(
            metavar="YEARS",
            help="Years of maintenance, 1 to 10.  [default: 1]",
            rich_help_panel=_COURSE,
        ),
    ] = None,
    area: Annotated[
        str | None,
        typer.Option(
            metavar="AREA",
            help="Where it is given, one of the goal's areas.",
            rich_help_panel=_COURSE,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="HH:MM",
            help="When sessions begin.  [default: 10:00]",
            rich_help_panel=_WHEN,
        ),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option(
            metavar="MINUTES",
            help="Length of a session.  [default: the goal's]",
            rich_help_panel=_WHEN,
        ),
    ] = None,
    tz: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="The clinic's IANA time zone, as Europe/Paris.  [default: this machine's]",
            rich_help_panel=_WHEN,
        ),
    ] = None,
    closed: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAYS",
            help="Weekdays on which the clinic never opens: sun,mon.",
            rich_help_panel=_WHEN,
        ),
    ] = None,
    closure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FROM..TO",
            help="Days on which the clinic is closed: 2026-12-24..2027-01-03. Repeatable.",
            rich_help_panel=_WHEN,
        ),
    ] = None,
    holidays: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COUNTRY",
            help="Keep the public holidays of TH, FR-Alsace, … Repeatable.",
            rich_help_panel=_WHEN,
        ),
    ] = None,
    open_on: Annotated[
        list[str] | None,
        typer.Option(
            "--open",
            metavar="DATE",
            help="A day on which the clinic opens all the same. Repeatable.",
            rich_help_panel=_WHEN,
        ),
    ] = None,
    patient: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL",
            help="A label for the patient, in the schedule and the file's own record.",
            rich_help_panel=_PATIENT,
        ),
    ] = None,
    away: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FROM..TO",
            help="Days on which the patient can't come. Repeatable.",
            rich_help_panel=_PATIENT,
        ),
    ] = None,
    arrive: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The patient arrives; no session before it.",
            rich_help_panel=_PATIENT,
        ),
    ] = None,
    depart: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The patient travels home; the last session is a day before it or earlier.",
            rich_help_panel=_PATIENT,
        ),
    ] = None,
    finish_by: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Recovery is over by that day. Without START: the latest start that keeps "
            "every preferred interval.",
            rich_help_panel=_PATIENT,
        ),
    ] = None,
    flex: Annotated[
        str | None,
        typer.Option(
            metavar="DAYS",
            help="START may slip by so many days if no course exists from it.  [default: 0]",
            rich_help_panel=_PATIENT,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write it; - for standard output.  [default: mesoplan-GOAL-START.ics, "
            "with --private appointments-START.ics]",
            rich_help_panel=_FILE,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Also write one file a session into a folder.",
            rich_help_panel=_FILE,
        ),
    ] = None,
    remind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIME",
            help="Reminder before a session: 1d, 2h, 30m, or none. Repeatable; Outlook keeps "
            "one.  [default: 1d]",
            rich_help_panel=_FILE,
        ),
    ] = None,
    location: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help="Where the sessions are held.", rich_help_panel=_FILE),
    ] = None,
    private: Annotated[
        bool,
        typer.Option(
            "--private",
            help="No word of treatment, goal, area or patient in the file or its name.",
            rich_help_panel=_FILE,
        ),
    ] = False,
    utc: Annotated[
        bool,
        typer.Option("--utc", help="Write the times in UTC.", rich_help_panel=_FILE),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print JSON in place of the schedule.", rich_help_panel=_OUTPUT
        ),
    ] = False,
    view: Annotated[
        str | None,
        typer.Option(
            metavar="table|month",
            help="How the schedule is printed.  [default: table]",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Write no file.", rich_help_panel=_OUTPUT),
    ] = False,
) -> None:
    """Print the schedule of a course, and write the calendar file that the patient imports.

    The best legal course is found around closed days, holidays, absences and the trip. Where there
    is none, the answer says why, and what would help.
    """
    zone_name = clock.system_zone_name() if tz is None else tz
    now = clock.now()
    today = now.astimezone(find_zone(zone_name)).date()

    def day(what: str, text: str | None) -> date | None:
        return None if text is None else words.day(what, text, today)

    def number(what: str, text: str | None) -> int | None:
        return None if text is None else words.whole_number(what, text)

    start_day, start_time = None, None
    if start:
        start_day, start_time = words.day_and_clock("START", " ".join(start), today)
    asked_time = None if at is None else time_of_day("time", at)
    if start_time is not None and asked_time is not None and start_time != asked_time:
        raise InvalidInput(f"START says {start_time:%H:%M} and --time {at}", "give the time once")
    request = Request(
        goal,
        start_day,
        sessions=number("sessions", sessions),
        interval_days=number("interval", interval),
        maintenance_per_year=number("maintenance", maintenance),
        years=1 if years is None else words.whole_number("years", years),
        area=area,
        time_of_day=start_time or asked_time or DEFAULT_TIME,
        duration_minutes=number("duration", duration),
        timezone=zone_name,
        closed_weekdays=words.weekdays(closed or []),
        closures=words.day_ranges("closure", closure or [], today),
        holidays=words.listed(holidays or []),
        open_days=frozenset(words.day("open", text, today) for text in open_on or []),
        away=words.day_ranges("away", away or [], today),
        arrive=day("arrive", arrive),
        depart=day("depart", depart),
        finish_by=day("finish-by", finish_by),
        flex_days=0 if flex is None else words.whole_number("flex", flex),
        patient=patient,
    )
    if years is not None and request.maintenance_per_year == 0:
        raise InvalidInput(
            "--years without maintenance has no meaning", "leave out --years or --maintenance 0"
        )
    options = CalendarOptions(
        location=location,
        private=private,
        utc=utc,
        reminders=DEFAULT_REMINDERS if remind is None else reminders(remind),
    )
    show = _printer(as_json=as_json, view=view, output=output)
    try:
        found = make_plan(request, not_before=first_day_not_past(request, now))
    except NoLegalPlan as refusal:
        from mesoplan.cli.spelling import spelled_ways_out

        refusal.details = spelled_ways_out(refusal.ways_out, request, start_time)
        raise
    require_neutral(found, options)
    destination = Destination.of(found, options, output, split)
    written = destination.unwritten() if dry_run else destination.write(found, options, now)
    try:
        show(found, written)
    except FileProblem as problem:
        problem.details = tuple(written)
        raise


def _printer(
    *, as_json: bool, view: str | None, output: str | None
) -> Callable[[Plan, Sequence[str]], None]:
    """What prints the plan and the lines that say what was written; checks the options for it."""
    if view is not None and view not in _VIEWS:
        raise UnknownName("view", view, _VIEWS, "the views are: table, month")
    if as_json and output == "-":
        raise InvalidInput(
            "--json and -o - both want standard output", "give the calendar file a name with -o"
        )
    if as_json and view is not None:
        raise InvalidInput("--json prints no view", "leave out --json or --view")
    if as_json:
        return _print_json
    screen = standard_error() if output == "-" else standard_output()
    return partial(_print_schedule, screen, view or "table")


def _print_json(plan: Plan, written: Sequence[str]) -> None:
    from mesoplan.formats import json

    standard_output().write(json.dumps(json.plan_document(plan)))
    say(*written)


def _print_schedule(screen: Screen, view: str, plan: Plan, written: Sequence[str]) -> None:
    from mesoplan.formats.page import line

    if view == "month":
        from mesoplan.formats.month import schedule
    else:
        from mesoplan.formats.table import schedule
    screen.show(lambda width: [*schedule(plan, width), *map(line, written)])
