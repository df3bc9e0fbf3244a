"""Plans of which a calendar program dropped the records: what the events still tell."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mesoplan import Request, plan
from mesoplan.formats.plan_file.reading import plan_in
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.checking import check_plan
from tests.command_line import mesoplan

if TYPE_CHECKING:
    from mesoplan.formats.plan_file.reading import ReadPlan

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
REQUEST = Request(
    "hair",
    date(2026, 12, 1),
    timezone="Europe/Paris",
    plan_id="4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f",
)


def without_records(*, private: bool = False) -> str:
    """The text of a plan's file, unfolded, without what is of no calendar's own."""
    data = calendar_file(plan(REQUEST), CalendarOptions(private=private), STAMP).decode()
    return re.sub(r"X-APPOINTMENT[^\r]*\r\n", "", data.replace("\r\n ", ""))


def read(text: str) -> ReadPlan:
    return plan_in([(Path("exported.ics"), text.encode())], lambda: "UTC")


def with_events(text: str, *serials: int) -> str:
    """The file with those events alone."""
    kept = "|".join(f"{serial:02d}" for serial in serials)
    return re.sub(
        r"BEGIN:VEVENT.*?END:VEVENT\r\n",
        lambda event: event[0] if re.search(rf"^UID:.*-(?:{kept})\r", event[0], re.M) else "",
        text,
        flags=re.DOTALL,
    )


def test_a_plan_of_which_all_events_are_cancelled_is_a_cancelled_plan() -> None:
    found = read(re.sub(r"STATUS:\w+", "STATUS:CANCELLED", without_records())).plan
    assert found.active == ()
    assert len(found.dropped) == 10
    assert found.cancelled
    assert found.stay is None
    assert found.total_sessions == 8


@pytest.mark.parametrize("end", ["223000", "100000", "100100"])
def test_an_event_of_a_length_that_no_session_has_leaves_the_usual_one(end: str) -> None:
    text = re.sub(r"(DTEND;TZID=[^:]*:\d{8}T)\d{6}", rf"\g<1>{end}", without_records())
    assert read(text).plan.duration_minutes == 30


def test_seconds_that_a_program_wrote_are_no_preferred_time() -> None:
    text = re.sub(r"(DT(?:START|END);TZID=[^:]*:\d{8}T\d{4})00", r"\g<1>30", without_records())
    found = read(text).plan
    assert found.request.time_of_day == time(10)
    assert len(found.sessions) == 8


def test_a_file_of_maintenance_alone_has_the_course_of_its_goal() -> None:
    found = read(with_events(without_records(), 9, 10)).plan
    assert (found.sessions, len(found.maintenance)) == ((), 2)
    assert (found.goal, found.total_sessions) == ("hair", 8)


def test_where_no_word_of_ours_is_left_neutral_words_are_written() -> None:
    def retitled(text: str) -> str:
        text = re.sub(r"DESCRIPTION:[^\r]*\r\n", "", text)
        return re.sub(r"SUMMARY:[^\r]*", "SUMMARY:Doctor", text)

    assert read(retitled(without_records())).options.private
    assert read(without_records(private=True)).options.private
    assert not read(without_records()).options.private
    titles_alone = re.sub(r"DESCRIPTION:[^\r]*\r\n", "", without_records())
    assert not read(titles_alone).options.private
    words_alone = re.sub(r"SUMMARY:[^\r]*", "SUMMARY:Doctor", without_records())
    assert not read(words_alone).options.private


def test_what_is_not_in_the_file_breaks_no_rule() -> None:
    few = read(with_events(without_records(), 1, 2))
    assert "MISSING" in {notice.code for notice in few.assumed}
    assert check_plan(few.plan).problems == ()
    apart = read(with_events(without_records(), 1, 2, 4, 5, 6, 7, 8))
    assert [session.number for session in apart.plan.sessions] == [1, 2, 4, 5, 6, 7, 8]
    assert check_plan(apart.plan).problems == ()


def test_a_change_leaves_maintenance_what_it_is_where_neither_records_nor_titles_tell(
    tmp_path: Path,
) -> None:
    (tmp_path / "plan.ics").write_text(re.sub("SUMMARY:.*", "SUMMARY:Visit\r", without_records()))
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
    whole = calendar_file(plan(REQUEST), CalendarOptions(), STAMP).decode().replace("\r\n ", "")
    kept = with_events(whole, 1, 2, *range(4, 10))
    last = re.sub("X-APPOINTMENT[^\r]*\r\n", "", with_events(whole, 10))
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
    text = re.sub("(SUMMARY|DESCRIPTION):.*", r"\\1:Visit\r", without_records())
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
    whole = calendar_file(plan(REQUEST), CalendarOptions(), STAMP).decode().replace("\r\n ", "")
    last = re.sub("X-APPOINTMENT[^\r]*\r\n", "", with_events(whole, 10))
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
