"""Rows of a batch in a clinic that names who treats."""

import shutil
from pathlib import Path

import pytest

from mesoplan.batch.rows import digest_of
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.model.request import CalendarOptions, Request
from tests.batches import OUT, batch, contents, days, rejected, row, rows_of, table
from tests.command_line import mesoplan

CLINIC = Path(__file__).parent.parent / "runs" / "practitioners"
ROWS = [row("a", "wrinkles", sessions="3"), row("b", "skin", "2026-12-08", sessions="3")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The clinic, whose profile names nobody yet: `hire` does."""
    shutil.copytree(CLINIC, tmp_path, dirs_exist_ok=True)
    (tmp_path / "clinic.toml").write_text((tmp_path / "alone.toml").read_text())
    return tmp_path


def hire(folder: Path, profile: str = "clinic.toml") -> None:
    (folder / "clinic.toml").write_text((CLINIC / profile).read_text())


def again(folder: Path, *rows: dict[str, str]) -> str:
    """What a batch of these rows says of them in its first line."""
    outcome = batch(folder, table(*rows), "--clinic", "clinic.toml", "--book", "none")
    return outcome.text.splitlines()[0].partition(": ")[2]


def treats(folder: Path, name: str) -> str | None:
    return read_plan([folder / OUT / f"{name}.ics"], lambda: "UTC").plan.request.practitioner


def test_naming_who_treats_changes_no_byte(folder: Path) -> None:
    again(folder, *ROWS)
    before = contents(folder / OUT)
    hire(folder)
    with (folder / "clinic.toml").open("a") as profile:
        profile.write("\n[patient_text]\nafter = 'Take care.'\n")
    text = (folder / "clinic.toml").read_text()
    (folder / "clinic.toml").write_text(f"most_sessions_a_day = 9\n{text}")
    assert again(folder, *ROWS) == "0 new, 2 unchanged"
    assert contents(folder / OUT) == before


def test_a_changed_row_gets_somebody_who_treats(folder: Path) -> None:
    again(folder, *ROWS)
    hire(folder)
    assert again(folder, {**ROWS[0], "away": "2027-03-01"}, ROWS[1]) == (
        "0 new, 1 changed, 1 unchanged"
    )
    assert (treats(folder, "a"), treats(folder, "b")) == ("lind", None)


def test_a_row_whose_plan_went_to_somebody_else_by_hand_stays(folder: Path) -> None:
    hire(folder)
    again(folder, *ROWS)
    assert treats(folder, "a") == "roux"
    path = f"{OUT}/a.ics"
    line = ("replan", path, "--with", "lind", "--clinic", "clinic.toml", "--book", "none")
    assert mesoplan(folder, *line).exit_code == 0
    before = contents(folder / OUT)
    assert again(folder, *ROWS) == "0 new, 2 unchanged"
    assert {**contents(folder / OUT), "schedule.csv": b""} == {**before, "schedule.csv": b""}
    again(folder, {**ROWS[0], "away": "2027-03-01"}, ROWS[1])
    assert treats(folder, "a") == "lind"


def test_who_is_typed_in_a_row_treats(folder: Path) -> None:
    hire(folder)
    again(folder, *ROWS)
    first = days(folder, "a")
    assert again(folder, {**ROWS[0], "with": "LIND"}, ROWS[1]) == "0 new, 1 changed, 1 unchanged"
    assert treats(folder, "a") == "lind"
    assert days(folder, "a") != first
    # Without the cell the plan stays with whom it is.
    again(folder, *ROWS)
    assert treats(folder, "a") == "lind"


def test_a_row_of_somebody_who_is_gone_is_refused_once_it_changes(folder: Path) -> None:
    hire(folder)
    again(folder, *ROWS)
    hire(folder, "left.toml")
    assert again(folder, *ROWS) == "0 new, 2 unchanged"
    changed = {**ROWS[0], "away": "2027-03-01"}
    again(folder, changed, ROWS[1])
    assert rejected(folder) == [("2", "VALUE")]
    (refused,) = rows_of(folder / OUT / "rejected.csv")
    assert "no longer" in refused["reason"]
    assert "lind (Dr Lind)" in refused["reason"]
    again(folder, {**changed, "with": "lind"}, ROWS[1])
    assert treats(folder, "a") == "lind"


def test_a_row_names_somebody_whom_the_profile_does_not(folder: Path) -> None:
    again(folder, {**ROWS[0], "with": "roux"})
    assert rejected(folder) == [("2", "VALUE")]
    hire(folder)
    again(folder, {**ROWS[0], "with": "nobody"})
    assert rejected(folder) == [("2", "UNKNOWN_NAME")]


def test_a_plan_that_was_made_by_hand_is_the_row_s_who_says_the_same(folder: Path) -> None:
    hire(folder)
    (folder / OUT).mkdir()
    line = f"plan wrinkles 2026-12-01 -n 3 --clinic clinic.toml --book none -o {OUT}/a.ics"
    assert mesoplan(folder, *line.split()).exit_code == 0
    assert treats(folder, "a") == "roux"
    assert again(folder, ROWS[0]) == "0 new, 1 unchanged"
    assert again(folder, {**ROWS[0], "with": "roux"}) == "0 new, 1 unchanged"


def test_a_changed_row_without_the_patient_s_calendar_is_pointed_out(folder: Path) -> None:
    hire(folder)
    with_calendar = {**ROWS[0], "patient-busy": "anna.ics", "start": "2026-12-22", "time": "9:00"}
    again(folder, with_calendar)
    (name,) = (each for each in contents(folder / OUT) if each.endswith(".ics"))
    assert b"anna" not in (folder / OUT / name).read_bytes()
    worded = {**with_calendar, "patient-busy": "", "location": "2 Park Street"}
    outcome = batch(folder, table(worded), "--clinic", "clinic.toml", "--book", "none")
    assert outcome.text.startswith("1 row: 0 new, 1 changed")
    # Only what is planned again needs it.
    assert "patient-busy" not in outcome.text
    changed = {**worded, "away": "2027-03-01"}
    outcome = batch(folder, table(changed), "--clinic", "clinic.toml", "--book", "none")
    assert "1 plan around times that are not known (add patient-busy):" in outcome.text
    outcome = batch(folder, table(changed), "--clinic", "clinic.toml", "--book", "none")
    assert "patient-busy" not in outcome.text


def test_only_a_typed_practitioner_is_in_a_digest() -> None:
    request = Request("hair", plan_id="12345678")
    digests = [
        digest_of(each, CalendarOptions())
        for each in (request, Request("hair", plan_id="12345678", practitioner="roux"))
    ]
    differ = [a != b for a, b in zip(*digests, strict=True)]
    assert any(differ)
    # What stays is what stays for other days.
    assert not any(differ[:20])
