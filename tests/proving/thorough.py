"""Runs the tests that try a part in the suite, with all of it: more random cases, whole lists.

They are those that ask `tests.examples` how much to try, or draw cases by hypothesis. `.ci/run`
takes `--times 2`: twice as many cases as in the suite. More of them find what is rarer.
"""

import argparse
import os
import re
import subprocess
import sys

from tests.proving.checkout import ROOT
from tests.proving.verdict import Verdict

_ASKS = re.compile(r"^from (tests\.examples|hypothesis) import ", re.MULTILINE)
_PASSED = re.compile(r"(\d+) passed")


def main(arguments: list[str] | None = None) -> int:
    """Run them; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.thorough", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--times", type=int, default=20, help="as many cases (default: 20)")
    parser.add_argument("paths", nargs="*", help="only those files (default: all that ask)")
    chosen = parser.parse_args(arguments)
    if chosen.times < 2:
        parser.error("--times is 2 or more")
    files = sorted(
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")
    )
    asking = [name for name in files if _ASKS.search((ROOT / name).read_text("utf-8"))]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *(chosen.paths or asking)],
        cwd=ROOT,
        env={**os.environ, "MESOPLAN_TIMES": str(chosen.times)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    passed = _PASSED.search(ended.stdout)
    if ended.returncode:
        print(ended.stdout)
    verdict = Verdict()
    verdict.holds(ended.returncode == 0, "a test fails")
    verdict.holds(passed is not None, "no test ran")
    return verdict.end(
        f"{passed[1] if passed else 'no'} tests of {len(chosen.paths or asking)} files passed, "
        f"with {chosen.times} times the cases of the suite and all of its lists"
    )


if __name__ == "__main__":
    sys.exit(main())
