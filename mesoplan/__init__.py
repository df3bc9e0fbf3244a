"""Plans a course of mesotherapy: legal dates, and the calendar file that the patient imports.

The parts, each knowing only those above it:

- `errors`: every failure a user can cause, with its exit code
- `rules`: R1-R7, the limits that bind every plan
- `labels`: which texts can be shown anywhere as they are
- `times_of_day`: times of day and ranges of them, in words
- `days`: days and ranges of days, in words; conventions for dates
- `date_words`: dates as somebody writes them
- `dates_in_cells`: dates and times as spreadsheets write them
- `value_words`: weekdays, regions, numbers and ranges of days, in words
- `protocol`: what is planned for a goal where nothing else is asked, and narrower limits
- `public_holidays`: those of a region in a year, and whether they are known in full
- `zones`: time zones by name, and the instant that a clock there shows
- `minutes_of_days`: sets of minutes of a day
- `busy_times`, `bookings`: times that are taken, by calendars and by the plans of a book
- `model`: the frozen values: Request, Plan, Session, Reason, …
- `changes`: what can be asked of a plan that is there
- `identities`: which appointment is which after a change
- `goals`: the goals, their protocols and their sources
- `slots`: the times of day at which a session can begin, and which are free
- `blockers`: what blocks days, one thing at a time
- `availability`: which days can be used, and why not
- `task`: a request with nothing left open
- `lanes`: rows of numbers, each row in one integer, for the solver
- `solver`: places sessions exactly
- `placement`: windows, and why a session is not on its preferred day
- `windows`: windows and due days of a plan that does not tell them itself
- `appointments`: the appointments of a course, wherever they were read
- `breaches`: what a breach of a rule is, in words
- `maintenance_check`, `checking`: hold a course against the rules and the usable days
- `notices`: what the reader of a whole plan must know
- `standing`, `comparison`: where a plan stands at a moment; two revisions side by side
- `conflicts`, `ways_out`: why no legal plan exists, and what would help
- `booked`, `agenda`: a plan as the book has it; what comes up in a book
- `planner`: Request -> Plan
- `rest_of_course`, `upkeep`: place what is still to come of a plan that changes
- `refusal_of_change`: why a change leaves no legal plan, and what would help
- `revision`: writes the changed plan up
- `steps`: what each change makes of a plan before anything is placed anew
- `replanner`, `undoing`: Plan + change -> Plan, and back
- `revising`: Plan + another request -> Plan
- `reminders`: how long before a session a calendar reminds
- `clinic`, `clinic_toml`: the clinic's profile, and how it is read with all its mistakes
- `checked_toml`, `toml_lines`: a TOML document with its mistakes, and the lines of its keys
- `interruptions`, `temporaries`: what must not be interrupted; new files until they are whole
- `files`: reads files; puts bytes on the disk, whole or not at all
- `locking`: keeps other commands away from what one of them changes
- `replacing`: puts the next revision of a plan in place of its file
- `formats`: one file, or folder, for each outside form: calendars, tables, JSON, lists of dates,
  rows of a batch
- `asked`: what is asked of a new plan, on the command line or in a row
- `book_index`, `book`: a folder of plans, and what is remembered of its files
- `book_times`: the times that a book takes
- `batch`: rows -> plans
- `cli`: the command line

In Python: `mesoplan.plan(mesoplan.Request("hair", date(2026, 12, 1)))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesoplan.busy_times import BusyCalendar, BusySpan
    from mesoplan.changes import Attend, Cancel, Extend, Miss, Move
    from mesoplan.days import Closure, DateRange
    from mesoplan.errors import Conflict, InvalidInput, MesoplanError, NoLegalPlan, WayOut
    from mesoplan.model import (
        Notice,
        Plan,
        Reason,
        ReasonCode,
        Request,
        Session,
        SessionName,
        Status,
        Stay,
    )
    from mesoplan.planner import plan
    from mesoplan.protocol import Limits, Phase, Protocol
    from mesoplan.replanner import replan
    from mesoplan.times_of_day import TimeRange

__version__ = "0.1.0"

__all__ = [
    "Attend",
    "BusyCalendar",
    "BusySpan",
    "Cancel",
    "Closure",
    "Conflict",
    "DateRange",
    "Extend",
    "InvalidInput",
    "Limits",
    "MesoplanError",
    "Miss",
    "Move",
    "NoLegalPlan",
    "Notice",
    "Phase",
    "Plan",
    "Protocol",
    "Reason",
    "ReasonCode",
    "Request",
    "Session",
    "SessionName",
    "Status",
    "Stay",
    "TimeRange",
    "WayOut",
    "plan",
    "replan",
]

_HOMES = {
    **dict.fromkeys(
        ("Conflict", "InvalidInput", "MesoplanError", "NoLegalPlan", "WayOut"), "errors"
    ),
    **dict.fromkeys(("Attend", "Cancel", "Extend", "Miss", "Move"), "changes"),
    **dict.fromkeys(("Closure", "DateRange"), "days"),
    **dict.fromkeys(("Limits", "Phase", "Protocol"), "protocol"),
    **dict.fromkeys(("BusyCalendar", "BusySpan"), "busy_times"),
    "TimeRange": "times_of_day",
    "plan": "planner",
    "replan": "replanner",
}
"""Where each public name lives that is not in `model`."""


def __getattr__(name: str) -> Any:
    # Loaded when asked for, so that “mesoplan --version” does not wait for the planner.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'model')}"), name)
