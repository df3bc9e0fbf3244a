"""Changes asked for in the course of a day: which of its times are left."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from mesoplan import (
    BusyCalendar,
    BusySpan,
    Extend,
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
from mesoplan.wording.reasons import reason_text

MONDAY = date(2026, 9, 7)
HOURS = ((TimeRange(9 * 60, 12 * 60), TimeRange(14 * 60, 18 * 60)),) * 7


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def course(number: int) -> SessionName:
    return SessionName("course", number)


def weekly(*, hours: bool, clock: time = time(10)) -> Plan:
    return plan(
        Request(
            "contouring",
            MONDAY,
            time_of_day=clock,
            opening_hours=HOURS if hours else None,
            sessions=4,
        )
    )


def test_a_session_put_off_to_today_gets_the_nearest_time_that_is_left() -> None:
    old = weekly(hours=True)
    second = old.sessions[1].day
    new = replan(old, Miss(course(2), second + timedelta(days=3)), now=at(second, 9))
    thursday = new.sessions[1].day
    again = replan(new, Move(course(2), thursday, time(14, 30)), now=at(thursday, 9, 20))
    assert again.sessions[1].start == at(thursday, 14, 30)
    missed = replan(old, Miss(course(2), second), now=at(second, 10, 31))
    assert missed.sessions[1].start == at(second, 10, 45)
    (reason,) = missed.sessions[1].reasons
    assert (reason.code, reason_text(reason)) == (ReasonCode.PAST, "10:00 had passed")


def test_a_minute_that_has_begun_has_passed() -> None:
    old = weekly(hours=True)
    second = old.sessions[1].day
    sharp = replan(old, Miss(course(2), second), now=at(second, 10, 30))
    assert sharp.sessions[1].start == at(second, 10, 30)
    begun = at(second, 10, 30) + timedelta(seconds=1)
    assert replan(old, Miss(course(2), second), now=begun).sessions[1].start == at(second, 10, 45)


def test_a_time_of_today_that_has_passed_is_refused_in_so_many_words() -> None:
    old = weekly(hours=True)
    second = old.sessions[1].day
    with pytest.raises(NoLegalPlan) as caught:
        replan(old, Move(course(2), second, time(9)), now=at(second, 9, 30))
    assert "that time has passed" in caught.value.problem
    assert caught.value.ways_out[0].change == {"when": f"{second} 09:30"}


def test_when_no_time_is_left_today_the_next_day_is_the_first() -> None:
    old = weekly(hours=True)
    second = old.sessions[1].day
    with pytest.raises(NoLegalPlan) as caught:
        replan(old, Miss(course(2), second), now=at(second, 17, 45))
    assert "time has passed" in caught.value.problem
    assert "busy" not in caught.value.problem


def test_a_time_that_is_taken_is_told_apart_from_one_that_has_passed() -> None:
    second = MONDAY + timedelta(days=7)
    doctor = BusyCalendar("doctor.ics", (BusySpan(at(second, 14), at(second, 18)),))
    old = weekly(hours=True)
    around = Request(
        "contouring", MONDAY, sessions=4, opening_hours=HOURS, busy=(doctor,), plan_id=old.id
    )
    with pytest.raises(NoLegalPlan) as caught:
        replan(old, Miss(course(2), second), now=at(second, 12), request=around)
    assert "time has passed" in caught.value.problem
    free = replan(old, Miss(course(2), second), now=at(second, 11), request=around)
    assert free.sessions[1].start == at(second, 11)


@pytest.mark.parametrize("hours", [True, False])
def test_an_agreed_time_later_today_stays(hours: bool) -> None:
    old = weekly(hours=hours, clock=time(15))
    second = old.sessions[1]
    new = replan(old, Extend(1), now=at(second.day, 14, 59))
    assert new.sessions[1].start == second.start
    assert len(new.sessions) == 5


def test_hours_that_nobody_gave_keep_nobody_from_a_time_that_is_asked_for() -> None:
    doctor = BusyCalendar("doctor.ics", (BusySpan(at(MONDAY, 9), at(MONDAY, 18)),))
    old = weekly(hours=False)
    around = Request("contouring", MONDAY, sessions=4, busy=(doctor,), plan_id=old.id)
    now = at(MONDAY - timedelta(days=3), 12)
    new = replan(old, Move(course(1), MONDAY, time(19)), now=now, request=around)
    assert new.sessions[0].start == at(MONDAY, 19)
    with pytest.raises(NoLegalPlan) as caught:
        replan(old, Move(course(1), MONDAY, time(11)), now=now, request=around)
    assert "doctor.ics is busy 09:00–18:00" in caught.value.problem


def test_a_session_never_runs_past_midnight_whatever_time_is_asked_for() -> None:
    old = weekly(hours=False)
    with pytest.raises(NoLegalPlan) as caught:
        replan(old, Move(course(2), old.sessions[1].day, time(23, 45)), now=at(MONDAY, 8))
    assert "would run past midnight" in caught.value.problem


def test_maintenance_goes_by_its_own_times_today() -> None:
    old = plan(Request("contouring", MONDAY, sessions=4, opening_hours=HOURS))
    first = old.maintenance[0]
    moved = replan(old, Move(SessionName("maintenance", 1), first.day, time(17)), now=at(MONDAY, 8))
    now = at(first.day, 16)
    kept = replan(
        moved,
        Move(SessionName("maintenance", 2), old.maintenance[1].day + timedelta(days=1)),
        now=now,
    )
    assert kept.maintenance[0].start == moved.maintenance[0].start == at(first.day, 17)
