"""Content lines: a calendar file is cut into them, and they are what icalendar reads and writes."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Event
from icalendar.prop import vDuration, vUTCOffset

from mesoplan.formats.ical.lines import (
    Block,
    Damaged,
    Line,
    components,
    escaped,
    lead_text,
    line,
    local_text,
    offset_text,
    plain_text,
    read_calendars,
    text_line,
    utc_text,
    written_file,
)

FILE = (
    b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n"
    b"VERSION:2.0\r\n"
    b"\r\n"
    b"Begin : vevent\n"
    b'summary;X-A="a:b":Foll\n'
    b" ow-up\n"
    b"\t: tea\r"
    b"BEGIN:VALARM\r"
    b"END:VALARM\n"
    b"END:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)


def test_a_file_is_cut_into_blocks_and_lines_with_the_numbers_that_an_editor_shows() -> None:
    (calendar,) = read_calendars(FILE)
    assert calendar == Block(
        "VCALENDAR",
        1,
        [
            Line(2, b"VERSION:2.0"),
            Block(
                "VEVENT",
                4,
                [
                    Line(5, b'summary;X-A="a:b":Foll\r ow-up\r\t: tea'),
                    Block("VALARM", 8),
                ],
            ),
        ],
    )


def test_a_file_is_written_with_its_lines_folded_as_they_were_and_one_kind_of_line_end() -> None:
    assert written_file(read_calendars(FILE)) == (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n"
        b'summary;X-A="a:b":Foll\r\n ow-up\r\n\t: tea\r\n'
        b"BEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def test_a_block_shows_its_properties_by_name() -> None:
    (calendar,) = read_calendars(FILE)
    (event,) = calendar.blocks
    assert (calendar.text("VERSION"), calendar.text("METHOD")) == ("2.0", None)
    assert (event.word("SUMMARY"), event.word("STATUS")) == ("FOLLOW-UP: TEA", "")
    (summary,) = event.lines
    assert summary.name == "SUMMARY"
    assert event.first("SUMMARY") == summary
    assert summary.parameters == {"X-A": "a:b"}


def test_what_is_in_a_calendar_is_read_one_after_the_other() -> None:
    event, calendar = components(FILE)
    assert event == read_calendars(FILE)[0].blocks[0]
    assert calendar == Block("VCALENDAR", 1, [Line(2, b"VERSION:2.0")])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("X:", ""),
        ("X", ""),
        ("X:a", "a"),
        ("X: a:b ", "a:b"),
        ('X;Y="c:d":a:b', "a:b"),
        ('X;Y="c:d";Z="e:f":a', "a"),
        ('X;Y="c:d";Z="e:f";A="g:h":a "b:c" d', 'a "b:c" d'),
        ('X;Y="c":a"b"c"d', 'a"b"c"d'),
        ('X;Y="c:d"', ""),
        ("X:å", "å"),
    ],
)
def test_a_value_begins_after_the_first_colon_that_is_in_no_quotes(text: str, value: str) -> None:
    assert Line(1, text.encode()).value == value


def test_a_value_that_is_no_utf_8_is_read_all_the_same() -> None:
    assert Line(1, b"X:a\xff").value == "a\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("plain", "plain"),
        (r"a\, b\; c\\d", r"a, b; c\d"),
        (r"\,a", ",a"),
        (r"one\ntwo\Nthree", "one\ntwo\nthree"),
        (r"\\n\Xn", r"\nXn"),
        (r"a\\\,b", r"a\,b"),
        ("end\\", "end"),
    ],
)
def test_a_text_is_read_without_its_escapes(escaped: str, text: str) -> None:
    assert plain_text(escaped) == text


def test_names_of_other_alphabets_are_read_and_written_as_question_marks() -> None:
    data = "BEGIN:VCALENDAR\nBEGIN:VÉ\nÉ:1\nEND:VÉ\nEND:VCALENDAR\n".encode()
    (calendar,) = read_calendars(data)
    (block,) = calendar.blocks
    (inside,) = block.lines
    mark = "\N{REPLACEMENT CHARACTER}"
    assert (block.name, inside.name) == (f"V{mark * 2}", mark * 2)
    assert b"BEGIN:V??\r\n" in written_file([calendar])
    assert b"END:V??\r\n" in written_file([calendar])


def nested(depth: int) -> bytes:
    names = ["VCALENDAR", *["X"] * (depth - 1)]
    lines = [f"BEGIN:{name}" for name in names] + [f"END:{name}" for name in reversed(names)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("data", "at", "problem"),
    [
        (b"", 1, "the file is empty"),
        (b"\n\r\n \n", 1, "the file is empty"),
        (b"\nBEGIN:VEVENT\nEND:VEVENT\n", 2, "this is not a calendar"),
        (b" VERSION:2.0\n", 1, "this is not a calendar: BEGIN:VCALENDAR is missing"),
        (b"\n\nVERSION:2.0\n", 3, "this is not a calendar: BEGIN:VCALENDAR is missing"),
        (b"END:VCALENDAR\n", 1, "this is not a calendar: BEGIN:VCALENDAR is missing"),
        (
            b"BEGIN:VCALENDAR\n\nBEGIN:VEVENT\nX:1\nEND:VTODO\nEND:VCALENDAR\n",
            5,
            "this END does not match the BEGIN in line 3",
        ),
        (b"BEGIN:VCALENDAR\nEND:X:VCALENDAR\n", 2, "this END does not match the BEGIN in line 1"),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nX:1\n y\nX:2",
            5,
            "the file ends inside what begins in line 2",
        ),
        (b"BEGIN:VCALENDAR", 1, "the file ends inside what begins in line 1"),
        (nested(21), 21, "its parts are nested too deep"),
    ],
)
def test_a_damaged_file_is_refused_with_the_line_where_that_shows(
    data: bytes, at: int, problem: str
) -> None:
    with pytest.raises(Damaged) as caught:
        read_calendars(data)
    assert (caught.value.line, caught.value.problem) == (at, problem)


def test_parts_may_be_nested_twenty_deep() -> None:
    assert len(list(read_calendars(nested(20))[0].written())) == 40


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\\;,"\nåあ🙂'), max_size=200
)


@given(TEXTS)
@example("\\" * 200)
@example("x" * 60 + "\\\\;,\n" * 20)
def test_a_text_is_read_back_as_it_was_and_no_line_is_too_long(text: str) -> None:
    written = text_line("DESCRIPTION", text)
    event = b"BEGIN:VEVENT\r\n" + written + b"END:VEVENT\r\n"
    # Of a backslash before an N icalendar makes a new line, in texts as in what it reads.
    if "\\N" not in text and "\\n" not in text:
        assert str(Event.from_ical(event)["DESCRIPTION"]) == text
    for physical in written.split(b"\r\n"):
        physical.decode()
        assert len(physical) <= 75


@pytest.mark.parametrize("pieces_before", [0, 1, 2])
@pytest.mark.parametrize("special", [",", "\\,", "\\\\,"])
def test_wherever_an_escape_stands_no_fold_cuts_it_and_no_piece_is_short_without_need(
    pieces_before: int, special: str
) -> None:
    for column in range(74):
        text = "x" * (74 * pieces_before + column) + special + "y" * 100
        pieces = text_line("D", text).removesuffix(b"\r\n").split(b"\r\n ")
        assert b"".join(pieces).decode() == f"D:{escaped(text)}"
        assert not [piece for piece in pieces if (len(piece) - len(piece.rstrip(b"\\"))) % 2]
        assert {len(piece) for piece in pieces[:-1]} <= {73, 74}


def test_a_line_of_74_octets_is_whole_and_a_longer_one_is_cut_there() -> None:
    assert line("D", "x" * 72) == b"D:" + b"x" * 72 + b"\r\n"
    assert line("D", "x" * 73) == b"D:" + b"x" * 72 + b"\r\n x\r\n"


def test_each_kind_of_line_break_becomes_one_new_line() -> None:
    assert escaped("a\r\nb\nc\rd\n\re") == "a\\nb\\nc\\nd\\n\\ne"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of the process can't be set here")
def test_a_moment_is_written_in_utc_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert utc_text(datetime(2026, 12, 1, 9, tzinfo=UTC)) == "20261201T090000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=300))
def test_what_needs_no_escape_is_written_as_icalendar_writes_it(text: str) -> None:
    plain = re.sub(r"[\\;,\x7f-\xa0]", "-", text)
    event = Event()
    event.add("DESCRIPTION", plain)
    assert text_line("DESCRIPTION", plain) in event.to_ical(sorted=False) or not plain


@given(st.integers(0, 60 * 24 * 60))
def test_a_reminder_is_written_as_icalendar_writes_it(minutes: int) -> None:
    lead = timedelta(minutes=minutes)
    assert lead_text(lead).removeprefix("-") == vDuration(lead).to_ical().decode()  # type: ignore[no-untyped-call]  # icalendar has no types there


@given(st.integers(-86399, 86399))
def test_an_offset_from_utc_is_written_as_icalendar_writes_it(seconds: int) -> None:
    offset = timedelta(seconds=seconds)
    assert offset_text(offset) == vUTCOffset(offset).to_ical()


def test_moments_are_written_to_the_second_without_separators() -> None:
    moment = datetime(2026, 12, 1, 9, 5, 7, 123456, tzinfo=UTC)
    assert utc_text(moment) == "20261201T090507Z"
    assert local_text(moment) == "20261201T090507"
    assert line("DTSTART;TZID=Europe/Paris", "x") == b"DTSTART;TZID=Europe/Paris:x\r\n"
