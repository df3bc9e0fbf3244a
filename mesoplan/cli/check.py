"""`mesoplan check`: check a calendar or a list of dates against the rules."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mesoplan.cli import clock, options
from mesoplan.cli.console import answer, echoing, standard_input
from mesoplan.cli.profile import find_profile
from mesoplan.dates.readings import DateOrder
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, quoted
from mesoplan.formats.columns import TableWords, read_said, require_nothing_said
from mesoplan.formats.findings import check_page
from mesoplan.formats.plan_file.reading import files_of, holds_plan, plan_in
from mesoplan.model.fields import Words, asked_values
from mesoplan.model.plan import Notice
from mesoplan.model.request import Request
from mesoplan.planning.appointments import FoundDates, course_of_plan, courses_of
from mesoplan.planning.checking import check_course, terms_of
from mesoplan.rules.goals import find_goal
from mesoplan.storage.files import read_whole
from mesoplan.wording.findings import states_on

FOUND_PROBLEMS = 1

_STANDARD_INPUT = "-"
_LARGEST_BYTES = 20_000_000
_MOST_DATES = 10_000
_HOW_TO_NAME = "name a calendar (.ics), a CSV or a list of dates, or - for standard input"

EPILOGS = {
    "check": options.epilog(
        "check patient.ics --match mesotherapy --holidays FR",
        "check dates.txt --closed sun,mon --depart 2027-02-20",
        "check - --json < dates.csv",
        codes={
            0: "no problems",
            1: "problems were found, or a status is not understood",
            4: "the file can't be read",
        },
    )
}


@options.with_options(options.CHECK)
def check(
    file: options.CheckedFile,
    *,
    match: str | None,
    goal: str | None,
    area: str | None,
    column: list[str] | None,
    status: list[str] | None,
    timezone: str | None,
    clinic: str | None,
    as_json: bool,
    **typed: Any,
) -> int:
    """Check dates against the rules: a plan, a calendar, a CSV or a plain list.

    Problems are shown one per line, with the rule, the dates and how far they are off. The exit
    code is 1 if there are any. With the clinic's profile, holidays or closures, a session on a day
    that can't be used is a problem, too.

    Dates after a break of 90 days or more count as maintenance, unless the file says otherwise. The
    answer says so.
    """
    profile = find_profile(clinic).profile
    zone_of = clock.usual_zone(timezone, profile.timezone)
    if area is not None and goal is None:
        raise InvalidInput("--area has no effect without --goal", "give the goal, too")
    said = read_said(column or [], status or [])
    path, name, files = _content(file)
    data = b"\n".join(each.removeprefix(b"\xef\xbb\xbf") for _, each in files)
    read = unread = None
    if match is None and holds_plan(data):
        try:
            read = plan_in(files, zone_of)
        except FileProblem as problem:
            unread = problem
    zone_name = zone_of() if read is None else read.plan.request.timezone
    zone = find_zone(zone_name)
    now = clock.now()
    today = now.astimezone(zone).date()
    meant = None if goal is None else find_goal(goal)
    known = Request(meant.name if meant else "", timezone=zone_name)
    if read is not None:
        known = read.plan.request
    if meant is not None:
        known = replace(known, protocol=profile.own_protocol(meant, area))
    words = Words(today, profile.date_order)
    with echoing(words):
        asked = asked_values(typed, words)
    has_hours = profile.opening_hours is not None
    of_profile = profile.holidays or known.holidays
    request = replace(
        known,
        opening_hours=profile.opening_hours if has_hours else known.opening_hours,
        slot_minutes=profile.slot_minutes if has_hours else known.slot_minutes,
        closed_weekdays=known.closed_weekdays | asked.get("closed_weekdays", frozenset()),
        closures=(*known.closures, *profile.closures, *asked.get("closures", ())),
        closed_times=(
            *(*known.closed_times, *profile.closed_times),
            *asked.get("closed_times", ()),
        ),
        holidays=asked.get("holidays", of_profile),
        open_holidays=profile.open_holidays or known.open_holidays,
        open_days=known.open_days | profile.open_days | asked.get("open_days", frozenset()),
        away=(*known.away, *asked.get("away", ())),
        arrive=asked.get("arrive", known.arrive),
        depart=asked.get("depart", known.depart),
        finish_by=asked.get("finish_by", known.finish_by),
    )
    if read is not None:
        require_nothing_said(said)
        plan = read.plan
        terms = terms_of(request, plan.duration_minutes)
        findings = [check_course(course_of_plan(plan), terms)]
        of_moment = [notice for notice in states_on(plan, now, file) if notice not in plan.notices]
        kept = [notice for notice in plan.notices if notice.code == "LATE"]
        notes = (*kept, *read.assumed, *of_moment)
    else:
        try:
            found = _read_dates(path, name, data, zone, match, profile.date_order, said)
        except FileProblem as problem:
            raise unread or problem from None
        if len(found.dates) > _MOST_DATES:
            raise FileProblem(
                path,
                f"{name} has {len(found.dates):,} dates; at most {_MOST_DATES:,} can be checked at "
                "once",
                "check fewer courses at a time",
            )
        terms = terms_of(request)
        findings = [check_course(course, terms) for course in courses_of(found.dates)]
        notes = found.notes
        if unread is not None:
            text = f"{unread}. Only the dates in it are checked."
            notes = (Notice("NO_PLAN", text), *notes)
    answer(
        as_json,
        lambda json: json.check_document(findings, notes, zone_name),
        lambda _width: check_page(findings, notes),
    )
    return FOUND_PROBLEMS if any(it.problems or it.course.unclear for it in findings) else 0


def _content(file: str) -> tuple[Path | None, str, list[tuple[Path, bytes]]]:
    """The path, its name for messages, and the file or the calendars of a folder."""
    if file == _STANDARD_INPUT:
        data = standard_input(_LARGEST_BYTES, _HOW_TO_NAME)
        return None, "standard input", [(Path("standard input"), data)]
    path = Path(file)
    read = [(each, read_whole(each, _LARGEST_BYTES, _HOW_TO_NAME)) for each in files_of(path)]
    return path, quoted(file, 200), read


def _read_dates(
    path: Path | None,
    name: str,
    data: bytes,
    zone: ZoneInfo,
    match: str | None,
    order: DateOrder | None,
    said: TableWords,
) -> FoundDates:
    """The dates in a file without a plan of ours.

    Raises FileProblem if it can't be read, and InvalidInput for --match if it isn't a calendar.
    """
    from mesoplan.formats.calendar_files import unpacked
    from mesoplan.formats.calendars import is_calendar, read_calendar

    data = unpacked(data, path)
    named_so = path is not None and path.suffix.lower() in {".ics", ".ical", ".ifb"}
    if is_calendar(data) or (named_so and data.strip()):
        require_nothing_said(said)
        return read_calendar(data, path, name, zone, match)
    if match is not None:
        raise InvalidInput(
            "--match is for the events of a calendar, but this is not one", "leave it out"
        )
    from mesoplan.formats.dates import read_dates

    return read_dates(data, path, name, zone, order, said)
