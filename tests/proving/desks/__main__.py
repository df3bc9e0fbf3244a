"""Several desks with one book: no time taken twice, nothing lost, whatever is killed on the way.

    python -m tests.proving.desks [PLACE...] [--bookings N] [--changes N] [--kills N] [--seed N]

Five desks at four computers share one room and one practitioner. Their book is a folder that all
see, or a calendar on Radicale or on Xandikos. They book and change at once. What each was answered
is held against the book, as a desk reads it that was not there before. Then a desk or the server is
killed again and again, or a desk stopped for longer than its lease.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from random import Random

from tests.command_line import NOW
from tests.dav_servers import RealServer, radicale, xandikos
from tests.desks import Place, on_server, shared_folder
from tests.proving.desks.kills import SHORT_LEASE, Kills, kill_with_the_lease
from tests.proving.desks.story import START, Story, moment
from tests.proving.verdict import Verdict

PLACES = ("folder", "radicale", "xandikos")
DESKS = ("anna", "bert", "carl", "dora")


def main(arguments: list[str]) -> int:
    """Let the desks work; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.desks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("places", nargs="*", metavar="PLACE", help=f"of {', '.join(PLACES)}")
    parser.add_argument("--bookings", type=int, default=60, help="(default: 60)")
    parser.add_argument("--changes", type=int, default=60, help="(default: 60)")
    parser.add_argument("--kills", type=int, default=50, help="(default: 50)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--logs", type=Path, help="where to say what was done, if anything breaks")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.places) - set(PLACES):
        parser.error(f"no such place: {', '.join(sorted(unknown))}")
    if os.name == "nt":
        parser.error("not on Windows: processes are forked, stopped and killed")
    verdict = Verdict()
    figures = []
    for name in asked.places or PLACES:
        figures += [*_at(name, asked, verdict)]
    return verdict.end("; ".join(figures))


def _at(name: str, asked: argparse.Namespace, verdict: Verdict) -> Iterator[str]:
    with ExitStack() as stack:
        server = stack.enter_context(_server(name)) if name != "folder" else None
        if asked.bookings:
            yield f"{name}: {_at_once(_place(stack, server), asked, verdict)}"
        if asked.kills:
            yield f"{name}: {_killed(_place(stack, server), server, asked, verdict)}"


def _server(name: str) -> AbstractContextManager[RealServer]:
    return radicale() if name == "radicale" else xandikos()


def _place(stack: ExitStack, server: RealServer | None) -> Place:
    return stack.enter_context(shared_folder() if server is None else on_server(server))


def _at_once(place: Place, asked: argparse.Namespace, verdict: Verdict) -> str:
    """Sixty bookings and sixty changes."""
    random = Random(asked.seed)
    desks = [*map(place.desk, DESKS), place.desk("emil", "dora")]
    story = Story(desks, random)
    if place.calendar is not None:
        kill_with_the_lease(place, story.ledger)
    begun = time.monotonic()
    early = 2 * asked.bookings // 3
    story.goes(["book"] * early, START, NOW)
    mixed = ["book"] * (asked.bookings - early) + ["change"] * asked.changes
    random.shuffle(mixed)
    story.goes(mixed)
    took = time.monotonic() - begun
    _judge(place, story, verdict, asked.logs)
    figure = f"{asked.bookings} bookings and {asked.changes} changes at {len(desks)} desks in "
    figure += f"{took:.0f} s ({story.figure})"
    print(f"{place.kind}: {figure}", flush=True)
    return figure


def _killed(
    place: Place, server: RealServer | None, asked: argparse.Namespace, verdict: Verdict
) -> str:
    random = Random(asked.seed + 1)
    shorter = {} if server is None else SHORT_LEASE
    desks = [place.desk(name, patches=shorter) for name in DESKS[:3]]
    desks.append(place.desk("emil", "carl", shorter))
    story = Story(desks, random)
    kills = Kills(story, server, random)
    for number in range(asked.kills):
        kills.round(number)
    _judge(place, story, verdict, asked.logs)
    killed = ", ".join(f"{count} × {what}" for what, count in sorted(kills.killed.items()))
    figure = f"{asked.kills} kills ({killed}), the next command after {kills.slowest_next:.1f} s "
    figure += f"at most ({story.figure})"
    print(f"{place.kind}: {figure}", flush=True)
    return figure


def _judge(place: Place, story: Story, verdict: Verdict, logs: Path | None) -> None:
    for each in story.wrong:
        verdict.holds(False, f"{place.kind}: {each}")
    verdict.tried += len(story.seconds)
    wrongs = [*story.ledger.wrong_in(place.as_read_anew(), moment())]
    for wrong in wrongs:
        verdict.holds(False, f"{place.kind}: {wrong}")
    if (wrongs or story.wrong) and logs is not None:
        logs.mkdir(exist_ok=True)
        (logs / f"{place.kind}-{len(story.log)}").write_text("\n".join(story.log))
    verdict.tried += len(story.ledger.answers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
