"""The worked examples of tests/cases: what a clinician can check by hand, the planner must do."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mesoplan import NoLegalPlan, Plan, Request, plan
from mesoplan.cli import words

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
TODAY = date(2026, 1, 5)


def request_of(case: dict[str, Any]) -> Request:
    asked = dict(case["request"])
    return Request(
        asked.pop("goal"),
        asked.pop("start", None),
        closed_weekdays=words.weekdays(asked.pop("closed", [])),
        closures=words.day_ranges("closure", asked.pop("closures", []), TODAY),
        away=words.day_ranges("away", asked.pop("away", []), TODAY),
        holidays=tuple(asked.pop("holidays", [])),
        flex_days=asked.pop("flex", 0),
        **asked,
    )


def check_plan(found: Plan, expected: dict[str, Any]) -> None:
    assert [session.day for session in found.sessions] == expected["sessions"]
    assert [session.day for session in found.maintenance] == expected["maintenance"]
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
    assert [notice.code for notice in found.warnings] == expected.get("warnings", [])


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
