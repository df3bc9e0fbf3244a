"""What the commands that change a plan have in common: open, plan anew, show, write."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesoplan.cli.clock import usual_zone
from mesoplan.cli.console import say, standard_output
from mesoplan.cli.open_plan import OpenPlan, opened, previous_plan
from mesoplan.cli.profile import FoundProfile, find_profile
from mesoplan.cli.surroundings import (
    book_folder_of,
    book_held,
    bookings_in,
    busy_paths,
    with_busy_calendars,
)
from mesoplan.dates.days import DateRange, day_text, require_plannable
from mesoplan.dates.times import minutes_of
from mesoplan.errors import FileProblem, InvalidInput
from mesoplan.model.fields import BY_NAME
from mesoplan.model.kinds import RANGES, Words
from mesoplan.model.plan import Notice
from mesoplan.model.refusal import NoLegalPlan
from mesoplan.planning.replanner import undone
from mesoplan.planning.slots import slots_for
from mesoplan.planning.status import compare
from mesoplan.wording.findings import notices_on
from mesoplan.wording.plans import replan
from mesoplan.wording.reasons import cause_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mesoplan.cli.change import Around, Ending
    from mesoplan.model.changes import Change
    from mesoplan.model.plan import Plan
    from mesoplan.model.request import Request
    from mesoplan.planning.status import Comparison

_NONE = "none"
_DAYS_AHEAD = 3 * 366


def change_plan(
    typed: str,
    change: Callable[[OpenPlan], Change],
    around: Around,
    ending: Ending,
    *,
    is_booked: bool = True,
) -> None:
    """Plan the plan in a file anew after a change, show what that makes of it, and write it.

    The book matters where the change can take another time: where it *is_booked*.

    Raises FileProblem, InvalidInput and NoLegalPlan; the file is as it was then.
    """
    found_profile = find_profile(around.clinic)
    zone = usual_zone(None, found_profile.profile.timezone)
    book = book_folder_of(around.book, found_profile) if is_booked else None
    with (
        book_held(book, writes=not ending.dry_run),
        opened(typed, zone, to_write=not ending.dry_run) as file,
    ):
        asked = change(file)
        request = _request(file, around, found_profile)
        request, unreadable = _with_busy(file, request, around, found_profile, book)
        try:
            after = replan(file.plan, asked, now=file.now, request=request)
        except NoLegalPlan as refusal:
            from mesoplan.wording.options import spelled_ways_out_of_change

            say(*(notice.text for notice in (*file.read.assumed, *unreadable)))
            refusal.details = spelled_ways_out_of_change(refusal.ways_out, typed, request)
            raise
        finish(file, after, ending, unreadable)


def undo_change(typed: str, book: str | None, clinic: str | None, ending: Ending) -> None:
    """Put back the plan as it was before the last change, show what that changes, and write it.

    Raises FileProblem and InvalidInput; the file is as it was then.
    """
    found_profile = find_profile(clinic)
    zone = usual_zone(None, found_profile.profile.timezone)
    folder = book_folder_of(book, found_profile)
    writes = not ending.dry_run
    with book_held(folder, writes=writes), opened(typed, zone, to_write=writes) as file:
        before = previous_plan(file, zone)
        after = undone(file.plan, before, file.now)
        clashes: list[Notice] = []
        if folder is not None:
            rooms = found_profile.profile.rooms
            if found_profile.path is None:
                rooms = after.request.rooms
            bookings = bookings_in([folder], after.request.timezone)
            busy = (bookings.around(after.id),)
            clashes = list(_clashes(after, replace(after.request, busy=busy, rooms=rooms), file))
        finish(file, after, ending, clashes)


def finish(file: OpenPlan, after: Plan, ending: Ending, unreadable: Sequence[Notice] = ()) -> None:
    """Show what changed, and write it unless it is only to be looked at."""
    path = None
    if ending.changes is not None:
        if not ending.changes:
            raise InvalidInput("the file after --changes has no name", "name a file to write to")
        if ending.changes == "-":
            raise InvalidInput(
                "standard output has the comparison, and no room for the changed events",
                "name a file after --changes",
            )
        path = Path(ending.changes)
    written = file.write(after, path, dry_run=ending.dry_run)
    told = (
        *after.notices,
        *_assumed_before(file, after),
        *notices_on(after, file.now),
        *unreadable,
    )
    comparison = compare(file.plan, replace(after, notices=told), file.now)
    try:
        _show(comparison, written, as_json=ending.as_json)
    except FileProblem as problem:
        problem.details = tuple(written)
        raise


def _assumed_before(file: OpenPlan, after: Plan) -> Iterator[Notice]:
    """What was assumed of the file before the change, as far as that matters after it."""
    for notice in file.read.assumed:
        if notice.code == "MISSING" and after.is_whole:
            text = notice.text.replace(" is not in this file", " was not in the file")
            text = text.replace(" are not in this file", " were not in the file")
            yield Notice(notice.code, f"{text}, and has a day again")
        elif notice.code != "CANCELLED":
            yield notice


def _request(file: OpenPlan, around: Around, found: FoundProfile) -> Request:
    """The plan's request, with what was typed, and what the clinic says of itself by now.

    Closures and opened days add up. What the profile says of hours, rooms and holidays goes before
    what the file remembers.
    """
    request, profile, words = file.plan.request, found.profile, Words(file.today)

    def anew(name: str) -> Any:
        """A field with what was typed, beside or in place of what the plan has."""
        field, typed, kept = BY_NAME[name], getattr(around, name), getattr(request, name)
        if not field.kind.repeats:
            if typed is None or typed == _NONE:
                return kept if typed is None else None
            return field.kind.read(field.option, typed, words)
        texts = list(typed or [])
        takes_out = field.kind is RANGES and _NONE in texts
        texts = [each for each in texts if not (takes_out and each == _NONE)]
        further = field.kind.read(field.option, texts, words)
        return type(kept)(dict.fromkeys([*(() if takes_out else kept), *further]))

    closures = anew("closures")
    of_clinic = (days for days in profile.closures if not _is_among(days, closures))
    has_hours = profile.opening_hours is not None
    return replace(
        request,
        closures=(*closures, *of_clinic),
        open_days=anew("open_days") | profile.open_days,
        away=anew("away"),
        depart=anew("depart"),
        finish_by=anew("finish_by"),
        opening_hours=profile.opening_hours if has_hours else request.opening_hours,
        slot_minutes=profile.slot_minutes if has_hours else request.slot_minutes,
        rooms=profile.rooms if found.path is not None else request.rooms,
        holidays=profile.holidays or request.holidays,
        open_holidays=profile.open_holidays if profile.holidays else request.open_holidays,
    )


def _is_among(days: DateRange, ranges: Sequence[DateRange]) -> bool:
    """Whether the same days are closed already, for whatever reason."""
    return any((days.first, days.last) == (each.first, each.last) for each in ranges)


def _with_busy(
    file: OpenPlan,
    request: Request,
    around: Around,
    found: FoundProfile,
    book: Path | None,
) -> tuple[Request, tuple[Notice, ...]]:
    paths = busy_paths(around.busy, found, book)
    last = file.today + timedelta(days=_DAYS_AHEAD + 366 * request.years)
    try:
        require_plannable(last)
    except InvalidInput:
        last = file.today
    own = {session.uid for session in (*file.plan.active, *file.plan.dropped)}
    days = DateRange(file.today, last)
    request, unreadable = with_busy_calendars(request, paths, days, own)
    if book is not None:
        bookings = bookings_in([book], request.timezone, days)
        request = replace(request, busy=(bookings.around(file.plan.id), *request.busy))
    return request, unreadable


def _clashes(after: Plan, request: Request, file: OpenPlan) -> Iterator[Notice]:
    """That a session to come is put back where others have all the rooms."""
    slots = slots_for(replace(request, opening_hours=None), after.duration_minutes)
    for session in after.active:
        if session.is_past(file.now):
            continue
        why = slots.why_not_at(session.day, minutes_of(session.start.time()))
        if why is not None:
            when = f"{day_text(session.day)} {session.start:%H:%M}"
            text = f"{session.name.in_words}, on {when}, is put back where "
            text += f"{cause_text(why, [session.day])}: move it"
            yield Notice("CLASH", text)


def _show(comparison: Comparison, written: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        from mesoplan.formats import json

        standard_output().write(json.dumps(json.changed_document(comparison)))
        say(*written)
        return
    from mesoplan.formats.comparison import changes
    from mesoplan.formats.page import line

    standard_output().show(lambda width: [*changes(comparison, width), *map(line, written)])
