"""Calendars as other programs write them: read as worked out by hand in tests/calendars."""

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mesoplan import DateRange
from mesoplan.errors import FileProblem
from tests.busy_times import BusyReading, read_busy
from tests.command_line import mesoplan

FOLDER = Path(__file__).parents[1] / "calendars"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
DAMAGED = sorted((FOLDER / "damaged").iterdir())


def read(case: dict[str, Any]) -> BusyReading:
    days = DateRange(case["first"], case["last"])
    return read_busy([FOLDER / case["path"]], days, ZoneInfo(case["zone"]))


def taken(found: BusyReading, first: date, last: date, zone: ZoneInfo) -> list[list[str]]:
    """The spans within the days, in local time, in order of start and end."""
    begin = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=zone)
    spans = sorted(
        (max(span.start, begin), min(span.end, end))
        for calendar in found.calendars
        for span in calendar.spans
    )
    return [
        [f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" for moment in span]
        for span in spans
        if span[0] < span[1]
    ]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_calendar_of_this_program_blocks_the_right_times(name: str) -> None:
    case = EXPECTED[name]
    found = read(case)
    zone = ZoneInfo(case["zone"])
    assert taken(found, case["first"], case["last"], zone) == case["taken"]
    assert len(found.unreadable) == case["unreadable"]


@pytest.mark.parametrize("path", DAMAGED, ids=lambda path: path.stem)
def test_a_damaged_calendar_is_refused_by_name(path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        read_busy([path], DateRange(date(2026, 12, 1), date(2026, 12, 31)), ZoneInfo("UTC"))
    assert caught.value.path == path
    assert path.name in caught.value.problem


def test_there_are_calendars_of_ten_programs_and_damaged_ones() -> None:
    assert len(EXPECTED) >= 10
    assert len(DAMAGED) >= 6


def test_what_can_not_be_read_is_counted_and_named_and_the_rest_is_planned_around(
    tmp_path: Path,
) -> None:
    busy = ("--busy", str(FOLDER / "some_unreadable.ics"), "--dry-run")
    outcome = mesoplan(tmp_path, "plan", "hair", "2026-12-01", *busy)
    assert outcome.exit_code == 0, outcome.error
    (note,) = [line for line in outcome.text.splitlines() if "can't be read" in line]
    assert note.startswith("Note: 3 busy events can't be read: ")
    assert note.count("some_unreadable.ics, line ") == 3


def test_no_title_of_anybody_elses_event_is_ever_shown(tmp_path: Path) -> None:
    titles = {
        line.partition(":")[2].strip()
        for path in FOLDER.rglob("*.ics")
        for line in path.read_bytes().decode("utf-8", "replace").splitlines()
        if line.upper().startswith("SUMMARY:")
    }
    titles = {title for title in titles if len(title) > 3}
    assert len(titles) > 30
    for case in EXPECTED.values():
        arguments = ("--busy", str(FOLDER / case["path"]), "--tz", case["zone"], "--dry-run")
        outcome = mesoplan(tmp_path, "plan", "hair", str(case["first"]), *arguments, "--json")
        for title in titles:
            assert title not in outcome.text + outcome.error
