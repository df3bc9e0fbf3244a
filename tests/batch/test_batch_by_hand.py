"""What was done to plans by hand between two batches, and what a batch must not make of it."""

import shutil
from pathlib import Path
from unittest.mock import patch

from tests.batches import OUT, batch, contents, rejected, row, table
from tests.command_line import mesoplan
from tests.plan_texts import events

PROFILE = 'timezone = "Europe/Paris"\nrooms = {rooms}\n{closure}'
CLOSURE = "[[closures]]\nfrom = 2027-01-04\nto = 2027-01-08\n"
CLINIC = ("--clinic", "clinic.toml")


def clinic(folder: Path, rooms: int = 1, closure: str = "") -> None:
    (folder / "clinic.toml").write_text(PROFILE.format(rooms=rooms, closure=closure))


def changed(folder: Path, command: str, *arguments: str) -> None:
    outcome = mesoplan(folder, command, *arguments)
    assert outcome.exit_code == 0, outcome.error


def test_an_id_that_was_refused_and_is_fed_back_as_it_was_changes_nobody_else_s_plan(
    tmp_path: Path,
) -> None:
    batch(tmp_path, table(row("1041"), row("1041", "cellulite"), row("1042", start="01/12/2026")))
    theirs = (tmp_path / OUT / "1041.ics").read_bytes()
    fed = (tmp_path / OUT / "rejected.csv").read_bytes().replace(b"01/12/2026", b"2026-12-01")
    outcome = batch(tmp_path, fed)
    assert "2 rows: 1 new, 1 rejected" in outcome.text
    assert rejected(tmp_path) == [("2", "ID")]
    assert (tmp_path / OUT / "1041.ics").read_bytes() == theirs
    mended = (tmp_path / OUT / "rejected.csv").read_bytes().replace(b"1041,", b"1043,", 1)
    assert "1 row: 1 new" in batch(tmp_path, mended).text


def test_another_profile_brings_no_cancelled_plan_back(tmp_path: Path) -> None:
    clinic(tmp_path)
    data = table(row("a"), row("b"))
    batch(tmp_path, data, *CLINIC)
    changed(tmp_path, "cancel", f"{OUT}/b.ics")
    before = (tmp_path / OUT / "b.ics").read_bytes()
    clinic(tmp_path, rooms=2, closure=CLOSURE)
    outcome = batch(tmp_path, data, *CLINIC)
    assert "2 rows: 0 new, 1 changed, 1 unchanged" in outcome.text
    assert (tmp_path / OUT / "b.ics").read_bytes() == before


def test_another_profile_leaves_the_number_of_sessions_that_was_said_by_hand(
    tmp_path: Path,
) -> None:
    clinic(tmp_path)
    data = table(row("a"), row("b"))
    batch(tmp_path, data, *CLINIC)
    changed(tmp_path, "extend", f"{OUT}/a.ics", "+2")
    changed(tmp_path, "cancel", f"{OUT}/b.ics", "8")
    clinic(tmp_path, closure=CLOSURE)
    batch(tmp_path, data, *CLINIC)
    assert "0 of 10 done" in mesoplan(tmp_path, "show", f"{OUT}/a.ics").text
    assert "0 of 7 done" in mesoplan(tmp_path, "show", f"{OUT}/b.ics").text
    # What the row says of it goes before.
    batch(tmp_path, table(row("a", sessions="9"), row("b", sessions="9")), *CLINIC)
    assert "0 of 9 done" in mesoplan(tmp_path, "show", f"{OUT}/b.ics").text


def test_a_machine_in_another_zone_leaves_the_plans_in_theirs(tmp_path: Path) -> None:
    data = table(row("a"))
    batch(tmp_path, data)
    before = contents(tmp_path / OUT)
    with patch("mesoplan.cli.clock.system_zone_name", return_value="Asia/Bangkok"):
        outcome = batch(tmp_path, data)
    assert "1 row: 0 new, 1 unchanged" in outcome.text
    assert contents(tmp_path / OUT) == before


def test_another_start_waits_until_somebody_says_what_became_of_what_is_past(
    tmp_path: Path,
) -> None:
    now = "2026-12-10T12:00:00Z"
    batch(tmp_path, table(row("a")))
    postponed = table(row("a", start="2027-01-12"))
    before = (tmp_path / OUT / "a.ics").read_bytes()
    batch(tmp_path, postponed, now=now)
    assert rejected(tmp_path) == [("2", "VALUE")]
    assert (tmp_path / OUT / "a.ics").read_bytes() == before
    for _ in range(2):
        outcome = mesoplan(tmp_path, "miss", f"{OUT}/a.ics", "1", now=now)
        assert outcome.exit_code == 0, outcome.error
    assert "1 row: 0 new, 1 changed" in batch(tmp_path, postponed, now=now).text
    shown = mesoplan(tmp_path, "show", f"{OUT}/a.ics", now=now).text
    assert "1/8  Tue 12 Jan 2027" in shown


def test_a_copy_of_a_plan_is_neither_told_twice_nor_cancelled(tmp_path: Path) -> None:
    data = table(row("1041"))
    batch(tmp_path, data, "--book", OUT)
    shutil.copy(tmp_path / OUT / "1041.ics", tmp_path / OUT / "1041 - Copy.ics")
    changed(tmp_path, "move", f"{OUT}/1041.ics", "2", "2026-12-09", "12:00", "--book", OUT)
    agenda = mesoplan(tmp_path, "agenda", OUT, "--from", "2026-12-09").text
    assert "12:00–12:30" in agenda
    copy = (tmp_path / OUT / "1041 - Copy.ics").read_bytes()
    outcome = batch(tmp_path, data, "--book", OUT, "--prune")
    assert "cancelled" not in outcome.text
    assert "1041 - Copy.ics" in outcome.text
    assert (tmp_path / OUT / "1041 - Copy.ics").read_bytes() == copy
    assert (tmp_path / OUT / "schedule.csv").read_text("utf-8").count("\n") == 11


def test_undo_says_where_others_have_the_room_by_now(tmp_path: Path) -> None:
    (tmp_path / OUT).mkdir()
    book = ("--book", OUT)
    changed(tmp_path, "plan", "hair", "2026-12-01", "-o", f"{OUT}/a.ics", "-m", "0", *book)
    changed(tmp_path, "cancel", f"{OUT}/a.ics")
    changed(tmp_path, "plan", "hair", "2026-12-01", "-o", f"{OUT}/b.ics", "-m", "0", *book)
    outcome = mesoplan(tmp_path, "undo", f"{OUT}/a.ics", *book)
    assert outcome.exit_code == 0
    told = "is put back where other patients come 10:00–10:30: move it"
    assert told in outcome.text
    again = mesoplan(tmp_path, "undo", f"{OUT}/a.ics", *book)
    assert "is put back" not in again.text


def test_what_was_deleted_in_a_calendar_comes_back_with_a_word_where_its_row_changes(
    tmp_path: Path,
) -> None:
    batch(tmp_path, table(row("a")))
    path = tmp_path / OUT / "a.ics"
    event = events(path.read_bytes())[-1]
    path.write_bytes(path.read_bytes().replace(event, b""))
    outcome = batch(tmp_path, table(row("a", sessions="7")))
    assert "  a.ics: Maintenance 2 of 2 was not in the file, and has a day again" in outcome.text


def test_what_took_place_and_what_was_chosen_by_hand_stays_where_its_row_changes(
    tmp_path: Path,
) -> None:
    def asked(**fields: str) -> bytes:
        return table(row("a", **{"sessions": "3", "maintenance": "2", **fields}))

    def shown() -> str:
        return mesoplan(tmp_path, "show", f"{OUT}/a.ics", now=later).text

    later = "2028-01-10T12:00:00Z"
    batch(tmp_path, asked())
    changed(tmp_path, "move", f"{OUT}/a.ics", "m1", "2027-06-20")
    batch(tmp_path, asked(start="2026-12-02"))
    assert "Sun 20 Jun 2027" in shown()
    # Nobody sees a patient over midnight, and the plan stays as it was.
    assert "past midnight" in batch(tmp_path, asked(time="23:50"), "--dry-run").text
    outcome = mesoplan(tmp_path, "attend", f"{OUT}/a.ics", *["1", "2", "3", "m1", "m2"], now=later)
    assert outcome.exit_code == 0, outcome.error
    before = shown()
    for fewer in ("1", "0"):
        batch(tmp_path, asked(start="2026-12-02", maintenance=fewer), now=later)
        assert shown().count("attended") == 5
        assert "cancelled" not in shown()
    assert before.count("attended") == 5
