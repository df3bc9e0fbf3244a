"""README and manual: their blocks are run one after the other in one folder, as a reader would.

- console: `$ mesoplan …`, and all that it prints; it exits with 0, or as `<!-- exit: 3 -->` says;
- sh: run by bash, with exit code 0 (of a line that sets up an environment only what follows that);
  plain commands alone need no bash, which would start the program anew for each;
- python: run, and what it prints is the next block, which is of the kind text;
- any block with a file's name after its kind (`csv patients.csv`) is that file.

`<!-- world: NAME=VALUE … -->` sets variables of the environment for the rest of the page.
`<!-- given: … -->` puts the clinic of `real_day` into the folder; or starts a server with an empty
calendar in place of the one at cloud.example; or somebody writes other words into its events. A
plan's id is random, so it is shown as ID, and the path of the folder is left out.
`python -m tests.golden` writes all outputs anew.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.command_line import WORLD, mesoplan
from tests.dav_servers import Calendar, calendar_with
from tests.golden import commands_of, without_ids
from tests.real_day import make_clinic

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MANUAL = ROOT / "mesoplan/manual"
PAGES = [README, *sorted(MANUAL.glob("*.md"))]
SET_UP = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q (\S+) && \.venv/bin/(.+)")
"""A line that sets up an environment: what it installs, and what it then runs.

`.ci/run` runs them whole, which takes minutes.
"""
_PLAIN = re.compile(r"mesoplan [^$`\\|&;<>*?~#(){}!]+")
"""A command that needs no shell."""
_PART = re.compile(
    r"^<!-- (?P<comment>exit|world|given): (?P<value>.*) -->$"
    r"|^```(?P<kind>\w+)(?: (?P<name>\S+))?\n(?P<body>(?:.*\n)*?)```$",
    re.MULTILINE,
)


def blocks(page: Path, kind: str) -> list[str]:
    """The blocks of one kind in a page."""
    return [
        part["body"] for part in _PART.finditer(page.read_text("utf-8")) if part["kind"] == kind
    ]


@dataclass
class Reading:
    """Somebody who reads a page in *folder*, and runs each of its blocks."""

    folder: Path
    problems: list[str] = field(default_factory=list)
    """What did not end as the page says."""
    _world: dict[str, str] = field(default_factory=dict)
    _exit_code: int = 0
    _names: dict[str, Any] = field(default_factory=dict)
    _printed: str | None = None
    _server: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _calendar: Calendar | None = None

    def page(self, path: Path) -> str:
        """The page with the outputs that its blocks give now."""
        with self._server:
            return _PART.sub(self._part, path.read_text("utf-8"))

    def _part(self, part: re.Match[str]) -> str:
        kind, body = part["kind"], part["body"]
        if part["comment"] == "world":
            self._world |= dict(each.split("=", 1) for each in shlex.split(part["value"]))
        elif part["comment"] == "given":
            self._given(part["value"])
        elif part["comment"] == "exit":
            self._exit_code = int(part["value"])
        elif part["name"]:
            (self.folder / part["name"]).write_text(body, "utf-8")
        elif kind == "console":
            return f"```console\n{self._console(body)}```"
        elif kind == "sh":
            self._shell(body)
        elif kind == "python":
            self._python(body)
        elif kind == "text" and self._printed is not None:
            printed, self._printed = self._printed, None
            return f"```text\n{printed}```"
        return part[0]

    def _given(self, what: str) -> None:
        if what == "a calendar server":
            self._calendar = self._server.enter_context(calendar_with(self.folder, "desk"))
            profile = self.folder / "clinic.toml"
            own = re.sub('https://cloud.example/[^"]*', self._calendar.url, profile.read_text())
            profile.write_text(re.sub("(password_command =).*", r'\1 ["echo", "secret-0123"]', own))
            profile.chmod(0o600)
        elif what.startswith("somebody moves "):
            old, new = what.removeprefix("somebody moves ").split(" to ")
            assert self._calendar is not None
            for name, text in self._calendar.everything().items():
                if old in text:
                    self._calendar.put(name, text.replace(old, new))
        else:
            make_clinic(self.folder)

    def _console(self, body: str) -> str:
        parts = []
        for line in commands_of(body):
            program, *arguments = shlex.split(line)
            outcome = mesoplan(self.folder, *arguments, also=self._world)
            if program != "mesoplan" or outcome.exit_code != self._exit_code:
                self.problems.append(f"{line}: exit {outcome.exit_code}")
            printed = without_ids(outcome.text + outcome.error).replace(
                "127.0.0.1", "cloud.example"
            )
            parts.append(f"$ {line}\n{printed.replace(f'{self.folder}{os.sep}', '')}")
        self._exit_code = 0
        return "\n".join(parts)

    def _shell(self, body: str) -> None:
        if all(map(_PLAIN.fullmatch, body.splitlines())):
            for line in body.splitlines():
                outcome = mesoplan(self.folder, *shlex.split(line)[1:], also=self._world)
                if outcome.exit_code:
                    self.problems.append(f"{line}: exit {outcome.exit_code}: {outcome.error}")
            return
        script = SET_UP.sub(lambda line: line[2] if line[2] != "pytest" else ":", body)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env={"PATH": path, "HOME": str(self.folder), **WORLD, **self._world},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            self.problems.append(f"{body}: exit {ended.returncode}: {ended.stderr}")

    def _python(self, body: str) -> None:
        output = io.StringIO()
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(output),
            patch.dict(os.environ, WORLD | self._world),
        ):
            try:
                exec(compile(body, "the page", "exec"), self._names)
            except Exception as error:
                self.problems.append(f"{body}: {error!r}")
        self._printed = output.getvalue()


def rewrite() -> None:
    """Write the outputs of all pages anew, and print what did not end as its page says."""
    for path in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            reading = Reading(Path(folder))
            path.write_text(reading.page(path), "utf-8")
        for problem in reading.problems:
            print(f"{path.name}: {problem}", file=sys.stderr)
