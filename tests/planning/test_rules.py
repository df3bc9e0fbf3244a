"""The rules as the source document has them, and their limits in words."""

import pytest

from mesoplan.rules.limits import (
    ALL_RULES,
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
    SOURCE,
    Rule,
)

STAY, RECOVERY = "How Long Should I Stay", "Recovery Time"


def test_the_rules_are_those_of_the_source() -> None:
    assert SOURCE == "Mesotherapy Procedure Description (MyMediTravel)"
    told = [(r.id, r.name, r.minimum, r.maximum, r.unit, r.section) for r in ALL_RULES]
    assert told == [
        ("R1", "sessions in a course", 3, 15, "sessions", STAY),
        ("R2", "interval between two sessions", 7, 14, "days", STAY),
        ("R3", "maintenance sessions a year", 1, 2, "sessions a year", "Aftercare"),
        ("R4", "recovery after a session", 24, 24, "hours", RECOVERY),
        ("R5", "days from the last session to travelling home", 1, None, "days", STAY),
        ("R6", "days off work after a session", 0, 1, "days", RECOVERY),
        (
            *("R7", "depth of the injections (told, never planned with)"),
            *(1, 4, "mm", "What does the Procedure Involve"),
        ),
    ]
    assert [rule.fact for rule in ALL_RULES] == [
        "the patient comes back between three and fifteen times",
        "one to two weeks lie between the visits of the series",
        "upkeep is optional, once or twice a year; 0 stands for none wanted",
        "slight bruising and swelling are gone within a day",
        "leaving the clinic at once is fine; the journey home waits a day for the substances to "
        "settle",
        "many work again the same day, some take a day off",
        "the depth depends on the condition that is treated",
    ]


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
