"""What is small to write and endless to read is refused in words, and at once."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from mesoplan import DateRange, InvalidInput
from mesoplan.dates.parsing import DateReader
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem
from tests.busy_times import BusyReading, read_busy
from tests.command_line import mesoplan

YEARS = DateRange(date(2026, 11, 1), date(2028, 10, 31))


def calendar(rule: str, start: str = "20261201T100000", events: int = 1) -> bytes:
    texts = (
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{start}\r\nDURATION:PT30M\r\n"
        f"RRULE:{rule}\r\nEND:VEVENT\r\n"
        for number in range(events)
    )
    return f"BEGIN:VCALENDAR\r\n{''.join(texts)}END:VCALENDAR\r\n".encode()


def busy(folder: Path, data: bytes) -> BusyReading:
    path = folder / "doctor.ics"
    path.write_bytes(data)
    return read_busy([path], YEARS, find_zone("UTC"))


@pytest.fixture
def little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may make a fifth of the work only, so that its limit is soon met."""
    monkeypatch.setattr("mesoplan.formats.ical.values._LEAST_WORK", 200_000)


@pytest.mark.usefixtures("little_work")
def test_a_series_counted_from_the_year_1_on_is_too_much_work(tmp_path: Path) -> None:
    data = calendar("FREQ=DAILY;COUNT=999999999", "00010101T100000")
    with pytest.raises(FileProblem, match="its repeating events take too long to work out"):
        busy(tmp_path, data)
    outcome = mesoplan(tmp_path, "check", "doctor.ics")
    assert outcome.exit_code == 4
    assert "its repeating events take too long to work out" in outcome.error


@pytest.mark.usefixtures("little_work")
def test_rules_that_never_come_are_looked_for_a_few_times_only(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="take too long"):
        busy(tmp_path, calendar("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", events=100))


def test_rules_without_number_are_too_much_work_even_of_one_event(tmp_path: Path) -> None:
    data = calendar("\r\nRRULE:".join(["FREQ=DAILY;COUNT=1"] * 4000))
    with pytest.raises(FileProblem, match="take too long"):
        busy(tmp_path, data)


def test_birthdays_since_1604_are_little_work(tmp_path: Path) -> None:
    (found,) = busy(tmp_path, calendar("FREQ=YEARLY", "16040229T090000", events=60)).calendars
    assert {span.start.date() for span in found.spans} == {date(2028, 2, 29)}
    (found,) = busy(tmp_path, calendar("FREQ=MONTHLY;INTERVAL=7", "16040105T090000")).calendars
    month = (2026 - 1604) * 12 + 10
    assert [span.start.month for span in found.spans] == [
        each % 12 + 1 for each in range(month, month + 24) if each % 7 == 0
    ]


def test_an_interval_that_passes_over_each_hour_makes_a_rule_that_never_comes(
    tmp_path: Path,
) -> None:
    reading = busy(tmp_path, calendar("FREQ=HOURLY;INTERVAL=5;BYHOUR=25"))
    assert reading.calendars[0].spans == ()
    assert "RRULE" in reading.unreadable[0]


def test_a_rule_of_endless_length_is_no_rule(tmp_path: Path) -> None:
    reading = busy(tmp_path, calendar(f"FREQ=YEARLY;BYYEARDAY=1{',1' * 5000}"))
    assert reading.unreadable == ("doctor.ics, line 6: RRULE is not a rule",)


@pytest.mark.parametrize("text", ["x" + " " * 200_000 + "y", "1.1." * 50_000])
def test_a_text_without_end_is_no_date(text: str) -> None:
    for read in (DateReader().day, DateReader().day_and_clock):
        with pytest.raises(InvalidInput, match="is not a date"):
            read("START", text)


def test_a_duration_of_thousands_of_digits_is_no_duration(tmp_path: Path) -> None:
    data = calendar("FREQ=DAILY").replace(b"PT30M", b"P%sD" % (b"9" * 4301))
    assert busy(tmp_path, data).unreadable == ("doctor.ics, line 5: DURATION is not a duration",)


def plan_with(folder: Path, name: str, number: str) -> None:
    """A plan whose record has another number under that name."""
    mesoplan(folder, "plan", "hair", "2026-12-01", "-o", "plan.ics")
    path = folder / "plan.ics"
    text = path.read_bytes().decode().replace("\r\n ", "")
    path.write_bytes(re.sub(rf"&{name}=[0-9]+", f"&{name}={number}", text).encode())


def test_a_plan_of_a_revision_of_thousands_of_digits_can_be_changed(tmp_path: Path) -> None:
    plan_with(tmp_path, "revision", "9" * 4300)
    for _ in range(2):
        assert mesoplan(tmp_path, "extend", "plan.ics", "+1").exit_code == 0
        assert mesoplan(tmp_path, "show", "plan.ics").exit_code == 0


def test_a_plan_that_has_had_too_many_appointments_is_not_changed_into_one_that_is_unreadable(
    tmp_path: Path,
) -> None:
    plan_with(tmp_path, "serial", "99998")
    assert mesoplan(tmp_path, "extend", "plan.ics", "+1").exit_code == 0
    outcome = mesoplan(tmp_path, "extend", "plan.ics", "+1")
    assert outcome.exit_code == 4
    assert "had 99,999 appointments, and so can't have another" in outcome.error
    assert mesoplan(tmp_path, "show", "plan.ics").exit_code == 0


def test_more_dates_than_can_be_checked_at_once_are_refused(tmp_path: Path) -> None:
    first = date(2026, 12, 1)
    days = [first + timedelta(days=number % 500) for number in range(10_001)]
    (tmp_path / "dates.txt").write_text("\n".join(map(str, days)))
    outcome = mesoplan(tmp_path, "check", "dates.txt")
    assert (outcome.exit_code, outcome.text) == (4, "")
    assert "has 10,001 dates" in outcome.error


def test_of_mistakes_in_a_profile_the_first_hundred_are_told(tmp_path: Path) -> None:
    lines = "".join(f"k{number} = 1\n" for number in range(500))
    (tmp_path / "clinic.toml").write_text(lines)
    outcome = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert outcome.exit_code == 2
    first, _, *mistakes, last = outcome.error.splitlines()
    assert "has more than 100 mistakes" in first
    assert len(mistakes) == 100
    assert last.strip() == "and more"


@pytest.mark.parametrize(
    ("depth", "told"), [(150, "rooms2: unknown key"), (90_000, "line 2: there are more than 200")]
)
def test_a_key_of_endless_parts_in_a_profile_is_a_mistake(
    tmp_path: Path, depth: int, told: str
) -> None:
    (tmp_path / "clinic.toml").write_text(f"rooms = 1\nrooms2{'.a' * depth} = 1\n")
    outcome = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert outcome.exit_code == 2
    assert told in outcome.error


def test_a_series_that_is_over_before_it_begins_takes_no_time(tmp_path: Path) -> None:
    (found,) = busy(tmp_path, calendar("FREQ=WEEKLY;UNTIL=20261130T225959")).calendars
    assert found.spans == ()


def test_a_practice_full_of_series_is_little_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mesoplan.formats.ical.values._LEAST_WORK", 50_000)
    weekly = calendar("FREQ=WEEKLY;BYDAY=TU", "20180102T090000", events=20)
    (found,) = busy(tmp_path, weekly).calendars
    assert len(found.spans) == 20 * 105
    over = calendar("FREQ=WEEKLY;COUNT=10;BYDAY=TU", "20160105T090000", events=50)
    assert busy(tmp_path, over).calendars[0].spans == ()
