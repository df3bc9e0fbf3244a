"""The plans of a book in a clinic that changed: which are affected, and in which order to replan.

A plan is affected where a session to come can't take place any more. Each is planned again around
all others: those before it as they are by then, those after it as they were. So the book is right
after each of them, and the order decides who gets which times.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, reduce
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.times import minutes_of
from mesoplan.errors import InvalidInput
from mesoplan.model.changes import Replan
from mesoplan.model.taken import Bookings, spans_of
from mesoplan.planning.availability import for_maintenance
from mesoplan.planning.planner import Solution
from mesoplan.planning.replanner import after_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from mesoplan.errors import MesoplanError
    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import Request
    from mesoplan.model.taken import BusySpan

MOST_IN_EVERY_ORDER = 5
"""Up to this number of plans that compete for times, every order is tried."""
MOST_ORDERS = 3
"""Of more plans, this number of orders is tried at most."""
_MOST_TRIES = 1000
"""How often plans are solved before groups are not put together any more."""
_DAY = timedelta(days=1)


class Replanned(NamedTuple):
    """What became of a plan that was affected."""

    before: Plan
    sessions: tuple[Session, ...]
    """Those to come that can't take place as they were, in order."""
    after: Plan | None
    """The next revision; None if no plan within the rules is left."""
    refusal: MesoplanError | None = None
    """Why there is none, and what would help."""


class _Cost(NamedTuple):
    """What the best of several orders has least."""

    refused: int = 0
    new_days: int = 0
    """How many sessions are on a day that was not agreed before."""
    new_dates: int = 0
    """How many have another day or time."""

    def plus(self, other: _Cost) -> _Cost:
        """The sum of both."""
        return _Cost(*map(sum, zip(self, other, strict=True)))


class _Held(NamedTuple):
    """The times that a plan takes, and who treats."""

    spans: tuple[BusySpan, ...]
    practitioner: str | None


class _Tried(NamedTuple):
    """What came of one order of some plans."""

    cost: _Cost
    order: tuple[Plan, ...]


@dataclass(frozen=True, eq=False)
class ChangedClinic:
    """A book of plans, and what is asked of each by now."""

    plans: tuple[Plan, ...]
    changed: Callable[[Request], Request]
    """Makes of the request of a plan what it is in the changed clinic, the book left out."""
    now: datetime
    practitioner: str | None = None
    """The id of the one who treats those that are planned again; None for the one of each."""
    taken: Bookings | None = None
    """What the book takes, if that is more than the plans take."""

    @cached_property
    def bookings(self) -> Bookings:
        """Who takes which times by now."""
        bookings = Bookings() if self.taken is None else self.taken.copy()
        for plan in self.plans:
            bookings.book_plan(plan)
        return bookings

    @cached_property
    def _requests(self) -> dict[str, Request]:
        return {plan.id: self.changed(plan.request) for plan in self.plans if plan.coming(self.now)}

    @cached_property
    def counts_sessions(self) -> bool:
        """Whether the clinic or anybody who treats has a most number of sessions a day."""
        return any(
            request.most_sessions_a_day
            or any(it.most_sessions_a_day for it in request.practitioners)
            for request in self._requests.values()
        )

    def request_around(self, plan: Plan) -> Request:
        """What is asked of a plan, around all others as they are by now."""
        booked = self.bookings.around(plan.id)
        return replace(self._requests[plan.id], booked=booked)

    def request_to_replan(self, plan: Plan) -> Request:
        """The same with the one who treats from now on."""
        request = self.request_around(plan)
        return replace(request, practitioner=self.practitioner or request.practitioner)

    def sessions_affected(self, plan: Plan) -> tuple[Session, ...]:
        """The sessions to come that can't take place, in order."""
        if plan.id not in self._requests:
            return ()
        return sessions_affected(plan, self.request_around(plan), self.now)

    @cached_property
    def affected(self) -> tuple[Plan, ...]:
        """The plans that are affected at first, those with the nearest such session first."""
        found = [(self.sessions_affected(plan), plan) for plan in self.plans]
        nearest = {plan.id: sessions[0].start for sessions, plan in found if sessions}
        plans = (plan for plan in self.plans if plan.id in nearest)
        return tuple(sorted(plans, key=lambda each: (nearest[each.id], each.id)))

    def in_best_order(self) -> tuple[Plan, ...]:
        """The affected plans in the order in which they are to be planned again.

        No other order of those tried leaves fewer patients without a plan, which counts first, or
        of such orders asks them for fewer new days in all. Tried are all orders of few plans that
        compete for times; of more than MOST_IN_EVERY_ORDER, first those with the nearest session
        first, and then some that begin with those who came off badly. If too many
        compete to keep all groups apart, it is still no worse than the nearest session first.
        """
        return _Orders(self).best()


def sessions_affected(plan: Plan, request: Request, now: datetime) -> tuple[Session, ...]:
    """The sessions to come that can't take place in the clinic of a request, in order.

    They are with the one who treats them, whoever the request names.
    """
    coming = () if plan.cancelled else plan.coming(now)
    request = replace(request, practitioner=plan.request.practitioner)
    staff, treats = request.practitioners, request.practitioner
    able = (each.id for each in staff if each.treats(plan.goal))
    if staff and treats is not None and treats not in able:
        return coming
    days = for_maintenance(request, plan.duration_minutes)
    return tuple(
        each
        for each in coming
        if days.is_closed(each.day)
        or days.slots.why_not_at(each.day, minutes_of(each.start.time())) is not None
    )


def _held(plan: Plan) -> _Held:
    return _Held(spans_of(plan), plan.request.practitioner)


class _Orders:
    """Tries orders of the affected plans, by groups of those that may compete for times.

    A plan that is planned around fewer others has the same days around more of them, as long as
    these days stay free. So whoever takes no time that others may want, or have, is planned alike
    in every order.
    """

    def __init__(self, clinic: ChangedClinic) -> None:
        self.clinic = clinic
        self.tries = 0
        self.alone: dict[str, _Cost] = {}
        """What each plan costs if it is the only one."""
        self.wanted: dict[str, set[_Held]] = {}
        """All that each plan would take, in some order."""

    def best(self) -> tuple[Plan, ...]:
        """See `ChangedClinic.in_best_order`."""
        affected = self.clinic.affected
        for plan in affected:
            self._release(plan)
        groups: list[tuple[Plan, ...]] = [(plan,) for plan in affected]
        tried: dict[tuple[str, ...], _Tried] = {}
        while True:
            for group in groups:
                if _ids(group) not in tried:
                    tried[_ids(group)] = self._best_of(group)
            joined = self._joined(groups)
            if len(joined) == len(groups) or self.tries > _MOST_TRIES:
                break
            groups = joined
        best = tuple(plan for group in groups for plan in tried[_ids(group)].order)
        if len(joined) < len(groups):
            both = [_Tried(_sum(self._in_order(order)), order) for order in (affected, best)]
            best = min(both, key=attrgetter("cost")).order
        for plan in affected:
            self.clinic.bookings.book_plan(plan)
        return best

    def _best_of(self, group: Sequence[Plan]) -> _Tried:
        if len(group) == 1:
            cost, _ = self._try(group[0])
            self.alone[group[0].id] = cost
            return _Tried(cost, tuple(group))
        best = _Tried(_sum(self._in_order(group)), tuple(group))
        if best.cost.new_days > self._least_new_days(group) or best.cost.refused:
            few = len(group) <= MOST_IN_EVERY_ORDER
            best = self._of_every_order(group) if few else self._of_some_orders(group)
        for plan in group:
            self._release(plan)
        return best

    def _least_new_days(self, group: Sequence[Plan]) -> int:
        """No order has fewer: as many days as are lost, whoever else has given up what."""
        found = 0
        for plan in group:
            self._release(plan)
        for plan in group:
            request = self.clinic.request_to_replan(plan)
            days = for_maintenance(request, plan.duration_minutes)._replace(others=())
            coming = (each for each in plan.sessions if not each.is_past(self.clinic.now))
            found += sum(not days.usable(each.day, 1) for each in coming)
        return found

    def _of_every_order(self, group: Sequence[Plan]) -> _Tried:
        """The best order of a few plans; those that come to the same are followed once."""
        nothing: tuple[_Held | None, ...] = (None,) * len(group)
        states = {nothing: _Tried(_Cost(), ())}
        for _ in group:
            following: dict[tuple[_Held | None, ...], _Tried] = {}
            for state, so_far in states.items():
                for place, plan in enumerate(group):
                    if state[place] is not None:
                        continue
                    for other, held in zip(group, state, strict=True):
                        self._book(other, held or _held(other))
                    cost, held = self._try(plan)
                    tried = _Tried(so_far.cost.plus(cost), (*so_far.order, plan))
                    reached = (*state[:place], held, *state[place + 1 :])
                    if reached not in following or tried.cost < following[reached].cost:
                        following[reached] = tried
            states = following
        return min(states.values(), key=attrgetter("cost"))

    def _of_some_orders(self, group: Sequence[Plan]) -> _Tried:
        """The best of a few orders, each of which begins with those who came off badly before."""
        least = _sum({plan.id: self.alone[plan.id] for plan in group})
        order, found = tuple(group), dict[tuple[str, ...], _Tried]()
        while _ids(order) not in found and len(found) < MOST_ORDERS:
            costs = self._in_order(order)
            found[_ids(order)] = _Tried(_sum(costs), order)
            if _sum(costs) <= least:
                break
            order = tuple(sorted(order, key=lambda each: costs[each.id] <= self.alone[each.id]))
        return min(found.values(), key=attrgetter("cost"))

    def _in_order(self, order: Sequence[Plan]) -> dict[str, _Cost]:
        """What each plan costs, one planned again after the other."""
        for plan in order:
            self.clinic.bookings.book_plan(plan)
        costs = {}
        for plan in order:
            costs[plan.id], held = self._try(plan)
            self._book(plan, held)
        return costs

    def _try(self, plan: Plan) -> tuple[_Cost, _Held]:
        """What it costs to plan one again around all others as they are, and what it then takes."""
        self.tries += 1
        cost, held = self._planned_again(plan)
        self.wanted.setdefault(plan.id, set()).add(held)
        return cost, held

    def _planned_again(self, plan: Plan) -> tuple[_Cost, _Held]:
        clinic = self.clinic
        if not clinic.sessions_affected(plan):
            return _Cost(), _held(plan)
        asked = replace(plan, request=clinic.request_to_replan(plan))
        found: object = None
        with suppress(InvalidInput):
            found = after_change(asked, Replan(), clinic.now, plan.request)
        if not isinstance(found, Solution):
            return _Cost(refused=1), _held(plan)
        after = found.written()
        days, dates = ({of(each) for each in plan.active} for of in (_day, _date))
        new_days = sum(_day(each) not in days for each in after.active)
        new_dates = sum(_date(each) not in dates for each in after.active)
        return _Cost(0, new_days, new_dates), _held(after)

    def _joined(self, groups: Sequence[Sequence[Plan]]) -> list[tuple[Plan, ...]]:
        """The groups, with those in one that may compete: one would take what others have or want.

        Where a day has a most number of sessions, all of a day compete.
        """
        margin = _DAY * self.clinic.counts_sessions
        spans = []
        for place, group in enumerate(groups):
            for plan in group:
                wanted = {span for held in self.wanted[plan.id] for span in held.spans}
                for span in wanted.union(_held(plan).spans):
                    is_new = span in wanted
                    spans.append((span.start - margin, span.end + margin, is_new, place))
        leads = [*range(len(groups))]
        """The place of a group that each is in one with, or its own."""
        running: list[tuple[datetime, bool, int]] = []
        for start, end, is_new, place in sorted(spans):
            running = [each for each in running if each[0] > start]
            for _, other_is_new, other in running:
                if (is_new or other_is_new) and leads[other] != leads[place]:
                    first, second = sorted((leads[other], leads[place]))
                    leads = [first if each == second else each for each in leads]
            running.append((end, is_new, place))
        joined: dict[int, list[Plan]] = {}
        for lead, group in zip(leads, groups, strict=True):
            joined.setdefault(lead, []).extend(group)
        place_of = {plan.id: place for place, plan in enumerate(self.clinic.affected)}
        return [tuple(sorted(each, key=lambda it: place_of[it.id])) for each in joined.values()]

    def _book(self, plan: Plan, held: _Held) -> None:
        self.clinic.bookings.book(plan.id, *held)

    def _release(self, plan: Plan) -> None:
        self.clinic.bookings.release(plan.id)


def _sum(costs: Mapping[str, _Cost]) -> _Cost:
    return reduce(_Cost.plus, costs.values(), _Cost())


def _ids(plans: Iterable[Plan]) -> tuple[str, ...]:
    return tuple(plan.id for plan in plans)


def _day(session: Session) -> tuple[str, date]:
    return session.kind, session.day


def _date(session: Session) -> tuple[str, datetime]:
    return session.kind, session.start
