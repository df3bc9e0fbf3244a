"""The slow, obviously right search that re-planning is held against.

It shares nothing with the program but the values of a plan and of a change. Days are dates, a
course is a tuple of dates, and what is better is worked out from the whole course.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import combinations, pairwise, product
from zoneinfo import ZoneInfo

from mesoplan.model.changes import Attend, Away, Cancel, Change, Extend, Miss, Move, Replan
from mesoplan.model.plan import Plan, Session, SessionName, Status
from mesoplan.model.request import Request
from mesoplan.rules.goals import find_goal
from mesoplan.rules.protocol import Limits
from tests.oracle import days_after, is_usable

Course = tuple[date, ...]

LONGEST_SEARCH_FOR_A_LATE_DAY = 800


@dataclass(frozen=True, kw_only=True)
class Task:
    """What the rest of a course must keep, said in days."""

    facts: Course
    rest: int
    preferred: Sequence[int]
    """Before each session from the second on: the first item is for session 2."""
    legal: range
    usable: Callable[[date], bool]
    """Whether a planned session can be on that day: not past, open, nobody away, not missed."""
    firsts: Sequence[date]
    """The days that session 1 may have where there is no fact."""
    agreed: frozenset[date] = frozenset()
    pinned: frozenset[date] = frozenset()
    """The days of sessions that were fixed by hand."""
    named: tuple[int, date] | None = None
    """The number of a session, and the day that it must be on."""
    late: date | None = None
    """The day of the next session, where it comes later than any legal interval."""
    weekdays: frozenset[int] = frozenset()
    """Those that are preferred; none where any will do."""
    keeps_rhythm: bool = False
    """Whether the preferred intervals come before the days that were agreed."""

    def first_days(self) -> list[date]:
        if self.late is not None:
            return [self.late]
        if self.facts:
            return [days_after(self.facts[-1], interval) for interval in self.legal]
        return list(self.firsts)

    def allows(self, number: int, before: date | None, day: date) -> bool:
        """Whether session *number* can be on *day*, the planned one before it being on *before*."""
        if not self.usable(day):
            return False
        if any((before is None or before < pin) and pin < day for pin in self.pinned):
            return False
        if self.named is not None:
            named_number, named_day = self.named
            return (number == named_number) == (day == named_day)
        return True

    def order(self, days: Course) -> tuple[int, int, int, date, Course]:
        """What the best rest of a course has least."""
        named_day = self.named[1] if self.named is not None else None
        new = sum(day not in self.agreed and day != named_day for day in days)
        whole = (*self.facts[-1:], *days)
        wanted = self.preferred[max(len(self.facts) - 1, 0) :]
        squares = sum(
            ((after - before).days - preferred) ** 2
            for (before, after), preferred in zip(pairwise(whole), wanted, strict=True)
        )
        others = sum(bool(self.weekdays) and day.weekday() not in self.weekdays for day in days)
        if self.keeps_rhythm:
            return squares, new, others, days[-1], days
        return new, others, squares, days[-1], days


def is_legal(task: Task, days: Course) -> bool:
    """Whether the rest of a course, seen as a whole, keeps everything that it must."""
    whole = (*task.facts[-1:], *days)
    intervals = [(after - before).days for before, after in pairwise(whole)]
    if task.late is not None and task.facts:
        del intervals[0]
    number_of = {day: len(task.facts) + k for k, day in enumerate(days, start=1)}
    return (
        len(days) == task.rest
        and days[0] in task.first_days()
        and all(interval in task.legal for interval in intervals)
        and all(map(task.usable, days))
        and task.pinned <= set(days)
        and (task.named is None or number_of.get(task.named[1]) == task.named[0])
    )


def every_rest(task: Task) -> Course | None:
    """The best of all there are, by looking at each."""
    found = []
    for first in task.first_days():
        for intervals in product(task.legal, repeat=task.rest - 1):
            days = [first]
            for interval in intervals:
                days.append(days_after(days[-1], interval))
            if is_legal(task, tuple(days)):
                found.append(tuple(days))
    return min(found, key=task.order, default=None)


def every_beginning(task: Task) -> Course | None:
    """The same for long ones: every beginning, but of those that end on the same day only the
    best, since they can all be continued alike."""
    next_number = len(task.facts) + 1
    best: dict[date, Course] = {
        day: (day,) for day in task.first_days() if task.allows(next_number, None, day)
    }
    for number in range(next_number + 1, next_number + task.rest):
        so_far = replace(task, preferred=task.preferred[: number - 1])
        longer: dict[date, list[Course]] = {}
        for day, days in best.items():
            for interval in task.legal:
                following = days_after(day, interval)
                if task.allows(number, day, following):
                    longer.setdefault(following, []).append((*days, following))
        best = {day: min(courses, key=so_far.order) for day, courses in longer.items()}
    latest_pin = max(task.pinned, default=date.min)
    whole = [days for day, days in best.items() if day >= latest_pin]
    return min(whole, key=task.order, default=None)


def best_rest(task: Task) -> Course | None:
    if not task.rest:
        return None if task.pinned or task.named else ()
    return every_beginning(task)


def late_rest(task: Task, from_day: date) -> tuple[date, Course] | None:
    """The earliest usable day from which the rest is legal, and the best rest from there."""
    for k in range(LONGEST_SEARCH_FOR_A_LATE_DAY):
        day = days_after(from_day, k)
        if task.allows(len(task.facts) + 1, None, day):
            days = best_rest(replace(task, late=day))
            if days is not None:
                return day, days
    return None


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last that it has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def protocol_phases(plan: Plan) -> tuple[tuple[int, int], ...]:
    """The phases of what was asked for, whatever number of sessions a plan has come to since."""
    request = plan.request
    if request.interval_days is not None:
        return ((1, request.interval_days),)
    protocol = request.protocol or find_goal(request.goal).protocol_for(plan.area)
    return tuple((phase.sessions, phase.interval_days) for phase in protocol.phases)


def wanted_intervals(phases: Sequence[tuple[int, int]], total: int) -> tuple[int, ...]:
    """The preferred interval before each session from the second on, were there so many."""
    days = [interval for sessions, interval in phases for _ in range(sessions)]
    days = days[:total] + [days[-1]] * (total - len(days))
    return tuple(days[:-1])


# A plan and a change


@dataclass(frozen=True)
class Refused:
    """The change must be refused."""

    invalid: bool = False
    """It may be refused since it makes no sense."""
    illegal: bool = False
    """It may be refused since no legal plan is left."""
    code: str | None = None
    """The code of the conflict, where that is said."""


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    """What must become of one maintenance session."""

    session: Session
    due: date | None
    days: frozenset[date | None]
    """The days that it may be on; None stands for not at all."""
    anew: bool = False
    """Whether it is another appointment, since the one before was missed."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Replanned:
    """What the plan must be after the change."""

    total: int
    facts: tuple[tuple[Session, date], ...]
    """The appointments that took place or are past, each with the day it is on."""
    attended: frozenset[str]
    """The UIDs of those of which this change says that they took place."""
    rest: Course
    planned: tuple[Session, ...]
    """The planned appointments that are left for the rest, without the one that is named."""
    freed: tuple[Session, ...] = ()
    """The appointments that took place on another day than this one, which is still to come."""
    named: Session | None
    named_day: date | None
    clock: time | None
    late: date | None
    reason: str | None
    """Why that one is late."""
    dropped: dict[str, Status]
    """What this change drops by itself, by UID."""
    upkeep: tuple[Upkeep, ...]
    or_refused: bool = False
    """Whether a refusal is as right, since the words of the rule can be read both ways."""

    def __repr__(self) -> str:
        days = [str(day) for _, day in self.facts], [str(day) for day in self.rest]
        return f"Replanned(facts and rest: {days}, {self.late=}, {self.dropped=})"


@dataclass(frozen=True)
class Unclear:
    """The rules do not say; whatever is done must be legal all the same."""


Outcome = Refused | Replanned | Unclear
INVALID, ILLEGAL = Refused(invalid=True), Refused(illegal=True)
REFUSED = Refused(invalid=True, illegal=True)


@dataclass
class Situation:
    """A plan at a moment, and what a change leaves of it."""

    plan: Plan
    now: datetime
    usable: Callable[[Request, date], bool] = is_usable
    keeps_rhythm: bool = False
    facts: list[tuple[Session, date]] = field(default_factory=list)
    planned: list[Session] = field(default_factory=list)
    missed: set[date] = field(default_factory=set)
    freed: list[Session] = field(default_factory=list)
    """As they were planned: those to come that took place on another day."""

    def __post_init__(self) -> None:
        for session in self.plan.sessions:
            if self.is_fact(session):
                self.facts.append((session, session.day))
            else:
                self.planned.append(session)
        self.missed = {
            session.day
            for session in self.plan.dropped
            if session.kind == "course" and session.status is Status.MISSED
        }

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.plan.request.timezone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def limits(self) -> Limits:
        protocol = self.plan.request.protocol
        return Limits() if protocol is None else protocol.limits

    def is_fact(self, session: Session) -> bool:
        return session.status is Status.ATTENDED or session.start < self.now

    def find(self, name: SessionName) -> Session | None:
        among = self.plan.sessions if name.kind == "course" else self.plan.maintenance
        return next((each for each in among if each.number == name.number), None)

    def start_on(self, day: date) -> datetime:
        clock = self.plan.request.time_of_day
        assert not hasattr(clock, "begin_minutes")
        return datetime.combine(day, clock, self.zone)

    def is_past(self, day: date) -> bool:
        agreed = [each.start for each in (*self.planned, *self.freed) if each.day == day]
        return (agreed[0] if agreed else self.start_on(day)) < self.now

    def first_day(self) -> date:
        """The first day that is not past."""
        return next(d for d in (self.today, days_after(self.today, 1)) if not self.is_past(d))

    def usable_for_course(self, day: date) -> bool:
        missed = self.missed - {session.day for session in self.planned}
        return not self.is_past(day) and day not in missed and self.usable(self.plan.request, day)

    def usable_for_upkeep(self, day: date) -> bool:
        return self.start_on(day) >= self.now and self.is_open(day)

    def is_open(self, day: date) -> bool:
        """Whether the clinic is open and the patient not away, whatever the trip."""
        general = replace(self.plan.request, arrive=None, depart=None, finish_by=None)
        return self.usable(general, day)

    def firsts(self, named: tuple[SessionName, date] | None) -> list[date]:
        """The days that session 1 may have, when none is a fact yet."""
        start = self.plan.request.start
        assert start is not None
        days = [session.day for session in self.planned[:1]]
        if named is not None and named[0].number == 1:
            # What is chosen by hand goes before START.
            start = min(start, named[1])
            days.append(named[1])
        earliest = max(start, self.first_day())
        latest = max([days_after(earliest, 90), *days])
        return [days_after(earliest, k) for k in range((latest - earliest).days + 1)]

    def replanned(
        self,
        total: int,
        *,
        named: tuple[SessionName, date] | None = None,
        appointment: Session | None = None,
        clock: time | None = None,
        late: str | None = None,
        attended: Iterable[str] = (),
        dropped: dict[str, Status] | None = None,
        or_refused: bool = False,
        keeps_days: bool = True,
    ) -> Outcome:
        """What becomes of the course with *total* sessions, and of the maintenance.

        The facts and the planned appointments are those that are left; *appointment*, one of the
        planned, goes with the day that is named, and the day that it leaves is agreed no more.
        Unless it *keeps_days*, no day is agreed but those that were fixed by hand.
        """
        facts = tuple(day for _, day in self.facts)
        others = [session for session in self.planned if session is not appointment]
        next_number = len(facts) + 1
        if named is not None and named[0].number > total:
            return REFUSED
        # A fact has the number by now: some session is on the day that was asked for.
        any_number = named is not None and named[0].number < next_number
        if any_number and late is not None:
            return Unclear()
        if late is not None and named is not None and named[0].number != next_number:
            return Unclear()
        pinned = frozenset(session.day for session in others if session.pinned)
        if named is not None and (named[1] in pinned or named[1] in self.missed):
            return Unclear()
        if named is not None and any_number:
            pinned |= {named[1]}
        if len(pinned) > total - len(facts):
            return Unclear()
        task = Task(
            facts=facts,
            rest=total - len(facts),
            preferred=wanted_intervals(protocol_phases(self.plan), total),
            legal=self.limits.intervals,
            usable=cache(self.usable_for_course),
            firsts=() if facts else self.firsts(named),
            agreed=frozenset(
                session.day for session in (*others, *self.freed) if keeps_days or session.pinned
            ),
            pinned=pinned,
            named=None if named is None or any_number else (named[0].number, named[1]),
            weekdays=self.plan.request.weekdays,
            keeps_rhythm=self.keeps_rhythm,
        )
        if clock is not None and named is not None:
            earliest = datetime.combine(named[1], clock, self.zone)
            if earliest < self.now:
                return REFUSED
            if self.is_past(named[1]):
                return Unclear()
        late_day = None
        if self._is_too_late(task, others):
            if late is None:
                return Refused(illegal=True, code="TOO_LATE")
            found = late_rest(replace(task, named=None), self.first_day())
            if found is None:
                return ILLEGAL
            late_day, rest = found
            if named is not None and named[1] > late_day:
                # The day that the patient asks for, or none.
                late_day = named[1]
                on_that_day = task.allows(next_number, None, late_day)
                best = best_rest(replace(task, named=None, late=late_day)) if on_that_day else None
                if best is None:
                    return ILLEGAL
                rest = best
        elif late is not None:
            return INVALID if best_rest(task) is not None else REFUSED
        else:
            if self._keeps_a_late_session(task, others):
                task = replace(task, late=others[0].day)
            best = None
            if not keeps_days and task.firsts:
                # As a new course: on the first usable day from START on.
                first = next((day for day in task.firsts if task.usable(day)), None)
                best = best_rest(replace(task, firsts=() if first is None else (first,)))
            elif self._begins_as_agreed(task, others, named):
                best = best_rest(replace(task, firsts=(others[0].day,)))
            best = best or best_rest(task)
            if best is None:
                return ILLEGAL
            rest = best
        last = (*facts, *rest)[-1] if facts or rest else None
        upkeep = self.upkeep(last, keeps_days=keeps_days)
        if upkeep is None:
            return ILLEGAL
        if late_day is not None and (named is None or named[1] != late_day):
            # The time was asked for on another day.
            clock = None
        return Replanned(
            total=total,
            facts=tuple(self.facts),
            attended=frozenset(attended),
            rest=rest,
            planned=tuple(others),
            freed=tuple(self.freed),
            named=appointment,
            named_day=None if named is None else late_day or named[1],
            clock=clock,
            late=late_day,
            reason=late,
            dropped=dropped or {},
            upkeep=upkeep,
            or_refused=or_refused,
        )

    def with_days_let_go(self, attended: set[str]) -> Replanned | None:
        """The best of what is left with as few days chosen by hand given up as can be, if any."""
        by_hand = [session for session in self.planned if session.pinned]
        for count in range(1, len(by_hand) + 1):
            found = []
            for given_up in combinations(by_hand, count):
                planned = [
                    replace(each, pinned=False) if each in given_up else each
                    for each in self.planned
                ]
                freed = Situation(self.plan, self.now, self.usable, self.keeps_rhythm)
                freed.planned, freed.facts, freed.missed = planned, self.facts, self.missed
                freed.freed = self.freed
                outcome = freed.replanned(self.plan.total_sessions, attended=attended)
                if isinstance(outcome, Replanned):
                    found.append(outcome)
            if found:
                return min(found, key=self._how_good)
        return None

    def _how_good(self, outcome: Replanned) -> tuple[int, int, int, date, Course]:
        task = Task(
            facts=tuple(day for _, day in self.facts),
            rest=len(outcome.rest),
            preferred=wanted_intervals(protocol_phases(self.plan), outcome.total),
            legal=self.limits.intervals,
            usable=cache(self.usable_for_course),
            firsts=(),
            agreed=frozenset(session.day for session in (*self.planned, *self.freed)),
            weekdays=self.plan.request.weekdays,
            keeps_rhythm=self.keeps_rhythm,
        )
        return task.order(outcome.rest)

    def left_as_it_is(self, attended: Iterable[str]) -> Replanned:
        """What took place is told in any case; where that leaves no legal plan the rest stays."""
        return Replanned(
            total=self.plan.total_sessions,
            facts=tuple(self.facts),
            attended=frozenset(attended),
            rest=tuple(session.day for session in self.planned),
            planned=tuple(self.planned),
            named=None,
            named_day=None,
            clock=None,
            late=None,
            reason=None,
            dropped={},
            upkeep=tuple(
                Upkeep(session=each, due=None, days=frozenset({each.day, None}))
                for each in self.plan.maintenance
            ),
        )

    def _begins_as_agreed(
        self, task: Task, others: Sequence[Session], named: tuple[SessionName, date] | None
    ) -> bool:
        """Whether session 1 is to come, on a usable day, and the change is not about it."""
        if task.facts or not others or others[0].number != 1 or not task.usable(others[0].day):
            return False
        return named is None or (named[0].number != 1 and named[1] > others[0].day)

    def _is_too_late(self, task: Task, others: Sequence[Session]) -> bool:
        """Whether the first day that is left is later than any legal interval allows.

        A day that is not past, but on which a session was missed, is not left.
        """
        if not task.facts or not task.rest or self._keeps_a_late_session(task, others):
            return False
        left = self.first_day()
        while left in self.missed - {session.day for session in self.planned}:
            left = days_after(left, 1)
        return (left - task.facts[-1]).days > task.legal[-1]

    def _keeps_a_late_session(self, task: Task, others: Sequence[Session]) -> bool:
        """Whether the next session may stay later than allowed, since that was said of it."""
        if not task.facts or not others or others[0].late is None:
            return False
        if not task.usable(others[0].day):
            return False
        return (others[0].day - task.facts[-1]).days > task.legal[-1]

    def upkeep(self, last: date | None, *, keeps_days: bool) -> tuple[Upkeep, ...] | None:
        """What becomes of the maintenance once the course ends on that day; None for a refusal."""
        per_year = self.plan.maintenance_per_year
        found = []
        for session in self.plan.maintenance:
            due = None
            days: frozenset[date | None] = frozenset({session.day})
            if last is not None:
                due = months_after(last, session.number * 12 // per_year)
            is_wanted = keeps_days or session.pinned or self.is_preferred(session.day)
            stays = due == session.due and self.is_open(session.day) and is_wanted
            if due is not None and not stays and not self.is_fact(session):
                days = self._upkeep_days(session, due, is_wanted=is_wanted)
                if days == {None} and self.plan.request.maintenance_per_year is not None:
                    return None
            found.append(Upkeep(session=session, due=due, days=days))
        return tuple(found)

    def is_preferred(self, day: date) -> bool:
        """Whether it falls on a preferred weekday, or any will do."""
        weekdays = self.plan.request.weekdays
        return not weekdays or day.weekday() in weekdays

    def _upkeep_days(
        self, session: Session, due: date, *, is_wanted: bool
    ) -> frozenset[date | None]:
        is_near = abs(session.day - due) <= timedelta(days=14)
        nearest = self.nearest(due, self.missed_upkeep() - {session.day})
        # It gives way to a preferred weekday only if one can be had.
        is_wanted = is_wanted or nearest is None or not self.is_preferred(nearest)
        if is_wanted and is_near and self.is_open(session.day):
            return frozenset({session.day})
        return frozenset({nearest})

    def missed_upkeep(self) -> set[date]:
        return {
            each.day
            for each in self.plan.dropped
            if each.kind == "maintenance" and each.status is Status.MISSED
        }

    def nearest(self, due: date, without: set[date]) -> date | None:
        near = [days_after(due, k) for k in range(-14, 15)]
        usable = [day for day in near if self.usable_for_upkeep(day) and day not in without]
        on_weekday = [day for day in usable if self.is_preferred(day)]
        among = on_weekday or usable
        return min(among, key=lambda day: (abs(day - due), day < due), default=None)


def expected(
    plan: Plan,
    change: Change,
    now: datetime,
    request: Request | None = None,
    usable: Callable[[Request, date], bool] = is_usable,
    *,
    keeps_rhythm: bool = False,
) -> Outcome:
    """What must come of a change that is made to a plan at a moment, perhaps for a new request."""
    asked = plan.request if request is None else request
    if isinstance(change, Away):
        asked = replace(asked, away=(*asked.away, *change.days))
    situation = Situation(replace(plan, request=asked), now, usable, keeps_rhythm)
    if plan.cancelled:
        return Unclear()
    if isinstance(change, Away | Replan):
        past = isinstance(change, Away) and any(it.last < situation.today for it in change.days)
        same_interval = asked.interval_days == plan.request.interval_days
        keeps_days = same_interval and asked.weekdays in (plan.request.weekdays, frozenset())
        if past or not (same_interval or asked.interval_days in situation.limits.intervals):
            return INVALID
        return situation.replanned(plan.total_sessions, late=change.late, keeps_days=keeps_days)
    if isinstance(change, Move):
        return _moved(situation, change)
    if isinstance(change, Miss):
        return _missed(situation, change)
    if isinstance(change, Attend):
        return _attended(situation, change)
    if isinstance(change, Extend):
        total = plan.total_sessions + change.by
        if total < len(situation.facts) or not _is_allowed(situation, total):
            return INVALID
        # Where nothing at all is different, it is refused.
        return situation.replanned(total, or_refused=change.by == 0)
    return _cancelled(situation, change)


def _is_allowed(situation: Situation, total: int) -> bool:
    return situation.limits.min_sessions <= total <= situation.limits.max_sessions


def _moved(situation: Situation, change: Move) -> Outcome:
    session = situation.find(change.session)
    if session is None or situation.is_fact(session):
        return INVALID
    same_time = change.clock is None or session.start.time() == change.clock
    if session.pinned and change.day == session.day and same_time:
        return INVALID
    if session.kind == "maintenance":
        if change.late is not None or session.late is not None:
            return Unclear()
        assert session.due is not None
        if not situation.usable_for_upkeep(change.day):
            return REFUSED
        if abs(change.day - session.due) > timedelta(days=14):
            return REFUSED
        same = change.day == session.day and same_time
        return _only_upkeep(situation, session, change.day, change.clock, or_refused=same)
    if situation.is_past(change.day):
        return REFUSED
    return situation.replanned(
        situation.plan.total_sessions,
        named=(change.session, change.day),
        appointment=session,
        clock=change.clock,
        late=change.late or session.late,
        or_refused=(change.day == session.day and same_time) or session.late is not None,
    )


def _missed(situation: Situation, change: Miss) -> Outcome:
    sessions = [situation.find(name) for name in {change.session, *change.others}]
    found = [session for session in sessions if session is not None]
    if len(found) < len(sessions):
        return INVALID
    if any((each.status is Status.ATTENDED) != change.not_attended for each in found):
        return INVALID
    dropped = {session.uid: Status.MISSED for session in found}
    if len(found) > 1 and change.day is not None:
        return INVALID
    if len(found) > 1 and any(session.kind == "maintenance" for session in found):
        return Unclear()
    session = found[0]
    if session.kind == "maintenance":
        if (
            session.status is Status.ATTENDED
            or change.late is not None
            or change.day is not None
            or change.clock is not None
        ):
            return Unclear()
        assert session.due is not None
        without = {session.day} | {
            each.day for each in situation.plan.dropped if each.kind == "maintenance"
        }
        day = situation.nearest(session.due, without)
        if day != situation.nearest(session.due, {session.day}):
            return Unclear()
        return _only_upkeep(situation, session, day, None, dropped, or_refused=day is None)
    situation.facts = [(fact, day) for fact, day in situation.facts if fact not in found]
    situation.planned = [each for each in situation.planned if each not in found]
    situation.missed |= {each.day for each in found}
    if change.day is not None and situation.is_past(change.day):
        return REFUSED if change.late is None else Unclear()
    if change.clock is not None and change.day is None:
        return Unclear()
    return situation.replanned(
        situation.plan.total_sessions,
        named=None if change.day is None else (change.session, change.day),
        clock=change.clock,
        late=change.late,
        dropped=dropped,
    )


def _attended(situation: Situation, change: Attend) -> Outcome:
    sessions = [situation.find(name) for name in change.sessions]
    if not sessions or None in sessions:
        return INVALID
    found = [session for session in sessions if session is not None]
    if len(found) != len({session.uid for session in found}):
        return Unclear()
    if any(session.status is Status.ATTENDED for session in found):
        return Unclear() if change.day is not None else INVALID
    if change.day is None and any(session.day > situation.today for session in found):
        return INVALID
    if (change.day is not None or change.clock is not None) and len(found) > 1:
        return INVALID
    if change.clock is not None and change.day is None:
        return Unclear()
    (first, *_) = found
    if first.kind == "maintenance" and change.day is not None:
        return _attended_upkeep(situation, first, change.day, change.clock)
    day = change.day or first.day
    if change.day is not None and not _can_have_been_on(situation, first, change.day):
        return INVALID
    uids = {session.uid for session in found}
    for session in list(situation.planned):
        if session.uid in uids:
            situation.planned.remove(session)
            situation.facts.append((session, session.day))
            if not situation.is_fact(session):
                situation.freed.append(session)
    situation.facts = [
        (session, day if session is first else on) for session, on in situation.facts
    ]
    if day == first.day:
        # It is only recorded: nothing is planned again.
        situation.keeps_rhythm = False
    outcome = situation.replanned(situation.plan.total_sessions, attended=uids)
    if not isinstance(outcome, Refused):
        return outcome
    return situation.with_days_let_go(uids) or situation.left_as_it_is(uids)


def _attended_upkeep(
    situation: Situation, session: Session, day: date, clock: time | None
) -> Outcome:
    plan = situation.plan
    if any(each.number < session.number and each.day > session.day for each in plan.maintenance):
        return Unclear()
    before = [each.day for each in plan.active if each.day < session.day]
    after = [each.day for each in plan.maintenance if situation.is_fact(each)]
    after = [each for each in after if each > session.day]
    if day > situation.today or day <= max(before) or any(day >= each for each in after):
        return INVALID
    return _only_upkeep(situation, session, day, clock, attended={session.uid})


def _can_have_been_on(situation: Situation, session: Session, day: date) -> bool:
    days = [each.day for each in situation.plan.sessions]
    index = session.number - 1
    facts_after = [fact.day for fact, _ in situation.facts if fact.day > session.day]
    return (
        day <= situation.today
        and (index == 0 or day > days[index - 1])
        and all(day < other for other in facts_after)
    )


def _cancelled(situation: Situation, change: Cancel) -> Outcome:
    plan = situation.plan
    if change.session is None:
        return _cancelled_whole(situation)
    session = situation.find(change.session)
    if session is None or session.status is Status.ATTENDED:
        return INVALID
    if situation.is_fact(session):
        return Unclear()
    dropped = {session.uid: Status.CANCELLED}
    if session.kind == "maintenance":
        return _only_upkeep(situation, session, None, None, dropped)
    if not _is_allowed(situation, plan.total_sessions - 1):
        return INVALID
    situation.planned.remove(session)
    situation.missed.add(session.day)
    return situation.replanned(plan.total_sessions - 1, dropped=dropped)


def _cancelled_whole(situation: Situation) -> Outcome:
    plan = situation.plan
    going = [session for session in plan.active if not situation.is_fact(session)]
    if not going:
        return Unclear()
    kept = [session for session in plan.maintenance if situation.is_fact(session)]
    return Replanned(
        total=-1,
        facts=tuple(situation.facts),
        attended=frozenset(),
        rest=(),
        planned=(),
        named=None,
        named_day=None,
        clock=None,
        late=None,
        reason=None,
        dropped=dict.fromkeys((session.uid for session in going), Status.CANCELLED),
        upkeep=tuple(
            Upkeep(session=session, due=None, days=frozenset({session.day})) for session in kept
        ),
    )


def _only_upkeep(
    situation: Situation,
    session: Session,
    day: date | None,
    clock: time | None,
    dropped: dict[str, Status] | None = None,
    *,
    attended: Iterable[str] = (),
    or_refused: bool = False,
) -> Outcome:
    """One maintenance session goes to that day, or away; everything else stays."""
    upkeep = [
        Upkeep(session=each, due=each.due, days=frozenset({each.day}))
        for each in situation.plan.maintenance
        if each is not session
    ]
    upkeep.append(
        Upkeep(session=session, due=session.due, days=frozenset({day}), anew=bool(dropped))
    )
    return Replanned(
        total=situation.plan.total_sessions,
        facts=tuple(situation.facts),
        attended=frozenset(attended),
        rest=tuple(each.day for each in situation.planned),
        planned=tuple(situation.planned),
        named=None,
        named_day=None,
        clock=clock,
        late=None,
        reason=None,
        dropped=dropped or {},
        upkeep=tuple(upkeep),
        or_refused=or_refused,
    )


# Identities


def serial(uid: str) -> int:
    return int(uid.rpartition("-")[2])


def least_distances(left: Sequence[date], right: Sequence[date]) -> int:
    """The least sum of days between two rows of days that are matched in order, as many as can."""
    short, long = sorted((left, right), key=len)
    return min(
        sum(abs((a - b).days) for a, b in zip(short, chosen, strict=True))
        for chosen in combinations(long, len(short))
    )


def wrong_identities(replanned: Replanned, old: Plan, new: Plan) -> Iterator[str]:
    """What is wrong with the UIDs of the new course; nothing when all is right."""
    uid_on = {session.day: session.uid for session in new.sessions}
    for session, day in replanned.facts:
        if uid_on[day] != session.uid:
            yield f"the fact of {day} has another UID"
    rest = list(replanned.rest)
    planned = {session.day: session for session in replanned.planned}
    if replanned.named is not None and replanned.named_day is not None:
        if replanned.named_day in planned or replanned.named.day in rest:
            # The fewest appointments change where each day that stays keeps its own.
            planned[replanned.named.day] = replanned.named
        else:
            rest.remove(replanned.named_day)
            if uid_on[replanned.named_day] != replanned.named.uid:
                yield f"the appointment that was named is not on {replanned.named_day}"
    for day in set(rest) & set(planned):
        if uid_on[day] != planned[day].uid:
            yield f"the day {day} was kept, but not its UID"
    going = {planned[day].uid: day for day in sorted(set(planned) - set(rest))}
    coming = [day for day in rest if day not in planned]
    in_place_of_missed = None
    if replanned.named is None and replanned.named_day in coming:
        # A new appointment may be made for it, though another one could be moved there.
        if uid_on[replanned.named_day] not in going:
            in_place_of_missed = replanned.named_day
        coming = [day for day in coming if day != in_place_of_missed]
    moves = [(going[uid_on[day]], day) for day in coming if uid_on[day] in going]
    if len(moves) != min(len(going), len(coming)):
        yield f"{len(moves)} of {list(going.values())} were moved to {coming}"
    elif moves:
        if any(a >= b for a, b in pairwise(before for before, _ in moves)):
            yield f"moved out of order: {moves}"
        distance = sum(abs((after - before).days) for before, after in moves)
        if distance != least_distances(list(going.values()), coming):
            yield f"moved further than needed: {moves}"
    added = [uid_on[day] for day in rest if day not in planned and uid_on[day] not in going]
    upkeep = {session.uid for session in old.maintenance}
    added += [session.uid for session in new.maintenance if session.uid not in upkeep]
    serials = [old.last_serial + k for k in range(1, len(added) + 1)]
    if added != [f"{old.id}-{k:02d}" for k in serials]:
        yield f"new UIDs {added} do not count on from {old.last_serial}"
    if new.last_serial != old.last_serial + len(added):
        yield f"the last serial is {new.last_serial}"
    moved_uids = {uid_on[day] for day in coming}
    dropped = dict(replanned.dropped)
    dropped |= {uid: Status.CANCELLED for uid in going if uid not in moved_uids}
    dropped |= {
        upkeep.session.uid: Status.CANCELLED
        for upkeep in replanned.upkeep
        if upkeep.days == {None} and upkeep.session.uid not in dropped
    }
    before = {session.uid for session in old.dropped}
    found = {session.uid: session.status for session in new.dropped if session.uid not in before}
    if found != dropped:
        yield f"dropped: {found}, not {dropped}"
