"""Runs command lines of mesoplan under strace, one of their system calls going wrong."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.command_line import WORLD
from tests.proving.faults.calls import CALLS, called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.proving.faults.calls import Call, Fault

_LONGEST_SECONDS = 30.0


class CanNotTrace(Exception):
    """Why nothing can be tried here."""


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    exit_code: int
    """Below zero the signal that ended it."""
    output: bytes
    error: str
    calls: tuple[Call, ...]
    """What it asked the system for, if that was traced."""


class Runner:
    """Runs command lines; leaves nothing of the world of its own beside a folder *aside*."""

    def __init__(self, world: Path, aside: Path) -> None:
        """*world* has the folders of `environment`, in which the commands run."""
        strace = shutil.which("strace")
        if strace is None:
            raise CanNotTrace("strace is missing; install it (apt-get install strace)")
        self._strace = strace
        self._world, self._aside = world, aside
        ours, self._begin = os.pipe()
        self._loaded = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("loaded.py")), str(ours)],
            env=environment(world),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(ours,),
            encoding="utf-8",
        )
        os.close(ours)

    def close(self) -> None:
        """End the process from which all are forked."""
        self._loaded.communicate()
        os.close(self._begin)

    def run(
        self, arguments: Sequence[str], *, traced: bool = True, fault: Fault | None = None
    ) -> Ended:
        """Run `mesoplan ARGUMENTS` in the folder “clinic”. Raises CanNotTrace."""
        output, error, trace = (self._aside / name for name in ("output", "error", "trace"))
        asked = {
            "folder": str(self._world / "clinic"),
            "output": str(output),
            "error": str(error),
            "arguments": json.dumps(list(arguments)),
        }
        process = int(self._asked(json.dumps(asked)))
        with self._traced(process, trace, fault) if traced else contextlib.nullcontext():
            os.write(self._begin, b".")
            with _ended_at_last(process):
                code = int(self._answer())
        calls = called(trace.read_text(errors="replace"), self._world) if traced else ()
        return Ended(code, output.read_bytes(), error.read_text(errors="replace"), calls)

    @contextlib.contextmanager
    def _traced(self, process: int, trace: Path, fault: Fault | None) -> Iterator[None]:
        inject = () if fault is None else (f"--inject={fault.injection}",)
        names = ",".join(f"?{name}" for name in CALLS)
        with subprocess.Popen(
            [
                *(self._strace, "-f", "-y", "-s", "16", "-o", str(trace), f"--trace={names}"),
                *(*inject, "-p", str(process)),
            ],
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as tracer:
            assert tracer.stderr is not None
            # Said once it will be stopped before it does anything.
            said = tracer.stderr.readline()
            if "attached" not in said:
                os.kill(process, signal.SIGKILL)
                self._answer()
                raise CanNotTrace(f"strace may not trace here: {said.strip()}")
            yield
            tracer.stderr.read()

    def _asked(self, line: str) -> str:
        assert self._loaded.stdin is not None
        self._loaded.stdin.write(f"{line}\n")
        self._loaded.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._loaded.stdout is not None
        return self._loaded.stdout.readline()


@contextlib.contextmanager
def _ended_at_last(process: int) -> Iterator[None]:
    """End the process where it hangs."""
    timer = threading.Timer(_LONGEST_SECONDS, os.kill, (process, signal.SIGKILL))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def environment(world: Path) -> dict[str, str]:
    """The environment of every command: nothing of the machine's own but its programs."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        **WORLD,
        "LC_ALL": "C.UTF-8",
        "HOME": str(world / "home"),
        "XDG_CONFIG_HOME": str(world / "home" / "config"),
        "TMPDIR": str(world / "tmp"),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
