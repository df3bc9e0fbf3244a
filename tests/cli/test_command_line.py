"""The command line and the world around it: files, streams, terminals, clocks, interruptions."""

import contextlib
import errno
import io
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from rich.cells import cell_len

from mesoplan import DateRange, Miss, Request, SessionName, TimeRange, plan, replan
from mesoplan.cli.terminal import print_page
from mesoplan.formats import schedule
from mesoplan.formats.comparison import changes
from mesoplan.formats.page import Part, plain_text
from mesoplan.planning.replanner import compare
from tests.command_line import WORLD, mesoplan, mesoplan_line
from tests.examples import some
from tests.golden import RUNS, commands_of
from tests.reading import read

HAIR = ("plan", "hair", "2026-12-01")
WRONG = next(path for path in RUNS if path.stem == "wrong_values")


def run_child(folder: Path, shell: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # Nobody's own Python goes without buffers.
    world = {**os.environ, **WORLD, "PYTHONUNBUFFERED": "", **environment}
    world["MESOPLAN"] = f"{sys.executable} -m mesoplan"
    return subprocess.run(
        ["sh", "-c", shell], cwd=folder, env=world, capture_output=True, text=True, check=False
    )


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("line", commands_of(WRONG.read_text("utf-8")))
def test_a_wrong_value_writes_no_file(line: str, tmp_path: Path) -> None:
    outcome = mesoplan_line(tmp_path, line)
    assert outcome.exit_code in ({0} if line == "mesoplan" or "--dry-run" in line else {2, 4})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "label",
    ["a\nb", "a\rb", "a\x1b]0;x\x07", "\x9b31m", "a\u2028b", "\u202eabc", "[red]Ann", "x" * 10_000],
)
def test_a_label_that_is_no_plain_line_is_refused_and_not_repeated(
    label: str, tmp_path: Path
) -> None:
    outcome = mesoplan(tmp_path, *HAIR, "--patient", label)
    assert outcome.exit_code == 2
    assert label not in outcome.error
    assert len(outcome.error.splitlines()) == 2
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_the_files_is_left(tmp_path: Path) -> None:
    mesoplan(tmp_path, *HAIR, "--split", "each", "-o", "Ann.ics")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Ann.ics", "each"]
    names = sorted(path.name for path in (tmp_path / "each").iterdir())
    assert names == [f"mesoplan-hair-2026-12-01-{serial:02d}.ics" for serial in range(1, 11)]


def test_a_private_plan_has_a_private_name(tmp_path: Path) -> None:
    mesoplan(tmp_path, *HAIR, "--private", "--patient", "Quentin", "--split", "each")
    names = [path.name for path in tmp_path.rglob("*.ics")]
    assert len(names) == 11
    assert all(name.startswith("appointments-2026-12-01") for name in names)


def test_an_alias_is_written_under_the_goals_own_name(tmp_path: Path) -> None:
    mesoplan(tmp_path, "plan", "hair-loss", "2026-12-01")
    assert [path.name for path in tmp_path.iterdir()] == ["mesoplan-hair-2026-12-01.ics"]


@pytest.mark.parametrize(
    "place", ["nowhere/plan.ics", "plan.ics/x.ics", "a\0b.ics", "x" * 300, "", "new/"]
)
def test_a_place_that_can_not_be_written_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "plan.ics").write_text("mine")
    outcome = mesoplan(tmp_path, *HAIR, "-o", place)
    assert outcome.exit_code == 4
    assert len(outcome.error.splitlines()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["plan.ics"]


@pytest.mark.parametrize("call", ["os.link", "os.fsync"])
@pytest.mark.parametrize("failing", [1, 2, 7])
def test_when_the_disk_is_full_nothing_is_left(call: str, failing: int, tmp_path: Path) -> None:
    module, name = call.split(".")
    real = getattr(os, name)
    calls = 0

    def full_disk(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments)

    with patch(f"{module}.{name}", full_disk):
        outcome = mesoplan(tmp_path, *HAIR, "--split", "each")
    assert outcome.exit_code == 4
    assert "No space left on device" in outcome.error
    assert list(tmp_path.rglob("*")) == []


def test_a_file_system_without_hard_links_is_written_to(tmp_path: Path) -> None:
    with patch("os.link", side_effect=OSError(errno.EPERM, "no links")):
        outcome = mesoplan(tmp_path, *HAIR)
    assert outcome.exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mesoplan-hair-2026-12-01.ics"]


def test_without_hard_links_too_a_file_that_appears_is_not_overwritten(tmp_path: Path) -> None:
    def no_links(_source: Path, target: Path) -> None:
        target.write_text("theirs")
        raise OSError(errno.EPERM, "no links")

    with patch("os.link", no_links):
        outcome = mesoplan(tmp_path, *HAIR)
    assert outcome.exit_code == 4
    assert [path.read_text() for path in tmp_path.iterdir()] == ["theirs"]


@pytest.mark.parametrize("folder", ["x" * 300, "plan/x", "a\0b"])
def test_a_folder_that_can_not_be_made_is_refused(folder: str, tmp_path: Path) -> None:
    (tmp_path / "plan").write_text("mine")
    outcome = mesoplan(tmp_path, *HAIR, "--split", folder)
    assert outcome.exit_code == 4
    assert "standard output" not in outcome.error
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_a_file_that_appears_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    real = os.link

    def slow_link(source: Path, target: Path) -> None:
        target.write_text("theirs")
        real(source, target)

    with patch("os.link", slow_link):
        outcome = mesoplan(tmp_path, *HAIR)
    assert outcome.exit_code == 4
    assert [path.read_text() for path in tmp_path.iterdir()] == ["theirs"]


def test_a_dry_run_refuses_what_a_real_one_would(tmp_path: Path) -> None:
    arguments = (*HAIR, "--private", "--location", "Hair clinic")
    assert mesoplan(tmp_path, *arguments, "--dry-run").exit_code == 2
    assert mesoplan(tmp_path, *arguments).exit_code == 2


def test_the_plan_and_a_session_never_share_a_file(tmp_path: Path) -> None:
    name = "each/mesoplan-hair-2026-12-01-01.ics"
    assert mesoplan(tmp_path, *HAIR, "-o", name, "--split", "./each").exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_split_folder_without_a_name_is_refused(tmp_path: Path) -> None:
    assert mesoplan(tmp_path, *HAIR, "--split", "").exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_file_name_does_not_reach_the_terminal_raw(tmp_path: Path) -> None:
    outcome = mesoplan(tmp_path, *HAIR, "-o", "a\x1b[31m\nb.ics")
    assert outcome.exit_code == 0
    assert "Calendar file: a\\x1b[31m\\nb.ics\n" in outcome.text


# ---------------------------------------------------------------- streams


def test_the_calendar_file_has_standard_output_to_itself(tmp_path: Path) -> None:
    outcome = mesoplan(tmp_path, *HAIR, "-o", "-")
    assert len(read(outcome.output).events) == 10
    assert outcome.output.startswith(b"BEGIN:VCALENDAR\r\n")
    assert outcome.output.endswith(b"END:VCALENDAR\r\n")
    assert "Calendar file: standard output" in outcome.error
    assert list(tmp_path.iterdir()) == []


def test_json_has_standard_output_to_itself(tmp_path: Path) -> None:
    outcome = mesoplan(tmp_path, *HAIR, "--json", "--patient", "山田")
    assert outcome.output.isascii()
    document = json.loads(outcome.text)
    assert document["schema"] == "mesoplan/1"
    assert document["patient"] == "山田"
    (written,) = tmp_path.iterdir()
    assert outcome.error == f"Calendar file: {written.name}\n"
    uids = [event.uid for event in read(written.read_bytes()).events]
    assert uids == [each["uid"] for each in (*document["sessions"], *document["maintenance"])]


def test_a_reader_that_has_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    # The reader goes at once; the writer waits, so that it surely writes to nobody.
    done = run_child(
        tmp_path, f"{{ sleep 0.3; $MESOPLAN {' '.join(HAIR)}; echo $? >code; }} | true"
    )
    assert done.stderr == ""
    assert (tmp_path / "code").read_text() == "0\n"
    assert (tmp_path / "mesoplan-hair-2026-12-01.ics").exists()


def test_a_calendar_file_that_nobody_takes_is_an_error(tmp_path: Path) -> None:
    done = run_child(
        tmp_path, f"{{ sleep 0.3; $MESOPLAN {' '.join(HAIR)} -o -; echo $? >code; }} | true"
    )
    assert (tmp_path / "code").read_text() == "4\n"
    assert "standard output can't be written: its reader has gone" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("more", ["", " -o -", " --help"])
def test_a_full_disk_behind_standard_output_is_said(more: str, tmp_path: Path) -> None:
    done = run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)}{more} >/dev/full")
    assert done.returncode == 4
    assert "standard output can't be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_error_changes_no_exit_code(tmp_path: Path) -> None:
    assert run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)} --json 2>/dev/full").returncode == 0
    assert run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)} --json 2>/dev/full").returncode == 4
    # The schedule, and then that it can't be shown.
    assert run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)} -o - 2>/dev/full").returncode == 4


def test_nothing_is_left_when_standard_output_fails(tmp_path: Path) -> None:
    done = run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)} -o - --split each >&-")
    assert done.returncode == 4
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_is_said_though_the_schedule_can_not_be(tmp_path: Path) -> None:
    done = run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)} >&-")
    assert "Calendar file: mesoplan-hair-2026-12-01.ics" in done.stderr


@pytest.mark.parametrize("more", ["", " -o -"])
def test_a_closed_standard_output_is_said(more: str, tmp_path: Path) -> None:
    done = run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)}{more} >&-")
    assert done.returncode == 4
    assert done.stderr.startswith("mesoplan: standard output is closed\n")


def test_a_closed_standard_error_changes_nothing(tmp_path: Path) -> None:
    assert run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)} 2>&-").returncode == 0
    assert run_child(tmp_path, "$MESOPLAN plan hare 2>&-").returncode == 2


def test_a_console_without_the_characters_gets_plain_ones(tmp_path: Path) -> None:
    line = f"$MESOPLAN {' '.join(HAIR)} --patient Zoë"
    done = run_child(tmp_path, line, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert "Hair | scalp | 8 sessions" in done.stdout
    assert "29 Dec 2026 - 5 Jan 2027" in done.stdout
    assert "Patient: Zo?" in done.stdout


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    done = run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)} --patient \"$(printf 'A\\377')\"")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- interruptions and the clock


def test_an_interruption_is_exit_130_and_leaves_nothing(tmp_path: Path) -> None:
    with patch("os.fsync", side_effect=KeyboardInterrupt):
        outcome = mesoplan(tmp_path, *HAIR)
    assert outcome.exit_code == 130
    assert outcome.text == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "what_happens",
    ["raise KeyboardInterrupt", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"],
)
def test_an_interruption_while_loading_is_exit_130(what_happens: str, tmp_path: Path) -> None:
    (tmp_path / "tzlocal.py").write_text(what_happens)
    done = run_child(tmp_path, f"$MESOPLAN {' '.join(HAIR)}", PYTHONPATH=str(tmp_path))
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "now",
    [
        *["soon", "2026-12-01", "2026-12-01T09:00:00", "1764547200"],
        *["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"],
    ],
)
def test_a_clock_that_is_set_wrong_is_refused(
    now: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WORLD, "MESOPLAN_NOW", now)
    outcome = mesoplan(tmp_path, *HAIR)
    assert outcome.exit_code == 2
    assert len(outcome.error.splitlines()) == 2


def test_tomorrow_is_counted_in_the_clinics_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WORLD, "MESOPLAN_NOW", "2026-12-01T22:00:00Z")
    for zone, day in (("America/New_York", "Wed  2 Dec"), ("Asia/Bangkok", "Thu  3 Dec")):
        outcome = mesoplan(tmp_path, "plan", "hair", "tomorrow", "--tz", zone, "--dry-run")
        assert f"1/8  {day} 2026" in outcome.text


def test_a_start_that_is_worked_out_is_never_at_a_time_that_is_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ("plan", "hair", "-n", "8", "--depart", "2027-01-20", "--dry-run")
    for clock, day in (("08:59", "Mon 23 Nov"), ("09:01", "Tue 24 Nov")):
        # It is an hour later in Paris; the session begins at 10:00.
        monkeypatch.setitem(WORLD, "MESOPLAN_NOW", f"2026-11-23T{clock}:00Z")
        assert f"1/8  {day} 2026" in mesoplan(tmp_path, *line).text
    assert "in the past" in mesoplan(tmp_path, "plan", "hair", "today", "--dry-run").text


@pytest.mark.parametrize("zone", ["Europe/Pariss", "EST5EDT,M3.2.0,M11.1.0", ":nowhere"])
def test_a_zone_in_the_environment_that_does_not_exist_is_refused(
    zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WORLD, "TZ", zone)
    assert mesoplan(tmp_path, *HAIR, "--dry-run").exit_code == 2
    assert mesoplan(tmp_path, *HAIR, "--dry-run", "--tz", "Asia/Tokyo").exit_code == 0


def test_a_zone_that_the_machine_only_guesses_is_doubted_aloud(tmp_path: Path) -> None:
    def guess() -> str:
        warnings.warn("no configuration, defaulting to UTC", stacklevel=1)
        return "UTC"

    with patch("tzlocal.get_localzone_name", guess):
        outcome = mesoplan(tmp_path, *HAIR, "--dry-run")
    assert outcome.exit_code == 0
    assert "UTC is assumed" in outcome.error


def test_a_machine_without_a_zone_asks_for_one(tmp_path: Path) -> None:
    with patch("tzlocal.get_localzone_name", side_effect=LookupError):
        outcome = mesoplan(tmp_path, *HAIR)
    assert outcome.exit_code == 2
    assert "--tz" in outcome.error


# ---------------------------------------------------------------- terminals

AWAY = DateRange(date(2026, 12, 14), date(2026, 12, 20))
LABELS = ("Ann", "שלום עולם", "山田太郎" * 10, "Zoë 🧑‍⚕️ [VIP]", "x" * 80)


def drawn(view: str, width: int, label: str) -> list[str]:
    found = plan(
        Request(
            "hair",
            date(2026, 12, 1),
            closed_weekdays=frozenset({6, 0}),
            holidays=("FR",),
            away=(AWAY,),
            patient=label,
        )
    )
    view_of = schedule.months if view == "month" else schedule.table
    return printed(view_of(found, width), width)


def printed(page: Iterable[Part], width: int) -> list[str]:
    stream = io.StringIO()
    with patch.dict(os.environ, {"TERM": "xterm", "NO_COLOR": "1"}):
        print_page(page, stream, width)
    return re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()).splitlines()


@pytest.mark.parametrize("width", some([30, 40, 60, 80, 200], 2))
def test_a_change_fits_its_terminal_and_every_row_is_complete(width: int) -> None:
    before = plan(Request("contouring", date(2026, 12, 1), closed_weekdays=frozenset({6})))
    now = datetime(2026, 12, 9, 12, tzinfo=UTC)
    after = replan(before, Miss(SessionName("course", 2)), now=now)
    lines = printed(changes(compare(before, after, now), width), width)
    assert max(map(cell_len, lines)) <= width
    text = re.sub(r"[\s─]+", " ", "\n".join(lines))
    assert "…" not in text
    short = "" if width < 76 else " 2026"
    if width < 60:
        assert "2/8 Tue 8 Dec 10:00 missed" in text
        assert "3/8 → 2/8 Tue 15 Dec 10:00 4/8" in text
        assert "→ 8/8 Tue 26 Jan 10:00 new" in text
        return
    assert f"2/8 Tue 8 Dec{short} 10:00 – – missed" in text
    assert f"3/8 Tue 15 Dec{short} 10:00 2/8 Tue 15 Dec{short} 10:00 4/8" in text
    assert re.search(r"– – 8/8 Tue 26 Jan( 2027)? 10:00 new", text)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("width", some([30, 40, 60, 80, 200], 2))
@pytest.mark.parametrize("view", ["table", "month"])
def test_a_schedule_fits_its_terminal_and_is_complete(view: str, width: int, label: str) -> None:
    lines = drawn(view, width, label)
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    for number in range(1, 9):
        assert f"{number}/8" in text
    assert "Maintenance" in text or view == "month"
    words = re.sub(r"\s+", "", text)
    assert re.sub(r"\s+", "", f"Patient: {label}") in words
    if view == "table":
        assert "patientaway14–20Dec" in words


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120])
def test_on_a_terminal_no_line_ends_within_a_date_and_notes_hang(
    width: int, tmp_path: Path
) -> None:
    typed = [*HAIR, "--closure", "2026-12-24..2027-01-03", "--depart", "2027-01-20", "-n", "7"]
    shown = mesoplan(tmp_path, *typed, "--closed", "sun,mon", "--holidays", "FR", columns=width)
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown.text).splitlines()]
    assert max(map(cell_len, lines)) <= width
    month = r"[A-Z][a-z]{2}\b"
    in_date = rf"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\n| \d{{1,2}}\n *{month}|\d {month}\n *\d{{4}}"
    assert re.findall(in_date, "\n".join(lines)) == []
    (note, below) = next(
        (lines[k], lines[k + 1]) for k, line in enumerate(lines) if line.startswith("Note: ")
    )
    assert below.startswith("      ")
    assert note[6] != " "


def test_a_command_to_paste_stays_in_one_line_on_a_terminal(tmp_path: Path) -> None:
    typed = ["--closure", "2026-12-02..2027-03-20", "--patient", "Ann from the second floor"]
    lines = mesoplan(tmp_path, *HAIR, *typed, columns=60).error.splitlines()
    commands = [line for line in lines if line.startswith("      mesoplan ")]
    assert commands
    assert all("--patient 'Ann from the second floor'" in command for command in commands)
    assert max(len(line) for line in lines if line not in commands) <= 60


@pytest.mark.parametrize("columns", [60, 80])
def test_the_command_that_keeps_the_rhythm_stays_in_one_line(tmp_path: Path, columns: int) -> None:
    mesoplan(tmp_path, *HAIR, "-o", "p.ics")
    answer = mesoplan(tmp_path, "miss", "p.ics", "2", columns=columns)
    assert "\nmesoplan replan p.ics --keep rhythm\n" in answer.text


def test_a_note_that_sessions_share_is_told_once() -> None:
    hours = ((TimeRange(840, 1080),), *(((TimeRange(540, 1080),),) * 6))
    request = Request(
        "contouring", date(2026, 12, 7), opening_hours=hours, sessions=5, maintenance_per_year=0
    )
    away = replace(request, away=(DateRange(date(2026, 12, 21), date(2026, 12, 21)),))

    def notes(request: Request) -> list[str]:
        lines = plain_text(schedule.table(plan(request), 80)).splitlines()
        return [line.strip() for line in lines if "clinic open 14:00–18:00" in line]

    assert notes(request) == ["1/5 – 5/5  clinic open 14:00–18:00 on Mondays, not at 10:00"]
    assert notes(away) == ["1/5  clinic open 14:00–18:00 on Mondays, not at 10:00"]


def test_a_label_is_the_last_thing_on_its_line() -> None:
    (line,) = (line for line in drawn("table", 80, "שלום") if "Patient" in line)
    assert line.rstrip().endswith("שלום")


def on_a_terminal(folder: Path, columns: int, **environment: str) -> str:
    """What a real terminal of that width is sent."""
    import fcntl
    import pty
    import struct
    import termios

    terminal, its_end = pty.openpty()
    fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    world = {**os.environ, **WORLD, **environment}
    for name in ("COLUMNS", "NO_COLOR"):
        if name not in environment:
            world.pop(name, None)
    command = [sys.executable, "-m", "mesoplan", *HAIR, "--closed", "tue,wed", "--dry-run"]
    with subprocess.Popen(command, cwd=folder, env=world, stdout=its_end) as process:
        os.close(its_end)
        sent = b""
        with contextlib.suppress(OSError):  # Linux ends a terminal's output with EIO
            while data := os.read(terminal, 65536):
                sent += data
    os.close(terminal)
    assert process.returncode == 0
    return sent.decode()


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_boxes_and_colour_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    plain = on_a_terminal(tmp_path, 70, TERM="dumb")
    assert "\x1b" not in plain
    assert "─" not in plain
    colourless = on_a_terminal(tmp_path, 70, NO_COLOR="1")
    assert "─" in colourless
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", colourless)
    assert re.search(r"\x1b\[[0-9;]*3[0-9]m", on_a_terminal(tmp_path, 70))


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_the_width_is_the_terminals_unless_columns_says_otherwise(tmp_path: Path) -> None:
    assert "Note" in on_a_terminal(tmp_path, 200)
    assert "* Not on the preferred day" in on_a_terminal(tmp_path, 200, COLUMNS="80")
