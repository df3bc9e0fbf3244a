"""`python -m mesoplan`, and the `mesoplan` command."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Any, NoReturn, TextIO

from mesoplan.cli import INTERRUPTING

INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Loading makes many objects that live to the end; to look through them for garbage again and
    # again takes a twentieth of a short command's time.
    gc.set_threshold(100_000)
    # Ctrl-C may come while the command line is still being loaded.
    try:
        for each in INTERRUPTING:
            # What is ignored from the start on, as “nohup” does, stays so.
            if signal.getsignal(each) == signal.SIG_DFL:
                signal.signal(each, _interrupted)
        from mesoplan.cli.app import run

        _silence_libraries()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        # Python's own traceback may have a patient's name in it.
        from mesoplan.cli.console import report_unforeseen

        code = report_unforeseen(error)
    # While the interpreter ends, nothing may change the exit code.
    for each in INTERRUPTING:
        signal.signal(each, signal.SIG_IGN)
    # Nor may what could not be written be tried again: that was reported already.
    if code and not _is_written(sys.stdout):
        sys.stdout = _nowhere()
    if not _is_written(sys.stderr):
        sys.stderr = _nowhere()
    # The interpreter would look through all of them once more before it ends: a fifth of the time.
    gc.freeze()
    sys.exit(code)


def _silence_libraries() -> None:
    """Silence warnings of libraries about somebody's file, unless Python was asked for them."""
    import warnings

    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - until the very end


def _is_written(stream: TextIO | None) -> bool:
    """Whether nothing is left that was to be written there."""
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):
        return False
    return True


def _interrupted(*_: Any) -> NoReturn:
    """A request to end the process does what Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
