"""The fault injection leaves out no command, and understands what strace writes."""

from pathlib import Path

from mesoplan.cli.app import COMMANDS
from tests.proving.faults.commands import COMMANDS as TRIED
from tests.proving.faults.judging import left_over, mixed
from tests.proving.faults.tracing import called, named_too_early

WORLD = Path("/w")
READING = {"completion", "show", "today", "check", "goals", "rules", "help", "server"}
LIKE_MOVE = {"miss", "done", "away", "extend", "replan", "cancel", "pull"}
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


def test_every_command_is_tried_or_known_to_write_nothing_of_its_own() -> None:
    tried = {command.line.split()[0] for command in TRIED}
    assert tried | READING | LIKE_MOVE == set(COMMANDS)


def test_calls_are_counted_by_name_and_those_that_concern_the_folder_are_found() -> None:
    calls = called(TRACE, WORLD)
    assert [(each.name, each.number, each.concerns, each.changes) for each in calls] == [
        ("openat", 1, False, False),
        ("openat", 2, True, False),
        ("close", 1, True, False),
        ("openat", 3, True, True),
        ("write", 1, True, True),
        ("link", 1, True, True),
        ("write", 2, True, True),
    ]
    assert calls[5].paths == ("/w/clinic/.calendar-0a-abcd_123.tmp", "/w/clinic/b.ics")
    assert [each.stream for each in calls if each.name == "write"] == [None, 1]
    assert [each.is_signalled for each in calls] == [True] * 6 + [False]
    hit = {
        (fault.call.name, fault.call.number, fault.kind)
        for call in calls
        for fault in call.faults()
        if fault.has_hit(calls)
    }
    assert {("write", 1, "EIO"), ("link", 1, "INT")} <= hit
    assert not {("link", 1, "EIO"), ("write", 2, "INT")} & hit


def test_a_file_that_gets_its_name_before_it_is_on_the_disk_is_noticed() -> None:
    lines = TRACE.replace("-1 EIO (INJECTED)", "90").splitlines()
    assert [*named_too_early(called("\n".join(lines), WORLD))] == ["/w/clinic/b.ics"]
    lines.insert(5, "7 fsync(3</w/clinic/.calendar-0a-abcd_123.tmp>) = 0")
    assert [*named_too_early(called("\n".join(lines), WORLD))] == []


def test_what_is_neither_old_nor_new_is_noticed() -> None:
    before = {"clinic": None, "clinic/plan.ics": b"1"}
    after = {**before, "clinic/plan.ics": b"2", "clinic/plan.ics~": b"1"}
    assert [*mixed({**after, "clinic/plan.ics": b"1"}, before, after)] == []
    for wrong in (
        {**before, "clinic/plan.ics": b"2 and more"},
        {**before, "clinic/x": b""},
        {"clinic": None},
    ):
        assert list(mixed(wrong, before, after)), wrong
    assert left_over({**after, "clinic/.plan.ics.lock": b"", "tmp/x": b""}) == [
        *("clinic/.plan.ics.lock", "tmp/x")
    ]
