"""The command line as it is seen: golden runs."""

import shutil
from pathlib import Path

import pytest

from tests.command_line import Outcome, mesoplan_line
from tests.golden import RUNS, replay, ways_out_of

OFFER_WAYS_OUT = {"refusals", "changes", "replan", "facts", "clinic", "batch"}


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_golden_run_whose_ways_out_can_be_pasted_and_work(path: Path, tmp_path: Path) -> None:
    folder, tried = tmp_path / "run", 0

    def paste_ways_out(line: str, outcome: Outcome) -> None:
        nonlocal tried
        # An address is not shown again, so a command that had one can't be pasted.
        refused = outcome.exit_code == 3 and "//SERVER/" not in line
        for commands in ways_out_of(outcome) if refused else []:
            tried += 1
            copy = shutil.copytree(folder, tmp_path / str(tried))
            for command in commands:
                pasted = mesoplan_line(copy, command)
                assert pasted.exit_code == 0, (line, command, pasted.error)

    assert replay(path, folder, paste_ways_out) == path.read_text("utf-8")
    assert tried or path.stem not in OFFER_WAYS_OUT


def test_there_are_runs() -> None:
    assert len(RUNS) >= 5
