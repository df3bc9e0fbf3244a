"""What failures tell: no error, name of a file, UID or lock has a patient's label in it."""

import io
import re
import sys
from pathlib import Path
from unittest.mock import patch

from mesoplan import __main__
from mesoplan.cli.console import MISTAKE_IN_PROGRAM
from tests.batches import row, table
from tests.command_line import Outcome, mesoplan
from tests.proving.privacy.count import Count
from tests.proving.privacy.watch import Made, watched

LABEL = "Quibble Zanné"
_TELLS = re.compile("quibble|zann", re.IGNORECASE)

_FAILING_PLANS = """
--area nose | --time 25:00 | --tz Mars/Phobos | --closed blue | --closure x | --holidays XX
--away 2026-13-01 | --arrive x | --depart 2026-12-02 | -n 2 | -n 16 | --finish-by 2026-12-02
-i 3 | -m 3 | --years 0 | --remind x | --view x | --flex x
--closed mon,tue,wed,thu,fri,sat,sun | --closure 2026-12-02..2027-12-31 | --duration 0
--busy nowhere.ics | --clinic nowhere.toml | --book nowhere | -o nowhere/x.ics | -o there.ics
--split there.ics | --json -o - | --json --view month | --nonsense | --private --location Hair
--private --location Quibble | -o folder | --location ''
--tz Europe/Paris --away 2026-12-02..2027-02-01 | -o '' | --area | --patient ''
"""
_FAILING_CHANGES = """
move plan.ics 9 2026-12-05 | move plan.ics 3 2026-12-10 | move plan.ics x 2026-12-10
miss plan.ics m7 | attend plan.ics 3 | attend plan.ics 1 --on 2027-01-01 | undo plan.ics
extend plan.ics +99 | extend plan.ics -4 | extend plan.ics x | cancel plan.ics 9
extend plan.ics +1 --changes plan.ics | extend plan.ics +1 --changes nowhere/x.ics
extend plan.ics +1 --changes plan.ics~ | move plan.ics 3 2026-12-16 --away 2026-12-16
away plan.ics x | away plan.ics 2026-12-02..2027-03-01 | replan plan.ics --time x | done plan.ics
replan plan.ics --depart 2026-12-20 | replan plan.ics --closed x | away plan.ics 2025-01-01
extend plan.ics +0 --depart 2026-12-20 | check plan.ics --goal x | check plan.ics --away x
move plan.ics 3 2026-12-16 --busy nowhere.ics | check plan.ics --match Zz | agenda plan.ics
"""
_FAILING_CELLS: tuple[dict[str, str], ...] = (
    *({"goal": "x"}, {"start": "x"}, {"start": "01/02/2026"}, {"area": "x"}, {"time": "99"}),
    *({"tz": "x"}, {"closed": "x"}, {"closure": "x"}, {"holidays": "XX"}, {"away": "x"}),
    *({"sessions": "2"}, {"interval": "1"}, {"maintenance": "9"}, {"years": "x"}, {"remind": "x"}),
    *({"private": "perhaps"}, {"utc": "x"}, {"busy": "nowhere.ics"}, {"clinic": "nowhere.toml"}),
    *({"closure": "2026-12-02..2028-12-31"}, {"depart": "2026-12-02"}, {"duration": "0"}),
    *({"id": ""}, {"id": "a/b"}, {"id": "con"}, {"patient": LABEL * 9}, {"location": "\n"}),
    *({"private": "yes", "location": "Hair"}, {"private": "yes", "location": "at Quibble's"}),
)


def prove(folder: Path, count: Count) -> None:
    """Let everything fail that can, with a patient's label at hand, and look at what is said."""
    for name, do in (
        ("plans", _plans),
        ("changes", _changes),
        ("rows", _rows),
        ("unforeseen", _unforeseen),
    ):
        place = folder / name
        place.mkdir()
        with watched(place) as made:
            do(place, count)
        _look_at_names(made, name, count)
    _named_rows(folder / "named", count)


def _lines(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"\||\n", text.strip())]


def _look(outcome: Outcome, what: str, count: Count, *, fails: bool = True) -> None:
    count.holds(outcome.exit_code != 0 or not fails, f"{what}: it was to fail, and did not")
    told = outcome.text + outcome.error if fails else outcome.error
    count.holds(not _TELLS.search(told), f"{what}: says {_TELLS.findall(told)}")


def _look_at_names(made: Made, what: str, count: Count) -> None:
    for name in made.names:
        count.holds(not _TELLS.search(name), f"{what}: a file is called {name!a}")
    for file in made.files:
        count.files += 1
        lines = re.sub(rb"\r\n[ \t]", b"", file.data).decode("utf-8", "replace").splitlines()
        for line in lines:
            if re.match("(?:UID|SUMMARY|DESCRIPTION|LOCATION|PRODID|CATEGORIES)[:;]", line):
                count.holds(not _TELLS.search(line), f"{what}: {line!a}")


def _plans(folder: Path, count: Count) -> None:
    (folder / "there.ics").write_bytes(b"")
    (folder / "folder").mkdir()
    for further in _lines(_FAILING_PLANS):
        asked = ("plan", "hair", "2026-12-01", "--patient", LABEL)
        words = [word if word != "''" else "" for word in further.split()]
        _look(mesoplan(folder, *asked, *words), f"plan {further}", count)
    for label in (f"{LABEL}\n", f"\x1b{LABEL}", f"[red]{LABEL}", LABEL * 9):
        _look(mesoplan(folder, "plan", "hair", "2026-12-01", "--patient", label), "label", count)
    done = mesoplan(folder, "plan", "hair", "2026-12-01", "--patient", LABEL, "--split", "each")
    _look(done, "plan", count, fails=False)


def _changes(folder: Path, count: Count) -> None:
    """Changes that are refused, and files that are damaged at one place after the other."""
    asked = ("plan", "hair", "2026-12-01", "-n", "4", "-m", "1", "--patient", LABEL)
    mesoplan(folder, *asked, "-o", "plan.ics")
    for line in _lines(_FAILING_CHANGES):
        _look(mesoplan(folder, *line.split()), line, count)
    whole = re.sub(rb"\r\n[ \t]", b"", (folder / "plan.ics").read_bytes())
    bad = folder / "bad.ics"
    at = [match.start() for match in re.finditer(rb"[&=;]|\r\n", whole)]
    for place in (*at[:120:2], *at[120::25]):
        for data in (whole[:place], whole[:place] + b"%ZZ\xff" + whole[place + 1 :]):
            bad.write_bytes(data)
            command = ("show", "check", "attend")[place % 3]
            further = ("1", "--dry-run") if command == "attend" else ()
            outcome = mesoplan(folder, command, "bad.ics", *further)
            _look(outcome, f"{command} of a file damaged at {place}", count, fails=False)


def _rows(folder: Path, count: Count) -> None:
    good = row("good", patient=LABEL)
    rows = [
        {**row(f"r{number}", patient=LABEL, area="scalp"), **cells}
        for number, cells in enumerate(_FAILING_CELLS)
    ]
    (folder / "rows.csv").write_bytes(table(good, good, *rows) + b'"' + LABEL.encode() + b",x\r\n")
    for further in ("-o out", "-o out --prune", "--tar all.tar", "-o book --book book"):
        outcome = mesoplan(folder, "batch", "rows.csv", *further.split())
        _look(outcome, f"batch {further}", count)
    count.holds((folder / "out" / "good.ics").is_file(), "no row was planned")
    for arguments in (("batch", "rows.csv", "-o", "rows.csv"), ("batch", "x.csv", "-o", "out")):
        _look(mesoplan(folder, *arguments), " ".join(arguments), count)
    for header in (b"id,goal,start,patient,patient\r\n", b"patient\r\n", b"id,goal,start,x y\r\n"):
        (folder / "odd.csv").write_bytes(header + LABEL.encode() + b"," * 4 + b"\r\n")
        _look(mesoplan(folder, "batch", "odd.csv", "-o", "out"), "batch of odd columns", count)


def _named_rows(folder: Path, count: Count) -> None:
    """Ids that are names, in folders where something else has the name of the plan.

    What must be seen to in the folder is told by the names of files, on standard output.
    """
    folder.mkdir()
    named = f"{LABEL} 7"
    (folder / "named.csv").write_bytes(table(row(named, patient=LABEL)))
    for kind in ("folder", "damaged", "other"):
        path = folder / kind / f"{named}.ics"
        path.parent.mkdir()
        if kind == "folder":
            path.mkdir()
        else:
            path.write_bytes(b"BEGIN:VCALENDAR\r\n" if kind == "damaged" else b"mine")
        outcome = mesoplan(folder, "batch", "named.csv", "-o", kind)
        count.holds(outcome.exit_code == 1, f"batch over a {kind}: exit {outcome.exit_code}")
        count.holds(not _TELLS.search(outcome.error), f"batch over a {kind}: {outcome.error}")


def _unforeseen(folder: Path, count: Count) -> None:
    """Mistakes of the program itself, whose exceptions are about a patient."""
    for kind in (RuntimeError, ValueError, KeyError, AssertionError, MemoryError, RecursionError):
        for arguments in (["plan", "hair", "2026-12-01", "--patient", LABEL], ["show", "x.ics"]):
            outcome = io.StringIO()

            def broken(_arguments: list[str], kind: type[Exception] = kind) -> int:
                raise kind(f"{LABEL} was not foreseen")

            with (
                patch("mesoplan.cli.app.run", broken),
                patch.object(sys, "argv", ["mesoplan", *arguments]),
                patch.object(sys, "stderr", outcome),
                patch.object(__main__, "_silence_libraries"),
            ):
                code = None
                try:
                    __main__.main()
                except SystemExit as left:
                    code = left.code
            said = outcome.getvalue()
            count.holds(code == MISTAKE_IN_PROGRAM, f"{kind.__name__}: exit {code}")
            count.holds(
                not _TELLS.search(said) and "Traceback" not in said and len(said.splitlines()) == 2,
                f"{kind.__name__}: {said!a}",
            )
    count.holds(not list(folder.iterdir()), "something was written")
