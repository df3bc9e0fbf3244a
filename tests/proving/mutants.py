"""Puts faults into the planning, one at a time: some test must fail of each.

    python -m tests.proving.mutants [MODULE…] [--tests PATH…] [--processes N]

mutmut changes a number, comparison, argument, condition … of mesoplan/planning, and runs the tests
that reach it; `[tool.mutmut]` of pyproject.toml says which tests there are. All of it happens in a
copy of the checkout. What survives is printed with its change: either a test is missing, or nobody
could notice it. Fewer than 85 % killed is a broken promise.

It needs mutmut (pip install '.[proving]'). A module takes some minutes, or an hour, of two cores.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.proving.checkout import ROOT, copy_to
from tests.proving.verdict import Verdict

LEAST_KILLED = 0.85
_LAST_WORDS = 2000
MODULES = sorted(path.stem for path in (ROOT / "mesoplan/planning").glob("[!_]*.py"))


def main() -> int:
    """Try the faults of what is asked for; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="only: " + ", ".join(MODULES))
    parser.add_argument("--tests", nargs="+", metavar="PATH", help="only these run")
    parser.add_argument("--processes", default="2", help="mutants that run at once (default: 2)")
    asked = parser.parse_args()
    if unknown := set(asked.modules) - {*MODULES}:
        parser.error(f"no such module: {', '.join(sorted(unknown))}")
    if find_spec("mutmut") is None:
        print("mutmut is missing: pip install '.[proving]'", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mesoplan-mutants-") as scratch:
        copy = Path(scratch)
        copy_to(copy)
        paths = [f"mesoplan/planning/{module}.py" for module in asked.modules]
        _choose("only_mutate", paths, copy / "pyproject.toml")
        _choose("pytest_add_cli_args_test_selection", asked.tests, copy / "pyproject.toml")
        _mutmut(copy, "run", "--max-children", asked.processes, shown=sys.stdout.isatty())
        return _judged(copy)


def _choose(setting: str, chosen: list[str] | None, settings: Path) -> None:
    """Give a setting of mutmut those paths, if there are any."""
    if chosen:
        text = settings.read_text("utf-8")
        line = f"{setting} = {json.dumps(chosen)}"
        text = re.sub(rf"^{setting} = \[[^\]]*\]$", line, text, flags=re.MULTILINE)
        settings.write_text(text, "utf-8")


def _judged(copy: Path) -> int:
    verdict = Verdict()
    _mutmut(copy, "export-cicd-stats")
    counts = json.loads((copy / "mutants/mutmut-cicd-stats.json").read_text("utf-8"))
    killed = counts["killed"] + counts["timeout"]
    verdict.tried = killed + counts["survived"] + counts["no_tests"] + counts["suspicious"]
    for line in _mutmut(copy, "results").splitlines():
        name, _, outcome = line.strip().partition(": ")
        if outcome in {"survived", "no tests", "suspicious"}:
            print(f"{outcome}:", _mutmut(copy, "show", name), flush=True)
    share = killed / max(verdict.tried, 1)
    if share < LEAST_KILLED:
        verdict.broken.append(f"{share:.1%} killed, not {LEAST_KILLED:.0%}")
    return verdict.end(f"{verdict.tried:,} mutants, {killed:,} killed: {share:.1%}")


def _mutmut(copy: Path, *arguments: str, shown: bool = False) -> str:
    """Run mutmut in the copy, and show what it prints, or give it back."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=copy,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        print((done.stdout or "")[-_LAST_WORDS:], file=sys.stderr)
        sys.exit(f"mutmut {arguments[0]} ended with {done.returncode}")
    return done.stdout or ""


if __name__ == "__main__":
    sys.exit(main())
