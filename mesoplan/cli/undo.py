"""`mesoplan undo`: put back the plan as it was before the last change."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.cli import options
from mesoplan.cli.change_options import Ending, with_option_groups
from mesoplan.cli.changing import finish
from mesoplan.cli.plan_file import opened, previous_plan, usual_zone
from mesoplan.undoing import undone

EPILOG = """\b
Examples:
  mesoplan undo plan.ics
  mesoplan undo plan.ics --dry-run

\b
Exit codes:
  0 done; 2 the plan before is the same; 4 there is none, or a file can't be
  read or changed; 130 interrupted
"""


@with_option_groups
def undo(plan: options.PlanFile, *, ending: Ending) -> None:
    """Put back the plan as it was before the last change, as a new revision.

    Calendars follow, since every event that changes is newer than before. A second undo takes the
    first one back.
    """
    zone = usual_zone(None, None)
    with opened(plan, zone, to_write=not ending.dry_run) as file:
        before = previous_plan(file, zone)
        finish(file, undone(file.plan, before, file.now), ending)
