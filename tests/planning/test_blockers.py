"""Of each thing that blocks days, a set of days and the sets of single days are the same."""

from datetime import date, time, timedelta

import pytest

from mesoplan.dates.times import TimeRange
from mesoplan.model.causes import Holiday
from mesoplan.model.plan import ReasonCode
from mesoplan.model.request import Request
from mesoplan.planning.availability import (
    Source,
    closed_weekday,
    day_set,
    for_course,
    holidays,
    skipped_time,
    span,
)

NEW_YEAR = date(2027, 1, 1)
# 1 Nov 2026 is a Sunday.
ORIGINS = (date(2026, 11, 1), date(2026, 12, 31), NEW_YEAR, date(2027, 3, 24), date(2028, 12, 30))
LENGTHS = (0, 1, 6, 7, 8, 29, 62, 366, 400)


@pytest.mark.parametrize(
    "source",
    [
        closed_weekday(0),
        closed_weekday(6),
        span(ReasonCode.CLOSURE, date(2026, 12, 24), date(2027, 1, 3), "the clinic is closed"),
        span(ReasonCode.AWAY, date.min, date(2026, 12, 30), "the patient arrives later"),
        span(ReasonCode.DEADLINE, date(2027, 1, 2), date.max, "too late"),
        holidays("FR"),
        holidays("US", frozenset({"christmas day", "new year's day"})),
        # Clocks go from 23:00 to midnight on Saturday 27 March 2027.
        skipped_time("America/Nuuk", time(23)),
    ],
    ids=lambda source: source.blocked.__qualname__.partition(".")[0],
)
def test_the_set_of_days_holds_just_those_that_are_blocked(source: Source) -> None:
    for origin in ORIGINS:
        days = [origin + timedelta(days=k) for k in range(max(LENGTHS))]
        blocked = [source.blocked(day, 1) for day in days]
        for length in LENGTHS:
            expected = sum(1 << k for k in range(length) if blocked[k])
            assert source.blocked(origin, length) == expected, (origin, length)


def test_holidays_on_which_the_clinic_opens_are_not_blocked_and_the_others_are() -> None:
    christmas, new_year = date(2026, 12, 25), NEW_YEAR
    kept = holidays("US", frozenset({"christmas day"}))
    assert not kept.blocked(christmas, 1)
    assert kept.blocked(new_year, 1)
    assert kept.cause(new_year) == Holiday("New Year's Day", "US")
    assert holidays("US").blocked(christmas, 1)


def test_of_a_closed_day_nothing_is_said_about_its_hours_and_of_an_open_one_it_is() -> None:
    friday, saturday = NEW_YEAR, NEW_YEAR + timedelta(days=1)
    hours = tuple(((TimeRange(540, 560),) if day < 5 else ()) for day in range(7))
    days = for_course(Request("hair", NEW_YEAR, opening_hours=hours), 30)
    assert [each.code for each in days.blockers(friday)] == [ReasonCode.HOURS]
    assert [each.code for each in days.blockers(saturday)] == [ReasonCode.CLOSED_WEEKDAY]
    assert days.is_only_closed(saturday)
    assert not days.is_only_closed(friday)


def test_a_set_of_days_has_those_from_the_first_until_before_the_end() -> None:
    days = [NEW_YEAR + timedelta(days=k) for k in (-1, 0, 9, 10)]
    assert day_set(days, NEW_YEAR, 10) == 1 | 1 << 9
