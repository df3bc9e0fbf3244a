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

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput
from mesoplan.formats.ics.record_text import (
    BrokenRecord,
    NewerRecord,
    at_least,
    encoded,
    pairs_of,
    problem_of,
    require,
    require_shown,
)
from mesoplan.formats.ics.request_fields import request_pairs, request_values
from mesoplan.goals import find_goal
from mesoplan.labels import require_one_line
from mesoplan.model import MAX_PLACE_CHARACTERS, Notice, Request
from mesoplan.protocol import Limits, Phase, Protocol
from mesoplan.reminders import DEFAULT_REMINDERS, reminders, reminders_text
from mesoplan.rules import INTERVAL_DAYS, MAINTENANCE_PER_YEAR, SESSIONS
from mesoplan.zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.model import Plan

PLAN_PROPERTY = "X-APPOINTMENT-PLAN"
VERSION = 1

_NOT_IN_PRIVATE = frozenset({"goal", "area", "patient"})
_OF_THE_MOMENT = frozenset({"IN_THE_PAST", "BUSY_UNREADABLE"})
"""Notices that are true only when the plan is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """What a plan's record tells, read back."""

    plan_id: str
    revision: int
    goal: str | None
    area: str | None
    request: Request
    phases: tuple[tuple[int, int], ...]
    maintenance_per_year: int
    duration_minutes: int
    last_serial: int
    ended: bool
    is_part: bool
    """Whether the file was written to hold only some of the plan's events."""
    private: bool
    utc: bool
    reminders: str | None
    """As they are typed; None for the usual ones."""
    notices: tuple[Notice, ...]


def plan_record(
    plan: Plan, options: CalendarOptions, *, of_calendar: bool = False, is_part: bool = False
) -> str:
    """The record of a plan; that of the calendar also holds what is to be said of the plan.

    *is_part* says that the file holds only some of the plan's events.
    """
    request = plan.request
    pairs: list[tuple[str, object]] = [
        ("v", VERSION),
        ("id", plan.id),
        ("revision", plan.revision),
        ("goal", plan.goal),
        ("area", plan.area),
    ]
    pairs += request_pairs(request)
    pairs += [
        ("phases", ",".join(f"{count}x{interval}" for count, interval in plan.phases)),
        ("total", plan.total_sessions),
        ("upkeep", f"{plan.maintenance_per_year}x{request.years}"),
        ("minutes", plan.duration_minutes),
        ("limits", _limits(request.protocol)),
        ("serial", plan.last_serial),
        ("ended", int(plan.ended) or None),
        ("part", int(is_part) or None),
        ("utc", int(options.utc) or None),
        ("remind", _reminders_typed(options)),
    ]
    if of_calendar and not options.private:
        pairs += [
            ("note", f"{notice.code}|{notice.text}")
            for notice in plan.warnings
            if notice.code not in _OF_THE_MOMENT
        ]
    return encoded(
        (key, value) for key, value in pairs if not (options.private and key in _NOT_IN_PRIVATE)
    )


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


def read_plan_record(text: str) -> PlanRecord:
    """The record of a plan.

    Raises BrokenRecord (NewerRecord) where it contradicts itself or the rules, or is none.
    """
    pairs, notes = pairs_of(text, repeated="note")
    if pairs.get("v", "").isdecimal() and int(pairs["v"]) > VERSION:
        raise NewerRecord("it was written by a later version of this program")
    try:
        return _plan_record(pairs, notes)
    except (KeyError, ValueError, IndexError, OverflowError, InvalidInput) as error:
        raise BrokenRecord(problem_of(error)) from error


def _plan_record(pairs: Mapping[str, str], notes: Iterable[str]) -> PlanRecord:
    phases = tuple(_phase(part) for part in pairs["phases"].split(","))
    total = int(pairs["total"])
    per_year, years = (int(number) for number in pairs["upkeep"].split("x"))
    minutes = int(pairs["minutes"])
    require(int(pairs["v"]) == VERSION, sum(count for count, _ in phases) == total)
    require(SESSIONS.allows(total), all(INTERVAL_DAYS.allows(days) for _, days in phases))
    require(per_year == 0 or MAINTENANCE_PER_YEAR.allows(per_year))
    goal = find_goal(pairs["goal"]) if "goal" in pairs else None
    area = goal.require_area(pairs["area"]) if goal is not None and "area" in pairs else None
    find_zone(pairs["zone"])
    for key in ("phone", "place"):
        if key in pairs:
            require_one_line(key, pairs[key], MAX_PLACE_CHARACTERS)
    asked = request_values(pairs)
    protocol = Protocol(
        phases=tuple(Phase(*phase) for phase in phases),
        maintenance_per_year=per_year,
        minutes=minutes,
        grade="the clinic's own",
        source="the plan's own file",
        limits=_read_limits(pairs["limits"]) if "limits" in pairs else Limits(),
    )
    request = Request(
        goal.name if goal is not None else "",
        area=area,
        years=years,
        duration_minutes=minutes,
        protocol=protocol,
        plan_id=pairs["id"],
        **asked,
    )
    return PlanRecord(
        plan_id=request.plan_id,
        revision=at_least(int(pairs["revision"]), 0),
        goal=None if goal is None else goal.name,
        area=area,
        request=request,
        phases=phases,
        maintenance_per_year=per_year,
        duration_minutes=minutes,
        last_serial=at_least(int(pairs.get("serial", "0")), 0),
        ended=pairs.get("ended") == "1",
        is_part=pairs.get("part") == "1",
        private=goal is None,
        utc=pairs.get("utc") == "1",
        reminders=_reminders(pairs.get("remind")),
        notices=tuple(map(_notice, notes)),
    )


def _reminders(text: str | None) -> str | None:
    if text is not None:
        reminders(text.split(","))
    return text


def _notice(text: str) -> Notice:
    code, _, said = text.partition("|")
    require_shown(code, said)
    return Notice(code, said)


def _phase(text: str) -> tuple[int, int]:
    count, interval = (int(number) for number in text.split("x"))
    require(count >= 1)
    return count, interval


def _read_limits(text: str) -> Limits:
    sessions, intervals, yearly = text.split("/")
    fewest, most = map(int, sessions.split("-"))
    shortest, longest = map(int, intervals.split("-"))
    return Limits(fewest, most, shortest, longest, int(yearly))
