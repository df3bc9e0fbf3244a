"""Of each thing that blocks days, the set of days and the answer for each day are the same."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

import pytest

from mesoplan.model.plan import ReasonCode
from mesoplan.model.request import Request
from mesoplan.planning.availability import (
    AllTaken,
    ClosedWeekday,
    Holidays,
    NoSlot,
    SkippedTime,
    Span,
    day_set,
)
from mesoplan.planning.slots import slots_for

if TYPE_CHECKING:
    from mesoplan.planning.availability import Source

NEW_YEAR = date(2027, 1, 1)
# 1 Nov 2026 is a Sunday.
ORIGINS = (date(2026, 11, 1), date(2026, 12, 31), NEW_YEAR, date(2027, 3, 24), date(2028, 12, 30))
LENGTHS = (0, 1, 6, 7, 8, 29, 62, 366, 400)


@pytest.mark.parametrize(
    "source",
    [
        ClosedWeekday(0),
        ClosedWeekday(6),
        Span(ReasonCode.CLOSURE, date(2026, 12, 24), date(2027, 1, 3), "the clinic is closed"),
        Span(ReasonCode.AWAY, date.min, date(2026, 12, 30), "the patient arrives later"),
        Span(ReasonCode.DEADLINE, date(2027, 1, 2), date.max, "too late"),
        Holidays("FR"),
        Holidays("US", frozenset({"christmas day", "new year's day"})),
        # Clocks go from 23:00 to midnight on Saturday 27 March 2027.
        SkippedTime("America/Nuuk", time(23)),
    ],
    ids=lambda source: f"{source.code.name.lower()} {type(source).__name__}",
)
def test_the_set_of_days_holds_just_those_that_are_blocked(source: Source) -> None:
    for origin in ORIGINS:
        days = [origin + timedelta(days=k) for k in range(max(LENGTHS))]
        blocked = [source.blocks(day) for day in days]
        for length in LENGTHS:
            expected = sum(1 << k for k in range(length) if blocked[k])
            assert source.blocked(origin, length) == expected, (origin, length)


def test_holidays_on_which_the_clinic_opens_are_not_blocked_and_the_others_are() -> None:
    christmas, new_year = date(2026, 12, 25), NEW_YEAR
    kept = Holidays("US", frozenset({"christmas day"}))
    assert not kept.blocks(christmas)
    assert kept.blocks(new_year)
    assert kept.phrase(new_year) == "New Year's Day (US)"
    assert Holidays("US").blocks(christmas)


def test_each_thing_that_blocks_has_its_kind_of_reason() -> None:
    slots = slots_for(Request("hair", NEW_YEAR), 30)
    assert (NoSlot(slots).code, AllTaken(slots).code) == (ReasonCode.HOURS, ReasonCode.BUSY)
    kinds: list[Source] = [ClosedWeekday(0), Holidays("FR"), SkippedTime("UTC", time(23))]
    assert [each.code for each in kinds] == [
        ReasonCode.CLOSED_WEEKDAY,
        ReasonCode.HOLIDAY,
        ReasonCode.HOURS,
    ]


def test_a_set_of_days_has_those_from_the_first_until_before_the_end() -> None:
    days = [NEW_YEAR + timedelta(days=k) for k in (-1, 0, 9, 10)]
    assert day_set(days, NEW_YEAR, 10) == 1 | 1 << 9
