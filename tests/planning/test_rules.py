"""The rules as the source document has them, and their limits in words."""

import pytest

from mesoplan.rules.limits import (
    LONGEST_DELAY_DAYS,
    MAINTENANCE_SLACK_DAYS,
    MAX_INTERVAL_DAYS,
    MAX_MAINTENANCE_PER_YEAR,
    MAX_SESSIONS,
    MAX_START_SLIP_DAYS,
    MIN_DAYS_BEFORE_TRAVEL,
    MIN_INTERVAL_DAYS,
    MIN_SESSIONS,
    RECOVERY_DAYS,
    Rule,
)

STAY, RECOVERY = "How Long Should I Stay", "Recovery Time"


def test_the_numbers_by_name_are_those_of_the_rules() -> None:
    assert (MIN_SESSIONS, MAX_SESSIONS) == (3, 15)
    assert (MIN_INTERVAL_DAYS, MAX_INTERVAL_DAYS) == (7, 14)
    assert (MAX_MAINTENANCE_PER_YEAR, MAINTENANCE_SLACK_DAYS) == (2, 14)
    assert (MIN_DAYS_BEFORE_TRAVEL, RECOVERY_DAYS) == (1, 1)
    assert (MAX_START_SLIP_DAYS, LONGEST_DELAY_DAYS) == (90, 366)


@pytest.mark.parametrize(
    ("minimum", "maximum", "words"),
    [
        (7, 14, "7 to 14 days"),
        (0, 1, "0 to 1 day"),
        (1, 1, "1 day"),
        (24, 24, "24 days"),
        (1, None, "1 day or more"),
        (2, None, "2 days or more"),
    ],
)
def test_a_limit_is_said_with_its_unit_in_singular_or_plural(
    minimum: int, maximum: int | None, words: str
) -> None:
    assert Rule("R0", "a thing", minimum, maximum, "days", "", "").limit == words
