"""The command line: words in, one call, words out. Alone reads the clock; `app` alone exits."""

import signal

INTERRUPTING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C, what asks a process to end, and what says that its terminal has gone."""
