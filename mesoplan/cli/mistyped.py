"""What is wrong with a command line that typer refuses, and what to type instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from typer._click.exceptions import BadOptionUsage, MissingParameter, NoSuchOption

from mesoplan.errors import InvalidInput, UnknownName, is_address, nearest, printable, quoted
from mesoplan.wording.options import command_line

if TYPE_CHECKING:
    from typer import TyperException

QUOTES = "a PLAN of several words needs quotes"
_EXAMPLE = re.compile(r"^  (mesoplan .*)$", re.MULTILINE)


def mistake(error: TyperException, context: Any) -> InvalidInput:
    """The error in our own words."""
    if isinstance(error, NoSuchOption):
        return _unknown_option(error.option_name, context)
    if isinstance(error, BadOptionUsage):
        return _of_value(context, error.option_name)
    if isinstance(error, MissingParameter) and error.param is not None:
        (name,) = str(error.param.metavar).split()[:1]
        example = _EXAMPLE.search(context.command.epilog or "")
        typed = example[1] if example else _usage(context)
        return InvalidInput(f"{name.removesuffix('...')} is missing", f"for example: {typed}")
    return InvalidInput(printable(error.format_message()), f"see “{context.command_path} --help”")


def too_many(context: Any) -> InvalidInput:
    """The error that words follow which mean nothing to the command."""
    for each in context.args:
        if each.startswith("--"):
            return _unknown_option(each.partition("=")[0], context)
    remedy = f"type: {_usage(context)}"
    arguments = [each for each in context.command.params if each.param_type_name == "argument"]
    given = [str(context.params[each.name]) for each in arguments] + context.args
    plan, others = given[: len(context.args) + 1], given[len(context.args) + 1 :]
    names_plan = bool(arguments) and "PLAN" in arguments[0].metavar
    has_address = any(map(is_address, others))
    if names_plan and not has_address and all(word.replace("'", "").isalpha() for word in plan):
        typed = command_line([context.info_name, " ".join(plan), *others], {})
        remedy = f"{QUOTES}: {typed}"
    return InvalidInput(f"“{context.command_path}” doesn't take {quoted(context.args[0])}", remedy)


def _unknown_option(typed: str, context: Any) -> UnknownName:
    flags = [name for each in context.command.get_params(context) for name in _flags(each)]
    # Without the dashes, which make all of them look alike.
    known = {each.lstrip("-"): each for each in flags}
    meant = [known[each] for each in nearest(typed.lstrip("-"), known)]
    every = f"“{context.command_path} --help-all” shows every option"
    return UnknownName("option", typed, (), every, meant)


def _of_value(context: Any, typed: str) -> InvalidInput:
    """The error that an option has no value, or that one has a value which takes none."""
    params = context.command.get_params(context)
    (option,) = (each for each in params if typed in _flags(each))
    if option.is_flag:
        return InvalidInput(f"{typed} takes no value", f"type {typed} alone")
    meaning = option.help.partition("  [")[0].partition(". ")[0].rstrip(".")
    remedy = f"type {typed} {option.metavar}: {meaning[:1].lower()}{meaning[1:]}"
    return InvalidInput(f"{typed} needs a value", remedy)


def _flags(parameter: Any) -> list[str]:
    """How an option is typed."""
    is_option = parameter.param_type_name == "option"
    return [*parameter.opts, *parameter.secondary_opts] if is_option else []


def _usage(context: Any) -> str:
    return " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
