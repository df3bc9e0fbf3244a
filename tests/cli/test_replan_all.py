"""`replan --all` and `undo --all`: each plan written whole, all others untouched, nothing twice."""

import csv
import io
import json
import re
import shutil
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan.errors import FileProblem
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.changes import recorded_of_all
from mesoplan.model.request import CalendarOptions
from tests.command_line import Outcome, mesoplan
from tests.plan_books import STAMP
from tests.planning.test_whole_clinic import full_week

FILES = Path(__file__).parent.parent / "runs" / "ill"
ILL = "replan --all --away-practitioner roux 2026-11-24..2026-11-27"
MOVED = {"martin.ics", "blanc.ics", "durand.ics", "secret.ics", "lee.ics"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(FILES, folder, dirs_exist_ok=True)
    arguments = ("batch", "rows.csv", "-o", "plans", "--clinic", "clinic.toml")
    assert mesoplan(folder, *arguments).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def made_again(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("again") / "clinic"))
    assert run(folder, ILL).exit_code == 1
    return folder


@pytest.fixture
def replanned(made_again: Path, tmp_path: Path) -> Path:
    """The folder after Dr Roux is ill."""
    return Path(shutil.copytree(made_again, tmp_path / "clinic"))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A folder with a clinic and its book."""
    return Path(shutil.copytree(made, tmp_path / "clinic"))


def run(folder: Path, line: str, **more: Any) -> Outcome:
    return mesoplan(folder, *line.split(), also={"MESOPLAN_CLINIC": "clinic.toml"}, **more)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "plans").glob("*.ics")}


def dates(folder: Path, name: str) -> list[str]:
    plan = read_plan([folder / "plans" / name], lambda: "UTC").plan
    return [each.start.isoformat() for each in plan.active]


def changed(before: dict[str, bytes], folder: Path) -> set[str]:
    after = contents(folder)
    return {name for name in after if after[name] != before[name]}


def fails(name: str, error: BaseException) -> Any:
    """Writing fails at the file of that name."""
    from mesoplan.storage.revisions import replace_all

    def replacing(contents: Any, *more: Any) -> None:
        if any(path.name == name for path in contents):
            raise error
        replace_all(contents, *more)

    return patch("mesoplan.cli.open_plan.replace_all", replacing)


FULL = FileProblem(None, "no space is left", "free some space")


def test_no_plan_that_is_not_affected_changes_a_byte_and_a_second_run_changes_none(
    folder: Path,
) -> None:
    before = contents(folder)
    assert run(folder, f"{ILL} --dry-run").exit_code == 1
    assert contents(folder) == before
    assert run(folder, ILL).exit_code == 1
    assert changed(before, folder) == MOVED
    after = contents(folder)
    outcome = run(folder, ILL)
    assert outcome.exit_code == 1
    assert "\nPlanned again: 0 of 1 affected plan.\n" in outcome.text
    assert contents(folder) == after


def test_undo_all_puts_all_of_them_back_and_undo_one(made: Path, replanned: Path) -> None:
    folder = replanned
    before = {name: dates(made, name) for name in contents(made)}
    assert run(folder, "undo martin").exit_code == 0
    assert run(folder, "extend blanc +1").exit_code == 0
    outcome = run(folder, "undo --all")
    assert outcome.exit_code == 0
    assert "Taken back: 3 plans." in outcome.text
    assert "Changed since, and left as it is: Zoé Blanc\n" in outcome.text
    del before["blanc.ics"]
    assert {name: dates(folder, name) for name in before} == before
    assert run(folder, "undo --all").exit_code == 2


def test_undo_all_says_where_others_come_by_now(replanned: Path) -> None:
    folder = replanned
    new = "plan hair 2026-11-26 10:00 --with roux --patient Eve -o plans/eve.ics"
    assert run(folder, new).exit_code == 0
    outcome = run(folder, "undo --all")
    assert "Note: session 2, on Thu 26 Nov 2026 10:00, is put back where" in outcome.text


def test_who_interrupts_sees_whom_to_call_and_the_same_command_does_the_rest(folder: Path) -> None:
    before = contents(folder)
    with fails("durand.ics", KeyboardInterrupt()):
        outcome = run(folder, ILL)
    assert outcome.exit_code == 130
    assert "Interrupted: 2 of 5 plans are changed. The same command does" in outcome.text
    assert "To undo: mesoplan undo --all" in outcome.text
    assert changed(before, folder) == {"martin.ics", "blanc.ics"}
    assert "Anne Martin" in outcome.text
    assert "Claire" not in outcome.text
    run(folder, ILL)
    assert changed(before, folder) == MOVED


def test_what_the_same_command_changed_in_two_goes_is_taken_back_at_once(folder: Path) -> None:
    before = {name: dates(folder, name) for name in contents(folder)}
    with fails("durand.ics", KeyboardInterrupt()):
        run(folder, ILL)
    halfway = {name: dates(folder, name) for name in before}
    run(folder, ILL, now="2026-11-23T12:30:00Z")
    assert run(folder, "undo --all").exit_code == 0
    assert {name: dates(folder, name) for name in before} == before
    # What it changed hours later is another run.
    with fails("durand.ics", KeyboardInterrupt()):
        run(folder, ILL)
    evening = "2026-11-23T17:00:00Z"
    run(folder, ILL, now=evening)
    assert run(folder, "undo --all", now=evening).exit_code == 0
    assert {name: dates(folder, name) for name in before} == halfway


def test_undo_all_takes_back_one_command_and_none_before_it(folder: Path) -> None:
    assert run(folder, "replan --all --closure 2026-12-16").exit_code == 0
    before = {name: dates(folder, name) for name in contents(folder)}
    evening = "2026-11-23T17:00:00Z"
    assert run(folder, "replan --all --closure 2026-12-01", now=evening).exit_code == 0
    assert {name: dates(folder, name) for name in before} != before
    for code in (0, 2):
        outcome = run(folder, "undo --all", now=evening)
        assert outcome.exit_code == code
        assert {name: dates(folder, name) for name in before} == before
    assert "the one before it changed: Claire Durand\n" in outcome.error


def test_who_interrupts_the_planning_hears_that_nothing_changed(folder: Path) -> None:
    before = contents(folder)
    with patch("mesoplan.wording.plans.replan_all", side_effect=KeyboardInterrupt):
        outcome = run(folder, ILL)
    assert (outcome.exit_code, outcome.error) == (130, "Interrupted: nothing was changed.\n")
    assert contents(folder) == before


def test_undo_all_leaves_a_plan_whose_old_date_has_passed(replanned: Path) -> None:
    folder = replanned
    before = contents(folder)
    outcome = run(folder, "undo --all", now="2026-11-25T07:00:00Z")
    assert outcome.exit_code == 1
    assert "Not taken back: 2\n" in outcome.error
    assert "  Anne Martin: a date has passed since" in outcome.error
    assert changed(before, folder) == MOVED - {"martin.ics", "blanc.ics"}
    # Nor does it drop one that has taken place by now.
    run(folder, "undo durand")
    assert run(folder, "undo --all", now="2026-12-24T07:00:00Z").exit_code == 1


@pytest.mark.parametrize("options", ["", "--format csv", "--json"])
def test_what_changed_is_said_where_the_list_can_not_be_printed(folder: Path, options: str) -> None:
    def full(*_: object) -> None:
        raise FileProblem(None, "standard output can't be written", "free some space")

    with (
        patch("mesoplan.cli.console.Screen.show", full),
        patch("mesoplan.cli.console.Screen.write_bytes", full),
        patch("mesoplan.formats.json.dumps", full),
    ):
        outcome = run(folder, f"{ILL} {options}")
    assert outcome.exit_code == 4
    assert "Planned again: 5 of 6 affected plans." in outcome.error
    assert outcome.error.count("To undo: mesoplan undo --all") == 1


def test_one_that_can_not_be_written_keeps_no_other_back_and_is_done_next_time(
    folder: Path,
) -> None:
    before = contents(folder)
    with fails("blanc.ics", FULL):
        outcome = run(folder, ILL)
    assert outcome.exit_code == 1
    assert "Not changed: 1\n  Zoé Blanc: no space is left. Free some space\n" in outcome.error
    assert changed(before, folder) == MOVED - {"blanc.ics"}
    run(folder, ILL)
    assert changed(before, folder) == MOVED


def test_who_needs_a_time_of_a_plan_that_could_not_be_written_stays_too(tmp_path: Path) -> None:
    # Of these, the second gives up a time that the third then takes.
    (tmp_path / "plans").mkdir()
    for number, plan in enumerate(full_week(Random(164))):
        data = calendar_file(plan, CalendarOptions(), STAMP)
        (tmp_path / "plans" / f"{number}.ics").write_bytes(data)
    before, now = contents(tmp_path), "2026-12-01T07:00:00Z"
    line = [
        "replan",
        "--all",
        "--book",
        "plans",
        "--clinic",
        "none",
        "--closure",
        "2026-12-03..2026-12-08",
    ]
    with fails("1.ics", FULL):
        outcome = mesoplan(tmp_path, *line, now=now)
    assert outcome.exit_code == 1
    assert "  2.ics: it needs a time of a plan that could not be changed" in outcome.error
    assert contents(tmp_path) == before
    assert mesoplan(tmp_path, *line, now=now).exit_code == 0
    assert changed(before, tmp_path) == {"1.ics", "2.ics"}
    assert mesoplan(tmp_path, *line, now=now).text.count("No plan is affected") == 1


def test_a_plan_that_another_command_changes_meanwhile_is_left_to_it(folder: Path) -> None:
    from mesoplan.wording.plans import replan_all

    def slow(*arguments: Any, **more: Any) -> Any:
        found = replan_all(*arguments, **more)
        assert run(folder, "done plans/martin.ics 3 --book none").exit_code == 0
        return found

    before = contents(folder)
    with patch("mesoplan.wording.plans.replan_all", slow):
        outcome = run(folder, ILL)
    assert outcome.exit_code == 1
    assert "  Anne Martin: the plan was changed by another command" in outcome.error
    assert changed(before, folder) == MOVED
    assert read_plan([folder / "plans" / "martin.ics"], lambda: "UTC").plan.did == "done 3"


def test_phones_come_from_the_table_of_names_by_plan_or_by_label(folder: Path) -> None:
    path = folder / "plans" / "names.csv"
    header, row = path.read_text("utf-8-sig").splitlines()
    lines = [f"{header},phone", f"{row},'+33 6 1", ",Anne Martin,06 12 34 56 78", ",Nobody,1"]
    lines += [f",Zoé Blanc,{'1' * 5000}", ",Ben Lee,\x1b[31m1", ",Claire Durand,+1+cmd"]
    path.write_text("\n".join(lines), "utf-8")
    outcome = run(folder, f"{ILL} --format csv --dry-run")
    rows = list(csv.DictReader(io.StringIO(outcome.text.removeprefix("\ufeff"))))
    assert {each["patient"]: each["phone"] for each in rows} == {
        "Anne Martin": "06 12 34 56 78",
        "Mia Secret": "+33 6 1",
        "Claire Durand": "'+1+cmd",
        **dict.fromkeys(("Zoé Blanc", "Hugo Petit", "Ben Lee"), ""),
    }
    assert [each["was"] for each in rows] == sorted(each["was"] for each in rows)
    assert "06 12 34 56 78  Anne Martin\n" in run(folder, f"{ILL} --dry-run").text


def test_whose_own_calendar_is_not_known_is_to_be_asked(folder: Path) -> None:
    (folder / "own.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
    new = "plan hair 2026-12-14 -n 3 -m 0 --patient Eve --patient-busy own.ics -o plans/eve.ics"
    assert run(folder, new).exit_code == 0
    text = run(folder, "replan --all --closure 2026-12-14").text
    assert text.count("own calendar is not known here") == 1


def test_who_sees_somebody_else_on_the_same_day_is_in_the_table_with_a_note(folder: Path) -> None:
    days = "--away-practitioner roux 2026-11-26..2026-11-26"
    text = run(folder, f"replan --all {days} --with petit --format csv").text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    (garnier,) = [each for each in rows if each["patient"] == "Hugo Petit"]
    assert garnier["was"] == garnier["is"] == "2026-11-26 11:00"
    assert "From now on with Dr Petit." in garnier["note"]
    (secret,) = [each for each in rows if each["patient"] == "Mia Secret"]
    assert "check that Dr Petit treats it" in secret["note"]


def test_json_has_each_plan_and_each_refusal_with_its_commands(folder: Path) -> None:
    document = json.loads(run(folder, f"{ILL} --json").text)
    assert (document["schema"], document["dry_run"]) == ("mesoplan-calls/1", False)
    assert "Mia Secret" in {each["patient"] for each in document["plans"]}
    assert {each["file"] for each in document["plans"]} == MOVED
    assert all(each["going"] and each["coming"] for each in document["plans"])
    (refused,) = document["refused"]
    assert refused["file"] == "petit.ics"
    commands = [each.split() for each in refused["details"] if each.startswith("  mesoplan")]
    assert ["mesoplan", "extend", "'hugo", "petit'", "-1"] in commands


def test_a_command_that_is_offered_helps(replanned: Path) -> None:
    folder = replanned
    command = ("replan", "hugo petit", "--with", "petit", "--away-practitioner", "roux")
    days = ("2026-11-24..2026-11-27",)
    also = {"MESOPLAN_CLINIC": "clinic.toml"}
    assert mesoplan(folder, *command, *days, also=also).exit_code == 0
    assert run(folder, ILL).exit_code == 0


def test_an_absence_in_the_profile_counts_for_every_plan(folder: Path) -> None:
    path = folder / "clinic.toml"
    text = path.read_text("utf-8").replace(
        'id = "roux"', 'id = "roux"\naway = ["2026-11-24..2026-11-26", 2026-11-27]'
    )
    path.write_text(text, "utf-8")
    assert "24 – 26 Nov 2026" in run(folder, "clinic show").text
    before = contents(folder)
    assert run(folder, "replan --all").exit_code == 1
    assert changed(before, folder) == MOVED
    new = json.loads(run(folder, "plan hair 2026-11-24 --with roux --json --dry-run").text)
    assert new["sessions"][0]["start"] > "2026-11-28"
    path.write_text(text.replace("2026-11-27]", "27]"), "utf-8")
    assert run(folder, "clinic check").exit_code == 2


def test_what_to_write_into_the_profile_is_one_line_with_what_is_there_or_none(
    folder: Path,
) -> None:
    path = folder / "clinic.toml"
    text = path.read_text("utf-8")
    line = f"{ILL} --away-practitioner roux 2026-12-01 --closure none --dry-run"
    for known in ("", "2026-11-30", '"2026-11-24..2026-11-27", 2026-12-01'):
        path.write_text(text.replace('id = "roux"', f'id = "roux"\naway = [{known}]'), "utf-8")
        shown = run(folder, line).text.partition("For new plans, ")[2]
        days = '"2026-11-24..2026-11-27", "2026-12-01..2026-12-01"'
        days = f'"2026-11-30..2026-11-30", {days}' if known == "2026-11-30" else days
        wanted = f"write for roux in the clinic's profile: away = [{days}]\n"
        assert shown == ("" if '"' in known else wanted)


def test_closed_days_count_too_and_are_kept_in_the_plans_that_change(folder: Path) -> None:
    before = contents(folder)
    assert run(folder, "replan --all --closure 2026-11-25..2026-11-25").exit_code == 0
    assert changed(before, folder) == {"durand.ics"}
    assert b"2026-11-25..2026-11-25" in contents(folder)["durand.ics"].replace(b"\r\n ", b"")


def test_the_moment_of_a_run_is_kept_with_what_was_typed(replanned: Path) -> None:
    did = read_plan([replanned / "plans" / "blanc.ics"], lambda: "UTC").plan.did
    typed = "--away-practitioner roux 2026-11-24..2026-11-27"
    assert did == f"replan --all 2026-11-23T12:00:00Z {typed}"
    assert recorded_of_all(did) is not None
    assert recorded_of_all("replan --all tomorrow") is None


@pytest.mark.parametrize("columns", [60, 80])
def test_the_list_fits_a_narrow_terminal(columns: int, folder: Path) -> None:
    text = re.sub("\x1b[^m]*m", "", run(folder, f"{ILL} --dry-run", columns=columns).text)
    lines = [each for each in text.splitlines() if "mesoplan " not in each]
    assert max(map(len, lines)) <= columns
    # Commands stay whole.
    plain = run(folder, f"{ILL} --dry-run").text.splitlines()
    commands = [each for each in plain if each.lstrip().startswith("mesoplan ")]
    assert len(commands) > 3
    assert set(commands) <= set(text.splitlines())
