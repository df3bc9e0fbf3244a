"""`mesoplan agenda`: pages for any window, and one calendar for the doctor's own screen."""

import io
import json
import re
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import icalendar
import pytest
from rich.cells import cell_len

from mesoplan import DateRange, Request
from mesoplan.book.folder import read_book
from mesoplan.cli.terminal import print_page
from mesoplan.errors import FileProblem
from mesoplan.formats.agenda import agenda_page
from mesoplan.formats.agenda_calendar import agenda_file
from mesoplan.formats.agenda_months import agenda_months
from mesoplan.formats.page import plain_text
from mesoplan.model.plan import Status
from mesoplan.planning.agenda import Agenda, BookEntry, agenda_of
from tests.command_line import mesoplan
from tests.plan_books import book_entry, make_book, plan_bytes, plan_id, session_at
from tests.reading import read

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
LABELS = ("Ann; B, \\ C", "張偉" * 30, "Zoë\u200d – " + "ö" * 60, None, "a" * 74)


def random_book(random: Random, zone: str) -> list[BookEntry]:
    """Plans with sessions at any time of 2026 and 2027."""
    plans = []
    for number in range(1, 8):
        starts = sorted(random.randrange(1_767_225_600, 1_830_297_600, 300) for _ in range(4))
        sessions = [
            session_at(
                f"{plan_id(number)}-{k:02d}",
                k,
                datetime.fromtimestamp(start, ZoneInfo(zone)),
                random.choice([20, 45, 90]),
                kind=random.choice(["course", "maintenance"]),
                status=random.choice(list(Status)),
                sequence=k,
            )
            for k, start in enumerate(starts, start=1)
        ]
        goal, patient = random.choice(["hair", None]), random.choice(LABELS)
        plans.append(
            book_entry(str(number), sessions, goal=goal, patient=patient, zone=zone, total=9)
        )
    return plans


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Africa/Cairo", "UTC"])
def test_the_calendar_holds_each_appointment_as_other_programs_read_it(zone: str) -> None:
    random = Random(zone)
    plans = random_book(random, zone)
    days = DateRange(date(2026, 1, 1), date(2027, 12, 31))
    made = agenda_of(plans, days, Request("", timezone=zone), STAMP)
    data = agenda_file([b for day in made.found for b in day.bookings], zone, STAMP, private=False)
    assert all(len(each) <= 75 for each in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    booked = {
        f"agenda-{session.uid}": (entry.plan, session)
        for entry in plans
        for session in (*entry.plan.active, *entry.plan.dropped)
    }
    found = read(data)
    assert {event.uid for event in found.events} == set(booked)
    assert len(found.events) == len(booked)
    for event in found.events:
        plan, session = booked[event.uid]
        assert (event.start, event.end) == (session.start, session.end)
        assert (event.texts["status"] == "CANCELLED") is session.is_dropped
        assert event.texts["sequence"] == str(session.sequence)
        assert not event.alarms
        label = plan.request.patient
        assert label is None or event.texts["summary"].startswith(f"{label.strip()}: ")
    parsed = icalendar.Calendar.from_ical(data)
    assert all(not event.errors for event in parsed.walk())


def test_a_private_calendar_tells_neither_treatment_nor_goal_nor_patient(tmp_path: Path) -> None:
    make_book(tmp_path / "plans")
    for options in ([], ["--private"]):
        outcome = mesoplan(tmp_path, "agenda", "plans", "--ics", "doctor.ics", *options)
        assert outcome.exit_code == 0
        text = (tmp_path / "doctor.ics").read_text("utf-8").replace("\n ", "").lower()
        told = [word in text for word in ("mesoplan", "hair", "top-up", "patient", "scalp")]
        assert told == [not options] * 4 + [False]
    assert "follow-up 1/2" in text


def test_all_to_come_is_written_where_no_days_are_named(tmp_path: Path) -> None:
    make_book(tmp_path / "plans", 1)
    outcome = mesoplan(tmp_path, "agenda", "plans", "--ics", "-", now="2026-12-08T12:00:00Z")
    found = icalendar.Calendar.from_ical(outcome.output).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in found] == [
        *("Patient 1: hair 2/3", "Patient 1: hair 3/3"),
        *("Patient 1: hair top-up 1/2", "Patient 1: hair top-up 2/2"),
    ]
    assert "Agenda · Tue 8 Dec 2026" in outcome.error
    assert "Calendar file: standard output (4 appointments)" in outcome.error
    day = ("--from", "2026-12-01")
    outcome = mesoplan(tmp_path, "agenda", "plans", "--ics", "-", *day)
    assert len(icalendar.Calendar.from_ical(outcome.output).walk("VEVENT")) == 1


def test_an_earlier_agenda_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    make_book(tmp_path / "plans", 1)
    file = tmp_path / "doctor.ics"
    arguments = ("agenda", "plans", "--ics", "doctor.ics")
    assert mesoplan(tmp_path, *arguments).exit_code == 0
    first = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert mesoplan(tmp_path, *arguments, now="2026-12-24T12:00:00Z").exit_code == 0
    assert file.read_bytes() != first
    assert sorted(each.name for each in tmp_path.iterdir()) == ["doctor.ics", "plans"]
    for other in (plan_bytes(2), b"", b"X-AGENDA-OF-APPOINTMENTS:1\r\n"):
        file.write_bytes(other)
        outcome = mesoplan(tmp_path, *arguments)
        assert outcome.exit_code == 4
        assert outcome.text == ""
        assert file.read_bytes() == other
    file.unlink()
    file.symlink_to(tmp_path / "nowhere")
    assert mesoplan(tmp_path, *arguments).exit_code == 4


def test_an_agenda_without_appointments_is_a_calendar_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    outcome = mesoplan(tmp_path, "agenda", "plans", "--ics", "-", "--tz", "Asia/Bangkok")
    (zone,) = icalendar.Calendar.from_ical(outcome.output).subcomponents
    assert zone["TZID"] == "Asia/Bangkok"
    assert "No sessions · 0 plans in the book" in outcome.error


def test_the_days_go_by_the_clock_that_was_asked_for(tmp_path: Path) -> None:
    make_book(tmp_path / "plans", 1)
    arguments = ("agenda", "plans", "--from", "2026-12-01")
    (tmp_path / "clinic.toml").write_text('timezone = "Asia/Tokyo"\nbook = "plans"\n')
    assert "10:00–10:30" in mesoplan(tmp_path, *arguments).text
    assert "18:00–18:30" in mesoplan(tmp_path, *arguments, "--clinic", "clinic.toml").text
    typed = ("--clinic", "clinic.toml", "--tz", "Pacific/Auckland")
    assert "22:00–22:30" in mesoplan(tmp_path, *arguments, *typed).text
    assert mesoplan(tmp_path, *arguments, "--tz", "Nowhere/Land").exit_code == 2


def test_a_folder_that_is_called_as_a_day_is_meant_before_the_day(tmp_path: Path) -> None:
    make_book(tmp_path / "tue", 2)
    outcome = mesoplan(tmp_path, "agenda", "tue")
    assert "Mon 23 Nov 2026" in outcome.text
    assert "mesoplan agenda --from tue" in outcome.error
    assert "Tue 24 Nov 2026" in mesoplan(tmp_path, "agenda", "tue", "tue").text


@pytest.mark.parametrize("width", [24, 40, 60, 80, 200])
def test_a_page_keeps_within_the_window(tmp_path: Path, width: int) -> None:
    folder = make_book(tmp_path / "a folder")
    (folder / ("long " * 12 + "name.ics")).write_bytes(plan_bytes(4))
    (folder / "none.ics").write_bytes(b"BEGIN")
    plans = read_book(folder, lambda: "UTC")
    first = plans.entries[0]
    broken = replace(first.plan, sessions=first.plan.sessions[::2])
    entries = [first._replace(plan=broken), *plans.entries[1:]]
    now = datetime(2026, 12, 9, tzinfo=UTC)
    made = agenda_of(
        entries,
        DateRange(date(2026, 12, 1), date(2026, 12, 9)),
        Request("", timezone="UTC", rooms=2),
        now,
    )
    problems = [*plans.unreadable, FileProblem(None, "x " * 60, "y " * 60)]
    for parts in (agenda_page(made, problems, width), agenda_months(made, problems, width)):
        stream = io.StringIO()
        print_page(parts, stream, width)
        lines = stream.getvalue().splitlines()
        narrowest = 35 if "December" in stream.getvalue() else 0
        assert max(cell_len(_plain(line)) for line in lines) <= max(width, narrowest)


def test_a_terminal_shows_the_first_of_many_problems_and_a_pipe_all() -> None:
    problems = [FileProblem(None, f"problem {number}", "mend it") for number in range(100)]
    days = DateRange(date(2026, 12, 1), date(2026, 12, 1))
    made = agenda_of((), days, Request("", timezone="UTC"), STAMP)
    assert plain_text(agenda_page(made, problems, None)).count("problem ") == 100
    shown = plain_text(agenda_page(made, problems, 80))
    assert shown.count("problem ") == 3
    assert "and 97 more" in shown


def test_a_busy_day_fits_a_screen_with_all_that_is_to_be_done() -> None:
    zone, now = ZoneInfo("Europe/Paris"), datetime(2026, 12, 1, 12, tzinfo=UTC)
    at_nine = datetime(2026, 12, 1, 9, tzinfo=zone)

    def entries(kind: str, count: int, *days: int, total: int = 0) -> list[BookEntry]:
        return [
            book_entry(
                f"{kind}{k}",
                [
                    session_at(f"{kind}{k}-{n}", n, at_nine + timedelta(day, 1800 * k))
                    for n, day in enumerate(days, start=1)
                ],
                patient=f"P. {kind}{k}",
                total=total,
            )
            for k in range(count)
        ]

    book = [
        *entries("today", 16, 0, 7, 14),
        *entries("past", 30, -7, 7, 14),
        *entries("broken", 20, 7, 40, 47),
        *entries("lacking", 20, 9, 16, total=3),
        *entries("clashing", 2, 0, 7, 14),
    ]
    problems = [FileProblem(Path(f"{k}.ics"), f"problem {k}", "mend it") for k in range(20)]
    made = agenda_of(book, DateRange(now.date(), now.date()), Request("", timezone=str(zone)), now)
    stream = io.StringIO()
    print_page(agenda_page(made, problems, 80), stream, 80)
    lines = [_plain(line) for line in stream.getvalue().splitlines()]
    assert len(lines) <= 45
    headings = [
        "Tue 1 Dec 2026 · 18",
        "Clashes: 2",
        "To record: 40 past sessions (10 shown above)",
    ]
    headings += [
        "Plans that break a rule: 20",
        "Courses with missing sessions: 20",
        "Left out: 20 files",
    ]
    places = [next(k for k, line in enumerate(lines) if text in line) for text in headings]
    assert places == sorted(places)
    assert any("P. past0 1" in line for line in lines)


def busy_week(sessions: int, *labels: str) -> Agenda:
    """December 2026, with so many sessions on the 1st, and one of each label from the 2nd on."""
    zone = ZoneInfo("Europe/Paris")
    at_nine = datetime(2026, 12, 1, 9, tzinfo=zone)
    starts = [(f"Patient {k}", at_nine + timedelta(minutes=30 * k)) for k in range(sessions)]
    starts += [(label, at_nine + timedelta(days)) for days, label in enumerate(labels, start=1)]
    entries = [
        book_entry(f"file{k}", [session_at(f"s{k}", 1, start)], patient=label or None)
        for k, (label, start) in enumerate(starts)
    ]
    days = DateRange(date(2026, 12, 1), date(2026, 12, 31))
    return agenda_of(entries, days, Request("", timezone=str(zone)), STAMP)


def months_shown(made: Agenda, width: int) -> list[str]:
    stream = io.StringIO()
    print_page(agenda_months(made, (), width), stream, width)
    months, *_ = _plain(stream.getvalue()).split("\nTo record")
    months, *_ = months.split("\nPlans that")
    return months.splitlines()


def test_months_list_labels_in_a_wide_window_and_loads_in_a_narrow_one() -> None:
    made = busy_week(2, "Anne-Marie Dupont", "", "張三", "משה")
    lines = months_shown(made, 140)
    (row,) = (line for line in lines if "Anne" in line)
    cells = ["09:00 Patient 0", "09:00 Anne-Marie Dupont", "09:00 file3", "09:00 張三"]
    cells.append("09:00 משה")
    places = [cell_len(row[: row.index(cell[:13])]) for cell in cells]
    assert places == [5, 29, 53, 77, 101]
    assert not any("×" in line for line in lines)
    assert any("09:00 Anne-Mari… 09:00 file3" in line for line in months_shown(made, 96))
    narrow = months_shown(made, 80)
    assert any(" 1×2    2×1    3×1 " in line for line in narrow)
    assert not any("Anne" in line for line in narrow)


def test_short_labels_fit_a_usual_window_and_a_month_is_no_wider_than_they_need() -> None:
    made = busy_week(0, "Roux", "Lee")
    assert any("09:00 Roux 09:00 Lee" in line for line in months_shown(made, 80))
    lines = months_shown(made, 200)
    assert max(map(len, lines)) <= 81


def test_a_day_with_many_sessions_lists_some_and_says_how_many_more() -> None:
    lines = months_shown(busy_week(5), 140)
    assert sum("Patient" in line for line in lines) == 5
    lines = months_shown(busy_week(12), 140)
    assert sum("Patient" in line for line in lines) == 4
    assert any("+8 more" in line for line in lines)


def test_months_name_private_patients_as_the_book_does(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    options = ("--private", "--patient", "Roux", "--book", "plans")
    mesoplan(tmp_path, "plan", "hair", "2026-12-01", *options)
    month = ("agenda", "plans", "--view", "month", "--from", "2026-12-01", "--days", "31")
    assert "10:00 Roux" in mesoplan(tmp_path, *month, columns=100).text
    assert "Roux" not in mesoplan(tmp_path, *month).text


def test_months_without_a_last_day_go_to_the_end_of_the_month(tmp_path: Path) -> None:
    make_book(tmp_path / "plans", 1)
    now = "2026-12-15T08:00:00Z"
    month = ("agenda", "plans", "--view", "month")
    assert "1 – 28 Feb 2027" in mesoplan(tmp_path, *month, "--from", "1 feb", now=now).text
    text = mesoplan(tmp_path, *month, now=now).text
    assert "1 – 31 Dec 2026" in text
    assert " 1×1 " in text


def test_a_past_session_of_today_is_there_once_with_the_file_to_record_it_in(
    tmp_path: Path,
) -> None:
    make_book(tmp_path / "plans", 1)
    for view, found in (("table", 1), ("month", 1)):
        arguments = ("agenda", "plans", "--view", view)
        text = mesoplan(tmp_path, *arguments, now="2026-12-01T15:00:00Z").text
        assert text.count("Patient 1") == text.count("a.ics") == found
        assert "To record: 1 past session" in text
        assert ("(1 shown above)" in text) is (view == "table")


def test_a_narrow_window_names_no_file_where_labels_are_enough(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "plans", 2)
    for name in "ab":
        (folder / f"{name}.ics").rename(folder / f"{name}{'-long' * 8}.ics")
    day = ("agenda", "plans", "--from", "2026-12-01")
    heading = "Time         No.  Goal          Rooms  Patient"
    assert heading in _plain(mesoplan(tmp_path, *day, columns=70).text)
    assert "No.  Patient" in _plain(mesoplan(tmp_path, *day, columns=40).text)
    for columns in (120, None):
        assert "a-long" in mesoplan(tmp_path, *day, columns=columns).text
    past = mesoplan(tmp_path, "agenda", "plans", columns=80, now="2026-12-03T12:00:00Z").text
    assert "Patient 1: 1 (Tue 1 Dec 2026, 10:00)" in _plain(past)
    second = next(folder.glob("b-*"))
    text = second.read_bytes().replace(b"\r\n ", b"")
    second.write_bytes(text.replace(b"Patient+2", b"Patient+1"))
    assert "a-long" in mesoplan(tmp_path, *day, columns=70).text


def staffed(folder: Path) -> Path:
    """A book: two plans with Roux, one with Duval, one with nobody."""
    make_book(folder / "plans", 4)
    for name, treats in (("a", "roux"), ("b", "duval"), ("c", "roux")):
        file = folder / "plans" / f"{name}.ics"
        text = file.read_bytes().replace(b"\r\n ", b"")
        file.write_bytes(text.replace(b"&zone=", b"&with=%b&zone=" % treats.encode()))
    return folder


def test_the_agenda_of_one_practitioner_has_their_plans_alone(tmp_path: Path) -> None:
    arguments = ("agenda", "plans", "--from", "2026-12-01", "--json")
    for name, files in (("roux", "ac"), ("DUVAL", "b")):
        outcome = mesoplan(staffed(tmp_path), *arguments, "--with", name)
        (day,) = json.loads(outcome.output)["days"]
        assert [each["file"][0] for each in day["sessions"]] == list(files)
        assert {each["practitioner"]["id"] for each in day["sessions"]} == {name.lower()}


def test_a_folder_gets_one_calendar_for_each_practitioner_and_one_for_nobody(
    tmp_path: Path,
) -> None:
    arguments = ("agenda", "plans", "--ics", "calendars/")
    assert mesoplan(staffed(tmp_path), *arguments).exit_code == 0
    folder = tmp_path / "calendars"
    events = {
        file.stem: [str(event["SUMMARY"])[:9] for event in read_ics(file).walk("VEVENT")]
        for file in folder.iterdir()
    }
    assert events == {
        "roux": ["Patient 1", "Patient 3"] * 5,
        "duval": ["Patient 2"] * 5,
        "not_assigned": ["Patient 4"] * 5,
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    # All are written again, or none.
    (folder / "roux.ics").write_bytes(plan_bytes(1))
    assert mesoplan(tmp_path, *arguments, now="2026-12-02T12:00:00Z").exit_code == 4
    after = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert after == before | {"roux.ics": plan_bytes(1)}


def test_a_diary_that_can_not_be_read_is_said_and_the_others_count(tmp_path: Path) -> None:
    profile = 'timezone = "Europe/Paris"\nbook = "plans"\nrooms = 9\n'
    for name in ("roux", "duval", "martin"):
        diary = f'id = "{name}"\nname = "Dr {name.title()}"\nbusy = ["{name}.ics"]\n'
        profile += f"[[practitioner]]\n{diary}"
    (tmp_path / "clinic.toml").write_text(profile)
    # The agenda itself, imported there, is nothing else.
    arguments = ("agenda", "--clinic", "clinic.toml", "--from", "2026-12-01")
    outcome = mesoplan(staffed(tmp_path), *arguments, "--ics", "duval.ics")
    assert (outcome.exit_code, outcome.error.count("are not known")) == (0, 3)
    own = (tmp_path / "duval.ics").read_bytes()
    (tmp_path / "roux.ics").write_bytes(own.replace(b"UID:agenda-", b"UID:dinner-"))
    outcome = mesoplan(tmp_path, *arguments, "--json")
    assert outcome.error.count("are not known") == outcome.error.count("Martin") == 1
    clashes = json.loads(outcome.output)["clashes"]
    assert [each["practitioner"]["id"] for each in clashes] == ["roux", "roux", "roux"]
    assert {each["code"] for each in clashes} == {"BUSY", "PRACTITIONER"}


def read_ics(file: Path) -> icalendar.Calendar:
    found = icalendar.Calendar.from_ical(file.read_bytes())
    assert isinstance(found, icalendar.Calendar)
    return found


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
