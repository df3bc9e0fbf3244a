"""`mesoplan attend`, `miss`, `move`, `extend`, `cancel`, `undo`: change a plan in its file."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import re
from dataclasses import dataclass
from datetime import date, time

from mesoplan.cli import options
from mesoplan.cli.changing import change_plan, undo_change
from mesoplan.cli.open_plan import OpenPlan
from mesoplan.cli.options import epilog, with_option_groups
from mesoplan.dates.parsing import day_and_clock
from mesoplan.errors import InvalidInput, quoted
from mesoplan.model.changes import Attend, Cancel, Extend, Miss, Move
from mesoplan.model.plan import SessionName
from mesoplan.model.request import MAX_PLACE_CHARACTERS
from mesoplan.model.texts import require_one_line

_EXIT_CODES = """\
  0 done; 2 a value is wrong; 3 no legal schedule is left; 4 the file can't be
  read or changed; 130 interrupted"""

EPILOGS = {
    "attend": epilog(
        "attend plan.ics 3",
        "attend plan.ics 1 2 3 m1",
        "attend plan.ics 4 --on 2026-12-30",
        codes=_EXIT_CODES,
    ),
    "miss": epilog(
        "miss plan.ics 4",
        "miss plan.ics 4 2026-12-29 15:30",
        'miss plan.ics 8 --late "was in hospital"',
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
        codes="""\
  0 done; 2 the plan before is the same; 4 there is none, or a file can't be
  read or changed; 130 interrupted""",
    ),
}
# Or else -1 would be taken for an option.
SETTINGS = {"extend": {"ignore_unknown_options": True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rest of a plan is planned around, as it was typed, beside what its file holds."""

    away: options.AwayAnew = None
    closures: options.ClosureAnew = None
    open_days: options.OpenOn = None
    depart: options.DepartAnew = None
    finish_by: options.FinishByAnew = None
    busy: options.Busy = None
    book: options.Book = None
    clinic: options.Clinic = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is to be done with the outcome."""

    changes: options.Changes = None
    as_json: options.AsJson = False
    dry_run: options.DryRunChange = False


@with_option_groups
def attend(
    plan: options.PlanFile,
    sessions: options.SessionArguments,
    on: options.TookPlaceOn = None,
    late: options.Late = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Say that sessions took place; with --on, that one of them did on another day.

    What took place is a fact, even where it breaks a rule: it never moves, “show” and “check” tell
    of the breach, and the sessions after it are planned from the real date.
    """

    def asked(file: OpenPlan) -> Attend:
        names = tuple(session_name(each) for each in sessions)
        day, clock = _moment("--on", None if on is None else [on], file)
        return Attend(names, day, clock, _reason(late))

    # Where it took place on its day nothing is planned anew.
    change_plan(plan, asked, around, ending, is_booked=on is not None)


@with_option_groups
def miss(
    plan: options.PlanFile,
    session: options.SessionArgument,
    when: options.WhenInstead = None,
    late: options.Late = None,
    not_attended: options.NotAttended = False,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """A session was missed, or will be: rebook it, and plan the rest anew with the fewest new days.

    Days that were agreed stay as far as they can: those after the missed one move up a number, and
    a new day comes at the end. With WHEN the session is put on that day.
    """

    def asked(file: OpenPlan) -> Miss:
        day, clock = _moment("WHEN", when, file)
        return Miss(session_name(session), day, clock, _reason(late), not_attended)

    change_plan(plan, asked, around, ending)


@with_option_groups
def move(
    plan: options.PlanFile,
    session: options.SessionArgument,
    when: options.When,
    late: options.Late = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Move one session to another day, and plan the rest anew with the fewest new days.

    What took place stays, what was agreed stays as far as it can. The session then keeps its day
    whatever is planned anew later. The file before the change is kept beside it, with a ~.
    """

    def asked(file: OpenPlan) -> Move:
        day, clock = day_and_clock("WHEN", " ".join(when), file.today)
        return Move(session_name(session), day, clock, _reason(late))

    change_plan(plan, asked, around, ending)


@with_option_groups
def extend(
    plan: options.PlanFile,
    by: options.MoreOrFewer,
    late: options.Late = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Make the course longer or shorter, and plan the rest anew with the fewest new days.

    +0 keeps the number, and plans the rest around what has changed since: an absence, a closure.
    """
    change_plan(
        plan,
        lambda _: Extend(more_or_fewer(by), _reason(late)),
        around,
        ending,
    )


@with_option_groups
def cancel(
    plan: options.PlanFile,
    session: options.SessionOrAll = None,
    *,
    around: Around,
    ending: Ending,
) -> None:
    """Cancel one session, so that the course has one fewer, or all that has not taken place.

    Cancelled appointments stay in the file as cancelled, so that the next import takes them off
    the phone.
    """
    change_plan(
        plan,
        lambda _: Cancel(None if session is None else session_name(session)),
        around,
        ending,
    )


@with_option_groups
def undo(
    plan: options.PlanFile,
    book: options.Book = None,
    clinic: options.Clinic = None,
    *,
    ending: Ending,
) -> None:
    """Put back the plan as it was before the last change, as a new revision.

    Calendars follow, since every event that changes is newer than before. A second undo takes the
    first one back. Where others have booked a room meanwhile that is put back, the answer says so.
    """
    undo_change(plan, book, clinic, ending)


def _moment(what: str, typed: list[str] | None, file: OpenPlan) -> tuple[date | None, time | None]:
    return day_and_clock(what, " ".join(typed), file.today) if typed else (None, None)


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
    match = re.fullmatch(r"(m?)([0-9]{1,2})", text.strip().casefold())
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
