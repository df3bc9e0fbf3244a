"""A large table with bad rows of many kinds, planned by the command and checked by other means.

    python -m tests.large_batch [ROWS] [--tar]

makes a table (100,000 rows, one in a hundred bad), runs `mesoplan batch` on it, and holds every
file against what its row asks for, with code that shares nothing with the program. Prints what it
found, its figure last; exits with 1 where a promise is broken. It takes some minutes and up to 2 GB
of the disk for a while.
"""

import csv
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

DAY = timedelta(days=1)
GOALS = {
    # Phases (sessions, days between), maintenance a year, minutes; as the README tells them.
    "rejuvenation": ([(4, 14)], 2, 30),
    "wrinkles": ([(6, 14)], 2, 30),
    "pigmentation": ([(6, 14)], 2, 45),
    "hair": ([(4, 7), (4, 14)], 2, 30),
    "cellulite": ([(10, 7)], 2, 30),
    "contouring": ([(8, 7)], 2, 30),
    "fat": ([(6, 14)], 1, 30),
}
COLUMNS = [
    *("id", "goal", "start", "sessions", "interval", "maintenance", "years", "time", "duration"),
    *("closed", "closure", "holidays", "away", "patient", "private", "utc", "tz", "depart"),
]
ZONES = ["Europe/Paris", "Asia/Bangkok", "America/New_York", "Africa/Cairo"]
FRANCE = holidays.country_holidays("FR", years=range(2026, 2035))
FIRST = date(2026, 12, 1)


@dataclass
class RequestDraft:
    """What a good row asks for, as it was chosen."""

    goal: str
    start: date
    sessions: int | None = None
    interval: int | None = None
    maintenance: int | None = None
    years: int = 1
    clock: str = "10:00"
    duration: int | None = None
    closed: set[int] = field(default_factory=set)
    closure: tuple[date, date] | None = None
    keeps_holidays: bool = False
    away: date | None = None
    patient: str = ""
    is_private: bool = False
    zone: str = "Europe/Paris"

    def is_usable(self, day: date, *, of_patient: bool = True) -> bool:
        """Whether the clinic is open on a day, and the patient there."""
        if day.weekday() in self.closed or (of_patient and day == self.away):
            return False
        if self.closure and self.closure[0] <= day <= self.closure[1]:
            return False
        return not (self.keeps_holidays and day in FRANCE)

    def preferred(self) -> list[int]:
        """The preferred days from each session to the next."""
        phases, _, _ = GOALS[self.goal]
        if self.interval is not None:
            count = self.sessions or sum(count for count, _ in phases)
            return [self.interval] * (count - 1)
        each = [days for count, days in phases for _ in range(count)]
        count = self.sessions or len(each)
        return (each + [phases[-1][1]] * 15)[: count - 1]


def good(random: Random, at: int) -> tuple[dict[str, str], RequestDraft]:
    """A row for which there is a legal plan whatever its days are."""
    asked = RequestDraft(random.choice(list(GOALS)), FIRST + random.randrange(400) * DAY)
    cells = {"id": f"P-{at:07}", "goal": asked.goal, "start": f"{asked.start}"}
    # Of eight days in a row these leave one at least.
    if random.random() < 0.5:
        asked.closed = {6}
        cells["closed"] = "sun"
    if random.random() < 0.3:
        first = asked.start + random.randrange(90) * DAY
        asked.closure = (first, first + DAY)
        cells["closure"] = f"{first}..{first + DAY}"
    if random.random() < 0.3:
        asked.keeps_holidays = True
        cells["holidays"] = "FR"
    if random.random() < 0.2:
        asked.away = asked.start + random.randrange(90) * DAY
        cells["away"] = f"{asked.away}"
    if random.random() < 0.3:
        asked.sessions = random.randrange(3, 16)
        cells["sessions"] = f"{asked.sessions}"
    if random.random() < 0.3:
        asked.interval = random.randrange(7, 15)
        cells["interval"] = f"{asked.interval}"
    if random.random() < 0.3:
        asked.maintenance = random.randrange(3)
        cells["maintenance"] = f"{asked.maintenance}"
    if asked.maintenance != 0 and random.random() < 0.1:
        asked.years = random.randrange(1, 4)
        cells["years"] = f"{asked.years}"
    if random.random() < 0.3:
        asked.clock = random.choice(["09:00", "14:30", "17:15"])
        cells["time"] = asked.clock
    if random.random() < 0.2:
        asked.duration = random.choice([20, 40, 90])
        cells["duration"] = f"{asked.duration}"
    if random.random() < 0.7:
        asked.patient = random.choice(["Ann {}", "Jürgen {}", "=1+{}", 'the "{}"', "a,b;{}"])
        asked.patient = asked.patient.format(at)
        cells["patient"] = asked.patient
    if random.random() < 0.1:
        asked.is_private = True
        cells["private"] = "yes"
    if random.random() < 0.1:
        cells["utc"] = "yes"
    if random.random() < 0.3:
        asked.zone = random.choice(ZONES)
        cells["tz"] = asked.zone
    return cells, asked


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

    good: dict[str, RequestDraft] = field(default_factory=dict)
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


def least_squares(asked: RequestDraft, first: date) -> int | None:
    """The least sum of squared deviations from the preferred intervals, by plain search."""
    costs = {first: 0}
    for preferred in asked.preferred():
        following: dict[date, int] = {}
        for day, cost in costs.items():
            for interval in range(7, 15):
                after = day + interval * DAY
                if asked.is_usable(after):
                    total = cost + (interval - preferred) ** 2
                    following[after] = min(total, following.get(after, total))
        costs = following
    return min(costs.values(), default=None)


def check_plan(data: bytes, asked: RequestDraft, *, closely: bool) -> list[tuple[str, str]]:
    """Hold a file against its row; the days and times of its appointments. Raises Broken."""
    _, per_year, minutes = GOALS[asked.goal]
    zone = ZoneInfo(asked.zone)
    require(data.startswith(b"BEGIN:VCALENDAR\r\n"), "a file has no beginning")
    require(data.endswith(b"END:VCALENDAR\r\n"), "a file has no end")
    require(max(map(len, data.split(b"\r\n"))) <= 75, "a line is too long")
    found = list(appointments(data, zone))
    require(len({uid for uid, *_ in found}) == len(found), "a UID is there twice")
    for _, _, begin, end in found:
        require(f"{begin:%H:%M}" == asked.clock, "a session is at another time")
        require(end - begin == timedelta(minutes=asked.duration or minutes), "a length is wrong")
    course = [begin.date() for _, status, begin, _ in found if status == "CONFIRMED"]
    upkeep = [begin.date() for _, status, begin, _ in found if status == "TENTATIVE"]
    require(len(course) + len(upkeep) == len(found), "an event has another status")
    preferred = asked.preferred()
    require(len(course) == len(preferred) + 1, "the number of sessions is wrong")
    require(all(map(asked.is_usable, course)), "a session is on a day that can't be used")
    intervals = [(later - day).days for day, later in pairwise(course)]
    require(all(7 <= interval <= 14 for interval in intervals), "an interval is not legal")
    first = asked.start
    while not asked.is_usable(first):
        first += DAY
    if closely:
        # The first day may be one from which no course is legal; none of these rows has one.
        least = least_squares(asked, first)
        squares = [(one - other) ** 2 for one, other in zip(intervals, preferred, strict=True)]
        require(sum(squares) == least, "there is a better course")
    require(course[0] == first, "the course begins on another day")
    wanted = per_year if asked.maintenance is None else asked.maintenance
    require(len(upkeep) == wanted * asked.years, "the number of maintenance sessions is wrong")
    for number, day in enumerate(upkeep, 1):
        due = course[-1] + relativedelta(months=number * 12 // wanted)
        near = (due + days * DAY for off in range(15) for days in (off, -off))
        require(day == next(filter(asked.is_usable, near), None), "maintenance is on another day")
    text = data.replace(b"\r\n ", b"").decode()
    if asked.is_private:
        words = ["mesotherap", asked.goal, *([asked.patient] if asked.patient else [])]
        require(not any(word in unquote_plus(text) for word in words), "a private file tells")
    else:
        record = re.search(r"^X-APPOINTMENT-PLAN:(.*)\r$", text, re.MULTILINE)
        require(record is not None, "a file has no record")
        assert record is not None
        told = dict(pair.split("=", 1) for pair in record[1].split("&"))
        require(unquote_plus(told["goal"]) == asked.goal, "a file is for another goal")
        require(unquote_plus(told.get("patient", "")) == asked.patient, "it is another patient's")
        require(told["start"] == f"{asked.start}", "a file has another start")
    return [(f"{begin:%Y-%m-%d}", f"{begin:%H:%M}") for _, _, begin, _ in found]


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
            expected = [name, *session, asked.zone, asked.patient, asked.goal]
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
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "mesoplan", "batch", "rows.csv", *where, "--tz", "Europe/Paris"],
            cwd=place,
            env=world,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - begun
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
