"""What is said of a mistake in the program itself: where it is, and nothing of what it was about.

A traceback is for whoever mends it. It may have a patient's name in it, and so it is shown only to
who asks for it.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from mesoplan.cli.console import say
from mesoplan.errors import printable

MISTAKE_IN_PROGRAM = 70
"""The exit code; that of BSD's sysexits for an internal software error."""

VARIABLE = "MESOPLAN_TRACEBACK"
_PACKAGE = Path(__file__).parent.parent


def report_unforeseen(error: Exception) -> int:
    """Say on standard error that the program itself is wrong; the exit code.

    With MESOPLAN_TRACEBACK set, the traceback comes first.
    """
    if os.environ.get(VARIABLE):
        say(*map(printable, "".join(traceback.format_exception(error)).splitlines()))
    say(
        f"mesoplan: the program itself went wrong ({type(error).__name__}{_place_of(error)}); "
        "no file is half-written",
        f"  please report that line; {VARIABLE}=1 makes it tell more, perhaps a patient's name",
    )
    return MISTAKE_IN_PROGRAM


def _place_of(error: Exception) -> str:
    """Where in this package it was, the innermost place."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE):
            return f" at {path.relative_to(_PACKAGE).as_posix()}:{frame.lineno}"
    return ""
