"""All that reads something, in one table: what it is given, and what must hold of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from mesoplan.book.names import read_names
from tests.command_line import Outcome
from tests.proving.fuzzing import material
from tests.proving.fuzzing.mutating import Material
from tests.proving.fuzzing.trial import SECONDS, Trial, holds

_PLAN = "plan.ics"
_LONGEST_VARIABLE = 50_000
_CHANGES = """\
move plan.ics 2 2026-12-16
move plan.ics m1 2027-08-20 --late why
miss plan.ics 1
attend plan.ics 1
attend plan.ics 1 2 --on 2026-12-02
extend plan.ics +1
extend plan.ics -1
away plan.ics 2026-12-20..2026-12-23
replan plan.ics --depart 2027-01-20 --time 15:00 --interval 8
cancel plan.ics 3
cancel plan.ics
"""
_TYPED = """\
plan ? 2026-12-01 --dry-run
plan hair ? --dry-run
plan hair 2026-12-01 --dry-run -n ?
plan hair 2026-12-01 --dry-run --time ?
plan hair 2026-12-01 --dry-run --closed ?
plan hair 2026-12-01 --dry-run --away ?
plan hair 2026-12-01 --dry-run --closure ?
plan hair 2026-12-01 --dry-run --holidays ?
plan hair 2026-12-01 --dry-run --tz ?
plan hair 2026-12-01 --dry-run --remind ?
plan hair 2026-12-01 --dry-run --patient ?
move plan.ics ? 2026-12-16 --dry-run
away plan.ics ? --dry-run
replan plan.ics --closed ? --dry-run
move plan.ics 2 ? --dry-run
extend plan.ics ? --dry-run
goals ?
"""


def plan(trial: Trial, data: bytes) -> None:
    """A plan, as “show” has it."""
    trial.file(_PLAN, data)
    outcome = trial.command("show", _PLAN, "--json", "--tz", "Europe/Paris")
    if outcome.exit_code == 0:
        shown = json.loads(outcome.text)
        holds(shown["schema"] == "mesoplan/1", "JSON of another schema", _PLAN)
        columns, view = Random(data).choice((None, 20, 80)), Random(data).choice(("month", "table"))
        trial.command("show", _PLAN, "--view", view, "--tz", "Europe/Paris", columns=columns)


def changes(trial: Trial, data: bytes) -> None:
    """A plan that is changed: what is written can be read and undone, or nothing is written."""
    path = trial.file(_PLAN, data)
    if trial.command("show", _PLAN, "--json").exit_code != 0:
        return
    for line in Random(data).sample(_CHANGES.splitlines(), 2):
        before = path.read_bytes()
        outcome = trial.command(*line.split(), "--json")
        if outcome.exit_code == 0:
            _as_said(trial, line, outcome)
        else:
            holds(path.read_bytes() == before, "a file is changed by a refusal", line)
    if path.with_name(f"{_PLAN}~").exists():
        outcome = trial.command("undo", _PLAN, "--json")
        if outcome.exit_code == 0:
            _as_said(trial, "undo", outcome)


def undo(trial: Trial, data: bytes) -> None:
    """The file before the last change, as “undo” reads it."""
    own = material.own_plans()["moved.ics"]
    path = trial.file(_PLAN, own)
    trial.file(f"{_PLAN}~", data)
    outcome = trial.command("undo", _PLAN, "--json")
    if outcome.exit_code == 0:
        _as_said(trial, "undo", outcome)
    else:
        holds(path.read_bytes() == own, "a file is changed by a refusal", "undo")


def _as_said(trial: Trial, line: str, said: Outcome) -> None:
    """What a command wrote is read back as it said."""
    shown = trial.command("show", _PLAN, "--json")
    holds(shown.exit_code == 0, "what was written can't be read", line)
    before, after = json.loads(said.text), json.loads(shown.text)
    for part in ("sessions", "maintenance"):
        found = [
            [(each["uid"], each["number"], each["start"], each["status"]) for each in plan[part]]
            for plan in (before, after)
        ]
        holds(found[0] == found[1], f"{part} are read otherwise than they were written", line)


def busy(trial: Trial, data: bytes) -> None:
    """A busy calendar, alone and in a folder, and a plan around it."""
    trial.file("busy.ics", data)
    trial.file("folder/one.ics", data)
    trial.file("folder/two.ics", material.own_plans()["short.ics"])
    given = Random(data).choice(("busy.ics", "folder"))
    trial.command("plan", "skin", "2026-12-01", "--busy", given, "--dry-run")


def others(trial: Trial, data: bytes) -> None:
    """Any calendar that is held against the rules."""
    trial.file("any.ics", data)
    outcome = trial.command("check", "any.ics", "--json", "--tz", "America/New_York")
    if outcome.exit_code <= 1:
        json.loads(outcome.text)
    trial.command("check", "any.ics", "--match", "e", columns=60)


def book(trial: Trial, data: bytes) -> None:
    """A book with nonsense in it: the agenda still has everything else."""
    trial.file("book/a.ics", material.own_plans()["short.ics"])
    trial.file("book/b.ics", data)
    days = ("agenda", "book", "--from", "2026-11-01", "--to", "2027-03-01")
    outcome = trial.command(*days, "--json")
    json.loads(outcome.text)
    holds("a.ics" in outcome.text, "a plan beside nonsense is passed over", outcome.text[:200])
    trial.command(*days, columns=Random(data).choice((None, 20, 80)))


def dates(trial: Trial, data: bytes) -> None:
    """A list of dates, as a file and on standard input."""
    trial.file("dates.txt", data)
    outcome = trial.command("check", "dates.txt", "--json", "--holidays", "FR")
    if outcome.exit_code <= 1:
        json.loads(outcome.text)
    piped = trial.command("check", "-", "--closed", "sun", given=data)
    holds(piped.exit_code in {outcome.exit_code, 0, 1}, "a pipe is read otherwise", "check -")


def table(trial: Trial, data: bytes) -> None:
    """A table of a batch; run again it must change nothing."""
    trial.file("rows.any", data)
    first = trial.command("batch", "rows.any", "-o", "plans")
    before = _plans_in(trial.folder / "plans")
    for path in list(before)[:2]:
        shown = trial.command("show", f"plans/{path.name}", "--json")
        holds(shown.exit_code == 0, "a batch's own plan can't be read", path.name)
    if before:
        again = trial.command("batch", "rows.any", "-o", "plans")
        holds(again.exit_code == first.exit_code, "run again, it ends otherwise", "batch")
        holds(before == _plans_in(trial.folder / "plans"), "run again, it changes plans", "batch")
    if (trial.folder / "plans" / "rejected.csv").exists():
        trial.command("batch", "plans/rejected.csv", "-o", "corrected")


def _plans_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.glob("*.ics")}


def update(trial: Trial, data: bytes) -> None:
    """Plans that a batch made, one of them nonsense by now, and their update."""
    material.put_batch(trial.folder)
    path = trial.file("plans/1042.ics", data)
    outcome = trial.command("batch", "rows.csv", "-o", "plans")
    text = (trial.folder / "rows.csv").read_bytes()
    trial.file("rows.csv", text.replace(b"14:30", b"11:15").replace(b"2026-12-01", b"2026-12-02"))
    trial.command("batch", "rows.csv", "-o", "plans", "--book", "plans", "--prune")
    if outcome.exit_code == 4:
        holds(path.read_bytes() == data, "a file is changed that can't be read", "batch")


def names(trial: Trial, data: bytes) -> None:
    """The table of a book that says whose its private plans are."""
    path = trial.file("plans/names.csv", data)
    before = dict(read_names(path.parent).labels)
    asked = ("plan", "skin", "2026-12-01", "--private", "--patient", "=Ann, B", "--book", "plans")
    outcome = trial.command(*asked, "-n", "3", "-m", "0")
    holds(outcome.exit_code == 0, "a plan needs the table", "plan")
    after = read_names(path.parent)
    if path.read_bytes() == data:
        holds(after.problem is not None, "a label is not kept, though all can be read", "plan")
    else:
        kept = {each: after.labels.get(each) for each in before} == before
        holds(kept and len(after.labels) == len(before) + 1, "a label is lost", "plan")
    trial.command("agenda", "plans", "--from", "2026-12-01")


def profile(trial: Trial, data: bytes) -> None:
    """A clinic's profile."""
    trial.file("clinic.toml", data)
    trial.file("doctor.ics", material.calendars()[0])
    trial.file("plans/a.ics", material.own_plans()["short.ics"])
    trial.command("clinic", "check", "clinic.toml")
    if trial.command("clinic", "show", "--clinic", "clinic.toml").exit_code == 0:
        trial.command("plan", "hair", "2026-12-01", "--clinic", "clinic.toml", "--dry-run")


def words(trial: Trial, data: bytes) -> None:
    """A word, in two of the places where one is typed."""
    trial.file(_PLAN, material.own_plans()["long.ics"])
    word = _at_home(data.decode("utf-8", "surrogateescape"))
    for line in Random(data).sample(_TYPED.splitlines(), 2):
        trial.command(*(word if each == "?" else each for each in line.split()))


def options(trial: Trial, data: bytes) -> None:
    """A command line, in a folder with a plan, a table, a calendar, a profile and a book."""
    own = material.own_plans()
    trial.file(_PLAN, own["moved.ics"])
    trial.file(f"{_PLAN}~", own["long.ics"])
    trial.file("patients.csv", material.tables()[0])
    trial.file("busy.ics", material.calendars()[0])
    trial.file("clinic.toml", material.profiles()[0])
    trial.file("plans/a.ics", own["short.ics"])
    arguments = data.decode("utf-8", "surrogateescape").split(material.SEPARATOR.decode())
    trial.command(*map(_at_home, arguments))


def environment(trial: Trial, data: bytes) -> None:
    """What the environment says: the moment, the zone, the profile, the width of the terminal."""
    text = data[:_LONGEST_VARIABLE].replace(b"\0", b"").decode("utf-8", "surrogateescape")
    names = ("MESOPLAN_NOW", "TZ", "MESOPLAN_CLINIC", "COLUMNS")
    values = map(_at_home, text.split(material.SEPARATOR.decode()))
    also = dict(zip(names, values, strict=False))
    trial.command("plan", "skin", "tomorrow", "--dry-run", "--tz", "Europe/Paris", also=also)
    trial.command("plan", "skin", "2026-12-01", "--dry-run", also=also)


def _at_home(argument: str) -> str:
    """The argument, where it can't name a place outside of the folder."""
    leads_out = argument.startswith(("-", "/", "~", ":/")) or ".." in argument or "=" in argument
    return argument.replace("/", "_").replace("~", "_") if leads_out else argument


_OF_CALENDARS = (
    *b"BEGIN:VALARM BEGIN:VTIMEZONE BEGIN:VEVENT END:VEVENT VCALENDAR UID: SEQUENCE:".split(),
    *b"DTSTART: DTEND: DURATION:PT30M DURATION:-P1W RDATE CREATED: FREEBUSY: VERSION:1.0".split(),
    *b"STATUS:CANCELLED STATUS:TENTATIVE METHOD:CANCEL TRANSP:TRANSPARENT COUNT=999999999".split(),
    *b"RRULE:FREQ=SECONDLY RRULE:FREQ=YEARLY;BYSETPOS=-1;BYDAY=MO INTERVAL=0 BYMONTHDAY=31".split(),
    *b"UNTIL=99991231T235959Z BYYEARDAY=366 BYWEEKNO=53 EXDATE:20261201T100000".split(),
    *b"EXDATE;VALUE=DATE:20261208 RECURRENCE-ID:20261208T100000 RANGE=THISANDFUTURE".split(),
    *b';TZID=Europe/Paris ;TZID="Here" ;VALUE=DATE ;VALUE=PERIOD ;TZID=../x'.split(),
    *b"X-APPOINTMENT-PLAN:v=1&id= X-APPOINTMENT: &revision= &serial= &at= &w= &row= &note=".split(),
    *b"&limits= &phase= planned attended missed upkeep TZOFFSETTO:+2500 TZOFFSETFROM:-0000".split(),
    *(
        b";ENCODING=QUOTED-PRINTABLE",
        b"BEGIN:VFREEBUSY\r\n",
        b"BEGIN:VEVENT\r\n",
        b"=\r\n",
        b"\r\n ",
    ),
)
_OF_TABLES = (
    *b"id goal start patient finish-by remind line code reason hair 2026-12-01 CON . a/b".split(),
    *b'"" "," [ ] { } null true 1e5 "\\ud800" none yes | upkeep m1'.split(),
    *(b"sep=;\n", b"a" * 81, b"\t"),
)
_OF_PROFILES = (
    *b"[ ]] [[closures]]\n [hours]\n [protocols.skin]\n \"\"\" ''' # inf nan 0xff {} [] =".split(),
    *b"1979-05-27T07:32:00Z 07:32:00 a.b.c max_interval_days areas \\u0000 \\U0001F600".split(),
    *(b"from = 2026-12-24", b"max_interval_days = 10"),
)
_OF_LINES = (
    *b"-- - -h --version --json -o --dry-run --book plans --sessions --interval=8 -m".split(),
    *b"--years --time --duration --tz --closed --closure --holidays --busy busy.ics --away".split(),
    *b"--flex --finish-by --arrive --depart --split --remind --private --utc --clinic".split(),
    *b"clinic.toml --view month plan.ics --late --changes --on --prune --tar".split(),
    *b"patients.csv --from --to --match --goal plan show move miss attend extend cancel".split(),
    *(*b"undo check batch agenda goals rules clinic init hair 2026-12-01 tomorrow 99".split(), b""),
)
_OF_ENVIRONMENTS = (*b"Z +01:00 T UTC none clinic.toml 2026-W01-1".split(),)
_SECONDS_A_ROW = 0.0002


@dataclass(frozen=True)
class Reader:
    """Something that reads."""

    read: Callable[[Trial, bytes], None]
    """Gives it an input; raises Broken where a promise does not hold of it."""
    seeds: Callable[[], tuple[bytes, ...]]
    words: tuple[bytes, ...]
    """What it looks for."""
    separator: bytes = b"\n"
    """What ends a line for it."""
    of_files: bool = True
    """Whether what it reads is a file, which may be large."""
    seconds_a_line: float = 0.0
    """What each line may take beside: each row of a table is a plan."""

    def trial(self, folder: Path, data: bytes) -> Trial:
        """A trial of it in a folder, with the time that an input may take."""
        return Trial(folder, SECONDS + self.seconds_a_line * data.count(b"\n"))


READERS = {
    reader.read.__name__: reader
    for reader in (
        Reader(plan, material.plans, _OF_CALENDARS),
        Reader(changes, material.plans, _OF_CALENDARS),
        Reader(undo, material.plans, _OF_CALENDARS),
        Reader(busy, material.calendars, _OF_CALENDARS),
        Reader(others, material.calendars, _OF_CALENDARS),
        Reader(book, material.plans, _OF_CALENDARS),
        Reader(dates, material.date_lists, _OF_TABLES),
        Reader(table, material.tables, _OF_TABLES, seconds_a_line=_SECONDS_A_ROW),
        Reader(update, material.of_a_batch, _OF_CALENDARS),
        Reader(names, material.names, _OF_TABLES, seconds_a_line=_SECONDS_A_ROW),
        Reader(profile, material.profiles, _OF_PROFILES),
        Reader(words, material.words, _OF_LINES, b" ", of_files=False),
        Reader(
            options,
            material.command_lines,
            (*_OF_LINES, *material.words()),
            material.SEPARATOR,
            of_files=False,
        ),
        Reader(
            environment, material.environments, _OF_ENVIRONMENTS, material.SEPARATOR, of_files=False
        ),
    )
}
"""By what they read."""


@cache
def material_of(name: str) -> Material:
    """What nonsense for the reader of that name is made of."""
    reader = READERS[name]
    return Material(reader.seeds(), reader.words, reader.separator)
