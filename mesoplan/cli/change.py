"""The commands that change a plan in its file: from `mesoplan done` to `mesoplan undo`."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mesoplan.cli import options
from mesoplan.cli.carry_out import (
    SAID_ALREADY,
    carry_out,
    clashes,
    opened_to_change,
    written_change,
)
from mesoplan.cli.named_plan import named_plan
from mesoplan.cli.offer import offer_days
from mesoplan.cli.open_plan import OpenPlan
from mesoplan.cli.options import epilog, with_options
from mesoplan.cli.profile import bookings_in, find_profile, options_typed
from mesoplan.cli.typed_words import (
    SESSION,
    absences,
    missed,
    more_or_fewer,
    reason,
    session_name,
)
from mesoplan.dates.days import day_text
from mesoplan.dates.readings import moment_text
from mesoplan.dates.times import is_clock
from mesoplan.errors import InvalidInput, quoted
from mesoplan.model.changes import Attend, Away, Cancel, Extend, Miss, Move, Replan
from mesoplan.model.fields import BY_NAME, Words
from mesoplan.model.plan import SessionName, Status
from mesoplan.planning.replanner import undone
from mesoplan.wording.notices import notice_of_undo
from mesoplan.wording.options import command_line

_BESIDE_TODAY = frozenset({"dry_run", "as_json", "book", "clinic", "guided"})
_OF_THE_CLINIC = {"closures", "closed_weekdays", "holidays", "open_days", "busy", "room_busy"}
_OF_THE_CLINIC |= {"practitioner", "away_practitioner", "busy_offline", "insecure_http"}
"""What can be typed beside --all: it is of the clinic, and not of one patient."""
_HOW_TO_QUOTE = 'a date of several words needs quotes: --on "24 Nov 14:30"'
_EXIT_CODES = {3: "no schedule fits any more", 4: "the file can't be read or changed"}
_EXIT_CODES |= {5: "a calendar can't be fetched"}

EPILOGS = {
    "done": epilog(
        *("done martin", 'done "anne martin" 1 2 3 m1', "done martin 4 --on tue"),
        *("done --today", "done --today 1 2 4", "done --today --except martin"),
        codes=_EXIT_CODES | {1: "some of today's could not be recorded"},
    ),
    "miss": epilog(
        "miss martin 4",
        "miss martin 4 5 6",
        "miss martin 4 29 Dec 15h30",
        'miss martin 8 --late "travel delay"',
        "miss martin 2 --not-attended",
        codes=_EXIT_CODES,
    ),
    "move": epilog(
        *("move martin 4 tue 15:30", "move plan.ics 4 2026-12-29 --changes patient.ics"),
        *("move martin m1 17 Aug --dry-run", "move martin 3 --offer"),
        codes=_EXIT_CODES,
    ),
    "away": epilog(
        "away martin 10 Jan..14 Jan",
        "away plan.ics 2027-01-10..2027-01-14 2027-02-01",
        codes=_EXIT_CODES,
    ),
    "replan": epilog(
        *("replan martin --depart 2027-02-01", "replan martin --time afternoon"),
        *("replan plan.ics", "replan --all --away-practitioner roux tomorrow --dry-run"),
        codes=_EXIT_CODES | {1: "with --all: no schedule fits for some, or they can't be written"},
    ),
    "extend": epilog("extend martin +2", "extend martin -1", codes=_EXIT_CODES),
    "cancel": epilog("cancel martin", "cancel martin 5", "cancel martin m2", codes=_EXIT_CODES),
    "undo": epilog(
        *("undo martin", "undo martin --dry-run", "undo --today", "undo --all"),
        codes={
            1: "some of several could not be taken back",
            2: "the plan before is the same",
            4: "there is none, or a file can't be changed",
        },
    ),
}
# Otherwise -1 would be read as an option.
SETTINGS = {"extend": {"ignore_unknown_options": True}}


@with_options(options.DONE)
def done(
    plan: options.OptionalPlan = None,
    sessions: options.DoneSessions = None,
    *,
    on: str | None,
    late: str | None,
    today: bool,
    excepted: list[str] | None,
    **typed: Any,
) -> int:
    """Record that sessions took place; with --on, that one took place on another day.

    What took place never moves, even if it breaks a rule: “show” and “check” then say so. The
    sessions after it are planned from the real date.

    “mesoplan attend” is the same command.
    """
    if today:
        _require_alone("--today", {"on": on, "late": late} | typed)
        from mesoplan.cli.today import record_today

        return record_today([*filter(None, [plan]), *(sessions or ())], excepted or (), typed)
    if excepted:
        raise InvalidInput("--except is for the sessions of today", "add --today, or leave it out")
    plan = _required(plan)

    def change(file: OpenPlan, words: Words) -> Attend:
        for each in sessions or () if on is not None else ():
            if SESSION.fullmatch(each) is None:
                raise InvalidInput(f"{quoted(each)} is not a session", _HOW_TO_QUOTE)
        names = tuple(map(session_name, sessions or ())) or (_due(file),)
        day, clock = (None, None) if on is None else words.day_and_clock("--on", on, "fact")
        if clock is None and day in (None, file.today):
            require_begun(file, names)
        return Attend(names, day, clock, reason(late))

    # If it took place on its day, no time is looked for.
    carry_out(plan, change, typed, plans_again=on is not None)
    return 0


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

    def change(_file: OpenPlan, words: Words) -> Miss:
        names, day, clock = missed(sessions, words)
        return Miss(names[0], day, clock, reason(late), not_attended, names[1:])

    carry_out(plan, change, typed)


@with_options(options.MOVE)
def move(
    plan: options.PlanFile,
    session: options.SessionArgument,
    when: options.When = None,
    *,
    offer: bool,
    late: str | None,
    **typed: Any,
) -> None:
    """Move one session to another day, and plan the rest with the fewest new days.

    Past sessions stay, and agreed days stay if they can. Later changes leave the moved session on
    its day. The file before the change is kept beside it, with a ~.

    With --offer in place of WHEN, it shows the best three days. On a terminal, choose one.
    """
    if bool(when) == offer:
        problem = "both WHEN and --offer are given" if offer else "WHEN is missing"
        raise InvalidInput(
            problem, "give the new day after the session, or --offer for the best three"
        )
    if offer:
        offer_days(plan, session, reason(late), typed)
        return

    def change(file: OpenPlan, words: Words) -> Move:
        name, typed_when = session_name(session), " ".join(when or ())
        there = file.plan.find(name)
        if there is None or not is_clock(typed_when):
            return Move(name, *words.day_and_clock("WHEN", typed_when), reason(late))
        # A time alone is one of the session's own day.
        day, clock = words.day_and_clock("WHEN", f"{there.day} {typed_when}")
        words.said.append(f"{typed_when} is {moment_text(day, clock)}.")
        return Move(name, day, clock, reason(late))

    carry_out(plan, change, typed)


@with_options(options.AWAY)
def away(
    plan: options.PlanFile, days: options.AbsentDays, *, late: str | None, **typed: Any
) -> None:
    """The patient can't come on these days: plan around them with the fewest new days.

    The days are kept in the plan, beside those that it has already. To take them out again:
    “mesoplan replan plan.ics --away none”.
    """

    def change(_file: OpenPlan, words: Words) -> Away:
        return Away(absences(days, words), reason(late))

    carry_out(plan, change, typed)


@with_options(options.REPLAN)
def replan(
    plan: options.OptionalPlan = None,
    *,
    late: str | None,
    all: bool,  # noqa: A002 - it is called as it is typed
    format: str | None,  # noqa: A002 - as above
    **typed: Any,
) -> int:
    """Plan the rest again: other trip dates, closures or times, with the fewest new days.

    Without an option, the plan takes up what the clinic's profile and the book say today.

    What took place and what was moved by hand stays, and so does the number of sessions: “extend”
    changes that.

    With --all, it is every plan of the book with a session to come that can't take place any more:
    a practitioner is ill, the clinic closes, its profile changed. It prints whom to call.
    """
    if all:
        if typed["away"]:
            raise InvalidInput(
                "--away is for days on which one patient can't come",
                "for somebody who treats: --away-practitioner ID FROM..TO",
            )
        _require_alone("--all", {"PLAN": plan, "late": late} | typed, _OF_THE_CLINIC)
        from mesoplan.cli.replan_all import replan_all

        return replan_all(typed | {"format": format})
    if format is not None:
        raise InvalidInput("--format is for the list of --all", "add --all, or leave it out")

    def change(_file: OpenPlan, words: Words) -> Replan:
        return Replan(reason(late), tuple(options_typed(typed, words)))

    carry_out(_required(plan, "--all for all that are affected"), change, typed)
    return 0


@with_options(options.EXTEND)
def extend(
    plan: options.PlanFile, by: options.MoreOrFewer, *, late: str | None, **typed: Any
) -> None:
    """Make the course longer or shorter, and plan the rest with the fewest new days."""
    carry_out(plan, lambda *_: Extend(more_or_fewer(by), reason(late)), typed)


@with_options(options.CANCEL)
def cancel(plan: options.PlanFile, session: options.SessionOrAll = None, **typed: Any) -> None:
    """Cancel one session, so that the course has one fewer, or everything still to come.

    Cancelled appointments stay in the file as cancelled, so that the next import removes them from
    the phone.
    """
    name = None if session is None else session_name(session)
    carry_out(plan, lambda *_: Cancel(name), typed, plans_again=name is not None)


@with_options(options.UNDO)
def undo(
    plan: options.OptionalPlan = None,
    *,
    today: bool,
    all: bool,  # noqa: A002 - it is called as it is typed
    **typed: Any,
) -> int:
    """Put back the plan as it was before the last change, as a new revision.

    Calendars follow, because every changed event is newer than before. A second undo takes the
    first one back. If a time has been taken by others meanwhile, the answer says so.
    """
    if all:
        _require_alone("--all", {"PLAN": plan, "today": today} | typed)
        from mesoplan.cli.replan_all import undo_all

        return undo_all(typed)
    if today:
        _require_alone("--today", {"PLAN": plan} | typed)
        from mesoplan.cli.today import undo_today

        return undo_today(typed)
    found = find_profile(typed["clinic"])
    named = named_plan(_required(plan), found, typed["book"])
    book = found.book_folder(typed["book"])
    with opened_to_change(named, typed, found, book) as file:
        earlier = file.before()
        after = undone(file.plan, earlier, file.now)
        notices = [notice_of_undo(file.plan, earlier)]
        if book is not None:
            rooms = after.request.rooms if found.path is None else found.profile.rooms
            booked = bookings_in([book], after.request.timezone).around(after.id)
            notices += clashes(after, replace(after.request, booked=booked, rooms=rooms), file.now)
        written_change(file, after, typed, notices, hides=SAID_ALREADY).show(typed)
    return 0


# ---------------------------------------------------------------- what is meant


def _required(plan: str | None, instead: str = "--today for those of today") -> str:
    if plan is None:
        raise InvalidInput("no plan is named", f"name one, or add {instead}")
    return plan


def _require_alone(
    several: str, others: Mapping[str, Any], allowed: Container[str] = frozenset()
) -> None:
    """Raise InvalidInput for what was typed beside --today or --all, and is for one plan."""
    for name, value in others.items():
        if value and name not in _BESIDE_TODAY and name not in allowed:
            option = BY_NAME[name].typed[0] if name in BY_NAME else f"--{name}"
            what = name if name.isupper() else option
            raise InvalidInput(f"{several} and {what} don't go together", "leave out one of them")


def _due(file: OpenPlan) -> SessionName:
    """The session that is due: today's, once it has begun, else the only past one not recorded.

    Raises InvalidInput, with those that could be meant, where there is not exactly one.
    """
    overdue = file.plan.overdue(file.now)
    due = [session for session in overdue if session.day == file.today] or overdue
    if len(due) == 1:
        return due[0].name
    command = command_line(["done", file.typed], {})
    if due:
        listed = ", ".join(f"{each.name} ({day_text(each.day)})" for each in due)
        names = " ".join(str(each.name) for each in due)
        raise InvalidInput(
            f"several sessions are past and not recorded: {listed}",
            f"name those that took place: {command} {names}",
        )
    why, which = "all are recorded", "SESSION"
    if file.plan.cancelled:
        why = "the rest of the plan is cancelled"
    if coming := file.plan.coming(file.now):
        which = str(coming[0].name)
        require_begun(file, [coming[0].name])
        why = f"{coming[0].name.in_words} is on {day_text(coming[0].day)}, {coming[0].start:%H:%M}"
    for session in file.plan.active:
        if session.day == file.today and session.status is Status.ATTENDED:
            why = f"{session.name.in_words}, of today, is recorded already; {why}"
    remedy = f"if one took place already: {command} {which} --on DATE"
    raise InvalidInput(f"no session is due: {why}", remedy)


def require_begun(file: OpenPlan, names: Sequence[SessionName]) -> None:
    """Raise InvalidInput if one of the sessions is to come later today."""
    for session in filter(None, map(file.plan.find, names)):
        if session.day == file.today and session in file.plan.coming(file.now):
            command = command_line(["done", file.typed, session.name], {})
            raise InvalidInput(
                f"{session.name.in_words} has not begun: it starts at {session.start:%H:%M}",
                f'if it took place already: {command} --on "{session.day} HH:MM"',
            )
