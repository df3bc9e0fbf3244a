"""Whatever ends a batch, its folder has only whole files, and the next batch completes it."""

import errno
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan.batch.output import PlanFolder
from tests.batches import OUT, TABLE, batch, contents, row, sequences, table
from tests.command_line import mesoplan, started
from tests.examples import some

ROWS = [row(f"p{at:03}", start=f"2026-12-{1 + at % 28:02}") for at in range(400)]
FEW = ROWS[:3]
SOME = ROWS[:150]


def require_whole(folder: Path) -> int:
    """Fail unless every plan in a folder is whole; how many there are."""
    plans = list(folder.glob("*.ics"))
    for path in plans:
        data = path.read_bytes()
        assert data.startswith(b"BEGIN:VCALENDAR\r\n"), path
        assert data.endswith(b"END:VCALENDAR\r\n"), path
        assert data.count(b"END:VEVENT") == data.count(b"\r\nUID:") == 10, path
    return len(plans)


def wait_for(folder: Path, files: int, process: subprocess.Popen[str], pattern: str) -> None:
    """Wait until so many files of a kind are in a folder."""
    for _ in range(6_000):
        if sum(1 for _ in folder.glob(pattern)) >= files:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    raise AssertionError("it takes too long")


# Killed


def test_killed_in_the_middle_the_next_batch_completes_it(tmp_path: Path) -> None:
    out = tmp_path / OUT
    (tmp_path / TABLE).write_bytes(table(*SOME))
    arguments = ("batch", TABLE, "-o", OUT)
    with started(tmp_path, *arguments) as process:
        wait_for(out, 5, process, "*.ics")
        process.kill()
        process.communicate()
    made = require_whole(out)
    assert 5 <= made < len(SOME)
    assert not (out / "schedule.csv").exists()
    outcome = mesoplan(tmp_path, *arguments)
    assert outcome.text.startswith(f"{len(SOME)} rows: ")
    assert (require_whole(out), outcome.exit_code) == (len(SOME), 0)
    an_hour_passes(out)
    assert mesoplan(tmp_path, *arguments).exit_code == 0
    assert {*contents(out)} == {f"{each['id']}.ics" for each in SOME} | {"schedule.csv"}
    # Now all of them change.
    changed = [{**each, "location": "here"} for each in SOME[:60]] + SOME[60:]
    (tmp_path / TABLE).write_bytes(table(*changed))
    told = contents(out)["schedule.csv"]
    with started(tmp_path, *arguments) as process:
        wait_for(out, 5, process, "*.ics~")
        process.kill()
        process.communicate()
    assert require_whole(out) == len(SOME)
    assert contents(out)["schedule.csv"] == told
    assert mesoplan(tmp_path, *arguments).exit_code == 0
    assert require_whole(out) == len(SOME)
    assert all(
        set(sequences((out / f"p{at:03}.ics").read_bytes()).values()) == {1} for at in range(60)
    )


def an_hour_passes(folder: Path) -> None:
    """Let what a killed batch left be so old that the next one removes it."""
    for path in folder.glob(".*"):
        os.utime(path, (0, 0))


# Interrupted


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_interrupted_it_leaves_whole_files_says_what_is_done_and_goes_on_later(
    tmp_path: Path,
) -> None:
    out = tmp_path / OUT
    batch(tmp_path, table(row("gone"), row("x", "x")))
    tables = {name: contents(out)[name] for name in ("schedule.csv", "rejected.csv")}
    (tmp_path / TABLE).write_bytes(table(*SOME))
    with started(tmp_path, "batch", TABLE, "-o", OUT) as process:
        wait_for(out, 5, process, "*.ics")
        process.send_signal(signal.SIGINT)
        output, error = process.communicate()
    assert (process.returncode, output) == (130, "")
    made = require_whole(out) - 1
    assert error.splitlines() == [
        f"Stopped after {made} rows. {made} plans are complete, in out.",
        "  The schedule was not changed. Run it again to go on.",
    ]
    assert 5 <= made < len(SOME)
    files = contents(out)
    assert {name: files[name] for name in tables} == tables
    assert not [name for name in files if name.startswith(".")]
    again = mesoplan(tmp_path, "batch", TABLE, "-o", OUT)
    assert again.text.startswith(f"{len(SOME)} rows: {len(SOME) - made} new, {made} unchanged\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("sent", some([signal.SIGINT, signal.SIGHUP, signal.SIGTERM], 2))
def test_who_asks_it_again_and_again_to_stop_is_heard_and_finds_whole_files(
    tmp_path: Path, sent: signal.Signals
) -> None:
    (tmp_path / TABLE).write_bytes(table(*ROWS))
    with started(tmp_path, "batch", TABLE, "-o", OUT, alone=True) as process:
        wait_for(tmp_path / OUT, 1, process, "*.ics")
        for _ in range(5):
            # All of them get it, as from a terminal.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, sent)
            time.sleep(0.06)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130, error
    assert "Traceback" not in error
    require_whole(tmp_path / OUT)
    assert not [name for name in contents(tmp_path / OUT) if name.startswith(".")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_an_interrupted_archive_is_none(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(table(*ROWS))
    with started(tmp_path, "batch", TABLE, "--tar", "all.tar") as process:
        wait_for(tmp_path, 1, process, ".*.tmp")
        process.send_signal(signal.SIGINT)
        output, error = process.communicate()
    assert (process.returncode, output) == (130, "")
    assert "No archive was written" in error
    assert list(contents(tmp_path)) == [TABLE]


# Full and unwritable disks


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "link", "open"])
def test_a_full_disk_ends_it_with_whole_files_and_a_plain_word(tmp_path: Path, call: str) -> None:
    batch(tmp_path, table(row("a", patient="Geheimnis")))
    before = contents(tmp_path / OUT)
    real = getattr(os, call)

    def full(path: Any, *others: Any, **named: Any) -> Any:
        # What is written first of all, before any plan is, has room.
        if call == "fsync" or (".calendar-" in str(path) and len(contents(tmp_path / OUT)) > 3):
            raise FULL
        return real(path, *others, **named)

    with patch.object(os, call, full):
        outcome = batch(tmp_path, table(row("geheim-1"), row("geheim-2")))
    assert (outcome.exit_code, outcome.text) == (4, "")
    assert "No space left on device" in outcome.error
    if call == "link":
        assert "the plan of line 2 can't be written" in outcome.error
        assert "0 rows were done before that" in outcome.error
    assert "geheim" not in outcome.error.lower()
    assert contents(tmp_path / OUT) == before
    assert batch(tmp_path, table(row("geheim-1"), row("geheim-2"))).exit_code == 0


def test_a_plan_whose_row_is_gone_is_not_named_when_it_can_not_be_changed(tmp_path: Path) -> None:
    batch(tmp_path, table(row("a"), row("geheim")))
    before = contents(tmp_path / OUT)

    with patch.object(os, "fsync", side_effect=FULL):
        outcome = batch(tmp_path, table(row("a")), "--prune")
    assert (outcome.exit_code, outcome.text) == (4, "")
    told = "mesoplan: a plan whose row is gone can't be changed: No space left on device"
    assert outcome.error.splitlines()[0] == told
    assert "geheim" not in outcome.error
    assert contents(tmp_path / OUT) == before


def test_a_full_disk_leaves_no_archive(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(table(*FEW))

    for call in ("fsync", "link"):
        with patch.object(os, call, side_effect=FULL):
            outcome = mesoplan(tmp_path, "batch", TABLE, "--tar", "all.tar")
        assert (outcome.exit_code, outcome.text) == (4, "")
        assert "'all.tar' can't be written: No space left on device" in outcome.error
        assert list(contents(tmp_path)) == [TABLE]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize("where", [["-o", "shut"], ["-o", "shut/new"], ["--tar", "shut/a.tar"]])
def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path, where: list[str]) -> None:
    (tmp_path / TABLE).write_bytes(table(*FEW))
    (tmp_path / "shut").mkdir()

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with patch.object(os, "open", refused), patch.object(os, "mkdir", refused):
        outcome = mesoplan(tmp_path, "batch", TABLE, *where)
    assert (outcome.exit_code, outcome.text) == (4, "")
    assert "Permission denied" in outcome.error
    assert list((tmp_path / "shut").iterdir()) == []


def test_a_plan_that_another_command_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    batch(tmp_path, table(*FEW))
    path = tmp_path / OUT / "p001.ics"
    theirs = path.read_bytes().replace(b"SEQUENCE:0", b"SEQUENCE:9")
    real = PlanFolder.write

    def meanwhile(self: PlanFolder, planned: Any) -> None:
        path.write_bytes(theirs)
        real(self, planned)

    with patch.object(PlanFolder, "write", meanwhile):
        outcome = batch(tmp_path, table(*({**each, "patient": "Ann"} for each in FEW)))
    assert outcome.exit_code == 4
    assert "has just been changed by another program" in outcome.error
    assert path.read_bytes() == theirs
    require_whole(tmp_path / OUT)
    again = batch(tmp_path, table(*({**each, "patient": "Ann"} for each in FEW)))
    assert again.text.startswith("3 rows: 0 new, 2 changed, 1 unchanged\n")


@pytest.mark.parametrize("kind", ["folder", "foreign"])
def test_what_stands_where_a_plan_is_kept_before_a_change_is_not_lost(
    tmp_path: Path, kind: str
) -> None:
    batch(tmp_path, table(*FEW))
    before = contents(tmp_path / OUT)
    stands = tmp_path / OUT / "p001.ics~"
    if kind == "folder":
        stands.mkdir()
    else:
        stands.write_bytes(b"mine")
    outcome = batch(tmp_path, table(*({**each, "patient": "Ann"} for each in FEW)))
    assert outcome.text.startswith("3 rows: 0 new, 2 changed, 1 rejected\n")
    assert (tmp_path / OUT / "p001.ics").read_bytes() == before["p001.ics"]
    assert stands.is_dir() or stands.read_bytes() == b"mine"
