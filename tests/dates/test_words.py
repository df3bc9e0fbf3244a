"""What is typed: dates in every clear form, and nothing that can be misread."""

from collections.abc import Callable
from datetime import date, time, timedelta
from functools import partial
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesoplan import InvalidInput, MesoplanError
from mesoplan.dates import parsing as words
from mesoplan.dates import times as times_of_day
from mesoplan.dates import zones
from mesoplan.dates.days import day_text
from mesoplan.dates.times import reminders
from mesoplan.model.fields import RANGES, Words

TODAY = date(2026, 11, 23)
PLANNABLE = st.dates(date(2020, 1, 1), date(2089, 12, 31))


def refusal_of(read: Callable[[], object]) -> MesoplanError | None:
    try:
        read()
    except MesoplanError as error:
        return error
    return None


def day(text: str) -> date:
    return Words(TODAY).day("START", text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01",
        "2026-12-1",
        "20261201",
        "2026/12/01",
        "2026.12.01",
        "1 Dec 2026",
        "1 december 2026",
        "01 DEC 2026",
        "1st Dec 2026",
        "Dec 1 2026",
        "December 1st, 2026",
        "Tue 1 Dec 2026",
        "Tuesday, 1 December 2026",
        "2026 Dec 1",
        "1-Dec-2026",
        "1-Dec-26",
        "01.12.2026",
        "1.12.2026",
        "2026-12-01 00:00:00",
        " 1 Dec 2026 ",
    ],
)
def test_a_clear_date_is_read(text: str) -> None:
    assert day(text) == date(2026, 12, 1)


def test_days_are_counted_from_today() -> None:
    assert day("today") == TODAY
    assert day("Tomorrow") == TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("01/02/2026", "can be "),
        ("99/99/2026", "is not a date"),
        ("31.4.2027", "there is no 31 April 2027"),
        ("30/2/2027", "there is no 30 February 2027"),
        ("31 Feb 2026", "there is no"),
        ("2026-02-29", "there is no"),
        ("2026-13-01", "no month 13"),
        ("2026-00-10", "no month 0"),
        ("2026-12-00", "there is no"),
        ("Dec 2026", "has no day"),
        ("2026-12", "has no day"),
        ("21 Dec 26", "can be "),
        ("2026", "has no day and no month"),
        ("December", "has no day"),
        ("", "empty"),
        ("   ", "empty"),
        ("Mon 1 Dec 2026", "contradicts itself"),
        ("1 2 Dec 2026", "more than one date"),
        ("0001-01-01", "outside the years"),
        ("9999-12-31", "outside the years"),
        ("0000-01-01", "no year 0"),
        ("1764547200", "is not a date"),
        ("202612011", "is not a date"),
        ("2026121", "is not a date"),
        ("2026-12-01.5", "more than one date"),
        ("2026-1201", "more than one date"),
        ("٢٠٢٦-١٢-٠١", "is not a date"),
        ("1 De 2026", "is not a date"),
        ("nan", "is not a date"),
        ("-", "is not a date"),
        ("1 Dec 2026 and more", "is not a date"),
    ],
)
def test_what_is_no_clear_date_is_refused_and_says_why(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        day(text)


def test_both_readings_of_an_ambiguous_date_are_offered() -> None:
    with pytest.raises(InvalidInput) as caught:
        day("01/02/2026")
    assert "2026-02-01" in caught.value.remedy
    assert "2026-01-02" in caught.value.remedy


@pytest.mark.parametrize("text", ["25/12/2026", "12/25/2026", "25.12.2026", "25-12-2026"])
def test_a_date_of_numbers_with_one_meaning_is_read(text: str) -> None:
    assert day(text) == date(2026, 12, 25)


@given(PLANNABLE)
def test_a_date_is_read_back_from_every_form_that_we_print(when: date) -> None:
    for form in (when.isoformat(), f"{when:%Y%m%d}", day_text(when)):
        assert day(form) == when


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_plain_refusal(text: str) -> None:
    for read in (
        lambda: Words(TODAY).day_and_clock("START", text),
        lambda: RANGES.read("away", [text], Words(TODAY)),
        lambda: words.weekdays([text]),
        lambda: times_of_day.clock("time", text),
        lambda: words.whole_number("sessions", text),
        lambda: reminders([text]),
    ):
        refusal = refusal_of(read)
        if refusal is not None:
            assert refusal.exit_code == 2
            assert (refusal.problem + refusal.remedy).isprintable()


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-12-01", None),
        ("2026-12-01 9:30", time(9, 30)),
        ("2026-12-01T14:00", time(14)),
        ("1 Dec 2026 08:15", time(8, 15)),
        ("tomorrow 10:00", time(10)),
    ],
)
def test_a_time_may_follow_the_date(text: str, clock: time | None) -> None:
    assert Words(TODAY).day_and_clock("START", text)[1] == clock


@pytest.mark.parametrize("text", ["25:00", "10:60", "10", "10.30", "9am", "", "10:00:00", "-1:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        times_of_day.clock("time", text)


def test_weekdays_are_read_in_every_usual_form() -> None:
    assert words.weekdays(["sun,Mon,", "tuesday thurs tues"]) == {6, 0, 1, 3}
    assert words.weekdays(["Weekend", "wed"]) == {2, 5, 6}
    for wrong in ("", "s", "mo", "sunny", "sun;mon", "7"):
        with pytest.raises(InvalidInput):
            words.weekdays([wrong])


def test_a_range_is_two_dates_or_one() -> None:
    both, one = RANGES.read("away", ["24 Dec 2026..2027-01-03", "1 Dec 2026"], Words(TODAY))
    assert (both.first, both.last) == (date(2026, 12, 24), date(2027, 1, 3))
    assert (one.first, one.last) == (date(2026, 12, 1), date(2026, 12, 1))
    for wrong in ("2027-01-03..2026-12-24", "..2026-12-24", "2026-12-24..", "a..b", "1..2..3"):
        with pytest.raises(InvalidInput):
            RANGES.read("away", [wrong], Words(TODAY))


@pytest.mark.parametrize("text", ["3.0", "1_0", "nan", "", " 8", "٣", "0x8", "1e1", "+8", "9" * 9])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        words.whole_number("sessions", text)


def test_reminders_have_a_unit_or_are_none() -> None:
    assert reminders(["1d", "2H", "30m", "4w"]) == (
        timedelta(days=1),
        timedelta(hours=2),
        timedelta(minutes=30),
        timedelta(weeks=4),
    )
    assert reminders(["none"]) == ()
    for wrong in (["none", "1d"], ["0d"], ["5w"], ["1"], ["d"], [""], ["-1d"]):
        with pytest.raises(InvalidInput):
            reminders(wrong)


def test_all_wrong_zones_of_a_table_are_held_against_one_list() -> None:
    zones._all_names.cache_clear()
    with patch.object(zones, "available_timezones", return_value={"Europe/Paris"}) as walked:
        refusals = [refusal_of(partial(zones.find_zone, name)) for name in "abc"]
    zones._all_names.cache_clear()
    assert all(refusals)
    assert walked.call_count == 1
