"""What can be typed after `batch` alone."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Annotated

import typer

_FILE = "Calendar file"
_OUTPUT = "Output"

TableFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="A table with a row for each plan: CSV or TSV of any spreadsheet, or NDJSON; - for "
        "standard input.",
    ),
]
PlansFolder = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FOLDER",
        help="Where the plans are; it is made if it is not there.  [default: the book]",
        rich_help_panel=_FILE,
    ),
]
Tar = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Write one archive in place of many files; there are no earlier plans then.",
        rich_help_panel=_FILE,
    ),
]
Prune = Annotated[
    bool,
    typer.Option(
        "--prune",
        help="Cancel what is to come of plans that an earlier batch made and whose row is gone.",
        rich_help_panel=_FILE,
    ),
]
Jobs = Annotated[
    str | None,
    typer.Option(
        metavar="COUNT",
        help="How many processes plan at once; around a book always one.  [default: as many as "
        "there are processors, up to 4, for long tables]",
        rich_help_panel=_OUTPUT,
    ),
]
