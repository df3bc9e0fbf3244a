"""Makes nonsense for a reader by chance, in a process of its own; the same chance each time."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.proving.fuzzing.readers import READERS, material_of
from tests.proving.fuzzing.reports import Report, Trials, report_in
from tests.proving.fuzzing.trial import trial_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_BYTES = 1_500_000_000
"""What a process may ask for at all, so that nothing else on the machine suffers."""


def searched(name: str, seconds: float, seed: int) -> Report:
    """What comes of giving nonsense to a reader for so many seconds of a processor."""
    return in_process(name, lambda told_in: _search(name, seconds, seed, told_in))


def again(name: str, data: bytes) -> Report:
    """What comes of giving it one input."""
    return in_process(name, lambda told_in: try_one(name, data, told_in))


def try_one(name: str, data: bytes, told_in: Path) -> None:
    """Give a reader one input, and tell in a folder what came of it."""
    trials = Trials(READERS[name], told_in, shortens=False)
    with trial_folder() as folder:
        trials.make(data, folder)
    trials.tell()


def in_process(name: str, work: Callable[[Path], None]) -> Report:
    """What a process tells of a reader; its work is told where to tell it."""
    with told_folder() as told_in:
        process = multiprocessing.get_context("fork").Process(target=_worked, args=(work, told_in))
        process.start()
        process.join()
        return report_in(told_in, name, process.exitcode or 0)


@contextmanager
def told_folder() -> Iterator[Path]:
    """A folder for a process, whatever becomes of it; in memory where that can be."""
    memory = Path("/dev/shm")
    parent = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="nonsense-", dir=parent) as folder:
        yield Path(folder)


def _worked(work: Callable[[Path], None], told_in: Path) -> None:
    tempfile.tempdir = str(told_in)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    work(told_in)


def _search(name: str, seconds: float, seed: int, told_in: Path) -> None:
    material = material_of(name)
    trials = Trials(READERS[name], told_in)
    end = time.process_time() + seconds
    with trial_folder() as folder:
        for data in dict.fromkeys(material.seeds):
            trials.make(data, folder)
        number = 0
        while time.process_time() < end:
            trials.make(material.nonsense(Random(f"{seed}/{name}/{number}")), folder)
            number += 1
    trials.tell()
