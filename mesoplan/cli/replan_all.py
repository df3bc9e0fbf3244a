"""`--all` of `replan` and `undo`: every plan of the book that a change of the clinic affects."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.book.finding import list_book
from mesoplan.book.folder import Book, bookings_of, read_book
from mesoplan.cli import clock
from mesoplan.cli.carry_out import clashes, opened_to_change
from mesoplan.cli.console import answer, echoing, say, standard_output
from mesoplan.cli.last_run import last_run
from mesoplan.cli.named_plan import NamedPlan, typed_again
from mesoplan.cli.open_plan import plan_of_today
from mesoplan.cli.profile import (
    NONE,
    FoundProfile,
    book_held,
    find_profile,
    options_typed,
    request_of_today,
    with_taken_times,
)
from mesoplan.dates.days import LAST_YEAR, DateRange
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, MesoplanError, UnknownName, printable
from mesoplan.formats.call_list import (
    Call,
    call_document,
    call_page,
    call_table,
    nearest_first,
    news_of,
)
from mesoplan.formats.page import counted
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.changes import Replan, recorded_of_all, without_moment
from mesoplan.model.fields import BY_NAME, Words, write_range
from mesoplan.model.plan import Notice
from mesoplan.model.request import Request
from mesoplan.model.taken import BusySpan
from mesoplan.planning.agenda import BookEntry, usual_zone_of
from mesoplan.planning.replanner import compare, undone
from mesoplan.planning.whole_clinic import sessions_affected
from mesoplan.wording import plans as wording
from mesoplan.wording.notices import notice_text
from mesoplan.wording.options import command_line, ways_out_of_change

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from mesoplan.cli.open_plan import OpenPlan
    from mesoplan.model.plan import Plan
    from mesoplan.planning.whole_clinic import Replanned

SOME_FAILED = 1
_ASK = "The patient's own calendar is not known here: ask whether the new dates suit."
_TO_CALL = "To call, the nearest session first:"
_DAYS_AHEAD = 3 * 366
_OF_ONE = {"as_json": False, "dry_run": False, "format": None}
"""What is not typed again in a command for one plan."""


class _Whole(NamedTuple):
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
def _opened(typed: Mapping[str, Any], folder: Path, found: FoundProfile) -> Iterator[_Whole]:
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
            full = _in_full(typed, words)
        yield _Whole(full, found, book, entries, now, words, today)


def _folder(typed: Mapping[str, Any], found: FoundProfile) -> Path:
    folder = found.book_folder(typed["book"])
    if folder is None:
        raise InvalidInput(
            "--all is for all plans of the book, but there is none",
            'name it with --book FOLDER, or add book = "plans" to the profile',
        )
    return folder


def _in_full(typed: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """What was typed, with its days as they are typed in full: they are read for each plan."""
    full = dict(typed)
    for name in ("closures", "open_days"):
        field = BY_NAME[name]
        full[name] = [
            text if text == NONE else field.kind.write(field.kind.read(field.option, [text], words))
            for text in typed.get(name) or ()
        ]
    option = "away-practitioner"
    full["away_practitioner"] = [
        (named, write_range(words.days(option, days)))
        for named, days in typed.get("away_practitioner") or ()
    ]
    return full


# ---------------------------------------------------------------- replan --all


def replan_all(typed: Mapping[str, Any]) -> int:
    """Plan all affected plans again, write each, and print whom to call; the exit code.

    A plan that can't be written keeps no other one back. Raises what can't be read, before anything
    is written.
    """
    if typed["format"] not in (None, "csv"):
        raise UnknownName("value of --format", typed["format"], ["csv"], "write csv")
    if typed["format"] and typed["as_json"]:
        raise InvalidInput("--format and --json exclude each other", "leave out one of them")
    found = find_profile(typed["clinic"])
    folder = _folder(typed, found)
    calendars = found.calendars_with({"patient_busy": None, **typed}, folder)
    with _opened(typed, folder, found) as whole:
        named = typed["practitioner"]
        practitioner = named and found.profile.practitioner_called(named)
        clinic, unread = _clinic_of_today(whole, calendars)

        def changed(request: Request) -> Request:
            own = request_of_today(
                request, whole.typed | {"practitioner": None}, found, whole.words
            )
            return own.with_taken_of(clinic)

        outcomes = wording.replan_all(
            [each.plan for each in whole.entries.values()],
            changed,
            now=whole.now,
            practitioner=practitioner,
            typed=tuple(options_typed(whole.typed, whole.words)),
        )
        run = _Run(whole, "Not changed")

        def planned(outcome: Replanned, after: Plan) -> Callable[[OpenPlan], Plan]:
            def change(_file: OpenPlan) -> Plan:
                run.require_free(after, changed(outcome.before.request))
                return after

            return change

        run.each(
            [
                (whole.entries[each.before.id], planned(each, each.after))
                for each in outcomes
                if each.after is not None
            ]
        )
        count, refused = len(run.calls), [each for each in outcomes if each.after is None]
        names = _names(whole, {each.before.id for each in refused})
        for each in refused:
            asked = changed(each.before.request)
            asked = replace(asked, practitioner=practitioner or asked.practitioner)
            run.calls.append(_refused(whole, each, asked, names[each.before.id]))
    say(*map(notice_text, unread), *_unreadable(whole.book))
    if not outcomes:
        return run.shown("No plan is affected: all sessions to come can take place.")
    done = "Would be planned" if typed["dry_run"] else "Planned"
    title = f"{done} again: {count} of {counted(len(outcomes), 'affected plan')}."
    if count:
        return run.shown(f"{title} {_TO_CALL}", _afterwards(whole))
    return run.shown(title)


def _names(whole: _Whole, ids: Container[str]) -> dict[str, str]:
    """How plans of the book are typed, by their ids."""
    listing = list_book(whole.book.folder, clock.usual_zone(None, whole.found.profile.timezone))
    plans = (each for each in listing.plans if each.plan_id in ids)
    return {each.plan_id: typed_again(each, listing, whole.found) for each in plans}


def _clinic_of_today(whole: _Whole, calendars: Any) -> tuple[Request, tuple[Notice, ...]]:
    """What any request has of the clinic: who treats, and what calendars take."""
    plans = [each.plan for each in whole.entries.values()]
    years = max((plan.request.years for plan in plans), default=1)
    first = whole.today
    last = first + timedelta(days=_DAYS_AHEAD + 366 * years)
    days = DateRange(first, last if last.year <= LAST_YEAR else first)
    own = {each.uid for plan in plans for each in (*plan.active, *plan.dropped)}
    typed = dict.fromkeys(whole.typed) | {"away_practitioner": whole.typed["away_practitioner"]}
    request = Request("", timezone=whole.zone)
    clinic = request_of_today(request, typed, whole.found, whole.words)
    return with_taken_times(clinic, calendars, None, days, own)


def _refused(whole: _Whole, outcome: Replanned, request: Request, name: str) -> Call:
    """A patient whose plan stays as it is, with the commands that help."""
    refusal = outcome.refusal
    if isinstance(refusal, NoLegalPlan):
        options = {key: each for key, each in whole.typed.items() if key not in _OF_ONE}
        ways = ways_out_of_change(refusal.ways_out, Replan(), name, options, request)
        refusal.details = tuple(line for way in ways for line in way.lines)
    return Call(whole.entries[outcome.before.id], outcome.sessions[0], None, refusal)


def _afterwards(whole: _Whole) -> Iterator[str]:
    """How it is taken back, and what other plans don't know."""
    typed = whole.typed
    if not typed["dry_run"]:
        where = {name: typed[name] for name in ("book", "clinic")}
        yield f"To undo: {command_line(['undo', '--all'], where)}"
    for named, days in typed["away_practitioner"]:
        who = whole.found.profile.practitioner_called(named)
        yield f'For new plans, add to {who} in the clinic\'s profile: away = ["{days}"]'
    if typed["closures"]:
        yield "For new plans, add the closure to the clinic's profile."


def _unreadable(book: Book) -> Iterator[str]:
    problems = [*book.unreadable, *filter(None, [book.names_problem])]
    if problems:
        files = counted(len(problems), "file")
        yield f"{files} of the book can't be read: “mesoplan agenda” shows why."


# ---------------------------------------------------------------- undo --all


def undo_all(typed: Mapping[str, Any]) -> int:
    """Take back what the last “replan --all” changed; the exit code.

    Plans that were changed since stay as they are, and are named. Raises InvalidInput where nothing
    is to be taken back.
    """
    found = find_profile(typed["clinic"])
    with _opened(typed, _folder(typed, found), found) as whole:
        entries = whole.entries.values()
        last, changed = last_run(entries, _runs(entries), "mesoplan replan --all")
        run = _Run(whole, "Not taken back")
        run.each([(each, lambda file: undone(file.plan, file.before(), file.now)) for each in last])
        run.calls = [*map(run.with_clashes, run.calls)]
    would = "Would be taken back" if typed["dry_run"] else "Taken back"
    title = f"{would}: {counted(len(run.calls), 'plan')}. {_TO_CALL}"
    since = f"Changed since, and left as it is: {', '.join(changed)}"
    return run.shown(title, [since] if changed else ())


def _runs(entries: Iterable[BookEntry]) -> Callable[[str | None], datetime | None]:
    """What gives the moment of a run from what a plan keeps of it.

    What the same command changed on one day is one run: it goes on after an interruption.
    """

    def command(did: str | None) -> tuple[object, ...]:
        moment = recorded_of_all(did)
        return moment and moment.date(), without_moment(did or "")

    dids = sorted(did for each in entries if recorded_of_all(did := each.plan.did or ""))
    last = {command(did): recorded_of_all(did) for did in dids}
    return lambda did: last.get(command(did), recorded_of_all(did))


# ---------------------------------------------------------------- several plans, each by itself


class _Run:
    """Plans of a book that are changed, each by itself, and whom to call then."""

    def __init__(self, whole: _Whole, not_done: str) -> None:
        """*not_done* is the heading above what fails."""
        self.whole, self.not_done = whole, not_done
        self.calls: list[Call] = []
        self.failures: list[str] = []
        self.written: list[str] = []
        """What is said of files."""
        self.bookings = bookings_of([whole.book])
        """Who takes which times, as it is in the files."""

    def each(self, changes: Sequence[tuple[BookEntry, Callable[[OpenPlan], Plan]]]) -> None:
        """Carry out the changes, one plan after the other; if interrupted, show those before."""
        try:
            for entry, change in changes:
                try:
                    self._carry_out(entry, change)
                except MesoplanError as error:
                    label = printable(entry.label or entry.path.name)
                    self.failures.append(f"{label}: {error.in_one_line}")
        except KeyboardInterrupt:
            done = f"Interrupted: {len(self.calls)} of {counted(len(changes), 'plan')} are changed"
            self.shown(f"{done}. The same command does the rest. {_TO_CALL}")
            raise

    def _carry_out(self, entry: BookEntry, change: Callable[[OpenPlan], Plan]) -> None:
        whole, before = self.whole, entry.plan
        named = NamedPlan(entry.path, str(entry.path), before.id)
        with opened_to_change(named, whole.typed, whole.found, None) as file:
            if file.plan.revision != before.revision:
                raise FileProblem(
                    entry.path,
                    "the plan was changed by another command a moment ago",
                    "type the same command again",
                )
            after = change(file)
            dry_run = whole.typed["dry_run"]
            self.written += file.write(after, None, dry_run=dry_run, is_brief=True)
        spans = (BusySpan(each.start, each.end) for each in after.active)
        self.bookings.book(after.id, spans, after.request.practitioner)
        comparison = compare(before, after, whole.now)
        notices = news_of(comparison)
        if before.request.has_calendar:
            notices += (Notice("PATIENT_CALENDAR", _ASK),)
        moved = sorted((*comparison.going, *comparison.coming), key=lambda each: each.start)
        nearest = (*moved, *before.coming(whole.now), *after.active)[0]
        self.calls.append(Call(entry, nearest, comparison, notices=notices))

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
        typed, calls = self.whole.typed, nearest_first(self.calls)
        refused = [each for each in calls if each.comparison is None]
        lines = [*dict.fromkeys(self.written)]
        if (count := len(calls) - len(refused)) and not typed["dry_run"]:
            files = f"{counted(count, 'file')} in {printable(self.whole.book.folder)}"
            lines += [f"Changed: {files}", "Before the change: the same names with ~"]
        lines += said
        try:
            if typed.get("format"):
                standard_output().write_bytes(call_table(calls))
                say(title, *lines)
            else:
                answer(
                    typed["as_json"],
                    lambda json: call_document(calls, self.failures, self.whole.now, json),
                    lambda _width: call_page(title, calls),
                    lines,
                )
        finally:
            if self.failures:
                failed = f"{self.not_done}: {len(self.failures)}"
                say(failed, *(f"  {each}" for each in self.failures))
        return SOME_FAILED if self.failures or refused else 0
