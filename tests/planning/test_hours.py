"""Opening hours, slots, rooms and busy times: against the slow search, and case by case."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from mesoplan import (
    BusyCalendar,
    BusySpan,
    DateRange,
    NoLegalPlan,
    Plan,
    Request,
    Session,
    TimeRange,
    plan,
)
from mesoplan.dates.times import MORNING, time_range
from mesoplan.dates.zones import find_zone
from mesoplan.model.plan import ReasonCode
from mesoplan.model.request import WeeklyHours
from mesoplan.wording.reasons import reason_text
from tests.examples import examples
from tests.instances_hours import days_of_change, random_request
from tests.oracle import days_after
from tests.oracle_hours import MINUTE, Oracle, busy_spans

TODAY = date(2025, 6, 1)
CHUNKS, CHUNK_SIZE = 4, examples(60)


# Against the slow search


def found_or_refused(request: Request) -> Plan | None:
    """The plan, or None. Ways out take long to find; they have a test of their own."""
    try:
        return plan(request, not_before=TODAY, explains=False)
    except NoLegalPlan:
        return None


def planned(random: Random, count: int) -> Iterator[tuple[Plan, Oracle]]:
    """Plans for random requests, those that have none left out."""
    while count:
        request = random_request(random)
        found = found_or_refused(request)
        if found is not None:
            yield found, Oracle(request)
            count -= 1


def moments(sessions: tuple[Session, ...]) -> list[tuple[str, str]]:
    """When sessions begin and end, with the offset from UTC, which a comparison would ignore."""
    return [(session.start.isoformat(), session.end.isoformat()) for session in sessions]


def expected_moments(request: Request) -> list[tuple[str, str]] | None:
    slots = Oracle(request).expected()
    if slots is None:
        return None
    return [(slot.begin.isoformat(), slot.end.isoformat()) for slot in slots]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_days_times_and_refusals_equal_those_of_the_exhaustive_search(chunk: int) -> None:
    random = Random(chunk)
    refused = off_time = on_a_change = 0
    for _ in range(CHUNK_SIZE):
        request = random_request(random)
        found = found_or_refused(request)
        expected = expected_moments(request)
        assert (None if found is None else moments(found.sessions)) == expected, request
        if found is None:
            refused += 1
            continue
        asked = request.time_of_day
        off_time += any(session.start.time() != asked for session in found.sessions)
        changes = days_of_change(request.timezone)
        on_a_change += any(session.day in changes for session in found.sessions)
    # The instances are as hard as they are meant to be.
    assert CHUNK_SIZE / 5 < refused < CHUNK_SIZE * 4 / 5
    assert off_time > CHUNK_SIZE / 5
    assert on_a_change > CHUNK_SIZE / 50


@pytest.mark.parametrize("chunk", range(2))
def test_every_way_out_of_a_refusal_is_a_plan_and_the_best_one(chunk: int) -> None:
    random = Random(200 + chunk)
    refused = ways = 0
    while refused < examples(2):
        request = random_request(random)
        if found_or_refused(request) is not None:
            continue
        with pytest.raises(NoLegalPlan) as refusal:
            plan(request, not_before=TODAY)
        refused += 1
        for way in refusal.value.ways_out:
            changed = replace(request, **way.change)
            again = plan(changed, not_before=TODAY)
            assert moments(again.sessions) == expected_moments(changed), way
            ways += 1
    assert ways


def test_the_slow_search_finds_the_best_of_every_single_course() -> None:
    random = Random(300)
    compared = 0
    while compared < examples(10):
        request = replace(random_request(random), sessions=3)
        oracle = Oracle(request)
        for first in oracle.firsts():
            assert oracle.every_prefix(first) == oracle.every_course(first)
            compared += 1


def test_a_session_lies_within_the_hours_and_has_a_room_every_minute() -> None:
    for found, oracle in planned(Random(400), examples(10)):
        request = found.request
        for session in found.sessions:
            assert session.start.tzinfo == session.end.tzinfo == find_zone(request.timezone)
            assert session.end.astimezone(UTC) - session.start.astimezone(UTC) == (
                oracle.length * MINUTE
            )
            if not oracle.at_one_time:
                assert any(
                    shown_minutes(session.start, session.day) in opening.begins
                    and shown_minutes(session.end, session.day) <= opening.closes
                    for opening in oracle.openings(session.day)
                )
            spans = [
                span
                for span in busy_spans(request)
                if span.start < session.end.astimezone(UTC) and span.end > session.start
            ]
            for k in range(oracle.length):
                minute = session.start.astimezone(UTC) + k * MINUTE
                taken = [s for s in spans if s.start < minute + MINUTE and s.end > minute]
                assert len(taken) < request.rooms


def shown_minutes(moment: datetime, day: date) -> int:
    shown = moment.replace(tzinfo=None)
    return (shown - datetime.combine(day, time())) // MINUTE


def test_intervals_keep_the_clinics_limits_and_windows_hold_the_days_that_have_a_free_slot() -> (
    None
):
    for found, oracle in planned(Random(500), examples(10)):
        assert oracle.request.start is not None
        days = [session.day for session in found.sessions]
        for before, after in pairwise(days):
            assert (after - before).days in oracle.legal_intervals
        for index, session in enumerate(found.sessions):
            movable = []
            for shift in range(-14, 15):
                moved = [*days[:index], days_after(days[index], shift), *days[index + 1 :]]
                legal = all((b - a).days in oracle.legal_intervals for a, b in pairwise(moved))
                if (
                    legal
                    and moved[index] >= oracle.request.start
                    and oracle.best_slot(moved[index])
                ):
                    movable.append(moved[index])
            assert session.window == DateRange(movable[0], movable[-1])


@pytest.mark.parametrize("chunk", range(2))
def test_a_session_has_reasons_if_and_only_if_its_day_or_its_time_is_not_the_preferred(
    chunk: int,
) -> None:
    for found, oracle in planned(Random(600 + chunk), examples(20)):
        taken_code = ReasonCode.BUSY if oracle.request.rooms == 1 else ReasonCode.CAPACITY
        preferred_day = oracle.request.start
        for session in found.sessions:
            if session.preferred_interval_days is not None:
                before = found.sessions[session.number - 2].day
                preferred_day = days_after(before, session.preferred_interval_days)
            of_time = [reason for reason in session.reasons if reason.days == (session.day,)]
            of_day = [reason for reason in session.reasons if reason.days != (session.day,)]
            assert bool(of_day) == (session.day != preferred_day)
            assert {reason.code for reason in of_time} == set(
                codes_for_time(oracle, session.day, taken_code)
            )
            for reason in of_day:
                no_course_from_there = session.number == 1 and reason.code is ReasonCode.LOOK_AHEAD
                for day in reason.days:
                    if reason.code is ReasonCode.WEEKDAY:
                        assert oracle.is_other(day)
                    else:
                        assert (oracle.best_slot(day) is not None) == no_course_from_there


def codes_for_time(oracle: Oracle, day: date, taken_code: ReasonCode) -> Iterator[ReasonCode]:
    """Why the time of a session is not the preferred one: by the hours, or what is busy."""
    if oracle.at_one_time or isinstance(oracle.request.time_of_day, TimeRange):
        return
    nearest = next(oracle.slots(day))
    if nearest.minutes_off:
        yield ReasonCode.HOURS
    if oracle.best_slot(day) != nearest:
        yield taken_code


# Case by case

MONDAY = date(2026, 1, 5)


def hours(**weekdays: str) -> WeeklyHours:
    """Weekly hours: hours(mon="9:00-12:00 14:00-18:00"); a weekday left out is closed."""
    return tuple(
        tuple(time_range("hours", span) for span in weekdays.get(weekday, "").split())
        for weekday in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    )


def daily(spans: str) -> WeeklyHours:
    return hours(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), spans))


def busy(name: str, *spans: tuple[str, str]) -> BusyCalendar:
    """A busy calendar; its times are in UTC unless they say otherwise."""
    return BusyCalendar(name, tuple(BusySpan(moment(start), moment(end)) for start, end in spans))


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def course(start: date = MONDAY, **fields: Any) -> Plan:
    """A weekly course of three sessions of 30 minutes, at 10:00 UTC unless said otherwise."""
    request = Request("cellulite", start, sessions=3, maintenance_per_year=0, duration_minutes=30)
    return plan(replace(request, **fields), not_before=TODAY)


def begins(found: Plan) -> list[str]:
    return [f"{session.start:%d %b %H:%M}" for session in found.sessions]


def first_begin(**fields: Any) -> str:
    return begins(course(**fields))[0]


def first_reasons(**fields: Any) -> list[tuple[str, str]]:
    return [
        (reason.code.value, reason_text(reason)) for reason in course(**fields).sessions[0].reasons
    ]


def test_on_a_day_of_a_change_of_clocks_busy_times_are_written_as_the_clock_shows_them() -> None:
    fields: dict[str, Any] = {
        "start": date(2026, 10, 25),
        "timezone": "Europe/Paris",
        "opening_hours": daily("9:00-18:00"),
    }
    morning = busy("doctor.ics", ("2026-10-25T09:50+01:00", "2026-10-25T10:40+01:00"))
    assert first_reasons(**fields, busy=(morning,)) == [
        ("BUSY", "at 10:00 doctor.ics is busy 09:50–10:40")
    ]
    # That day has 25 hours.
    until = busy("doctor.ics", ("2026-10-25T00:00+02:00", "2026-10-25T23:00+01:00"))
    assert first_reasons(**fields, busy=(until,))[0][1].endswith("is busy 00:00–23:00")
    all_day = busy("doctor.ics", ("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"))
    assert first_reasons(**fields, busy=(all_day,))[0][1].endswith("is busy all day")


def test_in_nuuk_a_day_that_skips_the_preferred_time_is_used_at_another() -> None:
    # On Saturday 27 March 2027 clocks go from 23:00 to midnight.
    found = course(
        date(2027, 3, 20),
        timezone="America/Nuuk",
        opening_hours=daily("20:00-24:00"),
        time_of_day=time(23),
    )
    assert begins(found) == ["20 Mar 23:00", "27 Mar 22:30", "03 Apr 23:00"]


def test_of_a_day_on_which_the_clinic_is_closed_nothing_is_said_about_busy_times() -> None:
    doctor = busy("doctor.ics", ("2026-01-05T00:00", "2026-01-06T00:00"))
    reasons = first_reasons(
        opening_hours=daily("9:00-18:00"), closures=(DateRange(MONDAY, MONDAY),), busy=(doctor,)
    )
    assert [code for code, _ in reasons] == ["CLOSURE"]


def test_a_range_of_times_holds_the_whole_session_over_a_change_of_clocks() -> None:
    fields: dict[str, Any] = {
        "timezone": "Europe/Paris",
        "opening_hours": hours(sun="0:00-8:00"),
        "time_of_day": TimeRange(60, 180),
        "duration_minutes": 90,
        "slot_minutes": 30,
    }
    # From 01:00 to 03:00 is one hour on 29 March …
    spring = course(date(2026, 3, 29), **fields)
    assert begins(spring)[0] == "05 Apr 01:00"
    assert (spring.sessions[0].reasons[0].code, reason_text(spring.sessions[0].reasons[0])) == (
        ReasonCode.HOURS,
        "Sun 29 Mar 2026: the clinic is open 00:00–08:00 on Sundays, so 90 minutes don't fit from "
        "01:00 to 03:00 while the clocks change",
    )
    # … and three on 25 October: 90 minutes from the first 02:30 end at 03:00.
    doctor = busy("doctor.ics", ("2026-10-25T01:00+02:00", "2026-10-25T02:30+02:00"))
    autumn = course(date(2026, 10, 25), **fields, busy=(doctor,))
    assert begins(autumn) == ["25 Oct 02:30", "01 Nov 01:00", "08 Nov 01:00"]
    assert autumn.sessions[0].end.isoformat() == "2026-10-25T03:00:00+01:00"


def test_a_session_does_not_cross_closing_time() -> None:
    fields: dict[str, Any] = {
        "opening_hours": daily("9:00-12:00 14:00-18:00"),
        "time_of_day": time(17, 45),
    }
    assert first_begin(**fields) == "05 Jan 17:30"
    assert first_reasons(**fields) == [
        (
            "HOURS",
            "the clinic is open 09:00–12:00 and 14:00–18:00 on Mondays, so 30 minutes from 17:45 "
            "don't fit",
        )
    ]
    # Nor the pause at noon; of two slots that are equally near the earlier is taken.
    fields["time_of_day"] = time(12, 45)
    assert first_begin(**fields) == "05 Jan 11:30"


def test_a_preferred_time_that_the_clocks_skip_has_that_as_its_reason() -> None:
    found = course(
        date(2027, 3, 14),
        opening_hours=hours(sun="0:00-6:00"),
        slot_minutes=30,
        time_of_day=time(2, 15),
        timezone="Europe/Paris",
    )
    assert reason_text(found.sessions[0].reasons[0]) == "sessions begin every 30 minutes from 00:00"
    spring = course(
        date(2027, 3, 28),
        opening_hours=hours(sun="0:00-6:00"),
        time_of_day=time(2),
        timezone="Europe/Paris",
    )
    assert [reason_text(reason) for reason in spring.sessions[0].reasons] == [
        "the clocks skip 02:00"
    ]


def test_an_open_day_on_a_weekday_without_hours_has_the_usual_ones() -> None:
    tuesdays = hours(tue="14:00-16:00")
    fields: dict[str, Any] = {"opening_hours": tuesdays, "time_of_day": time(8)}
    assert first_begin(**fields) == "06 Jan 14:00"
    assert first_begin(**fields, open_days=frozenset({MONDAY})) == "05 Jan 08:00"
    # So it has on a day of a change of clocks, and its reason says so.
    changed: dict[str, Any] = {
        "start": date(2026, 3, 29),
        "timezone": "Europe/Paris",
        "open_days": frozenset({date(2026, 3, 29)}),
        "opening_hours": tuesdays,
    }
    assert first_begin(**changed) == "29 Mar 10:00"
    too_long = {**changed, "time_of_day": MORNING, "duration_minutes": 200}
    with pytest.raises(NoLegalPlan, match="are kept within 09:00–12:00, so 200 minutes don't fit"):
        course(**too_long, sessions=3)
    # On a weekday that has hours an open day keeps them.
    closed = {
        **fields,
        "closed_weekdays": frozenset({1}),
        "open_days": frozenset({days_after(MONDAY, 1)}),
    }
    with pytest.raises(NoLegalPlan):
        course(**closed)
    every = frozenset(days_after(MONDAY, k) for k in (1, 8, 15))
    assert first_begin(**{**closed, "open_days": every}) == "06 Jan 14:00"


def test_with_both_rooms_taken_the_session_moves_and_the_reason_says_how_many() -> None:
    doctor = busy("doctor.ics", ("2026-01-05T09:00", "2026-01-05T10:20"))
    nurse = busy("nurse.ics", ("2026-01-05T10:10", "2026-01-05T11:00"))
    fields: dict[str, Any] = {"rooms": 2, "room_busy": (doctor, nurse)}
    assert first_begin(**fields) == "05 Jan 09:30"
    assert first_reasons(**fields) == [
        ("CAPACITY", "at 10:00 both rooms are taken 10:10–10:20 (doctor.ics, nurse.ics)")
    ]
    third = busy("laser.ics", ("2026-01-05T08:00", "2026-01-05T12:00"))
    fields = {"rooms": 3, "room_busy": (doctor, nurse, third)}
    assert first_reasons(**fields) == [
        (
            "CAPACITY",
            "at 10:00 all 3 rooms are taken 10:10–10:20 (doctor.ics, nurse.ics, laser.ics)",
        )
    ]


def test_a_reason_for_taken_rooms_names_the_time_and_the_calendars_that_matter() -> None:
    doctor = busy(
        "doctor.ics",
        ("2026-01-05T10:00", "2026-01-05T10:20"),
        ("2026-01-05T14:00", "2026-01-05T15:00"),
    )
    nurse = busy(
        "nurse.ics",
        ("2026-01-05T10:10", "2026-01-05T10:20"),
        ("2026-01-05T14:00", "2026-01-05T15:00"),
    )
    # While this one takes a room, the other is free.
    laser = busy("laser.ics", ("2026-01-05T10:20", "2026-01-05T11:00"))
    assert first_reasons(rooms=2, room_busy=(doctor, nurse, laser)) == [
        ("CAPACITY", "at 10:00 both rooms are taken 10:10–10:20 (doctor.ics, nurse.ics)")
    ]


def test_a_day_that_is_taken_altogether_is_no_day_and_its_reason_names_it() -> None:
    all_day = busy("doctor.ics", ("2026-01-05T00:00", "2026-01-06T00:00"))
    assert first_begin(busy=(all_day,)) == "06 Jan 10:00"
    assert first_reasons(busy=(all_day,)) == [
        ("BUSY", "Mon 5 Jan 2026: doctor.ics is busy all day")
    ]
    # From 18:00 the day before until 17:31 no half hour is left in the usual hours.
    night = busy("doctor.ics", ("2026-01-04T18:00", "2026-01-05T17:31"))
    assert first_begin(busy=(night,)) == "06 Jan 10:00"
    assert first_reasons(busy=(night,)) == [
        ("BUSY", "Mon 5 Jan 2026: doctor.ics is busy 00:00–17:31")
    ]
    evening = busy("doctor.ics", ("2026-01-05T08:00", "2026-01-06T06:00"))
    assert first_reasons(busy=(evening,)) == [
        ("BUSY", "Mon 5 Jan 2026: doctor.ics is busy 08:00–24:00")
    ]
    assert first_begin(busy=(busy("a", ("2026-01-04T18:00", "2026-01-05T17:30")),)) == (
        "05 Jan 17:30"
    )
