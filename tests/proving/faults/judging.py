"""Whether what came of a fault is what is promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.proving.faults.commands import SECRET
from tests.proving.faults.states import (
    is_of_next,
    left_over,
    mixtures,
    shown,
    torn,
    wrong_indexes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.proving.faults.calls import Fault
    from tests.proving.faults.commands import Command
    from tests.proving.faults.runs import Ended
    from tests.proving.faults.states import State

_NOT_DONE = 4
_INTERRUPTED = 130
_SOME_ROWS_FAILED = 1
_KILLED = -9
_REMOVES = {"unlink", "unlinkat", "rmdir"}


@dataclass(frozen=True)
class Whole:
    """A command that nothing went wrong with."""

    command: Command
    ended: Ended
    before: State
    after: State


def may_leave(fault: Fault) -> bool:
    """Whether something may stay for the next command to remove, or to put right."""
    is_cleaning = fault.call.name in _REMOVES and not fault.is_signal
    return fault.kind == "KILL" or is_cleaning or _is_for_good(fault)


def _is_for_good(fault: Fault) -> bool:
    """Whether a change that is made can't be taken back, and the message says that it is."""
    return fault.lasts and fault.call.name.startswith("rename")


def wrong(whole: Whole, fault: Fault, ended: Ended, state: State) -> Iterator[str]:
    """What is not as it is promised after a fault."""
    if not (fault.lasts and fault.call.name == "write"):
        yield from _wrong_words(ended)
    yield from wrong_indexes(state)
    yield from _wrong_end(whole, fault, ended, state)
    if not may_leave(fault):
        yield from (f"{name} is left over" for name in left_over(state))
    seen, before, after = shown(state), shown(whole.before), shown(whole.after)
    if _differs(whole, fault):
        yield from _parts(seen)
        return
    yield from mixtures(whole.command, seen, before, after)
    if fault.kind != "KILL" and not _is_for_good(fault):
        yield from torn(whole.command, seen, before, after)


def wrong_later(whole: Whole, ended: Ended, state: State) -> Iterator[str]:
    """What is not as it is promised once another command has run."""
    yield from _wrong_words(ended)
    yield from wrong_indexes(state)
    yield from (f"{name} is left over by the next command" for name in left_over(state))
    if ended.exit_code not in {0, 1, 2, _NOT_DONE}:
        yield f"the next command ends with {ended.exit_code}"
    seen, before, after = shown(state), shown(whole.before), shown(whole.after)
    if whole.command.apart:
        if ended.exit_code != whole.ended.exit_code:
            yield f"done again it ends with {ended.exit_code}"
        if missing := set(after) - set(seen):
            yield f"done again there is no {', '.join(sorted(missing))}"
        return
    seen = {name: data for name, data in seen.items() if not is_of_next(name)}
    yield from mixtures(whole.command, seen, before, after)
    for pair in whole.command.pairs:
        names = [f"clinic/{name}" for name in pair]
        if [seen.get(name) for name in names] not in (
            [each.get(name) for name in names] for each in (before, after)
        ):
            yield f"{' and '.join(pair)} do not belong together"


def _wrong_words(ended: Ended) -> Iterator[str]:
    if "Traceback" in ended.error:
        yield f"a traceback: {ended.error.strip().splitlines()[-1]}"
    said = ended.error[ended.error.find("mesoplan:") :] if "mesoplan:" in ended.error else ""
    if SECRET in said.lower():
        yield "the message tells a label or an id"
    if ended.exit_code == _NOT_DONE:
        lines = said.splitlines()
        is_right = len(lines) >= 2 and lines[1].startswith("  ") and lines[1][2] != " "
        if not is_right or any(not line.startswith("    ") for line in lines[2:]):
            yield f"no two lines on standard error, but {ended.error!r}"


def _wrong_end(whole: Whole, fault: Fault, ended: Ended, state: State) -> Iterator[str]:
    code, command = ended.exit_code, whole.command
    if fault.kind == "KILL":
        expected = {_KILLED}
    elif fault.is_signal:
        expected = {_INTERRUPTED, whole.ended.exit_code}
    elif fault.is_harmless:
        expected = {whole.ended.exit_code}
    elif fault.kind == "EPIPE":
        # Who reads no more has what is wanted, of a command that may have printed everything.
        expected = {0, _NOT_DONE, whole.ended.exit_code}
    else:
        expected = {_NOT_DONE, whole.ended.exit_code}
    if _differs(whole, fault) and command.apart:
        expected.add(_SOME_ROWS_FAILED)
    if code not in expected:
        yield f"it ends with {code}"
    if _differs(whole, fault):
        return
    if code == whole.ended.exit_code:
        if shown(state) != shown(whole.after):
            yield f"it ends with {code}, but not all is done"
        if fault.kind != "EPIPE":
            yield from _wrong_output(whole, fault, ended)
    # What is printed last fails too where a failure lasts, and then all is done.
    is_to_be_untouched = fault.call.stream is None and not (command.apart or fault.lasts)
    if code == _NOT_DONE and is_to_be_untouched and shown(state) != shown(whole.before):
        yield "it ends with 4, but not all is as it was"


def _wrong_output(whole: Whole, fault: Fault, ended: Ended) -> Iterator[str]:
    if ended.error != whole.ended.error and fault.call.stream != 2:
        yield f"it ends with {ended.exit_code}, but says {ended.error!r}"
    if ended.output != whole.ended.output:
        yield f"it ends with {ended.exit_code}, but has not printed all"


def _differs(whole: Whole, fault: Fault) -> bool:
    """Whether another outcome is promised than the old or the new one, whole and told.

    Of a folder less may be read, which is said. Where there are no locks some are made of files,
    with a random number in them, and the ids of plans are others then.
    """
    reads_less = whole.command.reads_others and not fault.call.changes
    return reads_less or (fault.kind == "ENOSYS" and whole.command.apart)


def _parts(seen: State) -> Iterator[str]:
    """The calendar files that are not whole."""
    for name, data in seen.items():
        if data is None or not name.endswith((".ics", ".ics~")):
            continue
        if not (data.startswith(b"BEGIN:VCALENDAR\r\n") and data.endswith(b"END:VCALENDAR\r\n")):
            yield f"{name} is not whole"
