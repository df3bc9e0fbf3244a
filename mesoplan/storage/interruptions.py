"""Puts off Ctrl-C, and what asks the process to end, while something is done that is short."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

INTERRUPTING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C, what asks a process to end, and what tells it that its terminal has gone."""
_PUT_OFF = (*INTERRUPTING, *([signal.SIGALRM] if hasattr(signal, "SIGALRM") else []))
"""An end that was put off comes by the alarm; see `end_only_when_told`."""
_A_LITTLE_LATER_SECONDS = 0.02


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let these signals come only once all is done that is done here; KeyboardInterrupt then.

    Python has no other moment at which a file has been made and is known to who removes it. On
    Windows they come at once.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _PUT_OFF)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_only_when_told(*, but_not_in: str) -> None:
    """Make a process that was begun `undisturbed` leave Ctrl-C to the one that began it.

    It ends when it is asked to end itself, though not in the middle of what is undisturbed, and not
    in a function of the name *but_not_in*.
    """

    def leave(_signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_code.co_name == but_not_in:
                signal.setitimer(signal.ITIMER_REAL, _A_LITTLE_LATER_SECONDS)
                return
            frame = frame.f_back
        os._exit(1)

    for each in INTERRUPTING:
        signal.signal(each, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGALRM, leave)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _PUT_OFF)
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
