"""A lock that can't be made, or can't be let go of, leaves nothing, and undoes nothing."""

import errno
import sys
from pathlib import Path
from typing import Any

import pytest

from mesoplan.errors import FileProblem
from mesoplan.storage.locks import held

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
