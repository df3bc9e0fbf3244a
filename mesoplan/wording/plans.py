"""Plans and refusals as a reader gets them: a plan with its notices, a refusal with its words.

`mesoplan.plan` and `mesoplan.replan` are these. What they say is worked out only for the plan that
is taken, or the refusal that is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import InvalidInput
from mesoplan.model.plan import ROW
from mesoplan.planning.notices import late_notices, notices_of
from mesoplan.planning.planner import Refusal, Solution, require_recent_start, solve
from mesoplan.planning.problem import problem_for
from mesoplan.planning.revision import with_reasons_of_today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime

    from mesoplan.model.causes import NoLegalPlan
    from mesoplan.model.changes import Change, Keep, Move
    from mesoplan.model.plan import Plan, SessionName
    from mesoplan.model.request import Request
    from mesoplan.model.taken import Bookings
    from mesoplan.planning.problem import Problem
    from mesoplan.planning.replanner import Kept
    from mesoplan.planning.whole_clinic import Replanned

_CLEARLY_BETTER = 9
"""Our own: by how much Σ (interval - preferred)² has to fall so that keeping the rhythm is worth a
mention. One interval that is 3 days off comes to as much."""


def plan(
    request: Request,
    *,
    not_before: date | None = None,
    now: datetime | None = None,
    explains: bool = True,
) -> Plan:
    """The best plan for *request*; the same request always gives the same plan.

    *not_before* is the first day, in the clinic's zone, whose session would not be in the past. It
    only matters where START is not given (no course is planned to begin before it), in what a
    refusal offers, for what is said of sessions in the past and a course more than two years ahead,
    and for refusing a START more than 30 days ago. *now* (aware) takes its place where the time of
    day counts: see `Problem.first_day`.

    Raises InvalidInput (UnknownName, OutsideRule, …) for a value that no plan can have, and
    NoLegalPlan, with the conflict and the ways out, when there is no plan within the rules. Unless
    it *explains*, a refusal has no ways out, and takes a fraction of the time.
    """
    problem = problem_for(request, now=now, not_before=not_before)
    require_recent_start(problem)
    found = solve(problem)
    if isinstance(found, Solution):
        return _with_notices(found)
    raise _refusal_of_new(problem, found, explains=explains)


def _refusal_of_new(problem: Problem, refusal: Refusal, *, explains: bool = True) -> NoLegalPlan:
    """Why there is no new course, and what would help."""
    from mesoplan.planning.conflicts import clash_of
    from mesoplan.wording.refusals import no_legal_plan

    clash = clash_of(refusal.problem, refusal.found)
    if not explains:
        return no_legal_plan(clash, (), refusal.asked)
    from mesoplan.planning.ways_out import ways_out_of_new

    def solve_again(request: Request) -> Solution | None:
        again = problem_for(request, problem.before, now=problem.now, not_before=problem.not_before)
        found = solve(again)
        return found if isinstance(found, Solution) else None

    ways = ways_out_of_new(problem, clash, solve_again)
    return no_legal_plan(clash, ways, refusal.asked)


class PlannedTogether(NamedTuple):
    """What comes of requests that were planned together."""

    plans: tuple[Plan | None, ...]
    """The plan for each request in their order, or None where no room was left beside the others.

    Each is the best one beside all others, and what `plan` gives there."""
    first_come: int
    """How many would have a plan first come, first served."""
    rounds: int
    """How many rounds were gone through."""
    stopped: bool
    """Whether it was to stop before all were."""


def plan_together(
    requests: Sequence[Request],
    taken: Bookings | None = None,
    *,
    priorities: Sequence[int] = (),
    rounds: int | None = None,
    now: datetime | None = None,
    stops: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> PlannedTogether:
    """Plans for new patients, beside each other and around what is *taken*, which stays as it is.

    As many as can be found have a plan. Everybody has one who would have one first come, first
    served: higher *priorities* first, one for each request, then in their order. After that
    number of *rounds* no more are looked for; the same requests always give the same plans. Where
    it *stops* before, the best found so far are the answer. The same course of a patient is planned
    once, unless `another` is asked for. *progress* gets how much is done, and of how much.

    Raises InvalidInput (UnknownName, OutsideRule, …) for a request that no plan can have, or that
    has `booked` times of its own, for two of one id, and where there is not one priority for each.
    """
    from mesoplan.model.taken import Bookings
    from mesoplan.planning.together import Together, usual_rounds

    together = Together(requests, taken or Bookings(), priorities, now)
    if rounds is not None and rounds < 0:
        raise InvalidInput(f"there can't be {rounds} rounds", "give 0 or more")
    count = len(requests)
    rounds = usual_rounds(count) if rounds is None else rounds
    served = together.first_come(lambda done: progress(done, count + rounds))
    done, stopped = together.improve(
        rounds, stops, lambda done: progress(count + done, count + rounds)
    )
    plans: list[Plan | None] = [None] * count
    for at, solution in together.courses():
        plan, asked = _with_notices(solution), requests[at]
        own = plan.request.with_taken_of(asked)
        plans[at] = replace(plan, request=replace(own, flex_days=asked.flex_days))
    return PlannedTogether(tuple(plans), served, done, stopped)


def replan(
    plan: Plan,
    change: Change,
    *,
    now: datetime,
    request: Request | None = None,
    keep: Keep = "days",
    explains: bool = True,
) -> Plan:
    """The plan after a change that is asked for at the moment *now* (aware).

    It has as few new days as can be; what else it may *keep* first, `Keep` says.

    What *request*, or else that of *plan*, says of closed days, busy times, absences and the trip
    holds for all that is planned again. Replan takes the rest of it too: the time, the interval,
    the length of a session, maintenance. Busy times are not kept. Raises InvalidInput for a change
    that makes no sense for this plan, and NoLegalPlan, with the conflict and the ways out, when no
    plan within the rules is left after it; unless it *explains*, without ways out. An absence or a
    request that is not new, and moves nothing, gives the plan itself.
    """
    from mesoplan.model.changes import Away, Replan, as_recorded
    from mesoplan.planning.changing import with_absence
    from mesoplan.planning.replanner import after_change, same_plan

    def attempt(asked: Plan, change: Change) -> Plan | Solution | Refusal:
        return after_change(asked, change, now, plan.request, keep)

    asked = plan if request is None else replace(plan, request=request)
    if isinstance(change, Away):
        asked = replace(asked, request=with_absence(asked.request, change))
    found = attempt(asked, change)
    if isinstance(found, Refusal):
        raise _refusal_of_change(asked, change, found, attempt if explains else None)
    after = _with_notices(found) if isinstance(found, Solution) else found
    if after.cancelled:
        after = replace(after, notices=tuple(late_notices(after)))
    own = after.request.with_taken_of(plan.request)
    after = replace(
        with_reasons_of_today(plan, after, now), request=own, did=as_recorded(change, keep)
    )
    if same_plan(plan, after):
        if isinstance(change, Away | Replan):
            return plan
        raise InvalidInput("nothing would change", "“mesoplan show” shows the plan as it is")
    return after


def replan_all(
    plans: Iterable[Plan],
    changed: Callable[[Request], Request],
    *,
    now: datetime,
    practitioner: str | None = None,
    explains: bool = True,
    typed: tuple[str, ...] = (),
    taken: Bookings | None = None,
) -> tuple[Replanned, ...]:
    """What becomes of the plans of a book that a change of the clinic affects, at *now* (aware).

    *changed* gives the request of a plan in the changed clinic. A plan is affected if a session to
    come can't take place there. It is planned again as `replan` does, around all other plans; with
    *practitioner*, the one of that id treats from now on. All others stay as they are. The same
    plans, in whatever order, always give the same answer.

    They come in an order in which they can be written: each fits beside those before it as they are
    then, and all others as they were. Those without a plan within the rules come last, with a
    refusal, which has ways out if it *explains*. *typed* is for the plans' records, see `Replan`.
    *taken* is what the book takes, if that is more than the plans take.
    """
    from mesoplan.errors import MesoplanError
    from mesoplan.model.changes import Replan
    from mesoplan.planning.whole_clinic import ChangedClinic, Replanned

    clinic = ChangedClinic(tuple(plans), changed, now, practitioner, taken)
    change, done = Replan(typed=typed, of_all=now), list[Replanned]()

    def attempt(plan: Plan, *, explains: bool) -> Replanned | None:
        sessions = clinic.sessions_affected(plan)
        if not sessions:
            return None
        request = clinic.request_to_replan(plan)
        try:
            after = replan(plan, change, now=now, request=request, explains=explains)
        except MesoplanError as refusal:
            return Replanned(plan, sessions, None, refusal)
        clinic.bookings.book_plan(after)
        return Replanned(plan, sessions, after)

    left, is_last = clinic.in_best_order(), False
    while True:
        tried = [attempt(plan, explains=explains and is_last) for plan in left]
        done += [each for each in tried if each is not None and each.after is not None]
        refused = [each for each in tried if each is not None and each.after is None]
        if not refused or (is_last and len(refused) == len(left)):
            return (*done, *refused)
        # What others gave up by now may be what they lack.
        left, is_last = tuple(each.before for each in refused), True


def offers(
    plan: Plan,
    session: SessionName,
    *,
    now: datetime,
    request: Request | None = None,
    late: str | None = None,
    keep: Keep = "days",
) -> tuple[tuple[Move, Plan], ...]:
    """The best three days to which a session can move, each with the plan after that.

    The fewest new dates for the patient come first. There is none where no day will do. What else
    can be given is as of `replan`.
    """
    from mesoplan.planning.offers import best_moves

    asked = plan if request is None else replace(plan, request=request)
    moves = best_moves(asked, session, now, plan.request, late, keep)
    return tuple((move, replan(plan, move, now=now, request=request, keep=keep)) for move in moves)


def more_that_fit(
    before: Plan, after: Plan, request: Request, now: datetime, path: str
) -> Iterator[str]:
    """That there is room by now for sessions that a trip left out, if there is."""
    from mesoplan.model.changes import Extend
    from mesoplan.planning.replanner import after_change
    from mesoplan.wording.options import command_line

    request = replace(request, practitioner=after.request.practitioner)
    asked = replace(after, request=request)
    fewer = (each.about for each in before.notices if each.code == "FEWER_SESSIONS")
    wanted = next((about[1] for about in fewer if isinstance(about, tuple)), 0)
    for by in range(wanted - after.total_sessions, 0, -1):
        if isinstance(after_change(asked, Extend(by), now, request), Solution):
            command = command_line(["extend", path, f"{by:+d}"], {})
            more = "1 more session" if by == 1 else f"{by} more sessions"
            yield f"Room for {more} now (ask the practitioner): {command}"
            return


def rhythm_instead(
    before: Plan, change: Change, after: Plan, request: Request, now: datetime, path: str | None
) -> Iterator[str]:
    """What it would take to keep the rhythm, where a change of the course makes it clearly worse.

    Not where sessions would come on another weekday than the preferred ones for it, nor where that
    would undo the change. If the change is written to the plan's *path*, the rest is planned again
    after it; if it is not, the change itself would be another one.
    """
    from mesoplan.model.changes import Replan
    from mesoplan.planning.replanner import after_change
    from mesoplan.wording.options import command_line

    plan = before
    if path is not None:
        plan, change = after, Replan()
        request = replace(request, practitioner=after.request.practitioner)
    try:
        found = after_change(replace(plan, request=request), change, now, plan.request, "rhythm")
    except InvalidInput:
        # Nothing is left to plan again, as after a plan is cancelled.
        return
    if not isinstance(found, Solution):
        return
    problem, kept = found.problem, [session.day for session in after.sessions]
    agreed = {session.day for session in plan.sessions}
    if {*found.days} == {session.day for session in before.sessions}:
        return

    def news(days: Iterable[date]) -> tuple[int, int]:
        """How many sessions are on a new day, and on another weekday."""
        new = sum(day not in agreed for day in days)
        return new, sum(not problem.is_on_weekday(day) for day in days)

    saved = problem.off_rhythm(kept) - problem.off_rhythm(found.days)
    (new, others), (new_then, others_then) = news(kept), news(found.days)
    more = new_then - new
    if saved >= _CLEARLY_BETTER and more > 0 and others_then <= others:
        how = "add --keep rhythm"
        if path is not None:
            how = command_line(["replan", path], {"keep": "rhythm"})
        sessions = "1 more session" if more == 1 else f"{more} more sessions"
        yield f"Keeping the rhythm instead would move {sessions}: {how}"


def _refusal_of_change(
    plan: Plan,
    change: Change,
    refusal: Refusal,
    attempt: Callable[[Plan, Change], Plan | Solution | Refusal] | None,
) -> NoLegalPlan:
    """Why no plan is left after a change, and what would help, if there is a way to try it."""
    from mesoplan.planning.conflicts import clash_of
    from mesoplan.wording.refusals import no_legal_plan

    clash = clash_of(refusal.problem, refusal.found)
    if attempt is None:
        return no_legal_plan(clash, (), refusal.asked)
    from mesoplan.planning.ways_out import ways_out_of_change

    def try_again(asked: Plan, change: Change) -> Solution | None:
        try:
            again = attempt(asked, change)
        except InvalidInput:
            return None
        return again if isinstance(again, Solution) else None

    asked = refusal.asked or refusal.problem
    ways = ways_out_of_change(plan, change, asked, clash, try_again)
    return no_legal_plan(clash, ways, refusal.asked)


def revised(plan: Plan, request: Request, kept: Kept, *, now: datetime) -> Plan:
    """The next revision of *plan*, for a request in place of its own, at the moment *now* (aware).

    A row of a batch that was changed asks for this. A plan that was cancelled is taken up again,
    unless only words change. Busy times are not kept. Raises InvalidInput for a request that no
    plan can have, and NoLegalPlan when no plan within the rules is left.
    """
    from mesoplan.planning.conflicts import clash_of
    from mesoplan.planning.replanner import for_another_request
    from mesoplan.wording.refusals import no_legal_plan

    found = for_another_request(plan, request, kept, now)
    if isinstance(found, Refusal):
        if found.problem.begins_anew:
            raise _refusal_of_new(found.problem, found)
        refusal = no_legal_plan(clash_of(found.problem, found.found), (), found.asked)
        refusal.remedy = (
            "What is past or was chosen by hand leaves no day: ask for other days, or record what "
            "was missed."
        )
        raise refusal
    after = _with_notices(found) if isinstance(found, Solution) else found
    own = after.request.with_taken_of(plan.request)
    return replace(with_reasons_of_today(plan, after, now), request=own, did=ROW)


def _with_notices(solution: Solution) -> Plan:
    plan = solution.written()
    return replace(plan, notices=tuple(notices_of(solution, plan)))
