"""Puts off Ctrl-C, and what asks the process to end, while something is done that is short."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERRUPTING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C, what asks a process to end, and what tells it that its terminal has gone."""


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let these signals come only once all is done that is done here; KeyboardInterrupt then.

    Python has no other moment at which a file has been made and is known to who removes it. On
    Windows they come at once.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_only_when_told() -> None:
    """Make a process that was begun `undisturbed` leave Ctrl-C to the one that began it.

    It ends at once when it is asked to end itself, though not in the middle of what is undisturbed.
    """
    for each in INTERRUPTING:
        signal.signal(each, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTING)


def _leave(*_: Any) -> NoReturn:
    os._exit(1)
