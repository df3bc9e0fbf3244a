"""What the parts of the suite share: how a figure is held against its aim, and how one part runs.

A part is a module with a function `run(quick)`: it prints what it measured, with *quick* on fewer
or smaller instances, and returns whether all aims are met.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def at_most(figure: float, aim: float, text: str) -> bool:
    """Print a figure that must not be greater than its aim; whether it is not."""
    return _told(figure <= aim, f"{figure:7.2f} {text} (aim: {aim:g} or less)")


def at_least(figure: float, aim: float, text: str) -> bool:
    """Print a figure that must not be smaller than its aim; whether it is not."""
    return _told(figure >= aim, f"{figure:7.2f} {text} (aim: {aim:g} or more)")


def left_out(what: str, why: str) -> None:
    """Say plainly what is not measured here."""
    print(f"LEFT OUT: {what}: {why}", flush=True)


def _told(met: bool, line: str) -> bool:
    print(line if met else f"{line}: MISSED", flush=True)
    return met


def run_parts(parts: dict[str, Callable[[bool], bool]], quick: bool) -> bool:
    """Run parts one after the other; whether all aims are met."""
    met = True
    for name, run in parts.items():
        print(f"== {name}", flush=True)
        met &= run(quick)
    return met


def quick_wanted(arguments: Sequence[str] | None = None) -> bool:
    """Whether the command line asks for small sizes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller instances")
    return bool(parser.parse_args(arguments).quick)


def alone(name: str, run: Callable[[bool], bool]) -> NoReturn:
    """Run one part as a command; exit 1 when an aim is missed."""
    sys.exit(0 if run_parts({name: run}, quick_wanted()) else 1)
