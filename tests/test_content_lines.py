"""Content lines are what icalendar reads back, and writes."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Event
from icalendar.prop import vDuration, vUTCOffset

from mesoplan.formats.ical.content_lines import (
    escaped,
    lead_text,
    line,
    local_text,
    offset_text,
    text_line,
    utc_text,
)

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


@given(TEXTS)
def test_no_escape_is_cut_by_a_fold(text: str) -> None:
    for piece in text_line("DESCRIPTION", text).split(b"\r\n ")[:-1]:
        backslashes = re.search(rb"\\*$", piece)
        assert backslashes is not None
        assert len(backslashes[0]) % 2 == 0


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
