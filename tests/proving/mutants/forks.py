"""Tries mutants in forks of one process, each with limits of its own."""

from __future__ import annotations

import gc
import os
import resource
import shutil
import signal
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MEMORY_BYTES = 3 << 30
_WALL_SECONDS_FOR_ONE = 12
"""How many seconds of the clock a fork may take for each second of computing."""


@dataclass(frozen=True)
class Fork:
    """What is to be done in a fork."""

    work: Callable[[Path], str]
    """Is given a folder of its own for what it writes; what it returns comes back."""
    cpu_seconds: float
    """How long it may compute."""


def in_forks(forks: Iterable[Fork], at_once: int) -> Iterator[tuple[Fork, str | None]]:
    """Runs *forks*, so many *at_once*, and tells as they end what each returned.

    None where it was stopped at a limit, or died.
    """
    gc.freeze()
    running: dict[int, tuple[Fork, int, Path]] = {}
    for fork in forks:
        if len(running) == at_once:
            yield _next_ended(running)
        _start(fork, running)
    while running:
        yield _next_ended(running)


def _start(fork: Fork, running: dict[int, tuple[Fork, int, Path]]) -> None:
    reading, writing = os.pipe()
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    process = os.fork()
    if not process:
        os.setpgid(0, 0)
        os.close(reading)
        _limit(fork.cpu_seconds)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        try:
            os.write(writing, fork.work(folder).encode())
        except BaseException as error:
            os.write(writing, f"error {error!r}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    running[process] = fork, reading, folder


def _limit(cpu_seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    for kind in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(kind, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, cpu_seconds * _WALL_SECONDS_FOR_ONE)


def _next_ended(running: dict[int, tuple[Fork, int, Path]]) -> tuple[Fork, str | None]:
    process, status = os.wait()
    while process not in running:
        process, status = os.wait()
    fork, reading, folder = running.pop(process)
    with suppress(ProcessLookupError):
        # What the work itself started, and left.
        os.killpg(process, signal.SIGKILL)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    shutil.rmtree(folder, ignore_errors=True)
    return fork, said if said and not status else None
