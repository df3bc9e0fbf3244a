"""`mesoplan clinic`: make, check and show the clinic's profile."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import os
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from mesoplan.book.copies import folder_notes
from mesoplan.cli import options
from mesoplan.cli.app import PLAIN_SETTINGS, GroupedCommand, PlainGroup
from mesoplan.cli.clock import now, system_zone_name
from mesoplan.cli.console import standard_output
from mesoplan.cli.profile import (
    NO_PROFILE,
    VARIABLE,
    FoundProfile,
    at_home,
    fetching,
    find_profile,
    usual_path,
)
from mesoplan.cli.questions import may_ask
from mesoplan.dates.days import DateRange
from mesoplan.errors import FileProblem, InvalidInput, ServerProblem, printable, quoted
from mesoplan.formats.new_profile import profile_file
from mesoplan.formats.page import line
from mesoplan.formats.profile import read_profile
from mesoplan.formats.reference import clinic_page
from mesoplan.model.clinic import Profile
from mesoplan.model.request import Request
from mesoplan.planning.appointments import HolidaysOfParts
from mesoplan.planning.availability import further_holidays
from mesoplan.planning.checking import terms_of
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.storage.files import folder_made, require_free, write_all_new
from mesoplan.wording.neutral import telling
from mesoplan.wording.patient import to_sign_off
from mesoplan.wording.reasons import holidays_of_parts_text

clinic = typer.Typer(
    cls=PlainGroup,
    rich_markup_mode=None,
    add_completion=False,
    context_settings=PLAIN_SETTINGS,
)


@clinic.callback(
    invoke_without_command=True,
    epilog="The profile is the file after --clinic, else the one that MESOPLAN_CLINIC names, else "
    "clinic.toml in the configuration folder. Options override the clinic's profile; the profile "
    "overrides the protocol.",
)
def choose(context: typer.Context) -> None:
    """Make, check and show the clinic's profile."""
    if context.invoked_subcommand is None:
        standard_output().write(context.get_help() + "\n")


File = Annotated[
    str | None,
    typer.Argument(metavar="[PROFILE]", help="The file.  [default: the profile in use]"),
]
NewFile = Annotated[
    str | None,
    typer.Argument(
        metavar="[PROFILE]",
        help="The file to make.  [default: the place where mesoplan looks for it]",
    ),
]


@clinic.command(cls=GroupedCommand)
def init(
    file: NewFile = None,
    typed: options.Clinic = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask no questions; use the defaults.")
    ] = False,
) -> None:
    """Write a profile with comments, for you to edit.

    On a terminal, it first asks for the few things that matter. Nothing is ever overwritten.
    """
    path = _new_path(_one_of(file, typed))
    try:
        if path.parent.is_dir():
            require_free(path)
    except FileProblem as problem:
        problem.remedy = "name another file, or edit this one"
        raise
    zone = system_zone_name()
    profile = Profile()
    if may_ask() and not defaults:
        from mesoplan.cli.interview import interview

        profile = interview(zone)
    text = profile_file(profile, zone)
    read_profile(text, str(path))
    try:
        book = path.parent / at_home(profile.book or "")
        with folder_made(path.parent, parents=True), folder_made(book, parents=True):
            write_all_new({path: text.encode()})
    except FileProblem as problem:
        problem.remedy = "choose another place: mesoplan clinic init PROFILE"
        raise
    option = "" if path == usual_path() else f" --clinic {shlex.quote(printable(path))}"
    lines = (
        f"Clinic's profile: {printable(path)}",
        f"Edit it to suit the clinic; “mesoplan clinic show{option}” shows what is in use.",
        *(f"Note: {text}" for text in (folder_notes(book) if profile.book else ())),
    )
    standard_output().show(lambda _width: map(line, lines))


@clinic.command(cls=GroupedCommand)
def check(
    file: File = None, typed: options.Clinic = None, *, insecure_http: options.InsecureHttp = False
) -> None:
    """List all the mistakes in a profile, each with its key.

    The exit code is 2 if there are any. Calendars that have an address are fetched; the exit code
    is 5 if one can't be.
    """
    found = find_profile(_one_of(file, typed))
    if found.path is None:
        raise InvalidInput(
            f"there is no profile: neither --clinic nor {VARIABLE} names one, and there is no "
            f"{printable(usual_path())}",
            "make one with “mesoplan clinic init”",
        )
    _require_diaries(found)
    for path in found.calendars.sources:
        if isinstance(path, Path) and not path.exists():
            raise FileProblem(
                path,
                f"there is no busy calendar {quoted(path, 200)}",
                "correct its name in the profile, as seen from the profile's folder",
            )
    if found.book is not None and not found.book.is_dir():
        raise FileProblem(
            found.book,
            f"there is no folder {quoted(found.book, 200)} for the book",
            "create it, or correct its name in the profile, as seen from the profile's folder",
        )
    wanted = {"busy_offline": False, "insecure_http": insecure_http}
    try:
        fetching(wanted)(found.calendars, found.profile)
    except ServerProblem as problem:
        if "--busy-offline" in problem.remedy:
            # Of no use here.
            problem.remedy = "check the address and the network, then try again"
        problem.details = ()
        raise
    lines = [f"No mistakes in {printable(found.path)}"]
    if count := len({each for each in found.calendars.sources if isinstance(each, str)}):
        calendars = "1 calendar" if count == 1 else f"{count} calendars"
        lines.append(f"Fetched: {calendars} from the addresses in it")
    lines += [f"Note: {text}" for text in map(holidays_of_parts_text, _further(found.profile))]
    lines += [f"Note: {text}" for text in folder_notes(found.book)] if found.book else []
    lines += _about_staff(found.profile)
    lines += _about_patient_text(found.profile)
    standard_output().show(lambda _width: map(line, lines))


def _require_diaries(found: FoundProfile) -> None:
    """Raise FileProblem for the diary of a practitioner that is not there."""
    for one in found.profile.practitioners:
        for path in found.calendars.practitioners[one.id]:
            if isinstance(path, Path) and not path.exists():
                raise FileProblem(
                    path,
                    f"there is no diary of {printable(one.name)}: {quoted(path, 200)}",
                    "correct its name in the profile, as seen from the profile's folder",
                )


def _about_staff(profile: Profile) -> Iterator[str]:
    """What may not be meant of rooms, calendars and those who treat."""
    staff = profile.practitioners
    if profile.rooms > 1 and profile.busy and not (staff or profile.room_busy):
        yield (
            "Note: Nobody treats while a calendar in busy has an event. If each event takes only "
            "one room, move the calendar to room_busy."
        )
    treated = frozenset[str]().union(*(each.goals for each in staff))
    by_nobody = [goal.name for goal in ALL_GOALS if goal.name not in treated]
    if staff and all(each.goals for each in staff) and by_nobody:
        yield (
            f"Note: Nobody treats {', '.join(by_nobody)}. If somebody does, add the goal to those "
            "of a practitioner."
        )


def _about_patient_text(profile: Profile) -> Iterator[str]:
    """What somebody must still do about what patients read."""
    for table, language, texts in (
        ("patient_text", "en", profile.patient_text),
        *((f"texts.{code}", code, texts) for code, texts in profile.texts.items()),
    ):
        for key in telling(texts, language):
            yield (
                f"Note: {table}.{key} names what is treated. Private files have mesoplan's own "
                "line in its place."
            )
    sentences = [*to_sign_off(profile.patient_text)]
    if profile.patient_text_reviewed is None and sentences:
        yield "For a practitioner to sign off, because patients read it and no source says it:"
        yield from (f"  {sentence}" for sentence in sentences)
        yield 'Then write in the profile, above its tables: patient_text_reviewed = "name, date"'


@clinic.command(cls=GroupedCommand)
def show(file: File = None, typed: options.Clinic = None) -> None:
    """Show what is in use, and where each value comes from."""
    found = find_profile(_one_of(file, typed))
    path = None if found.path is None else printable(found.path)
    zone = found.profile.timezone or system_zone_name()
    standard_output().show(lambda width: clinic_page(found.profile, path, zone, width))


def _further(profile: Profile) -> Iterator[HolidaysOfParts]:
    """The further holidays that parts of the clinic's country have in the coming year."""
    today = now().date()
    request = Request(
        "",
        opening_hours=profile.opening_hours,
        closures=profile.closures,
        holidays=profile.holidays,
        open_holidays=profile.open_holidays,
        open_days=profile.open_days,
    )
    usual = terms_of(request).maintenance_days
    days = DateRange(today, today + timedelta(days=365))
    return further_holidays(request, usual, (), (), days)


def _one_of(file: str | None, typed: str | None) -> str | None:
    if file is not None and typed is not None and file != typed:
        raise InvalidInput("two profiles are named", "name one, with or without --clinic")
    return typed if file is None else file


def _new_path(named: str | None) -> Path:
    named = named if named is not None else os.environ.get(VARIABLE) or None
    if named == NO_PROFILE:
        raise InvalidInput("“none” stands for no profile", "give the file another name")
    return usual_path() if named is None else at_home(named)
