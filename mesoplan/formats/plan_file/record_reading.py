"""Reads the records of plans and sessions back, and refuses those that contradict themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import DateRange, require_plannable
from mesoplan.dates.times import reminders
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput
from mesoplan.formats.plan_file.record_text import (
    KINDS,
    VERSION,
    BrokenRecord,
    NewerRecord,
    at_least,
    pairs_of,
    problem_of,
    require,
    require_shown,
)
from mesoplan.model.fields import read_range, request_values
from mesoplan.model.plan import Notice, Reason, ReasonCode, Status
from mesoplan.model.request import MAX_PLACE_CHARACTERS, Request
from mesoplan.model.texts import require_one_line
from mesoplan.rules.goals import find_goal
from mesoplan.rules.limits import INTERVAL_DAYS, MAINTENANCE_PER_YEAR, SESSIONS
from mesoplan.rules.protocol import Limits, Phase, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_LONGEST_VERSION = 9
LARGEST_SERIAL = 99_999
LARGEST_REVISION = 10**9 - 1
"""No plan comes to that many changes; one that says so stays there, and can be changed."""


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
    row_digest: str | None
    """Of a plan from a batch: see `Plan`."""
    is_part: bool
    """Whether the file was written to hold only some of the plan's events."""
    private: bool
    utc: bool
    reminders: str | None
    """As they are typed; None for the usual ones."""
    notices: tuple[Notice, ...]


class SessionRecord(NamedTuple):
    """What the record in an event tells of its session, read back.

    A tuple, since there may be many thousands, and a frozen dataclass takes longer to make.
    """

    kind: str
    number: int
    status: Status
    preferred_interval_days: int | None
    due: date | None
    window: DateRange
    planned: datetime | None
    """When the plan has it, by the clinic's clocks; naive."""
    fixed: bool
    late: str | None
    reasons: tuple[Reason, ...]


def read_plan_record(text: str) -> PlanRecord:
    """The record of a plan.

    Raises BrokenRecord (NewerRecord) where it contradicts itself or the rules, or is none.
    """
    pairs, notes = pairs_of(text, repeated="note")
    version = pairs.get("v", "")
    if version.isdecimal() and (len(version) > _LONGEST_VERSION or int(version) > VERSION):
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
        revision=min(at_least(int(pairs["revision"]), 0), LARGEST_REVISION),
        goal=None if goal is None else goal.name,
        area=area,
        request=request,
        phases=phases,
        maintenance_per_year=per_year,
        duration_minutes=minutes,
        last_serial=_serial(pairs.get("serial", "0")),
        ended=pairs.get("ended") == "1",
        row_digest=_row_digest(pairs.get("row")),
        is_part=pairs.get("part") == "1",
        private=goal is None,
        utc=pairs.get("utc") == "1",
        reminders=_reminders(pairs.get("remind")),
        notices=tuple(map(_notice, notes)),
    )


def _serial(text: str) -> int:
    serial = at_least(int(text), 0)
    require(serial <= LARGEST_SERIAL)
    return serial


def _row_digest(text: str | None) -> str | None:
    require(text is None or re.fullmatch("[0-9a-f]{32}", text) is not None)
    return text


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


_USUAL = re.compile(
    r"kind=(\w+)&number=([0-9]{1,3})&status=(\w+)(?:&interval=([0-9]{1,2}))?"
    r"(?:&due=([0-9]{4}-[0-9]{2}-[0-9]{2}))?"
    r"&window=([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"&at=([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})",
    re.ASCII,
)
"""The record of most sessions, which a book has a hundred thousand of: nothing is special there."""


def read_session_record(text: str) -> SessionRecord:
    """The record of a session. Raises BrokenRecord where it is none."""
    try:
        usual = _USUAL.fullmatch(text)
        if usual is not None:
            kind, number, status, interval, due, first, last, at = usual.groups()
            return SessionRecord(
                kind=_kind(kind),
                number=at_least(int(number), 1),
                status=Status(status),
                preferred_interval_days=int(interval) if interval else None,
                due=date.fromisoformat(due) if due else None,
                window=DateRange(date.fromisoformat(first), date.fromisoformat(last)),
                planned=_planned(at),
                fixed=False,
                late=None,
                reasons=(),
            )
    except (KeyError, ValueError, InvalidInput) as error:
        raise BrokenRecord(problem_of(error)) from error
    pairs, reasons = pairs_of(text, repeated="why")
    try:
        late = pairs.get("late")
        if late is not None:
            require_one_line("reason", late, MAX_PLACE_CHARACTERS)
        return SessionRecord(
            kind=_kind(pairs["kind"]),
            number=at_least(int(pairs["number"]), 1),
            status=Status(pairs["status"]),
            preferred_interval_days=int(pairs["interval"]) if "interval" in pairs else None,
            due=date.fromisoformat(pairs["due"]) if "due" in pairs else None,
            window=read_range(pairs["window"]),
            planned=_planned(pairs["at"]) if "at" in pairs else None,
            fixed=pairs.get("fixed") == "1",
            late=late,
            reasons=tuple(map(_read_reason, reasons)) if reasons else (),
        )
    except (KeyError, ValueError, InvalidInput) as error:
        raise BrokenRecord(problem_of(error)) from error


def _kind(word: str) -> str:
    require(word in KINDS)
    return KINDS[word]


def _planned(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    require(moment.tzinfo is None)
    require_plannable(moment.date())
    return moment


def _read_reason(text: str) -> Reason:
    code, days, said = text.split("|", 2)
    known = ReasonCode(code)
    of_days = tuple(date.fromisoformat(day) for day in days.split(",") if day)
    require_shown(code, said)
    return Reason(known, said or NEUTRAL[known], of_days)


NEUTRAL = {
    ReasonCode.CLOSED_WEEKDAY: "closed on that weekday",
    ReasonCode.HOLIDAY: "a public holiday",
    ReasonCode.CLOSURE: "closed then",
    ReasonCode.AWAY: "away then",
    ReasonCode.GIVEN_UP: "missed or given up",
    ReasonCode.BUSY: "the time was taken",
    ReasonCode.CAPACITY: "all rooms were taken",
    ReasonCode.HOURS: "the opening hours",
    ReasonCode.DEADLINE: "the end of the trip",
    ReasonCode.LOOK_AHEAD: "so that the ones after it fit",
    ReasonCode.PINNED: "chosen by hand",
    ReasonCode.AGREED: "agreed before",
    ReasonCode.PAST: "the preferred day was past",
}
"""What is said of a reason of which the record tells no words."""
