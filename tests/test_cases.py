"""The worked examples of tests/cases: what a clinician can check by hand, the planner must do."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mesoplan import BusyCalendar, BusySpan, NoLegalPlan, Plan, Practitioner, Request, plan
from mesoplan.dates import parsing as words
from mesoplan.dates.days import WEEKDAYS, ClosedTime
from mesoplan.dates.times import time_of_day, time_range
from mesoplan.model.fields import RANGES, Words
from mesoplan.model.request import WeeklyHours
from mesoplan.model.taken import BookedTimes, Bookings

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CLINICS = Path(__file__).parent / "cases/clinics"
"""What several cases share: a case names the file as its *clinic*."""
OWN_ID = "00000000-case"
TODAY = date(2026, 1, 5)


def weekly_hours(table: dict[str, list[str]]) -> WeeklyHours:
    days = [name[:3].lower() for name in WEEKDAYS]
    assert set(table) <= set(days)
    return tuple(tuple(time_range(day, text) for text in table.get(day, [])) for day in days)


def busy_spans(text: str, zone: ZoneInfo) -> Iterator[BusySpan]:
    """Spans such as “2026-12-08 09:00-12:00” or “2026-12-01..2026-12-22 weekly 09:00-12:00”."""
    days, *how_often, clocks = text.split()
    first, _, last = days.partition("..")
    hours = time_range("busy", clocks)
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last or first):
        midnight = datetime.combine(day, time(), zone)
        begin, end = (
            (midnight + timedelta(minutes=minutes)).astimezone(UTC)
            for minutes in (hours.begin_minutes, hours.end_minutes)
        )
        yield BusySpan(begin, end)
        day += timedelta(days=7 if how_often == ["weekly"] else 1)


def calendars_of(table: dict[str, list[str]], zone: ZoneInfo) -> tuple[BusyCalendar, ...]:
    return tuple(
        BusyCalendar(name, tuple(sorted(span for text in spans for span in busy_spans(text, zone))))
        for name, spans in table.items()
    )


def practitioner_of(table: dict[str, Any], zone: ZoneInfo) -> Practitioner:
    return Practitioner(
        table["id"],
        table["name"],
        weekly_hours(table["hours"]) if "hours" in table else None,
        frozenset(table.get("goals", [])),
        table.get("most_sessions_a_day"),
        calendars_of(table.get("busy", {}), zone),
    )


def closed_time(text: str) -> ClosedTime:
    begin, end = (datetime.fromisoformat(part) for part in text.split(".."))
    return ClosedTime(begin, end)


def book_of(plans: list[dict[str, Any]], own_id: str, zone: ZoneInfo) -> BookedTimes | None:
    """The sessions of other patients; None where there is no book."""
    bookings = Bookings("book")
    for number, each in enumerate(plans):
        spans = (span for text in each["sessions"] for span in busy_spans(text, zone))
        bookings.book(f"plan {number}", spans, each.get("with"))
    return bookings.around(own_id) if plans else None


def request_of(case: dict[str, Any]) -> Request:
    asked = dict(case["request"])
    if "clinic" in case:
        asked |= tomllib.loads((CLINICS / f"{case['clinic']}.toml").read_text("utf-8"))
    zone = ZoneInfo(asked.get("timezone", "UTC"))
    if "hours" in asked:
        asked["opening_hours"] = weekly_hours(asked.pop("hours"))
    if "time" in asked:
        asked["time_of_day"] = time_of_day("time", asked.pop("time"))
    for whose in {"busy", "room_busy", "patient_busy"} & asked.keys():
        asked[whose] = calendars_of(asked.pop(whose), zone)
    return Request(
        asked.pop("goal"),
        asked.pop("start", None),
        weekdays=words.weekdays(asked.pop("weekday", [])),
        closed_weekdays=words.weekdays(asked.pop("closed", [])),
        closures=RANGES.read("closure", asked.pop("closures", []), Words(TODAY)),
        away=RANGES.read("away", asked.pop("away", []), Words(TODAY)),
        holidays=tuple(asked.pop("holidays", [])),
        flex_days=asked.pop("flex", 0),
        closed_times=tuple(map(closed_time, asked.pop("shut", []))),
        practitioners=tuple(practitioner_of(each, zone) for each in asked.pop("practitioner", [])),
        practitioner=asked.pop("with", None),
        booked=book_of(case.get("book", []), OWN_ID, zone),
        plan_id=OWN_ID,
        **asked,
    )


def check_plan(found: Plan, expected: dict[str, Any]) -> None:
    assert [session.day for session in found.sessions] == expected["sessions"]
    assert [session.day for session in found.maintenance] == expected["maintenance"]
    if "times" in expected:
        assert [f"{session.start:%H:%M}" for session in found.sessions] == expected["times"]
    assert found.request.practitioner == expected.get("with")
    assert found.stay is not None
    assert found.stay.earliest_travel == expected["home_from"]
    reasons = {
        str(session.number): [reason.code.value for reason in session.reasons]
        for session in found.sessions
    }
    assert all(
        session.window.first <= session.day <= session.window.last
        for session in (*found.sessions, *found.maintenance)
    )
    for number, codes in expected["reasons"].items():
        assert reasons[number] == codes
    if not expected["reasons"]:
        assert not any(reasons.values())
    assert [notice.code for notice in found.notices] == expected.get("warnings", [])


def check_refusal(refusal: NoLegalPlan, expected: dict[str, Any]) -> None:
    assert refusal.conflict.code == expected["refused"]
    assert refusal.conflict.session == expected["session"]
    for words_of_it in expected["says"]:
        assert words_of_it in refusal.problem
    offered = [way.text for way in refusal.ways_out]
    assert [way for way in expected["ways_out"] if way not in offered] == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_example(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    assert case["why"].strip()
    request = request_of(case)
    expected = case["expect"]
    if "refused" in expected:
        with pytest.raises(NoLegalPlan) as caught:
            plan(request, not_before=TODAY)
        check_refusal(caught.value, expected)
    else:
        check_plan(plan(request, not_before=TODAY), expected)


def test_there_are_worked_examples() -> None:
    assert len(CASES) >= 10
