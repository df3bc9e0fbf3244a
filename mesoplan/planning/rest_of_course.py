"""Places the sessions of a course that are still to come, after those that took place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from mesoplan.dates.days import day_text
from mesoplan.dates.times import clock_text, minutes_of
from mesoplan.dates.zones import instant
from mesoplan.errors import InvalidInput
from mesoplan.model.plan import ReasonCode
from mesoplan.planning.availability import Span
from mesoplan.planning.solver import Wishes, members, on_courses, solve
from mesoplan.rules.limits import LONGEST_DELAY_DAYS, MAX_START_SLIP_DAYS
from mesoplan.rules.protocol import preferred_intervals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesoplan.model.plan import Session
    from mesoplan.planning.availability import Availability
    from mesoplan.planning.problem import Task
    from mesoplan.planning.slots import Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A session goes to that very day."""

    number: int | None
    """Its number; None where some session is to be there, of whatever number."""
    day: date
    clock: time | None = None
    """The time of day that was asked for; None where any will do."""
    appointment: Session | None = None
    """The one that goes there; None for a new one."""


@dataclass(frozen=True, slots=True)
class PlacedRest:
    """The days of the rest of a course, with what they were chosen by."""

    days: tuple[date, ...]
    availability: Availability
    is_late: bool = False
    """Whether the first of them comes after the last legal day."""


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What is to be placed: all sessions of a course but the facts."""

    task: Task
    """With the number of all sessions of the course, facts among them."""
    now: datetime
    facts: tuple[Session, ...]
    """In order."""
    agreed: tuple[Session, ...]
    """Those that are planned and still to come, in order: their days are agreed."""
    barred: frozenset[date] = frozenset()
    """Days on which a session was missed, or that were given up."""
    pin: Pin | None = None
    late: str | None = None
    """Why the next session may come after its last legal day."""
    lets_go: bool = False
    """Whether days that were chosen by hand may be given up: then as few as can be."""
    keeps_days: bool = True
    """Whether it goes before all else that days stay which were agreed, and not chosen by hand."""
    keeps_times: bool = True
    """Whether the times stay that were agreed, and not chosen by hand."""

    @property
    def sessions(self) -> int:
        """How many are to be placed."""
        return self.task.sessions - len(self.facts)

    @property
    def next_number(self) -> int:
        """The number of the first session that is to be placed."""
        return len(self.facts) + 1

    @cached_property
    def preferred(self) -> tuple[int, ...]:
        """The preferred interval before each session of the whole course but its first."""
        return preferred_intervals(self.task.phases_of(self.task.sessions))

    @cached_property
    def first_day(self) -> date:
        """The first day on which a session would not be in the past."""
        return first_day_left(self._slots, self.now)

    @cached_property
    def availability(self) -> Availability:
        """The days and times for the rest: none is past, and agreed times stay where they fit."""
        general = self.task.for_course()
        return replace(general, slots=self._slots, others=(*general.others, *self.bars))

    @property
    def bars(self) -> tuple[Span, ...]:
        """What blocks days because of the moment, and of what happened."""
        return self.bars_before(self.first_day)

    def bars_before(self, first_day: date) -> tuple[Span, ...]:
        """The same, where that is the first day which is not past."""
        last = first_day - timedelta(days=1)
        past = Span(ReasonCode.PAST, date.min, last, "the time has passed")
        missed = (
            Span(ReasonCode.GIVEN_UP, day, day, f"{day_text(day)} was missed or given up")
            for day in sorted(self.barred)
        )
        return (past, *missed)

    @cached_property
    def _slots(self) -> Slots:
        times = {
            session.day: minutes_of(session.start.time())
            for session in self.agreed
            if self.keeps_times or session.pinned
        }
        pin = self.pin
        if pin is not None and pin.clock is not None:
            times[pin.day] = minutes_of(pin.clock)
        elif pin is not None and pin.appointment is not None:
            times.setdefault(pin.day, minutes_of(pin.appointment.start.time()))
        return self.task.for_course().slots.keeping(times, self.now)

    @property
    def last_legal_day(self) -> date | None:
        """The last legal day for the next session; None where nothing took place."""
        if not self.facts:
            return None
        return self.facts[-1].day + timedelta(days=self.task.limits.max_interval_days)

    @property
    def is_too_late(self) -> bool:
        """Whether no legal day is left for the next session, since all of them are past."""
        last = self.last_legal_day
        return bool(self.sessions) and last is not None and last < self.first_day

    @property
    def excused(self) -> Session | None:
        """The next session, where it is late already and stays as it was agreed."""
        if not self.agreed or self.agreed[0].late is None:
            return None
        first, pin = self.agreed[0], self.pin
        pinned = pin is not None and (
            pin.day < first.day or (pin.number == self.next_number and pin.day != first.day)
        )
        return None if pinned or self.availability.blockers(first.day) else first


def first_day_left(slots: Slots, now: datetime) -> date:
    """The first day on which a session in one of the slots would not be in the past.

    *slots* know which times of today have passed.
    """
    today = now.astimezone(slots.zone).date()
    best = slots.best(today)
    if best is None:
        # Whether today would do but for the time of day.
        return today + timedelta(days=slots.keeping({}).best(today) is not None)
    begins = instant(today, time(*divmod(best, 60)), slots.zone)
    return today + timedelta(days=begins < now)


@dataclass(frozen=True, slots=True)
class Search:
    """Where the days of a rest are looked for: sets of days, counted from an origin."""

    origin: date
    usable: int
    starts: int
    """The days that the first session of the search may have."""
    first_number: int
    """The number of that session: of the last fact, or of the first session to be placed."""


@dataclass(frozen=True, slots=True)
class NoDays:
    """The rest finds no legal days."""

    why: Literal["TOO_LATE", "NO_LATE_DAY", "PINNED_DAY", "TOO_MANY_PINNED", "SEARCHED"]
    """All legal days are past; no usable day at all; a day chosen by hand can't be; more such days
    than sessions; none found."""
    search: Search | None = None
    """Where they were looked for in vain."""


def place_rest(rest: Rest) -> PlacedRest | NoDays:
    """The best days for the rest of a course, if there are any.

    Raises InvalidInput for a reason to be late where legal days are left.
    """
    if not rest.lets_go and rest.sessions < sum(session.pinned for session in rest.agreed):
        return NoDays("TOO_MANY_PINNED")
    if rest.sessions == 0 and rest.late is None:
        return PlacedRest((), rest.availability)
    if rest.is_too_late and rest.excused is None:
        return NoDays("TOO_LATE") if rest.late is None else _place_late(rest)
    if rest.late is not None:
        raise _not_late(rest)
    if not rest.lets_go and next(unusable_by_hand(rest), None) is not None:
        return NoDays("PINNED_DAY")
    search = search_for(rest)
    days = None
    first = _first_that_stays(rest)
    if not rest.keeps_days and search.starts:
        # As a new course does.
        first = search.origin + timedelta(days=next(members(search.starts)))
    if first is not None:
        days = solve_rest(rest, _starting_on(first, search))
    if days is None:
        days = solve_rest(rest, search)
    if days is None:
        return NoDays("SEARCHED", search)
    return PlacedRest(days[rest.next_number - search.first_number :], rest.availability)


def _first_that_stays(rest: Rest) -> date | None:
    """The day of session 1, where it is still to come and the change does not concern it.

    A new course begins on the first usable day from START on, and its other sessions are chosen
    around that one; so are they where the course is planned anew.
    """
    pin = rest.pin
    if not rest.keeps_days or rest.facts or not rest.agreed or rest.agreed[0].number != 1:
        return None
    first = rest.agreed[0].day
    pinned = pin is not None and (pin.number == 1 or pin.day <= first)
    return None if pinned or rest.availability.blockers(first) else first


def _starting_on(day: date, search: Search) -> Search:
    offset = (day - search.origin).days
    return replace(search, starts=search.starts & (1 << offset) if offset >= 0 else 0)


def unusable_by_hand(rest: Rest) -> Iterator[tuple[date, str]]:
    """The days that were chosen by hand and can't be used, each with the reason in words."""
    pin = rest.pin
    days = {session.day for session in rest.agreed if session.pinned}
    days |= {pin.day} if pin is not None else set()
    for day in sorted(days):
        blockers = rest.availability.blockers(day)
        if blockers:
            yield day, "; ".join(each.phrase(day) for each in blockers)
        elif pin is not None and day == pin.day and pin.clock is not None:
            minutes = minutes_of(pin.clock)
            why = rest.availability.slots.why_not_at(day, minutes)
            at = f"not at {clock_text(minutes)}"
            if why is not None:
                yield day, why if at in why else f"{at}: {why}"


def _not_late(rest: Rest) -> InvalidInput:
    last = rest.last_legal_day
    if rest.excused is not None and rest.is_too_late:
        why = f"session {rest.next_number} is late already, and stays where it was agreed"
    elif last is None or rest.sessions == 0:
        why = "no session took place that the next one could be too late after"
    else:
        why = f"session {rest.next_number} has legal days left, until {day_text(last)} (R2)"
    return InvalidInput(f"nothing is late: {why}", "leave out --late")


def later_than_needed(name: str, earliest: date, asked: date) -> InvalidInput:
    """A late session is to come on a later day than it must."""
    return InvalidInput(
        f"a late session comes on the earliest usable day: {name} on {day_text(earliest)}, not "
        f"on {day_text(asked)}",
        "give that day, or say with --away when the patient can't come",
    )


def search_for(rest: Rest) -> Search:
    """Where the rest is looked for: from the last fact on, or where none is, from START on."""
    longest = rest.task.limits.max_interval_days
    if (excused := rest.excused) is not None and rest.is_too_late:
        return onward(rest, excused.day, rest.next_number)
    if rest.facts:
        return onward(rest, rest.facts[-1].day, len(rest.facts))
    agreed = [session.day for session in rest.agreed[:1]]
    if rest.pin is not None and rest.pin.number == 1:
        agreed.append(rest.pin.day)
    earliest = rest.task.request.given_start
    if earliest is not None and rest.pin is not None and rest.pin.number == 1:
        # A day that is chosen by hand goes before START.
        earliest = min(earliest, rest.pin.day)
    if earliest is None:
        earliest = min(agreed, default=rest.first_day) - timedelta(days=MAX_START_SLIP_DAYS)
    origin = max(earliest, rest.first_day)
    latest = max([origin + timedelta(days=MAX_START_SLIP_DAYS), *agreed])
    last = min((latest - origin).days, MAX_START_SLIP_DAYS + LONGEST_DELAY_DAYS)
    usable = rest.availability.usable(origin, last + longest * (rest.sessions - 1) + 1)
    return Search(origin, usable, usable & ((1 << (last + 1)) - 1), 1)


def onward(rest: Rest, origin: date, first_number: int) -> Search:
    """The search in which the session of that number is on that day, whatever may block it."""
    steps = rest.task.sessions - first_number
    length = rest.task.limits.max_interval_days * steps + 1
    return Search(origin, rest.availability.usable(origin, length) | 1, 1, first_number)


def solve_rest(rest: Rest, search: Search, *, bound: bool = True) -> tuple[date, ...] | None:
    """The best days from the first session of the search on; None where there are none.

    Unless *bound*, neither the pin nor the days that were fixed by hand bind.
    """
    day = timedelta(days=1)
    preferred = rest.preferred[search.first_number - 1 :]
    off = rest.availability.minutes_off(search.origin, search.usable.bit_length())
    agreed = _bits(search, (each.day for each in rest.agreed if rest.keeps_days or each.pinned))
    wishes = Wishes(agreed)
    if bound:
        fixed_by_hand = {session.day for session in rest.agreed if session.pinned}
        if rest.pin is not None and rest.pin.number is None:
            fixed_by_hand.add(rest.pin.day)
        kept = _bits(search, fixed_by_hand)
        if not rest.lets_go and kept.bit_count() < len(fixed_by_hand):
            return None
        wishes = Wishes(agreed, kept, rest.lets_go, _fixed(rest, search))
    offsets = solve(
        search.usable,
        preferred,
        rest.task.limits.intervals,
        off,
        starts=search.starts,
        wishes=wishes,
    )
    return None if offsets is None else tuple(search.origin + day * offset for offset in offsets)


def legal_days(rest: Rest, search: Search) -> list[date]:
    """The days on which the pinned session can be in some legal course, at whatever time."""
    pin = rest.pin
    if pin is None:
        return []
    preferred, intervals = rest.preferred[search.first_number - 1 :], rest.task.limits.intervals
    kept = _bits(search, (session.day for session in rest.agreed if session.pinned))
    reach = on_courses(search.usable, search.starts, len(preferred), intervals)
    numbers = range(len(reach)) if pin.number is None else [pin.number - search.first_number]
    found = {
        day
        for index in numbers
        for day in members(reach[index])
        if not kept
        or solve(
            search.usable,
            preferred,
            intervals,
            starts=search.starts,
            wishes=Wishes(0, kept, fixed={index: day}),
        )
    }
    return [search.origin + timedelta(days=day) for day in sorted(found)]


def _fixed(rest: Rest, search: Search) -> dict[int, int]:
    pin = rest.pin
    if pin is None or pin.number is None:
        return {}
    return {pin.number - search.first_number: (pin.day - search.origin).days}


def _bits(search: Search, days: Iterable[date]) -> int:
    bits = 0
    for day in days:
        offset = (day - search.origin).days
        if 0 <= offset < search.usable.bit_length() and search.usable >> offset & 1:
            bits |= 1 << offset
    return bits


def _place_late(rest: Rest) -> PlacedRest | NoDays:
    """The next session on the earliest usable day from which the others are legal.

    Raises InvalidInput where a later day was asked for.
    """
    pin = rest.pin
    asked = pin is not None and pin.number in (None, rest.next_number)
    earliest = rest.first_day
    if not asked and not rest.lets_go and next(unusable_by_hand(rest), None) is not None:
        return NoDays("PINNED_DAY")
    # On another day the time that was asked for, or agreed, counts no more.
    free = replace(rest, pin=None) if asked else rest
    usable = free.availability.usable(earliest, LONGEST_DELAY_DAYS)
    if asked and pin is not None and (offset := (pin.day - earliest).days) >= 0:
        usable &= ~(1 << offset)
        usable |= rest.availability.usable(pin.day, 1) << offset
    for offset in members(usable):
        day = earliest + timedelta(days=offset)
        on_day = rest if asked and pin is not None and day == pin.day else free
        if on_day is not free and next(unusable_by_hand(on_day), None) is not None:
            return NoDays("PINNED_DAY")
        days = solve_rest(
            replace(on_day, pin=None) if asked else on_day, onward(on_day, day, rest.next_number)
        )
        if days is not None:
            if asked and pin is not None and pin.day > day:
                raise later_than_needed(f"session {rest.next_number}", day, pin.day)
            return PlacedRest(days, on_day.availability, is_late=True)
    return NoDays("NO_LATE_DAY")
