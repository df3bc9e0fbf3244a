"""Random requests, hard enough that many have no plan or only an odd one."""

from datetime import date, timedelta
from random import Random

from mesoplan import DateRange, Request
from mesoplan.rules.goals import ALL_GOALS

FIRST_START = date(2026, 1, 1)


def random_request(random: Random) -> Request:
    """A request with START, typed sessions, closed days and perhaps a trip; without holidays."""
    start = FIRST_START + timedelta(days=random.randrange(730))
    sessions = random.randint(3, 15)
    closed = frozenset(random.sample(range(7), random.choice([0, 0, 1, 1, 2, 3, 5, 6])))
    span = 14 * sessions
    closures = tuple(_range(random, start, span) for _ in range(random.choice([0, 0, 1, 2, 3, 5])))
    away = tuple(_range(random, start, span) for _ in range(random.choice([0, 0, 0, 1, 2])))
    open_days = frozenset(
        start + timedelta(days=random.randrange(span))
        for _ in range(random.choice([0, 0, 0, 1, 3]))
    )
    last = start + timedelta(days=random.randint(7 * sessions - 12, 14 * sessions))
    return Request(
        random.choice(ALL_GOALS).name,
        start,
        sessions=sessions,
        interval_days=random.choice([None, *range(7, 15)]),
        maintenance_per_year=0,
        closed_weekdays=closed,
        closures=closures,
        away=away,
        open_days=open_days,
        arrive=random.choice([None, None, None, start + timedelta(days=random.randrange(-5, 9))]),
        depart=random.choice([None, None, last + timedelta(days=random.randrange(5))]),
        finish_by=random.choice([None, None, None, last + timedelta(days=random.randrange(5))]),
        flex_days=random.choice([0, 0, 0, 3, 20]),
        weekdays=random_weekdays(random),
    )


def random_weekdays(random: Random) -> frozenset[int]:
    """Preferred weekdays: none of the time, one, or some."""
    return frozenset(random.sample(range(7), random.choice([0, 0, 0, 1, 1, 2, 4])))


def _range(random: Random, start: date, span: int) -> DateRange:
    first = start + timedelta(days=random.randrange(-5, span))
    return DateRange(first, first + timedelta(days=random.choice([0, 0, 2, 6, 9, 13, 20])))
