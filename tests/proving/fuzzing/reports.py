"""What a process tells of the trials that it made, also if it is ended in the middle of one."""

from __future__ import annotations

import faulthandler
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.proving.fuzzing.shortening import how_it_breaks, shortened
from tests.proving.fuzzing.trial import Broken, emptied, most_memory_mb, trial_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proving.fuzzing.readers import Reader

_ENDED_AFTER = 60
"""So many seconds after its beginning a trial is ended that nothing else could end."""
_MOST_BROKEN = 20
_REPORT, _INPUT, _TRACE = "report.json", "input", "trace"


class Found(NamedTuple):
    """An input that breaks a reader."""

    reader: str
    told: str
    data: bytes


@dataclass
class Report:
    """What was tried, and what it took."""

    inputs: int = 0
    longest: float = 0.0
    """The seconds of a processor that the slowest command or call took."""
    memory_mb: int = 0
    found: list[Found] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Take in what another process told."""
        self.inputs += other.inputs
        self.longest = max(self.longest, other.longest)
        self.memory_mb = max(self.memory_mb, other.memory_mb)
        self.found += other.found


class Trials:
    """The trials of one reader in this process, which are told in a folder."""

    def __init__(self, reader: Reader, told_in: Path, *, shortens: bool = True) -> None:
        """*shortens* what breaks it, which takes a while."""
        self._reader = reader
        self._shortens = shortens
        self._told_in = told_in
        self._report = Report()
        self._kinds: set[str] = set()
        self._trace = (told_in / _TRACE).open("w", encoding="utf-8")

    def make(self, data: bytes, folder: Path) -> None:
        """Give one input to the reader in a folder, which is emptied first."""
        (self._told_in / _INPUT).write_bytes(data)
        faulthandler.dump_traceback_later(_ENDED_AFTER, exit=True, file=self._trace)
        emptied(folder)
        trial = self._reader.trial(folder, data)
        try:
            self._reader.read(trial, data)
        except Broken as broken:
            self._keep(broken, data)
        finally:
            faulthandler.cancel_dump_traceback_later()
        self._report.inputs += 1
        self._report.longest = max(self._report.longest, trial.longest)
        if self._report.inputs % 100 == 1:
            self.tell()

    def tell(self) -> None:
        """Write down what has been tried by now."""
        self._report.memory_mb = most_memory_mb()
        found = [(each.reader, each.told, each.data.hex()) for each in self._report.found]
        told = {**vars(self._report), "found": found}
        (self._told_in / _REPORT).write_text(json.dumps(told), "utf-8")

    def _keep(self, broken: Broken, data: bytes) -> None:
        if broken.kind in self._kinds or len(self._kinds) >= _MOST_BROKEN:
            return
        self._kinds.add(broken.kind)
        faulthandler.cancel_dump_traceback_later()
        if self._shortens:
            with trial_folder() as folder:
                data = shortened(self._reader, folder, data, broken.kind)
                broken = how_it_breaks(self._reader, folder, data) or broken
        self._report.found.append(Found(self._reader.name, str(broken), data))
        self.tell()


def report_in(told_in: Path, reader: str, exit_code: int) -> Report:
    """What a process told of a reader in a folder; with another code than 0 it was ended."""
    report = Report()
    path = told_in / _REPORT
    if path.exists():
        written = json.loads(path.read_text("utf-8"))
        found = [
            Found(name, text, bytes.fromhex(data)) for name, text, data in written.pop("found")
        ]
        report = Report(**written, found=found)
    if exit_code != 0:
        last, trace = told_in / _INPUT, told_in / _TRACE
        where = " ".join(trace.read_text("utf-8").split()[:60]) if trace.exists() else ""
        data = last.read_bytes() if last.exists() else b""
        report.found.append(Found(reader, f"its process ended with {exit_code}: {where}", data))
    return report
