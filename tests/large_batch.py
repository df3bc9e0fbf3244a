"""A large table with bad rows of many kinds, planned by the command and checked by other means.

    python -m tests.large_batch [ROWS] [--tar]

makes a table (100,000 rows, one in a hundred bad), runs `mesoplan batch` on it, and holds every
file against what its row asks for, by the slow searches and code of its own. Prints what it found,
its figure last; exits with 1 where a promise is broken. It takes some minutes and up to 2 GB of the
disk for a while.
"""

import csv
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

import holidays

from mesoplan import DateRange, Request
from mesoplan.rules.goals import ALL_GOALS, find_goal
from tests.oracle import every_prefix, is_usable
from tests.oracle_changes import months_after, wanted_intervals

DAY = timedelta(days=1)
COLUMNS = [
    *("id", "goal", "start", "sessions", "interval", "maintenance", "years", "time", "duration"),
    *("closed", "closure", "holidays", "away", "patient", "private", "utc", "tz", "depart"),
]
ZONES = ["Europe/Paris", "Asia/Bangkok", "America/New_York", "Africa/Cairo"]
LABELS = ["Ann {}", "Jürgen {}", "=1+{}", 'the "{}"', "a,b;{}"]
FRANCE = holidays.country_holidays("FR", years=range(2026, 2035))
FIRST = date(2026, 12, 1)
USUAL = Request("hair", timezone="Europe/Paris")


def can_be_on(asked: Request, day: date) -> bool:
    return is_usable(asked, day) and not (asked.holidays and day in FRANCE)


def good(random: Random, at: int) -> tuple[dict[str, str], Request]:
    """A row for which there is a plan whatever its days are, and what it asks for."""
    goal = random.choice(ALL_GOALS).name
    start = FIRST + random.randrange(400) * DAY
    closed, away = (start + random.randrange(90) * DAY for _ in range(2))
    count, interval, yearly = (random.randrange(*ends) for ends in ((3, 16), (7, 15), (0, 3)))
    years, hour = random.randrange(1, 4), random.choice([9, 14])
    minutes, closure = random.choice([20, 40, 90]), DateRange(closed, closed + DAY)
    label, zone = random.choice(LABELS).format(at), random.choice(ZONES)
    cells, fields = {"id": f"P-{at:07}", "goal": goal, "start": f"{start}"}, dict[str, Any]()
    # Of eight days in a row these leave one at least.
    for chance, column, cell, name, value in (
        (0.5, "closed", "sun", "closed_weekdays", frozenset({6})),
        (0.3, "closure", f"{closed}..{closed + DAY}", "closures", (closure,)),
        (0.3, "holidays", "FR", "holidays", ("FR",)),
        (0.2, "away", f"{away}", "away", (DateRange(away, away),)),
        (0.3, "sessions", f"{count}", "sessions", count),
        (0.3, "interval", f"{interval}", "interval_days", interval),
        (0.3, "maintenance", f"{yearly}", "maintenance_per_year", yearly),
        (0.1 if yearly else 0, "years", f"{years}", "years", years),
        (0.3, "time", f"{hour}:15", "time_of_day", time(hour, 15)),
        (0.2, "duration", f"{minutes}", "duration_minutes", minutes),
        (0.7, "patient", label, "patient", label),
        (0.1, "private", "yes", None, None),
        (0.1, "utc", "yes", None, None),
        (0.3, "tz", zone, "timezone", zone),
    ):
        if random.random() < chance:
            cells[column] = cell
            fields |= {name: value} if name else {}
    return cells, replace(USUAL, goal=goal, start=start, **fields)


BAD: list[tuple[str, dict[str, str]]] = [
    ("UNKNOWN_NAME", {"goal": "haire"}),
    ("UNKNOWN_NAME", {"tz": "Mars/Base"}),
    ("UNKNOWN_NAME", {"closed": "funday"}),
    ("VALUE", {"goal": ""}),
    ("VALUE", {"start": "01/02/2027"}),
    ("VALUE", {"start": "2027-02-30"}),
    ("VALUE", {"start": "soon"}),
    ("VALUE", {"start": ""}),
    ("VALUE", {"patient": "a\x07b"}),
    ("VALUE", {"private": "perhaps"}),
    ("VALUE", {"years": "2", "maintenance": "0"}),
    ("R1", {"sessions": "16"}),
    ("R2", {"interval": "6"}),
    ("R3", {"maintenance": "3"}),
    ("ID", {"id": ""}),
    ("ID", {"id": "../../x"}),
    ("ID", {"id": "CON"}),
    ("ID", {"id": "x" * 300}),
    ("ID", {"id": "1.23E+11"}),
    ("ID", {"id": "P-0000001"}),
    ("ID", {"id": "p-0000001"}),
    ("TOO_LONG", {"patient": "x" * 10_001}),
    ("DEADLINE", {"sessions": "8", "depart": "{start+20}"}),
    ("BLOCKED", {"sessions": "8", "away": "{start+5}..{start+80}"}),
    ("CELLS", {"more": "1"}),
]


def bad(random: Random, at: int, kind: int) -> tuple[list[str], str]:
    """The cells of a row that can't be planned, and the code of the reason."""
    code, wrong = BAD[kind % len(BAD)]
    start = FIRST + random.randrange(300) * DAY
    cells = {"id": f"P-{at:07}", "goal": "hair", "start": f"{start}"}
    for name, cell in wrong.items():
        cells[name] = re.sub(
            r"\{start\+(\d+)\}", lambda days: f"{start + int(days[1]) * DAY}", cell
        )
    more = [cells.pop("more")] if "more" in cells else []
    return [cells.get(name, "") for name in COLUMNS] + more, code


@dataclass
class Table:
    """A table, and what is to come of its rows."""

    good: dict[str, Request] = field(default_factory=dict)
    """In their order."""
    bad: list[tuple[int, str, list[str]]] = field(default_factory=list)
    """Line, code and cells."""


def make_table(path: Path, rows: int) -> Table:
    """Write a table with so many rows."""
    random, made = Random(rows), Table()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for at in range(rows):
            if at % 100 == 50:
                raw, code = bad(random, at, len(made.bad))
                made.bad.append((at + 2, code, raw))
                writer.writerow(raw)
            else:
                cells, asked = good(random, at)
                made.good[cells["id"]] = asked
                writer.writerow([cells.get(name, "") for name in COLUMNS])
    return made


class Broken(Exception):
    """A promise is broken."""


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Broken(what)


def appointments(data: bytes, zone: ZoneInfo) -> Iterator[tuple[str, str, datetime, datetime]]:
    """UID, status, begin and end of each event, read line by line."""
    text = data.decode().replace("\r\n ", "")
    for event in text.split("BEGIN:VEVENT\r\n")[1:]:
        found = dict(re.findall(r"^(UID|STATUS|SEQUENCE):(.*)\r$", event, re.MULTILINE))
        require(found["SEQUENCE"] == "0", "a new event has a sequence number")
        moments = []
        for name in ("DTSTART", "DTEND"):
            line = re.search(rf"^{name}(;TZID=[^:]+)?:(\d+T\d+)(Z?)\r$", event, re.MULTILINE)
            require(line is not None, f"an event has no {name}")
            assert line is not None
            own = UTC if line[3] else ZoneInfo((line[1] or "")[6:])
            moment = datetime.strptime(line[2], "%Y%m%dT%H%M%S").replace(tzinfo=own)
            moments.append(moment.astimezone(zone))
        yield found["UID"], found["STATUS"], moments[0], moments[1]


def check_plan(data: bytes, asked: Request, *, closely: bool) -> list[tuple[str, str]]:
    """Hold a file against its row; the days and times of its appointments. Raises Broken."""
    protocol = find_goal(asked.goal).protocol
    clock, zone = asked.time_of_day, ZoneInfo(asked.timezone)
    length = timedelta(minutes=asked.duration_minutes or protocol.minutes)
    require(data.startswith(b"BEGIN:VCALENDAR\r\n"), "a file has no beginning")
    require(data.endswith(b"END:VCALENDAR\r\n"), "a file has no end")
    require(max(map(len, data.split(b"\r\n"))) <= 75, "a line is too long")
    found = list(appointments(data, zone))
    require(len({uid for uid, *_ in found}) == len(found), "a UID is there twice")
    for _, _, begin, end in found:
        require(begin.time() == clock, "a session is at another time")
        require(end - begin == length, "a length is wrong")
    course = tuple(begin.date() for _, status, begin, _ in found if status == "CONFIRMED")
    upkeep = [begin.date() for _, status, begin, _ in found if status == "TENTATIVE"]
    require(len(course) + len(upkeep) == len(found), "an event has another status")
    phases = [(phase.sessions, phase.interval_days) for phase in protocol.phases]
    count = asked.sessions or sum(sessions for sessions, _ in phases)
    usual = asked.interval_days
    preferred = [usual] * (count - 1) if usual else wanted_intervals(phases, count)
    require(len(course) == count, "the number of sessions is wrong")
    usable = partial(can_be_on, asked)
    require(all(map(usable, course)), "a session is on a day that can't be used")
    require(
        all(7 <= (later - day).days <= 14 for day, later in pairwise(course)),
        "an interval is outside the rules",
    )
    assert asked.start is not None
    # The first day may be one from which no course is possible; none of these rows has one.
    first = next(filter(usable, (asked.start + days * DAY for days in range(91))))
    require(course[0] == first, "the course begins on another day")
    if closely:
        require(course == every_prefix(first, preferred, usable), "there is a better course")
    yearly = asked.maintenance_per_year
    yearly = protocol.maintenance_per_year if yearly is None else yearly
    require(len(upkeep) == yearly * asked.years, "the number of maintenance sessions is wrong")
    for number, day in enumerate(upkeep, 1):
        due = months_after(course[-1], number * 12 // yearly)
        near = (due + days * DAY for off in range(15) for days in (off, -off))
        require(day == next(filter(usable, near), None), "maintenance is on another day")
    check_record(data.replace(b"\r\n ", b"").decode(), asked)
    return [(f"{begin:%Y-%m-%d}", f"{begin:%H:%M}") for _, _, begin, _ in found]


def check_record(text: str, asked: Request) -> None:
    found = re.search(r"^X-APPOINTMENT-PLAN:(.*)\r$", text, re.MULTILINE)
    require(found is not None, "a file has no record")
    assert found is not None
    told = dict(pair.split("=", 1) for pair in found[1].split("&"))
    if "goal" not in told:
        words = ["mesotherap", asked.goal, *([asked.patient] if asked.patient else [])]
        require(not any(word in unquote_plus(text) for word in words), "a private file tells")
        return
    require(unquote_plus(told["goal"]) == asked.goal, "a file is for another goal")
    require(unquote_plus(told.get("patient", "")) == (asked.patient or ""), "another patient's")
    require(told["start"] == f"{asked.start}", "a file has another start")


def plans_in_folder(folder: Path, names: list[str]) -> Iterator[tuple[str, bytes]]:
    left = {each.name for each in folder.iterdir()} - {"schedule.csv", "rejected.csv"}
    require(left == {f"{name}.ics" for name in names}, "the files are not those of the good rows")
    for name in names:
        yield name, (folder / f"{name}.ics").read_bytes()


def plans_in_archive(path: Path, tables: Path) -> Iterator[tuple[str, bytes]]:
    """The plans in their order; the tables, which come last, are put into a folder."""
    with tarfile.open(path, "r|") as archive:
        for member in archive:
            file = archive.extractfile(member)
            require(file is not None, "something in the archive is no file")
            assert file is not None
            if member.name.endswith(".ics"):
                yield member.name.removesuffix(".ics"), file.read()
            else:
                (tables / member.name).write_bytes(file.read())


def rows_of(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file)


def without_mark(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith(("'=", "'-", "'+", "'@")) else cell


def check(table: Table, plans: Iterator[tuple[str, bytes]], tables: Path) -> int:
    """Hold everything against the table; how many appointments there are. Raises Broken."""
    told: dict[str, list[tuple[str, str]]] = {}
    ids: set[str] = set()
    for at, (name, data) in enumerate(plans):
        try:
            told[name] = check_plan(data, table.good[name], closely=at % 10 == 0)
        except (Broken, KeyError, ValueError) as error:
            raise Broken(f"{name}.ics: {error}") from error
        ids.add(data.split(b"\r\nUID:", 1)[1][:36].decode())
    require(list(told) == list(table.good), "the plans are not those of the good rows")
    require(len(ids) == len(told), "two plans have one id")
    schedule = rows_of(tables / "schedule.csv")
    header = next(schedule)
    columns = [header.index(name) for name in ("id", "date", "time", "timezone", "patient", "goal")]
    for name, sessions in told.items():
        asked = table.good[name]
        for session in sessions:
            row = next(schedule, [""] * len(header))
            patient = without_mark(row[columns[4]])
            expected = [name, *session, asked.timezone, asked.patient or "", asked.goal]
            got = [*(row[column] for column in columns[:4]), patient, row[columns[5]]]
            require(got == expected, f"the schedule differs from {name}.ics")
    require(next(schedule, None) is None, "the schedule has more than the plans")
    rejected = rows_of(tables / "rejected.csv")
    require(next(rejected) == [*COLUMNS, "line", "code", "reason"], "rejected.csv has no header")
    for line, code, raw in table.bad:
        row = next(rejected, [""] * 99)
        place = f"rejected.csv, line {line} of the table"
        require(row[-3:-1] == [str(line), code], f"{place}: {code} expected, {row[-3:-1]} found")
        require(bool(row[-1]), f"{place}: no reason")
        require(list(map(without_mark, row[:-3])) == raw, f"{place}: not as it came")
    require(next(rejected, None) is None, "rejected.csv has more than the bad rows")
    return sum(map(len, told.values()))


def main(arguments: list[str]) -> int:
    as_archive = "--tar" in arguments
    numbers = [int(each) for each in arguments if each.isdigit()]
    rows = numbers[0] if numbers else 100_000
    with tempfile.TemporaryDirectory(prefix="large-batch-") as made:
        place = Path(made)
        table = make_table(place / "rows.csv", rows)
        where = ["--tar", "all.tar"] if as_archive else ["-o", "out"]
        world = {**os.environ, "MESOPLAN_NOW": "2026-11-23T12:00:00Z", "MESOPLAN_CLINIC": "none"}
        begun = monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "mesoplan", "batch", "rows.csv", *where, "--tz", "Europe/Paris"],
            cwd=place,
            env=world,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = monotonic() - begun
        print(done.stdout, end="")
        tables = place if as_archive else place / "out"
        try:
            counts = f"{rows:,} rows: {len(table.good):,} new, {len(table.bad):,} rejected"
            require(done.returncode == (1 if table.bad else 0), f"exit code {done.returncode}")
            require(done.stderr == "", f"standard error: {done.stderr[:300]}")
            require(done.stdout.startswith(f"{counts}\n"), "the counts don't add up")
            plans = (
                plans_in_archive(place / "all.tar", tables)
                if as_archive
                else plans_in_folder(tables, list(table.good))
            )
            sessions = check(table, plans, tables)
        except Broken as broken:
            print(f"broken: {broken}")
            return 1
        print(f"bad rows of {min(len(BAD), len(table.bad))} kinds")
        print(
            f"{len(table.good):,} plans with {sessions:,} sessions right, {len(table.bad):,} bad "
            f"rows told; planned in {seconds:.0f} s ({rows / seconds:.0f} rows a second)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
