"""Days in words."""

from datetime import date, timedelta

import pytest

from mesoplan.dates.days import weekdays_text


@pytest.mark.parametrize(
    ("weekdays", "text"),
    [
        ([6], "Sundays"),
        ([5, 6], "Saturdays and Sundays"),
        ([0, 1, 2, 3, 4], "Mondays to Fridays"),
        ([0, 2, 3, 4, 6], "Mondays, Wednesdays to Fridays and Sundays"),
        ([0, 1, 2, 3, 4, 5, 6], "all days of the week"),
    ],
)
def test_weekdays_in_a_row_are_named_by_the_first_and_the_last(
    weekdays: list[int], text: str
) -> None:
    monday = date(2026, 11, 30)
    assert weekdays_text(monday + timedelta(days=day) for day in reversed(weekdays)) == text
