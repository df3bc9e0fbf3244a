"""Plans a course of mesotherapy: dates that keep the rules, and a calendar file for the patient.

Each of these packages knows only those below it:

- `cli`: the command line
- `batch`: a table of patients -> plans
- `book`: a folder of plans: who and what is taken
- `formats`: one module for each outside form: plan files, calendars, tables, JSON, pages
- `wording`: the sentences that a reader sees, made from codes and values
- `planning`: plan, replan, undo, check, agenda; pure
- `model`: the frozen values: Request, Plan, Session, changes, the clinic, taken times
- `rules`, `dates`, `storage`, `servers`: the clinical numbers; days and times; bytes on disk, and
  at addresses of the web
- `errors`: every failure that a user can cause, with its exit code

In Python: `mesoplan.plan(mesoplan.Request("hair", date(2026, 12, 1)))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesoplan.dates.days import ClosedTime, Closure, DateRange
    from mesoplan.dates.times import TimeRange
    from mesoplan.errors import InvalidInput, MesoplanError
    from mesoplan.model.causes import Conflict, NoLegalPlan, WayOut
    from mesoplan.model.changes import Attend, Away, Cancel, Extend, Miss, Move, Replan
    from mesoplan.model.plan import (
        Notice,
        Plan,
        Reason,
        ReasonCode,
        Session,
        SessionName,
        Status,
        Stay,
    )
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.model.request import Request
    from mesoplan.model.taken import Bookings, BusyCalendar, BusySpan
    from mesoplan.planning.whole_clinic import Replanned
    from mesoplan.rules.protocol import Limits, Phase, Protocol
    from mesoplan.wording.notices import notice_text
    from mesoplan.wording.plans import (
        PlannedTogether,
        offers,
        plan,
        plan_together,
        replan,
        replan_all,
    )
    from mesoplan.wording.reasons import reason_text

__version__ = "0.1.0"

__all__ = [
    "Attend",
    "Away",
    "Bookings",
    "BusyCalendar",
    "BusySpan",
    "Cancel",
    "ClosedTime",
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
    "PlannedTogether",
    "Practitioner",
    "Protocol",
    "Reason",
    "ReasonCode",
    "Replan",
    "Replanned",
    "Request",
    "Session",
    "SessionName",
    "Status",
    "Stay",
    "TimeRange",
    "WayOut",
    "notice_text",
    "offers",
    "plan",
    "plan_together",
    "reason_text",
    "replan",
    "replan_all",
]

_HOMES = {
    **dict.fromkeys(("InvalidInput", "MesoplanError"), "errors"),
    **dict.fromkeys(("ClosedTime", "Closure", "DateRange"), "dates.days"),
    "TimeRange": "dates.times",
    **dict.fromkeys(
        ("Attend", "Away", "Cancel", "Extend", "Miss", "Move", "Replan"), "model.changes"
    ),
    **dict.fromkeys(("Conflict", "NoLegalPlan", "WayOut"), "model.causes"),
    **dict.fromkeys(("Bookings", "BusyCalendar", "BusySpan"), "model.taken"),
    "Practitioner": "model.practitioner",
    "Replanned": "planning.whole_clinic",
    "Request": "model.request",
    **dict.fromkeys(("Limits", "Phase", "Protocol"), "rules.protocol"),
    **dict.fromkeys(
        ("PlannedTogether", "offers", "plan", "plan_together", "replan", "replan_all"),
        "wording.plans",
    ),
    "notice_text": "wording.notices",
    "reason_text": "wording.reasons",
}
"""Where each public name lives that is not in `model.plan`."""


def __getattr__(name: str) -> Any:
    # Loaded when asked for, so that “mesoplan --version” does not wait for the planner.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'model.plan')}"), name)
