"""A mistake in the program itself is told in plain lines, without what it was about."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mesoplan.cli.console import MISTAKE_IN_PROGRAM, TRACEBACK_VARIABLE
from tests.command_line import WORLD

BROKEN = """
import sys, warnings
from mesoplan import __main__
from mesoplan.wording import plans
def broken(request, **_):
    warnings.warn(f"{request.patient} is odd")
    raise RuntimeError(f"{request.patient} is not foreseen")
plans.plan = broken
sys.argv[1:] = ["plan", "hair", "2026-12-01", "--patient", "Quentin"]
__main__.main()
"""


@pytest.mark.parametrize("asks_for_more", [False, True])
def test_a_mistake_in_the_program_tells_where_it_is_and_nobody_s_name(
    tmp_path: Path, asks_for_more: bool
) -> None:
    world = {**os.environ, **WORLD, TRACEBACK_VARIABLE: "1" if asks_for_more else ""}
    world.pop("PYTHONWARNINGS", None)
    done = subprocess.run(
        [sys.executable, "-c", BROKEN],
        cwd=tmp_path,
        env=world,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (MISTAKE_IN_PROGRAM, "")
    *before, what, remedy = done.stderr.splitlines()
    assert what.startswith("mesoplan: the program itself went wrong (RuntimeError at cli/plan.py:")
    assert TRACEBACK_VARIABLE in remedy
    assert ("Quentin" in "".join(before)) is asks_for_more
    assert bool(before) is asks_for_more
    assert list(tmp_path.iterdir()) == []
