"""The command line as it is seen: golden runs, and the examples in the README."""

import re
import shutil
from pathlib import Path

import pytest

from tests.command_line import mesoplan_line
from tests.golden import (
    README,
    README_EXAMPLE,
    RUNS,
    commands_of,
    put_readme_table,
    readme_example,
    replay,
    start,
    ways_out_of,
)

EXAMPLES = README_EXAMPLE.findall(README.read_text("utf-8"))


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


def test_the_examples_in_the_readme_print_what_they_show(tmp_path: Path) -> None:
    put_readme_table(tmp_path)
    # One after the other in one folder, as a reader would type them.
    for example in EXAMPLES:
        (line,) = commands_of(example)
        assert readme_example(line, tmp_path) == example


def test_there_are_runs_and_examples() -> None:
    assert len(RUNS) >= 5
    assert len(EXAMPLES) >= 3


def test_the_python_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("1 2026-12-01 None Tue 1 Dec 2026\n")
