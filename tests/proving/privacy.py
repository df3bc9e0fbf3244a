"""`python -m tests.proving.privacy`: what private files tell, and what a hostile text can do."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.proving import privacy_modes, privacy_words
from tests.proving.privacy_count import Count

_PARTS = {
    "words": privacy_words.prove,
    "modes": privacy_modes.prove,
}


def main(arguments: list[str] | None = None) -> int:
    """Prove it all; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.privacy",
        description=(
            "Holds that a private plan tells nothing of treatment, goal, area or patient in any "
            "byte of any file over its whole life; that nothing else leaks them; that all files "
            "are their owner's alone; that a text can't be more than a text wherever it is "
            "written; and that links and special files are not followed into harm."
        ),
        epilog="Needs the extra “test”. It takes about 15 seconds on two cores.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only: {', '.join(_PARTS)}")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(_PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    count = Count()
    for name, prove in _PARTS.items():
        if asked.parts and name not in asked.parts:
            continue
        begun, before = time.perf_counter(), count.tried
        with tempfile.TemporaryDirectory() as folder:
            prove(Path(folder).resolve(), count)
        print(f"{name}: {count.tried - before:,} checks, {time.perf_counter() - begun:.1f} s")
    return count.end(count.figure)


if __name__ == "__main__":
    sys.exit(main())
