"""What goes wrong between a desk and its book on a server: nothing is lost, or done by half."""

import errno
import json
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from mesoplan.book.resources import BookFile, uid_of
from mesoplan.servers import dav
from mesoplan.storage.files import Temporary
from tests import fake_server
from tests import wire as on_wire
from tests.command_line import Outcome, mesoplan
from tests.dav_servers import Calendar, RealServer
from tests.desks import Desk as Computer
from tests.desks import Running
from tests.fake_server import Asked
from tests.wire import Wire, through, wire_to

BOOK = ("--book", "server:clinic")
PLAN = ("plan", "wrinkles", "2026-12-01", "-n", "3", "-m", "0", "--closed", "sun,mon")
LATER = "2026-12-01T12:00:00Z"
SECRET = "secret-0123"
LEASE = timedelta(seconds=1)
"""A lease that runs out soon."""


@dataclass
class Desk:
    """A desk, at a computer of its own, with what its profile says of the server."""

    folder: Path
    profile: str

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700)
        self.write(self.profile)

    def write(self, profile: str) -> None:
        path = self.folder / "clinic.toml"
        path.write_text(profile)
        path.chmod(0o600)

    def types(self, *words: str, exit_code: int = 0, now: str | None = None) -> Outcome:
        outcome = mesoplan(
            self.folder,
            *words,
            now=now,
            also={"MESOPLAN_CLINIC": "clinic.toml", "TZ": "Europe/Paris"},
        )
        assert outcome.exit_code == exit_code, (words, outcome.text, outcome.error)
        assert "Traceback" not in outcome.error
        assert SECRET not in outcome.text + outcome.error
        return outcome

    def books(self, patient: str, *further: str, exit_code: int = 0) -> Outcome:
        return self.types(*PLAN, "--patient", patient, *BOOK, *further, exit_code=exit_code)

    def starts(self, patient: str) -> list[str]:
        shown = json.loads(self.types("show", patient, "--json").text)
        return [each["start"][:16] for each in shown["sessions"]]

    @property
    def copy(self) -> Path:
        (folder,) = (self.folder / "cache" / "mesoplan" / "books").iterdir()
        return folder


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that runs out soon, and no pause before another try."""
    monkeypatch.setattr("mesoplan.book.lease._RUNS", LEASE)
    patience = dav.USUAL_PATIENCE._replace(pause=0.01)
    monkeypatch.setattr(dav.Dav.__init__, "__defaults__", (patience,))


@pytest.fixture
def calendar(radicale_server: RealServer) -> Calendar:
    return radicale_server.new_calendar()


@pytest.fixture
def wire(radicale_server: RealServer) -> Iterator[Wire]:
    with wire_to(radicale_server) as wire:
        yield wire


@pytest.fixture
def desk(radicale_server: RealServer, calendar: Calendar, wire: Wire, tmp_path: Path) -> Desk:
    """A desk that reaches the server by the wire."""
    seen = Calendar(through(wire, calendar), calendar.login)
    return Desk(tmp_path / "desk", radicale_server.profile(seen, 'book = "server:clinic"'))


@pytest.fixture
def other(radicale_server: RealServer, calendar: Calendar, tmp_path: Path) -> Desk:
    """Another desk, at a computer whose network is good."""
    return Desk(tmp_path / "other", radicale_server.profile(calendar, 'book = "server:clinic"'))


def plans_in(calendar: Calendar) -> list[str]:
    return [each for each in calendar.names() if "lease" not in each]


NEVER_ARRIVES = {
    "401": fake_server.status(401),
    "412": fake_server.status(412),
    "500": fake_server.status(500),
    "lost": fake_server.lost,
    "sent on": fake_server.redirect("https://elsewhere.example/"),
}


@pytest.mark.parametrize("kind", NEVER_ARRIVES)
def test_what_does_not_arrive_changes_nothing_and_the_next_command_completes(
    desk: Desk, other: Desk, wire: Wire, calendar: Calendar, kind: str
) -> None:
    desk.books("Ann")
    before = {name: calendar.get(name) for name in plans_in(calendar)}
    copy = {each.name for each in desk.copy.glob("*.ics*")}
    wire.spoil("PUT", on_wire.instead(NEVER_ARRIVES[kind]), of="plan")
    desk.books("Bob", exit_code=5)
    desk.types("move", "Ann", "1", "2026-12-02", exit_code=5)
    wire.heal()
    assert {name: calendar.get(name) for name in plans_in(calendar)} == before
    assert {each.name for each in desk.copy.glob("*.ics*")} == copy
    other.books("Bob")
    desk.types("move", "Ann", "1", "2026-12-02")
    assert other.starts("Ann")[0] == "2026-12-02T10:00"


ARRIVES = {
    "lost": on_wire.arrives_but_answer_is_lost,
    "500": on_wire.arrives_but(fake_server.status(500)),
    "without ETag": on_wire.with_other({"ETag": None}),
}


@pytest.mark.parametrize("kind", ARRIVES)
def test_what_arrives_although_the_answer_is_lost_is_there_once(
    desk: Desk, other: Desk, wire: Wire, calendar: Calendar, kind: str
) -> None:
    wire.spoil("PUT", ARRIVES[kind], of="plan", times=1)
    desk.books("Ann")
    wire.spoil("PUT", ARRIVES[kind], of="plan", times=1)
    desk.types("move", "Ann", "1", "2026-12-02")
    assert len(plans_in(calendar)) == 1
    assert other.starts("Ann")[0] == "2026-12-02T10:00"
    assert desk.starts("Ann") == other.starts("Ann")
    other.types("undo", "Ann")
    assert desk.starts("Ann")[0] == "2026-12-01T10:00"


def test_somebody_at_the_same_computer_looks_while_a_plan_is_on_its_way(
    desk: Desk, wire: Wire, calendar: Calendar
) -> None:
    computer = Computer(desk.folder, desk.folder / "cache")
    looking: list[Running] = []
    wire.spoil("PUT", on_wire.before(lambda: looking.append(computer.begins("agenda"))), "plan")
    desk.books("Ann")
    desk.books("Bob", "--private")
    desk.types("move", "Ann", "1", "2026-12-02")
    assert [each.outcome().exit_code for each in looking] == [0] * 4
    assert len(plans_in(calendar)) == 3


NO_TAGS = re.compile(rb"<([a-zA-Z0-9]+:)?getetag>.*?</([a-zA-Z0-9]+:)?getetag>")


@pytest.mark.parametrize("header", ["ETag", "Date"])
def test_a_server_without_versions_or_without_a_clock_can_have_no_book(
    desk: Desk, wire: Wire, calendar: Calendar, header: str
) -> None:
    wire.spoil("", on_wire.with_other({header: None}, lambda data: NO_TAGS.sub(b"", data)))
    desk.books("Ann", exit_code=5)
    desk.books("Ann", exit_code=5)
    assert plans_in(calendar) == []


READS = (
    *(("agenda", "--from", "2026-12-01"), ("today",), ("show", "Ann"), ("show", "Ann", "--json")),
    *(("handout", "Ann", "-o", "page.html"), ("show", "Cy", "--message")),
    *(("done", "Ann", "1", "--dry-run"), (*PLAN, "--patient", "Di", "--dry-run")),
)
WRITES = (
    *(("done", "Ann", "1"), ("undo", "Bob"), ("cancel", "Cy"), ("move", "Ann", "1", "2026-12-02")),
    *((*PLAN, "--patient", "Di"), ("replan", "--all", "--closure", "2026-12-15")),
    *(("done", "--today", "1"), ("undo", "--all"), ("batch", "table.csv")),
)


def test_without_the_network_all_can_be_read_and_nothing_be_written(
    desk: Desk, other: Desk, wire: Wire
) -> None:
    (desk.folder / "table.csv").write_text("id,goal,start\nr1,hair,2026-12-01\n")
    desk.books("Ann")
    other.books("Cy", "--private")
    other.books("Bob")
    other.types("replan", "--all", "--closure", "2026-12-29")
    for _ in range(2):
        # The first time, it is recorded what was handed out.
        before = [desk.types(*words, now=LATER).text for words in READS]
    files = {each.name: each.read_bytes() for each in desk.copy.iterdir()}
    wire.spoil("", on_wire.instead(fake_server.lost))
    for words, text in zip(READS, before, strict=True):
        outcome = desk.types(*words, now=LATER)
        assert outcome.text == text
        assert "can't be changed now" in outcome.error
    for words in WRITES:
        assert desk.types(*words, exit_code=5, now=LATER).text == ""
    assert {each.name: each.read_bytes() for each in desk.copy.iterdir()} == files
    wire.heal()
    desk.types("undo", "--all")


def test_an_event_that_was_damaged_there_is_told_of_and_never_overwritten(
    desk: Desk, calendar: Calendar
) -> None:
    desk.books("Ann")
    (name,) = plans_in(calendar)
    text = re.sub(r"\r?\n ", "", calendar.get(name))
    damaged = text.replace("X-MESOPLAN-FILE:", "X-MESOPLAN-FILE:AAAA")
    calendar.put(name, damaged)
    there = calendar.get(name)
    assert "there is no plan in it" in desk.types("agenda").text
    # The name of its file is free here, but not there.
    desk.books("Bob")
    assert calendar.get(name) == there


def lease_until(text: str) -> str:
    lines = "BEGIN:VCALENDAR VERSION:2.0 PRODID:x BEGIN:VEVENT UID:mesoplan-lease "
    lines += f"DTSTAMP:19700101T000000Z DTSTART:19700101T000000Z X-MESOPLAN-UNTIL:{text} "
    return "\r\n".join(f"{lines}END:VEVENT END:VCALENDAR ".split(" "))


@pytest.mark.parametrize("until", ["20200101T000000Z", "99991231T235959Z", "tomorrow", ""])
def test_nobody_waits_longer_for_a_lease_than_one_of_its_kind_runs(
    desk: Desk, calendar: Calendar, until: str
) -> None:
    calendar.put("mesoplan-lease.ics", lease_until(until))
    began = time.monotonic()
    desk.types("agenda")
    assert time.monotonic() - began < 1 or until != "20200101T000000Z"
    desk.books("Ann")
    desk.books("Bob")
    assert len(plans_in(calendar)) == 2


HOSTILE = (
    *("../x.ics", "/tmp/x.ics", "a\\b.ics", "C:x.ics", ".x.ics", "a\0b.ics", "x" * 300 + ".ics"),
    *(".book.json", "names.csv~", "\u202ex.ics", ".."),
)


def test_a_server_puts_nothing_anywhere_but_plans_into_the_copy(
    desk: Desk, calendar: Calendar
) -> None:
    desk.books("Ann")
    desk.types("agenda")
    (file,) = desk.copy.glob("*.ics")
    before = all_in(desk.folder)
    for number, name in enumerate(HOSTILE):
        hostile = BookFile(name, file.read_bytes() + str(number).encode()).resource.decode()
        calendar.put(f"{uid_of(name)}.ics", hostile)
    bomb = BookFile("b.ics", bytes(25_000_000)).resource.decode()
    calendar.put(f"{uid_of('b.ics')}.ics", bomb)
    shown = desk.types("agenda", "--from", "2026-12-01").text
    assert f"Left out: {len(HOSTILE) + 1} files" in shown
    assert "1 plan in the book" in shown
    new = all_in(desk.folder) - before
    assert {path.parent for path in new} == {desk.copy}
    assert {path.name[:6] for path in new} == {"event ", "b.ics"}


def all_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_a_book_of_another_server_of_the_same_name_is_another_book(
    radicale_server: RealServer, desk: Desk
) -> None:
    desk.books("Ann")
    first = desk.profile
    elsewhere = radicale_server.new_calendar()
    desk.write(radicale_server.profile(elsewhere, 'book = "server:clinic"'))
    desk.books("Bob")
    assert desk.starts("Bob")[0] == "2026-12-01T10:00"
    desk.types("show", "Ann", exit_code=2)
    desk.write(first)
    desk.types("show", "Ann")
    desk.types("show", "Bob", exit_code=2)
    assert len(plans_in(elsewhere)) == 1


def test_no_private_plan_is_in_the_book_without_its_name(
    desk: Desk, other: Desk, wire: Wire, calendar: Calendar
) -> None:
    """They are two events; whichever can't be written, the plan is not there."""
    desk.books("Ann", "--private")
    before = plans_in(calendar)
    for fails in (1, 2):
        passed = iter(range(fails - 1))

        def spoil(way: Wire, asked: Asked, passed: Iterator[int] = passed) -> None:
            if next(passed, None) is None:
                fake_server.status(403)(asked)
            else:
                on_wire.hand_back(asked, way.pass_on(asked))

        wire.spoil("PUT", spoil, "plan")
        desk.books("Bob", "--private", exit_code=5)
        wire.heal()
        assert plans_in(calendar) == before, fails
    desk.books("Bob", "--private")
    other.types("done", "Bob", "1", now=LATER)


def test_a_full_disk_of_this_computer_is_an_error_and_the_book_stays_right(
    desk: Desk, other: Desk, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.books("Ann")
    there = {name: calendar.get(name) for name in plans_in(calendar)}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Temporary, "fill", full)
    desk.books("Bob", exit_code=4)
    desk.types("move", "Ann", "1", "2026-12-02", exit_code=4)
    monkeypatch.undo()
    assert {name: calendar.get(name) for name in plans_in(calendar)} == there
    other.books("Bob")
    monkeypatch.setattr(Temporary, "__init__", full)
    assert "No space left on device" in desk.types("agenda", exit_code=4).error
    monkeypatch.undo()
    assert desk.starts("Bob") == other.starts("Bob")


def test_no_address_and_no_error_says_whose_a_plan_is(
    desk: Desk, wire: Wire, calendar: Calendar
) -> None:
    desk.books("Zoe Quartz", "-o", "book/quartz.ics", exit_code=4)
    desk.books("Zoe Quartz")
    desk.books("Max Topaz", "--private")
    desk.types("move", "quartz", "1", "2026-12-02")
    for kind in ("500", "401", "412"):
        wire.spoil("PUT", on_wire.instead(NEVER_ARRIVES[kind]), "plan")
        desk.types("done", "topaz", "1", now=LATER, exit_code=5)
        desk.books("Zoe Quartz", "--another", exit_code=5)
        wire.heal()
    asked = " ".join(f"{method} {name}" for method, name in wire.asked)
    sent = " ".join(text for headers in wire.server.headers for text in headers.values())
    events = "\n".join(re.sub(r"\r?\n ", "", text) for text in calendar.everything().values())
    plain = re.sub(r"X-MESOPLAN-(NAME|FILE|BEFORE):.*", "", events)
    for word in ("zoe", "quartz", "max", "topaz", "wrinkles", "2026-12"):
        assert word not in f"{asked} {sent} {plain}".lower()


def test_a_desk_that_slept_with_the_lease_looks_first_whether_it_has_it_yet(
    desk: Desk, other: Desk, wire: Wire
) -> None:
    """Else Bob could get the time that Ann has left, until her change is taken back."""
    desk.books("Ann")
    patches = {"mesoplan.book.lease._RUNS": 3 * LEASE}
    computer, another = (
        Computer(each.folder, each.folder / "cache", patches) for each in (desk, other)
    )
    moving: list[Running] = []
    booking: list[Running] = []

    def bob_comes() -> None:
        booking.append(another.begins(*PLAN, "--patient", "Bob"))
        booking[0].process.join(LEASE.seconds)

    wire.spoil("PUT", on_wire.before(lambda: moving[0].stop(signal.SIGSTOP)), "lease", times=1)
    wire.spoil("PUT", on_wire.before(bob_comes), "plan", times=1)
    moving.append(computer.begins("move", "Ann", "1", "2026-12-02"))
    time.sleep(3.5 * LEASE.seconds)
    moving[0].stop(signal.SIGCONT)
    assert moving[0].outcome().exit_code == 0
    assert booking[0].outcome().exit_code == 0
    assert len({desk.starts("Ann")[0], desk.starts("Bob")[0]}) == 2


def test_what_could_not_be_replaced_in_the_copy_is_fetched_again(
    desk: Desk, other: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another program has the file open, and the system lets nobody replace it."""
    desk.books("Ann")
    desk.types("agenda")
    replace = Path.replace

    def refused(path: Path, target: Path) -> Path:
        if target.suffix == ".ics":
            raise PermissionError(errno.EACCES, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refused)
    refused_here = desk.types("move", "Ann", "1", "2026-12-02", exit_code=4)
    assert "the book on the server is changed already" in refused_here.error
    monkeypatch.undo()
    assert desk.starts("Ann")[0] == "2026-12-02T10:00"
    desk.types("done", "Ann", "1", "--on", "2026-11-23")
    assert desk.starts("Ann") == other.starts("Ann")
