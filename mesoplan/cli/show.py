"""`mesoplan show`: print a plan from its file."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from dataclasses import replace
from os.path import lexists
from pathlib import Path

from mesoplan.cli import clock, options
from mesoplan.cli.console import answer
from mesoplan.cli.named_plan import named_plan
from mesoplan.cli.profile import find_profile, with_label
from mesoplan.cli.views import view_named
from mesoplan.errors import InvalidInput, quoted
from mesoplan.formats.page import line
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.wording.findings import notices_on, progress
from mesoplan.wording.options import command_line

EPILOGS = {
    "show": options.epilog(
        "show martin",
        "show mesoplan-hair-2026-12-01.ics",
        "show exported-by-google.ics --tz Europe/Paris",
        "show folder-of-events/ --view month",
        "show martin --message",
        codes={4: "a file can't be read, or doesn't contain exactly one plan"},
    )
}


@options.with_options(options.SHOW)
def show(
    plan: options.PlanFiles,
    *,
    timezone: str | None,
    book: str | None,
    clinic: str | None,
    as_json: bool,
    view: str | None,
    message: bool,
    language: str | None,
    handed_out: bool,
) -> None:
    """Print a plan from its file: the schedule, what is done, and what comes next.

    The file may be the plan's own, or an export from Google, Apple, Outlook, Thunderbird,
    Nextcloud or another program. What an export has lost is assumed, and the answer says so.
    Sessions that somebody moved in a calendar are shown as moved.

    With --message it prints a text for the patient instead. Nothing is sent.
    """
    if message or handed_out:
        if as_json or view is not None or len(plan) > 1:
            raise InvalidInput(
                "--message and --handed-out are for one plan, without --json or --view",
                "leave out the others",
            )
        # Loaded here: it loads what changes plans.
        from mesoplan.cli.message import to_the_patient

        to_the_patient(plan[0], clinic, book, timezone, language, prints=message)
        return
    if language is not None:
        raise InvalidInput("--language is for --message", "add --message, or leave it out")
    schedule = view_named(view, as_json=as_json)
    found_profile = find_profile(clinic)
    profile = found_profile.profile
    one = named_plan(plan[0], found_profile, book) if len(plan) == 1 else None
    paths = list(map(Path, plan)) if one is None else [one.path]
    if not any(map(lexists, paths)) and one is None:
        raise InvalidInput(
            f"there is no file {quoted(plan[0])}",
            f"a name of several words needs quotes: {command_line(['show', ' '.join(plan)], {})}",
        )
    read = read_plan(paths, clock.usual_zone(timezone, profile.timezone))
    now = clock.now()
    shown, unreadable = with_label(read.plan, paths[0])
    notices = (
        *read.plan.notices,
        *read.assumed,
        *notices_on(read.plan, now, *([] if one is None else [one.typed])),
        *unreadable,
    )
    request = replace(shown.request, practitioners=profile.practitioners)
    found = replace(shown, request=request, notices=notices)
    answer(
        as_json,
        lambda json: json.shown_document(found, now),
        lambda width: [*schedule(found, width, now), line((progress(found, now), "title"))],
    )
