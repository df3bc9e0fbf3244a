"""The whole book, while several of its plans change: each by itself, and whom to call then."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.book.folder import Book, bookings_of, read_book
from mesoplan.cli import clock
from mesoplan.cli.carry_out import Several, clashes
from mesoplan.cli.console import ReaderGone, answer, echoing, say, standard_output
from mesoplan.cli.open_plan import plan_of_today
from mesoplan.cli.profile import NONE, FoundProfile, book_held
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, printable
from mesoplan.formats.call_list import (
    Call,
    call_document,
    call_page,
    call_table,
    news_of,
)
from mesoplan.formats.page import counted
from mesoplan.model.fields import BY_NAME, Words, write_range
from mesoplan.model.plan import Notice
from mesoplan.planning.agenda import BookEntry, usual_zone_of
from mesoplan.planning.replanner import compare
from mesoplan.planning.whole_clinic import sessions_affected
from mesoplan.wording.options import command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from mesoplan.cli.open_plan import OpenPlan
    from mesoplan.model.plan import Plan
    from mesoplan.model.request import Request
    from mesoplan.planning.replanner import Comparison

SOME_FAILED = 1
_ASK = "The patient's own calendar is not known here: ask whether the new dates suit."
_GOAL = "The goal is not in this file: check that {} treats it."


class Whole(NamedTuple):
    """The book, and what is known of the clinic."""

    typed: dict[str, Any]
    """With its days in full."""
    found: FoundProfile
    book: Book
    entries: Mapping[str, BookEntry]
    """By the ids of the plans, which have the clinic's phone and staff of today."""
    now: datetime
    words: Words
    today: date
    """In the clinic's zone."""

    @property
    def zone(self) -> str:
        """The clinic's."""
        profile = self.found.profile
        usual = clock.usual_zone(None, profile.timezone)
        return profile.timezone or usual_zone_of(self.book.entries) or usual()


@contextmanager
def opened_book(typed: Mapping[str, Any], folder: Path, found: FoundProfile) -> Iterator[Whole]:
    """The book; nobody else books in it until everything is written."""
    now = clock.now()
    with book_held(folder, writes=not typed["dry_run"]):
        zone = clock.usual_zone(None, found.profile.timezone)
        book = read_book(folder, zone, names_plans=True)
        entries = {
            each.plan.id: each._replace(plan=plan_of_today(each.plan, found.profile))
            for each in book.entries
        }
        today = now.astimezone(find_zone(found.profile.timezone or zone())).date()
        words = Words(today, found.profile.date_order)
        with echoing(words):
            full = _in_full(typed, words, today)
        yield Whole(full, found, book, entries, now, words, today)


def folder_of_all(typed: Mapping[str, Any], found: FoundProfile) -> Path:
    """The folder of the book. Raises InvalidInput where there is none."""
    folder = found.book_folder(typed["book"])
    if folder is None:
        raise InvalidInput(
            "--all is for all plans of the book, but there is none",
            'name it with --book FOLDER, or add book = "plans" to the profile',
        )
    return folder


def _in_full(typed: Mapping[str, Any], words: Words, today: date) -> dict[str, Any]:
    """What was typed, with its days as they are typed in full: they are read for each plan.

    Raises InvalidInput for days that can't be meant.
    """
    full = dict(typed)
    for name in ("closures", "open_days"):
        field = BY_NAME[name]
        full[name] = [
            text if text == NONE else field.kind.write(field.kind.read(field.option, [text], words))
            for text in typed.get(name) or ()
        ]
    option, absences = "away-practitioner", typed.get("away_practitioner") or ()
    read = [(named, words.days(option, days)) for named, days in absences]
    for _, days in read:
        if days.last < today:
            raise InvalidInput(
                f"--{option}: {days} is in the past", "check the year; an absence is still to come"
            )
    full["away_practitioner"] = [(named, write_range(days)) for named, days in read]
    return full


def to_undo(whole: Whole) -> str:
    """How all of it is taken back."""
    where = {name: whole.typed[name] for name in ("book", "clinic")}
    return f"To undo: {command_line(['undo', '--all'], where)}"


def _call(entry: BookEntry, comparison: Comparison, now: datetime) -> Call:
    """Whom to call for a change, and what there is to say."""
    before, after = comparison.before, comparison.after
    notices = news_of(comparison)
    if before.request.has_calendar:
        notices += (Notice("PATIENT_CALENDAR", _ASK),)
    moved = sorted((*comparison.going, *comparison.coming), key=lambda each: each.start)
    if before.request.practitioner != after.request.practitioner:
        # Each session to come is another one.
        moved = []
        if before.goal is None:
            notices += (Notice("GOAL_UNKNOWN", _GOAL.format(after.request.treats)),)
    nearest = (*moved, *before.coming(now), *after.active)[0]
    return Call(entry, nearest, comparison, notices=notices)


class Run(Several):
    """Plans of a book that are changed, each by itself, and whom to call then."""

    def __init__(self, whole: Whole, not_done: str) -> None:
        """*not_done* is the heading above what fails."""
        super().__init__(whole.typed, whole.found, not_done, "type the same command again")
        self.whole = whole
        self.heading = ""
        """What was typed, as it was understood."""
        self.calls: list[Call] = []
        self.planned = 0
        """How many plans are to change."""
        self.written: list[str] = []
        """What is said of files."""
        self.bookings = bookings_of([whole.book])
        """Who takes which times, as it is in the files."""

    def each(self, changes: Sequence[tuple[BookEntry, Callable[[OpenPlan], Plan]]]) -> None:
        """Carry out the changes, one plan after the other."""
        self.planned = len(changes)
        for entry, change in changes:
            self._carry_out(entry, change)

    @contextmanager
    def shown_if_interrupted(self) -> Iterator[None]:
        """Show what is changed so far, if that is all there is time for."""
        try:
            yield
        except KeyboardInterrupt:
            done = [each for each in self.calls if each.comparison is not None]
            if not done or self.whole.typed["dry_run"]:
                say("Interrupted: nothing was changed.")
            else:
                title = f"Interrupted: {len(done)} of {counted(self.planned, 'plan')} are changed."
                self.shown(f"{title} The same command does the rest.", [to_undo(self.whole)])
            raise

    def _carry_out(self, entry: BookEntry, change: Callable[[OpenPlan], Plan]) -> None:
        def carried_out(file: OpenPlan) -> None:
            after, now = change(file), self.whole.now
            call = _call(entry, compare(entry.plan, after, now), now)
            if not self.typed["dry_run"]:
                self.written.extend(file.write(after, None, dry_run=False, is_brief=True))
            self.calls.append(call)
            self.bookings.book_plan(after)

        self.change(entry, carried_out)

    def require_free(self, after: Plan, request: Request) -> None:
        """Raise FileProblem if a plan needs times of one that could not be written."""
        request = replace(request, booked=self.bookings.around(after.id))
        if self.failures and sessions_affected(after, request, self.whole.now):
            raise FileProblem(
                None,
                "it needs a time of a plan that could not be changed",
                "see to that one, and type the same command again",
            )

    def with_clashes(self, call: Call) -> Call:
        """The call with what others have by now of the times that are put back."""
        if call.comparison is None:
            return call
        after, profile = call.comparison.after, self.whole.found.profile
        rooms = after.request.rooms if self.whole.found.path is None else profile.rooms
        request = replace(after.request, booked=self.bookings.around(after.id), rooms=rooms)
        return call._replace(notices=(*call.notices, *clashes(after, request, self.whole.now)))

    def shown(self, title: str, said: Iterable[str] = ()) -> int:
        """Print whom to call, and what was written, then what failed; the exit code."""
        typed = self.whole.typed
        calls = sorted(self.calls, key=lambda each: (each.session.start, each.entry.path.name))
        refused = [each for each in calls if each.comparison is None]
        lines = [*dict.fromkeys(self.written)]
        if (count := len(calls) - len(refused)) and not typed["dry_run"]:
            files = f"{counted(count, 'file')} in {printable(self.whole.book.folder)}"
            lines += [f"Changed: {files}", "Before the change: the same names with ~"]
        elif typed["dry_run"]:
            lines.append("No file is changed (--dry-run).")
        lines += said
        try:
            if typed.get("format"):
                standard_output().write_bytes(call_table(calls))
                say(*filter(None, [self.heading]), title, *lines)
            else:
                answer(
                    typed["as_json"],
                    lambda json: (
                        call_document(calls, self.failures, self.whole.now, json)
                        | {"dry_run": typed["dry_run"]}
                    ),
                    lambda _width: call_page(title, calls, self.heading),
                    lines,
                )
        except (FileProblem, ReaderGone) as gone:
            # Files are changed already: that must be known.
            if isinstance(gone, FileProblem):
                gone.details = ()
            say(title, *lines)
            raise
        finally:
            self.say_failures()
        return SOME_FAILED if self.failures or refused else 0
