"""Every command of mesoplan that writes: what it is given, and what of it belongs together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.batches import row, table
from tests.command_line import mesoplan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "geheim"
"""Part of every label and of every id of a row; no message may tell it."""
_PATIENT = ("--patient", f"{SECRET} Anna")


@dataclass(frozen=True)
class Command:
    """A command line, and the folder that it finds."""

    name: str
    line: str
    prepare: Callable[[Path], None]
    """Makes what is in the folder."""
    exit_code: int = 0
    apart: bool = False
    """Whether what is whole of it may stay when the rest fails; else it is all or nothing."""
    needs: tuple[tuple[str, str], ...] = ()
    """Files, each with the one that is new whenever it is, even after the process was killed."""
    pairs: tuple[tuple[str, ...], ...] = ()
    """Files that are all old or all new whenever nothing is left to be put right."""
    reads_others: bool = False
    """Whether it goes on without those files of a folder that can't be read, and says so."""
    next_line: str = "plan wrinkles 2027-03-01 -o next.ics"
    """What puts right what a killed one left."""

    @property
    def arguments(self) -> list[str]:
        """The words of the line."""
        return self.line.split()


def _nothing(folder: Path) -> None:
    pass


def _clinic(folder: Path) -> None:
    _done(folder, "clinic", "init", "clinic.toml", "--defaults")


def _done(folder: Path, *arguments: str) -> None:
    outcome = mesoplan(folder, *arguments)
    assert outcome.exit_code in {0, 1}, outcome.error


def _plan(folder: Path) -> None:
    """A plan of few sessions, of which some are past, that was changed once."""
    first = ("plan", "hair", "2026-11-02", "-n", "5", "-o", "plan.ics", *_PATIENT)
    _done(folder, *first)
    _done(folder, "attend", "plan.ics", "1", "2")


def _book(folder: Path) -> None:
    """A book of three plans."""
    (folder / "book").mkdir()
    for at in (1, 2, 3):
        plan = ("plan", "hair", f"2026-12-0{at}", "-n", "3", "-o", f"book/p{at}.ics", *_PATIENT)
        _done(folder, *plan, "--book", "book")


def _agenda(folder: Path) -> None:
    _book(folder)
    _done(folder, "agenda", "book", "--ics", "agenda.ics", "--from", "2026-12-01", "--days", "3")


_ROWS = [row(f"{SECRET}-{at}", start=f"2026-12-0{at}", sessions="3") for at in (1, 2, 3)]
_CHANGED = [{**_ROWS[0], "location": "here"}, _ROWS[1], row("new", "fat"), row("x", "nonsense")]


def _rows(folder: Path) -> None:
    (folder / "rows.csv").write_bytes(table(*_ROWS))


def _batch(folder: Path) -> None:
    """A batch, and a table: a row is gone, one is new, one has changed, and one is wrong."""
    _rows(folder)
    _done(folder, "batch", "rows.csv", "-o", "out")
    (folder / "rows.csv").write_bytes(table(*_CHANGED))


def _becomes_private(folder: Path) -> None:
    """A batch, and a table of which a row is private now: nothing may tell what it was."""
    _rows(folder)
    _done(folder, "batch", "rows.csv", "-o", "out")
    (folder / "rows.csv").write_bytes(table({**_ROWS[0], "private": "yes"}, *_ROWS[1:]))


_ROW_PAIRS = tuple((f"out/{SECRET}-{at}.ics", f"out/{SECRET}-{at}.ics~") for at in (1, 3))
_REFUSED = "attend plan.ics 15"
"""A change that is refused once what was left has been put right."""


def _change(name: str, line: str, *, in_book: bool = False, tells: bool = False) -> Command:
    plan = "book/p2.ics" if in_book else "plan.ics"
    return Command(
        name=name,
        line=line,
        prepare=_book if in_book else _plan,
        pairs=((plan, f"{plan}~"),),
        needs=(("changes.ics", plan),) if tells else (),
        reads_others=in_book,
        next_line=f"move {plan} 15 2027-01-05 --book book" if in_book else _REFUSED,
    )


_SHORT = "-n 3 -m 0 --patient Geheim"

WRITING = (
    Command("plan", f"plan hair 2026-12-01 {_SHORT}", _nothing),
    Command("plan private", f"plan hair 2026-12-01 -o a.ics --private {_SHORT}", _nothing),
    Command(
        "plan split",
        f"plan hair 2026-12-01 -o a.ics --split parts {_SHORT}",
        _nothing,
        next_line="plan wrinkles 2027-03-01 -o next.ics --split parts",
    ),
    Command("plan split here", f"plan hair 2026-12-01 -o a.ics --split . {_SHORT}", _nothing),
    Command(
        "plan book",
        f"plan hair 2026-12-01 --book book {_SHORT}",
        _book,
        reads_others=True,
        next_line=f"plan fat 2027-02-01 -o book/next.ics --book book {_SHORT}",
    ),
    Command("plan output", f"plan hair 2026-12-01 -o - {_SHORT}", _nothing),
    Command("plan output split", f"plan hair 2026-12-01 -o - --split . {_SHORT}", _nothing),
    Command("plan json", f"plan hair 2026-12-01 -o a.ics --json {_SHORT}", _nothing),
    _change("move", "move plan.ics 5 2026-12-03"),
    _change("move changes", "move plan.ics 5 2026-12-03 --changes changes.ics", tells=True),
    _change("move book", "move book/p2.ics 2 2026-12-11 --book book", in_book=True),
    _change("miss", "miss plan.ics 4 --changes changes.ics", tells=True),
    _change("attend", "attend plan.ics 3"),
    _change("extend", "extend plan.ics +1 --json"),
    _change("cancel", "cancel plan.ics"),
    _change("cancel one", "cancel plan.ics m1 --changes changes.ics", tells=True),
    _change("undo", "undo plan.ics"),
    Command("agenda", "agenda book", _book, reads_others=True, next_line="agenda book"),
    Command(
        "agenda new",
        "agenda book --ics new.ics",
        _book,
        reads_others=True,
        next_line="agenda book --ics new.ics",
    ),
    Command(
        "agenda replace",
        "agenda book --ics agenda.ics",
        _agenda,
        reads_others=True,
        next_line="agenda book --ics agenda.ics",
    ),
    Command(
        "agenda output",
        "agenda book --ics -",
        _book,
        reads_others=True,
        next_line="agenda book --ics -",
    ),
    Command("batch", "batch rows.csv -o out", _rows, apart=True, next_line="batch rows.csv -o out"),
    Command(
        "batch update",
        "batch rows.csv -o out",
        _batch,
        exit_code=1,
        apart=True,
        pairs=_ROW_PAIRS,
        reads_others=True,
        next_line="batch rows.csv -o out",
    ),
    Command(
        "batch prune",
        "batch rows.csv -o out --book out --prune",
        _batch,
        exit_code=1,
        apart=True,
        pairs=_ROW_PAIRS,
        reads_others=True,
        next_line="batch rows.csv -o out --book out --prune",
    ),
    Command(
        "batch private",
        "batch rows.csv -o out",
        _becomes_private,
        apart=True,
        pairs=_ROW_PAIRS,
        reads_others=True,
        next_line="batch rows.csv -o out",
    ),
    Command("batch tar", "batch rows.csv --tar all.tar", _rows),
    Command(
        "clinic",
        "clinic init conf/of/clinic.toml --defaults",
        _nothing,
        next_line="clinic init conf/of/next.toml --defaults",
    ),
)
"""Every command that writes a file, in each way that it does."""

READING = (
    Command("show", "show plan.ics", _plan),
    Command("show json", "show plan.ics --json", _plan),
    Command("check", "check plan.ics", _plan),
    Command("goals", "goals", _nothing),
    Command("rules", "rules", _nothing),
    Command("clinic show", "clinic show", _nothing),
    Command("clinic check", "clinic check clinic.toml", _clinic),
    Command("help", "plan --help", _nothing),
)
"""Those that write to standard output alone, and leave no file behind."""
