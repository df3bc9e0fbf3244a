"""Lets each system call of each writing command fail in turn, and be the last one.

Every command that writes runs in a folder of its own under strace: once as it is, and then once for
each call that concerns its files or standard streams and each way in which that can go wrong: with
an error (no space, a broken disk, no right, interrupted), or with the process killed (SIGKILL),
ended (SIGTERM) or interrupted (SIGINT) there. What is held each time: every file is the old or the
new one, whole; what belongs together is old or new together; nothing else is left, or, of a process
that was killed, the next command removes it; the exit code and the words are right.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proving.faults.calls import given_names_too_early
from tests.proving.faults.commands import READING, WRITING
from tests.proving.faults.judging import Whole, may_leave, wrong, wrong_later
from tests.proving.faults.runs import CanNotTrace, Runner
from tests.proving.faults.states import left_over, open_to_others, restore, state_of
from tests.proving.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.proving.faults.calls import Fault
    from tests.proving.faults.commands import Command
    from tests.proving.faults.runs import Ended

_QUICK = 10
"""Of so many faults a quick run tries one."""
_MOST_MISSED = 0.01
_SETTLED_SECONDS = 2.6
"""So long a file must not have changed before a book's index tells of it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what is asked for; the exit code."""
    asked = _asked(arguments)
    chosen = [
        command
        for command in (*WRITING, *READING)
        if not asked.commands or {command.name, command.name.split()[0]} & {*asked.commands}
    ]
    if not chosen:
        names = ", ".join(command.name for command in (*WRITING, *READING))
        print(f"there is no such command; there are: {names}", file=sys.stderr)
        return 2
    verdict = Verdict()
    begun = time.monotonic()
    try:
        missed = _tried(chosen, asked, verdict)
    except CanNotTrace as error:
        print(error, file=sys.stderr)
        return 2
    survived = verdict.tried - len(verdict.broken)
    if missed > _MOST_MISSED * verdict.tried:
        verdict.broken.append("too many faults did not come where they should")
    minutes = (time.monotonic() - begun) / 60
    print(f"{minutes:.1f} minutes; {missed} faults did not come where they should")
    figure = f"{verdict.tried:,} faults in {len(chosen)} commands tried: {survived:,} survived"
    return verdict.end(figure)


def _tried(commands: Sequence[Command], asked: argparse.Namespace, verdict: Verdict) -> int:
    """Try them; how many faults did not come where they should. Raises CanNotTrace."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="mesoplan-faults-") as name:
        scratch = Path(name).resolve()
        for folder in ("world/clinic", "world/home", "world/tmp", "aside"):
            (scratch / folder).mkdir(parents=True)
        with closing(Runner(scratch / "world", scratch / "aside")) as runner:
            for at, command in enumerate(commands):
                trials = _Trials(runner, scratch / "world", command, verdict)
                if asked.only is not None:
                    trials.chosen = [
                        fault for fault in trials.chosen if fault.injection == asked.only
                    ]
                elif asked.quick:
                    trials.chosen = trials.chosen[at % _QUICK :: _QUICK]
                trials.carry_out(tells=asked.only is not None)
                missed += trials.missed
    return missed


class _Trials:
    """All that is tried with one command."""

    def __init__(self, runner: Runner, world: Path, command: Command, verdict: Verdict) -> None:
        self.command = command
        self.missed = 0
        self._runner, self._world, self._verdict = runner, world, verdict
        for each in ("clinic", "home", "tmp"):
            restore(world / each, {})
        command.prepare(world / "clinic")
        self._before = state_of(world)
        if command.reads_others:
            time.sleep(_SETTLED_SECONDS)
        ended = runner.run(command.arguments)
        after = state_of(world)
        changes_nothing = command in READING
        is_right = ended.exit_code == command.exit_code and not left_over(after)
        if not is_right or (changes_nothing and after != self._before):
            raise AssertionError(f"{command.name}: {ended.exit_code} {ended.error} {[*after]}")
        verdict.broken += (
            f"{command.name}: after a power cut {path} may be empty"
            for path in given_names_too_early(ended.calls)
        )
        self._whole = Whole(command, ended, self._before, after)
        self.chosen: list[Fault] = [
            fault for call in ended.calls if call.concerns for fault in call.faults()
        ]

    def carry_out(self, *, tells: bool) -> None:
        """Try what is chosen; whether it *tells* all that it sees."""
        begun = time.monotonic()
        for fault in self.chosen:
            restore(self._world, self._before)
            ended = self._runner.run(self.command.arguments, fault=fault)
            state = state_of(self._world)
            if tells:
                _tell(fault, ended, [*state])
            if not fault.has_hit(ended.calls):
                self.missed += 1
                continue
            found = list(wrong(self._whole, fault, ended, state))
            found += open_to_others(self._world, self._before)
            if may_leave(fault):
                later = self._runner.run(self.command.next_line.split(), traced=False)
                state = state_of(self._world)
                found += wrong_later(self._whole, later, state)
            self._verdict.holds(not found, self._told(fault, found))
        took = time.monotonic() - begun
        print(f"{self.command.name}: {len(self.chosen)} faults, {took:.0f} s", flush=True)

    def _told(self, fault: Fault, found: Sequence[str]) -> str:
        again = f"python -m tests.proving.faults {self.command.name!r} --only {fault.injection}"
        return f"{'; '.join(found)}: {fault.call.line}\n  again: {again}"


def _tell(fault: Fault, ended: Ended, names: Sequence[str]) -> None:
    print(fault.call.line)
    for call in ended.calls:
        if call.concerns:
            print(f"    {call.line}")
    print(f"  exit code {ended.exit_code}; there are: {', '.join(names)}")
    print(f"  {ended.error}")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.faults",
        description=__doc__,
        epilog="Needs Linux and strace. Takes 15 minutes of one core, --quick one or two.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "commands",
        nargs="*",
        metavar="COMMAND",
        help="these alone; all of “move” with its first word",
    )
    parser.add_argument("--quick", action="store_true", help=f"one fault of {_QUICK}")
    parser.add_argument("--only", metavar="INJECTION", help="one fault alone, and all of its calls")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
