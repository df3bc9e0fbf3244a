"""One plan a row: what a batch reads, makes of it, writes and says."""

import json
import os
import stat
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.batches import (
    OUT,
    TABLE,
    anonymous,
    batch,
    contents,
    days,
    events,
    rejected,
    row,
    rows_of,
    schedule,
    table,
)
from tests.command_line import mesoplan, started

THREE = table(row("a"), row("b", "cellulite", "2026-12-02"), row("c", "skin", "2027-01-11"))
ONE_BAD = table(row("a"), row("b", "haare"), row("c", start="01/02/2026"), row("d"))


# What it leaves behind


def test_each_row_gets_its_plan_and_the_schedule_tells_each_session(tmp_path: Path) -> None:
    outcome = batch(tmp_path, THREE)
    assert (outcome.exit_code, outcome.error) == (0, "")
    # The last line says that there is no number to call.
    assert outcome.text.splitlines()[:-1] == [
        "3 rows: 3 new",
        "Plans: out",
        "Schedule: out/schedule.csv (28 sessions)",
    ]
    files = contents(tmp_path / OUT)
    assert sorted(files) == ["a.ics", "b.ics", "c.ics", "schedule.csv"]
    assert all(stat.S_IMODE((tmp_path / OUT / name).stat().st_mode) == 0o600 for name in files)
    told = schedule(tmp_path)
    assert [each["id"] for each in told] == ["a"] * 10 + ["b"] * 12 + ["c"] * 6
    assert list(told[0]) == [
        *("id", "patient", "goal", "area", "kind", "session", "of"),
        *("date", "time", "end", "timezone", "status", "note"),
    ]
    assert list(told[0].values()) == [
        *("a", "", "hair", "scalp", "course", "1", "8"),
        *("2026-12-01", "10:00", "10:30", "Europe/Paris", "planned", ""),
    ]
    for name in "abc":
        starts = [each["DTSTART"][-15:] for each in events(files[f"{name}.ics"]).values()]
        assert sorted(starts) == sorted(
            f"{each['date']}T{each['time']}00".replace("-", "").replace(":", "")
            for each in told
            if each["id"] == name
        )


def test_one_bad_row_stops_no_other_and_is_kept_as_it_came_with_its_reason(tmp_path: Path) -> None:
    outcome = batch(tmp_path, ONE_BAD)
    assert (outcome.exit_code, outcome.error) == (1, "")
    # The last line says that there is no number to call.
    assert outcome.text.splitlines()[:-1] == [
        "4 rows: 2 new, 2 rejected",
        "Plans: out",
        "Schedule: out/schedule.csv (20 sessions)",
        "Rejected: out/rejected.csv (2 rows)",
        "  line 3: unknown goal '…'. Did you mean hair?",
        "  line 4: start: '01/02/2026' can be Sun 1 Feb 2026 or Fri 2 Jan 2026. "
        "Write 2026-02-01 or 2026-01-02",
        "  Correct them in your table, and run it again.",
    ]
    assert sorted(contents(tmp_path / OUT)) == ["a.ics", "d.ics", "rejected.csv", "schedule.csv"]
    goal, start = rows_of(tmp_path / OUT / "rejected.csv")
    assert list(goal) == ["id", "goal", "start", "line", "code", "reason"]
    assert list(goal.values())[:5] == ["b", "haare", "2026-12-01", "3", "UNKNOWN_NAME"]
    assert "mean hair?" in goal["reason"]
    assert list(start.values())[:5] == ["c", "hair", "01/02/2026", "4", "VALUE"]
    assert "start: '01/02/2026' can be " in start["reason"]


def test_a_row_without_a_legal_plan_is_told_the_rule_and_what_would_help(tmp_path: Path) -> None:
    batch(tmp_path, table(row("a", sessions="8", depart="2026-12-20"), row("b", sessions="16")))
    conflict, rule = rows_of(tmp_path / OUT / "rejected.csv")
    assert (conflict["code"], rule["code"]) == ("DEADLINE", "R1")
    assert "; sessions: 3)." in conflict["reason"]


def test_private_rows_tell_nothing_in_the_calendar_and_all_in_the_clinic_s_table(
    tmp_path: Path,
) -> None:
    secret = row("a", "hair", area="scalp", patient="Beatrix", private="yes")
    for _ in range(2):
        batch(tmp_path, table(secret))
        data = (tmp_path / OUT / "a.ics").read_bytes().replace(b"\r\n ", b"").lower()
        assert not [word for word in (b"hair", b"scalp", b"beatrix", b"meso") if word in data]
        assert {(each["goal"], each["area"], each["patient"]) for each in schedule(tmp_path)} == {
            ("hair", "scalp", "Beatrix")
        }


def test_nothing_personal_is_said_on_the_screen(tmp_path: Path) -> None:
    rows = [
        row("geheim-1", patient="Geheimnis"),
        row("geheim-2", "geheim", patient="Geheimnis"),
        row("geheim-2", patient="Geheimnis"),
        row("geheim/3", patient="Geheimnis"),
        row("geheim-4", area="geheim"),
        row("geheim-5", start="geheim"),
    ]
    outcome = batch(tmp_path, table(*rows) + b'"geheim, geheim\r\n')
    assert outcome.text.splitlines()[0] == "7 rows: 1 new, 6 rejected"
    assert outcome.error == ""
    assert "geheim" not in outcome.text.lower()


# What it reads


EXCEL = "id;goal;start;patient;closed\r\n1;hair;01.12.2026;Müller;sat, sun\r\n;;;;\r\n;;;;\r\n"


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(EXCEL.encode("cp1252"), id="CSV"),
        pytest.param(EXCEL.replace(";", "\t").encode("utf-16"), id="Unicode text"),
    ],
)
def test_tables_of_excel_are_read_and_answered_in_kind(tmp_path: Path, saved: bytes) -> None:
    outcome = batch(tmp_path, saved)
    assert outcome.exit_code == 0
    guessed = "The table is not in UTF-8; Windows-1252 is assumed. Check the accents.\n"
    assert outcome.error == (guessed if b"M\xfcller;" in saved else "")
    delimiter = "\t" if saved[:2] == b"\xff\xfe" else ";"
    told = rows_of(tmp_path / OUT / "schedule.csv", delimiter)
    assert {each["patient"] for each in told} == {"Müller"}
    assert [each["date"] for each in told[:2]] == ["2026-12-01", "2026-12-08"]


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.ndjson", "-"])
def test_all_forms_of_one_table_give_the_same_plans(tmp_path: Path, name: str) -> None:
    rows = [row("a", closed="sun;mon", sessions="5"), row("b", "skin", away="2026-12-15")]
    data = table(*rows, delimiter="\t" if name.endswith("tsv") else ",")
    if name.endswith("ndjson"):
        objects = [{**rows[0], "closed": ["sun", "mon"], "sessions": 5}, {**rows[1], "tz": None}]
        data = "\n".join(map(json.dumps, objects)).encode()
    (tmp_path / "rows").write_bytes(table(*rows))
    mesoplan(tmp_path, "batch", "rows", "-o", "expected")
    if name == "-":
        outcome = mesoplan(tmp_path, "batch", "-", "-o", OUT, given=data)
    else:
        outcome = batch(tmp_path, data, name=name)
    assert (outcome.exit_code, outcome.error) == (0, "")
    for each in "ab":
        made, expected = ((tmp_path / at / f"{each}.ics").read_bytes() for at in (OUT, "expected"))
        assert anonymous(made) == anonymous(expected)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"id,goal,start,Dry run\n", 2, ["“dry-run”", "whole batch"]),
        (b"a,hair,2026-12-01\n", 2, ["has no header"]),
        (b"", 4, ["is empty"]),
        (b"PK\x03\x04" + bytes(100), 4, ["is a spreadsheet or an archive"]),
        (None, 4, ["there is no file"]),
    ],
)
def test_what_is_no_table_of_rows_is_refused_and_nothing_is_made(
    tmp_path: Path, data: bytes | None, code: int, words: list[str]
) -> None:
    if data is None:
        outcome = mesoplan(tmp_path, "batch", "nowhere.csv", "-o", OUT)
    else:
        outcome = batch(tmp_path, data)
    assert (outcome.exit_code, outcome.text) == (code, "")
    assert all(word in outcome.error for word in words), outcome.error
    assert not (tmp_path / OUT).exists()


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    outcome = mesoplan(tmp_path, "batch", ".", "-o", OUT)
    assert (outcome.exit_code, "is a folder" in outcome.error) == (4, True)


def test_a_table_without_rows_makes_an_empty_schedule(tmp_path: Path) -> None:
    outcome = batch(tmp_path, b"id,goal,start\n,,\n")
    assert (outcome.exit_code, outcome.text.splitlines()[0]) == (0, "0 rows: 0 new")
    assert list(contents(tmp_path / OUT)) == ["schedule.csv"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--tar", "y.tar", "--prune"], 2, "--prune"),
        (["-o", ""], 2, "-o"),
        (["-o", "x", "--tz", "Mars"], 2, "Mars"),
        (["-o", "nowhere/x"], 4, "no folder"),
        (["-o", TABLE], 4, "already exists"),
        (["--tar", TABLE], 4, "already exists"),
        (["--tar", "nowhere/y.tar"], 4, "no folder"),
        (["-o", "x", "--book", "nowhere"], 4, "there is no folder 'nowhere'"),
        (["-o", "x", "--book", "nowhere", "--dry-run"], 4, "there is no folder 'nowhere'"),
        (["-o", "x", "--book", TABLE], 4, "is not a folder"),
    ],
)
def test_a_command_line_that_makes_no_sense_changes_nothing(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / TABLE).write_bytes(THREE)
    outcome = mesoplan(tmp_path, "batch", TABLE, *arguments)
    assert outcome.exit_code == code
    assert words in outcome.error
    assert contents(tmp_path) == {TABLE: THREE}


# One archive


def test_an_archive_holds_what_a_folder_would(tmp_path: Path) -> None:
    batch(tmp_path, ONE_BAD)
    outcome = mesoplan(tmp_path, "batch", TABLE, "--tar", "all.tar")
    assert (outcome.exit_code, outcome.error) == (1, "")
    # The last line says that there is no number to call.
    assert outcome.text.splitlines()[:-1] == [
        "4 rows: 2 new, 2 rejected",
        "Archive: all.tar (2 plans, 20 sessions)",
        "  with rejected.csv (2 rows)",
        "  line 3: unknown goal '…'. Did you mean hair?",
        "  line 4: start: '01/02/2026' can be Sun 1 Feb 2026 or Fri 2 Jan 2026. "
        "Write 2026-02-01 or 2026-01-02",
    ]
    folder = contents(tmp_path / OUT)
    with tarfile.open(tmp_path / "all.tar") as archive:
        members = {each.name: each for each in archive.getmembers()}
        assert list(members) == ["a.ics", "d.ics", "schedule.csv", "rejected.csv"]
        assert {each.mode for each in members.values()} == {0o600}
        for name in members:
            file = archive.extractfile(name)
            assert file is not None
            data = file.read()
            if name.endswith(".ics"):
                assert anonymous(data) == anonymous(folder[name])
            else:
                assert data == folder[name]
    assert sorted(contents_of_files(tmp_path)) == ["all.tar", TABLE]


def contents_of_files(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.is_file()]


def test_names_beyond_ascii_come_back_out_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(table(row("Zoë-" + "ü" * 70), row("李")))
    mesoplan(tmp_path, "batch", TABLE, "--tar", "all.tar")
    with tarfile.open(tmp_path / "all.tar") as archive:
        assert archive.getnames()[:2] == ["Zoë-" + "ü" * 70 + ".ics", "李.ics"]


# Looking only


@pytest.mark.parametrize("where", [["-o", "new"], ["-o", OUT], ["--tar", "new.tar"]])
@pytest.mark.parametrize("book", [[], ["--book", "book"]])
def test_a_rehearsal_writes_nothing_at_all(
    tmp_path: Path, where: list[str], book: list[str]
) -> None:
    batch(tmp_path, THREE)
    (tmp_path / "book").mkdir()
    mesoplan(tmp_path, "plan", "hair", "2026-12-01", "-o", "book/x.ics")
    for folder in ("book", OUT):
        for each in (tmp_path / folder).iterdir():
            # Long ago, so that it would be remembered.
            os.utime(each, (0, 0))
    data = THREE.replace(b"2026-12-02", b"2026-12-03") + b"d,fat,2026-12-01\r\ne,x,\r\n"
    (tmp_path / TABLE).write_bytes(data)
    before = {path: path.lstat() for path in tmp_path.rglob("*")}
    outcome = mesoplan(tmp_path, "batch", TABLE, *where, *book, "--dry-run")
    assert (outcome.exit_code, outcome.error) == (1, "")
    news = "1 new, 1 changed, 2 unchanged" if where[1] == OUT else "4 new"
    lines = [f"5 rows: {news}, 1 rejected", "Nothing was written (--dry-run)"]
    assert outcome.text.splitlines()[:2] == lines
    assert outcome.text.splitlines()[2].startswith("  line 6: unknown goal 'x'")
    after = {path: path.lstat() for path in tmp_path.rglob("*")}
    assert {path: (each.st_ino, each.st_mtime_ns) for path, each in after.items()} == {
        path: (each.st_ino, each.st_mtime_ns) for path, each in before.items()
    }


# What others have put there


@pytest.mark.parametrize("name", ["schedule.csv", "rejected.csv"])
@pytest.mark.parametrize("data", [b"", b"name,line\nx,1\n", b"\xff\xfe\x00", None])
def test_a_table_of_somebody_else_is_never_overwritten(
    tmp_path: Path, name: str, data: bytes | None
) -> None:
    foreign = tmp_path / OUT / name
    foreign.parent.mkdir()
    if data is None:
        foreign.symlink_to(tmp_path / "nowhere")
    else:
        foreign.write_bytes(data)
    outcome = batch(tmp_path, THREE)
    assert (outcome.exit_code, outcome.text) == (4, "")
    assert "was not written by a batch" in outcome.error
    assert list((tmp_path / OUT).iterdir()) == [foreign]
    assert foreign.is_symlink() or foreign.read_bytes() == data


def test_what_is_no_plan_under_a_row_s_name_is_left_and_the_row_rejected(tmp_path: Path) -> None:
    batch(tmp_path, THREE)
    out = tmp_path / OUT
    whole = (out / "b.ics").read_bytes()
    foreign = {
        "a.ics": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n",
        "b.ics": whole[:3000],
        "e.ics": b"",
        "f.ics": b"\x00\xff" * 50,
    }
    for name, data in foreign.items():
        (out / name).write_bytes(data)
    (out / "g.ics").mkdir()
    (out / "h.ics").symlink_to(tmp_path / "nowhere")
    os.mkfifo(out / "i.ics")
    changed = THREE.replace(b"2027-01-11", b"2027-01-12")
    rows = table(*(row(name) for name in "efghi")).split(b"\r\n", 1)[1]
    outcome = batch(tmp_path, changed + rows)
    assert outcome.text.splitlines()[0] == "8 rows: 0 new, 1 changed, 7 rejected"
    assert rejected(tmp_path) == [(line, "FILE") for line in "2356789"]
    for name, data in foreign.items():
        assert (out / name).read_bytes() == data
    assert days_of(tmp_path, "c") == "2027-01-12"


def days_of(folder: Path, name: str) -> str:
    return next(each["date"] for each in schedule(folder) if each["id"] == name)


def test_a_reader_that_has_gone_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(THREE)
    reading, writing = os.pipe()
    os.close(reading)
    with started(tmp_path, "batch", TABLE, "-o", OUT, output=writing) as process:
        os.close(writing)
        _, error = process.communicate()
    assert (process.returncode, error) == (0, "")
    assert sorted(contents(tmp_path / OUT)) == ["a.ics", "b.ics", "c.ics", "schedule.csv"]


# While it runs


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
def test_a_bar_tells_on_a_terminal_alone_how_far_it_is(tmp_path: Path) -> None:
    import pty

    (tmp_path / TABLE).write_bytes(table(*(row(f"geheim-{at}") for at in range(130))))
    terminal, its_end = pty.openpty()
    with started(tmp_path, "batch", TABLE, "-o", OUT, error=its_end) as process:
        os.close(its_end)
        output, _ = process.communicate()
    shown = b""
    with suppress(OSError):
        while part := os.read(terminal, 65536):
            shown += part
    os.close(terminal)
    assert process.returncode == 0
    assert output.splitlines()[0] == "130 rows: 130 new"
    assert "130/130" in shown.decode()
    assert "geheim" not in shown.decode()
    # It goes, with the cursor back, before anything else is said.
    assert shown.rstrip().endswith(b"\x1b[2K")
    assert b"\x1b[?25h" in shown


def test_a_date_that_can_be_read_in_two_ways_is_read_as_the_rows_clinic_writes_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "us.toml").write_text('timezone = "America/New_York"\ndate_order = "mdy"\n')
    data = table(row("a", start="12/01/2026", clinic="us.toml"), row("b", start="12/01/2026"))
    assert batch(tmp_path, data).exit_code == 1
    assert days(tmp_path, "a")[0] == "2026-12-01"
    assert rejected(tmp_path) == [("3", "VALUE")]


def test_dates_of_both_orders_in_one_table_are_remarked_on(tmp_path: Path) -> None:
    data = table(row("a", start="25/12/2026"), row("b", start="2026-12-01", away="12/27/2026"))
    outcome = batch(tmp_path, data)
    assert "Note: In 25/12/2026 the day comes first, in 12/27/2026 the month" in outcome.text
    assert "Note:" not in batch(tmp_path, table(row("a", start="25/12/2026"))).text


def test_all_mistakes_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    wrong = row("a", "hare", "01/02/2026", sessions="16", area="moon", tz="Mars", remind="soon")
    batch(tmp_path, table(wrong, row("b/c", start="soon"), row("d", start="", flex="x")))
    first, second, third = rows_of(tmp_path / OUT / "rejected.csv")
    said = first["reason"].split(" | ")
    assert [each.partition(". ")[0].partition(" (")[0] for each in said] == [
        "start: '01/02/2026' can be Sun 1 Feb 2026 or Fri 2 Jan 2026",
        "unknown goal 'hare'",
        "sessions: 16 is outside rule R1",
        "unknown time zone 'Mars'",
        "remind: 'soon' is not a time from 1 minute",
    ]
    # Which areas there are is not known without the goal.
    assert first["code"] == "VALUE"
    assert second["code"] == "ID"
    assert "a file name can't have" in second["reason"]
    assert "start: 'soon' is not a date" in second["reason"]
    assert "flex: 'x' is not a whole number" in third["reason"]
    assert "START is missing" in third["reason"]


def test_a_row_that_is_refused_for_its_days_has_no_other_reason(tmp_path: Path) -> None:
    batch(tmp_path, table(row("a", sessions="8", depart="2026-12-20")))
    (refused,) = rows_of(tmp_path / OUT / "rejected.csv")
    assert " | " not in refused["reason"]


def test_one_more_column_refuses_no_table_and_is_named_once(tmp_path: Path) -> None:
    outcome = batch(tmp_path, table(row("a", Phone="+33 1"), row("b", "hare", Phone="+33 2")))
    assert outcome.exit_code == 1
    assert outcome.text.count("Phone") == 1
    (refused,) = rows_of(tmp_path / OUT / "rejected.csv")
    assert refused["Phone"] == "'+33 2"
    assert mesoplan(tmp_path, "batch", f"{OUT}/rejected.csv", "-o", OUT).exit_code == 1
