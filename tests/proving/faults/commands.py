"""The commands of mesoplan that write: what each is given, and what of it belongs together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.batches import row, table
from tests.command_line import mesoplan

OF_FEEDS = "feeds"
"""A folder whose files a web server is to read."""
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
    goes_on: bool = False
    """Whether what can't be written keeps nothing else back, so that it ends with 1."""
    reads_others: bool = False
    """Whether it goes on without those files of a folder that can't be read, and says so."""
    next_line: str = "plan wrinkles 2027-03-01 -o next.ics"
    """Removes what a killed one left."""


def _nothing(folder: Path) -> None:
    pass


def _done(folder: Path, *arguments: str) -> None:
    outcome = mesoplan(folder, *arguments)
    assert outcome.exit_code in {0, 1}, outcome.error


def _plan(folder: Path) -> None:
    """A plan of few sessions, of which some are past, that was changed once."""
    first = ("plan", "hair", "2026-11-02", "-n", "5", "-o", "plan.ics", *_PATIENT)
    _done(folder, *first)
    _done(folder, "attend", "plan.ics", "1", "2")


def _moved(folder: Path) -> None:
    """The same plan, with dates that the patient was not given yet, and an earlier page of it."""
    _plan(folder)
    _done(folder, "handout", "plan.ics")
    _done(folder, "move", "plan.ics", "5", "2026-12-03")


def _published(folder: Path) -> None:
    """The same plan, with a feed that has the dates of before."""
    _plan(folder)
    server = '[servers.web]\nfolder = "feeds"\npublic = "https://cal.example/"\n'
    (folder / "clinic.toml").write_text(server)
    (folder / OF_FEEDS).mkdir()
    _done(folder, "publish", "plan.ics", "--feed", "--clinic", "clinic.toml")
    _done(folder, "move", "plan.ics", "5", "2026-12-03")


def _book(folder: Path) -> None:
    """A book of three plans."""
    (folder / "book").mkdir()
    for at in (1, 2, 3):
        plan = ("plan", "hair", f"2026-12-0{at}", "-n", "3", "-o", f"book/p{at}.ics", *_PATIENT)
        _done(folder, *plan, "--book", "book")


def _today(folder: Path) -> None:
    """A book of two plans, each with a session of today that is past."""
    (folder / "book").mkdir()
    for at in (1, 2):
        when = ("2026-11-23", "--time", f"{at + 8}:00", "-o", f"book/p{at}.ics", "--book", "book")
        _done(folder, "plan", "hair", *when, "-n", "3", *_PATIENT, "--another")


def _private_book(folder: Path) -> None:
    """The same, where the book keeps whose one of them is."""
    _book(folder)
    private = ("plan", "fat", "2026-12-02", "-n", "3", "--private", *_PATIENT)
    _done(folder, *private, "--book", "book")


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


_SHORT = "-n 3 -m 0 --patient Geheim"
_REFUSED = "attend plan.ics 15"
"""A change that is refused."""

COMMANDS = (
    Command("plan", f"plan hair 2026-12-01 {_SHORT}", _nothing),
    Command(
        "plan split",
        f"plan hair 2026-12-01 -o a.ics --split parts {_SHORT}",
        _nothing,
        next_line="plan wrinkles 2027-03-01 -o next.ics --split parts",
    ),
    Command(
        "plan book",
        f"plan hair 2026-12-01 --book book {_SHORT}",
        _book,
        reads_others=True,
        next_line=f"plan fat 2027-02-01 -o book/next.ics --book book {_SHORT}",
    ),
    Command(
        "plan private",
        f"plan hair 2026-12-01 --private --book book {_SHORT}",
        _private_book,
        reads_others=True,
        next_line=f"plan fat 2027-02-01 -o book/next.ics --book book {_SHORT}",
    ),
    Command("plan json", f"plan hair 2026-12-01 -o a.ics --json {_SHORT}", _nothing),
    Command("move", "move plan.ics 5 2026-12-03", _plan, next_line=_REFUSED),
    Command("changes", "miss plan.ics 4 --changes new.ics", _plan, next_line=_REFUSED),
    Command("undo", "undo plan.ics", _plan, next_line=_REFUSED),
    Command(
        "handout", "handout plan.ics", _moved, apart=True, next_line="handout plan.ics --large"
    ),
    Command(
        "publish",
        "publish plan.ics --feed --clinic clinic.toml",
        _published,
        apart=True,
        next_line="publish plan.ics --feed --clinic clinic.toml --to web",
    ),
    Command(
        "done today",
        "done --today --book book",
        _today,
        apart=True,
        goes_on=True,
        reads_others=True,
        next_line="done --today --book book",
    ),
    Command(
        "replan all",
        "replan --all --closure 2026-12-08..2026-12-09 --book book",
        _book,
        apart=True,
        goes_on=True,
        reads_others=True,
        next_line="replan --all --closure 2026-12-08..2026-12-09 --book book",
    ),
    Command(
        "agenda",
        "agenda book --ics agenda.ics",
        _agenda,
        reads_others=True,
        next_line="plan fat 2027-02-01 -o next.ics --book book",
    ),
    Command("batch", "batch rows.csv -o out", _rows, apart=True, next_line="batch rows.csv -o out"),
    Command(
        "batch update",
        "batch rows.csv -o out --prune",
        _batch,
        exit_code=1,
        apart=True,
        reads_others=True,
        next_line="batch rows.csv -o out --prune",
    ),
    Command("batch tar", "batch rows.csv --tar all.tar", _rows),
    Command(
        "clinic",
        "clinic init conf/clinic.toml --defaults",
        _nothing,
        next_line="clinic init conf/next.toml --defaults",
    ),
)
"""One of each way in which a file is written."""
