"""What makes a plan's file one that only this program wrote: each thing that must be just so."""

from __future__ import annotations

import re
import time as machine
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from mesoplan import Attend, Cancel, Miss, Move, Plan, Request, SessionName, plan, replan
from mesoplan.formats.plan_file.quick_reading import read_own
from mesoplan.formats.plan_file.reader import plan_in
from mesoplan.formats.plan_file.writer import calendar_file
from mesoplan.model.request import CalendarOptions

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
PLAN_ID = "4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f"
REQUEST = Request(
    "hair",
    date(2026, 12, 1),
    sessions=4,
    timezone="Europe/Paris",
    location="Clinic, 1 Park Street",
    plan_id=PLAN_ID,
)


def file(made: Plan, options: CalendarOptions | None = None) -> bytes:
    return calendar_file(made, options or CalendarOptions(), STAMP)


def agrees_with_the_general_reader(data: bytes) -> bool:
    """Whether it is read at once, and as the general reader reads it."""
    own = read_own(data)
    general = plan_in([(Path("plan.ics"), data)], lambda: "UTC")
    if own is None:
        return False
    assert (own.plan, own.options) == (general.plan, general.options)
    assert repr(own.plan) == repr(general.plan)
    return True


@pytest.mark.parametrize(
    "options",
    [
        CalendarOptions(),
        CalendarOptions(private=True),
        CalendarOptions(utc=True),
        CalendarOptions(private=True, utc=True, reminders=()),
        CalendarOptions(reminders=(timedelta(hours=2),)),
        CalendarOptions(reminders=(timedelta(days=2), timedelta(hours=2))),
    ],
)
def test_a_new_file_is_read_with_the_way_in_which_it_is_written(options: CalendarOptions) -> None:
    data = file(plan(REQUEST), options)
    assert agrees_with_the_general_reader(data)
    own = read_own(data)
    assert own is not None
    assert own.options == options


def test_a_course_of_two_phases_is_read() -> None:
    assert agrees_with_the_general_reader(file(plan(replace(REQUEST, sessions=8))))


def test_what_changes_left_is_read() -> None:
    made = plan(REQUEST)
    missed = replan(made, Miss(SessionName("course", 1)), now=NOW)
    moved = replan(missed, Move(SessionName("course", 2), date(2026, 12, 15)), now=NOW)
    cancelled = replan(moved, Cancel(SessionName("course", 4)), now=NOW)
    attended = replan(made, Attend((SessionName("course", 1),)), now=NOW)
    too_late = Miss(SessionName("course", 2), late="was ill")
    late = replan(attended, too_late, now=datetime(2027, 1, 20, tzinfo=UTC))
    assert any(session.late == "was ill" for session in late.sessions)
    for changed in (missed, moved, cancelled, attended, late):
        assert agrees_with_the_general_reader(file(changed)), changed


def test_a_night_on_which_clocks_change_is_read_as_the_clock_shows_it() -> None:
    for start, clock in ((date(2027, 3, 28), time(2, 30)), (date(2026, 10, 25), time(4))):
        request = replace(REQUEST, start=start, time_of_day=clock)
        assert agrees_with_the_general_reader(file(plan(request)))


def test_serials_that_went_to_events_which_are_gone_stay_used() -> None:
    own = read_own(unfolded().replace(b"serial=6", b"serial=60"))
    assert own is not None
    assert own.plan.last_serial == 60


def unfolded() -> bytes:
    return file(plan(REQUEST)).replace(b"\r\n ", b"")


def changed(pattern: str, new: str) -> bytes:
    """The unfolded file with one thing in it replaced."""
    data, count = re.subn(pattern.encode(), new.encode(), unfolded(), count=1)
    assert count, pattern
    return data


def test_an_unfolded_file_is_read_all_the_same() -> None:
    assert read_own(unfolded()) == read_own(file(plan(REQUEST)))
    assert read_own(unfolded()) is not None


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        ("Park Street", "Park \0 Street"),
        ("Park Street", "Park \r Street"),
        ("Park Street\r\n", "Park Street\n"),
        ("END:VCALENDAR\r\n$", ""),
        ("END:VCALENDAR\r\n$", "END:VCALENDAR\r\n\r\n"),
        ("TZNAME:CET\r\n", "TZNAME:CET\r\nCOMMENT:mine\r\n"),
        ("BEGIN:VEVENT", "BEGIN:VTODO"),
        (f"UID:{PLAN_ID}-01", "UID:11111111-2222-3333-4444-555555555555-01"),
        (f"id={PLAN_ID}", "id=11111111-2222-3333-4444-555555555555"),
        (r"(DTSTART;TZID=Europe/Paris:20261201T)1000", r"\g<1>1001"),
        (r"(DTEND;TZID=Europe/Paris:20261201T)1030", r"\g<1>1000"),
        (r"DTEND;TZID=Europe/Paris:20261201T1030", "DTEND;TZID=Europe/Paris:20261202T1000"),
        (r"DTSTART;TZID=Europe/Paris", "DTSTART;TZID=Europe/Rome"),
        (r"DTSTART;TZID=Europe/Paris", "DTSTART"),
        (r"(DTSTART;TZID=Europe/Paris:[0-9T]*)", r"\1Z"),
        ("STATUS:CONFIRMED", "STATUS:CANCELLED"),
        ("number=2", "number=1"),
        ("kind=series", "kind=other"),
        (r"X-APPOINTMENT:kind=series", "X-APPOINTMENT:late=a b&kind=series"),
        ("revision=0", "revision=x"),
    ],
)
def test_any_other_file_is_left_to_the_general_reader(pattern: str, new: str) -> None:
    assert read_own(changed(pattern, new)) is None


def test_sessions_with_one_number_or_one_beyond_the_total_are_left_to_the_general_reader() -> None:
    ended = unfolded().replace(b"&serial=", b"&ended=1&serial=")
    last = re.findall(rb"BEGIN:VEVENT.*?END:VEVENT\r\n", ended, re.DOTALL)[3]
    assert read_own(ended.replace(last, b"")) is not None
    assert read_own(ended.replace(last, b"").replace(b"number=2", b"number=1")) is None
    assert read_own(ended.replace(last, b"").replace(b"number=2", b"number=5")) is None
    going_on = ended.replace(b"&ended=1", b"")
    assert read_own(going_on) is not None
    assert read_own(going_on.replace(last.replace(b"&ended=1", b""), b"")) is None


def test_an_event_that_is_there_twice_is_left_to_the_general_reader() -> None:
    event = re.findall(rb"BEGIN:VEVENT.*?END:VEVENT\r\n", unfolded(), re.DOTALL)[5]
    assert read_own(unfolded().replace(event, event + event)) is None


def test_an_ended_plan_of_which_all_events_are_gone_is_left_to_the_general_reader() -> None:
    ended = unfolded().replace(b"&serial=", b"&ended=1&serial=")
    assert read_own(re.sub(rb"BEGIN:VEVENT.*END:VEVENT\r\n", b"", ended, flags=re.DOTALL)) is None


def test_an_id_in_capitals_is_left_to_the_general_reader() -> None:
    assert read_own(unfolded().replace(PLAN_ID.encode(), PLAN_ID.upper().encode())) is None


def test_a_zone_that_a_file_may_define_for_itself_is_left_to_the_general_reader() -> None:
    assert read_own(file(plan(replace(REQUEST, timezone="CET")))) is None


def test_a_record_of_another_plan_in_an_event_is_left_to_the_general_reader() -> None:
    first = re.search(rb"BEGIN:VEVENT.*?END:VEVENT", unfolded(), re.DOTALL)
    assert first is not None
    other = first[0].replace(b"id=4b0c2f6e", b"id=5b0c2f6e")
    assert other != first[0]
    assert read_own(unfolded().replace(first[0], other)) is None


@pytest.mark.parametrize(
    ("zone", "old", "new"),
    [
        ("UTC", rb"(DT(?:START|END):[0-9T]+)Z", rb"\1"),
        ("Europe/London", rb"(DT(?:START|END);TZID=[^:]*:[0-9T]+)", rb"\1Z"),
    ],
)
def test_times_that_are_not_told_as_we_do_are_left_to_the_general_reader(
    zone: str, old: bytes, new: bytes
) -> None:
    data = file(plan(replace(REQUEST, timezone=zone))).replace(b"\r\n ", b"")
    assert read_own(data) is not None
    assert read_own(re.sub(old, new, data)) is None


def test_a_course_of_which_all_is_gone_is_read_where_the_plan_has_ended() -> None:
    ended = unfolded().replace(b"&serial=", b"&ended=1&serial=")
    events = re.findall(rb"BEGIN:VEVENT.*?END:VEVENT\r\n", ended, re.DOTALL)
    for left in (events[4:], [events[0], *events[2:]]):
        data = ended[: ended.index(b"BEGIN:VEVENT")] + b"".join(left) + b"END:VCALENDAR\r\n"
        assert agrees_with_the_general_reader(data)


def test_sessions_that_changed_places_are_numbered_in_time() -> None:
    swapped = unfolded().replace(b"number=1", b"number=9").replace(b"number=2", b"number=1")
    data = swapped.replace(b"number=9", b"number=2")
    assert agrees_with_the_general_reader(data)


@pytest.mark.skipif(
    not hasattr(machine, "tzset"), reason="the zone of the process can't be set here"
)
def test_times_are_those_of_the_clinic_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = plan(replace(REQUEST, start=date(2027, 3, 28), time_of_day=time(2, 30)))
    files = [file(made), file(made, CalendarOptions(utc=True))]
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    machine.tzset()
    try:
        for data in files:
            assert agrees_with_the_general_reader(data)
            own = read_own(data)
            assert own is not None
            assert repr(own.plan.sessions[0].start) == repr(made.sessions[0].start)
    finally:
        monkeypatch.undo()
        machine.tzset()
