"""`mesoplan pull`: what somebody changed of a plan in a calendar of the clinic's server."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Any

from mesoplan.cli import options
from mesoplan.cli.server_options import PULL

EPILOGS = {
    "pull": options.epilog(
        "pull martin",
        "pull martin --accept",
        codes={
            1: "something there is different",
            3: "what was moved there is outside the rules",
            4: "a file can't be read or changed",
            5: "a server refuses or can't be reached",
        },
    )
}


@options.with_options(PULL)
def pull(plan: options.PlanFile, **typed: Any) -> int:
    """Show what somebody changed of a plan in the clinic's calendar, after “publish”.

    With --accept, sessions that were moved there move in the plan, too, if the rules allow it. What
    was cancelled or deleted there stays in the plan until you cancel it.
    """
    # Loaded here: it loads what changes plans.
    from mesoplan.cli.published import pull_plan

    return pull_plan(plan, typed)
