"""What a killed command was making is removed by the next one, and never what one still makes."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from mesoplan.storage import temporaries
from mesoplan.storage.files import replace_own, write_all_new
from mesoplan.storage.revisions import locked
from mesoplan.storage.temporaries import NEW_FILES, NEW_INDEXES, Temporary, sweep
from tests.command_line import mesoplan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("Windows can not tell who makes a file", allow_module_level=True)

import fcntl

MACHINE = "0123abcd"


@pytest.fixture(autouse=True)
def this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every system tells which machine it runs on."""
    monkeypatch.setattr(temporaries, "_this_machine", lambda: MACHINE)


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def killed(folder: Path, pattern: str = NEW_FILES) -> Path:
    """What a maker leaves that was killed: its lock has gone with it."""
    left = Temporary(folder, pattern)
    left.file.write(b"half")
    left.close()
    return left.path


def write_new(folder: Path) -> None:
    write_all_new({folder / "new.ics": b"new"})


def replace(folder: Path) -> None:
    (folder / "new.ics").write_bytes(b"old")
    replace_own(folder / "new.ics", b"new")


def change(folder: Path) -> None:
    (folder / "new.ics").write_bytes(b"new")
    with locked(folder / "new.ics"):
        pass


@pytest.mark.parametrize("writes", [write_new, replace, change])
@pytest.mark.parametrize("pattern", [NEW_FILES, NEW_INDEXES])
def test_whoever_writes_next_in_a_folder_removes_what_a_killed_command_was_making(
    tmp_path: Path, pattern: str, writes: Callable[[Path], None]
) -> None:
    killed(tmp_path, pattern)
    writes(tmp_path)
    assert names(tmp_path) == {"new.ics"}


def test_what_a_killed_archive_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,goal,start\na,hair,2026-12-01\n")
    killed(tmp_path)
    assert mesoplan(tmp_path, "batch", "rows.csv", "--tar", "all.tar").exit_code == 0
    assert names(tmp_path) == {"rows.csv", "all.tar"}


def test_what_a_killed_command_remembered_of_a_book_is_removed_by_the_next_look(
    tmp_path: Path,
) -> None:
    assert mesoplan(tmp_path, "plan", "hair", "2026-12-01", "-o", "a.ics").exit_code == 0
    left = killed(tmp_path, NEW_INDEXES)
    with patch("mesoplan.book.index._SETTLED_NS", 0):
        assert mesoplan(tmp_path, "agenda", ".").exit_code == 0
    assert not left.exists()


def test_what_somebody_still_makes_stays(tmp_path: Path) -> None:
    making = Temporary(tmp_path, NEW_FILES)
    os.utime(making.path, (0, 0))
    write_new(tmp_path)
    assert names(tmp_path) == {"new.ics", making.path.name}
    making.fill(b"whole")
    making.path.replace(tmp_path / "mine.ics")
    making.discard()
    assert names(tmp_path) == {"new.ics", "mine.ics"}


def test_what_another_machine_makes_stays_for_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporaries, "_this_machine", lambda: "fedcba98")
    young, old = killed(tmp_path), killed(tmp_path)
    os.utime(old, (0, 0))
    monkeypatch.setattr(temporaries, "_this_machine", lambda: MACHINE)
    write_new(tmp_path)
    assert names(tmp_path) == {"new.ics", young.name}


def test_where_nothing_can_be_locked_what_is_made_stays_for_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", unable)
    young, old = killed(tmp_path), killed(tmp_path)
    monkeypatch.undo()
    os.utime(old, (0, 0))
    write_new(tmp_path)
    assert names(tmp_path) == {"new.ics", young.name}


def test_what_is_swept_up_before_it_is_locked_is_made_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock

    def swept_up_first(descriptor: int, operation: int) -> Any:
        monkeypatch.undo()
        for each in tmp_path.iterdir():
            each.unlink()
        return real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", swept_up_first)
    making = Temporary(tmp_path, NEW_FILES)
    assert names(tmp_path) == {making.path.name}
    making.discard()
    assert names(tmp_path) == set()


def test_what_is_no_plain_file_stays_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    os.mkfifo(tmp_path / f".calendar-{MACHINE}-pipe.tmp")
    (tmp_path / f".calendar-{MACHINE}-link.tmp").symlink_to("theirs")
    (tmp_path / f".calendar-{MACHINE}-folder.tmp").mkdir()
    before = names(tmp_path)
    sweep(tmp_path, tmp_path / "theirs")
    assert names(tmp_path) == before


def test_a_whole_file_outlives_the_name_that_it_was_made_under(tmp_path: Path) -> None:
    left = Temporary(tmp_path, NEW_FILES)
    left.fill(b"whole")
    os.link(left.path, tmp_path / "plan.ics")
    left.close()
    write_new(tmp_path)
    assert names(tmp_path) == {"new.ics", "plan.ics"}
    assert (tmp_path / "plan.ics").read_bytes() == b"whole"
