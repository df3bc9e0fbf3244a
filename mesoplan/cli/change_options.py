"""The options that all commands share which change a plan: declared once, as fields of values."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any

from mesoplan.cli import options, options_of_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rest of a plan is planned around, as it was typed, beside what its file holds."""

    away: options_of_changes.AwayAnew = None
    closure: options_of_changes.ClosureAnew = None
    open_on: options.OpenOn = None
    depart: options_of_changes.DepartAnew = None
    finish_by: options_of_changes.FinishByAnew = None
    busy: options.Busy = None
    book: options.Book = None
    clinic: options.Clinic = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is to be done with the outcome."""

    changes: options_of_changes.Changes = None
    as_json: options.AsJson = False
    dry_run: options_of_changes.DryRunChange = False


def with_option_groups(command: Callable[..., None]) -> Callable[..., None]:
    """The command as typer is to see it: each parameter that is a dataclass is its fields.

    So the command line and the help have one option a field, and *command* gets one value.
    """
    groups: dict[str, Any] = {}
    parameters: list[Parameter] = []
    for parameter in signature(command).parameters.values():
        if is_dataclass(parameter.annotation):
            groups[parameter.name] = parameter.annotation
            parameters += [
                Parameter(
                    field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type
                )
                for field in fields(parameter.annotation)
            ]
        else:
            parameters.append(parameter)

    @wraps(command)
    def with_groups(**typed: Any) -> None:
        made = {
            name: group(**{field.name: typed.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**typed, **made)

    with_groups.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]  # what inspect.signature goes by
    return with_groups
