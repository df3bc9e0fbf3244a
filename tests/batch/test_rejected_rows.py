"""Rejected rows: what somebody corrected there is not lost, and the counts add up."""

import re
from pathlib import Path

import pytest

from tests.batches import OUT, batch, contents, rejected, row, schedule, table
from tests.command_line import mesoplan

REJECTED = f"{OUT}/rejected.csv"
TABLE = table(row("a"), row("c", "haare"))


def correct(folder: Path, before: bytes, after: bytes) -> bytes:
    """What is in the rejected rows once somebody has corrected them."""
    path = folder / REJECTED
    corrected = path.read_bytes().replace(before, after)
    path.write_bytes(corrected)
    return corrected


def kept(folder: Path) -> dict[str, bytes]:
    files = contents(folder / OUT)
    return {name: data for name, data in files.items() if name.startswith("rejected-")}


def counts(text: str) -> tuple[int, int]:
    """The number of rows, and all that is said to have become of them."""
    rows, *others = map(int, re.findall("-?[0-9]+", text.partition("\n")[0]))
    return rows, sum(others)


@pytest.mark.parametrize("book", [(), ("--book", OUT)])
def test_corrected_rows_are_kept_when_the_table_runs_again(
    tmp_path: Path, book: tuple[str, ...]
) -> None:
    (tmp_path / OUT).mkdir()
    batch(tmp_path, TABLE, *book)
    first = correct(tmp_path, b"haare", b"hair")
    outcome = batch(tmp_path, TABLE, *book)
    assert f"Kept: {OUT}/rejected-changed.csv (rejected.csv as you " in outcome.text
    assert rejected(tmp_path) == [("3", "UNKNOWN_NAME")]
    second = correct(tmp_path, b"haare", b"skin")
    # All is right in the table by now, so that no row is rejected any more.
    batch(tmp_path, table(row("a")), *book)
    assert not (tmp_path / REJECTED).exists()
    both = {"rejected-changed.csv": first, "rejected-changed-2.csv": second}
    assert kept(tmp_path) == both
    # They can be planned from there.
    path = f"{OUT}/rejected-changed.csv"
    assert mesoplan(tmp_path, "batch", path, "-o", OUT, *book).exit_code == 0
    assert {each["id"] for each in schedule(tmp_path)} == {"a", "c"}
    assert kept(tmp_path) == both


def test_rejected_rows_that_nobody_changed_are_not_kept(tmp_path: Path) -> None:
    for rows in (TABLE, TABLE, table(row("a"), row("d", "skinn")), table(row("a"))):
        assert "Kept" not in batch(tmp_path, rows).text
    assert {*contents(tmp_path / OUT)} == {"a.ics", "schedule.csv"}


def test_corrected_rows_that_are_planned_are_not_kept(tmp_path: Path) -> None:
    batch(tmp_path, TABLE)
    correct(tmp_path, b"haare", b"hair")
    assert mesoplan(tmp_path, "batch", REJECTED, "-o", OUT).exit_code == 0
    assert kept(tmp_path) == {}


@pytest.mark.parametrize("book", [(), ("--book", OUT)])
def test_a_corrected_id_is_planned_once_and_counted_once(
    tmp_path: Path, book: tuple[str, ...]
) -> None:
    (tmp_path / OUT).mkdir()
    twice = table(row("1", start="2027-02-02"), row("1", "cellulite", "2027-02-03"))
    outcome = batch(tmp_path, twice, *book)
    assert outcome.text.startswith("2 rows: 1 new, 1 rejected\n")
    correct(tmp_path, b"1,cellulite", b"2,cellulite")
    outcome = mesoplan(tmp_path, "batch", REJECTED, "-o", OUT, *book)
    assert outcome.text.startswith("1 row: 1 new\n")
    assert (outcome.exit_code, rejected(tmp_path)) == (0, [])
    assert {each["id"] for each in schedule(tmp_path)} == {"1", "2"}
    # In the table the same two, and one of each other kind.
    others = [
        row("3"),
        row("1", "skin"),
        row("4", "haare"),
        row("5", away="2026-12-02..2027-05-01"),
    ]
    outcome = batch(tmp_path, table(row("1"), row("2", "cellulite", "2027-02-03"), *others), *book)
    assert outcome.text.startswith("6 rows: 1 new, 1 changed, 1 unchanged, 3 rejected\n")
    assert counts(outcome.text) == (6, 6)
