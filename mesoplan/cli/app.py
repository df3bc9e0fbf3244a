"""The list of commands, and the one place where an outcome becomes an exit code."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from inspect import cleandoc
from typing import Annotated, Any

import typer
from typer._click import Command
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from mesoplan import __version__
from mesoplan.cli.console import ReaderGone, report, standard_output
from mesoplan.errors import FileProblem, MesoplanError, UnknownName

COMMANDS = {
    "plan": "Plan a course: print the schedule, write the calendar file.",
    "today": "Show today's sessions by time, numbered.",
    "done": "Record that sessions took place.",
    "miss": "Record missed sessions, and rebook them.",
    "move": "Move one session, and the rest as little as possible.",
    "undo": "Put back the plan before the last change.",
    "show": "Print a plan from its file.",
    "handout": "Write a page with the dates for the patient, to be printed.",
    "publish": "Put a plan on the clinic's server, or under a patient's link.",
    "pull": "Show what somebody changed on the clinic's server.",
    "agenda": "Show what comes up, and what to record, in a folder of plans.",
    "away": "The patient can't come on some days: plan around them.",
    "extend": "Add sessions (+2), or drop some (-1).",
    "replan": "Plan the rest again: other trip dates, closures or times.",
    "cancel": "Cancel one session, or everything still to come.",
    "check": "Check any plan, calendar or list of dates against the rules.",
    "batch": "Plan a table of patients, one plan per row, or bring it up to date.",
    "clinic": "Make, check and show the clinic's profile.",
    "server": "Try the servers that the clinic's profile names.",
    "goals": "Show the goals, how each is planned, and the sources.",
    "rules": "Show the rules, and where each comes from.",
    "help": "Show the manual, one page per subject.",
    "completion": "Print the script with which a shell completes what you type.",
}
_HEADINGS = {"plan": "Every day", "away": "Less often", "clinic": "The clinic and the manual"}
"""The headings in the list of commands, each by the command that it is above."""
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

COMPLETING = "_MESOPLAN_COMPLETE"
"""The variable of the environment by which a shell asks what can come next."""
PLAIN_SETTINGS: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
}

RARE = {
    f"--{name}"
    for names in (
        "interval maintenance years duration past flex another late",
        "tz closed closure holidays open book clinic",
        "busy room-busy patient-busy busy-offline insecure-http",
        "split handout remind location clinic-phone language private utc json view",
    )
    for name in names.split()
}
"""The options that `--help` leaves out, of whatever command: most days nobody types them."""
AROUND = "Around"
"""The heading of further ones: what a change is planned around, beside what it is."""
_EVERYTHING = "mesoplan.everything"


def _show_everything(context: Any, _option: Any, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        context.meta[_EVERYTHING] = True
        typer.echo(context.get_help())
        context.exit()


_HELP_ALL = TyperOption(
    param_decls=["--help-all"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_everything,
    help="Show every option, and exit.",
)


class _Helpful(Command):
    """What has `--help`, which shows what is used daily, and `--help-all`, which shows all."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters; both helps come last."""
        return [*super().get_params(ctx), _HELP_ALL]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was typed. Raises InvalidInput for what typer refuses."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            from mesoplan.cli.mistyped import mistake

            raise mistake(error, ctx) from None

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what it does: the first paragraph alone, or everything."""
        text = cleandoc(self.help or "")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(text if _EVERYTHING in ctx.meta else text.partition("\n\n")[0])


def is_rare(parameter: Any) -> bool:
    """Whether `--help` leaves out an option."""
    return parameter.rich_help_panel == AROUND or not RARE.isdisjoint(parameter.opts)


class GroupedCommand(_Helpful, TyperCommand):
    """A command whose full help shows each option under the `rich_help_panel` it was given.

    In plain text: typer groups options only in its boxed help, which takes as long to load as all
    the rest of this program.
    """

    # So that the words that are too many come here, and not into typer's own message.
    allow_extra_args = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was typed; with --guided, what is missing is asked for later.

        Raises InvalidInput for what typer refuses, and for more words.
        """
        needed = [each for each in self.params if each.required and "--guided" in args]
        for each in needed:
            each.required = False
        try:
            rest = super().parse_args(ctx, [*args])
        finally:
            for each in needed:
                each.required = True
        if needed and not ctx.params["guided"]:
            # It was the value of another option.
            rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            from mesoplan.cli.mistyped import too_many

            raise too_many(ctx)
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command, or ask for what is missing first."""
        if not ctx.params.get("guided"):
            return super().invoke(ctx)
        from mesoplan.cli.guided import guided

        return guided(str(self.name), ctx.params)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """“GOAL [START] [OPTIONS]”: what must be typed first, without typer's braces."""
        options, *arguments = super().collect_usage_pieces(ctx)
        return [*(argument.strip("{}") for argument in arguments), options]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options in the order of their declaration, or of their groups."""
        everything = _EVERYTHING in ctx.meta
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and (everything or not is_rare(parameter)):
                group = "Arguments"
                if parameter.param_type_name == "option":
                    group = "Options"
                    if everything:
                        group = getattr(parameter, "rich_help_panel", None) or "Other"
                groups.setdefault(group, []).append(record)
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records)


class PlainGroup(_Helpful, TyperGroup):
    """A command with commands of its own; a misspelled one is refused with the nearest names."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; raises UnknownName."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise UnknownName("command", cmd_name, self.list_commands(ctx))
        return found


class LazyCommands(_Helpful, TyperGroup):
    """Loads a command only when it is asked for, so that none waits for what another needs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is typer's
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand:  # noqa: ARG002 - as above
        """The command of that name; raises UnknownName."""
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            raise UnknownName("command", cmd_name, [*COMMANDS, *ALIASES])
        return _command(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command under its own name, whatever was typed."""
        name, command, rest = super().resolve_command(ctx, args)
        return ALIASES.get(name or "", name), command, rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as above
        """Write the list of commands without loading them."""
        sections: list[tuple[str, list[tuple[str, str]]]] = []
        for name, text in COMMANDS.items():
            if name in _HEADINGS:
                sections.append((_HEADINGS[name], []))
            sections[-1][1].append((name, text))
        for heading, rows in sections:
            with formatter.section(heading):
                formatter.write_dl(rows)


@cache
def _command(name: str) -> TyperCommand:
    """The command of that name in `COMMANDS`, which is slow to make."""
    module = import_module(f"mesoplan.cli.{_MODULES.get(name, name)}")
    made = getattr(module, name)
    if not isinstance(made, typer.Typer):
        only = typer.Typer(rich_markup_mode=None, add_completion=False)
        only.command(
            name,
            cls=GroupedCommand,
            context_settings=PLAIN_SETTINGS | getattr(module, "SETTINGS", {}).get(name, {}),
            epilog=getattr(module, "EPILOGS", {}).get(name),
        )(made)
        made = only
    command: TyperCommand = get_command(made)  # type: ignore[assignment]  # near enough
    for each in command.params:
        # “ID FROM..TO”: typer itself knows no option of two words that can be repeated.
        if each.multiple and " " in (each.metavar or ""):
            each.nargs = 2
    return command


app = typer.Typer(
    cls=LazyCommands, rich_markup_mode=None, add_completion=False, context_settings=PLAIN_SETTINGS
)


def _show_version(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        standard_output().write(f"mesoplan {__version__}\n")
        raise typer.Exit


@app.callback(
    invoke_without_command=True,
    help="Plan a course of mesotherapy: dates that keep the rules, and a calendar file for the "
    "patient.",
    epilog="“mesoplan COMMAND --help” shows what is used daily, “--help-all” every option; "
    "“mesoplan help” shows the manual.",
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
    """Ask what to do if no command is typed; where nobody can answer, show the help."""
    if context.invoked_subcommand is not None:
        return
    from mesoplan.cli.questions import may_ask

    if may_ask():
        from mesoplan.cli.guided import menu

        raise typer.Exit(menu())
    standard_output().write(context.get_help() + "\n")


def carried_out(arguments: list[str]) -> int:
    """Run one command line and return its exit code; typer itself makes 130 of Ctrl-C.

    Raises MesoplanError for what goes wrong, and what typer raises for a wrong command line.
    """
    outcome = get_command(app).main(arguments, prog_name="mesoplan", standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def run(arguments: list[str]) -> int:
    """Run one command line, report what goes wrong, and return the exit code."""
    if COMPLETING in os.environ:
        from mesoplan.cli.completion import complete

        return complete()
    try:
        return carried_out(arguments)
    except MesoplanError as error:
        return _reported(error)
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


def _reported(error: MesoplanError) -> int:
    report(error)
    return error.exit_code
