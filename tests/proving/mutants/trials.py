"""Runs the tests on mutants: `python -m tests.proving.mutants.trials JOB`, in a copy of all.

The job is a JSON file; see `Job`. The outcome of each mutant is a line of JSON on standard output.

A fault inside a function is tried in a fork of a process that has collected the tests and knows
which of them reach the line: the function gets the faulty code, and they run, those first that
found a fault of that function before. So most faults take some milliseconds. For faults elsewhere
see `outside`.
"""

from __future__ import annotations

import gc
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.proving.mutants.forks import Fork, in_forks
from tests.proving.mutants.made import Mutant, mutants_of
from tests.proving.mutants.outside import NO_PYTHON, tried_outside
from tests.proving.mutants.reach import Reach, clear_caches, passes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CPU_SECONDS_AT_LEAST = 5.0
_TIMES_AS_LONG = 4

_OPTIONS = (
    *("-o", "addopts=", "-o", "tmp_path_retention_policy=none"),
    *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:terminal", "--capture=sys", "-x"),
    "--assert=plain",
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


@dataclass(frozen=True)
class Job:
    """What is to be tried."""

    where: str
    """“inside” functions or “outside” of them."""
    modules: list[str]
    """Paths of the modules, from the checkout on."""
    at_import: list[str]
    """Functions of which faults are tried as those outside of functions are."""
    test_files: list[str]
    equivalent: list[list[str]]
    """The contents of mutants that are not tried, only told."""
    known: list[list[str | int]]
    """The contents and first lines of mutants that are neither tried nor told."""
    every: int
    """1 for all mutants, 20 for one in twenty."""
    at_once: int
    seconds: float
    """How long the tests of one mutant may run, in seconds of the run without it."""
    reach: str | None
    """A file that keeps which test reaches what."""


def main() -> None:
    job = Job(**json.loads(Path(sys.argv[1]).read_text()))
    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")
    mutants = list(_to_be_tried(job))
    if not mutants:
        return
    if job.where == "outside":
        for mutant, outcome, by in tried_outside(mutants, _OPTIONS, job.test_files, job.at_once):
            _tell(mutant, outcome, by)
        return
    trials = _Trials(mutants, job)
    # A folder of its own: other runs of pytest clear up where they all write.
    written = f"--basetemp={Path.cwd().with_name('written')}"
    code = pytest.main([*_OPTIONS, written, *job.test_files], plugins=[trials])
    if code or trials.failed:
        sys.exit(f"without any fault, tests fail: {trials.failed or code}")


def _to_be_tried(job: Job) -> Iterator[Mutant]:
    equivalent = {tuple(content) for content in job.equivalent}
    known = {tuple(content) for content in job.known}
    made = [mutant for path in job.modules for mutant in mutants_of(Path(), path)]
    for mutant in made[:: job.every]:
        where = "inside" if mutant.function not in ("", *job.at_import) else "outside"
        if where != job.where:
            continue
        if mutant.content in equivalent:
            _tell(mutant, "equivalent")
        elif (*mutant.content, mutant.begin[0]) not in known:
            yield mutant


def _tell(mutant: Mutant, outcome: str, by: str = "") -> None:
    print(json.dumps([*mutant.content, mutant.begin[0], outcome, by]), flush=True)


class _Trials:
    """Takes the place of pytest's loop over the tests."""

    def __init__(self, mutants: Sequence[Mutant], job: Job) -> None:
        self._mutants = mutants
        self._job = job
        self._of_fork: dict[int, Mutant] = {}
        self._killers: dict[tuple[str, str], list[int]] = defaultdict(list)
        """For each function the tests that found a fault of it, the last one first."""
        self._reach: Reach
        self._words = ""
        """What the last test that failed said."""
        self.failed = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport | None:
        """Whether a test failed, without the words that take long to find."""
        if call.excinfo is None or isinstance(call.excinfo.value, pytest.skip.Exception):
            return None
        assert call.when != "collect"
        self._words = repr(call.excinfo.value)
        return pytest.TestReport(item.nodeid, item.location, {}, "failed", "", call.when)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        kept = None if self._job.reach is None else Path(self._job.reach)
        self._reach = Reach(session.items, self._job.modules, kept)
        if self._reach.failed:
            self.failed = f"{self._reach.failed}: {self._words}"
        if not self.failed:
            self._try_all()
        return True

    def _try_all(self) -> None:
        functions = {path: _Functions(path) for path in self._job.modules}
        forks = (self._fork(mutant, functions[mutant.path]) for mutant in self._mutants)
        for fork, said in in_forks((fork for fork in forks if fork), self._job.at_once):
            mutant = self._of_fork.pop(id(fork))
            if said is None:
                _tell(mutant, "stopped")
            elif said.isdecimal():
                _tell(mutant, "killed", self._reach.items[int(said)].nodeid)
                killers = self._killers[mutant.path, mutant.function]
                if int(said) in killers:
                    killers.remove(int(said))
                killers.insert(0, int(said))
            elif said != NO_PYTHON:
                _tell(mutant, said)

    def _fork(self, mutant: Mutant, functions: _Functions) -> Fork | None:
        killers = self._killers[mutant.path, mutant.function]
        order = self._reach.order(mutant.path, mutant.statement, killers, self._job.seconds)
        if not order:
            _tell(mutant, "not reached")
            return None
        limit = _CPU_SECONDS_AT_LEAST + _TIMES_AS_LONG * self._reach.seconds(order)
        fork = Fork(partial(self._run, mutant, functions, order), limit)
        self._of_fork[id(fork)] = mutant
        return fork

    def _run(
        self, mutant: Mutant, functions: _Functions, order: Sequence[int], folder: Path
    ) -> str:
        try:
            if not functions.put_into(mutant):
                return "not tried"
        except SyntaxError:
            return NO_PYTHON
        clear_caches()
        items = [self._reach.items[index] for index in order]
        factory: Any = items[0].config._tmp_path_factory  # type: ignore[attr-defined]
        factory._basetemp = folder
        for index, item, following in zip(order, items, (*items[1:], None), strict=True):
            if not passes(item, following):
                return str(index)
        return "survived"


class _Functions:
    """The functions of a module that is imported, and can be given other code."""

    def __init__(self, path: str) -> None:
        self._file = str(Path(path).resolve())
        self._functions: dict[tuple[str, int], list[FunctionType]] = defaultdict(list)
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename == self._file:
                self._functions[_place(thing.__code__)].append(thing)

    def put_into(self, mutant: Mutant) -> bool:
        """Give the function the code that it has in the mutant; False where that can't be done."""
        put = False
        for code in _codes_in(mutant.compiled(self._file)):
            for function in self._functions.get(_place(code), ()):
                if code.co_freevars != function.__code__.co_freevars:
                    return False
                if code != function.__code__:
                    function.__code__ = code
                    put = True
        return put


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


if __name__ == "__main__":
    main()
