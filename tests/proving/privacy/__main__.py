"""`python -m tests.proving.privacy`: what private files tell, and what a hostile text can do."""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.proving.privacy import code, errors, injection, modes, places, typed, words
from tests.proving.privacy.count import Count

_PARTS = {
    "injection": injection.prove,
    "typed": typed.prove,
    "words": words.prove,
    "places": places.prove,
    "modes": modes.prove,
    "errors": errors.prove,
    "code": code.prove,
}
"""What takes longest comes first."""


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
        epilog="Needs the extra “test”. Two cores that do nothing else take 12 seconds.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only: {', '.join(_PARTS)}")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(_PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = [name for name in _PARTS if name in asked.parts or not asked.parts]
    total = Count()
    # Each part has a process of its own, since the umask and the working folder are the process's.
    with ProcessPoolExecutor(2) as pool:
        for name, (count, seconds) in zip(parts, pool.map(_proved, parts), strict=True):
            print(f"{name}: {count.tried:,} checks, {seconds:.1f} s", flush=True)
            total.add(count)
    return total.end(total.figure)


def _proved(name: str) -> tuple[Count, float]:
    """What a part has tried, and how long it took."""
    count, begun = Count(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        _PARTS[name](Path(folder).resolve(), count)
    return count, time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
