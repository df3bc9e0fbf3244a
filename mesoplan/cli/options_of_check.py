"""What can be typed after `check` alone."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Annotated

import typer

_COURSE = "Course"
_PATIENT = "Patient"

CheckedFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="A calendar (.ics) of any program, a CSV with a column “date”, or a list with one "
        "date a line; - for standard input.",
    ),
]
Match = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="Of a calendar only the events that have TEXT in their title, letter case aside.",
        rich_help_panel=_COURSE,
    ),
]
GoalMeant = Annotated[
    str | None,
    typer.Option(
        "--goal",
        metavar="GOAL",
        help="What it is for: the clinic's profile may narrow the rules for it.",
        rich_help_panel=_COURSE,
    ),
]
RecoveredBy = Annotated[
    str | None,
    typer.Option(
        "--finish-by",
        metavar="DATE",
        help="Recovery is to be over by that day.",
        rich_help_panel=_PATIENT,
    ),
]
