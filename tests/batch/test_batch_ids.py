"""Ids of rows are names of files: safe everywhere, each once, and never twins."""

import unicodedata
from pathlib import Path

import pytest

from mesoplan.batch.rows import name_of
from mesoplan.errors import InvalidInput
from tests.batches import OUT, batch, contents, rejected, row, rows_of, table

HOSTILE = [
    *("../x", "a/b", "/etc/passwd", "..", ".", ".hidden", "a\\b", "C:x", "~", "~x", "x~", "-x"),
    *("CON", "con", "Nul.txt", "LPT1", "com¹", "aux.ics", "x.", "a<b", "a|b", "a?", "a*", 'a"b'),
    *("x\0y", "x\ny", "x\x1b[31m", "x\u202ey", "x\u200by", "x\ud800"),
    *("1.23E+11", "1,23E+11", "1E+11", "x" * 81, "x" * 300, "\U0001f600" * 60),
]
FINE = [
    *("x", "7", "2026-001", "Anna Müller", "O'Neil", "a.b", "a_b", "a;b", "x.ics", "李", "é" * 80),
    *("=x", "@x", "+x", "CONNY", "com10", "E+11", "1E11", "a%20b", "$HOME", "`id`", "ID"),
]


@pytest.mark.parametrize("cell", HOSTILE, ids=ascii)
def test_what_is_no_name_everywhere_is_no_id(cell: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        name_of(cell)
    assert (refusal.value.problem + refusal.value.remedy).isprintable()


def test_ids_that_are_hostile_as_names_are_refused_by_row_and_reach_no_disk(tmp_path: Path) -> None:
    # Some of them no table can hold.
    cells = [cell for cell in HOSTILE if "\0" not in cell and cell.isascii()]
    outcome = batch(tmp_path, table(row("first"), *map(row, cells), row(""), row("last")))
    assert (outcome.exit_code, outcome.error) == (1, "")
    assert {code for _, code in rejected(tmp_path)} == {"ID"}
    assert len(rejected(tmp_path)) == len(cells) + 1
    made = {"first.ics", "last.ics", "rejected.csv", "schedule.csv"}
    assert {each.name for each in (tmp_path / OUT).iterdir()} == made
    assert {each.name for each in tmp_path.iterdir()} == {OUT, "rows.csv"}


def test_ids_of_all_other_kinds_are_the_names_of_their_files(tmp_path: Path) -> None:
    batch(tmp_path, table(*map(row, FINE)))
    assert rejected(tmp_path) == []
    assert {f"{cell}.ics" for cell in FINE} == {*contents(tmp_path / OUT)} - {"schedule.csv"}
    assert [name_of(cell) for cell in FINE] == FINE


def test_forms_of_unicode_are_one_id(tmp_path: Path) -> None:
    composed = unicodedata.normalize("NFC", "Zoé")
    batch(tmp_path, table(row(unicodedata.normalize("NFD", composed))))
    assert f"{composed}.ics" in contents(tmp_path / OUT)
    assert batch(tmp_path, table(row(composed))).text.startswith("1 row: 0 new, 1 unchanged")


@pytest.mark.parametrize("twin", ["Ana", "ANA", "ana ", "ａｎａ"])
def test_the_second_of_two_rows_with_one_id_is_refused(tmp_path: Path, twin: str) -> None:
    outcome = batch(tmp_path, table(row("ana"), row("bob"), row(twin), row("eve")))
    assert outcome.exit_code == 1
    assert rejected(tmp_path) == [("4", "ID")]
    (reason,) = (each["reason"] for each in rows_of(tmp_path / OUT / "rejected.csv"))
    assert "line 2" in reason
    assert {*contents(tmp_path / OUT)} > {"ana.ics", "bob.ics", "eve.ics"}


def test_a_row_that_is_refused_leaves_its_id_to_no_other(tmp_path: Path) -> None:
    batch(tmp_path, table(row("ana", "x"), row("ana")))
    assert rejected(tmp_path) == [("2", "UNKNOWN_NAME"), ("3", "ID")]


def test_a_row_whose_plan_is_there_in_other_letters_is_refused(tmp_path: Path) -> None:
    batch(tmp_path, table(row("Ana")))
    before = contents(tmp_path / OUT)["Ana.ics"]
    outcome = batch(tmp_path, table(row("ana"), row("bob")), "--prune")
    assert rejected(tmp_path) == [("2", "ID")]
    files = contents(tmp_path / OUT)
    assert "ana.ics" not in files
    # Its row is the plan's own, most likely: nothing of it is cancelled.
    assert files["Ana.ics"] == before
    assert "not cancelled" in outcome.text


SAVED_AS_NUMBERS = [("0042", "42"), ("0042", "42.0"), ("42", "0042"), ("007a", "7a")]


@pytest.mark.parametrize(("was", "saved"), SAVED_AS_NUMBERS)
def test_an_id_that_a_spreadsheet_saved_as_a_number_cancels_no_plan(
    tmp_path: Path, was: str, saved: str
) -> None:
    batch(tmp_path, table(row(was), row("bob")))
    before = contents(tmp_path / OUT)[f"{was}.ics"]
    for further in ((), ("--book", OUT)):
        batch(tmp_path, table(row(saved), row("bob")), "--prune", *further)
        assert rejected(tmp_path) == [("2", "ID")]
        files = contents(tmp_path / OUT)
        assert files[f"{was}.ics"] == before
        assert f"{saved}.ics" not in files


@pytest.mark.parametrize(("first", "second"), SAVED_AS_NUMBERS)
def test_two_ids_that_one_spreadsheet_would_save_alike_are_one(
    tmp_path: Path, first: str, second: str
) -> None:
    batch(tmp_path, table(row(first), row(second), row("0"), row("a0042"), row("0042b")))
    assert rejected(tmp_path) == [("3", "ID")]
    (reason,) = (each["reason"] for each in rows_of(tmp_path / OUT / "rejected.csv"))
    assert "line 2" in reason
