"""The fault injection leaves out no command, and knows what it is told of system calls."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mesoplan.cli.app import COMMANDS
from tests.command_line import mesoplan
from tests.proving.faults.calls import called, given_names_too_early
from tests.proving.faults.commands import READING, WRITING
from tests.proving.faults.states import left_over, mixtures, restore, state_of, torn

if TYPE_CHECKING:
    import typer

    from tests.proving.faults.commands import Command

WORLD = Path("/w")
TRACE = """\
7 openat(AT_FDCWD</w/clinic>, "/lib/x.so", O_RDONLY) = 3</lib/x.so>
7 openat(AT_FDCWD</w/clinic>, "a.ics", O_RDONLY|O_CLOEXEC) = 3</w/clinic/a.ics>
7 close(3</w/clinic/a.ics>) = 0
7 openat(AT_FDCWD</w/clinic>, "/w/clinic/.calendar-0a-abcd_123.tmp", O_RDWR|O_CREAT, 0600) = 3</w/x>
7 write(3</w/clinic/.calendar-0a-abcd_123.tmp>, "BEGIN, \\"/lib\\""..., 90) = -1 EIO (INJECTED)
7 link("/w/clinic/.calendar-0a-abcd_123.tmp", "b.ics") = 0
7 --- SIGINT {si_signo=SIGINT, si_code=SI_KERNEL} ---
7 write(1</aside/output>, "Hair"..., 4) = 4
7 +++ exited with 130 +++
"""


def test_every_command_is_tried_or_known_to_write_nothing() -> None:
    lines = [command.arguments for command in (*WRITING, *READING)]
    assert {line[0] for line in lines} >= set(COMMANDS)
    clinic: typer.Typer = import_module("mesoplan.cli.clinic").clinic
    made = [each.callback for each in clinic.registered_commands if each.callback is not None]
    tried = {line[1] for line in lines if line[0] == "clinic"}
    assert tried >= {each.__name__ for each in made}


@pytest.mark.parametrize("command", READING, ids=lambda command: command.name)
def test_what_only_reads_leaves_its_folder_as_it_is(tmp_path: Path, command: Command) -> None:
    command.prepare(tmp_path)
    before = state_of(tmp_path)
    assert mesoplan(tmp_path, *command.arguments).exit_code == command.exit_code
    assert state_of(tmp_path) == before


def test_calls_are_counted_by_name_and_those_that_concern_the_folder_are_found() -> None:
    calls = called(TRACE, WORLD)
    told = [(each.name, each.number, each.concerns, each.changes) for each in calls]
    assert told == [
        ("openat", 1, False, False),
        ("openat", 2, True, False),
        ("close", 1, True, False),
        ("openat", 3, True, True),
        ("write", 1, True, True),
        ("link", 1, True, True),
        ("write", 2, True, True),
    ]
    assert calls[5].paths == ("/w/clinic/.calendar-0a-*.tmp", "/w/clinic/b.ics")
    assert [each.stream for each in calls if each.name == "write"] == [None, 1]
    assert [each.is_signalled for each in calls] == [True] * 6 + [False]


def test_a_fault_counts_only_where_it_came() -> None:
    calls = called(TRACE, WORLD)
    hit = [
        (fault.call.name, fault.call.number, fault.kind)
        for call in calls
        if call.concerns
        for fault in call.faults()
        if fault.has_hit(calls) and fault.kind not in {"KILL", "TERM"}
    ]
    assert ("write", 1, "EIO") in hit
    assert ("link", 1, "INT") in hit
    assert ("link", 1, "EIO") not in hit
    assert ("write", 2, "INT") not in hit


def test_a_file_that_gets_its_name_before_it_is_on_the_disk_is_noticed() -> None:
    lines = TRACE.replace("-1 EIO (INJECTED)", "90").splitlines()
    assert [*given_names_too_early(called("\n".join(lines), WORLD))] == ["/w/clinic/b.ics"]
    lines.insert(5, "7 fsync(3</w/clinic/.calendar-0a-abcd_123.tmp>) = 0")
    assert [*given_names_too_early(called("\n".join(lines), WORLD))] == []


def test_half_of_a_change_is_noticed(tmp_path: Path) -> None:
    command = next(each for each in WRITING if each.name == "move changes")
    before = {"clinic": None, "clinic/plan.ics": b"1", "clinic/plan.ics~": b"0"}
    after = {
        **before,
        "clinic/plan.ics": b"2",
        "clinic/plan.ics~": b"1",
        "clinic/changes.ics": b"c",
    }
    for state in (before, after):
        assert not [*mixtures(command, state, before, after), *torn(command, state, before, after)]
    half = {**before, "clinic/plan.ics": b"2"}
    assert not list(mixtures(command, half, before, after))
    assert list(torn(command, half, before, after))
    for wrong in (
        {**before, "clinic/plan.ics": b"2 and more"},
        {**before, "clinic/changes.ics": b"c"},
        {**before, "clinic/x": b""},
        {"clinic": None, "clinic/plan.ics": b"1"},
    ):
        assert list(mixtures(command, wrong, before, after)), wrong
    left = {**after, "clinic/.plan.ics.lock": b"", "tmp/x": b"", "clinic/book/.mesoplan-index": b""}
    assert left_over(left) == ["clinic/.plan.ics.lock", "tmp/x"]
    restore(tmp_path, after)
    restore(tmp_path, before)
    assert state_of(tmp_path) == before
