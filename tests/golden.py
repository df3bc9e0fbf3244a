"""Golden runs: command lines with their exact output and exit code, kept as text.

A run is “$ mesoplan …”, perhaps with “MESOPLAN_CLINIC=clinic.toml” before it, then standard output
as it is, then standard error with “! ” before each line, then “[exit N]”. The runs of one file
share a folder, shown as HERE; in it are the files of the folder that is called as the file is, if
there is one. A plan's id is random, so it is shown as ID. SERVER is a web server that sends these
files; for a path such as /404 it answers with that status. CALDAV, in the profile among them, is a
calendar of a real server, with the events of the folder “there”.
`python -m tests.golden` writes all outputs anew, those of README and manual too (`pages`); read
the difference before you commit it.
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.command_line import Outcome, mesoplan_line
from tests.fake_server import calendar, serving, status

RUNS = sorted((Path(__file__).parent / "runs").glob("*.txt"))
_STATUSES = (401, 403, 404, 410, 418, 429, 500)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_A_LINK = re.compile(r"(?<=/)[a-z2-7]{26}(?=/)")


def without_ids(text: str) -> str:
    """The text with ID in place of the ids of plans, and TOKEN in their links: both are random."""
    return _OF_A_LINK.sub("TOKEN", _ID.sub("ID", text))


def commands_of(text: str) -> list[str]:
    """The command lines in a golden file."""
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


def shown(outcome: Outcome) -> str:
    """An outcome as a golden file has it."""
    errors = "".join(f"! {line}\n" for line in outcome.error.splitlines())
    text = outcome.text.replace("\r\n", "\n")
    return without_ids(f"{text}{errors}[exit {outcome.exit_code}]\n")


def start(path: Path, folder: Path) -> None:
    """Put the files that the runs of a golden file begin with into *folder*."""
    folder.mkdir(exist_ok=True)
    if path.with_suffix("").is_dir():
        shutil.copytree(path.with_suffix(""), folder, dirs_exist_ok=True)


def _nothing(_line: str, _outcome: Outcome) -> None:
    pass


@contextmanager
def _calendar_of_server(events: Path) -> Iterator[None]:
    """The calendar of a server that is running, if there are events for it."""
    if not events.is_dir():
        yield
        return
    from tests.dav_servers import calendar_with

    with calendar_with(events) as calendar:
        profile = events.parent / "clinic.toml"
        profile.write_text(profile.read_text("utf-8").replace("http://CALDAV/", calendar.url))
        profile.chmod(0o600)
        shutil.rmtree(events)
        yield


def replay(path: Path, folder: Path, after: Callable[[str, Outcome], None] = _nothing) -> str:
    """The golden file that its own commands give now, run in *folder* one after the other.

    *after* is called with each of them, and what came of it.
    """
    text = path.read_text("utf-8")
    start(path, folder)
    place = ""
    with (
        _calendar_of_server(folder / "there"),
        serving() if "//SERVER/" in text else nullcontext() as server,
    ):
        if server is not None:
            place = server.url("/")
            server.answers |= {f"/{code}": status(code, Retry_After=0) for code in _STATUSES}
            files = (each for each in path.with_suffix("").iterdir() if each.is_file())
            server.answers |= {f"/{each.name}": calendar(each.read_bytes()) for each in files}
        parts = []
        for line in commands_of(text):
            outcome = mesoplan_line(folder, line.replace("http://SERVER/", place))
            parts.append(f"$ {line}\n{shown(outcome)}")
            after(line, outcome)
    return "\n".join(parts).replace(str(folder.resolve()), "HERE")


def ways_out_of(outcome: Outcome) -> list[list[str]]:
    """The commands that a refusal offers: those of each way out, in their order."""
    _, _, ways = outcome.error.partition("work")
    blocks = re.split(r"(?m)^    (?! )", ways)
    return [re.findall(r"(?m)^      (mesoplan .*)$", block) for block in blocks[1:]]


def _rewrite() -> None:
    for path in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(replay(path, Path(folder)), "utf-8")

    from tests.guided_runs import GUIDED
    from tests.guided_runs import replay as replay_guided

    for path in GUIDED:
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(replay_guided(path, Path(folder)), "utf-8")

    from tests.pages import rewrite

    rewrite()


if __name__ == "__main__":
    _rewrite()
