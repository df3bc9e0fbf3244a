"""The best days for one session, held against the slow search on every day that it might have."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from mesoplan import Attend, DateRange, Miss, Plan, Request, Session, plan, replan
from mesoplan.model.changes import Keep, Move
from mesoplan.wording.plans import offers
from tests.examples import examples
from tests.instances_changes import random_moment, random_plan
from tests.oracle_changes import (
    Replanned,
    Task,
    Unclear,
    expected,
    protocol_phases,
    wanted_intervals,
)
from tests.planning.test_changes_against_search import KEEPS

DAYS_AROUND = 60


def right_days(of: Plan, session: Session, now: datetime, keep: Keep) -> list[date] | None:
    """The best three days, by trying each; None where the rules don't say what comes of one."""
    found = []
    for off in range(-DAYS_AROUND, DAYS_AROUND + 1):
        day = session.day + timedelta(days=off)
        if not off or day < now.date():
            continue
        outcome = expected(of, Move(session.name, day), now, keeps_rhythm=keep == "rhythm")
        if isinstance(outcome, Unclear) or getattr(outcome, "or_refused", False):
            return None
        if isinstance(outcome, Replanned):
            if any(len(item.days) > 1 or None in item.days for item in outcome.upkeep):
                return None
            found.append((rank(of, outcome, keep), day))
    return [day for _, day in sorted(found)[:3]]


def rank(of: Plan, outcome: Replanned, keep: Keep) -> tuple[object, ...]:
    """What the best has least: dates that are new to the patient, then what makes a course best."""
    agreed = {each.day for each in of.sessions}
    new = sum(day not in agreed for day in outcome.rest)
    new += sum(item.days != {item.session.day} for item in outcome.upkeep)
    task = Task(
        facts=tuple(day for _, day in outcome.facts),
        rest=len(outcome.rest),
        preferred=wanted_intervals(protocol_phases(of), outcome.total),
        legal=range(7, 15),
        usable=lambda _: True,
        firsts=(),
        agreed=frozenset(agreed),
        weekdays=of.request.weekdays,
        keeps_rhythm=True,
    )
    squares, _, others, *last = task.order(outcome.rest)
    return (squares if keep == "rhythm" else 0, new, others, squares, *last)


def test_the_best_three_days_are_those_of_trying_each() -> None:
    random, compared, fewer = Random(4700), 0, 0
    while compared < examples(2):
        current = random_plan(random)
        now = random_moment(random, current)
        keep = random.choice(KEEPS)
        to_come = [each for each in current.sessions if not each.is_past(now)]
        if not to_come:
            continue
        session = random.choice(to_come)
        right = right_days(current, session, now, keep)
        if right is None:
            continue
        found = offers(current, session.name, now=now, keep=keep)
        assert [move.day for move, _ in found] == right, (current.request, session, now, keep)
        compared, fewer = compared + 1, fewer + (len(right) < 3)
    assert fewer < compared


MONDAY = date(2026, 12, 7)


def test_maintenance_goes_to_the_nearest_days_and_to_the_preferred_weekday_first() -> None:
    current = plan(Request("contouring", MONDAY, weekdays=frozenset({1})))
    first = current.maintenance[0]
    found = offers(current, first.name, now=datetime(2026, 12, 1, tzinfo=UTC))
    # It is due on Monday 26 July, and on Tuesday the 27th.
    assert [(move.day.month, move.day.day) for move, _ in found] == [(7, 20), (8, 3), (7, 13)]
    assert {after.sessions for _, after in found} == {current.sessions}


def test_a_session_that_took_place_or_has_no_other_day_gets_no_offer() -> None:
    closed = DateRange(date(2026, 12, 1), date(2027, 12, 31))
    opened = frozenset(MONDAY + timedelta(days=7 * k) for k in range(8))
    asked = Request("contouring", MONDAY, closures=(closed,), open_days=opened, years=1)
    current = plan(replace(asked, maintenance_per_year=0))
    now = datetime(2026, 12, 8, tzinfo=UTC)
    assert [len(offers(current, each.name, now=now)) for each in current.sessions] == [0] * 8


def test_a_late_session_is_offered_the_next_open_days() -> None:
    current = plan(Request("contouring", MONDAY, closed_weekdays=frozenset({6})))
    now = datetime(2026, 12, 24, tzinfo=UTC)
    done = replan(current, Attend((current.sessions[0].name,)), now=now)
    missed = replan(
        done, Miss(done.sessions[1].name, late="ill", others=(done.sessions[2].name,)), now=now
    )
    found = offers(missed, missed.sessions[1].name, now=now, late="ill")
    assert [move.day.day for move, _ in found] == [25, 26, 28]
    assert not offers(missed, missed.sessions[1].name, now=now)
