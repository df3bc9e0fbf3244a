"""Guided mode as it is seen on a terminal."""

import os
from pathlib import Path

import pytest

from mesoplan.cli.app import carried_out
from tests.golden import start
from tests.guided_runs import GUIDED, on_a_terminal, replay, run_alone

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")


def contents(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {str(each.relative_to(folder)): each.read_bytes() for each in files}


@pytest.mark.parametrize("path", GUIDED, ids=lambda path: path.stem)
def test_guided_mode_asks_and_the_command_that_it_shows_writes_the_same_bytes(
    path: Path, tmp_path: Path
) -> None:
    asked, alone = tmp_path / "asked", tmp_path / "alone"
    start(path, asked)
    start(path, alone)
    text = path.read_text("utf-8")
    assert replay(path, asked) == text
    assert run_alone(text, alone) > 0
    assert contents(asked) == contents(alone)


def test_what_changed_since_it_was_shown_is_shown_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "book").mkdir()
    words = ("plan", "hair", "2026-12-01", "-n", "3", "-m", "0", "--book", "book")

    def somebody_is_quicker() -> str:
        carried_out([*words, "--patient", "Anne Martin"])
        return "yes"

    monkeypatch.setattr("mesoplan.cli.guided._write_it", somebody_is_quicker)
    shown = on_a_terminal(tmp_path, f"mesoplan {' '.join(words)} --guided", [""] * 4)
    own = shown.rpartition("Calendar file: book")[0].rpartition("Calendar file: book")[2]
    assert "1/3  Tue  1 Dec 2026  09:30" in own
