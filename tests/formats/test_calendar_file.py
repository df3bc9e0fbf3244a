"""The calendar file: its profile, and what other programs read in it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mesoplan import InvalidInput, Plan, Request, plan
from mesoplan.dates.zones import find_zone, zone_file
from mesoplan.formats.ical.vtimezone import vtimezone
from mesoplan.formats.plan_file.writing import calendar_file, event_files, writes_utc
from mesoplan.model.request import CalendarOptions
from mesoplan.wording.notices import notice_text
from mesoplan.wording.reasons import reason_text
from tests.examples import IN_THE_SUITE, examples
from tests.reading import onsets, read

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMELESS = {"localtime", "Factory"}
ZONES = sorted(available_timezones() - NAMELESS)
PLAIN = CalendarOptions()


def course(zone: str = "Europe/Paris", **fields: object) -> Plan:
    return plan(replace(Request("hair", date(2026, 12, 1), timezone=zone), **fields))  # type: ignore[arg-type]  # by name


def expected_moments(found: Plan) -> list[datetime]:
    zone, clock = find_zone(found.request.timezone), found.request.time_of_day
    assert isinstance(clock, time)
    clock = clock.replace(fold=0)
    days = [session.day for session in (*found.sessions, *found.maintenance)]
    return [datetime.combine(day, clock, zone).astimezone(UTC) for day in days]


def zones_by_clock() -> list[list[str]]:
    """All zones, those together that have one rule and the same clock in the years around."""
    days = [date(2023, 1, 1) + timedelta(days=5 * k) for k in range(6 * 73)]
    alike: dict[object, list[str]] = {}
    for name in ZONES:
        zone, rule = find_zone(name), zone_file(name).split()[-1]
        offsets = (offset_in(zone, datetime(d.year, d.month, d.day)) for d in days)  # noqa: DTZ001
        alike.setdefault((rule, *offsets), []).append(name)
    return list(alike.values())


UNLIKE = {
    *("Europe/Paris", "Europe/Dublin", "Europe/Chisinau", "Atlantic/Azores", "Antarctica/Troll"),
    *("America/New_York", "America/St_Johns", "America/Havana", "America/Nuuk", "America/Bogota"),
    *("America/Santiago", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Chatham", "UTC"),
    *("Asia/Kathmandu", "Asia/Jerusalem", "Asia/Gaza", "Africa/Cairo", "Africa/Casablanca"),
}
"""Zones whose clocks differ in kind: the suite looks at these."""


def test_in_every_zone_instants_and_clock_changes_are_those_of_zoneinfo() -> None:
    # A course from 20 September to 15 November, then maintenance in May and November: both
    # changes of either hemisphere lie between two sessions.
    request = Request("wrinkles", date(2026, 9, 20), interval_days=14, maintenance_per_year=2)
    request = replace(request, sessions=5)
    clocks = [each for each in zones_by_clock() if not IN_THE_SUITE or UNLIKE & {*each}]
    with_rule = 0
    for zone, *others in clocks:
        found = plan(replace(request, timezone=zone))
        read_back = read(calendar_file(found, PLAIN, STAMP))
        moments = [event.start.astimezone(UTC) for event in read_back.events]
        assert moments == expected_moments(found), zone
        ends = [event.end.astimezone(UTC) for event in read_back.events]
        assert ends == [moment + timedelta(minutes=30) for moment in moments], zone
        in_utc = [event.start.tzinfo is UTC for event in read_back.events]
        assert in_utc == [read_back.timezone is None] * 7, zone
        assert writes_utc(found, PLAIN) == (read_back.timezone is None)
        if read_back.timezone is not None:
            with_rule += 1
            assert_same_clock_hour_by_hour(read_back.timezone, find_zone(zone))
        for other in others:
            assert written_rule(other) == written_rule(zone), other
    assert with_rule > len(clocks) / 2


def written_rule(zone: str) -> list[bytes] | None:
    """What a file says of a zone's clocks after the zone's name."""
    text = vtimezone(zone, 2026, 2027)
    if text is None:
        return None
    _, name, location, *rule = text.splitlines()
    assert (name, location) == (f"TZID:{zone}".encode(), f"X-LIC-LOCATION:{zone}".encode())
    return rule


BEGIN, END = datetime(2026, 1, 1), datetime(2028, 1, 1)  # noqa: DTZ001 - UTC, naive for speed
DAYS = [BEGIN + timedelta(days=k) for k in range((END - BEGIN).days)]


def offset_in(zone: ZoneInfo, moment: datetime) -> timedelta | None:
    # `fromutc` is what zoneinfo itself computes local time with.
    return zone.fromutc(moment.replace(tzinfo=zone)).utcoffset()


def assert_same_clock_hour_by_hour(component: object, zone: ZoneInfo) -> None:
    """A VTIMEZONE gives zoneinfo's offset in every hour of the two years that the plan uses.

    Of a day on which neither of the two changes anything, the first hour stands for the others.
    """
    changes = onsets(component, END)
    following, offset = 0, None
    for day in DAYS:
        next_day = day + timedelta(days=1)
        changes_here = following < len(changes) and changes[following][0] < next_day
        quiet = offset_in(zone, day) == offset_in(zone, next_day) and not changes_here
        for hour in (day + timedelta(hours=k) for k in range(1 if quiet else 24)):
            while following < len(changes) and changes[following][0] <= hour:
                offset = changes[following][1]
                following += 1
            assert offset_in(zone, hour) == offset, (zone.key, hour)


@pytest.mark.parametrize("start", [date(2027, 1, 5), date(2027, 5, 4)])
def test_every_event_has_the_clock_of_a_program_that_passes_over_the_first_onsets(
    start: date,
) -> None:
    read_back = read(calendar_file(course(start=start), PLAIN, STAMP))
    assert read_back.timezone is not None
    changes = onsets(read_back.timezone, END)
    # One of either kind: what such a program goes by begins with the third.
    assert changes[2][0].year == changes[3][0].year == start.year - 1


@given(
    zone=st.sampled_from(ZONES),
    start=st.dates(date(2024, 1, 1), date(2035, 12, 31)),
    clock=st.times(max_value=time(23, 0)).map(lambda t: t.replace(second=0, microsecond=0, fold=0)),
)
@settings(max_examples=examples(30), deadline=None)
def test_instants_are_zoneinfos_at_any_time_of_day(zone: str, start: date, clock: time) -> None:
    days = [start + timedelta(days=14 * k) for k in range(5)]
    expected = [datetime.combine(day, clock, find_zone(zone)).astimezone(UTC) for day in days]
    # A day on which clocks skip the time into the next one is not used at all.
    assume([moment.astimezone(find_zone(zone)).date() for moment in expected] == days)
    request = Request("cellulite", start, timezone=zone, time_of_day=clock)
    request = replace(request, sessions=5, interval_days=14, maintenance_per_year=0)
    read_back = read(calendar_file(plan(request), PLAIN, STAMP))
    assert [event.start.astimezone(UTC) for event in read_back.events] == expected


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Asia/Jerusalem", "America/Santiago", "UTC"])
def test_a_zone_without_a_plain_yearly_rule_is_written_in_utc(zone: str) -> None:
    found = course(zone)
    assert b"VTIMEZONE" not in calendar_file(found, PLAIN, STAMP)
    assert b"TZID" not in calendar_file(found, PLAIN, STAMP)


def test_a_zone_whose_rule_was_another_one_then_is_written_in_utc() -> None:
    # Paraguay gave up winter time in October 2024; the rule in force says nothing of a change.
    found = plan(Request("hair", date(2024, 9, 1), timezone="America/Asuncion"))
    assert b"VTIMEZONE" not in calendar_file(found, PLAIN, STAMP)


def test_a_time_that_clocks_skip_is_held_when_zoneinfo_says_and_is_announced() -> None:
    found = plan(
        Request("hair", date(2027, 3, 28), timezone="Europe/Paris", time_of_day=time(2, 30))
    )
    assert found.sessions[0].start.isoformat() == "2027-03-28T03:30:00+02:00"
    assert [notice.code for notice in found.notices] == ["CLOCK_CHANGE"]
    assert b"DTSTART;TZID=Europe/Paris:20270328T033000" in calendar_file(found, PLAIN, STAMP)


def test_a_time_that_clocks_show_twice_is_written_in_utc_and_announced() -> None:
    found = plan(
        Request("hair", date(2026, 10, 25), timezone="Europe/Paris", time_of_day=time(2, 30))
    )
    assert found.sessions[0].start.isoformat() == "2026-10-25T02:30:00+02:00"
    assert [notice.code for notice in found.notices] == ["CLOCK_CHANGE"]
    assert b"DTSTART:20261025T003000Z" in calendar_file(found, PLAIN, STAMP)


def test_an_end_at_a_time_that_clocks_show_twice_is_written_in_utc_too() -> None:
    found = plan(
        Request("hair", date(2026, 10, 25), timezone="Europe/Paris", time_of_day=time(1, 45))
    )
    data = calendar_file(found, PLAIN, STAMP)
    assert b"DTSTART:20261024T234500Z" in data
    assert b"DTEND:20261025T001500Z" in data


def test_clocks_that_change_during_a_session_are_announced() -> None:
    request = Request(
        "hair",
        date(2026, 10, 25),
        timezone="Europe/Paris",
        time_of_day=time(1, 45),
        duration_minutes=120,
    )
    (notice,) = plan(request).notices
    assert notice_text(notice) == (
        "On Sun 25 Oct 2026 the clocks change during the session: 01:45 (UTC+0200) to 02:45 "
        "(UTC+0100)."
    )


def test_a_night_on_which_clocks_skip_the_session_into_the_next_day_is_not_used() -> None:
    # In Nuuk clocks went from 23:00 on Saturday 27 March 2027 to midnight.
    request = Request(
        "cellulite",
        date(2027, 3, 20),
        sessions=3,
        timezone="America/Nuuk",
        time_of_day=time(23),
        closed_weekdays=frozenset({6}),
    )
    sessions = plan(request).sessions
    assert [session.day for session in sessions] == [
        date(2027, 3, 20),
        date(2027, 3, 29),
        date(2027, 4, 5),
    ]
    assert reason_text(sessions[1].reasons[0]) == "Sat 27 Mar 2027: the clocks skip 23:00"


@pytest.mark.parametrize("zone", sorted(NAMELESS & available_timezones()))
def test_a_zone_that_means_nothing_elsewhere_is_written_in_utc(zone: str) -> None:
    assert b"TZID" not in calendar_file(course(zone), PLAIN, STAMP)


def test_the_file_has_whole_characters_in_lines_of_at_most_75_octets() -> None:
    data = calendar_file(course(patient="Zoë 山田" * 9, location="é" * 90), PLAIN, STAMP)
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")


def test_uids_are_random_per_plan_and_serial_within_it() -> None:
    first, second = course(), course()
    uids = [event.uid for event in read(calendar_file(first, PLAIN, STAMP)).events]
    assert uids == [f"{first.id}-{serial:02d}" for serial in range(1, 11)]
    assert not set(uids) & {session.uid for session in second.sessions}
    assert Request("hair").plan_id != Request("hair").plan_id


@pytest.mark.parametrize(
    ("reminders", "triggers"),
    [
        ((), ()),
        ((timedelta(hours=24),), ("-P1D",)),
        ((timedelta(hours=2), timedelta(weeks=1)), ("-P7D", "-PT2H")),
        ((timedelta(minutes=90), timedelta(minutes=90)), ("-PT1H30M",)),
    ],
)
def test_reminders_are_as_asked(
    reminders: tuple[timedelta, ...], triggers: tuple[str, ...]
) -> None:
    data = calendar_file(course(), CalendarOptions(reminders=reminders), STAMP)
    assert {event.alarms for event in read(data).events} == {triggers}


def test_each_event_file_holds_its_event_as_the_whole_file_does() -> None:
    found = course()
    whole = read(calendar_file(found, PLAIN, STAMP))
    parts = event_files(found, PLAIN, STAMP)
    assert sorted(parts) == [f"{serial:02d}" for serial in range(1, 11)]
    for event, serial in zip(whole.events, sorted(parts), strict=True):
        (alone,) = read(parts[serial]).events
        assert alone.texts == event.texts
        assert alone.start.astimezone(UTC) == event.start.astimezone(UTC)


# That no private file tells anything is the matter of `tests.proving.privacy`.
PRIVATE = CalendarOptions(private=True)


def test_a_label_of_short_words_tells_as_a_whole() -> None:
    for label, place, tells in (
        ("Jo Li", "c/o JO LI, 1 Park Street", True),
        ("Jo Li", "Jo's Bar, Li Road", False),
        ("7", "7 Park Street", False),
    ):
        found = course(patient=label, location=place)
        if tells:
            with pytest.raises(InvalidInput):
                calendar_file(found, PRIVATE, STAMP)
        else:
            assert f"LOCATION:{place[:6]}".encode() in calendar_file(found, PRIVATE, STAMP)


@given(st.text(max_size=60))
@settings(max_examples=examples(40), deadline=None)
def test_no_place_or_label_can_break_out_of_its_line(text: str) -> None:
    try:
        request = Request(
            "hair",
            date(2026, 12, 1),
            patient=text,
            location=text,
            maintenance_per_year=0,
            sessions=3,
        )
    except InvalidInput:
        return
    events = read(calendar_file(plan(request), PLAIN, STAMP)).events
    assert len(events) == 3
    assert events[0].texts["location"] == text.strip()
    record = parse_qs(events[0].texts["x-appointment-plan"])
    assert record["patient"] == [text]
