"""A plan for another request than before, as a changed row of a batch asks for it."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest

from mesoplan import (
    Attend,
    BusyCalendar,
    BusySpan,
    Cancel,
    DateRange,
    InvalidInput,
    Move,
    NoLegalPlan,
    Plan,
    Request,
    SessionName,
    Status,
    plan,
    replan,
)
from mesoplan.planning.checking import check_plan
from mesoplan.planning.replanner import Kept
from mesoplan.wording.plans import revised

START = date(2026, 12, 1)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HAIR = Request("hair", START, timezone="Europe/Paris", closed_weekdays=frozenset({0, 6}))
"""Begins on a Tuesday."""


def after(days: int) -> datetime:
    """So many days after START, at noon."""
    return datetime(2026, 12, 1, 12, tzinfo=UTC) + days * DAY


def third(of: Plan, now: datetime = NOW) -> Plan:
    """With session 3 a day later, by hand."""
    return replan(of, Move(SessionName("course", 3), of.sessions[2].day + DAY), now=now)


def test_another_start_plans_the_course_as_a_new_one_and_keeps_identities() -> None:
    before = plan(HAIR)
    asked = replace(HAIR, start=START + DAY)
    new = revised(before, asked, Kept.NOTHING, now=NOW)
    assert [each.day for each in new.sessions] == [each.day for each in plan(asked).sessions]
    assert [each.uid for each in new.active] == [each.uid for each in before.active]
    assert {each.sequence for each in new.sessions} == {1}
    assert (new.id, new.revision, new.dropped) == (before.id, 1, ())


def test_another_time_of_day_keeps_the_days_but_not_what_was_put_there_by_hand() -> None:
    before = third(plan(HAIR))
    asked = replace(before.request, time_of_day=time(15, 30))
    new = revised(before, asked, Kept.DAYS, now=NOW)
    assert [each.day for each in new.sessions] == [each.day for each in before.sessions]
    times = [each.start.time() for each in new.sessions]
    assert times == [time(10) if number == 3 else time(15, 30) for number in range(1, 9)]
    assert {each.start.time() for each in new.maintenance} == {time(15, 30)}


def test_an_agreed_time_stays_though_the_preferred_one_is_free_by_now() -> None:
    third = plan(HAIR).sessions[2]
    doctor = BusyCalendar("doctor.ics", (BusySpan(third.start, third.end),))
    before = plan(replace(HAIR, busy=(doctor,)))
    assert before.sessions[2].start != third.start
    for kept, start in ((Kept.TIMES, before.sessions[2].start), (Kept.DAYS, third.start)):
        new = revised(before, replace(HAIR, maintenance_per_year=0), kept, now=NOW)
        assert new.sessions[2].start == start


def test_other_words_move_nothing_and_are_told_in_each_event_to_come() -> None:
    before = replan(plan(HAIR), Attend((SessionName("course", 1),)), now=after(0))
    everything = DateRange(START, START + 400 * DAY)
    asked = replace(before.request, patient="Ann", location="2 Park Street", closures=(everything,))
    new = revised(before, asked, Kept.ALL, now=after(1))
    assert [each.start for each in new.active] == [each.start for each in before.active]
    assert new.sessions[0].sequence == before.sessions[0].sequence
    sequences = {each.uid: each.sequence for each in before.active}
    assert all(each.sequence == sequences[each.uid] + 1 for each in new.active[1:])


def test_fewer_sessions_than_took_place_are_refused() -> None:
    names = tuple(SessionName("course", number) for number in range(1, 5))
    before = replan(plan(HAIR), Attend(names), now=after(25))
    with pytest.raises(InvalidInput, match="4 sessions took place"):
        revised(before, replace(HAIR, sessions=3), Kept.TIMES, now=after(25))


def test_a_shorter_trip_takes_as_many_sessions_as_it_holds_and_says_so() -> None:
    before = replan(plan(HAIR), Attend((SessionName("course", 1),)), now=after(0))
    asked = replace(HAIR, depart=START + 30 * DAY)
    new = revised(before, asked, Kept.TIMES, now=after(0))
    assert len(new.sessions) == 5
    assert any(notice.code == "FEWER_SESSIONS" for notice in new.notices)
    longer = revised(new, HAIR, Kept.TIMES, now=after(0))
    assert len(longer.sessions) == 8
    assert not any(notice.code == "FEWER_SESSIONS" for notice in longer.notices)


def test_a_typed_number_that_the_trip_does_not_hold_is_refused_without_claiming_too_much() -> None:
    before = replan(plan(HAIR), Attend((SessionName("course", 1),)), now=after(0))
    asked = replace(HAIR, sessions=8, depart=START + 30 * DAY)
    with pytest.raises(NoLegalPlan) as refusal:
        revised(before, asked, Kept.TIMES, now=after(0))
    assert "single change" not in refusal.value.remedy


def test_a_cancelled_plan_is_taken_up_again_with_new_appointments() -> None:
    before = replan(plan(HAIR), Cancel(), now=NOW)
    assert revised(before, replace(HAIR, patient="Ann"), Kept.ALL, now=NOW).cancelled
    new = revised(before, HAIR, Kept.NOTHING, now=NOW)
    assert not new.cancelled
    assert [each.day for each in new.sessions] == [each.day for each in plan(HAIR).sessions]
    assert not {each.uid for each in new.active} & {each.uid for each in before.dropped}
    assert all(each.status is Status.CANCELLED for each in new.dropped)


def test_no_maintenance_any_more_cancels_it() -> None:
    before = plan(HAIR)
    new = revised(before, replace(HAIR, maintenance_per_year=0), Kept.TIMES, now=NOW)
    assert new.maintenance == ()
    assert {each.uid for each in new.dropped} == {each.uid for each in before.maintenance}


@pytest.mark.parametrize("seed", range(40))
def test_whatever_changes_facts_stay_and_what_is_to_come_is_legal(seed: int) -> None:
    random = Random(seed)
    before = plan(HAIR)
    now = NOW
    if random.random() < 0.6:
        count = random.randrange(1, 5)
        now = after((before.sessions[count - 1].day - START).days)
        names = tuple(SessionName("course", number) for number in range(1, count + 1))
        before = replan(before, Attend(names), now=now)
    if random.random() < 0.4:
        coming = [each for each in before.sessions if not each.is_past(now)]
        chosen = random.choice(coming)
        with suppress(NoLegalPlan, InvalidInput):
            before = replan(before, Move(chosen.name, chosen.day + DAY), now=now)
    first_away = START + random.randrange(90) * DAY
    asked = replace(
        HAIR,
        start=START + random.choice([0, 0, 1, 5, 12]) * DAY,
        interval_days=random.choice([None, None, 7, 9, 14]),
        sessions=random.choice([None, None, 6, 10]),
        time_of_day=random.choice([time(10), time(16)]),
        maintenance_per_year=random.choice([None, 1]),
        away=random.choice([(), (DateRange(first_away, first_away + random.randrange(9) * DAY),)]),
    )
    kept = random.choice([Kept.NOTHING, Kept.DAYS, Kept.TIMES])
    try:
        new = revised(before, asked, kept, now=now)
    except NoLegalPlan:
        return
    facts = [each for each in before.active if each.is_past(now)]
    assert [(each.uid, each.start, each.sequence) for each in facts] == [
        (each.uid, each.start, each.sequence) for each in new.active[: len(facts)]
    ]
    past = {each.day for each in facts}
    assert all(past & set(breach.days) for breach in check_plan(new).problems)
    for each in new.active:
        if each not in before.active and not each.is_past(now):
            assert all(each.day not in days for days in asked.away)
    fixed = {each.day for each in before.sessions if each.pinned}
    assert fixed <= {each.day for each in new.sessions}
    everything = [each.uid for each in (*new.active, *new.dropped)]
    assert len(set(everything)) == len(everything)
    assert {each.uid for each in before.active} <= set(everything)


def test_maintenance_that_took_place_stays_where_fewer_are_asked_for() -> None:
    before = plan(replace(HAIR, maintenance_per_year=2))
    second = before.maintenance[1]
    now = second.end + DAY
    before = replan(before, Attend(tuple(each.name for each in before.active)), now=now)
    new = revised(before, replace(HAIR, maintenance_per_year=1), Kept.TIMES, now=now)
    assert [each.number for each in new.maintenance] == [1, 2]
    assert all(each.status is Status.ATTENDED for each in new.maintenance)
    assert not new.dropped


def test_a_time_of_day_that_leaves_no_time_before_midnight_is_refused_of_a_changed_row_too() -> (
    None
):
    for kept in Kept:
        with pytest.raises(InvalidInput, match="past midnight"):
            revised(plan(HAIR), replace(HAIR, time_of_day=time(23, 50)), kept, now=NOW)


def test_maintenance_chosen_by_hand_stays_where_the_course_is_planned_as_a_new_one() -> None:
    before = plan(HAIR)
    day = before.maintenance[0].day + DAY
    before = replan(before, Move(SessionName("maintenance", 1), day), now=NOW)
    new = revised(before, replace(HAIR, start=START + DAY), Kept.NOTHING, now=NOW)
    assert (new.maintenance[0].day, new.maintenance[0].pinned) == (day, True)
    assert new.maintenance[0].uid == before.maintenance[0].uid
