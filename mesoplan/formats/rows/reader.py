"""Opens the rows of a batch, whatever of the known forms they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from mesoplan.errors import FileProblem
from mesoplan.formats.rows.delimited import NoRow, cut_header, delimited_rows
from mesoplan.formats.rows.header import Header, read_header
from mesoplan.formats.rows.json_lines import json_rows
from mesoplan.formats.rows.lines import Lines
from mesoplan.formats.rows.source import HOW_TO_SAVE, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from mesoplan.formats.rows.values import Row, WrongRow

_OTHER_FORMS = {
    "<": ("is a web page or XML", HOW_TO_SAVE),
    "[": ("is JSON in one piece", "write one object a line (NDJSON), or give a CSV"),
}
_FIRST_CHARACTERS = 4096


def open_rows(
    stream: BinaryIO,
    path: Path | None,
    name: str,
    known: Sequence[str],
    required: Sequence[str] = (),
) -> Rows:
    """Find out what the rows in *stream* are written in, and which columns they have.

    *path* is None for standard input, *name* what a message calls it; *known* are the columns that
    may come, *required* those that must. The stream is the caller's to close, after the rows.
    Raises FileProblem for what is empty, no text, or can't be read, and InvalidInput (UnknownName)
    for a header with a column that is unknown, missing or there twice. In NDJSON each row has its
    own names, so that there they are looked at row by row, and none is required.
    """
    source = Source(stream, path, name)
    try:
        return Rows(source, known, required)
    except BaseException:
        source.close()
        raise


class Rows:
    """The rows of a batch; each time it is iterated over they are read anew, and none is kept.

    Close it after use, or use it in a `with` statement.
    """

    def __init__(self, source: Source, known: Sequence[str], required: Sequence[str]) -> None:
        """See `open_rows`."""
        self._source = source
        self._known = tuple(known)
        self.is_json = self._first_character() == "{"
        """Whether each row is a JSON object."""
        self.delimiter = ","
        """What separates the cells; “,” for JSON."""
        self._header = Header(self._known, self._known, (), is_rejected=False)
        if not self.is_json:
            _, self.delimiter, cells = self._begin()
            self._header = read_header(cells, known, required, source.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns as they came, or all that are known for JSON."""
        return self._header.columns

    @property
    def is_rejected(self) -> bool:
        """Whether these are rows that were refused, fed back with the reasons in further columns.

        Those are left out of `columns` and of the rows, and what was neutralised is as it was.
        """
        return self._header.is_rejected

    @property
    def encoding(self) -> str:
        """UTF-8, UTF-16 or Windows-1252."""
        return self._source.encoding

    @property
    def encoding_guessed(self) -> bool:
        """Whether the encoding may be another one: then umlauts and accents can be wrong."""
        return self._source.guessed

    @property
    def line_ends(self) -> int:
        """How many line ends there are, about: what `Row.line` comes to at the end."""
        return self._source.line_ends

    def __iter__(self) -> Iterator[Row | WrongRow]:
        """Read the rows from the first one; a wrong one comes in its place.

        Raises FileProblem when they can't be read any more.
        """
        try:
            if self.is_json:
                yield from json_rows(Lines(self._source.text()), self._known)
            else:
                lines, delimiter, _ = self._begin()
                yield from delimited_rows(lines, delimiter, self._header)
        except (OSError, UnicodeError) as error:
            raise FileProblem(
                self._source.path,
                f"{self._source.name} can't be read to its end, or changed meanwhile",
                "run it again",
            ) from error

    def close(self) -> None:
        """Let go of the stream."""
        self._source.close()

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _first_character(self) -> str:
        """The first one that is no blank. Raises FileProblem where there is none."""
        text = self._source.text()
        while piece := text.read(_FIRST_CHARACTERS):
            if bare := piece.lstrip():
                if bare[0] in _OTHER_FORMS:
                    raise self._problem(*_OTHER_FORMS[bare[0]])
                return bare[0]
        raise self._problem("is empty", "give a table with a header and a row for each plan")

    def _begin(self) -> tuple[Lines, str, list[str]]:
        """The lines after the header, the delimiter, and the cells of the header."""
        lines = Lines(self._source.text())
        try:
            return lines, *cut_header(lines)
        except NoRow:
            raise self._problem(
                "has no header that can be read",
                "put the names of the columns into its first row, separated by commas",
            ) from None

    def _problem(self, what: str, remedy: str) -> FileProblem:
        return FileProblem(self._source.path, f"{self._source.name} {what}", remedy)
