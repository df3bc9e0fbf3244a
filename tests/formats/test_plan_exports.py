"""The plan files in tests/exports are what they are meant to be: well formed, or damaged.

What must be read from them is in tests/exports/expected.toml, and held against the reader
elsewhere; here it is held against the files by libraries that know nothing of plans.
"""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from tests.examples import some
from tests.plan_exports import CASES, FOLDER, READABLE, REFUSED, files

WRAPPED = "7643616C2D55696401000000"
"""“vCal-Uid” and a 1, before a UID that Exchange has wrapped."""
BROKEN = {"binary", "contacts", "cut_between_events", "empty", "login_page", "truncated"}


def clock(text: str) -> datetime:
    return datetime.fromisoformat(text)


def zone_of(case: dict[str, Any]) -> ZoneInfo:
    return ZoneInfo(case["tz"] if case["zone"] == "assumed" else case["zone"])


@cache
def events_in(path: Path) -> list[icalendar.Component]:
    return icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")


def plan_events(case: dict[str, Any]) -> list[icalendar.Event]:
    """The events whose UIDs are the plan's, as icalendar reads them."""
    found = []
    for path in files(case):
        for event in events_in(path):
            assert isinstance(event, icalendar.Event)
            uid = str(event["UID"])
            if WRAPPED in uid:
                uid = bytes.fromhex(uid.partition(WRAPPED)[2]).rstrip(b"\0").decode()
            if uid.rpartition("-")[0] == case["plan"]:
                found.append(event)
    return found


def numbers(case: dict[str, Any]) -> list[str]:
    """The numbers of the standing sessions of the course, as they are named on the command line."""
    missing = case.get("missing", [])
    count = len(case["course"]) + len(missing)
    return [number for number in map(str, range(1, count + 1)) if number not in missing]


def placed(case: dict[str, Any]) -> dict[str, str]:
    """Each standing session by its name, with its time in the clinic's zone."""
    return {
        **dict(zip(numbers(case), case["course"], strict=True)),
        **{f"m{number}": text for number, text in enumerate(case["maintenance"], 1)},
    }


def event_count(case: dict[str, Any]) -> int:
    return sum(path.read_bytes().count(b"BEGIN:VEVENT") for path in files(case))


def test_every_file_has_an_expectation_and_every_expectation_its_file() -> None:
    here = {path for path in FOLDER.rglob("*.ics") if path.is_file()}
    expected = [path for case in CASES.values() for path in files(case)]
    assert sorted(here) == sorted(expected)
    assert all(case["why"] for case in CASES.values())
    assert all(case["problem"] for case in REFUSED.values())


@pytest.mark.parametrize("name", READABLE)
def test_what_is_expected_is_in_the_files(name: str) -> None:
    # Not by records: only by UIDs and times, which every program keeps.
    case = READABLE[name]
    zone, events = zone_of(case), plan_events(case)
    moments = Counter(
        event.start.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
        for event in events
        if isinstance(event.start, datetime) and event.get("STATUS") != "CANCELLED"
    )
    expected = {*case["course"], *case["maintenance"], *case.get("lagging", [])}
    if name == "edited_all_day":
        expected -= {"2027-01-19T10:00"}
    extra = {"edited_duplicated": {"2027-01-05T10:00"}}
    extra["edited_duplicated_same_sequence"] = extra["edited_duplicated"]
    assert set(moments) == expected | extra.get(name, set())
    assert {moment for moment, count in moments.items() if count > 1} == (
        {"2026-12-23T10:00"} if name == "edited_duplicated_alike" else set()
    )
    assert event_count(case) == len(events) + case.get("others", 0)


@pytest.mark.parametrize("name", READABLE)
def test_expectations_agree_with_themselves(name: str) -> None:
    case = READABLE[name]
    course = [clock(text).date() for text in case["course"]]
    assert course == sorted(course)
    pairs = pairwise(zip(numbers(case), course, strict=True))
    breaches = [
        {"rule": "R2", "from": before, "to": after, "days": (day - day_before).days}
        for (before, day_before), (after, day) in pairs
        if not 7 <= (day - day_before).days <= 14
    ]
    assert breaches == case.get("breaches", [])
    if "total" in case:
        assert len(course) + len(case.get("missing", [])) == case["total"]
    for move in case.get("moved", []):
        assert placed(case)[move["session"]] == move["to"]
        assert move["from"] not in placed(case).values()
        before = CASES["ours_private" if case["private"] else "ours"]
        assert placed(before)[move["session"]] == move["from"]
    assert all(
        clock(text) - timedelta(days=60) > clock(case["course"][-1]) for text in case["maintenance"]
    )


@pytest.mark.parametrize("name", READABLE)
def test_records_are_as_the_writer_is_to_make_them(name: str) -> None:
    case = READABLE[name]
    moved = {move["session"]: move["from"] for move in case.get("moved", [])}
    seen: set[str] = set()
    for event in plan_events(case):
        if "X-APPOINTMENT" not in event:
            continue
        record = parse_qs(str(event["X-APPOINTMENT"]), strict_parsing=True)
        plan = parse_qs(str(event["X-APPOINTMENT-PLAN"]), strict_parsing=True)
        assert plan["id"] == [case["plan"]]
        assert plan["zone"] == [case["zone"]]
        assert plan["total"] == [str(case["total"])]
        assert ("goal" in plan) == ("goal" in case)
        if record["at"][0] in case.get("lagging", []):
            continue
        if record["status"] == ["missed"]:
            assert case["dropped"][0]["at"] == record["at"][0]
            continue
        session = {"series": "", "upkeep": "m"}[record["kind"][0]] + record["number"][0]
        seen.add(session)
        assert record["at"] == [moved.get(session, placed(case)[session])]
        assert record["status"] == [case.get("statuses", {}).get(session, "planned")]
        assert ("fixed" in record) == (session in case.get("fixed", []))
    if name == "edited_some_without_records":
        assert seen == set(placed(case)) - {"3", "4", "m2"}
    elif case["zone_from"] == "record" and name != "edited_only_calendar_record":
        assert seen == set(placed(case))
    else:
        assert not seen


@pytest.mark.parametrize(
    "path",
    some((path for case in READABLE.values() for path in files(case)), 3),
    ids=lambda path: path.relative_to(FOLDER).as_posix(),
)
def test_vobject_reads_it_too(path: Path) -> None:
    text = path.read_bytes().decode("utf-8-sig")
    calendar = vobject.readOne(text, transform=False)
    assert len(calendar.contents["vevent"]) == text.count("BEGIN:VEVENT")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_damaged_is_damaged_as_told(name: str) -> None:
    (path,) = files(REFUSED[name])
    data = path.read_bytes()
    whole = data.startswith(b"BEGIN:VCALENDAR\r\n") and data.endswith(b"END:VCALENDAR\r\n")
    assert whole == (path.stem not in BROKEN)
    if whole:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
        assert all(calendar.walk("VEVENT") for calendar in calendars)
