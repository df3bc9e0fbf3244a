"""The files of the tables of a batch, which each run writes anew."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING, BinaryIO

from mesoplan.errors import FileProblem, quoted
from mesoplan.formats.delimited import SpreadsheetWriter
from mesoplan.storage.files import LONGEST_PATH, problems_of, sync_folder
from mesoplan.storage.temporaries import NEW_OF_BATCHES, Temporary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FIRST_LINE_BYTES = 20_000
_BUFFER_BYTES = 1 << 16


class Table:
    """A table that is written row by row; *path* is what a message calls it.

    Raises FileProblem where it can't be written.
    """

    def __init__(self, path: Path, stream: BinaryIO, header: Sequence[str], delimiter: str) -> None:
        self.path = path
        self.stream = stream
        self.rows = 0
        """How many there are by now, without the header."""
        with problems_of(path):
            self._writer = SpreadsheetWriter(stream, delimiter)
            self._writer.write_row(header)

    def write_row(self, cells: Sequence[str]) -> None:
        """Write one row."""
        with problems_of(self.path):
            self._writer.write_row(cells)
        self.rows += 1

    def write_rendered(self, rows: bytes, count: int) -> None:
        """Write so many rows that were rendered with the same delimiter."""
        with problems_of(self.path):
            self._writer.write_rendered(rows)
        self.rows += count


class NewFile:
    """A file that is written bit by bit, under another name until it is whole (mode 0600).

    Raises FileProblem where it can't be written.
    """

    def __init__(self, path: Path, temporary_names: str = NEW_OF_BATCHES) -> None:
        """*temporary_names* is what it is called until then, something random for its star."""
        self.path = path
        with problems_of(path):
            self._temporary = Temporary(path.parent, temporary_names, _BUFFER_BYTES)
        self.stream: BinaryIO = self._temporary.file

    @property
    def temporary(self) -> Path:
        """Where it is until it has its name."""
        return self._temporary.path

    def complete(self) -> None:
        """Put all of it on the disk. It stays open, and so held, if it can get its name so."""
        with problems_of(self.path):
            self._temporary.complete()

    def replace_earlier(self) -> None:
        """Give it its name, in place of what an earlier run wrote."""
        self.complete()
        with problems_of(self.path):
            self.temporary.replace(self.path)
        sync_folder(self.path.parent)

    def discard(self) -> None:
        """Remove what is left of it under its other name."""
        self._temporary.discard()


def require_own_table(path: Path, ending: Sequence[str]) -> None:
    """Raise FileProblem where something stands at *path* that no batch wrote.

    A table of ours has a header whose last columns are *ending*.
    """
    import csv

    with problems_of(path):
        if not os.path.lexists(path):
            return
        if path.is_file():
            with path.open("rb") as file:
                first = file.read(_FIRST_LINE_BYTES)
            line = first.removeprefix(codecs.BOM_UTF8).splitlines()[:1]
            text = line[0].decode("utf-8", "replace") if line else ""
            if any(
                next(csv.reader([text], delimiter=delimiter), [])[-len(ending) :] == list(ending)
                for delimiter in ",;\t"
            ):
                return
    raise FileProblem(
        path,
        f"{quoted(path, LONGEST_PATH)} is there, and no batch wrote it",
        "give it another name, or choose another folder",
    )
