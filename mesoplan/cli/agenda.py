"""`mesoplan agenda`: what comes up in a folder of plans."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import os
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.book.copies import folder_notes
from mesoplan.book.folder import Book, read_book
from mesoplan.cli import clock, options
from mesoplan.cli.console import answer, echoing, say, standard_error, standard_output
from mesoplan.cli.profile import FoundProfile, find_profile, with_taken_times
from mesoplan.cli.views import require_view
from mesoplan.dates.days import LAST_YEAR, DateRange
from mesoplan.dates.parsing import DateReader, whole_number
from mesoplan.dates.readings import NotADate, TwoMeanings
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, MesoplanError, printable, quoted
from mesoplan.formats.agenda import agenda_document, agenda_page
from mesoplan.formats.agenda_calendar import agenda_file, is_agenda
from mesoplan.formats.agenda_months import agenda_months
from mesoplan.formats.page import counted, line
from mesoplan.model.clinic import SERVER, Calendars, Profile
from mesoplan.model.request import Request
from mesoplan.planning.agenda import Agenda, Booking, agenda_of, usual_zone_of
from mesoplan.storage.files import folder_made, read_whole, write_all_new
from mesoplan.wording.notices import notice_text

if TYPE_CHECKING:
    from mesoplan.formats.calendar_files import Source

STANDARD_OUTPUT = "-"
_MOST_DAYS = 3660
_LARGEST_BYTES = 100_000_000
_DAY = timedelta(days=1)
_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))
_HOW_TO_NAME_DAYS = "name the folder with the plans, or a day: tue; several: --from tue --to thu"
_HOW_TO_QUOTE = 'name the folder with the plans; a date of several words needs quotes: "10 Dec"'
_OF_NOBODY = "not_assigned"
"""The file of sessions without a practitioner; no id has a low line."""

EPILOGS = {
    "agenda": options.epilog(
        "agenda",
        "agenda tomorrow",
        "agenda --view month",
        "agenda plans/ --from 2026-12-01 --days 14 --json",
        "agenda --with roux --ics roux.ics",
        "agenda --ics calendars/",
        codes={
            0: "done; files that can't be read are listed at the end",
            4: "the folder can't be read, or the calendar file can't be written",
        },
    )
}


@options.with_options(options.AGENDA)
def agenda(
    place: options.FolderOrDay = None,
    *,
    from_day: str | None,
    to_day: str | None,
    week: bool,
    days: str | None,
    practitioner: str | None,
    timezone: str | None,
    clinic: str | None,
    ics: str | None,
    private: bool,
    as_json: bool,
    view: str | None,
) -> None:
    """Show what comes up in a folder of plans: today's sessions, or those of other days.

    Sessions are in order of time, with their file, patient, goal and how many rooms are taken.
    Then comes what needs attention in the whole folder: clashes, past sessions to record, plans
    that break a rule, and courses that lack sessions.

    Any file that “mesoplan show” reads is a plan.
    """
    require_view(view, as_json=as_json)
    _require_sense(ics, private=private, as_json=as_json)
    lasts = {"--to": to_day is not None, "--week": week, "--days": days is not None}
    if len(typed := [name for name, is_typed in lasts.items() if is_typed]) > 1:
        raise InvalidInput(f"{' and '.join(typed)} each set the last day", "leave out all but one")
    found = find_profile(clinic)
    now = clock.now()
    folder, day = _folder_and_day(place or [], DateReader(now.date(), found.profile.date_order))
    if day is not None and from_day is not None:
        raise InvalidInput(
            f"{quoted(day)} and --from each set the first day", "leave out one of them"
        )
    from_day = day or from_day
    path = _book_folder(folder, found)
    zone_of = clock.usual_zone(timezone, found.profile.timezone)
    book = read_book(path, zone_of, names_plans=True)
    zone_name = timezone or found.profile.timezone or usual_zone_of(book.entries) or zone_of()
    today = now.astimezone(find_zone(zone_name)).date()
    reader = DateReader(today, found.profile.date_order)

    of_one = None if practitioner is None else known_practitioner(practitioner, found.profile, book)
    request = Request(
        "",
        timezone=zone_name,
        rooms=found.profile.rooms,
        practitioners=found.profile.practitioners,
    )

    with echoing(reader):
        shown = _days(from_day, to_day, days, reader, today, week=week, by_month=view == "month")
    around, notes = _with_calendars(request, found, book, shown)
    made = agenda_of(book.entries, shown, around, now, of_one)
    lines = []
    if ics is not None:
        is_all = not (from_day or typed)
        of_file = made
        if is_all:
            to_come = _all_to_come(book, today)
            of_file = agenda_of(book.entries, to_come, request, now, of_one)
        lines = _write(of_file, ics, path, now, private=private)
    unreadable = (*book.unreadable, *filter(None, [book.names_problem]))
    view_of = agenda_months if view == "month" else agenda_page
    answer(
        as_json,
        lambda _json: agenda_document(made, unreadable),
        lambda width: [*view_of(made, unreadable, width), *[line()] * bool(lines)],
        lines,
        standard_error() if ics == STANDARD_OUTPUT else None,
    )
    say(*notes, *folder_notes(path))


def _days(
    from_day: str | None,
    to_day: str | None,
    days: str | None,
    reader: DateReader,
    today: date,
    *,
    week: bool,
    by_month: bool,
) -> DateRange:
    """The days that are meant; without a last one it is the first, or a month's last day.

    Raises InvalidInput.
    """
    first = today if from_day is None else reader.day("from", from_day, "agenda")
    if week:
        first -= first.weekday() * _DAY
        return DateRange(first, first + 6 * _DAY)
    if days is not None:
        count = whole_number("days", days)
        if not 1 <= count <= _MOST_DAYS:
            raise InvalidInput(
                f"days: {count} is not 1 to {_MOST_DAYS} days", f"choose 1 to {_MOST_DAYS} days"
            )
        return DateRange(first, first + (count - 1) * _DAY)
    if by_month and to_day is None:
        last = first.replace(day=monthrange(first.year, first.month)[1])
        return DateRange(first if from_day else first.replace(day=1), last)
    last = first if to_day is None else reader.day("to", to_day, "agenda", first)
    if last < first:
        raise InvalidInput(
            f"the last day, {last}, is before the first, {first}",
            "give the earlier day with --from",
        )
    return DateRange(first, last)


def _require_sense(ics: str | None, *, private: bool, as_json: bool) -> None:
    if as_json and ics == STANDARD_OUTPUT:
        raise InvalidInput(
            "--json and “--ics -” both want standard output", "write one of them to a file"
        )
    if private and ics is None:
        raise InvalidInput(
            "--private is for the calendar file, but none is written", "add --ics FILE"
        )
    if ics == "":
        raise InvalidInput("the file after --ics has no name", "give it a name")


def _folder_and_day(typed: list[str], reader: DateReader) -> tuple[str | None, str | None]:
    """The folder and the day that were typed; both may be missing.

    A folder that exists is meant before a day of its name, which is then said. Raises InvalidInput
    for a day that is not clear, and FileProblem for a misspelled one.
    """
    text = " ".join(typed)
    is_folder = bool(typed) and (typed[0].startswith(SERVER) or Path(typed[0]).is_dir())
    if not typed or (is_folder and len(typed) > 1):
        return (typed[0], " ".join(typed[1:])) if typed else (None, None)
    try:
        reader.day("the day", text, "agenda")
    except InvalidInput as problem:
        if is_folder:
            return text, None
        if isinstance(problem, TwoMeanings):
            raise
        if len(typed) > 1:
            how = "name one day, or the first and the last with --from and --to"
            raise InvalidInput(problem.problem, how) from None
        is_missing = text and not os.path.lexists(text)
        if is_missing and (not isinstance(problem, NotADate) or problem.meant):
            how = problem.remedy if isinstance(problem, NotADate) else _HOW_TO_QUOTE
            raise FileProblem(Path(text), f"there is no folder {quoted(text, 300)}", how) from None
        if is_missing and not any(each in text for each in _SEPARATORS):
            what = f"{quoted(text, 300)} is neither a folder nor a day"
            raise InvalidInput(what, _HOW_TO_NAME_DAYS) from None
        return text, None
    if is_folder:
        say(f"{quoted(text)} is a folder here. For that day: mesoplan agenda --from {text}")
        return text, None
    return None, text


def _book_folder(typed: str | None, found: FoundProfile) -> Path:
    if typed == "":
        raise InvalidInput("the folder has no name", "name the folder with all the plans")
    path = found.book if typed is None else found.folder_named(typed)
    if path is None:
        raise InvalidInput(
            "no folder is named, and no profile in use names a book",
            'name it, as in “mesoplan agenda plans/”, or add book = "plans" to the profile',
        )
    return path


def _all_to_come(book: Book, today: date) -> DateRange:
    """From today to the last session that there is."""
    days = (each.day for entry in book.entries for each in entry.plan.every_session)
    # In another zone it may be a day later.
    last = max(days, default=date.min) + _DAY
    return DateRange(today, max(today, min(last, date(LAST_YEAR, 12, 31))))


def _with_calendars(
    request: Request, found: FoundProfile, book: Book, days: DateRange
) -> tuple[Request, list[str]]:
    """The clinic with what its calendars take on some days, and what is not known of that.

    The sessions of the book take no time there: when they are is known.
    """
    if found.path is None:
        return request, []
    those = found.calendars.but(frozenset({book.folder.resolve()}))
    parts: dict[str, Calendars[Source]] = {
        "the clinic's calendars": Calendars(clinic=_files(those.clinic)),
        "the calendars of rooms": Calendars(rooms=_files(those.rooms)),
    }
    for each in request.practitioners:
        diaries = {each.id: _files(those.practitioners.get(each.id, ()))}
        parts[f"the diary of {each.name}"] = Calendars(practitioners=diaries)
    own = {session.uid for entry in book.entries for session in entry.plan.every_session}
    notes: list[str] = []
    if len(_files(those.sources)) < len(those.sources):
        notes.append("Clashes with calendars that have an address are not known: none is fetched.")
    for whose, part in parts.items():
        try:
            request, unread = with_taken_times(request, part, None, days, own)
        except MesoplanError as problem:
            notes.append(f"Clashes with {whose} are not known: {problem.in_one_line}")
        else:
            notes += map(notice_text, unread)
    return request, notes


def _files(sources: Iterable[Path | str]) -> tuple[Path, ...]:
    """Those that are files: nobody waits for a server to see who comes today."""
    return tuple(each for each in sources if isinstance(each, Path))


def known_practitioner(typed: str, profile: Profile, book: Book) -> str:
    """The id of the practitioner that was typed, as the profile or the book has it.

    Raises InvalidInput for one whom neither has.
    """
    known = {each.id: f"{each.id} ({each.name})" for each in profile.practitioners}
    for entry in book.entries:
        if entry.practitioner is not None:
            known.setdefault(entry.practitioner, entry.practitioner)
    wanted = typed.strip().casefold()
    for each in sorted(known, key=lambda each: each != typed.strip()):
        if each.casefold() == wanted:
            return each
    if not known:
        raise InvalidInput(
            "neither the clinic's profile nor any plan of the book names a practitioner",
            "leave out --with, or add a [[practitioner]] to the profile",
        )
    raise InvalidInput(
        f"there is no practitioner {quoted(typed)} in the clinic's profile or the book",
        f"name one of these: {printable(', '.join(known.values()))}",
    )


def _write(made: Agenda, typed: str, book: Path, stamp: datetime, *, private: bool) -> list[str]:
    """Write one calendar file, or one for each practitioner into a folder.

    Returns a line for each. Raises InvalidInput and FileProblem, and then nothing is written.
    """
    bookings = [booking for day in made.found for booking in day.bookings]
    path = Path(typed)
    is_folder = typed != STANDARD_OUTPUT and (typed.endswith(_SEPARATORS) or path.is_dir())
    files: Mapping[Path, list[Booking]] = {path: bookings}
    if is_folder:
        files = {
            path / f"{name}.ics": of_it for name, of_it in _by_practitioner(made, bookings, path)
        }
    elsewhere = {each for each in files if str(each) != STANDARD_OUTPUT and _is_in(each, book)}
    if elsewhere:
        raise InvalidInput(
            "the calendar file would be among the plans", "choose a place outside the folder"
        )
    contents = {
        file: agenda_file(of_it, str(made.zone), stamp, private=private)
        for file, of_it in files.items()
    }
    counts = {file: counted(len(of_it), "appointment") for file, of_it in files.items()}
    if typed == STANDARD_OUTPUT:
        standard_output().write_bytes(contents[path])
        return [f"Calendar file: standard output ({counts[path]})"]
    for file in contents:
        if file.is_file() and not is_agenda(
            read_whole(file, _LARGEST_BYTES, "choose another name")
        ):
            raise FileProblem(
                file,
                f"{quoted(file, 200)} already exists and is not an agenda written by mesoplan",
                "choose another name with --ics",
            )
    with folder_made(path) if is_folder else nullcontext():
        write_all_new({}, contents)
    return [f"Calendar file: {printable(file)} ({count})" for file, count in counts.items()]


def _by_practitioner(
    made: Agenda, bookings: list[Booking], path: Path
) -> Iterator[tuple[str, list[Booking]]]:
    """The appointments of each practitioner, and those of nobody whom the clinic names.

    Where it names none, those count that the plans name. Raises FileProblem if there is nobody.
    """
    names = [each.id for each in made.practitioners]
    names = names or sorted({each.entry.practitioner or "" for each in bookings} - {""})
    if made.of_one is not None:
        names = [made.of_one]
    if not names:
        raise FileProblem(
            path,
            f"{quoted(path, 200)} is a folder for a calendar per practitioner, and none is named",
            "give the name of a file, as in “--ics doctor.ics”",
        )
    for name in names:
        yield name, [each for each in bookings if each.entry.practitioner == name]
    if made.of_one is None:
        yield _OF_NOBODY, [each for each in bookings if each.entry.practitioner not in names]


def _is_in(path: Path, folder: Path) -> bool:
    """Whether a file would be directly in a folder; one that can't be there is not."""
    try:
        return path.resolve().parent.samefile(folder)
    except (OSError, RuntimeError, ValueError):
        return False
