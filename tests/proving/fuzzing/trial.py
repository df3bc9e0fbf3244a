"""One trial: some bytes given to what reads them, and whether all promises hold."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import tempfile
import traceback
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mesoplan.errors import MesoplanError
from tests.command_line import Outcome, mesoplan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

T = TypeVar("T")

SECONDS = 2.0
"""The longest that one command, or one call, may take of a processor."""
EXIT_CODES = frozenset({0, 1, 2, 3, 4})
_OUR_STYLES = re.compile("\x1b\\[[0-9;]*m")
_PACKAGE = f"{os.sep}mesoplan{os.sep}"
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Broken(Exception):
    """A promise does not hold."""

    def __init__(self, kind: str, told: str) -> None:
        super().__init__(f"{kind}: {told}")
        self.kind = kind
        """The way in which it breaks: the same for a shorter input that breaks alike."""


class TooLong(BaseException):
    """The time is over; no Exception, which the program might take for an error of its own."""


class Trial:
    """What a reader needs to be tried: a folder, and the commands and calls that are timed."""

    def __init__(self, folder: Path, seconds: float | None = SECONDS) -> None:
        """Where *seconds* is None, nothing is timed; more than usual are for rows of a table."""
        self.folder = folder
        self.longest = 0.0
        """The seconds of a processor that the slowest command or call took, without the rows."""
        self._seconds = seconds

    def file(self, name: str, data: bytes) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    def command(
        self,
        *arguments: str,
        given: bytes = b"",
        also: Mapping[str, str] | None = None,
        columns: int | None = None,
    ) -> Outcome:
        """Run `mesoplan ARGUMENTS` in the folder, on a terminal where it has *columns*.

        Raises Broken for an exit code that is not documented, an error that escapes, and for what
        a terminal would obey.
        """
        shown = " ".join(each if len(each) < 60 else f"{each[:57]}..." for each in arguments)
        what = f"mesoplan {shown!a}"
        with self._timed(what):
            outcome = mesoplan(self.folder, *arguments, given=given, columns=columns, also=also)
        holds(outcome.exit_code in EXIT_CODES, f"exit {outcome.exit_code}", what)
        for text in (outcome.text, outcome.error):
            holds("Traceback (most" not in text, "a traceback is shown", what)
            plain = text if columns is None else _OUR_STYLES.sub("", text)
            obeyed = next(filter(_obeyed, plain.replace("\r\n", "\n")), None)
            holds(obeyed is None, f"{obeyed!a} is shown as it is", what)
        holds(bool(outcome.error) or outcome.exit_code <= 1, "a refusal without a word", what)
        return outcome

    def call(self, what: str, function: Callable[[], T]) -> T | None:
        """What a function gives, or None where it refuses with one of the program's own errors."""
        with self._timed(what):
            try:
                return function()
            except MesoplanError as error:
                told = f"{error.problem}{error.remedy}{''.join(error.details)}"
        holds(not any(map(_obeyed, told)), "a message has a control character", what)
        holds(bool(told.strip()), "a message says nothing", what)
        return None

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        before = _processor_seconds()
        try:
            with _stopped_after(self._seconds):
                yield
        except TooLong as error:
            place = place_of(error, deepest_of_ours=False)
            raise Broken(f"over {self._seconds:g} s", f"{what}, at {place}") from error
        except Broken:
            raise
        except Exception as error:
            last = traceback.format_exception_only(error)[-1].strip()
            raise Broken(
                f"{type(error).__name__} at {place_of(error)}", f"{what}: {last[:300]!a}"
            ) from error
        seconds = _processor_seconds() - before
        for_rows = max(0.0, (self._seconds or 0.0) - SECONDS)
        self.longest = max(self.longest, seconds - for_rows)
        if self._seconds is not None:
            holds(seconds <= self._seconds, f"over {self._seconds:g} s", what)


def holds(promise: bool, kind: str, told: str) -> None:
    """Raise Broken where a promise does not hold."""
    if not promise:
        raise Broken(kind, told)


@contextmanager
def trial_folder() -> Iterator[Path]:
    """An empty folder, deep enough that “..” leads nowhere."""
    with tempfile.TemporaryDirectory(prefix="nonsense-") as outer:
        folder = Path(outer, "a", "b")
        folder.mkdir(parents=True)
        yield folder


def emptied(folder: Path) -> None:
    """Remove all that is in a folder."""
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def place_of(error: BaseException, *, deepest_of_ours: bool = True) -> str:
    """Where an error was raised, as “file.py:line”: in the program where it passed through it."""
    frames = [
        each for each in traceback.extract_tb(error.__traceback__) if each.filename != __file__
    ]
    ours = [frame for frame in frames if _PACKAGE in frame.filename]
    if not frames:
        return "no place"
    frame = (ours or frames)[-1] if deepest_of_ours else frames[-1]
    told = f"{Path(frame.filename).name}:{frame.lineno}"
    if not deepest_of_ours and ours and ours[-1] is not frame:
        told += f" from {Path(ours[-1].filename).name}:{ours[-1].lineno}"
    return told


def _obeyed(character: str) -> bool:
    """Whether a terminal does something else than show it."""
    if character in _OVERRIDES:
        return True
    return character != "\n" and unicodedata.category(character) == "Cc"


def _processor_seconds() -> float:
    own, others = (resource.getrusage(who) for who in (0, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


@contextmanager
def _stopped_after(seconds: float | None) -> Iterator[None]:
    """Raise TooLong, in the middle of whatever is done, after so many seconds of a processor."""
    if seconds is None:
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooLong

    earlier = signal.signal(signal.SIGPROF, stop)
    # Again and again, for the first may come where errors are passed over.
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)


def most_memory_mb() -> int:
    """The most memory that this process, or one that it started, has had, in MB."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) // 1024
