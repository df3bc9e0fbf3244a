"""Random plans and what happens to them, hard enough that many changes leave no legal plan."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from mesoplan import DateRange, Limits, NoLegalPlan, Phase, Plan, Protocol, Request, Session, plan
from mesoplan.model.changes import Attend, Away, Cancel, Change, Extend, Miss, Move
from mesoplan.model.plan import SessionName, Status
from tests.instances import FIRST_START, random_request, random_weekdays

REASONS = ("ill for three weeks", "abroad")


def random_plan(random: Random) -> Plan:
    """A legal plan, with maintenance, of one of the goals."""
    while True:
        request = random_request(random)
        request = replace(
            request,
            maintenance_per_year=random.choice([None, 0, 1, 2, 2]),
            years=random.choice([1, 1, 2]),
            timezone=random.choice(["UTC", "Europe/Paris", "America/New_York"]),
            plan_id="00000000-tests",
        )
        draw = random.random()
        if draw < 0.25:
            request = _narrowed(random, request)
        elif draw < 0.5:
            request = _long_clinic(random, request)
        try:
            return plan(request, explains=False)
        except NoLegalPlan:
            continue


def _narrowed(random: Random, request: Request) -> Request:
    """The same with a protocol of the clinic's own, which narrows the rules."""
    assert request.sessions is not None
    least = random.randint(7, 12)
    most = random.randint(least + 1, 14)
    phases = tuple(
        Phase(random.randint(1, 4), random.randint(least, most))
        for _ in range(random.randint(1, 3))
    )
    limits = Limits(
        min_sessions=random.randint(3, request.sessions),
        max_sessions=random.randint(request.sessions, 15),
        min_interval_days=least,
        max_interval_days=most,
    )
    protocol = Protocol(
        phases,
        random.choice([0, 1, 2]),
        random.choice([20, 30, 45]),
        "the clinic's own",
        "the tests",
        limits,
    )
    return replace(request, protocol=protocol, interval_days=None)


def _long_clinic(random: Random, request: Request) -> Request:
    """The same in a clinic that is closed once or twice for long, with no trip."""
    assert request.start is not None
    assert request.sessions is not None
    span = 16 * request.sessions
    closures = []
    for _ in range(random.choice([0, 1, 2])):
        first = request.start + timedelta(days=random.randrange(span))
        closures.append(DateRange(first, first + timedelta(days=random.choice([3, 9, 11, 13]))))
    closed = frozenset(random.sample(range(7), random.choice([0, 1, 2])))
    return replace(
        request,
        closed_weekdays=closed,
        closures=tuple(closures),
        away=(),
        arrive=None,
        depart=None,
        finish_by=None,
        flex_days=0,
    )


def random_moment(random: Random, of: Plan) -> datetime:
    """A moment from before the plan to after it, most of them within the course."""
    days = [session.day for session in of.active] or [FIRST_START]
    last = max((session.day for session in of.sessions), default=days[-1])
    if random.random() < 0.12:
        last = days[-1]
    span = (last - days[0]).days + 21
    day = days[0] + timedelta(days=random.randrange(-8, span))
    return datetime.combine(day, time(), UTC) + timedelta(minutes=15 * random.randrange(96))


def later_moment(random: Random, now: datetime) -> datetime:
    """A moment some time after that one."""
    minutes = random.choice([0, 1, 90, 600, 24 * 60, 5 * 24 * 60, 9 * 24 * 60, 16 * 24 * 60])
    return now + timedelta(minutes=minutes)


def random_change(random: Random, of: Plan, now: datetime) -> Change:
    """A change that somebody might ask for; most of them make sense."""
    kinds = ["move", "move", "miss", "miss", "miss", "attend", "attend", "extend", "cancel", "odd"]
    kind = random.choice(kinds)
    past = [session for session in of.active if session.start < now]
    overdue = [session for session in past if session.status is Status.PLANNED]
    future = [session for session in of.active if session.start >= now]
    today = now.date()
    if kind == "move" and future:
        return _move(random, _one(random, future), today)
    if kind == "miss" and (overdue or future):
        among = overdue[-2:] + future[:4]
        return _miss(random, _one(random, among), today, among)
    if kind == "attend" and (overdue or future):
        return _attend(random, overdue or future[:1], today)
    if kind == "extend":
        return Extend(random.choice([-6, -3, -2, -1, -1, 1, 1, 2, 3, 5, 6]))
    if kind == "cancel":
        if random.random() < 0.08:
            return Cancel(None)
        return Cancel(_one(random, future or of.active).name if of.active else None)
    return _odd(random, of, today)


def random_absence(random: Random, of: Plan, now: datetime) -> Away:
    """Days on which the patient can't come; most of them have sessions, and few are past."""
    day = _day_to_come(random, of, now) - timedelta(days=random.choice([0, 0, 0, 1, 3, 20]))
    late = random.choice(REASONS) if random.random() < 0.1 else None
    return Away((DateRange(day, day + timedelta(days=random.choice([0, 0, 1, 4, 7, 12]))),), late)


def random_request_of(random: Random, of: Plan, now: datetime) -> Request:
    """What may be asked of a plan that exists: other closures, trip dates, intervals."""
    request = of.request
    day = _day_to_come(random, of, now)
    days = DateRange(day, day + timedelta(days=random.choice([0, 2, 6, 11])))
    last = max((session.day for session in of.sessions), default=day)
    depart = max(last + timedelta(days=random.randrange(-9, 12)), FIRST_START)
    if request.arrive is not None and depart <= request.arrive:
        depart = request.arrive + timedelta(days=60)
    changes: list[dict[str, object]] = [
        {"closures": (*request.closures, days)},
        {"closures": request.closures[1:]},
        {"away": ()},
        {"closed_weekdays": request.closed_weekdays ^ {random.randrange(7)}},
        {"open_days": request.open_days | {day, day + timedelta(days=1)}},
        {"depart": depart},
        {"depart": None, "finish_by": None},
        {"interval_days": random.randrange(7, 15)},
        {"weekdays": random_weekdays(random)},
        {},
    ]
    chosen = random.choice(changes)
    if random.random() < 0.2:
        chosen |= random.choice(changes)
    return replace(request, **chosen)  # type: ignore[arg-type]  # by name


def _day_to_come(random: Random, of: Plan, now: datetime) -> date:
    future = [session.day for session in of.active if session.start >= now]
    return random.choice(future[:6]) if future else now.date()


def _one(random: Random, sessions: Sequence[Session]) -> Session:
    """One of them, the first ones more often."""
    return sessions[min(random.randrange(len(sessions)), random.randrange(len(sessions)))]


def _move(random: Random, session: Session, today: date) -> Move:
    days = random.choice([-9, -7, -4, -3, -2, -1, -1, 0, 1, 1, 2, 3, 4, 5, 6, 7, 9, 14])
    day = session.day + timedelta(days=days)
    late = random.choice(REASONS) if random.random() < 0.05 else None
    return Move(session.name, day, _clock(random, day, today), late)


def _miss(random: Random, session: Session, today: date, among: Sequence[Session]) -> Miss:
    name = session.name
    late = random.choice(REASONS) if random.random() < 0.2 else None
    taken_back = session.status is Status.ATTENDED
    if (draw := random.random()) < 0.65:
        others = among[: int(draw * 10) % 4] if draw > 0.3 else ()
        named = tuple(each.name for each in others)
        return Miss(name, late=late, not_attended=taken_back, others=named)
    day = max(session.day, today) + timedelta(days=random.choice([0, 1, 1, 2, 3, 4, 5, 6, 7, 9]))
    return Miss(name, day, _clock(random, day, today), late, taken_back)


def _attend(random: Random, sessions: Sequence[Session], today: date) -> Attend:
    if random.random() < 0.4:
        some = sessions[: random.randint(1, len(sessions))]
        return Attend(tuple(each.name for each in some))
    session = _one(random, list(reversed(sessions)))
    if random.random() < 0.4:
        return Attend((session.name,))
    day = session.day + timedelta(
        days=random.choice([-13, -9, -8, -5, -2, -1, 0, 1, 1, 2, 3, 5, 8])
    )
    return Attend((session.name,), day, _clock(random, day, today))


def _clock(random: Random, day: date, today: date) -> time | None:
    if day <= today + timedelta(days=1) or random.random() < 0.8:
        return None
    return time(random.randrange(8, 18), random.choice([0, 15, 30]))


def _odd(random: Random, of: Plan, today: date) -> Change:
    """A change of any session at all, on any day near."""
    kind = "course" if random.random() < 0.8 or not of.maintenance_per_year else "maintenance"
    most = of.total_sessions + 1 if kind == "course" else len(of.maintenance) + 1
    name = SessionName("course", random.randint(0, most))
    if kind == "maintenance":
        name = SessionName("maintenance", random.randint(1, most))
    day = today + timedelta(days=random.randrange(-10, 30))
    changes: list[Change] = [
        Move(name, day),
        Miss(name),
        Miss(name, day),
        Attend((name,)),
        Attend((name,), day),
        Cancel(name),
        Extend(0),
        Move(name, day, late=REASONS[0]),
    ]
    return random.choice(changes)
