"""Rows placed together: more of them have a plan, and what is written stays as it is."""

import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan.batch.output import PlanFolder
from mesoplan.planning.together import Together
from tests.batches import OUT, TABLE, batch, contents, days, rejected, row, rows_of, schedule, table
from tests.command_line import Outcome, mesoplan

PROFILE = """
timezone = "Europe/Paris"
slot_minutes = 30
hours = { mon = "10:00-10:30", tue = "10:00-10:30", wed = "10:00-10:30", thu = "10:00-10:30" }
"""
FREE = row("a", sessions="3", maintenance="0")
BOUND = row("b", sessions="3", maintenance="0", depart="2026-12-16")
TOO_MANY = {**BOUND, "id": "c"}
IMPOSSIBLE = {**BOUND, "id": "d", "depart": "2026-12-10"}


def together(folder: Path, *rows: dict[str, str], more: tuple[str, ...] = ()) -> Outcome:
    """Place rows together in a book that holds their plans."""
    (folder / "clinic.toml").write_text(PROFILE)
    (folder / OUT).mkdir(exist_ok=True)
    arguments = ("--clinic", "clinic.toml", "--book", OUT, "--together", *more)
    return batch(folder, table(*rows), *arguments)


def test_who_is_left_over_and_would_fit_alone_has_a_code_of_its_own(tmp_path: Path) -> None:
    outcome = together(tmp_path, FREE, BOUND, TOO_MANY, IMPOSSIBLE)
    assert outcome.exit_code == 1
    assert days(tmp_path, "a") == ["2026-12-02", "2026-12-09", "2026-12-16"]
    assert days(tmp_path, "b") == ["2026-12-01", "2026-12-08", "2026-12-15"]
    assert rejected(tmp_path) == [("4", "NO_ROOM"), ("5", "DEADLINE")]


def test_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    rows = (FREE, BOUND, TOO_MANY, IMPOSSIBLE)
    together(tmp_path, *rows)
    before = contents(tmp_path / OUT)
    outcome = together(tmp_path, *rows)
    assert contents(tmp_path / OUT) == before
    assert outcome.text.startswith("4 rows: 0 new, 2 unchanged, 2 rejected\n")


def test_a_plan_that_is_there_never_moves_for_a_new_row(tmp_path: Path) -> None:
    together(tmp_path, FREE)
    plan = contents(tmp_path / OUT)["a.ics"]
    together(tmp_path, FREE, BOUND)
    assert contents(tmp_path / OUT)["a.ics"] == plan
    assert rejected(tmp_path) == [("3", "NO_ROOM")]


def test_changed_rows_come_before_new_ones(tmp_path: Path) -> None:
    together(tmp_path, FREE)
    together(tmp_path, {**BOUND, "id": "new"}, {**FREE, "depart": "2026-12-16"})
    assert days(tmp_path, "a") == ["2026-12-01", "2026-12-08", "2026-12-15"]
    assert rejected(tmp_path) == [("2", "NO_ROOM")]


def test_the_priority_of_a_row_comes_before_its_place_and_changes_no_plan(tmp_path: Path) -> None:
    together(tmp_path, BOUND, {**TOO_MANY, "priority": "2"})
    assert rejected(tmp_path) == [("2", "NO_ROOM")]
    before = contents(tmp_path / OUT)["c.ics"]
    together(tmp_path, {**TOO_MANY, "priority": "-1"}, BOUND)
    assert contents(tmp_path / OUT)["c.ics"] == before


def test_without_it_a_priority_that_is_wrong_is_refused_too(tmp_path: Path) -> None:
    batch(tmp_path, table({**FREE, "priority": "high", "sessions": "99"}))
    (wrong,) = rows_of(tmp_path / OUT / "rejected.csv")
    assert "high" in wrong["reason"]
    assert "99" in wrong["reason"]


@pytest.mark.parametrize("more", [("--dry-run",), ("--tar", "all.tar")])
def test_a_dry_run_and_an_archive_have_the_same_plans(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    rows = (FREE, TOO_MANY, BOUND)
    (tmp_path / "clinic.toml").write_text(PROFILE)
    (tmp_path / "book").mkdir()
    (tmp_path / "rows.csv").write_bytes(table(*rows))
    arguments = ("--clinic", "clinic.toml", "--book", "book", "--together")
    outcome = mesoplan(tmp_path, "batch", "rows.csv", *arguments, *more)
    assert outcome.text.startswith("3 rows: 2 new, 1 rejected\n2 of 3 patients have a course (")
    assert not contents(tmp_path / "book")


def test_the_same_course_of_a_patient_is_placed_once(tmp_path: Path) -> None:
    rows = [{**FREE, "id": name, "patient": "Ana Silva"} for name in "xyz"]
    together(tmp_path, *rows[:2], {**rows[2], "another": "yes"})
    assert rejected(tmp_path) == [("3", "VALUE")]
    before = contents(tmp_path / OUT)
    together(tmp_path, *rows[:2], {**rows[2], "another": "yes"})
    assert contents(tmp_path / OUT) == before


def test_a_row_whose_file_is_refused_leaves_its_room_to_others(tmp_path: Path) -> None:
    telling = {**BOUND, "private": "yes", "location": "Mesotherapy clinic"}
    together(tmp_path, telling, TOO_MANY)
    assert days(tmp_path, "c") == ["2026-12-01", "2026-12-08", "2026-12-15"]
    assert [line for line, _ in rejected(tmp_path)] == ["2"]


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Ctrl-C comes in the third round."""
    rounds, go_through = count(1), Together._round

    def round_of(*arguments: Any) -> None:
        go_through(*arguments)
        if next(rounds) == 3:
            signal.raise_signal(signal.SIGINT)

    with patch.object(Together, "_round", round_of):
        yield


@pytest.mark.usefixtures("interrupted")
def test_interrupted_it_writes_the_best_that_was_found_and_says_so(tmp_path: Path) -> None:
    outcome = together(tmp_path, FREE, BOUND, TOO_MANY)
    assert outcome.exit_code == 130
    first, second = outcome.error.splitlines()
    assert first.startswith("Stopping: ")
    assert second.startswith("Stopped after 3 rounds. ")
    assert {*contents(tmp_path / OUT)} == {"a.ics", "b.ics", "schedule.csv", "rejected.csv"}
    assert len(schedule(tmp_path)) == 6


@pytest.mark.parametrize("rounds", ["0", "20"])
@pytest.mark.parametrize("at", ["first_come", "_settle", "courses"])
def test_interrupted_outside_the_rounds_it_writes_all_that_was_found(
    tmp_path: Path, at: str, rounds: str
) -> None:
    step, calls = getattr(Together, at), count(1)

    def interrupted(*arguments: Any) -> Any:
        if next(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return step(*arguments)

    with patch.object(Together, at, interrupted):
        outcome = together(tmp_path, FREE, TOO_MANY, more=("--rounds", rounds))
    assert outcome.exit_code == 130
    before = contents(tmp_path / OUT)
    assert {"a.ics", "schedule.csv"} <= {*before}
    together(tmp_path, FREE, TOO_MANY, more=("--rounds", rounds))
    assert contents(tmp_path / OUT) == before


def test_interrupted_while_it_writes_it_writes_all_that_was_placed(tmp_path: Path) -> None:
    rows = [row(f"p{at}", sessions="3", maintenance="0") for at in range(5)]
    write, calls = PlanFolder.write, count(1)

    def interrupted(*arguments: Any) -> None:
        if next(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        write(*arguments)

    with (
        patch("mesoplan.batch.run._ROWS_AT_ONCE", 2),
        patch.object(PlanFolder, "write", interrupted),
    ):
        outcome = together(tmp_path, *rows, more=("--rounds", "0"))
    assert outcome.exit_code == 130
    assert {f"p{at}.ics" for at in range(4)} <= {*contents(tmp_path / OUT)}
    before = contents(tmp_path / OUT)
    together(tmp_path, *rows, more=("--rounds", "0"))
    assert contents(tmp_path / OUT) == before


def test_the_second_row_of_a_course_is_placed_where_the_first_can_have_no_plan(
    tmp_path: Path,
) -> None:
    rows = [{**IMPOSSIBLE, "patient": "Ana"}, {**BOUND, "patient": "Ana"}, FREE]
    together(tmp_path, *rows)
    assert days(tmp_path, "b") == ["2026-12-01", "2026-12-08", "2026-12-15"]
    assert rejected(tmp_path) == [("2", "VALUE")]


def test_an_empty_table_has_no_patients(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(table())
    assert "patient" not in together(tmp_path).text.splitlines()[0]
    assert "have a course" not in together(tmp_path).text


def test_a_priority_in_json_counts_only_with_it_too(tmp_path: Path) -> None:
    line = '{"id": "a", "goal": "hair", "start": "2026-12-01", "priority": 2}'
    (tmp_path / "rows.ndjson").write_text(line)
    outcome = mesoplan(tmp_path, "batch", "rows.ndjson", "-o", OUT)
    assert "“priority” counts only with --together" in outcome.error


def test_a_table_that_is_too_long_is_refused_before_anything_is_placed(tmp_path: Path) -> None:
    with patch("mesoplan.batch.planning._MOST_TOGETHER", 2):
        outcome = together(tmp_path, FREE, BOUND, TOO_MANY)
    assert outcome.exit_code == 2
    assert not contents(tmp_path / OUT)
