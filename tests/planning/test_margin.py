"""The days between the last session and an event: bruises can show for longer than a day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mesoplan import Attend, Extend, Move, Plan, Request, SessionName, plan, replan
from tests.command_line import mesoplan

EVENT = date(2027, 6, 19)
NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)
WEDDING = Request("rejuvenation", finish_by=EVENT)


def margin(found: Plan) -> list[Any]:
    return [notice.about for notice in found.notices if notice.code == "SHORT_MARGIN"]


def test_a_course_that_ends_just_before_an_event_names_the_deadline_that_leaves_two_weeks() -> None:
    found = plan(WEDDING, now=NOW)
    earlier = EVENT - timedelta(days=13)
    assert margin(found) == [(EVENT - timedelta(days=1), EVENT, earlier)]
    in_time = plan(replace(WEDDING, finish_by=earlier), now=NOW)
    assert (EVENT - in_time.sessions[-1].day).days == 14


@pytest.mark.parametrize(("days", "is_said"), [(14, False), (13, True), (1, True)])
def test_two_weeks_are_enough(days: int, is_said: bool) -> None:
    start = EVENT - timedelta(days=days + 3 * 14)
    assert bool(margin(plan(replace(WEDDING, start=start), now=NOW))) is is_said


def test_a_journey_home_asks_for_no_such_margin() -> None:
    assert margin(plan(Request("rejuvenation", depart=EVENT), now=NOW)) == []


def test_no_deadline_is_named_where_none_leaves_the_margin() -> None:
    late = datetime(2027, 5, 20, 12, tzinfo=UTC)
    for asked in (replace(WEDDING, sessions=4), replace(WEDDING, start=date(2027, 5, 22))):
        ((_, event, earlier),) = margin(plan(asked, now=late))
        assert (event, earlier) == (EVENT, None)


def test_a_change_says_it_where_it_moves_the_last_session() -> None:
    start = EVENT - timedelta(days=15 + 3 * 10)
    found = plan(replace(WEDDING, start=start, interval_days=10), now=NOW)
    assert margin(found) == []
    last = found.sessions[-1].day
    moved = replan(found, Move(SessionName("course", 4), last + timedelta(days=2)), now=NOW)
    assert margin(moved) == [(last + timedelta(days=2), EVENT, None)]
    after_first = moved.sessions[0].end + timedelta(hours=1)
    # A file does not keep it.
    moved = replace(moved, notices=())
    assert margin(replan(moved, Attend((SessionName("course", 1),)), now=after_first)) == []
    assert margin(replan(found, Extend(-1), now=NOW)) == []


def test_a_batch_lists_the_plans_that_end_just_before_an_event(tmp_path: Path) -> None:
    table = b"id,goal,start,finish-by\na,rejuvenation,,2027-06-19\n"
    outcome = mesoplan(tmp_path, "batch", "-", "-o", "out", given=table)
    assert "1 plan with less than 14 days before an event:\n  a.ics: " in outcome.text
    assert b"SHORT_MARGIN" not in (tmp_path / "out" / "a.ics").read_bytes()
