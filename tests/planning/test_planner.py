"""What a plan promises beside its dates: windows, reasons, maintenance, stay, trips, refusals."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any
from unittest.mock import patch

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mesoplan
from mesoplan import (
    BusyCalendar,
    BusySpan,
    ClosedTime,
    DateRange,
    InvalidInput,
    NoLegalPlan,
    Plan,
    Request,
    plan,
)
from mesoplan.dates.holidays import HolidayYear, holiday_year
from mesoplan.errors import OutsideRule, UnknownName
from mesoplan.model.causes import LastDay, NoCourseGoesOn, SharesShift
from mesoplan.model.plan import ReasonCode
from mesoplan.rules.goals import ALL_GOALS, find_goal
from mesoplan.rules.limits import INTERVAL_DAYS, MAINTENANCE_PER_YEAR, SESSIONS
from mesoplan.rules.protocol import Phase, preferred_intervals, with_sessions
from mesoplan.wording.reasons import reason_text
from tests.examples import examples
from tests.instances import random_request
from tests.oracle import ANY, days_after, every_prefix, expected_course, is_usable

TODAY = date(2026, 1, 1)
DAY = timedelta(days=1)


def planned(random: Random, count: int) -> list[Plan]:
    """Plans for random requests, those that have none left out."""
    found: list[Plan] = []
    while len(found) < count:
        try:
            found.append(plan(random_request(random), explains=False))
        except NoLegalPlan:
            continue
    return found


@pytest.mark.parametrize("chunk", range(4))
def test_a_window_holds_the_days_that_the_session_alone_could_move_to(chunk: int) -> None:
    for found in planned(Random(chunk), examples(15)):
        request = found.request
        assert request.start is not None
        days = [session.day for session in found.sessions]
        for index, session in enumerate(found.sessions):
            movable = []
            for shift in range(-14, 15):
                moved = [*days[:index], days_after(days[index], shift), *days[index + 1 :]]
                legal = all(7 <= (after - before).days <= 14 for before, after in pairwise(moved))
                if legal and moved[index] >= request.start and is_usable(request, moved[index]):
                    movable.append(moved[index])
            if index == 0:
                movable = [day for day in movable if day >= request.start]
            assert session.window == DateRange(movable[0], movable[-1])


@pytest.mark.parametrize("chunk", range(4))
def test_a_session_has_reasons_if_and_only_if_it_is_off_its_preferred_day(chunk: int) -> None:
    for found in planned(Random(100 + chunk), examples(15)):
        request = found.request
        for session in found.sessions[1:]:
            assert session.preferred_interval_days is not None
            before = found.sessions[session.number - 2].day
            preferred = days_after(before, session.preferred_interval_days)
            assert bool(session.reasons) == (session.day != preferred)
            codes = {reason.code for reason in session.reasons}
            others = frozenset(range(7)) - (request.weekdays or ANY)
            if session.reasons and is_usable(request, preferred):
                assert codes <= {ReasonCode.LOOK_AHEAD, ReasonCode.DEADLINE, ReasonCode.WEEKDAY}
                rest = [it.preferred_interval_days or 0 for it in found.sessions[session.number :]]
                if preferred.weekday() in others and session.day.weekday() not in others:
                    goes_on = every_prefix(preferred, rest, partial(is_usable, request))
                    assert (codes == {ReasonCode.WEEKDAY}) == (goes_on is not None)
            for reason in session.reasons:
                assert reason.days
                if reason.code is ReasonCode.WEEKDAY:
                    assert {day.weekday() for day in reason.days} <= others
                else:
                    assert not any(is_usable(request, day) for day in reason.days)
        first = found.sessions[0]
        assert bool(first.reasons) == (first.day != request.start)


HOLIDAYS = {
    "TH": holidays.country_holidays("TH"),
    "FR": holidays.country_holidays("FR"),
    "US": holidays.country_holidays("US"),
    "IT": holidays.country_holidays("IT"),
    "BR": holidays.country_holidays("BR"),
}


@given(
    country=st.sampled_from(sorted(HOLIDAYS)),
    goal=st.sampled_from(ALL_GOALS),
    start=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    closed=st.sets(st.integers(0, 6), min_size=1, max_size=2),
    closure_after_days=st.integers(0, 120),
)
@settings(max_examples=examples(20), deadline=None)
def test_real_holidays_never_give_an_illegal_interval_or_a_closed_day(
    country: str,
    goal: mesoplan.rules.goals.Goal,
    start: date,
    closed: set[int],
    closure_after_days: int,
) -> None:
    first = start + timedelta(days=closure_after_days)
    closure = DateRange(first, first + timedelta(days=9))
    request = Request(
        goal.name,
        start,
        closed_weekdays=frozenset(closed),
        closures=(closure,),
        holidays=(country,),
    )

    def open_day(day: date) -> bool:
        return is_usable(request, day) and day not in HOLIDAYS[country]

    try:
        found = plan(request, explains=False)
    except NoLegalPlan as refusal:
        intervals = preferred_intervals(goal.protocol.phases)
        first = next(day for day in DateRange(start, days_after(start, 90)) if open_day(day))
        course = every_prefix(first, intervals, open_day)
        if course is not None:
            raise AssertionError(f"{course} was possible") from refusal
        return
    for session in (*found.sessions, *found.maintenance):
        assert session.day.weekday() not in closed
        assert session.day not in closure
        assert session.day not in HOLIDAYS[country]
    for before, after in pairwise(found.sessions):
        assert 7 <= (after.day - before.day).days <= 14
    for session in found.maintenance:
        assert session.due is not None
        assert abs(session.day - session.due) <= timedelta(days=14)


def test_holiday_names_are_english_whatever_the_language_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANGUAGE", "th")
    found = plan(Request("cellulite", date(2026, 5, 1), holidays=("th",), maintenance_per_year=0))
    assert found.sessions[0].reasons[0].code is ReasonCode.HOLIDAY
    assert reason_text(found.sessions[0].reasons[0]) == "Fri 1 May 2026: National Labor Day (TH)"


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    # St Stephen's Day is a holiday in Alsace and nowhere else in France.
    alsace = Request("hair", date(2026, 12, 26), holidays=("fr-alsace",))
    assert plan(alsace).sessions[0].day == date(2026, 12, 27)
    assert plan(replace(alsace, holidays=("FR",))).sessions[0].day == date(2026, 12, 26)


def test_an_open_day_overrides_the_clinic_but_not_the_patient() -> None:
    sunday = date(2026, 12, 6)
    request = Request("hair", sunday, closed_weekdays=frozenset({6}))
    assert plan(request).sessions[0].day == sunday + DAY
    opened = replace(request, open_days=frozenset({sunday}))
    assert plan(opened).sessions[0].day == sunday
    away = replace(opened, away=(DateRange(sunday, sunday),))
    assert plan(away).sessions[0].day == sunday + DAY


def test_maintenance_moves_to_the_nearest_open_day_and_on_a_tie_to_the_later() -> None:
    # The course ends on Tuesday 9 February 2027; maintenance is due on Monday 9 August.
    request = Request("hair", date(2026, 12, 1), maintenance_per_year=2)
    assert plan(request).maintenance[0].due == date(2027, 8, 9)
    closed_monday = replace(request, closed_weekdays=frozenset({0}))
    assert plan(closed_monday).maintenance[0].day == date(2027, 8, 10)
    only_sundays_left = replace(request, closures=(DateRange(date(2027, 8, 9), date(2027, 8, 11)),))
    assert plan(only_sundays_left).maintenance[0].day == date(2027, 8, 8)


def test_maintenance_without_a_day_is_left_out_of_a_protocol_and_refused_when_typed() -> None:
    closure = DateRange(date(2027, 7, 20), date(2027, 9, 1))
    request = Request("hair", date(2026, 12, 1), closures=(closure,))
    found = plan(request)
    assert [session.number for session in found.maintenance] == [2]
    (notice,) = found.notices
    assert notice.code == "MAINTENANCE_LEFT_OUT"
    assert notice.about[0] == 1
    with pytest.raises(NoLegalPlan) as caught:
        plan(replace(request, maintenance_per_year=2))
    assert caught.value.conflict.code == "MAINTENANCE"
    assert {"maintenance_per_year": 1} in [way.change for way in caught.value.ways_out]


def test_the_trip_bounds_the_course_and_not_maintenance() -> None:
    request = Request("hair", date(2026, 12, 1), arrive=date(2026, 12, 4), depart=date(2027, 2, 17))
    found = plan(request)
    assert found.sessions[0].day == date(2026, 12, 4)
    assert found.sessions[0].reasons[0].code is ReasonCode.AWAY
    assert found.sessions[-1].day <= date(2027, 2, 16)
    assert found.maintenance[0].day > date(2027, 2, 17)


def test_arrival_alone_is_start() -> None:
    found = plan(Request("hair", arrive=date(2026, 12, 4)))
    assert found.sessions[0].day == date(2026, 12, 4)
    assert found.notices == ()


def test_without_any_start_there_is_no_plan() -> None:
    with pytest.raises(InvalidInput, match="START is missing"):
        plan(Request("hair"))


def test_a_course_worked_out_from_its_deadline_never_begins_before_today() -> None:
    request = Request("hair", finish_by=date(2027, 2, 1))
    assert plan(request).sessions[0].day == date(2026, 11, 22)
    today = date(2026, 12, 10)
    assert plan(request, not_before=today).sessions[0].day >= today


def test_a_typed_number_of_sessions_is_never_reduced() -> None:
    request = Request("hair", date(2026, 12, 1), depart=date(2027, 1, 10))
    assert len(plan(request).sessions) == 6
    with pytest.raises(NoLegalPlan):
        plan(replace(request, sessions=8))


@pytest.mark.parametrize(
    "fields",
    [
        {
            "start": date(2026, 12, 1),
            "depart": date(2027, 1, 5),
            "closures": "2026-12-22 2027-01-04",
        },
        {
            "start": date(2026, 12, 1),
            "depart": date(2027, 12, 1),
            "closures": "2026-12-20 2027-01-10",
        },
        {"finish_by": date(2027, 1, 2), "away": "2026-12-16 2027-01-02"},
    ],
)
def test_a_protocol_gets_the_most_sessions_that_its_trip_holds_whatever_stands_in_the_way(
    fields: dict[str, object],
) -> None:
    days = {
        name: (DateRange(*map(date.fromisoformat, value.split())),)
        for name, value in fields.items()
        if isinstance(value, str)
    }
    request = replace(Request("cellulite", **(fields | days)))  # type: ignore[arg-type]  # by name
    not_before = date(2026, 11, 24)
    found = plan(request, not_before=not_before)
    assert "FEWER_SESSIONS" in [notice.code for notice in found.notices]
    with pytest.raises(NoLegalPlan):
        plan(replace(request, sessions=len(found.sessions) + 1), not_before=not_before)


def test_a_start_long_before_arrival_is_mended_by_a_later_start() -> None:
    with pytest.raises(NoLegalPlan) as caught:
        plan(Request("hair", date(2026, 12, 1), arrive=date(2027, 6, 1)))
    assert {"start": date(2027, 6, 1)} in [way.change for way in caught.value.ways_out]


def test_an_end_before_start_is_said_as_such() -> None:
    with pytest.raises(NoLegalPlan) as caught:
        plan(Request("cellulite", date(2026, 12, 1), depart=date(2026, 11, 20)))
    assert "session 1 can't be before Tue 1 Dec 2026" in caught.value.problem
    with pytest.raises(NoLegalPlan) as caught:
        plan(Request("hair", finish_by=date(2026, 11, 1)), not_before=date(2026, 11, 23))
    assert "session 1 can't be before Mon 23 Nov 2026" in caught.value.problem


@pytest.mark.parametrize("chunk", range(2))
def test_a_look_ahead_says_whether_staying_was_illegal_or_only_worse(chunk: int) -> None:
    said = {NoCourseGoesOn: 0, SharesShift: 0}
    for found in planned(Random(200 + chunk), examples(40)):
        request = found.request
        for session in found.sessions[1:]:
            for reason in session.reasons:
                for kind in said:
                    if not isinstance(reason.cause, kind):
                        continue
                    said[kind] += 1
                    assert session.preferred_interval_days is not None
                    before = found.sessions[session.number - 2].day
                    preferred = days_after(before, session.preferred_interval_days)
                    legal = [days_after(before, k) for k in range(7, 15)]
                    near = min(abs(day - preferred) for day in legal if is_usable(request, day))
                    rest = [
                        later.preferred_interval_days or 0
                        for later in found.sessions[session.number :]
                    ]
                    goes_on = [
                        every_prefix(day, rest, partial(is_usable, request)) is not None
                        for day in legal
                        if abs(day - preferred) == near and is_usable(request, day)
                    ]
                    assert (kind is SharesShift) in goes_on
    assert min(said.values()) >= 3


def test_a_region_whose_holidays_are_not_known_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_until_2027(region: str, year: int) -> HolidayYear:
        return HolidayYear(holiday_year(region, year).names, complete=year <= 2027)

    monkeypatch.setattr("mesoplan.planning.notices.holiday_year", only_until_2027)
    request = Request("hair", date(2026, 12, 1), holidays=("FR-Alsace", "fr-alsace"))
    (notice,) = plan(request).notices
    assert notice == ("HOLIDAYS_UNKNOWN", ("FR-Alsace", (2028,)))
    assert plan(replace(request, maintenance_per_year=0)).notices == ()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, [date(2026, 12, 24), date(2026, 12, 31)]),
        ({"open_days": frozenset({date(2026, 12, 24)})}, [date(2026, 12, 31)]),
        ({"open_holidays": frozenset({"christmas eve"})}, [date(2026, 12, 31)]),
        (
            {
                "closed_times": (
                    ClosedTime(
                        datetime.fromisoformat("2026-12-31T12:00"),
                        datetime.fromisoformat("2026-12-31T20:00"),
                    ),
                )
            },
            [date(2026, 12, 24)],
        ),
        ({"holidays": ("IS",)}, []),
    ],
)
def test_half_holidays_of_which_nobody_knows_the_hour_are_named(
    asked: dict[str, Any], told: list[date]
) -> None:
    request = Request("hair", date(2026, 12, 10), **{"holidays": ("gr",), **asked})
    notices = [notice for notice in plan(request).notices if notice.code == "HALF_HOLIDAYS"]
    found: list[Any] = [each for notice in notices for each in notice.about[0]]
    assert [day for day, _ in found] == told


def test_holidays_that_end_or_that_the_library_warns_of_are_not_complete() -> None:
    assert holiday_year("FR", 2027).complete
    far = [holiday_year("IN", year) for year in (2027, 2085)]
    assert [year.complete for year in far] == [True, False]


def test_holidays_of_one_year_are_those_of_the_library() -> None:
    for country, library in HOLIDAYS.items():
        for year in range(2026, 2032):
            of_year = {day for day in holiday_year(country, year).names if day.year == year}
            assert of_year == {
                day for day in DateRange(date(year, 1, 1), date(year, 12, 31)) if day in library
            }


def test_a_long_list_of_days_is_cut_short() -> None:
    closure = DateRange(date(2026, 12, 7), date(2026, 12, 13))
    request = Request(
        "hair",
        date(2026, 12, 7),
        closures=(closure,),
        closed_weekdays=frozenset({1, 3, 5}),
        busy=(
            BusyCalendar(
                "doctor.ics",
                tuple(
                    BusySpan(start, start + DAY)
                    for start in (datetime(2026, 12, day, tzinfo=UTC) for day in (14, 16, 18, 20))
                ),
            ),
        ),
    )
    texts = [reason_text(reason) for reason in plan(request).sessions[0].reasons]
    assert "the clinic is closed 7 – 13 Dec 2026" in texts
    assert (
        "Mon 14 Dec 2026, Wed 16 Dec 2026, Fri 18 Dec 2026 and 1 more: doctor.ics is busy all day"
        in texts
    )
    # Weekdays say it of themselves, whatever the days.
    assert "the clinic is closed on Tuesdays, Thursdays and Saturdays" in texts


def test_fewer_sessions_are_explained_by_what_the_protocol_lacked() -> None:
    (notice,) = plan(Request("hair", date(2026, 12, 1), depart=date(2026, 12, 28))).notices
    last = LastDay(date(2026, 12, 27), "R5", date(2026, 12, 28))
    assert notice == ("FEWER_SESSIONS", (4, 8, last, ()))


def test_an_obstacle_after_the_deadline_is_a_deadline_whatever_else_it_is() -> None:
    # Day 28 is both a Tuesday, which is closed, and after the last possible day.
    found = plan(
        Request(
            "rejuvenation",
            date(2026, 12, 2),
            sessions=3,
            depart=date(2026, 12, 29),
            closed_weekdays=frozenset({2}),
            open_days=frozenset({date(2026, 12, 2), date(2026, 12, 16)}),
        )
    )
    assert found.sessions[1].reasons[0].code is ReasonCode.DEADLINE


# ---------------------------------------------------------------- ways out, kind by kind


def ways_out(request: Request, not_before: date | None = None) -> list[dict[str, object]]:
    with pytest.raises(NoLegalPlan) as caught:
        plan(request, not_before=not_before)
    return [dict(way.change) for way in caught.value.ways_out]


def days(first: str, last: str) -> DateRange:
    return DateRange(date.fromisoformat(first), date.fromisoformat(last))


BLOCKED = Request("hair", date(2026, 12, 1), sessions=8)


def test_the_nearest_later_and_earlier_start_are_offered() -> None:
    request = replace(BLOCKED, closures=(days("2026-12-24", "2027-01-07"),), interval_days=7)
    found = ways_out(replace(request, start=date(2026, 12, 22)), not_before=date(2026, 12, 1))
    assert [each["start"] for each in found if "start" in each] == [date(2027, 1, 8)]
    shorter = replace(BLOCKED, start=date(2026, 12, 9), sessions=3, depart=date(2026, 12, 23))
    earlier, longer = {"start": date(2026, 12, 8)}, {"depart": date(2026, 12, 24)}
    assert ways_out(shorter, not_before=date(2026, 12, 1)) == [earlier, longer]
    assert earlier not in ways_out(shorter, not_before=date(2026, 12, 9))
    assert earlier not in ways_out(shorter)


def test_the_very_next_day_is_offered_where_it_works() -> None:
    found = ways_out(replace(BLOCKED, away=(days("2026-12-03", "2026-12-15"),)))
    assert {"start": date(2026, 12, 2)} in found


def test_a_start_that_is_offered_is_the_day_of_session_1_even_with_flex() -> None:
    away = (days("2026-12-09", "2027-01-02"), days("2027-01-04", "2027-01-25"))
    request = replace(BLOCKED, sessions=None, flex_days=20, away=away)
    found = ways_out(request)
    assert {"start": date(2027, 1, 26)} in found


def test_the_most_sessions_that_fit_are_offered() -> None:
    found = ways_out(replace(BLOCKED, depart=date(2027, 1, 6)))
    assert {"sessions": 6} in found


def test_a_single_open_day_is_offered_before_a_whole_closure_or_weekday() -> None:
    request = replace(BLOCKED, closures=(days("2026-12-09", "2026-12-28"),))
    found = ways_out(request)
    assert {"open_days": frozenset({date(2026, 12, 18)})} in found
    assert not any("closures" in each for each in found)


def test_without_start_a_single_open_day_is_offered_too() -> None:
    request = Request(
        "rejuvenation",
        sessions=4,
        finish_by=date(2027, 1, 9),
        holidays=("FR",),
        closed_weekdays=frozenset({0, 1, 2, 3, 5, 6}),
    )
    found = ways_out(request, not_before=date(2026, 12, 1))
    assert len([each for each in found if "open_days" in each]) == 1


def test_where_one_open_day_is_not_enough_a_closure_is_cut_at_its_nearer_end() -> None:
    request = replace(BLOCKED, sessions=3, closures=(days("2026-12-02", "2026-12-31"),))
    assert {"closures": (days("2026-12-16", "2026-12-31"),)} in ways_out(request)
    # Sessions 2 to 4 need days up to 22 December, or the closure to end on the 14th.
    shorter = {"closures": (days("2026-12-02", "2026-12-14"),)}
    assert shorter in ways_out(replace(request, sessions=4))


def test_where_no_day_is_enough_a_weekday_is_lifted() -> None:
    request = replace(BLOCKED, closed_weekdays=frozenset(range(7)), maintenance_per_year=0)
    assert {"closed_weekdays": frozenset({0, 2, 3, 4, 5, 6})} in ways_out(request)


def test_holidays_are_lifted_where_that_alone_helps() -> None:
    # Two holidays in a row on the only open weekday, twice: one open day mends one of them.
    request = Request(
        "cellulite",
        date(2027, 12, 3),
        sessions=10,
        holidays=("XX-test",),
        closed_weekdays=frozenset({0, 1, 2, 3, 5, 6}),
    )
    fridays = {date(2027, 12, day): "Feast" for day in (17, 24)} | {
        date(2028, 1, day): "Feast" for day in (14, 21)
    }

    def feasts(_region: str, year: int) -> HolidayYear:
        return HolidayYear({day: fridays[day] for day in fridays if day.year == year}, True)

    with (
        patch("mesoplan.planning.availability.holiday_year", feasts),
        patch("mesoplan.planning.notices.holiday_year", feasts),
        patch("mesoplan.planning.availability.region_name", str),
        patch("mesoplan.planning.notices.region_name", str),
        patch("mesoplan.planning.resources.region_name", str),
        patch("mesoplan.planning.resources.half_holidays", lambda *_: {}),
        patch("mesoplan.wording.refusals.region_name", str),
    ):
        found = ways_out(replace(request, away=(days("2027-12-11", "2027-12-16"),)))
    assert {"holidays": ()} in found


def test_an_absence_is_shortened_by_as_little_as_helps() -> None:
    found = ways_out(replace(BLOCKED, away=(days("2026-12-09", "2026-12-28"),)))
    assert {"away": (days("2026-12-09", "2026-12-21"),)} in found


def test_an_earlier_arrival_is_offered_where_it_is_what_holds_the_start_back() -> None:
    request = Request("hair", sessions=5, arrive=date(2026, 12, 10), depart=date(2027, 1, 5))
    found = ways_out(request, not_before=date(2026, 12, 1))
    assert {"arrive": date(2026, 12, 7)} in found
    assert {"depart": date(2027, 1, 8)} in found


def test_both_ends_move_where_both_are_in_the_way() -> None:
    request = replace(BLOCKED, sessions=3, depart=date(2026, 12, 14), finish_by=date(2026, 12, 12))
    later = {"depart": date(2026, 12, 16), "finish_by": date(2026, 12, 16)}
    assert later in ways_out(request)


def test_of_maintenance_the_day_nearest_to_the_due_one_is_opened() -> None:
    request = Request(
        "hair",
        date(2026, 12, 1),
        maintenance_per_year=2,
        closures=(days("2027-07-20", "2027-09-01"),),
    )
    assert {"open_days": frozenset({date(2027, 8, 9)})} in ways_out(request)


def test_a_way_out_says_when_the_protocol_still_loses_sessions() -> None:
    with pytest.raises(NoLegalPlan) as caught:
        plan(Request("hair", date(2026, 12, 1), depart=date(2026, 12, 12)))
    (later,) = (way for way in caught.value.ways_out if "depart" in way.change)
    assert later.text.endswith("with 3 sessions (ask the practitioner)")


def test_a_deadline_names_the_closures_that_make_it_too_tight() -> None:
    request = Request(
        "rejuvenation",
        date(2026, 12, 1),
        sessions=4,
        depart=date(2026, 12, 23),
        closures=(days("2026-12-10", "2026-12-16"),),
    )
    with pytest.raises(NoLegalPlan) as caught:
        plan(request)
    assert caught.value.conflict.code == "DEADLINE"
    assert "10 – 16 Dec 2026" in caught.value.conflict.text.splitlines()[-1]


def test_an_offered_start_is_the_nearest_that_the_slow_search_finds() -> None:
    random = Random(7)
    compared = 0
    while compared < examples(3):
        request = replace(random_request(random), flex_days=0)
        with suppress(NoLegalPlan):
            plan(request, explains=False)
            continue
        assert request.start is not None
        later = [days_after(request.start, k) for k in range(1, 61)]
        nearest = next(
            (
                day
                for day in later
                if is_usable(request, day)
                and expected_course(replace(request, start=day), intervals_of(request))
            ),
            None,
        )
        if nearest is not None:
            with pytest.raises(NoLegalPlan) as refusal:
                plan(request)
            ways = refusal.value.ways_out
            offered = [way.change["start"] for way in ways if way.code == "START"]
            assert offered[0] == nearest
            compared += 1


def intervals_of(request: Request) -> tuple[int, ...]:
    assert request.sessions is not None
    phases = find_goal(request.goal).protocol.phases
    if request.interval_days is not None:
        phases = (Phase(request.sessions, request.interval_days),)
    return preferred_intervals(with_sessions(phases, request.sessions))


def test_a_course_that_can_keep_its_intervals_only_long_before_the_deadline_does() -> None:
    closure = days("2027-04-01", "2027-11-30")
    found = plan(Request("rejuvenation", finish_by=date(2027, 12, 1), closures=(closure,)))
    assert [session.interval_days for session in found.sessions[1:]] == [14, 14, 14]
    assert found.sessions[-1].day == date(2027, 3, 31)


def test_a_deadline_is_not_met_months_early_for_the_sake_of_the_intervals() -> None:
    # Fridays only, and no four of them in a row: in the last months every other Friday is taken,
    # before that every third, which would keep nearer to 7 days.
    fridays = [date(2026, 1, 2) + timedelta(days=21 * k) for k in range(25)]
    fridays += [date(2027, 6, 11) + timedelta(days=14 * k) for k in range(13)]
    request = Request(
        "cellulite",
        sessions=4,
        finish_by=date(2027, 12, 1),
        closed_weekdays=frozenset({0, 1, 2, 3, 5, 6}),
        away=tuple(DateRange(day, day) for day in fridays),
    )
    assert plan(request).sessions[-1].day > date(2027, 11, 1)


def test_an_end_well_before_the_deadline_is_said() -> None:
    request = Request(
        "rejuvenation", finish_by=date(2027, 6, 19), away=(days("2027-04-20", "2027-06-17"),)
    )
    found = plan(request)
    assert found.sessions[-1].day == date(2027, 4, 19)
    assert [notice.code for notice in found.notices] == ["ENDS_EARLY"]


def test_what_is_said_twice_counts_once() -> None:
    closure = DateRange(date(2026, 12, 25), date(2026, 12, 26))
    request = Request(
        "hair", date(2026, 12, 25), holidays=("FR", "fr"), closures=(closure, closure)
    )
    holiday, closed = plan(request).sessions[0].reasons
    assert holiday.days == (date(2026, 12, 25),)
    assert closed.days == (date(2026, 12, 25), date(2026, 12, 26))
    assert reason_text(closed) == "the clinic is closed 25 – 26 Dec 2026"


def test_extra_sessions_go_to_the_last_phase_and_missing_ones_leave_it() -> None:
    phases = (Phase(4, 7), Phase(4, 14))
    assert with_sessions(phases, 10) == (Phase(4, 7), Phase(6, 14))
    assert with_sessions(phases, 6) == (Phase(4, 7), Phase(2, 14))
    assert with_sessions(phases, 3) == (Phase(3, 7),)
    intervals = [session.interval_days for session in plan(Request("hair", TODAY)).sessions]
    assert intervals == [None, 7, 7, 7, 7, 14, 14, 14]


def test_an_interval_makes_one_phase_of_the_protocol() -> None:
    found = plan(Request("hair", TODAY, interval_days=9))
    assert found.phases == ((8, 9),)
    assert {session.interval_days for session in found.sessions[1:]} == {9}


def test_an_area_may_have_a_protocol_of_its_own() -> None:
    face, thighs = (plan(Request("fat", TODAY, area=area)) for area in ("Face", "thighs"))
    assert (len(face.sessions), face.duration_minutes, face.area) == (4, 20, "face")
    assert (len(thighs.sessions), thighs.duration_minutes) == (6, 30)


def test_every_default_lies_within_the_rules() -> None:
    for goal in ALL_GOALS:
        for protocol in (goal.protocol, *goal.area_protocols.values()):
            assert SESSIONS.allows(protocol.sessions)
            assert all(INTERVAL_DAYS.allows(phase.interval_days) for phase in protocol.phases)
            assert MAINTENANCE_PER_YEAR.allows(protocol.maintenance_per_year)
            assert protocol.source
        assert set(goal.area_protocols) <= set(goal.areas)


def test_every_goal_is_found_by_its_name_and_each_alias() -> None:
    for goal in ALL_GOALS:
        for name in (goal.name, *goal.aliases):
            assert find_goal(name.upper()) is goal
    assert find_goal("hair_loss").name == "hair"


def test_a_plan_is_pure() -> None:
    request = Request("hair", date(2026, 12, 1), closed_weekdays=frozenset({1, 2}))
    assert plan(request) == plan(request)


def test_a_first_session_before_today_is_said() -> None:
    request = Request("hair", date(2026, 12, 1))
    assert [notice.code for notice in plan(request, not_before=date(2026, 12, 2)).notices] == [
        "IN_THE_PAST"
    ]
    assert plan(request, not_before=date(2026, 12, 1)).notices == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"sessions": 2},
        {"sessions": 16},
        {"interval_days": 6},
        {"interval_days": 15},
        {"maintenance_per_year": 3},
        {"maintenance_per_year": -1},
    ],
)
def test_no_request_is_wider_than_the_rules(fields: dict[str, int]) -> None:
    with pytest.raises(OutsideRule):
        replace(Request("hair", TODAY), **fields)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    "fields",
    [
        {"years": 0},
        {"years": 11},
        {"flex_days": 91},
        {"duration_minutes": 4},
        {"start": date(2019, 12, 31)},
        {"depart": date(2090, 1, 1)},
        {"arrive": date(2026, 5, 1), "depart": date(2026, 5, 1)},
        {"patient": "a\nb"},
        {"patient": "a\x1b[31mb"},
        {"patient": "x" * 81},
        {"patient": "\u202eabc"},
        {"patient": "[bold]Ann[/bold]"},
        {"patient": "  "},
        {"plan_id": "Ann Smith"},
        {"closed_weekdays": frozenset({7})},
        {"start": None, "depart": date(2026, 6, 1), "flex_days": 3},
        {"start": datetime(2026, 6, 1, tzinfo=UTC)},
        {"time_of_day": time(10, tzinfo=UTC)},
        {"time_of_day": time(10, 0, 30)},
    ],
)
def test_a_request_refuses_by_itself_what_no_plan_can_have(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        replace(Request("hair", TODAY), **fields)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    "fields",
    [
        {"goal": "hare"},
        {"timezone": "Mars/Phobos"},
        {"holidays": ("XX",)},
        {"holidays": ("FR-",)},
        {"holidays": ("FR-Elsass",)},
        {"holidays": ("",)},
        {"area": "face"},
    ],
)
def test_unknown_names_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UnknownName):
        plan(replace(Request("hair", TODAY), **fields))  # type: ignore[arg-type]  # by name


def test_a_session_may_not_run_past_midnight() -> None:
    request = Request("hair", TODAY, time_of_day=time(23, 30), duration_minutes=30)
    assert plan(request).sessions[0].end == datetime(2026, 1, 2, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="past midnight"):
        plan(replace(request, duration_minutes=31))


def test_the_public_names_are_there() -> None:
    assert all(getattr(mesoplan, name) for name in mesoplan.__all__)
    with pytest.raises(AttributeError):
        mesoplan.nothing  # noqa: B018 - the look-up is the test


def test_a_day_on_another_weekday_is_named_before_a_closed_one_further_on() -> None:
    # Eight days after Tuesday 3 August is a Wednesday; the closed Saturday is for session 6.
    request = Request(
        "cellulite",
        date(2027, 7, 26),
        sessions=6,
        interval_days=8,
        weekdays=frozenset({0, 1, 5}),
        closed_weekdays=frozenset({5}),
    )
    found = plan(request)
    assert found.sessions[1].day == date(2027, 8, 2)
    (reason,) = found.sessions[1].reasons
    assert (reason.code, reason.days) == (ReasonCode.WEEKDAY, (date(2027, 8, 11),))
    assert plan(replace(request, closed_weekdays=frozenset())).sessions[1] == found.sessions[1]
