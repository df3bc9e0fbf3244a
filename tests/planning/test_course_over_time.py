"""Any sequence of changes, on any plan, with time passing, keeps what a plan promises.

MESOPLAN_TIMES=100 looks at a hundred times as many stories, each time at others.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mesoplan import (
    DateRange,
    InvalidInput,
    Limits,
    NoLegalPlan,
    Phase,
    Plan,
    Protocol,
    Request,
    TimeRange,
    plan,
)
from mesoplan.model.changes import Attend, Away, Cancel, Change, Extend, Miss, Move, Replan
from mesoplan.model.plan import Session, SessionName, Status
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.wording.plans import replan
from tests.examples import IN_THE_SUITE, examples
from tests.oracle import is_usable
from tests.oracle_changes import months_after, protocol_phases, serial, wanted_intervals

ORIGIN = date(2026, 3, 2)

days_near = st.integers(-12, 20)
clocks = st.one_of(st.none(), st.none(), st.sampled_from([time(9), time(11, 30), time(15, 15)]))
reasons = st.one_of(st.none(), st.none(), st.none(), st.just("ill"))
positions = st.integers(0, 30)
ranges = st.builds(
    lambda first, length: DateRange(
        ORIGIN + timedelta(days=first), ORIGIN + timedelta(days=first + length)
    ),
    st.integers(-5, 200),
    st.sampled_from([0, 2, 6, 10, 13]),
)
HOURS = (
    (TimeRange(9 * 60, 12 * 60), TimeRange(14 * 60, 18 * 60)),
    (TimeRange(10 * 60, 16 * 60),),
    (),
)


requested = st.fixed_dictionaries(
    {},
    optional={
        "closures": st.lists(ranges, max_size=2).map(tuple),
        "closed_weekdays": st.frozensets(st.integers(0, 6), max_size=3),
        "away": st.lists(ranges, max_size=2).map(tuple),
        "open_days": st.frozensets(
            st.integers(0, 200).map(lambda days: ORIGIN + timedelta(days=days)), max_size=2
        ),
        "time_of_day": st.sampled_from([time(10), time(14, 30), TimeRange(9 * 60, 12 * 60)]),
        "interval_days": st.integers(7, 14),
    },
)
"""What is asked of a plan that exists."""


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    least = draw(st.integers(7, 11))
    most = draw(st.integers(least + 1, 14))
    phases = st.builds(Phase, st.integers(2, 6), st.integers(least, most))
    found = tuple(draw(st.lists(phases, min_size=1, max_size=2)))
    sessions = max(3, sum(phase.sessions for phase in found))
    limits = Limits(3, draw(st.integers(sessions, 15)), least, most)
    found = (*found, Phase(1, least)) if sum(p.sessions for p in found) < 3 else found
    return Protocol(found, 2, 30, "the clinic's own", "the tests", limits)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Mostly easy ones: it is the changes that are to be hard."""
    protocol = draw(st.one_of(st.none(), st.none(), protocols()))
    hours = st.lists(st.sampled_from(HOURS), min_size=7, max_size=7).map(tuple)
    return Request(
        draw(st.sampled_from(ALL_GOALS)).name,
        ORIGIN + timedelta(days=draw(st.integers(0, 30))),
        sessions=draw(st.one_of(st.none(), st.integers(3, 15))) if protocol is None else None,
        interval_days=draw(st.sampled_from([None, None, 7, 10, 14])) if protocol is None else None,
        maintenance_per_year=draw(st.sampled_from([None, 0, 1, 2])),
        years=draw(st.integers(1, 2)),
        time_of_day=draw(st.sampled_from([time(10), time(10), time(14, 30), time(23)])),
        timezone=draw(st.sampled_from(["UTC", "Europe/Paris", "Asia/Bangkok", "America/Denver"])),
        protocol=protocol,
        opening_hours=draw(st.one_of(st.none(), st.none(), hours)),
        closed_weekdays=draw(st.frozensets(st.integers(0, 6), max_size=3)),
        closures=tuple(draw(st.lists(ranges, max_size=2))),
        away=tuple(draw(st.lists(ranges, max_size=1))),
    )


class CourseOverTime(RuleBasedStateMachine):
    """One patient's plan, what is done to it, and the clock."""

    plan: Plan
    protocol_phases: tuple[tuple[int, int], ...]
    now: datetime

    @initialize(request=requests(), days=st.integers(-10, 60), hour=st.integers(0, 23))
    def begin(self, request: Request, days: int, hour: int) -> None:
        request = replace(request, plan_id="00000000-story")
        try:
            self.plan = plan(request, explains=False)
        except (NoLegalPlan, InvalidInput):
            assume(False)
        self.protocol_phases = protocol_phases(self.plan)
        self.now = datetime.combine(
            self.plan.sessions[0].day + timedelta(days=days), time(hour, 30), UTC
        )

    # What happens

    @rule(hours=st.integers(1, 40))
    def hours_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(days=st.integers(1, 15))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(weeks=st.integers(2, 30))
    def weeks_pass(self, weeks: int) -> None:
        self.now += timedelta(weeks=weeks)

    @precondition(lambda self: self.due_sessions())
    @rule()
    def all_is_attended(self) -> None:
        self.change(Attend(tuple(each.name for each in self.due_sessions())))

    @precondition(lambda self: self.due_sessions())
    @rule(position=positions, shift=days_near, clock=clocks)
    def one_is_attended(self, position: int, shift: int, clock: time | None) -> None:
        session = picked(self.due_sessions(), position)
        if shift > 8:
            self.change(Attend((session.name,)))
        else:
            day = session.day + timedelta(days=shift)
            self.change(Attend((session.name,), day, clock))

    @precondition(lambda self: self.plan.active)
    @rule(position=positions, shift=days_near, clock=clocks, late=reasons)
    def one_is_moved(self, position: int, shift: int, clock: time | None, late: str | None) -> None:
        upcoming = [session for session in self.plan.active if not session.is_past(self.now)]
        session = picked(upcoming or self.plan.active, position)
        self.change(Move(session.name, session.day + timedelta(days=shift), clock, late))

    @precondition(lambda self: self.plan.active)
    @rule(position=positions, late=reasons)
    def one_is_missed(self, position: int, late: str | None) -> None:
        session = picked(self.plan.active, position)
        taken_back = session.status is Status.ATTENDED
        self.change(Miss(session.name, late=late, not_attended=taken_back))

    @precondition(lambda self: self.due_sessions())
    @rule(late=reasons)
    def the_last_that_was_due_is_missed(self, late: str | None) -> None:
        self.change(Miss(self.due_sessions()[-1].name, late=late))

    @precondition(lambda self: self.plan.active)
    @rule(position=positions, count=st.integers(1, 4))
    def several_are_missed(self, position: int, count: int) -> None:
        first = self.plan.active.index(picked(self.plan.active, position))
        named = [each.name for each in self.plan.active[first : first + count]]
        self.change(Miss(named[0], others=tuple(named)))

    @precondition(lambda self: self.plan.active)
    @rule(position=positions, shift=days_near, clock=clocks, late=reasons)
    def one_is_missed_and_booked_anew(
        self, position: int, shift: int, clock: time | None, late: str | None
    ) -> None:
        session = picked(self.plan.active, position)
        day = max(session.day, self.now.date()) + timedelta(days=shift)
        taken_back = session.status is Status.ATTENDED
        self.change(Miss(session.name, day, clock, late, taken_back))

    @rule(by=st.integers(-4, 6))
    def it_is_extended(self, by: int) -> None:
        self.change(Extend(by))

    @rule(days=st.integers(-6, 40), length=st.sampled_from([0, 0, 2, 6, 13]), late=reasons)
    def the_patient_is_away(self, days: int, length: int, late: str | None) -> None:
        first = self.now.date() + timedelta(days=days)
        self.change(Away((DateRange(first, first + timedelta(days=length)),), late))

    @rule(asked=requested, late=reasons)
    def it_is_planned_again(self, asked: dict[str, Any], late: str | None) -> None:
        request = replace(self.plan.request, **asked)
        before = self.plan
        self.change(Replan(late), request)
        if self.plan is not before and request.interval_days != before.request.interval_days:
            self.protocol_phases = ((1, asked["interval_days"]),)

    @precondition(lambda self: self.plan.active)
    @rule(position=positions)
    def one_is_cancelled(self, position: int) -> None:
        self.change(Cancel(picked(self.plan.active, position).name))

    @rule(sure=st.integers(0, 9))
    def all_is_cancelled(self, sure: int) -> None:
        if sure == 0:
            self.change(Cancel(None))

    @rule(
        kind=st.sampled_from(["course", "maintenance"]),
        number=st.integers(-1, 17),
        shift=days_near,
        what=st.integers(0, 4),
    )
    def somebody_mistypes(self, kind: str, number: int, shift: int, what: int) -> None:
        name = SessionName("course" if kind == "course" else "maintenance", number)
        day = self.now.date() + timedelta(days=shift)
        changes: list[Change] = [
            Move(name, day),
            Miss(name, day),
            Attend((name,), day),
            Attend(()),
            Cancel(name),
        ]
        self.change(changes[what])

    def due_sessions(self) -> list[Session]:
        """What is past, or of today, and of which nobody has said yet what came of it."""
        today = (
            self.now.astimezone(self.plan.sessions[0].start.tzinfo).date()
            if (self.plan.sessions)
            else self.now.date()
        )
        return [
            session
            for session in self.plan.active
            if session.status is Status.PLANNED and session.day <= today
        ]

    def change(self, change: Change, request: Request | None = None) -> None:
        old, as_it_was = self.plan, repr(self.plan)
        try:
            # Looking for ways out takes most of the time, and is done in a long proof alone.
            new = replan(old, change, now=self.now, request=request, explains=not IN_THE_SUITE)
        except (InvalidInput, NoLegalPlan) as refusal:
            problem, remedy = refusal.problem, refusal.remedy
        else:
            if new is old:
                assert isinstance(change, Away | Replan)
                return
            check_identities(old, new)
            check_facts(old, new, change, self.now)
            check_numbers(old, new, change)
            check_new_days(old, new, self.now)
            check_sequences(old, new, self.now)
            said_before = (old.active, old.phases, old.cancelled, old.request)
            assert said_before != (new.active, new.phases, new.cancelled, new.request)
            self.plan, problem, remedy = new, "none", "none"
        assert repr(old) == as_it_was
        assert problem
        assert remedy

    # What must hold

    @invariant()
    def planned_intervals_are_legal(self) -> None:
        protocol = self.plan.request.protocol
        legal = (Limits() if protocol is None else protocol.limits).intervals
        for before, after in pairwise(self.plan.sessions):
            days = (after.day - before.day).days
            assert after.interval_days == days
            if not after.is_past(self.now) and after.late is None and days not in legal:
                # A fact left no legal day, and nobody has planned the rest anew.
                codes = {notice.code for notice in self.plan.notices}
                assert "REST_NOT_LEGAL" in codes

    @invariant()
    def every_uid_is_there_once(self) -> None:
        uids = [session.uid for session in (*self.plan.active, *self.plan.dropped)]
        assert len(uids) == len(set(uids))
        assert max(map(serial, uids)) <= self.plan.last_serial
        assert all(uid.startswith(f"{self.plan.id}-") for uid in uids)

    @invariant()
    def the_course_is_numbered_in_order(self) -> None:
        days = [session.day for session in self.plan.sessions]
        assert days == sorted(set(days))
        numbers = [session.number for session in self.plan.sessions]
        assert numbers == list(range(1, len(days) + 1))
        if not self.plan.cancelled:
            assert len(days) == self.plan.total_sessions
        kinds = [(session.kind, session.status) for session in self.plan.active]
        assert {status for _, status in kinds} <= {Status.PLANNED, Status.ATTENDED}
        assert [kind for kind, _ in kinds] == ["course"] * len(days) + ["maintenance"] * len(
            self.plan.maintenance
        )

    @invariant()
    def preferred_intervals_are_those_of_the_protocol(self) -> None:
        wanted = (None, *wanted_intervals(self.protocol_phases, self.plan.total_sessions))
        found = tuple(session.preferred_interval_days for session in self.plan.sessions)
        assert found == wanted[: len(found)]

    @invariant()
    def what_was_dropped_is_told_apart(self) -> None:
        dropped = self.plan.dropped
        assert {session.status for session in dropped} <= {Status.MISSED, Status.CANCELLED}
        assert [s.start for s in dropped] == sorted(s.start for s in dropped)

    @invariant()
    def maintenance_is_near_its_due_day(self) -> None:
        per_year = self.plan.maintenance_per_year
        numbers = [session.number for session in self.plan.maintenance]
        assert numbers == sorted(set(numbers))
        assert all(1 <= number <= per_year * self.plan.request.years for number in numbers)
        for session in self.plan.maintenance:
            if session.is_past(self.now) or not self.plan.sessions:
                continue
            months = session.number * 12 // per_year
            assert session.due == months_after(self.plan.sessions[-1].day, months)
            assert session.late or abs(session.day - session.due) <= timedelta(days=14)

    @invariant()
    def the_stay_covers_the_course(self) -> None:
        if not self.plan.sessions:
            assert self.plan.stay is None
            return
        assert self.plan.stay is not None
        first, last = self.plan.sessions[0].day, self.plan.sessions[-1].day
        assert self.plan.stay.arrive == first
        assert self.plan.stay.earliest_travel == last + timedelta(days=1)

    @invariant()
    def a_late_session_is_said_as_long_as_it_is_late(self) -> None:
        protocol = self.plan.request.protocol
        legal = (Limits() if protocol is None else protocol.limits).intervals
        late = [
            session
            for session in self.plan.active
            if session.late is not None
            and (session.kind == "maintenance" or session.interval_days not in (None, *legal))
        ]
        said = [notice for notice in self.plan.notices if notice.code == "LATE"]
        assert len(said) == len(late)

    def teardown(self) -> None:
        """Nothing is kept."""


def picked(sessions: Iterable[Session], position: int) -> Session:
    among = list(sessions)
    return among[position % len(among)]


def check_identities(old: Plan, new: Plan) -> None:
    before = {session.uid: session for session in (*old.active, *old.dropped)}
    after = {session.uid: session for session in (*new.active, *new.dropped)}
    assert before.keys() <= after.keys()
    added = sorted(serial(uid) for uid in after.keys() - before.keys())
    assert added == [old.last_serial + k for k in range(1, len(added) + 1)]
    assert new.last_serial == old.last_serial + len(added)
    assert all(after[uid].kind == session.kind for uid, session in before.items())
    kept = {session.uid: session for session in new.dropped}
    for session in old.dropped:
        same = kept[session.uid]
        assert (same.start, same.end) == (session.start, session.end)
        assert (same.number, same.status) == (session.number, session.status)
    assert new.revision == old.revision + 1
    assert new.id == old.id
    assert new.request.plan_id == old.request.plan_id


def check_facts(old: Plan, new: Plan, change: Change, now: datetime) -> None:
    said: set[SessionName] = set()
    if isinstance(change, Attend | Miss):
        said = set(change.sessions)
    elif isinstance(change, Cancel) and change.session is not None:
        said = {change.session}
    after = {session.uid: session for session in new.active}
    for session in old.active:
        if session.is_past(now) and session.name not in said:
            same = after[session.uid]
            assert (same.start, same.end) == (session.start, session.end)
            assert same.status is session.status
        if session.status is Status.ATTENDED and not (
            isinstance(change, Miss) and session.name in said
        ):
            assert after[session.uid].status is Status.ATTENDED
        elif session.uid in after and session.name not in said:
            assert after[session.uid].status is session.status
    if isinstance(change, Attend):
        for name in change.sessions:
            before = old.find(name)
            assert before is not None
            assert after[before.uid].status is Status.ATTENDED


def check_numbers(old: Plan, new: Plan, change: Change) -> None:
    if isinstance(change, Extend):
        assert new.total_sessions == old.total_sessions + change.by
    elif not isinstance(change, Cancel) or (change.session and change.session.kind != "course"):
        assert new.total_sessions == old.total_sessions
    elif change.session is not None:
        assert new.total_sessions == old.total_sessions - 1
    assert new.cancelled == (
        old.cancelled or (isinstance(change, Cancel) and change.session is None)
    )
    if isinstance(change, Move | Miss) and change.day is not None and change.late is None:
        session = new.find(change.session)
        assert session is not None
        if isinstance(change, Miss) and session.day < change.day:
            # What took place since has moved up to that number; some later one is on the day.
            session = next(each for each in new.sessions if each.day == change.day)
        assert session.day == change.day
        assert session.pinned
        assert change.clock in {None, session.start.time()}


def check_new_days(old: Plan, new: Plan, now: datetime) -> None:
    before = {session.start for session in old.active}
    for session in new.active:
        if session.is_past(now) or session.start in before:
            continue
        assert session.start >= now
        request = new.request
        assert is_usable(request, session.day)
        hours = request.opening_hours
        if hours is not None and session.day not in request.open_days:
            begin = session.start.hour * 60 + session.start.minute
            end = begin + new.duration_minutes
            spans = hours[session.day.weekday()]
            assert any(s.begin_minutes <= begin and end <= s.end_minutes for s in spans)
    for session in new.active:
        minutes = session.end.astimezone(UTC) - session.start.astimezone(UTC)
        assert minutes == timedelta(minutes=new.duration_minutes)


def check_sequences(old: Plan, new: Plan, now: datetime) -> None:
    """A sequence rises by one where an event's own time, status, number or total changed alone."""
    after = {session.uid: session for session in (*new.active, *new.dropped)}
    for session in old.active:
        then = after[session.uid]
        changed = shown(session) != shown(then) or (
            not then.is_past(now) and old.total(session) != new.total(then)
        )
        assert then.sequence - session.sequence == changed, (session, then)
    for session in old.dropped:
        assert after[session.uid].sequence >= session.sequence
    known = {session.uid for session in (*old.active, *old.dropped)}
    assert all(session.sequence == 0 for uid, session in after.items() if uid not in known)


def shown(session: Session) -> tuple[object, ...]:
    """What the patient sees."""
    return session.number, session.start, session.end, session.status


CourseOverTime.TestCase.settings = settings(
    max_examples=examples(36),
    stateful_step_count=18,
    derandomize=IN_THE_SUITE,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
TestCourseOverTime = CourseOverTime.TestCase
