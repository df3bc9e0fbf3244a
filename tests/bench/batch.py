"""How a batch fares: beside plain `icalendar`, and in memory at a million rows.

Plain `icalendar` builds and writes the very calendars that the batch wrote, with all their dates
and texts at hand: it plans nothing and reads no table. No two rows of the table are alike. A
million rows take some minutes; `--quick` does without them.
"""

import csv
import io
import tarfile
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import icalendar

from tests.bench.measuring import at_least, at_most, left_out, measured

GOALS = ("hair", "cellulite", "rejuvenation", "wrinkles", "pigmentation", "contouring", "fat")
HEADER = (
    *("id", "goal", "start", "patient", "time", "closed", "holidays", "away", "maintenance"),
    "location",
)
ROWS, QUICK_ROWS = 6_000, 1_500
SOME = 400
"""So many calendars plain icalendar builds, since it takes its time."""
MANY, ONE_IN = 1_000_000, 20
"""Of a million rows one in so many is planned; the others have no goal, which is soon found out."""
TIMES_ICALENDAR, MOST_MIB = 4.0, 80.0


def rows(count: int, planned: int = 1) -> Iterator[tuple[str, ...]]:
    """The patients of a clinic: all goals, starts within half a year, absences now and then.

    One in so many as are *planned* has a goal.
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


def table(path: Path, count: int, planned: int = 1) -> str:
    """Write a table of so many rows; its name."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count, planned))
    return path.name


def calendars(archive: Path, every: int = 1) -> list[tuple[str, icalendar.Component]]:
    """Every so many-th calendar in an archive, with the name of its file."""
    with tarfile.open(archive) as tar:
        return [
            (member.name, icalendar.Calendar.from_ical(tar.extractfile(member).read()))  # type: ignore[union-attr]  # plain files
            for member in [each for each in tar if each.name.endswith(".ics")][::every]
        ]


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


def plain_icalendar(archive: Path, wanted: list[tuple[str, icalendar.Component]]) -> float:
    """The processor time that plain icalendar takes to build the calendars and write an archive."""
    begin = time.process_time()
    with tarfile.open(archive, "w") as tar:
        for name, calendar in wanted:
            data = built(calendar).to_ical(sorted=False)
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return time.process_time() - begin


def beside_icalendar(folder: Path, count: int) -> bool:
    """Hold the whole command against plain icalendar, in turn."""
    archive, plain_archive = folder / "plans.tar", folder / "plain.tar"
    line = ("batch", table(folder / "patients.csv", count), "--tar", archive.name)
    measured(folder, *line)
    wanted = calendars(archive, every=count // SOME)
    ours, plain = [], []
    for _ in range(3):
        archive.unlink()
        ours.append(measured(folder, *line).processor_seconds / count)
        plain.append(plain_icalendar(plain_archive, wanted) / len(wanted))
    same = wanted == calendars(plain_archive)
    print("read back equal by icalendar" if same else "NOT EQUAL when read back by icalendar")
    text = "times as quick as plain icalendar builds and writes them, planning included"
    return at_least(min(plain) / min(ours), TIMES_ICALENDAR, text) and same


def run(quick: bool) -> bool:
    """Measure it all; whether all aims are met."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        met = beside_icalendar(folder, QUICK_ROWS if quick else ROWS)
        if quick:
            left_out(f"the memory for {MANY:,} rows", "it takes some minutes")
            return met
        name = table(folder / "rows.csv", MANY, ONE_IN)
        peak = measured(folder, "batch", name, "--tar", "all.tar").mib
        return at_most(peak, MOST_MIB, f"MiB at its peak for {MANY:,} rows") and met
