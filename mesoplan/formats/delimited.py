"""Cells of delimited text, and what spreadsheets make of them."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

DELIMITERS = ",;\t"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ARCHIVE_MARK = b"PK\x03\x04"
"""How an archive begins, and so does a spreadsheet that is not saved as text."""

_QUOTED = r'"[^"]*"'
_MARKED = r'"?sep=([,;\t])"?'


def marked_delimiter(line: str) -> str | None:
    """The delimiter that a line “sep=;” gives, as Excel writes it before the header."""
    marked = re.fullmatch(_MARKED, line.rstrip("\r\n"), re.IGNORECASE)
    return marked and marked[1]


def delimiter_of(header: str) -> str:
    """The delimiter that stands most often in a header, outside its quoted cells."""
    return max(DELIMITERS, key=re.sub(_QUOTED, "", header).count)


def folded_name(name: str) -> str:
    """The name of a column with all its spellings made one: “Session_Date ” as “session date”."""
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())


def column_key(name: str) -> str:
    """What all spellings of a name have in common: “Finish by”, “finish_by”, “--finish-by”."""
    return folded_name(name).replace(" ", "")


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


class BinaryOutput(Protocol):
    """Where bytes can be written to: a file, a member of an archive, standard output."""

    def write(self, data: bytes, /) -> object:
        """Take the bytes, all of them."""


class SpreadsheetWriter:
    """Writes rows of texts to a stream, which stays open and is the caller's to flush and close.

    What can't stand in a text file (NUL, half a surrogate pair) becomes “\ufffd” or “?”. Raises
    what the stream raises.
    """

    def __init__(self, stream: BinaryOutput, delimiter: str = ",") -> None:
        import csv

        stream.write(codecs.BOM_UTF8)
        self._write = csv.writer(_Encoded(stream), delimiter=delimiter, lineterminator="\r\n")

    def write_row(self, cells: Iterable[str]) -> None:
        """Write one row, its cells neutralised."""
        self._write.writerow(map(neutralised, cells))


def _bytes(text: str) -> bytes:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace")


class _Encoded:
    """Takes the texts of rows and passes them on as bytes."""

    def __init__(self, stream: BinaryOutput) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(_bytes(text))
