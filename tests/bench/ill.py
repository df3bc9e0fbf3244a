"""How long it takes to plan the affected plans of a large clinic again, as a whole process.

Four practitioners share four rooms, and the clinic closes for a week.
"""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from random import Random

from tests.bench.measuring import at_most, measured

PATIENTS, QUICK_PATIENTS, AIM_SECONDS = 280, 60, 20
NOW = "2026-12-01T06:00:00Z"
STAFF = ("petit", "roux", "kim", "lee")
TIMES = ("09:00", "10:00", "11:00", "14:30", "16:00")


def make_clinic(folder: Path, patients: int) -> None:
    """Write a profile, and a table of patients whose courses are under way."""
    random = Random(1)
    lines = ['timezone = "Europe/Paris"', "rooms = 4", "[hours]"]
    lines += [f'{day} = ["09:00-12:30", "14:00-18:00"]' for day in ("mon", "tue", "wed", "thu")]
    lines += ['fri = ["09:00-13:00"]']
    lines += [f'[[practitioner]]\nid = "{name}"\nname = "Dr {name.title()}"' for name in STAFF]
    (folder / "clinic.toml").write_text("\n".join(lines))
    rows = ["id,goal,start,time,with"]
    for number in range(patients):
        goal = random.choice(["hair", "cellulite", "contouring", "fat", "hair"])
        start = date(2026, 10, 12) + timedelta(days=random.randrange(50))
        who = f"{random.choice(TIMES)},{random.choice(STAFF)}"
        rows.append(f"p{number},{goal},{start},{who}")
    (folder / "rows.csv").write_text("\n".join(rows))


def run(quick: bool) -> bool:
    """Print how long it takes for about two hundred affected plans; whether the aim is met."""
    with tempfile.TemporaryDirectory() as name:
        folder, where = Path(name), ("--book", "book", "--clinic", "clinic.toml")
        make_clinic(folder, QUICK_PATIENTS if quick else PATIENTS)
        before = "2026-10-10T06:00:00Z"
        measured(folder, "batch", "rows.csv", "-o", "book", "--clinic", "clinic.toml", now=before)
        closed = ("--closure", "2026-12-01..2026-12-05")
        found = measured(folder, "replan", "--all", *closed, *where, now=NOW)
        changed = len(list((folder / "book").glob("*.ics~")))
        print(f"{found.mib:7.0f} MiB of memory at its peak, {changed} plans changed")
        text = "s of processor time for “replan --all” of a closed week"
        return at_most(found.processor_seconds, AIM_SECONDS, text)
