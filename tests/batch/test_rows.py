"""Rows of a batch: as spreadsheets and programs save them, and as they should never be."""

import io
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mesoplan.errors import FileProblem, InvalidInput, MesoplanError, UnknownName
from mesoplan.formats.delimited import LONGEST_ROW, SpreadsheetWriter
from mesoplan.formats.rows import LONGEST_CELL, Row, WrongRow, open_rows, values_of

KNOWN = ("id", "goal", "start", "finish-by", "patient", "closed", "sessions")
REQUIRED = KNOWN[:3]
SECRET = "Beatrix Geheimnis"


class Pipe(io.BytesIO):
    """Can be read once, as standard input from another program."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError(offset, whence)


def read(data: bytes | str, known: tuple[str, ...] = KNOWN) -> list[Row | WrongRow]:
    data = data.encode() if isinstance(data, str) else data
    with open_rows(io.BytesIO(data), None, "it", known, known[:3]) as rows:
        return list(rows)


def cells(data: bytes | str) -> list[Mapping[str, str]]:
    found = read(data)
    assert all(isinstance(row, Row) for row in found), found
    return [row.cells for row in found if isinstance(row, Row)]


def mixed(data: bytes | str) -> list[tuple[int, str]]:
    """The line of each row, with its id, or with the code of what is wrong."""
    return [
        (row.line, row.cells.get("id", "") if isinstance(row, Row) else row.code)
        for row in read(data)
    ]


def wrong(data: bytes | str) -> WrongRow:
    (found,) = (row for row in read(data) if isinstance(row, WrongRow))
    assert (found.problem + found.remedy).isprintable()
    return found


def refusal(data: bytes | str, *, exit_code: int) -> MesoplanError:
    with pytest.raises(MesoplanError) as caught:
        read(data)
    error = caught.value
    assert error.exit_code == exit_code
    assert "".join((error.problem, error.remedy, *error.details)).isprintable()
    return error


# As programs save them

ONE = {"id": "1", "goal": "hair", "start": "01/12/2026", "patient": "Müller, Jörg"}
LINES = 'id,goal,start,patient\r\n1,hair,01/12/2026,"Müller, Jörg"\r\n'
SEMICOLONS = "id;goal;start;patient\r\n1;hair;01/12/2026;Müller, Jörg\r\n"
TABS = "id\tgoal\tstart\tpatient\r\n1\thair\t01/12/2026\tMüller, Jörg\r\n"


@pytest.mark.parametrize(
    ("saved", "encoding"),
    [
        pytest.param(b"\xef\xbb\xbf" + SEMICOLONS.encode(), "UTF-8", id="Excel, CSV UTF-8"),
        pytest.param(SEMICOLONS.encode("cp1252"), "Windows-1252", id="Excel, CSV"),
        pytest.param(TABS.encode("utf-16"), "UTF-16", id="Excel, Unicode text"),
        pytest.param(b"\xfe\xff" + TABS.encode("utf-16-be"), "UTF-16", id="UTF-16, other order"),
        pytest.param(("sep=;\r\n" + SEMICOLONS).encode(), "UTF-8", id="Excel, with sep"),
        pytest.param(LINES.replace("\r\n", "\n").encode(), "UTF-8", id="LibreOffice"),
        pytest.param(LINES.removesuffix("\r\n").encode(), "UTF-8", id="Google Sheets"),
        pytest.param(SEMICOLONS.removesuffix("\r\n").encode(), "UTF-8", id="Numbers"),
        pytest.param(LINES.replace("\r\n", "\r").encode(), "UTF-8", id="Excel, CSV (Macintosh)"),
        pytest.param(TABS.encode(), "UTF-8", id="TSV"),
    ],
)
def test_a_table_is_read_as_each_program_saves_it(saved: bytes, encoding: str) -> None:
    for stream in (io.BytesIO(saved), Pipe(saved)):
        with open_rows(stream, None, "it", KNOWN, REQUIRED) as rows:
            assert [row.cells for row in rows if isinstance(row, Row)] == [ONE]
            assert (rows.text.encoding, rows.text.guessed) == (encoding, encoding[0] == "W")
            assert rows.columns == ("id", "goal", "start", "patient")
            # Each time anew.
            assert len(list(rows)) == 1
        assert not stream.closed


def test_trailing_cells_and_rows_that_are_blank_are_left_out() -> None:
    table = (
        "id;goal;start;;\n1;hair;2026-12-01;;\n;;;;\n\n2;fat;2026-12-02;;;;\n3;fat\n;;;;\n  ; ;\n"
    )
    assert mixed(table) == [(2, "1"), (5, "2"), (6, "3")]


def test_blank_lines_may_come_before_the_header() -> None:
    assert mixed("\n;;\n" + SEMICOLONS) == [(4, "1")]


def test_names_of_columns_are_found_however_they_are_spelled() -> None:
    (row,) = cells("ID, Goal ,START,Finish by,Patient\n1,hair,,2027-03-01,x\n")
    assert row == {"id": "1", "goal": "hair", "finish-by": "2027-03-01", "patient": "x"}
    (other,) = cells('id,goal,start,"finish_\nby"\n1,hair,,2027-03-01\n')
    assert other["finish-by"] == "2027-03-01"


def test_the_delimiter_is_not_counted_within_quotes() -> None:
    (row,) = cells('id;goal;start;"patient"\n1;hair;;"a,b,c;d"\n')
    assert row["patient"] == "a,b,c;d"
    known = ("id", "a,b,c,d", "start")
    (found,) = read('id;"a,b,c,d";start\n1;2;3\n', known)
    assert isinstance(found, Row)
    assert found.cells == {"id": "1", "a,b,c,d": "2", "start": "3"}


def test_blanks_around_a_cell_are_left_out_and_its_raw_text_keeps_them() -> None:
    (row,) = read("id,goal,start\n 1,\u00a0hair\u00a0,\n")
    assert row == Row(2, {"id": "1", "goal": "hair"}, (" 1", "\u00a0hair\u00a0", ""))


def test_a_row_has_the_line_in_which_it_begins() -> None:
    table = 'id,goal,start,patient\r\n1,hair,,"a\r\nb\r\n"\r\n\r\n2,hair,,"a\rb"\r\n3,hair,,x\r\n'
    assert mixed(table) == [(2, "1"), (6, "2"), (8, "3")]


def test_a_header_alone_has_no_rows() -> None:
    assert read("id,goal,start") == []


@pytest.mark.parametrize("cell", ["sun;mon", "sun | mon", "sun\nmon", "sun\r\nmon;", "; sun;;mon"])
def test_a_cell_can_hold_several_values(cell: str) -> None:
    assert values_of(cell) == ("sun", "mon")


# What is not a table


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n\n", "is empty"),
        (b";;;\n;;\n", "no header"),
        (b"sep=;\n", "no header"),
        (b"PK\x03\x04rest", "spreadsheet or an archive"),
        (b"\xd0\xcf\x11\xe0rest", "is not text"),
        (b"%PDF-1.7", "is not text"),
        (b"\x01\x02\x03\x04id,goal", "is not text"),
        (b"id,goal,start\n1,ha\0ir,\n", "NUL"),
        ("id,goal,start\n1,hair,\n".encode("utf-16-le"), "NUL"),
        (b"\xff\xfeid,goal,start", "not"),
        ("id,goal,start\n1,ha\0ir,\n".encode("utf-16"), "NUL"),
        (b"<html><table>", "web page"),
        (b'[{"id": "1"}]', "single JSON document"),
        (b'id,"goal,start\n1,hair,\n', "no header"),
        (b"id,goal,start\n\x81\xff,,\n", "neither UTF-8 nor Windows-1252"),
        ("id,goal,start\nä,ö,ü\n".encode() + b"\xe4,,\n", "line 3"),
        (b"\xef\xbb\xbfid,goal,start\n\xe4,,\n", "line 2"),
    ],
)
def test_what_is_no_table_of_text_is_refused_and_says_why(data: bytes, why: str) -> None:
    assert why in refusal(data, exit_code=4).problem


def test_a_character_cut_by_the_end_of_a_file_is_damage_and_no_other_encoding() -> None:
    assert "damaged" in refusal("id,goal,start\nä,ö,ü".encode()[:-1], exit_code=4).problem


@pytest.mark.parametrize("before", [(1 << 18) - 15, (1 << 18) - 16, (1 << 18) - 14])
def test_a_character_may_lie_across_the_pieces_in_which_a_file_is_looked_through(
    before: int,
) -> None:
    data = b"id,goal,start\n" + b" " * (before) + "ü,hair,\n".encode()
    with open_rows(io.BytesIO(data), None, "it", KNOWN) as rows:
        assert rows.text.encoding == "UTF-8"


def test_a_stream_that_can_not_be_read_is_a_problem_of_the_file() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error", size)

    with (
        pytest.raises(FileProblem, match="Input/output error"),
        open_rows(Broken(b"id"), None, "it", KNOWN),
    ):
        pass


# Headers


def test_all_columns_that_are_nearly_known_are_named_with_the_known_one() -> None:
    error = refusal("id,gaol,start,Finish-bye,zzz\n", exit_code=2)
    assert isinstance(error, UnknownName)
    assert error.suggestions == ["goal"]
    assert "finish-by?" in error.details[0]
    assert "goal" in error.details[1]


def test_a_column_that_resembles_none_is_kept_aside_and_comes_back_with_its_row() -> None:
    table = b"id,Phone,goal,,start,Phone\n1,+33 1,hair,,2026-12-01,+33 2\n,+33 3,,,,\n"
    with open_rows(io.BytesIO(table), None, "it", KNOWN, REQUIRED) as rows:
        assert list(rows.aside) == ["Phone"]
        first, second = rows
    assert isinstance(first, Row)
    assert first.cells == {"id": "1", "goal": "hair", "start": "2026-12-01"}
    assert first.raw == ("1", "+33 1", "hair", "", "2026-12-01", "+33 2")
    # A row that has something only there is no blank one.
    assert isinstance(second, Row)
    assert second.cells == {}


def test_names_of_json_that_resemble_no_column_are_kept_aside() -> None:
    lines = (
        '{"id": "1", "phone": {"home": 1}}\n{"id": "2", "e-mail": "x"}\n{"id": "3", "gaol": "x"}'
    )
    with open_rows(io.BytesIO(lines.encode()), None, "it", KNOWN) as rows:
        assert [row.code if isinstance(row, WrongRow) else row.cells for row in rows] == [
            {"id": "1"},
            {"id": "2"},
            "COLUMN",
        ]
        assert list(rows.aside) == ["phone", "e-mail"]


def test_a_name_that_no_column_may_have_is_never_kept_aside() -> None:
    table = io.BytesIO(b"id,goal,start,Dry run\n")
    with (
        pytest.raises(UnknownName, match="Dry run"),
        open_rows(table, None, "it", KNOWN, REQUIRED, ("dry-run",)),
    ):
        pass


def test_a_column_that_is_not_known_is_named_where_another_is_missing() -> None:
    assert refusal("id,goal,begin\n", exit_code=2).details == ("unknown column 'begin'",)


def test_a_column_may_not_come_twice() -> None:
    error = refusal("id,goal,start,finish-by,Finish By\n", exit_code=2)
    assert "as column 4 and as column 5" in error.problem


def test_all_missing_columns_are_named() -> None:
    error = refusal("id,patient\n1,x\n", exit_code=2)
    assert "“goal”, “start”" in error.problem


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"Tim,hair,2026-12-01,{SECRET}\n", "a date in its first row"),
        (f"Tim;hair;1.12.26;{SECRET}\n", "a date in its first row"),
        (f"{SECRET};x;y\n", "no known column"),
    ],
)
def test_a_table_without_header_is_told_from_one_and_nothing_of_it_is_shown(
    row: str, why: str
) -> None:
    error = refusal(row, exit_code=2)
    assert why in error.problem
    assert "id, goal, start" in error.remedy
    shown = error.problem + error.remedy + "".join(error.details)
    assert SECRET not in shown
    assert "Tim" not in shown


# Rows that are wrong


def test_a_row_with_more_cells_than_the_header_is_wrong_and_the_others_are_read() -> None:
    table = "id,goal,start\n1,hair,,x\n2,hair,\n"
    assert mixed(table) == [(2, "CELLS"), (3, "2")]
    assert wrong(table).raw == ("1", "hair", "", "x")


def test_something_in_a_column_without_a_name_makes_its_row_wrong() -> None:
    found = wrong("id,goal,,start\n1,hair, ,\n2,hair,x,\n")
    assert (found.line, found.code) == (3, "CELLS")
    assert "column 3" in found.problem


def test_a_quotation_mark_that_is_not_closed_takes_no_other_row_with_it() -> None:
    table = 'id,goal,start\n1,"hair,\n2,hair,\n3,"ha""ir",\n4,hair,\n'
    assert mixed(table) == [(2, "QUOTES"), (3, "2"), (4, "3"), (5, "4")]
    found = wrong(table)
    assert found.raw == ('1,"hair,',)
    table = 'id,goal,start\n1,hair,"a\nb","c\n2,hair,\n'
    assert "in line 3 is not closed" in read(table)[0].problem  # type: ignore[union-attr]  # a wrong row


def test_a_quotation_mark_that_is_never_closed_takes_no_more_than_its_line() -> None:
    rows = "".join(f"{number},hair,2026-12-01\n" for number in range(2, 20_000))
    found = mixed(f'id,goal,start\n1,"hair,\n{rows}')
    assert found[0] == (2, "QUOTES")
    assert found[1:] == [(number + 1, str(number)) for number in range(2, 20_000)]


def test_a_quotation_mark_out_of_place_makes_its_row_wrong() -> None:
    table = 'id,goal,start\n1,"ha"ir,\n2,ha"ir,\n'
    assert mixed(table) == [(2, "QUOTES"), (3, "2")]
    assert "wrong place" in wrong(table).problem


@pytest.mark.parametrize("length", [LONGEST_CELL + 1, LONGEST_ROW, 3 * LONGEST_ROW])
def test_a_cell_that_is_too_long_makes_its_row_wrong(length: int) -> None:
    table = f"id,goal,start\n1,{'x' * length},\n2,hair,\n"
    assert mixed(table) == [(2, "TOO_LONG"), (3, "2")]
    assert mixed(f'{{"id": "{"x" * length}"}}\n{{"id": "2"}}') == [(1, "TOO_LONG"), (2, "2")]
    assert mixed(f"id,goal,start\n1,{'x' * LONGEST_CELL},\n") == [(2, "1")]


# NDJSON


def test_values_of_json_become_the_texts_that_a_cell_would_have() -> None:
    table = (
        """
        {"id": 7, "Goal": "hair", "start": null, "sessions": 8.0, "finish_by": "",
        """.strip().replace("\n", "")
        + ' "closed": ["sun", null, 2, true, " "], "patient": false}\n'
    )
    (row,) = cells(table)
    assert row == {
        "id": "7",
        "goal": "hair",
        "sessions": "8",
        "closed": "sun\n2\nyes",
        "patient": "no",
    }
    assert values_of(row["closed"]) == ("sun", "2", "yes")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *(("8", "8"), ("8.0", "8"), ("-1", "-1"), ("7.5", "7.5"), ("1e1", "10")),
        *(("1e400", "1e400"), ("9" * 5000, "9" * 5000)),
    ],
)
def test_numbers_of_json_are_plain_texts(number: str, text: str) -> None:
    assert cells(f'{{"id": {number}}}') == [{"id": text}]


@pytest.mark.parametrize(
    ("line", "code", "why"),
    [
        ('{"id": "1"', "JSON", "not a JSON object"),
        ("7", "JSON", "not a JSON object"),
        ("[" * 50_000, "JSON", "not a JSON object"),
        ('{"id": NaN}', "JSON", "not a JSON object"),
        ('{"id": "\\ud800"}', "JSON", "not a JSON object"),
        ('{"id": "1", "gaol": "hair"}', "COLUMN", "gaol"),
        ('{"id": "1", "ID": "2"}', "COLUMN", "twice"),
        ('{"id": "1", "id": "1"}', "COLUMN", "twice"),
        ('{"id": {}}', "VALUE", "'id'"),
        ('{"closed": [["sun"]]}', "VALUE", "'closed'"),
        ('{"closed": [{"a": 1}]}', "VALUE", "'closed'"),
    ],
)
def test_a_line_that_is_no_plain_object_is_wrong_and_the_others_are_read(
    line: str, code: str, why: str
) -> None:
    table = f'{{"id": "a"}}\r\n\r\n{line}\r\n{{"id": "\\ud83d\\ude00"}}'
    assert mixed(table) == [(1, "a"), (3, code), (4, "\U0001f600")]
    assert why in wrong(table).problem
    assert wrong(table).raw == (line,)


def test_the_nearest_name_is_offered_for_an_unknown_one_in_json() -> None:
    assert wrong('{"id": 1, "gaol": "hair"}').remedy == "did you mean goal?"


def test_the_columns_of_json_are_all_that_are_known() -> None:
    with open_rows(io.BytesIO(b' \n{"goal": "hair"}'), None, "it", KNOWN, REQUIRED) as rows:
        assert (rows.columns, rows.delimiter, rows.is_json) == (KNOWN, ",", True)
        (row,) = rows
        assert row.raw == ("", "hair", "", "", "", "", "")


# Rows that were refused, fed back


def rejected(*rows: list[str], delimiter: str = ";") -> bytes:
    stream = io.BytesIO()
    writer = SpreadsheetWriter(stream, delimiter)
    writer.write_row(["ID", "goal", "start", "Patient", "", "line", "code", "reason"])
    for row in rows:
        writer.write_row(row)
    return stream.getvalue()


def test_refused_rows_are_read_as_they_came_first() -> None:
    data = rejected(
        ["1", "hair", "", "=1+1", "", "2", "NO_START", "-"],
        ["2", "hair", "", "'=x", "", "3", "NO_START", "=reason"],
        ["3", "hair", "", "'t Hooft", "", "4", "CODE", "x"],
        ["4", "hair", "", "x", "", "surplus", "5", "CELLS", "x"],
    )
    with open_rows(io.BytesIO(data), None, "it", KNOWN, REQUIRED) as rows:
        assert rows.is_rejected
        assert rows.columns == ("ID", "goal", "start", "Patient", "")
        assert rows.delimiter == ";"
        first, second, third, fourth = rows
    cells = {"id": "1", "goal": "hair", "patient": "=1+1"}
    assert first == Row(2, cells, first.raw, refused_for="NO_START")
    assert first.raw == ("1", "hair", "", "=1+1", "")
    assert second.raw[3] == "'=x"
    assert third.raw[3] == "'t Hooft"
    assert isinstance(fourth, WrongRow)
    assert fourth.raw == ("4", "hair", "", "x", "", "surplus")


def test_only_all_three_columns_of_refused_rows_make_them_such() -> None:
    assert "code" in refusal("id,goal,start,line,code\n", exit_code=2).problem
    (row,) = read("id,goal,start,patient\n1,hair,,'=1\n")
    assert row.raw[3] == "'=1"


# Any input at all

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), max_size=5), st.sampled_from(",;\t"))
@example([["=1", '"', "\r\n"], ["\n", ";", ","]], ";")
def test_any_table_that_we_write_is_read_back_as_it_was(
    table: list[list[str]], delimiter: str
) -> None:
    stream = io.BytesIO()
    writer = SpreadsheetWriter(stream, delimiter)
    writer.write_row(["id", "goal", "start", "line", "code", "reason"])
    for cells in table:
        writer.write_row([*cells, "1", "CODE", "why"])
    found = read(stream.getvalue())
    wanted = [cells for cells in table if "".join(cells).strip()]
    assert [list(row.raw) for row in found] == wanted
    for row, cells in zip(found, wanted, strict=True):
        assert isinstance(row, Row)
        assert row.cells == {
            name: cell.strip() for name, cell in zip(KNOWN, cells, strict=False) if cell.strip()
        }


MARKS = (b"\xff\xfe", b"\xef\xbb\xbf", b"sep=;\n", b"\0", b"\xc3\xbc", b"\xe4", b"\x81")
NAMES = (b"id", b"goal", b"start", b"line,code,reason", b"{", b"}", b'{"id":')
PIECES = st.sampled_from([b'"', b",", b";", b"\n", b"\r", *MARKS, *NAMES])


@given(
    st.sampled_from([b"", b"id,goal,start\n", b"id;goal;start;line;code;reason\n", b'{"id": 1}\n']),
    st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=12).map(b"".join)),
)
def test_any_bytes_are_rows_or_wrong_rows_or_refused(header: bytes, data: bytes) -> None:
    try:
        found = read(header + data)
    except (InvalidInput, FileProblem) as error:
        shown = (error.problem, error.remedy, *error.details)
    else:
        lines = [row.line for row in found]
        assert lines == sorted(set(lines))
        shown = tuple(row.problem + row.remedy for row in found if isinstance(row, WrongRow))
    assert "".join(shown).isprintable()


class Rows(io.RawIOBase):
    """A header, and a row as often as told, made while it is read."""

    def __init__(self, rows: int) -> None:
        self._pieces = iter([b"id,goal,start\n", *[b"1,hair,2026-12-01\n" * 100] * (rows // 100)])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = next(self._pieces, b"")
        buffer[: len(piece)] = piece
        return len(piece)


def test_memory_does_not_grow_with_the_number_of_rows() -> None:
    peaks = []
    for rows in (1_000, 10_000):
        stream = io.BufferedReader(Rows(rows))
        tracemalloc.start()
        with open_rows(stream, None, "it", KNOWN, REQUIRED) as opened:
            assert sum(1 for _ in opened) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + (1 << 20)
