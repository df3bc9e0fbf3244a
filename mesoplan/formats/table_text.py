"""The text of a table of rows, whatever its bytes are written in, and its lines.

Whether bytes are UTF-8 is only known at their end. So they are looked through once before the first
row is given out, and what can't be read twice is copied to an unnamed temporary file first.
"""

from __future__ import annotations

import codecs
import io
import re
import tempfile
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, cast

from mesoplan.errors import FileProblem
from mesoplan.formats.delimited import ARCHIVE_MARK, UTF_16_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

LONGEST_ROW = 100_000
"""In characters, line ends included."""
HOW_TO_SAVE = "save the sheet as “CSV UTF-8” from the spreadsheet, and give that file"

_PIECE = 1 << 18
_OTHER_MARKS = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")
"""How workbooks of old Excel, PDF and gzip begin."""
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1a\x1b"))
_MOST_CONTROLS = 0.05
"""What share of control characters a text may have at its beginning."""
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")


class TableText:
    """Bytes that are text, and can be read from their beginning as often as needed."""

    def __init__(self, stream: BinaryIO, path: Path | None, name: str) -> None:
        """*path* is None for standard input, *name* what a message calls it.

        Raises FileProblem for what can't be read, or is no text. The stream is the caller's to
        close, after `close`.
        """
        self.path = path
        self.name = name
        self.guessed = False
        """Whether only the bytes themselves speak for the encoding, which may be another one."""
        self.line_ends = 0
        """How many there are: about as many as there are rows."""
        self._copy: BinaryIO | None = None
        self._text: io.TextIOWrapper | None = None
        try:
            if stream.seekable():
                self._stream, self._start = stream, stream.tell()
            else:
                self._stream, self._start = self._copied(stream), 0
            self._codec = self._found_codec()
        except OSError as error:
            self.close()
            raise self.problem(f"can't be read: {error.strerror or error}") from error
        except BaseException:
            self.close()
            raise

    @property
    def encoding(self) -> str:
        """UTF-8, UTF-16 or Windows-1252."""
        if self._codec == "cp1252":
            return "Windows-1252"
        return "UTF-8" if self._codec == "utf-8" else "UTF-16"

    def from_beginning(self) -> io.TextIOWrapper:
        """The text without its mark, line ends as they are; one at a time."""
        return self._opened(self._codec, "strict")

    def close(self) -> None:
        """Let go of the stream, and remove what was copied from it."""
        self._let_go()
        if self._copy is not None:
            self._copy.close()
            self._copy = None

    def problem(self, what: str, remedy: str = HOW_TO_SAVE) -> FileProblem:
        """What is wrong with the table, and what to do."""
        return FileProblem(self.path, f"{self.name} {what}", remedy)

    def _opened(self, codec: str, errors: str) -> io.TextIOWrapper:
        self._let_go()
        self._stream.seek(self._start)
        self._text = io.TextIOWrapper(self._stream, codec, errors, newline="")
        return self._text

    def _let_go(self) -> None:
        if self._text is not None:
            # A wrapper that is thrown away would close the stream.
            self._text.detach()
            self._text = None

    def _copied(self, stream: BinaryIO) -> BinaryIO:
        self._copy = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - see close
        while piece := stream.read(_PIECE):
            try:
                self._copy.write(piece)
            except OSError as error:
                raise self.problem(
                    f"can't be kept while it is read: {error.strerror or error}",
                    "make room where temporary files are kept, or give the name of a file",
                ) from error
        self._copy.seek(0)
        return self._copy

    def _found_codec(self) -> str:
        begins = self._stream.read(_PIECE)
        if begins.startswith(ARCHIVE_MARK):
            raise self.problem("is a spreadsheet or an archive, which is not read")
        if begins.startswith(_OTHER_MARKS):
            raise self.problem("is no text")
        if begins.startswith(UTF_16_MARKS):
            self._start += 2
            codec = "utf-16-le" if begins.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
            if not self._can_be(codec):
                raise self.problem("is marked as UTF-16, and is not")
            return codec
        is_marked = begins.startswith(codecs.BOM_UTF8)
        if is_marked:
            self._start += 3
        else:
            self._require_no_nul(begins.decode("latin-1"))
            controls = len(begins) - len(begins.translate(None, _CONTROLS))
            if controls > _MOST_CONTROLS * len(begins):
                raise self.problem("is no text")
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
            raise self.problem(f"is in UTF-8, but for line {first_wrong}: it is damaged")
        if not self._can_be("cp1252"):
            raise self.problem("is in neither UTF-8 nor Windows-1252")
        self.guessed = True
        return "cp1252"

    def _can_be(self, codec: str) -> bool:
        try:
            for _ in self._pieces(codec, "strict"):
                pass
        except UnicodeDecodeError:
            return False
        return True

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
            raise self.problem("is no text: it has NUL characters")


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
