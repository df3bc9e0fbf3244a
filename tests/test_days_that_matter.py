"""The days of which a plan, or a way out of a refusal, can depend on."""

from __future__ import annotations

from datetime import date

import pytest

from mesoplan import DateRange, InvalidInput, Request
from mesoplan.planning.planner import days_that_matter

# A course is 14 intervals of 14 days at most, and begins 90 days after START at most; a START or an
# end is put off by a year at most; maintenance goes on for whole years, and 14 days.


def test_from_a_start_they_reach_to_the_last_maintenance_of_the_latest_course() -> None:
    assert days_that_matter(Request("hair", date(2026, 12, 1))) == DateRange(
        date(2026, 9, 2), date(2029, 9, 28)
    )
    assert days_that_matter(Request("hair", date(2026, 12, 1), years=2)) == DateRange(
        date(2026, 9, 2), date(2030, 9, 29)
    )


def test_from_an_end_alone_they_reach_back_a_course_and_a_year() -> None:
    request = Request("hair", finish_by=date(2027, 3, 31), years=3)
    assert days_that_matter(request) == DateRange(date(2025, 9, 14), date(2032, 1, 27))


def test_with_a_start_and_an_end_they_hold_those_of_both() -> None:
    request = Request("hair", date(2026, 12, 1), depart=date(2027, 3, 31), years=3)
    assert days_that_matter(request) == DateRange(date(2026, 9, 2), date(2032, 1, 27))


def test_arrival_is_a_start() -> None:
    assert days_that_matter(Request("hair", arrive=date(2026, 12, 1))) == days_that_matter(
        Request("hair", date(2026, 12, 1))
    )


def test_without_a_start_and_an_end_there_are_none() -> None:
    with pytest.raises(InvalidInput, match="START is missing"):
        days_that_matter(Request("hair"))
