"""The list of commands, and the one place where an outcome becomes an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from mesoplan import __version__
from mesoplan.cli.console import ReaderGone, report, say, standard_output
from mesoplan.errors import FileProblem, MesoplanError, UnknownName, printable

WRONG_COMMAND_LINE = 2

COMMANDS = {
    "plan": "Plan a course: print the schedule, write the calendar file.",
    "show": "Print a plan from its file.",
    "done": "Record that sessions took place.",
    "miss": "Record missed sessions, and rebook them.",
    "move": "Move one session, and the rest as little as possible.",
    "away": "The patient can't come on some days: plan around them.",
    "extend": "Add sessions (+2), or drop some (-1).",
    "replan": "Plan the rest again: other trip dates, closures or times.",
    "cancel": "Cancel one session, or everything still to come.",
    "undo": "Put back the plan before the last change.",
    "check": "Check any plan, calendar or list of dates against the rules.",
    "agenda": "Show what comes up, and what to record, in a folder of plans.",
    "batch": "Plan a table of patients, one plan per row, or bring it up to date.",
    "goals": "Show the goals, how each is planned, and the sources.",
    "rules": "Show the rules, and where each comes from.",
    "clinic": "Make, check and show the clinic's profile.",
    "help": "Show the manual, one page per subject.",
}
_MODULES = {
    **dict.fromkeys(
        ("done", "miss", "move", "away", "extend", "replan", "cancel", "undo"), "change"
    ),
    **dict.fromkeys(("goals", "rules"), "reference"),
}
"""The modules of commands that have no module of their own name.

Each command is the function, or the group, of its name there. The module's EPILOGS end the help of
its commands; its SETTINGS are those of their parsers.
"""


ALIASES = {"attend": "done"}
"""The only other name that a command has."""

PLAIN_SETTINGS: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
}


class GroupedCommand(TyperCommand):
    """A command whose help shows each option under the `rich_help_panel` it was given.

    In plain text: typer groups options only in its boxed help, which takes as long to load as all
    the rest of this program.
    """

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """“GOAL [START] [OPTIONS]”: what must be typed first, without typer's braces."""
        options, *arguments = super().collect_usage_pieces(ctx)
        return [*(argument.strip("{}") for argument in arguments), options]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and groups of options, in the order in which they are declared."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                ungrouped = "Other" if parameter.param_type_name == "option" else "Arguments"
                group = getattr(parameter, "rich_help_panel", None) or ungrouped
                groups.setdefault(group, []).append(record)
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records)


class PlainGroup(TyperGroup):
    """A command with commands of its own; a misspelled one is refused with the nearest names."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; raises UnknownName."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise UnknownName("command", cmd_name, self.list_commands(ctx))
        return found


class LazyCommands(TyperGroup):
    """Loads a command only when it is asked for, so that none waits for what another needs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is typer's
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand:  # noqa: ARG002 - as above
        """The command of that name.

        Raises UnknownName, with the nearest names.
        """
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            raise UnknownName("command", cmd_name, [*COMMANDS, *ALIASES])
        module = import_module(f"mesoplan.cli.{_MODULES.get(cmd_name, cmd_name)}")
        made = getattr(module, cmd_name)
        if not isinstance(made, typer.Typer):
            only = typer.Typer(rich_markup_mode=None, add_completion=False)
            only.command(
                cmd_name,
                cls=GroupedCommand,
                context_settings=PLAIN_SETTINGS | getattr(module, "SETTINGS", {}).get(cmd_name, {}),
                epilog=getattr(module, "EPILOGS", {}).get(cmd_name),
            )(made)
            made = only
        command: TyperCommand = get_command(made)  # type: ignore[assignment]  # near enough
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command under its own name, whatever was typed."""
        name, command, rest = super().resolve_command(ctx, args)
        return ALIASES.get(name or "", name), command, rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as above
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=LazyCommands, rich_markup_mode=None, add_completion=False, context_settings=PLAIN_SETTINGS
)


def _show_version(wanted: bool) -> None:
    if wanted:
        standard_output().write(f"mesoplan {__version__}\n")
        raise typer.Exit


@app.callback(
    invoke_without_command=True,
    help="Plan a course of mesotherapy: dates that keep the rules, and a calendar file for the "
    "patient.",
    epilog="“mesoplan COMMAND --help” shows the options of a command; “mesoplan help” shows the "
    "manual.",
)
def mesoplan(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Show the help if no command is typed."""
    if context.invoked_subcommand is None:
        standard_output().write(context.get_help() + "\n")


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; typer itself makes 130 of Ctrl-C."""
    try:
        outcome = get_command(app).main(arguments, prog_name="mesoplan", standalone_mode=False)
    except MesoplanError as error:
        return _reported(error)
    except typer.TyperException as error:
        command = getattr(getattr(error, "ctx", None), "command_path", None) or "mesoplan"
        say(f"mesoplan: {printable(error.format_message())}", f"  see “{command} --help”")
        return WRONG_COMMAND_LINE
    except (ReaderGone, SystemExit):
        # SystemExit is what typer makes of a reader that has gone. What is still buffered must not
        # be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # Our own reading and writing is guarded; typer's, of help, is not.
        problem = f"standard output can't be written: {error.strerror or 'it takes nothing'}"
        return _reported(
            FileProblem(None, problem, "free some disk space, or read it on a terminal")
        )
    return outcome if isinstance(outcome, int) else 0


def _reported(error: MesoplanError) -> int:
    report(error)
    return error.exit_code
