"""Dates as spreadsheets write them: those with one meaning are read, all others are refused.

Every command and every table reads them so.
"""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesoplan.batch.rows import CellWords
from mesoplan.dates.days import MONTHS, ClosedTime, DateRange
from mesoplan.dates.parsing import DateReader
from mesoplan.dates.readings import DateOrder
from mesoplan.dates.times import in_24_hours
from mesoplan.errors import InvalidInput

PLANNABLE = st.dates(date(2020, 1, 1), date(2089, 12, 31))


def written_day(text: str, order: DateOrder | None = None) -> date:
    return DateReader(order=order).day("start", text)


def refusal(text: str, order: DateOrder | None = None) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        written_day(text, order)
    assert (caught.value.problem + caught.value.remedy).isprintable()
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-25",
        "2026-12-25 00:00:00",
        "2026-12-25T00:00:00.000",
        "25/12/2026 0:00",
        "12/25/2026 12:00:00 AM",
        "12/25/2026",
        "25/12/2026",
        "25.12.2026",
        "25.12.2026.",
        "25. 12. 2026",
        "25-12-2026",
        "2026/12/25",
        "2026. 12. 25.",
        "25-Dec-2026",
        "Fri 25 Dec 2026",
        "20261225",
        " 25/12/2026 ",
    ],
)
def test_a_date_with_one_meaning_is_read(text: str) -> None:
    assert written_day(text) == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/3/2026", date(2026, 3, 3)),
        ("1-Dec-26", date(2026, 12, 1)),
        ("12/25/26", date(2026, 12, 25)),
        ("03.10.2027", date(2027, 10, 3)),
        ("03.10.27", date(2027, 10, 3)),
        ("20/11/12", date(2020, 11, 12)),
    ],
)
def test_a_short_year_and_a_date_with_dots_are_read_where_they_have_one_meaning(
    text: str, day: date
) -> None:
    assert written_day(text) == day


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("01/02/2026", ["2026-02-01", "2026-01-02"]),
        ("01-02-2026", ["2026-02-01", "2026-01-02"]),
        ("01/02/2026 0:00", ["2026-02-01", "2026-01-02"]),
        ("21-Dec-26", ["2026-12-21", "2021-12-26"]),
        ("25/12/26", ["2026-12-25", "2025-12-26"]),
        ("25.10.26", ["2026-10-25", "2025-10-26"]),
    ],
)
def test_a_date_with_two_meanings_is_refused_with_both(text: str, readings: list[str]) -> None:
    error = refusal(text)
    assert "can be " in error.problem
    assert all(reading in error.remedy for reading in readings)


@pytest.mark.parametrize(
    ("text", "dmy", "mdy"),
    [
        ("01/02/2026", "2026-02-01", "2026-01-02"),
        ("1-2-26", "2026-02-01", "2026-01-02"),
        ("25/12/26", "2026-12-25", ""),
        ("12/25/2026", "", "2026-12-25"),
        ("21-Dec-26", "2026-12-21", "2026-12-21"),
        ("01.02.2026", "2026-02-01", "2026-02-01"),
        ("2026-02-01", "2026-02-01", "2026-02-01"),
    ],
)
def test_with_an_order_a_date_has_one_meaning_and_another_order_is_refused(
    text: str, dmy: str, mdy: str
) -> None:
    readings: tuple[tuple[DateOrder, str], ...] = (("dmy", dmy), ("mdy", mdy))
    for order, day in readings:
        if day:
            assert written_day(text, order) == date.fromisoformat(day)
        else:
            assert "doesn't begin with" in refusal(text, order).problem


def test_both_orders_of_a_table_are_seen_and_dates_that_show_none_are_not() -> None:
    reader = DateReader()
    for text in ("3/3/2026", "2026-12-25", "25.12.2026", "20/11/12", "1/25/2027", "13/1/2027"):
        reader.day("start", text)
    assert reader.seen == {"mdy": "1/25/2027", "dmy": "13/1/2027"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("tomorrow", "a different day every day"),
        ("Today", "a different day every day"),
        ("46357", "a spreadsheet's number for a day"),
        ("46357.5", "a spreadsheet's number for a day"),
        ("12345", "is not a date"),
        ("Dec-26", "has no four-digit year"),
        ("1 Dec", "has no four-digit year"),
        ("25/13/2026", "is not a date"),
        ("31/02/2026", "there is no"),
        ("12.25.2026", "doesn't begin with the day"),
        ("25/12-2026", "is not a date"),
        ("25/12/2019", "outside the years"),
        ("13/01/90", "outside the years"),
        ("1-Dec-90", "outside the years"),
        ("2026-12-25 10:00", "only a day is needed"),
        ("2026-12-25T10:00:00Z", "a time zone"),
        ("2026-12-25 25:00", "not a time of day"),
        ("٢٥/١٢/٢٠٢٦", "is not a date"),
        ("#REF!", "is not a date"),
    ],
)
def test_any_other_text_is_refused_and_says_why(text: str, why: str) -> None:
    assert why in refusal(text).problem


def test_a_number_of_days_is_refused_with_the_day_that_it_would_be() -> None:
    assert "2026-12-01" in refusal("46357").remedy


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-12-25 10:00", time(10)),
        ("2026-12-25T10:00:59", time(10)),
        ("25/12/2026, 2:30 PM", time(14, 30)),
        ("12/25/2026 12:05 p.m.", time(12, 5)),
        ("25 Dec 2026 9:05am", time(9, 5)),
        ("2026-12-25 00:00", None),
    ],
)
def test_a_time_of_day_is_read_and_midnight_is_none(text: str, at: time | None) -> None:
    assert CellWords().day_and_clock("start", text) == (date(2026, 12, 25), at)


def test_a_time_is_put_into_24_hours_and_another_word_is_left() -> None:
    assert in_24_hours("2:30:00 PM") == "14:30"
    assert in_24_hours(" 12:00 am ") == "0:00"
    assert in_24_hours("13:00 PM") == "13:00 PM"
    assert in_24_hours("morning") == "morning"


@given(PLANNABLE, st.sampled_from("-/."), st.booleans(), st.booleans())
def test_no_date_in_numbers_is_ever_read_as_another_one(
    day: date, separator: str, month_first: bool, short: bool
) -> None:
    year = f"{day.year % 100:02d}" if short else str(day.year)
    parts = [f"{day.month:02d}", f"{day.day:02d}"] if month_first else [f"{day:%d}", f"{day:%m}"]
    text = separator.join([*parts, year])
    try:
        found = written_day(text)
    except InvalidInput:
        return
    # With dots the day comes first.
    assert found == day or (separator == "." and month_first)


@given(PLANNABLE)
def test_a_day_with_its_month_in_letters_is_read_as_it_is_or_refused(day: date) -> None:
    assert written_day(f"{day.day}-{MONTHS[day.month - 1][:3]}-{day.year}") == day
    try:
        found = written_day(f"{day.day}-{MONTHS[day.month - 1][:3]}-{day.year % 100:02d}")
    except InvalidInput:
        assert day.day >= 20
    else:
        assert found == day


@given(PLANNABLE)
def test_the_number_of_any_day_names_that_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert day.isoformat() in refusal(str(serial)).remedy


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    try:
        found = written_day(text)
    except InvalidInput:
        return
    assert 2020 <= found.year <= 2089


# ---------------------------------------------------------------- closures


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-12-24 12:00..2026-12-24 18:00", "2026-12-24 12:00", "2026-12-24 18:00"),
        ("2026-12-24 12:00..18:00", "2026-12-24 12:00", "2026-12-24 18:00"),
        ("24 Dec 2026 2:30 PM..6:00 PM", "2026-12-24 14:30", "2026-12-24 18:00"),
        ("2026-12-24T12:00..2026-12-25T00:00", "2026-12-24 12:00", "2026-12-25 00:00"),
    ],
)
def test_a_closure_may_be_from_one_time_to_another(text: str, begin: str, end: str) -> None:
    closed = ClosedTime(datetime.fromisoformat(begin), datetime.fromisoformat(end))
    assert CellWords().closure("closure", text) == closed


@pytest.mark.parametrize(
    "text",
    ["2026-12-24..2026-12-26", "2026-12-24 00:00:00..2026-12-26 00:00:00", "24.12.2026..26.12.26"],
)
def test_a_closure_without_times_is_one_of_whole_days(text: str) -> None:
    days = DateRange(date(2026, 12, 24), date(2026, 12, 26))
    assert CellWords().closure("closure", text) == days


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-12-24 12:00", "only one time of day"),
        ("2026-12-24 12:00..2026-12-25", "only one time of day"),
        ("2026-12-24..18:00", "only one time of day"),
        ("2026-12-24 12:00..2026-12-24 12:00", "ends before it begins"),
        ("2026-12-24 12:00..11:00", "ends before it begins"),
        ("2026-12-24 12:00..25:00", "not a time of day"),
    ],
)
def test_a_closure_with_times_has_two_of_them_in_order(text: str, why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        CellWords().closure("closure", text)
    assert why in caught.value.problem
