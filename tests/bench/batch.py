"""How a batch fares: beside plain `icalendar`, and in memory at a million rows.

Run it with `python -m tests.bench.batch`; a million rows take some minutes, `--quick` does without
them. Plain `icalendar` builds and writes the very calendars that the batch wrote, with all their
dates and texts at hand: it plans nothing and reads no table. No two rows of the table ask for the
same.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import icalendar

from tests.bench.measuring import alone, at_least, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

GOALS = (*("hair", "cellulite", "rejuvenation", "wrinkles", "pigmentation", "contouring", "fat"),)
HEADER = (
    "id",
    "goal",
    "start",
    "patient",
    "time",
    "closed",
    "holidays",
    "away",
    "maintenance",
    "location",
)
COMPARED = 6_000
SOME = 400
"""So many calendars plain icalendar builds, since it takes its time; the rest is reckoned."""
FEW, MANY = 10_000, 1_000_000
ONE_IN = 20
"""One in so many of a million rows is planned; the others have no goal, which is soon found out."""
TIMES_ICALENDAR, MOST_MIB = 4.0, 80.0
WORLD = {
    "MESOPLAN_NOW": "2026-11-23T12:00:00Z",
    "MESOPLAN_CLINIC": "none",
    "TZ": "Europe/Paris",
}


def rows(count: int, planned: int = 1) -> Iterator[tuple[str, ...]]:
    """The patients of a clinic: all goals, starts within half a year, absences now and then.

    Each asks for a place of their own. One in so many as are *planned* has a goal.
    """
    random = Random(5)
    for number in range(count):
        start = date(2026, 12, 1) + timedelta(days=180 * number // count)
        away = ""
        if random.random() < 0.15:
            first = start + timedelta(days=random.randrange(10, 60))
            away = f"{first}..{first + timedelta(days=random.randrange(1, 8))}"
        goal = random.choice(GOALS)
        yield (
            f"p{number:07d}",
            "" if number % planned else goal,
            start.isoformat(),
            f"Patient {number}",
            random.choice(["", "", "9:30", "14:00"]),
            "sun,mon",
            "FR",
            away,
            random.choice(["", "", "", "1"]),
            f"Room {number}",
        )


def table(path: Path, count: int, planned: int = 1) -> Path:
    """A table of so many rows; see `rows`."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count, planned))
    return path


@dataclass(frozen=True)
class Run:
    """What one run of the whole command took."""

    seconds: float
    """Of the processor: others on the machine don't count."""
    mib: float
    """The most memory that it had."""


def measured(folder: Path, of_table: Path) -> Run:
    """Run the whole command, writing an archive."""
    archive = folder / "plans.tar"
    archive.unlink(missing_ok=True)
    # It asks for its own figures: those of ended children would be of any other one, too.
    script = (
        "import resource, sys\n"
        "from mesoplan.__main__ import main\n"
        f"sys.argv = ['mesoplan', 'batch', {str(of_table)!r}, '--tar', {str(archive)!r}]\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)\n"
    )
    environment = {**os.environ, **WORLD, "PYTHONPYCACHEPREFIX": str(folder / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    seconds, mib = map(float, done.stderr.split()[-2:])
    return Run(seconds, mib)


def calendars(archive: Path) -> list[tuple[str, bytes]]:
    """The calendar files in an archive, by their names."""
    with tarfile.open(archive) as tar:
        members = [each for each in tar if each.name.endswith(".ics")]
        return [(each.name, tar.extractfile(each).read()) for each in members]  # type: ignore[union-attr]  # plain files


def recipe(data: bytes) -> icalendar.Calendar:
    """The values of a calendar, read once and before the time is taken."""
    return icalendar.Calendar.from_ical(data)


def built(of: icalendar.Component) -> icalendar.Component:
    """The same component, built from its values as a program that uses icalendar does."""
    component: Any = type(of)()
    for name, value in of.property_items(recursive=False, sorted=False):
        if name in ("BEGIN", "END"):
            continue
        parameters = dict(getattr(value, "params", {})) or None
        component.add(name, _native(value), parameters)
    for part in of.subcomponents:
        component.add_component(built(part))
    return component  # type: ignore[no-any-return]  # icalendar has no types there


def _native(value: Any) -> Any:
    return getattr(value, "dt", None) or getattr(value, "td", None) or value


def plain_icalendar(folder: Path, recipes: list[tuple[str, icalendar.Calendar]]) -> float:
    """The processor time that plain icalendar takes to build the calendars and write an archive."""
    begin = time.process_time()
    with tarfile.open(folder / "plain.tar", "w") as tar:
        for name, values in recipes:
            data = built(values).to_ical(sorted=False)
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return time.process_time() - begin


def beside_icalendar(folder: Path, quick: bool) -> bool:
    """Hold the whole command against plain icalendar, in turn."""
    count = COMPARED // (4 if quick else 1)
    of_table = table(folder / "patients.csv", count)
    measured(folder, of_table)
    some = calendars(folder / "plans.tar")[:: count // SOME]
    recipes = [(name, recipe(data)) for name, data in some]
    whole, plain = [], []
    for _ in range(3):
        whole.append(measured(folder, of_table).seconds / count)
        plain.append(plain_icalendar(folder, recipes) / len(some))
    same = all(
        icalendar.Calendar.from_ical(data) == icalendar.Calendar.from_ical(other)
        for (_, data), (_, other) in zip(some, calendars(folder / "plain.tar"), strict=True)
    )
    print("read back equal by icalendar" if same else "NOT EQUAL when read back by icalendar")
    return same & at_least(
        min(plain) / min(whole),
        TIMES_ICALENDAR,
        "times as many calendars a second as plain icalendar builds and writes, planning included",
    )


def memory(folder: Path) -> bool:
    """The memory for a million rows, with that for ten thousand beside it."""
    few, many = (
        measured(folder, table(folder / "rows.csv", count, ONE_IN)).mib for count in (FEW, MANY)
    )
    print(f"{few:7.2f} MiB at its peak for {FEW:,} rows")
    return at_most(many, MOST_MIB, f"MiB at its peak for {MANY:,} rows")


def run(quick: bool) -> bool:
    """Measure it all; whether all aims are met."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        met = beside_icalendar(folder, quick)
        if not quick:
            met &= memory(folder)
    return met


if __name__ == "__main__":
    alone("batch", run)
