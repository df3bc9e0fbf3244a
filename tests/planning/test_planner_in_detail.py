"""Where a plan just works and where it just does not: limits, refusals, ways out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mesoplan import (
    Conflict,
    DateRange,
    InvalidInput,
    Limits,
    NoLegalPlan,
    Phase,
    Protocol,
    Request,
    TimeRange,
    plan,
)
from mesoplan.planning.planner import days_that_matter
from mesoplan.wording.reasons import reason_text

START = date(2026, 12, 1)
DAY = timedelta(days=1)


def closed_except(first: date, last: date, *open_days: date) -> tuple[DateRange, ...]:
    """Closures of all days from *first* to *last* but those."""
    days = (first + DAY * k for k in range((last - first).days + 1))
    return tuple(DateRange(day, day) for day in days if day not in open_days)


def refusal(request: Request, *, explains: bool = True) -> Conflict:
    with pytest.raises(NoLegalPlan) as caught:
        plan(request, explains=explains)
    assert explains or caught.value.ways_out == ()
    return caught.value.conflict


# ---------------------------------------------------------------- refusals


def test_a_refusal_by_the_end_of_the_trip_names_the_rule_that_sets_it() -> None:
    hair = Request("hair", START, sessions=8)
    assert refusal(replace(hair, depart=date(2027, 1, 5))).rule_id == "R5"
    assert refusal(replace(hair, finish_by=date(2027, 1, 5))).rule_id == "R4"


def test_a_refusal_that_need_not_explain_has_no_ways_out() -> None:
    blocked = Request("hair", START, sessions=8, depart=date(2027, 1, 5))
    assert refusal(blocked, explains=False) == refusal(blocked)


def test_a_plan_that_need_not_be_explained_is_the_same_plan() -> None:
    free = Request("hair", START)
    assert plan(free, explains=False) == plan(free)
    shorter = Request("hair", START, depart=date(2027, 1, 10))
    assert plan(shorter, explains=False) == plan(shorter)
    assert "FEWER_SESSIONS" in [notice.code for notice in plan(shorter).notices]


def test_a_course_that_can_not_begin_is_refused_with_the_sessions_of_its_protocol() -> None:
    closed = (DateRange(START, START + DAY * 90),)
    assert refusal(Request("hair", START, depart=date(2027, 6, 1), closures=closed)).sessions == 8


def test_every_way_out_holds_on_the_day_of_planning() -> None:
    today = date(2026, 12, 10)
    request = Request("cellulite", sessions=8, finish_by=date(2027, 1, 10))
    with pytest.raises(NoLegalPlan) as caught:
        plan(request, not_before=today)
    assert caught.value.ways_out
    for way in caught.value.ways_out:
        assert plan(replace(request, **way.change), not_before=today).sessions[0].day >= today


def test_a_session_of_this_morning_is_in_the_past_by_noon() -> None:
    request = Request("hair", START, timezone="Europe/Paris")
    for hour, past in ((8, False), (10, True)):
        found = plan(request, now=datetime(2026, 12, 1, hour, tzinfo=UTC))
        assert ("IN_THE_PAST" in [notice.code for notice in found.notices]) is past


# ---------------------------------------------------------------- START, and how far it slips


def test_session_1_may_be_90_days_after_start_and_no_later() -> None:
    for days_closed, allowed in ((90, True), (91, False)):
        closed = (DateRange(START, START + DAY * (days_closed - 1)),)
        request = Request("hair", START, sessions=15, interval_days=14, closures=closed)
        if allowed:
            assert [session.day for session in plan(request).sessions] == [
                START + DAY * (90 + 14 * k) for k in range(15)
            ]
        else:
            assert refusal(request, explains=False).code == "NO_START"


@pytest.mark.parametrize(
    ("open_days", "course"),
    [((0, 8, 23, 30, 37, 44), (23, 30, 37, 44)), ((0, 8, 16, 31, 38, 45, 52), (31, 38, 45, 52))],
    ids=["there is no session 3", "there is no session 4"],
)
def test_a_start_slips_past_days_from_which_some_session_of_the_course_finds_no_day(
    open_days: tuple[int, ...], course: tuple[int, ...]
) -> None:
    closed = closed_except(START, START + DAY * 120, *(START + DAY * k for k in open_days))
    request = Request("cellulite", START, sessions=4, flex_days=40, closures=closed)
    assert [session.day for session in plan(request).sessions] == [START + DAY * k for k in course]


# ---------------------------------------------------------------- limits that a clinic narrows


def narrowed(shortest: int, longest: int) -> Protocol:
    """Four sessions, with intervals that are narrower than R2, the shortest preferred."""
    limits = Limits(min_interval_days=shortest, max_interval_days=longest)
    return Protocol((Phase(4, shortest),), 0, 30, "ours", "a test", limits)


def test_a_start_slips_to_where_the_narrowed_intervals_are_kept() -> None:
    # From day 0 every interval of 7 to 14 days would do, but not one of 7 or 8.
    open_days = [START + DAY * k for k in (0, 3, 10, 11, 18, 25)]
    closed = closed_except(START, START + DAY * 60, *open_days)
    request = Request(
        "cellulite", START, protocol=narrowed(7, 8), sessions=4, flex_days=5, closures=closed
    )
    assert [session.day for session in plan(request).sessions] == [
        START + DAY * k for k in (3, 10, 18, 25)
    ]


@pytest.mark.parametrize("days_early", [0, 200])
def test_a_course_that_ends_in_time_keeps_the_narrowed_intervals(days_early: int) -> None:
    # Intervals of 7, 8 and 8 days would be nearer to 8 than those of 10, but 7 is not allowed.
    end = date(2027, 6, 30)
    legal = [end - DAY * (days_early + k) for k in (30, 20, 10, 0)]
    too_short = [end - DAY * (days_early + k) for k in (83, 76, 68, 60)]
    closed = closed_except(end - DAY * 600, end, *legal, *too_short)
    request = Request(
        "cellulite", protocol=narrowed(8, 11), sessions=4, finish_by=end + DAY, closures=closed
    )
    assert [session.day for session in plan(request).sessions] == legal


# ---------------------------------------------------------------- courses before a deadline


def test_a_course_with_all_its_intervals_is_worth_any_early_end() -> None:
    end = date(2027, 6, 30)
    perfect = [end - DAY * (200 + k) for k in (21, 14, 7, 0)]
    late = [end - DAY * k for k in (22, 14, 7, 0)]
    closed = closed_except(end - DAY * 600, end, *perfect, *late)
    request = Request("cellulite", sessions=4, finish_by=end + DAY, closures=closed)
    assert [session.day for session in plan(request).sessions] == perfect


@pytest.mark.parametrize(("days_early", "kept"), [(90, True), (91, False)])
def test_better_intervals_are_worth_an_end_90_days_early_and_no_more(
    days_early: int, kept: bool
) -> None:
    # Weekly, the last START would be 21 days before the end. Courses with intervals of 8, 7 and 7
    # days begin so many days before that; on the last days only intervals of 9 days are left.
    end = date(2027, 6, 30)
    first = end - DAY * (21 + days_early)
    better = [first + DAY * k for k in (0, 8, 15, 22)]
    worse = [end - DAY * k for k in (27, 18, 9, 0)]
    closed = closed_except(end - DAY * 600, end, *better, *worse)
    request = Request("cellulite", sessions=4, finish_by=end + DAY, closures=closed)
    assert [session.day for session in plan(request).sessions] == (better if kept else worse)


# ---------------------------------------------------------------- days, times and reasons


def test_several_closed_weekdays_in_a_row_are_one_reason_that_names_them() -> None:
    for start, text in (
        (date(2026, 12, 5), "the clinic is closed on Saturdays and Sundays"),
        (date(2026, 12, 6), "Sun 6 Dec 2026: the clinic is closed on Sundays"),
    ):
        request = Request("cellulite", start, closed_weekdays=frozenset({5, 6}))
        (reason,) = plan(request).sessions[0].reasons
        assert reason_text(reason) == text


def test_the_better_time_decides_between_equal_days_after_a_start_that_slipped() -> None:
    # Session 2 would be on Friday 16 January; on Thursdays the clinic opens only in the afternoon.
    morning, afternoon = (TimeRange(9 * 60, 12 * 60),), (TimeRange(14 * 60, 18 * 60),)
    request = Request(
        "cellulite",
        date(2026, 1, 5),
        sessions=3,
        interval_days=10,
        opening_hours=(*[morning] * 3, afternoon, *[morning] * 3),
        closures=(DateRange(date(2026, 1, 5), date(2026, 1, 5)),),
        away=(DateRange(date(2026, 1, 16), date(2026, 1, 16)),),
    )
    assert [f"{session.start:%a %d %H:%M}" for session in plan(request).sessions] == [
        "Tue 06 10:00",
        "Sat 17 10:00",
        "Tue 27 10:00",
    ]


def test_maintenance_off_its_due_day_has_the_reason() -> None:
    usual = plan(Request("cellulite", START, sessions=3)).maintenance
    assert [session.reasons for session in usual] == [(), ()]
    due = usual[0].day
    closed = (DateRange(due, due),)
    moved, kept = plan(Request("cellulite", START, sessions=3, closures=closed)).maintenance
    assert moved.day == due + DAY
    assert [(reason.code, reason.days) for reason in moved.reasons] == [("CLOSURE", (due,))]
    assert kept.reasons == ()


# ---------------------------------------------------------------- the days that matter
# A course is 14 intervals of 14 days at most, and begins 90 days after START at most; a START or an
# end is put off by a year at most; maintenance goes on for whole years, and 14 days.


@pytest.mark.parametrize(
    ("request_", "first", "last"),
    [
        (Request("hair", START), date(2026, 9, 2), date(2029, 9, 28)),
        (Request("hair", arrive=START), date(2026, 9, 2), date(2029, 9, 28)),
        (Request("hair", START, years=2), date(2026, 9, 2), date(2030, 9, 29)),
        (
            Request("hair", finish_by=date(2027, 3, 31), years=3),
            *(date(2025, 9, 14), date(2032, 1, 27)),
        ),
        (
            Request("hair", START, depart=date(2027, 3, 31), years=3),
            *(date(2026, 9, 2), date(2032, 1, 27)),
        ),
    ],
)
def test_a_plan_or_a_way_out_of_a_refusal_depends_on_these_days_at_most(
    request_: Request, first: date, last: date
) -> None:
    assert days_that_matter(request_) == DateRange(first, last)


def test_without_a_start_and_an_end_no_days_matter() -> None:
    with pytest.raises(InvalidInput, match="START is missing"):
        days_that_matter(Request("hair"))
