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

_COURSE, _FILE, _SESSION, _DAYS = "Course", "Calendar file", "Session", "Days"

Command = TypeVar("Command", bound=Callable[..., Any])
Text = str | None
Texts = list[str] | None


def _argument(metavar: str, text: str) -> Any:
    return typer.Argument(metavar=metavar, help=text)


def _option(name: str, text: str = "", group: str = "") -> Any:
    """The option of a field of the table; its help and group can be others for a command."""
    field = BY_NAME[name]
    return typer.Option(
        *field.typed,
        metavar=field.metavar,
        help=text or field.help,
        rich_help_panel=group or field.group,
        show_default=False,
    )


def _fields(*names: str, group: str = "", **helps: str) -> dict[str, Any]:
    """Options that fields of the table are, some with a help of their own."""
    found = {}
    for name, text in (*((each, "") for each in names), *helps.items()):
        kind: Any = Texts if BY_NAME[name].kind.repeats else Text
        if BY_NAME[name].kind is FLAG:
            kind = bool | None if "/" in BY_NAME[name].typed[0] else bool
        found[name] = Annotated[kind, _option(name, text, group)]
    return found


def _others(group: str, **rows: tuple[str, str]) -> dict[str, Any]:
    """Options that are no fields: how each is typed, and its help.

    A flag has no metavar; what may come several times has “...” after it.
    """
    found = {}
    for name, (typed, text) in rows.items():
        flags = [word for word in typed.split() if word.startswith("-")]
        metavar = " ".join(typed.split()[len(flags) :]).removesuffix(" ...") or None
        option = typer.Option(*flags, metavar=metavar, help=text, rich_help_panel=group)
        kind: Any = Texts if typed.endswith("...") else Text if metavar else bool
        found[name] = Annotated[kind, option]
    return found


_FILE_ZONE = (
    "The clinic's time zone, where the file does not tell it.  [default: the profile's, else this "
    "machine's]"
)
Clinic = Annotated[Text, _option("clinic")]

# ---------------------------------------------------------------- `plan`

Goal = Annotated[str, _argument("GOAL", "What it is for; see “mesoplan goals”.")]
Start = Annotated[
    Texts,
    _argument(
        "[START]",
        "First day: 2026-12-01, “1 Dec 2026” or tomorrow; a time may follow. May be left out with "
        "--arrive, --depart or --finish-by.",
    ),
]
PLAN = _fields(*(field.name for field in OPTIONS))

# ---------------------------------------------------------------- `show`, and what changes a plan

PlanFile = Annotated[
    str,
    _argument("PLAN.ics", "The plan's own file, or the folder of its events that --split wrote."),
]
PlanFiles = Annotated[
    list[str],
    _argument(
        "PLAN.ics...",
        "The plan's file, or what a calendar program exported of it: one file, several, or a "
        "folder.",
    ),
]
SHOW = _fields(timezone=_FILE_ZONE) | _fields("clinic", "as_json", "view")

_HOW_A_SESSION = "3 for session 3, m1 for maintenance 1"
SessionArgument = Annotated[str, _argument("SESSION", f"{_HOW_A_SESSION}.")]
SessionArguments = Annotated[list[str], _argument("SESSION...", f"{_HOW_A_SESSION}.")]
SessionOrAll = Annotated[Text, _argument("[SESSION]", f"{_HOW_A_SESSION}; all when left out.")]
_HOW_A_DAY = "2026-12-01, “1 Dec 2026” or tomorrow; a time may follow."
When = Annotated[list[str], _argument("WHEN", f"The new day: {_HOW_A_DAY}")]
MissedSessions = Annotated[
    list[str],
    _argument(
        "SESSION... [WHEN]",
        f"{_HOW_A_SESSION}. After one session, the day instead: {_HOW_A_DAY}  [default: whatever "
        "fits best]",
    ),
]
MoreOrFewer = Annotated[str, _argument("SESSIONS", "+2 for two sessions more, -1 for one fewer.")]

_ENDING = {
    **_others(
        _FILE,
        changes=("--changes FILE", "Also write a calendar file of just the events that change."),
    ),
    **_fields("as_json", dry_run="Show it, and change no file."),
}
_LATE = (
    "--late REASON",
    "Where all legal days are past: take the day that is given, or the earliest usable one, and "
    "keep the reason.",
)
CANCEL = {
    **_fields(
        group="Around",
        away="Further days on which the patient can't come; none takes out the plan's. Repeatable.",
        closures="Further days on which the clinic is closed; none takes out the plan's. "
        "Repeatable.",
        depart="The patient travels home then, in place of the plan's day; none for no such day.",
        finish_by="Recovery is over by that day, in place of the plan's; none for no such day.",
    ),
    **_fields("open_days", "busy", "book", "clinic"),
    **_ENDING,
}
"""What the rest of a plan is planned around, beside what its file holds, and what is written."""
MOVE = EXTEND = _others(_SESSION, late=_LATE) | CANCEL
ATTEND = {
    **_others(
        _SESSION,
        on=("--on DATE", "The day on which it really took place; a time may follow, in quotes."),
    ),
    **MOVE,
}
MISS = {
    **_others(
        _SESSION,
        late=_LATE,
        not_attended=("--not-attended", "Put right that “attend” was said of it by mistake."),
    ),
    **CANCEL,
}
UNDO = _fields("book", "clinic") | _ENDING

# ---------------------------------------------------------------- `check`

CheckedFile = Annotated[
    str,
    _argument(
        "FILE",
        "A calendar (.ics) of any program, a folder of them, a CSV with a column “date”, or a list "
        "with one date a line; - for standard input.",
    ),
]
CHECK = {
    **_others(
        _COURSE,
        match=(
            "--match TEXT",
            "Of a calendar only the events that have TEXT in their title, letter case aside.",
        ),
        goal=("--goal GOAL", "What it is for: the clinic's profile may narrow the rules for it."),
    ),
    **_others(
        "Table",
        column=(
            "--column ROLE=NAME ...",
            "Which column of a table is its date, time, patient, status or kind: "
            "status=“appt state”; none for none. Repeatable.",
        ),
        status=(
            "--status WORD=STATUS ...",
            "What a word in the column of the status means: planned, attended, missed or "
            "cancelled. Repeatable.",
        ),
    ),
    **_fields("area", timezone=_FILE_ZONE),
    **_fields("closed_weekdays", "closures", "holidays", "open_days", "clinic"),
    **_fields("away", "arrive", "depart", finish_by="Recovery is to be over by that day."),
    **_fields("as_json"),
}

# ---------------------------------------------------------------- `agenda`

BookFolder = Annotated[
    Text, _argument("[FOLDER]", "The folder with all the plans.  [default: the profile's book]")
]
AGENDA = {
    **_others(
        _DAYS,
        from_day=("--from DATE", "That day, or the first one.  [default: today]"),
        to_day=("--to DATE", "The last day."),
        week=("--week", "From the Monday to the Sunday around the first day."),
        days=("--days COUNT", "So many days, 1 to 3660."),
    ),
    **_fields(
        group=_DAYS,
        timezone="The clinic's IANA time zone, by which the days go.  [default: the profile's, "
        "else the plans']",
    ),
    **_fields("clinic"),
    **_others(
        _FILE,
        ics=(
            "--ics FILE",
            "Also write these appointments, or all to come where no days are named, as one "
            "calendar for the doctor's own screen, in place of an earlier one; - for standard "
            "output.",
        ),
        private=("--private", "No word of treatment, goal or patient in that file."),
    ),
    **_fields("as_json", "view"),
}

# ---------------------------------------------------------------- `batch`

TableFile = Annotated[
    str,
    _argument(
        "FILE",
        "A table with a row for each plan: CSV or TSV of any spreadsheet, or NDJSON; - for "
        "standard input.",
    ),
]
BATCH = {
    **_others(
        _FILE,
        output=(
            "-o --output FOLDER",
            "Where the plans are; it is made if it is not there.  [default: the book]",
        ),
        tar=(
            "--tar FILE",
            "Write one archive in place of many files; there are no earlier plans then.",
        ),
        prune=(
            "--prune",
            "Cancel what is to come of plans that an earlier batch made and whose row is gone.",
        ),
    ),
    **_fields("book", "clinic", "timezone", "dry_run"),
}

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
