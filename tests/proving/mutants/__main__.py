"""Puts faults into the program, one at a time: some test must fail of each.

`python -m tests.proving.mutants [MODULE…] [--quick]` takes the modules that dates and files depend
on, changes one number, comparison, text, argument, condition … of them, and runs the tests that
reach it. A fault that no test notices survives; it is told with its lines, unless it is listed in
`equivalent_mutants.toml`, with the reason why nobody could notice it. Fewer than 95 % killed of
those that are not listed is a broken promise.

All of it happens in a copy of the checkout. The operators are those of mutmut, which has to be
installed beside the program (pip install 'mutmut>=3.8'): see `made`; how the tests are run
is told in `trials`.

Some 7,000 faults take about a quarter of an hour on two cores with --processes 2, half an hour on
one; --quick five minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proving.mutants.parts import CHECKOUT, PARTS, Part
from tests.proving.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
_NEEDED = ("mutmut", "libcst", "coverage")
_LEAST_KILLED = 0.95
_QUICK = 25
"""With --quick one fault in so many is tried."""

_WHERE = ("inside", "outside")
"""Faults in functions, and in what is done once a module is imported."""

_MOST_SECONDS = 8.0

Content = tuple[str, str, str, str]
"""What tells a fault: its module, its function, the changed line before and after."""


@dataclass(frozen=True)
class Outcome:
    """What came of one fault."""

    path: str
    function: str
    before: str
    after: str
    line: int
    outcome: str
    """“killed”, “stopped” (it went on for too long), “equivalent”, or else it is not noticed."""
    by: str
    """The test that failed."""

    @property
    def is_killed(self) -> bool:
        return self.outcome in ("killed", "stopped")

    @property
    def survives(self) -> bool:
        return not self.is_killed and self.outcome != "equivalent"

    @property
    def content(self) -> Content:
        return self.path, self.function, self.before, self.after

    def __str__(self) -> str:
        place = f"{self.path}:{self.line} {self.function}".rstrip()
        return f"{self.outcome}: {place}\n    - {self.before}\n    + {self.after}"


def main() -> int:
    arguments = _parser().parse_args()
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        print("needs mutmut in this environment: pip install 'mutmut>=3.8'", file=sys.stderr)
        return 2
    modules = [module for part in PARTS.values() for module in part.modules]
    unknown = [module for module in arguments.modules if module not in modules]
    if unknown:
        print(
            f"not among the modules: {unknown[0]}; they are {', '.join(modules)}", file=sys.stderr
        )
        return 2
    asked = arguments.modules or modules
    equivalent = _equivalent()
    outcomes: list[Outcome] = []
    for part in PARTS.values():
        paths = [path for path in part.modules if path in asked]
        if paths:
            outcomes += _in_a_copy(part, paths, equivalent, arguments)
    verdict = Verdict()
    for path in asked:
        print(f"{path}: {_figure([outcome for outcome in outcomes if outcome.path == path])}")
    if not arguments.quick:
        seen = {outcome.content for outcome in outcomes}
        for content in equivalent:
            made = content in seen or content[0] not in asked
            verdict.holds(made, f"listed as equivalent, but no such mutant is made: {content}")
    verdict.tried += len(outcomes)
    share = _share(outcomes)
    verdict.holds(share >= _LEAST_KILLED, f"{share:.1%} killed, not {_LEAST_KILLED:.0%}")
    return verdict.end(_figure(outcomes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="mesoplan/rules.py, …")
    parser.add_argument("--quick", action="store_true", help=f"one fault in {_QUICK}")
    parser.add_argument("--processes", type=int, default=1, help="so many faults at once")
    parser.add_argument(
        "--seconds",
        type=float,
        default=_MOST_SECONDS,
        help="the tests that reach a fault run, the quickest first, until they have taken so long",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FILE",
        help="keeps there what is killed, and does not try it again while its module is the same",
    )
    return parser


def _figure(outcomes: Sequence[Outcome]) -> str:
    killed = sum(outcome.is_killed for outcome in outcomes)
    survivors = sum(outcome.survives for outcome in outcomes)
    equivalent = len(outcomes) - killed - survivors
    return (
        f"{len(outcomes):,} mutants, {killed:,} killed, {equivalent:,} shown to be equivalent: "
        f"{_share(outcomes):.1%} of all others; survivors: {survivors:,}"
    )


def _share(outcomes: Sequence[Outcome]) -> float:
    killed = sum(outcome.is_killed for outcome in outcomes)
    survivors = sum(outcome.survives for outcome in outcomes)
    return killed / max(killed + survivors, 1)


def _equivalent() -> list[Content]:
    """The contents of the mutants that are listed as equivalent."""
    listed = tomllib.loads(_EQUIVALENT.read_text()).get("equivalent", [])
    return [
        (entry["module"], entry["function"], entry["before"], entry["after"]) for entry in listed
    ]


def _in_a_copy(
    part: Part,
    paths: Sequence[str],
    equivalent: Sequence[Content],
    arguments: argparse.Namespace,
) -> Iterator[Outcome]:
    """Try the mutants of the modules at *paths* in a copy of the checkout."""
    kept = _Kept(arguments.keep)
    known = [
        outcome
        for path in paths
        for outcome in kept.killed(path)
        if outcome.content not in equivalent
    ]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "checkout")
        for name in ("mesoplan", "tests", "pyproject.toml", "README.md"):
            source = CHECKOUT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        yield from known
        for where in _WHERE:
            job = {
                "where": where,
                "modules": paths,
                "at_import": part.at_import,
                "test_files": [
                    f"tests/test_{name}.py"
                    for name in (part.tests if where == "inside" else part.quick_tests)
                ],
                "equivalent": equivalent,
                "known": [[*outcome.content, outcome.line] for outcome in known],
                "every": _QUICK if arguments.quick else 1,
                "at_once": arguments.processes,
                "seconds": arguments.seconds,
                "reach": arguments.keep and str(arguments.keep.resolve()) + ".reach",
            }
            Path(folder, "job.json").write_text(json.dumps(job))
            for outcome in _outcomes(copy, Path(folder, "job.json")):
                if outcome.survives:
                    print(outcome, flush=True)
                kept.add(outcome)
                yield outcome


def _outcomes(copy: Path, job: Path) -> Iterator[Outcome]:
    trials = subprocess.Popen(
        [sys.executable, "-m", "tests.proving.mutants.trials", str(job)],
        cwd=copy,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert trials.stdout is not None
    for number, line in enumerate(trials.stdout, start=1):
        yield Outcome(*json.loads(line))
        if number % 100 == 0:
            print(f"{number} tried", file=sys.stderr)
    if trials.wait():
        raise SystemExit(2)


class _Kept:
    """A file with what was killed in modules as they are now."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def killed(self, path: str) -> list[Outcome]:
        """What is known to be killed in the module at *path*."""
        if self._file is None or not self._file.exists():
            return []
        kept = map(json.loads, self._file.read_text().splitlines())
        found = [Outcome(*fields) for state, *fields in kept if state == _state(path)]
        return list({(o.line, o.content): o for o in found if o.path == path}.values())

    def add(self, outcome: Outcome) -> None:
        """Note it if it is killed."""
        if self._file is None or not outcome.is_killed:
            return
        with self._file.open("a") as file:
            line = [_state(outcome.path), *outcome.content, outcome.line, outcome.outcome]
            file.write(json.dumps([*line, outcome.by]) + "\n")


@cache
def _state(path: str) -> str:
    return hashlib.sha256((CHECKOUT / path).read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
