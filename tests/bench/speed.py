"""How long the command takes next to a bare typer program, and how long the solver takes.

Run it with `python -m tests.bench.speed [ROUNDS]`. The programs are started in turn, each round
one after the other, with compiled bytecode at hand and nobody's output to wait for. Exits 1 when
an aim is missed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from mesoplan.solver import solve

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

SOLVER_AIM_MS = 1.0


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """The wall time of a whole process."""
    begin = time.perf_counter()
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return time.perf_counter() - begin


def startup(rounds: int) -> bool:
    """Print each command's ratio of medians; whether all aims are met."""
    with tempfile.TemporaryDirectory() as folder:
        bare, mesoplan = Path(folder, "bare.py"), Path(folder, "run.py")
        bare.write_text(BARE)
        mesoplan.write_text(MESOPLAN)
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(folder, "cache"))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        commands = {"": [sys.executable, str(bare)]}
        commands |= {line: [sys.executable, str(mesoplan), *line.split()] for line in AIMS}
        for command in commands.values():
            seconds(command, environment)
        times: dict[str, list[float]] = {line: [] for line in commands}
        for _ in range(rounds):
            for line, command in commands.items():
                times[line].append(seconds(command, environment))
    medians = {line: statistics.median(taken) for line, taken in times.items()}
    good = True
    for line, aim in AIMS.items():
        ratio = medians[line] / medians[""]
        good &= ratio <= aim
        print(f"mesoplan {line:<28} {ratio:5.2f} times a bare typer program (aim: {aim})")
    return good


def hostile_calendars(count: int) -> list[tuple[int, list[int]]]:
    """Solvable calendars of many closed days, for courses of 15 sessions."""
    random = Random(15)
    found: list[tuple[int, list[int]]] = []
    while len(found) < count:
        usable = (1 << 400) - 1
        for weekday in random.sample(range(1, 7), random.choice([0, 1, 2, 3])):
            for day in range(weekday, 400, 7):
                usable &= ~(1 << day)
        for _ in range(random.choice([2, 4, 8])):
            first = random.randrange(5, 200)
            usable &= ~(((1 << random.choice([3, 7, 10])) - 1) << first)
        preferred = [random.randint(7, 14) for _ in range(14)]
        if solve(usable | 1, preferred) is not None:
            found.append((usable | 1, preferred))
    return found


def solver() -> bool:
    """Print the median and the longest time of one solution; whether the aim is met."""
    times = []
    for usable, preferred in hostile_calendars(200):
        runs = []
        for _ in range(5):
            begin = time.perf_counter()
            solve(usable, preferred)
            runs.append(time.perf_counter() - begin)
        times.append(min(runs) * 1000)
    median, longest = statistics.median(times), max(times)
    print(
        f"solver, 15 sessions with closures: {median:.2f} ms in the median, {longest:.2f} ms at "
        f"most (aim: {SOLVER_AIM_MS:.0f} ms)"
    )
    return longest <= SOLVER_AIM_MS


def main() -> None:
    """Measure all, print, and leave with 1 when an aim is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 41
    met = [startup(rounds), solver()]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
