"""Tries faults outside functions: in tables, numbers by name, defaults of parameters.

A module has to be imported anew with such a fault, and all that imports from it. So each is tried
in a fork of a process that has imported only libraries.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.proving.mutants.forks import Fork, in_forks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType

    from tests.proving.mutants.made import Mutant

_LIBRARIES = ("icalendar", "holidays", "recurring_ical_events", "typer", "rich.console", "vobject")
"""They take long to import; no fault is in them."""
_CPU_SECONDS = 60.0
_NOT_SLOW = ("-k", "not exhaustive and not slow_search and not every_single")
NO_PYTHON = "no Python"
"""The outcome of what is no mutant."""


def tried_outside(
    mutants: Sequence[Mutant], options: Sequence[str], test_files: Sequence[str], at_once: int
) -> Iterator[tuple[Mutant, str, str]]:
    """Each of *mutants* with its outcome and the test that failed."""
    for library in _LIBRARIES:
        importlib.import_module(library)
    of_fork: dict[int, Mutant] = {}

    def forks() -> Iterator[Fork]:
        for mutant in mutants:
            work = partial(_import_and_run, mutant, options, test_files)
            fork = Fork(work, _CPU_SECONDS)
            of_fork[id(fork)] = mutant
            yield fork

    for fork, said in in_forks(forks(), at_once):
        outcome, _, by = (said or "stopped").partition(" ")
        mutant = of_fork.pop(id(fork))
        if said != NO_PYTHON:
            yield mutant, outcome, by


def _import_and_run(
    mutant: Mutant, options: Sequence[str], test_files: Sequence[str], folder: Path
) -> str:
    try:
        mutant.compiled("")
    except SyntaxError:
        return NO_PYTHON
    sys.meta_path.insert(0, _FaultyImport(mutant))
    # One file after the other: most faults are found before most files are imported.
    for number, file in enumerate(test_files):
        first_failed = _FirstFailed()
        written = f"--basetemp={folder / str(number)}"
        code = pytest.main([written, *options, *_NOT_SLOW, file], plugins=[first_failed])
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return f"killed {first_failed.name}"
    return "survived"


class _FirstFailed:
    """Notes the first test, or file of tests, that fails."""

    name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.name = self.name or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.name = self.name or report.nodeid


class _FaultyImport(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self,
        fullname: str,
        path: object,  # noqa: ARG002 - the importer names it
        target: object = None,  # noqa: ARG002 - as above
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        loader = _FaultyLoader(self._mutant)
        return importlib.util.spec_from_file_location(fullname, loader.path, loader=loader)


class _FaultyLoader(importlib.machinery.SourceFileLoader):
    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(Path(mutant.path).resolve()))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return self._mutant.compiled(self.get_filename(fullname))
