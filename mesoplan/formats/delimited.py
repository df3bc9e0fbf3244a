"""Delimited text (CSV, TSV): its bytes, lines and cells, and what spreadsheets make of them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO, cast

from mesoplan.errors import FileProblem

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from contextlib import ExitStack
    from pathlib import Path
    from typing import TextIO


DELIMITERS = ",;\t"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ARCHIVE_MARK = b"PK\x03\x04"
"""How an archive begins, and so does a spreadsheet that is not saved as text."""
LONGEST_ROW = 100_000
"""In characters, line ends included."""
HOW_TO_SAVE = "save the sheet as “CSV UTF-8” in the spreadsheet, and give that file"

# Names of columns


def marked_delimiter(line: str) -> str | None:
    """The delimiter that a line “sep=;” gives, as Excel writes it before the header."""
    marked = re.fullmatch(r'"?sep=([,;\t])"?', line.rstrip("\r\n"), re.IGNORECASE)
    return marked and marked[1]


def delimiter_of(header: str) -> str:
    """The delimiter that stands most often in a header, outside its quoted cells."""
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", header).count)


def column_key(name: str) -> str:
    """What all spellings of a name have in common: “Finish by”, “finish_by”, “--finish-by”."""
    return "".join(name.replace("_", " ").replace("-", " ").casefold().split())


# Cells that a spreadsheet would take for formulas

# Full-width and small forms too: some spreadsheets turn them into the plain ones. Blanks, control
# characters and marks that nobody sees may stand before them.
_UNSEEN = "'\\s\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2060\ufeff"
_SIGN = "[=+\\-@\\t\\r\\n\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
_begins_as_formula = re.compile(f"[{_UNSEEN}]*{_SIGN}").match

_CUT = "[,;\\t\\r\\n]"
_can_be_cut = re.compile(_CUT).search
# There quotation marks do not belong to the text.
_inner = re.compile(f'(?<={_CUT})(?=[{_UNSEEN}"]*?{_SIGN})')
_neutral_inner = re.compile(f"(?<={_CUT})'(?=[{_UNSEEN}\"]*?{_SIGN})")


# Most cells of a schedule recur from row to row: without this they take a tenth of a batch.
@lru_cache(maxsize=1024)
def neutralised(text: str) -> str:
    """*text*, with an apostrophe wherever a spreadsheet would take what follows for a formula."""
    if _can_be_cut(text):
        text = _inner.sub("'", text)
    return f"'{text}" if _begins_as_formula(text) else text


def as_it_was(text: str) -> str:
    """What *text* was before it was neutralised."""
    if _can_be_cut(text):
        text = _neutral_inner.sub("", text)
    return text[1:] if text[:1] == "'" and _begins_as_formula(text, 1) else text


class SpreadsheetWriter:
    """Writes rows of texts to a stream, which stays open and is the caller's to flush and close.

    What can't stand in a text file (NUL, half a surrogate pair) becomes “\ufffd” or “?”. Raises
    what the stream raises.
    """

    def __init__(self, stream: BinaryIO, delimiter: str = ",") -> None:
        stream.write(codecs.BOM_UTF8)
        self._stream = stream
        self._writer = csv.writer(self, delimiter=delimiter, lineterminator="\r\n")

    def write_row(self, cells: Iterable[str], harmless: Container[str] = ()) -> None:
        """Write one row, its cells neutralised but for those that are known to be *harmless*."""
        self._writer.writerow(each if each in harmless else neutralised(each) for each in cells)

    def write(self, text: str) -> None:
        """Write a row as `csv` made it."""
        self._stream.write(text.replace("\0", "\ufffd").encode("utf-8", "replace"))


# Bytes as text

_PIECE = 1 << 18
_OTHER_MARKS = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")
"""How workbooks of old Excel, PDF and gzip begin."""
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1a\x1b"))
_MOST_CONTROLS = 0.05
"""What share of control characters a text may have at its beginning."""
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")


class _BorrowedText(io.TextIOWrapper):
    """Text of a stream that stays open when the text is let go."""

    def close(self) -> None:
        pass


class TableText:
    """Bytes that are text, and can be read from their beginning as often as needed.

    Whether bytes are UTF-8 is only known at their end. So they are looked through once at first,
    and what can't be read twice is copied to an unnamed temporary file.
    """

    def __init__(self, stream: BinaryIO, path: Path | None, name: str, opened: ExitStack) -> None:
        """*path* is None for standard input, *name* what a message calls it.

        Raises FileProblem for what can't be read, or is not text. The stream is the caller's to
        close, and so is *opened*, which holds the copy.
        """
        self.path, self.name = path, name
        self.guessed = False
        """Whether only the bytes themselves speak for the encoding, which may be another one.

        Then umlauts and accents can be wrong.
        """
        self.line_ends = 0
        """How many there are: about as many as there are rows."""
        try:
            self._stream = stream if stream.seekable() else self._copied(stream, opened)
            self._start = self._stream.tell()
            self._codec = self._found_codec()
        except OSError as error:
            raise self.problem(f"can't be read: {error.strerror or error}") from error

    @property
    def encoding(self) -> str:
        """UTF-8, UTF-16 or Windows-1252."""
        return {"utf-8": "UTF-8", "cp1252": "Windows-1252"}.get(self._codec, "UTF-16")

    def from_beginning(self) -> TextIO:
        """The text without its mark, line ends as they are; one at a time."""
        return self._opened(self._codec, "strict")

    def problem(self, what: str, remedy: str = HOW_TO_SAVE) -> FileProblem:
        """What is wrong with the table, and what to do."""
        return FileProblem(self.path, f"{self.name} {what}", remedy)

    def _opened(self, codec: str, errors: str) -> TextIO:
        self._stream.seek(self._start)
        return _BorrowedText(self._stream, codec, errors, newline="")

    def _copied(self, stream: BinaryIO, opened: ExitStack) -> BinaryIO:
        from tempfile import TemporaryFile

        copy = cast("BinaryIO", opened.enter_context(TemporaryFile()))  # noqa: SIM115
        while piece := stream.read(_PIECE):
            try:
                copy.write(piece)
            except OSError as error:
                raise self.problem(
                    f"can't be stored while it is read: {error.strerror or error}",
                    "free some disk space for temporary files, or give the name of a file",
                ) from error
        copy.seek(0)
        return copy

    def _found_codec(self) -> str:
        begins = self._stream.read(_PIECE)
        if begins.startswith(ARCHIVE_MARK):
            raise self.problem("is a spreadsheet or an archive, which mesoplan can't read")
        if begins.startswith(_OTHER_MARKS):
            raise self.problem("is not text")
        if begins.startswith(UTF_16_MARKS):
            self._start += 2
            codec = "utf-16-le" if begins.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
            if not self._can_be(codec):
                raise self.problem("is marked as UTF-16, but is not")
            return codec
        is_marked = begins.startswith(codecs.BOM_UTF8)
        if is_marked:
            self._start += 3
        else:
            self._require_no_nul(begins.decode("latin-1"))
            controls = len(begins) - len(begins.translate(None, _CONTROLS))
            if controls > _MOST_CONTROLS * len(begins):
                raise self.problem("is not text")
        right, wrong, first_wrong = 0, 0, 0
        for line, piece in self._pieces("utf-8", "surrogateescape"):
            here = [found.start() for found in _NOT_UTF_8.finditer(piece)]
            if here and not wrong:
                first_wrong = line + piece.count("\n", 0, here[0])
            wrong += len(here)
            # Each further byte of a character is a right one.
            right += len(piece.encode("utf-8", "surrogateescape")) - len(piece)
        if not wrong:
            return "utf-8"
        if is_marked or right > wrong:
            raise self.problem(f"is UTF-8, but line {first_wrong} is damaged")
        if not self._can_be("cp1252"):
            raise self.problem("is neither UTF-8 nor Windows-1252")
        self.guessed = True
        return "cp1252"

    def _can_be(self, codec: str) -> bool:
        try:
            return all(True for _ in self._pieces(codec, "strict"))
        except UnicodeDecodeError:
            return False

    def _pieces(self, codec: str, errors: str) -> Iterator[tuple[int, str]]:
        """The text in pieces, each with the number of the line in which it begins."""
        self.line_ends = 0
        text = self._opened(codec, errors)
        while piece := text.read(_PIECE):
            self._require_no_nul(piece)
            yield self.line_ends + 1, piece
            self.line_ends += piece.count("\n")

    def _require_no_nul(self, piece: str) -> None:
        if "\0" in piece:
            raise self.problem("is not text: it has NUL characters")


class RowTooLong(Exception):
    """The lines of a row have more characters than a row may have."""


class Lines:
    """Gives out lines with their ends, and can take those back that turn out to be other rows.

    Of a line that is too long only the beginning is kept. Iterating raises RowTooLong where the
    lines taken since `begin_row` are too long together; it can be gone on with.
    """

    def __init__(self, text: TextIO) -> None:
        """*text* must not translate line ends."""
        self.number = 1
        """Of the first line of the row."""
        self.taken: list[str] = []
        """The lines of the row so far."""
        self._characters = 0
        self._read = text.readline
        self._given_back: deque[str] = deque()

    def begin_row(self) -> None:
        """The next line is the first one of a row."""
        self.number += len(self.taken)
        self.taken = []
        self._characters = 0

    def keep_first(self) -> None:
        """The row is its first line alone; the others are given out again."""
        self._given_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else self._next_line()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._characters += len(line)
        if self._characters > LONGEST_ROW:
            raise RowTooLong
        return line

    def _next_line(self) -> str:
        line = self._read(LONGEST_ROW + 1)
        if len(line) > LONGEST_ROW:
            piece = line
            while piece and not piece.endswith(("\n", "\r")):
                piece = self._read(LONGEST_ROW)
        return line


def cut_header(lines: Lines) -> tuple[str, list[str]]:
    """The delimiter, and the cells of the first row that has any; the lines go on after it.

    Raises StopIteration, RowTooLong or csv.Error.
    """

    def next_line() -> str:
        lines.begin_row()
        return next(lines)

    text = next_line()
    if (delimiter := marked_delimiter(text)) is not None:
        text = next_line()
    while re.fullmatch(rf'[\s"{DELIMITERS}]*', text):
        text = next_line()
    # A quoted name may have line breaks.
    while text.count('"') % 2:
        text += next(lines)
    delimiter = delimiter or delimiter_of(text)
    return delimiter, next(csv.reader([text], delimiter=delimiter, strict=True))
