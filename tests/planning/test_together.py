"""Many patients planned together: more have a course, nobody loses one, and no book is broken."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.util import find_spec
from itertools import count
from random import Random

import pytest

from mesoplan import (
    Bookings,
    BusySpan,
    InvalidInput,
    NoLegalPlan,
    Plan,
    Practitioner,
    Request,
    TimeRange,
    plan,
    plan_together,
)
from tests.bench.together import best, clinic
from tests.book_checker import Booked, Clinic, wrongs
from tests.examples import examples
from tests.planning.test_random_books import OPEN, TIMES, ZONE, diary, random_hours

START = date(2026, 9, 29)
ROUNDS = 25
HOUR = (TimeRange(600, 630),)


def booked(bookings: Bookings, found: Plan) -> None:
    spans = tuple(BusySpan(each.start, each.end) for each in found.active)
    bookings.book(found.id, spans, found.request.practitioner)


def in_turn(requests: Sequence[Request], order: Sequence[int], taken: Bookings) -> set[int]:
    """Who is served one after the other, each by the planner for one patient."""
    bookings, served = taken.copy(), set()
    for at in order:
        try:
            request = replace(requests[at], booked=bookings.around(requests[at].plan_id))
            booked(bookings, plan(request, explains=False))
            served.add(at)
        except NoLegalPlan:
            pass
    return served


def random_clinic(random: Random) -> tuple[Clinic, list[Request]]:
    """A small clinic with people, rooms and diaries, and too many patients."""
    people = tuple(
        Practitioner(
            name,
            f"Dr {name.title()}",
            random_hours(random) if random.random() < 0.5 else None,
            most_sessions_a_day=random.choice([None, 2]),
            busy=(diary(random, name, 0.3),) if random.random() < 0.5 else (),
        )
        for name in ("ann", "ben")[: random.choice([0, 1, 2, 2])]
    )
    busy, laser = diary(random, "clinic", 0.15), diary(random, "laser", 0.3)
    rooms, most = random.choice([1, 1, 2]), random.choice([None, 3])
    known = Clinic(ZONE, rooms, people, busy.spans, laser.spans, most)

    def request(number: int) -> Request:
        start = START + timedelta(days=random.randrange(8))
        end = start + timedelta(days=random.choice([30, 40]))
        return Request(
            random.choice(["hair", "fat"]),
            start,
            sessions=random.choice([3, 4]),
            interval_days=random.choice([None, 7, 10]),
            maintenance_per_year=random.choice([0, 1, None]),
            finish_by=random.choice([None, end]),
            flex_days=random.choice([0, 0, 20]),
            time_of_day=random.choice(TIMES),
            duration_minutes=random.choice([30, 45, 120]),
            timezone=ZONE,
            opening_hours=(OPEN[:1], OPEN[1:], (), OPEN, (), (), ()),
            rooms=rooms,
            busy=(busy,),
            room_busy=(laser,),
            practitioners=people,
            practitioner=random.choice([None, None, people[0].id]) if people else None,
            most_sessions_a_day=most,
            plan_id=f"patient-{number}",
        )

    return known, [request(number) for number in range(12)]


@pytest.mark.parametrize("seed", range(examples(2)))
def test_nobody_loses_a_course_and_each_has_the_best_one_beside_the_others(seed: int) -> None:
    random = Random(seed)
    known, requests = random_clinic(random)
    taken = Bookings("book")
    booked(taken, plan(replace(requests[0], booked=taken.around("nobody-0"))))
    there, new = taken._spans[requests[0].plan_id], requests[1:]
    priorities = [random.choice([0, 0, 0, 2, -1]) for _ in new]
    found = plan_together(new, taken, priorities=priorities, rounds=ROUNDS)
    again = plan_together(new, taken, priorities=priorities, rounds=ROUNDS)
    assert found == again
    assert taken._spans == {requests[0].plan_id: there}

    order = sorted(range(len(new)), key=lambda at: (-priorities[at], at))
    first_come = in_turn(new, order, taken)
    served = {at for at, each in enumerate(found.plans) if each is not None}
    assert found.first_come == len(first_come)
    assert first_come <= served

    plans = [each for each in found.plans if each is not None]
    sessions = [
        Booked(each.start, each.end, one.request.practitioner)
        for one in plans
        for each in one.active
    ]
    sessions += [Booked(*span, taken._practitioners[requests[0].plan_id]) for span in there]
    assert list(wrongs(known, sessions)) == []

    bookings = taken.copy()
    for each in plans:
        booked(bookings, each)
    for request, made in zip(new, found.plans, strict=True):
        beside = replace(request, booked=bookings.around(request.plan_id))
        if made is None:
            with pytest.raises(NoLegalPlan):
                plan(beside, explains=False)
            continue
        assert made.request == replace(request, practitioner=made.request.practitioner)
        try:
            alone = plan(beside, explains=False)
        except NoLegalPlan:
            # An earlier day is free by now, and no course begins there.
            late = (made.sessions[0].day - (beside.start or START)).days
            alone = plan(replace(beside, flex_days=late))
        assert replace(alone, request=made.request) == made


def one_a_day(number: int, depart: date | None = None) -> Request:
    """A patient of a clinic that has one slot each weekday."""
    return Request(
        "hair",
        date(2026, 12, 1),
        sessions=3,
        depart=depart,
        maintenance_per_year=0,
        opening_hours=(*(HOUR,) * 5, (), ()),
        plan_id=f"patient-{number}",
    )


HOME = date(2026, 12, 16)


def days(found: Sequence[Plan | None]) -> list[list[int] | None]:
    return [
        None if each is None else [session.day.day for session in each.sessions] for each in found
    ]


def test_who_can_come_on_other_days_makes_room_for_who_can_not() -> None:
    found = plan_together([one_a_day(1), one_a_day(2, HOME), one_a_day(3, HOME)])
    assert days(found.plans) == [[2, 9, 16], [1, 8, 15], None]
    assert found.first_come == 1


def test_who_is_served_in_turn_never_makes_way_for_two_others() -> None:
    long = replace(one_a_day(1, date(2027, 1, 6)), sessions=6, interval_days=7)
    later = replace(one_a_day(3, date(2027, 1, 6)), start=date(2026, 12, 22))
    found = plan_together([long, one_a_day(2, HOME), later])
    assert days(found.plans) == [[1, 8, 15, 22, 29, 5], None, None]
    # The other way round both come first.
    found = plan_together([one_a_day(2, HOME), later, long])
    assert days(found.plans) == [[1, 8, 15], [22, 29, 5], None]


def test_a_higher_priority_comes_first() -> None:
    requests = [one_a_day(1, HOME), one_a_day(2, HOME), one_a_day(3)]
    assert days(plan_together(requests).plans) == [[1, 8, 15], None, [2, 9, 16]]
    found = plan_together(requests, priorities=[0, 3, 0])
    assert days(found.plans) == [None, [1, 8, 15], [2, 9, 16]]


def test_without_rounds_it_is_first_come_first_served() -> None:
    found = plan_together([one_a_day(1), one_a_day(2, HOME)], rounds=0)
    assert (found.first_come, found.rounds) == (1, 0)
    assert days(found.plans) == [[1, 8, 15], None]


def test_what_was_found_before_it_stops_is_the_answer() -> None:
    asked = count()
    requests = clinic(12, 1, 1).requests
    found = plan_together(requests, stops=lambda: next(asked) == 3)
    assert (found.rounds, found.stopped) == (4, True)
    assert sum(each is not None for each in found.plans) >= found.first_come
    whole = plan_together(requests, rounds=4)
    assert (whole.plans, whole.stopped) == (found.plans, False)


def test_how_much_is_done_is_told() -> None:
    told: list[tuple[int, int]] = []
    requests = clinic(5, 1, 1).requests
    plan_together(requests, rounds=7, progress=lambda done, of: told.append((done, of)))
    assert told == [(done, 12) for done in range(1, 13)]


def test_a_request_that_no_plan_can_have_is_refused() -> None:
    with pytest.raises(InvalidInput):
        plan_together([one_a_day(1), Request("hair")])


def test_the_same_course_of_a_patient_is_planned_once_unless_another_is_meant() -> None:
    ana = [replace(one_a_day(at), patient="Ana") for at in (1, 2)]
    assert days(plan_together(ana).plans) == [[1, 8, 15], None]
    another = replace(ana[1], another=True)
    assert days(plan_together([ana[0], another]).plans) == [[1, 8, 15], [2, 9, 16]]
    impossible = replace(ana[0], depart=date(2026, 12, 5))
    assert days(plan_together([impossible, ana[1]]).plans) == [None, [1, 8, 15]]


def test_what_does_not_go_together_is_refused() -> None:
    request, taken = one_a_day(1), Bookings("book")
    for requests, options in (
        ([request, request], {}),
        ([replace(request, booked=taken.around("nobody-0"))], {}),
        ([request], {"priorities": [1, 2]}),
        ([request], {"rounds": -1}),
    ):
        with pytest.raises(InvalidInput):
            plan_together(requests, **options)
    booked(taken, plan(request))
    with pytest.raises(InvalidInput):
        plan_together([request], taken)


def test_existing_plans_never_move() -> None:
    taken = Bookings("book")
    begin = datetime.combine(date(2026, 12, 1), time(10), UTC)
    spans = tuple(
        BusySpan(each, each + timedelta(minutes=30))
        for each in (begin + timedelta(days=7 * week) for week in range(3))
    )
    taken.book("there-already", spans)
    found = plan_together([one_a_day(1), one_a_day(2, HOME)], taken)
    assert days(found.plans) == [[2, 9, 16], None]


@pytest.mark.skipif(find_spec("ortools") is None, reason="ortools is not here: the extra “bench”")
@pytest.mark.parametrize("seed", range(examples(1)))
@pytest.mark.parametrize("practitioners", [1, 2])
def test_never_more_are_served_than_can_be(seed: int, practitioners: int) -> None:
    asked = clinic(7, practitioners, 1, seed=seed, load=2.0)
    found = plan_together(asked.requests, rounds=100)
    served = sum(each is not None for each in found.plans)
    assert found.first_come <= served <= best(asked, 5).at_most
