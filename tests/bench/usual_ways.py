"""How often the usual ways of giving out dates end in an illegal schedule, or in none.

Cases are drawn at random with a fixed seed, as many for each combination of country, closures,
closed weekdays and goal. Each has the goal's own protocol, and session 1 on the first open day from
START on; every third patient travels home, on a day that leaves one to seven days to spare if every
preferred interval is kept. A case counts when a legal course exists: that is found out here by
following all of them.

The usual ways, each in the best form found:
- *repeat*: the preferred intervals as a repeating event, whatever is closed;
- *next open day*: the same, but a session on a closed day is pushed to the next open one, and the
  following sessions are counted on from there (counted from the first day on, more go wrong);
- *nearest open day*: each session on that open day within 7 to 14 days of the one before it which
  is nearest to the preferred interval.

Nothing here uses the program's solver or its checks; its own courses are held against the same
rules.

The manual repeats the total; a test holds it against this count.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random

import holidays

from mesoplan import DateRange, Request, plan
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.rules.protocol import preferred_intervals
from tests.bench.measuring import at_most, left_out

COUNTRIES = ("FR", "DE-BY", "TH", "US", "IT", "BR", "ES", "JP")
CLOSURES = ("none", "Christmas", "summer", "both")
WEEKDAYS = {
    "Sun": frozenset({6}),
    "Sun, Mon": frozenset({6, 0}),
    "Sat, Sun": frozenset({5, 6}),
    "all but Tue, Thu": frozenset({0, 2, 4, 5, 6}),
}
FIRST_YEAR, LAST_YEAR = 2026, 2029
STARTS, QUICK_STARTS = 5, 1
"""How many cases each combination has."""

PAGE = Path(__file__).parents[2] / "mesoplan/manual/promises.md"

Course = tuple[date, ...]
DAY = timedelta(days=1)
_LEGAL_INTERVALS = [days * DAY for days in range(7, 15)]


@dataclass(frozen=True, slots=True)
class Case:
    """One patient at one clinic."""

    country: str
    closures: str
    weekdays: str
    goal: str
    start: date
    preferred: tuple[int, ...]
    depart: date | None

    def is_open(self, day: date) -> bool:
        """Whether the clinic is open."""
        return day in open_days(self.country, self.closures, self.weekdays)

    @property
    def first(self) -> date:
        """The day of session 1."""
        return next_open(self.start, self.is_open)

    def is_legal(self, course: Course | None) -> bool:
        """Whether a course is there, keeps 7 to 14 days, open days, and ends before the journey."""
        return (
            course is not None
            and all(7 <= (after - before).days <= 14 for before, after in pairwise(course))
            and all(map(self.is_open, course))
            and (self.depart is None or course[-1] < self.depart)
        )

    def has_legal_course(self) -> bool:
        """Whether there is any, found by following all of them at once."""
        reached = {self.first}
        for _ in self.preferred:
            following = {day + interval for day in reached for interval in _LEGAL_INTERVALS}
            reached = following & open_days(self.country, self.closures, self.weekdays)
        return any(self.depart is None or day < self.depart for day in reached)


def repeat(
    first: date,
    preferred: Sequence[int],
    is_open: Callable[[date], bool],  # noqa: ARG001 - that is what goes wrong
) -> Course | None:
    """The preferred intervals as they are."""
    return tuple(first + days * DAY for days in accumulate(preferred, initial=0))


def next_open_day(
    first: date, preferred: Sequence[int], is_open: Callable[[date], bool]
) -> Course | None:
    """Each session the preferred interval after the one before, or on the next open day."""
    course = [first]
    for interval in preferred:
        course.append(next_open(course[-1] + interval * DAY, is_open))
    return tuple(course)


def nearest_open_day(
    first: date, preferred: Sequence[int], is_open: Callable[[date], bool]
) -> Course | None:
    """Each session on the open day within 7 to 14 days that is nearest to the preferred one."""
    course = [first]
    for wanted in preferred:
        legal = [i for i in range(7, 15) if is_open(course[-1] + i * DAY)]
        if not legal:
            return None
        course.append(course[-1] + min(legal, key=lambda i: abs(i - wanted)) * DAY)
    return tuple(course)


WAYS = {"repeat": repeat, "next open day": next_open_day, "nearest open day": nearest_open_day}


def next_open(day: date, is_open: Callable[[date], bool]) -> date:
    """The first open day from *day* on."""
    while not is_open(day):
        day += DAY
    return day


@cache
def open_days(country: str, closures: str, weekdays: str) -> frozenset[date]:
    """The open days of a clinic in all the years of the cases, and of courses that begin then."""
    years = range(FIRST_YEAR, LAST_YEAR + 2)
    code, _, part = country.partition("-")
    public = holidays.country_holidays(code, subdiv=part or None, years=years, expand=False)
    closed = {day for span in closures_of(country, closures) for day in span}
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 12, 31)
    every_day = (first + k * DAY for k in range((last - first).days + 1))
    return frozenset(
        day
        for day in every_day
        if day.weekday() not in WEEKDAYS[weekdays] and day not in public and day not in closed
    )


def closures_of(country: str, closures: str) -> tuple[DateRange, ...]:
    """The clinic's own closures: over New Year, and a week and a half of the local summer."""
    found = []
    for year in range(FIRST_YEAR - 1, LAST_YEAR + 2):
        if closures in ("Christmas", "both"):
            found.append(DateRange(date(year, 12, 24), date(year + 1, 1, 3)))
        if closures in ("summer", "both"):
            begin = next_open(date(year, 1 if country == "BR" else 8, 10), is_monday)
            found.append(DateRange(begin, begin + 9 * DAY))
    return tuple(found)


def is_monday(day: date) -> bool:
    """Whether a day is a Monday."""
    return day.weekday() == 0


def cases(starts: int) -> Iterator[Case]:
    """As many cases for each combination; the same every time."""
    random = Random(7)
    all_days = (date(LAST_YEAR, 12, 31) - date(FIRST_YEAR, 1, 1)).days + 1
    for country in COUNTRIES:
        for closures in CLOSURES:
            for weekdays in WEEKDAYS:
                for goal in ALL_GOALS:
                    preferred = preferred_intervals(goal.protocol.phases)
                    for _ in range(starts):
                        start = date(FIRST_YEAR, 1, 1) + random.randrange(all_days) * DAY
                        depart = start + (sum(preferred) + random.randint(1, 7)) * DAY
                        yield Case(
                            *(country, closures, weekdays, goal.name, start, preferred),
                            depart if random.randrange(3) == 0 else None,
                        )


@dataclass(slots=True)
class Tally:
    """How many cases count, and in how many of them each way goes wrong."""

    cases: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> str:
        """The rows of the manual's table: the share of each way, in percent."""
        shares = {name: 100 * self.wrong[name] / self.cases for name in WAYS}
        return "".join(f"| {name} | {share:.0f} % |\n" for name, share in shares.items())


def tally(counted: Iterable[Case]) -> Tally:
    """The tally of cases that have a course within the rules."""
    found = Tally()
    for case in counted:
        found.cases += 1
        for name, way in WAYS.items():
            course = way(case.first, case.preferred, case.is_open)
            found.wrong[name] += not case.is_legal(course)
    return found


def with_legal_course(drawn: Iterable[Case]) -> list[Case]:
    """The cases that count."""
    return [case for case in drawn if case.has_legal_course()]


def planned(case: Case) -> Course:
    """The course of the program."""
    request = Request(
        case.goal,
        case.start,
        sessions=len(case.preferred) + 1,
        maintenance_per_year=0,
        closed_weekdays=WEEKDAYS[case.weekdays],
        holidays=(case.country,),
        closures=closures_of(case.country, case.closures),
        depart=case.depart,
    )
    return tuple(session.day for session in plan(request).sessions)


def run(quick: bool) -> bool:
    """Print the shares; whether the program's courses are all legal, and the manual up to date."""
    drawn = list(cases(QUICK_STARTS if quick else STARTS))
    counted = with_legal_course(drawn)
    total = tally(counted)
    print(f"Cases in which the usual ways give an illegal schedule or none:\n\n{total.rows}")
    print(f"Not counted: {len(drawn) - len(counted)} of {len(drawn)}, which have no legal course.")
    illegal = sum(not case.is_legal(planned(case)) for case in counted)
    met = at_most(100 * illegal / len(counted), 0, "% of the program's own courses are illegal")
    if quick:
        left_out("the figures in the manual", "they are those of the full size")
        return met
    if total.rows not in PAGE.read_text(encoding="utf-8"):
        print("the manual lacks these figures")
        return False
    return met
