"""`mesoplan attend`, `miss`, `move`, `extend`, `cancel`, `undo`: change a plan in its file."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

from mesoplan.cli import options
from mesoplan.cli.clock import usual_zone
from mesoplan.cli.console import answer, say
from mesoplan.cli.open_plan import OpenPlan, opened
from mesoplan.cli.options import epilog, with_options
from mesoplan.cli.profile import (
    FoundProfile,
    book_held,
    bookings_in,
    find_profile,
    with_taken_times,
)
from mesoplan.dates.days import LAST_YEAR, DateRange, day_text
from mesoplan.dates.times import minutes_of
from mesoplan.errors import InvalidInput, quoted
from mesoplan.formats.comparison import changes
from mesoplan.formats.plan_file.assuming import assumed_before
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.changes import Attend, Cancel, Change, Extend, Miss, Move
from mesoplan.model.fields import BY_NAME, RANGES, Words
from mesoplan.model.plan import Notice, Plan, SessionName
from mesoplan.model.request import MAX_PLACE_CHARACTERS, Request, require_one_line
from mesoplan.planning.replanner import compare, undone
from mesoplan.planning.slots import slots_for
from mesoplan.wording.findings import notices_on
from mesoplan.wording.notices import notice_of_undo, notice_text, notices_of_numbers
from mesoplan.wording.plans import replan
from mesoplan.wording.reasons import cause_text

_NONE = "none"
_SESSION = re.compile(r"\s*(m?)([0-9]{1,2})\s*", re.IGNORECASE)
_DAYS_AHEAD = 3 * 366
_EXIT_CODES = {3: "no schedule fits any more", 4: "the file can't be read or changed"}

EPILOGS = {
    "attend": epilog(
        "attend plan.ics 3",
        "attend plan.ics 1 2 3 m1",
        "attend plan.ics 4 --on 2026-12-30",
        codes=_EXIT_CODES,
    ),
    "miss": epilog(
        "miss plan.ics 4",
        "miss plan.ics 4 5 6",
        "miss plan.ics 4 2026-12-29 15:30",
        'miss plan.ics 8 --late "travel delay"',
        "miss plan.ics 2 --not-attended",
        codes=_EXIT_CODES,
    ),
    "move": epilog(
        "move plan.ics 4 2026-12-29",
        "move plan.ics 4 tomorrow 15:30 --changes for-the-patient.ics",
        'move plan.ics m1 "17 Aug 2027" --dry-run',
        codes=_EXIT_CODES,
    ),
    "extend": epilog("extend plan.ics +2", "extend plan.ics -1", codes=_EXIT_CODES),
    "cancel": epilog(
        "cancel plan.ics", "cancel plan.ics 5", "cancel plan.ics m2", codes=_EXIT_CODES
    ),
    "undo": epilog(
        "undo plan.ics",
        "undo plan.ics --dry-run",
        codes={2: "the plan before is the same", 4: "there is none, or a file can't be changed"},
    ),
}
# Or else -1 would be taken for an option.
SETTINGS = {"extend": {"ignore_unknown_options": True}}


@with_options(options.ATTEND)
def attend(
    plan: options.PlanFile,
    sessions: options.SessionArguments,
    *,
    on: str | None,
    late: str | None,
    **typed: Any,
) -> None:
    """Record that sessions took place; with --on, that one took place on another day.

    What took place never moves, even if it breaks a rule: “show” and “check” then say so. The
    sessions after it are planned from the real date.
    """

    def change(words: Words) -> Attend:
        names = tuple(map(session_name, sessions))
        return Attend(names, *_moment("--on", on, words), _reason(late))

    # Where it took place on its day nothing is planned anew.
    _change(plan, change, typed, is_booked=on is not None)


@with_options(options.MISS)
def miss(
    plan: options.PlanFile,
    sessions: options.MissedSessions,
    *,
    late: str | None,
    not_attended: bool,
    **typed: Any,
) -> None:
    """Record missed sessions, past or to come, and rebook them with the fewest new days.

    Agreed days stay if they can: those after a missed session move up one number, and a new day
    comes at the end. With WHEN, the session takes place on that day instead. Name all missed
    sessions at once, by the numbers they have now.
    """

    def change(words: Words) -> Miss:
        names, day, clock = _missed(sessions, words)
        return Miss(names[0], day, clock, _reason(late), not_attended, names[1:])

    _change(plan, change, typed)


@with_options(options.MOVE)
def move(
    plan: options.PlanFile,
    session: options.SessionArgument,
    when: options.When,
    *,
    late: str | None,
    **typed: Any,
) -> None:
    """Move one session to another day, and plan the rest with the fewest new days.

    Past sessions stay, and agreed days stay if they can. Later changes leave the moved session on
    its day. The file before the change is kept beside it, with a ~.
    """

    def change(words: Words) -> Move:
        day, clock = words.day_and_clock("WHEN", " ".join(when))
        return Move(session_name(session), day, clock, _reason(late))

    _change(plan, change, typed)


@with_options(options.EXTEND)
def extend(
    plan: options.PlanFile, by: options.MoreOrFewer, *, late: str | None, **typed: Any
) -> None:
    """Make the course longer or shorter, and plan the rest with the fewest new days.

    +0 keeps the number of sessions, and plans the rest around a new closure or new days away.
    """
    _change(plan, lambda _words: Extend(more_or_fewer(by), _reason(late)), typed)


@with_options(options.CANCEL)
def cancel(plan: options.PlanFile, session: options.SessionOrAll = None, **typed: Any) -> None:
    """Cancel one session, so that the course has one fewer, or everything still to come.

    Cancelled appointments stay in the file as cancelled, so that the next import removes them from
    the phone.
    """
    _change(plan, lambda _words: Cancel(None if session is None else session_name(session)), typed)


@with_options(options.UNDO)
def undo(plan: options.PlanFile, **typed: Any) -> None:
    """Put back the plan as it was before the last change, as a new revision.

    Calendars follow, because every changed event is newer than before. A second undo takes the
    first one back. If a time has been taken by others meanwhile, the answer says so.
    """
    with _opened(plan, typed) as (file, found, book):
        earlier = file.before()
        after = undone(file.plan, earlier, file.now)
        notices = [notice_of_undo(file.plan, earlier)]
        if book is not None:
            rooms = after.request.rooms if found.path is None else found.profile.rooms
            busy = (bookings_in([book], after.request.timezone).around(after.id),)
            notices += _clashes(after, replace(after.request, busy=busy, rooms=rooms), file)
        _finish(file, after, typed, notices)


# ---------------------------------------------------------------- what is typed


def _moment(what: str, typed: str | None, words: Words) -> tuple[date | None, time | None]:
    return (None, None) if typed is None else words.day_and_clock(what, typed)


def _missed(
    typed: Sequence[str], words: Words
) -> tuple[tuple[SessionName, ...], date | None, time | None]:
    """The sessions that were typed, and the day and the time that may follow.

    A day of the month looks like a session: the first is one in any case, and others are where
    what comes after them can be read as a day by itself, or where nothing does.
    """
    count = len(list(takewhile(_SESSION.fullmatch, typed)))
    names = tuple(map(session_name, typed[: count or 1]))
    if len(names) == len(typed):
        return names, None, None
    for count in range(1, len(names) + 1):
        with suppress(InvalidInput):
            return (names[:count], *words.day_and_clock("WHEN", " ".join(typed[count:])))
    return (names[:1], *words.day_and_clock("WHEN", " ".join(typed[1:])))


def _reason(typed: str | None) -> str | None:
    """What was typed after --late. Raises InvalidInput for what can't be shown everywhere."""
    if typed is not None:
        require_one_line("reason after --late", typed, MAX_PLACE_CHARACTERS)
        return typed.strip()
    return None


def session_name(text: str) -> SessionName:
    """“3” for a session of the course, “m1” for maintenance.

    Raises InvalidInput for anything else.
    """
    match = _SESSION.fullmatch(text)
    if match is None or int(match[2]) == 0:
        raise InvalidInput(
            f"{quoted(text)} is no session", "write 3 for session 3, m1 for maintenance 1"
        )
    return SessionName("maintenance" if match[1] else "course", int(match[2]))


def more_or_fewer(text: str) -> int:
    """“+2” or “-1”: how many sessions more, or fewer. Raises InvalidInput for anything else."""
    match = re.fullmatch(r"([+-])([0-9]{1,2})", text.strip().replace("−", "-"))
    if match is None:
        raise InvalidInput(
            f"{quoted(text)} says neither how many sessions more nor how many fewer",
            "write +2 for two more, -1 for one fewer",
        )
    return int(match[2]) if match[1] == "+" else -int(match[2])


# ---------------------------------------------------------------- open, plan anew, show, write


@contextmanager
def _opened(
    plan: str, typed: Mapping[str, Any], *, is_booked: bool = True
) -> Iterator[tuple[OpenPlan, FoundProfile, Path | None]]:
    """The plan's file, with the profile and the book that are in force for it.

    The file and the book are locked where anything is to be written. The book matters where the
    change can take another time: where it *is_booked*.
    """
    found = find_profile(typed["clinic"])
    zone = usual_zone(None, found.profile.timezone)
    book = found.book_folder(typed["book"]) if is_booked else None
    writes = not typed["dry_run"]
    with book_held(book, writes=writes), opened(plan, zone, to_write=writes) as file:
        yield file, found, book


def _change(
    plan: str,
    change: Callable[[Words], Change],
    typed: Mapping[str, Any],
    *,
    is_booked: bool = True,
) -> None:
    """Plan the plan in a file anew after a change, show what that makes of it, and write it.

    *change* makes one of what was typed, in the words of today. Raises FileProblem, InvalidInput
    and NoLegalPlan; the file is as it was then.
    """
    with _opened(plan, typed, is_booked=is_booked) as (file, found, book):
        words = Words(file.today, found.profile.date_order)
        asked = change(words)
        request = _request(file, typed, found, words)
        paths = found.busy_paths(typed["busy"], book)
        last = file.today + timedelta(days=_DAYS_AHEAD + 366 * request.years)
        days = DateRange(file.today, last if last.year <= LAST_YEAR else file.today)
        own = {session.uid for session in (*file.plan.active, *file.plan.dropped)}
        request, unreadable = with_taken_times(request, paths, book, days, own)
        try:
            after = replan(file.plan, asked, now=file.now, request=request)
        except NoLegalPlan as refusal:
            from mesoplan.wording.options import ways_out_of_change

            say(*map(notice_text, (*file.read.assumed, *unreadable)))
            refusal.details = ways_out_of_change(refusal.ways_out, asked, plan, typed, request)
            raise
        _finish(file, after, typed, unreadable)


def _finish(
    file: OpenPlan, after: Plan, typed: Mapping[str, Any], further: Sequence[Notice]
) -> None:
    """Show what changed, with *further* notices, and write it unless it is only to be looked at."""
    path = None
    if typed["changes"] is not None:
        if not typed["changes"]:
            raise InvalidInput("the file after --changes has no name", "name a file to write to")
        if typed["changes"] == "-":
            raise InvalidInput(
                "standard output has the comparison, and no room for the changed events",
                "name a file after --changes",
            )
        path = Path(typed["changes"])
    written = file.write(after, path, dry_run=typed["dry_run"])
    assumed = assumed_before(file.read.assumed, file.plan, after)
    renumbered = notices_of_numbers(file.plan, after)
    notices = (*renumbered, *after.notices, *assumed, *notices_on(after, file.now), *further)
    comparison = compare(file.plan, replace(after, notices=notices), file.now)
    answer(
        typed["as_json"],
        lambda json: json.changed_document(comparison, file.now),
        lambda width: changes(comparison, width),
        written,
    )


def _request(
    file: OpenPlan, typed: Mapping[str, Any], found: FoundProfile, words: Words
) -> Request:
    """The plan's request, with what was typed, and what the clinic says of itself by now.

    Closures and opened days add up. What the profile says of hours, rooms and holidays goes before
    what the file remembers.
    """
    request, profile = file.plan.request, found.profile

    def anew(name: str) -> Any:
        """A field with what was typed, beside or in place of what the plan has."""
        field, text, kept = BY_NAME[name], typed[name], getattr(request, name)
        if not field.kind.repeats:
            if text is None or text == _NONE:
                return kept if text is None else None
            return field.kind.read(field.option, text, words)
        texts = list(text or [])
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
