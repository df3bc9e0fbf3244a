"""What a crowd of commands does at the same moment, and what must be there afterwards."""

import csv
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from mesoplan import Practitioner, TimeRange
from tests.book_checker import Booked, Clinic, wrongs
from tests.command_line import mesoplan
from tests.proving.verdict import Verdict

START = "2026-12-01"
HAIR = ("plan", "hair", START)
GOALS = ("hair", "fat", "wrinkles", "cellulite", "contouring")


@dataclass(frozen=True)
class Ended:
    """A command of a crowd that is over."""

    arguments: tuple[str, ...]
    code: int
    """Below 0: the signal that ended it."""
    output: bytes
    error: str
    seconds: float
    """From the moment at which all began."""
    hung: bool
    killed: bool


@dataclass(frozen=True)
class Scene:
    """What is done at once, and what must come of it."""

    name: str
    commands: Callable[[Path, int], list[tuple[str, ...]]]
    """Prepares a folder, and gives so many commands to run in it at the same moment."""
    judge: Callable[[Path, list[Ended], Verdict], None]
    codes: frozenset[int]
    """The exit codes that a command may have."""
    kill_every: int = 0
    """Every so many-th command is killed on the way; 0 for none."""


def told(folder: Path, file: str) -> dict[str, Any] | None:
    """What the program reads in a plan's file; None where it can't be read, or does not end."""
    if not (folder / file).read_bytes().endswith(b"END:VCALENDAR\r\n"):
        return None
    shown = mesoplan(folder, "show", file, "--json")
    if shown.exit_code != 0:
        return None
    found: dict[str, Any] = json.loads(shown.output)
    return found


def left_over(folder: Path) -> list[str]:
    """What is in a folder, or in those in it, beside files that the program keeps there."""
    return sorted(path.name for path in folder.rglob("*") if path.name.startswith("."))


def an_hour_passes(folder: Path) -> None:
    """Let what killed commands left in a folder be so old that a later one removes it."""
    for path in folder.glob(".*"):
        os.utime(path, (0, 0))


def places(plan: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The id, beginning and end, in UTC, of what the patient is to come to."""
    return [
        (session["uid"], *(_in_utc(session[key]) for key in ("start", "end")))
        for session in (*plan["sessions"], *plan["maintenance"])
        if session["status"] == "planned"
    ]


def _in_utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat()


# ---------------------------------------------------------------- one name


def _same_name(_: Path, count: int) -> list[tuple[str, ...]]:
    return [
        ("clinic", "init", "clinic.toml", "--defaults") if i % 5 == 0 else HAIR
        for i in range(count)
    ]


def _one_each(folder: Path, ended: list[Ended], verdict: Verdict) -> None:
    for command, file in (("plan", f"mesoplan-hair-{START}.ics"), ("clinic", "clinic.toml")):
        codes = Counter(each.code for each in ended if each.arguments[0] == command)
        verdict.holds(codes[0] == 1, f"{codes[0]} of the crowd made {file}")
        verdict.holds((folder / file).is_file(), f"{file} is not there")
    verdict.holds(told(folder, f"mesoplan-hair-{START}.ics") is not None, "the plan is not whole")
    verdict.holds(len(list(folder.iterdir())) == 2, f"left over: {left_over(folder)}")


# ---------------------------------------------------------------- one folder


def _names_of_their_own(_: Path, count: int) -> list[tuple[str, ...]]:
    return [(*HAIR, "-o", f"{number}.ics", "--split", f"s{number}") for number in range(count)]


def _nothing_of_the_others_swept(folder: Path, ended: list[Ended], verdict: Verdict) -> None:
    for each in ended:
        if each.code == 0:
            file = each.arguments[each.arguments.index("-o") + 1]
            verdict.holds(told(folder, file) is not None, f"{file} is not whole")
    # What the killed ones were making is removed by a later one.
    an_hour_passes(folder)
    again = mesoplan(folder, *HAIR, "-o", "again.ics")
    verdict.holds(again.exit_code == 0, f"no plan can be made afterwards: {again.error}")
    left = [path.name for path in folder.iterdir() if path.name.startswith(".")]
    verdict.holds(not left, f"left over: {left}")


# ---------------------------------------------------------------- one book


def _into_one_book(folder: Path, count: int) -> list[tuple[str, ...]]:
    (folder / "book").mkdir()
    rows = [f"row{number},{goal},{START},any" for number, goal in enumerate(GOALS)]
    (folder / "table.csv").write_text("\n".join(["id,goal,start,time", *rows, ""]), "utf-8")
    lines: list[tuple[str, ...]] = []
    for number in range(count):
        goal, file = GOALS[number % len(GOALS)], f"book/{number}.ics"
        if number % 10 == 9:
            lines.append(("agenda", "book", "--json"))
        elif number % 10 == 8:
            lines.append(("batch", "table.csv", "--book", "book"))
        else:
            lines.append(
                ("plan", goal, START, "--time", "any", "--book", "book", "-o", file, "--json")
                + ("--private", "--patient", f"P{number}") * (number % 3 == 0)
            )
    return lines


def _no_time_taken_twice(folder: Path, ended: list[Ended], verdict: Verdict) -> None:
    made = set()
    for each in ended:
        if each.arguments[0] == "plan" and each.code == 0:
            file = each.arguments[each.arguments.index("-o") + 1].removeprefix("book/")
            made.add(file)
            found = told(folder / "book", file)
            as_printed = found is not None and places(found) == places(json.loads(each.output))
            verdict.holds(as_printed, f"{file} is not what its command printed")
            wanted = json.loads(each.output)["patient"]
            is_known = found is not None and found["patient"] == wanted
            verdict.holds(is_known, f"the book does not say whose {file} is")
    made |= {f"row{number}.ics" for number in range(len(GOALS))}
    plans = {path.name for path in (folder / "book").glob("*.ics")}
    verdict.holds(plans == made, f"not the plans that were made: {sorted(plans ^ made)}")
    taken: list[tuple[str, str, str]] = []
    for file in plans:
        found = told(folder / "book", file)
        verdict.holds(found is not None, f"{file} is not whole")
        taken += places(found) if found is not None else []
    taken.sort(key=lambda place: place[1:])
    for (_, _, end), (_, start, _) in pairwise(taken):
        verdict.holds(end <= start, f"a time is taken twice: {start}")
    verdict.holds(not left_over(folder), f"left over: {left_over(folder)}")


# ---------------------------------------------------------------- one clinic

PROFILE = """
timezone = "Europe/Paris"
rooms = 2
most_sessions_a_day = 12

[hours]
tue = ["9:00-13:00", "14:00-18:00"]
wed = ["9:00-13:00", "14:00-18:00"]
thu = ["9:00-13:00", "14:00-18:00"]

[[practitioner]]
id = "ann"
name = "Dr Ann"

[[practitioner]]
id = "ben"
name = "Dr Ben"
hours = { tue = ["9:00-13:00"], wed = ["9:00-12:00", "14:00-16:00"] }
most_sessions_a_day = 5
"""
AT_THE_CLINIC = ("--clinic", "clinic.toml", "--book", "book")


def _hours(*days: str) -> tuple[tuple[TimeRange, ...], ...]:
    return tuple(
        tuple(
            TimeRange(60 * int(begin), 60 * int(end))
            for begin, end in (span.split("-") for span in day.split())
        )
        for day in days
    )


BENS_HOURS = _hours("", "9-13", "9-12 14-16", "", "", "", "")
CLINIC = Clinic(
    "Europe/Paris",
    rooms=2,
    practitioners=(
        Practitioner("ann", "Dr Ann", _hours("", *["9-13 14-18"] * 3, "", "", "")),
        Practitioner("ben", "Dr Ben", BENS_HOURS, most_sessions_a_day=5),
    ),
    most_sessions_a_day=12,
)
"""The same clinic in the checker's own values."""


def _into_one_clinic(folder: Path, count: int) -> list[tuple[str, ...]]:
    (folder / "book").mkdir()
    (folder / "clinic.toml").write_text(PROFILE, "utf-8")
    rows = [f"row{number},{goal},{START}" for number, goal in enumerate(GOALS)]
    (folder / "table.csv").write_text("\n".join(["id,goal,start", *rows, ""]), "utf-8")
    # One of before anybody was named, and one that goes from hand to hand.
    before = ("--tz", "Europe/Paris", "--time", "9:30", "--book", "book")
    assert mesoplan(folder, *HAIR, *before, "-o", "book/before.ics").exit_code == 0
    there = mesoplan(folder, *HAIR, *AT_THE_CLINIC, "--with", "ann", "-o", "book/there.ics")
    assert there.exit_code == 0
    lines: list[tuple[str, ...]] = []
    for number in range(count):
        goal, file = GOALS[number % len(GOALS)], f"book/{number}.ics"
        with_whom = ("--with", "ann" if number % 2 else "ben") if number % 3 == 0 else ()
        if number % 10 == 9:
            lines.append(("replan", "book/there.ics", *with_whom, *AT_THE_CLINIC))
        elif number % 10 == 8:
            lines.append(("batch", "table.csv", *AT_THE_CLINIC))
        else:
            lines.append(("plan", goal, START, *with_whom, *AT_THE_CLINIC, "-o", file))
    return lines


def _nobody_is_in_two_places(folder: Path, _ended: list[Ended], verdict: Verdict) -> None:
    book: list[Booked] = []
    for path in (folder / "book").glob("*.ics"):
        found = told(folder / "book", path.name)
        verdict.holds(found is not None, f"{path.name} is not whole")
        if found is None:
            continue
        who = None if found["practitioner"] is None else found["practitioner"]["id"]
        verdict.holds((who is None) == (path.name == "before.ics"), f"{path.name} is with {who}")
        for _, start, end in places(found):
            book.append(Booked(datetime.fromisoformat(start), datetime.fromisoformat(end), who))
    verdict.holds(len({each.practitioner for each in book}) == 3, "somebody has no session at all")
    for wrong in wrongs(CLINIC, book):
        verdict.holds(False, wrong)
    verdict.holds(not left_over(folder), f"left over: {left_over(folder)}")


# ---------------------------------------------------------------- one file


def _changes(folder: Path, count: int) -> list[tuple[str, ...]]:
    assert mesoplan(folder, *HAIR, "-o", "plan.ics").exit_code == 0
    lines: list[tuple[str, ...]] = []
    for number in range(count):
        minutes = 8 * 60 + 5 * number
        when = f"2027-08-17 {minutes // 60:02}:{minutes % 60:02}"
        lines.append(
            ("show", "plan.ics", "--json")
            if number % 5 == 4
            else ("move", "plan.ics", "m1", when, "--json")
        )
    return lines


def _no_change_lost(folder: Path, ended: list[Ended], verdict: Verdict) -> None:
    revisions = []
    for each in ended:
        if each.code != 0:
            continue
        revision = json.loads(each.output)["revision"]
        if each.arguments[0] == "move":
            revisions.append(revision)
        else:
            verdict.holds(0 <= revision <= len(ended), f"a reader saw revision {revision}")
    killed = sum(each.killed and each.arguments[0] == "move" for each in ended)
    found = told(folder, "plan.ics")
    last = -1 if found is None else found["revision"]
    verdict.holds(len(set(revisions)) == len(revisions), "two commands made the same revision")
    verdict.holds(
        len(revisions) <= last <= len(revisions) + killed,
        f"revision {last} after {len(revisions)} changes, and {killed} killed",
    )
    before = told(folder, "plan.ics~")
    # One that is killed between the two has put the plan aside, and not changed it.
    revisions_before = {last - 1, last} if any(each.killed for each in ended) else {last - 1}
    verdict.holds(
        before is not None and before["revision"] in revisions_before,
        "the file before is not the one before the last change",
    )
    # A killed one leaves its lock until the next command comes, which must come through.
    an_hour_passes(folder)
    again = mesoplan(folder, "move", "plan.ics", "m1", "2027-08-17 07:00", "--json")
    verdict.holds(again.exit_code == 0, f"no change is possible afterwards: {again.error}")
    verdict.holds(not left_over(folder), f"left over: {left_over(folder)}")


# ---------------------------------------------------------------- one table


def _one_table(folder: Path, count: int) -> list[tuple[str, ...]]:
    rows = [f"p{number},{GOALS[number % len(GOALS)]},{START}" for number in range(12)]
    table = "\n".join(["id,goal,start", *rows, ""])
    (folder / "table.csv").write_text(table, "utf-8")
    later = table.replace(START, "2026-12-03")
    (folder / "later.csv").write_text(later, "utf-8")
    return [
        ("batch", "later.csv" if number % 2 else "table.csv", "-o", "plans")
        for number in range(count)
    ]


def _every_row_has_its_plan(folder: Path, _: list[Ended], verdict: Verdict) -> None:
    plans = folder / "plans"
    for number in range(12):
        found = told(plans, f"p{number}.ics")
        verdict.holds(found is not None, f"the plan of row {number} is not whole")
        if found is not None:
            first = found["sessions"][0]["start"][:10]
            verdict.holds(first in {START, "2026-12-03"}, f"row {number} begins on {first}")
            uids = [each["uid"] for each in (*found["sessions"], *found["maintenance"])]
            verdict.holds(len(set(uids)) == len(uids), f"row {number} has an id twice")
    names = {path.name for path in plans.iterdir()}
    expected = {f"p{number}.ics" for number in range(12)}
    verdict.holds(
        names - {f"{name}~" for name in expected} == expected | {"schedule.csv"},
        f"left over: {sorted(names - expected)}",
    )
    with (plans / "schedule.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    verdict.holds(
        {row["id"] for row in rows} == {f"p{number}" for number in range(12)},
        "schedule.csv is not whole",
    )


_DONE, _ROWS_FAIL, _NO_SCHEDULE, _REFUSED = 0, 1, 3, 4
SCENES = {
    scene.name: scene
    for scene in (
        Scene("one-name", _same_name, _one_each, frozenset({_DONE, _REFUSED})),
        Scene(
            "one-folder",
            _names_of_their_own,
            _nothing_of_the_others_swept,
            frozenset({_DONE}),
            kill_every=5,
        ),
        Scene("one-book", _into_one_book, _no_time_taken_twice, frozenset({_DONE})),
        Scene(
            "one-clinic",
            _into_one_clinic,
            _nobody_is_in_two_places,
            frozenset({_DONE, _ROWS_FAIL, _NO_SCHEDULE}),
        ),
        Scene("one-file", _changes, _no_change_lost, frozenset({_DONE})),
        Scene("some-killed", _changes, _no_change_lost, frozenset({_DONE}), kill_every=3),
        Scene("one-table", _one_table, _every_row_has_its_plan, frozenset({_DONE})),
    )
}
"""In a crowd that is not killed everybody comes through; only a name can be had by one alone."""
