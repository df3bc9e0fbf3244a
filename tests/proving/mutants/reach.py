"""Runs each test once without any fault, and knows then which tests reach a line."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    import pytest

_SLOW_SECONDS = 1.0
_NOT_CLEARED = ("mesoplan.dates.holidays", "mesoplan.dates.zones", __name__)
"""Their caches depend on no module that gets faults, and are slow to fill."""


class Reach:
    """The collected tests, and what each reaches.

    What starts a program reaches nothing: there the fault would not be. Of a test that is slow
    with one set of parameters, the other sets are left out.
    """

    def __init__(self, items: Sequence[pytest.Item], paths: Sequence[str], kept: Path | None):
        self.items = items
        self.failed = ""
        """The test that fails without any fault, if one does."""
        self._seconds: dict[int, float] = {}
        self._rank: dict[int, float] = {}
        self._reaching: dict[tuple[str, int], set[int]] = defaultdict(set)
        known = json.loads(kept.read_text()) if kept is not None and kept.exists() else {}
        for index, (name, found) in self._find_out(paths, known):
            known[name] = found
            self._seconds[index] = found["seconds"]
            self._rank[index] = found["seconds"] * sum(map(len, found["lines"].values()))
            for path, lines in found["lines"].items():
                for line in lines:
                    self._reaching[path, line].add(index)
            if kept is not None and index % 100 == 0:
                kept.write_text(json.dumps(known))
        if kept is not None:
            kept.write_text(json.dumps(known))

    def order(
        self, path: str, lines: Sequence[int], first: Sequence[int], seconds: float
    ) -> list[int]:
        """The tests that reach one of *lines*, by their indexes, as many as take so long.

        Those of *first* come first, then those that take least time and reach least else, since
        they look closely; each further case of one test counts for less.
        """
        reaching: set[int] = set().union(
            *(self._reaching.get((path, line), ()) for line in range(lines[0], lines[-1] + 1))
        )
        order: list[int] = []
        spent = 0.0
        chosen = [index for index in first if index in reaching]
        for index in (*chosen, *self._by_worth(reaching.difference(chosen))):
            spent += self._seconds[index]
            if order and spent > seconds:
                break
            order.append(index)
        return order

    def seconds(self, order: Sequence[int]) -> float:
        """How long those tests take, without a fault."""
        return sum(self._seconds[index] for index in order)

    def _by_worth(self, indexes: set[int]) -> list[int]:
        cases: Counter[str] = Counter()
        worth: dict[int, float] = {}
        for index in sorted(indexes, key=self._rank.__getitem__):
            name = _test(self.items[index])
            worth[index] = self._rank[index] * (1 + cases[name] / 4)
            cases[name] += 1
        return sorted(indexes, key=worth.__getitem__)

    def _find_out(
        self, paths: Sequence[str], known: dict[str, Any]
    ) -> Iterator[tuple[int, tuple[str, dict[str, Any]]]]:
        from coverage import Coverage

        slow: set[str] = set()
        for index, item in enumerate(self.items):
            if _test(item) in slow:
                continue
            name = f"{item.nodeid} {_state(item.path)} {' '.join(paths)}"
            found = known.get(name)
            if found is None:
                coverage = Coverage(data_file=None, config_file=False, include=[*paths])
                coverage.set_option("run:disable_warnings", ["no-data-collected"])
                clear_caches()
                begun = time.process_time()
                with coverage.collect(), _no_programs() as started:
                    passed = passes(item, None)
                seconds = time.process_time() - begun
                if not passed and not started:
                    self.failed = item.nodeid
                    return
                data = coverage.get_data()
                lines = {
                    path: data.lines(str(Path(path).resolve())) or []
                    for path in (() if started else paths)
                }
                found = {"seconds": seconds, "lines": lines}
            if found["seconds"] > _SLOW_SECONDS:
                slow.add(_test(item))
            yield index, (name, found)


def passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run a test: whether it does not fail. What *following* needs too is kept."""
    from _pytest.runner import runtestprotocol

    try:
        reports = runtestprotocol(item, log=False, nextitem=following)
    except BaseException:
        return False
    return not any(report.failed for report in reports)


@contextmanager
def _no_programs() -> Iterator[list[object]]:
    """Holds off programs that are to start, and tells them."""
    started: list[object] = []

    def hold_off(_: object, program: object, *__: object, **___: object) -> None:
        started.append(program)
        raise OSError("no program is started here")

    with patch.object(subprocess.Popen, "__init__", hold_off):
        yield started


def clear_caches() -> None:
    """Forget what functions of the program and of the tests have kept."""
    for clear in _clears(len(sys.modules)):
        clear()


@lru_cache(maxsize=1)
def _clears(modules: int) -> list[Callable[[], None]]:  # noqa: ARG001 - looks again for new ones
    return [
        thing.cache_clear
        for name, module in list(sys.modules.items())
        if name.startswith(("mesoplan", "tests")) and name not in _NOT_CLEARED
        for thing in _things_of(module)
        if hasattr(thing, "cache_clear")
    ]


def _things_of(module: ModuleType) -> Iterator[Any]:
    for thing in list(vars(module).values()):
        yield thing
        if isinstance(thing, type):
            yield from vars(thing).values()


def _test(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


@cache
def _state(test_file: Path) -> str:
    files = [*sorted(Path("mesoplan").rglob("*.py")), test_file]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
