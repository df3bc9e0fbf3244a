"""Dates that are not written in full: forwards for plans, backwards for facts, never a guess.

What is expected comes from the calendar on the wall: a slow search that goes day by day.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesoplan import InvalidInput
from mesoplan.batch.rows import CellWords
from mesoplan.dates.days import MONTHS, WEEKDAYS, ClosedTime, DateRange, day_text
from mesoplan.dates.readings import DateOrder, TwoMeanings
from mesoplan.dates.relative import Toward
from mesoplan.dates.times import MORNING, TimeRange, time_of_day
from mesoplan.model.fields import Words

FRIDAY = date(2026, 11, 27)
DAY = timedelta(days=1)
TODAY = st.dates(date(2024, 1, 1), date(2080, 12, 31))
TOWARD = st.sampled_from(["plan", "fact", "agenda"])


def read(text: str, toward: Toward = "plan", today: date = FRIDAY) -> tuple[str, str]:
    """The day and the time, as text, as whoever stands before the calendar reads them."""
    day, at = Words(today).day_and_clock("WHEN", text, toward)
    return day_text(day), "" if at is None else f"{at:%H:%M}"


def refusal(text: str, today: date = FRIDAY, order: DateOrder | None = None) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        Words(today, order).day_and_clock("WHEN", text)
    return caught.value


def refused(read_it: Callable[[], object]) -> InvalidInput | None:
    try:
        read_it()
    except InvalidInput as error:
        return error
    return None


def on_the_wall(today: date, toward: Toward, is_meant: Callable[[date], bool]) -> date:
    """The first day from today on, or back from today for a fact, that is meant."""
    step = -DAY if toward == "fact" else DAY
    return next(day for day in (today + k * step for k in count()) if is_meant(day))


@st.composite
def spelled(draw: st.DrawFn, name: str) -> str:
    """A weekday or a month in three letters or more, in small letters, capitals or both."""
    word = name[: draw(st.integers(3, len(name)))]
    return draw(st.sampled_from([word, word.lower(), word.upper()]))


# ---------------------------------------------------------------- against the slow search


@given(st.data(), TODAY, TODAY, TOWARD)
def test_a_day_without_its_year_is_the_nearest_one_in_its_direction(
    data: st.DataObject, today: date, written: date, toward: Toward
) -> None:
    month = data.draw(spelled(MONTHS[written.month - 1]))
    text = data.draw(st.sampled_from([f"{written.day} {month}", f"{month} {written.day}"]))
    meant = on_the_wall(
        today, toward, lambda day: (day.month, day.day) == (written.month, written.day)
    )
    assert read(text, toward, today) == (day_text(meant), "")
    weekday = data.draw(spelled(WEEKDAYS[meant.weekday()]))
    assert read(f"{weekday} {text}", toward, today) == (day_text(meant), "")
    assert read(f"{text} 14h30", toward, today) == (day_text(meant), "14:30")


@given(st.data(), TODAY, st.integers(0, 6), TOWARD)
def test_a_weekday_is_the_nearest_one_and_todays_is_in_a_week_for_plans_alone(
    data: st.DataObject, today: date, weekday: int, toward: Toward
) -> None:
    text = data.draw(spelled(WEEKDAYS[weekday]))
    begin = today + DAY if toward == "plan" else today
    meant = on_the_wall(begin, toward, lambda day: day.weekday() == weekday)
    assert read(text, toward, today) == (day_text(meant), "")


@given(TODAY, st.integers(0, 6))
def test_next_is_in_the_week_after_this_one(today: date, weekday: int) -> None:
    sunday = on_the_wall(today, "plan", lambda day: day.weekday() == 6)
    meant = on_the_wall(sunday + DAY, "plan", lambda day: day.weekday() == weekday)
    assert read(f"next {WEEKDAYS[weekday]}", "plan", today) == (day_text(meant), "")


@given(TODAY, st.integers(0, 6))
def test_last_is_refused_where_it_can_be_in_this_week_or_the_one_before(
    today: date, weekday: int
) -> None:
    latest = on_the_wall(today - DAY, "fact", lambda day: day.weekday() == weekday)
    monday = on_the_wall(today, "fact", lambda day: day.weekday() == 0)
    text = f"last {WEEKDAYS[weekday].lower()}"
    if latest < monday:
        assert read(text, "fact", today) == (day_text(latest), "")
    else:
        assert str(latest) in refusal(text, today).remedy
        assert str(latest - 7 * DAY) in refusal(text, today).remedy


@given(TODAY, st.integers(1, 99), st.booleans())
def test_days_and_weeks_are_counted_from_today(today: date, number: int, weeks: bool) -> None:
    days = timedelta(weeks=number) if weeks else timedelta(days=number)
    unit = "week" if weeks else "day"
    for text in (f"+{number}{unit[0]}", f"in {number} {unit}s", f"In {number} {unit}"):
        assert read(text, "plan", today) == (day_text(today + days), "")
    if (today - days).year >= 2020:
        assert read(f"{number} {unit}s ago", "fact", today) == (day_text(today - days), "")


WORDS = re.findall(
    r"\S+",
    "tue Tuesday next last in ago days week weeks +3w +10d 10 9 17 22 1 Dec December 2026 2027 "
    "27 a 29 tomorrow today 10/12 1.2. 14.30 14h30 2pm noon 14:30 am pm .. , - "
    "2026-12-01 8.12 Feb 0000 31",
)


@given(
    st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)),
    TODAY,
    TOWARD,
)
def test_any_text_is_read_or_refused_in_plain_words(text: str, today: date, toward: Toward) -> None:
    words = Words(today)
    for try_it in (
        lambda: words.day_and_clock("WHEN", text, toward),
        lambda: words.day("WHEN", text, toward, today + DAY),
        lambda: words.days("away", text),
        lambda: words.closure("closure", text),
        lambda: words.time("time", text),
        lambda: CellWords().days("away", text),
    ):
        error = refused(try_it)
        assert error is None or (error.problem + error.remedy).isprintable()
    assert "".join(words.said).isprintable()


# ---------------------------------------------------------------- times after a date


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("14:30", "14:30"),
        ("14h30", "14:30"),
        ("14 h", "14:00"),
        ("14.30", "14:30"),
        ("2pm", "14:00"),
        ("2:30 PM", "14:30"),
        ("12.15 a.m.", "00:15"),
        ("noon", "12:00"),
        ("9", "09:00"),
        ("17", "17:00"),
    ],
)
def test_a_time_is_read_after_any_date(text: str, at: str) -> None:
    for day in ("10 Dec", "2026-12-10", "Thu, 10 December", "10.12.", "Dec 10 2026", "+13d"):
        assert read(f"{day} {text}") == ("Thu 10 Dec 2026", at)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("10 Dec 2", ["2026-12-10 02:00", "2026-12-10 14:00"]),
        ("10 Dec 22", ["2026-12-10 22:00", "2022-12-10"]),
        ("wed 9", ["2026-12-02 09:00", "2026-12-09"]),
        ("tue 8.12", ["2026-12-01 08:12", "2026-12-08"]),
        ("10/12", ["2026-12-10", "2027-10-12"]),
        ("10/12 14h", ["2026-12-10", "2027-10-12"]),
        ("21 Dec 26", ["2026-12-21", "2021-12-26"]),
        ("last tue", ["2026-11-24", "2026-11-17"]),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(text: str, readings: list[str]) -> None:
    error = refusal(text)
    assert isinstance(error, TwoMeanings)
    assert all(reading in error.remedy for reading in readings)


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("10 Dec 27", "Fri 10 Dec 2027", ""),
        ("10 Dec 2027", "Fri 10 Dec 2027", ""),
        ("10 Dec 2027 9", "Fri 10 Dec 2027", "09:00"),
        ("Dec 10 9", "Thu 10 Dec 2026", "09:00"),
        ("21 Dec 10", "Mon 21 Dec 2026", "10:00"),
        ("tue 9", "Tue 1 Dec 2026", "09:00"),
        ("tue 14.30", "Tue 1 Dec 2026", "14:30"),
        ("13/12", "Sun 13 Dec 2026", ""),
        ("12/13", "Sun 13 Dec 2026", ""),
        ("1.2.", "Mon 1 Feb 2027", ""),
    ],
)
def test_a_number_is_an_hour_or_a_year_where_it_can_only_be_that(
    text: str, day: str, at: str
) -> None:
    assert read(text) == (day, at)


def test_the_clinics_order_decides_what_10_12_is() -> None:
    assert Words(FRIDAY, "dmy").day("WHEN", "10/12") == date(2026, 12, 10)
    assert Words(FRIDAY, "mdy").day("WHEN", "10/12") == date(2027, 10, 12)
    assert "doesn't begin with the month" in refusal("13/12", order="mdy").problem


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Tue 10 Dec", "contradicts itself"),
        ("31 Feb", "there is no 31 February"),
        ("10 Dec 25h", "not a time of day"),
        ("tue 29", "has no month"),
        ("9", "has no month"),
        ("+2m", "is not a date"),
        ("next week", "is not a date"),
    ],
)
def test_what_is_no_day_is_refused_and_says_why(text: str, why: str) -> None:
    assert why in refusal(text).problem


@pytest.mark.parametrize(
    ("text", "word"), [("teusday", "Tuesday"), ("10 Decmber", "December"), ("tomorow", "tomorrow")]
)
def test_the_nearest_word_is_proposed_for_a_misspelled_one(text: str, word: str) -> None:
    assert f"did you mean {word}?" in refusal(text).remedy


@pytest.mark.parametrize(
    "text", ["tomorrow", "tue", "next tue", "+3w", "in 3 weeks", "10 Dec", "10/12", "1.2.", "13/12"]
)
def test_tables_refuse_what_means_another_day_when_they_are_read_again(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"different day every day|has no (four-digit )?year"):
        CellWords().day("start", text)


def test_a_number_after_a_date_is_not_an_hour_in_tables() -> None:
    with pytest.raises(InvalidInput):
        CellWords().day_and_clock("start", "2026-12-01 9")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("14h30", time(14, 30)),
        ("2pm", time(14)),
        ("14.30", time(14, 30)),
        ("noon", time(12)),
        ("morning", MORNING),
        ("9h-12h30", TimeRange(9 * 60, 12 * 60 + 30)),
        ("2pm-6pm", TimeRange(14 * 60, 18 * 60)),
    ],
)
def test_a_time_alone_is_written_in_the_same_forms(text: str, meant: time | TimeRange) -> None:
    assert time_of_day("time", text) == meant


@pytest.mark.parametrize("text", ["9", "0.25", "13pm", "24h", "14h60", "half past two"])
def test_what_is_no_clear_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        time_of_day("time", text)


# ---------------------------------------------------------------- ranges


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("tue..fri", "2026-12-01", "2026-12-04"),
        ("fri..tue", "2026-12-04", "2026-12-08"),
        ("10 Dec..14 Dec", "2026-12-10", "2026-12-14"),
        ("10..14 Dec", "2026-12-10", "2026-12-14"),
        ("24 Dec..3 Jan", "2026-12-24", "2027-01-03"),
        ("24 Dec..3 Jan 2028", "2027-12-24", "2028-01-03"),
        ("20 Nov..3 Jan 2027", "2026-11-20", "2027-01-03"),
        ("24 Dec 2027..3 Jan", "2027-12-24", "2028-01-03"),
        ("tomorrow..in 3 days", "", ""),
        ("today..+3d", "2026-11-27", "2026-11-30"),
        ("next tue..next fri", "2026-12-01", "2026-12-04"),
        ("20..28 Nov", "", ""),
        ("20 Nov..1 Dec", "", ""),
    ],
)
def test_the_second_end_is_counted_from_the_first_or_both_readings_are_refused(
    text: str, first: str, last: str
) -> None:
    if first:
        days = Words(FRIDAY).days("away", text)
        assert days == DateRange(date.fromisoformat(first), date.fromisoformat(last))
        return
    with pytest.raises(TwoMeanings):
        Words(FRIDAY).days("away", text)


def test_the_months_of_a_range_may_differ_only_if_both_are_written() -> None:
    with pytest.raises(InvalidInput, match="no month in its first date"):
        Words(FRIDAY).days("away", "24..3 Jan")


def test_a_part_of_a_day_is_closed_from_one_typed_time_to_another() -> None:
    closed = Words(FRIDAY).closure("closure", "24 Dec 12h..6pm")
    begin, end = map(datetime.fromisoformat, ("2026-12-24T12:00", "2026-12-24T18:00"))
    assert closed == ClosedTime(begin, end)


# ---------------------------------------------------------------- the echo


def test_what_is_not_written_in_full_is_echoed_once() -> None:
    words = Words(FRIDAY)
    for text in ("tue 14h30", "tue 14h30", "2026-12-01 9", "2026-12-01", "1 Dec 2026 14h30"):
        words.day_and_clock("WHEN", text)
    words.days("away", "10..14 Dec")
    assert words.said == [
        "tue 14h30 is Tue 1 Dec 2026, 14:30.",
        "2026-12-01 9 is Tue 1 Dec 2026, 09:00.",
        "10..14 Dec is Thu 10 Dec 2026 to Mon 14 Dec 2026.",
    ]


def test_tables_echo_nothing() -> None:
    words = CellWords()
    words.day("start", "1-Dec-26")
    assert not words.said
