"""What a long batch shows while it runs, and how it is stopped."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mesoplan.cli.console import standard_error
from mesoplan.storage.interruptions import INTERRUPTING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_REFRESH_SECONDS = 0.1


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets: what has been begun is finished then. A second one ends it all.

    While all is ended no further one counts: what is half-made is being removed.
    """
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    handlers = {each: signal.getsignal(each) for each in INTERRUPTING}
    # What is ignored from the start on, as “nohup” does, stays so.
    before = {each: found for each, found in handlers.items() if found != signal.SIG_IGN}

    def take(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
        for each in before:
            signal.signal(each, handler)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        event.set()
        take(end)

    def end(_signal: int, _frame: FrameType | None) -> None:
        take(signal.SIG_IGN)
        raise KeyboardInterrupt

    take(stop)
    try:
        yield event
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def progress(rows: int) -> Iterator[Callable[[int], None]]:
    """What is told how many of about so many rows are done: a bar on a terminal, else nothing."""
    screen = standard_error()
    if screen.width is None or screen.stream is None:
        yield lambda _rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(file=screen.stream, width=screen.width, force_terminal=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Without a thread of its own: processes are made meanwhile.
    with Progress(*columns, console=console, auto_refresh=False, transient=True) as bar:
        task = bar.add_task("", total=rows)
        shown = 0.0

        def told(done: int) -> None:
            nonlocal shown
            bar.update(task, completed=done)
            if bar.get_time() - shown >= _REFRESH_SECONDS:
                shown = bar.get_time()
                bar.refresh()

        yield told
