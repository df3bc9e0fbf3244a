"""`mesoplan show --message` and `--handed-out`: what the patient is sent, or was given."""

from __future__ import annotations

from contextlib import suppress

from mesoplan.cli.clock import usual_zone
from mesoplan.cli.console import say, standard_output
from mesoplan.cli.handout import read_in, record_given
from mesoplan.cli.named_plan import named_plan
from mesoplan.cli.open_plan import opened
from mesoplan.cli.profile import find_profile
from mesoplan.errors import FileProblem
from mesoplan.formats.message import message
from mesoplan.planning.replanner import compare


def to_the_patient(
    plan: str,
    clinic: str | None,
    book: str | None,
    timezone: str | None,
    language: str | None,
    *,
    prints: bool,
) -> None:
    """Print the dates of a plan as a text to send, if asked to; record that the patient has them.

    If exactly the last change is not known to the patient, the text says what it changed.
    """
    found = find_profile(clinic)
    named = named_plan(plan, found, book)
    zone = usual_zone(timezone, found.profile.timezone)
    with opened(named, zone, found.profile, to_write=False) as file:
        change = None
        if file.plan.unseen == file.plan.revision:
            with suppress(FileProblem):
                change = compare(file.before(), file.plan, file.now)
        if prints:
            shown = read_in(language, file.plan)
            text = message(shown, file.read.options, file.now, change)
            standard_output().write(text)
            if not file.plan.coming(file.now):
                say("No session is to come.")
    record_given(file, named, found)
    if not prints:
        said = "recorded" if file.plan.unseen is not None else "the patient has all dates already"
        say(f"Handed out: {said}")
