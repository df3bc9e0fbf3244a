"""`mesoplan cancel`: drop one session, or all that has not taken place."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.cli import options_of_changes, words
from mesoplan.cli.change_options import Around, Ending, with_option_groups
from mesoplan.cli.changing import change_plan
from mesoplan.model.changes import Cancel

EPILOG = """\b
Examples:
  mesoplan cancel plan.ics
  mesoplan cancel plan.ics 5
  mesoplan cancel plan.ics m2

\b
Exit codes:
  0 done; 2 a value is wrong; 3 no legal schedule is left; 4 the file can't be
  read or changed; 130 interrupted
"""


@with_option_groups
def cancel(
    plan: options_of_changes.PlanFile,
    session: options_of_changes.SessionOrAll = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Cancel one session, so that the course has one fewer, or all that has not taken place.

    Cancelled appointments stay in the file as cancelled, so that the next import takes them off
    the phone.
    """
    change_plan(
        plan,
        lambda _: Cancel(None if session is None else words.session_name(session)),
        around,
        ending,
    )
