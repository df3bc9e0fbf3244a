"""What can be typed after `agenda` alone."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Annotated

import typer

_FILE = "Calendar file"
_DAYS = "Days"

BookFolder = Annotated[
    str | None,
    typer.Argument(
        metavar="[FOLDER]",
        help="The folder with all the plans.  [default: the profile's book]",
    ),
]
FromDay = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DATE",
        help="That day, or the first one.  [default: today]",
        rich_help_panel=_DAYS,
    ),
]
ToDay = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="The last day.", rich_help_panel=_DAYS)
]
Week = Annotated[
    bool,
    typer.Option(
        "--week", help="From the Monday to the Sunday around the first day.", rich_help_panel=_DAYS
    ),
]
DaysShown = Annotated[
    str | None,
    typer.Option("--days", metavar="COUNT", help="So many days, 1 to 3660.", rich_help_panel=_DAYS),
]
AgendaTz = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="The clinic's IANA time zone, by which the days go.  [default: the profile's, else "
        "the plans']",
        rich_help_panel=_DAYS,
    ),
]
AgendaFile = Annotated[
    str | None,
    typer.Option(
        "--ics",
        metavar="FILE",
        help="Also write these appointments, or all to come where no days are named, as one "
        "calendar for the doctor's own screen, in place of an earlier one; - for standard output.",
        rich_help_panel=_FILE,
    ),
]
AgendaPrivate = Annotated[
    bool,
    typer.Option(
        "--private",
        help="No word of treatment, goal or patient in that file.",
        rich_help_panel=_FILE,
    ),
]
