"""Busy calendars by address on the command line: where they work, and that nobody sees them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batches import OUT, batch, rejected, row, table
from tests.command_line import Outcome, mesoplan
from tests.fake_server import Asked, Server, calendar, serving, status

SECRET = "secret-0123"
TEN_TO_NOON = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
UID:a
DTSTART:20261201T090000Z
DTEND:20261201T110000Z
SUMMARY:Mrs Martin
END:VEVENT
END:VCALENDAR
"""
"""By the clocks of Paris."""
PROFILE = """
timezone = "Europe/Paris"
rooms = 2
[hours]
mon = ["9:00-18:00"]
tue = ["9:00-18:00"]
wed = ["9:00-18:00"]
thu = ["9:00-18:00"]
fri = ["9:00-18:00"]
"""
SHORT = ("-n", "3", "-m", "0")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        running["/ten"] = calendar(TEN_TO_NOON, ETag='"1"')
        running["/gone"] = status(404)
        yield running


def url(server: Server, path: str = "/ten") -> str:
    return server.url(f"{path}?{SECRET}")


def planned(folder: Path, *arguments: str) -> Outcome:
    return mesoplan(folder, "plan", "wrinkles", "2026-12-01", *SHORT, *arguments)


def first_begins(outcome: Outcome) -> str:
    assert outcome.exit_code == 0, outcome.error
    begins: str = json.loads(outcome.text)["sessions"][0]["start"]
    return begins[11:16]


def profile(folder: Path, text: str) -> str:
    (folder / "clinic.toml").write_text(text + PROFILE)
    return "--clinic=clinic.toml"


@pytest.mark.parametrize("option", ["--busy", "--room-busy", "--patient-busy"])
def test_an_address_works_after_each_option(server: Server, tmp_path: Path, option: str) -> None:
    assert first_begins(planned(tmp_path, option, url(server), "--json")) != "10:00"


def test_an_address_works_for_the_clinic_and_its_rooms_in_the_profile(
    server: Server, tmp_path: Path
) -> None:
    of_clinic = profile(tmp_path, f'busy = ["{url(server)}"]')
    assert first_begins(planned(tmp_path, of_clinic, "--json", "--dry-run")) == "09:30"
    of_one_room = profile(tmp_path, f'room_busy = ["{url(server)}"]')
    assert first_begins(planned(tmp_path, of_one_room, "--json", "--dry-run")) == "10:00"


def test_a_practitioner_is_busy_as_the_diary_at_the_address_says(
    server: Server, tmp_path: Path
) -> None:
    roux = f'[[practitioner]]\nid = "roux"\nname = "Dr Roux"\nbusy = ["{url(server)}"]\n'
    (tmp_path / "clinic.toml").write_text(PROFILE + roux)
    outcome = planned(tmp_path, "--clinic", "clinic.toml")
    assert outcome.exit_code == 0, outcome.error
    assert "Dr Roux is busy 10:00–12:00" in outcome.text
    (tmp_path / "clinic.toml").write_text(PROFILE + roux.replace("/ten", "/gone"))
    outcome = planned(tmp_path, "--clinic", "clinic.toml")
    assert outcome.exit_code == 5
    assert "the diary of Dr Roux is not there" in outcome.error


def test_a_change_looks_at_the_address_again(server: Server, tmp_path: Path) -> None:
    planned(tmp_path, "-o", "p.ics")
    moved = ("move", "p.ics", "1", "2026-12-01", "10:30", "--busy", url(server))
    assert mesoplan(tmp_path, *moved).exit_code == 3
    before = (tmp_path / "p.ics").read_bytes()
    outcome = mesoplan(tmp_path, "replan", "p.ics", "--busy", url(server, "/gone"))
    assert outcome.exit_code == 5
    assert (tmp_path / "p.ics").read_bytes() == before
    assert mesoplan(tmp_path, *moved, "--busy-offline").exit_code == 3
    assert mesoplan(tmp_path, "done", "p.ics", "1", now="2026-12-02T12:00:00Z").exit_code == 0


def test_nobody_waits_for_a_lock_until_a_server_answers(server: Server, tmp_path: Path) -> None:
    locks: list[list[str]] = []
    (tmp_path / "book").mkdir()

    def looks(asked: Asked) -> None:
        locks.append([each.name for each in tmp_path.rglob("*lock*")])
        calendar(TEN_TO_NOON)(asked)

    server["/looks"] = looks
    busy = ("--book", "book", "--busy", url(server, "/looks"))
    assert planned(tmp_path, "-o", "book/p.ics", *busy).exit_code == 0
    assert mesoplan(tmp_path, "replan", "book/p.ics", *busy).exit_code == 0
    assert locks == [[], []]


def test_a_batch_fetches_each_address_once_and_only_for_rows_that_change(
    server: Server, tmp_path: Path
) -> None:
    server["/once"] = calendar(TEN_TO_NOON)
    server["/never"] = status(404)
    rows = [row(f"p{number}", busy=url(server, "/once")) for number in range(3)]
    rows += [row(f"q{number}", busy=url(server, "/never")) for number in range(2)]
    outcome = batch(tmp_path, table(*rows))
    assert outcome.exit_code == 1
    assert rejected(tmp_path) == [("5", "SERVER"), ("6", "SERVER")]
    assert server.count["/once"] == server.count["/never"] == 1
    assert SECRET not in outcome.text + outcome.error
    files = {each: each.read_bytes() for each in (tmp_path / OUT).glob("p*.ics")}
    assert batch(tmp_path, table(*rows[:3])).exit_code == 0
    assert server.count["/once"] == 1
    assert {each: each.read_bytes() for each in files} == files


def test_a_batch_says_from_when_the_copies_are(server: Server, tmp_path: Path) -> None:
    rows = table(row("a", busy=url(server)))
    assert batch(tmp_path, rows, "--dry-run").exit_code == 0
    outcome = batch(tmp_path, rows, "--busy-offline", now="2026-11-24T12:00:00Z")
    assert outcome.exit_code == 0
    assert "its copy of Mon 23 Nov 2026, 13:00, is used" in outcome.error


def test_clinic_check_tries_each_address_of_the_profile(server: Server, tmp_path: Path) -> None:
    option = profile(tmp_path, f'busy = ["{url(server)}", "{url(server)}"]')
    outcome = mesoplan(tmp_path, "clinic", "check", option)
    assert outcome.exit_code == 0
    assert "Fetched: 1 calendar from the addresses in it" in outcome.text
    option = profile(tmp_path, f'room_busy = ["{url(server, "/gone")}"]')
    assert mesoplan(tmp_path, "clinic", "check", option).exit_code == 5


def test_an_address_is_in_nothing_that_is_printed_or_kept(server: Server, tmp_path: Path) -> None:
    option = profile(tmp_path, f'busy = ["{url(server)}"]')
    busy = ("--busy", url(server), option)
    outcomes = [
        planned(tmp_path, *busy, "-o", "p.ics", "--split", "apart"),
        planned(tmp_path, *busy, "--json", "-o", "q.ics"),
        planned(tmp_path, *busy, "--busy-offline", "--dry-run"),
        planned(tmp_path, *busy, "--depart", "2026-12-10"),
        planned(tmp_path, "--busy", url(server, "/gone"), "-o", "r.ics"),
        planned(tmp_path, "--busy", f"https://u:{SECRET}@localhost/"),
        mesoplan(tmp_path, "move", "p.ics", "2", "2026-12-16", *busy),
        mesoplan(tmp_path, "extend", "p.ics", "+1", *busy, "--depart", "2026-12-20"),
        mesoplan(tmp_path, "clinic", "show", option),
        mesoplan(tmp_path, "clinic", "check", option),
        mesoplan(tmp_path, "plan", "hair", url(server)),
        mesoplan(tmp_path, "plan", "hair", "tomorrow", url(server)),
        mesoplan(tmp_path, "show", url(server)),
        mesoplan(tmp_path, "check", url(server)),
        mesoplan(tmp_path, "agenda", url(server)),
        planned(tmp_path, "--clinic", url(server)),
        planned(tmp_path, "--book", url(server)),
        batch(tmp_path, table(row("a", busy=url(server)))),
    ]
    assert {0, 2, 3, 4, 5} <= {outcome.exit_code for outcome in outcomes}
    for outcome in outcomes:
        assert SECRET not in outcome.text + outcome.error, outcome
    for path in tmp_path.rglob("*"):
        assert SECRET not in path.name
        if path.is_file() and path.name not in {"clinic.toml", "rows.csv"}:
            assert SECRET.encode() not in path.read_bytes(), path
            assert b"Mrs Martin" not in path.read_bytes(), path
    assert not (tmp_path / "r.ics").exists()


def test_without_an_address_nothing_is_loaded_that_goes_over_a_network(tmp_path: Path) -> None:
    (tmp_path / "d.ics").write_bytes(TEN_TO_NOON)
    program = (
        "import sys; from mesoplan.cli.app import run\n"
        "run(['plan', 'hair', 'tomorrow', '--busy', 'd.ics', '--dry-run', '--clinic', 'none'])\n"
        "sys.exit(str({'httpx2', 'ssl', 'socket', 'mesoplan.formats.fetched'} & {*sys.modules}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.stderr.splitlines()[-1] == "set()"
