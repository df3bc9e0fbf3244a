"""What can be typed after the commands: each argument and option with its help and its group.

Those that `plan` has too come from the table of fields.
"""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from inspect import Parameter, signature
from typing import Annotated, Any, TypeVar, get_args

import typer

from mesoplan.errors import InvalidInput, UnknownName
from mesoplan.formats.page import Part
from mesoplan.model.fields import BY_NAME, FLAG, OPTIONS
from mesoplan.model.plan import Plan

_COURSE, _FILE = "Course", "Calendar file"
_SESSION, _DAYS = "Session", "Days"

Command = TypeVar("Command", bound=Callable[..., Any])
Text = str | None
Texts = list[str] | None


def _argument(metavar: str, text: str) -> Any:
    return typer.Argument(metavar=metavar, help=text)


def _option(typed: str, metavar: str | None, group: str, text: str) -> Any:
    return typer.Option(*typed.split(), metavar=metavar, help=text, rich_help_panel=group)


def _field(name: str, text: str = "", group: str = "") -> Any:
    """The option of that field of the table; its help and group can be others for a command."""
    field = BY_NAME[name]
    return typer.Option(
        *field.typed,
        metavar=field.metavar,
        help=text or field.help,
        rich_help_panel=group or field.group,
        show_default=False,
    )


def _fields(*names: str, group: str = "", **helps: str) -> dict[str, Any]:
    """Fields of the table as the options of `with_options`, some with a help of their own."""
    found = {}
    for name, text in (*((each, "") for each in names), *helps.items()):
        kind: Any = Texts if BY_NAME[name].kind.repeats else Text
        if BY_NAME[name].kind is FLAG:
            kind = bool | None if "/" in BY_NAME[name].typed[0] else bool
        found[name] = Annotated[kind, _field(name, text, group)]
    return found


# ---------------------------------------------------------------- of several commands

Tz = Annotated[Text, _field("timezone")]
FileTz = Annotated[
    Text,
    _field(
        "timezone",
        "The clinic's time zone, where the file does not tell it.  [default: the profile's, else "
        "this machine's]",
    ),
]
Book = Annotated[Text, _field("book")]
Clinic = Annotated[Text, _field("clinic")]
AsJson = Annotated[bool, _field("as_json")]
View = Annotated[Text, _field("view")]
DryRun = Annotated[bool, _field("dry_run")]

# ---------------------------------------------------------------- of `plan`

Goal = Annotated[str, _argument("GOAL", "What it is for; see “mesoplan goals”.")]
Start = Annotated[
    Texts,
    _argument(
        "[START]",
        "First day: 2026-12-01, “1 Dec 2026” or tomorrow; a time may follow. May be left out with "
        "--arrive, --depart or --finish-by.",
    ),
]
OF_PLAN = _fields(*(field.name for field in OPTIONS))

# ---------------------------------------------------------------- of what reads or changes a plan

PlanFile = Annotated[str, _argument("PLAN.ics", "The plan's own file.")]
PlanFiles = Annotated[
    list[str],
    _argument(
        "PLAN.ics...",
        "The plan's file, or what a calendar program exported of it: one file, several, or a "
        "folder.",
    ),
]
_HOW_A_SESSION = "3 for session 3, m1 for maintenance 1"
SessionArgument = Annotated[str, _argument("SESSION", f"{_HOW_A_SESSION}.")]
SessionArguments = Annotated[list[str], _argument("SESSION...", f"{_HOW_A_SESSION}.")]
SessionOrAll = Annotated[Text, _argument("[SESSION]", f"{_HOW_A_SESSION}; all when left out.")]
_HOW_A_DAY = "2026-12-01, “1 Dec 2026” or tomorrow; a time may follow."
When = Annotated[list[str], _argument("WHEN", f"The new day: {_HOW_A_DAY}")]
WhenInstead = Annotated[
    Texts,
    _argument("[WHEN]", f"The day instead: {_HOW_A_DAY}  [default: whatever fits best]"),
]
MoreOrFewer = Annotated[str, _argument("SESSIONS", "+2 for two sessions more, -1 for one fewer.")]
TookPlaceOn = Annotated[
    Text,
    _option(
        "--on",
        "DATE",
        _SESSION,
        "The day on which it really took place; a time may follow, in quotes.",
    ),
]
Late = Annotated[
    Text,
    _option(
        "--late",
        "REASON",
        _SESSION,
        "Where all legal days are past: take the earliest usable day, and keep the reason.",
    ),
]
NotAttended = Annotated[
    bool,
    _option("--not-attended", None, _SESSION, "Put right that “attend” was said of it by mistake."),
]
AROUND = {
    **_fields(
        group="Around",
        away="Further days on which the patient can't come; none takes out the plan's. Repeatable.",
        closures="Further days on which the clinic is closed; none takes out the plan's. "
        "Repeatable.",
        depart="The patient travels home then, in place of the plan's day; none for no such day.",
        finish_by="Recovery is over by that day, in place of the plan's; none for no such day.",
    ),
    **_fields("open_days", "busy", "book", "clinic"),
}
"""What the rest of a plan is planned around, beside what its file holds."""
ENDING = {
    "changes": Annotated[
        Text,
        _option(
            "--changes", "FILE", _FILE, "Also write a calendar file of just the events that change."
        ),
    ],
    **_fields("as_json", dry_run="Show it, and change no file."),
}
"""What is done with the outcome of a change."""
OF_UNDO = {**_fields("book", "clinic"), **ENDING}

# ---------------------------------------------------------------- of `check`

CheckedFile = Annotated[
    str,
    _argument(
        "FILE",
        "A calendar (.ics) of any program, a CSV with a column “date”, or a list with one date a "
        "line; - for standard input.",
    ),
]
Match = Annotated[
    Text,
    _option(
        "--match",
        "TEXT",
        _COURSE,
        "Of a calendar only the events that have TEXT in their title, letter case aside.",
    ),
]
GoalMeant = Annotated[
    Text,
    _option(
        "--goal",
        "GOAL",
        _COURSE,
        "What it is for: the clinic's profile may narrow the rules for it.",
    ),
]
OF_CHECK = {
    **_fields("area", "closed_weekdays", "closures", "holidays", "open_days", "clinic"),
    **_fields("away", "arrive", "depart", finish_by="Recovery is to be over by that day."),
    **_fields("as_json"),
}

# ---------------------------------------------------------------- of `agenda`

BookFolder = Annotated[
    Text, _argument("[FOLDER]", "The folder with all the plans.  [default: the profile's book]")
]
FromDay = Annotated[
    Text, _option("--from", "DATE", _DAYS, "That day, or the first one.  [default: today]")
]
ToDay = Annotated[Text, _option("--to", "DATE", _DAYS, "The last day.")]
Week = Annotated[
    bool,
    _option("--week", None, _DAYS, "From the Monday to the Sunday around the first day."),
]
DaysShown = Annotated[Text, _option("--days", "COUNT", _DAYS, "So many days, 1 to 3660.")]
AgendaTz = Annotated[
    Text,
    _field(
        "timezone",
        "The clinic's IANA time zone, by which the days go.  [default: the profile's, else the "
        "plans']",
        _DAYS,
    ),
]
AgendaFile = Annotated[
    Text,
    _option(
        "--ics",
        "FILE",
        _FILE,
        "Also write these appointments, or all to come where no days are named, as one calendar "
        "for the doctor's own screen, in place of an earlier one; - for standard output.",
    ),
]
AgendaPrivate = Annotated[
    bool,
    _option("--private", None, _FILE, "No word of treatment, goal or patient in that file."),
]

# ---------------------------------------------------------------- what typer sees


def epilog(*examples: str, codes: str) -> str:
    """The end of a command's help: how it is typed, and what its exit codes say."""
    # \b keeps click from filling the lines of a paragraph.
    typed = "\n".join(f"  mesoplan {each}" for each in examples)
    return f"\b\nExamples:\n{typed}\n\n\b\nExit codes:\n{codes}\n"


def with_options(options: Mapping[str, Any]) -> Callable[[Command], Command]:
    """The command as typer is to see it: with each of these options, by the name of its keyword."""

    def seen(command: Command) -> Command:
        own = signature(command)
        parameters = [
            each
            for each in own.parameters.values()
            if each.kind is not Parameter.VAR_KEYWORD and each.name not in options
        ]
        for name, annotation in options.items():
            default = False if get_args(annotation)[0] is bool else None
            parameters.append(
                Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            )
        # What inspect.signature goes by.
        command.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        return command

    return seen


# ---------------------------------------------------------------- what --view means

PlanView = Callable[[Plan, int | None, datetime | None], Iterator[Part]]
_VIEWS = ("table", "month")


def require_view(name: str | None, *, as_json: bool) -> None:
    """Raise InvalidInput for what is typed after --view and is no view, or beside --json."""
    if name is not None and name not in _VIEWS:
        raise UnknownName("view", name, _VIEWS, "the views are: table, month")
    if as_json and name is not None:
        raise InvalidInput("--json prints no view", "leave out --json or --view")


def view_named(name: str | None, *, as_json: bool) -> PlanView:
    """The view of a plan that was typed after --view; the table where none was.

    Raises InvalidInput as `require_view` does.
    """
    require_view(name, as_json=as_json)
    # Loaded here, since not every command prints a schedule.
    from mesoplan.formats.schedule import months, table

    return months if name == "month" else table
