"""A rule that stands alone is worked out as the library does that works out all others."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mesoplan.formats.ical.effort import Effort
from mesoplan.formats.ical.series import SeriesEvent, taken_times

START = datetime.fromisoformat("2026-03-03T09:00")
FIRST = datetime.fromisoformat("2026-04-01")
RULES = (
    *("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=HOURLY;INTERVAL=12", "FREQ=WEEKLY"),
    *("FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", "FREQ=MONTHLY"),
    *("FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=DAILY;BYMONTH=5"),
    *("FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=4"),
)
ENDS = (
    *("", ";COUNT=1", ";COUNT=5", ";COUNT=40", ";UNTIL=20260302T235959", ";UNTIL=20260303T090000"),
    *(";UNTIL=20260303T120000", ";UNTIL=20260405T090000", ";UNTIL=20260801T000000"),
)
EXCEPTIONS = st.builds(
    lambda days, hours, is_day: (
        (START + timedelta(days=days)).date()
        if is_day
        else START + timedelta(days=days, hours=hours)
    ),
    st.sampled_from([0, 1, 7, 14, 28, 35, 42]),
    st.sampled_from([0, 0, 1, 12]),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(RULES),
    st.sampled_from(ENDS),
    st.sampled_from([0, 30, 24 * 60, 5 * 24 * 60]),
    st.lists(EXCEPTIONS, max_size=4),
    st.sampled_from([1, 20, 150]),
)
def test_a_rule_alone_takes_the_times_that_the_library_finds(
    rule: str, end: str, minutes: int, exceptions: list[datetime], days: int
) -> None:
    last = FIRST + timedelta(days=days)
    until = START + timedelta(minutes=minutes)
    alone = SeriesEvent(START, until, True, 0, None, False, (rule + end,), (), tuple(exceptions))
    # Another event of the series, which takes the place of none in that time: the library's way.
    elsewhere = datetime.fromisoformat("2030-01-01")
    other = SeriesEvent(elsewhere, elsewhere, True, 0, elsewhere, False, (), (), ())
    found = sorted(taken_times([alone], FIRST, last, Effort()))
    assert found == sorted(taken_times([alone, other], FIRST, last, Effort()))
