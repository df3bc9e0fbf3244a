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

from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from mesoplan.days import DateRange, require_plannable
from mesoplan.errors import InvalidInput
from mesoplan.goals import find_goal
from mesoplan.labels import require_one_line
from mesoplan.model import (
    MAX_PLACE_CHARACTERS,
    Notice,
    Reason,
    ReasonCode,
    Request,
    Status,
    WeeklyHours,
)
from mesoplan.protocol import Limits, Phase, Protocol
from mesoplan.public_holidays import region_name
from mesoplan.reminders import DEFAULT_REMINDERS, reminders, reminders_text
from mesoplan.rules import INTERVAL_DAYS, MAINTENANCE_PER_YEAR, SESSIONS
from mesoplan.times_of_day import TimeRange, time_of_day, time_range
from mesoplan.zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.model import Plan, Session

PLAN_PROPERTY = "X-APPOINTMENT-PLAN"
EVENT_PROPERTY = "X-APPOINTMENT"
VERSION = 1

_KINDS = {"series": "course", "upkeep": "maintenance"}
_LONGEST_TEXT = 1000


class BrokenRecord(Exception):
    """A record is not what this program writes; *problem* says how, without what is in it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class NewerRecord(BrokenRecord):
    """A record was written by a later version of this program."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of one kind are written, and read."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _read_range(text: str) -> DateRange:
    first, _, last = text.partition("..")
    return DateRange(date.fromisoformat(first), date.fromisoformat(last))


def _write_range(days: DateRange) -> str:
    return f"{days.first}..{days.last}"


def _write_time(asked: time | TimeRange) -> str:
    return asked.as_typed if isinstance(asked, TimeRange) else f"{asked:%H:%M}"


def _write_hours(hours: WeeklyHours) -> str:
    """“0.09:00-12:30/14:00-18:00,2.09:00-12:30”: the spans of each weekday that has any."""
    return ",".join(
        f"{weekday}.{'/'.join(str(span).replace('–', '-') for span in spans)}"
        for weekday, spans in enumerate(hours)
        if spans
    )


def _read_hours(text: str) -> WeeklyHours:
    days: list[tuple[TimeRange, ...]] = [()] * 7
    for part in text.split(","):
        weekday, _, spans = part.partition(".")
        days[int(weekday)] = tuple(time_range("hours", span) for span in spans.split("/"))
    return tuple(days)


def _list_of(form: _Form, make: Callable[[Iterable[Any]], Any], separator: str = ",") -> _Form:
    return _Form(
        lambda items: separator.join(map(form.write, items)),
        lambda text: make(map(form.read, text.split(separator))),
    )


def _in_order(form: _Form, separator: str = ",") -> _Form:
    return _Form(
        lambda items: separator.join(map(form.write, sorted(items))),
        lambda text: frozenset(map(form.read, text.split(separator))),
    )


_TEXT = _Form(str, str)
_NUMBER = _Form(str, int)
_DAY = _Form(str, date.fromisoformat)
_RANGE = _Form(_write_range, _read_range)

_REQUEST: dict[str, tuple[str, _Form]] = {
    "zone": ("timezone", _TEXT),
    "time": ("time_of_day", _Form(_write_time, lambda text: time_of_day("time", text))),
    "hours": ("opening_hours", _Form(_write_hours, _read_hours)),
    "slot": ("slot_minutes", _NUMBER),
    "rooms": ("rooms", _NUMBER),
    "phone": ("phone", _TEXT),
    "place": ("place", _TEXT),
    "start": ("start", _DAY),
    "count": ("sessions", _NUMBER),
    "interval": ("interval_days", _NUMBER),
    "yearly": ("maintenance_per_year", _NUMBER),
    "closed": ("closed_weekdays", _in_order(_NUMBER)),
    "closures": ("closures", _list_of(_RANGE, tuple)),
    "holidays": ("holidays", _list_of(_Form(region_name, region_name), tuple)),
    "works": ("open_holidays", _in_order(_TEXT, "|")),
    "open": ("open_days", _in_order(_DAY)),
    "away": ("away", _list_of(_RANGE, tuple)),
    "arrive": ("arrive", _DAY),
    "depart": ("depart", _DAY),
    "finish": ("finish_by", _DAY),
    "flex": ("flex_days", _NUMBER),
    "patient": ("patient", _TEXT),
}
"""Each key with the field of the Request that it stands for."""

NOT_IN_REQUEST_MAP = frozenset(
    {"goal", "area", "years", "duration_minutes", "protocol", "plan_id", "busy"}
)
"""The fields of a Request that the plan's own keys tell; busy calendars are not kept at all."""

_OF_THE_MOMENT = frozenset({"IN_THE_PAST", "BUSY_UNREADABLE"})
"""Notices that are true only when the plan is made."""

_ALWAYS = frozenset({"zone", "time"})
_NOT_IN_PRIVATE = frozenset({"goal", "area", "patient"})
_DEFAULTS = {field.name: field.default for field in fields(Request) if field.default is not MISSING}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """What the record in an event tells of its session, read back."""

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
    for key, (name, form) in _REQUEST.items():
        value = getattr(request, name)
        if value is not None and (key in _ALWAYS or value != _DEFAULTS.get(name)):
            pairs.append((key, form.write(value)))
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
    return _encoded(
        (key, value) for key, value in pairs if not (options.private and key in _NOT_IN_PRIVATE)
    )


def _reminders_typed(options: CalendarOptions) -> str | None:
    if options.reminders == DEFAULT_REMINDERS:
        return None
    return reminders_text(options.reminders).replace(" ", "")


def session_record(session: Session, options: CalendarOptions) -> str:
    """The record of a session; a private one tells reasons by their codes and days alone."""
    kind = next(word for word, kind in _KINDS.items() if kind == session.kind)
    return _encoded(
        [
            ("kind", kind),
            ("number", session.number),
            ("status", session.status.value),
            ("interval", session.preferred_interval_days),
            ("due", session.due),
            ("window", _write_range(session.window)),
            ("at", f"{session.moved_from or session.start:%Y-%m-%dT%H:%M}"),
            ("fixed", int(session.fixed) or None),
            ("late", session.late),
            *(("why", _reason(reason, private=options.private)) for reason in session.reasons),
        ]
    )


_UNTOLD = frozenset({ReasonCode.BUSY, ReasonCode.CAPACITY})
"""Reasons that name the clinic's own calendars, which are none of the patient's business."""


def _reason(reason: Reason, *, private: bool) -> str:
    days = ",".join(day.isoformat() for day in reason.days)
    text = "" if private or reason.code in _UNTOLD else reason.text
    return f"{reason.code.value}|{days}|{text}"


def _encoded(pairs: Iterable[tuple[str, object]]) -> str:
    kept = [(key, str(value)) for key, value in pairs if value not in (None, "")]
    return urlencode(kept, safe=":./")


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
    pairs, notes = _pairs(text, repeated="note")
    if pairs.get("v", "").isdecimal() and int(pairs["v"]) > VERSION:
        raise NewerRecord("it was written by a later version of this program")
    try:
        return _plan_record(pairs, notes)
    except (KeyError, ValueError, IndexError, OverflowError, InvalidInput) as error:
        raise BrokenRecord(_problem_of(error)) from error


def _problem_of(error: Exception) -> str:
    if isinstance(error, KeyError) and error.args:
        return f"“{error.args[0]}” is missing"
    return "a value in it is none"


def _plan_record(pairs: Mapping[str, str], notes: Iterable[str]) -> PlanRecord:
    phases = tuple(_phase(part) for part in pairs["phases"].split(","))
    total = int(pairs["total"])
    per_year, years = (int(number) for number in pairs["upkeep"].split("x"))
    minutes = int(pairs["minutes"])
    _require(int(pairs["v"]) == VERSION, sum(count for count, _ in phases) == total)
    _require(SESSIONS.allows(total), all(INTERVAL_DAYS.allows(days) for _, days in phases))
    _require(per_year == 0 or MAINTENANCE_PER_YEAR.allows(per_year))
    goal = find_goal(pairs["goal"]) if "goal" in pairs else None
    area = goal.require_area(pairs["area"]) if goal is not None and "area" in pairs else None
    find_zone(pairs["zone"])
    for key in ("phone", "place"):
        if key in pairs:
            require_one_line(key, pairs[key], MAX_PLACE_CHARACTERS)
    asked = {name: form.read(pairs[key]) for key, (name, form) in _REQUEST.items() if key in pairs}
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
        revision=_at_least(int(pairs["revision"]), 0),
        goal=None if goal is None else goal.name,
        area=area,
        request=request,
        phases=phases,
        maintenance_per_year=per_year,
        duration_minutes=minutes,
        last_serial=_at_least(int(pairs.get("serial", "0")), 0),
        ended=pairs.get("ended") == "1",
        is_part=pairs.get("part") == "1",
        private=goal is None,
        utc=pairs.get("utc") == "1",
        reminders=_reminders(pairs.get("remind")),
        notices=tuple(map(_notice, notes)),
    )


def _at_least(number: int, least: int) -> int:
    _require(number >= least)
    return number


def _reminders(text: str | None) -> str | None:
    if text is not None:
        reminders(text.split(","))
    return text


def _notice(text: str) -> Notice:
    code, _, said = text.partition("|")
    _require_shown(code, said)
    return Notice(code, said)


def read_session_record(text: str) -> SessionRecord:
    """The record of a session. Raises BrokenRecord where it is none."""
    pairs, reasons = _pairs(text, repeated="why")
    try:
        late = pairs.get("late")
        if late is not None:
            require_one_line("reason", late, MAX_PLACE_CHARACTERS)
        kind = pairs["kind"]
        _require(kind in _KINDS)
        return SessionRecord(
            kind=_KINDS[kind],
            number=_at_least(int(pairs["number"]), 1),
            status=Status(pairs["status"]),
            preferred_interval_days=int(pairs["interval"]) if "interval" in pairs else None,
            due=date.fromisoformat(pairs["due"]) if "due" in pairs else None,
            window=_read_range(pairs["window"]),
            planned=_planned(pairs["at"]) if "at" in pairs else None,
            fixed=pairs.get("fixed") == "1",
            late=late,
            reasons=tuple(map(_read_reason, reasons)),
        )
    except (KeyError, ValueError, InvalidInput) as error:
        raise BrokenRecord(_problem_of(error)) from error


def _planned(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    _require(moment.tzinfo is None)
    require_plannable(moment.date())
    return moment


def _read_reason(text: str) -> Reason:
    code, days, said = text.split("|", 2)
    known = ReasonCode(code)
    of_days = tuple(date.fromisoformat(day) for day in days.split(",") if day)
    _require_shown(code, said)
    return Reason(known, said or _NEUTRAL[known], of_days)


_NEUTRAL = {
    ReasonCode.CLOSED_WEEKDAY: "closed on that weekday",
    ReasonCode.HOLIDAY: "a public holiday",
    ReasonCode.CLOSURE: "closed then",
    ReasonCode.AWAY: "away then",
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


def _require_shown(*texts: str) -> None:
    _require(all(len(text) <= _LONGEST_TEXT and text.isprintable() for text in texts))


def _require(*conditions: bool) -> None:
    if not all(conditions):
        raise ValueError


def _phase(text: str) -> tuple[int, int]:
    count, interval = (int(number) for number in text.split("x"))
    _require(count >= 1)
    return count, interval


def _read_limits(text: str) -> Limits:
    sessions, intervals, yearly = text.split("/")
    fewest, most = map(int, sessions.split("-"))
    shortest, longest = map(int, intervals.split("-"))
    return Limits(fewest, most, shortest, longest, int(yearly))


def _pairs(text: str, *, repeated: str) -> tuple[dict[str, str], list[str]]:
    """The pairs of a record, and the values of the one key that may come several times."""
    try:
        found = parse_qsl(text.strip(), strict_parsing=True, errors="strict")
    except ValueError as error:
        raise BrokenRecord("it is no list of pairs") from error
    single = {key: value for key, value in found if key != repeated}
    if len(single) < sum(key != repeated for key, _ in found):
        raise BrokenRecord("it says something twice")
    return single, [value for key, value in found if key == repeated]
