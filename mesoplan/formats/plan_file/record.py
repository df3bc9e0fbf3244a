"""The plan's own record in a calendar file: how it is written, and how it is read.

The record holds what a later change of the plan needs. It stands in a property of the calendar
and, since clients drop those, in every event. It is written as URL-encoded pairs, so that no
client's idea of escaping can damage it. In a private file the names of properties and keys are as
neutral as the texts, and the goal, the area and the patient are left out.

Days are ISO dates, ranges FROM..TO, lists joined by commas; `values` shows how reasons and notices
are kept. `count`, `interval` and `yearly` are what was asked for, absent when the protocol decided;
`phases` is what was planned, each phase as sessions × days, and `whole` the phases of the protocol,
where the course has only the first of them. What has its usual value is left out.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote_plus, unquote_plus

from mesoplan.dates.days import DateRange, require_plannable
from mesoplan.dates.times import reminders, reminders_text
from mesoplan.dates.zones import find_zone, shown_text
from mesoplan.errors import InvalidInput
from mesoplan.formats.plan_file.values import (
    limits_text,
    notice_value,
    phases_text,
    published_text,
    read_limits,
    read_notice,
    read_phases,
    read_published,
    read_reason,
    reason_value,
    require_shown,
    two_numbers,
)
from mesoplan.model.fields import read_range, request_pairs, request_values
from mesoplan.model.plan import Notice, Plan, Reason, Status
from mesoplan.model.request import MAX_PLACE_CHARACTERS, CalendarOptions, Request, require_one_line
from mesoplan.rules.goals import find_goal, phases_of_goal
from mesoplan.rules.limits import INTERVAL_DAYS, MAINTENANCE_PER_YEAR, SESSIONS
from mesoplan.rules.protocol import Limits, Phase, Protocol, with_sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mesoplan.model.plan import Session
    from mesoplan.rules.protocol import Grade

PLAN_PROPERTY = "X-APPOINTMENT-PLAN"
EVENT_PROPERTY = "X-APPOINTMENT"
OF_THE_MOMENT = frozenset(
    {
        *("IN_THE_PAST", "FAR_AHEAD", "HOLIDAYS_OF_PARTS", "HALF_HOLIDAYS"),
        *("START_WEEKDAY", "WEEKDAY_CLOSED"),
        *("SHORT_MARGIN", "CAUTION"),
        *("BUSY_OFFLINE", "BUSY_PARTLY_READ", "BUSY_UNREADABLE", "NOT_IN_BOOK", "NO_PHONE"),
        *("TREATED_BY", "PATIENT_CALENDAR", "LANGUAGE_UNREVIEWED"),
    }
)
"""Notices for whoever makes the plan: no file keeps them, and those of old files are left out."""
OF_THE_FILE: tuple[Grade, str] = ("the clinic's own", "the plan's own file")
"""Grade and source of a protocol that is read from a plan's file."""
LARGEST_SERIAL = 99_999

_VERSION = 1
"""Of the form of records: a later one may have things that this program would lose."""
_LONGEST_VERSION = 9
_LARGEST_REVISION = 10**9 - 1
"""No plan comes to that many changes; one that says so stays there, and can be changed."""
_LARGEST_NUMBER = 99
"""Of a session: as many digits as can be typed."""
_NOT_IN_PRIVATE = frozenset({"goal", "area", "patient"})
KINDS: dict[str, Literal["course", "maintenance"]] = {
    "series": "course",
    "upkeep": "maintenance",
}
"""The kinds of sessions by the neutral words for them."""
_WORDS = {kind: word for word, kind in KINDS.items()}
_MAY_CUT = {"count", "depart", "finish"}
"""What may have left a course with fewer sessions than its protocol has."""
_FURTHER = re.compile(r"(?:&(?:unseen|part|did|sent|note)=[^&]*)+$")


class BrokenRecord(Exception):
    """A record is not what this program writes; its text says how, without what is in it."""


class NewerRecord(BrokenRecord):
    """A record was written by a later version of this program."""


class PlanRecord(NamedTuple):
    """What a plan's record holds, read back."""

    plan: Plan
    """The plan without its sessions."""
    options: CalendarOptions
    """How its file is written."""
    is_part: bool
    """Whether the file was written to hold only some of the plan's events."""


class SessionRecord(NamedTuple):
    """What the record in an event holds of its session; see `Session`."""

    kind: Literal["course", "maintenance"]
    number: int
    window: DateRange
    status: Status = Status.PLANNED
    preferred_interval_days: int | None = None
    due: date | None = None
    planned: datetime | None = None
    """When the plan has it, by the clinic's clocks; naive."""
    pinned: bool = False
    late: str | None = None
    reasons: tuple[Reason, ...] = ()


def plan_record(plan: Plan, options: CalendarOptions) -> str:
    """The record of a plan, as each of its events has it."""
    request, goal = plan.request, None if options.private else plan.goal
    asked, limits = dict(request_pairs(request)), request.limits
    whole = plan.protocol_phases
    if not whole and _phases_assumed(goal, plan.area, plan.phases, asked):
        whole = plan.phases
    typed = None
    if options.reminders is not None:
        typed = reminders_text(options.reminders).replace(" ", "")
    pairs: list[tuple[str, object]] = [
        ("v", _VERSION),
        ("id", plan.id),
        ("revision", plan.revision),
        ("goal", plan.goal),
        ("area", plan.area),
        *asked.items(),
        ("phases", phases_text(plan.phases)),
        ("whole", phases_text(whole)),
        ("total", plan.total_sessions),
        ("upkeep", f"{plan.maintenance_per_year}x{request.years}"),
        ("minutes", plan.duration_minutes),
        ("limits", limits_text(limits) if limits.narrowing else None),
        ("serial", plan.last_serial),
        ("ended", int(plan.cancelled) or None),
        ("row", plan.row_digest),
        ("utc", int(options.utc) or None),
        ("remind", typed),
        ("link", plan.link),
        ("withdrawn", int(plan.withdrawn) or None),
    ]
    return _encoded(pair for pair in pairs if not (options.private and pair[0] in _NOT_IN_PRIVATE))


def further_record(plan: Plan, options: CalendarOptions, *, is_part: bool) -> str:
    """What the calendar has after a plan's record: its last change, its notices, what was given.

    *is_part* says that the file holds only some of the plan's events.
    """
    pairs: list[tuple[str, object]] = [("unseen", plan.unseen), ("did", plan.did)]
    pairs += [("part", int(is_part) or None), ("sent", published_text(plan.published))]
    pairs += [("note", text) for text in _notices(plan, private=options.private)]
    return _encoded(pairs)


def _notices(plan: Plan, *, private: bool) -> Iterator[str]:
    for code, about in () if private else plan.notices:
        if code not in OF_THE_MOMENT:
            yield f"{code}|{notice_value(code, about)}"


def notices_kept(plan: Plan, *, private: bool) -> tuple[Notice, ...]:
    """The notices of a plan as its file keeps them."""
    return tuple(map(_read_notice, _notices(plan, private=private)))


def own_record(text: str) -> str:
    """The record of a plan without what only the calendar has after it."""
    return _FURTHER.sub("", text)


def session_record(session: Session, options: CalendarOptions) -> str:
    """The record of a session; a private one has reasons by their codes and days alone."""
    moment = session.moved_from or session.start
    return _encoded(
        [
            ("kind", _WORDS[session.kind]),
            ("number", session.number),
            ("status", session.status),
            ("interval", session.preferred_interval_days),
            ("due", session.due),
            ("window", f"{session.window.first}..{session.window.last}"),
            ("at", shown_text(moment)[:16]),
            ("fixed", int(session.pinned) or None),
            ("late", session.late),
            *(("why", reason_value(reason, private=options.private)) for reason in session.reasons),
        ]
    )


def read_plan_record(text: str) -> PlanRecord:
    """The record of a plan.

    Raises BrokenRecord (NewerRecord) for another text, or one that contradicts itself or the rules.
    """
    pairs, notes = _pairs_of(text, repeated="note")
    version = pairs.get("v", "")
    if version.isdecimal() and (len(version) > _LONGEST_VERSION or int(version) > _VERSION):
        raise NewerRecord("it was written by a later version of this program")
    try:
        return _read_plan(pairs, notes)
    except (KeyError, ValueError, IndexError, OverflowError, InvalidInput) as error:
        raise BrokenRecord(_problem_of(error)) from error


def _read_plan(pairs: dict[str, str], notes: Iterable[str]) -> PlanRecord:
    phases = read_phases(pairs["phases"])
    total, minutes = int(pairs["total"]), int(pairs["minutes"])
    per_year, years = two_numbers(pairs["upkeep"], "x")
    revision, serial = int(pairs["revision"]), int(pairs.get("serial", "0"))
    row, did, unseen = pairs.get("row"), pairs.get("did"), int(pairs.get("unseen", "0"))
    link = int(pairs.get("link", "0"))
    require_shown(did or "")
    goal = find_goal(pairs["goal"]) if "goal" in pairs else None
    area = goal.require_area(pairs["area"]) if goal is not None and "area" in pairs else None
    name = None if goal is None else goal.name
    whole = _phases_assumed(name, area, phases, pairs)
    if "whole" in pairs:
        whole = read_phases(pairs["whole"])
    _require(
        int(pairs["v"]) == _VERSION,
        sum(count for count, _ in phases) == total,
        SESSIONS.allows(total),
        all(count >= 1 and INTERVAL_DAYS.allows(days) for count, days in (*phases, *whole)),
        not whole or with_sessions(whole, total) == phases,
        per_year == 0 or MAINTENANCE_PER_YEAR.allows(per_year),
        revision >= 0,
        0 <= unseen <= revision,
        0 <= serial <= LARGEST_SERIAL,
        0 <= link <= LARGEST_SERIAL,
        row is None or re.fullmatch("[0-9a-f]{32}", row) is not None,
    )
    find_zone(pairs["zone"])
    plan = plan_without_sessions(
        pairs["id"],
        name,
        area,
        Protocol(
            phases,
            per_year,
            minutes,
            *OF_THE_FILE,
            read_limits(pairs["limits"]) if "limits" in pairs else Limits(),
        ),
        {"years": years, **request_values(pairs)},
        protocol_phases=whole if len(whole) > len(phases) else (),
        revision=min(revision, _LARGEST_REVISION),
        notices=tuple(each for each in map(_read_notice, notes) if each.code not in OF_THE_MOMENT),
        last_serial=serial,
        cancelled=pairs.get("ended") == "1",
        row_digest=row,
        unseen=unseen or None,
        published=read_published(pairs.get("sent", "")),
        link=link or None,
        withdrawn=pairs.get("withdrawn") == "1",
        did=did,
    )
    typed = pairs.get("remind")
    options = CalendarOptions(
        private=goal is None,
        utc=pairs.get("utc") == "1",
        reminders=None if typed is None else reminders(typed.split(",")),
    )
    return PlanRecord(plan, options, pairs.get("part") == "1")


def plan_without_sessions(
    plan_id: str,
    goal: str | None,
    area: str | None,
    protocol: Protocol,
    asked: Mapping[str, Any],
    **fields: Any,
) -> Plan:
    """A plan by a protocol; *asked* are the other fields of its request, *fields* its own."""
    request = Request(
        goal or "",
        area=area,
        duration_minutes=protocol.minutes,
        protocol=protocol,
        plan_id=plan_id,
        **asked,
    )
    return Plan(
        id=plan_id,
        request=request,
        goal=goal,
        area=area,
        phases=protocol.phases,
        maintenance_per_year=protocol.maintenance_per_year,
        duration_minutes=protocol.minutes,
        **{"revision": 0, **fields},
    )


def _phases_assumed(
    goal: str | None, area: str | None, planned: tuple[Phase, ...], asked: Mapping[str, str]
) -> tuple[Phase, ...]:
    """The phases of the protocol, where the record doesn't say that the course has only some."""
    all_planned = "interval" in asked or _MAY_CUT.isdisjoint(asked)
    return () if all_planned else phases_of_goal(goal, area, planned)


def read_session_record(text: str) -> SessionRecord:
    """The record of a session. Raises BrokenRecord for another text."""
    pairs, reasons = _pairs_of(text, repeated="why")
    try:
        kind, number = pairs["kind"], int(pairs["number"])
        late, due = pairs.get("late"), pairs.get("due")
        _require(kind in KINDS, 1 <= number <= _LARGEST_NUMBER)
        if late is not None:
            require_one_line("reason", late, MAX_PLACE_CHARACTERS)
        return SessionRecord(
            kind=KINDS[kind],
            number=number,
            window=read_range(pairs["window"]),
            status=Status(pairs["status"]),
            preferred_interval_days=int(pairs["interval"]) if "interval" in pairs else None,
            due=None if due is None else date.fromisoformat(due),
            planned=_read_moment(pairs["at"]) if "at" in pairs else None,
            pinned=pairs.get("fixed") == "1",
            late=late,
            reasons=tuple(map(read_reason, reasons)),
        )
    except (KeyError, ValueError, InvalidInput) as error:
        raise BrokenRecord(_problem_of(error)) from error


def _encoded(pairs: Iterable[tuple[str, object]]) -> str:
    """Pairs as one line of ASCII; those without a value are left out."""
    texts = [(key, str(value)) for key, value in pairs if value is not None]
    return "&".join([f"{key}={quote_plus(text, safe=':./')}" for key, text in texts if text])


def _pairs_of(text: str, *, repeated: str) -> tuple[dict[str, str], list[str]]:
    """The pairs of a record, and the values of the one key that may come several times."""
    single: dict[str, str] = {}
    several: list[str] = []
    for pair in text.strip().split("&"):
        key, equals, value = pair.partition("=")
        if not equals:
            raise BrokenRecord("it is not a list of pairs")
        if "%" in pair or "+" in pair:
            key, value = _decoded(key), _decoded(value)
        if not value:
            continue
        if key == repeated:
            several.append(value)
        elif key in single:
            raise BrokenRecord("it says something twice")
        else:
            single[key] = value
    return single, several


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except ValueError as error:
        raise BrokenRecord("it is not a list of pairs") from error


def _problem_of(error: Exception) -> str:
    """What is wrong with a record that could not be read, without what is in it."""
    if isinstance(error, KeyError) and error.args:
        return f"“{error.args[0]}” is missing"
    return "a value in it can't be read"


def _require(*conditions: bool) -> None:
    """Raise ValueError unless all the conditions hold."""
    if not all(conditions):
        raise ValueError


def _read_notice(text: str) -> Notice:
    code, _, said = text.partition("|")
    require_shown(code, said)
    return Notice(code, read_notice(code, said))


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    _require(moment.tzinfo is None)
    require_plannable(moment.date())
    return moment
