"""A lock that can't be made, or can't be let go of, leaves nothing, and undoes nothing."""

import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from mesoplan.errors import FileProblem
from mesoplan.storage.locks import FOLDER_LOCK_NAME, folder_held, held

if sys.platform == "win32":
    pytest.skip("Windows has other locks", allow_module_level=True)

import fcntl


def failing(monkeypatch: pytest.MonkeyPatch, number: int, operation: int) -> None:
    """Let the first lock of a kind fail with an error of that *number*."""
    real = fcntl.flock

    def flock(descriptor: int, wanted: int) -> Any:
        if wanted & operation:
            monkeypatch.undo()
            raise OSError(number, "it fails")
        return real(descriptor, wanted)

    monkeypatch.setattr(fcntl, "flock", flock)


def test_a_lock_that_can_not_be_taken_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, errno.EIO, fcntl.LOCK_EX)
    with (
        pytest.raises(FileProblem, match="can't be changed: it fails"),
        held(tmp_path / ".lock", tmp_path),
    ):
        raise AssertionError
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_somebody_has_stays_when_another_one_fails_to_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(tmp_path / ".lock", tmp_path):
        failing(monkeypatch, errno.EIO, fcntl.LOCK_EX)
        with pytest.raises(FileProblem), held(tmp_path / ".lock", tmp_path):
            raise AssertionError
        assert [each.name for each in tmp_path.iterdir()] == [".lock"]


def test_what_was_done_is_done_when_the_lock_can_not_be_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, errno.EIO, fcntl.LOCK_UN)
    with held(tmp_path / ".lock", tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:flock")
def test_where_a_file_system_has_no_locks_a_file_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, errno.ENOSYS, fcntl.LOCK_EX)
    with held(tmp_path / ".lock", tmp_path):
        assert [each.name for each in tmp_path.iterdir()] == [".lock"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_no_lock_can_be_had_nothing_is_done_and_the_manual_is_named(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, number, fcntl.LOCK_EX)
    with pytest.raises(FileProblem) as raised, held(tmp_path / ".lock", tmp_path):
        raise AssertionError
    assert raised.value.remedy == "put the book where there are locks: mesoplan help desks"
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_its_holder_removed_on_the_server_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, errno.ESTALE, fcntl.LOCK_EX)
    with held(tmp_path / ".lock", tmp_path):
        assert [each.name for each in tmp_path.iterdir()] == [".lock"]
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_nfs_called_otherwise_while_it_was_locked_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, removed, real = tmp_path / ".lock", tmp_path / ".nfs0001", fcntl.flock

    def flock(descriptor: int, wanted: int) -> Any:
        if wanted & fcntl.LOCK_EX:
            monkeypatch.undo()
            lock.rename(removed)
        return real(descriptor, wanted)

    monkeypatch.setattr(fcntl, "flock", flock)
    with held(lock, tmp_path), lock.open("rb") as another, removed.open("rb") as old:
        with pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(old, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_whoever_books_puts_a_file_into_the_folder_so_that_its_list_is_new(tmp_path: Path) -> None:
    # As a command leaves it that was killed on another computer.
    (tmp_path / FOLDER_LOCK_NAME).touch()
    os.utime(tmp_path, (0, 0))
    with folder_held(tmp_path):
        assert tmp_path.stat().st_mtime > 0
        assert [each.name for each in tmp_path.iterdir()] == [FOLDER_LOCK_NAME]
