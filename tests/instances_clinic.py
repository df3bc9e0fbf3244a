"""Random clinics: who treats, in how many rooms, and whose calendars say what."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mesoplan import (
    BusyCalendar,
    BusySpan,
    InvalidInput,
    NoLegalPlan,
    Plan,
    Practitioner,
    Request,
    TimeRange,
    plan,
)
from mesoplan.dates.days import ClosedTime
from mesoplan.model.taken import BookedTimes, Bookings
from mesoplan.rules.goals import ALL_GOALS
from tests.instances_changes import random_plan
from tests.instances_hours import busy_calendars, random_request, weekly_hours
from tests.oracle_clinic import OtherSession

OWN_PLAN = "00000000-tests"
NAMES = ("ann", "ben", "eve")
GONE = "zoe"
"""One whose sessions are in the book still, and whom the clinic does not name any more."""


class Clinic(NamedTuple):
    """A request, and what the other plans of the book take: in the oracle's own values."""

    request: Request
    others: tuple[OtherSession, ...] | None


def random_clinic(random: Random) -> Clinic:
    """A request to a clinic of which at least something is known beside its hours."""
    request = replace(random_request(random), plan_id=OWN_PLAN)
    assert request.start is not None
    assert request.sessions is not None
    by_night = "0" <= str(request.time_of_day)[0:2] < "05"
    start, span = request.start, 12 * request.sessions
    # As much is taken as one room, or three, of the request had taken alone.
    has = [random.random() < 0.4 for _ in range(6)]

    def calendars(most: int) -> tuple[BusyCalendar, ...]:
        return busy_calendars(random, start, span, request.timezone, by_night, most)

    practitioners = tuple(
        Practitioner(
            name,
            f"Dr {name.title()}",
            weekly_hours(random, by_night) if random.random() < 0.5 else None,
            _goals(random, request.goal),
            random.choice([None, None, 1, 2, 3]),
            calendars(1) if random.random() < 0.5 else (),
        )
        for name in NAMES[: random.choice([0, 1, 2, 2, 3, 3])]
    )
    request = replace(
        request,
        rooms=random.choice([1, 2, 3, 3]),
        busy=calendars(1) if has[0] and random.random() < 0.5 else (),
        room_busy=request.room_busy if has[1] else (),
        patient_busy=calendars(1) if has[2] else (),
        practitioners=practitioners,
        practitioner=_named(random, practitioners),
        most_sessions_a_day=random.choice([1, 2, 3, 4]) if has[3] else None,
        closed_times=_closed_times(random, start, span) if has[4] else (),
    )
    if not (has[5] or random.random() < 0.4):
        return Clinic(_for_a_trip(random, request), None)
    others = tuple(_sessions(random, request, span, by_night))
    if practitioners and random.random() < 0.4:
        # Plans of before anybody was named, in more rooms than there are people.
        others = tuple(each._replace(practitioner=None) for each in others)
        request = replace(request, rooms=3, room_busy=())
    request = replace(request, booked=_book(random, others, span, start))
    return Clinic(_for_a_trip(random, request), others)


def _for_a_trip(random: Random, request: Request) -> Request:
    """Now and then the same with as many sessions as there is time for, or planned from the end."""
    assert request.start is not None
    assert request.sessions is not None
    draw = random.random()
    if draw < 0.1 and request.protocol is None:
        end = request.start + timedelta(days=random.randrange(20, 70))
        arrive = None if request.arrive is None or request.arrive >= end else request.arrive
        return replace(request, sessions=None, interval_days=None, arrive=arrive, depart=end)
    if draw < 0.2 and request.sessions < 6:
        # Without START: as late as the end allows.
        days = 12 * request.sessions + random.randrange(30)
        end = request.start + timedelta(days=days)
        return replace(
            request, start=None, arrive=request.start, depart=None, finish_by=end, flex_days=0
        )
    return request


def _goals(random: Random, goal: str) -> frozenset[str]:
    if random.random() < 0.6:
        return frozenset()
    some = {each.name for each in random.sample(ALL_GOALS, 2)}
    return frozenset(some | {goal} if random.random() < 0.75 else some)


def _named(random: Random, practitioners: Sequence[Practitioner]) -> str | None:
    if random.random() < 0.7:
        return None
    if random.random() < 0.1 or not practitioners:
        return GONE
    return random.choice(practitioners).id


def _closed_times(random: Random, start: date, span: int) -> tuple[ClosedTime, ...]:
    found = []
    for _ in range(random.choice([1, 2, 4])):
        day = start + timedelta(days=random.randrange(-1, span))
        begin = datetime.combine(day, time(random.choice([0, 2, 9, 12, 13, 15])))
        hours = random.choice([2, 5, 9, 12, 40, 100])
        found.append(ClosedTime(begin, begin + timedelta(hours=hours)))
    return tuple(found)


def _sessions(random: Random, request: Request, span: int, by_night: bool) -> list[OtherSession]:
    """Sessions of other plans: most near the time asked for, some at once with others."""
    assert request.start is not None
    zone, found = ZoneInfo(request.timezone), []
    often = random.choice([0.3, 0.8, 1.5, 2.5])
    whose: list[str | None] = [None, random.choice([None, GONE])]
    if random.random() < 0.7:
        whose += [who.id for who in request.practitioners]
    hour = random.randrange(0, 4) if by_night else random.randrange(9, 16)
    if isinstance(request.time_of_day, time):
        hour = request.time_of_day.hour
    for day in (request.start + timedelta(days=k) for k in range(-1, span)):
        for _ in range(min(int(random.expovariate(1 / often)), 5)):
            minutes = hour * 60 + random.choice([-90, -30, 0, 0, 15, 60, 120])
            shown = datetime.combine(day, time(), zone).astimezone(UTC)
            begin = shown + timedelta(minutes=max(minutes, 0))
            length = timedelta(minutes=random.choice([20, 30, 45, 90]))
            found.append(OtherSession(begin, begin + length, random.choice(whose)))
    return found


def _book(random: Random, others: Sequence[OtherSession], span: int, start: date) -> BookedTimes:
    """The same sessions in a book, as plans with one practitioner each; and the plan's own."""
    bookings = Bookings("book")
    plans: dict[tuple[str | None, int], list[BusySpan]] = {}
    for each in others:
        key = (each.practitioner, random.randrange(4))
        plans.setdefault(key, []).append(BusySpan(each.start, each.end))
    for number, ((who, _), spans) in enumerate(plans.items()):
        bookings.book(f"plan {number}", spans, who)
    morning = datetime.combine(start, time(6), UTC)
    own = [morning + timedelta(days=7 * k) for k in range(span // 7)]
    bookings.book(OWN_PLAN, [BusySpan(each, each + timedelta(hours=12)) for each in own], NAMES[0])
    return bookings.around(OWN_PLAN)


# Clinics with one time of day, for changes of plans

AT = time(10)
LENGTH = timedelta(minutes=30)


def random_clinic_plan(random: Random) -> tuple[Plan, Clinic]:
    """A legal plan of a patient, with somebody who treats or of before, and its clinic."""
    while True:
        found = random_plan(random)
        request = replace(
            found.request,
            time_of_day=AT,
            duration_minutes=30,
            opening_hours=((TimeRange(600, 660),),) * 7,
            slot_minutes=60,
        )
        clinic = random_staff(random, request, found.sessions[0].day, 16 * found.total_sessions)
        request = clinic.request
        if random.random() < 0.4:
            # Of before anybody was named.
            request = replace(request, practitioners=(), practitioner=None)
        with suppress(NoLegalPlan, InvalidInput):
            old = plan(request, explains=False)
            return replace(old, request=old.request.around_nothing()), clinic


def random_staff(random: Random, request: Request, start: date, span: int) -> Clinic:
    """A clinic in which one or the other is not there on many days."""
    zone = ZoneInfo(request.timezone)

    def at(day: date, minutes: int = 600) -> datetime:
        return datetime.combine(day, time(*divmod(minutes, 60)), zone)

    def some_day() -> date:
        return start + timedelta(days=random.randrange(-3, span))

    def calendars(often: float) -> tuple[BusyCalendar, ...]:
        spans = []
        while random.random() < often:
            day, length = some_day(), random.choice([0, 0, 1, 5])
            begin = random.choice([0, 540, 615, 645])
            spans.append(BusySpan(at(day, begin), at(day + timedelta(days=length), 645)))
        spans = [span for span in spans if span.start < span.end]
        return (BusyCalendar("calendar", tuple(sorted(spans))),) if spans else ()

    works = (TimeRange(540, 1080),), (TimeRange(540, 720), TimeRange(840, 1080))
    off: tuple[tuple[TimeRange, ...], ...] = ((), (TimeRange(615, 1080),))
    practitioners = tuple(
        Practitioner(
            name,
            f"Dr {name.title()}",
            tuple(random.choice([*works, *works, random.choice(off)]) for _ in range(7))
            if random.random() < 0.7
            else None,
            most_sessions_a_day=random.choice([None, None, 1]),
            busy=calendars(0.7),
        )
        for name in NAMES[: random.choice([1, 2, 2, 3])]
    )
    others = tuple(
        OtherSession(begin, begin + LENGTH, random.choice([None, *NAMES]))
        for begin in (
            at(some_day(), random.choice([570, 600, 600, 615, 660])) for _ in range(span // 3)
        )
    )
    request = replace(
        request,
        rooms=random.choice([1, 2, 2, 3]),
        busy=calendars(0.5),
        room_busy=calendars(0.7),
        patient_busy=calendars(0.5),
        practitioners=practitioners,
        most_sessions_a_day=random.choice([None, None, 2]),
        booked=_book(random, others, span, start),
    )
    return Clinic(request, others)
