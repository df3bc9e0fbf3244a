"""The worked examples of tests/cases: what a clinician can check by hand, the planner must do."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mesoplan import BusyCalendar, BusySpan, NoLegalPlan, Plan, Request, plan
from mesoplan.dates import parsing as words
from mesoplan.dates.days import WEEKDAYS
from mesoplan.dates.times import time_of_day, time_range
from mesoplan.model.fields import RANGES, Words
from mesoplan.model.request import WeeklyHours

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
TODAY = date(2026, 1, 5)


def weekly_hours(table: dict[str, list[str]]) -> WeeklyHours:
    days = [name[:3].lower() for name in WEEKDAYS]
    assert set(table) <= set(days)
    return tuple(tuple(time_range(day, text) for text in table.get(day, [])) for day in days)


def busy_calendar(name: str, spans: list[str], zone: ZoneInfo) -> BusyCalendar:
    """A calendar of spans such as “2026-12-08 09:00-12:00”."""
    found = []
    for span in spans:
        day, _, text = span.partition(" ")
        hours = time_range(name, text)
        midnight = datetime.combine(date.fromisoformat(day), time(), zone)
        begin, end = (
            (midnight + timedelta(minutes=minutes)).astimezone(UTC)
            for minutes in (hours.begin_minutes, hours.end_minutes)
        )
        found.append(BusySpan(begin, end))
    return BusyCalendar(name, tuple(found))


def request_of(case: dict[str, Any]) -> Request:
    asked = dict(case["request"])
    zone = ZoneInfo(asked.get("timezone", "UTC"))
    if "hours" in asked:
        asked["opening_hours"] = weekly_hours(asked.pop("hours"))
    if "time" in asked:
        asked["time_of_day"] = time_of_day("time", asked.pop("time"))
    for whose in {"busy", "room_busy", "patient_busy"} & asked.keys():
        calendars = asked.pop(whose).items()
        asked[whose] = tuple(busy_calendar(name, spans, zone) for name, spans in calendars)
    return Request(
        asked.pop("goal"),
        asked.pop("start", None),
        closed_weekdays=words.weekdays(asked.pop("closed", [])),
        closures=RANGES.read("closure", asked.pop("closures", []), Words(TODAY)),
        away=RANGES.read("away", asked.pop("away", []), Words(TODAY)),
        holidays=tuple(asked.pop("holidays", [])),
        flex_days=asked.pop("flex", 0),
        **asked,
    )


def check_plan(found: Plan, expected: dict[str, Any]) -> None:
    assert [session.day for session in found.sessions] == expected["sessions"]
    assert [session.day for session in found.maintenance] == expected["maintenance"]
    if "times" in expected:
        assert [f"{session.start:%H:%M}" for session in found.sessions] == expected["times"]
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
