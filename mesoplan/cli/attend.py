"""`mesoplan attend`: sessions took place."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.cli import options_of_changes, words
from mesoplan.cli.change_options import Around, Ending, with_option_groups
from mesoplan.cli.changing import change_plan, reason_for_being_late
from mesoplan.cli.plan_file import OpenPlan
from mesoplan.model.changes import Attend

EPILOG = """\b
Examples:
  mesoplan attend plan.ics 3
  mesoplan attend plan.ics 1 2 3 m1
  mesoplan attend plan.ics 4 --on 2026-12-30

\b
Exit codes:
  0 done; 2 a value is wrong; 3 no legal schedule is left; 4 the file can't be
  read or changed; 130 interrupted
"""


@with_option_groups
def attend(
    plan: options_of_changes.PlanFile,
    sessions: options_of_changes.SessionArguments,
    on: options_of_changes.TookPlaceOn = None,
    late: options_of_changes.Late = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Say that sessions took place; with --on, that one of them did on another day.

    What took place is a fact, even where it breaks a rule: it never moves, “show” and “check” tell
    of the breach, and the sessions after it are planned from the real date.
    """

    def asked(file: OpenPlan) -> Attend:
        names = tuple(words.session_name(each) for each in sessions)
        reason = reason_for_being_late(late)
        if on is None:
            return Attend(names, late=reason)
        return Attend(names, *words.day_and_clock("--on", on, file.today), late=reason)

    # Where it took place on its day nothing is planned anew.
    change_plan(plan, asked, around, ending, is_booked=on is not None)
