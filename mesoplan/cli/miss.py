"""`mesoplan miss`: a session was missed, and another takes its place."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.cli import options_of_changes, words
from mesoplan.cli.change_options import Around, Ending, with_option_groups
from mesoplan.cli.changing import change_plan, reason_for_being_late
from mesoplan.cli.plan_file import OpenPlan
from mesoplan.model.changes import Miss

EPILOG = """\b
Examples:
  mesoplan miss plan.ics 4
  mesoplan miss plan.ics 4 2026-12-29 15:30
  mesoplan miss plan.ics 8 --late "was in hospital"
  mesoplan miss plan.ics 2 --not-attended

\b
Exit codes:
  0 done; 2 a value is wrong; 3 no legal schedule is left; 4 the file can't be
  read or changed; 130 interrupted
"""


@with_option_groups
def miss(
    plan: options_of_changes.PlanFile,
    session: options_of_changes.SessionArgument,
    when: options_of_changes.WhenInstead = None,
    late: options_of_changes.Late = None,
    not_attended: options_of_changes.NotAttended = False,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """A session was missed, or will be: rebook it, and plan the rest anew with the fewest new days.

    Days that were agreed stay as far as they can: those after the missed one move up a number, and
    a new day comes at the end. With WHEN the session is put on that day.
    """

    def asked(file: OpenPlan) -> Miss:
        name, reason = words.session_name(session), reason_for_being_late(late)
        day, clock = None, None
        if when:
            day, clock = words.day_and_clock("WHEN", " ".join(when), file.today)
        return Miss(name, day, clock, reason, not_attended)

    change_plan(plan, asked, around, ending)
