"""Lets each system call of each writing command fail in turn, and be the last one.

Every command that writes runs in a folder of its own under strace: once as it is, and then once for
each call that concerns its files or standard streams and each way in which that can go wrong: with
an error (no space, a broken disk, no right), or with the process killed (SIGKILL), ended (SIGTERM)
or interrupted (SIGINT) there. What is held each time: every file is the old or the new one, whole;
unless the process was killed, all of it is old or all new, and nothing else is left; what a killed
one leaves is removed by another command an hour later; the exit code and the words are right.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.proving.faults.commands import COMMANDS, Command
from tests.proving.faults.judging import (
    Whole,
    left_over,
    made_long_ago,
    may_leave,
    restore,
    state_of,
    wrong,
    wrong_later,
)
from tests.proving.faults.tracing import CanNotTrace, Runner, named_too_early
from tests.proving.verdict import Verdict

_QUICK = 10
"""Of so many faults a quick run tries one."""
_MOST_MISSED = 0.01


def main() -> int:
    """Try what is asked for; the exit code."""
    names = ", ".join(command.name for command in COMMANDS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.faults",
        description=__doc__,
        epilog="Needs Linux and strace. Takes some minutes, --quick one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help=f"only: {names}")
    parser.add_argument("--quick", action="store_true", help=f"one fault of {_QUICK}")
    parser.add_argument("--only", metavar="INJECTION", help="one fault alone, and all of its calls")
    asked = parser.parse_args()
    if unknown := {*asked.commands} - {command.name for command in COMMANDS}:
        parser.error(f"no such command: {', '.join(sorted(unknown))}")
    chosen = [each for each in COMMANDS if each.name in asked.commands or not asked.commands]
    verdict = Verdict()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="mesoplan-faults-") as name:
        world, aside = Path(name).resolve() / "world", Path(name).resolve() / "aside"
        aside.mkdir()
        try:
            runner = Runner(world, aside)
            for command in chosen:
                missed += _tried(command, runner, world, asked, verdict)
        except CanNotTrace as error:
            print(error, file=sys.stderr)
            return 2
    if missed > _MOST_MISSED * verdict.tried:
        verdict.broken.append(f"{missed} faults did not come where they should")
    survived = verdict.tried - len(verdict.broken)
    return verdict.end(f"{verdict.tried:,} faults in {len(chosen)} commands: {survived:,} survived")


def _tried(
    command: Command, runner: Runner, world: Path, asked: argparse.Namespace, verdict: Verdict
) -> int:
    """Try the faults of one command; how many did not come where they should."""
    begun = time.monotonic()
    world.mkdir(exist_ok=True)
    restore(world, {"clinic": None, "home": None, "tmp": None})
    command.prepare(world / "clinic")
    before = state_of(world)
    ended = runner.run(command.line)
    after = state_of(world)
    if ended.exit_code != command.exit_code or left_over(after):
        raise AssertionError(f"{command.name}: {ended.exit_code} {ended.error} {[*after]}")
    for path in named_too_early(ended.calls):
        verdict.broken.append(f"{command.name}: after a power cut {path} may be empty")
    whole = Whole(command, ended, before, after)
    faults = [fault for call in ended.calls if call.concerns for fault in call.faults()]
    if asked.only:
        faults = [fault for fault in faults if fault.injection == asked.only]
    elif asked.quick:
        faults = faults[::_QUICK]
    missed = 0
    for fault in faults:
        restore(world, before)
        ended = runner.run(command.line, fault)
        if asked.only:
            print(*(call.line for call in ended.calls if call.concerns), sep="\n")
            print(f"exit code {ended.exit_code}: {ended.error}")
        if not fault.has_hit(ended.calls):
            missed += 1
            continue
        found = list(wrong(whole, fault, ended, world))
        if may_leave(fault):
            made_long_ago(world)
            found += wrong_later(whole, runner.run(command.next_line), state_of(world))
        again = f"python -m tests.proving.faults {command.name!r} --only {fault.injection}"
        verdict.holds(not found, f"{'; '.join(found)}: {fault.call.line}\n  again: {again}")
    print(f"{command.name}: {len(faults)} faults, {time.monotonic() - begun:.0f} s", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
