"""What the commands that change a plan have in common: open, plan anew, show, write."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.cli import words
from mesoplan.cli.book import book_folder_of, book_held, bookings_in, without
from mesoplan.cli.busy import with_busy_calendars
from mesoplan.cli.console import say, standard_output
from mesoplan.cli.plan_file import opened, usual_zone
from mesoplan.cli.profile import find_profile
from mesoplan.dates.days import DateRange, require_plannable
from mesoplan.errors import FileProblem, InvalidInput
from mesoplan.model.plan import Notice
from mesoplan.model.refusal import NoLegalPlan
from mesoplan.model.request import MAX_PLACE_CHARACTERS
from mesoplan.model.texts import require_one_line
from mesoplan.planning.replanner import replan
from mesoplan.planning.status import compare
from mesoplan.wording.findings import notices_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from mesoplan.cli.change_options import Around, Ending
    from mesoplan.cli.plan_file import OpenPlan
    from mesoplan.cli.profile import FoundProfile
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
        request, unreadable = _with_busy(
            file, request, around, found_profile, book, writes=not ending.dry_run
        )
        try:
            after = replan(file.plan, asked, now=file.now, request=request)
        except NoLegalPlan as refusal:
            from mesoplan.wording.options import spelled_ways_out_of_change

            say(*(notice.text for notice in (*file.read.assumed, *unreadable)))
            refusal.details = spelled_ways_out_of_change(refusal.ways_out, typed, request)
            raise
        finish(file, after, ending, unreadable)


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
    written = (file.rehearse if ending.dry_run else file.write)(after, path)
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


def reason_for_being_late(typed: str | None) -> str | None:
    """What was typed after --late. Raises InvalidInput for what can't be shown everywhere."""
    if typed is not None:
        require_one_line("reason after --late", typed, MAX_PLACE_CHARACTERS)
        return typed.strip()
    return None


def _request(file: OpenPlan, around: Around, found: FoundProfile) -> Request:
    """The plan's request, with what was typed, and what the clinic says of itself by now.

    Closures and opened days add up. What the profile says of hours, rooms and holidays goes before
    what the file remembers.
    """
    request, profile, today = file.plan.request, found.profile, file.today

    def ranges(
        what: str, typed: Sequence[str] | None, kept: Sequence[DateRange]
    ) -> list[DateRange]:
        words_typed = list(typed or [])
        begin = [] if _NONE in words_typed else list(kept)
        further = words.day_ranges(what, (each for each in words_typed if each != _NONE), today)
        return list(dict.fromkeys([*begin, *further]))

    def end(what: str, typed: str | None, kept: date | None) -> date | None:
        if typed is None:
            return kept
        return None if typed == _NONE else words.day(what, typed, today)

    opened_days = {words.day("open", text, today) for text in around.open_on or []}
    closures = ranges("closure", around.closure, request.closures)
    closures += [days for days in profile.closures if not _is_among(days, closures)]
    has_hours = profile.opening_hours is not None
    return replace(
        request,
        closures=tuple(closures),
        open_days=request.open_days | profile.open_days | opened_days,
        away=tuple(ranges("away", around.away, request.away)),
        depart=end("depart", around.depart, request.depart),
        finish_by=end("finish-by", around.finish_by, request.finish_by),
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
    *,
    writes: bool,
) -> tuple[Request, tuple[Notice, ...]]:
    if around.busy is not None and "" in around.busy:
        raise InvalidInput("the calendar after --busy has no name", "name a file or a folder")
    paths = without((*found.busy, *map(Path, around.busy or [])), book)
    last = file.today + timedelta(days=_DAYS_AHEAD + 366 * request.years)
    try:
        require_plannable(last)
    except InvalidInput:
        last = file.today
    own = {session.uid for session in (*file.plan.active, *file.plan.dropped)}
    days = DateRange(file.today, last)
    request, unreadable = with_busy_calendars(request, paths, days, own)
    if book is not None:
        bookings = bookings_in([book], request.timezone, days, writes=writes)
        request = replace(request, busy=(bookings.around(file.plan.id), *request.busy))
    return request, unreadable


def _show(comparison: Comparison, written: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        from mesoplan.formats import json

        standard_output().write(json.dumps(json.changed_document(comparison)))
        say(*written)
        return
    from mesoplan.formats.comparison import changes
    from mesoplan.formats.page import line

    standard_output().show(lambda width: [*changes(comparison, width), *map(line, written)])
