"""Small promises of re-planning, each of which some change of the code once broke unnoticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from mesoplan import (
    Attend,
    BusyCalendar,
    BusySpan,
    Cancel,
    DateRange,
    Extend,
    InvalidInput,
    Miss,
    Move,
    NoLegalPlan,
    Plan,
    ReasonCode,
    Request,
    SessionName,
    TimeRange,
    plan,
    replan,
)
from mesoplan.planning.replanner import undone

MONDAY, DAY = date(2026, 9, 7), timedelta(days=1)
HOURS = ((TimeRange(540, 1080),),) * 7


def course(number: int) -> SessionName:
    return SessionName("course", number)


def upkeep(number: int) -> SessionName:
    return SessionName("maintenance", number)


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


BEFORE = at(MONDAY - 9 * DAY)
WEEKLY = plan(Request("contouring", MONDAY))


def days_of(found: Plan) -> list[date]:
    return [session.day for session in found.sessions]


def late_fortnightly() -> tuple[Plan, date]:
    """A fortnightly plan of which session 1 took place, and the first day too late for the next."""
    made = plan(Request("wrinkles", MONDAY))
    return replan(made, Attend((course(1),)), now=at(MONDAY)), MONDAY + 15 * DAY


# ---------------------------------------------------------------- what the plan remembers


def test_busy_times_of_a_change_are_not_kept_and_the_number_of_sessions_is() -> None:
    doctor = BusyCalendar("d.ics", (BusySpan(at(MONDAY - 3 * DAY), at(MONDAY - 3 * DAY, 13)),))
    asked = replace(WEEKLY.request, busy=(doctor,))
    new = replan(WEEKLY, Extend(1), now=BEFORE, request=asked)
    assert new.request.busy == ()
    assert new.request.sessions == 9


@pytest.mark.parametrize("days", [-2, 14])
def test_a_course_whose_first_session_was_moved_begins_there(days: int) -> None:
    first = MONDAY + days * DAY
    moved = replan(WEEKLY, Move(course(1), first), now=BEFORE)
    assert moved.request.start == first
    for change in (Extend(1), Miss(course(4))):
        assert days_of(replan(moved, change, now=BEFORE))[0] == first


def test_a_wrong_year_does_not_move_the_whole_course() -> None:
    wrong = WEEKLY.sessions[7].day + 366 * DAY
    with pytest.raises(NoLegalPlan):
        replan(WEEKLY, Move(course(8), wrong), now=BEFORE)


def test_a_change_that_told_nothing_but_an_absence_can_be_undone() -> None:
    away = replace(WEEKLY.request, away=(DateRange(MONDAY + 29 * DAY, MONDAY + 29 * DAY),))
    told = replan(WEEKLY, Extend(0), now=BEFORE, request=away)
    back = undone(told, WEEKLY, BEFORE)
    assert back.request.away == ()
    assert back.revision == told.revision + 1


# ---------------------------------------------------------------- days chosen by hand


def test_a_cancelled_day_that_was_chosen_by_hand_is_free_again() -> None:
    last = WEEKLY.sessions[7].day
    fixed = replan(WEEKLY, Move(course(8), last), now=BEFORE)
    cancelled = replan(fixed, Cancel(course(8)), now=BEFORE)
    assert days_of(replan(cancelled, Extend(1), now=BEFORE))[-1] == last


def test_a_day_chosen_by_hand_is_not_taken_by_another_session() -> None:
    fifth = WEEKLY.sessions[4].day
    fixed = replan(WEEKLY, Move(course(5), fifth), now=BEFORE)
    with pytest.raises(InvalidInput) as caught:
        replan(fixed, Move(course(4), fifth), now=BEFORE)
    assert "session 5 was put on" in caught.value.problem


def test_what_took_place_is_not_fixed_any_more() -> None:
    fixed = replan(WEEKLY, Move(course(1), MONDAY), now=BEFORE)
    assert fixed.sessions[0].pinned
    assert not replan(fixed, Attend((course(1),)), now=at(MONDAY)).sessions[0].pinned


def test_a_fact_lets_go_of_a_day_that_is_closed_by_now() -> None:
    fifth = WEEKLY.sessions[4].day
    fixed = replan(WEEKLY, Move(course(5), fifth), now=BEFORE)
    away = replace(fixed.request, away=(DateRange(fifth, fifth),))
    first = at(MONDAY - DAY)
    new = replan(fixed, Attend((course(1),), MONDAY - DAY), now=first, request=away)
    assert fifth not in days_of(new)


# ---------------------------------------------------------------- maintenance


def test_moved_maintenance_keeps_the_time_that_it_had() -> None:
    old = plan(Request("contouring", MONDAY, opening_hours=HOURS))
    day = old.maintenance[0].day
    moved = replan(old, Move(upkeep(1), day, time(17)), now=BEFORE)
    again = replan(moved, Move(upkeep(1), day + DAY), now=BEFORE)
    assert again.maintenance[0].start == at(day + DAY, 17)


def test_the_window_of_maintenance_follows_what_closes_and_not_the_clock() -> None:
    first = WEEKLY.maintenance[0]
    last = first.window.last
    away = replace(WEEKLY.request, away=(DateRange(last, last),))
    new = replan(WEEKLY, Extend(0), now=BEFORE, request=away)
    assert new.maintenance[0].window == DateRange(first.window.first, last - DAY)
    assert first.due is not None
    later = replan(WEEKLY, Cancel(upkeep(2)), now=at(first.due - 5 * DAY))
    assert later.maintenance[0].window == first.window


def test_the_last_session_tells_when_maintenance_comes() -> None:
    new = replan(WEEKLY, Move(upkeep(1), WEEKLY.maintenance[0].day + 2 * DAY), now=BEFORE)
    assert [session.sequence for session in new.sessions] == [0] * 7 + [1]


def test_late_maintenance_is_placed_anew_once_it_would_come_before_its_due_day() -> None:
    short = plan(Request("contouring", MONDAY, sessions=3))
    now = at(short.maintenance[0].day + 20 * DAY)
    late = replan(short, Miss(upkeep(1), late="ill"), now=now)
    assert late.maintenance[0].late == "ill"
    # The course goes on after all, and so maintenance is due half a year after that.
    attended = replan(late, Attend((course(1), course(2))), now=now)
    new = replan(attended, Miss(course(3), late="ill"), now=now)
    last, first = new.sessions[-1], new.maintenance[0]
    assert last.day >= now.date()
    assert first.due is not None
    assert (first.late, abs(first.day - first.due) <= 14 * DAY) == (None, True)


# ---------------------------------------------------------------- what took place


def test_a_session_may_have_taken_place_on_the_day_of_the_next_that_is_still_to_come() -> None:
    second = WEEKLY.sessions[1].day
    new = replan(WEEKLY, Attend((course(1),), second), now=at(second, 9))
    assert new.sessions[0].day == second
    with pytest.raises(InvalidInput):
        replan(WEEKLY, Attend((course(2),), MONDAY - DAY), now=at(MONDAY - DAY))


def test_nothing_took_place_at_a_time_that_is_still_to_come_or_never_was() -> None:
    with pytest.raises(InvalidInput):
        replan(WEEKLY, Attend((course(1),), MONDAY, time(23)), now=at(MONDAY, 8))
    with pytest.raises(InvalidInput):
        replan(WEEKLY, Attend((course(1),), date(1, 1, 1)), now=at(MONDAY))


# ---------------------------------------------------------------- late sessions


def test_a_late_session_takes_the_time_that_was_asked_for_and_refuses_one_that_can_not_be() -> None:
    made, today = late_fortnightly()
    hours = replace(made.request, opening_hours=HOURS)
    new = replan(made, Miss(course(2), today, time(16), late="ill"), now=at(today), request=hours)
    assert new.sessions[1].start == at(today, 16)
    with pytest.raises(NoLegalPlan) as caught:
        replan(made, Miss(course(2), today, time(3), late="ill"), now=at(today, 2), request=hours)
    assert "03:00" in caught.value.problem


def test_a_reason_that_is_not_needed_is_refused_in_true_words() -> None:
    made, today = late_fortnightly()
    late = replan(made, Miss(course(2), late="ill"), now=at(today))
    now = at(late.sessions[1].day, 8)
    with pytest.raises(InvalidInput) as caught:
        replan(late, Extend(1, late="x"), now=now)
    assert "has legal days left" not in caught.value.problem or now.date() <= MONDAY + 14 * DAY


# ---------------------------------------------------------------- clocks


def test_a_change_of_clocks_is_told_as_long_as_it_is_true_and_of_nothing_else() -> None:
    skipped = plan(
        Request("contouring", date(2027, 3, 7), time_of_day=time(2, 30), timezone="Europe/Paris")
    )
    codes = {notice.code for notice in skipped.notices}
    assert "CLOCK_CHANGE" in codes
    now = at(date(2027, 3, 1))
    assert "CLOCK_CHANGE" in {n.code for n in replan(skipped, Extend(1), now=now).notices}
    third = WEEKLY.sessions[2]
    evening = replace(third, start=at(third.day, 20), end=at(third.day, 20, 30))
    edited = replace(WEEKLY, sessions=(*WEEKLY.sessions[:2], evening, *WEEKLY.sessions[3:]))
    hours = replace(edited.request, opening_hours=HOURS)
    edited = replace(edited, request=hours)
    new = replan(edited, Cancel(upkeep(2)), now=BEFORE)
    assert "CLOCK_CHANGE" not in {notice.code for notice in new.notices}


# ---------------------------------------------------------------- ways out


def ways(found: Plan, change: Extend | Miss | Move, request: Request) -> list[object]:
    with pytest.raises(NoLegalPlan) as caught:
        replan(found, change, now=BEFORE, request=request)
    return [dict(way.change) for way in caught.value.ways_out]


def test_a_shorter_extension_is_offered_and_never_none_at_all() -> None:
    ends = replace(WEEKLY.request, depart=MONDAY + 64 * DAY)
    assert {"by": 2} in ways(WEEKLY, Extend(3), ends)
    near = plan(replace(WEEKLY.request, depart=MONDAY + 50 * DAY))
    assert {"by": 0} not in ways(near, Extend(1), near.request)


def test_fewer_sessions_first_are_offered_as_far_as_needed() -> None:
    short = replace(WEEKLY.request, depart=MONDAY + 36 * DAY)
    assert {"extend": -3} in ways(WEEKLY, Miss(course(3)), short)


def test_a_shorter_absence_is_offered() -> None:
    fourth = WEEKLY.sessions[3].day
    away = replace(WEEKLY.request, away=(DateRange(fourth - 7 * DAY, fourth + 7 * DAY),))
    with pytest.raises(NoLegalPlan) as caught:
        replan(WEEKLY, Extend(0), now=at(MONDAY), request=away)
    assert any("away" in way.change for way in caught.value.ways_out)


def test_the_day_that_a_session_has_is_no_way_out() -> None:
    fifth = WEEKLY.sessions[4].day
    away = replace(WEEKLY.request, away=(DateRange(fifth + DAY, fifth + DAY),))
    offered = ways(WEEKLY, Move(course(5), fifth + DAY), away)
    assert {"when": str(fifth)} not in offered


# ---------------------------------------------------------------- undoing


def test_undo_tells_intervals_and_drops_what_was_new_without_a_mark() -> None:
    second = at(MONDAY + 8 * DAY)
    moved = replan(WEEKLY, Attend((course(1),), MONDAY + DAY), now=second)
    assert undone(moved, WEEKLY, second).sessions[1].interval_days == 7
    last = WEEKLY.sessions[7].day
    missed = replan(WEEKLY, Miss(course(8), last + 3 * DAY), now=BEFORE)
    back = undone(missed, WEEKLY, BEFORE)
    assert [session.pinned for session in back.dropped] == [False]


def test_a_session_that_was_moved_in_a_calendar_is_where_it_was_agreed() -> None:
    made = plan(Request("contouring", MONDAY, interval_days=10))
    third = made.sessions[2]
    later = replace(third, start=third.start + DAY, end=third.end + DAY, moved_from=third.start)
    edited = replace(made, sessions=(*made.sessions[:2], later, *made.sessions[3:]))
    new = replan(edited, Extend(1), now=BEFORE)
    assert ReasonCode.AGREED in {reason.code for reason in new.sessions[2].reasons}
    assert replan(edited, Attend((course(1),)), now=at(MONDAY)).sessions[0].moved_from is None
