"""Whether what came of a fault is what is promised."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.proving.faults.commands import OF_FEEDS, SECRET, Command
from tests.proving.faults.tracing import Ended, Fault

State = Mapping[str, bytes | None]
"""What is in a folder, by the paths in it; None for a folder."""

_NOT_DONE = 4
_INTERRUPTED = 130
_SOME_ROWS_FAILED = 1
_KILLED = -9
_LONG_AGO_SECONDS = 2 * 3600


def state_of(folder: Path) -> State:
    """All that is in a folder and those in it."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


def restore(folder: Path, state: State) -> None:
    """Put a folder back as it was."""
    shutil.rmtree(folder)
    folder.mkdir()
    for name, data in state.items():
        if data is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o600)


def made_long_ago(folder: Path) -> None:
    """Let two hours pass for all that is hidden in a folder."""
    then = time.time() - _LONG_AGO_SECONDS
    for path in folder.rglob(".*"):
        os.utime(path, (then, then))


@dataclass(frozen=True)
class Whole:
    """A command that nothing went wrong with."""

    command: Command
    ended: Ended
    before: State
    after: State

    def differs(self, fault: Fault) -> bool:
        """Whether less may be done than it would: files of others that can't be read are left out,
        which is said, and where there are no locks the ids of plans are others.
        """
        reads_less = self.command.reads_others and not fault.call.changes
        return reads_less or fault.kind == "ENOSYS"


def may_leave(fault: Fault) -> bool:
    """Whether something may stay for a later command to remove."""
    return (
        fault.kind == "KILL"
        or (fault.call.name in {"unlink", "rmdir"} and not fault.is_signal)
        or _is_for_good(fault)
    )


def _is_for_good(fault: Fault) -> bool:
    """Whether a change that is made can't be taken back."""
    return fault.lasts and fault.call.name == "rename"


def wrong(whole: Whole, fault: Fault, ended: Ended, folder: Path) -> Iterator[str]:
    """What is not as it is promised after a fault."""
    state = state_of(folder)
    if not (fault.lasts and fault.call.name == "write"):
        yield from _wrong_words(ended)
    yield from _wrong_end(whole, fault, ended, state)
    for name, data in state.items():
        is_for_all = OF_FEEDS in name.split("/")
        if data is not None and not is_for_all and (folder / name).stat().st_mode & 0o077:
            yield f"{name} can be read by others"
        if data is not None and name.endswith((".ics", ".ics~")):
            is_whole = data.startswith(b"BEGIN:VCALENDAR\r\n") and data.endswith(
                b"END:VCALENDAR\r\n"
            )
            if not is_whole:
                yield f"{name} is not whole"
    if not may_leave(fault):
        yield from (f"{name} is left over" for name in left_over(state))
    if not whole.differs(fault):
        seen, before, after = shown(state), shown(whole.before), shown(whole.after)
        yield from mixed(seen, before, after)
        may_be_half = fault.kind == "KILL" or _is_for_good(fault) or whole.command.apart
        if not may_be_half and seen not in (before, after):
            yield "some of it is done, and some is not"


def wrong_later(whole: Whole, ended: Ended, state: State) -> Iterator[str]:
    """What is not as it is promised once another command has run."""
    yield from _wrong_words(ended)
    for name in left_over(state):
        # One that could not be removed goes with the next change of its plan.
        if not name.endswith(".ics.lock"):
            yield f"{name} is left over by the next command"
    if ended.exit_code not in {0, 1, 2, _NOT_DONE}:
        yield f"the next command ends with {ended.exit_code}"
    if whole.command.apart:
        if ended.exit_code != whole.ended.exit_code:
            yield f"done again it ends with {ended.exit_code}"
        if missing := set(shown(whole.after)) - set(state):
            yield f"done again there is no {', '.join(sorted(missing))}"


def mixed(seen: State, before: State, after: State) -> Iterator[str]:
    """What is wrong if every file may be the old or the new one."""
    for name in sorted({*seen, *before, *after}):
        if name not in seen:
            if name in before and name in after:
                yield f"{name} is gone"
        elif not any(name in each and each[name] == seen[name] for each in (before, after)):
            yield f"{name} is neither the old nor the new one"


def shown(state: State) -> State:
    """What is to be seen of a folder."""
    return {name: data for name, data in state.items() if "/." not in name}


def left_over(state: State) -> list[str]:
    """What should not be there once all is done."""
    return [name for name in state if "/." in name or name.startswith("tmp/")]


def _wrong_words(ended: Ended) -> Iterator[str]:
    if "Traceback" in ended.error:
        yield f"a traceback: {ended.error.strip().splitlines()[-1]}"
    said = ended.error[ended.error.find("mesoplan:") :] if "mesoplan:" in ended.error else ""
    if SECRET in said.lower():
        yield "the message has a label or an id in it"
    if ended.exit_code == _NOT_DONE:
        lines = said.splitlines()
        is_right = len(lines) >= 2 and lines[1].startswith("  ") and lines[1][2] != " "
        if not is_right or any(not line.startswith("    ") for line in lines[2:]):
            yield f"no two lines on standard error, but {ended.error!r}"


def _wrong_end(whole: Whole, fault: Fault, ended: Ended, state: State) -> Iterator[str]:
    code, usual = ended.exit_code, whole.ended.exit_code
    if fault.kind == "KILL":
        expected = {_KILLED}
    elif fault.is_signal:
        expected = {_INTERRUPTED, usual}
    else:
        expected = {_NOT_DONE, usual}
        if whole.command.goes_on or (whole.differs(fault) and whole.command.apart):
            expected.add(_SOME_ROWS_FAILED)
    if code not in expected:
        yield f"it ends with {code}"
    if whole.differs(fault):
        return
    if code == usual:
        if shown(state) != shown(whole.after):
            yield f"it ends with {code}, but not all is done"
        if ended.error != whole.ended.error and fault.call.stream != 2:
            yield f"it ends with {code}, but says {ended.error!r}"
        if ended.output != whole.ended.output:
            yield f"it ends with {code}, but has not printed all"
    # What is printed last fails too where a failure lasts, and then all is done.
    is_to_be_untouched = fault.call.stream is None and not (whole.command.apart or fault.lasts)
    if code == _NOT_DONE and is_to_be_untouched and shown(state) != shown(whole.before):
        yield "it ends with 4, but not all is as it was"
