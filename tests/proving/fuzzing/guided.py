"""Makes nonsense for a reader by what the code does with it: atheris, where it can be imported.

It runs in a process of its own, `python -m tests.proving.fuzzing.guided READER SECONDS SEED
FOLDER`, since the program must not have been loaded before.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proving.fuzzing.reports import Report


def version() -> str | None:
    """Which atheris there is, if any."""
    if importlib.util.find_spec("atheris") is None:
        return None
    return importlib.metadata.version("atheris")


def guided(name: str, seconds: float, seed: int) -> Report:
    """What comes of giving nonsense to a reader for so many seconds of a processor."""
    from tests.proving.fuzzing.reports import report_in
    from tests.proving.fuzzing.searching import told_folder

    with told_folder() as told_in:
        process = subprocess.run(
            [sys.executable, "-m", __name__, name, str(seconds), str(seed), str(told_in)],
            capture_output=True,
            check=False,
        )
        report = report_in(told_in, name, process.returncode)
        if not report.inputs:
            sys.stderr.buffer.write(process.stderr[-2000:])
        return report


def _run(name: str, seconds: float, seed: int, told_in: Path) -> None:
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["mesoplan"]):
        from tests.proving.fuzzing.readers import READERS, material_of
    from tests.proving.fuzzing.mutating import LARGEST
    from tests.proving.fuzzing.reports import Trials
    from tests.proving.fuzzing.trial import trial_folder

    tempfile.tempdir = str(told_in)
    material = material_of(name)
    trials = Trials(READERS[name], told_in)
    corpus = told_in / "corpus"
    corpus.mkdir()
    for number, data in enumerate(dict.fromkeys(material.seeds)):
        (corpus / f"{number}").write_bytes(data)

    def mutated(data: bytes, largest: int, chance: int) -> bytes:
        random = Random(chance)
        if random.random() < 0.5:
            return bytes(atheris.Mutate(data, largest))
        return material.mutated(random, data)[:largest]

    end = time.process_time() + seconds
    with trial_folder() as folder:

        def tried(data: bytes) -> None:
            trials.make(data, folder)
            if time.process_time() > end:
                trials.tell()
                # Its own end would take what other ends of a process do for a fault.
                os._exit(0)

        limits = (f"-max_len={LARGEST}", "-timeout=120", "-rss_limit_mb=1400", "-detect_leaks=0")
        places = (f"-artifact_prefix={told_in}/", str(corpus))
        atheris.Setup(
            ["nonsense", f"-seed={seed}", *limits, *places], tried, custom_mutator=mutated
        )
        atheris.Fuzz()


if __name__ == "__main__":
    _run(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
