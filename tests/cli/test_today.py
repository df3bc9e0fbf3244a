"""Today's sessions, recorded all at once: each plan by itself, and taken back as they were."""

import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan.errors import FileProblem
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.model.changes import recorded_of_day
from tests.command_line import NOW, Outcome, mesoplan

FILES = Path(__file__).parent.parent / "runs" / "today"
EVENING = "2026-11-23T17:00:00Z"
PLANS = ("martin", "paul", "blanc", "ozer", "secret", "roux")
"""Those with a session on that day, in order of time."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(FILES, folder, dirs_exist_ok=True)
    arguments = ("batch", "rows.csv", "-o", "plans", "--clinic", "clinic.toml")
    assert mesoplan(folder, *arguments).exit_code == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A folder with a clinic and its book."""
    return Path(shutil.copytree(made, tmp_path / "clinic"))


def run(folder: Path, line: str, now: str = NOW, **more: Any) -> Outcome:
    return mesoplan(folder, *line.split(), now=now, also={"MESOPLAN_CLINIC": "clinic.toml"}, **more)


def recorded(folder: Path) -> list[str]:
    """The plans whose session of today is recorded as attended."""
    document = json.loads(run(folder, "today --json").text)
    sessions = document["days"][0]["sessions"]
    return [each["file"][:-4] for each in sessions if each["status"] == "attended"]


def did(folder: Path, name: str) -> str | None:
    return read_plan([folder / "plans" / f"{name}.ics"], lambda: "UTC").plan.did


# ---------------------------------------------------------------- numbers


def test_a_number_stays_with_its_session_whatever_is_recorded(folder: Path) -> None:
    def places() -> list[tuple[int, str]]:
        document = json.loads(run(folder, "today --json").text)
        return [(each["place"], each["file"]) for each in document["days"][0]["sessions"]]

    before = places()
    assert before == list(enumerate((f"{name}.ics" for name in PLANS), start=1))
    for line in ("done --today 1 4", "miss plans/blanc.ics 4", "undo --today"):
        assert run(folder, line).exit_code == 0
        assert places() == before
    shown = json.loads(run(folder, "today --with roux --json").text)
    assert [each["place"] for each in shown["days"][0]["sessions"]] == [1, 3, 5]


def test_clashes_of_today_are_counted(folder: Path) -> None:
    more = "plan hair 2026-11-23 09:00 --book none --with roux --patient Eve -o plans/eve.ics"
    assert run(folder, more).exit_code == 0
    assert "earlier days to record · 1 clash: mesoplan agenda" in run(folder, "today").text


# ---------------------------------------------------------------- each by itself


def test_one_that_can_not_be_written_keeps_no_other_back(folder: Path) -> None:
    from mesoplan.storage.revisions import replace_all

    def full(contents: Any, *more: Any) -> None:
        if any(path.name == "paul.ics" for path in contents):
            raise FileProblem(next(iter(contents)), "no space is left", "free some space")
        replace_all(contents, *more)

    before = (folder / "plans" / "paul.ics").read_bytes()
    with patch("mesoplan.cli.open_plan.replace_all", full):
        outcome = run(folder, "done --today --json")
    assert outcome.exit_code == 1
    document = json.loads(outcome.text)
    assert [each["patient"] for each in document["plans"]] == ["Anne Martin", "Zoé Blanc", "Özer"]
    (failed,) = document["failed"]
    assert failed == "Paul Martin: no space is left. Free some space"
    assert failed in outcome.error
    assert recorded(folder) == ["martin", "blanc", "ozer"]
    assert (folder / "plans" / "paul.ics").read_bytes() == before


def test_a_file_that_can_not_be_read_is_among_those_that_failed(folder: Path) -> None:
    (folder / "plans" / "paul.ics").write_bytes(b"\0" * 100)
    assert "1 file left out: mesoplan agenda" in run(folder, "today").text
    outcome = run(folder, "done --today")
    assert outcome.exit_code == 1
    assert "'paul.ics'" in outcome.error
    assert recorded(folder) == ["martin", "blanc", "ozer"]
    # Numbers name others.
    (folder / "plans" / "martin.ics").unlink()
    assert run(folder, "done --today 3", EVENING).exit_code == 0


@pytest.mark.parametrize("change", ["cancel plans/paul.ics", "done plans/paul.ics 2", None])
def test_what_another_desk_changes_meanwhile_is_left_to_it(
    change: str | None, folder: Path
) -> None:
    path = folder / "plans" / "paul.ics"

    def asked(_question: str) -> bool:
        if change is None:
            path.unlink()
        else:
            assert run(folder, change).exit_code == 0
        return True

    with (
        patch("mesoplan.cli.today.may_ask", lambda: True),
        patch("mesoplan.cli.today.yes", asked),
    ):
        outcome = run(folder, "done --today")
    assert outcome.exit_code == 1
    assert "Not recorded: 1\n  Paul Martin: " in outcome.error
    assert {"martin", "blanc", "ozer"} <= set(recorded(folder))
    assert path.exists() == (change is not None)


def test_who_interrupts_sees_what_is_recorded_and_the_rest_is_untouched(folder: Path) -> None:
    from mesoplan.storage.revisions import replace_all

    def interrupted(contents: Any, *more: Any) -> None:
        if any(path.name == "blanc.ics" for path in contents):
            raise KeyboardInterrupt
        replace_all(contents, *more)

    with patch("mesoplan.cli.open_plan.replace_all", interrupted):
        outcome = run(folder, "done --today")
    assert outcome.exit_code == 130
    shown = outcome.text.splitlines()
    assert [line[:5] for line in shown[:2]] == ["09:00", "09:30"]
    assert "undo --today" in shown[2]
    assert recorded(folder) == ["martin", "paul"]
    run(folder, "done --today 3")
    with patch("mesoplan.cli.open_plan.replace_all", interrupted):
        outcome = run(folder, "undo --today")
    assert outcome.exit_code == 130
    assert "mesoplan done --today 1 2\n" in outcome.text
    assert recorded(folder) == ["blanc"]
    assert run(folder, "undo --today").exit_code == 0
    assert recorded(folder) == []


# ---------------------------------------------------------------- asking


@pytest.mark.parametrize(
    ("given", "count"), [(b"\n", 4), (b"y\n", 4), (b"n\n", 0), (b"", 0), (b"?\nperhaps\nno\n", 0)]
)
def test_on_a_terminal_it_lists_whom_and_asks_once(given: bytes, count: int, folder: Path) -> None:
    with patch("mesoplan.cli.today.may_ask", lambda: True):
        outcome = run(folder, "done --today", given=given, columns=60)
    assert len(recorded(folder)) == count
    listed = outcome.error.splitlines()[:4]
    assert [line.split()[0] for line in listed] == ["09:00", "09:30", "11:00", "12:45"]
    assert "Record these 4? [Y/n]" in outcome.error
    assert outcome.exit_code == (2 if not given else 0)


@pytest.mark.parametrize("line", ["done --today --json", "done --today --dry-run", "undo --today"])
def test_what_is_for_programs_or_can_be_taken_back_asks_nothing(line: str, folder: Path) -> None:
    run(folder, "done --today 1")

    def asked(*_: object) -> bool:
        raise AssertionError

    with (
        patch("mesoplan.cli.today.may_ask", lambda: True),
        patch("mesoplan.cli.today.yes", asked),
    ):
        assert run(folder, line).exit_code == 0


# ---------------------------------------------------------------- taking back


def undone(folder: Path, *names: str) -> None:
    """Take back the last list, which is to be of these plans."""
    before = recorded(folder)
    assert run(folder, "undo --today", EVENING).exit_code == 0
    assert recorded(folder) == [each for each in before if each not in names]


def test_undo_takes_back_the_last_list_and_no_earlier_one(folder: Path) -> None:
    run(folder, "done --today 1 2", "2026-11-23T11:00:00Z")
    run(folder, "done --today 3", "2026-11-23T11:30:00Z")
    run(folder, "done plans/ozer.ics")
    undone(folder, "blanc")
    before = contents(folder)
    refused = run(folder, "undo --today", EVENING)
    assert refused.exit_code == 2
    assert contents(folder) == before
    assert recorded(folder) == ["martin", "paul", "ozer"]
    # One that was taken back by itself, and then done again, belongs to its list again.
    for _ in range(2):
        run(folder, "undo plans/blanc.ics", EVENING)
    run(folder, "undo plans/blanc.ics", EVENING)
    undone(folder, "blanc")


def test_undo_leaves_alone_what_was_changed_since(folder: Path) -> None:
    run(folder, "done --today")
    before = (folder / "plans" / "paul.ics").read_bytes()
    assert run(folder, "extend plans/martin.ics +1").exit_code == 0
    assert run(folder, "undo plans/ozer.ics").exit_code == 0
    outcome = run(folder, "undo --today", EVENING)
    assert (outcome.exit_code, recorded(folder)) == (0, ["martin"])
    assert "Anne Martin" in outcome.text
    assert "Özer" not in outcome.text
    assert (folder / "plans" / "paul.ics~").read_bytes() == before
    assert str(did(folder, "martin")).startswith("extend")


@pytest.mark.parametrize("kept", [None, b"", b"\0"])
def test_undo_says_of_which_plan_nothing_is_kept(kept: bytes | None, folder: Path) -> None:
    run(folder, "done --today")
    path = folder / "plans" / "paul.ics~"
    path.unlink()
    if kept is not None:
        path.write_bytes(kept)
    outcome = run(folder, "undo --today", EVENING)
    assert (outcome.exit_code, recorded(folder)) == (1, ["paul"])
    assert "  Paul Martin: " in outcome.error


def test_undo_takes_back_nothing_of_an_earlier_day(folder: Path) -> None:
    run(folder, "done --today")
    before = contents(folder)
    assert run(folder, "undo --today", "2026-11-24T08:00:00Z").exit_code == 2
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "plans").iterdir()}


@pytest.mark.parametrize(
    "line",
    [
        *("done --today 1 --changes c.ics", "undo a.ics --today", "done --today 0"),
        *(f"done --today {'0' * 9}19", f"done --today {'9' * 5000}", "done --today --except 9"),
    ],
)
def test_what_is_no_number_of_the_list_is_refused(line: str, folder: Path) -> None:
    before = contents(folder)
    assert run(folder, line).exit_code == 2
    assert contents(folder) == before


@pytest.mark.parametrize(
    "text", [None, "", "done 1", "done 1 --today", "done 1 --today x", "done --today 2026-11-23"]
)
def test_other_changes_are_not_taken_for_those_of_a_list(text: str | None) -> None:
    assert recorded_of_day(text) is None
