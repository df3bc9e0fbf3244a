"""Completion in a shell: the scripts for it, and what can come next on a command line.

A script asks by two variables of the environment: which shell it is, and the line up to the cursor.
The answer has a line for each word that can come next, and after a tab what it means. The shell
quotes it. With no line the shell completes a file; with exit code 1 it completes nothing.
"""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, suppress
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click import Command
from typer._click.shell_completion import (
    _resolve_context,
    _resolve_incomplete,
    split_arg_string,
)
from typer.core import TyperOption
from typer.main import get_command

from mesoplan.cli.app import COMMANDS, COMPLETING, LazyCommands, app
from mesoplan.cli.console import standard_output
from mesoplan.dates.days import day_text
from mesoplan.errors import UnknownName
from mesoplan.model.request import LANGUAGES

_SCRIPTS = Path(__file__).parent / "shells"
SHELLS = {
    "bash": ("~/.bashrc", 'eval "$(mesoplan completion bash)"'),
    "zsh": ("~/.zshrc", 'eval "$(mesoplan completion zsh)"'),
    "fish": ("~/.config/fish/config.fish", "mesoplan completion fish | source"),
    "powershell": ("$PROFILE", "mesoplan completion powershell | Out-String | Invoke-Expression"),
}
"""The shells that have a script, each with its own file, and the line to add there."""
_LINE = "_MESOPLAN_LINE"
_CURSOR = "\0"
_UNSAFE = re.compile(r"[!-&(-*:-@\[-^`{-~]")
"""What a shell could take for more than a part of a word; no plan is found by it."""
_FILES = {"FILE", "FOLDER", "PLAN", "PROFILE"}
"""What is a file, by the first word of what stands for it in the help."""
_NOTHING = 1

EPILOGS = {
    "completion": "\b\nAdd the line of your shell to its own file, and open a new window:\n"
    + "\n".join(f"  {file}\n    {line}" for file, line in SHELLS.values())
    + "\n\n\b\nExamples:\n  mesoplan completion bash\n"
}


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help=f"{', '.join(SHELLS)}.")],
) -> None:
    """Print the script with which the tab key completes commands, options and patients' labels.

    Labels come from the profile's book, from three letters on. They are shown, and kept nowhere.
    """
    if shell not in SHELLS:
        raise UnknownName("shell", shell, SHELLS)
    standard_output().write((_SCRIPTS / shell).read_text("utf-8"))


def complete() -> int:
    """Print what can come next on the command line, and return the exit code.

    Whatever is wrong with the line, the profile or the book: then less is found, and nothing said.
    """
    found: list[tuple[str, str]] = []
    wants_file = False
    # Who has no standard error is never asked anything.
    with redirect_stderr(StringIO()), suppress(Exception):
        words = split_arg_string(os.environ.get(_LINE, "") + _CURSOR)
        *before, typed = (each.removesuffix(_CURSOR) for each in words[1:])
        asked, rest = _resolve_incomplete(_read(before), before, typed)
        # Before an option that has no value yet, nothing else can be read.
        context = _read([*before, rest] if isinstance(asked, TyperOption) else before)
        of_option = "" if os.environ[COMPLETING] == "bash" else typed.removesuffix(rest)
        wants_file = _stands_for(asked) in _FILES
        for value, meaning in _next_words(asked, context, rest):
            if f"{value}{meaning}".isprintable():
                found.append((f"{of_option}{value}", meaning))
    lines = "".join(f"{value}\t{meaning}\n" for value, meaning in dict(found).items())
    with suppress(Exception):
        sys.stdout.buffer.write(lines.encode())
        sys.stdout.buffer.flush()
        return 0 if found or wants_file else _NOTHING
    return _NOTHING


def _read(words: list[str]) -> Any:
    """What is known after these words."""
    return _resolve_context(get_command(app), {}, "mesoplan", words)


def _next_words(asked: Any, context: Any, typed: str) -> Iterator[tuple[str, str]]:
    """What can be typed instead of *typed*, each with its meaning."""
    if isinstance(asked, Command):
        names = COMMANDS if isinstance(asked, LazyCommands) else _helps(asked)
        yield from _beginning(typed, names.items())
        # The options; a group would load all its commands.
        for item in Command.shell_complete(asked, context, typed):
            yield item.value, _first_sentence(item.help or "")
    elif "|" in asked.metavar and not asked.metavar[0].isupper():
        yield from _beginning(typed, ((each, "") for each in asked.metavar.split("|")))
    elif (values := _VALUES.get(_stands_for(asked))) is not None:
        yield from values(context, typed)


def _helps(asked: Any) -> dict[str, str]:
    """The commands of a group that is loaded, with what they do."""
    own = getattr(asked, "commands", {})
    return {name: _first_sentence(each.help) for name, each in own.items()}


def _stands_for(asked: Any) -> str:
    """“SESSION” of “[SESSION...]”: what the help says that is to be typed."""
    found = re.match(r"\[?([A-Z]+)", getattr(asked, "metavar", None) or "")
    return found[1] if found else ""


def _beginning(typed: str, words: Any) -> Iterator[tuple[str, str]]:
    """Those of the words that begin as what was typed, in capitals or not."""
    folded = typed.casefold()
    return ((name, text) for name, text in words if name.casefold().startswith(folded))


def _first_sentence(text: str) -> str:
    return " ".join(re.split(r"  \[|\. |\n\n", text)[0].split()).rstrip(".")


# ---------------------------------------------------------------- values


def _goals(_context: Any, typed: str) -> Iterator[tuple[str, str]]:
    from mesoplan.rules.goals import ALL_GOALS

    return _beginning(typed, ((goal.name, goal.purpose) for goal in ALL_GOALS))


def _areas(context: Any, typed: str) -> Iterator[tuple[str, str]]:
    from mesoplan.rules.goals import find_goal

    areas = find_goal(context.params["goal"]).areas
    return _beginning(typed, ((area, "") for area in areas))


def _zones(_context: Any, typed: str) -> Iterator[tuple[str, str]]:
    """The time zones that begin so, or whose city does."""
    from mesoplan.dates.zones import zone_names

    folded = f"/{typed.casefold()}"
    return ((name, "") for name in sorted(zone_names()) if folded in f"/{name.casefold()}")


def _countries(_context: Any, typed: str) -> Iterator[tuple[str, str]]:
    from mesoplan.dates.holidays import regions_from

    return _beginning(typed, regions_from(typed))


def _topics(_context: Any, typed: str) -> Iterator[tuple[str, str]]:
    from mesoplan.cli.help import TOPICS, title

    names = {**COMMANDS, **{name: title(name) for name in TOPICS}}
    return _beginning(typed, names.items())


def _practitioners(context: Any, typed: str) -> Iterator[tuple[str, str]]:
    staff = _profile(context).profile.practitioners
    return _beginning(typed, ((each.id, each.name) for each in staff))


def _labels(context: Any, typed: str) -> Iterator[tuple[str, str]]:
    from mesoplan.book.finding import completions

    book = _profile(context).book_folder(context.params.get("book"))
    for text, whose in [] if book is None else completions(book, typed):
        yield " ".join(_UNSAFE.sub(" ", text).split()).lstrip("-"), whose


def _sessions(context: Any, typed: str) -> Iterator[tuple[str, str]]:
    from mesoplan.cli.clock import usual_zone
    from mesoplan.cli.named_plan import named_plan
    from mesoplan.formats.plan_file.reading import read_plan

    found = _profile(context)
    path = named_plan(context.params["plan"], found, context.params.get("book")).path
    plan = read_plan([path], usual_zone(None, found.profile.timezone)).plan
    days = ((f"{each.name}", f"{day_text(each.day)}, {each.status}") for each in plan.active)
    return _beginning(typed, days)


def _profile(context: Any) -> Any:
    from mesoplan.cli.profile import find_profile

    return find_profile(context.params.get("clinic"))


_VALUES: dict[str, Callable[[Any, str], Iterator[tuple[str, str]]]] = {
    "AREA": _areas,
    "COUNTRY": _countries,
    "GOAL": _goals,
    "ID": _practitioners,
    "LANGUAGE": lambda _context, typed: _beginning(typed, LANGUAGES.items()),
    "NAME": _labels,
    "PLAN": _labels,
    "SESSION": _sessions,
    "SHELL": lambda _context, typed: _beginning(typed, ((each, "") for each in SHELLS)),
    "TOPIC": _topics,
    "ZONE": _zones,
}
"""What finds values, by the first word of what stands for them in the help."""
