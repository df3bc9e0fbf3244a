"""Several desks with one book: each command is a process of its own, on a computer of its own.

The processes are forked from one that has loaded the program, so that they begin at once and cost
little. They can be killed, and stopped for a while (not on Windows).
"""

import io
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count, pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from pkgutil import resolve_name
from types import MappingProxyType
from typing import Any

from mesoplan import Practitioner, TimeRange
from mesoplan.book.folder import Book, read_book
from mesoplan.formats.json import dumps, plan_document
from tests.book_checker import Booked, Clinic, wrongs
from tests.command_line import WORLD, Outcome
from tests.dav_servers import Calendar, RealServer

ZONE = "Europe/Paris"
PROFILE = f"""\
timezone = "{ZONE}"
rooms = 1
book = "{{book}}"

[hours]
mon = ["9:00-18:00"]
tue = ["9:00-18:00"]
wed = ["9:00-18:00"]
thu = ["9:00-18:00"]
fri = ["9:00-18:00"]

[[practitioner]]
id = "ann"
name = "Dr Ann"
"""
"""One room, and one who treats: each session keeps all others away from its time."""
_OPEN = (*[(TimeRange(9 * 60, 18 * 60),)] * 5, (), ())
CLINIC = Clinic(ZONE, rooms=1, practitioners=(Practitioner("ann", "Dr Ann", _OPEN),))
"""The same clinic in the checker's own values."""
ON_SERVER = "server:clinic"
LONGEST_SECONDS = 120
"""Whoever has not ended by then waits for ever."""
_LOADED = (
    *("change", "carry_out", "plan", "show", "agenda", "today", "replan_all", "batch", "servers"),
    *("server", "server_book"),
)
_LIBRARIES = (
    *("filelock", "httpx2", "icalendar", "holidays", "dateutil.rrule", "recurring_ical_events"),
    *("mesoplan.book.on_server", "mesoplan.formats.plan_file.rewriting", "mesoplan.formats.page"),
    *("mesoplan.formats.comparison", "mesoplan.formats.schedule", "mesoplan.formats.json"),
    *("mesoplan.formats.profile", "mesoplan.planning.replanner", "mesoplan.wording.plans"),
)


@cache
def _forking() -> Any:
    context = multiprocessing.get_context("forkserver")
    modules = [f"mesoplan.cli.{name}" for name in _LOADED]
    context.set_forkserver_preload([__name__, *modules, *_LIBRARIES])
    return context


def _run(
    folder: str,
    world: dict[str, str],
    printed: tuple[str, str],
    patches: dict[str, Any],
    *words: str,
) -> None:
    """What a process does that has just been forked: the command."""
    os.chdir(folder)
    os.environ.update(world)
    os.environ.pop("NO_COLOR", None)
    time.tzset()
    for number, path in enumerate(printed, 1):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(each, "w", closefd=False), "utf-8") for each in (1, 2)
    )
    for name, value in patches.items():
        owner, _, attribute = name.rpartition(".")
        setattr(resolve_name(owner), attribute, value)
    sys.argv = ["mesoplan", *words]
    from mesoplan.__main__ import main

    main()


_NUMBERS = count(1)


@dataclass(frozen=True)
class Running:
    """A command that has begun."""

    words: tuple[str, ...]
    process: BaseProcess
    printed: tuple[Path, Path]
    begun: float

    def stop(self, kind: int = signal.SIGKILL) -> bool:
        """Send it a signal, if it is still there; whether it is."""
        if self.process.is_alive() and self.process.pid is not None:
            os.kill(self.process.pid, kind)
            return True
        return False

    @property
    def has_ended(self) -> bool:
        return not self.process.is_alive()

    def outcome(self, longest: float = LONGEST_SECONDS) -> Outcome:
        """What came of it; the exit code is below 0 if a signal ended it."""
        self.process.join(longest)
        if not self.has_ended:
            self.stop()
            self.process.join()
            raise AssertionError(f"{' '.join(self.words)}: has not ended after {longest} s")
        code = self.process.exitcode
        assert code is not None
        output, error = self.printed
        return Outcome(output.read_bytes(), error.read_text("utf-8", "replace"), code)


@dataclass(frozen=True)
class Desk:
    """A desk in a folder with the clinic's profile."""

    folder: Path
    computer: Path
    """Where its computer keeps copies; desks may share one computer."""
    patches: dict[str, Any] = field(default_factory=dict)
    """What is another value in the program, by its whole name: how long a lease is."""

    def begins(self, *words: str, now: str | None = None, **world: str) -> Running:
        said = self.folder / "said" / str(next(_NUMBERS))
        said.parent.mkdir(exist_ok=True)
        printed = said.with_suffix(".output"), said.with_suffix(".error")
        for path in printed:
            path.touch()
        whole = WORLD | {"MESOPLAN_CLINIC": "clinic.toml", "XDG_CACHE_HOME": str(self.computer)}
        whole |= ({} if now is None else {"MESOPLAN_NOW": now}) | world
        arguments = (str(self.folder), whole, tuple(map(str, printed)), self.patches, *words)
        process = _forking().Process(target=_run, args=arguments)
        process.start()
        return Running(words, process, printed, time.monotonic())

    def types(self, *words: str, exit_code: int | None = 0, now: str | None = None) -> Outcome:
        outcome = self.begins(*words, now=now).outcome()
        is_so = exit_code is None or outcome.exit_code == exit_code
        assert is_so, (words, outcome.exit_code, outcome.text, outcome.error)
        return outcome

    @property
    def copies(self) -> Path:
        """The folder in which its computer has copies of books."""
        return self.computer / "mesoplan" / "books"


@dataclass(frozen=True)
class Place:
    """Where the book of some desks is: in a folder that all see, or on a server."""

    folder: Path
    """Of this clinic: its desks are in it."""
    kind: str
    book: str
    """What its name is for those at the desks."""
    profile: str
    calendar: Calendar | None = None

    def desk(
        self,
        name: str,
        computer: str | None = None,
        patches: Mapping[str, Any] = MappingProxyType({}),
    ) -> Desk:
        """A new desk; at a *computer* of that name, else at one of its own."""
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        (folder / "clinic.toml").write_text(self.profile)
        (folder / "clinic.toml").chmod(0o600)
        return Desk(folder, self.folder / f"computer-{computer or name}", dict(patches))

    def as_read_by(self, desk: Desk) -> Book:
        """The book as that desk reads it now."""
        desk.types("agenda", "--json")
        folder = Path(self.book)
        if self.calendar is not None:
            (folder,) = [each for each in desk.copies.iterdir() if each.is_dir()]
        return read_book(folder, lambda: ZONE, names_plans=True)

    def as_read_anew(self) -> Book:
        """The book as a desk reads it that was not there before."""
        name = f"fresh-{next(_NUMBERS)}"
        return self.as_read_by(self.desk(name))


@contextmanager
def shared_folder(where: Path | None = None) -> Iterator[Place]:
    """A clinic whose book is a folder that all desks see."""
    with _home(where) as home:
        (home / "plans").mkdir()
        book = str(home / "plans")
        yield Place(home, "folder", book, PROFILE.format(book=book))


@contextmanager
def on_server(
    server: RealServer, where: Path | None = None, url: str | None = None
) -> Iterator[Place]:
    """A clinic whose book is a new calendar of a server; *url* is another way to it."""
    with _home(where) as home:
        calendar = server.new_calendar()
        seen = calendar if url is None else Calendar(url, calendar.login)
        profile = server.profile(seen, PROFILE.format(book=ON_SERVER))
        yield Place(home, server.kind, ON_SERVER, profile, calendar)


@contextmanager
def _home(where: Path | None) -> Iterator[Path]:
    if where is not None:
        yield where
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()


# ---------------------------------------------------------------- what must hold


@dataclass
class Ledger:
    """What the desks were answered, against which the book is held at the end."""

    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What was printed (JSON) by each command that was done, by the id of the plan."""
    unknown: dict[str, int] = field(default_factory=dict)
    """How many commands on a plan were killed, or say that they don't know; “” for new ones."""
    may_clash: set[str] = field(default_factory=set)
    """Plans of which `undo` said that it put a session where others have the room."""
    done: int = 0

    def takes(self, outcome: Outcome) -> dict[str, Any]:
        """Remember what a command printed that was done; this."""
        plan: dict[str, Any] = json.loads(outcome.output)
        self.answers.setdefault(plan["id"], []).append(plan)
        self.done += 1
        if any(each["code"] == "CLASH" for each in plan["warnings"]):
            self.may_clash.add(plan["id"])
        return plan

    def leaves_open(self, plan_id: str = "") -> None:
        """Remember that nobody knows whether a command was done."""
        self.unknown[plan_id] = self.unknown.get(plan_id, 0) + 1

    def wrong_in(self, book: Book, now: datetime) -> Iterator[str]:
        """What is wrong with the book at the end; nothing if all is right."""
        yield from (f"can't be read: {each.problem}" for each in book.unreadable)
        plans: dict[str, dict[str, Any]] = {
            each.plan.id: json.loads(dumps(plan_document(each.plan, now))) for each in book.entries
        }
        yield from (f"{each}: is not in the book" for each in self.answers if each not in plans)
        of_nobody = plans.keys() - self.answers.keys()
        if len(of_nobody) > self.unknown.get("", 0):
            yield f"{len(of_nobody)} plans are in the book that nobody was told of"
        for plan_id, told in self.answers.items():
            if plan_id in plans:
                yield from self._wrong_with(told, plans[plan_id], self.unknown.get(plan_id, 0))
        yield from self._wrong_times(book)
        for plan_id, plan in plans.items():
            yield from (f"{plan_id}: {each}" for each in wrong_intervals(plan))

    def _wrong_with(
        self, told: list[dict[str, Any]], there: dict[str, Any], unknown: int
    ) -> Iterator[str]:
        """What is wrong with one plan: each change makes one revision, and no two the same."""
        plan_id, last = there["id"], there["revision"]
        versions: dict[int, list[Any]] = {}
        for each in told:
            versions.setdefault(each["revision"], [])
            if (what := essence(each)) not in versions[each["revision"]]:
                versions[each["revision"]].append(what)
        for revision, found in versions.items():
            if len(found) > 1:
                yield f"{plan_id}: two desks were told of another revision {revision}"
        lacking = last + 1 - len(versions)
        if max(versions) > last:
            yield f"{plan_id}: revision {max(versions)} was answered, and {last} is there"
        elif lacking > unknown:
            yield f"{plan_id}: {lacking} revisions of {last} were answered to nobody"
        if max(versions) == last and essence(there) not in versions[last]:
            yield f"{plan_id}: revision {last} is not what was answered"

    def _wrong_times(self, book: Book) -> Iterator[str]:
        taken = [
            (each.start, each.end, entry.plan.id)
            for entry in book.entries
            for each in entry.plan.active
            if each.status == "planned"
        ]
        taken.sort()
        for (_, end, one), (start, _, other) in pairwise(taken):
            if end > start and self.may_clash.isdisjoint((one, other)):
                yield f"{start}: taken by {one} and by {other}"
        if not self.may_clash:
            whose = {each.plan.id: each.plan.request.practitioner for each in book.entries}
            yield from wrongs(CLINIC, [Booked(*each[:2], whose[each[2]]) for each in taken])


def essence(plan: dict[str, Any]) -> tuple[Any, ...]:
    """What a plan says of its sessions."""
    kinds = ("sessions", "maintenance", "dropped")
    fields = ("uid", "kind", "number", "status")
    return tuple(
        (*(session[name] for name in fields), *_moments(session))
        for kind in kinds
        for session in plan[kind]
    )


def _moments(session: dict[str, Any]) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(session[name]) for name in ("start", "end"))
    return start, end


def wrong_intervals(plan: dict[str, Any]) -> Iterator[str]:
    """Sessions to come that are too near to the one before, or too far from it."""
    course = [each for each in plan["sessions"] if each["status"] in ("planned", "attended")]
    days = [datetime.fromisoformat(each["start"]).date() for each in course]
    for (one, other), session in zip(pairwise(days), course[1:], strict=True):
        if not 7 <= (other - one).days <= 14 and session["status"] == "planned":
            yield f"session {session['number']} is {(other - one).days} days after the one before"
