"""A file is the old or the new one, whole, whatever goes wrong, and what is left is removed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan.errors import FileProblem
from mesoplan.storage.files import replace_own, write_all_new
from mesoplan.storage.locks import folder_held
from mesoplan.storage.revisions import locked, previous_of, replace_whole

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


def faults() -> Iterator[tuple[int, bool]]:
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


def an_hour_passes(folder: Path) -> None:
    for path in folder.glob(".*"):
        os.utime(path, (0, 0))


@pytest.mark.parametrize("kind", [OSError(5, "Input/output error"), KeyboardInterrupt(), Killed()])
def test_either_all_of_a_change_is_there_or_nothing(kind: BaseException, tmp_path: Path) -> None:
    whole = {(SECOND, FIRST, False), (THIRD, SECOND, True)}
    if isinstance(kind, Killed):
        # There is nothing to undo, or what tells of the change alone is missing.
        whole |= {(SECOND, SECOND, False), (THIRD, SECOND, False)}
    outcomes = set()
    for at, after in faults():
        path = plan_file(tmp_path / f"{at}-{after}")
        changes = path.parent / "changes.ics"
        failed = True
        with (
            going_wrong(at, kind, after=after) as made,
            suppress(FileProblem, KeyboardInterrupt, Killed),
        ):
            replace_whole(path, SECOND, THIRD, {changes: b"changes"})
            failed = False
        content = (path.read_bytes(), previous_of(path).read_bytes(), changes.exists())
        assert content in whole, (at, after, made)
        if isinstance(kind, OSError) and failed:
            assert content == (SECOND, FIRST, False), (at, made)
        an_hour_passes(path.parent)
        with locked(path):
            pass
        assert names(path.parent) <= {"plan.ics", "plan.ics~", "changes.ics"}, (at, after)
        outcomes.add(content)
        if len(made) < at:
            break
    assert len(made) < MOST_CALLS - 1
    assert outcomes == whole


@pytest.mark.parametrize("kind", [OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_several_new_files_are_all_there_or_none(kind: BaseException, tmp_path: Path) -> None:
    outcomes = set()
    for at, after in faults():
        folder = tmp_path / f"{at}-{after}"
        folder.mkdir()
        with going_wrong(at, kind, after=after) as made, suppress(FileProblem, KeyboardInterrupt):
            write_all_new({folder / "a.ics": b"a", folder / "b.ics": b"b"})
        an_hour_passes(folder)
        replace_own(folder / "c", b"c")
        outcomes.add(frozenset(names(folder)))
        if len(made) < at:
            break
    assert outcomes == {frozenset({"c"}), frozenset({"a.ics", "b.ics", "c"})}


@pytest.mark.parametrize("kind", [OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_own_files_are_all_replaced_with_the_new_ones_or_none(
    kind: BaseException, tmp_path: Path
) -> None:
    outcomes = set()
    for at, after in faults():
        folder = tmp_path / f"{at}-{after}"
        folder.mkdir()
        own = {folder / name: b"2" for name in ("own-a", "own-b", "own-new")}
        for path in (folder / "own-a", folder / "own-b"):
            path.write_bytes(b"1")
        with going_wrong(at, kind, after=after) as made, suppress(FileProblem, KeyboardInterrupt):
            write_all_new({folder / "new": b"2"}, own)
        an_hour_passes(folder)
        replace_own(folder / "c", b"3")
        outcomes.add(frozenset((name, (folder / name).read_bytes()) for name in names(folder)))
        if len(made) < at:
            break
    before = {("own-a", b"1"), ("own-b", b"1"), ("c", b"3")}
    whole = {("own-a", b"2"), ("own-b", b"2"), ("own-new", b"2"), ("new", b"2"), ("c", b"3")}
    assert outcomes == {frozenset(before), frozenset(whole)}


def test_a_file_before_that_can_not_be_replaced_leaves_all_as_it_was(tmp_path: Path) -> None:
    path = plan_file(tmp_path / "folder")
    previous_of(path).unlink()
    previous_of(path).mkdir()
    with pytest.raises(FileProblem):
        replace_whole(path, SECOND, THIRD, {path.parent / "changes.ics": b"changes"})
    assert path.read_bytes() == SECOND
    assert names(path.parent) == {"plan.ics", "plan.ics~"}


def test_a_file_that_somebody_else_has_changed_is_left_alone(tmp_path: Path) -> None:
    path = plan_file(tmp_path / "folder")
    path.write_bytes(b"theirs")
    with pytest.raises(FileProblem, match="has just been changed"):
        replace_whole(path, SECOND, THIRD, {path.parent / "changes.ics": b"changes"})
    assert path.read_bytes() == b"theirs"
    assert previous_of(path).read_bytes() == FIRST
    assert names(path.parent) == {"plan.ics", "plan.ics~"}


# What is left in a folder


def write_new(folder: Path) -> None:
    write_all_new({folder / "new.ics": b"new"})


def replace(folder: Path) -> None:
    (folder / "new.ics").write_bytes(b"old")
    replace_own(folder / "new.ics", b"new")


def change(folder: Path) -> None:
    (folder / "new.ics").write_bytes(b"new")
    with locked(folder / "new.ics"):
        pass


def book(folder: Path) -> None:
    (folder / "new.ics").write_bytes(b"new")
    with folder_held(folder):
        pass


@pytest.mark.parametrize("writes", [write_new, replace, change, book])
def test_what_a_killed_command_left_is_removed_after_an_hour_and_nothing_else(
    tmp_path: Path, writes: Callable[[Path], None]
) -> None:
    of_earlier_versions = {".batch-a.tmp", ".mesoplan-index-a.tmp", ".a.ics.next", ".a.ics.before"}
    others = {"old.ics", ".old.tmp", ".settings.before", ".settings.next"}
    for name in {".calendar-old.tmp", *of_earlier_versions, *others}:
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (0, 0))
    for name in (".calendar-new.tmp", ".mesoplan-index"):
        (tmp_path / name).write_bytes(b"x")
    writes(tmp_path)
    assert names(tmp_path) == {"new.ics", ".calendar-new.tmp", *others}


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes, and links need rights")
def test_what_is_no_plain_file_stays_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    os.mkfifo(tmp_path / ".calendar-pipe.tmp")
    (tmp_path / ".calendar-link.tmp").symlink_to("theirs")
    (tmp_path / ".calendar-folder.tmp").mkdir()
    before = names(tmp_path)
    for name in before:
        os.utime(tmp_path / name, (0, 0), follow_symlinks=False)
    write_new(tmp_path)
    assert names(tmp_path) == {*before, "new.ics"}
