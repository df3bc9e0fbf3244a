"""Gives nonsense to everything that reads, and holds the program to what it promises of that.

Nothing that is read ends the program in another way than it says: never with a traceback, with an
exit code that is not documented, with something on the screen that a terminal obeys, after more
than 2 s, or with more than 300 MB for an input of up to 1 MB; what is written can be read back.

Each reader gets real files mutated by chance, and then megabytes of the worst shapes.
"""

import argparse
import faulthandler
import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from tests.proving.fuzzing.readers import READERS, material_of
from tests.proving.fuzzing.trial import Broken, emptied, trial_folder
from tests.proving.fuzzing.worst_shapes import worst_shapes
from tests.proving.verdict import Verdict

_MOST_MEMORY_MB = 300
_MOST_BYTES = 1_500_000_000
"""What a process may ask for at all, so that nothing else on the machine suffers."""
_ENDED_AFTER = 60
"""So many seconds after its beginning a trial is ended that nothing else could end."""
_KEPT = Path(tempfile.gettempdir(), "mesoplan-nonsense")


@dataclass
class Report:
    """What was tried, and what it took."""

    inputs: int = 0
    longest: float = 0.0
    memory_mb: int = 0
    found: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """For each way in which a promise breaks, what was said, and the input."""


def main() -> int:
    """Run what the command line asks for; the exit code of the proof."""
    asked = _asked()
    verdict = Verdict()
    longest, memory = 0.0, 0

    def take(name: str, what: str, report: Report) -> None:
        nonlocal longest, memory
        longest, memory = max(longest, report.longest), max(memory, report.memory_mb)
        verdict.tried += report.inputs
        print(
            f"{name:12} {what:35} {report.inputs:7,} inputs, longest {report.longest:.2f} s, "
            f"{report.memory_mb} MB, {len(report.found)} broken",
            flush=True,
        )
        for said, data in report.found.values():
            _KEPT.mkdir(exist_ok=True)
            path = _KEPT / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
            path.write_bytes(data)
            again = f"python -m tests.proving.fuzzing {name} --again {path}"
            verdict.broken.append(f"{name}: {said}\n  {again}")

    names = asked.readers or list(READERS)
    if asked.again:
        take(names[0], "again", _in_process(names[0], [asked.again.read_bytes()]))
        return verdict.end(f"longest {longest:.2f} s, {memory} MB")
    for name in names if asked.seconds else ():
        take(name, "chance", _in_process(name, _by_chance(name, asked.seed), asked.seconds))
    for shape, data in _shapes() if not asked.no_worst else ():
        for name in names:
            if READERS[name].of_files:
                report = _in_process(name, [data])
                if report.memory_mb > _MOST_MEMORY_MB:
                    report.found["memory"] = f"{report.memory_mb} MB for {shape}", data
                take(name, shape, report)
    return verdict.end(
        f"{verdict.tried:,} inputs for {len(names)} readers: {len(verdict.broken)} broke a "
        f"promise, longest {longest:.2f} s, most memory {memory} MB"
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.fuzzing",
        description=__doc__,
        epilog="Readers: "
        + ", ".join(f"{name} ({each.read.__doc__})" for name, each in READERS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("readers", nargs="*", metavar="READER", help="only these")
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="of a processor, for each reader (20)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the chance (1)")
    parser.add_argument("--no-worst", action="store_true", help="do without the worst shapes")
    parser.add_argument("--again", metavar="FILE", type=Path, help="this input alone")
    asked = parser.parse_args()
    if unknown := set(asked.readers) - set(READERS):
        parser.error(f"no such reader: {', '.join(sorted(unknown))}")
    return asked


def _shapes() -> Iterator[tuple[str, bytes]]:
    """The worst shapes, one after the other: readers would seem to have what this process has."""
    with tempfile.TemporaryDirectory() as folder:
        process = multiprocessing.get_context("fork").Process(target=_put_shapes, args=(folder,))
        process.start()
        process.join()
        for path in sorted(Path(folder).iterdir()):
            yield path.name, path.read_bytes()


def _put_shapes(folder: str) -> None:
    for name, data in worst_shapes().items():
        Path(folder, name).write_bytes(data)


def _by_chance(name: str, seed: int) -> Iterator[bytes]:
    """The seeds of a reader, and then nonsense without an end."""
    material = material_of(name)
    yield from dict.fromkeys(material.seeds)
    number = 0
    while True:
        yield material.nonsense(Random(f"{seed}/{name}/{number}"))
        number += 1


def _in_process(name: str, inputs: Iterable[bytes], seconds: float = 0.0) -> Report:
    """Give inputs to a reader in a process of its own: one, or all that so many *seconds* allow."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    with tempfile.NamedTemporaryFile() as last:
        process = fork.Process(
            target=_try_all, args=(name, inputs, seconds, theirs, Path(last.name))
        )
        process.start()
        theirs.close()
        try:
            report: Report = ours.recv()
        except EOFError:
            report = Report(inputs=1)
        process.join()
        if process.exitcode:
            said = f"its process ended with {process.exitcode}"
            report.found[said] = said, last.read()
    return report


def _try_all(
    name: str, inputs: Iterable[bytes], seconds: float, result: Connection, last: Path
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    report, reader = Report(), READERS[name]
    end = time.process_time() + seconds
    with trial_folder() as folder:
        for data in inputs:
            last.write_bytes(data)
            emptied(folder)
            faulthandler.dump_traceback_later(_ENDED_AFTER, exit=True)
            trial = reader.trial(folder, data)
            try:
                reader.read(trial, data)
            except Broken as broken:
                report.found.setdefault(broken.kind, (str(broken), data))
            faulthandler.cancel_dump_traceback_later()
            report.inputs += 1
            report.longest = max(report.longest, trial.longest)
            if time.process_time() > end:
                break
    report.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result.send(report)


if __name__ == "__main__":
    sys.exit(main())
