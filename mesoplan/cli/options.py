"""What can be typed after the commands: each argument and option with its help and its group.

Those that `plan` has too come from the table of fields.
"""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from mesoplan.errors import InvalidInput, UnknownName
from mesoplan.formats.page import Part
from mesoplan.model.fields import BY_NAME, OPTIONS
from mesoplan.model.kinds import FLAG
from mesoplan.model.plan import Plan

_COURSE, _WHEN, _PATIENT, _FILE, _OUTPUT = "Course", "When", "Patient", "Calendar file", "Output"
_AROUND, _SESSION, _DAYS = "Around", "Session", "Days"

Text = str | None
Texts = list[str] | None


def _argument(metavar: str, text: str) -> Any:
    return typer.Argument(metavar=metavar, help=text)


def _option(typed: str, metavar: str | None, group: str, text: str) -> Any:
    return typer.Option(*typed.split(), metavar=metavar, help=text, rich_help_panel=group)


def _of_table(name: str, text: str = "", group: str = "") -> Any:
    """The option of that field of the table; its help and group can be others for a command."""
    field = BY_NAME[name]
    return typer.Option(
        *field.typed,
        metavar=field.metavar,
        help=text or field.help,
        rich_help_panel=group or field.group,
        show_default=False,
    )


# ---------------------------------------------------------------- of several commands

Area = Annotated[Text, _of_table("area")]
Tz = Annotated[Text, _of_table("timezone")]
FileTz = Annotated[
    Text,
    _of_table(
        "timezone",
        "The clinic's time zone, where the file does not tell it.  [default: the profile's, else "
        "this machine's]",
    ),
]
Closed = Annotated[Texts, _of_table("closed_weekdays")]
Closure = Annotated[Texts, _of_table("closures")]
Holidays = Annotated[Texts, _of_table("holidays")]
OpenOn = Annotated[Texts, _of_table("open_days")]
Busy = Annotated[Texts, _of_table("busy")]
Book = Annotated[Text, _of_table("book")]
Clinic = Annotated[Text, _of_table("clinic")]
Away = Annotated[Texts, _of_table("away")]
Arrive = Annotated[Text, _of_table("arrive")]
Depart = Annotated[Text, _of_table("depart")]
AsJson = Annotated[bool, _of_table("as_json")]
View = Annotated[Text, _of_table("view")]
DryRun = Annotated[bool, _of_table("dry_run")]

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
AwayAnew = Annotated[
    Texts,
    _of_table(
        "away",
        "Further days on which the patient can't come; none takes out the plan's. Repeatable.",
        _AROUND,
    ),
]
ClosureAnew = Annotated[
    Texts,
    _of_table(
        "closures",
        "Further days on which the clinic is closed; none takes out the plan's. Repeatable.",
        _AROUND,
    ),
]
DepartAnew = Annotated[
    Text,
    _of_table(
        "depart",
        "The patient travels home then, in place of the plan's day; none for no such day.",
        _AROUND,
    ),
]
FinishByAnew = Annotated[
    Text,
    _of_table(
        "finish_by",
        "Recovery is over by that day, in place of the plan's; none for no such day.",
        _AROUND,
    ),
]
Changes = Annotated[
    Text,
    _option(
        "--changes", "FILE", _FILE, "Also write a calendar file of just the events that change."
    ),
]
DryRunChange = Annotated[bool, _of_table("dry_run", "Show it, and change no file.")]

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
RecoveredBy = Annotated[Text, _of_table("finish_by", "Recovery is to be over by that day.")]

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
    _of_table(
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


def with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """The command with every option of the table of fields, in its order.

    Those that *command* names as parameters are given to it so; all others come as one mapping,
    `asked`, by the names of their fields.
    """
    own = signature(command).parameters
    named = {field.name for field in OPTIONS}
    parameters = [it for it in own.values() if it.name != "asked" and it.name not in named]
    for field in OPTIONS:
        of_text = Texts if field.kind.repeats else Text
        is_flag = field.kind is FLAG and "/" not in field.typed[0]
        kind: Any = bool if is_flag else bool | None if field.kind is FLAG else of_text
        annotation = Annotated[kind, _of_table(field.name)]
        default = False if is_flag else None
        parameters.append(
            Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )

    @wraps(command)
    def with_table(**typed: Any) -> None:
        asked = {name: typed.pop(name) for name in named if name not in own}
        command(**typed, asked=asked)

    return _seen_as(with_table, command, parameters)


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

    return _seen_as(with_groups, command, parameters)


def _seen_as(
    made: Callable[..., None], command: Callable[..., None], parameters: list[Parameter]
) -> Callable[..., None]:
    # What inspect.signature goes by.
    made.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]
    return made


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
