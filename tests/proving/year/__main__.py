"""A simulated year of a clinic: no appointment against the rules, none twice, none lost.

    python -m tests.proving.year [--seed N] [--patients N]

Two practitioners with hours and diaries share two rooms, and one of them leaves. Patients miss
sessions, come late, travel and call. Practitioners are ill, and diaries change. All goes through
the public names of the package. A checker that shares nothing with the program looks at each plan.
"""

import argparse
import sys
import time

from tests.proving.verdict import Verdict
from tests.proving.year.story import Year


def main(arguments: list[str]) -> int:
    """Live through the year; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.year",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patients", type=int, default=300)
    asked = parser.parse_args(arguments)
    begun = time.perf_counter()
    year = Year(asked.seed, asked.patients)
    year.run()
    checker = year.checker
    for what, count in sorted(year.desk.done.items()):
        print(f"{what}: {count:,}")
    for status, count in sorted(checker.by_status.items()):
        print(f"appointments {status}: {count:,}")
    print(f"{checker.tried:,} checks, {time.perf_counter() - begun:.0f} s")
    broken = [
        f"{what}: {line}"
        for what, lines in (
            ("illegal", checker.illegal),
            ("doubled", checker.doubled),
            ("lost", checker.lost),
        )
        for line in lines
    ]
    return Verdict(checker.tried, broken).end(
        f"{asked.patients:,} patients, {checker.by_status['attended']:,} sessions took place, "
        f"{year.desk.changes:,} changes: {len(checker.illegal)} illegal, "
        f"{len(checker.doubled)} doubled, {len(checker.lost)} lost"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
