"""One trial: some bytes given to what reads them, and whether all promises hold."""

import re
import resource
import shutil
import signal
import tempfile
import traceback
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.command_line import Outcome, mesoplan

SECONDS = 2.0
"""The longest that one command may take of a processor."""
_EXIT_CODES = frozenset(range(6))
_OUR_STYLES = re.compile("\x1b\\[[0-9;]*m")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Broken(Exception):
    """A promise does not hold."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(f"{kind}: {what}")
        self.kind = kind
        """The way in which it breaks."""


class TooLong(BaseException):
    """The time is over; no Exception, which the program might take for an error of its own."""


def holds(promise: bool, kind: str, what: str) -> None:
    """Raise Broken where a promise does not hold."""
    if not promise:
        raise Broken(kind, what)


class Trial:
    """What a reader needs to be tried: a folder, and commands that are timed."""

    def __init__(self, folder: Path, seconds: float | None = SECONDS) -> None:
        """Where *seconds* is None, nothing is timed; more than usual are for rows of a table."""
        self.folder = folder
        self.longest = 0.0
        """The seconds of a processor that the slowest command took, without the rows."""
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

        Raises Broken for an exit code that is not documented, an error that escapes, too long a
        time, and for what a terminal would obey.
        """
        shown = " ".join(each if len(each) < 60 else f"{each[:57]}..." for each in arguments)
        what = f"mesoplan {shown!a}"
        before = _processor_seconds()
        try:
            with _stopped_after(self._seconds):
                outcome = mesoplan(self.folder, *arguments, given=given, columns=columns, also=also)
        except (TooLong, Exception) as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            said = traceback.format_exception_only(error)[-1].strip()[:300]
            where = f"{Path(place.filename).name}:{place.lineno}"
            raise Broken(f"{type(error).__name__} at {where}", f"{what}: {said!a}") from error
        seconds = _processor_seconds() - before
        if self._seconds is not None:
            self.longest = max(self.longest, seconds - self._seconds + SECONDS)
            holds(seconds <= self._seconds, f"over {self._seconds:g} s", what)
        holds(outcome.exit_code in _EXIT_CODES, f"exit {outcome.exit_code}", what)
        for text in (outcome.text, outcome.error):
            holds("Traceback (most" not in text, "a traceback is shown", what)
            plain = text if columns is None else _OUR_STYLES.sub("", text)
            obeyed = next(filter(_obeyed, plain.replace("\r\n", "\n")), None)
            holds(obeyed is None, f"{obeyed!a} is shown as it is", what)
        holds(bool(outcome.error) or outcome.exit_code <= 1, "a refusal without a word", what)
        return outcome


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


def _obeyed(character: str) -> bool:
    """Whether a terminal does something else than show it."""
    if character in _OVERRIDES:
        return True
    return character != "\n" and unicodedata.category(character) == "Cc"


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


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
