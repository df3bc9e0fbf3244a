"""Which plan is meant by what is typed after a command."""

import shutil
from pathlib import Path
from unittest.mock import patch

import pytest

from mesoplan.cli.named_plan import NamedPlan
from mesoplan.cli.open_plan import opened
from mesoplan.errors import FileProblem
from mesoplan.model.clinic import Profile
from tests.command_line import Outcome, mesoplan
from tests.golden import RUNS, start
from tests.plan_books import make_book, plan_bytes, plan_id

CLINIC = {"MESOPLAN_CLINIC": "clinic.toml"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the book of the golden run."""
    start(RUNS[0].with_name("by_words.txt"), tmp_path)
    return tmp_path


def run(folder: Path, *words: str, typed: str = "") -> Outcome:
    """A command on a terminal, where that was typed as an answer."""
    is_asked = patch("mesoplan.cli.named_plan.may_ask", lambda: bool(typed))
    with is_asked:
        return mesoplan(folder, *words, also=CLINIC, given=typed.encode())


def test_on_a_terminal_a_number_chooses_and_the_shown_command_means_the_same(
    folder: Path,
) -> None:
    outcome = run(folder, "move", "martin", "2", "2026-12-11", typed="7\n2\n")
    assert "  2  Paul Martin, cellulite" in outcome.error
    assert outcome.exit_code == 0
    assert "Patient: Paul Martin" in outcome.text
    assert outcome.text.endswith("\nTo undo: mesoplan undo 'paul martin'\n")


def test_nothing_is_done_where_none_is_chosen(folder: Path) -> None:
    before = {each: each.read_bytes() for each in (folder / "plans").iterdir()}
    for typed in ("\n", "2"):
        outcome = run(folder, "cancel", "martin", typed=typed.replace("2", "9\n"))
        assert outcome.exit_code == 2
    assert {each: each.read_bytes() for each in (folder / "plans").iterdir()} == before


def test_a_plan_that_is_over_is_found_if_no_other_is_meant(folder: Path) -> None:
    for words in (["cancel", "anne"], ["miss", "anne", "1"]):
        assert run(folder, *words).exit_code == 0
    assert "Paul Martin" in run(folder, "show", "martin").text
    assert "Anne Martin" in run(folder, "show", "anne").text
    assert run(folder, "cancel", "martin").exit_code == 0
    # Both are over now, and what would be undone must not be guessed.
    assert run(folder, "undo", "martin").exit_code == 2
    assert run(folder, "undo", "paul martin").exit_code == 0


def test_a_file_of_the_book_is_no_second_plan_beside_itself(folder: Path) -> None:
    book = folder / "plans"
    (book / "anne").symlink_to("anne.ics")
    also = {"MESOPLAN_CLINIC": "../clinic.toml"}
    assert mesoplan(book, "show", "anne", also=also).exit_code == 0
    shutil.copy(book / "rose.ics", book / "paul")
    assert mesoplan(book, "show", "paul", also=also).exit_code == 2
    assert mesoplan(book, "show", "./paul", also=also).exit_code == 0


def test_a_plan_that_cannot_be_read_may_be_meant_too(folder: Path) -> None:
    path = folder / "plans" / "paul.ics"
    path.write_bytes(path.read_bytes()[:2000])
    several = run(folder, "show", "martin")
    assert several.exit_code == 2
    assert "its file can't be read" in several.error
    assert run(folder, "show", "paul").exit_code == 4


def test_hundreds_of_plans_are_not_read_to_be_listed(tmp_path: Path) -> None:
    book = make_book(tmp_path / "plans", 0)
    for number in range(1, 102):
        (book / f"p{number:03}.ics").write_bytes(plan_bytes(1).replace(b"0001", b"%04d" % number))
    with patch("mesoplan.book.folder.plan_in_book", side_effect=AssertionError):
        outcome = mesoplan(tmp_path, "show", "patient", "--book", "plans")
    assert outcome.exit_code == 2
    assert "101 plans" in outcome.error


def test_a_book_that_is_not_there_hides_no_file(folder: Path) -> None:
    shutil.move(folder / "plans" / "anne.ics", folder / "anne")
    assert run(folder, "show", "anne", "--book", "nowhere").exit_code == 0
    assert run(folder, "show", "rose", "--book", "nowhere").exit_code == 4
    assert run(folder, "show", "rose", "--book", "").exit_code == 2


def test_a_file_that_holds_another_plan_by_now_is_not_changed(tmp_path: Path) -> None:
    path = make_book(tmp_path, 1) / "a.ics"
    meant = NamedPlan(path, "anne", plan_id(2))
    with (
        pytest.raises(FileProblem, match="another plan"),
        opened(meant, lambda: "UTC", Profile(), to_write=True),
    ):
        pass
