"""What can be typed after several commands, or after `plan`: each with its help and its group."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Annotated

import typer

_COURSE, _WHEN, _PATIENT = "Course", "When", "Patient"
_FILE, _OUTPUT = "Calendar file", "Output"

Goal = Annotated[str, typer.Argument(metavar="GOAL", help="What it is for; see “mesoplan goals”.")]
Start = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[START]",
        help="First day: 2026-12-01, “1 Dec 2026” or tomorrow; a time may follow. "
        "May be left out with --arrive, --depart or --finish-by.",
    ),
]
Sessions = Annotated[
    str | None,
    typer.Option(
        "-n",
        "--sessions",
        metavar="COUNT",
        help="Sessions, 3 to 15. Kept, or the plan is refused.  [default: the goal's]",
        rich_help_panel=_COURSE,
    ),
]
Interval = Annotated[
    str | None,
    typer.Option(
        "-i",
        "--interval",
        metavar="DAYS",
        help="Preferred days between sessions, 7 to 14.  [default: the goal's]",
        rich_help_panel=_COURSE,
    ),
]
Maintenance = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--maintenance",
        metavar="0|1|2",
        help="Maintenance sessions a year.  [default: the goal's]",
        rich_help_panel=_COURSE,
    ),
]
Years = Annotated[
    str | None,
    typer.Option(
        metavar="YEARS",
        help="Years of maintenance, 1 to 10.  [default: 1]",
        rich_help_panel=_COURSE,
    ),
]
Area = Annotated[
    str | None,
    typer.Option(
        metavar="AREA",
        help="Where it is given, one of the goal's areas.",
        rich_help_panel=_COURSE,
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--time",
        metavar="TIME",
        help="When sessions begin: 14:30 for the free time nearest to it; morning, afternoon, any "
        "or 14:00-18:00 for the earliest free time in it.  [default: 10:00]",
        rich_help_panel=_WHEN,
    ),
]
Duration = Annotated[
    str | None,
    typer.Option(
        metavar="MINUTES",
        help="Length of a session.  [default: the goal's]",
        rich_help_panel=_WHEN,
    ),
]
Tz = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE",
        help="The clinic's IANA time zone, as Europe/Paris.  [default: the profile's, else this "
        "machine's]",
        rich_help_panel=_WHEN,
    ),
]
FileTz = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="The clinic's time zone, where the file does not tell it.  [default: the profile's, "
        "else this machine's]",
        rich_help_panel=_WHEN,
    ),
]
Closed = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DAYS",
        help="Weekdays on which the clinic never opens: sun,mon. Added to the profile's.",
        rich_help_panel=_WHEN,
    ),
]
Closure = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FROM..TO",
        help="Days on which the clinic is closed: 2026-12-24..2027-01-03. Repeatable; added to "
        "the profile's.",
        rich_help_panel=_WHEN,
    ),
]
Holidays = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COUNTRY",
        help="Keep the public holidays of TH, FR-Alsace, …; none for none. Repeatable.",
        rich_help_panel=_WHEN,
    ),
]
OpenOn = Annotated[
    list[str] | None,
    typer.Option(
        "--open",
        metavar="DATE",
        help="A day on which the clinic opens all the same. Repeatable.",
        rich_help_panel=_WHEN,
    ),
]
Busy = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE.ics|FOLDER",
        help="A calendar of times that are taken, from any program. Repeatable; added to the "
        "profile's.",
        rich_help_panel=_WHEN,
    ),
]
Book = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="The folder of all plans: what is planned finds a free room beside them; none for "
        "none.  [default: the profile's]",
        rich_help_panel=_WHEN,
    ),
]
Clinic = Annotated[
    str | None,
    typer.Option(
        "--clinic",
        metavar="PROFILE.toml",
        help="The clinic's profile; none for none.  [default: MESOPLAN_CLINIC, else clinic.toml "
        "in the configuration folder]",
        rich_help_panel=_WHEN,
    ),
]
Patient = Annotated[
    str | None,
    typer.Option(
        metavar="LABEL",
        help="A label for the patient, in the schedule and the file's own record.",
        rich_help_panel=_PATIENT,
    ),
]
Away = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FROM..TO",
        help="Days on which the patient can't come. Repeatable.",
        rich_help_panel=_PATIENT,
    ),
]
Arrive = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="The patient arrives; no session before it.",
        rich_help_panel=_PATIENT,
    ),
]
Depart = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="The patient travels home; the last session is a day before it or earlier.",
        rich_help_panel=_PATIENT,
    ),
]
FinishBy = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Recovery is over by that day. Without START: the latest start that keeps "
        "every preferred interval.",
        rich_help_panel=_PATIENT,
    ),
]
Flex = Annotated[
    str | None,
    typer.Option(
        metavar="DAYS",
        help="START may slip by so many days if no course exists from it.  [default: 0]",
        rich_help_panel=_PATIENT,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where to write it; - for standard output.  [default: mesoplan-GOAL-START.ics, "
        "with --private appointments-START.ics]",
        rich_help_panel=_FILE,
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="Also write one file a session into a folder.",
        rich_help_panel=_FILE,
    ),
]
Remind = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TIME",
        help="Reminder before a session: 1d, 2h, 30m, or none. Repeatable; Outlook keeps "
        "one.  [default: 1d]",
        rich_help_panel=_FILE,
    ),
]
Location = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        help="Where the sessions are held.  [default: the profile's]",
        rich_help_panel=_FILE,
    ),
]
Private = Annotated[
    bool | None,
    typer.Option(
        "--private/--no-private",
        help="No word of treatment, goal, area or patient in the file or its name.",
        show_default=False,
        rich_help_panel=_FILE,
    ),
]
Utc = Annotated[bool, typer.Option("--utc", help="Write the times in UTC.", rich_help_panel=_FILE)]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON.", rich_help_panel=_OUTPUT),
]
View = Annotated[
    str | None,
    typer.Option(
        metavar="table|month",
        help="How the schedule is printed.  [default: table]",
        rich_help_panel=_OUTPUT,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write no file.", rich_help_panel=_OUTPUT)]
