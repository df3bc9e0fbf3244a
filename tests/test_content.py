"""A calendar file cut into its lines and blocks, whole or damaged, and put together again."""

from __future__ import annotations

import pytest

from mesoplan.formats.ical.text import Component, Damaged, Property
from mesoplan.formats.plan_file.content import Block, Line, plain_text, read_calendars, written_file

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


def line(number: int, text: str, name: str = "X") -> Line:
    return Line(number, text.encode(), text.encode(), name)


def test_a_file_is_cut_into_blocks_and_lines_with_the_numbers_that_an_editor_shows() -> None:
    (calendar,) = read_calendars(FILE)
    assert calendar == Block(
        "VCALENDAR",
        1,
        [
            Line(2, b"VERSION:2.0", b"VERSION:2.0", "VERSION"),
            Block(
                "VEVENT",
                4,
                [
                    Line(
                        5,
                        b'summary;X-A="a:b":Foll\n ow-up\n\t: tea',
                        b'summary;X-A="a:b":Follow-up: tea',
                        "SUMMARY",
                    ),
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


def test_a_block_tells_its_properties_and_blocks_as_calendar_text_is_read_everywhere() -> None:
    (calendar,) = read_calendars(FILE)
    alarm = Component("VALARM", 8)
    event = Component(
        "VEVENT", 4, {"SUMMARY": [Property(5, b';X-A="a:b":Follow-up: tea')]}, [alarm]
    )
    version = {"VERSION": [Property(2, b":2.0")]}
    assert calendar.component() == Component("VCALENDAR", 1, version, [event])
    assert calendar.value("VERSION") == "2.0"
    assert calendar.value("METHOD") is None


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
    assert line(1, text).value == value


def test_a_value_that_is_no_utf_8_is_read_all_the_same() -> None:
    raw = b"X:a\xff"
    assert Line(1, raw, raw, "X").value == "a\N{REPLACEMENT CHARACTER}"


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
        (b"\nBEGIN:VEVENT\nEND:VEVENT\n", 2, "this is no calendar"),
        (b" VERSION:2.0\n", 1, "this is no calendar: BEGIN:VCALENDAR is missing"),
        (b"\n\nVERSION:2.0\n", 3, "this is no calendar: BEGIN:VCALENDAR is missing"),
        (b"END:VCALENDAR\n", 1, "this is no calendar: BEGIN:VCALENDAR is missing"),
        (
            b"BEGIN:VCALENDAR\n\nBEGIN:VEVENT\nX:1\nEND:VTODO\nEND:VCALENDAR\n",
            5,
            "this END does not match the BEGIN in line 3",
        ),
        (
            b"BEGIN:VCALENDAR\nEND:X:VCALENDAR\n",
            2,
            "this END does not match the BEGIN in line 1",
        ),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nX:1\n y\nX:2",
            5,
            "the file ends before what begins in line 2 does",
        ),
        (b"BEGIN:VCALENDAR", 1, "the file ends before what begins in line 1 does"),
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
