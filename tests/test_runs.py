"""The command line as it is seen: golden runs."""

import shutil
from pathlib import Path

import pytest

from tests.command_line import mesoplan_line
from tests.golden import RUNS, commands_of, replay, start, ways_out_of


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_golden_run(path: Path, tmp_path: Path) -> None:
    assert replay(path, tmp_path) == path.read_text("utf-8")


@pytest.mark.parametrize("name", ["refusals", "changes", "replan", "facts", "clinic", "batch"])
def test_every_way_out_can_be_pasted_and_works(name: str, tmp_path: Path) -> None:
    path, folder = RUNS[0].with_name(f"{name}.txt"), tmp_path / "run"
    start(path, folder)
    tried = 0
    for line in commands_of(path.read_text("utf-8")):
        outcome = mesoplan_line(folder, line)
        for commands in ways_out_of(outcome) if outcome.exit_code == 3 else []:
            tried += 1
            copy = shutil.copytree(folder, tmp_path / str(tried))
            for command in commands:
                pasted = mesoplan_line(copy, command)
                assert pasted.exit_code == 0, (line, command, pasted.error)
    assert tried


def test_there_are_runs() -> None:
    assert len(RUNS) >= 5
