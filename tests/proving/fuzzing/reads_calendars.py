"""What reads calendar files: plans, busy calendars, calendars of others, the book and its index."""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import shutil
import tempfile
import time
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from mesoplan import DateRange
from mesoplan.book.index import INDEX_NAME
from mesoplan.dates.zones import find_zone
from mesoplan.formats.busy import read_busy
from mesoplan.formats.plan_file.quick_reading import read_own
from mesoplan.formats.plan_file.reading import plan_in
from tests.command_line import Outcome, mesoplan
from tests.proving.fuzzing import seeds
from tests.proving.fuzzing.trial import holds

if TYPE_CHECKING:
    from tests.proving.fuzzing.trial import Trial

_PLAN = "plan.ics"
_YEARS = DateRange(date(2026, 11, 1), date(2029, 1, 1))
_SIZES = re.compile(r"@([0-9]{1,3})@")


def plan(trial: Trial, data: bytes) -> None:
    """A plan as both readers of it see it, which must agree, and as “show” tells it."""
    _alike(trial, data)
    trial.file(_PLAN, data)
    outcome = trial.command("show", _PLAN, "--json", "--tz", "Europe/Paris")
    if outcome.exit_code == 0:
        told = json.loads(outcome.text)
        holds(told["schema"] == "mesoplan/1", "JSON of another schema", _PLAN)
        columns = Random(data).choice((None, 20, 80))
        view = Random(data).choice(("month", "table"))
        trial.command("show", _PLAN, "--view", view, "--tz", "Europe/Paris", columns=columns)


def changes(trial: Trial, data: bytes) -> None:
    """A plan that is changed: what is written can be read and undone, or nothing is written."""
    path = trial.file(_PLAN, data)
    if trial.command("show", _PLAN, "--json").exit_code != 0:
        return
    random = Random(data)
    for line in random.sample(_CHANGES, 2):
        before = path.read_bytes()
        outcome = trial.command(*line, "--json")
        if outcome.exit_code == 0:
            _as_told(trial, line, outcome)
            _alike(trial, path.read_bytes())
        else:
            holds(path.read_bytes() == before, "a file is changed by a refusal", " ".join(line))
    previous = path.with_name(f"{_PLAN}~")
    if previous.exists():
        outcome = trial.command("undo", _PLAN, "--json")
        if outcome.exit_code == 0:
            _as_told(trial, ["undo"], outcome)


def undo(trial: Trial, data: bytes) -> None:
    """The file before the last change, as “undo” reads it."""
    path = trial.file(_PLAN, seeds.own_plans()[-1])
    trial.file(f"{_PLAN}~", data)
    outcome = trial.command("undo", _PLAN, "--json")
    if outcome.exit_code == 0:
        _as_told(trial, ["undo"], outcome)
    else:
        holds(path.read_bytes() == seeds.own_plans()[-1], "a file is changed by a refusal", "undo")


def busy(trial: Trial, data: bytes) -> None:
    """A busy calendar, alone and in a folder, and a plan around it."""
    path = trial.file("busy.ics", data)
    trial.file("folder/one.ics", data)
    trial.file("folder/two.ics", seeds.own_plans()[0])
    zone = find_zone("Europe/Paris")
    trial.call("read_busy", lambda: read_busy([path], _YEARS, zone))
    trial.call("read_busy of a folder", lambda: read_busy([path.parent / "folder"], _YEARS, zone))
    if Random(data).random() < 0.2:
        trial.command("plan", "skin", "2026-12-01", "--busy", "busy.ics", "--dry-run")


def others(trial: Trial, data: bytes) -> None:
    """Any calendar that is held against the rules."""
    trial.file("any.ics", data)
    outcome = trial.command("check", "any.ics", "--json", "--tz", "America/New_York")
    if outcome.exit_code <= 1:
        json.loads(outcome.text)
    trial.command("check", "any.ics", "--match", "e", columns=60)


def book(trial: Trial, data: bytes) -> None:
    """A book with nonsense in it: of everything else the agenda tells all the same."""
    trial.file("book/a.ics", seeds.own_plans()[0])
    trial.file("book/b.ics", data)
    outcome = trial.command(
        "agenda", "book", "--json", "--from", "2026-11-01", "--to", "2027-03-01"
    )
    told = json.loads(outcome.text)
    holds("a.ics" in outcome.text, "a plan beside nonsense is passed over", f"{list(told)}")
    columns = Random(data).choice((None, 20, 80))
    trial.command("agenda", "book", "--from", "2026-11-01", "--to", "2027-03-01", columns=columns)


class _Remembered(NamedTuple):
    """A book, and what its index holds."""

    folder: Path
    text: str
    """Of its index, “@n@” for the n-th identity of a file, and “@D@” for the digest."""
    numbers: tuple[str, ...]
    digest: str
    agenda: bytes


_AGENDA = ("agenda", "book", "--json", "--from", "2026-11-01", "--to", "2027-03-01")


def index(trial: Trial, data: bytes) -> None:
    """The hidden index of a book: one that was touched is not believed, and never in the way.

    “@S@” stands for the digest that fits, as somebody could write it who means harm: then the
    agenda may be wrong, but not fail.
    """
    known = _remembered()
    text = data.decode("utf-8", "surrogateescape")
    fits = "@S@" in text
    numbers = dict(enumerate(known.numbers))
    text = _SIZES.sub(lambda found: numbers.get(int(found[1]), "0"), text)
    text = text.replace("@D@", known.digest)
    body = text.partition("\n")[2].encode("utf-8", "surrogateescape")
    text = text.replace("@S@", hashlib.blake2b(body, digest_size=16).hexdigest())
    written = text.encode("utf-8", "surrogateescape")
    (known.folder / INDEX_NAME).write_bytes(written)
    outcome = trial.command(*_AGENDA[:1], str(known.folder), *_AGENDA[2:])
    holds(outcome.exit_code == 0, f"an index makes it end with {outcome.exit_code}", outcome.error)
    if not fits:
        holds(outcome.output == known.agenda, "an index makes the agenda wrong", "agenda")


@cache
def index_seeds() -> tuple[bytes, ...]:
    """An index as it was written, and the same with a digest that fits whatever is in it."""
    text = _remembered().text
    return (text.encode(), text.replace("@D@", "@S@").encode())


@cache
def _remembered() -> _Remembered:
    outer = Path(tempfile.mkdtemp(prefix="nonsense-book-"))
    atexit.register(shutil.rmtree, outer, ignore_errors=True)
    folder = outer / "book"
    folder.mkdir()
    for name, data in zip("abc", seeds.plans()[:3], strict=False):
        (folder / f"{name}.ics").write_bytes(data)
    (folder / "d.ics").write_bytes(b"none\n")
    time.sleep(0.05)
    with patch("mesoplan.book.index._SETTLED_NS", 0):
        outcome = mesoplan(outer, *_AGENDA[:1], str(folder), *_AGENDA[2:])
    text = (folder / INDEX_NAME).read_text("ascii")
    first, mark, body = text.partition("\n")
    digest = json.loads(first)["digest"]
    numbers: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        numbers.append(found[0])
        return f"@{len(numbers) - 1}@"

    body = re.sub(r"(?<=\[\[)[0-9, ]+(?=\])", numbered, body)
    return _Remembered(
        folder, first.replace(digest, "@D@") + mark + body, tuple(numbers), digest, outcome.output
    )


def _alike(trial: Trial, data: bytes) -> None:
    own = trial.call("read_own", lambda: read_own(data))
    read = trial.call("plan_in", lambda: plan_in([(Path(_PLAN), data)], lambda: "Asia/Tokyo"))
    if own is not None:
        holds(read is not None, "a file is read at once that the general reader refuses", "plan")
    if own is not None and read is not None:
        same = (own.plan, own.options, repr(own.plan)) == (read.plan, read.options, repr(read.plan))
        holds(same and not read.assumed, "the two readers of plans disagree", "plan")


def _as_told(trial: Trial, line: list[str], said: Outcome) -> None:
    """What a command wrote is read back as it said."""
    shown = trial.command("show", _PLAN, "--json")
    wrote = f"{' '.join(line)} wrote it"
    holds(shown.exit_code == 0, "what was written can't be read", wrote)
    before, after = json.loads(said.text), json.loads(shown.text)
    for part in ("sessions", "maintenance"):
        told = [
            [(each["uid"], each["number"], each["start"], each["status"]) for each in plan[part]]
            for plan in (before, after)
        ]
        holds(told[0] == told[1], f"{part} are read otherwise than they were written", wrote)


_CHANGES = [
    ["move", _PLAN, "2", "2026-12-16"],
    ["move", _PLAN, "m1", "2027-08-20 11:00", "--late", "why"],
    ["miss", _PLAN, "1"],
    ["attend", _PLAN, "1"],
    ["attend", _PLAN, "1", "2", "--on", "2026-12-02"],
    ["extend", _PLAN, "+1"],
    ["extend", _PLAN, "-1"],
    ["cancel", _PLAN, "3"],
    ["cancel", _PLAN],
]
