"""A folder of plans is read as the clinic's book; what is remembered of it is never stale."""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mesoplan.book import folder as book
from mesoplan.book import index as book_index
from mesoplan.book.folder import Book, read_book
from mesoplan.book.index import INDEX_NAME
from mesoplan.errors import FileProblem
from mesoplan.model.plan import Status
from tests.command_line import mesoplan
from tests.plan_books import make_book, plan_bytes, plan_id


def read(folder: Path) -> Book:
    def usual_zone() -> str:
        raise AssertionError("all files tell their zones")

    return read_book(folder, usual_zone)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose content was looked at."""
    names: list[str] = []
    understood = book._Reading._understood

    def counting(self: book._Reading, name: str, data: bytes) -> object:
        names.append(name)
        return understood(self, name, data)

    monkeypatch.setattr(book._Reading, "_understood", counting)
    return names


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if each file had last been changed long ago."""
    monkeypatch.setattr(book_index, "_SETTLED_NS", -(10**11))


def test_a_book_tells_what_is_in_its_plans(tmp_path: Path) -> None:
    found = read(make_book(tmp_path / "book"))
    assert [each.path.name for each in found.entries] == ["a.ics", "b.ics", "c.ics"]
    assert not found.unreadable
    first = found.entries[0]
    assert (first.plan_id, first.goal, first.area) == (plan_id(1), "hair", "scalp")
    assert (first.patient, first.zone) == ("Patient 1", "Europe/Paris")
    assert (first.total_sessions, first.total_maintenance) == (3, 2)
    assert (first.ended, first.is_whole, first.problems) == (False, True, ())
    session = first.sessions[1]
    assert session.uid == f"{plan_id(1)}-02"
    assert str(session.name) == "2"
    assert session.start.isoformat() == "2026-12-08T09:00:00+00:00"
    assert session.end.isoformat() == "2026-12-08T09:30:00+00:00"
    assert session.status is Status.PLANNED
    assert [str(each.name) for each in first.sessions] == ["1", "2", "3", "m1", "m2"]


def test_only_calendar_files_that_are_directly_in_the_folder_belong_to_the_book(
    tmp_path: Path,
) -> None:
    folder = make_book(tmp_path / "book", 1)
    (folder / "a.ics~").write_bytes(plan_bytes(2))
    (folder / ".hidden.ics").write_bytes(plan_bytes(3))
    (folder / "notes.txt").write_bytes(plan_bytes(4))
    (folder / "B.ICS").write_bytes(plan_bytes(5))
    (folder / "folder.ics").mkdir()
    (folder / "folder.ics" / "d.ics").write_bytes(plan_bytes(6))
    found = read(folder)
    assert [each.file_name for each in found.entries] == ["B.ICS", "a.ics"]
    assert not found.unreadable


def test_what_holds_no_plan_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "book", 2)
    (folder / "copy.ics").write_bytes(plan_bytes(2))
    (folder / "empty.ics").write_bytes(b"")
    (folder / "half.ics").write_bytes(plan_bytes(7)[:1500])
    (folder / "other.ics").write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    (folder / "dangling.ics").symlink_to(tmp_path / "nowhere")
    (folder / "zero.ics").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.ics")
    (tmp_path / "elsewhere").write_bytes(plan_bytes(8))
    (folder / "link.ics").symlink_to(tmp_path / "elsewhere")
    for _ in range(2):
        found = read(folder)
        assert [each.file_name for each in found.entries] == ["a.ics", "b.ics", "link.ics"]
        problems = {each.path.name: each.problem for each in found.unreadable if each.path}
        assert list(problems) == [
            *("copy.ics", "dangling.ics", "empty.ics", "half.ics"),
            *("other.ics", "pipe.ics", "zero.ics"),
        ]
        assert problems["copy.ics"] == "'copy.ics' holds the same plan as 'b.ics'"
        assert problems["empty.ics"] == problems["other.ics"].replace("other", "empty")
        assert "there is no plan in it" in problems["other.ics"]
        assert "the file ends before" in problems["half.ics"]
        assert "not opened" in problems["pipe.ics"]
        assert "not opened" in problems["zero.ics"]


@pytest.mark.parametrize("name", ["nowhere", "file", "\0"])
def test_a_folder_that_can_not_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileProblem):
        read(tmp_path / name)


def test_an_empty_folder_is_an_empty_book_and_stays_empty(tmp_path: Path) -> None:
    assert read(tmp_path) == Book(tmp_path, (), ())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("at_once")
def test_a_second_look_reads_only_what_has_changed(tmp_path: Path, counted: list[str]) -> None:
    folder = make_book(tmp_path / "book")
    (folder / "other.ics").write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    first = read(folder)
    index = folder / INDEX_NAME
    assert stat.S_IMODE(index.stat().st_mode) == 0o600
    written = index.stat()
    counted.clear()
    again = read(folder)
    assert counted == []
    assert again.entries == first.entries
    assert [each.problem for each in again.unreadable] == [
        each.problem for each in first.unreadable
    ]
    assert index.stat() == written
    (folder / "b.ics").write_bytes(plan_bytes(9))
    (folder / "c.ics").unlink()
    third = read(folder)
    assert counted == ["b.ics"]
    assert [each.plan_id for each in third.entries] == [plan_id(1), plan_id(9)]
    assert "c.ics" not in index.read_text()
    assert sorted(each.name for each in folder.iterdir() if each.name[0] == ".") == [INDEX_NAME]


def test_a_file_that_was_just_written_is_not_remembered(tmp_path: Path, counted: list[str]) -> None:
    folder = make_book(tmp_path / "book")
    read(folder)
    counted.clear()
    read(folder)
    assert counted == ["a.ics", "b.ics", "c.ics"]


@pytest.mark.usefixtures("at_once")
def test_a_change_shows_even_where_size_and_time_are_as_before(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "book")
    read(folder)
    before = (folder / "a.ics").stat()
    with (folder / "a.ics").open("r+b") as file:
        file.write(plan_bytes(8))
    os.utime(folder / "a.ics", ns=(before.st_atime_ns, before.st_mtime_ns))
    after = (folder / "a.ics").stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )
    assert read(folder).entries[0].plan_id == plan_id(8)


@pytest.mark.usefixtures("at_once")
def test_files_that_change_their_names_with_each_other_are_told_apart(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "book", 2)
    read(folder)
    (folder / "a.ics").rename(folder / "x")
    (folder / "b.ics").rename(folder / "a.ics")
    (folder / "x").rename(folder / "b.ics")
    assert [each.plan_id for each in read(folder).entries] == [plan_id(2), plan_id(1)]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_index_is_left_aside_and_written_anew(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    folder = make_book(tmp_path / "book")
    fresh = read(folder)
    index = folder / INDEX_NAME
    good = index.read_bytes()
    for _ in range(15):
        at, to = random.randrange(len(good)), random.randrange(len(good))
        bad = bytearray(good)
        bad[at] = random.randrange(256)
        index.write_bytes(random.choice([bytes(bad), good[:at], good[:at] + good[to:], b"[" * at]))
        assert read(folder) == fresh
        assert index.read_bytes() == good


@pytest.mark.usefixtures("at_once")
def test_an_index_with_a_right_digest_is_still_held_to_its_form(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "book", 1)
    fresh = read(folder)
    index = folder / INDEX_NAME
    good = index.read_bytes()
    head, body = map(json.loads, good.splitlines())
    random = Random(1)
    odd: list[Any] = [
        True,
        -1,
        1.5,
        "\x1b[31m",
        "\n",
        [[]],
        {},
        [2**60] * 5,
        [0] * 4,
        [-1] * 5,
        [True] * 5,
        ["1"] * 5,
        [-1] * 7,
        [9] * 7,
        ["\x1b"],
        ["a"],
    ]
    entry = body["a.ics"]
    of_texts = entry.index([])
    for at in range(len(entry)):
        for value in odd:
            if type(value) is type(entry[at]) is bool or (
                at == of_texts and value in (["a"], ["1"] * 5)
            ):
                continue
            changed = [*entry[:at], value, *entry[at + 1 :]]
            text = json.dumps({"a.ics": random.choice([changed, changed, value])}).encode()
            head["digest"] = book_index._digest(text)
            index.write_bytes(json.dumps(head).encode() + b"\n" + text)
            assert read(folder) == fresh, (at, value)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("what", ["form", "program", "zones"])
def test_an_index_of_another_program_or_other_clocks_is_not_used(
    tmp_path: Path, counted: list[str], what: str
) -> None:
    folder = make_book(tmp_path / "book", 1)
    read(folder)
    index = folder / INDEX_NAME
    head, body = index.read_bytes().split(b"\n")
    of_other = json.loads(head)
    of_other[what] = {"Europe/Paris": "0" * 32} if what == "zones" else 0
    index.write_bytes(json.dumps(of_other).encode() + b"\n" + body)
    counted.clear()
    read(folder)
    assert counted == ["a.ics"]


@pytest.mark.usefixtures("at_once")
def test_a_pipe_in_place_of_the_index_is_not_waited_for(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "book", 1)
    os.mkfifo(folder / INDEX_NAME)
    assert len(read(folder).entries) == 1
    assert (folder / INDEX_NAME).is_file()


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("when", ["making", "writing"])
def test_a_folder_that_can_not_be_written_is_read_without_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    folder = make_book(tmp_path / "book")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    if when == "making":
        monkeypatch.setattr(tempfile, "mkstemp", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    assert len(read(folder).entries) == 3
    assert sorted(each.name for each in folder.iterdir()) == ["a.ics", "b.ics", "c.ics"]


@pytest.mark.usefixtures("at_once")
def test_what_depends_on_the_usual_zone_is_not_remembered(tmp_path: Path) -> None:
    lines = plan_bytes(1).replace(b"\r\n ", b"").split(b"\r\n")
    kept = [line.replace(b";TZID=Europe/Paris", b"") for line in lines if line[:4] != b"X-AP"]
    (tmp_path / "a.ics").write_bytes(b"\r\n".join(kept))
    hours = [
        read_book(tmp_path, lambda zone=zone: zone).entries[0].sessions[0].start.hour  # type: ignore[misc]  # a lambda
        for zone in ("Europe/Paris", "Asia/Bangkok")
    ]
    assert hours == [9, 3]


@pytest.mark.usefixtures("at_once")
def test_what_a_killed_command_left_is_removed_in_the_end(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "book", 1)
    old, new = (folder / f"{INDEX_NAME}-{name}.tmp" for name in ("old", "new"))
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    read(folder)
    assert not old.exists()
    assert new.exists()


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("command", ["plan skin 2026-12-01", "move a.ics 2 2026-12-09"])
def test_a_rehearsal_around_a_book_leaves_nothing_in_it(tmp_path: Path, command: str) -> None:
    make_book(tmp_path)
    before = {each.name for each in tmp_path.iterdir()}
    assert mesoplan(tmp_path, *command.split(), "--book", ".", "--dry-run").exit_code == 0
    assert {each.name for each in tmp_path.iterdir()} == before
