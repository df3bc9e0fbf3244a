"""Writes tables that spreadsheets open: CSV, a row at a time.

In UTF-8 with its mark, without which Excel takes it for something else, and with CRLF. No cell
begins like a formula: see `formulas`.
"""

from __future__ import annotations

import codecs
import re
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
        """Write rows that were rendered with the same delimiter."""
        self._stream.write(rows)


def rendered_cells(cells: Iterable[str], delimiter: str) -> str:
    """Cells of a row as `SpreadsheetWriter` writes them, neutralised, with delimiters between."""
    return delimiter.join(_rendered(neutralised(cell)) for cell in cells)


_needs_quotes = re.compile('[,;\\t"\\r\\n\\0]').search
"""Whether a cell may need quotation marks, whatever the delimiter."""


def _rendered(cell: str) -> str:
    if not _needs_quotes(cell):
        return cell
    doubled = cell.replace('"', '""').replace("\0", "\ufffd")
    return f'"{doubled}"'


def _bytes(text: str) -> bytes:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace")


class _Encoded:
    """Takes the texts of rows and passes them on as bytes."""

    def __init__(self, stream: BinaryOutput) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(_bytes(text))
