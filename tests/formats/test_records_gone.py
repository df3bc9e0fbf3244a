"""Plans of which a calendar program dropped the records: what the events still tell."""

import json
import re
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from mesoplan import DateRange, Limits, Phase, Protocol, Request, plan
from mesoplan.model.plan import Notice, Plan
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.checking import check_plan
from mesoplan.rules.protocol import MAX_DURATION_MINUTES, MIN_DURATION_MINUTES
from tests.command_line import mesoplan
from tests.edited_plans import (
    ID,
    bare,
    read,
    request,
    retitled,
    with_events,
    written,
)


def without_records(asked: Request, *, private: bool = False) -> str:
    return bare(written(asked, private=private))


def assumed(text: str) -> tuple[Plan, Notice]:
    """The plan, and what is said of its record."""
    back = read(text)
    (notice,) = (notice for notice in back.assumed if notice.code == "RECORD_GONE")
    return back.plan, notice


FACE = request(goal="fat", area="face", time_of_day=time(14, 30))


def test_all_that_titles_descriptions_and_times_tell_is_assumed() -> None:
    back = read(without_records(FACE))
    found, notice = assumed(without_records(FACE))
    protocol = Protocol((Phase(4, 14),), 1, 20, "the clinic's own", "the plan's own file", Limits())
    assert found.request == Request(
        "fat",
        area="face",
        timezone="Europe/Paris",
        time_of_day=time(14, 30),
        years=1,
        duration_minutes=20,
        protocol=protocol,
        plan_id=ID,
    )
    assert (found.id, found.revision, found.goal, found.area) == (ID, 0, "fat", "face")
    assert (found.phases, found.maintenance_per_year) == (((4, 14),), 1)
    assert (found.duration_minutes, found.cancelled, found.row_digest) == (20, False, None)
    assert (found.notices, back.options) == ((), CalendarOptions())
    assert notice == ("RECORD_GONE", (True, True))


def test_of_a_private_file_neither_goal_nor_area_is_known() -> None:
    text = without_records(FACE, private=True)
    found, notice = assumed(text)
    assert (found.goal, found.area, found.request.goal, found.request.area) == (
        None,
        None,
        "",
        None,
    )
    assert (found.phases, found.maintenance_per_year) == (((4, 14),), 1)
    assert read(text).options == CalendarOptions(private=True)
    assert notice.about == (True, False)


def test_where_no_word_of_ours_is_left_days_alone_are_known() -> None:
    text = re.sub(r"DESCRIPTION:[^\r]*\r\n", "", without_records(FACE))
    text = retitled(text)
    found, notice = assumed(text)
    assert notice.about == (False, False)
    assert (found.goal, read(text).options.private, found.phases) == (None, True, ((4, 14),))
    assert found.maintenance_per_year == 1


def test_where_titles_are_gone_descriptions_tell_the_goal_and_the_area() -> None:
    text = retitled(without_records(FACE))
    found, notice = assumed(text)
    assert (found.goal, found.area, read(text).options.private) == ("fat", "face", False)
    assert notice.about == (False, True)


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        # A title as it was once, of another goal, in one event; a goal, then an area, of nobody's.
        (r"SUMMARY:Mesotherapy 2/4", "SUMMARY:Mesotherapy 2/4 · hair"),
        (r"\(fat\\, face\)", "· nothing"),
        (r"\(fat\\, face\)", r"(fat\\, elbow)"),
    ],
)
def test_a_goal_or_area_that_is_not_clear_is_not_known(pattern: str, new: str) -> None:
    found, notice = assumed(re.sub(pattern, new, without_records(FACE)))
    assert (found.goal, found.area) == (None, None)
    assert notice.about == (True, False)


def test_of_two_areas_none_is_known_but_the_goal_is() -> None:
    text = without_records(FACE).replace(r"(fat\, face)", r"(fat\, thighs)", 1)
    found, _ = assumed(text)
    assert (found.goal, found.area) == ("fat", None)


def test_the_usual_time_is_that_of_most_sessions() -> None:
    text = re.sub(r"(DTSTART;TZID=[^:]*:20261201T)143000", r"\g<1>141500", without_records(FACE))
    text = re.sub(r"(DTEND;TZID=[^:]*:20261201T)145000", r"\g<1>143500", text)
    assert assumed(text)[0].request.time_of_day == time(14, 30)


@pytest.mark.parametrize(("years", "yearly"), [(1, 2), (2, 1), (2, 2), (3, 2), (10, 1)])
def test_years_and_sessions_a_year_are_counted_from_the_days_of_maintenance(
    years: int, yearly: int
) -> None:
    request = replace(FACE, goal="hair", area=None, years=years, maintenance_per_year=yearly)
    found, _ = assumed(without_records(request))
    assert (found.request.years, found.maintenance_per_year) == (years, yearly)


def test_a_course_without_maintenance_has_none_a_year() -> None:
    found, _ = assumed(without_records(replace(FACE, maintenance_per_year=0)))
    assert (found.request.years, found.maintenance_per_year) == (1, 0)


def test_intervals_that_most_sessions_have_are_the_preferred_ones_where_no_goal_tells() -> None:
    request = replace(FACE, sessions=5, interval_days=9)
    found, _ = assumed(without_records(request, private=True))
    assert found.phases == ((5, 9),)


@pytest.mark.parametrize(("told", "counted"), [("2", 4), ("9", 9), ("99", 15)])
def test_the_number_of_sessions_is_what_titles_tell_within_the_rules(
    told: str, counted: int
) -> None:
    text = re.sub(
        r"SUMMARY:Mesotherapy ([0-9])/4", rf"SUMMARY:Mesotherapy \1/{told}", without_records(FACE)
    )
    assert sum(count for count, _ in assumed(text)[0].phases) == counted


HAIR = replace(FACE, goal="hair", area=None)


def test_phases_are_those_of_the_goal_for_the_sessions_that_titles_tell() -> None:
    assert assumed(without_records(HAIR))[0].phases == ((4, 7), (4, 14))
    assert assumed(without_records(replace(HAIR, sessions=6)))[0].phases == ((4, 7), (2, 14))
    three = assumed(without_records(replace(HAIR, sessions=3)))[0]
    assert (three.phases, three.protocol_phases) == (((3, 7),), ((4, 7), (4, 14)))


def test_where_no_title_tells_the_number_it_is_that_of_the_events() -> None:
    five = retitled(without_records(replace(HAIR, sessions=5)))
    assert assumed(five)[0].phases == ((4, 7), (1, 14))
    two = with_events(retitled(without_records(HAIR)), 1, 2)
    assert assumed(two)[0].phases == ((3, 7),)
    # Of a course that is gone it is that of the goal, for the area.
    gone = with_events(without_records(FACE), 5)
    assert assumed(gone)[0].phases == ((4, 14),)


def test_of_a_single_session_and_no_goal_a_weekly_course_is_assumed() -> None:
    text = with_events(retitled(without_records(FACE, private=True)), 1)
    assert assumed(text)[0].phases == ((3, 7),)


def test_years_are_counted_from_the_last_session_of_the_course() -> None:
    due = plan(replace(HAIR, maintenance_per_year=1)).maintenance[0].day
    closed = (DateRange(due - timedelta(days=14), due + timedelta(days=13)),)
    found, _ = assumed(without_records(replace(HAIR, maintenance_per_year=1, closures=closed)))
    assert (found.request.years, found.maintenance_per_year) == (1, 1)


@pytest.mark.parametrize(
    ("serials", "titled", "years", "yearly"),
    [
        ((1, 2, 3, 4, 5), True, 1, 2),
        ((1, 2, 3, 4, 5), False, 1, 1),
        ((1, 2, 3, 4, 10), False, 3, 0),
        ((5,), True, 1, 2),
    ],
)
def test_maintenance_that_is_gone_counts_where_a_title_tells_it(
    serials: tuple[int, ...], titled: bool, years: int, yearly: int
) -> None:
    request = replace(HAIR, sessions=4, years=3 if 10 in serials else 1)
    text = with_events(without_records(request), *serials)
    found, _ = assumed(text if titled else retitled(text))
    assert (found.request.years, found.maintenance_per_year) == (years, yearly)


@pytest.mark.parametrize("minutes", [MIN_DURATION_MINUTES, MAX_DURATION_MINUTES])
def test_the_shortest_and_the_longest_sessions_are_sessions(minutes: int) -> None:
    request = replace(FACE, duration_minutes=minutes, time_of_day=time(9))
    assert assumed(without_records(request))[0].duration_minutes == minutes


@pytest.mark.parametrize(("days", "years"), [(380, 1), (381, 2), (760, 2), (761, 3)])
def test_a_year_of_maintenance_has_380_days(days: int, years: int) -> None:
    found = plan(HAIR)
    day = found.sessions[-1].day + timedelta(days=days)
    text = with_events(without_records(HAIR), *range(1, 10))
    old = f"{found.maintenance[0].day:%Y%m%d}T"
    assert assumed(text.replace(old, f"{day:%Y%m%d}T"))[0].request.years == years


# ---------------------------------------------------------------- what is made of that


def test_a_plan_of_which_all_events_are_cancelled_is_a_cancelled_plan() -> None:
    found = read(re.sub(r"STATUS:\w+", "STATUS:CANCELLED", bare(written()))).plan
    assert found.active == ()
    assert len(found.dropped) == 10
    assert found.cancelled
    assert found.stay is None
    assert found.total_sessions == 8


@pytest.mark.parametrize("end", ["223000", "100000", "100100"])
def test_an_event_of_a_length_that_no_session_has_leaves_the_usual_one(end: str) -> None:
    text = re.sub(r"(DTEND;TZID=[^:]*:\d{8}T)\d{6}", rf"\g<1>{end}", bare(written()))
    assert read(text).plan.duration_minutes == 30


def test_seconds_that_a_program_wrote_are_no_preferred_time() -> None:
    text = re.sub(r"(DT(?:START|END);TZID=[^:]*:\d{8}T\d{4})00", r"\g<1>30", bare(written()))
    found = read(text).plan
    assert found.request.time_of_day == time(10)
    assert len(found.sessions) == 8


def test_what_is_not_in_the_file_breaks_no_rule() -> None:
    few = read(with_events(bare(written()), 1, 2))
    assert "MISSING" in {notice.code for notice in few.assumed}
    assert check_plan(few.plan).problems == ()
    apart = read(with_events(bare(written()), 1, 2, 4, 5, 6, 7, 8))
    assert [session.number for session in apart.plan.sessions] == [1, 2, 4, 5, 6, 7, 8]
    assert check_plan(apart.plan).problems == ()


def test_a_change_leaves_maintenance_what_it_is_where_neither_records_nor_titles_tell(
    tmp_path: Path,
) -> None:
    (tmp_path / "plan.ics").write_text(re.sub("SUMMARY:.*", "SUMMARY:Visit\r", bare(written())))
    before = json.loads(mesoplan(tmp_path, "show", "plan.ics", "--json").text)
    assert mesoplan(tmp_path, "move", "plan.ics", "3", "2026-12-16").exit_code == 0
    after = json.loads(mesoplan(tmp_path, "show", "plan.ics", "--json").text)
    assert len(before["sessions"]) == len(after["sessions"]) == 8
    for what in ("uid", "start", "due"):
        told = [[each[what] for each in plan["maintenance"]] for plan in (before, after)]
        assert told[0] == told[1]
    text = (tmp_path / "plan.ics").read_text()
    assert text.count("X-APPOINTMENT:") == 10
    assert "SUMMARY:Visit" in text


def test_a_change_leaves_no_two_records_of_one_number_where_one_event_lost_its_own(
    tmp_path: Path,
) -> None:
    whole = written()
    kept = with_events(whole, 1, 2, *range(4, 10))
    last = bare(with_events(whole, 10))
    event = last[last.index("BEGIN:VEVENT") :].replace("TENTATIVE", "CONFIRMED")
    event = re.sub("(SUMMARY|DESCRIPTION):.*", r"\1:Visit\r", event)
    text = kept.removesuffix("END:VCALENDAR\r\n") + event
    (tmp_path / "plan.ics").write_bytes(text.encode())
    now = "2026-12-02T12:00:00Z"
    before = json.loads(mesoplan(tmp_path, "show", "plan.ics", "--json", now=now).text)
    assert mesoplan(tmp_path, "attend", "plan.ics", "1", now=now).exit_code == 0
    after = json.loads(mesoplan(tmp_path, "show", "plan.ics", "--json", now=now).text)
    numbers = [[each["number"] for each in plan["sessions"]] for plan in (before, after)]
    assert numbers[0] == numbers[1] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_cancelled_event_that_tells_no_number_has_one_after_a_change(tmp_path: Path) -> None:
    text = re.sub("(SUMMARY|DESCRIPTION):.*", r"\\1:Visit\r", bare(written()))
    text = text.replace("STATUS:CONFIRMED", "STATUS:CANCELLED", 1)
    (tmp_path / "plan.ics").write_bytes(text.encode())
    assert mesoplan(tmp_path, "cancel", "plan.ics").exit_code == 0
    shown = mesoplan(tmp_path, "show", "plan.ics", "--json")
    assert shown.exit_code == 0
    assert json.loads(shown.text)["dropped"][0]["number"] == 1
    assert mesoplan(tmp_path, "undo", "plan.ics").exit_code == 0
    assert mesoplan(tmp_path, "show", "plan.ics").exit_code == 0


def test_a_plan_of_more_sessions_than_it_should_have_is_shown_and_not_written_again(
    tmp_path: Path,
) -> None:
    whole = written()
    last = bare(with_events(whole, 10))
    event = last[last.index("BEGIN:VEVENT") :].replace("TENTATIVE", "CONFIRMED")
    event = re.sub("(SUMMARY|DESCRIPTION):.*", r"\1:Visit\r", event)
    kept = with_events(whole, *range(1, 10)).removesuffix("END:VCALENDAR\r\n")
    (tmp_path / "plan.ics").write_bytes((kept + event).encode())
    assert mesoplan(tmp_path, "show", "plan.ics").exit_code == 0
    assert mesoplan(tmp_path, "move", "plan.ics", "3", "2026-12-16").exit_code == 0
    changed = (tmp_path / "plan.ics").read_bytes()
    outcome = mesoplan(tmp_path, "undo", "plan.ics")
    assert outcome.exit_code == 4
    assert "has 9 sessions where the course has 8" in outcome.error
    assert (tmp_path / "plan.ics").read_bytes() == changed
