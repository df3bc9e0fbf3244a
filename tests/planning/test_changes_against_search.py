"""Changes of plans, held against the slow search: days, identities, maintenance, refusals."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesoplan import InvalidInput, NoLegalPlan, Plan, Request, Session, plan
from mesoplan.model.changes import Attend, Cancel, Change, Extend, Keep, Miss, Move, Replan
from mesoplan.model.plan import SessionName, Status
from mesoplan.wording.plans import replan
from tests.examples import examples
from tests.instances_changes import (
    later_moment,
    random_absence,
    random_change,
    random_moment,
    random_plan,
    random_request_of,
)
from tests.oracle_changes import (
    Outcome,
    Refused,
    Replanned,
    Task,
    Unclear,
    every_beginning,
    every_rest,
    expected,
    months_after,
    protocol_phases,
    wanted_intervals,
    wrong_identities,
)

CHUNKS, PLANS_A_CHUNK, CHANGES_A_PLAN = 4, examples(18), 7
KEEPS: tuple[Keep, ...] = ("days", "days", "rhythm")


def course(number: int) -> SessionName:
    return SessionName("course", number)


def upkeep(number: int) -> SessionName:
    return SessionName("maintenance", number)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def minutes_of(session: Session) -> int:
    return int((session.end.astimezone(UTC) - session.start.astimezone(UTC)).seconds / 60)


def check_course(right: Replanned, old: Plan, change: Change, new: Plan) -> None:
    fact_days = [day for _, day in right.facts]
    days = [session.day for session in new.sessions]
    assert days == [*fact_days, *right.rest]
    assert [session.number for session in new.sessions] == list(range(1, len(days) + 1))
    assert all(session.kind == "course" for session in new.sessions)
    assert [minutes_of(session) for session in new.sessions] == [old.duration_minutes] * len(days)
    for (before, day), session in zip(right.facts, new.sessions, strict=False):
        attended = before.uid in right.attended
        assert session.status is (Status.ATTENDED if attended else before.status)
        if day == before.day and not (attended and isinstance(change, Attend) and change.clock):
            assert (session.start, session.end) == (before.start, before.end)
    planned = {session.day: session for session in right.planned}
    for session in new.sessions[len(right.facts) :]:
        assert session.status is Status.PLANNED
        if session.day == right.named_day:
            assert session.pinned or right.late is not None
            check_time_of_named(right, old, session)
        elif session.day in planned:
            agreed = planned[session.day]
            assert (session.start, session.end) == (agreed.start, agreed.end)
            assert session.pinned == agreed.pinned
        else:
            times = {each.day: each.start.time() for each in right.freed}
            assert session.start.time() == times.get(session.day, old.request.time_of_day)
            assert not session.pinned
    if right.total >= 0:
        assert new.total_sessions == right.total
        wanted = (None, *wanted_intervals(protocol_phases(new), right.total))
        first = len(right.facts)
        for session, preferred in zip(new.sessions[first:], wanted[first:], strict=True):
            assert session.preferred_interval_days == preferred
        for before, after in pairwise(new.sessions):
            assert after.interval_days == (after.day - before.day).days


def check_time_of_named(right: Replanned, old: Plan, session: Session) -> None:
    times = {old.request.time_of_day}
    if right.clock is not None:
        times = {right.clock}
    else:
        times |= {each.start.time() for each in right.planned if each.day == session.day}
        times |= set() if right.named is None else {right.named.start.time()}
    assert session.start.time() in times


def check_late(right: Replanned, new: Plan) -> None:
    if right.late is not None:
        (late,) = (session for session in new.sessions if session.day == right.late)
        assert late.late == right.reason
        assert "LATE" in {notice.code for notice in new.notices}


def check_upkeep(right: Replanned, old: Plan, new: Plan) -> None:
    left_out = set(range(1, old.maintenance_per_year * old.request.years + 1))
    left_out -= {item.session.number for item in right.upkeep}
    # One that found no day comes back when there is one, unless it is not wanted any more.
    given_up = (each for each in old.dropped if each.pinned or each.status is Status.MISSED)
    left_out -= {session.number for session in given_up if session.kind == "maintenance"}
    found = {each.number: each for each in new.maintenance if each.number not in left_out}
    expected_numbers = []
    for item in right.upkeep:
        session = found.get(item.session.number)
        assert (None if session is None else session.day) in item.days
        if session is None:
            continue
        expected_numbers.append(session.number)
        assert (session.uid == item.session.uid) != item.anew
        status = Status.PLANNED if item.anew else item.session.status
        attended = item.session.uid in right.attended
        assert session.status is (Status.ATTENDED if attended else status)
        if item.due is not None and session.day != item.session.day:
            assert session.due == item.due
        if session.day == item.session.day and right.clock is None:
            assert (session.start, session.end) == (item.session.start, item.session.end)
    assert sorted(found) == sorted(expected_numbers)


def outcome_of(
    old: Plan,
    change: Change,
    now: datetime,
    request: Request | None = None,
    keep: Keep = "days",
    *,
    explains: bool = False,
) -> Plan | InvalidInput | NoLegalPlan:
    try:
        return replan(old, change, now=now, request=request, keep=keep, explains=explains)
    except (InvalidInput, NoLegalPlan) as refusal:
        return refusal


def check(
    old: Plan,
    change: Change,
    now: datetime,
    request: Request | None = None,
    right: Outcome | None = None,
    keep: Keep = "days",
    *,
    explains: bool = False,
) -> tuple[str, Plan]:
    """Hold one change against the search; what came of it, and the plan to go on with."""
    right = right or expected(old, change, now, request, keeps_rhythm=keep == "rhythm")
    new = outcome_of(old, change, now, request, keep, explains=explains)
    if not isinstance(new, Plan):
        if isinstance(right, Unclear) or (isinstance(right, Replanned) and right.or_refused):
            return "unclear", old
        assert isinstance(right, Refused), f"{new}, but {right} is possible"
        if isinstance(new, InvalidInput):
            assert right.invalid, new
            return "invalid", old
        assert right.illegal, new
        assert right.code in {None, new.conflict.code}
        return "illegal", old
    if isinstance(right, Unclear):
        return "unclear", new
    assert isinstance(right, Replanned), f"{right}, not {[s.day for s in new.sessions]}"
    if new is old:
        assert right.rest == tuple(session.day for session in right.planned)
        return "nothing", old
    check_course(right, old, change, new)
    check_late(right, new)
    check_upkeep(right, old, new)
    assert list(wrong_identities(right, old, new)) == []
    assert new.revision == old.revision + 1
    assert new.cancelled == (isinstance(change, Cancel) and change.session is None)
    if new.sessions:
        assert new.stay is not None
        days = [session.day for session in new.sessions]
        assert (new.stay.arrive, new.stay.earliest_travel) == (
            days[0],
            days[-1] + timedelta(days=1),
        )
    else:
        assert new.stay is None
    return "late" if right.late else "done", new


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_changes_equal_those_of_the_exhaustive_search(chunk: int) -> None:
    random = Random(4608 + chunk)
    outcomes: Counter[str] = Counter()
    for number in range(PLANS_A_CHUNK):
        current = random_plan(random)
        now = random_moment(random, current)
        for step in range(CHANGES_A_PLAN):
            change = random_change(random, current, now)
            keep = random.choice(KEEPS)
            try:
                outcome, current = check(current, change, now, keep=keep, explains=chunk == 0)
            except AssertionError as wrong:
                story = f"chunk {chunk}, plan {number}, step {step}, now {now}: {change}, {keep}"
                days = [f"{each.day}{'*' * each.pinned}" for each in current.active]
                raise AssertionError(f"{story}\n{days}\n{current.request}\n{wrong}") from wrong
            outcomes[outcome] += 1
            now = later_moment(random, now)
    assert outcomes["done"] > PLANS_A_CHUNK
    assert outcomes["illegal"] > PLANS_A_CHUNK / 5
    assert outcomes["invalid"] > PLANS_A_CHUNK / 5
    assert outcomes["unclear"] < sum(outcomes.values()) / 5


@pytest.mark.parametrize("chunk", range(3))
def test_absences_and_other_requests_equal_the_exhaustive_search(chunk: int) -> None:
    random = Random(4300 + chunk)
    outcomes: Counter[str] = Counter()
    for number in range(PLANS_A_CHUNK):
        current = random_plan(random)
        now = random_moment(random, current)
        for step in range(CHANGES_A_PLAN):
            change, request = random_change(random, current, now), None
            if random.random() < 0.4:
                change = random_absence(random, current, now)
            elif random.random() < 0.8:
                change, request = Replan(), random_request_of(random, current, now)
            keep = random.choice(KEEPS)
            try:
                outcome, current = check(
                    current, change, now, request, keep=keep, explains=chunk == 0
                )
            except AssertionError as wrong:
                story = f"chunk {chunk}, plan {number}, step {step}, now {now}: {change}, {keep}"
                days = [f"{each.day}{'*' * each.pinned}" for each in current.active]
                raise AssertionError(f"{story}\n{days}\n{request}\n{wrong}") from wrong
            outcomes[outcome] += 1
            now = later_moment(random, now)
    assert outcomes["done"] > PLANS_A_CHUNK
    assert outcomes["illegal"] > PLANS_A_CHUNK / 5
    assert outcomes["unclear"] < sum(outcomes.values()) / 5


def test_a_course_that_is_cut_and_grows_equals_the_exhaustive_search() -> None:
    random = Random(4100)
    for _ in range(PLANS_A_CHUNK):
        current = random_plan(random)
        least = fewest_sessions(current)
        now = at(current.sessions[0].day - timedelta(days=5))
        for by in (least - current.total_sessions, 2, 2, 2):
            _, current = check(current, Extend(by), now)


def fewest_sessions(of: Plan) -> int:
    return 3 if of.request.protocol is None else of.request.protocol.limits.min_sessions


def test_a_session_that_came_early_equals_the_exhaustive_search() -> None:
    random = Random(4200)
    for k in range(PLANS_A_CHUNK):
        closed = frozenset(random.sample(range(7), random.randrange(3)))
        start = MONDAY + timedelta(days=k)
        current = plan(Request("wrinkles", start, closed_weekdays=closed, plan_id="00000000-tests"))
        before, session, *_ = current.sessions[random.randrange(2) :]
        now = at(session.day - timedelta(days=1), 5)
        for earlier in current.sessions[: before.number]:
            _, current = check(current, Attend((earlier.name,)), now)
        days = random.randint(1, (session.day - before.day).days - 1)
        check(current, Attend((session.name,), before.day + timedelta(days=days)), now)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    """Short rests, so that each of them can be looked at."""
    origin = date(2026, 3, 1)
    facts = draw(st.integers(0, 3))
    rest = draw(st.integers(1, 4))
    usable = draw(st.sets(st.integers(1, 60), min_size=4))
    days = st.sampled_from(sorted(usable)).map(lambda k: origin + timedelta(days=k))
    wanted = st.lists(st.integers(7, 14), min_size=facts + rest - 1, max_size=facts + rest - 1)
    least = draw(st.sampled_from([7, 7, 7, 9]))
    named = st.tuples(st.integers(facts + 1, facts + rest), days)
    return Task(
        facts=tuple(origin - timedelta(days=8 * k) for k in reversed(range(facts))),
        rest=rest,
        preferred=draw(wanted),
        legal=range(least, draw(st.sampled_from([15, 15, 15, 13]))),
        usable=lambda day: (day - origin).days in usable,
        firsts=[origin + timedelta(days=k) for k in range(1, 25)],
        agreed=draw(st.frozensets(days)),
        pinned=draw(st.frozensets(days, max_size=draw(st.sampled_from([0, 0, 1, 2])))),
        named=draw(st.one_of(st.none(), st.none(), named)),
        late=draw(st.one_of(st.none(), st.none(), days)) if facts else None,
        weekdays=draw(st.frozensets(st.integers(0, 6))),
        keeps_rhythm=draw(st.booleans()),
    )


@given(task=tasks())
@settings(max_examples=examples(20), deadline=None, derandomize=True)
def test_the_search_for_long_rests_equals_looking_at_each(task: Task) -> None:
    assert every_beginning(task) == every_rest(task)


def test_months_are_counted_from_the_day_and_roll_back() -> None:
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert months_after(date(2026, 12, 15), 12) == date(2027, 12, 15)


def test_maintenance_that_took_place_stays_when_the_course_grows() -> None:
    old = plan(Request("contouring", date(2026, 1, 5), maintenance_per_year=2))
    first, second = old.maintenance
    now = at(first.day + timedelta(days=1))
    done = replan(old, Attend((*map(course, range(1, 9)), upkeep(1))), now=now)
    assert [session.status for session in done.active] == [Status.ATTENDED] * 9 + [Status.PLANNED]
    assert done.maintenance[1].day == second.day
    with pytest.raises(NoLegalPlan):
        replan(done, Extend(1), now=now)


MONDAY = date(2026, 9, 7)


@pytest.mark.parametrize("change", [Extend(0), Attend(())])
def test_a_change_that_changes_nothing_is_refused(change: Change) -> None:
    with pytest.raises(InvalidInput):
        replan(plan(Request("contouring", MONDAY)), change, now=at(MONDAY))


def test_a_day_that_was_asked_for_is_never_left_out_of_account() -> None:
    old = plan(Request("contouring", MONDAY))
    now = at(MONDAY + timedelta(days=15))
    # Session 1 is past, and so are 2 and 3: the replacement is the third to come, not the first.
    asked = MONDAY + timedelta(days=17)
    new = outcome_of(old, Miss(course(1), asked), now)
    assert not isinstance(new, Plan) or asked in {session.day for session in new.sessions}


def test_a_session_put_off_to_a_day_that_is_agreed_leaves_that_day_its_appointment() -> None:
    old = plan(Request("contouring", MONDAY))
    fifth = old.sessions[4]
    new = replan(old, Miss(course(4), fifth.day), now=at(MONDAY))
    (on_that_day,) = (session for session in new.sessions if session.day == fifth.day)
    assert (on_that_day.uid, on_that_day.number, on_that_day.pinned) == (fifth.uid, 4, True)


@pytest.mark.parametrize("change", [Extend(1), Miss(course(2))])
def test_a_missed_day_that_was_asked_for_again_stays_as_it_is_fixed(change: Change) -> None:
    old = plan(Request("contouring", MONDAY))
    fifth = old.sessions[4]
    again = outcome_of(old, Miss(course(5), fifth.day), at(MONDAY))
    if isinstance(again, Plan):
        new = replan(again, change, now=at(MONDAY))
        assert fifth.day in {session.day for session in new.sessions if session.pinned}


def test_late_maintenance_survives_the_changes_that_follow() -> None:
    old = plan(Request("contouring", MONDAY, maintenance_per_year=2, years=2))
    now = at(old.maintenance[0].day + timedelta(days=20))
    new = replan(old, Miss(upkeep(1), late="ill"), now=now)
    after = replan(new, Cancel(upkeep(3)), now=now)
    assert after.maintenance[0] == new.maintenance[0]
    assert after.maintenance[0].late == "ill"


def test_intervals_follow_what_took_place_in_a_plan_that_is_cancelled_too() -> None:
    old = plan(Request("contouring", MONDAY))
    now = at(MONDAY + timedelta(days=8))
    ended = replan(old, Cancel(None), now=now)
    new = replan(ended, Attend((course(1),), MONDAY + timedelta(days=1)), now=now)
    assert [session.interval_days for session in new.sessions] == [None, 6]
    assert new.stay is not None
    assert new.stay.arrive == MONDAY + timedelta(days=1)


def test_maintenance_of_later_years_can_be_moved() -> None:
    old = plan(Request("contouring", MONDAY, maintenance_per_year=1, years=5))
    last = old.maintenance[-1]
    new = replan(old, Move(upkeep(5), last.day + timedelta(days=3)), now=at(MONDAY))
    assert new.maintenance[-1].day == last.day + timedelta(days=3)


def test_no_way_out_leads_back_to_a_missed_day() -> None:
    old = plan(Request("contouring", MONDAY))
    third = old.sessions[2]
    with pytest.raises(NoLegalPlan) as caught:
        replan(old, Miss(course(3), third.day - timedelta(days=1)), now=at(MONDAY))
    assert not [way for way in caught.value.ways_out if str(third.day) in str(way.change)]
