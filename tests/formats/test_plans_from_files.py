"""Plans read back from their files, as calendar programs and patients leave them, hold what
tests/exports/expected.toml says; damaged files and files without a plan are refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from mesoplan import Session
from mesoplan.errors import FileProblem
from mesoplan.formats.plan_file.reading import ReadPlan, read_plan
from mesoplan.wording.notices import notice_text
from tests.plan_exports import FOLDER, READABLE, REFUSED

ASSUMED_ZONE = "Pacific/Auckland"
"""Where a file does not tell its zone, and the case does not give one, this shows."""


def read_case(case: dict[str, Any]) -> ReadPlan:
    return read_plan([FOLDER / case["path"]], lambda: case.get("tz", ASSUMED_ZONE))


def times(sessions: Sequence[Session]) -> list[str]:
    return [f"{session.start:%Y-%m-%dT%H:%M}" for session in sessions]


@pytest.mark.parametrize("name", READABLE)
def test_a_plan_is_read_as_it_stands_in_the_file(name: str) -> None:
    case = READABLE[name]
    read = read_case(case)
    plan = read.plan
    assert plan.id == case["plan"]
    assert plan.revision == case.get("revision", 0)
    assert (plan.goal, plan.area) == (case.get("goal"), case.get("area"))
    assert plan.request.patient == case.get("patient")
    assert read.options.private == case["private"]
    assert plan.request.timezone == (case["tz"] if case["zone"] == "assumed" else case["zone"])
    if "total" in case:
        assert plan.total_sessions == case["total"]
    assert plan.duration_minutes == case["minutes"]
    assert times(plan.sessions) == case["course"]
    assert times(plan.maintenance) == case["maintenance"]
    assert all(
        (session.end - session.start).total_seconds() == 60 * case["minutes"]
        for session in plan.active
    )


@pytest.mark.parametrize("name", READABLE)
def test_what_became_of_each_session_is_read(name: str) -> None:
    case = READABLE[name]
    plan = read_case(case).plan
    statuses = {str(each.name): each.status.value for each in plan.active}
    assert {k: v for k, v in statuses.items() if v != "planned"} == case.get("statuses", {})
    assert [str(each.name) for each in plan.active if each.pinned] == case.get("fixed", [])
    dropped = [
        {
            "session": str(each.name),
            "at": f"{each.start:%Y-%m-%dT%H:%M}",
            "status": each.status.value,
        }
        for each in plan.dropped
    ]
    assert dropped == case.get("dropped", [])
    moved = [
        {
            "session": str(each.name),
            "from": f"{each.moved_from:%Y-%m-%dT%H:%M}",
            "to": f"{each.start:%Y-%m-%dT%H:%M}",
        }
        for each in plan.active
        if each.moved_from is not None
    ]
    assert moved == case.get("moved", [])
    if "total" in case:
        there = {session.number for session in plan.sessions}
        gone = [str(n) for n in range(1, plan.total_sessions + 1) if n not in there]
        assert gone == case.get("missing", [])


@pytest.mark.parametrize("name", READABLE)
def test_what_was_assumed_is_said_and_nothing_else(name: str) -> None:
    case = READABLE[name]
    assumed = read_case(case).assumed
    if "warning" in case:
        assert assumed
    elif not case.get("may_warn"):
        assert assumed == ()


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_whole_plan_is_refused(name: str) -> None:
    with pytest.raises(FileProblem) as caught:
        read_case(REFUSED[name])
    assert caught.value.exit_code == REFUSED[name]["exit"]
    assert "\n" not in caught.value.problem


def test_each_assumption_has_a_code_and_a_sentence() -> None:
    found = {
        notice.code: notice_text(notice)
        for case in READABLE.values()
        for notice in read_case(case).assumed
    }
    codes = {"ZONE_ASSUMED", "RECORD_GONE", "MISSING", "DOUBLED", "COPIED", "NO_TIME", "REPEATS"}
    assert codes <= set(found)
    assert all(text and text == text.strip() for text in found.values())


def test_the_planned_moment_is_told_by_the_clinic_s_clocks() -> None:
    moved = read_case(READABLE["edited_moved_in_utc"]).plan.sessions[4]
    assert moved.moved_from is not None
    assert moved.moved_from == datetime.fromisoformat("2027-01-05T10:00+01:00")
