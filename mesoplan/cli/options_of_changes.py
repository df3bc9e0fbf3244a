"""What can be typed after the commands that look at a plan or change it."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Annotated

import typer

_FILE = "Calendar file"
_OUTPUT = "Output"

_ANEW = "Around"
PlanFile = Annotated[str, typer.Argument(metavar="PLAN.ics", help="The plan's own file.")]
PlanFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="PLAN.ics...",
        help="The plan's file, or what a calendar program exported of it: one file, several, or a "
        "folder.",
    ),
]
SessionArgument = Annotated[
    str, typer.Argument(metavar="SESSION", help="3 for session 3, m1 for maintenance 1.")
]
SessionArguments = Annotated[
    list[str],
    typer.Argument(metavar="SESSION...", help="3 for session 3, m1 for maintenance 1."),
]
SessionOrAll = Annotated[
    str | None,
    typer.Argument(
        metavar="[SESSION]", help="3 for session 3, m1 for maintenance 1; all when left out."
    ),
]
_HOW_A_DAY = "2026-12-01, “1 Dec 2026” or tomorrow; a time may follow."
When = Annotated[list[str], typer.Argument(metavar="WHEN", help=f"The new day: {_HOW_A_DAY}")]
WhenInstead = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WHEN]", help=f"The day instead: {_HOW_A_DAY}  [default: whatever fits best]"
    ),
]
MoreOrFewer = Annotated[
    str,
    typer.Argument(metavar="SESSIONS", help="+2 for two sessions more, -1 for one fewer."),
]
TookPlaceOn = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="DATE",
        help="The day on which it really took place; a time may follow, in quotes.",
        rich_help_panel="Session",
    ),
]
Late = Annotated[
    str | None,
    typer.Option(
        metavar="REASON",
        help="Where all legal days are past: take the earliest usable day, and keep the reason.",
        rich_help_panel="Session",
    ),
]
NotAttended = Annotated[
    bool,
    typer.Option(
        "--not-attended",
        help="Put right that “attend” was said of it by mistake.",
        rich_help_panel="Session",
    ),
]
AwayAnew = Annotated[
    list[str] | None,
    typer.Option(
        "--away",
        metavar="FROM..TO",
        help="Further days on which the patient can't come; none takes out the plan's. Repeatable.",
        rich_help_panel=_ANEW,
    ),
]
ClosureAnew = Annotated[
    list[str] | None,
    typer.Option(
        "--closure",
        metavar="FROM..TO",
        help="Further days on which the clinic is closed; none takes out the plan's. Repeatable.",
        rich_help_panel=_ANEW,
    ),
]
DepartAnew = Annotated[
    str | None,
    typer.Option(
        "--depart",
        metavar="DATE",
        help="The patient travels home then, in place of the plan's day; none for no such day.",
        rich_help_panel=_ANEW,
    ),
]
FinishByAnew = Annotated[
    str | None,
    typer.Option(
        "--finish-by",
        metavar="DATE",
        help="Recovery is over by that day, in place of the plan's; none for no such day.",
        rich_help_panel=_ANEW,
    ),
]
Changes = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Also write a calendar file of just the events that change.",
        rich_help_panel=_FILE,
    ),
]
DryRunChange = Annotated[
    bool,
    typer.Option("--dry-run", help="Show it, and change no file.", rich_help_panel=_OUTPUT),
]
