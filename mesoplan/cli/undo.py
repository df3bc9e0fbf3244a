"""`mesoplan undo`: put back the plan as it was before the last change."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Iterator
from dataclasses import replace

from mesoplan.cli import options, options_of_changes
from mesoplan.cli.book import book_folder_of, book_held, bookings_in
from mesoplan.cli.change_options import Ending, with_option_groups
from mesoplan.cli.changing import finish
from mesoplan.cli.plan_file import OpenPlan, opened, previous_plan, usual_zone
from mesoplan.cli.profile import find_profile
from mesoplan.dates.days import day_text
from mesoplan.dates.times import minutes_of
from mesoplan.model.plan import Notice, Plan
from mesoplan.model.request import Request
from mesoplan.planning.replanner import undone
from mesoplan.planning.slots import slots_for

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
def undo(
    plan: options_of_changes.PlanFile,
    book: options.Book = None,
    clinic: options.Clinic = None,
    *,
    ending: Ending,
) -> None:
    """Put back the plan as it was before the last change, as a new revision.

    Calendars follow, since every event that changes is newer than before. A second undo takes the
    first one back. Where others have booked a room meanwhile that is put back, the answer says so.
    """
    found_profile = find_profile(clinic)
    zone = usual_zone(None, found_profile.profile.timezone)
    folder = book_folder_of(book, found_profile)
    writes = not ending.dry_run
    with book_held(folder, writes=writes), opened(plan, zone, to_write=writes) as file:
        before = previous_plan(file, zone)
        after = undone(file.plan, before, file.now)
        clashes: list[Notice] = []
        if folder is not None:
            rooms = found_profile.profile.rooms
            if found_profile.path is None:
                rooms = after.request.rooms
            bookings = bookings_in([folder], after.request.timezone, writes=writes)
            busy = (bookings.around(after.id),)
            clashes = list(_clashes(after, replace(after.request, busy=busy, rooms=rooms), file))
        finish(file, after, ending, clashes)


def _clashes(after: Plan, request: Request, file: OpenPlan) -> Iterator[Notice]:
    """That a session to come is put back where others have all the rooms."""
    slots = slots_for(replace(request, opening_hours=None), after.duration_minutes)
    for session in after.active:
        if session.is_past(file.now):
            continue
        why = slots.why_not_at(session.day, minutes_of(session.start.time()))
        if why is not None:
            when = f"{day_text(session.day)} {session.start:%H:%M}"
            text = f"{session.name.in_words}, on {when}, is put back where {why}: move it"
            yield Notice("CLASH", text)
