"""What is booked and changed at several desks at once, at random."""

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.desks import Desk, Ledger, Running

LATER = "2026-12-10T20:00:00Z"
"""The moment at which plans are changed: of those that began on 1 December something is past."""
START, LATER_START = "2026-12-01", "2026-12-14"
GOALS = ("hair", "fat", "wrinkles", "cellulite", "contouring")
CHANGES = ("done", "miss", "move", "cancel", "replan", "undo")
DONE, WRONG, NO_SCHEDULE, CANT, NO_SERVER = 0, 2, 3, 4, 5
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


@dataclass
class Task:
    """A command that somebody wants to be done."""

    words: tuple[str, ...]
    now: str
    plan: str = ""
    """The id of the plan that it changes; empty for a new one."""


@dataclass
class Story:
    """Desks that book and change, and what they were answered."""

    desks: Sequence[Desk]
    random: Random
    ledger: Ledger = field(default_factory=Ledger)
    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often each command ended with each exit code."""
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """How long each command took."""
    log: list[str] = field(default_factory=list)
    """A line for each command."""
    booked: int = 0
    _began: float = field(default_factory=time.monotonic)

    def booking(self, start: str = LATER_START, now: str = LATER) -> Task:
        """Somebody new."""
        first, rest = divmod(self.booked, len(_SYLLABLES))
        name = f"{_SYLLABLES[rest]}{_SYLLABLES[first]}tan".title()
        self.booked += 1
        random = self.random
        course = ("-n", str(random.randrange(3, 6)), "-m", str(random.randrange(2)))
        whose = ("--patient", name, *["--private"] * (random.random() < 0.3))
        goal = random.choice(GOALS)
        # Not all want to come at once: there is one room.
        day = date.fromisoformat(start) + timedelta(weeks=random.randrange(6))
        begins = start if start == START else day.isoformat()
        return Task(("plan", goal, begins, "--time", "any", *course, *whose, "--json"), now)

    def change(self) -> Task:
        """Something new for a patient who has a plan."""
        random = self.random
        plan = random.choice([each[-1] for each in self.ledger.answers.values()])
        kind = random.choice(CHANGES) if plan["sessions"] else "undo"
        words = (kind, self._called(plan), *self._what(kind, plan), "--json")
        return Task(words, LATER, plan["id"])

    def _called(self, plan: dict[str, Any]) -> str:
        """What somebody at a desk types for a plan: the patient's name, or the plan's id."""
        return str(plan["patient"] if self.random.random() < 0.7 else plan["id"])

    def _what(self, kind: str, plan: dict[str, Any]) -> Iterator[str]:
        if kind == "undo":
            return
        planned = [each for each in plan["sessions"] if each["status"] == "planned"]
        session = self.random.choice(planned or plan["sessions"])
        if kind in ("done", "miss"):
            session = (planned or plan["sessions"])[0]
        if kind in ("done", "miss", "move"):
            yield str(session["number"])
        if kind == "cancel" and self.random.random() < 0.7:
            yield str(session["number"])
        if kind == "move":
            start = datetime.fromisoformat(session["start"])
            yield f"{start + timedelta(days=self.random.randrange(-3, 4)):%Y-%m-%d}"
        if kind == "replan":
            yield from ("--time", self.random.choice(("9:00", "11:30", "14:00", "any")))

    # ------------------------------------------------------------ what comes of it

    def begins(self, desk: Desk, task: Task) -> Running:
        return desk.begins(*task.words, now=task.now)

    def ends(self, task: Task, running: Running, *, disturbed: bool = False) -> int:
        """Take what a command was answered; its exit code.

        Where it was *disturbed*, it may not know whether it changed anything.
        """
        try:
            outcome = running.outcome()
        except AssertionError as hung:
            self.wrong.append(str(hung))
            return -1
        self.seconds.append(time.monotonic() - running.begun)
        code, kind, line = outcome.exit_code, task.words[0], " ".join(task.words)
        self.codes[kind, code] += 1
        began = running.begun - self._began
        what = f"{began:.2f}–{began + self.seconds[-1]:.2f}: {line} {task.plan}: {code}"
        self.log.append(f"{what} {outcome.error.strip()}")
        if code == DONE:
            self._took(self.ledger.takes(outcome), task)
            return code
        if code < 0 or (disturbed and code == NO_SERVER):
            self.ledger.leaves_open(task.plan)
            if kind == "undo":
                # What it says of a time that others have was not heard.
                self.ledger.may_clash.add(task.plan)
        expected = {WRONG, NO_SCHEDULE}
        expected |= {CANT} if kind == "undo" else set()
        if not (code in expected or (disturbed and (code < 0 or code in {CANT, NO_SERVER}))):
            self.wrong.append(f"{line}: exit code {code}: {outcome.error.strip()}")
        if "Traceback" in outcome.error or code == 70:
            self.wrong.append(f"{line}: {outcome.error.strip()}")
        return code

    def _took(self, plan: dict[str, Any], task: Task) -> None:
        if task.plan and plan["id"] != task.plan:
            self.wrong.append(f"{' '.join(task.words)}: another plan was changed")

    def goes(self, tasks: Sequence[str], start: str = LATER_START, now: str = LATER) -> None:
        """Let each desk do one after the other of these (book, change), all desks at once."""
        waiting = deque(tasks)
        at_work: dict[int, tuple[Task, Running]] = {}
        while waiting or at_work:
            for number, desk in enumerate(self.desks):
                if number in at_work and at_work[number][1].has_ended:
                    self.ends(*at_work.pop(number))
                if number not in at_work and waiting:
                    kind = waiting.popleft()
                    is_new = kind == "book" or not self.ledger.answers
                    task = self.booking(start, now) if is_new else self.change()
                    at_work[number] = task, self.begins(desk, task)
            time.sleep(0.005)

    @property
    def figure(self) -> str:
        """How often each exit code came, and how long commands took."""
        of_codes: Counter[int] = Counter()
        for (_, code), number in self.codes.items():
            of_codes[code] += number
        codes = ", ".join(f"{number} × {code}" for code, number in sorted(of_codes.items()))
        taken = sorted(self.seconds)
        middle, longest = taken[len(taken) // 2], taken[-1]
        return f"exit codes {codes}; {middle:.2f} s each, {longest:.1f} s at most"


def moment(text: str = LATER) -> datetime:
    return datetime.fromisoformat(text)
