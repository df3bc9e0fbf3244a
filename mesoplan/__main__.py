"""`python -m mesoplan`, and the `mesoplan` command."""

from __future__ import annotations

import gc
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Loading makes many objects that live to the end; to look through them for garbage again and
    # again takes a twentieth of a short command's time.
    gc.set_threshold(100_000)
    # Ctrl-C may come while the command line is still being loaded.
    try:
        from mesoplan.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
