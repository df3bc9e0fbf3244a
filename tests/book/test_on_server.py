"""A book on a real calendar server: what several desks see of it, and what a copy may not do."""

import os
import pickle
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from mesoplan.book import lease, read_plans
from mesoplan.book.on_server import ServerBook
from mesoplan.cli.profile import find_profile
from mesoplan.cli.servers import connected
from mesoplan.errors import ServerProblem
from tests.command_line import Outcome, mesoplan
from tests.dav_servers import Calendar, RealServer, radicale, xandikos
from tests.plan_books import make_book

PROFILE = ('timezone = "Europe/Paris"', "rooms = 1", 'book = "server:clinic"')
SHORT = ("plan", "wrinkles", "2026-12-01", "-n", "3", "-m", "1")
"""Tuesdays: 1, 15 and 29 December."""


@pytest.fixture(scope="module", params=[radicale, xandikos])
def server(request: pytest.FixtureRequest) -> Iterator[RealServer]:
    with request.param() as running:
        yield running


@pytest.fixture
def calendar(server: RealServer) -> Calendar:
    return server.new_calendar()


class Desk:
    """A computer with a copy of its own."""

    def __init__(self, folder: Path, profile: str) -> None:
        folder.mkdir(mode=0o700)
        self.folder = folder
        (folder / "clinic.toml").write_text(profile)
        (folder / "clinic.toml").chmod(0o600)

    def types(self, *words: str, exit_code: int = 0) -> Outcome:
        world = {"MESOPLAN_CLINIC": "clinic.toml", "XDG_CACHE_HOME": str(self.folder / "cache")}
        outcome = mesoplan(self.folder, *words, also=world)
        assert outcome.exit_code == exit_code, (words, outcome.text, outcome.error)
        return outcome

    @property
    def copy(self) -> Path:
        (found,) = (self.folder / "cache" / "mesoplan" / "books").iterdir()
        return found

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.copy.iterdir() if path.name[0] != "."}


@pytest.fixture
def desks(server: RealServer, calendar: Calendar, tmp_path: Path) -> tuple[Desk, Desk]:
    profile = server.profile(calendar, *PROFILE)
    return Desk(tmp_path / "one", profile), Desk(tmp_path / "two", profile)


def test_two_desks_never_give_one_time_twice_and_each_finds_the_others_patients(
    desks: tuple[Desk, Desk],
) -> None:
    one, two = desks
    one.types(*SHORT, "--patient", "Anne Martin")
    booked = two.types(*SHORT, "--patient", "Bob Roux", "--private")
    assert "at 10:00 other patients come" in booked.text
    one.types("move", "roux", "2", "2026-12-16")
    two.types("done", "martin", "1", "--on", "2026-11-20")
    assert "Wed 16 Dec 2026" in two.types("show", "roux").text
    one.types("today")
    assert one.files() == two.files()
    # Any desk takes back what another one did.
    two.types("undo", "roux")
    assert "Tue 15 Dec 2026" in one.types("show", "roux").text


def test_the_calendar_says_nothing_of_a_patient_in_names_and_titles(
    desks: tuple[Desk, Desk], calendar: Calendar
) -> None:
    desks[0].types(*SHORT, "--patient", "Anne Martin")
    for name, text in calendar.everything().items():
        shown = [
            line for line in text.splitlines() if line.startswith(("UID", "SUMMARY", "DTSTART"))
        ]
        for word in ("Anne", "Martin", "wrinkles", "2026"):
            assert word not in name + "".join(shown)


def test_what_was_touched_in_a_copy_is_fetched_again_and_never_written(
    desks: tuple[Desk, Desk],
) -> None:
    one, two = desks
    one.types(*SHORT, "--patient", "Anne Martin")
    one.types("today")
    (file,) = one.copy.glob("*.ics")
    before = file.read_bytes()
    file.write_bytes(before.replace(b"20261215T", b"20261216T"))
    (one.copy / "mine.ics").write_bytes(before)
    # As long before as it was: only the system knows that it was touched.
    os.utime(file, ns=(0, 0))
    shown = one.types("done", "martin", "1", "--on", "2026-11-20")
    assert "No longer in the book on the server clinic: mine.ics." in shown.error
    two.types("today")
    assert one.files().pop("mine.ics.gone") == before
    assert {**two.files(), "mine.ics.gone": before} == one.files()
    assert b"20261216T" not in b"".join(two.files().values())


def test_a_path_in_the_copy_means_the_book_and_a_copy_alone_is_never_changed(
    desks: tuple[Desk, Desk],
) -> None:
    one, two = desks
    one.types(*SHORT)
    (file,) = one.copy.glob("*.ics")
    path = str(file.relative_to(one.folder))
    one.types("move", path, "2", "2026-12-16")
    assert "Wed 16 Dec 2026" in two.types("show", file.name).text
    (one.folder / "clinic.toml").write_text("rooms = 1\n")
    before = one.files()
    one.types("move", path, "2", "2026-12-15", exit_code=2)
    assert one.files() == before


def test_a_book_moves_to_a_server_with_what_undo_needs(
    desks: tuple[Desk, Desk],
) -> None:
    one, two = desks
    make_book(one.folder / "plans", 3)
    one.types("done", "plans/a.ics", "1", "--on", "2026-11-20")
    one.types("server", "fill", "clinic", "plans")
    assert "2026-12-01" in two.types("show", "a.ics", "--json").text
    two.types("undo", "a.ics")
    again = one.types("server", "fill", "clinic", "plans", exit_code=1)
    assert "the book has another 'a.ics'" in again.error
    assert "2 files." in again.text


def test_a_name_that_another_desk_cannot_use_is_refused_and_the_others_are_put_there(
    desks: tuple[Desk, Desk],
) -> None:
    one, two = desks
    make_book(one.folder / "plans", 3)
    (one.folder / "plans" / "b.ics").rename(one.folder / "plans" / "b:c.ics")
    assert "b:c.ics" in one.types("server", "fill", "clinic", "plans", exit_code=1).error
    two.types("today")
    assert [*two.files()] == [*one.files()] == ["a.ics", "c.ics"]


def test_a_lease_is_renewed_for_as_long_as_a_command_takes(
    desks: tuple[Desk, Desk], server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if server.kind == "xandikos":
        pytest.skip("one server is enough for what takes its time")
    monkeypatch.setattr(lease, "_RUNS", timedelta(seconds=3))
    monkeypatch.setattr(lease, "_RENEWED_SECONDS", 0.3)
    monkeypatch.setattr(lease, "_LONGEST_WAIT_SECONDS", 4.5)
    with book_of(desks[0]) as first, book_of(desks[1]) as second, first.held():
        with pytest.raises(ServerProblem, match="another desk is changing"), second.held():
            pass
        with first.written({"a.ics": b"1"}):
            pass


def test_a_lease_that_makes_no_sense_runs_no_longer_than_another(
    desks: tuple[Desk, Desk], calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_RUNS", timedelta(seconds=1))
    with book_of(desks[0]) as first:
        with first.held():
            pass
        ended = calendar.get("mesoplan-lease.ics")
        for until in ("99991231T000000Z", "tomorrow"):
            calendar.put("mesoplan-lease.ics", re.sub("(?<=UNTIL:)[^\r]*", until, ended))
            with first.held():
                pass


def test_what_was_read_of_plans_before_is_shown_only_while_they_are_the_same(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_plans, "_FEW", 0)
    one, two = desks
    one.types(*SHORT, "--patient", "Anne Martin")
    week = ("agenda", "--from", "2026-12-15", "--to", "2026-12-16")
    assert "Tue 15 Dec 2026 · 1 session" in one.types(*week).text
    two.types("move", "martin", "2", "2026-12-16")
    assert "Wed 16 Dec 2026 · 1 session" in one.types(*week).text
    shown = one.types(*week).text
    kept = one.copy / ".book-plans"
    made_by = pickle.loads(kept.read_bytes())[0]
    odd = (made_by, {next(one.copy.glob("*.ics")).name: 1})
    for content in (
        pickle.dumps(odd),
        b"",
        b"no pickle",
        kept.read_bytes()[:-9],
        pickle.dumps((exit, 1)),
        _EVIL,
    ):
        kept.write_bytes(content)
        assert one.types(*week).text == shown
    assert not (one.folder / "evil").exists()


_EVIL = b"cos\nsystem\n(S'touch evil'\ntR."


def test_a_lease_that_looks_as_before_was_not_had_by_others(desks: tuple[Desk, Desk]) -> None:
    with book_of(desks[0]) as first:
        with first.held():
            pass
        with book_of(desks[1]) as second:
            with first.held(), first.written({"a.ics": b"1"}):
                pass
            with second.held():
                assert (desks[1].folder / "a.ics").read_bytes() == b"1"


def test_a_table_goes_into_the_book_and_changes_nothing_the_second_time(
    desks: tuple[Desk, Desk],
) -> None:
    one, two = desks
    rows = "id,goal,start,patient\nr1,wrinkles,2026-12-01,Anne\nr2,wrinkles,2026-12-01,Bob\n"
    for desk in desks:
        (desk.folder / "t.csv").write_text(rows)
    one.types("batch", "t.csv")
    assert "unchanged" in two.types("batch", "t.csv").text
    two.types("replan", "--all", "--closed", "tue")
    one.types("undo", "--all")
    assert "Tue 1 Dec 2026" in two.types("show", "r1.ics").text


def test_another_event_in_the_calendar_is_told_of(
    desks: tuple[Desk, Desk], calendar: Calendar
) -> None:
    party = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:party\r\n"
    party += "DTSTAMP:20261101T000000Z\r\nDTSTART:20261201T090000Z\r\nSUMMARY:Party\r\n"
    calendar.put("party.ics", f"{party}END:VEVENT\r\nEND:VCALENDAR\r\n")
    text = " ".join(desks[0].types("agenda").text.split())
    assert "'event party.ics': there is no plan in it" in text
    assert "mesoplan server drop clinic 'event party.ics'" in text


def test_a_plan_is_taken_out_at_all_desks_and_its_last_state_is_kept(
    desks: tuple[Desk, Desk],
) -> None:
    one, two = desks
    make_book(one.folder / "plans", 2)
    one.types("server", "fill", "clinic", "plans")
    two.types("today")
    before = two.files()["a.ics"]
    dropped = one.types("server", "drop", "clinic", "a.ics")
    assert "No longer in the book on the server clinic: a.ics." in dropped.error
    assert "No longer in the book on the server clinic: a.ics." in two.types("today").error
    assert two.files()["a.ics.gone"] == before
    assert "a.ics" not in two.files()
    one.types("server", "drop", "clinic", "a.ics", exit_code=2)
    two.types("server", "drop", "clinic", "b.ics")
    two.types("today")


def test_a_folder_without_plans_is_refused(desks: tuple[Desk, Desk]) -> None:
    one, _ = desks
    (one.folder / "empty").mkdir()
    one.types("server", "fill", "clinic", "empty", exit_code=4)


@contextmanager
def book_of(desk: Desk) -> Iterator[ServerBook]:
    found = find_profile(str(desk.folder / "clinic.toml"))
    with connected(found, "clinic") as server:
        book = ServerBook(server, None, desk.folder, print)
        book.open()
        yield book


@pytest.mark.parametrize("looks_first", [True, False])
def test_a_desk_that_slept_for_too_long_changes_nothing(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch, looks_first: bool
) -> None:
    """Either before it writes, or it takes back what came too late."""
    monkeypatch.setattr(lease, "_RUNS", timedelta(seconds=1))
    if not looks_first:
        monkeypatch.setattr(lease.Lease, "renew_if_old", lambda _: None)
    with book_of(desks[0]) as first, book_of(desks[1]) as second:
        with first.held(), first.written({"a.ics": b"1"}):
            (desks[0].folder / "a.ics").write_bytes(b"1")
        with first.held():
            time.sleep(2)
            with second.held(), second.written({"b.ics": b"2"}):
                pass
            for name in ("a.ics", "c.ics"):
                with pytest.raises(ServerProblem), first.written({name: b"3"}):
                    pass
    with book_of(desks[1]):
        there = {path.name: path.read_bytes() for path in desks[1].folder.glob("*.ics")}
    assert there == {"a.ics": b"1", "b.ics": b"2"}


def test_a_plan_is_not_published_into_the_calendar_of_the_book(desks: tuple[Desk, Desk]) -> None:
    one, _ = desks
    one.types(*SHORT, "--patient", "Anne Martin")
    assert "has the book in this calendar" in one.types("publish", "martin", exit_code=2).error
