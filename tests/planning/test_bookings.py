"""A book takes the times of its plans, whatever was booked and released in between."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from mesoplan import BusyCalendar, BusySpan
from mesoplan.model.taken import Bookings, with_taken

FIRST = date(2026, 10, 20)
DAYS = [FIRST + timedelta(days=day) for day in range(12)]
PARIS, TOKYO = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Tokyo")
"""In Paris the clocks go back on 25 October."""


def random_spans(random: Random) -> list[BusySpan]:
    spans = []
    for _ in range(random.randrange(6)):
        start = datetime(2026, 10, 20, tzinfo=UTC) + timedelta(
            minutes=15 * random.randrange(10 * 96)
        )
        spans.append(BusySpan(start, start + timedelta(minutes=random.choice([15, 45, 600]))))
    return spans


@pytest.mark.parametrize("seed", range(20))
def test_a_book_takes_what_a_calendar_of_all_its_other_plans_would(seed: int) -> None:
    random = Random(seed)
    bookings = Bookings("book")
    plans: dict[str, list[BusySpan]] = {}
    for step in range(30):
        plan_id = f"plan {random.randrange(8)}"
        if random.random() < 0.2:
            bookings.release(plan_id)
            plans.pop(plan_id, None)
        else:
            plans[plan_id] = random_spans(random)
            bookings.book(plan_id, plans[plan_id])
        if step % 3:
            continue
        without, rooms, zone = f"plan {random.randrange(9)}", random.choice([1, 2, 3]), PARIS
        if random.random() < 0.3:
            zone = TOKYO
        others = [span for name, spans in plans.items() if name != without for span in spans]
        calendar = BusyCalendar("book", tuple(sorted(others, key=lambda span: span.start)))
        times = bookings.around(without)
        for day in DAYS:
            assert sorted(times.on(day, zone), key=repr) == sorted(calendar.on(day, zone), key=repr)
            nothing = (0,) * rooms
            filled = with_taken(nothing, (each.minutes for each in calendar.on(day, zone)))
            assert times.filled(nothing, day, zone) == filled
            again = with_taken(filled, (each.minutes for each in calendar.on(day, zone)))
            assert times.filled(filled, day, zone) == again
