"""A file that only this program wrote is read at once, and gives what the general reader makes of
it; every other file is left to that one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from mesoplan import BusyCalendar, BusySpan, InvalidInput, NoLegalPlan, Request, plan
from mesoplan.formats.plan_file.quick_reading import read_own
from mesoplan.formats.plan_file.reader import ReadPlan, plan_in
from mesoplan.formats.plan_file.record_text import BrokenRecord, pairs_of
from mesoplan.formats.plan_file.rewriter import rewritten
from mesoplan.formats.plan_file.writer import calendar_file
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.replanner import replan
from tests.instances_changes import later_moment, random_change, random_moment
from tests.instances_hours import random_request

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
LABELS = ("Ann & Bo", "a=b&c;d,e", "Zoë – 50 % +1", "張偉", "\\n", "e\u0301", None)
PLACES = ("Clinic; 1, Park Street", "Straße 5 \\ 2. Stock" + " weit" * 20, None)
REMINDERS = ((timedelta(days=1),), (), (timedelta(hours=2), timedelta(weeks=1)))


def by_general_reader(data: bytes) -> ReadPlan:
    def usual_zone() -> str:
        raise AssertionError("the file tells its zone")

    return plan_in([(Path("plan.ics"), data)], usual_zone)


def random_file(random: Random) -> tuple[bytes, ReadPlan]:
    """A plan's new file, and what the general reader makes of it."""
    while True:
        request = replace(
            random_request(random),
            maintenance_per_year=random.choice([None, 0, 1, 2]),
            years=random.choice([1, 1, 2]),
            patient=random.choice(LABELS),
            location=random.choice(PLACES),
            phone=random.choice(["+33 1 23 45", None]),
            plan_id=str(UUID(int=random.getrandbits(128))),
        )
        options = CalendarOptions(
            private=random.random() < 0.3,
            utc=random.random() < 0.2,
            reminders=random.choice(REMINDERS),
        )
        try:
            data = calendar_file(plan(request), options, STAMP)
        except (NoLegalPlan, InvalidInput):
            continue
        return data, by_general_reader(data)


def same(data: bytes, read: ReadPlan) -> None:
    own = read_own(data)
    if any(session.end <= session.start for session in (*read.plan.active, *read.plan.dropped)):
        # By the clocks, since they were put back meanwhile.
        assert own is None
        return
    assert own is not None
    assert (own.plan, own.options) == (read.plan, read.options)
    # Equal moments may still have other clocks.
    assert repr(own.plan) == repr(read.plan)


def mutated(random: Random, data: bytes) -> bytes:
    """The file with one thing done to it, by somebody or by chance."""
    lines = data.split(b"\r\n")
    at = random.randrange(len(lines) - 1)
    kind = random.randrange(8)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[random.randrange(len(lines))])
    elif kind == 2:
        other = random.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines.insert(at, random.choice([b"CATEGORIES:Health", b"", b" ", b"\t", b"X-A;B=C:D"]))
    elif kind in (4, 5):
        # A digit of a date, a number or a record.
        places = [k for k, byte in enumerate(lines[at]) if chr(byte).isdigit()]
        if places:
            k = random.choice(places)
            lines[at] = lines[at][:k] + b"%d" % random.randrange(10) + lines[at][k + 1 :]
    elif kind == 6:
        words = [(b"planned", b"missed"), (b"series", b"upkeep"), (b"CONFIRMED", b"CANCELLED")]
        words += [(b"planned", b"attended"), (b"PLAN:v=1", b"PLAN:v=2"), (b"&at=", b"&at=0")]
        old, new = random.choice(words)
        lines[at:] = b"\r\n".join(lines[at:]).replace(old, new, 1).split(b"\r\n")
    else:
        k = random.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:k] + bytes([random.randrange(256)]) + lines[at][k + 1 :]
    return b"\r\n".join(lines)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_read_at_once_is_what_the_general_reader_reads(seed: int) -> None:
    random = Random(seed)
    data, read = random_file(random)
    same(data, read)
    now = random_moment(random, read.plan)
    for _ in range(4):
        now = later_moment(random, now)
        try:
            changed = replan(read.plan, random_change(random, read.plan, now), now=now)
            data = rewritten(read, changed, STAMP)
        except (NoLegalPlan, InvalidInput):
            continue
        read = by_general_reader(data)
        same(data, read)


@pytest.mark.parametrize("seed", range(8))
def test_a_file_that_was_touched_is_read_alike_or_left_to_the_general_reader(seed: int) -> None:
    random = Random(seed)
    data, _ = random_file(random)
    for _ in range(16):
        touched = mutated(random, data)
        own = read_own(touched)
        if own is None:
            continue
        read = by_general_reader(touched)
        assert (own.plan, own.options) == (read.plan, read.options)
        assert read.assumed == ()


def test_a_part_of_a_plan_and_a_moved_event_are_left_to_the_general_reader() -> None:
    request = Request("hair", date(2026, 12, 1), timezone="Europe/Paris", plan_id="4b0c2f6e-test")
    data = calendar_file(plan(request), CalendarOptions(), STAMP)
    assert read_own(data) is not None
    before, event, after = data.partition(b"BEGIN:VEVENT")
    assert read_own(before + b"BEGIN:VEVENT" + after.partition(b"BEGIN:VEVENT")[2]) is None
    moved = data.replace(b":20261208T1", b":20261209T1")
    assert event
    assert moved != data
    assert read_own(moved) is None
    assert by_general_reader(moved).plan.sessions[1].moved_from is not None


@pytest.mark.parametrize("data", [b"", b"\0", b"BEGIN:VCALENDAR\r\n", b"\xff" * 100])
def test_what_is_no_calendar_is_left_to_the_general_reader(data: bytes) -> None:
    assert read_own(data) is None


def test_records_are_lists_of_pairs_and_say_nothing_twice() -> None:
    assert pairs_of("a=1&b=%C3%A9+x&c=&w=1&w=2", repeated="w") == (
        {"a": "1", "b": "é x"},
        ["1", "2"],
    )
    for text in ("a=1&a=1", "a", "", "a=1&&b=2", "a=%FF"):
        with pytest.raises(BrokenRecord):
            pairs_of(text, repeated="w")


def test_a_long_note_of_why_the_course_begins_late_is_read_back() -> None:
    taken = tuple(
        BusySpan(day + timedelta(hours=8, minutes=k), day + timedelta(hours=19, minutes=k))
        for k, day in enumerate(
            datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=n) for n in range(40)
        )
    )
    busy = (BusyCalendar("the doctor's own calendar", taken),)
    made = plan(Request("hair", date(2026, 12, 1), busy=busy))
    assert len(made.notices[0].text) > 1000
    data = calendar_file(made, CalendarOptions(), STAMP)
    assert by_general_reader(data).plan.notices == made.notices


def test_a_time_that_the_clocks_skip_is_read_as_the_one_that_they_show_instead() -> None:
    request = Request(
        "hair", date(2027, 3, 14), sessions=3, timezone="Europe/Paris", maintenance_per_year=0
    )
    data = calendar_file(plan(request), CalendarOptions(), STAMP)
    first = plan(request).sessions[2].day
    assert first == date(2027, 3, 28)
    skipped = data.replace(b":20270328T100000", b":20270328T023000")
    skipped = skipped.replace(b":20270328T103000", b":20270328T030000")
    skipped = skipped.replace(b"at=2027-03-28T10:00", b"at=2027-03-28T02:30")
    read = by_general_reader(skipped)
    assert read.plan.sessions[2].start.hour == 3
    own = read_own(skipped)
    assert own is None or repr(own.plan) == repr(read.plan)


def test_an_appointment_that_is_there_twice_is_left_to_the_general_reader() -> None:
    request = Request("hair", date(2026, 12, 1), sessions=3, timezone="Europe/Paris")
    data = calendar_file(plan(request), CalendarOptions(), STAMP)
    events = data.split(b"BEGIN:VEVENT\r\n")
    last = events[-1].removesuffix(b"END:VCALENDAR\r\n")
    twice = b"BEGIN:VEVENT\r\n".join([*events[:-1], last, events[-1]])
    assert len(by_general_reader(twice).plan.maintenance) == 2
    assert read_own(twice) is None
