"""Golden runs on a terminal: what is asked, what is answered, and what is shown.

A run is “$ mesoplan …”, before it the variables that it needs, as a shell takes them; then all that
the terminal shows, with each answer in «», ^D for the end of input and ^C for Ctrl-C; then
“[exit N]”. The runs of one file share a folder, and begin with the files of the folder of its name.
COLUMNS is the width of the terminal, 80 without it. The plan that a run makes has the id that goes
with the place of the run, so that its own command can make the same plan. HERE is the folder of
the runs, shown with TERM=dumb, because other terminals break what is long.
"""

import contextlib
import io
import os
import re
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from uuid import UUID

from mesoplan.cli.app import run
from tests.command_line import mesoplan_line, split, world_in
from tests.golden import commands_of, start, without_ids

GUIDED = sorted((Path(__file__).parent / "guided").glob("*.txt"))
_ANSWER = re.compile(r"«(.*?)»$", re.MULTILINE)
_KEYS = {"^D": "\x04"}
_PROPOSED = re.compile(
    r"The command that does the same:\n  (mesoplan .*)\n((?:[^«\n]*\n)*[^«\n]*)«(.*)»"
)

_OFFERED = re.compile(r"^ +(mesoplan move .*)$", re.MULTILINE)


class _Typist(io.TextIOWrapper):
    """Standard input on a terminal at which one answer after the other is typed."""

    def __init__(self, terminal: int, its_end: int, answers: list[str]) -> None:
        super().__init__(open(its_end, "rb", closefd=False), "utf-8")  # noqa: SIM115
        self.terminal, self.its_end, self.waiting = terminal, its_end, [*answers]

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        answer = self.waiting.pop(0) if self.waiting else "^D"
        os.write(self.its_end, f"«{answer}»\n".encode())
        if answer == "^C":
            raise KeyboardInterrupt
        os.write(self.terminal, _KEYS.get(answer, f"{answer}\n").encode())
        return super().readline(size)


def on_a_terminal(folder: Path, line: str, answers: list[str]) -> str:
    """What a terminal shows of a command line while those answers are typed."""
    import fcntl
    import pty
    import termios

    also, words = split(line)
    size = struct.pack("HHHH", 50, int(also.pop("COLUMNS", "80")), 0, 0)
    terminal, its_end = pty.openpty()
    fcntl.ioctl(its_end, termios.TIOCSWINSZ, size)
    modes = termios.tcgetattr(its_end)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(its_end, termios.TCSANOW, modes)
    shown: list[bytes] = []

    def watch() -> None:
        with contextlib.suppress(OSError):  # Linux ends a terminal's output with EIO
            while data := os.read(terminal, 65536):
                shown.append(data)

    watching = threading.Thread(target=watch)
    watching.start()
    typist = _Typist(terminal, its_end, answers)
    try:
        with (
            contextlib.chdir(folder),
            patch.dict(os.environ, world_in(folder) | also),
            patch.object(sys, "stdin", typist),
            open(its_end, "w", encoding="utf-8", closefd=False) as stream,
            patch.object(sys, "stdout", stream),
            patch.object(sys, "stderr", stream),
        ):
            for name in ("COLUMNS", "NO_COLOR"):
                os.environ.pop(name, None)
            code = run(words)
    finally:
        typist.detach().close()
        os.close(its_end)
        watching.join()
        os.close(terminal)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", b"".join(shown).decode()).replace("\r\n", "\n")
    assert typist.waiting == [], f"nobody asked for {typist.waiting} here:\n{plain}"
    return f"{plain}[exit {code}]\n"


@contextlib.contextmanager
def id_of(place: int) -> Iterator[None]:
    """Each plan that is made has the id that goes with that number."""
    made = SimpleNamespace(uuid4=lambda: UUID(int=place, version=4))
    with patch("mesoplan.model.request.uuid", made):
        yield


def _runs_of(text: str) -> list[tuple[str, list[str]]]:
    """Each command line of a golden file, with its answers."""
    parts = re.split(r"(?m)^\$ ", text)[1:]
    return [(commands_of(f"$ {part}")[0], _ANSWER.findall(part)) for part in parts]


def replay(path: Path, folder: Path) -> str:
    """The golden file that its own commands and answers give now."""
    start(path, folder)
    parts = []
    for place, (line, answers) in enumerate(_runs_of(path.read_text("utf-8"))):
        with id_of(place):
            shown = on_a_terminal(folder, line, answers).replace(str(folder.resolve()), "HERE")
        parts.append(f"$ {line}\n{without_ids(shown)}")
    return "\n".join(parts)


def run_alone(text: str, folder: Path) -> int:
    """Run the commands that a golden file shows and somebody agreed to; how many there are.

    So are those that ask nothing.
    """
    count = 0
    for place, part in enumerate(re.split(r"(?m)^\$ ", text)[1:]):
        line = part.partition("\n")[0]
        agreed = []
        for command, shown, answer in _PROPOSED.findall(part):
            question = shown.rpartition("\n")[2]
            if command.endswith("--offer") and answer.isdecimal():
                agreed.append(_OFFERED.findall(shown)[int(answer) - 1])
            elif question.startswith(("Write it?", "Record")) and answer in ("", "y", "yes"):
                agreed.append(command)
        count += len(agreed)
        around = line.partition("mesoplan")[0]
        for command in [around + each for each in agreed] if "«" in part else [line]:
            with id_of(place):
                mesoplan_line(folder, command)
    return count
