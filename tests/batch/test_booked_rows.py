"""Plans around a book: never more sessions at once than the clinic has rooms."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.batches import (
    OUT,
    TABLE,
    batch,
    contents,
    rejected,
    row,
    rows_of,
    schedule,
    table,
    unfolded,
)
from tests.command_line import mesoplan
from tests.examples import examples

PROFILE = """
timezone = "Europe/Paris"
rooms = {rooms}
slot_minutes = 15
busy = ["doctor.ics"]

[hours]
mon = ["9:00-13:00", "14:00-18:00"]
tue = ["9:00-13:00", "14:00-18:00"]
wed = ["9:00-13:00", "14:00-18:00"]
thu = ["9:00-13:00", "14:00-18:00"]
fri = ["9:00-13:00", "14:00-18:00"]
sat = ["9:00-12:00"]
"""

DOCTOR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//
BEGIN:VEVENT
UID:doctor
DTSTAMP:20261101T000000Z
DTSTART:20261203T080000Z
DTEND:20261203T110000Z
END:VEVENT
END:VCALENDAR
"""
Spans = list[tuple[datetime, datetime]]


def taken(data: bytes) -> Spans:
    """The times that the events of a calendar take, read line by line."""
    spans = []
    for event in unfolded(data).split("BEGIN:VEVENT\r\n")[1:]:
        if "STATUS:CANCELLED\r\n" in event:
            continue
        start, end = (_moment(event, name) for name in ("DTSTART", "DTEND"))
        spans.append((start, end))
    return spans


def _moment(event: str, name: str) -> datetime:
    found = re.search(rf"^{name}(?:;TZID=([^:]+))?:([0-9T]+)(Z?)\r$", event, re.MULTILINE)
    assert found is not None, event
    zone = UTC if found[3] else ZoneInfo(found[1])
    return datetime.strptime(found[2], "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC)


def most_at_once(spans: Iterable[tuple[datetime, datetime]]) -> int:
    """How many sessions are held at once, where that is most."""
    changes: dict[datetime, int] = defaultdict(int)
    for start, end in spans:
        changes[start] += 1
        changes[end] -= 1
    most = now = 0
    for moment in sorted(changes):
        now += changes[moment]
        most = max(most, now)
    return most


def all_taken(folder: Path) -> Spans:
    return [span for path in folder.glob("*.ics") for span in taken(path.read_bytes())]


def plans(folder: Path) -> dict[str, bytes]:
    """The plans and tables; what is remembered of them depends on how long it took."""
    return {name: data for name, data in contents(folder / OUT).items() if name[0] != "."}


@pytest.mark.parametrize("seed", range(examples(1)))
def test_a_random_batch_never_fills_more_rooms_than_there_are(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    rooms = 1 + seed % 3
    (tmp_path / "clinic.toml").write_text(PROFILE.format(rooms=rooms))
    (tmp_path / "doctor.ics").write_text(DOCTOR)
    (tmp_path / OUT).mkdir()
    options = ("--clinic", "clinic.toml", "--book", OUT)
    for _ in range(2):
        assert mesoplan(tmp_path, "plan", "hair", "2026-12-01", *options).exit_code == 0

    def some(at: int) -> dict[str, str]:
        return row(
            f"p{at}",
            random.choice(["hair", "skin", "fat", "cellulite"]),
            f"2026-12-0{random.randrange(1, 4)}",
            duration=random.choice(["", "60", "120"]),
            time=random.choice(["", "10:00", "9:00", "afternoon", "11:00-13:00"]),
            maintenance=random.choice(["", "0"]),
            away=random.choice(["", "2026-12-08..2026-12-09"]),
            tz=random.choice(["", "", "Europe/London"]),
        )

    rows = [some(at) for at in range(14)]
    first = batch(tmp_path, table(*rows), *options)
    assert "Traceback" not in first.error
    made = plans(tmp_path)
    busy = taken(DOCTOR.replace("\n", "\r\n").encode())
    assert most_at_once(all_taken(tmp_path / OUT)) == rooms or rooms > 1
    assert most_at_once(all_taken(tmp_path / OUT) + busy) <= rooms
    # Byte for byte.
    batch(tmp_path, table(*rows), *options)
    assert plans(tmp_path) == made
    # Some rows change, some go, some come.
    for at in random.sample(range(14), 6):
        rows[at] = {**some(at), "start": rows[at]["start"]}
    del rows[random.randrange(14)]
    rows += [some(20), some(21)]
    second = batch(tmp_path, table(*rows), *options, "--prune", now="2026-12-09T12:00:00Z")
    assert "changed" in second.text
    assert most_at_once(all_taken(tmp_path / OUT) + busy) <= rooms
    again = plans(tmp_path)
    batch(tmp_path, table(*rows), *options, "--prune", now="2026-12-09T12:00:00Z")
    assert plans(tmp_path) == again


def test_rows_are_booked_in_their_order(tmp_path: Path) -> None:
    rows = [row(f"p{at}") for at in (3, 1, 2)]
    batch(tmp_path, table(*rows), "--book", OUT)
    firsts = [(each["id"], each["time"]) for each in schedule(tmp_path) if each["session"] == "1"]
    courses = firsts[::2]
    assert [name for name, _ in courses] == ["p3", "p1", "p2"]
    # 10:00 goes to the first, what is nearest to it to the others.
    assert [time for _, time in courses] == ["10:00", "09:30", "10:30"]


def test_without_a_book_rows_do_not_see_each_other(tmp_path: Path) -> None:
    batch(tmp_path, table(row("a"), row("b")))
    assert {each["time"] for each in schedule(tmp_path)} == {"10:00"}


def test_rows_find_no_room_beside_plans_of_the_book_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    mesoplan(tmp_path, "plan", "hair", "2026-12-01", "-o", "book/x.ics")
    outcome = batch(tmp_path, table(row("a")), "--book", "book")
    assert outcome.error == (
        "The plans are not in the book, so their times stay free for others there.\n"
    )
    assert most_at_once(all_taken(tmp_path / "book") + all_taken(tmp_path / OUT)) == 1


def test_a_book_that_is_a_busy_calendar_too_takes_one_room_for_each_session(tmp_path: Path) -> None:
    (tmp_path / OUT).mkdir()
    profile = f'timezone = "Europe/Paris"\nrooms = 2\nbook = "{OUT}"\nbusy = ["{OUT}"]\n'
    (tmp_path / "clinic.toml").write_text(profile)
    batch(tmp_path, table(row("a"), row("b"), row("c")), "--clinic", "clinic.toml")
    times = [each["time"] for each in schedule(tmp_path) if each["session"] == "2"]
    assert times[::2] == ["10:00", "10:00", "09:30"]


def test_a_changed_row_is_not_kept_from_its_own_times_by_the_doctor_s_calendar(
    tmp_path: Path,
) -> None:
    batch(tmp_path, table(row("a"), row("b", "skin", busy="")))
    # The doctor has imported the plans.
    (tmp_path / "doctor.ics").write_bytes(contents(tmp_path / OUT)["a.ics"])
    before = [(each["date"], each["time"]) for each in schedule(tmp_path) if each["id"] == "a"]
    batch(tmp_path, table(row("a", busy="doctor.ics", sessions="7"), row("b", "skin")))
    after = [(each["date"], each["time"]) for each in schedule(tmp_path) if each["id"] == "a"]
    assert after[:7] == before[:7]
    # Those of others do.
    batch(tmp_path, table(row("c", busy="doctor.ics")))
    assert {each["time"] for each in schedule(tmp_path) if each["id"] == "c"} == {"09:30"}


def test_events_that_can_not_be_read_are_counted_once(tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\nUID:{0}\nDTSTART:2026120{0}\nSUMMARY:Geheim\nEND:VEVENT\n"
    broken = "".join(event.format(at) for at in range(30))
    (tmp_path / "doctor.ics").write_text(
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{broken}END:VCALENDAR\n"
    )
    rows = [row(f"p{at}", busy="doctor.ics", sessions=str(3 + at % 3)) for at in range(70)]
    (tmp_path / TABLE).write_bytes(table(*rows))
    outcome = mesoplan(tmp_path, "batch", TABLE, "--tar", "all.tar")
    lines = outcome.text.splitlines()
    assert lines[2] == "Left out, because it can't be read:"
    assert lines[3].startswith("  doctor.ics, line ")
    assert "  and 16 more" in lines
    assert "Geheim" not in outcome.text


# Other commands


def test_what_changes_a_plan_finds_a_free_room_beside_the_others(tmp_path: Path) -> None:
    batch(tmp_path, table(row("a"), row("b", start="2026-12-02")), "--book", OUT)
    later = "2026-12-09T22:00:00Z"
    for command, now in (
        ("move out/a.ics 3 2026-12-16", None),
        ("extend out/b.ics +2", None),
        ("miss out/b.ics 2", later),
    ):
        done = mesoplan(tmp_path, *command.split(), "--book", OUT, now=now)
        assert done.exit_code == 0, done.error
        assert most_at_once(all_taken(tmp_path / OUT)) == 1


def test_the_same_course_of_a_patient_is_booked_once_unless_another_is_meant(
    tmp_path: Path,
) -> None:
    old = row("a", patient="Ana  Silva")
    batch(tmp_path, table(old), "--book", OUT)
    again = [
        row("b", "alopecia", patient="ana silva"),
        row("c", patient="Ana Silva", another="yes"),
        row("d", "cellulite", patient="Ana Silva"),
        row("e", start="2026-12-02", patient="Ana Silva"),
        row("f", patient="Bob"),
        row("g"),
        row("h"),
        row("i", patient="Bob"),
    ]
    for _ in range(2):
        batch(tmp_path, table(old, *again), "--book", OUT)
        assert rejected(tmp_path) == [("3", "VALUE"), ("10", "VALUE")]
    first, last = (each["reason"] for each in rows_of(tmp_path / OUT / "rejected.csv"))
    assert "out/a.ics" in first
    assert "out/f.ics" in last
    assert "Ana" not in first
    # A row with another id in its place is the same course once the plan of before is cancelled.
    batch(tmp_path, table(old, *again[2:7]), "--book", OUT, "--prune")
    batch(tmp_path, table(*again[:1], *again[2:7]), "--book", OUT, "--prune")
    assert rejected(tmp_path) == []


def test_private_rows_are_not_known_to_be_the_same_course(tmp_path: Path) -> None:
    rows = table(*(row(name, patient="Ana", private="yes") for name in "ab"))
    for _ in range(2):
        batch(tmp_path, rows, "--book", OUT)
        assert rejected(tmp_path) == []
