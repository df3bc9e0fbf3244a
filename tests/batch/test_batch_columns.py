"""A row of a batch is what the same options are on the command line."""

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from tests.batches import OUT, anonymous, batch, rejected, row, table
from tests.command_line import mesoplan
from tests.examples import examples, some

SEVERAL = {"weekday", "closed", "closure", "holidays", "open", "away", "remind", "busy"}
SEVERAL |= {"room-busy", "patient-busy"}
FLAGS = {"private": ("--private", "--no-private"), "utc": ("--utc", None)}

BUSY = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//
BEGIN:VEVENT
UID:one
DTSTAMP:20261101T000000Z
DTSTART:20261208T080000Z
DTEND:20261208T170000Z
END:VEVENT
END:VCALENDAR
"""

PROFILE = """
name = "Clinic on the Square"
timezone = "Asia/Bangkok"
address = "1 Square"
phone = "+66 1 234"
closed = ["sun"]
holidays = ["TH"]
private = true
time = "14:00"

[[practitioner]]
id = "roux"
name = "Dr Roux"

[[practitioner]]
id = "lind"
name = "Dr Lind"
goals = ["skin", "fat"]
"""

EACH: dict[str, tuple[str, ...]] = {
    "sessions": ("5", "9", "16", "2"),
    "interval": ("7", "10", "14", "6"),
    "maintenance": ("0", "1", "2", "3"),
    "years": ("1", "3", "11"),
    "area": ("scalp", "legs", "moon"),
    "time": ("9:30", "morning", "14:00-18:00", "25:00"),
    "weekday": ("tue", "tue;thu", "mon-wed", "someday"),
    "duration": ("20", "90", "0"),
    "closed": ("sun", "sun;mon", "tue|wed|thu", "sat,sun", "someday"),
    "closure": (
        "2026-12-07..2026-12-12",
        "2026-12-15;2027-01-05..2027-01-09",
        "2026-12-08 09:00..13:00;2026-12-15",
        "2026-12-40",
    ),
    "holidays": ("FR", "TH;FR-Alsace", "none", "XX"),
    "open": ("2026-12-25", "2026-12-25;2027-01-01"),
    "patient": ("Ann", "=cmd()", "Jürgen Ø, “the 2nd”", "x=1&row=2", "\\n" + "é" * 60, "a\nb"),
    "away": ("2026-12-08", "2026-12-08..2026-12-10|2027-01-04..2027-02-20"),
    "arrive": ("2026-12-03", "2026-11-30"),
    "depart": ("2027-02-20", "2026-12-25", "2026-12-03"),
    "finish-by": ("2027-02-20", "2027-01-10"),
    "flex": ("0", "5", "x"),
    "remind": ("2h", "1d;2h", "none", "soon"),
    "location": ("2 Park Street; 3rd floor", "-1"),
    "private": ("yes", "no"),
    "utc": ("yes", "no"),
    "tz": ("Asia/Tokyo", "Africa/Cairo", "Mars/Base"),
    "clinic": ("clinic.toml", "none", "nowhere.toml"),
    "busy": ("busy.ics", "busy.ics;busy", "nowhere.ics"),
    "room-busy": ("busy.ics", "busy.ics;busy", "nowhere.ics"),
    "patient-busy": ("busy.ics", "busy", "nowhere.ics"),
    "with": ("roux", "LIND", "nobody"),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "clinic.toml").write_text(PROFILE)
    (tmp_path / "busy.ics").write_bytes(BUSY)
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "a.ics").write_bytes(BUSY.replace(b"UID:one", b"UID:two"))
    return tmp_path


def arguments(cells: Mapping[str, str]) -> list[str]:
    """What to type after `plan` for the cells of a row."""
    typed = [cells["goal"], *([cells["start"]] if cells["start"] else [])]
    for name, cell in cells.items():
        if name in {"id", "goal", "start"}:
            continue
        if name in FLAGS:
            flag = FLAGS[name][cell != "yes"]
            typed += [flag] if flag else []
            continue
        values = cell.replace("|", ";").split(";") if name in SEVERAL else [cell]
        typed += [f"--{name}={value}" for value in values]
    return [*typed, "-o", f"{cells['id']}.ics"]


def hold_against_the_command_line(place: Path, rows: list[dict[str, str]]) -> int:
    """Plan all rows in one batch, and each by `plan`; how many have a plan."""
    outcome = batch(place, table(*rows))
    assert outcome.error == ""
    refused = [line for line, _ in rejected(place)]
    line = 1
    planned = 0
    for cells in rows:
        # A cell with a line break makes the row that much longer.
        line, here = line + 1 + sum(cell.count("\n") for cell in cells.values()), line + 1
        typed = mesoplan(place, "plan", *arguments(cells))
        assert typed.exit_code in {0, 2, 3, 4}
        assert (str(here) in refused) == (typed.exit_code != 0), (cells, typed.error)
        made = place / OUT / f"{cells['id']}.ics"
        assert made.exists() == (typed.exit_code == 0), (cells, typed.error)
        if typed.exit_code == 0:
            planned += 1
            alone = (place / f"{cells['id']}.ics").read_bytes()
            assert anonymous(made.read_bytes()) == anonymous(alone), cells
    assert outcome.exit_code == (1 if refused else 0)
    return planned


def test_each_column_is_the_option_of_that_name(place: Path) -> None:
    values = [(name, value) for name, cells in EACH.items() for value in cells]
    rows = [row(f"p{at}", **{name: value}) for at, (name, value) in enumerate(some(values, 2))]
    rows += [
        row(f"w{at}", clinic="clinic.toml", **{"with": who}) for at, who in enumerate(EACH["with"])
    ]
    assert hold_against_the_command_line(place, rows) > len(rows) / 2


def test_any_columns_together_are_those_options_together(place: Path) -> None:
    random = Random(5)
    rows = []
    for at in range(examples(12)):
        chosen = random.sample(list(EACH), random.choice([2, 3, 4]))
        cells = {
            name: random.choice(EACH[name][: -1 if len(EACH[name]) > 2 else None])
            for name in chosen
        }
        start = random.choice(["2026-12-01", "2026-12-05 11:15", "2027-03-31", ""])
        goal = random.choice(["hair", "cellulite", "skin", "fat-reduction"])
        rows.append({**row(f"p{at}", goal, start), **cells})
    assert hold_against_the_command_line(place, rows) > len(rows) / 3
