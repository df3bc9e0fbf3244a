"""The clinic's own agenda comes back as a busy calendar: what is known already is no other time."""

import re
from pathlib import Path

import pytest

from tests.batches import OUT, batch, row, schedule, table
from tests.command_line import mesoplan
from tests.plan_books import make_book

TWO_ROOMS = 'timezone = "Europe/Paris"\nrooms = 2\n'


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A clinic of two rooms; its doctor has imported the agenda of one plan, and exported it."""
    (tmp_path / "clinic.toml").write_text(TWO_ROOMS)
    make_book(tmp_path / "book", 1)
    mesoplan(tmp_path, "agenda", "book", "--ics", "doctor.ics")
    return tmp_path


def times(text: str) -> set[str]:
    """The times of day of the sessions that begin on a day that the doctor's calendar has."""
    return set(re.findall(r"(?:Tue  1|Tue  8|Tue 15|Tue 22) Dec 2026  ([0-9:]{5})", text))


def planned(folder: Path, *options: str) -> set[str]:
    command = ("plan", "contouring", "2026-12-01", "-n", "3", "-m", "0", "--dry-run")
    return times(mesoplan(folder, *command, "--busy", "doctor.ics", *options).text)


def test_an_appointment_of_a_plan_of_the_book_takes_one_room(clinic: Path) -> None:
    options = ("--clinic", "clinic.toml", "--book", "book")
    assert planned(clinic, *options) == {"10:00"}
    # What else the doctor has takes the other one.
    path = clinic / "doctor.ics"
    path.write_bytes(path.read_bytes().replace(b"UID:agenda-", b"UID:dinner-"))
    assert planned(clinic, *options) == {"09:30"}


def test_so_does_one_whose_uid_a_program_has_put_into_one_of_its_own(clinic: Path) -> None:
    def wrapped(uid: re.Match[bytes]) -> bytes:
        known = (uid[1] + b"\0").hex().upper().encode()
        head = b"040000008200E00074C5B7101A82E00800000000"
        return b"UID:" + head + b"7643616C2D55696401000000" + known

    path = clinic / "doctor.ics"
    path.write_bytes(re.sub(rb"(?m)^UID:(\S+)", wrapped, path.read_bytes()))
    assert planned(clinic, "--clinic", "clinic.toml", "--book", "book") == {"10:00"}
    extend = ("extend", "book/a.ics", "+1", "--busy", "doctor.ics")
    assert mesoplan(clinic, *extend).exit_code == 0
    assert times(mesoplan(clinic, "show", "book/a.ics").text) == {"10:00"}


def test_an_appointment_of_a_plan_that_is_not_counted_takes_its_time(clinic: Path) -> None:
    assert planned(clinic) == {"09:30"}
    make_book(clinic / "empty", 0)
    assert planned(clinic, "--book", "empty") == {"09:30"}


def test_a_plan_is_not_kept_from_its_own_times_by_the_agenda(clinic: Path) -> None:
    before = mesoplan(clinic, "show", "book/a.ics").text
    extend = ("extend", "book/a.ics", "+1", "--busy", "doctor.ics")
    assert mesoplan(clinic, *extend).exit_code == 0
    after = mesoplan(clinic, "show", "book/a.ics").text
    assert times(before) == times(after) == {"10:00"}


@pytest.mark.parametrize(("book", "new"), [((), "09:30"), (("--book", OUT), "10:00")])
def test_rows_of_a_batch_go_by_the_same(tmp_path: Path, book: tuple[str, ...], new: str) -> None:
    (tmp_path / "clinic.toml").write_text(TWO_ROOMS if book else TWO_ROOMS.replace("2", "1"))
    (tmp_path / OUT).mkdir()
    options = ("--clinic", "clinic.toml", *book)
    batch(tmp_path, table(row("a", sessions="3")), *options)
    mesoplan(tmp_path, "agenda", OUT, "--ics", "doctor.ics")
    rows = [
        row(name, sessions=count, busy="doctor.ics") for name, count in (("a", "4"), ("b", "3"))
    ]
    assert batch(tmp_path, table(*rows), *options).exit_code == 0
    on_the_day = [each for each in schedule(tmp_path) if each["date"] == "2026-12-08"]
    assert {each["id"]: each["time"] for each in on_the_day} == {"a": "10:00", "b": new}
