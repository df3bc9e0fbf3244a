"""What `mesoplan check` reads: lists, tables and calendars of others, and what it refuses."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesoplan import Status
from mesoplan.errors import FileProblem
from mesoplan.formats import columns
from mesoplan.formats.calendars import read_calendar
from mesoplan.formats.dates import read_dates
from mesoplan.planning.appointments import Appointment
from tests.command_line import Outcome, mesoplan

PARIS = ZoneInfo("Europe/Paris")
CALENDARS = Path(__file__).parents[1] / "calendars"
EXPORTS = Path(__file__).parents[1] / "exports"
OTHERS = sorted(CALENDARS.rglob("*.ics"))
SECRET = "Beatrix Geheimnis"


def written(text: str | bytes) -> list[str]:
    """The dates in a list or table, each with its time and what else is told of it."""
    data = text.encode() if isinstance(text, str) else text
    return [shown(each) for each in read_dates(data, None, "it", PARIS).dates]


def shown(each: Appointment) -> str:
    moment = f"{each.start:%Y-%m-%d %H:%M}" if each.start else f"{each.day}"
    return " ".join(filter(None, (moment, each.kind)))


def refusal(text: str | bytes) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        written(text)
    return caught.value


def require_plain_refusal(read: Callable[[], list[str]]) -> None:
    """Unless there are dates, there is a FileProblem that a terminal can show."""
    refused = None
    try:
        assert read()
    except FileProblem as error:
        refused = error
    if refused is not None:
        assert (refused.problem + refused.remedy + "".join(refused.details)).isprintable()


def check(folder: Path, data: bytes, *arguments: str) -> Outcome:
    return mesoplan(folder, "check", "-", *arguments, given=data)


def checked(folder: Path, data: bytes, *arguments: str) -> dict[str, Any]:
    outcome = check(folder, data, "--json", *arguments)
    assert outcome.exit_code in (0, 1), outcome.error
    document: dict[str, Any] = json.loads(outcome.text)
    return document


def calendar(*events: str) -> bytes:
    inside = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{inside}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def in_calendar(data: bytes, match: str | None = None) -> list[str]:
    found = read_calendar(data, None, "it", PARIS, match)
    return [shown(each) for each in found.dates]


# Lists


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2026-12-01\n\n# a comment\n 8 Dec 2026 # first\n", ["2026-12-01", "2026-12-08"]),
        ("\ufeff2026-12-01 9:30\r\n2026-12-08T14:00\r\n", ["2026-12-01 09:30", "2026-12-08 14:00"]),
        ("2026-12-01 2026-12-08, 2026-12-15", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        ("2026-12-01 9:30 2026-12-08 10:00", ["2026-12-01 09:30", "2026-12-08 10:00"]),
        ("1 Dec 2026, 8 Dec 2026", ["2026-12-01", "2026-12-08"]),
        ("Dec 1, 2026; Dec 8, 2026", ["2026-12-01", "2026-12-08"]),
        ("Tue, 1 December 2026", ["2026-12-01"]),
        ("- 2026-12-01\n* 2026-12-08", ["2026-12-01", "2026-12-08"]),
        ("2026-12-01T23:30:00Z", ["2026-12-02 00:30"]),
        ("2026-12-01 10:00:00", ["2026-12-01 10:00"]),
        ("2026-12-01T10:00+09:00", ["2026-12-01 02:00"]),
        (
            "01.12.2026\n1-Dec-26\n21.12.2026\n25/12/2026",
            ["2026-12-01"] * 2 + ["2026-12-21", "2026-12-25"],
        ),
        ("25/12/2026 9:30 PM\n2026-12-28 00:00:00", ["2026-12-25 21:30", "2026-12-28"]),
    ],
)
def test_a_list_is_read(text: str, dates: list[str]) -> None:
    assert written(text) == dates


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-12-01\n01/02/2026", "it, line 2: '01/02/2026' can be "),
        ("2026-12-01, 01/02/2026", "it, line 1: '01/02/2026' can be "),
        ("2026-12-01\ntomorrow", "it, line 2: the text there is not a date"),
        ("2026-12-01\n31 Feb 2027", "it, line 2: there is no 31 February 2027"),
        ("1999-12-01", "it, line 1: 1999-12-01 is outside the years"),
        ("2026-12-01T25:00:00Z", "it, line 1: '2026-12-01T25:00:00Z' is not a date"),
        ("2026-12-01 25:00", "it, line 1: '25:00' is not a time of day"),
        ("Dec 1, 2026, Dec 8", "it, line 1: 'Dec 1, 2026, Dec 8'"),
        ("", "it is empty"),
        (" \n\n", "it is empty"),
        ("# nothing yet", "there is no date in it"),
        ("date\n", "there is no date in it"),
        (b"2026-12-01\n\x00\x01", "it is not text"),
        (b"PK\x03\x04 a spreadsheet", "it is a spreadsheet or an archive"),
        ("2026-12-01".encode("utf-16")[:-1], "it is not text"),
    ],
)
def test_what_is_no_clear_list_is_refused_with_its_line(text: str | bytes, why: str) -> None:
    assert refusal(text).problem.startswith(why)


def test_every_wrong_line_is_told_at_once() -> None:
    error = refusal("01/02/2026\n2026-12-01\n03/04/2026\n")
    assert "line 1" in error.problem
    assert [line.partition(":")[0] for line in error.details] == ["line 3"]


# Tables


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("date\n2026-12-01\n", ["2026-12-01"]),
        ("Name;Date\nA;2026-12-01\nA;1 Dec 2027\n", ["2026-12-01", "2027-12-01"]),
        ("Subject\tStart Date\tStart Time\nx\t2026-12-01\t2:30:00 PM\n", ["2026-12-01 14:30"]),
        ("sep=;\nwhen;who\n2026-12-01;x\n", ["2026-12-01"]),
        ("session,when\n1,2026-12-01\n2,2026-12-08\n", ["2026-12-01", "2026-12-08"]),
        ("Termin,Wer\n2026-12-01,x\n", ["2026-12-01"]),
        ('who,date\n"two\nlines",2026-12-01\n', ["2026-12-01"]),
        (
            "date,kind\n2026-12-01,Course\n2027-06-01,upkeep\n2026-12-08,\n",
            ["2026-12-01 course", "2027-06-01 maintenance", "2026-12-08"],
        ),
        (
            "date,status\n2026-12-01,planned\n2026-12-08,Cancelled\n2026-12-09,missed\n,planned\n",
            ["2026-12-01"],
        ),
        (
            "date,time\n2026-12-01,12:00 am\n2026-12-08,12:15 pm\n2026-12-09,\n",
            ["2026-12-01 00:00", "2026-12-08 12:15", "2026-12-09"],
        ),
        ("date,born\n2026-12-01,1980-01-01\n", ["2026-12-01"]),
    ],
)
def test_a_table_is_read(text: str, dates: list[str]) -> None:
    assert written(text) == dates
    assert written(text.replace("\n", "\r\n").encode("utf-8-sig")) == dates
    assert written(text.encode("utf-16")) == dates


def test_a_table_of_windows_is_read() -> None:
    assert written("Müller,date\nÖzgür,2026-12-01\n".encode("cp1252")) == ["2026-12-01"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("date,who\n2026-12-01,x\n01/02/2026,x\n", "it, line 3: '01/02/2026' can be "),
        ('who,date\n"a\nb",01/02/2026\n', "it, line 2: "),
        ('who,date\nx,2026-12-01\n"a,2026-12-01\n', "it, line 3: a quotation mark"),
        ("date,kind\n2026-12-01,botox\n", "it, line 2: the kind is neither"),
        ("date,time\n2026-12-01,14:75\n", "it, line 2: '14:75' is not a time of day"),
        ("a,b\nx,y\n", "it looks like a table, but no column contains dates"),
        ("a,b\n2026-12-01,2026-12-01\n", "it has dates in columns 1 and 2"),
    ],
)
def test_what_is_no_clear_table_is_refused_with_its_line(text: str, why: str) -> None:
    assert refusal(text).problem.startswith(why)


def test_each_patient_of_a_table_is_a_course_told_by_its_line(tmp_path: Path) -> None:
    rows = "patient,date\nA,2026-12-01\nB,2026-12-02\nA,2026-12-08\nB,2026-12-09\nA,2026-12-15\n"
    document = checked(tmp_path, rows.encode())
    assert [course["line"] for course in document["courses"]] == [2, 3]
    assert [len(course["breaches"]) for course in document["courses"]] == [0, 1]


def test_rows_that_are_numbered_are_one_course(tmp_path: Path) -> None:
    rows = b"id,date\n1,2026-12-01\n2,2026-12-08\n3,2026-12-15\n"
    (course,) = checked(tmp_path, rows)["courses"]
    assert course["breaches"] == []
    rows = b"id,date\nx,2026-12-01\nx,2026-12-08\ny,2026-12-15\n"
    assert len(checked(tmp_path, rows)["courses"]) == 2


@pytest.mark.parametrize("name", ["Name", "Nom", "氏名"])
def test_a_column_of_names_tells_patients_apart_where_one_comes_twice(
    tmp_path: Path, name: str
) -> None:
    for names, courses in (("AABB", 2), ("ABCD", 1)):
        rows = "".join(f"{each},2026-12-{at:02}\n" for at, each in enumerate(names, start=1))
        document = checked(tmp_path, f"{name},date\n{rows}".encode())
        assert len(document["courses"]) == courses


def test_rows_that_are_left_out_are_counted(tmp_path: Path) -> None:
    rows = b"date,status\n2026-12-01,\n2026-12-08,missed\n,planned\n,planned\n"
    notes = {note["code"]: note["text"] for note in checked(tmp_path, rows)["notes"]}
    assert notes.pop("COLUMNS_TAKEN")
    assert notes == {
        "CANCELLED_LEFT_OUT": "1 row marked as cancelled or missed was left out.",
        "UNDATED_LEFT_OUT": "2 rows without a date were left out.",
    }


# The words of a table


def rows_with(words: Sequence[str], column: str = "status") -> bytes:
    """A table with a row for each word, a day apart."""
    rows = (f"{date(2026, 12, 1) + timedelta(at)},{word}\n" for at, word in enumerate(words))
    return f"date,{column}\n{''.join(rows)}".encode()


@pytest.mark.parametrize(
    "word",
    [
        *("no-show", "No Show", "noshow", "NO_SHOW", "did not attend", "Didn’t attend", "DNA"),
        *("missed", "Cancelled", "canceled", "absent", "entered-in-error"),
        *("annulée", "ANNULEE", "absente", "no asistió", "No asistio", "nicht erschienen"),
        *("abgesagt", "assente", "disdetto", "não compareceu", "faltou", "ไม่มา", "ยกเลิก"),
        *("無断キャンセル", "ｷｬﾝｾﾙ", "欠席"),
    ],
)
def test_a_row_that_says_in_any_language_that_it_did_not_take_place_is_left_out(word: str) -> None:
    found = read_dates(rows_with(["attended", word]), None, "it", PARIS)
    assert [(each.day.day, each.unclear) for each in found.dates] == [(1, "")]


@pytest.mark.parametrize(
    "word",
    [
        *("attended", "Fulfilled", "arrived", "booked", "checked-in", "not recorded", "planned"),
        *("présente", "réalisé", "asistió", "atendida", "erschienen", "gebucht", "presente"),
        *("compareceu", "agendado", "มาแล้ว", "นัดแล้ว", "来院済み", "予約", ""),
    ],
)
def test_a_row_that_says_in_any_language_that_it_took_place_or_will_counts(word: str) -> None:
    found = read_dates(rows_with(["attended", word]), None, "it", PARIS)
    assert [(each.day.day, each.unclear) for each in found.dates] == [(1, ""), (2, "")]


def test_no_word_means_two_things_and_each_status_of_ours_is_known() -> None:
    assert not set(columns._all(columns._COUNT)) & set(columns._all(columns._DO_NOT_COUNT))
    assert {each: columns._COUNTS[each] for each in Status} == {
        "planned": True,
        "attended": True,
        "missed": False,
        "cancelled": False,
    }


@pytest.mark.parametrize(
    ("name", "days"),
    [
        *(("Attended", [1, 3]), ("no show", [2, 3]), ("appt state", []), ("Cancelled?", [2, 3])),
        *(("booked", [1, 2, 3]), ("notes", [1, 2, 3])),
    ],
)
def test_a_column_that_is_called_after_a_status_answers_yes_or_no(
    name: str, days: list[int]
) -> None:
    found = read_dates(rows_with(["yes", "No", ""], name), None, "it", PARIS)
    assert [each.day.day for each in found.dates if not each.unclear] == (days or [3])


@pytest.mark.parametrize("word", ["moved", "rescheduled", "?", "rdv pris ailleurs, ou pas du tout"])
def test_a_status_that_is_not_understood_counts_for_nothing_until_somebody_says_what_it_means(
    tmp_path: Path, word: str
) -> None:
    data = f'date,status\n2026-12-01,\n2026-12-11,"{word}"\n2026-12-21,\n'.encode()
    outcome = check(tmp_path, data)
    assert outcome.exit_code == 1
    assert "The course is not fully checked." in outcome.text
    assert "No problems" not in outcome.text
    # A long one may be more than a status.
    assert (f"'{word}'" in outcome.text) == (len(word) <= 30)
    (course,) = checked(tmp_path, data)["courses"]
    assert course["fully_checked"] is False
    assert course["sessions"] == ["2026-12-01", "2026-12-21"]
    assert [(each["line"], each["day"]) for each in course["unclear"]] == [(3, "2026-12-11")]
    said = checked(tmp_path, data, "--status", f"{word}=attended")["courses"][0]
    assert (len(said["sessions"]), said["breaches"], said["fully_checked"]) == (3, [], True)
    said = checked(tmp_path, data, "--status", f"{word}=missed")["courses"][0]
    assert [each["code"] for each in said["breaches"]] == ["R1", "R2"]


def test_only_the_course_with_the_unclear_row_is_not_fully_checked(tmp_path: Path) -> None:
    rows = "".join(f"A,2026-12-{day:02},\n" for day in (1, 8, 15)) + "B,2026-12-02,moved\n"
    first, second = checked(tmp_path, f"patient,date,status\n{rows}".encode())["courses"]
    assert (first["line"], first["fully_checked"]) == (2, True)
    assert (second["line"], second["fully_checked"], second["breaches"]) == (5, False, [])


def test_each_column_can_be_named_and_what_was_taken_is_said(tmp_path: Path) -> None:
    data = (
        b"Wer,Bei,Tag der Behandlung,Gebucht am,Lage\n"
        b"A,x,2026-12-01,2026-11-01,da\nB,x,2026-12-02,2026-11-02,weg\n"
    )
    assert check(tmp_path, data).exit_code == 4
    named = ["--column", "date=tag der behandlung", "--column", "patient=Wer"]
    said = ["--column", "status=Lage", "--status", "da=attended", "--status", "WEG=missed"]
    document = checked(tmp_path, data, *named, *said)
    assert [course["sessions"] for course in document["courses"]] == [["2026-12-01"]]
    (note,) = (each for each in document["notes"] if each["code"] == "COLUMNS_TAKEN")
    assert (
        "'Tag der Behandlung' for the date, 'Wer' for the patient, 'Lage' for the status"
        in note["text"]
    )


def test_a_column_of_dates_that_nobody_named_is_not_shown_by_its_name(tmp_path: Path) -> None:
    data = f"{SECRET},x\n2026-12-01,2\n2026-12-08,3\n2026-12-15,4\n".encode()
    (note,) = checked(tmp_path, data)["notes"]
    assert note["code"] == "COLUMNS_TAKEN"
    assert "column 1 for the date, none for the patient, none for the status" in note["text"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("--column", "status=nix"), "unknown column 'nix'"),
        (("--column", "statu=status"), "did you mean status?"),
        (("--column", "status"), "does not name a column"),
        (("--status", "moved=gone"), "unknown status 'gone'"),
        (("--status", "moved"), "does not name a status"),
    ],
)
def test_what_is_said_of_no_column_and_no_status_is_refused(
    tmp_path: Path, typed: tuple[str, ...], why: str
) -> None:
    outcome = check(tmp_path, rows_with(["moved"]), *typed)
    assert outcome.exit_code == 2
    assert why in outcome.error


def test_a_status_is_refused_where_no_column_is_one(tmp_path: Path) -> None:
    outcome = check(tmp_path, rows_with(["moved"], "lage"), "--status", "moved=missed")
    assert outcome.exit_code == 2
    assert "there is no status column" in outcome.error


def test_words_of_a_table_are_refused_where_there_is_none(tmp_path: Path) -> None:
    mesoplan(tmp_path, "plan", "hair", "2026-12-01", "-o", "plan.ics")
    plan = (tmp_path / "plan.ics").read_bytes()
    for data in (b"2026-12-01\n", calendar("UID:1\nDTSTART:20261201T090000Z"), plan):
        outcome = check(tmp_path, data, "--status", "moved=missed")
        assert outcome.exit_code == 2
        assert "are for a table" in outcome.error


def test_a_first_row_with_a_date_of_two_digits_for_the_year_is_no_header() -> None:
    assert refusal("1-Dec-26,Ada\n2026-12-08,Ada\n").problem.startswith("it, line 1: ")


def test_a_date_that_can_be_read_in_two_ways_is_read_as_the_clinic_writes_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "clinic.toml").write_text('timezone = "Europe/Paris"\ndate_order = "mdy"\n')
    rows = b"date\n12/01/2026\n12/08/2026\n12/15/2026\n"
    (course,) = checked(tmp_path, rows, "--clinic", "clinic.toml")["courses"]
    assert course["sessions"] == ["2026-12-01", "2026-12-08", "2026-12-15"]


def test_dates_of_both_orders_in_one_file_are_remarked_on(tmp_path: Path) -> None:
    rows = b"date,born\n12/25/2026,13/1/1980\n1/1/2027,12/25/1980\n13/1/2027,\n"
    *_, note = checked(tmp_path, rows)["notes"]
    assert note["code"] == "DATE_ORDERS"
    assert "13/1/2027" in note["text"]
    assert "12/25/2026" in note["text"]
    (other,) = checked(tmp_path, rows.replace(b"13/1/2027", b"2027-1-13"))["notes"]
    assert other["code"] == "COLUMNS_TAKEN"


# Calendars


def test_every_event_that_is_not_cancelled_is_a_session_in_the_clinics_zone() -> None:
    data = calendar(
        "UID:1\nDTSTART:20261201T233000Z\nDTEND:20261202T000000Z",
        "UID:2\nDTSTART;VALUE=DATE:20261209\nTRANSP:TRANSPARENT",
        "UID:3\nDTSTART;TZID=America/New_York:20261215T190000",
        "UID:4\nDTSTART:20261222T090000\nSTATUS:CANCELLED",
        "UID:5\nDTSTART:20261223T090000",
    )
    expected = ["2026-12-02 00:30", "2026-12-09", "2026-12-16 01:00", "2026-12-23 09:00"]
    assert in_calendar(data) == expected


def test_a_weekly_series_is_worked_out_with_what_was_moved_and_left_out() -> None:
    data = calendar(
        "UID:1\nDTSTART:20261201T090000Z\nDTEND:20261201T093000Z\nRRULE:FREQ=WEEKLY;COUNT=5\n"
        "EXDATE:20261215T090000Z",
        "UID:1\nRECURRENCE-ID:20261222T090000Z\nDTSTART:20261223T090000Z\nDTEND:20261223T093000Z",
        "UID:1\nRECURRENCE-ID:20261229T090000Z\nDTSTART:20261229T090000Z\nSTATUS:CANCELLED",
    )
    assert in_calendar(data) == ["2026-12-01 10:00", "2026-12-08 10:00", "2026-12-23 10:00"]


@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=-1", "FREQ=MONTHLY;INTERVAL=99999"]
)
def test_a_series_without_an_end_is_cut_and_that_is_said(tmp_path: Path, rule: str) -> None:
    data = calendar(f"UID:1\nDTSTART:20261201T090000Z\nRRULE:{rule}")
    document = checked(tmp_path, data)
    assert [note["code"] for note in document["notes"]] == ["SERIES_CUT"]
    (course,) = document["courses"]
    assert len(course["sessions"]) == (1 if "99999" in rule else 16)


def test_a_series_of_long_ago_without_an_end_is_looked_at_in_the_years_that_can_be_planned() -> (
    None
):
    data = calendar("UID:1\nDTSTART:19991207T090000Z\nRRULE:FREQ=WEEKLY")
    found = in_calendar(data)
    assert found[0] == "2020-01-07 10:00"
    assert len(found) <= 16


def test_match_chooses_by_title_and_an_occurrence_that_was_renamed_is_out() -> None:
    data = calendar(
        "UID:1\nDTSTART:20261201T090000Z\nSUMMARY:Course\\, Part 1",
        "UID:2\nDTSTART:20261202T090000Z\nSUMMARY:Lunch",
        "UID:3\nDTSTART:20261208T090000Z\nRRULE:FREQ=WEEKLY;COUNT=2\n"
        "SUMMARY;LANGUAGE=en:course, part",
        "UID:3\nRECURRENCE-ID:20261215T090000Z\nDTSTART:20261216T090000Z\nSUMMARY:Lunch",
    )
    assert in_calendar(data, "COURSE, part") == ["2026-12-01 10:00", "2026-12-08 10:00"]
    with pytest.raises(FileProblem, match="no event in it has that text"):
        in_calendar(data, "dinner")


def test_a_series_that_is_not_chosen_is_not_told_of(tmp_path: Path) -> None:
    data = calendar(
        "UID:1\nDTSTART:20261201T090000Z\nSUMMARY:Course",
        "UID:2\nDTSTART:20261202T090000Z\nSUMMARY:Lunch\nRRULE:FREQ=DAILY",
    )
    assert checked(tmp_path, data, "--match", "course")["notes"] == []


def test_a_calendar_that_takes_events_back_has_none() -> None:
    data = calendar("UID:1\nDTSTART:20261201T090000Z").replace(
        b"VERSION", b"METHOD:CANCEL\r\nVERSION"
    )
    with pytest.raises(FileProblem, match="no event in it counts"):
        in_calendar(data)


def test_a_file_that_is_called_a_calendar_and_is_none_is_refused_as_one(tmp_path: Path) -> None:
    (tmp_path / "login.ics").write_text("<!DOCTYPE html>\n2026-12-01\n")
    outcome = mesoplan(tmp_path, "check", "login.ics")
    assert outcome.exit_code == 4
    assert "this is not a calendar" in outcome.error


def test_an_event_that_can_not_be_read_is_named_by_its_line(tmp_path: Path) -> None:
    data = calendar("UID:1\nDTSTART:20261201T090000Z", "UID:2\nDTSTART:soon")
    (note,) = checked(tmp_path, data)["notes"]
    assert note == {
        "code": "EVENTS_UNREADABLE",
        "text": "1 event can't be read: line 9: DTSTART is not a date",
    }


def test_our_own_record_tells_which_events_are_maintenance(tmp_path: Path) -> None:
    mesoplan(tmp_path, "plan", "wrinkles", "2026-12-01", "-n", "3", "-o", "plan.ics")
    data = (tmp_path / "plan.ics").read_bytes()
    (course,) = checked(tmp_path, data, "--match", "mesotherapy")["courses"]
    assert [len(course["sessions"]), len(course["maintenance"])] == [3, 2]
    assert [note["code"] for note in course["notes"]] == ["MAINTENANCE_PER_YEAR_TAKEN"]


def test_a_plan_itself_tells_how_much_maintenance_it_has(tmp_path: Path) -> None:
    mesoplan(tmp_path, "plan", "wrinkles", "2026-12-01", "-n", "3", "-o", "plan.ics")
    (course,) = checked(tmp_path, (tmp_path / "plan.ics").read_bytes())["courses"]
    assert [len(course["sessions"]), len(course["maintenance"])] == [3, 2]
    assert course["notes"] == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "line 2: the file ends inside"),
        (b"BEGIN:VCARD\nEND:VCARD\n", "line 1: this is not a calendar"),
        (calendar(), "there is no event"),
        (calendar("UID:1\nDTSTART:20261201\nSTATUS:CANCELLED"), "no event in"),
        (calendar("UID:1\nDTSTART:19261201"), "no event in"),
    ],
)
def test_a_calendar_without_sessions_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    outcome = check(tmp_path, data)
    assert outcome.exit_code == 4
    assert why in outcome.error
    assert outcome.text == ""


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_the_calendars_of_other_programs_are_checked_or_refused_plainly(
    tmp_path: Path, path: Path
) -> None:
    outcome = mesoplan(tmp_path, "check", str(path), "--tz", "Europe/Paris")
    assert outcome.exit_code in (0, 1, 4)
    titles = {
        line.partition(":")[2].strip()
        for line in path.read_bytes().decode("utf-8", "replace").splitlines()
        if line.upper().startswith("SUMMARY")
    }
    for title in titles:
        assert len(title) < 4 or title not in outcome.text + outcome.error


# Any file


def test_an_archive_and_utf_16_are_read_as_the_calendar_in_them(tmp_path: Path) -> None:
    calendar = CALENDARS / "google.ics"
    (tmp_path / "windows.ics").write_bytes(calendar.read_bytes().decode().encode("utf-16"))
    paths = (str(calendar), str(CALENDARS / "google.zip"), "windows.ics")
    found = {mesoplan(tmp_path, "check", path).text for path in paths}
    assert len(found) == 1
    assert found != {""}


def test_standard_input_and_a_file_are_read_alike(tmp_path: Path) -> None:
    data = b"2026-12-01\n2026-12-08\n2026-12-30\n"
    (tmp_path / "dates.txt").write_bytes(data)
    named, given_in = mesoplan(tmp_path, "check", "dates.txt"), check(tmp_path, data)
    assert (named.text, named.exit_code) == (given_in.text, given_in.exit_code) != ("", 0)


@pytest.mark.parametrize("name", ["missing.txt", "folder", "empty.ics", "large.txt", "image.png"])
def test_a_file_that_can_not_be_read_is_refused_in_two_lines(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.ics").write_bytes(b"")
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(100_000_000)
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    outcome = mesoplan(tmp_path, "check", name)
    assert (outcome.exit_code, outcome.text) == (4, "")
    assert len(outcome.error.splitlines()) == 2
    assert name in outcome.error


def test_no_name_in_a_file_is_ever_shown(tmp_path: Path) -> None:
    rows = [
        f"patient,date\n{SECRET},2026-12-01\n{SECRET},2026-12-30\n",
        f"patient,date\n{SECRET},2026-12-01\nx,{SECRET}\n",
        f"date,kind\n2026-12-01,{SECRET}\n",
        f"date,time\n2026-12-01,{SECRET}\n",
        f"2026-12-01\n{SECRET}\n2026-12-01 {SECRET}\n2026-12-01, {SECRET}\n",
        f"{SECRET},x\n{SECRET},y\n",
        f'date,who\n2026-12-01,"{SECRET}',
        f"2026-12-01 # {SECRET}\n2026-12-30 # {SECRET}",
        calendar(f"UID:{SECRET}\nDTSTART:{SECRET}\nSUMMARY:{SECRET}").decode(),
        calendar(f"UID:{SECRET}\nDTSTART:20261201\nSUMMARY:{SECRET}").decode(),
    ]
    for data in rows:
        for arguments in ((), ("--json",)):
            outcome = check(tmp_path, data.encode(), *arguments)
            said = outcome.text + outcome.error
            assert said
            assert not any(part in said for part in SECRET.split())


@given(
    st.binary(max_size=200)
    | st.text("0126-/:;,.TZ \t\n\"'#Decdatekind", max_size=120).map(str.encode)
)
def test_any_bytes_are_dates_or_a_plain_refusal(data: bytes) -> None:
    require_plain_refusal(lambda: written(data))


@settings(deadline=None)
@given(st.data())
def test_a_calendar_with_any_lines_is_dates_or_a_plain_refusal(data: st.DataObject) -> None:
    lines = data.draw(
        st.lists(
            st.sampled_from(
                [
                    "DTSTART:20261201T090000Z",
                    "DTSTART;VALUE=DATE:20261201",
                    "DTSTART:99991231T235959Z",
                    "DTSTART:00010101",
                    "DTEND:20261201T090000Z",
                    "DURATION:PT0S",
                    "RRULE:FREQ=DAILY",
                    "RRULE:FREQ=YEARLY;INTERVAL=9999",
                    "RRULE:FREQ=HOURLY;INTERVAL=0",
                    "RRULE:UNTIL=",
                    "RRULE:",
                    "EXDATE:20261202",
                    "X-APPOINTMENT:kind=&%%%",
                    "SUMMARY:x",
                ]
            ),
            max_size=6,
        )
    )
    match = data.draw(st.none() | st.just("X"))
    require_plain_refusal(lambda: in_calendar(calendar("\n".join(["UID:1", *lines])), match))


@pytest.mark.parametrize(
    ("name", "courses"),
    [
        ("two_plans", 2),
        ("two_calendars", 2),
        ("same_number_twice", 1),
        ("number_beyond_total", 1),
        ("future_version", 1),
        ("no_such_status", 1),
    ],
)
def test_readable_dates_are_checked_whatever_is_wrong_with_the_plan_around_them(
    name: str, courses: int, tmp_path: Path
) -> None:
    document = checked(tmp_path, (EXPORTS / "damaged" / f"{name}.ics").read_bytes())
    assert len(document["courses"]) == courses
    assert len(document["courses"][0]["sessions"]) == 8
    assert document["notes"][0]["code"] == "NO_PLAN"


def test_a_folder_of_events_is_checked_as_one_calendar(tmp_path: Path) -> None:
    for k, day in enumerate(["20261201", "20261208", "20261223"]):
        data = calendar(f"UID:{k}\nDTSTART;VALUE=DATE:{day}")
        (tmp_path / f"{k}.ics").write_bytes(b"\xef\xbb\xbf" + data)
    document = json.loads(mesoplan(tmp_path, "check", ".", "--json").text)
    assert document["courses"][0]["sessions"] == ["2026-12-01", "2026-12-08", "2026-12-23"]
    assert [each["size"] for each in document["courses"][0]["breaches"]] == [1]
