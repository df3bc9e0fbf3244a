"""Links and special files where the program reads and writes: nothing behind them comes to harm.

What another user swaps between the program's look and its write, in a folder that both may write
to, is not tried: who has such a folder has no promise.
"""

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests.batches import row, table
from tests.command_line import mesoplan
from tests.proving.privacy.count import Count

_SECONDS = 120
"""All of it may not take longer: a pipe that nobody writes to never ends."""

_VALUE = b"of value\n"

KINDS = (
    *("file", "hard link", "link to a file", "dangling link", "link to a folder", "loop of links"),
    *("pipe", "link to a pipe", "socket", "folder", "link to /dev/null", "link to /dev/full"),
    *("link to another plan", "link up and down"),
)
"""What may stand where the program wants to write."""

_OUTPUTS = {
    "plan -o": ("plan fat 2026-12-01 -o place", {4}),
    "plan --split": ("plan fat 2026-12-01 -o new.ics --split place", {0, 4}),
    "changes": ("extend plan.ics +1 --changes place", {4}),
    "archive": ("batch rows.csv --tar place", {4}),
    "agenda": ("agenda book --ics place", {4}),
    "profile": ("clinic init place --defaults", {4}),
    "batch": ("batch rows.csv -o place", {1, 4}),
    "book": ("plan fat 2026-12-01 --book place", {0, 4}),
}
"""What is written to a place that is named, and how that may end where something is there."""

_CHANGES = ("extend plan.ics +1", "undo plan.ics")
_BATCHES = ("batch later.csv -o book",)
_BOOKS = ("plan fat 2026-12-01 --book book", "agenda book")
_OF_NAMES = ("plan fat 2026-12-01 --book book --private --patient Ann", "show book/p.ics")
_BESIDE = {
    "plan.ics~": _CHANGES,
    ".plan.ics.lock": _CHANGES,
    ".calendar-x.tmp": _CHANGES,
    "book/.mesoplan-lock": (*_BOOKS, *_BATCHES),
    "book/.mesoplan-index": _BOOKS,
    "book/p.ics~": _BATCHES,
    "book/.p.ics.lock": _BATCHES,
    "book/.calendar-x.tmp": _BATCHES,
    "book/schedule.csv": _BATCHES,
    "book/rejected.csv": (*_BATCHES, "batch rows.csv -o book"),
    "book/names.csv": (*_BOOKS, *_OF_NAMES, *_BATCHES),
    "book/new.ics": (*_BATCHES, "agenda book"),
}
"""Names that the program uses without being told them, and what uses them."""

_OF_LITTLE_NEWS = {"file", "loop of links", "link to a pipe", "link up and down"}
"""Kinds of things that are planted only where a place is named."""


def prove(folder: Path, count: Count) -> None:
    """Plant each kind of thing at each place, and run what writes there."""
    if os.name == "nt":
        return
    template = folder / "template"
    _make(template)
    with _no_waiting():
        for kind in KINDS:
            for what, (line, codes) in _OUTPUTS.items():
                _to_a_place(_copy(template, folder), kind, what, line, codes, count)
            for name, lines in _BESIDE.items():
                if kind not in _OF_LITTLE_NEWS:
                    _beside(_copy(template, folder), kind, name, lines, count)
        _through_links(_copy(template, folder), count)


def _make(folder: Path) -> None:
    """A folder with a plan, a book, tables, and things of value in a folder outside."""
    home, elsewhere = folder / "home", folder / "elsewhere"
    (elsewhere / "inner").mkdir(parents=True)
    home.mkdir()
    for name in ("file", "inner/file", "hard"):
        (elsewhere / name).write_bytes(_VALUE)
        (elsewhere / name).chmod(0o644)
    mesoplan(elsewhere, "plan", "hair", "2026-12-01", "-o", "other.ics")
    mesoplan(home, "plan", "hair", "2026-12-01", "-o", "plan.ics")
    (home / "book").mkdir()
    rows = [row("p", patient="Ann"), row("bad", "x")]
    (home / "rows.csv").write_bytes(table(*rows, row("new")))
    (home / "first.csv").write_bytes(table(*rows))
    (home / "later.csv").write_bytes(table({**rows[0], "start": "2026-12-03"}, row("new")))
    mesoplan(home, "batch", "first.csv", "-o", "book")


def _copy(template: Path, folder: Path) -> Path:
    place = folder / "try"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(template, place)
    return place


def plant(path: Path, kind: str, elsewhere: Path) -> None:
    """Put a thing of that kind at *path*, in place of what is there."""
    if path.is_file():
        path.unlink()
    match kind:
        case "file":
            path.write_bytes(_VALUE)
        case "hard link":
            path.hardlink_to(elsewhere / "hard")
        case "link to a file":
            path.symlink_to(elsewhere / "file")
        case "dangling link":
            path.symlink_to(elsewhere / "nowhere")
        case "link to a folder":
            path.symlink_to(elsewhere / "inner")
        case "loop of links":
            path.symlink_to(path.name)
        case "pipe":
            os.mkfifo(path)
        case "link to a pipe":
            os.mkfifo(elsewhere / "pipe")
            path.symlink_to(elsewhere / "pipe")
        case "socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)
        case "folder":
            path.mkdir()
            (path / "file").write_bytes(_VALUE)
        case "link to /dev/null" | "link to /dev/full":
            path.symlink_to(kind.removeprefix("link to "))
        case "link to another plan":
            path.symlink_to(elsewhere / "other.ics")
        case "link up and down":
            path.symlink_to(f"../{path.parent.name}/../../elsewhere/file")


@dataclass(frozen=True)
class _Found:
    """A file, folder or other thing as it is."""

    mode: int
    links: int
    node: int
    data: bytes | None


def _found(path: Path, *, with_size: bool = True) -> _Found:
    seen = path.lstat()
    data = None
    if stat.S_ISREG(seen.st_mode):
        data = path.read_bytes()
    elif stat.S_ISLNK(seen.st_mode):
        data = os.fsencode(path.readlink())
    links = 0 if stat.S_ISDIR(seen.st_mode) or not with_size else seen.st_nlink
    return _Found(seen.st_mode, links, seen.st_ino, data)


def _all(folder: Path) -> dict[str, _Found]:
    # A hard link to what is outside may be taken away: the file itself is as it was.
    return {
        str(path.relative_to(folder)): _found(path, with_size=path.name != "hard")
        for path in folder.rglob("*")
    }


def _to_a_place(
    folder: Path, kind: str, what: str, line: str, codes: set[int], count: Count
) -> None:
    home, elsewhere = folder / "home", folder / "elsewhere"
    place = home / "place"
    plant(place, kind, elsewhere)
    before, of_place = _all(elsewhere), _found(place)
    others = {name: each for name, each in _all(home).items() if name.endswith(".ics")}
    outcome = mesoplan(home, *line.split())
    told = f"{what} at a {kind}"
    count.holds(outcome.exit_code in codes, f"{told}: exit {outcome.exit_code} {outcome.error}")
    after = _all(elsewhere)
    count.holds(
        all(after.get(name) == each for name, each in before.items()),
        f"{told}: something outside has changed",
    )
    if outcome.exit_code == 4:
        count.holds(after == before, f"{told}: something outside is new")
        now = {name: each for name, each in _all(home).items() if name.endswith(".ics")}
        count.holds(now == others, f"{told}: refused, and a plan was written")
        count.holds(len(outcome.error.splitlines()) >= 2, f"{told}: nothing is said")
    else:
        folders = {"folder", "link to a folder"}
        count.holds(kind in folders, f"{told}: taken for a folder")
    count.holds(_found(place) == of_place, f"{told}: what stood there has changed")
    _nothing_left(home, told, count)


def _beside(folder: Path, kind: str, name: str, lines: tuple[str, ...], count: Count) -> None:
    home, elsewhere = folder / "home", folder / "elsewhere"
    plant(home / name, kind, elsewhere)
    before = _all(elsewhere)
    told = f"{name} as a {kind}"
    for line in lines:
        outcome = mesoplan(home, *line.split())
        count.holds(
            outcome.exit_code in {0, 1, 2, 4} and "Traceback" not in outcome.error,
            f"{told}: “{line}” exits with {outcome.exit_code} {outcome.error}",
        )
    after = _all(elsewhere)
    if name == "book/new.ics" and kind == "link to another plan":
        # A row whose plan is reached by a link is brought up to date at its target.
        for each in (before, after):
            for of_plan in [found for found in each if found.startswith("other.ics")]:
                each.pop(of_plan)
    count.holds(after == before, f"{told}: something outside has changed")
    for path in (home / "plan.ics", home / "book" / "p.ics"):
        count.holds(
            not path.is_symlink() and path.read_bytes().endswith(b"END:VCALENDAR\r\n"),
            f"{told}: {path.name} is not whole any more",
        )


def _nothing_left(home: Path, told: str, count: Count) -> None:
    left = [path.name for path in home.rglob(".*")]
    count.holds(not left, f"{told}: {left} is left behind")


def _through_links(folder: Path, count: Count) -> None:
    """A plan behind links is changed where it is, and the links stay."""
    home, elsewhere = folder / "home", folder / "elsewhere"
    (home / "hop.ics").symlink_to(elsewhere / "other.ics")
    (home / "link.ics").symlink_to("hop.ics")
    (home / "linked").symlink_to(elsewhere / "inner")
    before = (elsewhere / "other.ics").read_bytes()
    outcome = mesoplan(home, "extend", "link.ics", "+1")
    count.holds(outcome.exit_code == 0, f"a plan behind links: {outcome.error}")
    count.holds(
        (home / "link.ics").is_symlink() and (home / "hop.ics").is_symlink(),
        "a link to a plan was replaced",
    )
    after = (elsewhere / "other.ics").read_bytes()
    count.holds(
        after != before and (elsewhere / "other.ics~").read_bytes() == before,
        "a plan behind links was not changed where it is",
    )
    outcome = mesoplan(home, "batch", "rows.csv", "-o", "linked")
    count.holds(
        outcome.exit_code == 1
        and (home / "linked").is_symlink()
        and (elsewhere / "inner" / "file").read_bytes() == _VALUE
        and (elsewhere / "inner" / "p.ics").is_file(),
        "a batch in a folder behind a link",
    )


@contextmanager
def _no_waiting() -> Iterator[None]:
    """A command that waits for a pipe ends in an error."""

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError("a command waits, for a pipe perhaps")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
