"""Makes the sessions of a plan from their days: times, windows, and why each is where it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange
from mesoplan.model import causes
from mesoplan.model.plan import Reason, ReasonCode, Session, due_day
from mesoplan.planning.maintenance import days_outwards, is_near_due, maintenance_window
from mesoplan.planning.problem import problem_of
from mesoplan.planning.revision import appointments_on
from mesoplan.planning.solver import first_member, last_member, reachable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mesoplan.model.causes import Cause
    from mesoplan.model.plan import Plan
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.course import PlacedCourse
    from mesoplan.planning.maintenance import MaintenanceDay
    from mesoplan.planning.problem import Problem

_NUMBERED = frozenset({ReasonCode.WEEKDAY, ReasonCode.LOOK_AHEAD, ReasonCode.DEADLINE})
"""Reasons that may name other sessions by number."""


def course_sessions(
    problem: Problem, placed: PlacedCourse, uids: Iterator[str]
) -> tuple[Session, ...]:
    """The whole course: what is past, and the rest on its days; *uids* are for new sessions."""
    past, days = problem.past, (*(session.day for session in problem.past), *placed.days)
    intervals = [None, *((day - before).days for before, day in pairwise(days))]
    preferred = [None, *problem.preferred]
    sessions = [
        replace(
            session,
            number=index + 1,
            interval_days=intervals[index],
            preferred_interval_days=preferred[index],
        )
        for index, session in enumerate(past)
    ]
    if not placed.days:
        return tuple(sessions)
    appointments = _appointments(problem, placed.days)
    whys, pin = Whys(problem, placed, days), problem.of_course.pin
    # What is past bounds what follows, and is of no other interest.
    origin = max(len(past) - 1, 0)
    windows = windows_of(
        days[origin:],
        problem.limits.intervals,
        placed.availability.without(ReasonCode.PAST),
        whys.start if origin == 0 else days[origin],
    )
    for index in range(len(past), len(days)):
        day = days[index]
        before = appointments.get(day)
        is_asked = pin is not None and pin.day == day
        # One that was to move may be on its day after all, but as any other session.
        is_free = pin is not None and before is pin.appointment and not is_asked
        stays = before is not None and before.day == day and not is_free
        start, end = problem.moments(day, placed.availability.slots)
        late = before.late if before is not None and stays else None
        if placed.is_late and index == len(past):
            late = problem.of_course.late
        pinned = is_asked or bool(stays and before and before.pinned)
        now = (start, intervals[index], preferred[index], pinned, late)
        is_as_it_was = before is not None and not problem.begins_anew
        if before is not None and is_as_it_was and _same(before, index + 1, now):
            reasons = before.reasons
        else:
            reasons = tuple(whys.of(index, pinned=pinned, late=late))
        sessions.append(
            Session(
                number=index + 1,
                kind="course",
                uid=before.uid if before is not None else next(uids),
                start=start,
                end=end,
                interval_days=intervals[index],
                preferred_interval_days=preferred[index],
                window=DateRange(day, day) if late else windows[index - origin],
                sequence=before.sequence if before is not None else 0,
                reasons=reasons,
                pinned=pinned,
                late=late,
            )
        )
    return tuple(sessions)


def _appointments(problem: Problem, days: Sequence[date]) -> dict[date, Session]:
    """The appointment that each of the placed days continues."""
    pin = problem.of_course.pin
    if pin is None or pin.appointment is None:
        return appointments_on(days, problem.agreed)
    # One that is late may be on a later day than the one that was asked for.
    target = pin.day if pin.day in days else days[0]
    if pin.appointment.day in days or target in {session.day for session in problem.agreed}:
        # Others would have to change for it: as few as can be do.
        before = sorted((*problem.agreed, pin.appointment), key=lambda session: session.start)
        return appointments_on(days, before)
    found = appointments_on([day for day in days if day != target], problem.agreed)
    return found | {target: pin.appointment}


def _same(before: Session, number: int, now: tuple[object, ...]) -> bool:
    """Whether the day, the time and the preferred day of a session are what they were."""
    intervals = (before.interval_days, before.preferred_interval_days)
    return (
        now == (before.start, *intervals, before.pinned, before.late)
        and before.moved_from is None
        and (number == before.number or _NUMBERED.isdisjoint(each.code for each in before.reasons))
    )


def windows_of(
    days: Sequence[date], intervals: range, availability: Availability, start: date
) -> list[DateRange]:
    """The earliest and latest usable day for each session, all others left where they are.

    Both neighbours stay an interval within the rules away (R2); the first of the days stays on or
    after *start*. A session that is where it could not be put has its own day for a window.
    """
    if len(days) == 1:
        # Without a neighbour nothing bounds it.
        return [DateRange(days[0], days[0])]
    at = [(day - start).days for day in days]
    shortest, longest = intervals[0], intervals[-1]
    end = at[-1] + longest
    usable = availability.usable(start, end + 1)
    windows = []
    for index, day in enumerate(days):
        first, last = 0, end
        if index > 0:
            first, last = at[index - 1] + shortest, at[index - 1] + longest
        if index + 1 < len(at):
            first, last = max(first, at[index + 1] - longest), min(last, at[index + 1] - shortest)
        if not (first <= at[index] <= last and usable >> at[index] & 1):
            windows.append(DateRange(day, day))
            continue
        window = usable & (1 << last + 1) - (1 << first)
        windows.append(
            DateRange(
                start + timedelta(days=first_member(window)),
                start + timedelta(days=last_member(window)),
            )
        )
    return windows


def maintenance_session(problem: Problem, placed: MaintenanceDay, uids: Iterator[str]) -> Session:
    """The maintenance session of a day; *uids* are for new ones."""
    before, day, due = placed.before, placed.day, placed.due
    if before is not None and problem.is_past(before):
        return before
    days = problem.maintenance_days
    start, end = problem.moments(day, days.slots)
    stays = before is not None and before.day == day
    late = before.late if before is not None and stays and not placed.late else placed.late
    window = DateRange(day, day)
    if not late and is_near_due(day, due):
        window = maintenance_window(due, days.without(ReasonCode.PAST))
    is_as_it_was = before is not None and stays and (before.due, before.start) == (due, start)
    if before is not None and is_as_it_was and not problem.begins_anew:
        return replace(before, end=end, pinned=placed.pinned, window=window)
    return Session(
        number=placed.number,
        kind="maintenance",
        uid=before.uid if before is not None else next(uids),
        start=start,
        end=end,
        due=due,
        window=window,
        sequence=before.sequence if before is not None else 0,
        reasons=(
            *_why_not_due(problem, placed, late),
            *_by_hand(days.reasons_for_time(day), by_hand=placed.pinned),
        ),
        pinned=placed.pinned,
        late=late,
    )


def with_windows(plan: Plan, uids: Collection[str]) -> Plan:
    """The plan of a file with the windows of those sessions, which the file lacks.

    Maintenance is due so long after the last session of the course as it stands, if that is there.
    """
    problem = problem_of(plan)
    days = tuple(session.day for session in plan.sessions)
    is_numbered = [each.number for each in plan.sessions] == list(range(1, len(days) + 1))
    if days and is_numbered:
        start = min(days[0], plan.request.start or days[0])
        windows = windows_of(days, problem.limits.intervals, problem.course_days, start)
        sessions = tuple(
            replace(session, window=window) if session.uid in uids else session
            for session, window in zip(plan.sessions, windows, strict=True)
        )
        plan = replace(plan, sessions=sessions)
    if not plan.is_whole or not plan.sessions or not plan.maintenance_per_year:
        return plan

    def with_due_day(session: Session) -> Session:
        day = due_day(days[-1], session.number, plan.maintenance_per_year)
        window = DateRange(session.day, session.day)
        if is_near_due(session.day, day) and not problem.maintenance_days.blockers(session.day):
            window = maintenance_window(day, problem.maintenance_days)
        return replace(session, due=day, window=window)

    maintenance = tuple(
        with_due_day(session) if session.uid in uids else session for session in plan.maintenance
    )
    return replace(plan, maintenance=maintenance)


# Why a session is not on its preferred day, or not at its preferred time.


class Whys:
    """The reasons for the days of a course."""

    def __init__(self, problem: Problem, placed: PlacedCourse, days: Sequence[date]) -> None:
        """*days* are those of the whole course."""
        self.problem = problem
        self.availability = placed.availability
        self.days = days
        self.start = min(days[0], problem.next_request.given_start or days[0])
        """START: no session may be before it."""
        keeps = problem.keeps_days and not problem.keeps_rhythm
        self.agreed = {each.day for each in problem.had} if keeps else set()

    def of(self, index: int, *, pinned: bool, late: str | None) -> Iterator[Reason]:
        """Why a session that was planned anew is not on its preferred day, or not at its time."""
        day = self.days[index]
        if late is not None:
            yield Reason(ReasonCode.PAST, (day,), causes.NoDayLeft(late, was=True))
        elif index == 0:
            yield from self.of_a_late_start() if self.problem.begins_anew else ()
        else:
            preferred = self.days[index - 1] + timedelta(days=self.problem.preferred[index - 1])
            if day != preferred and self.problem.begins_anew:
                yield from self._of_obstacles(index, preferred)
            elif day != preferred:
                yield from self._of_what_was_agreed(day, preferred, pinned=pinned)
        yield from _by_hand(self.availability.reasons_for_time(day), by_hand=pinned)

    def of_a_late_start(self) -> Iterator[Reason]:
        """Why session 1 is not on START; nothing when it is."""
        late_days = (self.days[0] - self.start).days
        if not late_days:
            return
        skipped = [self.start + timedelta(days=k) for k in range(late_days)]
        found = self.availability.reasons(skipped)
        yield from found
        blocked = {day for reason in found for day in reason.days}
        if no_course := tuple(day for day in skipped if day not in blocked):
            yield Reason(ReasonCode.LOOK_AHEAD, no_course, causes.Plain.NO_COURSE_BEGINS)

    def _of_what_was_agreed(self, day: date, preferred: date, *, pinned: bool) -> Iterator[Reason]:
        # That a day is past matters where nothing else kept the session from it.
        blocked = self.availability.without(ReasonCode.PAST).reasons([preferred])
        blocked = blocked or self.availability.reasons([preferred])
        yield from blocked
        if pinned:
            yield Reason(ReasonCode.PINNED, (day,), causes.Plain.BY_HAND)
        elif day in self.agreed:
            yield Reason(ReasonCode.AGREED, (day,), causes.Plain.AGREED)
        elif not blocked and self._goes_to_weekday(day, preferred):
            yield other_weekday(self.problem, preferred)
        elif not blocked:
            yield Reason(ReasonCode.LOOK_AHEAD, (preferred,), causes.Plain.MAKES_ROOM)

    def _of_obstacles(self, index: int, preferred: date) -> Iterator[Reason]:
        yield from self.availability.reasons([preferred])
        before, chosen = self.days[index - 1], self.days[index]
        near = [before + timedelta(days=interval) for interval in self.problem.limits.intervals]
        # Of two that are as near to the preferred day, the one on the side of the chosen day.
        nearest = min(
            (day for day in near if not self.availability.blockers(day)),
            key=lambda day: (abs(day - preferred), (day < preferred) != (chosen < preferred)),
        )
        if abs(chosen - preferred) > abs(nearest - preferred):
            yield self._look_ahead(index, nearest)

    def _goes_to_weekday(self, day: date, instead: date) -> bool:
        """Whether a session is on *day* and not on another one for the sake of its weekday."""
        return self._is_on_weekday(day) and not self._is_on_weekday(instead)

    def _is_on_weekday(self, day: date) -> bool:
        """Whether its weekday is as good as any; all are where the rhythm comes first."""
        return self.problem.keeps_rhythm or self.problem.is_on_weekday(day)

    def _look_ahead(self, index: int, day: date) -> Reason:
        """The weekday, or later obstacle, for which a session is not on *day*, though it could be.

        Either no course goes on from *day*; or one does, but the shift that the obstacle asks for
        costs less when it is shared. (From *day* on, preferred intervals would cost nothing more;
        since the optimum is elsewhere, they must run into an obstacle. So is a day on another
        weekday than the preferred ones.)
        """
        offsets = accumulate(self.problem.preferred[index:])
        ahead = [day + timedelta(days=offset) for offset in offsets]
        steps, intervals = len(self.days) - index - 1, self.problem.limits.intervals
        usable = self.availability.usable(day, steps * intervals[-1] + 1)
        goes_on = bool(reachable(usable, 1, steps, intervals)[-1])
        # Where no course goes on from it, no weekday is a reason.
        if goes_on and self._goes_to_weekday(self.days[index], day):
            return other_weekday(self.problem, day)
        others = [each for each in ahead if goes_on and not self._is_on_weekday(each)]
        obstacle = next(it for it in ahead if it in others or self.availability.blockers(it))
        number = index + 2 + ahead.index(obstacle)
        if obstacle in others:
            prefers = other_weekday(self.problem, obstacle)
            return replace(prefers, cause=causes.SharesShift(number, obstacle, (prefers.cause,)))
        blockers = self.availability.blockers(obstacle)
        why = tuple(each.cause for each in blockers)
        cause: Cause = causes.NoCourseGoesOn(day, obstacle, why)
        if goes_on:
            cause = causes.SharesShift(number, obstacle, why)
        deadline = any(each.code is ReasonCode.DEADLINE for each in blockers)
        code = ReasonCode.DEADLINE if deadline else ReasonCode.LOOK_AHEAD
        return Reason(code, (obstacle,), cause)


def other_weekday(problem: Problem, day: date) -> Reason:
    """That a session is not on *day*, since another weekday is preferred."""
    weekdays = tuple(sorted(problem.request.weekdays))
    return Reason(ReasonCode.WEEKDAY, (day,), causes.OtherWeekday(weekdays))


def _why_not_due(problem: Problem, placed: MaintenanceDay, late: str | None) -> Iterator[Reason]:
    day, due, days = placed.day, placed.due, problem.maintenance_days
    if day == due:
        return
    if late is not None:
        yield Reason(ReasonCode.PAST, (day,), causes.NoDayLeft(late, was=False))
        return
    blocked = days.reasons([due])
    yield from blocked
    before = placed.before
    if placed.pinned:
        yield Reason(ReasonCode.PINNED, (day,), causes.Plain.BY_HAND)
    elif before is not None and before.day == day:
        if not blocked:
            yield Reason(ReasonCode.AGREED, (day,), causes.Plain.AGREED)
    elif (nearest := days_outwards(due, days)[0]) != day:
        yield other_weekday(problem, nearest)


def _by_hand(reasons: Iterable[Reason], *, by_hand: bool) -> Iterator[Reason]:
    """Why a session is not at its preferred time; *by_hand* where its day and time were chosen."""
    for reason in reasons:
        if by_hand and reason.code is ReasonCode.AGREED:
            cause = reason.cause
            if isinstance(cause, causes.AgreedTime):
                cause = cause._replace(by_hand=True)
            yield replace(reason, code=ReasonCode.PINNED, cause=cause)
        else:
            yield reason
