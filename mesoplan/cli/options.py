"""The arguments and options of all commands, each with its help and its group.

Those that `plan` has too come from the table of fields.
"""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Annotated, Any, TypeVar, get_args

import typer

from mesoplan.cli.app import AROUND
from mesoplan.model.fields import BY_NAME, CALENDARS, FETCHING, FLAG, OPTIONS

_COURSE, _FILE, _SESSION, _DAYS = "Course", "Calendar file", "Session", "Days"
_TODAY, _ALL = "Today", "The whole book"

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


def fields(*names: str, group: str = "", **helps: str) -> dict[str, Any]:
    """Options from the table of fields, some with a help of their own."""
    found = {}
    for name, text in (*((each, "") for each in names), *helps.items()):
        kind: Any = Texts if BY_NAME[name].kind.repeats else Text
        if BY_NAME[name].kind is FLAG:
            kind = bool | None if "/" in BY_NAME[name].typed[0] else bool
        found[name] = Annotated[kind, _option(name, text, group)]
    return found


def others(group: str, **rows: tuple[str, str]) -> dict[str, Any]:
    """Options that are not fields: how each is typed, and its help.

    A flag has no metavar; “...” follows what may be repeated.
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
    "The clinic's time zone, if the file doesn't say it.  [default: the profile's, else this "
    "computer's]"
)
Clinic = Annotated[Text, _option("clinic")]
InsecureHttp = Annotated[bool, _option("insecure_http")]

# ---------------------------------------------------------------- `plan`

Goal = Annotated[str, _argument("GOAL", "What the treatment is for; “mesoplan goals” lists them.")]
_HOW_A_DAY = "2026-12-01, 10 Dec, tue or +3w; a time may follow: 14h30, 2pm."
Start = Annotated[
    Texts,
    _argument(
        "[START]",
        f"The first day: {_HOW_A_DAY} Not needed with --arrive, --depart or --finish-by.",
    ),
]
PLAN = fields(*(field.name for field in OPTIONS))

# ---------------------------------------------------------------- `show`, and what changes a plan

PlanFile = Annotated[
    str,
    _argument(
        "PLAN",
        "Words of the patient's name, looked up in the book, or the plan's id. Or the plan's own "
        "file, or the folder of events that --split wrote.",
    ),
]
OptionalPlan = Annotated[Text, _argument("[PLAN]", get_args(PlanFile)[1].help)]
PlanFiles = Annotated[
    list[str],
    _argument(
        "PLAN...",
        "Words of the patient's name, looked up in the book, or the plan's id. Or the plan's file, "
        "or its export from a calendar program: one file, several, or a folder.",
    ),
]
_ITS_LANGUAGE = "The language of the text.  [default: the plan's]"
SHOW = fields(
    timezone=_FILE_ZONE, book="The folder of all plans, or server:NAME.  [default: the profile's]"
)
SHOW |= fields("clinic", "as_json", "view")
SHOW |= others(
    "For the patient",
    message=(
        "--message",
        "Print the clinic and the dates to come as a text to send: no goal, area or label.",
    ),
    handed_out=("--handed-out", "Record that the patient has all the dates."),
)
SHOW |= fields(language=_ITS_LANGUAGE, group="For the patient")

HANDOUT = {
    **others(
        "Page",
        output=(
            "-o --output FILE.html|FILE.pdf",
            "The name of the page; - for standard output.  [default: PLAN-handout.html, or "
            "import-guide-LANGUAGE.html]",
        ),
        import_guide=(
            "--import-guide",
            "How patients import the calendar file, in place of the dates; PLAN isn't needed.",
        ),
        paper=("--paper a4|letter", "The size of the paper.  [default: a4]"),
        private=("--private", "No word of treatment, goal or patient on the page."),
        large=("--large", "Larger letters, which may need two sheets."),
        opens=("--open", "Open the page when it is written."),
    ),
    **fields("clinic", book="The folder of all plans, or server:NAME.  [default: the profile's]"),
    **fields(language=_ITS_LANGUAGE, group="Page"),
}

_HOW_A_SESSION = "3 for session 3, m1 for maintenance 1"
SessionArgument = Annotated[str, _argument("SESSION", f"{_HOW_A_SESSION}.")]
DoneSessions = Annotated[
    Texts,
    _argument(
        "[SESSION...]",
        f"{_HOW_A_SESSION}.  [default: today's session, else the only past one not recorded]",
    ),
]
SessionOrAll = Annotated[Text, _argument("[SESSION]", f"{_HOW_A_SESSION}.  [default: all to come]")]
When = Annotated[Texts, _argument("WHEN", f"The new day: {_HOW_A_DAY}")]
MissedSessions = Annotated[
    list[str],
    _argument(
        "SESSION... [WHEN]",
        f"{_HOW_A_SESSION}. After one session, its new day: {_HOW_A_DAY}  [default: the best day]",
    ),
]
MoreOrFewer = Annotated[str, _argument("SESSIONS", "+2 for two more sessions, -1 for one fewer.")]
AbsentDays = Annotated[
    list[str],
    _argument("FROM..TO...", "The days: 2027-01-10..2027-01-14, 10 Jan..14 Jan, or tue alone."),
]

ENDING = {
    **others(
        _FILE,
        changes=("--changes FILE", "Also write a calendar file with only the events that change."),
    ),
    **fields(
        "handout",
        "as_json",
        dry_run="Show the change, but write no file.",
        guided="Ask for what is missing, and show the change first.",
    ),
}
_LATE = (
    "--late REASON",
    "If all days within the rules are past: take the given day, or the earliest usable one. The "
    "reason stays in the patient's file: no medical details, please.",
)
_NEW_DAYS = {
    "away": "More days on which the patient can't come; none removes the plan's. Repeatable.",
    "closures": "More days on which the clinic is closed; none removes the plan's. Repeatable.",
    "depart": "The new day on which the patient travels home, or none.",
    "finish_by": "The new day by which recovery is over, or none.",
}
_AROUND = fields(group=AROUND, **_NEW_DAYS)
TAKEN = fields(*CALENDARS, *FETCHING, "book", "clinic", group=AROUND)
_TREATS = fields(group=_SESSION, practitioner="Who treats from now on, as in the clinic's profile.")
_KEEP = ("--keep days|rhythm", "Agreed days first, or even intervals.  [default: days]")
CANCEL = others(_SESSION, keep=_KEEP) | _AROUND | fields("open_days", group=AROUND)
CANCEL |= _TREATS | TAKEN | ENDING
"""What the rest of a plan is planned around, besides what its file says, and what is written."""
EXTEND = others(_SESSION, late=_LATE) | CANCEL
_OFFER = ("--offer", "In place of WHEN: show the best three days, and what each costs.")
MOVE = others(_SESSION, offer=_OFFER) | EXTEND
AWAY = others(_SESSION, late=_LATE, keep=_KEEP) | _TREATS | TAKEN | ENDING
_REQUESTED = {
    **fields(
        group=_DAYS,
        **_NEW_DAYS,
        arrive="The new day on which the patient arrives, or none.",
        open_days="More days on which the clinic opens anyway; none removes the plan's. "
        "Repeatable.",
        closed_weekdays="More weekdays on which the clinic never opens; none removes the plan's. "
        "Repeatable.",
        holidays="Whose public holidays to keep from now on: TH, FR-Alsace, …, or none. "
        "Repeatable.",
    ),
    **fields(
        group=_SESSION,
        time_of_day="The new time: 14:30, morning, afternoon, any or 14:00-18:00.",
        weekdays="The new preferred weekdays: tue, or tue,thu; or none. Agreed days may move.",
        duration_minutes="The new length of a session, 5 to 480 minutes.",
        interval_days="The new preferred days between sessions, 7 to 14. Agreed days may move.",
        maintenance_per_year="The new number of maintenance sessions a year.",
    ),
    **fields(
        language="The language in which the patient reads from now on. No session moves for it."
    ),
    **_TREATS,
}
REQUESTED = tuple(_REQUESTED)
"""The fields of a request that can be replaced in a plan that exists."""
REPLAN = others(
    _ALL,
    all=("--all", "In place of PLAN: all that have a session that can't take place any more."),
    format=("--format csv", "With --all: print the list of patients to call as a table."),
)
_ABSENT = "Days on which this practitioner treats nobody. They aren't kept. Repeatable."
REPLAN |= _REQUESTED
REPLAN |= others(AROUND, away_practitioner=("--away-practitioner ID FROM..TO ...", _ABSENT))
REPLAN |= others(_SESSION, late=_LATE, keep=_KEEP) | TAKEN | ENDING
DONE = {
    **others(
        _SESSION,
        on=("--on DATE", "The day on which it really took place: tue, “24 Nov”, “24 Nov 14h30”."),
    ),
    **others(
        _TODAY,
        today=(
            "--today",
            "In place of PLAN: today's sessions that have begun and are not recorded, or those "
            "with these numbers of “mesoplan today”.",
        ),
        excepted=(
            "--except NAME ...",
            "With --today: leave out this patient, by words of the label or the number. "
            "Repeatable.",
        ),
    ),
    **EXTEND,
}
MISS = {
    **others(
        _SESSION,
        late=_LATE,
        not_attended=(
            "--not-attended",
            "Correct a session that was recorded as attended by mistake.",
        ),
    ),
    **CANCEL,
}
UNDO = {
    **others(
        _TODAY,
        today=("--today", "In place of PLAN: all that the last “done --today” of today recorded."),
    ),
    **others(_ALL, all=("--all", "In place of PLAN: all that the last “replan --all” changed.")),
    **fields("book", "clinic"),
    **ENDING,
}

# ---------------------------------------------------------------- `check`

CheckedFile = Annotated[
    str,
    _argument(
        "FILE",
        "A plan or another calendar (.ics), a folder of them, a CSV, or a list with one date per "
        "line; - for standard input.",
    ),
]
CHECK = {
    **others(
        _COURSE,
        match=(
            "--match TEXT",
            "Only events of the calendar with TEXT in their title, in capitals or not.",
        ),
        goal=(
            "--goal GOAL",
            "The goal of the course: the clinic's profile may narrow the rules for it.",
        ),
    ),
    **others(
        "Table",
        column=(
            "--column ROLE=NAME ...",
            "Which column of a table has the date, time, patient, status or kind: "
            "status=“appt state”, or status=none. Repeatable.",
        ),
        status=(
            "--status WORD=STATUS ...",
            "What a word in the status column means: planned, attended, missed or cancelled. "
            "Repeatable.",
        ),
    ),
    **fields("area", timezone=_FILE_ZONE),
    **fields("closed_weekdays", "closures", "holidays", "open_days", "clinic"),
    **fields("away", "arrive", "depart", finish_by="The day by which recovery is to be over."),
    **fields("as_json"),
}

# ---------------------------------------------------------------- `agenda`

FolderOrDay = Annotated[
    Texts,
    _argument(
        "[FOLDER] [DAY]",
        "The folder with all the plans, a day such as tomorrow or tue, or both.  "
        "[default: the profile's book, today]",
    ),
]
AGENDA = {
    **others(
        _DAYS,
        from_day=("--from DATE", "The first day, or the only one.  [default: today]"),
        to_day=("--to DATE", "The last day."),
        week=("--week", "The week of the first day, Monday to Sunday."),
        days=("--days COUNT", "The number of days, 1 to 3660."),
    ),
    **fields(
        group=_DAYS,
        timezone="The clinic's time zone, in which days begin and end.  [default: the profile's, "
        "else the plans']",
        practitioner="Only what this practitioner treats.  [default: everybody's]",
    ),
    **fields("clinic"),
    **others(
        _FILE,
        ics=(
            "--ics FILE",
            "Also write these appointments as one calendar; without days, all to come. A folder "
            "gets one per practitioner. Earlier ones are replaced; - for standard output.",
        ),
        private=("--private", "No word of treatment, goal or patient in that file."),
    ),
    **fields("as_json", "view"),
}

TODAY = fields(
    group=_DAYS,
    practitioner="Only what this practitioner treats.  [default: everybody's]",
    book="The folder of all plans, or server:NAME.  [default: the profile's]",
) | fields("clinic", "as_json")

# ---------------------------------------------------------------- `batch`

TableFile = Annotated[
    str,
    _argument(
        "FILE",
        "A table with one row per plan: CSV or TSV from any spreadsheet, or NDJSON; - for standard "
        "input.",
    ),
]
BATCH = {
    **others(
        _FILE,
        output=(
            "-o --output FOLDER",
            "The folder of the plans, created if there is none.  [default: the book]",
        ),
        tar=(
            "--tar FILE",
            "Write one archive instead of a folder; no earlier plans are read.",
        ),
        prune=(
            "--prune",
            "Cancel what is still to come of plans whose row is gone.",
        ),
    ),
    **others(
        "Together",
        together=("--together", "Place all new rows together: more have a course. Needs the book."),
        rounds=("--rounds COUNT", "With --together: how long to look.  [default: 100 to 2,000]"),
    ),
    **fields("book", *FETCHING, "clinic", "timezone", "dry_run"),
}

# ---------------------------------------------------------------- what typer sees


def epilog(*examples: str, codes: Mapping[int, str]) -> str:
    """The end of a command's help: examples, and what its exit codes mean, usual ones included."""
    meanings = {0: "done", 2: "a value is wrong", 130: "interrupted"} | dict(codes)
    typed = "\n".join(f"  mesoplan {each}" for each in examples)
    listed = " · ".join(f"{code} {meanings[code]}" for code in sorted(meanings))
    # \b keeps click from filling the lines of a paragraph.
    return f"\b\nExamples:\n{typed}\n\nExit codes: {listed}\n"


def with_options(options: Mapping[str, Any]) -> Callable[[Command], Command]:
    """The command as typer sees it: with each of these options as a keyword."""

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
