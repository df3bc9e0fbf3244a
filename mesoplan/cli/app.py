"""The list of commands, and the one place where an outcome becomes an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.main import get_command

from mesoplan import __version__
from mesoplan.cli.console import report, say, standard_output
from mesoplan.cli.goals import goals
from mesoplan.cli.help import GroupedCommand
from mesoplan.cli.plan import plan
from mesoplan.cli.rules import rules
from mesoplan.errors import MesoplanError

WRONG_COMMAND_LINE = 2
INTERRUPTED = 130

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command(cls=GroupedCommand)(plan)
app.command(cls=GroupedCommand)(goals)
app.command(cls=GroupedCommand)(rules)


def _show_version(wanted: bool) -> None:
    if wanted:
        standard_output().write(f"mesoplan {__version__}\n")
        raise typer.Exit


@app.callback(epilog="“mesoplan COMMAND --help” shows the options of a command.")
def mesoplan(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Plan a course of mesotherapy: legal dates, and the calendar file that the patient imports."""


def run(arguments: list[str]) -> int:
    """Run one command line; the exit code that it earns."""
    try:
        outcome = get_command(app).main(arguments, prog_name="mesoplan", standalone_mode=False)
    except MesoplanError as error:
        return _reported(error)
    except typer.TyperException as error:
        say(f"mesoplan: {error.format_message()}", "  see “mesoplan --help”")
        return WRONG_COMMAND_LINE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, say `head`, has all that it wants. What is still buffered must not be
        # written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return outcome if isinstance(outcome, int) else 0


def _reported(error: MesoplanError) -> int:
    report(error)
    return error.exit_code
