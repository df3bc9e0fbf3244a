"""Dates held against the rules: worked examples, random courses, plans, and what a check prints."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesoplan import BusyCalendar, BusySpan, Limits, NoLegalPlan, Request, Status, TimeRange, plan
from mesoplan.dates import parsing as words
from mesoplan.dates.times import time_range
from mesoplan.model.fields import RANGES, Words
from mesoplan.model.request import WeeklyHours
from mesoplan.planning.appointments import (
    Appointment,
    Course,
    Kind,
    PerYearAssumed,
    course_of_plan,
    courses_of,
)
from mesoplan.planning.checking import CheckedCourse, check_course, check_plan, terms_of
from mesoplan.rules.goals import find_goal
from mesoplan.wording.findings import assumption_note, code_text, finding_text
from mesoplan.wording.notices import notice_text
from tests.command_line import mesoplan
from tests.examples import examples
from tests.instances import random_request
from tests.oracle_changes import months_after

CHECKS = sorted((Path(__file__).parents[1] / "checks").glob("*.toml"))
TODAY = date(2026, 11, 23)
PARIS = ZoneInfo("Europe/Paris")
NO_TERMS = terms_of(Request(""))


def found(days: Sequence[date], kind: Kind | None = None) -> list[Appointment]:
    return [Appointment(day=day, kind=kind) for day in days]


def checked(days: Sequence[date], **asked: Any) -> CheckedCourse:
    """What is wrong with a course on those days."""
    (course,) = courses_of(found(days, "course"))
    return check_course(course, terms_of(Request("", **asked)))


def terms_request(terms: dict[str, Any]) -> Request:
    asked = dict(terms)
    limits = asked.pop("limits", None)
    protocol = None
    if limits is not None:
        protocol = replace(find_goal("hair").protocol, limits=Limits(**limits))
    return Request(
        "",
        protocol=protocol,
        closed_weekdays=words.weekdays(asked.pop("closed", [])),
        closures=RANGES.read("closure", asked.pop("closures", []), Words(TODAY)),
        away=RANGES.read("away", asked.pop("away", []), Words(TODAY)),
        holidays=tuple(asked.pop("holidays", [])),
        open_days=frozenset(asked.pop("open_days", [])),
        **asked,
    )


def every_day(text: str) -> WeeklyHours:
    """The same hours on every day of the week."""
    return tuple((time_range("hours", text),) for _ in range(7))


def worked_example(case: dict[str, Any]) -> CheckedCourse:
    dates = [
        *found(case.get("dates", [])),
        *found(case.get("sessions", []), "course"),
        *found(case.get("maintenance", []), "maintenance"),
    ]
    (course,) = courses_of(dates)
    return check_course(course, terms_of(terms_request(case.get("terms", {}))))


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_worked_example(path: Path) -> None:
    case = tomllib.loads(path.read_text("utf-8"))
    assert case["why"].strip()
    findings = worked_example(case)
    seen = [(each.code, list(each.days), each.size, each.unit) for each in findings.problems]
    expected = [
        (each["code"], each["days"], each.get("size"), each.get("unit"))
        for each in case.get("breaches", [])
    ]
    assert seen == expected
    assert [note.code for note in findings.assumptions] == case.get("notes", [])


def test_the_worked_examples_in_words() -> None:
    lines = []
    for path in CHECKS:
        findings = worked_example(tomllib.loads(path.read_text("utf-8")))
        lines.append(path.stem)
        lines += [f"  {each.code}: {finding_text(each)}" for each in findings.problems]
        notes = map(assumption_note, findings.assumptions)
        lines += [f"  {each.code}: {notice_text(each)}" for each in notes]
    golden = Path(__file__).parents[1] / "checks" / "sentences.txt"
    assert lines == golden.read_text("utf-8").splitlines()


def test_there_are_worked_examples() -> None:
    assert len(CHECKS) >= 10


# Random courses


def days_off(day: date, last: date, months_between: int) -> int:
    """How far a day is from the nearest of all days that are due."""
    return min(abs((day - months_after(last, months_between * k)).days) for k in range(1, 40))


def oracle(course: Sequence[date], maintenance: Sequence[date]) -> set[tuple[str, date, int]]:
    """(rule, later day, days too many or too few): the rules, said again as simply as can be."""
    breaches = set()
    for before, after in pairwise(course):
        interval = (after - before).days
        if interval < 7:
            breaches.add(("R2", after, 7 - interval))
        if interval > 14:
            breaches.add(("R2", after, interval - 14))
        if interval == 0:
            breaches.add(("R4", after, 0))
    readings = []
    for months_between in (12, 6):
        off = {day: days_off(day, course[-1], months_between) for day in maintenance}
        late = {("R3", day, days - 14) for day, days in off.items() if days > 14}
        readings.append((sum(days for *_, days in late), sum(off.values()), late))
    return breaches | min(readings, key=lambda reading: reading[:2])[2]


def breaches_by_day(one: CheckedCourse) -> set[tuple[str, date, int]]:
    return {(each.code, each.days[-1], each.size or 0) for each in one.problems}


@st.composite
def legal_courses(draw: st.DrawFn) -> tuple[list[date], list[date]]:
    first = draw(st.dates(date(2024, 1, 1), date(2060, 12, 31)))
    days = [first]
    for interval in draw(st.lists(st.integers(7, 14), min_size=2, max_size=14)):
        days.append(days[-1] + timedelta(days=interval))
    months_between = draw(st.sampled_from([6, 12]))
    jitter = draw(st.lists(st.integers(-14, 14), max_size=6))
    maintenance = [
        months_after(days[-1], months_between * k) + timedelta(days=off)
        for k, off in enumerate(jitter, start=1)
    ]
    return days, maintenance


@settings(deadline=None)
@given(legal_courses(), st.booleans())
def test_what_is_legal_by_construction_has_no_breach(
    legal: tuple[list[date], list[date]], told: bool
) -> None:
    course, maintenance = legal
    dates = [
        *found(course, "course" if told else None),
        *found(maintenance, "maintenance" if told else None),
    ]
    Random(course[0].toordinal()).shuffle(dates)
    (one,) = courses_of(dates)
    assert [each.day for each in one.sessions] == course
    assert [each.day for each in one.maintenance] == maintenance
    assert check_course(one, NO_TERMS).problems == ()


@settings(max_examples=examples(50), deadline=None)
@given(legal_courses(), st.data())
def test_a_moved_date_has_the_breaches_that_an_independent_oracle_names(
    legal: tuple[list[date], list[date]], data: st.DataObject
) -> None:
    course, maintenance = legal
    index = data.draw(st.integers(0, len(course) - 1))
    earliest = course[index - 1] if index else course[0] - timedelta(days=40)
    last = index == len(course) - 1
    latest = course[index] + timedelta(days=40) if last else course[index + 1]
    course[index] = data.draw(st.dates(earliest, latest))
    if maintenance:
        moved = data.draw(st.integers(0, len(maintenance) - 1))
        maintenance[moved] += timedelta(days=data.draw(st.integers(-20, 20)))
    (one,) = courses_of([*found(course, "course"), *found(maintenance, "maintenance")])
    assert breaches_by_day(check_course(one, NO_TERMS)) == oracle(course, maintenance)


@settings(deadline=None)
@given(st.integers(1, 40))
def test_the_number_of_sessions_is_held_against_r1(count: int) -> None:
    days = [date(2026, 1, 5) + timedelta(days=10 * k) for k in range(count)]
    sizes = [(each.code, each.size) for each in checked(days).problems]
    too_few, too_many = max(0, 3 - count), max(0, count - 15)
    assert sizes == [("R1", too_few + too_many)] * bool(too_few or too_many)


# Recovery, hours, and what was ended


def at(text: str, minutes: int = 30, number: int = 1) -> Appointment:
    start = datetime.fromisoformat(text).replace(tzinfo=PARIS)
    end = (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(PARIS)
    return Appointment(kind="course", number=number, day=start.date(), start=start, end=end)


@pytest.mark.parametrize(
    ("first", "second", "short_minutes"),
    [
        ("2026-12-01 10:00", "2026-12-02 10:30", None),
        ("2026-12-01 10:00", "2026-12-02 10:29", 1),
        ("2026-12-01 10:00", "2026-12-01 10:15", 24 * 60),
        # Clocks go forward: what they show as 24 hours are 23.
        ("2027-03-27 10:00", "2027-03-28 10:30", 60),
        # Clocks go back: what they show as 23 hours are 24.
        ("2027-10-30 10:00", "2027-10-31 09:30", None),
    ],
)
def test_recovery_takes_24_hours_that_elapse(
    first: str, second: str, short_minutes: int | None
) -> None:
    course = Course(sessions=(at(first), at(second, number=2)))
    breaches = check_course(course, NO_TERMS).problems
    short = [each.size for each in breaches if each.code == "R4"]
    assert short == ([] if short_minutes is None else [short_minutes])


def test_a_short_recovery_in_words() -> None:
    course = Course(sessions=(at("2027-03-27 10:00"), at("2027-03-28 10:35", number=2)))
    assert finding_text(check_course(course, NO_TERMS).problems[-1]) == (
        "session 2 begins 23 hours 5 minutes after the end of session 1 (Sat 27 Mar 2027 10:30 – "
        "Sun 28 Mar 2027 10:35): 55 minutes too early (at least 24 hours)"
    )


def test_a_time_outside_the_opening_hours_is_a_breach(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text('[hours]\ntue = ["09:00-12:30", "14:00-18:00"]\n')
    (tmp_path / "dates.txt").write_text(
        "2026-12-01 08:59\n2026-12-08 12:29\n2026-12-15 12:30\n2026-12-22 14:00\n2026-12-30\n"
    )
    outcome = mesoplan(tmp_path, "check", "dates.txt", "--clinic", "clinic.toml")
    assert outcome.text.splitlines() == [
        "hours  session 1 (Tue 1 Dec 2026, line 1): at 08:59, but the clinic is open 09:00–12:30 "
        "and 14:00–18:00 on Tuesdays",
        "hours  session 3 (Tue 15 Dec 2026, line 3): at 12:30, but the clinic is open 09:00–12:30 "
        "and 14:00–18:00 on Tuesdays",
        "closed weekday  session 5 (Wed 30 Dec 2026, line 5): the clinic is closed on Wednesdays",
    ]


def test_a_session_that_runs_past_closing_time_is_outside_the_hours() -> None:
    hours = terms_request({"opening_hours": every_day("09:00-10:15")})
    course = Course(sessions=(at("2026-12-01 10:00"),))
    codes = [each.code for each in check_course(course, terms_of(hours)).problems]
    assert codes == ["R1", "HOURS"]


def test_the_preferred_time_and_busy_calendars_do_not_close_a_day() -> None:
    busy = BusyCalendar(
        "all", (BusySpan(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)),)
    )
    request = Request(
        "",
        opening_hours=every_day("09:00-12:00"),
        time_of_day=TimeRange(14 * 60, 18 * 60),
        busy=(busy,),
    )
    days = found([date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)])
    (course,) = courses_of(days)
    assert check_course(course, terms_of(request)).problems == ()


def test_of_a_day_that_was_opened_no_hours_are_known() -> None:
    hours = ((), *every_day("09:00-12:00")[1:])
    monday = date(2026, 12, 14)
    course = Course(sessions=tuple(at(f"2026-12-{day:02} 20:00") for day in (7, 14)))
    terms = terms_of(Request("", opening_hours=hours, open_days=frozenset({monday})))
    closed = [
        (each.code, each.days[0].day)
        for each in check_course(course, terms).problems
        if each.code not in {"R1", "R2"}
    ]
    assert closed == [("CLOSED_WEEKDAY", 7)]


def test_a_course_that_is_not_whole_may_be_short_and_nothing_else() -> None:
    days = [date(2026, 12, 1), date(2026, 12, 20)]
    (course,) = courses_of(found(days))
    breaches = check_course(course._replace(is_whole=False), NO_TERMS).problems
    assert [each.code for each in breaches] == ["R2"]


@pytest.mark.parametrize(
    ("days", "given", "per_year"),
    [
        ([date(2027, 12, 15)], None, 1),
        ([date(2027, 12, 15), date(2028, 12, 20)], None, 1),
        ([date(2027, 6, 15)], None, 2),
        ([date(2027, 6, 15), date(2027, 12, 15)], None, 2),
        ([date(2027, 12, 15)], 0, 1),
    ],
)
def test_the_number_of_maintenance_sessions_a_year_that_fits_best_is_assumed(
    days: list[date], given: int | None, per_year: int
) -> None:
    course = [date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)]
    (one,) = courses_of([*found(course, "course"), *found(days, "maintenance")])
    findings = check_course(one._replace(maintenance_per_year=given), NO_TERMS)
    assert findings.problems == ()
    assert findings.assumptions == (PerYearAssumed(per_year),)


# Plans


def test_a_plan_that_was_just_made_has_no_breach() -> None:
    made = 0
    for seed in range(60):
        request = replace(random_request(Random(seed)), maintenance_per_year=seed % 3, years=2)
        try:
            found_plan = plan(request, explains=False)
        except NoLegalPlan:
            continue
        made += 1
        assert check_plan(found_plan).problems == ()
    assert made > 15


def test_a_session_of_a_plan_that_was_moved_is_a_breach_and_a_missed_one_is_no_session() -> None:
    request = Request("hair", date(2026, 12, 1), timezone="Europe/Paris")
    made = plan(request)
    late = made.sessions[3]
    moved = replace(late, start=late.start + timedelta(days=4), end=late.end + timedelta(days=4))
    sessions = (*made.sessions[:3], moved, *made.sessions[4:])
    breaches = check_plan(replace(made, sessions=sessions)).problems
    assert [(each.code, each.size) for each in breaches] == [("R2", 4)]
    missed = replace(late, status=Status.MISSED)
    sessions = (*made.sessions[:3], missed, *made.sessions[4:])
    assert len(course_of_plan(replace(made, sessions=sessions)).sessions) == 7


def test_maintenance_of_a_plan_keeps_its_number_when_an_earlier_one_is_dropped() -> None:
    request = Request("hair", date(2026, 12, 1), maintenance_per_year=2, years=2)
    made = plan(request)
    dropped = replace(made, maintenance=made.maintenance[2:])
    assert check_plan(dropped).problems == ()
    swapped = replace(made.maintenance[2], number=2)
    breaches = check_plan(replace(made, maintenance=(swapped,))).problems
    assert [each.code for each in breaches] == ["R3"]


# What is printed


def test_json_and_text_tell_the_same_breaches(tmp_path: Path) -> None:
    (tmp_path / "dates.txt").write_text("2026-12-01\n2026-12-02\n2027-01-01\n")
    arguments = ("check", "dates.txt", "--holidays", "FR-Alsace", "--depart", "2026-12-24")
    text = mesoplan(tmp_path, *arguments)
    document = json.loads(mesoplan(tmp_path, *arguments, "--json").text)
    assert document["schema"] == "mesoplan-check/1"
    (course,) = document["courses"]
    lines = [f"{code_text(each['code'])}  {each['text']}" for each in course["breaches"]]
    assert text.text.splitlines() == lines
    assert document["breaches"] == len(lines) == 4
    assert text.exit_code == 1


def test_a_profile_that_narrows_the_rules_says_so(tmp_path: Path) -> None:
    profile = "[protocols.hair]\nphases = [{ sessions = 4, interval_days = 7 }]\n"
    (tmp_path / "clinic.toml").write_text(profile + "max_interval_days = 10\n")
    (tmp_path / "dates.txt").write_text("2026-12-01\n2026-12-12\n2026-12-22\n")
    arguments = ("check", "dates.txt", "--clinic", "clinic.toml")
    assert mesoplan(tmp_path, *arguments).exit_code == 0
    outcome = mesoplan(tmp_path, *arguments, "--goal", "alopecia")
    assert outcome.text.endswith("1 day too late (at most 10, as the clinic narrows it)\n")


def test_trip_absences_and_opened_days_of_options_and_profile_are_kept(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(
        '[holidays]\ncountry = "FR"\nsubdivision = "Alsace"\nopen_on = [2026-12-07]\n'
    )
    (tmp_path / "dates.txt").write_text("2026-12-07\n2026-12-14\n2026-12-21\n2026-12-28\n")
    arguments = ("check", "dates.txt", "--clinic", "clinic.toml", "--closed", "mon")
    options = ("--open", "2026-12-14", "--arrive", "2026-12-08", "--away", "2026-12-14")
    text = mesoplan(tmp_path, *arguments, *options).text
    assert [line.partition(" (")[0] for line in text.splitlines()] == [
        "away  session 1",
        "away  session 2",
        "closed weekday  session 3",
        "closed weekday  session 4",
    ]


def test_holidays_that_are_not_known_are_noted(tmp_path: Path) -> None:
    days = "2088-12-01\n2088-12-08\n2088-12-15\n"
    outcome = mesoplan(tmp_path, "check", "-", "--holidays", "IN", given=days.encode())
    assert "Note: Not all holidays of IN are known for 2088." in outcome.text
