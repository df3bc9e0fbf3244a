"""How long the agenda of a large book takes, the first time and again, next to plain icalendar.

Run it with `python -m tests.bench.agenda`. The book is made once, in a temporary folder, of
a few dozen plans of many kinds, each written again and again with an id of its own. The commands
are whole processes, each round one after the other. Exits 1 when an aim is missed.
"""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from random import Random

import icalendar

from mesoplan import NoLegalPlan, Request, plan
from mesoplan.book.index import INDEX_NAME
from mesoplan.formats.plan_file.reading import plan_in
from mesoplan.formats.plan_file.rewriting import rewritten
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.changes import Attend, Miss
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.replanner import replan
from mesoplan.rules.goals import ALL_GOALS
from tests.bench.measuring import alone, at_least, at_most

PLANS = 10_000
FIRST_AIM_SECONDS = 5.0
AGAIN_AIM_SECONDS = 1.0
ROUNDS = 3
KINDS = 200
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MESOPLAN = """
import resource
import sys
from mesoplan.__main__ import main

try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def kinds() -> list[bytes]:
    """Files of plans of all goals, new and changed, private and not."""
    random = Random(7)
    found: list[bytes] = []
    while len(found) < KINDS:
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
        found.append(changed(random, data))
    return found


def changed(random: Random, data: bytes) -> bytes:
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


def make_book(folder: Path, plans: int) -> None:
    """Write so many files; each id is as long as the one that it takes the place of."""
    random = Random(8)
    templates = []
    for data in kinds():
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


def command(script: Path, folder: Path, cache: Path) -> tuple[float, float]:
    """The seconds that an agenda takes as a whole process, and its megabytes at their most."""
    environment = {
        **os.environ,
        "PYTHONPYCACHEPREFIX": str(cache),
        "MESOPLAN_NOW": NOW.isoformat(),
        "MESOPLAN_CLINIC": "none",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, str(script), "agenda", str(folder), "--week"],
        env=environment,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return time.perf_counter() - begin, int(ran.stderr.split()[-1]) / 1024


def icalendar_alone(folder: Path, share: int) -> float:
    """The seconds in which icalendar reads all files, as far as one of *share* of them tells."""
    files = sorted(folder.glob("*.ics"))[::share]
    gc.collect()
    begin = time.perf_counter()
    for file in files:
        icalendar.Calendar.from_ical(file.read_bytes())
    return (time.perf_counter() - begin) * share


def run(quick: bool) -> bool:
    """Measure it all; whether all aims are met."""
    plans = PLANS // 5 if quick else PLANS
    with tempfile.TemporaryDirectory() as name:
        folder, script = Path(name, "book"), Path(name, "run.py")
        folder.mkdir()
        script.write_text(MESOPLAN)
        make_book(folder, plans)
        # What was changed a moment ago is read again.
        time.sleep(3)
        first: list[float] = []
        again: list[float] = []
        by_icalendar: list[float] = []
        megabytes = 0.0
        command(script, folder, Path(name, "cache"))
        for _ in range(ROUNDS):
            (folder / INDEX_NAME).unlink()
            for times in (first, again):
                seconds, most = command(script, folder, Path(name, "cache"))
                times.append(seconds)
                megabytes = max(megabytes, most)
            by_icalendar.append(icalendar_alone(folder, 20))
    once, twice, other = min(first), min(again), min(by_icalendar)
    scale = max(plans / PLANS, 0.2)
    met = [
        at_most(once, FIRST_AIM_SECONDS * scale, f"seconds for a first look at {plans:,} plans"),
        at_most(twice, AGAIN_AIM_SECONDS, "seconds for the second look"),
        at_least(other / once, 1, "times as quick, the first time, as icalendar reads the files"),
        at_least(once / twice, 1, "times as quick as the first look, the second"),
    ]
    print(f"memory at its peak: {megabytes:.0f} MB")
    return all(met)


if __name__ == "__main__":
    alone("agenda", run)
