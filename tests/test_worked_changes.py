"""The worked examples of tests/changes: what a clinician can check by hand, the commands do."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mesoplan import Plan
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.planning.checking import check_plan
from tests.command_line import Outcome, mesoplan_line

CASES = sorted((Path(__file__).parent / "changes").glob("*.toml"))
FIELDS = {"now", "type"}


def run(folder: Path, now: datetime, line: str) -> Outcome:
    return mesoplan_line(folder, f"mesoplan {line}", now=now.isoformat())


def plan_after(folder: Path, case: dict[str, Any]) -> tuple[Plan, Outcome]:
    """The plan in its file after all that is typed, and what the last command said."""
    first = case["then"][0]["now"]
    made = run(folder, first, f"plan {case['plan']} -o plan.ics")
    assert made.exit_code == 0, made.error
    for step in case["then"]:
        assert set(step) == FIELDS
        command, _, rest = step["type"].partition(" ")
        outcome = run(folder, step["now"], f"{command} plan.ics {rest}")
    return read_plan([folder / "plan.ics"], lambda: "UTC").plan, outcome


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_change(path: Path, tmp_path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    assert case["why"].strip()
    plan, outcome = plan_after(tmp_path, case)
    expected = case["expect"]
    assert outcome.exit_code == expected.get("refused", 0), outcome.error
    for words in expected.get("says", []):
        assert words in outcome.error
    found: dict[str, Any] = {
        "sessions": [session.day for session in plan.sessions],
        "serials": [int(session.uid.rpartition("-")[2]) for session in plan.sessions],
        "times": [f"{session.start:%H:%M}" for session in plan.sessions],
        "maintenance": [session.day for session in plan.maintenance],
        "dropped": [f"{session.name} {session.status.value}" for session in plan.dropped],
        "fixed": [str(session.name) for session in plan.active if session.pinned],
        "home_from": plan.stay.earliest_travel if plan.stay else None,
        "breaches": [breach.code for breach in check_plan(plan).problems],
        "warnings": [notice.code for notice in plan.notices if notice.code == "LATE"],
    }
    facts = {key: value for key, value in expected.items() if key not in {"refused", "says"}}
    assert {key: found[key] for key in facts} == facts
    if "breaches" not in facts:
        assert found["breaches"] == []


def test_there_are_worked_changes() -> None:
    assert len(CASES) >= 10
