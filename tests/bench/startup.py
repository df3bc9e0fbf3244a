"""How long whole commands take next to a bare typer program.

The programs are started in turn, each round one after the other, with compiled bytecode at hand and
nobody's output to wait for.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measuring import alone, at_most

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
    "plan hair 2026-12-01 -o -": 2.4,
    "--version": 1.2,
    "--help": 1.2,
}
"""The most that each command may take, in times of the bare program."""

ROUNDS, QUICK_ROUNDS = 41, 9


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """The wall time of a whole process."""
    begin = time.perf_counter()
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return time.perf_counter() - begin


def run(quick: bool) -> bool:
    """Print each command's ratio of medians; whether all aims are met."""
    with tempfile.TemporaryDirectory() as folder:
        bare, mesoplan = Path(folder, "bare.py"), Path(folder, "run.py")
        bare.write_text(BARE)
        mesoplan.write_text(MESOPLAN)
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path.cwd()),
            "PYTHONPYCACHEPREFIX": str(Path(folder, "cache")),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        commands = {"": [sys.executable, str(bare)]}
        commands |= {line: [sys.executable, str(mesoplan), *line.split()] for line in AIMS}
        for command in commands.values():
            seconds(command, environment)
        times: dict[str, list[float]] = {line: [] for line in commands}
        for _ in range(QUICK_ROUNDS if quick else ROUNDS):
            for line, command in commands.items():
                times[line].append(seconds(command, environment))
    medians = {line: statistics.median(taken) for line, taken in times.items()}
    met = [
        at_most(medians[line] / medians[""], aim, f"times a bare typer program: mesoplan {line}")
        for line, aim in AIMS.items()
    ]
    return all(met)


if __name__ == "__main__":
    alone("startup", run)
