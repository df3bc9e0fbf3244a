"""What patients and programs do to a plan's file, and what the next change makes of it."""

import re
from datetime import date, datetime, time, timedelta

import pytest

from mesoplan import Cancel, DateRange, Extend, Miss, Plan, SessionName, TimeRange, plan, replan
from mesoplan.formats import schedule
from mesoplan.formats.page import plain_text
from mesoplan.formats.plan_file.rewriting import changes_file, rewritten
from mesoplan.model.plan import Status
from mesoplan.wording.findings import progress
from tests.edited_plans import (
    ID,
    NOW,
    after,
    bare,
    edited,
    event,
    read,
    request,
    with_events,
    written,
)
from tests.plan_texts import by_uid

NINE_TO_TWELVE = (TimeRange(9 * 60, 12 * 60),)


# ---------------------------------------------------------------- days that can't be read


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        (r"^DTSTART[^\r]*", "DTSTART;TZID=Custom Zone 1:20261215T100000"),
        (r"^DTSTART[^\r]*\r\n", ""),
        (r"^DTSTART[^\r]*", "DTSTART:00010101T000000Z"),
    ],
)
def test_an_event_that_does_not_tell_its_day_is_where_the_plan_had_it(
    pattern: str, new: str
) -> None:
    text = edited(written(), 3, pattern, new)
    found = read(text)
    assert [notice.code for notice in found.assumed] == ["NO_DAY"]
    assert found.plan.sessions == plan(request()).sessions
    cancelled = after(text, Cancel())
    assert cancelled.count("STATUS:CANCELLED") == 10
    assert read(cancelled).plan.active == ()


def test_capitals_in_a_uid_name_the_same_appointment() -> None:
    one = edited(written(), 3, f"^UID:{ID}", f"UID:{ID.upper()}")
    every = written().replace(f"UID:{ID}", f"UID:{ID.upper()}")
    for text in (one, every):
        assert read(text).plan == read(written()).plan
        data = after(text, Miss(SessionName("course", 3)))
        # The calendar that wrote it so looks for it so.
        assert f"UID:{ID.upper()}-03\r\n" in data
        assert data.count("BEGIN:VEVENT") == 11


# ---------------------------------------------------------------- series


def test_an_occurrence_that_was_moved_stays_as_long_as_its_series() -> None:
    text = edited(written(), 3, r"^DTSTART", "RRULE:FREQ=WEEKLY;COUNT=3\r\nDTSTART")
    moved = (
        f"BEGIN:VEVENT\r\nUID:{ID}-03\r\nDTSTAMP:20261123T120000Z\r\n"
        "RECURRENCE-ID;TZID=Europe/Paris:20261222T100000\r\n"
        "DTSTART;TZID=Europe/Paris:20261223T100000\r\nSUMMARY:mine\r\nEND:VEVENT\r\n"
    )
    text = text.replace("END:VCALENDAR", f"{moved}END:VCALENDAR")
    assert [notice.code for notice in read(text).assumed] == ["REPEATS"]
    assert moved in after(text, Cancel(SessionName("maintenance", 2)))
    assert "SUMMARY:mine" not in after(text, Miss(SessionName("course", 3)))


# ---------------------------------------------------------------- what the patient added


def test_a_place_of_the_patient_s_own_stays_with_its_event_and_is_nobody_else_s() -> None:
    text = edited(
        written(private=True), 5, r"^STATUS", "LOCATION:Hair clinic\\\\, 2nd floor\r\nSTATUS"
    )
    data = after(text, Miss(SessionName("course", 4)))
    assert "LOCATION:Hair clinic\\, 2nd floor\r\n" in event(data, 5)
    assert len(re.findall(r"^LOCATION", data, re.M)) == 1
    assert read(data).plan.request.location is None


def test_the_file_of_the_changes_has_all_that_the_plan_s_own_file_has() -> None:
    more = "CATEGORIES:Doctor\r\nSTATUS"
    text = edited(written(), 5, "^STATUS", more)
    text = edited(text, 5, "^CREATED:[^\r]*", "CREATED:20260101T000000Z")
    text = edited(text, 5, "^SUMMARY:[^\r]*", "SUMMARY:Haare (Oma fährt)")
    found = read(text)
    later = NOW + timedelta(days=1)
    new = replan(found.plan, Miss(SessionName("course", 4)), now=later)
    whole, alone = rewritten(found, new, later), changes_file(found, new, later)
    events = by_uid(alone)
    assert f"{ID}-05" in events
    assert events == {uid: by_uid(whole)[uid] for uid in events}
    assert b"CATEGORIES:Doctor" in events[f"{ID}-05"]
    assert read(alone).found.record is not None


# ---------------------------------------------------------------- a day without opening hours


def test_a_session_on_a_day_without_hours_does_not_keep_the_rest_from_changing() -> None:
    hours = (NINE_TO_TWELVE, NINE_TO_TWELVE, *[()] * 5)
    made = plan(request(opening_hours=hours, time_of_day=time(10)))
    third = made.sessions[2].day
    moved = third + timedelta(days=(5 - third.weekday()) % 7)
    text = edited(
        written(made),
        3,
        rf"{third:%Y%m%d}(T\d+\r\nDTEND[^\r]*){third:%Y%m%d}",
        rf"{moved:%Y%m%d}\g<1>{moved:%Y%m%d}",
    )
    assert read(text).plan.sessions[2].day == moved
    for change in (Cancel(SessionName("maintenance", 1)), Extend(1)):
        assert after(text, change)


# ---------------------------------------------------------------- numbers without measure


def test_serials_beyond_three_digits_are_read_back() -> None:
    text = written().replace("serial=10&", "serial=999&").replace("serial=10\r", "serial=999\r")
    text = re.sub(r"(X-APPOINTMENT-PLAN:[^\r]*serial=)\d+", r"\g<1>999", text)
    data = after(text, Miss(SessionName("course", 4)))
    found = read(data).plan
    assert f"{ID}-1000" in {session.uid for session in found.sessions}
    assert len(found.sessions) == 8
    assert [session.status for session in found.dropped] == [Status.MISSED]


def test_a_zone_of_thousands_of_rules_is_not_worked_out() -> None:
    rule = (
        "BEGIN:STANDARD\r\nDTSTART:20200101T000000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
        "RRULE:FREQ=DAILY\r\nEND:STANDARD\r\n"
    )
    for times in (2, 2000):
        text = written().replace("BEGIN:STANDARD", rule * times + "BEGIN:STANDARD", 1)
        text = text.replace("TZID:Europe/Paris", "TZID:Foo Bar").replace(
            "TZID=Europe/Paris", "TZID=Foo Bar"
        )
        assert {notice.code for notice in read(text).assumed} == {"NO_DAY"}


# ---------------------------------------------------------------- windows and due days


def moved(text: str, serial: int, old: date, new: date) -> str:
    times = rf"{old:%Y%m%d}(T\d+\r\nDTEND[^\r]*){old:%Y%m%d}"
    return edited(text, serial, times, rf"{new:%Y%m%d}\g<1>{new:%Y%m%d}")


def windows(of: Plan) -> list[str]:
    return [str(session.window) for session in of.active]


def test_windows_and_due_days_follow_what_was_moved_by_hand() -> None:
    made = plan(request())
    text = written(made)
    assert windows(read(text).plan) == windows(made)
    last, day = made.sessions[-1].day, timedelta(days=1)
    found = read(moved(text, 8, last, last - 3 * day)).plan
    # Session 7 can go on as before; session 8 stays within 7 to 14 days of it.
    seventh = made.sessions[6].day
    assert found.sessions[7].window == DateRange(seventh + 7 * day, seventh + 14 * day)
    assert windows(found)[:6] == windows(made)[:6]
    assert [session.due for session in found.maintenance] == [date(2027, 8, 6), date(2028, 2, 6)]
    assert found.maintenance[0].window == DateRange(date(2027, 7, 23), date(2027, 8, 20))
    against = read(moved(text, 6, made.sessions[5].day, made.sessions[5].day + 9 * day)).plan
    sixth = against.sessions[5]
    assert sixth.window == DateRange(sixth.day, sixth.day)


def test_windows_are_worked_out_where_no_record_tells_them() -> None:
    made = plan(request())
    found = read(bare(written(made))).plan
    assert windows(found) == windows(made)
    assert [each.due for each in found.maintenance] == [each.due for each in made.maintenance]


def test_the_stay_is_not_known_while_sessions_are_not_here() -> None:
    text = written()
    part = with_events(text, 1, 2, 3, 4, 5)
    found = read(part).plan
    assert found.stay is None
    assert progress(found, NOW).startswith("0 of 8 done (of the 5 that are in this file).")
    whole = read(text).plan
    assert whole.stay is not None
    assert progress(whole, NOW) == "0 of 8 done. Next: Tue 1 Dec 2026, 10:00"
    ended = read(after(text, Cancel(), datetime.fromisoformat("2026-12-02T12:00+01:00")))
    assert ended.plan.stay is not None


def test_a_window_is_not_in_the_past_and_facts_have_none() -> None:
    made = plan(request())
    third = made.sessions[2]
    now = datetime.combine(third.day + timedelta(days=2), time(12), third.start.tzinfo)
    shown = plain_text(schedule.table(made, None, now)).splitlines()
    rows = {words[0]: line for line in shown if (words := line.split()) and "/8" in words[0]}
    assert rows["1/8"].endswith("not recorded")
    window = made.sessions[7].window
    assert str(window) in rows["8/8"]
    later = datetime.combine(window.first + timedelta(days=2), time(12), third.start.tzinfo)
    shown = plain_text(schedule.table(made, None, later)).splitlines()
    rows = {words[0]: line for line in shown if (words := line.split()) and "/8" in words[0]}
    assert rows["8/8"].endswith(str(DateRange(later.date(), window.last)))


def test_a_session_that_is_alone_in_its_course_has_its_own_day_for_a_window() -> None:
    now = datetime.fromisoformat("2026-12-02T12:00+01:00")
    ended = after(written(), Cancel(), now)
    found = read(re.sub(r"X-APPOINTMENT:[^\r]*\r\n", "", ended)).plan
    (first,) = found.sessions
    assert first.window == DateRange(first.day, first.day)
