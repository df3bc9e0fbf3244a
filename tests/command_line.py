"""Runs the command line in this process, in a folder and a world of its own."""

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from mesoplan.cli.app import run

NOW = "2026-11-23T12:00:00Z"
WORLD = {
    "MESOPLAN_NOW": NOW,
    "MESOPLAN_CLINIC": "none",
    "TZ": "Europe/Paris",
    "TERM": "xterm-256color",
    "CI": "",
}
"""The environment of every run: nothing of the machine's own time, zone, terminal or clinic;
and what a run asks on a terminal is asked in CI too.
"""


def world_in(folder: Path) -> dict[str, str]:
    """The environment of a run in a folder: copies of what is fetched go there, too."""
    return WORLD | {"XDG_CACHE_HOME": str(folder.resolve() / "cache")}


@dataclass(frozen=True)
class Outcome:
    """What a command line printed, and its exit code."""

    output: bytes
    error: str
    exit_code: int

    @property
    def text(self) -> str:
        return self.output.decode()


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def mesoplan(
    folder: Path,
    *arguments: str,
    given: bytes = b"",
    now: str | None = None,
    columns: int | None = None,
    also: Mapping[str, str] | None = None,
) -> Outcome:
    """Run `mesoplan ARGUMENTS` in *folder*, with *given* on standard input, at the moment *now*.

    With *columns* it writes to what says that it is a terminal of that width; *also* is what the
    environment has beside, or in place of, `WORLD`.
    """
    kind = io.TextIOWrapper if columns is None else _Terminal
    bytes_out, bytes_error = io.BytesIO(), io.BytesIO()
    output, error = (kind(each, "utf-8", newline="\n") for each in (bytes_out, bytes_error))
    world = world_in(folder) | ({} if now is None else {"MESOPLAN_NOW": now})
    world |= {} if columns is None else {"COLUMNS": str(columns)}
    world |= also or {}
    with (
        _inside(folder),
        patch.dict(os.environ, world),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8")),
        patch.object(sys, "stdout", output),
        patch.object(sys, "stderr", error),
    ):
        os.environ.pop("NO_COLOR", None)
        code = run(list(arguments))
        output.flush()
        error.flush()
    return Outcome(bytes_out.getvalue(), bytes_error.getvalue().decode(), code)


def started(
    folder: Path,
    *arguments: str,
    now: str | None = None,
    output: int = subprocess.PIPE,
    error: int = subprocess.PIPE,
    alone: bool = False,
) -> subprocess.Popen[str]:
    """`mesoplan ARGUMENTS` in *folder*, in a process of its own that has just begun.

    One that is *alone* has a group of processes of its own, as on a terminal.
    """
    world = {**os.environ, **world_in(folder), **({} if now is None else {"MESOPLAN_NOW": now})}
    return subprocess.Popen(
        [sys.executable, "-m", "mesoplan", *arguments],
        cwd=folder,
        env=world,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=error,
        encoding="utf-8",
        start_new_session=alone,
    )


def mesoplan_line(folder: Path, line: str, now: str | None = None) -> Outcome:
    """Run a line as a shell would split it: `mesoplan`, perhaps after what its environment has."""
    also, arguments = split(line)
    return mesoplan(folder, *arguments, now=now, also=also)


def split(line: str) -> tuple[dict[str, str], list[str]]:
    """What the environment of a line has, and the words after `mesoplan`."""
    words = shlex.split(line)
    at = words.index("mesoplan")
    return dict(setting.split("=", 1) for setting in words[:at]), words[at + 1 :]
