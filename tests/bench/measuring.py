"""What the parts share: a figure beside its aim, and what a whole command takes.

A part is a module with a function `run(quick)`: it prints what it measured, with *quick* on fewer
or smaller instances, and returns whether all aims are met.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.command_line import world_in

_MEASURED = """
import resource, sys
from mesoplan.__main__ import main

try:
    main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    # The peak that getrusage knows may be that of the process which started this one.
    with open("/proc/self/status") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    print(used.ru_utime + used.ru_stime, int(peak) / 1024, file=sys.stderr)
"""


def at_most(figure: float, aim: float, text: str) -> bool:
    """Print a figure that must not be greater than its aim; whether it is not."""
    return _printed(figure <= aim, f"{figure:7.2f} {text} (aim: {aim:g} or less)")


def at_least(figure: float, aim: float, text: str) -> bool:
    """Print a figure that must not be smaller than its aim; whether it is not."""
    return _printed(figure >= aim, f"{figure:7.2f} {text} (aim: {aim:g} or more)")


def left_out(what: str, why: str) -> None:
    """Say plainly what is not measured here."""
    print(f"LEFT OUT: {what}: {why}", flush=True)


def _printed(met: bool, line: str) -> bool:
    print(f"{line}: {'met' if met else 'MISSED'}", flush=True)
    return met


def run_parts(parts: dict[str, Callable[[bool], bool]], quick: bool) -> bool:
    """Run parts one after the other; whether all aims are met."""
    met = True
    for name, run in parts.items():
        print(f"== {name}", flush=True)
        met &= run(quick)
    return met


@dataclass(frozen=True)
class Run:
    """What one whole process of the program took."""

    seconds: float
    """By the clock on the wall."""
    processor_seconds: float
    """Of this process: others on the machine don't count."""
    mib: float
    """The most memory that it had."""


def environment(scratch: Path) -> dict[str, str]:
    """That of a process whose compiled bytecode is kept in a folder."""
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        **world_in(scratch),
        "PYTHONPATH": os.getcwd(),  # noqa: PTH109 - a text
        "PYTHONPYCACHEPREFIX": str(scratch / "cache"),
    }


def measured(scratch: Path, *arguments: str, now: str | None = None) -> Run:
    """Run `mesoplan ARGUMENTS` as a whole process in a folder."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *arguments],
        cwd=scratch,
        env=environment(scratch) | ({"MESOPLAN_NOW": now} if now else {}),
        capture_output=True,
        check=False,
    )
    taken = time.perf_counter() - begin
    assert done.returncode in (0, 1), done.stderr.decode()
    return Run(taken, *map(float, done.stderr.split()[-2:]))
