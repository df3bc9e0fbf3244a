"""A folder of plans is read as the clinic's book."""

import os
from datetime import UTC
from pathlib import Path

import pytest

from mesoplan.book.folder import Book, read_book
from mesoplan.errors import FileProblem
from tests.command_line import mesoplan
from tests.plan_books import make_book, plan_bytes, plan_id
from tests.plan_exports import FOLDER

ZONES = ("Europe/Paris", "Asia/Bangkok")


def read(folder: Path) -> Book:
    def usual_zone() -> str:
        raise AssertionError("all files tell their zones")

    return read_book(folder, usual_zone)


def test_a_book_tells_what_is_in_its_plans(tmp_path: Path) -> None:
    found = read(make_book(tmp_path / "book"))
    assert [each.path.name for each in found.entries] == ["a.ics", "b.ics", "c.ics"]
    assert not found.unreadable
    first = found.entries[0].plan
    assert (first.id, first.goal, first.area) == (plan_id(1), "hair", "scalp")
    assert (first.request.patient, first.request.timezone) == ("Patient 1", "Europe/Paris")
    assert [str(each.name) for each in first.active] == ["1", "2", "3", "m1", "m2"]


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
    assert [each.path.name for each in found.entries] == ["B.ICS", "a.ics"]
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
    found = read(folder)
    assert [each.path.name for each in found.entries] == ["a.ics", "b.ics", "link.ics"]
    problems = {each.path.name: each.problem for each in found.unreadable if each.path}
    assert list(problems) == [
        *("copy.ics", "dangling.ics", "empty.ics", "half.ics"),
        *("other.ics", "pipe.ics", "zero.ics"),
    ]
    assert problems["copy.ics"] == "'copy.ics' contains the same plan as 'b.ics'"
    assert problems["empty.ics"] == problems["other.ics"].replace("other", "empty")
    assert "there is no plan in it" in problems["other.ics"]
    assert "the file ends inside" in problems["half.ics"]
    assert "not opened" in problems["pipe.ics"]
    assert "not opened" in problems["zero.ics"]


def test_a_plan_with_events_from_before_its_last_change_is_named(tmp_path: Path) -> None:
    data = (FOLDER / "thunderbird_passed_over.ics").read_bytes()
    (tmp_path / "a.ics").write_bytes(data)
    book = read_book(tmp_path, lambda: "UTC")
    assert book.entries == ()
    (problem,) = book.unreadable
    assert "before the plan's last change" in problem.problem


@pytest.mark.parametrize("name", ["nowhere", "file", "\0"])
def test_a_folder_that_can_not_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileProblem):
        read(tmp_path / name)


def test_an_empty_folder_is_an_empty_book_and_stays_empty(tmp_path: Path) -> None:
    assert read(tmp_path) == Book(tmp_path, (), ())
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_zone_is_read_by_the_usual_one(tmp_path: Path) -> None:
    lines = plan_bytes(1).replace(b"\r\n ", b"").split(b"\r\n")
    kept = [line.replace(b";TZID=Europe/Paris", b"") for line in lines if line[:4] != b"X-AP"]
    (tmp_path / "a.ics").write_bytes(b"\r\n".join(kept))
    books = [read_book(tmp_path, lambda zone=zone: zone) for zone in ZONES]  # type: ignore[misc]  # a lambda
    starts = [book.entries[0].plan.sessions[0].start for book in books]
    assert [start.astimezone(UTC).hour for start in starts] == [9, 3]


@pytest.mark.parametrize("command", ["plan skin 2026-12-01", "move a.ics 2 2026-12-09"])
def test_a_rehearsal_around_a_book_leaves_nothing_in_it(tmp_path: Path, command: str) -> None:
    make_book(tmp_path)
    before = {each.name for each in tmp_path.iterdir()}
    assert mesoplan(tmp_path, *command.split(), "--book", ".", "--dry-run").exit_code == 0
    assert {each.name for each in tmp_path.iterdir()} == before


def test_what_earlier_versions_remembered_of_a_book_is_removed_by_what_writes_there(
    tmp_path: Path,
) -> None:
    index = make_book(tmp_path / "book") / ".mesoplan-index"
    index.write_text("Patient 1")
    assert mesoplan(tmp_path, "agenda", "book").exit_code == 0
    assert mesoplan(tmp_path, "plan", "skin", "2026-12-01", "--book", "book").exit_code == 0
    assert not index.exists()
