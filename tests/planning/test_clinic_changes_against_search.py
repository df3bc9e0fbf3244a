"""Changes of plans at clinics with practitioners, held against the slow search.

MESOPLAN_TIMES=100 looks at a hundred times as many plans.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from mesoplan import DateRange, Plan, Practitioner, Replan, Request, TimeRange, plan, replan
from mesoplan.model.changes import Change, Keep
from mesoplan.model.request import WeeklyHours
from tests.examples import examples
from tests.instances_changes import (
    random_absence,
    random_change,
    random_moment,
    random_request_of,
)
from tests.instances_clinic import Clinic, random_clinic_plan
from tests.oracle_clinic_changes import expected_at
from tests.planning.test_changes_against_search import KEEPS, check

MONDAY = date(2026, 12, 7)
PLANS, CHANGES_A_PLAN = examples(8), 6


def before_ten(random: Random, day: date, of: Plan) -> datetime:
    """A moment of that day before any session begins."""
    zone = ZoneInfo(of.request.timezone)
    return datetime.combine(day, time(random.randrange(10), random.choice([0, 30])), zone)


def asked_of(random: Random, current: Plan, clinic: Clinic, now: datetime) -> tuple[Change, Clinic]:
    """A change, and what is known of the clinic when it is made."""
    change, request = random_change(random, current, now), current.request
    draw = random.random()
    if draw < 0.15:
        change = random_absence(random, current, now)
    elif draw < 0.35:
        change, request = Replan(), random_request_of(random, current, now)
    elif draw < 0.5:
        who = random.choice(clinic.request.practitioners)
        change, request = Replan(), replace(request, practitioner=who.id)
    if getattr(change, "clock", None) is not None:
        change = change._replace(clock=None)  # type: ignore[call-arg]  # those that have one
    there = clinic.request
    if random.random() < 0.08:
        there = replace(there, practitioners=there.practitioners[1:])
    return change, clinic._replace(request=request.with_taken_of(there))


@pytest.mark.parametrize("chunk", range(2))
def test_changes_with_practitioners_equal_those_of_the_exhaustive_search(chunk: int) -> None:
    random = Random(8000 + chunk)
    outcomes: Counter[str] = Counter()
    for number in range(PLANS):
        current, clinic = random_clinic_plan(random)
        now = before_ten(random, random_moment(random, current).date(), current)
        for step in range(CHANGES_A_PLAN):
            change, (request, others) = asked_of(random, current, clinic, now)
            before = current.request.practitioner
            keep = random.choice(KEEPS)
            is_first = keep == "rhythm"
            right, who = expected_at(
                current, change, now, request, others or (), keeps_rhythm=is_first
            )
            try:
                outcome, current = check(current, change, now, request, right, keep)
                if outcome in {"done", "late"}:
                    assert current.request.practitioner == who
                elif outcome == "nothing":
                    assert who == before
            except AssertionError as wrong:
                story = f"chunk {chunk}, plan {number}, step {step}, now {now}: {change}, {keep}"
                days = [f"{each.day}{'*' * each.pinned}" for each in current.active]
                people = [each.id for each in request.practitioners]
                story += f"\n{days}\n{people}, {before} -> {who}"
                raise AssertionError(f"{story}\n{request}\n{wrong}") from wrong
            outcomes[outcome] += 1
            if before is None and current.request.practitioner is not None:
                outcomes["chosen"] += 1
            later = timedelta(days=random.choice([0, 0, 1, 5, 9, 16]))
            now = before_ten(random, now.date() + later, current)
    assert outcomes["done"] > PLANS
    assert outcomes["chosen"] > PLANS / 10
    assert outcomes["illegal"] > PLANS / 3
    assert outcomes["unclear"] < sum(outcomes.values()) / 5


def works_on(weekday: int) -> WeeklyHours:
    return tuple((TimeRange(540, 1080),) if day == weekday else () for day in range(7))


def test_to_keep_the_rhythm_the_one_with_even_intervals_treats() -> None:
    # Dr Ann, on Mondays, can't have the 14th: 14 days, then two agreed ones. Dr Ben has Tuesdays.
    old = plan(Request("contouring", MONDAY, sessions=4, maintenance_per_year=0))
    closed = (DateRange(MONDAY + timedelta(days=7), MONDAY + timedelta(days=7)),)
    ann, ben = Practitioner("ann", "Ann", works_on(0)), Practitioner("ben", "Ben", works_on(1))
    request = replace(old.request, practitioners=(ann, ben), closures=closed)
    now = datetime(2026, 12, 8, tzinfo=ZoneInfo("UTC"))
    right: dict[Keep, tuple[str, list[int]]] = {
        "days": ("ann", [21, 28, 4]),
        "rhythm": ("ben", [15, 22, 29]),
    }
    for keep, (who, days) in right.items():
        new = replan(old, Replan(), now=now, request=request, keep=keep)
        assert [each.day.day for each in new.sessions[1:]] == days
        assert new.request.practitioner == who
