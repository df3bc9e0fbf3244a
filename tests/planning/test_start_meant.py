"""A start whose year may be a slip: far ahead it is said, long past it is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mesoplan import InvalidInput, Request, plan
from mesoplan.planning.replanner import Kept
from mesoplan.wording.plans import revised

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()


def codes(start: date | None, **others: object) -> list[str]:
    request = Request("hair", start, **others)  # type: ignore[arg-type]
    return [notice.code for notice in plan(request, now=NOW).notices]


def test_a_course_more_than_two_years_ahead_gets_a_notice_with_its_year() -> None:
    assert codes(date(2028, 11, 23)) == []
    assert codes(date(2028, 11, 24)) == ["FAR_AHEAD"]
    (notice,) = plan(Request("hair", date(2062, 12, 1)), not_before=TODAY).notices
    assert notice == ("FAR_AHEAD", (date(2062, 12, 1),))
    assert codes(None, arrive=date(2062, 12, 1)) == ["FAR_AHEAD"]
    assert "FAR_AHEAD" in codes(None, finish_by=date(2062, 12, 1))


def test_without_a_day_to_count_from_no_start_is_far_or_past() -> None:
    assert plan(Request("hair", date(2062, 12, 1))).notices == ()
    assert plan(Request("hair", date(2020, 12, 1))).notices == ()


def test_a_start_more_than_30_days_ago_is_refused_unless_it_is_meant() -> None:
    longest_ago = TODAY - timedelta(days=30)
    assert codes(longest_ago) == ["IN_THE_PAST"]
    for request in (
        Request("hair", longest_ago - timedelta(days=1)),
        Request("hair", date(2025, 12, 1)),
        Request("hair", arrive=date(2025, 12, 1)),
    ):
        with pytest.raises(InvalidInput, match=f"{request.given_start:%Y}"):
            plan(request, now=NOW)
    assert codes(date(2025, 12, 1), past=True) == ["IN_THE_PAST"]


def test_a_changed_row_may_keep_a_start_of_long_ago_but_not_get_one() -> None:
    old = plan(Request("hair", date(2026, 12, 1)), now=NOW)
    long_ago = Request("hair", date(2025, 12, 2))
    with pytest.raises(InvalidInput, match="2025"):
        revised(old, long_ago, Kept.NOTHING, now=NOW)
    begun = plan(Request("hair", date(2025, 12, 2), past=True), now=NOW)
    assert revised(begun, long_ago, Kept.NOTHING, now=NOW).request.start == long_ago.start
