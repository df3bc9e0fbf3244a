"""Gives nonsense to everything that reads, and holds the program to what it promises of that."""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

DESCRIPTION = """\
Proves that nothing which is read ends the program in another way than it says: never with a
traceback, with an exit code that is not documented, with something on the screen that a terminal
obeys, after more than 2 s, or with more than 300 MB for an input of up to 1 MB. Plans that were
touched are read alike by both readers of plans, or by one alone; what is written can be read back.

Each reader gets real files mutated by chance, and, where atheris can be imported (pip install
atheris), mutated by what the code does with them; then megabytes of the worst shapes.
"""
EPILOG = """\
Needs Linux or macOS. With the usual 20 seconds a reader it takes about eight minutes of one core.
"""


def main() -> int:
    """Run what the command line asks for; the exit code of the proof."""
    try:
        import resource  # noqa: F401 - whether it is there
    except ImportError:
        print("this needs a system with fork and resource limits: Linux, macOS", file=sys.stderr)
        return 2
    from tests.proving.fuzzing.readers import READERS

    asked = _arguments()
    unknown = [name for name in asked.readers if name not in READERS]
    if unknown:
        print(f"there is no reader {unknown[0]!a}; --list names them", file=sys.stderr)
        return 2
    if asked.list:
        for reader in READERS.values():
            print(f"{reader.name:12} {reader.about}")
        return 0
    return _proved(asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.fuzzing",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("readers", nargs="*", metavar="READER", help="only these; see --list")
    parser.add_argument("--list", action="store_true", help="name the readers, and what they read")
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="of a processor, for each reader (20)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the chance (1)")
    parser.add_argument("--plain", action="store_true", help="do without atheris")
    parser.add_argument("--no-worst", action="store_true", help="do without the worst shapes")
    parser.add_argument("--only-worst", action="store_true", help="the worst shapes alone")
    parser.add_argument("--again", metavar="FILE", type=Path, help="this input alone")
    parser.add_argument(
        *("--keep", "-k"),
        metavar="FOLDER",
        type=Path,
        default=Path(tempfile.gettempdir(), "mesoplan-nonsense"),
        help="where inputs are kept that break a promise (%(default)s)",
    )
    return parser.parse_args()


def _proved(asked: argparse.Namespace) -> int:
    from tests.proving.fuzzing import guided
    from tests.proving.fuzzing.measuring import measured
    from tests.proving.fuzzing.readers import READERS
    from tests.proving.fuzzing.reports import Report
    from tests.proving.fuzzing.searching import again, searched
    from tests.proving.verdict import Verdict

    names = asked.readers or list(READERS)
    files = [name for name in names if READERS[name].of_files]
    if asked.only_worst:
        names = files
    version = None if asked.plain else guided.version()
    whole = Report()
    verdict = Verdict()

    def take(name: str, report: Report, what: str) -> None:
        whole.add(report)
        verdict.tried += report.inputs
        print(
            f"{name:35} {what:8} {report.inputs:9,} inputs, longest {report.longest:.2f} s, "
            f"{report.memory_mb} MB{f', {len(report.found)} broken' if report.found else ''}",
            flush=True,
        )
        for reader, told, data in report.found:
            print(f"  {reader}: {told[:200]}", flush=True)
            verdict.broken.append(f"{reader}: {told}\n  {_kept(asked.keep, reader, data)}")

    for name in names:
        if asked.again is not None:
            take(name, again(name, asked.again.read_bytes()), "again")
        elif not asked.only_worst:
            seconds = asked.seconds if version is None else asked.seconds / 2
            take(name, searched(name, seconds, asked.seed), "chance")
            if version is not None:
                take(name, guided.guided(name, seconds, asked.seed), "atheris")
    if asked.again is None and not asked.no_worst:
        for shape, report in measured(files):
            take(shape, report, "worst")
    engine = f"atheris {version}" if version else "by chance alone, without atheris"
    broke = f"{len(verdict.broken)} broke a promise" if verdict.broken else "no traceback"
    readers = "1 reader" if len(names) == 1 else f"{len(names)} readers"
    return verdict.end(
        f"{verdict.tried:,} inputs for {readers}: {broke}, longest {whole.longest:.2f} s, "
        f"most memory {whole.memory_mb} MB; {engine}"
    )


def _kept(folder: Path, name: str, data: bytes) -> str:
    """Keep an input; how to give it to the reader again, and the input itself if it is short."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    shown = f"{data!r}\n  " if len(data) <= 300 else ""
    return f"{shown}python -m tests.proving.fuzzing {name} --again {path}"


if __name__ == "__main__":
    sys.exit(main())
