"""Tables that spreadsheets open: nothing in them runs, and all of it can be read back."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesoplan.formats.delimited import SpreadsheetWriter, as_it_was, neutralised

BEGINNINGS = st.text("'=+-@\t\r\n＝＋－＠ \u00a0\u200b0a;,\"", max_size=6)
TEXTS = st.one_of(st.text(max_size=20), st.builds(str.__add__, BEGINNINGS, st.text(max_size=5)))


def written(*rows: list[str], delimiter: str = ",") -> bytes:
    stream = io.BytesIO()
    writer = SpreadsheetWriter(stream, delimiter)
    for row in rows:
        writer.write_row(row)
    return stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+33 6 12", "-2", "@SUM(A1)", "\rx", "\nx", " =1", "\u00a0=1", "\u200b=1"),
        *("\ufeff=1", "\0=1", "＝1+1", "＋1", "－1", "＠x", "'=1", "''=1", "' =1", " '=1"),
    ],
)
def test_what_begins_like_a_formula_gets_one_apostrophe(text: str) -> None:
    assert neutralised(text) == f"'{text}"
    assert as_it_was(neutralised(text)) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=1", "a;'=1"),
        ("a, +1", "a,' +1"),
        ("a\n@x", "a\n'@x"),
        ('a;"=1"', 'a;\'"=1"'),
        ("a;'=1", "a;''=1"),
        ("\t=1", "'\t'=1"),
        ("=1;=2", "'=1;'=2"),
        ("A; B-C, 1=1", "A; B-C, 1=1"),
    ],
)
def test_what_another_separator_would_make_a_formula_gets_one_there(text: str, safe: str) -> None:
    assert neutralised(text) == safe
    assert as_it_was(safe) == text


@pytest.mark.parametrize("text", ["", "hair", "1=1", "a-b", "'t Hooft", "'", "2026-12-01", "Ü=1"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text
    assert as_it_was(text) == text


@given(TEXTS)
def test_no_neutralised_text_is_a_formula_and_all_come_back(text: str) -> None:
    safe = neutralised(text)
    assert safe[:1] == "'" or safe.strip()[:1] not in set("=+-@＝＋－＠")
    assert safe[:1] not in set("\t\r\n")
    for cut in re.split("[,;\t\r\n]", safe)[1:]:
        assert cut.strip(' "')[:1] not in set("=+-@＝＋－＠")
    assert as_it_was(safe) == text


def test_a_table_is_written_as_excel_reads_it() -> None:
    table = written(["id", "patient"], ["1", "Müller; Jörg"], ["2", '5" "x"'], delimiter=";")
    assert table == (
        b'\xef\xbb\xbfid;patient\r\n1;"M\xc3\xbcller; J\xc3\xb6rg"\r\n2;"5"" ""x"""\r\n'
    )


def test_what_no_text_file_can_hold_is_replaced_and_the_rest_is_kept() -> None:
    assert written(["a\0b", "\ud800c", "\x01"])[3:] == "a\ufffdb,?c,\x01\r\n".encode()


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=4), st.sampled_from(",;\t"))
def test_any_table_is_read_back_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    rows = [[cell.replace("\0", "") for cell in row] for row in rows]
    text = written(*rows, delimiter=delimiter).decode("utf-8-sig")
    found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    assert [[as_it_was(cell) for cell in row] for row in found] == rows
