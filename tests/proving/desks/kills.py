"""What is killed, or stopped for a while, while several desks book and change."""

import signal
import time
from collections import Counter
from datetime import timedelta
from random import Random
from statistics import median

from mesoplan.book.resources import LEASE_UID
from tests.command_line import NOW
from tests.dav_servers import RealServer
from tests.desks import Ledger, Place
from tests.proving.desks.story import DONE, NO_SCHEDULE, START, Story

LEASE_SECONDS = 2
SHORT_LEASE = {
    "mesoplan.book.lease._RUNS": timedelta(seconds=LEASE_SECONDS),
    "mesoplan.book.lease._RENEWED_SECONDS": LEASE_SECONDS / 4,
}
"""A lease of the usual kind, but for its length: a proof can't wait for a minute each time."""
_USUAL = 0.3
"""Seconds that a command takes, before it is known."""


def kill_with_the_lease(place: Place, ledger: Ledger) -> None:
    """Kill a desk that has just taken the lease of the book."""
    desk, lease = place.desk("dead"), f"{LEASE_UID}.ics"
    assert place.calendar is not None
    desk.types("plan", "hair", START, "--dry-run")
    for number in range(100):
        ledger.leaves_open()
        running = desk.begins("plan", "hair", START, "--patient", f"Ghost {number}")
        while not running.has_ended:
            if lease in place.calendar.names() and _runs(place.calendar.get(lease)):
                running.stop()
        running.outcome()
        if lease in place.calendar.names() and _runs(place.calendar.get(lease)):
            return
    raise AssertionError("no desk could be killed while it had the lease")


def _runs(lease: str) -> bool:
    return "X-MESOPLAN-UNTIL:1970" not in lease


class Kills:
    """Rounds of commands at all desks at once, of which something is killed.

    Some patients have been there for long.
    """

    def __init__(self, story: Story, server: RealServer | None, random: Random) -> None:
        self.story, self.server, self.random = story, server, random
        self.killed: Counter[str] = Counter()
        self.slowest_next = 0.0
        story.goes(["book"] * len(story.desks), START, NOW)

    def round(self, number: int, kind: str = "") -> None:
        """Let each desk do something, and kill; then the next command must complete."""
        story, random = self.story, self.random
        tasks = [
            story.booking() if (number + desk) % 2 else story.change()
            for desk in range(len(story.desks))
        ]
        at_work = [story.begins(desk, task) for desk, task in zip(story.desks, tasks, strict=True)]
        kinds = ["desk", "desk", "stopped"] + ["server", "server"] * (self.server is not None)
        kind = kind or random.choice(kinds)
        usual = min(median(story.seconds or [_USUAL]), 2 * _USUAL)
        time.sleep(random.uniform(0, usual))
        victim = random.choice([each for each in at_work if not each.has_ended] or at_work)
        if kind == "server":
            assert self.server is not None
            self.server.process.end(signal.SIGKILL)
            time.sleep(random.choice((0, 0.3, 1.5)))
            self.server.process.start()
        elif kind == "stopped":
            victim.stop(signal.SIGSTOP)
            time.sleep(LEASE_SECONDS + random.uniform(0, 2))
            victim.stop(signal.SIGCONT)
        else:
            kind = "desk" if victim.stop() else "desk that had ended"
        self.killed[kind] += 1
        for task, running in zip(tasks, at_work, strict=True):
            story.ends(task, running, disturbed=True)
        self._next_completes(number, kind)

    def _next_completes(self, number: int, kind: str) -> None:
        story = self.story
        desk, task = self.random.choice(story.desks), story.booking()
        running = story.begins(desk, task)
        code = story.ends(task, running)
        self.slowest_next = max(self.slowest_next, story.seconds[-1])
        if code not in {DONE, NO_SCHEDULE}:
            story.wrong.append(f"round {number}: after a {kind} was killed the next ends in {code}")
