"""`python -m mesoplan`, and the `mesoplan` command."""

from __future__ import annotations

import gc
import signal
import sys
from typing import Any, NoReturn

INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Loading makes many objects that live to the end; to look through them for garbage again and
    # again takes a twentieth of a short command's time.
    gc.set_threshold(100_000)
    # Ctrl-C may come while the command line is still being loaded.
    try:
        signal.signal(signal.SIGTERM, _interrupted)
        from mesoplan.cli.app import run

        _silence_libraries()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        # Python's own traceback may have a patient's name in it.
        from mesoplan.cli.unforeseen import report_unforeseen

        code = report_unforeseen(error)
    # The interpreter would look through all of them once more before it ends: a fifth of the time.
    gc.freeze()
    sys.exit(code)


def _silence_libraries() -> None:
    """Let no library warn of what is in somebody's file, unless Python was asked for warnings."""
    import warnings

    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _interrupted(*_: Any) -> NoReturn:
    """Who asks the process to end asks for what Ctrl-C asks for."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
