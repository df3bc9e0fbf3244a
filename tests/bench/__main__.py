"""Runs all parts of the suite; exits 1 when an aim is missed."""

from __future__ import annotations

import sys
from importlib import import_module

from tests.bench.measuring import quick_wanted, run_parts

PARTS = ("startup", "solver", "busy", "batch", "agenda", "usual_ways")
"""The modules here that measure something, each with a function `run(quick)`."""

if __name__ == "__main__":
    quick = quick_wanted()
    parts = {name: import_module(f"tests.bench.{name}").run for name in PARTS}
    sys.exit(0 if run_parts(parts, quick) else 1)
