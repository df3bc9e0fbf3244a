"""A second batch brings the plans of the first one up to date, and changes no more than it must."""

from datetime import date, time
from pathlib import Path
from random import Random

import pytest

from mesoplan.batch.rows import digest_of
from mesoplan.dates.days import DateRange
from mesoplan.model.request import CalendarOptions, Request
from tests.batches import (
    OUT,
    batch,
    contents,
    days,
    events,
    rejected,
    row,
    rows_of,
    schedule,
    sequences,
    table,
)
from tests.command_line import NOW, mesoplan

A, B = row("a", patient="Ann"), row("b", "cellulite", "2026-12-02")
LATER = "2026-12-09T12:00:00Z"
"""After the first two sessions of A."""


def change(folder: Path, command: str, now: str | None = None) -> None:
    """Run a command on a plan in “out”, whose file is its second word."""
    verb, name, *others = command.split()
    outcome = mesoplan(folder, verb, f"{OUT}/{name}.ics", *others, now=now)
    assert outcome.exit_code == 0, outcome.error


def plan_id(data: bytes) -> str:
    return next(iter(events(data))).rpartition("-")[0]


# Rows that are the same


def test_the_same_table_again_changes_no_byte(tmp_path: Path) -> None:
    random = Random(1)
    rows = [
        row(
            f"p{at}",
            random.choice(["hair", "skin", "fat"]),
            f"2026-12-{1 + at:02}",
            patient=f"Patient {at}",
            closed=random.choice(["", "sun;mon"]),
            time=random.choice(["", "9:30", "afternoon"]),
            holidays=random.choice(["", "FR"]),
            private=random.choice(["", "yes"]),
            utc=random.choice(["", "yes"]),
            tz=random.choice(["", "Asia/Tokyo", "Africa/Cairo"]),
            depart=random.choice(["", "2027-01-28"]),
            remind=random.choice(["", "2h;1d"]),
            closure=random.choice(["", "2026-12-24..2027-01-03"]),
        )
        for at in range(24)
    ]
    data = table(*rows, row("bad", "x"))
    batch(tmp_path, data)
    before = contents(tmp_path / OUT)
    assert len(before) > 20
    for now in (NOW, "2026-12-30T12:00:00Z"):
        outcome = batch(tmp_path, data, now=now)
        assert f" 0 new, {len(before) - 2} unchanged, " in outcome.text
        after = contents(tmp_path / OUT)
        if now != NOW:
            # What would help is not the same on another day.
            after["rejected.csv"] = before["rejected.csv"]
        assert after == before


@pytest.mark.parametrize(
    "command",
    [
        "attend a 1",
        "move a 3 2026-12-17",
        "miss a 2",
        "extend a +2",
        "cancel a 4",
        "cancel a",
        "move a 3 2026-12-17 --away 2027-01-01..2027-01-09",
    ],
)
def test_a_row_that_is_the_same_leaves_what_was_done_to_its_plan(
    tmp_path: Path, command: str
) -> None:
    batch(tmp_path, table(A, B))
    change(tmp_path, command, LATER)
    before = contents(tmp_path / OUT)
    outcome = batch(tmp_path, table(A, B), now=LATER)
    assert outcome.text.startswith("2 rows: 0 new, 2 unchanged\n")
    after = contents(tmp_path / OUT)
    assert after.pop("schedule.csv") != before.pop("schedule.csv")
    assert after == before


def test_a_row_spelled_otherwise_is_the_same(tmp_path: Path) -> None:
    batch(tmp_path, table(row("a", closed="sun;mon", time="9:00"), row("b", "skin", sessions="5")))
    same = [
        row("b", "rejuvenation", "1 Dec 2026", sessions="5.0", years="1"),
        row("a", "HAIR", "2026-12-01 09:00", closed="mon,sun", area="scalp", utc="no"),
    ]
    outcome = batch(tmp_path, table(*same))
    assert outcome.text.startswith("2 rows: 0 new, 2 unchanged\n"), rejected(tmp_path)


def test_the_digest_of_a_row_is_that_of_earlier_versions() -> None:
    # Plans in the wild have it: were it another one, all of them would be changed.
    request = Request(
        "hair",
        date(2026, 12, 1),
        sessions=7,
        maintenance_per_year=1,
        time_of_day=time(9, 30),
        timezone="Europe/Paris",
        closed_weekdays=frozenset({0, 6}),
        closures=(DateRange(date(2026, 12, 24), date(2027, 1, 3)),),
        holidays=("FR",),
        away=(DateRange(date(2027, 2, 1), date(2027, 2, 3)),),
        depart=date(2027, 6, 1),
        patient="Ann",
        location="1 Park Street",
        phone="+33 1 234",
        plan_id="01234567-89ab-4cde-8f01-23456789abcd",
    )
    for private, digest in (
        (False, "01d9322838abb821b2ce512989b189b4"),
        (True, "01d9322838abb821b2ce512989f8be5d"),
    ):
        assert digest_of(request, CalendarOptions(private=private)) == digest


# Rows that changed


@pytest.mark.parametrize(
    ("changed", "moves"),
    [
        pytest.param({"start": "2026-12-03"}, "all", id="another start"),
        pytest.param({"interval": "9"}, "all", id="another interval"),
        pytest.param({"weekday": "thu"}, "all", id="another weekday"),
        pytest.param({"time": "15:30"}, "times", id="another time"),
        pytest.param({"away": "2026-12-15"}, "few", id="an absence"),
        pytest.param({"closure": "2026-12-15"}, "few", id="a closure"),
        pytest.param({"sessions": "9"}, "none", id="a session more"),
        pytest.param({"maintenance": "1"}, "none", id="less maintenance"),
        pytest.param({"patient": "Anna"}, "none", id="another label"),
        pytest.param({"location": "2 Park Street"}, "none", id="a place"),
        pytest.param({"remind": "2h"}, "none", id="another reminder"),
        pytest.param({"private": "yes"}, "none", id="private"),
    ],
)
def test_a_changed_row_moves_no_more_than_it_must(
    tmp_path: Path, changed: dict[str, str], moves: str
) -> None:
    batch(tmp_path, table(A, B))
    before, files = schedule(tmp_path), contents(tmp_path / OUT)
    outcome = batch(tmp_path, table({**A, **changed}, B))
    assert outcome.text.startswith("2 rows: 0 new, 1 changed, 1 unchanged\n")
    after, now = schedule(tmp_path), contents(tmp_path / OUT)
    assert now["b.ics"] == files["b.ics"]
    # The one before is kept, and can be had back; of a private one not by its words.
    if "private" not in changed:
        assert now["a.ics~"] == files["a.ics"]
    was = [(each["date"], each["time"]) for each in before if each["id"] == "a"][:8]
    is_now = [(each["date"], each["time"]) for each in after if each["id"] == "a"][:8]
    moved = [(one, other) for one, other in zip(was, is_now, strict=True) if one != other]
    new_days = {day for day, _ in is_now} - {day for day, _ in was}
    if moves == "all":
        assert len(moved) >= 7
    elif moves == "times":
        assert [(one[0], "15:30") for one in was] == is_now
    else:
        assert len(new_days) == (1 if moves == "few" else 0)
        assert moves == "few" or not moved
    old, new = sequences(files["a.ics"]), sequences(now["a.ics"])
    assert {*old} <= {*new}
    for uid, each in events(now["a.ics"]).items():
        if uid in old:
            same_words = each == {**events(files["a.ics"])[uid], "X-APPOINTMENT": ""}
            assert new[uid] in {old[uid], old[uid] + 1}
            earlier = events(files["a.ics"])[uid]
            told = ("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS")
            assert not same_words
            if any(each.get(name) != earlier.get(name) for name in told):
                assert new[uid] == old[uid] + 1, (uid, each, earlier)
    # And again it is the same.
    assert batch(tmp_path, table({**A, **changed}, B)).text.startswith("2 rows: 0 new, 2 unch")
    assert contents(tmp_path / OUT) == now


@pytest.mark.parametrize(
    "changed",
    [
        *({"start": "2026-12-03"}, {"interval": "9"}, {"time": "15:30"}, {"closed": "tue"}),
        {"weekday": "thu"},
    ],
)
def test_what_took_place_stays_whatever_changes(tmp_path: Path, changed: dict[str, str]) -> None:
    batch(tmp_path, table(A))
    change(tmp_path, "attend a 1 2", LATER)
    change(tmp_path, "move a 4 2026-12-23", LATER)
    files = contents(tmp_path / OUT)
    outcome = batch(tmp_path, table({**A, **changed}), now=LATER)
    assert outcome.text.startswith("1 row: 0 new, 1 changed\n"), rejected(tmp_path)
    old, new = events(files["a.ics"]), events(contents(tmp_path / OUT)["a.ics"])
    chosen = {uid for uid, each in old.items() if "20261223" in each["DTSTART"]}
    for uid in [*list(old)[:2], *chosen]:
        assert new[uid]["DTSTART"] == old[uid]["DTSTART"]
    assert [each["status"] for each in schedule(tmp_path)][:3] == ["attended"] * 2 + ["planned"]
    assert {*old} <= {*new}


def test_in_another_zone_what_took_place_is_at_the_same_moment(tmp_path: Path) -> None:
    batch(tmp_path, table(row("a", tz="Europe/London")))
    change(tmp_path, "attend a 1", LATER)
    batch(tmp_path, table(row("a", tz="Europe/Paris")), now=LATER)
    told = schedule(tmp_path)
    assert [(each["time"], each["timezone"]) for each in told[:3]] == [
        # Attended, past, to come.
        ("11:00", "Europe/Paris"),
        ("11:00", "Europe/Paris"),
        ("10:00", "Europe/Paris"),
    ]
    starts = [each["DTSTART"] for each in events(contents(tmp_path / OUT)["a.ics"]).values()]
    assert starts[:3] == [
        f"TZID=Europe/Paris:202612{day}" for day in ("01T110000", "08T110000", "15T100000")
    ]
    shown = mesoplan(tmp_path, "show", f"{OUT}/a.ics", now=LATER).text
    assert "moved" not in shown
    batch(tmp_path, table(row("a", tz="Europe/Paris")), now=LATER)
    assert schedule(tmp_path) == told


def test_a_row_that_leaves_no_legal_plan_leaves_the_plan_as_it_was(tmp_path: Path) -> None:
    batch(tmp_path, table(A, B))
    before = contents(tmp_path / OUT)
    outcome = batch(tmp_path, table({**A, "away": "2026-12-05..2027-05-01"}, B), "--prune")
    assert outcome.text.startswith("2 rows: 0 new, 1 unchanged, 1 rejected\n")
    assert rejected(tmp_path) == [("2", "BLOCKED")]
    after = contents(tmp_path / OUT)
    del after["rejected.csv"]
    # The schedule tells it all the same, after those of the rows.
    assert [each["id"] for each in rows_of(tmp_path / OUT / "schedule.csv")][-1] == "a"
    assert sorted(after.pop("schedule.csv").split()) == sorted(before.pop("schedule.csv").split())
    assert after == before


def test_a_plan_that_no_batch_made_is_taken_over_by_the_row_of_its_name(tmp_path: Path) -> None:
    (tmp_path / OUT).mkdir()
    for name in "ab":
        made = mesoplan(
            tmp_path, "plan", "hair", "2026-12-01", "--closed", "sun", "-o", f"{OUT}/{name}.ics"
        )
        assert made.exit_code == 0
    before = contents(tmp_path / OUT)
    rows = table(row("a", closed="sun"), row("b", closed="sun", away="2026-12-15"))
    outcome = batch(tmp_path, rows)
    assert outcome.text.startswith("2 rows: 0 new, 1 changed, 1 unchanged\n")
    after = contents(tmp_path / OUT)
    assert after["a.ics"] == before["a.ics"]
    assert plan_id(after["b.ics"]) == plan_id(before["b.ics"])
    starts = {
        name: {each["DTSTART"] for each in events(data[name]).values()}
        for name, data in (("a.ics", after), ("b.ics", after))
    }
    assert len(starts["b.ics"] - starts["a.ics"]) == 1
    again = batch(tmp_path, rows)
    assert again.text.startswith("2 rows: 0 new, 2 unchanged\n")


def test_undo_takes_back_what_a_batch_changed(tmp_path: Path) -> None:
    batch(tmp_path, table(A))
    before = days(tmp_path, "a")
    batch(tmp_path, table({**A, "away": "2026-12-15"}))
    assert days(tmp_path, "a") != before
    change(tmp_path, "undo a")
    # The row asks for it again.
    assert batch(tmp_path, table(A)).exit_code == 0
    assert days(tmp_path, "a") == before


# Rows that are gone


def test_a_plan_whose_row_is_gone_is_named_and_stays(tmp_path: Path) -> None:
    mesoplan(tmp_path, "plan", "hair", "2026-12-01")
    batch(tmp_path, table(A, B))
    (tmp_path / "mesoplan-hair-2026-12-01.ics").rename(tmp_path / OUT / "byhand.ics")
    before = contents(tmp_path / OUT)
    outcome = batch(tmp_path, table(B))
    assert outcome.exit_code == 0
    assert outcome.text.splitlines()[-2:] == [
        "1 plan without a row (to cancel, add --prune):",
        "  a.ics",
    ]
    after = contents(tmp_path / OUT)
    assert [each["id"] for each in schedule(tmp_path)] == ["b"] * 12 + ["a"] * 10
    assert {each["patient"] for each in schedule(tmp_path)[12:]} == {"Ann"}
    del after["schedule.csv"], before["schedule.csv"]
    assert after == before


def test_pruning_cancels_what_is_to_come_and_a_row_that_comes_back_takes_it_up(
    tmp_path: Path,
) -> None:
    batch(tmp_path, table(A, B))
    change(tmp_path, "attend a 1", "2026-12-02T12:00:00Z")
    before = contents(tmp_path / OUT)["a.ics"]
    later = "2026-12-03T12:00:00Z"
    outcome = batch(tmp_path, table(B), "--prune", now=later)
    assert outcome.text.splitlines()[-2:] == [
        "1 plan cancelled, because the row is gone:",
        "  a.ics",
    ]
    files = contents(tmp_path / OUT)
    assert files["a.ics~"] == before
    told = [each["status"] for each in schedule(tmp_path) if each["id"] == "a"]
    assert told == ["attended"] + ["cancelled"] * 9
    statuses = [each["STATUS"] for each in events(files["a.ics"]).values()]
    assert statuses == ["CONFIRMED"] + ["CANCELLED"] * 9
    assert all(
        sequences(files["a.ics"])[uid] > number for uid, number in [*sequences(before).items()][1:]
    )
    # Once is enough.
    again = batch(tmp_path, table(B), "--prune", now=later)
    assert "without a row" not in again.text
    assert contents(tmp_path / OUT) == files
    back = batch(tmp_path, table(B, A), now=later)
    assert back.text.startswith("2 rows: 0 new, 1 changed, 1 unchanged\n")
    assert plan_id(contents(tmp_path / OUT)["a.ics"]) == plan_id(before)
    assert days(tmp_path, "a")[0] == "2026-12-01"
    assert len(days(tmp_path, "a")) == 8


def test_plans_that_are_over_or_cancelled_are_not_gone(tmp_path: Path) -> None:
    batch(tmp_path, table(A, B))
    change(tmp_path, "cancel a")
    assert "without a row" not in batch(tmp_path, table(B)).text
    assert "without a row" not in batch(tmp_path, table(A), now="2029-01-01T00:00:00Z").text


def test_a_rehearsal_of_pruning_names_them_and_cancels_none(tmp_path: Path) -> None:
    batch(tmp_path, table(A, B))
    before = contents(tmp_path / OUT)
    outcome = batch(tmp_path, table(B), "--prune", "--dry-run")
    assert outcome.text.splitlines()[-1] == "  a.ics"
    assert contents(tmp_path / OUT) == before


@pytest.mark.parametrize("line", [b'a,"hair"x,2026-12-01\r\n', b"a,hair,2026-12-01,,,more\r\n"])
def test_a_row_that_can_not_be_read_keeps_every_plan_from_being_cancelled(
    tmp_path: Path, line: bytes
) -> None:
    batch(tmp_path, table(row("a"), B))
    before = contents(tmp_path / OUT)["a.ics"]
    outcome = batch(tmp_path, table(B) + line, "--prune")
    assert outcome.exit_code == 1
    assert outcome.text.splitlines()[-2] == (
        "1 plan without a row (not cancelled, because a rejected row may be theirs):"
    )
    assert contents(tmp_path / OUT)["a.ics"] == before


def test_a_table_without_a_row_cancels_nothing(tmp_path: Path) -> None:
    batch(tmp_path, table(A, B))
    before = contents(tmp_path / OUT)
    outcome = batch(tmp_path, table(), "--prune")
    assert (outcome.exit_code, outcome.text) == (2, "")
    assert "would cancel all plans" in outcome.error
    assert contents(tmp_path / OUT) == before


def test_a_file_that_can_not_be_read_is_named_and_left_where_rows_are_gone(tmp_path: Path) -> None:
    batch(tmp_path, table(A, B))
    half = contents(tmp_path / OUT)["a.ics"][:2000]
    (tmp_path / OUT / "a.ics").write_bytes(half)
    outcome = batch(tmp_path, table(B), "--prune")
    assert outcome.exit_code == 0
    assert outcome.text.splitlines()[-2] == "Left out, because it can't be read:"
    assert "a.ics" in outcome.text.splitlines()[-1]
    assert contents(tmp_path / OUT)["a.ics"] == half


# Rejected rows, fed back


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rejected_rows_are_mended_and_fed_back(tmp_path: Path, delimiter: str) -> None:
    bad = [row("c", "haare", patient="=1"), row("d", start="")]
    batch(tmp_path, table(A, *bad, row("../e"), delimiter=delimiter))
    before = contents(tmp_path / OUT)
    path = tmp_path / OUT / "rejected.csv"
    assert [each["line"] for each in rows_of(path, delimiter)] == ["3", "4", "5"]
    path.write_bytes(path.read_bytes().replace(b"haare", b"hair"))
    outcome = mesoplan(tmp_path, "batch", f"{OUT}/rejected.csv", "-o", OUT)
    assert outcome.text.startswith("3 rows: 1 new, 2 rejected\n")
    # All the other plans have no row in it, and are not gone.
    assert "without a row" not in outcome.text
    after = contents(tmp_path / OUT)
    assert after["a.ics"] == before["a.ics"]
    told = rows_of(tmp_path / OUT / "schedule.csv", delimiter)
    assert {each["id"] for each in told} == {"a", "c"}
    assert {each["patient"] for each in told if each["id"] == "c"} == {"'=1"}
    assert [each["line"] for each in rows_of(path, delimiter)] == ["3", "4"]
    mended = path.read_bytes().replace(b"d" + delimiter.encode(), b"d" + delimiter.encode())
    mended = mended.replace(b"../e", b"e")
    path.write_bytes(
        mended.replace(
            f"d{delimiter}hair{delimiter}".encode(),
            f"d{delimiter}hair{delimiter}2026-12-05".encode(),
        )
    )
    assert mesoplan(tmp_path, "batch", f"{OUT}/rejected.csv", "-o", OUT).exit_code == 0
    assert not path.exists()
    whole = table(A, row("c", patient="=1"), row("d", start="2026-12-05"), row("e"))
    assert batch(tmp_path, whole).text.startswith("4 rows: 0 new, 4 unchanged\n")


def test_rejected_rows_cancel_nothing(tmp_path: Path) -> None:
    batch(tmp_path, table(A, row("c", "haare")))
    before = contents(tmp_path / OUT)
    outcome = mesoplan(tmp_path, "batch", f"{OUT}/rejected.csv", "-o", OUT, "--prune")
    assert (outcome.exit_code, outcome.text) == (2, "")
    assert contents(tmp_path / OUT) == before


def test_what_a_busy_calendar_delays_is_said_alike_by_every_run(tmp_path: Path) -> None:
    busy = ("BEGIN:VEVENT", "DTSTART:20261201T000000Z", "DTEND:20261202T000000Z", "END:VEVENT")
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", *busy, "END:VCALENDAR", "")
    (tmp_path / "doctor.ics").write_text("\r\n".join(lines))
    (tmp_path / "clinic.toml").write_text('busy = ["doctor.ics"]')
    told = []
    for _ in range(2):
        batch(tmp_path, table(row("a")), "--clinic", "clinic.toml")
        told.append((tmp_path / OUT / "schedule.csv").read_text("utf-8-sig"))
    assert told[0] == told[1]
    assert "The course begins on Wed 2 Dec 2026" in told[0]
    assert "doctor" not in told[0]
