"""`mesoplan today`, and `--today` of `done` and `undo`: a day's sessions by their numbers."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.book.copies import folder_notes
from mesoplan.book.folder import Book, read_book
from mesoplan.cli import clock, options
from mesoplan.cli.agenda import known_practitioner
from mesoplan.cli.carry_out import SAID_ALREADY, Answer, Several, written_change
from mesoplan.cli.console import answer, say
from mesoplan.cli.last_run import last_run
from mesoplan.cli.open_plan import OpenPlan
from mesoplan.cli.profile import FoundProfile, find_profile, request_of_today
from mesoplan.cli.questions import may_ask, yes
from mesoplan.dates.days import DateRange
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, quoted
from mesoplan.formats.page import Line, Part, counted, line
from mesoplan.formats.today import status_at, today_document, today_page
from mesoplan.model.changes import Attend, recorded_of_day
from mesoplan.model.fields import Words
from mesoplan.model.plan import Plan, Status
from mesoplan.model.request import Request
from mesoplan.planning.agenda import Agenda, Booking, agenda_of, usual_zone_of
from mesoplan.planning.replanner import undone
from mesoplan.wording.options import command_line
from mesoplan.wording.plans import replan

if TYPE_CHECKING:
    from pathlib import Path

SOME_FAILED = 1

EPILOGS = {
    "today": options.epilog(
        "today",
        "today --with roux",
        "done --today",
        "done --today 1 2 4",
        "done --today --except martin",
        codes={4: "the book can't be read"},
    )
}


class Day(NamedTuple):
    """The sessions of today in the whole book."""

    found: FoundProfile
    book: Book
    now: datetime
    clinic: Request
    """What any request has of the clinic."""
    agenda: Agenda
    listed: tuple[Booking, ...]
    """In order of time, which numbers them from 1; those that were cancelled have no number."""

    def number(self, booking: Booking) -> int:
        """The number of a session in the list."""
        return self.listed.index(booking) + 1


def day_of(profile: str | None, typed_book: str | None) -> Day:
    """Today's sessions, of a profile and a book as they were typed.

    Raises InvalidInput without a book, and FileProblem where it can't be read.
    """
    found = find_profile(profile)
    folder = found.book_folder(typed_book)
    if folder is None:
        raise InvalidInput(
            "no profile in use names a book, the folder of all plans",
            'name it with --book FOLDER, or add book = "plans" to the profile',
        )
    usual_zone = clock.usual_zone(None, found.profile.timezone)
    book, now = read_book(folder, usual_zone, names_plans=True), clock.now()
    clinic = Request(
        "",
        timezone=found.profile.timezone or usual_zone_of(book.entries) or usual_zone(),
        rooms=found.profile.rooms,
        practitioners=found.profile.practitioners,
    )
    today = now.astimezone(find_zone(clinic.timezone)).date()
    agenda = agenda_of(book.entries, DateRange(today, today), clinic, now)
    bookings = (each for day in agenda.found for each in day.bookings)
    listed = tuple(each for each in bookings if each.session.status is not Status.CANCELLED)
    return Day(found, book, now, clinic, agenda, listed)


@options.with_options(options.TODAY)
def today(*, practitioner: str | None, book: str | None, clinic: str | None, as_json: bool) -> None:
    """Show today's sessions by time, each with a number.

    Below them is what else needs attention. “mesoplan done --today” records all that have begun,
    and “mesoplan done --today 1 2 4” those with these numbers. A session keeps its number, unless
    one before it is booked, moved or cancelled.
    """
    day = day_of(clinic, book)
    agenda, numbers = day.agenda, {each.session.uid: day.number(each) for each in day.listed}
    if practitioner is not None:
        of_one = known_practitioner(practitioner, day.found.profile, day.book)
        agenda = agenda_of(day.book.entries, agenda.days, day.clinic, day.now, of_one)
    unreadable = (*day.book.unreadable, *filter(None, [day.book.names_problem]))

    def command(*words: str) -> str:
        if words == ("agenda",):
            return command_line(["agenda", *filter(None, [book])], {"clinic": clinic})
        return command_line(words, {"book": book, "clinic": clinic})

    answer(
        as_json,
        lambda _json: today_document(agenda, numbers, unreadable),
        lambda _width: today_page(agenda, numbers, day.now, unreadable, command),
    )
    say(*folder_notes(day.book.folder))


# ---------------------------------------------------------------- done --today


def record_today(words: Sequence[str], excepted: Sequence[str], typed: Mapping[str, Any]) -> int:
    """Record today's sessions that have begun, or those with these numbers; the exit code."""
    day = day_of(typed["clinic"], typed["book"])
    chosen = _chosen(day, words, excepted)
    if chosen and may_ask() and not typed["dry_run"] and not typed["as_json"]:
        say(*(f"  {each.start:%H:%M}  {_in_words(each)}" for each in chosen))
        if not yes(f"Record {'this one' if len(chosen) == 1 else f'these {len(chosen)}'}?"):
            say("Nothing is recorded.")
            return 0

    def attended(file: OpenPlan, bookings: Sequence[Booking]) -> Plan:
        words = Words(file.today, day.found.profile.date_order)
        request = request_of_today(file.plan.request, typed, day.found, words)
        names = tuple(each.session.name for each in bookings)
        return replan(file.plan, Attend(names, of_day=day.now), now=file.now, request=request)

    said = []
    if not chosen:
        coming = [each.start for each in day.listed if status_at(each, day.now) == "to come"]
        following = "".join(f" The next session starts at {each:%H:%M}." for each in coming[:1])
        said = [f"Nothing is to be recorded now.{following}"]
    undoes: list[object] = ["undo", "--today"]
    run = _Run(typed, day, "Not recorded", lambda _: ("To undo", undoes))
    run.failures += [each.in_one_line for each in day.book.unreadable if not words]
    run.carry_out(_by_plan(chosen), attended)
    return run.shown([*said, *folder_notes(day.book.folder)])


def _chosen(day: Day, words: Sequence[str], excepted: Sequence[str]) -> list[Booking]:
    """The sessions that are to be recorded, in order of time. Raises InvalidInput."""
    left_out = [booking for text in excepted for booking in _called(day, text)]
    named = [_numbered(day, word) for word in words]
    for each in named:
        status = status_at(each, day.now)
        which = f"number {day.number(each)} ({_in_words(each)})"
        if status == "to come":
            raise InvalidInput(
                f"{which} has not begun: it starts at {each.start:%H:%M}",
                "wait until then, or leave it out",
            )
        if not each.is_overdue:
            raise InvalidInput(f"{which} is recorded already: {status}", "leave it out")
    chosen = named or [each for each in day.listed if each.is_overdue]
    return [each for each in day.listed if each in chosen and each not in left_out]


def _numbered(day: Day, text: str) -> Booking:
    """The session with the number that was typed. Raises InvalidInput."""
    if not (text.isascii() and text.isdecimal()):
        raise InvalidInput(
            f"--today is for all plans of today, so {quoted(text)} can't stand beside it",
            "give numbers of the list of “mesoplan today”, or leave out --today",
        )
    number = int(text) if len(text) < 9 else 0
    if not 1 <= number <= len(day.listed):
        listed = counted(len(day.listed), "session")
        raise InvalidInput(
            f"there is no number {text[:9]} today: the list has {listed}",
            "look at it with “mesoplan today”",
        )
    return day.listed[number - 1]


def _called(day: Day, text: str) -> list[Booking]:
    """The sessions of today of the one plan that is meant after --except, or the one of a number.

    Raises InvalidInput where not exactly one plan is meant.
    """
    if text.isascii() and text.isdecimal():
        return [_numbered(day, text)]
    from mesoplan.book.finding import ListedPlan, found_by

    entries = {each.entry.path.name: each.entry for each in day.listed}
    plans = (
        ListedPlan.of(name, each.plan.id, each.plan.goal, each.label)
        for name, each in entries.items()
    )
    meant = {each.name for each in found_by(text, list(plans))}
    found = [each for each in day.listed if each.entry.path.name in meant]
    if len(meant) == 1:
        return found
    what = f"{len(meant)} plans of today are" if meant else "no plan of today is"
    numbers = " or ".join(f"{day.number(each)} ({_in_words(each)})" for each in found)
    raise InvalidInput(
        f"--except: {what} called {quoted(text)}",
        f"give the number: {numbers}" if meant else "look at the list with “mesoplan today”",
    )


def _in_words(booking: Booking) -> str:
    """“Anne Martin, hair 3/8”."""
    goal = f", {booking.entry.plan.goal}" if booking.entry.plan.goal else ""
    return f"{booking.entry.called}{goal} {booking.number}"


# ---------------------------------------------------------------- undo --today


def undo_today(typed: Mapping[str, Any]) -> int:
    """Take back what the last “done --today” of today recorded; the exit code.

    Plans that were changed since stay as they are; those that were changed once are named. Raises
    InvalidInput where nothing is to be taken back.
    """
    day = day_of(typed["clinic"], typed["book"])
    plans = {bookings[0].entry.path: bookings for bookings in _by_plan(day.listed)}
    entries = (bookings[0].entry for bookings in plans.values())
    last, since = last_run(
        entries, lambda did: _run_of_today(did, day), "mesoplan done --today", " of today"
    )
    changed = ", ".join(since)

    def again(bookings: Sequence[Booking]) -> tuple[str, list[object]]:
        return "To record them again", ["done", "--today", *map(day.number, bookings)]

    run = _Run(typed, day, "Not taken back", again)
    chosen = [plans[entry.path] for entry in last]
    run.carry_out(chosen, lambda file, _: undone(file.plan, file.before(), file.now))
    return run.shown([f"Changed since, and left as it is: {changed}"] * bool(changed))


def _run_of_today(did: str | None, day: Day) -> datetime | None:
    """When a plan was recorded with others of today, from what it keeps of its last change."""
    moment = recorded_of_day(did)
    if moment is None or moment.astimezone(day.agenda.zone).date() != day.agenda.days.first:
        return None
    return moment


# ---------------------------------------------------------------- several plans, each by itself


def _by_plan(bookings: Iterable[Booking]) -> list[list[Booking]]:
    plans: dict[Path, list[Booking]] = {}
    for each in bookings:
        plans.setdefault(each.entry.path, []).append(each)
    return list(plans.values())


class _Run(Several):
    """A change of several plans of today."""

    def __init__(
        self,
        typed: Mapping[str, Any],
        day: Day,
        not_done: str,
        back: Callable[[Sequence[Booking]], tuple[str, list[object]]],
    ) -> None:
        """*back* gives what to do about what was changed: what for, and the command's words."""
        super().__init__(typed, day.found, not_done, "look at the day with “mesoplan today”")
        self.back = back
        self.changed: list[Booking] = []
        self.answers: list[tuple[datetime, Answer]] = []

    def carry_out(
        self,
        plans: Iterable[Sequence[Booking]],
        change: Callable[[OpenPlan, Sequence[Booking]], Plan],
    ) -> None:
        """Carry out the change of each plan; if one is interrupted, show those before."""
        try:
            for bookings in plans:
                self._carry_out(bookings, change)
        except KeyboardInterrupt:
            self.shown(["Interrupted: “mesoplan today” shows what is recorded."])
            raise

    def _carry_out(
        self, bookings: Sequence[Booking], change: Callable[[OpenPlan, Sequence[Booking]], Plan]
    ) -> None:
        def carried_out(file: OpenPlan) -> None:
            after = change(file, bookings)
            made = written_change(file, after, self.typed, (), hides=SAID_ALREADY)
            self.answers.append((bookings[0].start, made))
            self.changed.extend(bookings)

        # The dates stay, so that nobody who plans need wait.
        self.change(bookings[0].entry, carried_out)

    def shown(self, said: Iterable[str] = ()) -> int:
        """Show what was changed, and what to do about it, then what failed; the exit code."""
        written = [text for _, made in self.answers for text in made.written]
        if self.answers and not self.typed["dry_run"]:
            what_for, words = self.back(self.changed)
            where = {name: self.typed[name] for name in ("book", "clinic")}
            written.append(f"{what_for}: {command_line(words, where)}")
        try:
            answer(
                self.typed["as_json"],
                lambda json: {
                    "schema": "mesoplan-today/1",
                    "plans": [made.document(json) for _, made in self.answers],
                    "failed": self.failures,
                },
                self._page,
                [*dict.fromkeys(written), *said],
            )
        finally:
            self.say_failures()
        return SOME_FAILED if self.failures else 0

    def _page(self, width: int | None) -> Iterator[Part]:
        for start, made in self.answers:
            for index, part in enumerate(made.page(width)):
                if index == 0 and isinstance(part, Line):
                    yield line(f"{start:%H:%M}  ", *part.spans, hang=7)
                else:
                    yield part
