"""`mesoplan move`: put one session on another day, and plan the rest around it."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.cli import options_of_changes, words
from mesoplan.cli.change_options import Around, Ending, with_option_groups
from mesoplan.cli.changing import change_plan, reason_for_being_late
from mesoplan.cli.plan_file import OpenPlan
from mesoplan.model.changes import Move

EPILOG = """\b
Examples:
  mesoplan move plan.ics 4 2026-12-29
  mesoplan move plan.ics 4 tomorrow 15:30 --changes for-the-patient.ics
  mesoplan move plan.ics m1 "17 Aug 2027" --dry-run

\b
Exit codes:
  0 done; 2 a value is wrong; 3 no legal schedule is left; 4 the file can't be
  read or changed; 130 interrupted
"""


@with_option_groups
def move(
    plan: options_of_changes.PlanFile,
    session: options_of_changes.SessionArgument,
    when: options_of_changes.When,
    late: options_of_changes.Late = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Move one session to another day, and plan the rest anew with the fewest new days.

    What took place stays, what was agreed stays as far as it can. The session then keeps its day
    whatever is planned anew later. The file before the change is kept beside it, with a ~.
    """

    def asked(file: OpenPlan) -> Move:
        day, clock = words.day_and_clock("WHEN", " ".join(when), file.today)
        return Move(words.session_name(session), day, clock, reason_for_being_late(late))

    change_plan(plan, asked, around, ending)
