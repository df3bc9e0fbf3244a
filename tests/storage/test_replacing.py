"""A plan's file is the old or the new one, and what a killed command leaves is put right."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from mesoplan.errors import FileProblem
from mesoplan.storage.revisions import locked, previous_of, replace_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FIRST, SECOND, THIRD = b"first\r\n", b"second\r\n", b"third\r\n"
CALLS = ("open", "fsync", "replace", "link", "unlink", "close")
MOST_CALLS = 60


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@contextmanager
def going_wrong(at: int, error: BaseException, *, after: bool) -> Iterator[list[str]]:
    """The call of the system with that number fails, or fails once it has been carried out.

    Where the process is killed, all calls after it fail as well. Gives the calls that were made.
    """
    made: list[str] = []

    def failing(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            made.append(name)
            here = len(made) == at
            if (here and not after) or (len(made) > at and isinstance(error, Killed)):
                raise error
            outcome = real(*arguments, **named)
            if here:
                if name == "open":
                    os.close(outcome)
                raise error
            return outcome

        return call

    patches = [patch.object(os, name, failing(name, getattr(os, name))) for name in CALLS]
    for each in patches:
        each.start()
    try:
        yield made
    finally:
        for each in patches:
            each.stop()


def states() -> Iterator[tuple[int, bool]]:
    for at in range(1, MOST_CALLS):
        yield at, False
        yield at, True


def plan_file(folder: Path) -> Path:
    """A plan that was changed once: its file, and the one before."""
    folder.mkdir()
    path = folder / "plan.ics"
    path.write_bytes(SECOND)
    previous_of(path).write_bytes(FIRST)
    return path


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def change(path: Path, changes: Path) -> None:
    replace_whole(path, SECOND, THIRD, {changes: b"changes"})


@pytest.mark.parametrize("kind", [OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_whatever_fails_either_all_of_a_change_is_there_or_nothing(
    kind: BaseException, tmp_path: Path
) -> None:
    outcomes = set()
    for at, after in states():
        path = plan_file(tmp_path / f"{at}-{after}")
        changes = path.parent / "changes.ics"
        with going_wrong(at, kind, after=after) as made:
            try:
                change(path, changes)
            except (FileProblem, KeyboardInterrupt):
                failed = True
            else:
                failed = False
        with locked(path):
            pass
        content = (path.read_bytes(), previous_of(path).read_bytes(), changes.exists())
        assert content in {(SECOND, FIRST, False), (THIRD, SECOND, True)}, (at, after, made)
        if isinstance(kind, OSError) and failed and not after:
            assert content == (SECOND, FIRST, False), (at, made)
        left = names(path.parent) - {"plan.ics", "plan.ics~", "changes.ics"}
        assert all(name.startswith(".calendar-") for name in left), (at, after, left)
        outcomes.add(content)
        if len(made) < at:
            break
    assert len(made) < MOST_CALLS - 1
    assert len(outcomes) == 2


def test_what_a_killed_command_leaves_is_put_right_by_the_next_one(tmp_path: Path) -> None:
    outcomes = set()
    for at, after in states():
        path = plan_file(tmp_path / f"{at}-{after}")
        changes = path.parent / "changes.ics"
        with going_wrong(at, Killed(), after=after) as made, suppress(Killed, FileProblem):
            change(path, changes)
        assert path.read_bytes() in {SECOND, THIRD}
        if changes.exists():
            # Never the changes of a change that was not made.
            assert path.read_bytes() == THIRD, (at, after, made)
        with locked(path):
            kept = (path.read_bytes(), previous_of(path).read_bytes())
            assert kept in {(SECOND, FIRST), (THIRD, SECOND)}, (at, after, made)
        left = names(path.parent) - {"plan.ics", "plan.ics~", "changes.ics"}
        assert all(name.startswith(".calendar-") for name in left), (at, after, left)
        outcomes.add(kept)
        if len(made) < at:
            break
    assert len(outcomes) == 2


def test_a_file_before_that_can_not_be_replaced_leaves_all_as_it_was(tmp_path: Path) -> None:
    path = plan_file(tmp_path / "folder")
    previous_of(path).unlink()
    previous_of(path).mkdir()
    with pytest.raises(FileProblem):
        change(path, path.parent / "changes.ics")
    assert path.read_bytes() == SECOND
    assert names(path.parent) == {"plan.ics", "plan.ics~"}


def test_a_change_that_can_not_be_taken_back_is_said_to_be_made_and_completed_later(
    tmp_path: Path,
) -> None:
    path = plan_file(tmp_path / "folder")
    changes = path.parent / "changes.ics"
    real, calls = os.replace, iter(range(1, 10))

    def failing(*arguments: Any) -> None:
        if next(calls) > 1:
            raise OSError(30, "Read-only file system")
        real(*arguments)

    with patch.object(os, "replace", failing), pytest.raises(FileProblem, match="is changed, but"):
        change(path, changes)
    assert (path.read_bytes(), previous_of(path).read_bytes()) == (THIRD, FIRST)
    assert changes.read_bytes() == b"changes"
    with locked(path):
        assert (path.read_bytes(), previous_of(path).read_bytes()) == (THIRD, SECOND)
    assert names(path.parent) == {"plan.ics", "plan.ics~", "changes.ics"}


def test_a_file_that_somebody_else_has_changed_is_left_alone(tmp_path: Path) -> None:
    path = plan_file(tmp_path / "folder")
    path.write_bytes(b"theirs")
    with pytest.raises(FileProblem, match="has just been changed"):
        change(path, path.parent / "changes.ics")
    assert path.read_bytes() == b"theirs"
    assert previous_of(path).read_bytes() == FIRST
    assert names(path.parent) == {"plan.ics", "plan.ics~"}


def test_what_was_made_ready_long_ago_is_swept_up_and_nothing_else(tmp_path: Path) -> None:
    path = plan_file(tmp_path / "folder")
    folder = path.parent
    for name in (".calendar-old.tmp", ".calendar-new.tmp", "old.ics", ".old.tmp"):
        (folder / name).write_bytes(b"x")
        if "old" in name:
            os.utime(folder / name, (0, 0))
    with locked(path):
        assert names(folder) >= {".calendar-new.tmp", "old.ics", ".old.tmp"}
        assert ".calendar-old.tmp" not in names(folder)
