"""The desk finds the patients of private plans by a table that stays in the book."""

import codecs
import csv
import errno
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from mesoplan.book.names import read_names, table_with
from mesoplan.storage.files import Temporary, write_all_new
from tests.batches import row, table
from tests.command_line import mesoplan

HOSTILE = (
    *("=1+1", "+49 30", "-2", "@SUM(A1)", 'Ann "B", C', "O'Neil; x", "'=x", "張偉", "Zoë, =A1"),
    *("a;=b", "\u200b=x", "'", "١٢٣"),
)
PLAN = ("plan", "hair", "2026-12-01", "--private", "--patient")


def book(folder: Path) -> Path:
    (folder / "book").mkdir()
    return folder / "book"


def remember(folder: Path, labels: dict[str, str]) -> None:
    write_all_new({}, table_with(folder, labels))


def label_of(folder: Path, *words: str) -> Any:
    return json.loads(mesoplan(folder, *words, "--json").output)["patient"]


def test_a_private_plan_tells_the_desk_whose_it_is_through_all_its_changes(tmp_path: Path) -> None:
    folder = book(tmp_path)
    assert mesoplan(tmp_path, *PLAN, "Ann B.", "--book", "book").exit_code == 0
    (file,) = folder.glob("*.ics")
    name = f"book/{file.name}"
    assert stat.S_IMODE((folder / "names.csv").stat().st_mode) == 0o600
    before = (folder / "names.csv").read_bytes()
    assert label_of(tmp_path, "show", name) == "Ann B."
    assert "Patient: Ann B." in mesoplan(tmp_path, "show", name).text
    assert "Patient: Ann B." in mesoplan(tmp_path, "move", name, "2", "2026-12-09").text
    agenda = ("agenda", "book", "--from", "2026-12-09")
    assert "Ann B." in mesoplan(tmp_path, *agenda).text
    assert mesoplan(tmp_path, "cancel", name).exit_code == 0
    assert (folder / "names.csv").read_bytes() == before
    # It stays in the book: neither the plan nor the practitioner's calendar has it.
    assert mesoplan(tmp_path, "undo", name, "--changes", "changes.ics").exit_code == 0
    assert mesoplan(tmp_path, *agenda, "--ics", "doctor.ics").exit_code == 0
    files = [each for each in tmp_path.rglob("*") if each.is_file() and each.name != "names.csv"]
    assert {each.name for each in files} > {"doctor.ics", "changes.ics", f"{file.name}~"}
    assert not any(b"Ann" in each.read_bytes() for each in files)


@pytest.mark.parametrize(
    "options",
    ["--book book -o elsewhere.ics", "-o book/a.ics", "--book book --dry-run"],
)
def test_a_label_is_kept_only_for_a_plan_that_is_written_into_the_book(
    tmp_path: Path, options: str
) -> None:
    folder = book(tmp_path)
    assert mesoplan(tmp_path, *PLAN, "Ann", *options.split()).exit_code == 0
    assert not (folder / "names.csv").exists()


def test_rows_of_a_batch_have_their_labels_kept(tmp_path: Path) -> None:
    folder = book(tmp_path)
    rows = [row("a", patient="Ann", private="yes"), row("b", patient="Bob", private="yes")]

    def run(*rows: dict[str, str]) -> dict[str, str]:
        (tmp_path / "rows.csv").write_bytes(table(*rows))
        line = "batch rows.csv -o book --book book"
        assert mesoplan(tmp_path, *line.split()).exit_code == 0
        return dict(read_names(folder).labels)

    first = run(*rows)
    assert sorted(first.values()) == ["Ann", "Bob"]
    before = (folder / "names.csv").stat().st_mtime_ns
    assert run(*rows) == first
    assert (folder / "names.csv").stat().st_mtime_ns == before
    assert sorted(run(rows[0], row("b", patient="Bea", private="yes")).values()) == ["Ann", "Bea"]
    assert sorted(run(rows[0]).values()) == ["Ann", "Bea"]


def test_a_label_of_any_text_comes_back_and_is_no_formula(tmp_path: Path) -> None:
    labels = {f"id-{number}": label for number, label in enumerate(HOSTILE)}
    remember(tmp_path, labels)
    assert dict(read_names(tmp_path).labels) == labels
    cells = csv.reader(io.StringIO((tmp_path / "names.csv").read_text("utf-8-sig")))
    assert not [cell for line in cells for cell in line if cell.startswith(("=", "+", "-", "@"))]
    assert table_with(tmp_path, labels) == {}


@pytest.mark.parametrize(
    "data",
    [
        "Plan;Label;Phone\r\n id-1 ;Zoë;123\r\n;;\r\nid-2;Bob\r\n".encode(),
        codecs.BOM_UTF8 + 'sep=;\nplan;"Label";Phone\nID-1;Zoë;123\nid-2;"Bob"\n'.encode(),
        "Phone\tlabel\tplan\n123\tZoë\tid-1\n\tBob\tid-2\n".encode("utf-16"),
    ],
)
def test_what_other_programs_made_of_it_is_read_and_kept(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "names.csv"
    file.write_bytes(data)
    assert dict(read_names(tmp_path).labels) == {"id-1": "Zoë", "id-2": "Bob"}
    remember(tmp_path, {"id-2": "Bea", "id-3": "Cy"})
    assert dict(read_names(tmp_path).labels) == {"id-1": "Zoë", "id-2": "Bea", "id-3": "Cy"}
    assert "123" in file.read_text("utf-8-sig")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


DAMAGED = {
    "nothing in it": b"",
    "another table": b"name,phone\r\nAnn,123\r\n",
    "an open quotation mark": b'plan,label\r\nid-1,Ann\r\nid-2,"Bob\r\n',
    "half a character": "plan,label\r\nid-1,Ann\r\nid-2,Zoë, Zoé".encode()[:-1],
    "of an old Excel": "plan,label\r\nid-1,Ann\r\nid-2,Zoë\r\n".encode("cp1252"),
    "a label of two lines": b'plan,label\r\nid-1,Ann\r\nid-2,"Bob\nx"\r\n',
    "markup": b"plan,label\r\nid-1,Ann\r\nid-2,[red]Bob[/red]\r\n",
    "an archive": b"PK\x03\x04",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_table_is_said_and_left_alone(tmp_path: Path, data: bytes) -> None:
    file = book(tmp_path) / "names.csv"
    file.write_bytes(data)
    outcome = mesoplan(tmp_path, *PLAN, "Cy", "--book", "book")
    assert outcome.exit_code == 0
    assert "names.csv" in outcome.text + outcome.error
    assert file.read_bytes() == data
    outcome = mesoplan(tmp_path, "agenda", "book")
    assert (outcome.exit_code, outcome.text.count("names.csv")) == (0, 1)
    (plan,) = (tmp_path / "book").glob("*.ics")
    assert "names.csv" in mesoplan(tmp_path, "show", f"book/{plan.name}").text


def test_a_plan_whose_label_can_not_be_written_is_not_written_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = book(tmp_path)
    remember(folder, {"id": "Zoë"})
    before = (folder / "names.csv").read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left")

    monkeypatch.setattr(Temporary, "put", full)
    assert mesoplan(tmp_path, *PLAN, "Ann", "--book", "book").exit_code == 4
    assert [each.name for each in folder.iterdir()] == ["names.csv"]
    assert (folder / "names.csv").read_bytes() == before


def test_the_table_is_taken_for_no_plan(tmp_path: Path) -> None:
    folder = book(tmp_path)
    mesoplan(tmp_path, *PLAN, "Ann", "--book", "book")
    (tmp_path / "rows.csv").write_bytes(table(row("a")))
    batch = mesoplan(tmp_path, "batch", "rows.csv", "-o", "book", "--book", "book")
    check = mesoplan(tmp_path, "check", "book")
    for outcome in (
        batch,
        check,
        mesoplan(tmp_path, "plan", "fat", "2026-12-01", "--book", "book"),
    ):
        assert outcome.exit_code in {0, 1}
        assert "names" not in outcome.text + outcome.error
    assert (folder / "names.csv").exists()
