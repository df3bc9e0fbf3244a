"""Fifty commands at once on one folder and on one file: nothing is lost, nothing half, none waits.

    python -m tests.proving.crowd [SCENE...] [--commands COUNT]

In each scene so many processes load the program, wait for one another, and then run their commands
at the same moment. Afterwards what they said is held against what is there. It takes about half a
minute on two cores.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.command_line import WORLD
from tests.proving.crowd.scenes import SCENES, Ended, Scene
from tests.proving.verdict import Verdict

CROWD, LARGEST_CROWD = 50, 180
LONGEST_SECONDS = 120
"""Whoever has not ended by then waits for ever."""
LAST_KILL_SECONDS = 1.5
NO_SCHEDULE = 3
"""The exit code of a refusal that says why, and what would help, in more than two lines."""
AT_THE_GATE = """
import contextlib, io, os, sys
import filelock
from mesoplan.cli.app import run
with contextlib.redirect_stdout(io.StringIO()):
    run(["{command}", "--help"])
os.write({ready}, b".")
os.read(0, 1)
from mesoplan.__main__ import main
main()
"""
"""Loads what the command needs, says so, and runs it once standard input has come to its end."""


@dataclass
class Running:
    """A command of the crowd, and where what it prints goes."""

    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes]
    output: Path
    error: Path
    kill_at: float | None = None
    """Seconds after the start at which it is killed."""


def main(arguments: list[str]) -> int:
    """Play the scenes; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.crowd",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(SCENES)}")
    parser.add_argument("--commands", type=int, default=CROWD, help="at once (default: 50)")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.scenes) - set(SCENES)
    if unknown or not 10 <= chosen.commands <= LARGEST_CROWD:
        parser.error(f"name scenes of the list, and 10 to {LARGEST_CROWD} commands")
    verdict, ended = Verdict(), list[Ended]()
    for name in chosen.scenes or SCENES:
        with tempfile.TemporaryDirectory() as scratch:
            outcomes = played(SCENES[name], Path(scratch), chosen.commands, verdict)
        done = sum(each.code == 0 for each in outcomes)
        longest = max(each.seconds for each in outcomes)
        print(f"{name}: {done} of {len(outcomes)} done, the last after {longest:.1f} s", flush=True)
        ended += outcomes
    codes = [each.code for each in ended]
    lost = f"{len(verdict.broken)} promises broken" if verdict.broken else "nothing lost, none hung"
    return verdict.end(
        f"{len(ended)} commands, {chosen.commands} at once: {codes.count(0)} done, "
        f"{sum(code > 0 for code in codes)} refused, {sum(code < 0 for code in codes)} killed; "
        f"{verdict.tried} checks: {lost}"
    )


def played(scene: Scene, scratch: Path, count: int, verdict: Verdict) -> list[Ended]:
    """Play one scene in a folder of its own, and judge what came of it."""
    folder, said = scratch / "folder", scratch / "said"
    folder.mkdir()
    said.mkdir()
    outcomes = at_once(folder, said, scene.commands(folder, count), kill_every=scene.kill_every)
    for each in outcomes:
        what = " ".join(each.arguments)
        verdict.holds(not each.hung, f"{scene.name}: {what}: has not ended")
        verdict.holds(
            each.killed or each.code in scene.codes,
            f"{scene.name}: {what}: exit code {each.code}: {each.error.strip()}",
        )
        verdict.holds("Traceback" not in each.error, f"{scene.name}: {what}: {each.error.strip()}")
        if each.code > 1 and each.code != NO_SCHEDULE:
            lines = each.error.splitlines()
            verdict.holds(len(lines) == 2, f"{scene.name}: {what}: {len(lines)} lines of error")
    scene.judge(folder, outcomes, verdict)
    return outcomes


def at_once(
    folder: Path, said: Path, commands: list[tuple[str, ...]], *, kill_every: int = 0
) -> list[Ended]:
    """Run all commands at the same moment, and kill every so many-th a little later."""
    gate, opener = os.pipe()
    hearing, ready = os.pipe()
    random = Random(7)
    running = []
    for index, arguments in enumerate(commands):
        output, error = said / f"{index}.output", said / f"{index}.error"
        with output.open("wb") as out, error.open("wb") as err:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-c"),
                    AT_THE_GATE.format(command=arguments[0], ready=ready),
                    *arguments,
                ],
                cwd=folder,
                env={**os.environ, **WORLD},
                stdin=gate,
                stdout=out,
                stderr=err,
                pass_fds=[ready],
            )
        is_killed = kill_every and index % kill_every == 0
        kill_at = random.uniform(0, LAST_KILL_SECONDS) if is_killed else None
        running.append(Running(arguments, process, output, error, kill_at))
    os.close(gate)
    os.close(ready)
    waiting = len(running)
    while waiting and (heard := os.read(hearing, waiting)):
        waiting -= len(heard)
    os.close(hearing)
    begun = time.monotonic()
    os.close(opener)
    return list(_waited_for(running, begun))


def _waited_for(running: list[Running], begun: float) -> Iterator[Ended]:
    left = list(running)
    while left:
        now = time.monotonic() - begun
        hung = now > LONGEST_SECONDS
        for each in list(left):
            if hung or (each.kill_at is not None and each.kill_at <= now):
                each.process.kill()
                each.process.wait()
            code = each.process.poll()
            if code is not None:
                left.remove(each)
                yield Ended(
                    each.arguments,
                    code,
                    each.output.read_bytes(),
                    each.error.read_text("utf-8", "replace"),
                    now,
                    hung=hung,
                    killed=code < 0 and not hung,
                )
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
