"""`mesoplan publish`: put the dates of a plan where others can read them."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Any

from mesoplan.cli import options
from mesoplan.cli.server_options import PUBLISH
from mesoplan.errors import InvalidInput

EPILOGS = {
    "publish": options.epilog(
        "publish martin",
        "publish martin --over 4",
        "publish martin --feed",
        "publish martin --feed --new-link",
        "publish martin --feed --withdraw",
        codes={
            1: "somebody changed something there",
            4: "a file can't be read or written",
            5: "a server refuses or can't be reached",
        },
    )
}


@options.with_options(PUBLISH)
def publish(plan: options.PlanFile, *, feed: bool, **typed: Any) -> int:
    """Put a plan into the clinic's calendar on a server, an event for each session.

    What somebody changed there stays as it is, and is listed: “mesoplan pull” takes it over. Alarms
    and notes that were added there stay in any case.

    With --feed it publishes the dates under a link for the patient instead. Under the link there is
    a page with the dates, and a calendar to subscribe to. Both are private: they name neither the
    treatment nor the patient.
    """
    if feed or typed["new_link"] or typed["withdraw"]:
        if typed["over"]:
            raise InvalidInput("--over is not for feeds", "leave it out, or leave out --feed")
        from mesoplan.cli.feed import publish_feed

        publish_feed(plan, typed)
        return 0
    from mesoplan.cli.published import publish_plan

    return publish_plan(plan, typed)
