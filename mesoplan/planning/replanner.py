"""Plan + change -> Plan: keeps agreed days where possible, and never moves what took place.

A session is *past* when it took place, or when its time has come and it is not recorded. The past
sessions are the first ones of a course. A change plans those after them again: with the fewest days
that were not agreed before, and then like a new course.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput
from mesoplan.model.changes import Attend, Cancel, Change, Miss, Move
from mesoplan.model.plan import UNDO, Plan, Session, Status
from mesoplan.planning.changing import changed
from mesoplan.planning.planner import Refusal, Solution, as_asked, require_recent_start, solve
from mesoplan.planning.problem import Problem, carried_on, problem_for
from mesoplan.planning.revision import cancelled, event_fingerprint, settled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mesoplan.model.changes import Keep
    from mesoplan.model.plan import SessionName
    from mesoplan.model.request import Request


def after_change(
    plan: Plan, change: Change, now: datetime, was: Request, keep: Keep = "days"
) -> Plan | Solution | Refusal:
    """What a change results in: the plan itself if nothing has to be placed.

    The plan has its new request already; *was* is the one before. Where they are the same, or where
    no day within the rules is left for the course anyway, a change of maintenance leaves the course
    as it is; and it never moves the course for the sake of its rhythm.
    """
    problem = changed(plan, change, now, was)
    if isinstance(problem, Plan):
        return problem
    names: tuple[SessionName | None, ...] = ()
    if isinstance(change, Miss):
        names = change.sessions
    elif isinstance(change, Move | Cancel):
        names = (change.session,)
    of_maintenance = {name and name.kind for name in names} == {"maintenance"}
    if keep == "rhythm" and not of_maintenance:
        problem = replace(problem, keeps_rhythm=True)
    return solve(
        problem,
        chooses=not of_maintenance,
        course_stays=of_maintenance and (was == plan.request or problem.is_too_late),
        took_place=isinstance(change, Attend),
    )


def same_events(before: Plan, after: Plan) -> bool:
    """Whether a plan and its next revision have the same events, in the same words."""
    events, same = (
        {each.uid: each.sequence for each in plan.every_session} for plan in (before, after)
    )
    return events == same and before.request.language == after.request.language


def has_news(before: Plan, after: Plan, now: datetime) -> bool:
    """Whether the patient has other dates after a change, or the same in another language."""
    comparison = compare(before, after, now)
    is_anew = before.request.language != after.request.language
    return bool(comparison.going or comparison.coming or is_anew)


def with_unseen(before: Plan, after: Plan, now: datetime) -> Plan:
    """The next revision of a plan, which knows since when the patient has not seen its dates.

    What is written anew in another language was not seen, either. The patient's link, and what is
    known of servers, stay also where a change is taken back.
    """
    unseen = before.unseen
    if after.did == UNDO and unseen == before.revision:
        # The patient has the dates that are back, unless those were not handed out, either.
        unseen = after.unseen
    elif unseen is None and has_news(before, after, now):
        unseen = after.revision
    return replace(
        after,
        unseen=unseen,
        link=before.link,
        withdrawn=before.withdrawn,
        published=before.published,
    )


def same_plan(before: Plan, after: Plan) -> bool:
    """Whether a plan and its next revision are the same, appointment for appointment."""

    def parts(plan: Plan) -> tuple[object, ...]:
        sessions = {session.uid: session for session in plan.every_session}
        return sessions, plan.request, plan.cancelled

    return parts(before) == parts(after)


class Kept(IntEnum):
    """What stays of what was agreed; each keeps what those before it keep.

    What took place, and days that were chosen by hand, stay in any case.
    """

    NOTHING = 0
    """The course is planned as a new one is: another START, or other preferred intervals."""
    DAYS = 1
    """As many days as can be; times are chosen anew: another time of day."""
    TIMES = 2
    """As many days as can be with their times: other closed days, absences, numbers."""
    ALL = 3
    """All days and times: other words."""


def for_another_request(
    plan: Plan, request: Request, kept: Kept, now: datetime
) -> Plan | Solution | Refusal:
    """What comes of another request for a plan; the plan itself where only words change.

    Raises InvalidInput for a request that no plan can have.
    """
    request = replace(request, plan_id=plan.id)
    if request.practitioner is None:
        request = replace(request, practitioner=plan.request.practitioner)
    if request.timezone != plan.request.timezone:
        plan = _in_zone(plan, request.timezone, now)
    problem = problem_for(request, plan, now=now)
    settles = any(each.is_past(now) or each.pinned for each in plan.sessions)
    if kept is Kept.ALL:
        same = as_asked(replace(problem, sessions=plan.total_sessions))
        return settled(plan, replace(same, cancelled=plan.cancelled), (), now)
    if (kept is Kept.NOTHING or plan.cancelled) and not settles:
        # A new course in place of one of which nothing took place.
        if request.given_start != plan.request.given_start:
            require_recent_start(problem)
        return solve(
            replace(
                problem,
                agreed=plan.sessions,
                maintenance=plan.maintenance,
                keeps_days=False,
                keeps_times=False,
            )
        )
    return _gone_on(problem, plan, kept)


def _in_zone(plan: Plan, zone_name: str, now: datetime) -> Plan:
    """The plan with what took place, or was dropped, as the clocks of another zone show it.

    What is to come keeps its times of day, which are other moments then.
    """
    zone = find_zone(zone_name)

    def shown(each: Session) -> Session:
        if each.is_past(now) or each.status is not Status.PLANNED:
            return replace(each, start=each.start.astimezone(zone), end=each.end.astimezone(zone))
        return each

    return plan.with_each(shown)


def _gone_on(problem: Problem, plan: Plan, kept: Kept) -> Solution | Refusal:
    """The plan with what is still to come planned anew."""
    past = sum(problem.is_past(session) for session in plan.sessions)
    if problem.request.sessions is not None and problem.sessions < past:
        raise InvalidInput(
            f"{past} sessions took place or are past, so the course can't have {problem.sessions}",
            f"ask for {past} or more, or record those that did not take place with “miss”",
        )
    # Whether there are fewer sessions than asked for is worked out anew.
    notices = tuple(each for each in plan.notices if each.code != "FEWER_SESSIONS")
    problem = carried_on(
        replace(
            problem,
            before=replace(plan, notices=notices),
            sessions=max(problem.sessions, past),
            least_sessions=max(problem.least_sessions, past),
        ),
        plan,
        keeps_days=kept >= Kept.DAYS,
        keeps_times=kept >= Kept.TIMES,
    )
    return solve(problem)


def undone(plan: Plan, earlier: Plan, now: datetime) -> Plan:
    """*earlier* as the next revision of *plan*, both of one id, at the moment *now* (aware).

    Every appointment that differs gets a higher sequence number than it had in either; one that
    *earlier* does not know is cancelled. Raises InvalidInput if the two are alike.
    """
    current = {session.uid: session for session in plan.every_session}

    def newer(session: Session) -> Session:
        there = current.get(session.uid)
        if there is None:
            return session
        highest = max(there.sequence, session.sequence)
        if _event(plan, there, now) == _event(earlier, session, now):
            return replace(session, sequence=there.sequence)
        return replace(session, sequence=highest + 1)

    known = {session.uid for session in earlier.every_session}
    dropped = [newer(session) for session in earlier.dropped]
    for uid, session in current.items():
        if uid not in known:
            dropped.append(session if session.is_dropped else cancelled(session))
    after = replace(
        earlier,
        revision=plan.revision + 1,
        sessions=tuple(map(newer, earlier.sessions)),
        maintenance=tuple(map(newer, earlier.maintenance)),
        dropped=tuple(sorted(dropped, key=lambda session: session.place_in_time)),
        last_serial=max(plan.last_serial, earlier.last_serial),
        did=earlier.did if plan.did == UNDO else UNDO,
    )
    if same_plan(plan, after):
        raise InvalidInput(
            "the plan before the last change is the same", "there is nothing to undo"
        )
    return after


def _event(plan: Plan, session: Session, now: datetime) -> tuple[object, ...]:
    if session.is_dropped:
        return (session.status, session.start, session.number)
    return event_fingerprint(plan, session, now)


class Row(NamedTuple):
    """One appointment before and after."""

    before: Session | None
    """None for a new one."""
    after: Session
    """As it is now, or as it was dropped."""
    comes_back: bool = False
    """Whether it had been dropped before."""

    @property
    def is_dropped(self) -> bool:
        """Whether it does not take place any more."""
        return self.after.is_dropped

    @property
    def moves(self) -> bool:
        """Whether it goes to another day or time."""
        return self.before is not None and (
            self.before.start != self.after.start or self.before.end != self.after.end
        )

    @property
    def is_kept(self) -> bool:
        """Whether its time and its status stay as they were."""
        return (
            self.before is not None
            and not self.moves
            and self.before.status is self.after.status
            and self.before.pinned == self.after.pinned
        )


class Comparison(NamedTuple):
    """Two revisions of a plan, side by side."""

    before: Plan
    after: Plan
    rows: tuple[Row, ...]
    """The course by its days, then maintenance; what was dropped earlier is not among them."""
    going: tuple[Session, ...]
    """What the patient can strike out: appointments to come, as they were."""
    coming: tuple[Session, ...]
    """What the patient must note down."""

    @property
    def in_pairs(self) -> Iterator[tuple[Session | None, Session | None]]:
        """What goes and what comes instead, None for nothing; what only goes is at the end."""
        going = list(self.going)
        for new in self.coming:
            old = next((each for each in going if each.uid == new.uid), None)
            old = old or next((each for each in going if each.name == new.name), None)
            if old is not None:
                going.remove(old)
            yield old, new
        yield from ((old, None) for old in going)

    @property
    def only_records(self) -> bool:
        """Whether nothing but what became of sessions changes, or when one really took place."""

        def is_recorded(row: Row) -> bool:
            if row.before is None or row.before.name != row.after.name:
                return False
            took_place = row.moves and row.after.status is Status.ATTENDED
            return took_place or row.before.status is not row.after.status

        changed = [row for row in self.rows if not row.is_kept]
        moves = bool(self.going or self.coming)
        return bool(changed) and not moves and all(map(is_recorded, changed))


def compare(before: Plan, after: Plan, now: datetime) -> Comparison:
    """What a change makes of a plan, at the moment *now* (aware)."""
    old = {session.uid: session for session in before.active}
    dropped_before = {session.uid for session in before.dropped}
    rows = [
        Row(old.get(session.uid), session, session.uid in dropped_before)
        for session in after.active
    ]
    rows += [
        Row(old.get(session.uid), session)
        for session in after.dropped
        if session.uid not in dropped_before or session.uid in old
    ]
    rows.sort(key=lambda row: (row.after.kind == "maintenance", row.after.start))
    then = {session.start for session in before.active}
    now_on = {session.start for session in after.active}
    going = (each for each in before.coming(now) if each.start not in now_on)
    coming = (each for each in after.coming(now) if each.start not in then)
    return Comparison(before, after, tuple(rows), tuple(going), tuple(coming))
