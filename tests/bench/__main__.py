"""Runs the parts of the benchmark: `python -m tests.bench --help`."""

import argparse
import sys
from importlib import import_module

from tests.bench import __doc__ as about
from tests.bench.measuring import run_parts

PARTS = (
    "startup",
    "solver",
    "busy",
    "batch",
    "agenda",
    "together",
    "usual_ways",
    "ill",
    "server_book",
)
"""The modules here that measure something, each with a function `run(quick)`."""

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=about)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller instances")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - {*PARTS}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen = [name for name in PARTS if name in asked.parts or not asked.parts]
    parts = {name: import_module(f"tests.bench.{name}").run for name in chosen}
    sys.exit(0 if run_parts(parts, asked.quick) else 1)
