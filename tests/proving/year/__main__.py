"""A simulated year of a clinic: no appointment against the rules, none twice, none lost.

    python -m tests.proving.year [--seed N] [--patients N] [--book PLACE]

Two practitioners with hours and diaries share two rooms, and one of them leaves. Patients miss
sessions, come late, travel and call. Practitioners are ill, and diaries change. All goes through
the public names of the package. A checker that shares nothing with the program looks at each plan.

With --book, two computers share a book in a folder or on a server, and take turns at random: what
happens is the same, and each of them knows nothing but what is in the book.
"""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.proving.verdict import Verdict
from tests.proving.year.clinic import Clinic
from tests.proving.year.desk import Desk
from tests.proving.year.story import Year

PLACES = ("folder", "radicale", "xandikos")


def main(arguments: list[str]) -> int:
    """Live through the year; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.year",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patients", type=int, default=300)
    parser.add_argument("--book", choices=PLACES, metavar="PLACE", help=f"of {', '.join(PLACES)}")
    asked = parser.parse_args(arguments)
    begun = time.perf_counter()
    with ExitStack() as stack:
        desk_in = Desk if asked.book is None else _sharing(asked.book, stack)
        year = Year(asked.seed, asked.patients, desk_in)
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


def _sharing(place_name: str, stack: ExitStack) -> Callable[[Clinic], Desk]:
    """What makes a desk of two computers that share a book."""
    # Loaded only for a book.
    from tests.dav_servers import radicale, xandikos
    from tests.desks import on_server, shared_folder
    from tests.proving.year.shared import SharedDesk

    if place_name == "folder":
        place = stack.enter_context(shared_folder())
    else:
        server = radicale() if place_name == "radicale" else xandikos()
        place = stack.enter_context(on_server(stack.enter_context(server)))
    computers = [place.desk("front"), place.desk("back")]
    return lambda clinic: SharedDesk(clinic, place, computers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
