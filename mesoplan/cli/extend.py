"""`mesoplan extend`: more sessions in the course, or fewer."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.cli import options_of_changes, words
from mesoplan.cli.change_options import Around, Ending, with_option_groups
from mesoplan.cli.changing import change_plan, reason_for_being_late
from mesoplan.model.changes import Extend

# Or else -1 would be taken for an option.
SETTINGS = {"ignore_unknown_options": True}

EPILOG = """\b
Examples:
  mesoplan extend plan.ics +2
  mesoplan extend plan.ics -1

\b
Exit codes:
  0 done; 2 a value is wrong; 3 no legal schedule is left; 4 the file can't be
  read or changed; 130 interrupted
"""


@with_option_groups
def extend(
    plan: options_of_changes.PlanFile,
    by: options_of_changes.MoreOrFewer,
    late: options_of_changes.Late = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Make the course longer or shorter, and plan the rest anew with the fewest new days.

    +0 keeps the number, and plans the rest around what has changed since: an absence, a closure.
    """
    change_plan(
        plan,
        lambda _: Extend(words.more_or_fewer(by), reason_for_being_late(late)),
        around,
        ending,
    )
