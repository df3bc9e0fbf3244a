"""Help in plain text, with the options of a command in named groups.

The typer library groups options only in its boxed help, which takes as long to load as all the
rest of this program.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

from mesoplan.errors import UnknownName

PLAIN_SETTINGS: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
}


class GroupedCommand(TyperCommand):
    """A command whose help shows each option under the `rich_help_panel` it was given."""

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
