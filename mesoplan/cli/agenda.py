"""`mesoplan agenda`: what comes up in a folder of plans."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from datetime import date, datetime, timedelta
from pathlib import Path

from mesoplan.book.folder import Book, read_book
from mesoplan.cli import clock, options
from mesoplan.cli.console import answer, standard_error, standard_output
from mesoplan.cli.profile import find_profile
from mesoplan.dates.days import LAST_YEAR, DateRange
from mesoplan.dates.parsing import DateReader, whole_number
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, printable, quoted
from mesoplan.formats.agenda import (
    agenda_document,
    agenda_file,
    agenda_months,
    agenda_page,
    is_agenda,
)
from mesoplan.formats.page import counted, line
from mesoplan.planning.agenda import Agenda, agenda_of, usual_zone_of
from mesoplan.storage.files import read_whole, replace_own, write_all_new

STANDARD_OUTPUT = "-"
_MOST_DAYS = 3660
_LARGEST_BYTES = 100_000_000
_DAY = timedelta(days=1)

EPILOGS = {
    "agenda": options.epilog(
        "agenda plans/",
        "agenda plans/ --week --view month",
        "agenda plans/ --from 2026-12-01 --days 14 --json",
        "agenda --ics doctor.ics",
        codes={
            0: "done; files that can't be read are listed at the end",
            4: "the folder can't be read, or the calendar file can't be written",
        },
    )
}


@options.with_options(options.AGENDA)
def agenda(
    folder: options.BookFolder = None,
    *,
    from_day: str | None,
    to_day: str | None,
    week: bool,
    days: str | None,
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
    options.require_view(view, as_json=as_json)
    _require_sense(ics, private=private, as_json=as_json)
    lasts = {"--to": to_day is not None, "--week": week, "--days": days is not None}
    if len(typed := [name for name, is_typed in lasts.items() if is_typed]) > 1:
        raise InvalidInput(f"{' and '.join(typed)} each set the last day", "leave out all but one")
    found = find_profile(clinic)
    path = _book_folder(folder, found.book)
    now = clock.now()
    zone_of = clock.usual_zone(timezone, found.profile.timezone)
    book = read_book(path, zone_of)
    zone_name = timezone or found.profile.timezone or usual_zone_of(book.entries) or zone_of()
    today = now.astimezone(find_zone(zone_name)).date()
    reader = DateReader(today, found.profile.date_order)

    def of(shown: DateRange) -> Agenda:
        return agenda_of(book.entries, shown, zone_name, found.profile.rooms, now)

    made = of(_days(from_day, to_day, days, reader, today, week=week))
    lines = []
    if ics is not None:
        is_all = not (from_day or typed)
        of_file = of(_all_to_come(book, today)) if is_all else made
        lines = _write(of_file, Path(ics), path, now, private=private)
    view_of = agenda_months if view == "month" else agenda_page
    answer(
        as_json,
        lambda _json: agenda_document(made, book.unreadable),
        lambda width: [*view_of(made, book.unreadable, width), *[line()] * bool(lines)],
        lines,
        standard_error() if ics == STANDARD_OUTPUT else None,
    )


def _days(
    from_day: str | None,
    to_day: str | None,
    days: str | None,
    reader: DateReader,
    today: date,
    *,
    week: bool,
) -> DateRange:
    """The days that are meant. Raises InvalidInput."""
    first = today if from_day is None else reader.day("from", from_day)
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
    last = first if to_day is None else reader.day("to", to_day)
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


def _book_folder(typed: str | None, of_profile: Path | None) -> Path:
    if typed == "":
        raise InvalidInput("the folder has no name", "name the folder with all the plans")
    path = of_profile if typed is None else Path(typed)
    if path is None:
        raise InvalidInput(
            "no folder is named, and no profile in use names a book",
            'name it, as in “mesoplan agenda plans/”, or add book = "plans" to the profile',
        )
    return path


def _all_to_come(book: Book, today: date) -> DateRange:
    """From today to the last session that there is."""
    days = (
        each.day for entry in book.entries for each in (*entry.plan.active, *entry.plan.dropped)
    )
    # In another zone it may be a day later.
    last = max(days, default=date.min) + _DAY
    return DateRange(today, max(today, min(last, date(LAST_YEAR, 12, 31))))


def _write(made: Agenda, path: Path, folder: Path, stamp: datetime, *, private: bool) -> list[str]:
    """Write the calendar file, and return the line that says so."""
    bookings = [booking for day in made.found for booking in day.bookings]
    data = agenda_file(bookings, str(made.zone), stamp, private=private)
    count = counted(len(bookings), "appointment")
    if str(path) == STANDARD_OUTPUT:
        standard_output().write_bytes(data)
        return [f"Calendar file: standard output ({count})"]
    if _is_in(path, folder):
        raise InvalidInput(
            "the calendar file would be among the plans", "choose a place outside the folder"
        )
    if not path.is_file():
        write_all_new({path: data})
    elif is_agenda(read_whole(path, _LARGEST_BYTES, "choose another name")):
        replace_own(path, data)
    else:
        raise FileProblem(
            path,
            f"{quoted(path, 200)} already exists and is not an agenda written by mesoplan",
            "choose another name with --ics",
        )
    return [f"Calendar file: {printable(path)} ({count})"]


def _is_in(path: Path, folder: Path) -> bool:
    """Whether a file would be directly in a folder; one that can't be there is not."""
    try:
        return path.resolve().parent.samefile(folder)
    except (OSError, RuntimeError, ValueError):
        return False
