"""The clinic's profile in use, and what plans are made around: busy calendars, the book.

A profile is found in the same order everywhere: --clinic, then MESOPLAN_CLINIC, then the user's
configuration folder.
"""

from __future__ import annotations

import dataclasses
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mesoplan.cli import clock
from mesoplan.cli.console import say, standard_input
from mesoplan.cli.options import REQUESTED
from mesoplan.dates.parsing import weekday_names
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, quoted
from mesoplan.model.clinic import SERVER, Calendars, Profile, calendar_source
from mesoplan.model.fields import (
    BY_NAME,
    CALENDARS,
    DAY,
    REGIONS,
    WEEKDAYS,
    with_closed_times,
    write_closure,
    write_range,
)
from mesoplan.model.plan import Notice
from mesoplan.storage.files import read_whole
from mesoplan.storage.shared import server_of_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from mesoplan.dates.days import DateRange
    from mesoplan.formats.calendar_files import Source
    from mesoplan.formats.fetched import Fetching
    from mesoplan.model.fields import Field, Words
    from mesoplan.model.plan import Plan
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.model.request import Request
    from mesoplan.model.taken import Bookings

VARIABLE = "MESOPLAN_CLINIC"
NO_PROFILE = NONE = "none"
FILE_NAME = "clinic.toml"
_AWAY = "away-practitioner"
_LARGEST_BYTES, _LARGEST_CALENDAR = 200_000, 100_000_000
_MOST_EVENTS = 10
"""How many of those that can't be read are named."""


@dataclass(frozen=True, slots=True)
class FoundProfile:
    """The profile in use, empty if there is no file."""

    profile: Profile
    path: Path | None
    """The file it was read from, if any."""
    _opened: dict[str, Path] = dataclasses.field(default_factory=dict, compare=False, repr=False)
    """The copies of books on servers, by the names of the servers."""

    @property
    def calendars(self) -> Calendars[Path | str]:
        """The busy calendars that it names; their paths begin at its folder."""

        def found(names: Sequence[str]) -> tuple[Path | str, ...]:
            sources = map(calendar_source, names)
            return tuple(
                each if isinstance(each, str) else self.folder / at_home(str(each))
                for each in sources
            )

        diaries = {name: found(paths) for name, paths in self.profile.diaries.items()}
        profile = self.profile
        return Calendars(found(profile.busy), found(profile.room_busy), practitioners=diaries)

    @property
    def book(self) -> Path | None:
        """The folder of all plans that it names, if any; see `book_folder`."""
        return (
            None if self.profile.book is None else self.folder_named(self.profile.book, self.folder)
        )

    def book_folder(self, typed: str | None) -> Path | None:
        """The folder of the book: as typed, else the profile's; None without a book.

        Of a book on a server it is this computer's copy, up to date. Raises InvalidInput for an
        empty name, and what `server_book.opened_book` does.
        """
        if typed is None:
            return self.book
        if not typed:
            raise InvalidInput(
                "the folder after --book has no name", "name the folder of all plans"
            )
        return None if typed == NO_PROFILE else self.folder_named(typed)

    def folder_named(self, name: str, beginning: Path = Path()) -> Path:
        """The folder of the book of that name; see `book_folder`."""
        folder = beginning / at_home(name)
        server = name.removeprefix(SERVER) if name.startswith(SERVER) else server_of_copy(folder)
        if server is None:
            return folder
        # Loaded only for a book on a server.
        from mesoplan.cli.server_book import opened_book

        if server not in self._opened:
            self._opened[server] = opened_book(self, server)
        return self._opened[server]

    def calendars_with(self, typed: Mapping[str, Any], book: Path | None) -> Calendars[Source]:
        """The busy calendars of the profile and those that were typed.

        Those with an address are fetched, so this comes before anything is locked: nobody else
        should wait until a server answers. The book is not among them: its times are known by whose
        they are. Raises InvalidInput for an empty name, and what `Fetching.calendars` does.
        """
        for name in CALENDARS:
            if "" in (typed[name] or ()):
                option = BY_NAME[name].option
                raise InvalidInput(
                    f"the calendar after --{option} has no name", "name a file or a folder"
                )
        found = self.calendars.and_those(
            *(map(calendar_source, typed[name] or ()) for name in CALENDARS)
        )
        fetched = fetching(typed)(found, self.profile)
        return fetched if book is None else fetched.but(frozenset({Path(os.path.realpath(book))}))

    @property
    def folder(self) -> Path:
        """The folder in which its file is."""
        return self.path.resolve().parent if self.path else Path()


def fetching(
    typed: Mapping[str, Any],
) -> Callable[[Calendars[Path | str], Profile], Calendars[Source]]:
    """What puts calendars in place of their addresses: each is fetched once, as was *typed*.

    It gets the profile that names the servers and those who treat.
    """

    @cache
    def fetcher() -> Fetching:
        # Loaded only for an address.
        from mesoplan.cli.servers import server_of
        from mesoplan.formats.fetched import Fetching

        plain_http = typed["insecure_http"]
        return Fetching(
            clock.now(),
            partial(server_of, plain_http=plain_http),
            offline=typed["busy_offline"],
            plain_http=plain_http,
        )

    def fetched(calendars: Calendars[Path | str], profile: Profile) -> Calendars[Source]:
        if any(isinstance(each, str) for each in calendars.sources):
            return fetcher().calendars(calendars, profile)
        return cast("Calendars[Source]", calendars)

    return fetched


def profile_path(typed: str | None) -> Path | None:
    """The file of the profile; None without a profile.

    The file in the configuration folder need not exist; a file that was named has to.
    """
    named = typed if typed is not None else os.environ.get(VARIABLE) or None
    if named == NO_PROFILE:
        return None
    if named is not None:
        return at_home(named)
    path = usual_path()
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        # It may exist: reading it then says why it can't be read.
        return path
    return path


def at_home(name: str) -> Path:
    """The path of that name; “~” at its beginning stands for the home folder.

    Raises InvalidInput for an unknown home folder.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise InvalidInput(
            f"{quoted(name, 200)} begins with an unknown home folder",
            "write the whole path",
        ) from error


def usual_path() -> Path:
    """The place of the profile in the user's configuration folder."""
    from platformdirs import user_config_dir

    return Path(user_config_dir("mesoplan", appauthor=False)) / FILE_NAME


def find_profile(typed: str | None) -> FoundProfile:
    """The profile in use, given what was typed after --clinic.

    Raises FileProblem if its file can't be read, and ProfileMistakes for its mistakes.
    """
    path = profile_path(typed)
    if path is None:
        return FoundProfile(Profile(), None)
    # Loaded only for a profile: that takes a twentieth of the time of planning.
    from mesoplan.formats.profile import read_profile

    data = read_whole(path, _LARGEST_BYTES, "choose another with --clinic, or “none” for none")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileProblem(
            path,
            f"the clinic's profile {quoted(path, 200)} is not text in UTF-8",
            "save it as plain text in UTF-8, or make one with “mesoplan clinic init”",
        ) from error
    return FoundProfile(read_profile(text.replace("\r\n", "\n"), str(path)), path)


# ---------------------------------------------------------------- the book and busy calendars


@contextmanager
def book_held(folder: Path | None, *, writes: bool) -> Iterator[None]:
    """Keep other commands that book in a folder waiting, if anything is to be written.

    Raises FileProblem if there is no such folder, or another command takes too long.
    """
    if folder is None or not writes:
        yield
        return
    # The lock would be the first file in it.
    require_folder(folder)
    from mesoplan.storage.locks import folder_held

    with folder_held(folder):
        yield


def require_folder(folder: Path) -> None:
    """Raise FileProblem if there is no such book."""
    if not folder.is_dir():
        from mesoplan.book.folder import read_book

        # It says what is wrong.
        read_book(folder, lambda: "UTC")


def bookings_in(folders: Sequence[Path], zone_name: str, days: DateRange | None = None) -> Bookings:
    """The times that plans in folders take, at least on those days.

    What is not known of them is reported on standard error. Raises FileProblem if a folder can't be
    read.
    """
    # Loaded only for a book: most commands have none.
    from mesoplan.book.copies import booking_notes
    from mesoplan.book.folder import bookings_of, read_book

    books = [read_book(folder, lambda: zone_name) for folder in folders]
    say(*booking_notes(books))
    return bookings_of(books, days)


def with_taken_times(
    request: Request,
    calendars: Calendars[Source],
    book: Path | None,
    days: DateRange | None = None,
    own: Collection[str] = frozenset(),
    *,
    is_new: bool = False,
) -> tuple[Request, tuple[Notice, ...]]:
    """The request with what calendars and the book take, and what of that is not known.

    *days* are those that matter, where the request does not say so; *own* are the UIDs of
    appointments that take no time. Raises FileProblem for a calendar that can't be read, and
    InvalidInput where what *is_new* is planned in the book already.
    """
    notices: tuple[Notice, ...] = ()
    if request.has_calendar and not calendars.patient:
        notices += (Notice("PATIENT_CALENDAR", ()),)
    if not calendars.sources and book is None:
        return request, notices
    from mesoplan.planning.planner import days_that_matter

    days = days or days_that_matter(request)
    plans = frozenset[str]()
    if book is not None:
        bookings = bookings_in([book], request.timezone, days)
        if is_new:
            bookings.require_new(request)
        request = replace(request, booked=bookings.around(request.plan_id))
        plans = frozenset(bookings.files.values())
    if calendars.sources:
        from mesoplan.formats.calendars import BusyReader

        zone = find_zone(request.timezone)
        reader = BusyReader(days, zone, own, plans, _calendar_on_standard_input)
        request = calendars.around(request, reader.read)
        notices += tuple(Notice("BUSY_OFFLINE", text) for text in reader.old)
        notices += tuple(Notice("BUSY_PARTLY_READ", note) for note in reader.notes)
        if (count := len(reader.unreadable)) > 0:
            named = [*reader.unreadable][:_MOST_EVENTS]
            named += [f"and {count - _MOST_EVENTS} more"] * (count > _MOST_EVENTS)
            what = f"{count} busy event{'s' * (count > 1)} can't be read: {' · '.join(named)}"
            notices += (Notice("BUSY_UNREADABLE", what),)
    return request, notices


def _calendar_on_standard_input() -> bytes:
    return standard_input(_LARGEST_CALENDAR, "name a calendar file (.ics), or a folder")


def with_label(plan: Plan, path: Path) -> tuple[Plan, tuple[Notice, ...]]:
    """A plan with the patient's label that the book keeps beside a private file, to be shown.

    What is shown is never written. With it comes what can't be read of these labels.
    """
    if plan.request.patient is not None or path.is_dir():
        return plan, ()
    from mesoplan.book.names import read_names

    names = read_names(path.parent)
    label = names.labels.get(plan.id.casefold())
    notices = [Notice("NAMES_UNREADABLE", each.in_one_line) for each in [names.problem] if each]
    return replace(plan, request=replace(plan.request, patient=label)), tuple(notices)


# ---------------------------------------------------------------- what is asked of a plan by now


def request_of_today(
    request: Request, typed: Mapping[str, Any], found: FoundProfile, words: Words
) -> Request:
    """A plan's request, with what was typed, and what the clinic says of itself by now.

    Closures and opened days add up. What the profile says of hours, rooms, holidays and of who
    treats overrides what the file remembers.
    """
    profile = found.profile

    def anew(name: str) -> Any:
        """A field with what was typed, beside or in place of what the plan has."""
        field, text, kept = BY_NAME[name], typed[name], getattr(request, name)
        if name == "closures":
            kept = (*kept, *request.closed_times)
        if not field.kind.repeats:
            of_none = field.kind is DAY and text == NONE
            if name == "practitioner":
                return profile.practitioner_called(text)
            return None if of_none else field.kind.read(field.option, text, words)
        if field.kind is REGIONS:
            return field.kind.read(field.option, text, words)
        texts = [each for each in text if each != NONE]
        further = field.kind.read(field.option, texts, words)
        # Other preferred weekdays take the place of those that the plan has.
        stays = kept if len(texts) == len(text) and name != "weekdays" else ()
        return type(kept)(dict.fromkeys([*stays, *further]))

    given = with_closed_times({field.name: anew(field.name) for field in _requested_fields(typed)})
    closures = given.get("closures", request.closures)
    times = given.get("closed_times", request.closed_times)
    closed = set(map(write_closure, (*closures, *times)))
    of_clinic = (it for it in profile.closures if write_closure(it) not in closed)
    times_of_clinic = (it for it in profile.closed_times if write_closure(it) not in closed)
    has_hours = profile.opening_hours is not None
    of_profile = {
        "closures": (*closures, *of_clinic),
        "closed_times": (*times, *times_of_clinic),
        "open_days": given.get("open_days", request.open_days) | profile.open_days,
        "opening_hours": profile.opening_hours if has_hours else request.opening_hours,
        "slot_minutes": profile.slot_minutes if has_hours else request.slot_minutes,
        "practitioners": _staff_of_today(typed, profile, words),
        "most_sessions_a_day": profile.most_sessions_a_day,
        "rooms": profile.rooms if found.path is not None else request.rooms,
        "holidays": given.get("holidays", profile.holidays or request.holidays),
        "open_holidays": profile.open_holidays if profile.holidays else request.open_holidays,
    }
    return replace(request, **given | of_profile)


def _staff_of_today(
    typed: Mapping[str, Any], profile: Profile, words: Words
) -> tuple[Practitioner, ...]:
    """Those who treat, with the days on which they are away as it was typed."""
    staff = {each.id: each for each in profile.practitioners}
    for named, days in typed.get("away_practitioner") or ():
        who = staff[profile.practitioner_called(named, _AWAY)]
        staff[who.id] = who._replace(away=(*who.away, words.days(_AWAY, days)))
    return tuple(staff.values())


def _requested_fields(typed: Mapping[str, Any]) -> list[Field]:
    """The fields of a request that were typed."""
    return [BY_NAME[name] for name in REQUESTED if typed.get(name) not in (None, [])]


def options_typed(typed: Mapping[str, Any], words: Words) -> Iterator[str]:
    """What was typed of a request, in full: “--depart”, “2027-02-01”."""
    for field in _requested_fields(typed):
        kind = field.kind
        for text in typed[field.name] if kind.repeats else [typed[field.name]]:
            yield f"--{field.option}"
            if text == NONE:
                yield text
                continue
            value = kind.read(field.option, [text] if kind.repeats else text, words)
            yield weekday_names(value) if kind is WEEKDAYS else kind.write(value)
    for named, days in typed.get("away_practitioner") or ():
        yield from (f"--{_AWAY}", named, write_range(words.days(_AWAY, days)))
