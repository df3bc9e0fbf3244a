"""Guided mode as it is seen on a terminal."""

import os
from pathlib import Path

import pytest

from tests.golden import start
from tests.guided_runs import GUIDED, replay, run_alone

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
