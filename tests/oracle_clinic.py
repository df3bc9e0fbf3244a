"""The slow, obviously right search for a clinic with practitioners, rooms and diaries.

It shares nothing with the program but the values of a request; what other plans of the book take
is said in values of its own. Of a session it is asked, at every moment at which anything could
begin, who and what is free.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from mesoplan import BusyCalendar, Practitioner, Request
from mesoplan.rules.goals import find_goal
from tests.oracle import days_after
from tests.oracle_hours import MINUTE, Oracle, Slot, rounded_down, rounded_up, running

Span = tuple[datetime, datetime]


class OtherSession(NamedTuple):
    """A session of another plan of the book."""

    start: datetime
    end: datetime
    practitioner: str | None
    """The id of the one who treats; None for a plan of before anybody was named."""


class Right(NamedTuple):
    """What the plan for a request must be."""

    practitioner: str | None
    slots: tuple[Slot, ...]


class Times:
    """Times that are taken, in whole minutes, found by their days."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._by_day: dict[date, list[Span]] = {}
        for start, end in spans:
            span = (rounded_down(start), rounded_up(end))
            day = span[0].date()
            while day <= span[1].date():
                self._by_day.setdefault(day, []).append(span)
                day = days_after(day, 1)

    def near(self, begin: datetime, end: datetime) -> list[Span]:
        """All that touch the days, in UTC, of two moments; two of the same times are two."""
        days = {begin.date(), end.date()}
        found = {id(span): span for day in days for span in self._by_day.get(day, ())}
        return list(found.values())


def spans_of(calendars: Iterable[BusyCalendar]) -> list[Span]:
    return [(span.start, span.end) for calendar in calendars for span in calendar.spans]


class ClinicOracle(Oracle):
    """What is right with the practitioner who is named in a request, or with whoever is free."""

    def __init__(self, request: Request, others: Sequence[OtherSession] | None = None) -> None:
        """*others* is None where no book is known."""
        super().__init__(request)
        self.others = others
        self.everybody: Sequence[Practitioner] = request.practitioners
        named = [each for each in self.everybody if each.id == request.practitioner]
        self.who = named[0] if named else None
        """The one who treats, where the clinic knows them."""
        self.clinic = Times(spans_of(request.busy))
        self.patient = Times(spans_of(request.patient_busy))
        self.rooms = Times([*spans_of(request.room_busy), *self._sessions(others or ())])
        self.nobodys = Times(self._sessions_of(None))
        self.diaries = {
            each.id: Times([*spans_of(each.busy), *self._sessions_of(each.id)])
            for each in self.everybody
        }
        if request.practitioner is not None and self.who is None:
            self.diaries[request.practitioner] = Times(self._sessions_of(request.practitioner))

    def _sessions_of(self, practitioner: str | None) -> list[Span]:
        return self._sessions(each for each in self.others or () if each[2] == practitioner)

    @staticmethod
    def _sessions(others: Iterable[OtherSession]) -> list[Span]:
        return [(each.start, each.end) for each in others]

    @property
    def at_one_time(self) -> bool:
        request, who = self.request, self.who
        return (
            super().at_one_time
            and not (request.busy or request.patient_busy or request.closed_times)
            and self.others is None
            and (who is None or (who.hours is None and not who.busy))
        )

    def is_free(self, slot: Slot) -> bool:
        return next(self.taken_by(slot), None) is None

    def taken_by(self, slot: Slot) -> Iterator[str]:
        """What takes a slot, by the codes of reasons; nothing where it is free."""
        begin, end = slot.begin.astimezone(UTC), slot.end.astimezone(UTC)
        day = slot.begin.date()
        yield from self.full_days(day)
        clinic, patient = self.clinic.near(begin, end), self.patient.near(begin, end)
        rooms, nobodys = self.rooms.near(begin, end), self.nobodys.near(begin, end)
        diaries = {name: times.near(begin, end) for name, times in self.diaries.items()}
        named = self.request.practitioner
        moments = {begin, *self._moments_by_the_clock(day, begin, end)}
        for spans in (clinic, patient, rooms, *diaries.values(), nobodys):
            moments |= {start for start, _ in spans if begin < start < end}

        def is_unfree(who: Practitioner, moment: datetime) -> bool:
            return self.is_off(who, moment) or running(diaries[who.id], moment) > 0

        for moment in moments:
            if self.is_closed(moment):
                yield "CLOSURE"
            if running(clinic, moment):
                yield "BUSY"
            if self.who is not None and self.is_off(self.who, moment):
                yield "PRACTITIONER"
            if named is not None and running(diaries[named], moment):
                yield "PRACTITIONER"
            if running(rooms, moment) >= self.request.rooms:
                yield "BUSY" if self.request.rooms == 1 else "CAPACITY"
            if self.everybody and (named is None or self.who is not None):
                unfree = [
                    each for each in self.everybody if each != self.who and is_unfree(each, moment)
                ]
                if len(unfree) + running(nobodys, moment) >= len(self.everybody):
                    yield "PRACTITIONER"
            if running(patient, moment):
                yield "AWAY"

    def full_days(self, day: date) -> Iterator[str]:
        own, who = self.request.practitioner, self.who
        begun = self._begun.get(day, [])
        for sessions, whose in ((len(begun), self.request), (begun.count(own), who)):
            most = None if whose is None else whose.most_sessions_a_day
            if most is not None and sessions >= most:
                yield "DAY_FULL"

    @cached_property
    def _begun(self) -> dict[date, list[str | None]]:
        """Who treats in each of the other sessions, by the day on which it begins."""
        found: dict[date, list[str | None]] = {}
        for each in self.others or ():
            found.setdefault(each.start.astimezone(self.zone).date(), []).append(each.practitioner)
        return found

    def is_off(self, who: Practitioner, moment: datetime) -> bool:
        """Whether the clocks show then what is out of the hours of a practitioner."""
        if who.hours is None:
            return False
        shown = moment.astimezone(self.zone)
        minutes = shown.hour * 60 + shown.minute
        spans = who.hours[shown.weekday()]
        return not any(span.begin_minutes <= minutes < span.end_minutes for span in spans)

    def is_closed(self, moment: datetime) -> bool:
        """Whether the clocks show then a time at which the clinic is closed."""
        shown = moment.astimezone(self.zone).replace(tzinfo=None)
        return shown.date() not in self.request.open_days and any(
            each.begin <= shown < each.end for each in self.request.closed_times
        )

    def _moments_by_the_clock(
        self, day: date, begin: datetime, end: datetime
    ) -> Iterator[datetime]:
        """When somebody's hours may be over, or the clinic closes: within a session."""
        midnight, following = (
            datetime.combine(each, time(), self.zone).astimezone(UTC)
            for each in (day, days_after(day, 1))
        )
        if following - midnight != 24 * 60 * MINUTE:
            # The clocks are changed: every minute is looked at.
            yield from (begin + k * MINUTE for k in range((end - begin) // MINUTE))
            return
        edges = {
            edge
            for who in self.everybody
            if who.hours is not None
            for span in who.hours[day.weekday()]
            for edge in (span.begin_minutes, span.end_minutes)
        }
        shown = datetime.combine(day, time())
        for each in self.request.closed_times:
            edges |= {(edge - shown) // MINUTE for edge in (each.begin, each.end)}
        for edge in edges:
            if begin < (moment := midnight + edge * MINUTE) < end:
                yield moment

    def firsts(self) -> list[date]:
        if self.request.start is not None:
            return super().firsts()
        # Without START any day will do, from the arrival on.
        arrive, until = self.request.arrive, self.request.finish_by
        assert arrive is not None
        assert until is not None
        return [
            day
            for day in (days_after(arrive, k) for k in range((until - arrive).days))
            if self.best_slot(day) is not None
        ]

    def expected(self) -> tuple[Slot, ...] | None:
        if self.request.start is not None:
            return super().expected()
        courses = [course for first in self.firsts() if (course := self.every_prefix(first))]
        best = min(courses, key=self.rank, default=None)
        return None if best is None else self.slots_of(best)

    def slots_of(self, course: Sequence[date]) -> tuple[Slot, ...]:
        slots = [self.best_slot(day) for day in course]
        return tuple(slot for slot in slots if slot is not None)

    def rank(self, course: Sequence[date]) -> tuple[object, ...]:
        """What the best of courses that begin on different days has least."""
        intervals = [(after - before).days for before, after in pairwise(course)]
        squares = sum((a - p) ** 2 for a, p in zip(intervals, self.preferred, strict=True))
        minutes, others = sum(map(self.minutes_off, course)), sum(map(self.is_other, course))
        if self.request.start is None:
            return others, squares, -course[0].toordinal(), minutes, course[-1], course
        return course[0], others, squares, minutes, course[-1], course


def treats(who: Practitioner, goal: str) -> bool:
    return not who.goals or find_goal(goal).name in who.goals


def is_nonsense(request: Request) -> bool:
    """Whether nobody treats the goal, or not the one who is named."""
    if not request.practitioners:
        return False
    able = [who.id for who in request.practitioners if treats(who, request.goal)]
    return not able or request.practitioner not in {None, *able}


def tries(request: Request) -> list[Request]:
    """The request with each practitioner who might treat, in the clinic's order."""
    if request.practitioner is not None or not request.practitioners:
        return [request]
    able = [who for who in request.practitioners if treats(who, request.goal)]
    return [replace(request, practitioner=who.id) for who in able]


def numbers_of_sessions(request: Request) -> list[int]:
    """How many sessions the course may have, the most first."""
    protocol = request.protocol or find_goal(request.goal).protocol_for(request.area)
    most = request.sessions or sum(phase.sessions for phase in protocol.phases)
    if request.sessions is not None or (request.depart is None and request.finish_by is None):
        return [most]
    return list(range(most, min(protocol.limits.min_sessions, most) - 1, -1))


def expected(request: Request, others: Sequence[OtherSession] | None = None) -> Right | None:
    """The days and times that the planner must find, and who treats; None if it must refuse."""
    for sessions in numbers_of_sessions(request):
        found: list[tuple[tuple[object, ...], int, Right]] = []
        for number, each in enumerate(tries(replace(request, sessions=sessions))):
            oracle = ClinicOracle(each, others)
            slots = oracle.expected()
            if slots is not None:
                rank = oracle.rank([slot.begin.date() for slot in slots])
                found.append((rank, number, Right(each.practitioner, slots)))
        if found:
            return min(found, key=lambda item: item[:2])[2]
    return None
