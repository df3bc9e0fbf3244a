"""Plan files of earlier versions, whose records have sentences, read back as they did."""

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mesoplan.formats.json import plan_document
from mesoplan.formats.plan_file.reading import ReadPlan, read_plan
from mesoplan.model.plan import ReasonCode
from mesoplan.wording.notices import notice_text
from mesoplan.wording.reasons import reason_text
from tests.command_line import mesoplan

FOLDER = Path(__file__).parents[1] / "earlier"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
UNTOLD = {ReasonCode.BUSY, ReasonCode.CAPACITY}


def read(path: Path) -> ReadPlan:
    def no_zone() -> str:
        raise AssertionError("the file says its zone")

    return read_plan([path], no_zone)


def sessions(found: ReadPlan) -> list[str]:
    plan = found.plan
    return [
        " ".join(
            [
                f"{each.name} {each.start:%Y-%m-%d %H:%M} {each.status}",
                *["fixed"] * each.pinned,
                *(f"{why.code}:{','.join(map(str, why.days))}" for why in each.reasons),
            ]
        )
        for each in (*plan.sessions, *plan.maintenance, *plan.dropped)
    ]


def said(found: ReadPlan) -> list[str]:
    plan = found.plan
    reasons = (why for each in (*plan.active, *plan.dropped) for why in each.reasons)
    told = [] if found.options.private else [each for each in reasons if each.code not in UNTOLD]
    return [*dict.fromkeys([*map(notice_text, plan.notices), *map(reason_text, told)])]


def test_every_earlier_file_has_an_expectation_and_every_code_a_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.ics")} == set(EXPECTED)
    files = [read(path) for path in FOLDER.glob("*.ics")]
    reasons = {why.code for found in files for each in found.plan.active for why in each.reasons}
    later = {ReasonCode.PRACTITIONER, ReasonCode.DAY_FULL, ReasonCode.WEEKDAY}
    assert reasons == set(ReasonCode) - later
    assert {each.code for found in files for each in found.plan.notices} == {
        *("START_SLIPPED", "ENDS_EARLY", "FEWER_SESSIONS", "MAINTENANCE_LEFT_OUT", "LATE"),
        *("REST_NOT_LEGAL", "HOURS_ASSUMED", "HOLIDAYS_UNKNOWN", "CLOCK_CHANGE"),
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_an_earlier_file_reads_back_as_it_did(name: str) -> None:
    found, expected = read(FOLDER / f"{name}.ics"), EXPECTED[name]
    assert found.assumed == ()
    assert found.options.private == expected["private"]
    assert sessions(found) == expected["sessions"]
    assert [notice.code for notice in found.plan.notices] == expected["notices"]
    assert said(found) == expected["said"]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_changed_earlier_file_is_right_and_says_no_more_sentences_than_before(
    name: str, tmp_path: Path
) -> None:
    shutil.copy(FOLDER / f"{name}.ics", tmp_path / "plan.ics")
    before = read(tmp_path / "plan.ics")
    last = before.plan.maintenance[-1]
    done = mesoplan(tmp_path, "cancel", "plan.ics", str(last.name), "--json")
    assert done.exit_code == 0, done.error
    after = read(tmp_path / "plan.ics")
    assert after.assumed == ()
    document = json.loads(done.text)
    assert document["revision"] == before.plan.revision + 1
    kept = [line for line in sessions(before) if not line.startswith(f"{last.name} ")]
    now = [line for line in sessions(after) if not line.startswith(f"{last.name} ")]
    assert now == kept
    # No sentence is new, and those that stay are as they were.
    assert {text for text in said(after) if text not in EXPECTED[name]["said"]} == {
        notice_text(each) for each in after.plan.notices if not isinstance(each.about, str)
    } - set(EXPECTED[name]["said"])
    shown = plan_document(after.plan, after.plan.sessions[0].start)
    assert [each["code"] for each in shown["warnings"]] == [n.code for n in after.plan.notices]
