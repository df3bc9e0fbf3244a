"""Busy calendars: which times the calendars of any program take, and what is said of bad ones."""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mesoplan import DateRange
from mesoplan.errors import FileProblem
from tests.busy_times import BusyReading, read_busy
from tests.command_line import mesoplan
from tests.examples import examples, some

PARIS = ZoneInfo("Europe/Paris")
JANUARY = DateRange(date(2026, 1, 1), date(2026, 1, 31))
JANUARY_BEGIN = datetime(2026, 1, 1)  # noqa: DTZ001 - local
JANUARY_END = datetime(2026, 2, 1)  # noqa: DTZ001 - local
TITLE = "Dinner with Bob"
STAMP = "%Y%m%dT%H%M%S"


def calendar(*components: str, head: str = "") -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{''.join(components)}END:VCALENDAR\n"


def event(properties: str, uid: str = "a") -> str:
    return (
        f"BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{TITLE}\nDTSTAMP:20250101T000000Z\n{properties}\n"
        "BEGIN:VALARM\nDURATION:PT5H\nDTSTART:20260110T000000Z\nEND:VALARM\nEND:VEVENT\n"
    )


def reading(
    text: str | bytes, folder: Path, days: DateRange = JANUARY, zone: ZoneInfo = PARIS
) -> BusyReading:
    path = folder / "doctor.ics"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_busy([path], days, zone)
    assert TITLE not in repr(found)
    return found


def taken(found: BusyReading, zone: ZoneInfo = PARIS) -> list[str]:
    """“02 09:00-10:00” for each span, in local time."""
    return [
        f"{span.start.astimezone(zone):%d %H:%M}-{span.end.astimezone(zone):%H:%M}"
        for one in found.calendars
        for span in one.spans
    ]


def times(properties: str, folder: Path, *more: str, head: str = "") -> list[str]:
    found = reading(calendar(event(properties), *more, head=head), folder)
    assert found.unreadable == ()
    return taken(found)


def problem(properties: str, folder: Path) -> str:
    """What is said of an event that can't be read; another one in the file is read all the same."""
    text = calendar(event(properties), event("DTSTART:20260105T080000Z\nDURATION:PT1H", "other"))
    found = reading(text, folder)
    assert "05 09:00-10:00" in taken(found)
    (line,) = found.unreadable
    return line.removeprefix("doctor.ics, line ")


NINE = "DTSTART;TZID=Europe/Paris:20260105T090000\nDTEND;TZID=Europe/Paris:20260105T100000"
DAILY = NINE + "\nRRULE:FREQ=DAILY;COUNT=4"


def override(day: str, properties: str, parameters: str = "") -> str:
    rid = f"RECURRENCE-ID{parameters};TZID=Europe/Paris:202601{day}T090000\n"
    return event(rid + properties)


# What blocks


def test_the_way_to_an_event_takes_time_before_it(tmp_path: Path) -> None:
    way = "\nX-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT45M"
    assert times(NINE + way, tmp_path) == ["05 08:15-10:00"]
    assert times(DAILY + way, tmp_path)[1:3] == ["06 08:15-10:00", "07 08:15-10:00"]
    assert times(f"{NINE}{way}\nTRANSP:TRANSPARENT", tmp_path) == []
    # Of an event of the next day too.
    late = "DTSTART:20260131T230500Z\nDTEND:20260201T000000Z" + way
    assert times(late, tmp_path) == ["31 23:20-01:00"]
    wrong = NINE + "\nX-APPLE-TRAVEL-DURATION:soon"
    assert problem(wrong, tmp_path).endswith("X-APPLE-TRAVEL-DURATION is not a duration")


def test_an_exception_rule_takes_out_its_occurrences(tmp_path: Path) -> None:
    every_second = f"{DAILY}\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"
    assert times(every_second, tmp_path) == ["06 09:00-10:00", "08 09:00-10:00"]


def test_a_zone_that_nothing_defines_is_read_by_the_offset_in_its_name(tmp_path: Path) -> None:
    for name, offset, hour in (
        ("(UTC+02:00) Helsinki, Kyiv, Riga", "UTC+02:00", "08"),
        ("(GMT-0330) Newfoundland", "UTC-03:30", "13"),
        ("(UTC) Dublin", "UTC+00:00", "10"),
    ):
        text = f'DTSTART;TZID="{name}":20260105T090000\nDURATION:PT1H'
        found = reading(calendar(event(text)), tmp_path)
        assert taken(found)[0][:5] == f"05 {hour}"
        (note,) = found.notes
        assert note.endswith(f"is not defined, so it is read as {offset} all year round.")
    unknown = 'DTSTART;TZID="(Helsinki)":20260105T090000'
    assert problem(unknown, tmp_path).endswith("the time zone '(Helsinki)' is not known")


def test_working_hours_are_said_not_to_be_read(tmp_path: Path) -> None:
    found = reading(calendar(event(NINE).replace("VEVENT", "VAVAILABILITY")), tmp_path)
    assert found.notes == ("doctor.ics: working hours (VAVAILABILITY) are not read.",)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_calendar_in_utf_16_is_read(tmp_path: Path, codec: str) -> None:
    text = calendar(event(NINE + "\nLOCATION:Zoë"))
    assert taken(reading(text.encode(codec), tmp_path)) == ["05 09:00-10:00"]


def archive(members: dict[str, str]) -> bytes:
    data = BytesIO()
    with ZipFile(data, "w") as made:
        for name, text in members.items():
            made.writestr(name, text)
    return data.getvalue()


def test_an_archive_of_calendars_is_read_as_a_folder_of_them(tmp_path: Path) -> None:
    later = event("DTSTART:20260106T080000Z\nDURATION:PT1H", "b")
    several = {
        "Calendars/a.ics": calendar(event(NINE)),
        "b.ICS": calendar(later, event(NINE, "c")),
        "__MACOSX/._a.ics": "no calendar",
        "notes.txt": "nothing",
    }
    found = reading(archive(several), tmp_path)
    assert [one.name for one in found.calendars] == ["doctor.ics", "doctor.ics/b.ICS"]
    assert sorted(taken(found)) == ["05 09:00-10:00", "05 09:00-10:00", "06 09:00-10:00"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (archive({"notes.txt": "nothing"}), "has no calendar file (.ics) in it"),
        (archive({"a.ics": calendar(event(NINE))})[:-30], "is damaged or locked"),
        (archive({"a.ics": calendar(event(NINE))}).replace(b"BEGIN", b"begun", 1), "damaged"),
        (b"PK\x03\x04", "is damaged or locked"),
    ],
)
def test_an_archive_that_can_not_be_read_is_refused(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(FileProblem) as refusal:
        reading(data, tmp_path)
    assert what in refusal.value.problem


def test_an_address_is_refused_and_not_shown() -> None:
    for address in ("https://example.org/secret.ics", "webcal://example.org/secret.ics"):
        with pytest.raises(FileProblem) as refusal:
            read_busy([Path(address)], JANUARY, PARIS)
        assert "an address on the web" in refusal.value.problem
        assert "secret" not in refusal.value.problem + refusal.value.remedy


def test_a_busy_calendar_comes_from_standard_input(tmp_path: Path) -> None:
    given = calendar(event("DTSTART:20261201T090000Z\nDURATION:PT1H")).encode()
    command = ("plan", "hair", "2026-12-01", "-n", "3", "-m", "0", "--dry-run", "--busy", "-")
    outcome = mesoplan(tmp_path, *command, given=given)
    assert outcome.exit_code == 0
    assert "standard input is busy 10:00–11:00" in outcome.text


def test_spans_are_in_utc_in_order_and_named_after_their_file(tmp_path: Path) -> None:
    late = event("DTSTART:20260120T080000Z\nDTEND:20260120T090000Z", "b")
    (found,) = reading(calendar(late, event(NINE)), tmp_path).calendars
    assert found.name == "doctor.ics"
    assert [span.start for span in found.spans] == [
        datetime(2026, 1, 5, 8, tzinfo=UTC),
        datetime(2026, 1, 20, 8, tzinfo=UTC),
    ]
    assert {span.end.tzinfo for span in found.spans} == {UTC}


@pytest.mark.parametrize(
    "free",
    [
        "TRANSP:TRANSPARENT",
        "transp:transparent",
        "STATUS:CANCELLED",
        "TRANSP:OPAQUE\nSTATUS:CANCELLED",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
    ],
)
def test_transparent_cancelled_and_free_events_take_nothing(free: str, tmp_path: Path) -> None:
    assert times(f"{NINE}\n{free}", tmp_path) == []
    assert times(f"{DAILY}\n{free}", tmp_path) == []


@pytest.mark.parametrize(
    "busy",
    [
        "STATUS:TENTATIVE",
        "TRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
    ],
)
def test_tentative_and_opaque_events_take_their_time(busy: str, tmp_path: Path) -> None:
    assert times(f"{NINE}\n{busy}", tmp_path) == ["05 09:00-10:00"]


def test_todos_journals_and_the_rest_take_nothing(tmp_path: Path) -> None:
    kinds = ("VTODO", "VJOURNAL", "X-THING", "VAVAILABILITY")
    text = calendar(*(event(NINE).replace("VEVENT", kind) for kind in kinds))
    assert taken(reading(text, tmp_path)) == []


def test_a_calendar_of_cancellations_takes_nothing(tmp_path: Path) -> None:
    assert times(NINE, tmp_path, head="METHOD:CANCEL\n") == []
    assert times(NINE, tmp_path, head="METHOD:REQUEST\n") == ["05 09:00-10:00"]
    cancelled = calendar(event(NINE), head="METHOD:CANCEL\n")
    assert taken(reading(cancelled + calendar(), tmp_path)) == []


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("DTSTART;VALUE=DATE:20260105", "05 00:00-00:00"),
        ("DTSTART:20260105", "05 00:00-00:00"),
        ("DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260105", "05 00:00-00:00"),
        ("DTSTART;VALUE=DATE:20260105T000000", "05 00:00-00:00"),
        ("DTSTART;VALUE=DATE:20260105\nDURATION:PT5H", "05 00:00-00:00"),
        ("DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;COUNT=1", "05 00:00-00:00"),
        ("DTSTART:20260105\nDTEND:20260105\nRRULE:FREQ=DAILY;COUNT=1", "05 00:00-00:00"),
    ],
)
def test_an_all_day_event_takes_its_day_in_the_readers_zone(
    properties: str, expected: str, tmp_path: Path
) -> None:
    found = reading(calendar(event(properties)), tmp_path)
    assert taken(found) == [expected]
    (span,) = found.calendars[0].spans
    assert span.end - span.start == timedelta(days=1)


@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=YEARLY"])
@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:20260108", "DURATION:P3D", "DURATION:P2DT1S"])
def test_an_all_day_event_ends_before_the_day_that_is_its_end(
    end: str, rule: str, tmp_path: Path
) -> None:
    found = reading(calendar(event(f"DTSTART;VALUE=DATE:20260105\n{end}{rule}")), tmp_path)
    (span,) = found.calendars[0].spans
    assert span.start.astimezone(PARIS).isoformat() == "2026-01-05T00:00:00+01:00"
    assert span.end.astimezone(PARIS).isoformat() == "2026-01-08T00:00:00+01:00"


@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=DAILY;COUNT=2"])
def test_an_event_without_length_takes_nothing(rule: str, tmp_path: Path) -> None:
    assert times("DTSTART:20260105T090000Z" + rule, tmp_path) == []
    assert times("DTSTART:20260105T090000Z\nDTEND:20260105T090000Z" + rule, tmp_path) == []
    assert times("DTSTART:20260105T090000Z\nDURATION:PT0S" + rule, tmp_path) == []


@pytest.mark.parametrize("duration", ["PT1H30M", "P0DT90M", "pt5400s", "+PT1H30M"])
def test_a_duration_stands_for_the_end(duration: str, tmp_path: Path) -> None:
    found = times(f"DTSTART:20260105T090000Z\nDURATION:{duration}", tmp_path)
    assert found == ["05 10:00-11:30"]


def test_weeks_of_a_duration_are_seven_days(tmp_path: Path) -> None:
    found = reading(calendar(event("DTSTART:20260105T090000Z\nDURATION:P2W")), tmp_path)
    (span,) = found.calendars[0].spans
    assert span.end - span.start == timedelta(days=14)


def test_hours_of_a_duration_elapse_and_days_are_counted(tmp_path: Path) -> None:
    # Clocks in Paris went forward in the night to 29 March 2026.
    march = DateRange(date(2026, 3, 1), date(2026, 3, 31))
    start = "DTSTART;TZID=Europe/Paris:20260328T120000\nDURATION:"
    assert taken(reading(calendar(event(f"{start}PT24H")), tmp_path, march)) == ["28 12:00-13:00"]
    assert taken(reading(calendar(event(f"{start}P1D")), tmp_path, march)) == ["28 12:00-12:00"]


def test_floating_times_are_in_the_readers_zone(tmp_path: Path) -> None:
    text = calendar(event("DTSTART:20260105T090000\nDTEND:20260105T100000"))
    for zone in (PARIS, ZoneInfo("Asia/Tokyo")):
        (span,) = reading(text, tmp_path, zone=zone).calendars[0].spans
        assert span.start == datetime(2026, 1, 5, 9, tzinfo=zone)


def test_start_and_end_may_be_in_different_zones(tmp_path: Path) -> None:
    flight = (
        "DTSTART;TZID=Europe/Paris:20260105T100000\nDTEND;TZID=America/New_York:20260105T120000"
    )
    assert times(flight, tmp_path) == ["05 10:00-18:00"]
    assert times(flight + "\nRRULE:FREQ=WEEKLY;COUNT=2", tmp_path) == [
        "05 10:00-18:00",
        "12 10:00-18:00",
    ]


def free_busy(*lines: str) -> str:
    return "BEGIN:VFREEBUSY\nUID:f\n" + "".join(f"{line}\n" for line in lines) + "END:VFREEBUSY\n"


def test_free_busy_periods_take_their_time_unless_free(tmp_path: Path) -> None:
    component = free_busy(
        "DTSTART:20260101T000000Z",
        "DTEND:20260201T000000Z",
        "FREEBUSY:20260105T090000Z/20260105T100000Z,20260106T090000Z/PT2H",
        "FREEBUSY;FBTYPE=FREE:20260107T090000Z/PT2H",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260108T090000Z/PT2H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260109T090000Z/PT2H",
    )
    assert taken(reading(calendar(component), tmp_path)) == [
        "05 10:00-11:00",
        "06 10:00-12:00",
        "08 10:00-12:00",
        "09 10:00-12:00",
    ]


def test_only_times_within_the_days_are_given_and_those_are_whole(tmp_path: Path) -> None:
    spans = (
        ("20251231T220000Z", "20251231T230000Z"),  # to midnight in Paris
        ("20251231T220000Z", "20251231T230001Z"),
        ("20200101T000000Z", "20300101T000000Z"),
        ("20260131T225959Z", "20260201T120000Z"),
        ("20260131T230000Z", "20260201T120000Z"),  # from midnight
    )
    text = calendar(*(event(f"DTSTART:{a}\nDTEND:{b}", str(k)) for k, (a, b) in enumerate(spans)))
    found = reading(text, tmp_path).calendars[0].spans
    assert [f"{span.start:%Y%m%dT%H%M%SZ}" for span in found] == [
        "20200101T000000Z",
        "20251231T220000Z",
        "20260131T225959Z",
    ]
    assert f"{found[0].end:%Y%m%d}" == "20300101"


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Pacific/Kiritimati"])
def test_an_event_from_the_first_to_the_last_day_there_is_takes_them_all(
    zone: str, tmp_path: Path
) -> None:
    text = calendar(event("DTSTART;VALUE=DATE:00010101\nDTEND;VALUE=DATE:99991231"))
    found = reading(text, tmp_path, zone=ZoneInfo(zone))
    assert found.unreadable == ()
    (span,) = found.calendars[0].spans
    begin, end = (moment.replace(tzinfo=ZoneInfo(zone)) for moment in (JANUARY_BEGIN, JANUARY_END))
    assert (span.start, span.end) == (begin, end)


# Series


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("RRULE:FREQ=WEEKLY;COUNT=3", ["05", "12", "19"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260115T080000Z", ["05", "08", "12", "15"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260115T075959Z", ["05", "08", "12"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260115T090000", ["05", "08", "12", "15"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260115", ["05", "08", "12", "15"]),
        ("rrule:freq=weekly;count=2;", ["05", "12"]),
        ("RRULE:FREQ=WEEKLY;COUNT=-1;UNTIL=20260112", ["05", "12"]),
        ("RRULE:RSCALE=GREGORIAN;FREQ=WEEKLY;SKIP=OMIT;COUNT=2", ["05", "12"]),
        ("RRULE:FREQ=WEEKLY;COUNT=2\nRRULE:FREQ=MONTHLY;BYMONTHDAY=7;COUNT=1", ["05", "07", "12"]),
        ("RDATE;TZID=Europe/Paris:20260107T090000,20260109T090000", ["05", "07", "09"]),
        ("RDATE:20260107T080000Z\nRDATE:20260109T080000Z", ["05", "07", "09"]),
        ("RDATE;VALUE=DATE:20260107", ["05", "07"]),
        ("RRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Paris:20260106T090000", ["05", "07", "08"]),
        ("RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260106T080000Z,20260107T080000Z", ["05", "08"]),
        ("RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260106T090000", ["05", "07", "08"]),
        ("RRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260106", ["05", "07", "08"]),
        ("RRULE:FREQ=DAILY;COUNT=4\nEXDATE:\nRDATE:", ["05", "06", "07", "08"]),
    ],
)
def test_a_series_takes_the_times_of_its_occurrences(
    properties: str, expected: list[str], tmp_path: Path
) -> None:
    found = times(f"{NINE}\n{properties}", tmp_path)
    assert found == [f"{day} 09:00-10:00" for day in expected]


def test_an_exception_takes_out_no_other_occurrence_of_the_day(tmp_path: Path) -> None:
    # 9:00 in Paris is 8:00 in UTC, and 8:00 in Paris is an occurrence too.
    rule = "RRULE:FREQ=DAILY;COUNT=3;BYHOUR=8,9,10\nEXDATE;TZID=Europe/Paris:20260105T090000"
    start = "DTSTART;TZID=Europe/Paris:20260105T080000\nDURATION:PT30M\n"
    assert times(start + rule, tmp_path) == ["05 08:00-08:30", "05 10:00-10:30"]
    moved = override("05", "DTSTART:20260109T080000Z\nDURATION:PT1H")
    rule = "RRULE:FREQ=DAILY;COUNT=3;BYHOUR=8,9,10"
    assert times(start + rule, tmp_path, moved) == [
        "05 08:00-08:30",
        "05 10:00-10:30",
        "09 09:00-10:00",
    ]


def test_a_period_among_further_dates_has_its_own_length(tmp_path: Path) -> None:
    period = "RDATE;VALUE=PERIOD:20260107T080000Z/PT3H,20260108T080000Z/20260108T083000Z"
    assert times(f"{NINE}\n{period}", tmp_path) == [
        "05 09:00-10:00",
        "07 09:00-12:00",
        "08 09:00-09:30",
    ]


@pytest.mark.parametrize(
    "until", ["20260107", "20260107T000000Z", "20260106T230000Z", "20260107T225959Z"]
)
def test_a_series_of_days_ends_with_its_last_day_however_that_is_told(
    until: str, tmp_path: Path
) -> None:
    rule = f"DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;UNTIL={until}"
    assert times(rule, tmp_path) == [f"{day} 00:00-00:00" for day in ("05", "06", "07")]


@pytest.mark.parametrize(
    "exception",
    [
        ";VALUE=DATE:20260106",
        ":20260106",
        ":20260106T000000Z",
        ":20260105T230000Z",
        ";TZID=Europe/Paris:20260106T000000",
    ],
)
def test_an_exception_to_a_series_of_days_may_be_told_as_a_time(
    exception: str, tmp_path: Path
) -> None:
    rule = f"DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE{exception}"
    assert times(rule, tmp_path) == ["05 00:00-00:00", "07 00:00-00:00"]


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=DAILY;UNTIL=20260107T090000",
        "RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260108T090000",
        "RDATE:20260106T090000,20260107T090000",
    ],
)
def test_times_in_a_series_without_a_zone_go_by_the_clocks_of_its_start(
    line: str, tmp_path: Path
) -> None:
    text = calendar(event(f"{NINE}\n{line}"))
    for zone in ("America/New_York", "Asia/Tokyo"):
        found = taken(reading(text, tmp_path, zone=ZoneInfo(zone)))
        assert found == [f"{day} 09:00-10:00" for day in ("05", "06", "07")]


def test_the_end_of_a_series_without_a_zone_goes_by_the_clocks_too(tmp_path: Path) -> None:
    lines = "DTSTART:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20260107T090000Z"
    for zone in map(ZoneInfo, ("America/New_York", "Asia/Tokyo")):
        found = taken(reading(calendar(event(lines)), tmp_path, zone=zone), zone)
        assert found == [f"{day} 09:00-10:00" for day in ("05", "06", "07")]


@pytest.mark.parametrize("until", ["20260107", "20260107T000000Z", "20260108T045959Z"])
def test_a_series_of_days_ends_with_its_last_day_west_of_greenwich_too(
    until: str, tmp_path: Path
) -> None:
    lines = f"DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;UNTIL={until}"
    zone = ZoneInfo("America/New_York")
    found = taken(reading(calendar(event(lines)), tmp_path, zone=zone), zone)
    assert found == [f"{day} 00:00-00:00" for day in ("05", "06", "07")]


def test_a_series_long_over_and_one_yet_to_come_take_nothing(tmp_path: Path) -> None:
    over = NINE.replace("2026", "2020") + "\nRRULE:FREQ=DAILY;UNTIL=20251231T000000Z"
    assert times(over, tmp_path) == []
    assert times(NINE.replace("2026", "2027") + "\nRRULE:FREQ=DAILY", tmp_path) == []


def test_further_dates_may_come_long_after_the_start_and_before_it(tmp_path: Path) -> None:
    for year in ("2020", "2030"):
        lines = f"DTSTART:{year}0105T080000Z\nDURATION:PT1H\nRDATE:20260107T080000Z"
        assert times(lines, tmp_path) == ["07 09:00-10:00"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=10",
        "FREQ=DAILY;BYHOUR=8,10;BYDAY=MO,WE",
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,TU;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,TU;WKST=MO",
        "FREQ=WEEKLY;BYDAY=SA,FR;BYSETPOS=1;WKST=SA",
        "FREQ=DAILY;COUNT=2000;BYMONTHDAY=3",
        "FREQ=MONTHLY;INTERVAL=4;BYDAY=2TU",
        "FREQ=YEARLY;INTERVAL=11;BYMONTH=1",
    ],
)
def test_an_old_series_is_still_in_step(rule: str, tmp_path: Path) -> None:
    start = datetime(2015, 1, 11, 9)  # noqa: DTZ001 - local; a Sunday
    slow = rrulestr(rule, dtstart=start).between(JANUARY_BEGIN, JANUARY_END)
    lines = f"DTSTART:{start:{STAMP}}\nDURATION:PT1M\nRRULE:{rule}"
    assert slow
    assert times(lines, tmp_path) == [f"{moment:%d %H:%M-%H}:01" for moment in slow]


def test_all_later_occurrences_of_an_old_series_may_move(tmp_path: Path) -> None:
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20160105T080000Z\n"
        "DTSTART:20180105T080000Z\nDURATION:PT1H"
    )
    lines = "DTSTART:20150105T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    for until, days in (("", 31), (";UNTIL=20240113T000000Z", 12)):
        found = times(lines + until, tmp_path, later)
        assert found == [f"{day:02} 09:00-10:00" for day in range(1, days + 1)]


@pytest.mark.parametrize(
    "rid",
    [
        ":20260106T080000Z",
        ";VALUE=DATE:20260106",
        ":20260106T090000",
        ";TZID=Asia/Tokyo:20260106T170000",
    ],
)
def test_the_occurrence_that_is_replaced_may_be_told_in_any_way(rid: str, tmp_path: Path) -> None:
    moved = event(f"RECURRENCE-ID{rid}\nDTSTART:20260106T140000Z\nDURATION:PT1H")
    assert "06 09:00-10:00" not in times(DAILY, tmp_path, moved)


@pytest.mark.parametrize("how", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_a_cancelled_or_transparent_occurrence_frees_its_time(how: str, tmp_path: Path) -> None:
    free = override("06", NINE.replace("0105", "0106") + "\n" + how)
    expected = [f"{day} 09:00-10:00" for day in ("05", "07", "08")]
    assert times(DAILY, tmp_path, free) == expected


def test_an_occurrence_of_a_transparent_series_may_take_its_time(tmp_path: Path) -> None:
    busy = override("06", NINE.replace("0105", "0106"))
    assert times(DAILY + "\nTRANSP:TRANSPARENT", tmp_path, busy) == ["06 09:00-10:00"]


def test_an_occurrence_without_its_series_counts_for_itself(tmp_path: Path) -> None:
    alone = calendar(override("06", "DTSTART:20260109T140000Z\nDTEND:20260109T150000Z"))
    assert taken(reading(alone, tmp_path)) == ["09 15:00-16:00"]


def test_of_occurrences_without_their_series_the_cancelled_take_nothing(tmp_path: Path) -> None:
    busy = override("06", "DTSTART:20260109T140000Z\nDTEND:20260109T150000Z")
    free = override("07", "DTSTART:20260107T140000Z\nDURATION:PT1H\nSTATUS:CANCELLED")
    far = override("08", "DTSTART;TZID=Nowhere:20270107T140000\nDURATION:PT1H")
    found = reading(calendar(busy, free, far), tmp_path)
    assert (taken(found), found.unreadable) == (["09 15:00-16:00"], ())


def test_a_change_of_all_later_occurrences_moves_them_all(tmp_path: Path) -> None:
    later = override(
        "07", "DTSTART:20260107T140000Z\nDTEND:20260107T160000Z", ";RANGE=THISANDFUTURE"
    )
    assert times(DAILY, tmp_path, later) == [
        "05 09:00-10:00",
        "06 09:00-10:00",
        "07 15:00-17:00",
        "08 15:00-17:00",
    ]


def test_all_later_occurrences_may_move_far(tmp_path: Path) -> None:
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20251202T080000Z\n"
        "DTSTART:20260102T080000Z\nDURATION:PT1H"
    )
    rule = "DTSTART:20251201T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20251204T080000Z"
    assert times(rule, tmp_path, later) == [f"{day} 09:00-10:00" for day in ("02", "03", "04")]


def test_all_later_occurrences_may_move_back_into_the_days(tmp_path: Path) -> None:
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260202T080000Z\n"
        "DTSTART:20260102T080000Z\nDURATION:PT1H"
    )
    rule = "DTSTART:20260201T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4"
    assert times(rule, tmp_path, later) == [f"{day} 09:00-10:00" for day in ("02", "03", "04")]
    # Those after one that is excepted move all the same.
    exception = "\nEXDATE:20260202T080000Z"
    assert times(rule + exception, tmp_path, later) == ["03 09:00-10:00", "04 09:00-10:00"]


def test_all_later_occurrences_may_be_cancelled(tmp_path: Path) -> None:
    rest = override(
        "07", f"{NINE.replace('0105', '0107')}\nSTATUS:CANCELLED", ";RANGE=THISANDFUTURE"
    )
    assert times(DAILY, tmp_path, rest) == ["05 09:00-10:00", "06 09:00-10:00"]


def test_of_two_versions_the_one_with_the_higher_sequence_holds(tmp_path: Path) -> None:
    old = override("06", "SEQUENCE:2\nDTSTART:20260106T140000Z\nDURATION:PT1H")
    new = override("06", "SEQUENCE:10\nDTSTART:20260106T160000Z\nDURATION:PT1H")
    for pair in ((old, new), (new, old)):
        assert "06 17:00-18:00" in times(DAILY, tmp_path, *pair)
        assert "06 15:00-16:00" not in times(DAILY, tmp_path, *pair)
        assert taken(reading(calendar(*pair), tmp_path)) == ["06 17:00-18:00"]


@pytest.mark.parametrize("newer", ["DTSTART:20270105T090000Z", f"{NINE}\nSTATUS:CANCELLED"])
def test_an_old_version_of_an_event_that_is_gone_takes_nothing(newer: str, tmp_path: Path) -> None:
    new = event(f"SEQUENCE:3\n{newer}")
    assert times(f"SEQUENCE:2\n{NINE}", tmp_path, new) == []
    assert times(f"SEQUENCE:3\n{NINE}", tmp_path, new) == ["05 09:00-10:00"]


def test_events_that_share_a_uid_by_mistake_all_count(tmp_path: Path) -> None:
    other = event(NINE.replace("0105", "0106"))
    assert times(NINE, tmp_path, other) == ["05 09:00-10:00", "06 09:00-10:00"]
    other = other.replace("UID:a", "SEQUENCE:4")
    without = (event(NINE).replace("UID:a\n", ""), other)
    assert len(taken(reading(calendar(*without), tmp_path))) == 2


@st.composite
def series(draw: st.DrawFn) -> tuple[str, list[tuple[datetime, datetime]]]:
    """A random series with exceptions and moved occurrences, and its times, slowly worked out."""
    zone = draw(st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Tokyo", ""]))
    start = datetime.combine(
        draw(st.dates(date(2024, 1, 1), date(2026, 1, 20))),
        time(draw(st.integers(4, 20)), draw(st.sampled_from([0, 30]))),
    )
    minutes = draw(st.sampled_from([15, 60, 600, 3000, 15_000]))
    rule = f"FREQ={draw(st.sampled_from(['DAILY', 'WEEKLY', 'MONTHLY']))}"
    rule += f";INTERVAL={draw(st.integers(1, 4))}"
    rule += draw(st.sampled_from(["", ";BYDAY=MO,WE,SU", ";BYMONTHDAY=-1,15", ";BYHOUR=8,9,10"]))
    rule += draw(st.sampled_from(["", ";COUNT=7"]))
    occurrences = {
        moment: (moment, moment + timedelta(minutes=minutes))
        for moment in [start, *rrulestr(rule, dtstart=start).between(start, END, inc=True)]
    }
    tzid = f";TZID={zone}" if zone else ""
    lines = [f"DTSTART{tzid}:{start:{STAMP}}", f"DURATION:PT{minutes}M", f"RRULE:{rule}"]
    changed = draw(st.lists(st.sampled_from(sorted(occurrences)), unique=True, max_size=6))
    overrides = []
    for moment in changed:
        what = draw(st.sampled_from(["except", "cancel", "move"]))
        del occurrences[moment]
        if what == "except":
            lines.append(f"EXDATE{tzid}:{moment:{STAMP}}")
            continue
        moved = moment + timedelta(minutes=draw(st.integers(-90_000, 90_000)))
        own = f"RECURRENCE-ID{tzid}:{moment:{STAMP}}\nDTSTART{tzid}:{moved:{STAMP}}\nDURATION:PT7M"
        overrides.append(event(own + ("\nSTATUS:CANCELLED" if what == "cancel" else "")))
        if what == "move":
            occurrences[moment] = (moved, moved + timedelta(minutes=7))
    read_zone = ZoneInfo(zone) if zone else PARIS
    components = [event("\n".join(lines)), *overrides]
    instants = [
        tuple(each.replace(tzinfo=read_zone).astimezone(UTC) for each in span)
        for span in occurrences.values()
    ]
    return calendar(*draw(st.permutations(components))), instants  # type: ignore[return-value]  # lists of texts


END = datetime(2026, 6, 1)  # noqa: DTZ001 - local, like the series


@given(series())
@settings(max_examples=examples(40), deadline=None)
def test_series_take_the_times_that_a_slow_expansion_finds(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[str, list[tuple[datetime, datetime]]]
) -> None:
    text, instants = made
    begin = datetime(2026, 1, 1, tzinfo=PARIS).astimezone(UTC)
    end = datetime(2026, 2, 1, tzinfo=PARIS).astimezone(UTC)
    expected = sorted({span for span in instants if span[0] < end and span[1] > begin})
    found = reading(text, tmp_path_factory.mktemp("series"))
    assert [(span.start, span.end) for span in found.calendars[0].spans] == expected


# Zones

BRUSSELS = "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris"


def timezone(name: str, standard: str = "+0100", daylight: str = "+0200") -> str:
    return (
        f"BEGIN:VTIMEZONE\nTZID:{name}\nX-THING:{TITLE}\n"
        "BEGIN:STANDARD\nDTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n"
        f"TZOFFSETFROM:{daylight}\nTZOFFSETTO:{standard}\nEND:STANDARD\n"
        "BEGIN:DAYLIGHT\nDTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n"
        f"TZOFFSETFROM:{standard}\nTZOFFSETTO:{daylight}\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
    )


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Asia/Tokyo", "01:00"),
        ("asia/tokyo", "01:00"),
        ('"Asia/Tokyo"', "01:00"),
        ("Tokyo Standard Time", "01:00"),
        ("Romance Standard Time", "09:00"),
        ("/freeassociation.sourceforge.net/Europe/Paris", "09:00"),
        ("/freeassociation.sourceforge.net/Tzfile/Asia/Tokyo", "01:00"),
        ("/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", "13:00"),
        ("posix/Asia/Tokyo", "01:00"),
        ("/citadel.org/20210210_1/UTC", "10:00"),
        ("tzone://Microsoft/Utc", "10:00"),
        ("UTC", "10:00"),
        ("EST", "15:00"),
    ],
)
def test_a_zone_is_known_by_the_names_that_programs_give_it(
    name: str, start: str, tmp_path: Path
) -> None:
    lines = f"DTSTART;TZID={name}:20260105T090000\nDURATION:PT1H"
    assert times(lines, tmp_path)[0][3:8] == start
    assert times(f"{lines}\nRRULE:FREQ=DAILY;COUNT=1", tmp_path)[0][3:8] == start


@pytest.mark.parametrize("name", [BRUSSELS, "Customized Time Zone", "Örtliche Zeit"])
@pytest.mark.parametrize("after", [False, True])
def test_a_zone_may_be_the_files_own(name: str, *, after: bool, tmp_path: Path) -> None:
    january = event(f'DTSTART;TZID="{name}":20260105T090000\nDURATION:PT1H')
    zone = timezone(name, "+0300", "+0400")
    text = calendar(january, zone) if after else calendar(zone, january)
    assert taken(reading(text, tmp_path)) == ["05 07:00-08:00"]
    july = DateRange(date(2026, 7, 1), date(2026, 7, 31))
    found = reading(text.replace(":20260105", ":20260705"), tmp_path, july)
    assert taken(found) == ["05 07:00-08:00"]


def test_a_name_means_another_zone_in_another_calendar(tmp_path: Path) -> None:
    lines = event("DTSTART;TZID=Customized Time Zone:20260105T090000\nDURATION:PT1H")
    zones = [timezone("Customized Time Zone", offset, offset) for offset in ("+0300", "+0500")]
    text = "".join(calendar(zone, lines) for zone in zones)
    assert taken(reading(text, tmp_path)) == ["05 05:00-06:00", "05 07:00-08:00"]


def test_a_files_own_zone_is_as_exact_as_zoneinfo_where_clocks_change(tmp_path: Path) -> None:
    days = DateRange(date(2026, 1, 1), date(2026, 12, 31))
    starts = [
        datetime(2026, month, day, hour, 30)  # noqa: DTZ001 - local
        for month, day in ((3, 28), (3, 29), (3, 30), (10, 24), (10, 25), (10, 26))
        for hour in range(5)
    ]
    # The minutes of the end tell the events apart, since two of the starts are one instant.
    own = calendar(
        timezone("Mine"),
        *(
            event(f"DTSTART;TZID=Mine:{start:{STAMP}}\nDTEND:20270101T00{k:02}00Z", str(k))
            for k, start in enumerate(starts)
        ),
    )
    found = sorted(reading(own, tmp_path, days).calendars[0].spans, key=lambda span: span.end)
    expected = [start.replace(tzinfo=PARIS).astimezone(UTC) for start in starts]
    assert [span.start for span in found] == expected


def test_a_series_in_a_files_own_zone_may_end_in_utc(tmp_path: Path) -> None:
    days = DateRange(date(2026, 7, 6), date(2026, 7, 7))
    lines = "DTSTART;TZID=Mine:20260705T090000\nDTEND:20260705T160000Z\nRRULE:FREQ=DAILY"
    text = calendar(timezone("Mine", "-0500", "-0400"), event(lines))
    assert taken(reading(text, tmp_path, days)) == ["06 15:00-18:00", "07 15:00-18:00"]


def test_of_a_name_that_all_programs_share_the_file_is_not_asked(tmp_path: Path) -> None:
    for name, start in (("Europe/Paris", "09"), ("Romance Standard Time", "09"), ("EST", "07")):
        lines = event(f"DTSTART;TZID={name}:20260105T090000\nDURATION:PT1H")
        text = calendar(timezone(name, "+0300", "+0300"), lines)
        assert taken(reading(text, tmp_path))[0][3:5] == start


def test_the_name_of_a_files_own_zone_may_be_in_quotes(tmp_path: Path) -> None:
    lines = event('DTSTART;TZID="Mine: all":20260105T090000\nDURATION:PT1H')
    text = calendar(timezone('"Mine: all"'), lines)
    assert taken(reading(text, tmp_path)) == ["05 09:00-10:00"]


def test_the_rule_of_a_zone_may_end_and_its_dates_may_be_listed(tmp_path: Path) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Mine\n"
        "BEGIN:DAYLIGHT\nDTSTART:20200301T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
        "RRULE:FREQ=YEARLY;UNTIL=20250301T010000Z\nEND:DAYLIGHT\n"
        "BEGIN:STANDARD\nDTSTART:20201001T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
        "RDATE:20211001T030000,20241001T030000\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    # Summer time came for the last time on 1 March 2025, and never went.
    lines = event("DTSTART;TZID=Mine:20260105T090000\nDURATION:PT1H")
    assert taken(reading(calendar(zone, lines), tmp_path)) == ["05 08:00-09:00"]


@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=DAILY;COUNT=2"])
def test_a_time_in_an_unknown_zone_is_named_and_never_read_as_local(
    rule: str, tmp_path: Path
) -> None:
    lines = f"DTSTART;TZID=Nowhere/Land:20260105T060000\nDURATION:PT1H{rule}"
    assert problem(lines, tmp_path) == "7: the time zone 'Nowhere/Land' is not known"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("+0100", "noon"),
        ("DTSTART:1601", "DTSTART:16AA"),
        ("RRULE:FREQ=YEARLY", "RRULE:FREQ=OFTEN"),
        ("TZOFFSETTO", "X-OFFSETTO"),
    ],
)
def test_a_zone_that_is_broken_is_unknown(good: str, bad: str, tmp_path: Path) -> None:
    lines = event("DTSTART;TZID=Mine:20260105T090000\nDURATION:PT1H")
    text = calendar(timezone("Mine").replace(good, bad), lines, event(NINE, "b"))
    found = reading(text, tmp_path)
    assert taken(found) == ["05 09:00-10:00"]
    assert found.unreadable[0].endswith("the time zone 'Mine' is not known")


# Text


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\r\n\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(
    line_end: str, mark: bytes, tmp_path: Path
) -> None:
    text = mark + calendar(event(DAILY)).replace("\n", line_end).encode() + b" \t\r\n\n"
    assert len(taken(reading(text, tmp_path))) == 4


@pytest.mark.parametrize("fold", ["\n ", "\n\t", "\r\n "])
def test_folded_lines_are_one(fold: str, tmp_path: Path) -> None:
    text = calendar(event(DAILY))
    text = text.replace("T09", f"T{fold}09").replace("FREQ", f"FR{fold}EQ")
    text = text.replace("SUMMARY:", f"SUMMARY:ä{fold}DTSTART:20260101T000000Z{fold}END:VEVENT")
    assert len(taken(reading(text, tmp_path))) == 4


def test_bytes_that_are_no_text_do_not_matter(tmp_path: Path) -> None:
    text = calendar(event(NINE)).encode()
    split = text.replace(b"SUMMARY:", b"SUMMARY:\xc3\n \xa4\xff\xfe\x00")
    assert taken(reading(split, tmp_path)) == ["05 09:00-10:00"]


def test_names_may_be_in_small_letters(tmp_path: Path) -> None:
    text = calendar(event(DAILY)).replace("T09", "?").lower().replace("?", "T09")
    assert len(taken(reading(text, tmp_path))) == 4


def test_a_file_may_hold_several_calendars(tmp_path: Path) -> None:
    first, second = calendar(event(NINE)), calendar(event(NINE.replace("0105", "0106")))
    found = reading(f"{first}\n\n{second}\n", tmp_path)
    assert len(found.calendars) == 1
    assert taken(found) == ["05 09:00-10:00", "06 09:00-10:00"]


# Damaged files


def refused(path: Path) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        read_busy([path], JANUARY, PARIS)
    error = caught.value
    assert error.exit_code == 4
    assert error.path == path
    assert path.name in error.problem
    assert error.remedy
    assert TITLE not in f"{error.problem} {error.remedy}"
    return error


def refused_text(text: str | bytes, folder: Path) -> str:
    path = folder / "doctor.ics"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    error = refused(path)
    assert "export" in error.remedy or "unpack" in error.remedy
    return error.problem.partition("doctor.ics', line ")[2]


WHOLE = calendar(event(NINE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: the file is empty"),
        ("\n<!DOCTYPE html><html></html>", "2: this is not a calendar"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "1: this is not a calendar"),
        (event(NINE), "1: this is not a calendar"),
        (f"{TITLE}\n{WHOLE}", "1: this is not a calendar"),
        (f"{WHOLE}{TITLE}\n", "15: this is not a calendar"),
        (WHOLE[: WHOLE.index("END:VALARM") + 3], "12: this END does not match the BEGIN in line 9"),
        (WHOLE.replace("END:VALARM", f"END:{TITLE}"), "12: this END does not match the BEGIN in"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(
    text: str | bytes, expected: str, tmp_path: Path
) -> None:
    assert refused_text(text, tmp_path).startswith(expected)


@settings(deadline=None)
@given(cut=st.integers(0, len(WHOLE.rstrip()) - 1))
def test_a_file_that_was_cut_off_is_refused_wherever_that_was(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    refused_text(WHOLE[:cut], tmp_path_factory.mktemp("cut"))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    assume(b"VCALENDAR" not in data)
    refused_text(data, tmp_path_factory.mktemp("bytes"))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.ics").problem.startswith("there is no calendar file")


def test_a_file_that_nobody_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "doctor.ics"
    path.write_text(WHOLE)

    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert refused(path).problem.endswith("can't be read: Permission denied")


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(FileProblem):
        read_busy([Path("a\0b.ics")], JANUARY, PARIS)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.ics"
    with path.open("wb") as file:
        file.truncate(100_000_001)
    assert "larger than 100 MB" in refused(path).problem


# Events that can't be read


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("DTEND:20260105T100000Z", "3: DTSTART is missing"),
        ("DTSTART:2026-13-01", "7: DTSTART '2026-13-01' is not a date"),
        ("DTSTART:20261301", "7: DTSTART '20261301' is not a date"),
        ("DTSTART:20260230T100000Z", "7: DTSTART '20260230T100000Z' is not a date"),
        ("DTSTART:20260105T250000Z", "7: DTSTART '20260105T250000Z' is not a date"),
        ("DTSTART:", "7: DTSTART is not a date"),
        (f"DTSTART:{TITLE}", "7: DTSTART is not a date"),
        (f"{NINE}\nRECURRENCE-ID:{TITLE}", "9: RECURRENCE-ID is not a date"),
        ("DTSTART:20260105T100000Z\nDTEND:soon", "8: DTEND is not a date"),
        ("DTSTART:20260105T100000Z\nDURATION:P", "8: DURATION 'P' is not a duration"),
        ("DTSTART:20260105T100000Z\nDURATION:-PT1H", "8: DURATION '-PT1H' is negative"),
        (f"DTSTART:20260105T100000Z\nDURATION:PT{'9' * 30}H", "8: DURATION 'PT99"),
        ("DTSTART:20260105T100000Z\nDURATION:P99999999D", "7: its dates can't be worked out"),
        ("DTSTART:20260105T100000Z\nDTEND:20260105T090000Z", "7: the end is before the start"),
        ("DTSTART:20260105\nDTEND:20260104", "7: the end is before the start"),
        (
            "DTSTART:20260105T100000Z\nDTEND:20260105T090000Z\nRRULE:FREQ=DAILY",
            "7: the end is before the start",
        ),
        (f"{NINE}\nRRULE:FREQ=OFTEN", "9: RRULE 'FREQ=OFTEN' is not a rule"),
        (f"{NINE}\nRRULE:", "9: RRULE is not a rule"),
        (f"{NINE}\nRRULE:COUNT=3", "9: RRULE 'COUNT=3' is not a rule"),
        (f"{NINE}\nRRULE:FREQ=DAILY;COUNT=0", "9: RRULE 'FREQ=DAILY;COUNT=0' is not a rule"),
        (
            f"{NINE}\nRRULE:FREQ=DAILY;FREQ=WEEKLY",
            "9: RRULE 'FREQ=DAILY;FREQ=WEEKLY' is not a rule",
        ),
        (f"{NINE}\nRRULE:FREQ=DAILY;INTERVAL=0", "9: RRULE 'FREQ=DAILY;INTERVAL=0' is not a rule"),
        (f"{NINE}\nRRULE:FREQ=DAILY;BYHOUR=25", "9: RRULE 'FREQ=DAILY;BYHOUR=25' is not a rule"),
        (f"{NINE}\nRRULE:FREQ=DAILY;UNTIL=20261301", "9: RRULE 'FREQ=DAILY;UNTIL=20261301' is no"),
        (f"{NINE}\nRRULE:FREQ=DAILY;BYDAY=XX", "9: RRULE 'FREQ=DAILY;BYDAY=XX' is not a rule"),
        (f"{NINE}\nRRULE:FREQ=WEEKLY;X={TITLE}", "9: RRULE is not a rule"),
        (f"{NINE}\nRDATE:20260105T100000Z,never", "9: RDATE is not a date"),
        (f"{NINE}\nRRULE:FREQ=DAILY\nEXDATE:20260199", "10: EXDATE '20260199' is not a date"),
        (f"{NINE}\nRDATE:20260107T080000Z/20260107T070000Z", "9: the end is before the start"),
        (f"{NINE}\nRDATE;TZID=Nowhere:20260107T080000", "9: the time zone 'Nowhere' is not known"),
    ],
)
def test_an_event_that_can_not_be_read_is_named_by_its_line(
    properties: str, expected: str, tmp_path: Path
) -> None:
    assert problem(properties, tmp_path).startswith(expected)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=MINUTELY;COUNT=10001",
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=0",
        "FREQ=MINUTELY;UNTIL=20270101T000000Z",
        # Where it does so on no day there is, that is not found out.
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=1;BYMINUTE=1;BYSECOND=1",
    ],
)
def test_a_rule_by_minutes_or_seconds_is_not_read(rule: str, tmp_path: Path) -> None:
    assert problem(f"{NINE}\nRRULE:{rule}", tmp_path).endswith("happens more than 24 times a day")


@pytest.mark.parametrize(
    ("rule", "times_taken"),
    [
        ("FREQ=HOURLY", 639),
        ("FREQ=HOURLY;INTERVAL=2;BYMINUTE=0,30", 639),
        ("FREQ=HOURLY;BYHOUR=8,9;BYMINUTE=0,20,40", 162),
        ("FREQ=DAILY;BYHOUR=8,9,10,11,12;BYMINUTE=0,10,20,30,40", 675),
    ],
)
def test_a_rule_that_happens_often_is_read(rule: str, times_taken: int, tmp_path: Path) -> None:
    lines = f"DTSTART:20260105T080000\nDURATION:PT1M\nRRULE:{rule}"
    assert abs(len(times(lines, tmp_path)) - times_taken) <= 1


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        # By days or hours, all of 400 years are looked at.
        *some(["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"], 2),
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=HOURLY;BYSETPOS=2",
        "FREQ=YEARLY;INTERVAL=4;BYYEARDAY=366",
    ],
)
def test_a_rule_that_can_never_happen_is_not_searched_for_ever(rule: str, tmp_path: Path) -> None:
    assert problem(f"{NINE}\nRRULE:{rule}", tmp_path).endswith("never happens")


def test_a_rule_that_happens_every_four_years_is_read(tmp_path: Path) -> None:
    lines = "DTSTART;VALUE=DATE:20200131\nRRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYMONTHDAY=31"
    assert times(lines, tmp_path) == ["31 00:00-00:00"]


def test_an_event_that_takes_no_time_need_not_be_readable(tmp_path: Path) -> None:
    assert times("DTSTART:never\nTRANSP:TRANSPARENT", tmp_path) == []
    assert times(f"{NINE}\nRRULE:FREQ=OFTEN\nSTATUS:CANCELLED", tmp_path) == []


def test_the_zone_of_an_event_outside_the_days_need_not_be_known(tmp_path: Path) -> None:
    assert times("DTSTART;TZID=Nowhere:20200105T080000\nDURATION:PT1H", tmp_path) == []


def test_a_series_that_can_not_be_read_does_not_hide_its_changed_occurrences(
    tmp_path: Path,
) -> None:
    moved = override("06", "DTSTART:20260109T140000Z\nDURATION:PT1H")
    bad = override("07", "DTSTART:20260107T140000Z\nDTEND:20260107T130000Z")
    found = reading(calendar(event(f"{NINE}\nRRULE:FREQ=OFTEN"), moved), tmp_path)
    assert (taken(found), len(found.unreadable)) == (["09 15:00-16:00"], 1)
    long = override("08", "DTSTART:20270107T140000Z\nDURATION:P99999999D")
    found = reading(calendar(event(DAILY), event(DAILY), moved, bad, long), tmp_path)
    assert len(found.unreadable) == 2
    assert taken(found)[1:] == ["07 09:00-10:00", "08 09:00-10:00", "09 15:00-16:00"]


def test_unreadable_free_busy_periods_are_named(tmp_path: Path) -> None:
    component = free_busy(
        "FREEBUSY:20260105T090000Z/20260105T080000Z", "FREEBUSY:20260106T090000Z/PT1H"
    )
    found = reading(calendar(component), tmp_path)
    assert found.unreadable == ("doctor.ics, line 5: the end is before the start",)
    assert taken(found) == ["06 10:00-11:00"]


DATE_TEXT = st.text("0123456789TZP/,;:=+-DHMSWabFREQUNTILCOUNTBYDAYMOSECONDLYWEEKLY ", max_size=30)
DATE_NAMES = (
    *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
    *("SEQUENCE", "RRULE:FREQ=DAILY", "RRULE:FREQ=MONTHLY", "EXDATE;TZID=Asia/Tokyo"),
)


@given(st.lists(st.tuples(st.sampled_from(DATE_NAMES), DATE_TEXT), max_size=4))
@settings(max_examples=examples(50), deadline=None)
def test_no_event_whatever_its_dates_stops_the_others(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]]
) -> None:
    bad = "\n".join(f"{name}{';' if ':' in name else ':'}{text}" for name, text in lines)
    text = calendar(event(f"{NINE}\n{bad}", "bad"), event(bad, "worse"), event(NINE, "good"))
    assert "05 09:00-10:00" in taken(reading(text, tmp_path_factory.mktemp("dates")))


# Folders


def test_a_folder_of_files_with_an_event_each_is_one_calendar(tmp_path: Path) -> None:
    folder = tmp_path / "Marta"
    folder.mkdir()
    for name, day in (("x9.ics", "05"), ("b2.ICS", "12"), ("c.ics", "06")):
        text = calendar(event(NINE.replace("0105", f"01{day}"), uid=name))
        (folder / name).write_text(text)
    moved = override("08", "DTSTART:20260109T140000Z\nDURATION:PT1H")
    (folder / "series.ics").write_text(calendar(event(DAILY), moved))
    (folder / ".hidden.ics").write_text(TITLE)
    (folder / "notes.txt").write_text(TITLE)
    (folder / "deeper.ics").mkdir()
    (folder / "deeper.ics" / "d.ics").write_text(TITLE)
    found = read_busy([folder], JANUARY, PARIS)
    assert [each.name for each in found.calendars] == ["Marta"]
    assert taken(found) == [
        *(f"{day} 09:00-10:00" for day in ("05", "05", "06", "06", "07")),
        "09 15:00-16:00",
        "12 09:00-10:00",
    ]


def test_a_file_with_several_events_in_a_folder_is_a_calendar_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "clinic"
    folder.mkdir()
    several = calendar(event(NINE, "a"), event("DTSTART:20270105", "b"))
    names = [f"{letter}.ics" for letter in "qaldbezk"]
    for name in names:
        (folder / name).write_text(several)
    found = read_busy([folder], JANUARY, PARIS)
    own = [f"clinic/{name}" for name in sorted(names)]
    assert [each.name for each in found.calendars] == own
    (folder / "c.ics").write_text(calendar(event("DTSTART:2026")))
    found = read_busy([folder], JANUARY, PARIS)
    assert [each.name for each in found.calendars] == ["clinic", *own]
    assert found.unreadable == ("clinic/c.ics, line 7: DTSTART '2026' is not a date",)


def test_two_events_at_one_time_are_two_and_one_event_in_two_calendars_is_one(
    tmp_path: Path,
) -> None:
    two = calendar(event(NINE, "a"), event(NINE, "b"))
    assert taken(reading(two, tmp_path)) == ["05 09:00-10:00"] * 2
    again = calendar(event(NINE, "a"), event(NINE, "a"))
    assert taken(reading(again, tmp_path)) == ["05 09:00-10:00"]
    (tmp_path / "doctor.ics").write_text(two)
    (tmp_path / "room.ics").write_text(calendar(event(NINE, "b"), event(NINE, "c")))
    paths = [tmp_path / name for name in ("doctor.ics", "room.ics", "doctor.ics")]
    found = read_busy(paths, JANUARY, PARIS)
    assert [(each.name, len(each.spans)) for each in found.calendars] == [
        ("doctor.ics", 2),
        ("room.ics", 1),
    ]


def test_a_zone_with_a_rule_until_the_year_1_is_read(tmp_path: Path) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;UNTIL=00010101\n"
        "END:STANDARD\nEND:VTIMEZONE\n"
    )
    mine = NINE.replace("Europe/Paris", "Mine")
    found = reading(calendar(zone, event(mine)), tmp_path)
    assert (taken(found), found.unreadable) == (["05 09:00-10:00"], ())


def test_free_busy_files_of_the_same_name_are_not_taken_for_one(tmp_path: Path) -> None:
    busy = "BEGIN:VFREEBUSY\nFREEBUSY:20260105T080000Z/PT1H\nEND:VFREEBUSY\n"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "basic.ics").write_text(calendar(busy))
    paths = [tmp_path / name / "basic.ics" for name in ("a", "b", "a")]
    found = read_busy(paths, JANUARY, PARIS)
    assert taken(found) == ["05 09:00-10:00"] * 2


def test_a_damaged_file_in_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_text(WHOLE)
    (tmp_path / "b.ics").write_text(WHOLE[:-5])
    with pytest.raises(FileProblem) as caught:
        read_busy([tmp_path], JANUARY, PARIS)
    assert caught.value.path == tmp_path / "b.ics"


def test_a_folder_without_calendar_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(TITLE)
    assert "no calendar file (.ics)" in refused(tmp_path).problem


def test_several_files_and_folders_are_read_in_the_order_given(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in (tmp_path / "b.ics", tmp_path / "a.ics", folder / "one.ics"):
        path.write_text(WHOLE)
    found = read_busy([tmp_path / "b.ics", folder, tmp_path / "a.ics"], JANUARY, PARIS)
    assert [each.name for each in found.calendars] == ["b.ics", "folder", "a.ics"]
