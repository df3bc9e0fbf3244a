"""The options of `publish` and `pull`."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from mesoplan.cli.options import ENDING, TAKEN, fields, others

_WHICH_SERVER = "The server, by its name in the clinic's profile.  [default: the only one]"
PUBLISH = {
    **others(
        "Server",
        to=("--to NAME", _WHICH_SERVER),
        over=(
            "--over SESSION ...",
            "Write this session over what somebody changed there: 3, m1, its UID, or all. "
            "Repeatable.",
        ),
    ),
    **fields(
        "clinic",
        group="Server",
        insecure_http="Ask a server over http:// too, which others on the way can read.",
        book="The folder of all plans, or server:NAME.  [default: the profile's]",
    ),
    **others(
        "Feed",
        feed=("--feed", "Publish the patient's feed, and print the link to it."),
        new_link=("--new-link", "Publish it under a new link. The earlier one leads nowhere then."),
        withdraw=("--withdraw", "Remove the feed: the link leads nowhere then."),
    ),
    **fields(dry_run="Say what would be done, but do nothing."),
}
PULL = {
    **others(
        "Server",
        accept=("--accept", "Move the sessions that were moved there, if the rules allow it."),
        to=("--from NAME", _WHICH_SERVER),
    ),
    **TAKEN,
    **{name: option for name, option in ENDING.items() if name != "guided"},
}
