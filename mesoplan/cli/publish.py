"""`mesoplan publish`: put the dates of a plan where others can read them."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from typing import Any

from mesoplan.cli import options
from mesoplan.errors import InvalidInput

EPILOGS = {
    "publish": options.epilog(
        "publish martin --feed",
        "publish martin --feed --new-link",
        "publish martin --feed --withdraw",
        codes={4: "a file can't be read or written", 5: "a server refuses or can't be reached"},
    )
}


@options.with_options(options.PUBLISH)
def publish(plan: options.PlanFile, *, feed: bool, **typed: Any) -> None:
    """Publish the dates of a plan under a link for the patient, with --feed.

    Under the link there is a page with the dates, and a calendar to subscribe to. Both are private:
    they name neither the treatment nor the patient.
    """
    if not (feed or typed["new_link"] or typed["withdraw"]):
        raise InvalidInput("publish needs to know where to", "add --feed")
    from mesoplan.cli.feed import publish_feed

    publish_feed(plan, typed)
