"""Writes tables that spreadsheets open: CSV, a row at a time.

In UTF-8 with its mark, without which Excel takes it for something else, and with CRLF. No cell
begins like a formula: see `formulas`.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Protocol

from mesoplan.formats.formulas import neutralised

if TYPE_CHECKING:
    from collections.abc import Iterable


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
        self._write.writerow([neutralised(cell) for cell in cells])


class _Encoded:
    """Takes the texts of rows and passes them on as bytes."""

    def __init__(self, stream: BinaryOutput) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
        self._stream.write(text.encode("utf-8", "replace"))
