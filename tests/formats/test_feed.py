"""What is under a patient's link: the calendar, and the page with its buttons."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest

from mesoplan.formats.feed import CALENDAR, PAGE, feed_files, is_same, token
from mesoplan.model.changes import Cancel
from mesoplan.model.plan import Plan, SessionName
from mesoplan.model.request import LANGUAGES, CalendarOptions, ClinicWords, Request
from mesoplan.wording.plans import plan, replan

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADDRESS = "https://cal.example/f/abc/"
REQUEST = Request(
    "hair",
    patient="Martin",
    timezone="Europe/Paris",
    location="Clinic by the Park, 1 Park Street",
    phone="012",
    start=date(2026, 12, 1),
)
OPEN = CalendarOptions(words=ClinicWords("Clinic by the Park", {"after": "Hair grows, Martin."}))


def feed(found: Plan, options: CalendarOptions = OPEN, now: datetime = NOW) -> dict[str, bytes]:
    return feed_files(found, options, now, ADDRESS)


def test_a_token_is_known_to_who_has_the_key_alone() -> None:
    # As computed by: printf 'plan-0001 1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00…00
    first = token(bytes(32), "plan-0001", 1)
    assert first == "g7feche22c5klfsepmf4oxenxm"
    others = {token(bytes(32), "plan-0001", 2), token(bytes(32), "plan-0002", 1)}
    assert len({first, token(b"1" * 32, "plan-0001", 1), *others}) == 4
    assert all(re.fullmatch("[a-z2-7]{26}", each) for each in others)


def test_the_calendar_has_the_events_of_the_plan_without_our_records() -> None:
    found = plan(REQUEST, now=NOW)
    calendar = icalendar.Calendar.from_ical(feed(found)[CALENDAR])
    events = {str(each["UID"]): each for each in calendar.walk("VEVENT")}
    assert {uid: each.decoded("DTSTART") for uid, each in events.items()} == {
        each.uid: each.start for each in found.active
    }
    assert b"X-APPOINTMENT" not in feed(found)[CALENDAR]
    assert str(calendar["X-WR-CALNAME"]) == "Your appointments"
    assert {"REFRESH-INTERVAL", "X-PUBLISHED-TTL"} < calendar.keys()


def test_a_cancelled_date_that_was_to_come_is_still_there_as_cancelled() -> None:
    found = replan(plan(REQUEST, now=NOW), Cancel(SessionName("course", 4)), now=NOW)
    events = icalendar.Calendar.from_ical(feed(found)[CALENDAR]).walk("VEVENT")
    gone = [each for each in events if each["STATUS"] == "CANCELLED"]
    assert [each.decoded("DTSTART") for each in gone] == [found.dropped[0].start]
    later = datetime(2028, 1, 1, tzinfo=UTC)
    assert b"CANCELLED" not in feed(found, now=later)[CALENDAR]


@pytest.mark.parametrize("is_private", [True, False])
def test_what_tells_is_left_out_whatever_the_plans_own_file_is(is_private: bool) -> None:
    options = replace(OPEN, private=is_private)
    for place in ("Clinic by the Park, 1 Park Street", "Martin's hair house"):
        found = plan(replace(REQUEST, location=place, phone="0800 HAIR"), now=NOW)
        for data in feed(found, options).values():
            text = data.decode().partition("</style>")[2] or data.decode()
            assert not re.search("(?i)hair|martin|meso|scalp|by the park", text)
            assert ("1 Park Street" in text) is place.startswith("Clinic")


def test_only_when_it_was_written_makes_no_other_feed() -> None:
    found = plan(REQUEST, now=NOW)
    first, later = feed(found), feed(found, now=datetime(2026, 11, 25, tzinfo=UTC))
    assert first[CALENDAR] != later[CALENDAR]
    assert all(is_same(first[name], later[name]) for name in (CALENDAR, PAGE))
    moved = feed(plan(replace(REQUEST, phone="013"), now=NOW))
    assert not any(is_same(first[name], moved[name]) for name in (CALENDAR, PAGE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buttons_lead_to_the_calendar_and_the_page_to_nothing_else(language: str) -> None:
    page = feed(plan(replace(REQUEST, language=language), now=NOW))[PAGE].decode()
    apple, google, outlook, download = re.findall('href="([^"]*)"', page.replace("&amp;", "&"))
    assert apple == f"webcal://cal.example/f/abc/{CALENDAR}"
    assert parse_qs(urlsplit(google).query)["cid"] == [apple]
    assert parse_qs(urlsplit(outlook).query)["url"] == [f"{ADDRESS}{CALENDAR}"]
    assert download == CALENDAR
    assert re.search("<meta name=.robots. content=.noindex.>", page)
    assert re.search("<meta name=.referrer. content=.no-referrer.>", page)
    assert "<script" not in page
    assert "appointment-page" not in page
