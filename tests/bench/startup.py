"""How long whole commands take next to a bare typer program.

The programs are started in turn, each round one after the other, with compiled bytecode at hand and
nobody's output to wait for.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measuring import at_most, environment

BARE = """
import typer

app = typer.Typer()

@app.command()
def main(name: str = "world") -> None:
    typer.echo(name)

app()
"""
MESOPLAN = """
from mesoplan.__main__ import main

main()
"""
AIMS = {
    "plan hair 2026-12-01 -o -": 1.7,
    "show plan.ics": 1.9,
    "handout plan.ics": 3.0,
    "move plan.ics 3 2026-12-16": 1.9,
    "--version": 1.0,
    "--help": 1.2,
}
"""The most that each command may take, in times of the bare program."""

ROUNDS, QUICK_ROUNDS = 41, 9


def run(quick: bool) -> bool:
    """Print each command's ratio of medians; whether all aims are met."""
    times: dict[str, list[float]] = {line: [] for line in ("", *AIMS)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE)
        (folder / "mesoplan.py").write_text(MESOPLAN)
        _seconds(folder, "plan hair 2026-12-01 -o kept.ics")
        for number in range(1 + (QUICK_ROUNDS if quick else ROUNDS)):
            for line, taken in times.items():
                shutil.copy(folder / "kept.ics", folder / "plan.ics")
                seconds = _seconds(folder, line)
                if number:  # The first one compiles.
                    taken.append(seconds)
    medians = {line: statistics.median(taken) for line, taken in times.items()}
    met = [
        at_most(medians[line] / medians[""], aim, f"times a bare typer program: mesoplan {line}")
        for line, aim in AIMS.items()
    ]
    return all(met)


def _seconds(folder: Path, line: str) -> float:
    """The wall time of a whole process of this program, or of the bare one without a line."""
    command = [sys.executable, "-P", "mesoplan.py" if line else "bare.py", *line.split()]
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, check=True)
    return time.perf_counter() - begin
