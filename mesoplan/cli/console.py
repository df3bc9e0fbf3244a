"""The one module that owns standard output and standard error, and reads whole files from input.

On a terminal there are boxes, colour and lines as wide as the window; in a pipe the text is plain
and every line whole. A console that lacks a character gets a plain one in its place.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import sys
import textwrap
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from mesoplan.errors import FileProblem, MesoplanError, printable
from mesoplan.formats.page import UNBROKEN, kept_together, line, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mesoplan.dates.parsing import DateReader
    from mesoplan.formats.page import Part

_USUAL_WIDTH = 80
_PLAIN = {"–": "-", "·": "|", "×": "x", "²": "2", "…": "...", "“": '"', "”": '"', "’": "'"}
_PLAIN |= {"•": "*", "→": "->"}
_FALLBACK = "mesoplan.plain"
_NO_SCHEDULE_FITS = 3
_COMMAND = re.compile(r" +mesoplan ")


def _plain_character(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in lacking), error.end


class ReaderGone(Exception):
    """The reader of a stream, such as `head`, has all that it wants.

    Not an OSError, which would be taken for an error of its own before exit codes are made.
    """


class Screen:
    """One of the two standard streams.

    Every method raises FileProblem when the stream can't be written to; what shows text raises
    ReaderGone when nobody reads it any more.
    """

    def __init__(self, stream: TextIO | None, name: str) -> None:
        self.stream = stream
        self.name = name
        reconfigure = getattr(stream, "reconfigure", None)
        # Once: it flushes, and where that fails nobody is ready for it.
        if reconfigure is not None and getattr(stream, "errors", None) != _FALLBACK:
            codecs.register_error(_FALLBACK, _plain_character)
            reconfigure(errors=_FALLBACK)

    @property
    def is_terminal(self) -> bool:
        """Whether it is read on a terminal, of whatever kind, and not by a file or a program."""
        return self.stream is not None and self.stream.isatty()

    @property
    def width(self) -> int | None:
        """The columns of the terminal; None for a pipe or a file, and for TERM=dumb."""
        dumb = os.environ.get("TERM") == "dumb"
        if self.stream is None or dumb or not self.is_terminal:
            return None
        columns = os.environ.get("COLUMNS", "")
        if re.fullmatch(r"[1-9][0-9]{0,3}", columns):
            return int(columns)
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or _USUAL_WIDTH
        except (OSError, ValueError):
            return _USUAL_WIDTH

    def show(self, page: Callable[[int | None], Iterable[Part]]) -> None:
        """Print what *page* gives for the width of this stream."""
        width = self.width
        if width is None:
            self.write(plain_text(page(None)))
            return
        # Loaded only for a terminal: that takes as long as planning.
        from mesoplan.cli.terminal import print_page

        stream = self._open_stream()
        with self._problems():
            print_page(page(width), stream, width)

    def show_markdown(self, text: str) -> None:
        """Print Markdown: as a page on a terminal, as it is in a pipe."""
        width = self.width
        if width is None:
            self.write(text)
            return
        from mesoplan.cli.markdown import print_markdown

        stream = self._open_stream()
        with self._problems():
            print_markdown(text, stream, width)

    def write(self, text: str) -> None:
        """Write text as it is, and flush."""
        stream = self._open_stream()
        with self._problems():
            stream.write(text)
            stream.flush()

    def write_bytes(self, data: bytes) -> None:
        """Write bytes as they are, and flush; when the reader goes, that is a FileProblem too."""
        stream = self._open_stream()
        try:
            with self._problems():
                stream.buffer.write(data)
                stream.buffer.flush()
        except ReaderGone as gone:
            raise self._problem("its reader has gone") from gone

    def _open_stream(self) -> TextIO:
        if self.stream is None:
            raise FileProblem(None, f"{self.name} is closed", "open it, or send it to a file")
        return self.stream

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # Windows calls a broken pipe an invalid argument.
            windows_pipe = os.name == "nt" and error.errno == errno.EINVAL
            if isinstance(error, BrokenPipeError) or windows_pipe:
                raise ReaderGone from error
            raise self._problem(error.strerror or "it takes nothing") from error

    def _problem(self, why: str) -> FileProblem:
        return FileProblem(
            None, f"{self.name} can't be written: {why}", "free some space, or write elsewhere"
        )


def standard_output() -> Screen:
    """Where schedules go."""
    return Screen(sys.stdout, "standard output")


def standard_error() -> Screen:
    """Where errors go, and the schedule when the calendar file has standard output."""
    return Screen(sys.stderr, "standard error")


def standard_input(largest_bytes: int, remedy: str) -> bytes:
    """All that comes from standard input; *remedy* says what to do where that can't be read.

    Raises FileProblem.
    """
    if sys.stdin is None:
        raise FileProblem(None, "standard input is closed", remedy)
    try:
        data = sys.stdin.buffer.read(largest_bytes + 1)
    except OSError as error:
        why = error.strerror or "it gives nothing"
        raise FileProblem(None, f"standard input can't be read: {why}", remedy) from error
    if len(data) > largest_bytes:
        limit = f"{largest_bytes // 1_000_000} MB"
        raise FileProblem(None, f"standard input is larger than {limit}", remedy)
    return data


def answer(
    as_json: bool,
    document: Callable[[Any], object],
    page: Callable[[int | None], Iterable[Part]],
    written: Sequence[str] = (),
    screen: Screen | None = None,
    failed: FileProblem | None = None,
) -> None:
    """Print the answer of a command: as a page, or the JSON document that `formats.json` makes.

    What was *written* where comes below the page; beside JSON, or where the answer can't be
    printed, it is said on standard error. Raises FileProblem, and in the end what has *failed*.
    """
    try:
        if as_json:
            from mesoplan.formats import json

            standard_output().write(json.dumps(document(json)))
            say(*written)
        else:
            seen = _is_seen(page)
            (screen or standard_output()).show(
                lambda width: [*(() if seen else page(width)), *map(line, written)]
            )
    except FileProblem as problem:
        problem.details = tuple(written)
        raise
    if failed is not None:
        raise failed


_seen: list[set[str]] = []
"""The pages that were shown within each `each_page_once`, the innermost last."""


@contextmanager
def each_page_once() -> Iterator[None]:
    """A page that a command has shown already is left out of the answer of the next."""
    _seen.append(set())
    try:
        yield
    finally:
        _seen.pop()


def _is_seen(page: Callable[[int | None], Iterable[Part]]) -> bool:
    if not _seen:
        return False
    text = plain_text(page(None))
    is_seen = text in _seen[-1]
    _seen[-1].add(text)
    return is_seen


def report(error: MesoplanError) -> None:
    """Say on standard error what is wrong and what to do."""
    # That no schedule fits is an answer, not a mistake.
    who = "" if error.exit_code == _NO_SCHEDULE_FITS else "mesoplan: "
    what, *causes = error.problem.splitlines()
    details = (f"    {each}" for each in error.details)
    say(f"{who}{what}", *(f"  {each}" for each in (*causes, error.remedy)), *details)


@contextmanager
def echoing(reader: DateReader) -> Iterator[None]:
    """Say at the end which days were meant by what was not written in full, refused or not."""
    try:
        yield
    finally:
        say(*reader.said)


def say(*lines: str) -> None:
    """Write lines to standard error, wrapped between words on a terminal.

    An indented command stays in one line, so that it can be pasted.
    """
    screen = standard_error()
    if screen.stream is None:
        return
    width = screen.width
    if width is not None:
        lines = tuple(
            wrapped
            for each in lines
            for wrapped in ([each] if _COMMAND.match(each) else _wrapped(each, max(width, 20)))
        )
    # Where errors can't be shown, nobody could be shown that.
    with suppress(FileProblem, ReaderGone):
        screen.write("".join(f"{each}\n" for each in lines))


def _wrapped(text: str, width: int) -> list[str]:
    indent = len(text) - len(text.lstrip()) + 2
    lines = textwrap.wrap(
        kept_together(text),
        width,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [each.replace(UNBROKEN, " ") for each in lines or [""]]


# ---------------------------------------------------------------- mistakes in the program itself

MISTAKE_IN_PROGRAM = 70
"""The exit code; that of BSD's sysexits for an internal software error."""
TRACEBACK_VARIABLE = "MESOPLAN_TRACEBACK"


def report_unforeseen(error: Exception) -> int:
    """Say on standard error that the program itself is wrong, and where; the exit code.

    A traceback may have a patient's name in it, and so it is shown only with MESOPLAN_TRACEBACK.
    """
    import traceback

    if os.environ.get(TRACEBACK_VARIABLE):
        say(*map(printable, "".join(traceback.format_exception(error)).splitlines()))
    place = ""
    package = Path(__file__).parent.parent
    for frame in traceback.extract_tb(error.__traceback__):
        if (path := Path(frame.filename)).is_relative_to(package):
            place = f" at {path.relative_to(package).as_posix()}:{frame.lineno}"
    say(
        f"mesoplan: the program itself went wrong ({type(error).__name__}{place}); "
        "no file is half-written",
        f"  please report this line; {TRACEBACK_VARIABLE}=1 shows more, perhaps also a "
        "patient's name",
    )
    return MISTAKE_IN_PROGRAM
