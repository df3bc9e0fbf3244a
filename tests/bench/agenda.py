"""How long the agenda of a large book takes, and the list of today, each as a whole process.

The book is made once, in a temporary folder, of many kinds of plans, each written again and again
with an id of its own.
"""

import re
import tempfile
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from random import Random

from mesoplan import NoLegalPlan, Request, plan
from mesoplan.formats.plan_file.reading import plan_in
from mesoplan.formats.plan_file.rewriting import rewritten
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.changes import Attend, Miss
from mesoplan.model.request import CalendarOptions
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.wording.plans import replan
from tests.bench.measuring import at_most, measured

PLANS, AIM_SECONDS = 2_000, 1.6
ROUNDS = 3
KINDS, QUICK_KINDS = 200, 20
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def kinds(count: int) -> list[bytes]:
    """Files of plans of all goals, new and changed, private and not."""
    random = Random(7)
    found: list[bytes] = []
    while len(found) < count:
        request = Request(
            random.choice(ALL_GOALS).name,
            date(2026, 6, 1) + timedelta(days=random.randrange(300)),
            timezone="Europe/Paris",
            time_of_day=time_of_day(random.randrange(8, 18), random.choice([0, 15, 30, 45])),
            closed_weekdays=frozenset(random.sample(range(7), 2)),
            patient=f"Patient {len(found)}",
            location="1 Park Street, 75012 Paris",
        )
        options = CalendarOptions(private=random.random() < 0.2)
        try:
            data = calendar_file(plan(request), options, NOW)
        except NoLegalPlan:
            continue
        found.append(_changed(random, data))
    return found


def _changed(random: Random, data: bytes) -> bytes:
    """The file after what is past was said: attended, or missed; of a few not the last one."""
    read = plan_in([(Path("plan.ics"), data)], lambda: "UTC")
    names = [each.name for each in read.plan.sessions if each.start < NOW]
    last = names.pop() if names else None
    made = read.plan
    try:
        if names:
            made = replan(made, Attend(tuple(names)), now=NOW)
        if last is not None and random.random() < 0.95:
            said = Attend((last,)) if random.random() < 0.7 else Miss(last)
            made = replan(made, said, now=NOW)
    except NoLegalPlan:
        return data
    return data if made is read.plan else rewritten(read, made, NOW)


def make_book(folder: Path, plans: int, count: int) -> None:
    """Write so many files of so many kinds; each id is as long as the one whose place it takes."""
    random = Random(8)
    templates = []
    for data in kinds(count):
        found = re.search(rb"UID:([0-9a-f-]{36})-", data)
        assert found is not None
        templates.append((data, found[1]))
    for number in range(plans):
        data, old = templates[number % len(templates)]
        digits = f"{random.getrandbits(128):032x}"
        new = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        # In long lines, since a fold may be within an id.
        unfolded = data.replace(b"\r\n ", b"")
        (folder / f"{number:05d}.ics").write_bytes(unfolded.replace(old, new.encode()))


def run(quick: bool) -> bool:
    """Print the time of a look at the whole book; whether the aim is met."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "book").mkdir()
        make_book(folder / "book", PLANS, QUICK_KINDS if quick else KINDS)
        met = True
        for words in (("agenda", "book", "--week"), ("today", "--book", "book")):
            runs = [measured(folder, *words, now=NOW.isoformat()) for _ in range(1 + ROUNDS)]
            # The first run compiles.
            best = min(runs[1:], key=lambda each: each.seconds)
            print(f"{best.mib:7.0f} MiB of memory at its peak")
            met &= at_most(best.seconds, AIM_SECONDS, f"s for “{words[0]}” of {PLANS:,} plans")
    return met
