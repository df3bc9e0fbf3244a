"""The plan's own record in a calendar file: one map of its fields, for writing and for reading.

The record holds what a later change of the plan needs. It stands in a property of the calendar
and, since clients drop those, in every event. It is written as URL-encoded pairs, so that no
client's idea of escaping can damage it. In a private file the names of properties and keys are as
neutral as the texts, and the goal, the area and the patient are left out.

Days are ISO dates, ranges FROM..TO, lists joined by commas. `count`, `interval` and `yearly` are
what was asked for, absent when the protocol decided; `phases` is what was planned, each phase as
sessions × days. What has its usual value is left out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.dates.times import DEFAULT_REMINDERS, reminders_text
from mesoplan.formats.plan_file.record_text import KINDS, VERSION, encoded
from mesoplan.model.fields import request_pairs
from mesoplan.model.plan import ReasonCode

if TYPE_CHECKING:
    from datetime import date, time

    from mesoplan.model.plan import Plan, Reason, Session, Status
    from mesoplan.model.request import CalendarOptions
    from mesoplan.rules.protocol import Protocol

PLAN_PROPERTY = "X-APPOINTMENT-PLAN"
EVENT_PROPERTY = "X-APPOINTMENT"

_NOT_IN_PRIVATE = frozenset({"goal", "area", "patient"})
OF_THE_MOMENT = frozenset({"IN_THE_PAST", "BUSY_UNREADABLE", "NOT_IN_BOOK"})
"""Notices that are true only when the plan is made."""


def plan_records(plan: Plan, options: CalendarOptions, *, is_part: bool) -> tuple[str, str]:
    """The record of a plan as the calendar has it, and as each of its events has it.

    That of the calendar also holds what is to be said of the plan. *is_part* says that the file
    holds only some of the plan's events.
    """
    record = _plan_record(plan, options)
    further: list[tuple[str, object]] = [("part", int(is_part) or None)]
    if not options.private:
        further += [
            ("note", f"{notice.code}|{notice.text}")
            for notice in plan.notices
            if notice.code not in OF_THE_MOMENT
        ]
    return "&".join(filter(None, (record, encoded(further)))), record


def _plan_record(plan: Plan, options: CalendarOptions) -> str:
    request = plan.request
    pairs: list[tuple[str, object]] = [
        ("v", VERSION),
        ("id", plan.id),
        ("revision", plan.revision),
        ("goal", plan.goal),
        ("area", plan.area),
        *request_pairs(request),
        ("phases", ",".join(f"{count}x{interval}" for count, interval in plan.phases)),
        ("total", plan.total_sessions),
        ("upkeep", f"{plan.maintenance_per_year}x{request.years}"),
        ("minutes", plan.duration_minutes),
        ("limits", _limits(request.protocol)),
        ("serial", plan.last_serial),
        ("ended", int(plan.cancelled) or None),
        ("row", plan.row_digest),
        ("utc", int(options.utc) or None),
        ("remind", _reminders_typed(options)),
    ]
    if options.private:
        return encoded(pair for pair in pairs if pair[0] not in _NOT_IN_PRIVATE)
    return encoded(pairs)


def _reminders_typed(options: CalendarOptions) -> str | None:
    if options.reminders == DEFAULT_REMINDERS:
        return None
    return reminders_text(options.reminders).replace(" ", "")


def _limits(protocol: Protocol | None) -> str:
    """“3-15/7-10/2”: sessions, days between them, maintenance a year; or empty."""
    if protocol is None or not protocol.limits.narrowing:
        return ""
    limits = protocol.limits
    return (
        f"{limits.min_sessions}-{limits.max_sessions}/{limits.min_interval_days}-"
        f"{limits.max_interval_days}/{limits.max_maintenance_per_year}"
    )


def session_record(session: Session, options: CalendarOptions) -> str:
    """The record of a session; a private one tells reasons by their codes and days alone."""
    moment = session.moved_from or session.start
    record = _usual_record(
        session.kind,
        session.number,
        session.status,
        session.preferred_interval_days,
        session.due,
        session.window.first,
        session.window.last,
        moment.date(),
        moment.time(),
    )
    if not (session.pinned or session.late or session.reasons):
        return record
    further = encoded(
        [
            ("fixed", int(session.pinned) or None),
            ("late", session.late),
            *(("why", _reason(reason, private=options.private)) for reason in session.reasons),
        ]
    )
    return f"{record}&{further}"


# Most sessions have just these, and so do many patients who begin at about the same time. Nothing
# of it needs to be quoted.
@lru_cache(maxsize=1024)
def _usual_record(
    kind: str,
    number: int,
    status: Status,
    interval: int | None,
    due: date | None,
    earliest: date,
    latest: date,
    day: date,
    clock: time,
) -> str:
    return (
        f"kind={_WORDS[kind]}&number={number}&status={status}"
        f"{f'&interval={interval}' if interval is not None else ''}"
        f"{f'&due={due}' if due is not None else ''}"
        f"&window={earliest}..{latest}&at={day}T{clock:%H:%M}"
    )


_WORDS = {kind: word for word, kind in KINDS.items()}

_UNTOLD = frozenset({ReasonCode.BUSY, ReasonCode.CAPACITY})
"""Reasons that name the clinic's own calendars, which are none of the patient's business."""


def _reason(reason: Reason, *, private: bool) -> str:
    days = ",".join(day.isoformat() for day in reason.days)
    text = "" if private or reason.code in _UNTOLD else reason.text
    return f"{reason.code.value}|{days}|{text}"
