"""`mesoplan cancel`: drop one session, or all that has not taken place."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.changes import Cancel
from mesoplan.cli import options, words
from mesoplan.cli.changing import Around, Ending, change_plan

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


def cancel(
    plan: options.PlanFile,
    session: options.SessionOrAll = None,
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
    """Cancel one session, so that the course has one fewer, or all that has not taken place.

    Cancelled appointments stay in the file as cancelled, so that the next import takes them off
    the phone.
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
        lambda _: Cancel(None if session is None else words.session_name(session)),
        around,
        ending,
    )
