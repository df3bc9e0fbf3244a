"""How long it takes to look at a large book on a server, and to change one plan of it.

Beside it stands what the same takes with the same plans in a folder.
"""

import shutil
import tempfile
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from statistics import median

from mesoplan.book.folder import read_book
from tests.bench.agenda import KINDS, NOW, QUICK_KINDS, make_book
from tests.bench.measuring import Run, at_most, measured
from tests.dav_servers import RealServer, radicale, xandikos

PLANS, QUICK_PLANS, ROUNDS = 1_000, 200, 3
FIRST_SECONDS, SECONDS = 4, 1
PROFILE = "--clinic=clinic.toml"
MOMENT = NOW.isoformat()


def run(quick: bool) -> bool:
    """Print the times; whether the aims are met."""
    met = True
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        plans = scratch / "plans"
        plans.mkdir()
        make_book(plans, QUICK_PLANS if quick else PLANS, QUICK_KINDS if quick else KINDS)
        to_record = _to_record(plans)
        servers: dict[str, AbstractContextManager[RealServer]] = {
            "Radicale": radicale(),
            "Xandikos": xandikos(),
        }
        for kind, server in servers.items():
            with server as running:
                met &= _of_server(kind, running, scratch, to_record)
    return met


def _to_record(plans: Path) -> list[tuple[str, str]]:
    """The ids of plans with a past session that is not recorded, and what that is called."""
    found = []
    for entry in read_book(plans, lambda: "Europe/Paris").entries:
        overdue = entry.plan.overdue(datetime.fromisoformat(MOMENT))
        if overdue:
            found.append((entry.plan.id, str(overdue[0].name)))
    return found


def _of_server(
    kind: str, server: RealServer, scratch: Path, to_record: list[tuple[str, str]]
) -> bool:
    (scratch / "clinic.toml").write_text(server.profile(server.new_calendar()))
    (scratch / "clinic.toml").chmod(0o600)
    for made in ("folder", "cache/mesoplan"):
        shutil.rmtree(scratch / made, ignore_errors=True)
    shutil.copytree(scratch / "plans", scratch / "folder")
    count = len([*(scratch / "plans").iterdir()])
    filled = _measured(scratch, "server", "fill", "clinic", "plans", PROFILE)
    print(f"{filled.seconds:7.2f} s to put {count:,} plans into a book on {kind}")
    shutil.rmtree(scratch / "cache" / "mesoplan")
    first = _measured(scratch, "agenda", "server:clinic", "--week", PROFILE)
    look = _median(scratch, ("agenda", "server:clinic", "--week", PROFILE))
    in_folder = _median(scratch, ("agenda", "folder", "--week", PROFILE))
    print(f"{in_folder:7.2f} s for “agenda” of {count:,} plans in a folder")
    met = at_most(first.seconds, FIRST_SECONDS, f"s for the first “agenda” of {kind}")
    met &= at_most(look, SECONDS, f"s for “agenda” of {kind} after that")
    print(f"{look / in_folder:7.2f} times as long as in a folder")
    words = [("done", *to_record[number]) for number in range(ROUNDS + 1)]
    done = _median(scratch, *((*each, "--book", "server:clinic", PROFILE) for each in words))
    done_in_folder = _median(scratch, *((*each, "--book", "folder", PROFILE) for each in words))
    print(f"{done_in_folder:7.2f} s for one “done” in a folder of {count:,} plans")
    met &= at_most(done, SECONDS, f"s for one “done” on {kind}")
    print(f"{done / done_in_folder:7.2f} times as long as in a folder")
    return met


def _measured(scratch: Path, *words: str) -> Run:
    return measured(scratch, *words, now=MOMENT)


def _median(scratch: Path, *lines: tuple[str, ...]) -> float:
    """The seconds of a line that runs again and again, or of several; the first one compiles."""
    runs = [*lines] if len(lines) > 1 else [*lines] * (ROUNDS + 1)
    return median(_measured(scratch, *words).seconds for words in runs[1:])
