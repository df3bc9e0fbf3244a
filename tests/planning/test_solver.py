"""The solver against the slow, obviously right search, and the order that makes it unique."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesoplan import NoLegalPlan, Request, plan
from mesoplan.planning.solver import Wishes, members, on_courses, reachable, solve
from mesoplan.rules.goals import find_goal
from mesoplan.rules.protocol import preferred_intervals, with_sessions
from tests.examples import examples
from tests.instances import random_request
from tests.oracle import every_course, every_prefix, expected_course, order

TODAY = date(2025, 6, 1)
CHUNKS, CHUNK_SIZE = 4, examples(40)


def wanted_intervals(request: Request) -> tuple[int, ...]:
    assert request.sessions is not None
    if request.interval_days is not None:
        return (request.interval_days,) * (request.sessions - 1)
    phases = with_sessions(find_goal(request.goal).protocol.phases, request.sessions)
    return preferred_intervals(phases)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_dates_and_refusals_equal_those_of_the_exhaustive_search(chunk: int) -> None:
    random = Random(chunk)
    planned = refused = 0
    for _ in range(CHUNK_SIZE):
        request = random_request(random)
        expected = expected_course(request, wanted_intervals(request))
        try:
            made = plan(request, not_before=TODAY, explains=False)
            found = tuple(session.day for session in made.sessions)
        except NoLegalPlan:
            found = None
        assert found == expected, request
        planned += found is not None
        refused += found is None
    assert planned > CHUNK_SIZE / 5
    assert refused > CHUNK_SIZE / 10


def test_every_way_out_of_a_refusal_leads_to_a_plan() -> None:
    random = Random(100)
    refused = 0
    while refused < examples(5):
        request = random_request(random)
        try:
            plan(request, not_before=TODAY)
        except NoLegalPlan as refusal:
            refused += 1
            for way in refusal.ways_out:
                assert plan(replace(request, **way.change), not_before=TODAY).sessions, way


ORIGIN = date(2026, 3, 1)


def days_on(weekdays: frozenset[int]) -> int:
    """Of the days from the origin on those on such a weekday, as a set."""
    days = (ORIGIN + timedelta(days=k) for k in range(100))
    return sum((day.weekday() in weekdays) << k for k, day in enumerate(days))


@given(
    usable=st.sets(st.integers(0, 70), min_size=4),
    preferred=st.lists(st.integers(7, 14), min_size=2, max_size=4),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
)
@settings(max_examples=examples(20), deadline=None)
def test_short_courses_equal_the_best_of_every_single_course(
    usable: set[int], preferred: list[int], weekdays: frozenset[int]
) -> None:
    origin = ORIGIN
    usable.add(0)

    def is_usable(day: date) -> bool:
        return (day - origin).days in usable

    days = sum(1 << day for day in usable)
    found = solve(days, preferred, on_weekday=days_on(weekdays))
    expected = every_course(origin, preferred, is_usable, weekdays)
    dates = None if found is None else tuple(origin + timedelta(days=day) for day in found)
    assert dates == expected
    assert dates == every_prefix(origin, preferred, is_usable, weekdays)


def test_a_preferred_interval_that_is_not_legal_is_not_kept() -> None:
    assert solve((1 << 60) - 1, [14, 8], range(7, 11)) == (0, 10, 18)


def test_of_several_starts_the_first_is_taken_where_all_are_as_good() -> None:
    usable = (1 << 60) - 1 & ~(1 << 12)
    assert solve(usable, [7, 7], starts=0b101100) == (2, 9, 16)
    assert solve(usable & ~(1 << 9), [7, 7], starts=0b101100) == (3, 10, 17)


def test_the_latest_start_keeps_every_preferred_interval_if_any_start_can() -> None:
    # The last day is 40. From 26 the course would fit exactly, but day 33 is closed.
    usable = ((1 << 41) - 1) & ~(1 << 33)
    assert solve(usable, [7, 7], starts=usable, pick="latest") == (25, 32, 39)


@given(
    usable=st.sets(st.integers(0, 80), min_size=10),
    preferred=st.lists(st.integers(7, 14), min_size=2, max_size=5),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
)
@settings(max_examples=examples(20), deadline=None)
def test_the_latest_start_is_the_best_of_all_starts(
    usable: set[int], preferred: list[int], weekdays: frozenset[int]
) -> None:
    origin = ORIGIN
    best: tuple[int, int, int] | None = None
    for start in usable:
        course = every_prefix(
            origin + timedelta(days=start),
            preferred,
            lambda day: (day - origin).days in usable,
            weekdays,
        )
        if course is not None:
            candidate = (*order(course, preferred, weekdays)[:2], -start)
            best = min(best or candidate, candidate)
    days = sum(1 << day for day in usable)
    on_weekday = days_on(weekdays)
    found = solve(days, preferred, starts=days, pick="latest", on_weekday=on_weekday)
    assert (found and found[0]) == (None if best is None else -best[2])


def test_days_to_keep_go_before_agreed_ones_also_where_not_all_of_them_can_be_kept() -> None:
    usable = sum(1 << day for day in (0, 7, 8, 14, 15))
    agreed, kept = 1 << 7 | 1 << 14, 1 << 8 | 1 << 40
    assert solve(usable, (7, 7), wishes=Wishes(agreed, kept)) is None
    assert solve(usable, (7, 7), wishes=Wishes(agreed, kept, lets_go=True)) == (0, 8, 15)
    assert solve(usable, (7, 7), wishes=Wishes(agreed)) == (0, 7, 14)


def test_the_days_on_courses_are_those_of_every_single_course() -> None:
    usable = sum(1 << day for day in (0, 3, 7, 9, 12, 15, 21))
    days = list(members(usable))
    courses = [
        (first, second, third)
        for first in (0, 3)
        for second in days
        for third in days
        if second - first in range(7, 15) and third - second in range(7, 15)
    ]
    found = on_courses(usable, 1 << 0 | 1 << 3, 2)
    for index, among in enumerate(found):
        assert set(members(among)) == {course[index] for course in courses}


def test_what_can_be_reached_keeps_to_the_intervals_that_are_given() -> None:
    usable = sum(1 << day for day in (0, 1, 7, 9, 14, 16, 23, 30))
    narrow = range(7, 9)
    assert [set(members(days)) for days in reachable(usable, 0b11, 2, narrow)] == [
        {0, 1},
        {7, 9},
        {14, 16},
    ]
    # From 1 by 8 to 9, and so on; from 0 by 7 to 7 and 14, but from there no further.
    assert [set(members(days)) for days in on_courses(usable, 0b11, 3, narrow)] == [
        {1},
        {9},
        {16},
        {23},
    ]


def test_of_several_starts_the_one_with_better_times_is_taken() -> None:
    usable = (1 << 30) - 1
    minutes_off = [30, 0, *[0] * 28]
    assert solve(usable, (7, 7), minutes_off=minutes_off.__getitem__, starts=0b11) == (1, 8, 15)
    assert solve(usable, (7, 7), starts=0b11) == (0, 7, 14)


def test_of_days_that_are_as_new_the_one_with_the_better_time_is_taken() -> None:
    # Days 13 and 15 are as far from the preferred day 14, which is closed.
    usable = sum(1 << day for day in (0, 13, 15))
    wishes = Wishes(agreed=1)

    def minutes_off(day: int) -> int:
        return 30 if day == 13 else 0

    assert solve(usable, (14,), range(7, 16), minutes_off, wishes=wishes) == (0, 15)
    assert solve(usable, (14,), range(7, 16), wishes=wishes) == (0, 13)


def test_of_one_session_the_first_start_is_taken() -> None:
    assert solve(0b1110, (), starts=0b110) == (1,)
    assert solve(0b1110, (), minutes_off=[0, 30, 0, 0].__getitem__, starts=0b110) == (2,)


def test_a_session_may_be_fixed_on_any_day_that_it_can_reach_and_on_no_other() -> None:
    usable = (1 << 60) - 1
    for day in range(10, 35):
        found = solve(usable, (7, 7), wishes=Wishes(agreed=0, fixed={2: day}))
        assert (None if found is None else found[2]) == (day if 14 <= day <= 28 else None)


def test_no_number_of_minutes_outweighs_a_deviation() -> None:
    # Fifteen sessions on their preferred days are 1400 minutes off; a day later none would be.
    days = [7 * k for k in range(15)]
    usable = sum(1 << day | 1 << day + 1 for day in days)
    minutes_off = [1400 if day in days[1:] else 0 for day in range(days[-1] + 2)]
    assert solve(usable, [7] * 14, minutes_off=minutes_off.__getitem__) == tuple(days)


def test_no_deviation_outweighs_a_session_on_another_weekday_nor_that_a_new_day() -> None:
    # Every tenth day is on the weekday; from day 5 on each session would be on its preferred one.
    usable, tenth = (1 << 200) - 1, sum(1 << 10 * k for k in range(20))
    assert solve(usable, [14] * 14, starts=1 << 10, on_weekday=tenth) == tuple(range(10, 151, 10))
    agreed = sum(1 << 14 * k + 1 for k in range(15))
    wishes = Wishes(agreed)
    found = solve(usable, [7] * 14, starts=1 << 1, wishes=wishes, on_weekday=tenth)
    assert found == tuple(range(1, 198, 14))


def test_to_keep_the_rhythm_no_number_of_new_days_outweighs_a_deviation() -> None:
    usable = (1 << 120) - 1
    agreed = sum(1 << day for day in (0, *(7 * k + 1 for k in range(1, 15))))
    found = solve(usable, [7] * 14, wishes=Wishes(agreed, keeps_rhythm=True))
    assert found == tuple(range(0, 99, 7))
    assert solve(usable, [7] * 14, wishes=Wishes(agreed)) == (0, *range(8, 100, 7))


def test_no_number_of_new_days_outweighs_a_day_to_keep() -> None:
    # Once on day 36, every session is a day after the agreed one: back again it would be 6 days.
    agreed = [7 * k for k in range(15)]
    late = [36 + 7 * k for k in range(10)]
    wishes = Wishes(sum(1 << day for day in agreed), kept=1 << 36, lets_go=True)
    usable = sum(1 << day for day in (*agreed, *late))
    assert solve(usable, [7] * 14, wishes=wishes) == (*agreed[:5], *late)
