"""The clinic's profile: what it may hold, how it is found, and that options go before it."""

import contextlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan import (
    ClosedTime,
    Closure,
    InvalidInput,
    Limits,
    Phase,
    Practitioner,
    Request,
    TimeRange,
    plan,
)
from mesoplan.cli.profile import find_profile, profile_path
from mesoplan.formats.new_profile import profile_file
from mesoplan.formats.profile import ProfileMistakes, read_profile
from mesoplan.model.clinic import Profile
from mesoplan.rules.goals import find_goal
from tests.command_line import WORLD, Outcome, mesoplan
from tests.pages import MANUAL, blocks

EVERYTHING = """
name = "Clinic by the Park"
address = "1 Park Street"
phone = "+66 2 123 4567"
timezone = "Asia/Bangkok"
rooms = 2
slot_minutes = 20
busy = ["doctor.ics", "rooms"]

[hours]
mon = "closed"
tue = ["9:00-12:30", "14:00-18:00"]
wed = ["14:00-24:00"]

[holidays]
country = "FR"
subdivision = "alsace"
open_on = ["good friday", 2027-05-08]

[[closures]]
from = 2026-12-24
to = 2027-01-03
reason = "Christmas"

[[closures]]
from = "2027-05-01"

[defaults]
time = "afternoon"
remind = ["2d", "3h"]
private = true
years = 3

[protocols.hair]
phases = [{ sessions = 3, interval_days = 8 }, { sessions = 3, interval_days = 10 }]
maintenance_per_year = 1
minutes = 45
min_sessions = 4
max_sessions = 8
min_interval_days = 8
max_interval_days = 12
max_maintenance_per_year = 1

[protocols.fat.face]
minutes = 15
"""
PLANNABLE = EVERYTHING.replace('busy = ["doctor.ics", "rooms"]\n', "")


def profile(text: str) -> Profile:
    return read_profile(text, "clinic.toml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(ProfileMistakes) as caught:
        profile(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def planned(folder: Path, text: str, *arguments: str) -> dict[str, Any]:
    """The plan as JSON, with a profile of that text."""
    (folder / "clinic.toml").write_text(text, "utf-8")
    outcome = run(folder, *arguments, "--json", "--dry-run")
    assert outcome.exit_code == 0, outcome.error
    found: dict[str, Any] = json.loads(outcome.output)
    return found


def run(folder: Path, *arguments: str) -> Outcome:
    return mesoplan(folder, "plan", *arguments, "--clinic", "clinic.toml")


def times(plan: dict[str, Any]) -> set[str]:
    return {session["start"][11:16] for session in plan["sessions"]}


def test_a_profile_holds_all_that_a_clinic_says() -> None:
    found = profile(EVERYTHING)
    assert (found.name, found.address, found.phone) == (
        "Clinic by the Park",
        "1 Park Street",
        "+66 2 123 4567",
    )
    assert (found.timezone, found.rooms, found.slot_minutes) == ("Asia/Bangkok", 2, 20)
    assert found.busy == ("doctor.ics", "rooms")
    both = (TimeRange(540, 750), TimeRange(840, 1080))
    assert found.opening_hours == ((), both, (TimeRange(840, 1440),), (), (), (), ())
    assert found.holidays == ("FR-Alsace",)
    assert found.open_holidays == {"good friday"}
    assert found.open_days == {date(2027, 5, 8)}
    assert found.closures == (
        Closure(date(2026, 12, 24), date(2027, 1, 3), "Christmas"),
        Closure(date(2027, 5, 1), date(2027, 5, 1)),
    )
    assert found.time_of_day == TimeRange(720, 1440)
    assert found.reminders == (timedelta(days=2), timedelta(hours=3))
    assert (found.private, found.years) == (True, 3)
    hair = found.planned(find_goal("alopecia")).protocol_for("scalp")
    assert hair.phases == (Phase(3, 8), Phase(3, 10))
    assert (hair.minutes, hair.maintenance_per_year) == (45, 1)
    assert hair.limits == Limits(4, 8, 8, 12, 1)
    fat = found.planned(find_goal("fat"))
    assert [fat.protocol_for(area).minutes for area in ("face", "thighs", None)] == [15, 30, 30]


def test_the_profile_in_the_manual_has_no_mistakes() -> None:
    text, *_others = blocks(MANUAL / "clinic.md", "toml")
    assert profile(text).open_holidays == {"Ascension Day"}


STAFF = """
rooms = 2
room_busy = ["rooms.ics", "https://calendar.example/private-5f3a/laser.ics"]
most_sessions_a_day = 12

[hours]
mon = ["9:00-12:30", "14:00-18:00"]
tue = ["9:00-12:00", "12:00-18:00"]

[[practitioner]]
id = "roux"
name = "Dr Roux"
busy = ["roux.ics", "webcal://calendar.example/secret-77/roux.ics"]
goals = ["alopecia", "wrinkles"]
most_sessions_a_day = 6

[[practitioner]]
id = "Kim-2"
name = "Kim Lee"
hours = { tue = "11:00-13:00" }

[[closures]]
from = "2026-12-24 12:00"
to = 2026-12-24T18:00:00
reason = "Christmas"

[[closures]]
from = "2026-12-31"
"""


def test_a_profile_names_who_treats_and_whose_each_calendar_is() -> None:
    found = profile(STAFF)
    assert found.room_busy == ("rooms.ics", "https://calendar.example/private-5f3a/laser.ics")
    assert found.most_sessions_a_day == 12
    roux = Practitioner("roux", "Dr Roux", None, frozenset({"hair", "wrinkles"}), 6)
    tuesday = ((), (TimeRange(660, 780),), (), (), (), (), ())
    assert found.practitioners == (roux, Practitioner("Kim-2", "Kim Lee", tuesday))
    address = "webcal://calendar.example/secret-77/roux.ics"
    assert found.diaries == {"roux": ("roux.ics", address), "Kim-2": ()}


def test_a_closure_in_a_profile_may_have_times_of_day() -> None:
    found = profile(STAFF)
    begin, end = map(datetime.fromisoformat, ("2026-12-24T12:00", "2026-12-24T18:00"))
    assert found.closed_times == (ClosedTime(begin, end, "Christmas"),)
    assert found.closures == (Closure(date(2026, 12, 31), date(2026, 12, 31)),)


def test_the_clinic_may_open_on_a_half_holiday() -> None:
    found = profile('[holidays]\ncountry = "IS"\nopen_on = ["Christmas Eve"]\n')
    assert found.open_holidays == {"Christmas Eve"}


WRONG_STAFF = """
room_busy = 4
most_sessions_a_day = 0

[hours]
mon = ["9:00-12:30", "14:00-18:00"]

[[practitioner]]
id = "Dr Roux"
name = ""

[[practitioner]]
id = "kim"
name = "Kim"
goals = ["hair", "wrinkels"]
hours = { mon = ["12:00-14:00"], tue = "9:00-10:00", wendsday = "9:00-10:00" }
buzy = ["https://calendar.example/secret-77/kim.ics"]

[[practitioner]]
id = "KIM"
busy = [["https://calendar.example/secret-77/kim.ics"]]
hours = {}

[[closures]]
from = "2026-12-24 12:00"

[[closures]]
from = 2026-12-24
to = "2026-12-24 12:00"

[[closures]]
from = "2026-12-24 12:00"
to = "2026-12-24 9:00"

[[closures]]
from = "2026-12-24 12:00+01:00"
to = 2026-12-24T18:00:00+01:00

[[closures]]
from = 2026-12-24T12:00:00+01:00
to = 2026-12-24T18:00:00+01:00
"""


def test_all_mistakes_in_what_is_said_of_staff_are_told_at_once() -> None:
    told = mistakes(WRONG_STAFF)
    assert [line.partition(". ")[0] for line in told] == [
        "room_busy: '4' is not a list of file names",
        "most_sessions_a_day: 0 is outside 1 to 1000",
        "practitioner.id: 'Dr Roux' is not an id",
        "practitioner.name: the name is empty",
        "practitioner.kim.hours.wendsday: unknown key",
        "practitioner.kim.hours.mon: the clinic is open 09:00–12:30 and 14:00–18:00 then",
        "practitioner.kim.hours.tue: the clinic is closed then",
        "practitioner.kim.goals: unknown goal 'wrinkels'",
        "practitioner.kim.buzy: unknown key",
        "practitioner.KIM.id: another practitioner has the same id",
        "practitioner.KIM.hours: the practitioner never works",
        "practitioner.KIM.busy: this value is not text",
        "practitioner.KIM: name is missing",
        "closures.from: only one of from and to has a time of day, and to has none",
        "closures.from: only one of from and to has a time of day, and from has none",
        "closures.to: the time 2026-12-24 12:00..2026-12-24 09:00 ends before it begins",
        "closures.from: '2026-12-24 12:00+01:00' has a time zone, which may not be the clinic's",
        "closures.to: 2026-12-24T12:00:00+01:00 is not a plain hour and minute of a day",
    ]
    assert not [line for line in told if "secret-77" in line]


def test_an_empty_profile_says_nothing() -> None:
    assert profile("") == Profile()


def test_a_protocol_for_a_goal_stands_for_its_areas_too() -> None:
    fat = profile("[protocols.fat]\nminutes = 50").planned(find_goal("fat"))
    assert fat.protocol_for("face").minutes == 50


ALL_WRONG = """\
phon = "1"
timezone = "Europ/Paris"
rooms = "two"
slot_minutes = 3
name = ""
busy = 7

[hours]
mon = ["09:00-12:30", "12:00-18:00"]
tue = ["22:00-02:00"]
wed = ["14:00-18:00", "9:00-12:00"]
wendsday = ["x"]
thu = [
  "9-12",
]

[holidays]
country = "XX"
open = []

[[closures]]
from = 2027-08-31
to = 2027-08-01

[[closures]]
to = 2027-08-01

[defaults]
time = "25:00"
remind = ["9y"]
private = "yes"
years = 11

[protocols.hair]
phases = [{ sessions = 2, interval_days = 7 }]

[protocols.cellulite]
phases = [{ sessions = 4, interval_days = 21 }]
max_interval_days = 21
max_sessions = 16
max_maintenance_per_year = 3

[protocols.har]
minutes = 3

[protocols.fat.face]
minutes = 3

[protocols.wrinkles]
max_interval_days = 10

[protocols.contouring]
min_sessions = 9
max_sessions = 5
"""


def test_all_mistakes_are_told_at_once_each_with_its_key() -> None:
    told = mistakes(ALL_WRONG)
    expected = [
        ("phon: unknown key", "phone?"),
        ("timezone: unknown time zone 'Europ/Paris'", "Europe/Paris"),
        ("rooms: 'two' is not a whole number", "as 2"),
        ("slot_minutes: 3 is outside 5 to 480", "choose 5 to 480"),
        ("name: the name is empty", "leave it out"),
        ("busy: '7' is not a list of file names", "brackets"),
        ("hours.mon: the opening hours 09:00–12:30 and 12:00–18:00 overlap", "join"),
        ("hours.tue: 22:00-02:00 ends before it begins; no range can run past", "24:00"),
        ("hours.wed: the opening hours 14:00–18:00 and 09:00–12:00", "earlier one first"),
        ("hours.wendsday: unknown key", "wed"),
        ("hours.thu: '9-12' is not a range of times", "9:00-12:30"),
        ("holidays.country: unknown country 'XX'", "ISO 3166"),
        ("holidays.open: unknown key", "open_on"),
        ("closures.to: the range 2027-08-31..2027-08-01 ends before", "earlier day first"),
        ("closures: from is missing", "from = 2026-12-24"),
        ("defaults.time: '25:00' is not a time of day", "14:00-18:00"),
        ("defaults.remind: '9y' is not a time from 1", "1d"),
        ("defaults.private: 'yes' is not yes or no", "true or false"),
        ("defaults.years: 11 is outside 1 to 10", "choose 1 to 10"),
        ("protocols.hair.phases: sessions: 2 is outside rule R1", "3 to 15"),
        ("protocols.cellulite.phases.interval_days: 21 is outside rule R2", "7 to 14"),
        ("protocols.cellulite.max_interval_days: longest interval: 21", "rule R2"),
        ("protocols.cellulite.max_sessions: most sessions: 16", "rule R1"),
        ("protocols.cellulite.max_maintenance_per_year: most maintenance", "rule R3"),
        ("protocols.har: unknown goal 'har'", "hair"),
        ("protocols.fat.face.minutes: 3 is outside 5 to 480", "choose 5"),
        ("protocols.wrinkles: the goal's own phases: interval: 14", "7 to 10 days"),
        ("protocols.contouring: the limits of the sessions leave nothing", "smaller"),
    ]
    assert len(told) == len(expected), told
    for begin, remedy in expected:
        (line,) = (each for each in told if each.startswith(begin))
        assert remedy.casefold() in line.casefold()


def test_a_profile_with_mistakes_plans_nothing(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(ALL_WRONG)
    outcome = run(tmp_path, "hair", "2026-12-01")
    assert outcome.exit_code == 2
    assert outcome.output == b""
    assert outcome.error.splitlines()[0].endswith("has 28 mistakes")
    assert len(outcome.error.splitlines()) == 30
    assert [path.name for path in tmp_path.iterdir()] == ["clinic.toml"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[hours]", "hours: the clinic never opens"),
        ("[hours]\nmon = []\ntue = 'closed'", "hours: the clinic never opens"),
        ("hours = 3", "hours: '3' is not a table"),
        ("closures = {from = 2026-12-24}", "closures: this value is not a list"),
        ("[defaults]\ntime = 09:00:00", "defaults.time: '09:00:00' is not text"),
        ("\nrooms = true", "rooms: 'true' is not a whole number"),
        ("date_order = 'ymd'", "date_order: unknown order of dates 'ymd'"),
        ("[holidays]\nsubdivision = 'Alsace'", "holidays: the country is missing"),
        ("[holidays]\ncountry = 'FR'\nsubdivision = 'Elsass'", "holidays.subdivision"),
        ("[holidays]\ncountry = 'FR'\nopen_on = ['Assumption']", "holidays.open_on: unkn"),
        ("[holidays]\ncountry = 'FR'\nopen_on = [7]", "holidays.open_on: '7' is not a date"),
        ("[[closures]]\nfrom = 2026-12-24T10:00:00", "closures.from"),
        ("[[closures]]\nfrom = 1999-12-24", "closures.from: 1999-12-24 is outside"),
        ("[protocols.hair]\nphases = [{sessions = 4}]", "protocols.hair.phases: interval"),
        ("[protocols.hair]\nphases = [{sessions = 0, interval_days = 7}]", "protocols"),
        ("[protocols.hair]\nphases = []", "protocols.hair.phases"),
        ("[protocols.hair]\nmaintenance_per_year = 3", "protocols.hair.maintenance_per"),
        ("[protocols.hair.face]\nminutes = 30", "protocols.hair.face: unknown key"),
        ("[protocols]\nhair = 3", "protocols.hair: '3' is not a table"),
        ("name = 'x'\nname = 'y'", "line 2: it is not TOML"),
        ("name = ", "line 1: it is not TOML"),
        ("[hours", "line 1: it is not TOML"),
        ("language = 'fr'", "language: unknown key"),
        ("private = true", "private: unknown key. It belongs under [defaults]"),
        ("[protocols.hair]\nphase = []", "protocols.hair.phase: unknown key. Did you mean ph"),
        ("[protocols.hair]\nminutes = 9\n[protocols.alopecia]\nminutes = 8", "protocols.al"),
        ("busy = ['']", "busy: the name of a file is empty"),
        ("book = ' '", "book: the name of a folder is empty"),
        ("book = ['a']", "book: this value is not text"),
        ("rooms = " + "9" * 5000, "a number is too long"),
        ("rooms = 0x" + "f" * 5000, "rooms: the number is too large"),
        ("name = 0x" + "f" * 5000, "name: this number is not text"),
        ("name = [0x" + "f" * 5000 + "]", "name: this value is not text"),
        (
            "name = " + "[" * 9000 + "]" * 9000,
            "a number is too long, or brackets are nested too deep",
        ),
    ],
)
def test_a_mistake_is_told_where_it_is(text: str, told: str) -> None:
    (line,) = mistakes(text)
    assert line.startswith(told)


def test_each_item_of_a_list_is_looked_at() -> None:
    text = (
        "busy = ['a', 3, '']\n[hours]\nmon = ['9:00-12:00', 'xx', '25:00-26:00']\n"
        "[holidays]\ncountry = 'FR'\nopen_on = ['Nowhere Day', 5, '2027-13-01', '2027-05-08']\n"
        "[protocols.hair]\nphases = [{sessions = 4}, {interval_days = 30, sessions = 99}, 5]\n"
    )
    assert [line.partition(". ")[0] for line in mistakes(text)] == [
        "busy: '3' is not text",
        "busy: the name of a file is empty",
        "hours.mon: 'xx' is not a range of times",
        "hours.mon: '25:00' is not a time of day",
        "holidays.open_on: unknown holiday of FR 'Nowhere Day'",
        "holidays.open_on: '5' is not a date",
        "holidays.open_on: '2027-13-01' is not a date",
        "protocols.hair.phases: '5' is not a table",
        "protocols.hair.phases: interval_days is missing",
        "protocols.hair.phases.sessions: 99 is outside 1 to 15",
        "protocols.hair.phases.interval_days: 30 is outside rule R2 (7 to 14 days)",
    ]


def test_an_area_keeps_what_the_clinic_says_of_its_goal() -> None:
    fat = profile(
        "[protocols.fat]\nmax_interval_days = 10\nphases = [{sessions = 5, interval_days = 9}]\n"
        "[protocols.fat.face]\nminutes = 45\n"
    ).planned(find_goal("fat"))
    face = fat.protocol_for("face")
    assert (face.phases, face.minutes) == ((Phase(5, 9),), 45)
    assert face.limits.max_interval_days == 10


def test_a_new_profile_reads_back_as_what_it_was_made_of() -> None:
    made = Profile(
        name='The "Best" Clinic \\ Zürich',
        address="1 Park Street",
        phone="+41 1",
        timezone="Europe/Zurich",
        opening_hours=((TimeRange(480, 720),), (), (), (), (), (), (TimeRange(0, 1440),)),
        rooms=3,
        slot_minutes=20,
        holidays=("CH-ZH",),
        time_of_day=time(9, 30),
        busy=("meetings.ics",),
        room_busy=("laser.ics", "https://calendar.example/5/rooms.ics"),
        most_sessions_a_day=9,
        practitioners=(
            Practitioner("roux", "Dr Roux", None, frozenset({"hair", "fat"}), 6),
            Practitioner("kim", "Kim", ((TimeRange(480, 600),), (), (), (), (), (), ())),
        ),
        diaries={"roux": ("roux.ics", "webcal://calendar.example/6/roux.ics"), "kim": ()},
        book="plans",
        private=True,
    )
    read = profile(profile_file(made, "UTC"))
    assert {name: getattr(read, name) for name in read._fields if name != "said"} == {
        name: getattr(made, name) for name in made._fields if name != "said"
    }


def test_every_example_in_a_new_profile_can_be_taken() -> None:
    text = profile_file(Profile(), "Europe/Paris")
    assert profile(text).timezone == "Europe/Paris"
    taken = re.sub(r"^# (?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)
    assert taken.count("\n#") < text.count("\n#") - 15
    found = profile(taken)
    assert found.name == "Clinic by the Park"
    assert found.closures[0].reason == "Christmas"
    assert len(found.closed_times) == 1
    assert [each.id for each in found.practitioners] == ["martin"]
    assert found.planned(find_goal("hair")).protocol.limits.max_sessions == 12


HOURS = """
timezone = "Europe/Paris"
[hours]
mon = ["9:00-12:30", "14:00-18:00"]
tue = ["9:00-12:30", "14:00-18:00"]
wed = ["14:00-18:00"]
thu = ["9:00-12:30", "14:00-18:00"]
fri = ["9:00-12:30"]
"""


def test_the_same_order_everywhere_option_profile_protocol_default(tmp_path: Path) -> None:
    start = ("hair", "2026-12-01", "-m", "0")
    bare = planned(tmp_path, "", *start)
    assert (bare["timezone"], times(bare)) == ("Europe/Paris", {"10:00"})
    text = "timezone = 'Asia/Bangkok'\n[defaults]\ntime = '11:00'\n[protocols.hair]\nminutes = 50\n"
    said = planned(tmp_path, text, *start)
    assert (said["timezone"], times(said)) == ("Asia/Bangkok", {"11:00"})
    assert {session["end"][11:16] for session in said["sessions"]} == {"11:50"}
    options = ("--tz", "America/New_York", "--time", "15:00", "--duration", "20")
    typed = planned(tmp_path, text, *start, *options)
    assert (typed["timezone"], times(typed)) == ("America/New_York", {"15:00"})
    assert {session["end"][11:16] for session in typed["sessions"]} == {"15:20"}


def test_what_closes_the_clinic_adds_up_and_holidays_are_replaced(tmp_path: Path) -> None:
    text = (
        "[holidays]\ncountry = 'FR'\n[[closures]]\nfrom = 2026-12-08\n"
        "[hours]\ntue = '9:00-17:00'\nwed = '9:00-17:00'\n"
    )
    outcome_days = [
        session["start"][:10]
        for session in planned(
            tmp_path, text, "contouring", "2026-12-01", "-n", "3", "--closed", "wed", "-m", "0"
        )["sessions"]
    ]
    assert outcome_days == ["2026-12-01", "2026-12-15", "2026-12-22"]
    friday = "[holidays]\ncountry = 'FR'\n"
    first = planned(tmp_path, friday, "hair", "2027-01-01")["sessions"][0]["start"]
    assert first.startswith("2027-01-02")
    for option in ("TH-none", "none"):
        outcome = run(tmp_path, "hair", "2027-01-01", "--holidays", option, "--dry-run")
        assert (outcome.exit_code, "Fri  1 Jan 2027" in outcome.text) == (
            (0, True) if option == "none" else (2, False)
        )


def test_a_holiday_on_which_the_clinic_opens_is_a_day_like_any_other(tmp_path: Path) -> None:
    text = "[holidays]\ncountry = 'FR'\nopen_on = [\"new year's day\", 2027-05-01]\n"
    assert planned(tmp_path, text, "hair", "2027-01-01")["sessions"][0]["start"][:10] == (
        "2027-01-01"
    )
    assert planned(tmp_path, text, "hair", "2027-05-01")["sessions"][0]["start"][:10] == (
        "2027-05-01"
    )
    assert planned(tmp_path, text, "hair", "2027-05-08")["sessions"][0]["start"][:10] == (
        "2027-05-09"
    )


def test_a_closures_reason_is_told(tmp_path: Path) -> None:
    text = "[[closures]]\nfrom = 2026-12-08\nreason = 'Inventory'\n"
    reasons = planned(tmp_path, text, "hair", "2026-12-01")["sessions"][1]["reasons"]
    assert reasons[0]["text"] == "the clinic is closed on Tue 8 Dec 2026 (Inventory)"


def test_narrower_limits_bind_sessions_and_intervals(tmp_path: Path) -> None:
    text = (
        "[protocols.hair]\nphases = [{sessions = 6, interval_days = 8}]\nmax_interval_days = 9\n"
        "max_sessions = 6\n[[closures]]\nfrom = 2026-12-09\n"
    )
    sessions = planned(tmp_path, text, "hair", "2026-12-01")["sessions"]
    assert [session["interval_days"] for session in sessions] == [None, 7, 8, 8, 8, 8]
    for arguments, limit in (
        (("-n", "7"), "3 to 6 sessions, narrowed by the clinic"),
        (("-i", "10"), "7 to 9 days, narrowed by the clinic"),
    ):
        outcome = run(tmp_path, "hair", "2026-12-01", *arguments)
        assert outcome.exit_code == 2
        assert limit in outcome.error
    closed = ("--closure", "2026-12-08..2026-12-10")
    outcome = run(tmp_path, "hair", "2026-12-01", *closed)
    assert outcome.exit_code == 3
    assert "7 to 9 days after session 1 (R2 as the clinic narrows it)" in outcome.error
    assert "(R2 as the clinic narrows it)" in outcome.error


def test_place_and_phone_are_in_the_schedule_and_the_file(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(PLANNABLE)
    outcome = run(tmp_path, "wrinkles", "2027-01-12", "--no-private", "-o", "plan.ics")
    assert "Clinic by the Park, 1 Park Street · +66 2 123 4567\n" in outcome.text
    data = (tmp_path / "plan.ics").read_bytes().replace(b"\r\n ", b"").decode()
    assert r"LOCATION:Clinic by the Park\, 1 Park Street" in data
    assert r"Call Clinic by the Park\, +66 2 123 4567\, as early as you can." in data
    assert "CONTACT:+66 2 123 4567\r\n" in data


def test_a_private_file_has_the_address_and_not_the_clinics_name(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(PLANNABLE.replace("Clinic by", "Mesotherapy Clinic by"))
    assert run(tmp_path, "wrinkles", "2027-01-12").exit_code == 0
    data = (tmp_path / "appointments-2027-01-12.ics").read_bytes().replace(b"\r\n ", b"")
    assert b"LOCATION:1 Park Street\r\n" in data
    assert b"Call +66 2 123 4567." in data
    assert b"esotherapy" not in data


def test_reminders_and_years_come_from_the_profile(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(PLANNABLE)
    assert run(tmp_path, "wrinkles", "2027-01-12", "-o", "plan.ics").exit_code == 0
    data = (tmp_path / "plan.ics").read_text()
    assert data.count("TRIGGER:-P2D") == data.count("TRIGGER:-PT3H") == 6 + 6


def test_goals_shows_the_clinics_own_protocol(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(EVERYTHING)
    text = mesoplan(tmp_path, "goals", "hair", "--clinic", "clinic.toml").text
    assert "6 sessions of 45 minutes: 3 at 8 days, then 3 at 10 days\n" in text
    assert "the clinic's own (sessions, interval, split, maintenance, minutes)" in text
    assert (
        "4 to 8 sessions, 8 to 12 days between sessions, at most 1 maintenance session a year"
        in text
    )


def test_show_tells_where_each_value_comes_from(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(EVERYTHING)
    text = mesoplan(tmp_path, "clinic", "show", "clinic.toml").text
    rows = [re.split(" {2,}", line) for line in text.splitlines()]
    assert ["timezone", "the profile", "Asia/Bangkok"] in rows
    assert ["hours.tue", "the profile", "09:00–12:30 and 14:00–18:00"] in rows
    assert ["hours.sun", "the profile", "closed"] in rows
    assert ["holidays.open_on", "the profile", "good friday, Sat 8 May 2027"] in rows
    assert ["closures", "the profile", "24 Dec 2026 – 3 Jan 2027 (Christmas)"] in rows
    assert ["defaults.time", "the profile", "afternoon"] in rows
    assert "Protocol for hair (the profile)" in text
    (tmp_path / "clinic.toml").write_text("")
    text = mesoplan(tmp_path, "clinic", "show", "clinic.toml").text
    rows = [re.split(" {2,}", line) for line in text.splitlines()]
    assert ["timezone", "this machine", "Europe/Paris"] in rows
    assert ["defaults.time", "built-in default", "10:00"] in rows


def test_a_broken_place_of_the_profile_is_an_error_and_no_profile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "config" / "clinic.toml"
    monkeypatch.setattr("mesoplan.cli.profile.usual_path", lambda: place)
    monkeypatch.delenv("MESOPLAN_CLINIC", raising=False)
    assert profile_path(None) is None
    place.parent.mkdir()
    assert profile_path(None) is None
    place.symlink_to("nowhere")
    assert profile_path(None) == place
    with patch.object(type(place), "lstat", side_effect=PermissionError):
        assert profile_path(None) == place


def test_check_looks_for_the_busy_calendars_too(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text("busy = ['nowhere.ics']")
    outcome = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert outcome.exit_code == 4
    assert "nowhere.ics" in outcome.error
    outcome = mesoplan(tmp_path, "plan", "hair", "2026-12-01", "--busy", "")
    assert (outcome.exit_code, outcome.output) == (2, b"")


def test_the_home_of_nobody_is_refused(tmp_path: Path) -> None:
    for arguments in (
        ("plan", "hair", "2026-12-01", "--clinic", "~nobody-of-that-name/x"),
        ("clinic", "init", "~nobody-of-that-name/x"),
    ):
        outcome = mesoplan(tmp_path, *arguments)
        assert outcome.exit_code == 2
        assert "unknown home folder" in outcome.error


def test_the_book_is_seen_from_where_the_profile_is_and_check_looks_for_it(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    profile = tmp_path / "own" / "clinic.toml"
    profile.write_text("book = 'plans'")
    outcome = mesoplan(tmp_path, "clinic", "check", "own/clinic.toml")
    assert outcome.exit_code == 4
    assert "there is no folder" in outcome.error
    (tmp_path / "own" / "plans").mkdir()
    assert mesoplan(tmp_path, "clinic", "check", "own/clinic.toml").exit_code == 0
    assert find_profile(str(profile)).book == tmp_path.resolve() / "own" / "plans"
    assert re.search(
        "book +the profile +plans", mesoplan(tmp_path, "clinic", "show", str(profile)).text
    )


def test_busy_calendars_are_seen_from_where_the_profile_really_is(tmp_path: Path) -> None:
    (tmp_path / "real" / "cal").mkdir(parents=True)
    assert mesoplan(tmp_path / "real", "plan", "hair", "2026-12-01").exit_code == 0
    (tmp_path / "real" / "mesoplan-hair-2026-12-01.ics").rename(tmp_path / "real/cal/doctor.ics")
    (tmp_path / "real" / "clinic.toml").write_text("busy = ['cal/doctor.ics']")
    (tmp_path / "clinic.toml").symlink_to("real/clinic.toml")
    outcome = run(tmp_path, "hair", "2026-12-01", "--dry-run")
    assert "at 10:00 doctor.ics is busy 10:00–10:30" in outcome.text, outcome.error


def test_an_opened_day_without_hours_is_said_to_have_none(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text("[hours]\nwed = '14:00-16:00'")
    arguments = ("rejuvenation", "2027-06-07", "--open", "2027-06-07", "--time", "19:00")
    outcome = run(tmp_path, *arguments, "--dry-run")
    assert "The opening hours on Mon 7 Jun 2027 are not known, so 09:00–19:30 is" in outcome.text


def test_a_way_out_works_at_the_very_moment_that_it_is_offered(tmp_path: Path) -> None:
    # Of the mornings that would do, today's is over.
    (tmp_path / "clinic.toml").write_text("[hours]\nmon = ['9:00-12:00', '14:00-18:00']")
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{day}\r\nDTSTART:202612{day}T130000Z\r\n"
        f"DTEND:202612{day}T170000Z\r\nEND:VEVENT\r\n"
        for day in ("07",)
    )
    (tmp_path / "aft.ics").write_text(f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n")
    arguments = (
        *("rejuvenation", "-n", "3", "-i", "7", "--finish-by", "2026-12-08", "-m", "0"),
        *("--busy", "aft.ics", "--dry-run"),
    )
    outcome = run(tmp_path, *arguments, "--time", "afternoon")
    assert outcome.exit_code == 3
    assert run(tmp_path, *arguments, "--time", "morning").exit_code == 3
    assert "--time morning" not in outcome.error


def test_a_profile_is_found_by_option_variable_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("option", "variable", "folder"):
        (tmp_path / f"{name}.toml").write_text(f"name = 'by {name}'")
    monkeypatch.setattr("mesoplan.cli.profile.usual_path", lambda: tmp_path / "folder.toml")
    monkeypatch.setattr(
        "tests.command_line.WORLD", {"MESOPLAN_NOW": "2026-11-23T12:00:00Z", "TZ": "Europe/Paris"}
    )
    monkeypatch.delenv("MESOPLAN_CLINIC", raising=False)
    plan = ("plan", "hair", "2026-12-01", "--dry-run")
    assert "by folder" in mesoplan(tmp_path, *plan).text
    monkeypatch.setenv("MESOPLAN_CLINIC", str(tmp_path / "variable.toml"))
    assert "by variable" in mesoplan(tmp_path, *plan).text
    assert "by option" in mesoplan(tmp_path, *plan, "--clinic", "option.toml").text
    assert "by " not in mesoplan(tmp_path, *plan, "--clinic", "none").text
    monkeypatch.setenv("MESOPLAN_CLINIC", "nowhere.toml")
    outcome = mesoplan(tmp_path, *plan)
    assert (outcome.exit_code, outcome.error.splitlines()[0]) == (
        4,
        "mesoplan: there is no file 'nowhere.toml'",
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"name = 'x'\n" * 100_000, "is larger than 200 kB"),
        (b"\x00\x01\x02", "has a mistake"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_by_name(
    data: bytes, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "clinic.toml").write_bytes(data)
    outcome = run(tmp_path, "hair", "2026-12-01")
    assert outcome.exit_code in (2, 4)
    assert "clinic.toml" in outcome.error
    assert problem in outcome.error


def test_a_profile_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_bytes(b"\xef\xbb\xbfname = 'Park'\r\nphone = '1'\r\n")
    assert "Park · 1" in run(tmp_path, "hair", "2026-12-01", "--dry-run").text


def test_a_new_profile_is_its_owners_alone_and_never_overwrites(tmp_path: Path) -> None:
    outcome = mesoplan(tmp_path, "clinic", "init", "deep/folder/clinic.toml")
    assert outcome.exit_code == 0, outcome.error
    path = tmp_path / "deep" / "folder" / "clinic.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.write_text("rooms = 4")
    assert mesoplan(tmp_path, "clinic", "init", str(path)).exit_code == 4
    assert path.read_text() == "rooms = 4"


def test_a_new_profile_that_can_not_be_written_leaves_no_folder(tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with patch.object(os, "fsync", full):
        outcome = mesoplan(tmp_path, "clinic", "init", "new/of/clinic.toml", "--defaults")
    assert outcome.exit_code == 4
    assert "No space left on device" in outcome.error
    assert list(tmp_path.iterdir()) == []


def test_a_way_out_that_is_in_the_profile_is_spelled_so(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(
        HOURS + "[[closures]]\nfrom = 2026-12-04\nto = 2027-01-31\n"
    )
    outcome = run(tmp_path, "hair", "2026-12-01", "--closed", "mon")
    assert outcome.exit_code == 3
    assert (
        "in the clinic's profile, the closure from Fri 4 Dec 2026: write from = " in outcome.error
    )


def test_a_day_that_opens_without_hours_of_its_own_opens_around_the_time_asked_for(
    tmp_path: Path,
) -> None:
    sunday = planned(tmp_path, HOURS, "hair", "2026-12-06", "15:10", "--open", "2026-12-06")
    assert sunday["sessions"][0]["start"].startswith("2026-12-06T15:10")


INIT = ("clinic", "init", "clinic.toml")


def interviewed(folder: Path, *typed: bytes, asking: tuple[str, ...] = INIT) -> tuple[int, str]:
    """The exit code of what asks on a terminal where that is typed, and what it shows.

    Each part is typed when the program waits for it: what a terminal makes of control characters
    depends on who reads them.
    """
    import fcntl
    import pty
    import signal
    import termios

    def takes_the_terminal() -> None:
        """The terminal that Ctrl-C is typed on is its own, and nothing ignores Ctrl-C.

        What a shell starts in the background ignores it, and so do its children.
        """
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    terminal, its_end = pty.openpty()
    command = [sys.executable, "-m", "mesoplan", *asking]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **WORLD},
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,
        preexec_fn=takes_the_terminal,
    ) as process:
        os.close(its_end)
        shown = b""
        with contextlib.suppress(OSError):  # Linux ends a terminal's output with EIO
            for part in typed:
                while not shown.endswith(b"]: "):
                    shown += os.read(terminal, 65536)
                shown += b"\n"
                os.write(terminal, part)
            while data := os.read(terminal, 65536):
                shown += data
    os.close(terminal)
    return process.returncode, shown.decode().replace("\r\n", "\n")


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_on_a_terminal_the_few_things_that_matter_are_asked_for(tmp_path: Path) -> None:
    answers = (
        "The “Park” Clinic", "", "+1 2", "Nowhere", "America/New_York", "tue-thu,sat",
        "9-8", "9-12, 13-17; sat closed; thu 9h30-12h", "ZZ", "", "0", "2",
        "Dr Éva Roux", "", "roux.ics", "9-18", "9-12; thu 10-11:30",
        "Jean Roux", "roux", "", "", "?", "<", "webcal://calendar.example/secret-77/x.ics", "", "",
        "plans", "maybe", "yes", "morning",
    )  # fmt: skip
    # The mark of a program that synchronises the folder.
    (tmp_path / ".stfolder").mkdir()
    code, shown = interviewed(tmp_path, "".join(f"{each}\n" for each in answers).encode())
    assert code == 0, shown
    assert "Note: Syncthing" in shown
    for refused in ("'Nowhere'", "9:00-8:00", "'ZZ'", "rooms: 0", "tue: the clinic", "'maybe'"):
        assert refused in shown.replace("09:00-08:00", "9:00-8:00")
    assert "'roux' is the id of Dr Éva Roux" in shown
    assert shown.count("Diary of Jean Roux") == 2
    found = profile((tmp_path / "clinic.toml").read_text("utf-8"))
    assert (found.name, found.address, found.phone) == ("The “Park” Clinic", None, "+1 2")
    assert (found.timezone, found.rooms, found.holidays) == ("America/New_York", 2, ("US",))
    both = (TimeRange(540, 720), TimeRange(780, 1020))
    assert found.opening_hours == ((), both, both, (TimeRange(570, 720),), (), (), ())
    eva, jean = found.practitioners
    assert (eva.id, eva.name, jean) == (
        "roux",
        "Dr Éva Roux",
        Practitioner("jean-roux", "Jean Roux"),
    )
    early = (TimeRange(540, 720),)
    assert eva.hours == ((), early, early, (TimeRange(600, 690),), (), (), ())
    address = "webcal://calendar.example/secret-77/x.ics"
    assert found.diaries == {"roux": ("roux.ics",), "jean-roux": (address,)}
    assert (found.book, found.private, found.time_of_day) == ("plans", True, TimeRange(0, 720))
    assert (tmp_path / "plans").is_dir()


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("typed", "code"), [(b"\x03", 130), (b"\x04", 2)])
def test_an_interview_that_is_broken_off_writes_nothing(
    typed: bytes, code: int, tmp_path: Path
) -> None:
    assert interviewed(tmp_path, b"Park\n", typed)[0] == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_ctrl_c_at_the_last_question_of_guided_mode_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    guided = ("plan", "hair", "2026-12-01", "--book", "book", "--guided")
    code, shown = interviewed(tmp_path, *[b"\n"] * 4, b"\x03", asking=guided)
    assert (code, "Write it?" in shown) == (130, True)
    assert list(tmp_path.rglob("*")) == [tmp_path / "book"]


def test_a_diary_that_is_not_there_is_named_with_whose_it_is(tmp_path: Path) -> None:
    text = '[[practitioner]]\nid = "roux"\nname = "Dr Roux"\nbusy = ["roux.ics"]\n'
    (tmp_path / "clinic.toml").write_text(text)
    outcome = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert outcome.exit_code == 4
    assert "there is no diary of Dr Roux: " in outcome.error
    assert "roux.ics'" in outcome.error
    (tmp_path / "roux.ics").write_text("")
    assert mesoplan(tmp_path, "clinic", "check", "clinic.toml").exit_code == 0


def test_no_protocol_is_wider_than_the_rules_or_its_own_limits() -> None:
    for wrong in (
        {"phases": (Phase(20, 14),)},
        {"phases": (Phase(2, 7),)},
        {"phases": (Phase(4, 30),)},
        {"phases": ()},
        {"maintenance_per_year": 5},
        {"minutes": 0},
        {"limits": Limits(max_sessions=4)},
        {"limits": Limits(max_interval_days=10)},
    ):
        with pytest.raises(InvalidInput):
            plan(
                Request(
                    "hair", date(2026, 12, 1), protocol=replace(find_goal("hair").protocol, **wrong)
                )
            )


def test_the_profiles_busy_calendars_and_typed_ones_add_up(tmp_path: Path) -> None:
    for name in ("own", "typed"):
        (tmp_path / name).mkdir()
    assert mesoplan(tmp_path, "plan", "hair", "2026-12-01", "-o", "own/a.ics").exit_code == 0
    later = ("plan", "hair", "2026-12-01", "10:30", "-o", "typed/b.ics")
    assert mesoplan(tmp_path, *later).exit_code == 0
    text = "busy = ['own/a.ics']\n[hours]\ntue = ['10:00-11:30']\n"
    only_own = planned(tmp_path, text, "wrinkles", "2026-12-01", "-m", "0")
    assert times(only_own) == {"10:30"}
    both = planned(tmp_path, text, "wrinkles", "2026-12-01", "-m", "0", "--busy", "typed/b.ics")
    assert times(both) == {"11:00"}


def test_a_typed_place_goes_before_the_profiles(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text("name = 'Park'\nphone = '1'\n")
    outcome = run(tmp_path, "hair", "2026-12-01", "--location", "Elsewhere", "--dry-run")
    assert "Elsewhere · 1\n" in outcome.text
    assert "Park" not in outcome.text


def test_what_can_not_be_read_is_said_of_a_refusal_too(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text("")
    (tmp_path / "bad.ics").write_text(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:2026\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    arguments = ("hair", "2026-12-01", "--busy", "bad.ics", "--closure", "2026-12-05..2027-06-01")
    outcome = run(tmp_path, *arguments)
    assert outcome.exit_code == 3
    assert "1 busy event can't be read: bad.ics, line 3" in outcome.error


def test_a_trip_never_goes_below_the_clinics_own_fewest_sessions(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text("[protocols.hair]\nmin_sessions = 5\n")
    trip = ("hair", "2026-12-01", "--depart", "2026-12-27", "--dry-run")
    assert run(tmp_path, *trip).exit_code == 3
    (tmp_path / "clinic.toml").write_text("[protocols.hair]\nmin_sessions = 4\n")
    assert "1/4" in run(tmp_path, *trip).text
