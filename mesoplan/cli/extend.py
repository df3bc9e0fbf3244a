"""`mesoplan extend`: more sessions in the course, or fewer."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.changes import Extend
from mesoplan.cli import options, words
from mesoplan.cli.changing import Around, Ending, change_plan, reason_for_being_late

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


def extend(
    plan: options.PlanFile,
    by: options.MoreOrFewer,
    late: options.Late = None,
    away: options.AwayAnew = None,
    closure: options.ClosureAnew = None,
    open_on: options.OpenOn = None,
    depart: options.DepartAnew = None,
    finish_by: options.FinishByAnew = None,
    busy: options.Busy = None,
    clinic: options.Clinic = None,
    changes: options.Changes = None,
    as_json: options.AsJson = False,
    dry_run: options.DryRunChange = False,
) -> None:
    """Make the course longer or shorter, and plan the rest anew with the fewest new days.

    +0 keeps the number, and plans the rest around what has changed since: an absence, a closure.
    """
    around = Around(
        closure=closure,
        open_on=open_on,
        away=away,
        depart=depart,
        finish_by=finish_by,
        busy=busy,
        clinic=clinic,
    )
    ending = Ending(changes=changes, as_json=as_json, dry_run=dry_run)

    change_plan(
        plan,
        lambda _: Extend(words.more_or_fewer(by), reason_for_being_late(late)),
        around,
        ending,
    )
