"""The bytes that rows are read from: what they are written in, and what is no text at all.

Whether bytes are UTF-8 is only known at their end. So they are looked through once before the first
row is given out, and what can't be read twice is copied to an unnamed temporary file meanwhile.
"""

from __future__ import annotations

import codecs
import io
import re
import tempfile
from typing import TYPE_CHECKING, BinaryIO, cast

from mesoplan.errors import FileProblem
from mesoplan.formats.delimited import ARCHIVE_MARK, UTF_16_MARKS

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO_SAVE = "save the sheet as “CSV UTF-8” from the spreadsheet, and give that file"

_CHUNK_BYTES = 1 << 18
_OTHER_MARKS = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")
"""How workbooks of old Excel, PDF and gzip begin."""
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1a\x1b"))
_MOST_CONTROLS = 0.05
"""What share of control characters a text may have at its beginning."""
_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
"""The bytes that are nothing in Windows-1252."""
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")


class Source:
    """Bytes that are text, and can be read from their beginning as often as it takes."""

    def __init__(self, stream: BinaryIO, path: Path | None, name: str) -> None:
        """*path* is None for standard input, *name* what a message calls it.

        Raises FileProblem for what can't be read, or is no text. The stream is the caller's to
        close, after `close`.
        """
        self.path = path
        self.name = name
        self.guessed = False
        """Whether nothing but the bytes themselves told the encoding, which may be another one."""
        self.line_ends = 0
        """How many there are, about: how many rows to expect."""
        self._copy: BinaryIO | None = None
        self._text: io.TextIOWrapper | None = None
        try:
            if stream.seekable():
                self._stream, self._start = stream, stream.tell()
            else:
                self._stream, self._start = self._new_copy(), 0
            self._codec = self._look_through(stream)
        except OSError as error:
            self.close()
            raise self._problem(f"can't be read: {error.strerror or error}") from error
        except BaseException:
            self.close()
            raise

    @property
    def encoding(self) -> str:
        """UTF-8, UTF-16 or Windows-1252."""
        if self._codec == "cp1252":
            return "Windows-1252"
        return "UTF-8" if self._codec == "utf-8" else "UTF-16"

    def text(self) -> io.TextIOWrapper:
        """The text from its beginning, without its mark, line ends as they are; one at a time."""
        self._let_go()
        self._stream.seek(self._start)
        self._text = io.TextIOWrapper(self._stream, encoding=self._codec, newline="")
        return self._text

    def close(self) -> None:
        """Let go of the stream, and remove what was copied from it."""
        self._let_go()
        if self._copy is not None:
            self._copy.close()
            self._copy = None

    def _let_go(self) -> None:
        if self._text is not None:
            # A wrapper that is thrown away would close the stream.
            self._text.detach()
            self._text = None

    def _new_copy(self) -> BinaryIO:
        self._copy = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - see close
        return self._copy

    def _look_through(self, stream: BinaryIO) -> str:
        """The codec for the bytes, which are copied where that is needed."""
        chunk = self._next_chunk(stream)
        self._require_no_other_form(chunk)
        if chunk.startswith(UTF_16_MARKS):
            codec = "utf-16-le" if chunk.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
            self._start += 2
            self._require_utf_16(stream, chunk[2:], codec)
            return codec
        marked = chunk.startswith(codecs.BOM_UTF8)
        if marked:
            self._start += 3
            chunk = chunk[3:]
        return self._eight_bit_codec(stream, chunk, marked=marked)

    def _next_chunk(self, stream: BinaryIO) -> bytes:
        chunk = stream.read(_CHUNK_BYTES)
        if self._copy is not None:
            try:
                self._copy.write(chunk)
            except OSError as error:
                raise FileProblem(
                    self.path,
                    f"{self.name} can't be kept while it is read: {error.strerror or error}",
                    "make room where temporary files are kept, or give the name of a file",
                ) from error
        self.line_ends += chunk.count(b"\n")
        return chunk

    def _require_no_other_form(self, chunk: bytes) -> None:
        if chunk.startswith(ARCHIVE_MARK):
            raise self._problem("is a spreadsheet or an archive, which is not read")
        if chunk.startswith(_OTHER_MARKS):
            raise self._problem("is no text")
        if not chunk.startswith((*UTF_16_MARKS, codecs.BOM_UTF8)):
            self._require_no_nul(chunk)
            controls = len(chunk) - len(chunk.translate(None, _CONTROLS))
            if controls > _MOST_CONTROLS * len(chunk):
                raise self._problem("is no text")

    def _require_utf_16(self, stream: BinaryIO, chunk: bytes, codec: str) -> None:
        decoder = codecs.getincrementaldecoder(codec)()
        try:
            while chunk:
                self._require_no_nul(decoder.decode(chunk))
                chunk = self._next_chunk(stream)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise self._problem("is marked as UTF-16, and is not") from error

    def _eight_bit_codec(self, stream: BinaryIO, chunk: bytes, *, marked: bool) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")()
        right, wrong, first_wrong = 0, 0, 0
        is_windows_1252, is_last = True, False
        while not is_last:
            is_last = not chunk
            self._require_no_nul(chunk)
            if not chunk.isascii() or decoder.getstate()[0]:
                is_windows_1252 = is_windows_1252 and not any(map(chunk.__contains__, _UNDEFINED))
                try:
                    text = decoder.decode(chunk, final=is_last)
                except UnicodeDecodeError:
                    state = decoder.getstate()
                    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
                    decoder.setstate(state)
                    text = decoder.decode(chunk, final=is_last)
                    first_wrong = self._line_of_first(text, chunk)
                # Each further byte of a character is a right one.
                right += len(chunk) - len(text)
                wrong += len(_NOT_UTF_8.findall(text)) if first_wrong else 0
            if not is_last:
                chunk = self._next_chunk(stream)
        if not first_wrong:
            return "utf-8"
        if marked or right > wrong:
            raise self._problem(f"is in UTF-8, but for line {first_wrong}: it is damaged")
        if not is_windows_1252:
            raise self._problem("is in neither UTF-8 nor Windows-1252")
        self.guessed = True
        return "cp1252"

    def _line_of_first(self, text: str, chunk: bytes) -> int:
        wrong = _NOT_UTF_8.search(text)
        before = text.count("\n", 0, wrong.start() if wrong else 0)
        return self.line_ends - chunk.count(b"\n") + before + 1

    def _require_no_nul(self, text: str | bytes) -> None:
        if (b"\0" in text) if isinstance(text, bytes) else ("\0" in text):
            raise self._problem("is no text: it has NUL characters")

    def _problem(self, what: str) -> FileProblem:
        return FileProblem(self.path, f"{self.name} {what}", HOW_TO_SAVE)
