"""Many patients one after another, and changes between: no book ever shows what it may not.

MESOPLAN_TIMES=100 looks at a hundred times as many books.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

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
from mesoplan.dates.times import AFTERNOON
from mesoplan.model.changes import Attend, Change, Replan
from mesoplan.model.taken import Bookings
from mesoplan.wording.plans import replan
from tests.book_checker import Booked, Clinic, wrongs
from tests.examples import examples
from tests.instances_changes import random_absence, random_change

BOOKS = examples(1)
ZONE = "Europe/Paris"
FIRST = date(2026, 9, 28)
"""The clocks go back four weeks later."""
TIMES: tuple[time | TimeRange, ...] = (time(9), time(10), time(10), time(15), AFTERNOON)
OPEN = TimeRange(9 * 60, 12 * 60 + 30), TimeRange(14 * 60, 18 * 60)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(ZONE)).astimezone(UTC)


def diary(random: Random, name: str, often: float) -> BusyCalendar:
    """Three months of appointments, and now and then a week of leave."""
    spans = []
    for day in (FIRST + timedelta(days=k) for k in range(100)):
        if random.random() < often:
            begin = at(day, random.choice([8, 9, 11, 14, 16]), random.choice([0, 10, 45]))
            spans.append(BusySpan(begin, begin + timedelta(minutes=random.choice([20, 60, 240]))))
        if random.random() < often / 40:
            spans.append(BusySpan(at(day, 0), at(day + timedelta(days=7), 0)))
    return BusyCalendar(name, tuple(sorted(spans)))


def random_hours(random: Random) -> tuple[tuple[TimeRange, ...], ...]:
    weekdays = [random.choice([OPEN, OPEN, OPEN[:1], OPEN[1:], ()]) for _ in range(5)]
    return (*weekdays, (), ())


class Story:
    """A clinic, its book, and the clock."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.people = tuple(
            Practitioner(
                name,
                f"Dr {name.title()}",
                random_hours(random) if random.random() < 0.6 else None,
                most_sessions_a_day=random.choice([None, 2, 4]),
                busy=(diary(random, name, 0.3),) if random.random() < 0.7 else (),
            )
            for name in ("ann", "ben", "eve")[: random.choice([1, 2, 2, 3])]
        )
        self.clinic = Clinic(
            ZONE,
            rooms=random.choice([1, 2, 2, 3]),
            practitioners=self.people,
            busy=diary(random, "clinic", 0.15).spans,
            room_busy=diary(random, "laser", 0.3).spans,
            most_sessions_a_day=random.choice([None, None, 3, 6]),
        )
        self.now = at(FIRST, 7)
        self.bookings = Bookings("book")
        self.plans: list[Plan] = []
        self.outcomes: Counter[str] = Counter()
        self.calendars = (
            (BusyCalendar("clinic", tuple(self.clinic.busy)),),  # type: ignore[arg-type]
            (BusyCalendar("laser", tuple(self.clinic.room_busy)),),  # type: ignore[arg-type]
        )

    def known(self, request: Request, *, names_people: bool = True) -> Request:
        """The request with what is taken by others."""
        busy, room_busy = self.calendars
        return replace(
            request,
            busy=busy,
            room_busy=room_busy,
            booked=self.bookings.around(request.plan_id),
            practitioners=self.people if names_people else (),
            most_sessions_a_day=self.clinic.most_sessions_a_day,
        )

    def new_patient(self, *, names_people: bool) -> None:
        random, number = self.random, len(self.plans)
        named = names_people and random.random() < 0.3
        request = Request(
            random.choice(["hair", "fat", "cellulite"]),
            self.now.date() + timedelta(days=random.randrange(1, 10)),
            sessions=random.choice([3, 4, 6]),
            time_of_day=random.choice(TIMES),
            duration_minutes=random.choice([20, 30, 45]),
            timezone=ZONE,
            opening_hours=(*(OPEN,) * 5, (), ()),
            rooms=self.clinic.rooms,
            practitioner=random.choice(self.people).id if named else None,
            plan_id=f"00000000-{number}",
        )
        with suppress(NoLegalPlan):
            asked = self.known(request, names_people=names_people)
            found = plan(asked, now=self.now, explains=False)
            self.plans.append(found)
            self.book(found)

    def book(self, found: Plan) -> None:
        spans = (BusySpan(each.start, each.end) for each in found.active)
        self.bookings.book(found.id, spans, found.request.practitioner)

    def change(self) -> None:
        random = self.random
        number = random.randrange(len(self.plans))
        old = self.plans[number]
        change: Change = random_change(random, old, self.now)
        request = old.request
        if (draw := random.random()) < 0.2:
            change = random_absence(random, old, self.now)
        elif draw < 0.4:
            change = Replan()
            request = replace(request, practitioner=random.choice(self.people).id)
        if isinstance(change, Attend) and change.day is not None:
            # What took place may break the rules; what is planned may not.
            return
        try:
            new = replan(old, change, now=self.now, request=self.known(request))
        except (InvalidInput, NoLegalPlan) as refusal:
            self.outcomes[type(refusal).__name__] += 1
            return
        self.outcomes["changed" if new is not old else "nothing"] += 1
        self.plans[number] = new
        self.book(new)

    def to_come(self) -> list[Booked]:
        return [
            Booked(each.start, each.end, found.request.practitioner)
            for found in self.plans
            for each in found.active
            if each.start >= self.now
        ]


@pytest.mark.parametrize("seed", range(BOOKS))
def test_a_book_never_has_two_sessions_of_anybody_at_once_nor_more_than_rooms(seed: int) -> None:
    story = Story(9000 + seed)
    for _ in range(3):
        story.new_patient(names_people=False)
    for step in range(24):
        if step % 2 == 0 or not story.plans:
            story.new_patient(names_people=True)
        else:
            story.change()
        assert list(wrongs(story.clinic, story.to_come())) == [], f"seed {seed}, step {step}"
        story.now += timedelta(hours=story.random.choice([0, 1, 5, 24, 48]))
    assert story.outcomes["changed"] > 3
