"""What is said of a plan whose file was edited or is not whole, word by word, and what is read."""

import re
from datetime import date, datetime, time, timedelta

import pytest

from mesoplan import Cancel, DateRange, Plan, SessionName, Status, TimeRange, plan
from mesoplan.errors import FileProblem
from mesoplan.formats.plan_file.reading import ReadPlan
from mesoplan.rules.limits import MAINTENANCE_GAP_DAYS
from tests import edited_plans
from tests.edited_plans import (
    ID,
    after,
    bare,
    edited,
    events,
    request,
    said,
    with_more,
    without,
    without_words,
    written,
)


def made(**fields: object) -> Plan:
    return plan(request(**fields))


def read(text: str) -> ReadPlan:
    return edited_plans.read(text, "Asia/Tokyo")


START = r"^DTSTART[^\r]*"
DAY_ALONE = "DTSTART;VALUE=DATE:20261202"
ONE, TWO, M1 = SessionName("course", 1), SessionName("course", 2), SessionName("maintenance", 1)


@pytest.mark.parametrize(
    ("serial", "pattern", "new", "code", "values"),
    [
        (2, START, "DTSTART:x", "NO_DAY", (TWO, date(2026, 12, 8))),
        (9, START, "DTSTART:x", "NO_DAY", (M1, date(2027, 8, 9))),
        (1, START, DAY_ALONE, "NO_TIME", (ONE, time(10))),
        (2, r"^SEQUENCE", "RRULE:FREQ=DAILY\r\nSEQUENCE", "REPEATS", (TWO,)),
        (2, r"^STATUS:\w+", "STATUS:CANCELLED", "CANCELLED", (TWO, date(2026, 12, 8))),
        (9, r"^STATUS:\w+", "STATUS:CANCELLED", "CANCELLED", (M1, date(2027, 8, 9))),
    ],
)
def test_what_was_done_to_one_event_is_said(
    serial: int, pattern: str, new: str, code: str, values: tuple[object, ...]
) -> None:
    text = edited(written(), serial, pattern, new)
    assert said(text) == [(code, values)]
    found = read(text).plan
    assert len((*found.active, *found.dropped)) == 10


def test_an_event_that_lost_its_day_and_its_record_is_left_out_and_said_to_be_missing() -> None:
    text = edited(edited(written(), 2, START, "DTSTART:x"), 2, r"^X-APPOINTMENT:[^\r]*\r\n", "")
    line = text[: text.index(f"UID:{ID}-02")].count("\n")
    assert said(text) == [
        ("UNREADABLE", (line,)),
        ("MISSING", ((2,), 8)),
    ]


def test_a_session_that_took_place_is_where_the_clinic_says() -> None:
    text = written().replace("number=1&status=planned", "number=1&status=attended")
    assert said(text) == []
    moved = edited(text, 1, r"^(DT\w+;TZID=[^:]*:202612)01(?=T1000)", r"\g<1>03")
    assert said(moved) == [("MOVED_SINCE", (ONE, date(2026, 12, 1)))]
    session = read(moved).plan.sessions[0]
    assert (session.status, f"{session.start:%d %H:%M}", f"{session.end:%H:%M}") == (
        Status.ATTENDED,
        "01 10:00",
        "10:30",
    )
    assert session.moved_from is None


def test_maintenance_that_was_deleted_in_a_calendar_is_said_to_be_missing() -> None:
    one = ("MAINTENANCE_MISSING", ((2,), 2))
    both = ("MAINTENANCE_MISSING", ((1, 2), 2))
    course = ("MISSING", ((8,), 8))
    assert said(without(written(), 10)) == [one]
    assert said(without(written(private=True), 9, 10)) == [both]
    assert said(without(written(), 8, 10)) == [course, one]


@pytest.mark.parametrize("private", [False, True])
def test_maintenance_that_never_was_or_was_cancelled_is_not_missing(private: bool) -> None:
    closed = DateRange(date(2027, 7, 1), date(2027, 9, 1))
    left_out = plan(request(closures=(closed,)))
    assert [session.number for session in left_out.maintenance] == [2]
    assert said(written(left_out, private=private)) == []
    assert said(without(written(left_out, private=private), 8)) == [("MISSING", ((8,), 8))]
    cancelled = after(written(private=private), Cancel(SessionName("maintenance", 1)))
    assert said(cancelled) == []


def test_what_is_missing_is_counted() -> None:
    assert said(without(written(), 8)) == [("MISSING", ((8,), 8))]
    assert said(without(written(), 1, 3, 8)) == [("MISSING", ((1, 3, 8), 8))]
    ended = without(written(), 1).replace("&serial=", "&ended=1&serial=")
    assert said(ended) == []
    cancelled = edited(written(), 2, r"^STATUS:\w+", "STATUS:CANCELLED")
    assert [code for code, _ in said(cancelled)] == ["CANCELLED"]


def test_what_is_there_twice_or_copied_is_said() -> None:
    newer = [event.replace("SEQUENCE:0", "SEQUENCE:1") for event in events(written())]
    copy = events(written())[0].replace(f"{ID}-01", "copy")
    assert said(with_more(written(), newer[0])) == [("DOUBLED", ((ONE,),))]
    assert said(with_more(written(), newer[1], newer[8])) == [("DOUBLED", ((TWO, M1),))]
    assert said(with_more(written(), copy)) == [("COPIED", ())]


def test_the_zone_that_is_assumed_is_the_calendar_s_or_the_usual_one() -> None:
    text = re.sub(r"(DT\w+);TZID=[^:]*(:[^\r]*)", r"\1\2", bare(written()))
    assert ("ZONE_ASSUMED", ("Asia/Tokyo", False)) in said(text)
    named = text.replace("CALSCALE", "X-WR-TIMEZONE:Europe/Rome\r\nCALSCALE")
    assert ("ZONE_ASSUMED", ("Europe/Rome", True)) in said(named)
    assert read(named).plan.request.timezone == "Europe/Rome"


def test_of_two_sessions_with_one_number_or_one_beyond_the_total_the_file_is_refused() -> None:
    for old, new in (("number=2", "number=1"), ("number=8", "number=9")):
        with pytest.raises(FileProblem) as caught:
            read(written().replace(old, new))
        assert caught.value.problem == (
            "'plan.ics': the plan's own record contradicts itself: two sessions have one number, "
            "or one has a number beyond the total"
        )
        assert caught.value.remedy == (
            "use the file that the clinic kept, or the one before the last change (….ics~)"
        )


@pytest.mark.parametrize(
    ("asked", "clock"),
    [({"time_of_day": time(11)}, "11:00"), ({"time_of_day": TimeRange(840, 1080)}, "10:00")],
)
def test_a_time_that_nothing_tells_is_the_one_that_was_asked_for(
    asked: dict[str, object], clock: str
) -> None:
    text = edited(written(made(**asked)), 2, START, "DTSTART;VALUE=DATE:20261208")
    text = edited(text, 2, r"^X-APPOINTMENT:[^\r]*\r\n", "")
    assert f"{read(text).plan.sessions[1].start:%d %H:%M}" == f"08 {clock}"
    alone = edited(bare(text), 2, START, "DTSTART;VALUE=DATE:20261208")
    assert f"{read(alone).plan.sessions[1].start:%d %H:%M}" == "08 10:00"


def test_records_keep_reasons_to_be_late_and_the_preferred_intervals() -> None:
    text = edited(written(), 2, r"^(X-APPOINTMENT:[^\r]*)", r"\1&late=was+ill&fixed=1")
    session = read(text).plan.sessions[1]
    assert (session.late, session.pinned, session.preferred_interval_days) == ("was ill", True, 7)
    assert [each.preferred_interval_days for each in read(bare(text)).plan.sessions] == [
        None, 7, 7, 7, 7, 14, 14, 14,
    ]  # fmt: skip
    assert all(each.late is None and not each.pinned for each in read(bare(text)).plan.sessions)


# ---------------------------------------------------------------- without records


def kinds(text: str) -> tuple[list[int], list[int]]:
    found = read(text).plan
    return [each.number for each in found.sessions], [each.number for each in found.maintenance]


def test_without_any_word_of_ours_course_and_maintenance_are_told_apart_by_the_gap() -> None:
    assert kinds(without_words(written())) == ([1, 2, 3, 4, 5, 6, 7, 8], [1, 2])
    no_upkeep = written(made(maintenance_per_year=0))
    assert kinds(without_words(no_upkeep)) == ([1, 2, 3, 4, 5, 6, 7, 8], [])
    no_status = re.sub(r"STATUS:[^\r]*\r\n", "", without_words(written()))
    assert kinds(no_status) == ([1, 2, 3, 4, 5, 6, 7, 8], [1, 2])


def test_a_new_title_is_no_title_and_the_status_tells_the_kind() -> None:
    text = edited(bare(written()), 2, r"^SUMMARY:[^\r]*", "SUMMARY:Doctor")
    text = edited(text, 10, r"^SUMMARY:[^\r]*", "SUMMARY:Doctor")
    assert kinds(text) == ([1, 2, 3, 4, 5, 6, 7, 8], [1, 2])
    assert kinds(edited(text, 10, r"^STATUS:\w+\r\n", ""))[1] == [1]
    assert kinds(edited(text, 10, r"^STATUS:\w+", "STATUS:tentative"))[1] == [1, 2]


def test_titles_keep_their_numbers_where_some_sessions_are_not_here() -> None:
    assert kinds(without(bare(written()), 3)) == ([1, 2, 4, 5, 6, 7, 8], [1, 2])
    assert kinds(without(bare(written()), 9)) == ([1, 2, 3, 4, 5, 6, 7, 8], [2])
    twice = edited(without(bare(written()), 3), 4, r"Mesotherapy 4/8", "Mesotherapy 2/8")
    assert kinds(twice)[0] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("places", "place"),
    [
        (["A"] * 10, "A"),
        (["A"] * 6, "A"),
        (["A"] * 5, None),
        (["A"] * 9 + ["B"], None),
        ([], None),
        (["  A "] * 10, "A"),
    ],
)
def test_the_place_is_the_one_that_most_events_tell(places: list[str], place: str | None) -> None:
    text = bare(written())
    for serial, told in enumerate(places, start=1):
        text = edited(text, serial, r"^STATUS", f"LOCATION:{told}\r\nSTATUS")
    assert read(text).plan.request.location == place


def test_serials_that_may_have_been_used_are_left_out() -> None:
    assert read(written()).plan.last_serial == 10
    assert read(bare(written())).plan.last_serial == 110


def test_a_private_file_stays_one_whatever_is_written_into_it() -> None:
    text = edited(written(private=True), 1, r"^SUMMARY:[^\r]*", "SUMMARY:Mesotherapy 1/8 · hair")
    assert read(text).options.private


def test_limits_that_the_plan_does_not_keep_are_read() -> None:
    text = written().replace("&serial=", "&limits=9-10/7-14/2&serial=")
    text = edited(text, 2, r"^X-APPOINTMENT:[^\r]*\r\n", "")
    assert len(read(text).plan.sessions) == 8


def test_numbers_in_titles_that_are_beyond_the_total_have_no_interval_of_their_own() -> None:
    for number, interval in ((8, 14), (9, 14), (10, None)):
        text = without(bare(written()), 3)
        text = edited(text, 8, r"Mesotherapy 8/8", f"Mesotherapy {number}/8")
        last = read(text).plan.sessions[-1]
        assert (last.number, last.preferred_interval_days) == (number, interval)


@pytest.mark.parametrize(("days", "in_course"), [(-1, 1), (0, 0), (1, 0)])
def test_the_gap_before_maintenance_has_a_least_length(days: int, in_course: int) -> None:
    last = made().sessions[-1].day
    new = last + timedelta(days=MAINTENANCE_GAP_DAYS + days)
    text = without(without_words(written()), 10)
    text = edited(text, 9, r"^(DTSTART[^:]*:)[0-9]{8}", rf"\g<1>{new:%Y%m%d}")
    text = edited(text, 9, r"^(DTEND[^:]*:)[0-9]{8}", rf"\g<1>{new:%Y%m%d}")
    course, maintenance = kinds(text)
    assert (len(course), len(maintenance)) == (8 + in_course, 1 - in_course)


def test_an_event_without_a_time_has_the_one_that_the_plan_had() -> None:
    text = edited(written(), 2, r"T10:00&", "T11:00&")
    text = edited(text, 2, START, "DTSTART;VALUE=DATE:20261208")
    assert ("NO_TIME", (TWO, time(11))) in said(text)


def test_an_event_without_an_end_is_as_long_as_the_plan_says() -> None:
    text = edited(written(made(duration_minutes=45)), 2, r"^DTEND[^\r]*\r\n", "")
    assert f"{read(text).plan.sessions[1].end:%H:%M}" == "10:45"
    assert f"{read(bare(text)).plan.sessions[1].end:%H:%M}" == "10:30"


def test_the_record_tells_the_kind_whatever_title_and_status_say() -> None:
    text = edited(written(), 9, r"^SUMMARY:[^\r]*", "SUMMARY:Doctor")
    assert kinds(edited(text, 9, r"^STATUS:\w+", "STATUS:CONFIRMED"))[1] == [1, 2]


def test_maintenance_that_was_cancelled_hides_no_session_that_is_missing() -> None:
    text = without(edited(written(), 9, r"^STATUS:\w+", "STATUS:CANCELLED"), 1)
    assert ("MISSING", ((1,), 8)) in said(text)


def test_what_was_cancelled_in_a_calendar_keeps_its_preferred_interval() -> None:
    (dropped,) = read(edited(written(), 6, r"^STATUS:\w+", "STATUS:CANCELLED")).plan.dropped
    assert (dropped.number, dropped.preferred_interval_days, dropped.pinned) == (6, 14, True)


def moved(text: str, serial: int, days: int) -> str:
    for name in ("DTSTART", "DTEND"):
        found = re.search(rf"UID:{ID}-{serial:02d}.*?{name}[^:]*:(\d{{8}})", text, re.DOTALL)
        assert found is not None
        day = datetime.strptime(found[1], "%Y%m%d") + timedelta(days=days)  # noqa: DTZ007 - a day
        text = edited(text, serial, rf"^({name}[^:]*:)\d{{8}}", rf"\g<1>{day:%Y%m%d}")
    return text


def test_windows_around_all_that_was_moved_are_worked_out_anew() -> None:
    text = moved(moved(moved(written(), 2, 1), 6, -2), 8, -1)
    found, anew = read(text).plan, read(bare(text)).plan
    assert [each.window for each in found.sessions] == [each.window for each in anew.sessions]
    assert [each.due for each in found.maintenance] == [each.due for each in anew.maintenance]


def test_maintenance_that_was_moved_too_far_has_its_own_day_for_a_window() -> None:
    found = read(moved(written(), 9, 20)).plan.maintenance[0]
    assert (found.window.first, found.window.last) == (found.day, found.day)


def test_what_was_cancelled_and_tells_no_number_has_that_of_its_place() -> None:
    text = edited(bare(written()), 4, r"^SUMMARY:[^\r]*", "SUMMARY:Doctor")
    (dropped,) = read(edited(text, 4, r"^STATUS:\w+", "STATUS:CANCELLED")).plan.dropped
    assert (dropped.number, dropped.status) == (4, Status.CANCELLED)
