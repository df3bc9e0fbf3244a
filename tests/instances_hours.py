"""Random requests in which the time of day matters, hard in the ways that times can be hard."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from mesoplan import BusyCalendar, BusySpan, DateRange, Limits, Phase, Protocol, Request, TimeRange
from mesoplan.dates.times import AFTERNOON, ANY_TIME, MORNING
from mesoplan.model.request import WeeklyHours
from mesoplan.rules.goals import ALL_GOALS
from tests.instances import random_weekdays

ZONES = (
    "Europe/Paris",
    "Asia/Bangkok",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",
)
FIRST_START = date(2026, 1, 1)
DAYS = 730


@cache
def days_of_change(zone: str) -> tuple[date, ...]:
    """The days, among those that START may be near, on which the zone's clocks are changed."""
    days = [FIRST_START + timedelta(days=k) for k in range(DAYS)]
    offsets = [datetime.combine(day, time(), ZoneInfo(zone)).utcoffset() for day in days]
    return tuple(days[k] for k in range(DAYS - 1) if offsets[k] != offsets[k + 1])


def random_request(random: Random) -> Request:
    """A request with START and typed sessions, in which at least one thing is about times."""
    zone = random.choice(ZONES)
    by_night = zone != "Asia/Bangkok" and random.random() < 0.35
    sessions = random.choice([3, 3, 4, 4, 5, 6, 7, 10])
    start = _start(random, zone, sessions, by_night)
    span = 12 * sessions
    hours = None if random.random() < 0.25 else weekly_hours(random, by_night)
    last = start + timedelta(days=random.randint(7 * sessions - 8, 13 * sessions))
    protocol = _protocol(random) if random.random() < 0.4 else None
    legal = Limits().intervals if protocol is None else protocol.limits.intervals
    few = random.choice([0, 0, 0, 1, 1, 2])
    length = random.choice([None, 20, 25, 30, 45, 50, 60, 75, 90, 120])
    return Request(
        random.choice(ALL_GOALS).name,
        start,
        sessions=sessions,
        interval_days=random.choice([None, None, *legal]),
        maintenance_per_year=0,
        time_of_day=_time_of_day(random, by_night, length or 60),
        duration_minutes=length,
        timezone=zone,
        protocol=protocol,
        opening_hours=hours,
        slot_minutes=random.choice([5, 10, 15, 20, 25, 30, 35, 60, 90]),
        rooms=random.choice([1, 1, 1, 2, 2, 3]),
        room_busy=busy_calendars(random, start, span, zone, by_night),
        closed_weekdays=frozenset(random.sample(range(7), random.choice([0, 0, 0, 1, 2]))),
        closures=tuple(_range(random, start, span) for _ in range(few)),
        away=tuple(_range(random, start, span) for _ in range(random.choice([0, 0, 0, 1]))),
        open_days=frozenset(
            start + timedelta(days=random.randrange(span))
            for _ in range(random.choice([0, 0, 1, 3, 6]))
        ),
        arrive=random.choice([None, None, None, start + timedelta(days=random.randrange(-3, 5))]),
        depart=random.choice([None, None, None, last + timedelta(days=random.randrange(9))]),
        finish_by=random.choice([None, None, None, last + timedelta(days=random.randrange(9))]),
        flex_days=random.choice([0, 0, 0, 0, 3, 10]),
        weekdays=random_weekdays(random),
    )


def _start(random: Random, zone: str, sessions: int, by_night: bool) -> date:
    changes = days_of_change(zone)
    if not changes or random.random() < 0.25:
        return FIRST_START + timedelta(days=random.randrange(DAYS))
    weeks = random.randrange(sessions)
    days = 0 if by_night and random.random() < 0.7 else random.randrange(7)
    return random.choice(changes) - timedelta(days=7 * weeks + days)


def weekly_hours(random: Random, by_night: bool) -> WeeklyHours:
    if by_night and random.random() < 0.6:
        # Open on Sundays, when clocks are changed, and seldom else.
        on = {6, *random.sample(range(7), random.choice([0, 0, 1, 2]))}
    else:
        on = set(random.sample(range(7), random.choice([1, 2, 3, 3, 4, 5, 6, 7])))
    return tuple(
        _spans(random, by_night, random.choice([1, 1, 2, 3])) if weekday in on else ()
        for weekday in range(7)
    )


def _spans(random: Random, by_night: bool, count: int) -> tuple[TimeRange, ...]:
    if by_night and random.random() < 0.9:
        times = range(0, 300, random.choice([5, 15, 30]))
    elif random.random() < 0.1:
        times = range(0, 24 * 60 + 1, 60)
    else:
        times = range(8 * 60, 20 * 60 + 1, random.choice([5, 15, 30, 60]))
    cuts = sorted(random.sample(times, min(2 * count, len(times) // 2 * 2)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=True))
    if len(spans) == 2 and random.random() < 0.2:
        spans[1] = (spans[0][1], spans[1][1])  # They touch, and are two all the same.
    return tuple(TimeRange(begin, end) for begin, end in spans)


def _time_of_day(random: Random, by_night: bool, longest: int) -> time | TimeRange:
    kind = random.random()
    if by_night:
        if kind < 0.5:
            return time(random.randrange(5), random.choice([0, 0, 15, 30, 40]))
        if kind < 0.65:
            return ANY_TIME
        begin = random.randrange(0, 150, 5)
        return TimeRange(begin, begin + longest + random.randrange(0, 120, 5))
    if kind < 0.55:
        return time(random.randrange(7, 21), random.choice([0, 0, 0, 10, 30, 50]))
    if kind < 0.6:
        return time(random.randrange(22), random.randrange(60))
    if kind < 0.8:
        return random.choice([MORNING, AFTERNOON, ANY_TIME])
    begin = random.randrange(7 * 60, 17 * 60, 5)
    return TimeRange(begin, begin + longest + random.randrange(0, 240, 5))


def _protocol(random: Random) -> Protocol:
    least = random.randint(7, 13)
    most = random.randint(least, min(14, least + 4))
    phases = tuple(
        Phase(random.randint(1, 4), random.randint(least, most))
        for _ in range(random.randint(1, 3))
    )
    return Protocol(
        phases,
        0,
        random.choice([20, 30, 40, 60]),
        "the clinic's own",
        "the tests",
        Limits(min_interval_days=least, max_interval_days=most),
    )


def busy_calendars(
    random: Random, start: date, span: int, zone: str, by_night: bool, most: int = 3
) -> tuple[BusyCalendar, ...]:
    return tuple(
        BusyCalendar(f"calendar {number}", _busy_spans(random, start, span, zone, by_night))
        for number in range(min(random.choice([0, 0, 1, 1, 2, 3]), most))
    )


def _busy_spans(
    random: Random, start: date, span: int, zone: str, by_night: bool
) -> tuple[BusySpan, ...]:
    spans = []
    often = random.choice([0.1, 0.3, 0.6, 0.9])
    longest = random.choice([60, 180, 480])
    hour = random.randrange(8, 19)
    for k in range(-2, span):
        day = start + timedelta(days=k)
        if random.random() < often:
            for _ in range(random.choice([1, 1, 2, 4])):
                begin = random.randrange(0, 300) if by_night else random.gauss(hour * 60, 120)
                spans.append(_busy_span(random, day, int(begin), random.randint(1, longest), zone))
        if random.random() < often / 8:
            midnight = _midnight(day, zone)
            spans.append(BusySpan(midnight, _midnight(day + timedelta(days=1), zone)))
        if random.random() < often / 4:
            spans.append(_busy_span(random, day, 21 * 60, random.randrange(120, 900), zone))
    return tuple(sorted(spans, key=lambda busy: busy.start.astimezone(UTC)))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _busy_span(random: Random, day: date, minutes: int, length: int, zone: str) -> BusySpan:
    begin = _midnight(day, zone).astimezone(UTC) + timedelta(minutes=minutes)
    if random.random() < 0.5:
        begin -= timedelta(minutes=begin.minute % 15)
        length += -length % 15
    end = begin + timedelta(minutes=length)
    if random.random() < 0.2:
        begin += timedelta(seconds=random.randrange(60))
        end -= timedelta(seconds=random.randrange(1, 60) if length > 1 else 0)
    shown = random.choice([UTC, ZoneInfo(zone), ZoneInfo("Asia/Kolkata")])
    return BusySpan(begin.astimezone(shown), end.astimezone(shown))


def _range(random: Random, start: date, span: int) -> DateRange:
    first = start + timedelta(days=random.randrange(-2, span))
    return DateRange(first, first + timedelta(days=random.choice([0, 2, 6, 9, 20])))
