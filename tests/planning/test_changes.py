"""What a change of a plan leaves as it is, what it moves, and what is said of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from mesoplan import (
    Attend,
    Away,
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
    Replan,
    Request,
    Session,
    SessionName,
    TimeRange,
    plan,
    replan,
)
from mesoplan.formats.json import changed_document, shown_document
from mesoplan.model.changes import Change
from mesoplan.model.plan import Status
from mesoplan.planning.replanner import compare, undone

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


def late_fortnightly() -> tuple[Plan, date]:
    """A fortnightly plan of which session 1 took place, and the first day too late for the next."""
    made = plan(Request("wrinkles", MONDAY))
    return replan(made, Attend((course(1),)), now=at(MONDAY)), MONDAY + 15 * DAY


def days_of(found: Plan) -> list[date]:
    return [session.day for session in found.sessions]


def by_hand(found: Plan) -> list[date]:
    return [session.day for session in found.sessions if session.pinned]


def attended(found: Plan, count: int) -> Plan:
    for number in range(1, count + 1):
        day = found.sessions[number - 1].day
        found = replan(found, Attend((course(number),)), now=at(day))
    return found


# ---------------------------------------------------------------- maintenance and the course


@pytest.mark.parametrize(
    "change", [Cancel(upkeep(2)), Miss(upkeep(2)), Move(upkeep(2), date(2027, 11, 3))]
)
def test_maintenance_can_change_while_no_legal_day_is_left_for_the_course(
    change: Cancel | Miss | Move,
) -> None:
    old = attended(plan(Request("contouring", MONDAY, sessions=3)), 2)
    third = old.sessions[2]
    moved = replace(third, start=third.start + 30 * DAY, end=third.end + 30 * DAY)
    edited = replace(old, sessions=(*old.sessions[:2], moved))
    now = at(third.day + 20 * DAY)
    closed = replace(old.request, closed_weekdays=frozenset({6}))
    new = replan(edited, change, now=now, request=closed)
    assert days_of(new) == days_of(edited)


def test_a_change_of_maintenance_leaves_a_course_that_was_moved_in_a_calendar_as_it_is() -> None:
    old = plan(Request("contouring", MONDAY))
    third = old.sessions[2]
    moved = replace(third, start=third.start + 3 * DAY, end=third.end + 3 * DAY)
    edited = replace(old, sessions=(*old.sessions[:2], moved, *old.sessions[3:]))
    new = replan(edited, Cancel(upkeep(2)), now=at(MONDAY))
    assert days_of(new) == days_of(edited)


def test_an_absence_told_beside_a_change_of_maintenance_holds_for_the_course() -> None:
    old = plan(Request("contouring", MONDAY))
    fifth = old.sessions[4].day
    away = replace(old.request, away=(DateRange(fifth, fifth),))
    new = replan(old, Cancel(upkeep(2)), now=at(MONDAY), request=away)
    assert fifth not in days_of(new)


def test_an_absence_that_changes_no_day_is_kept_for_what_is_planned_later() -> None:
    old = plan(Request("contouring", MONDAY))
    free = old.sessions[4].day + DAY
    away = replace(old.request, away=(DateRange(free, free),))
    new = replan(old, Extend(0), now=at(MONDAY), request=away)
    assert new.request.away == away.away
    assert days_of(new) == days_of(old)
    with pytest.raises(InvalidInput):
        replan(new, Extend(0), now=at(MONDAY), request=away)


def test_maintenance_whose_due_day_stays_does_not_stay_beyond_14_days_of_it() -> None:
    old = plan(Request("contouring", MONDAY))
    first = old.maintenance[0]
    assert first.due is not None
    far = first.start + timedelta(days=20)
    edited = replace(old, maintenance=(replace(first, start=far, end=far), *old.maintenance[1:]))
    new = replan(edited, Extend(1), now=at(MONDAY))
    assert new.maintenance[0].due is not None
    assert abs(new.maintenance[0].day - new.maintenance[0].due) <= timedelta(days=14)
    same = replan(edited, Cancel(upkeep(2)), now=at(MONDAY))
    assert abs(same.maintenance[0].day - first.due) <= timedelta(days=14)


# ---------------------------------------------------------------- days chosen by hand


def test_a_fact_lets_go_of_as_few_days_chosen_by_hand_as_can_be() -> None:
    old = attended(plan(Request("contouring", MONDAY, sessions=6)), 1)
    days = days_of(old)
    now = at(days[1])
    fixed = replan(old, Move(course(3), days[2]), now=now)
    fixed = replan(fixed, Move(course(5), days[4]), now=now)
    assert by_hand(fixed) == [days[2], days[4]]
    # Three days before the third: it can't stay, the fifth can.
    late = days[2] - 3 * DAY
    new = replan(fixed, Attend((course(2),), late), now=at(late))
    assert by_hand(new) == [days[4]]
    assert days[2] not in days_of(new)
    assert days[3] in days_of(new)


def test_a_fact_lets_go_of_the_later_of_two_days_where_that_is_enough() -> None:
    old = attended(plan(Request("contouring", MONDAY, sessions=5, interval_days=14)), 1)
    near, far = MONDAY + 28 * DAY, MONDAY + 55 * DAY
    fixed = replan(old, Move(course(3), near), now=at(MONDAY))
    fixed = replan(fixed, Move(course(5), far), now=at(MONDAY))
    assert by_hand(fixed) == [near, far]
    # 16 days before the nearer one: a session must come between, and the nearer one becomes the
    # fourth. The farther one can't be the fifth: it is 27 days after the nearer one, and 43 days
    # after the fact, where three intervals come to 42 at most.
    early = near - 16 * DAY
    new = replan(fixed, Attend((course(2),), early), now=at(early))
    assert by_hand(new) == [near]
    assert new.sessions[3].day == near


def test_maintenance_chosen_by_hand_that_finds_no_day_is_not_given_up_for_good() -> None:
    old = plan(Request("contouring", MONDAY))
    first = old.maintenance[0]
    fixed = replan(old, Move(upkeep(1), first.day + DAY), now=at(MONDAY))
    whole = DateRange(first.day - 20 * DAY, first.day + 20 * DAY)
    away = replace(old.request, away=(whole,))
    without = replan(fixed, Extend(0), now=at(MONDAY), request=away)
    assert [session.number for session in without.maintenance] == [2]
    (cancelled,) = without.dropped
    assert (cancelled.uid, cancelled.status) == (first.uid, Status.CANCELLED)
    back = replan(without, Extend(0), now=at(MONDAY), request=old.request)
    assert back.maintenance[0].day == first.day


def test_what_was_missed_is_not_put_on_the_day_of_a_session_that_took_place() -> None:
    old = attended(plan(Request("contouring", MONDAY)), 2)
    second = old.sessions[1].day
    with pytest.raises(InvalidInput) as caught:
        replan(old, Miss(course(1), second, not_attended=True), now=at(second, 8))
    assert "session 2 was on that day" in caught.value.problem


# ---------------------------------------------------------------- the first session


@pytest.mark.parametrize(
    "change", [Miss(course(2)), Cancel(course(2)), Move(course(3), MONDAY + 25 * DAY), Extend(1)]
)
def test_a_course_begins_when_it_was_agreed_to_unless_the_change_is_about_that(
    change: Miss | Cancel | Move | Extend,
) -> None:
    old = plan(Request("wrinkles", MONDAY, closed_weekdays=frozenset({5, 6})))
    new = replan(old, change, now=at(MONDAY - 7 * DAY))
    first = old.sessions[0]
    assert (new.sessions[0].uid, new.sessions[0].start) == (first.uid, first.start)
    assert "START_SLIPPED" not in {notice.code for notice in new.notices}


def test_a_course_that_begins_later_than_it_did_says_so() -> None:
    old = plan(Request("wrinkles", MONDAY))
    away = replace(old.request, away=(DateRange(MONDAY, MONDAY + DAY),))
    new = replan(old, Extend(0), now=at(MONDAY - 7 * DAY), request=away)
    later = (new.sessions[0].day - MONDAY).days
    assert later > 1
    (said,) = [notice for notice in new.notices if notice.code == "START_SLIPPED"]
    assert said.about == (MONDAY + later * DAY, MONDAY, None)
    # It is news once.
    after = replan(new, Extend(1), now=at(MONDAY - 7 * DAY))
    assert said not in after.notices


# ---------------------------------------------------------------- what took place


def test_what_took_place_is_missed_only_where_that_was_said_by_mistake() -> None:
    old = attended(plan(Request("contouring", MONDAY)), 2)
    now = at(old.sessions[1].day)
    with pytest.raises(InvalidInput) as caught:
        replan(old, Miss(course(2)), now=now)
    assert "--not-attended" in caught.value.remedy
    new = replan(old, Miss(course(2), not_attended=True), now=now)
    assert [session.status for session in new.dropped] == [Status.MISSED]
    with pytest.raises(InvalidInput):
        replan(old, Miss(course(3), not_attended=True), now=now)


def test_a_fact_is_recorded_though_it_leaves_no_legal_day_for_what_comes_after() -> None:
    old = attended(plan(Request("wrinkles", MONDAY)), 1)
    third = old.sessions[2].day
    now = at(third - DAY)
    real = MONDAY + 8 * DAY
    new = replan(old, Attend((course(2),), real), now=now)
    assert new.sessions[1].day == real
    assert days_of(new)[2:] == days_of(old)[2:]
    (said,) = [notice for notice in new.notices if notice.code == "REST_NOT_LEGAL"]
    assert said.about[:3] == (True, 3, True)
    # It is said until the rest is planned anew, and every other change asks for that.
    kept = replan(new, Cancel(upkeep(2)), now=now)
    assert said in kept.notices
    with pytest.raises(NoLegalPlan):
        replan(new, Extend(1), now=now)
    legal = replan(new, Move(course(3), now.date(), late="on holiday"), now=at(now.date(), 8))
    assert "REST_NOT_LEGAL" not in {notice.code for notice in legal.notices}
    away = replace(old.request, away=(DateRange(now.date(), now.date() + 500 * DAY),))
    with pytest.raises(NoLegalPlan):
        replan(old, Attend((course(2),), real, late="ill"), now=now, request=away)


def test_a_fact_is_recorded_though_maintenance_that_was_asked_for_finds_no_day_after_it() -> None:
    old = plan(Request("contouring", MONDAY, sessions=3, maintenance_per_year=1))
    old = attended(old, 2)
    last, first = old.sessions[2].day, old.maintenance[0]
    assert first.due is not None
    # Only on the very day on which it is agreed can the patient come for maintenance.
    away = (
        DateRange(first.due - 60 * DAY, first.due - 15 * DAY),
        DateRange(first.due - 13 * DAY, first.due + 60 * DAY),
    )
    edited = replace(
        old,
        request=replace(old.request, away=away),
        maintenance=(
            replace(first, start=first.start - 14 * DAY, end=first.end - 14 * DAY, pinned=True),
        ),
    )
    real = last + 3 * DAY
    new = replan(edited, Attend((course(3),), real), now=at(real))
    assert new.sessions[2].day == real
    assert new.maintenance[0].day == first.due - 14 * DAY
    (said,) = [notice for notice in new.notices if notice.code == "REST_NOT_LEGAL"]
    assert said.about[:3] == (False, 1, False)


# ---------------------------------------------------------------- reasons for being late


@pytest.mark.parametrize("name", [course(2), upkeep(1)])
def test_a_late_session_comes_on_the_day_asked_for_or_else_on_the_earliest_usable_one(
    name: SessionName,
) -> None:
    old = attended(plan(Request("contouring", MONDAY, sessions=3, interval_days=14)), 1)
    session = old.find(name)
    assert session is not None
    now = at(session.day + (6 if name.kind == "course" else 20) * DAY, 8)
    if name.kind == "maintenance":
        for number in (2, 3):
            old = replan(old, Attend((course(number),)), now=now)
    today = now.date()
    for day in (None, today):
        new = replan(old, Miss(name, day, late="ill"), now=now)
        assert today in {each.day for each in new.active if each.late == "ill"}
    asked = today + 3 * DAY
    new = replan(old, Miss(name, asked, late="ill"), now=now)
    assert asked in {each.day for each in new.active if each.late == "ill"}
    away = replace(old.request, away=(DateRange(asked, asked),))
    with pytest.raises(NoLegalPlan) as caught:
        replan(old, Miss(name, asked, late="ill"), now=now, request=away)
    assert caught.value.conflict.code == "PINNED"
    assert {str(asked - DAY), str(asked + DAY)} <= {
        way.change["when"] for way in caught.value.ways_out if "when" in way.change
    }


def late_plan() -> tuple[Plan, datetime]:
    """Session 2 was missed, and comes 16 days after session 1."""
    old = attended(plan(Request("wrinkles", MONDAY)), 1)
    now = at(old.sessions[1].day + DAY)
    return replan(old, Miss(course(2), late="ill"), now=now), now


def said_late(found: Plan) -> list[object]:
    return [notice.about for notice in found.notices if notice.code == "LATE"]


def test_a_session_that_turns_out_to_be_in_time_is_not_called_late() -> None:
    late, now = late_plan()
    assert len(said_late(late)) == 1
    # Session 1 was three days later than anybody had said.
    right = replan(late, Attend((course(1),), MONDAY + 3 * DAY), now=now)
    assert right.sessions[1].interval_days == 13
    assert said_late(right) == []
    wrong = replan(right, Attend((course(1),), MONDAY), now=now)
    assert said_late(wrong) == said_late(late)


def test_the_first_session_of_a_course_is_never_late() -> None:
    late, now = late_plan()
    new = replan(late, Miss(course(1), not_attended=True), now=now)
    assert new.sessions[0].uid == late.sessions[1].uid
    assert said_late(new) == []


def test_the_way_out_names_the_day_that_would_be_late_now() -> None:
    late, _ = late_plan()
    second = late.sessions[1]
    went_on = replan(late, Attend((course(2),)), now=at(second.day))
    third: Session = went_on.sessions[2]
    now = at(third.day + 5 * DAY)
    with pytest.raises(NoLegalPlan) as caught:
        replan(went_on, Miss(course(3)), now=now)
    ways = [way for way in caught.value.ways_out if "late" in way.change]
    assert [way.change["late"] for way in ways] == [now.date() + DAY]


# ---------------------------------------------------------------- a plan that was cancelled


def test_what_is_left_of_a_cancelled_course_is_numbered_with_the_intervals_of_its_numbers() -> None:
    old = plan(Request("rejuvenation", MONDAY))
    now = at(old.sessions[1].day + DAY)
    ended = replan(old, Cancel(), now=now)
    new = replan(ended, Miss(course(1)), now=now)
    (second,) = new.sessions
    assert second.uid == old.sessions[1].uid
    assert (second.number, second.interval_days, second.preferred_interval_days) == (1, None, None)


def test_a_missed_session_put_off_beyond_the_next_one_leaves_start_as_it_was_asked_for() -> None:
    old = plan(Request("contouring", MONDAY))
    later = old.sessions[2].day
    new = replan(old, Miss(course(1), later), now=at(old.sessions[1].day, 23))
    assert new.sessions[0].day == old.sessions[1].day
    assert new.request.start == MONDAY


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


@pytest.mark.parametrize(
    "change", [Move(course(1), MONDAY + 3 * DAY), Miss(course(1), MONDAY + 3 * DAY)]
)
def test_a_first_session_that_was_moved_is_not_changed_again_by_a_later_change(
    change: Change,
) -> None:
    old = plan(Request("pigmentation", MONDAY, sessions=6, interval_days=10))
    moved = replan(old, change, now=BEFORE)
    assert moved.sessions[0].window.first == moved.request.start == MONDAY + 3 * DAY
    after = replan(moved, Move(course(6), moved.sessions[5].day + 7 * DAY), now=BEFORE)
    assert after.sessions[0] == moved.sessions[0]


def test_a_plan_whose_start_may_slip_can_be_changed() -> None:
    flexible = plan(Request("contouring", MONDAY, flex_days=5))
    assert replan(flexible, Extend(1), now=BEFORE).total_sessions == 9


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
    assert "session 5" in caught.value.problem


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


def test_windows_begin_today_at_the_earliest() -> None:
    first, *_, last = plan(Request("wrinkles", MONDAY)).sessions
    assert last.window.first < last.day
    assert last.window_at(at(last.day - DAY)) == DateRange(last.day - DAY, last.window.last)
    assert last.window_at(at(first.day)) == last.window
    # Of what is past it is as it was.
    assert last.window_at(at(last.day + DAY)) == last.window


def test_windows_in_json_begin_today_at_the_earliest() -> None:
    old = plan(Request("wrinkles", MONDAY))
    last = old.sessions[-1]
    now = at(last.day - DAY)
    new = replan(old, Move(upkeep(1), old.maintenance[0].day + DAY), now=now)
    for document in (shown_document(old, now), changed_document(compare(old, new, now), now)):
        assert document["sessions"][-1]["window"] == [now.date(), last.window.last]


def test_a_change_of_one_session_changes_no_other_event() -> None:
    new = replan(WEEKLY, Move(upkeep(1), WEEKLY.maintenance[0].day + 2 * DAY), now=BEFORE)
    assert [session.sequence for session in new.active] == [0] * 8 + [1, 0]


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


def test_a_refusal_of_a_change_that_need_not_explain_has_no_ways_out() -> None:
    ends = replace(WEEKLY.request, depart=MONDAY + 64 * DAY)
    conflicts = []
    for explains in (True, False):
        with pytest.raises(NoLegalPlan) as caught:
            replan(WEEKLY, Extend(3), now=BEFORE, request=ends, explains=explains)
        assert bool(caught.value.ways_out) == explains
        conflicts.append(caught.value.conflict)
    assert conflicts[0] == conflicts[1]


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


# ---------------------------------------------------------------- reasons, and causes that are gone

BLOCKED = MONDAY + 14 * DAY
NO_MONDAYS = ((), *HOURS[1:])
CAUSES: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "away": ({"away": (DateRange(BLOCKED, BLOCKED),)}, {"away": ()}),
    "closure": ({"closures": (DateRange(BLOCKED, BLOCKED),)}, {"closures": ()}),
    "closure that the clinic opens for": (
        {"closures": (DateRange(BLOCKED, BLOCKED),)},
        {"open_days": frozenset({BLOCKED})},
    ),
    "holiday": ({"holidays": ("JP",)}, {"holidays": ()}),
    "weekday": (
        {"closed_weekdays": frozenset({0}), "open_days": frozenset({MONDAY, MONDAY + 7 * DAY})},
        {"closed_weekdays": frozenset()},
    ),
    "weekday without hours": (
        {"opening_hours": NO_MONDAYS, "open_days": frozenset({MONDAY, MONDAY + 7 * DAY})},
        {"opening_hours": HOURS},
    ),
}
"""What blocks the preferred day of session 3, and what blocks it no more."""


def codes(session: Session) -> list[str]:
    return [reason.code.value for reason in session.reasons]


@pytest.mark.parametrize("cause", CAUSES)
def test_a_reason_goes_with_its_cause(cause: str) -> None:
    blocked, free = CAUSES[cause]
    before = plan(Request("contouring", MONDAY, sessions=4, maintenance_per_year=0, **blocked))  # type: ignore[arg-type]  # by name
    third = before.sessions[2]
    assert codes(third) not in ([], ["AGREED"])
    asked = replace(before.request, **free)  # type: ignore[arg-type]  # by name
    new = replan(before, Extend(0), now=BEFORE, request=asked)
    assert days_of(new) == days_of(before)
    assert codes(new.sessions[2]) == ["AGREED"]
    assert new.sessions[2].sequence == third.sequence


def test_a_reason_of_maintenance_goes_with_its_cause_whatever_is_said_of_the_course() -> None:
    due = WEEKLY.maintenance[0].day
    closed = replace(WEEKLY.request, closures=(DateRange(due, due),))
    before = plan(closed)
    assert codes(before.maintenance[0]) == ["CLOSURE"]
    for change in (Extend(0), Attend((course(1),))):
        new = replan(before, change, now=at(MONDAY), request=WEEKLY.request)
        assert new.maintenance[0].day == before.maintenance[0].day
        assert codes(new.maintenance[0]) == ["AGREED"]


def test_a_time_that_the_hours_asked_for_was_agreed_once_the_clinic_opens_earlier() -> None:
    afternoons = ((TimeRange(840, 1080),),) * 7
    before = plan(Request("contouring", MONDAY, opening_hours=afternoons))
    assert {code for each in before.active for code in codes(each)} == {"HOURS"}
    new = replan(
        before, Extend(0), now=BEFORE, request=replace(before.request, opening_hours=HOURS)
    )
    assert [each.start for each in new.active] == [each.start for each in before.active]
    assert [codes(each) for each in new.active] == [["AGREED"]] * len(new.active)


def test_a_reason_stays_as_long_as_its_cause_and_changes_no_event() -> None:
    away = DateRange(BLOCKED, BLOCKED)
    before = plan(Request("contouring", MONDAY, sessions=4, maintenance_per_year=0, away=(away,)))
    later = DateRange(MONDAY + 200 * DAY, MONDAY + 210 * DAY)
    new = replan(before, Extend(0), now=BEFORE, request=replace(before.request, away=(away, later)))
    assert codes(new.sessions[2]) == ["AWAY"]
    assert [each.sequence for each in new.sessions] == [each.sequence for each in before.sessions]
    # Another absence with the same day is another cause.
    longer = DateRange(BLOCKED - DAY, BLOCKED)
    new = replan(before, Extend(0), now=BEFORE, request=replace(before.request, away=(longer,)))
    assert new.sessions[2].reasons[0].cause == (longer,)
    assert new.sessions[2].sequence == before.sessions[2].sequence


def test_what_was_to_make_room_for_a_closure_was_agreed_once_the_closure_is_gone() -> None:
    closed = DateRange(MONDAY + 21 * DAY, MONDAY + 31 * DAY)
    asked = Request("contouring", MONDAY, sessions=5, maintenance_per_year=0, closures=(closed,))
    before = plan(asked)
    assert {code for each in before.sessions for code in codes(each)} == {"LOOK_AHEAD", "CLOSURE"}
    new = replan(before, Extend(0), now=BEFORE, request=replace(asked, closures=()))
    assert {code for each in new.sessions for code in codes(each)} == {"AGREED"}


def test_a_plan_says_no_more_that_it_is_late_or_short_once_the_cause_is_gone() -> None:
    closed = DateRange(MONDAY, MONDAY + 2 * DAY)
    slipped = plan(Request("hair", MONDAY, closures=(closed,), depart=MONDAY + 40 * DAY))
    said = {notice.code for notice in slipped.notices}
    assert {"START_SLIPPED", "FEWER_SESSIONS"} <= said
    same = replan(slipped, Cancel(upkeep(1)), now=BEFORE)
    assert said == {notice.code for notice in same.notices}
    free = replace(slipped.request, closures=(), depart=None)
    new = replan(slipped, Extend(0), now=BEFORE, request=free)
    assert not {"START_SLIPPED", "FEWER_SESSIONS"} & {notice.code for notice in new.notices}
    assert codes(new.sessions[0]) == []


# ---------------------------------------------------------------- several sessions missed at once


def test_sessions_missed_at_once_have_the_numbers_of_now_and_no_day_is_made_up_to_be_missed() -> (
    None
):
    names = (course(5), course(4), upkeep(2), course(4))
    new = replan(WEEKLY, Miss(course(3), others=names), now=BEFORE)
    missed = {each.uid for each in new.dropped if each.status is Status.MISSED}
    gone = (*WEEKLY.sessions[2:5], WEEKLY.maintenance[1])
    assert missed == {each.uid for each in gone} == {each.uid for each in new.dropped}
    assert {each.day for each in WEEKLY.sessions[5:]} <= set(days_of(new))
    assert not {each.day for each in gone} & {each.day for each in new.active}
    assert (len(new.sessions), len(new.maintenance)) == (8, 2)


def test_several_maintenance_sessions_are_missed_while_no_day_is_left_for_the_course() -> None:
    old, late = late_fortnightly()
    new = replan(old, Miss(upkeep(1), others=(upkeep(2),)), now=at(late))
    assert days_of(new) == days_of(old)
    assert [each.status for each in new.dropped] == [Status.MISSED] * 2
    assert [each.number for each in new.maintenance] == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        Miss(course(2), MONDAY + 9 * DAY, others=(course(3),)),
        Miss(course(2), others=(course(9),)),
        Miss(course(1), not_attended=True, others=(course(2),)),
        Miss(course(2), others=(course(1),)),
    ],
)
def test_several_are_not_put_on_one_day_nor_missed_where_one_can_not_be(change: Miss) -> None:
    with pytest.raises(InvalidInput):
        replan(attended(WEEKLY, 1), change, now=at(MONDAY))


def test_another_place_or_more_years_of_maintenance_are_another_revision_of_each_event() -> None:
    asked = replace(WEEKLY.request, location="Room 2, Park Road")
    moved = replan(WEEKLY, Replan(), now=BEFORE, request=asked)
    assert {each.sequence for each in moved.active} == {1}
    longer = replan(WEEKLY, Replan(), now=BEFORE, request=replace(WEEKLY.request, years=2))
    assert [each.sequence for each in longer.maintenance] == [1, 1, 0, 0]


def test_nothing_new_gives_the_plan_itself() -> None:
    assert replan(WEEKLY, Replan(), now=BEFORE) is WEEKLY


def test_a_late_session_that_was_missed_after_all_is_not_spoken_of_once_all_is_cancelled() -> None:
    last = WEEKLY.sessions[1].day
    now = at(last + 20 * DAY)
    done = replan(WEEKLY, Attend((course(1), course(2))), now=now)
    late = replan(done, Miss(course(3), late="ill", others=(course(4),)), now=now)
    after = at(late.sessions[2].day + DAY)
    ended = replan(late, Cancel(None), now=after)
    assert [notice.code for notice in ended.notices] == ["LATE"]
    missed = replan(ended, Miss(course(3)), now=after)
    assert missed.notices == ()


def test_a_weekday_is_a_reason_as_long_as_it_is_preferred() -> None:
    # Session 1 is on a Monday, and maintenance would be due on one.
    old = plan(Request("contouring", MONDAY, weekdays=frozenset({1})))
    codes = {reason.code for session in old.active for reason in session.reasons}
    assert codes == {ReasonCode.WEEKDAY}
    now = at(MONDAY + timedelta(days=1))
    absence = Away((DateRange(old.sessions[4].day, old.sessions[4].day),))
    still = replan(old, absence, now=now)
    assert still.sessions[1].reasons == old.sessions[1].reasons
    anyday = replace(old.request, weekdays=frozenset())
    new = replan(old, Replan(), now=now, request=anyday)
    assert {reason.code for each in new.active for reason in each.reasons} == {ReasonCode.AGREED}
    assert [each.day for each in new.maintenance] == [each.day for each in old.maintenance]
    assert {why.code for each in new.maintenance for why in each.reasons} == {ReasonCode.AGREED}
