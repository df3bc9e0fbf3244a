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
        self._stream = stream
        self._write = csv.writer(_Encoded(stream), delimiter=delimiter, lineterminator="\r\n")

    def write_row(self, cells: Iterable[str]) -> None:
        """Write one row, its cells neutralised."""
        self._write.writerow([neutralised(cell) for cell in cells])

    def write_rendered(self, rows: bytes) -> None:
        """Write what `rendered_rows` made with the same delimiter."""
        self._stream.write(rows)


def rendered_rows(rows: Iterable[Iterable[str]], delimiter: str) -> bytes:
    """Rows as `SpreadsheetWriter` writes them, to be written with `write_rendered`."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([neutralised(cell) for cell in cells] for cells in rows)
    return _bytes(text.getvalue())


def _bytes(text: str) -> bytes:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace")


class _Encoded:
    """Takes the texts of rows and passes them on as bytes."""

    def __init__(self, stream: BinaryOutput) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(_bytes(text))
