"""Several computers book in one folder, each by a mount of its own."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from mesoplan.book.folder import read_book

_MOUNTED = """
set -e
mount --bind "$1" "$2"; mount --bind "$1" "$3"
shift
for desk in 1 2 3 4; do
    "$PYTHON" -c "$BOOKS" "$1" $desk & eval "desk$desk=$!"
    set -- "$2" "$1"
done
wait $desk1; wait $desk2; wait $desk3; wait $desk4
"""
_BOOKS = """
import os, sys
from mesoplan.cli.app import run
from mesoplan.storage.locks import folder_held
from pathlib import Path
folder, desk = sys.argv[1:]
for patient in range(3):
    if desk == "1" and patient == 1 and os.fork() == 0:
        with folder_held(Path(folder)):
            os.kill(os.getpid(), 9)
    label = f"Patient {desk}{patient}"
    assert run(["plan", "hair", "2026-12-01", "--sessions", "3", "--maintenance", "0",
                "--book", folder, "--patient", label]) == 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> list[Path]:
    """A folder, and two others where it can be mounted."""
    folders = [tmp_path / name for name in ("server", "one", "two")]
    for folder in folders:
        folder.mkdir()
    command = ["unshare", "-m", "mount", "--bind", *map(str, folders[:2])]
    try:
        can = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        can = False
    if not can:
        pytest.skip("only root can mount a folder twice, on Linux")
    return folders


def test_through_two_mounts_no_time_is_given_twice_though_a_holder_is_killed(
    mounts: list[Path],
) -> None:
    world = {"PYTHON": sys.executable, "BOOKS": _BOOKS, "MESOPLAN_NOW": "2026-11-23T12:00:00Z"}
    world |= {"MESOPLAN_CLINIC": "none", "TZ": "Europe/Paris", "PATH": "/usr/sbin:/usr/bin:/bin"}
    command = ["unshare", "-m", "sh", "-c", _MOUNTED, "sh", *map(str, mounts)]
    done = subprocess.run(command, env=world, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    server, *others = mounts
    book = read_book(server, lambda: "Europe/Paris")
    assert not book.unreadable
    labels = {each.label for each in book.entries}
    assert labels == {f"Patient {desk}{patient}" for desk in range(1, 5) for patient in range(3)}
    taken = sorted((it.start, it.end) for each in book.entries for it in each.plan.active)
    assert len(taken) == 36
    assert all(first[1] <= second[0] for first, second in pairwise(taken))
    assert {each.suffix for each in server.iterdir()} == {".ics"}
    assert not any(list(each.iterdir()) for each in others)
