"""Who may read the files that the program makes: their owner alone, whatever the umask."""

import io
import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.batches import row, table
from tests.command_line import mesoplan
from tests.proving.privacy.count import Count
from tests.proving.privacy.watch import watched

_UMASKS = (0o000, 0o022, 0o077, 0o277, 0o777)
_FILE, _FOLDER = 0o600, 0o700
_OF_A_FEED, _FOLDER_OF_IT = 0o644, 0o711
"""A web server reads them, under names that can't be listed."""
_EARLIER_MODES = (0o600, 0o644, 0o666, 0o400, 0o777, 0o4755)
"""What somebody may have given a plan's file before it is changed."""

_LINES = (
    "plan hair 2026-12-01 -n 4 -o plan.ics --split made/each",
    "plan hair 2026-12-01 --private -o private.ics",
    "attend plan.ics 1 --on 2026-11-22 --changes changes.ics",
    "move plan.ics 3 2026-12-16",
    "undo plan.ics",
    "extend plan.ics +1",
    "away plan.ics 2026-12-16",
    "replan plan.ics --time 15:00",
    "cancel plan.ics m1",
    "handout plan.ics",
    "handout plan.ics --private",
    "plan fat 2026-12-01 --book made --private --patient Ann",
    "plan fat 2026-12-01 --book made",
    "batch rows.csv -o out",
    "batch later.csv -o out --prune",
    "batch rows.csv --tar all.tar",
    "batch rows.csv -o booked --book booked",
    "agenda out --ics agenda.ics",
    "agenda out --ics agenda.ics --private",
    "plan fat 2026-12-01 --book made --private --patient Ben",
    "clinic init config/mesoplan/clinic.toml --defaults",
    "publish plan.ics --feed --clinic web.toml",
    "publish private.ics --feed --clinic web.toml",
)


def prove(folder: Path, count: Count) -> None:
    """Run every command that writes under every umask, and look at each file while it is made."""
    if os.name == "nt":
        return
    for umask in _UMASKS:
        place = folder / f"{umask:o}"
        place.mkdir()
        _every_command(place, umask, count)
    _changed_ones(folder / "changed", count)


def _every_command(folder: Path, umask: int, count: Count) -> None:
    rows = [row(f"p{number}", patient="Ann") for number in range(3)]
    (folder / "rows.csv").write_bytes(table(*rows, row("bad", "x")))
    (folder / "later.csv").write_bytes(table({**rows[0], "start": "2026-12-03"}, row("bad", "x")))
    (folder / "made").mkdir(mode=_FOLDER)
    (folder / "web").mkdir(mode=_FOLDER_OF_IT)
    server = '[servers.web]\nfolder = "web"\npublic = "https://cal.example/"\n'
    (folder / "web.toml").write_text(server)
    given = {"rows.csv", "later.csv", "web.toml"}
    with watched(folder) as made, _umask(umask):
        for line in _LINES:
            outcome = mesoplan(folder, *line.split())
            count.holds(
                outcome.exit_code == (1 if line.startswith("batch") else 0),
                f"umask {umask:03o}: “{line}” went wrong: {outcome.error}",
            )
    for file in made.files:
        if file.path.name not in given:
            count.files += 1
            wanted = _OF_A_FEED if folder / "web" in file.path.parents else _FILE
            count.holds(
                file.mode == wanted, f"umask {umask:03o}: {file.path.name} has mode {file.mode:o}"
            )
    for path in folder.rglob("*"):
        if path.is_dir():
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = _FOLDER_OF_IT if "web" in path.relative_to(folder).parts else _FOLDER
            count.holds(mode == wanted, f"umask {umask:03o}: the folder {path.name} has {mode:o}")
    names = {path.name for path in folder.rglob("*")}
    lacking = {
        "plan.ics~",
        "names.csv",
        "clinic.toml",
        "rejected.csv",
        "all.tar",
        "plan-handout.html",
        "feeds.key",
        "dates.ics",
    } - names
    count.holds(not lacking, f"umask {umask:03o}: not made, and not looked at: {lacking}")
    with tarfile.open(fileobj=io.BytesIO((folder / "all.tar").read_bytes())) as archive:
        for member in archive.getmembers():
            count.holds(
                member.mode == _FILE and member.isreg() and not member.uname,
                f"{member.name} in the archive has mode {member.mode:o}",
            )


def _changed_ones(folder: Path, count: Count) -> None:
    """A change leaves a file that others could read to its owner alone."""
    folder.mkdir()
    for mode in _EARLIER_MODES:
        for name in ("plan.ics", "plan.ics~"):
            (folder / name).unlink(missing_ok=True)
        mesoplan(folder, "plan", "hair", "2026-12-01", "-o", "plan.ics")
        (folder / "plan.ics").chmod(mode)
        for step in ("extend plan.ics +1", "extend plan.ics -1"):
            with _umask(0):
                outcome = mesoplan(folder, *step.split())
            found = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
            count.holds(
                outcome.exit_code == 0 and found == {_FILE},
                f"a file of mode {mode:o} becomes {', '.join(f'{each:o}' for each in found)}",
            )


@contextmanager
def _umask(umask: int) -> Iterator[None]:
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)
