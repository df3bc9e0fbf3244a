"""Carries out one change of one plan: opens its file, plans again, shows and writes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from operator import attrgetter
from os.path import realpath
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast, get_args

from mesoplan.book.copies import folder_notes
from mesoplan.cli.clock import usual_zone
from mesoplan.cli.console import answer, echoing, say
from mesoplan.cli.named_plan import NamedPlan, named_plan
from mesoplan.cli.open_plan import OpenPlan, changes_path, opened
from mesoplan.cli.profile import (
    FoundProfile,
    book_held,
    find_profile,
    request_of_today,
    with_label,
    with_taken_times,
)
from mesoplan.dates.days import LAST_YEAR, DateRange, start_text
from mesoplan.dates.times import minutes_of
from mesoplan.errors import FileProblem, MesoplanError, ServerProblem, UnknownName
from mesoplan.formats.comparison import changes, recorded
from mesoplan.formats.plan_file.assuming import assumed_before
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.changes import Away, Change, Keep, Miss, Move, Replan
from mesoplan.model.fields import Words
from mesoplan.model.plan import Notice, Plan
from mesoplan.model.request import LANGUAGES
from mesoplan.planning.replanner import compare
from mesoplan.planning.slots import slots_for
from mesoplan.wording.findings import notices_on
from mesoplan.wording.notices import notice_text, notices_of_change, notices_of_language
from mesoplan.wording.plans import more_that_fit, rhythm_instead
from mesoplan.wording.plans import replan as plan_again
from mesoplan.wording.reasons import cause_text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from mesoplan.formats.page import Part
    from mesoplan.model.request import Request
    from mesoplan.planning.agenda import BookEntry

_T = TypeVar("_T")
_NOTHING_CHANGES = "Nothing changes: no session has to move. The file stays as it is."
_NO_SESSION_MOVES = "No session has to move. The plan keeps what is new."
_ABSENCE_IS_KEPT = "No session falls on these days. The absence is kept."
_IN_ANOTHER_LANGUAGE = (
    "The sessions to come are in {language} from now on. Send the patient the new file."
)
_DAYS_AHEAD = 3 * 366
SAID_ALREADY = frozenset({"UNDONE", "REDONE", "OVERDUE"})
"""What need not be said beside the line on a change that was taken back, or on one of many."""


@contextmanager
def opened_to_change(
    plan: NamedPlan, typed: Mapping[str, Any], found: FoundProfile, book: Path | None
) -> Iterator[OpenPlan]:
    """The plan's file; it and the book are locked if anything is to be written."""
    zone, writes = usual_zone(None, found.profile.timezone), not typed["dry_run"]
    with (
        book_held(book, writes=writes),
        opened(plan, zone, found.profile, to_write=writes) as file,
    ):
        yield file


class Several:
    """Plans of a book that are changed, each by itself: one that fails keeps no other one back."""

    def __init__(
        self, typed: Mapping[str, Any], found: FoundProfile, not_done: str, look_again: str
    ) -> None:
        """*not_done* is the heading above what fails.

        *look_again* says what to do about a plan that another command has changed meanwhile.
        """
        self.typed, self.found = typed, found
        self.not_done, self.look_again = not_done, look_again
        self.failures: list[str] = []
        self.is_begun = self.is_cut_off = False

    def change(self, entry: BookEntry, change: Callable[[OpenPlan], None]) -> None:
        """Change one plan. The book is not locked for it.

        Raises ServerProblem if the book's server can't be asked, and nothing is changed so far.
        """
        named = NamedPlan(entry.path, str(entry.path), entry.plan.id)
        if self.is_cut_off:
            self.failures.append(f"{entry.called}: the book's server can't be asked any more")
            return
        try:
            with opened_to_change(named, self.typed, self.found, None) as file:
                if file.plan.revision != entry.plan.revision:
                    what = "the plan was changed by another command a moment ago"
                    raise FileProblem(entry.path, what, self.look_again)
                change(file)
            self.is_begun = True
        except MesoplanError as error:
            self.is_cut_off = isinstance(error, ServerProblem)
            if self.is_cut_off and not (self.is_begun or self.failures):
                raise
            self.failures.append(f"{entry.called}: {error.in_one_line}")

    def say_failures(self) -> None:
        """Say which plans were not changed, and why."""
        if self.failures:
            say(f"{self.not_done}: {len(self.failures)}", *(f"  {each}" for each in self.failures))


def carry_out(
    plan: str,
    change: Callable[[OpenPlan, Words], Change],
    typed: Mapping[str, Any],
    *,
    plans_again: bool = True,
) -> None:
    """Plan the rest of the plan in a file after a change, show what changes, and write it.

    *change* is made from what was typed, for the plan in the file. Raises FileProblem, InvalidInput
    and NoLegalPlan, and the file stays as it was.
    """
    keep = keep_typed(typed)
    with ready(plan, change, typed, plans_again=plans_again) as (file, asked, request, unreadable):
        try:
            after = plan_again(file.plan, asked, now=file.now, request=request, keep=keep)
        except NoLegalPlan as refusal:
            from mesoplan.wording.options import ways_out_of_change

            say(*map(notice_text, (*file.read.assumed, *unreadable)))
            refusal.typed = ways_out_of_change(refusal.ways_out, asked, file.typed, typed, request)
            refusal.details = tuple(line for way in refusal.typed for line in way.lines)
            raise
        said: list[str] = []
        rows = compare(file.plan, after, file.now).rows
        kept = attrgetter("request.practitioner", "request.has_calendar")
        if isinstance(asked, Away | Replan) and all(row.is_kept for row in rows):
            of_profile = asked == Replan(asked.late) and kept(after) == kept(file.plan)
            if after is file.plan or of_profile:
                # What the profile says by now is taken up when something changes.
                after, said = file.plan, [_NOTHING_CHANGES]
            else:
                said = [_ABSENCE_IS_KEPT if isinstance(asked, Away) else _NO_SESSION_MOVES]
        if isinstance(asked, Replan):
            said += more_that_fit(file.plan, after, request, file.now, file.typed)
        if isinstance(asked, Move | Miss) and typed.get("keep") is None:
            written_to = None if typed["dry_run"] else file.typed
            said += rhythm_instead(file.plan, asked, after, request, file.now, written_to)
        written_change(file, after, typed, unreadable, said).show(typed)


class Ready(NamedTuple, Generic[_T]):
    """The open file of a plan, and what is asked of it."""

    file: OpenPlan
    asked: _T
    request: Request
    """The plan's, with what was typed, and what is known of closed days and taken times by now."""
    unreadable: tuple[Notice, ...]
    """What is not known of these."""


@contextmanager
def ready(
    plan: str,
    read: Callable[[OpenPlan, Words], _T],
    typed: Mapping[str, Any],
    *,
    plans_again: bool = True,
) -> Iterator[Ready[_T]]:
    """The plan that is meant, opened, with what *read* makes of what was typed for it."""
    found = find_profile(typed["clinic"])
    named = named_plan(plan, found, typed["book"])
    book = found.book_folder(typed["book"]) if plans_again else None
    calendars = found.calendars_with(typed, book) if plans_again else None
    with opened_to_change(named, typed, found, book) as file:
        words = Words(file.today, found.profile.date_order)
        with echoing(words):
            asked = read(file, words)
            request = request_of_today(file.plan.request, typed, found, words)
        unreadable: tuple[Notice, ...] = ()
        if book is None or realpath(book) != realpath(file.path.parent):
            # Of the whole book it is said when it is read.
            copies = folder_notes(file.path.parent, file.path.name)
            unreadable = tuple(Notice("CONFLICT_COPY", text) for text in copies)
        if calendars is not None:
            days = days_ahead(file.today, request.years)
            own = {session.uid for session in file.plan.every_session}
            request, unknown = with_taken_times(request, calendars, book, days, own)
            unreadable += unknown
        yield Ready(file, asked, request, unreadable)


def days_ahead(first: date, years: int) -> DateRange:
    """The days of which calendars are read for a change, with that many years of maintenance."""
    last = first + timedelta(days=_DAYS_AHEAD + 366 * years)
    return DateRange(first, last if last.year <= LAST_YEAR else first)


def keep_typed(typed: Mapping[str, Any]) -> Keep:
    """What was typed after --keep, if anything. Raises UnknownName."""
    keep = typed.get("keep") or "days"
    if keep not in get_args(Keep):
        raise UnknownName("value of --keep", keep, get_args(Keep), "write days or rhythm")
    return cast("Keep", keep)


class Answer(NamedTuple):
    """What there is to be said of a change that was made."""

    document: Callable[[Any], object]
    page: Callable[[int | None], Iterable[Part]]
    written: Sequence[str]
    """A line for each file that was written."""
    to_undo: Sequence[str]
    """How it is taken back, if it was written."""
    failed: FileProblem | None
    """Why the page for the patient was not written, where it could not be."""

    def show(self, typed: Mapping[str, Any]) -> None:
        """Show it as it was asked for. Raises FileProblem, in the end that of the page."""
        written = [*self.written, *self.to_undo]
        answer(typed["as_json"], self.document, self.page, written, failed=self.failed)


def written_change(
    file: OpenPlan,
    after: Plan,
    typed: Mapping[str, Any],
    further: Sequence[Notice],
    said: Sequence[str] = (),
    hides: Container[str] = (),
) -> Answer:
    """Write a change unless this is a dry run; its answer, with *further* notices.

    What is *said* comes before the files that are written. The file's own plan is not written.
    Where nothing but what became of sessions changes, it is short: a line, and what is new, but for
    notices with codes that it *hides*.
    """
    path = changes_path(typed["changes"])
    comparison = compare(file.plan, after, file.now)
    is_brief = comparison.only_records and not typed["as_json"]
    written = [*said]
    if (language := after.request.language) != file.plan.request.language:
        if not typed["dry_run"]:
            written.append(_IN_ANOTHER_LANGUAGE.format(language=LANGUAGES[language]))
        further = (*further, *notices_of_language(language))
    write_page = _page(file, after, typed)
    if after is not file.plan:
        written += file.write(after, path, dry_run=typed["dry_run"], is_brief=is_brief)
    failed = write_page(written)
    notices = (
        *(*notices_of_change(file.plan, after), *after.notices),
        *assumed_before(file.read.assumed, file.plan, after),
        *(*notices_on(after, file.now, file.typed), *further),
    )
    if is_brief:
        known = {*file.plan.notices, *notices_on(file.plan, file.now, file.typed)}
        notices = tuple(it for it in notices if it not in known and it.code not in hides)
    shown, unreadable = with_label(after, file.path)
    comparison = comparison._replace(after=replace(shown, notices=(*notices, *unreadable)))

    def page(width: int | None) -> Iterable[Part]:
        if is_brief:
            return recorded(comparison, file.path.name, file.now)
        return changes(comparison, width)

    to_undo = [] if after is file.plan or typed["dry_run"] else [file.to_undo]
    return Answer(
        lambda json: json.changed_document(comparison, file.now), page, written, to_undo, failed
    )


def _page(
    file: OpenPlan, after: Plan, typed: Mapping[str, Any]
) -> Callable[[list[str]], FileProblem | None]:
    """What writes the page that was asked for with --handout, if any; see `page_writer`."""
    if typed.get("handout") is None:
        return lambda _: None
    # Loaded only for a page.
    from mesoplan.cli.handout import link_of, page_writer

    return page_writer(
        typed["handout"],
        file.path,
        after,
        file.read.options,
        file.now,
        file.record_given,
        dry_run=typed["dry_run"],
        link=link_of(after, typed["clinic"]),
    )


def clashes(after: Plan, request: Request, now: datetime) -> Iterator[Notice]:
    """That a session to come is put back where others have all the rooms."""
    slots = slots_for(replace(request, opening_hours=None), after.duration_minutes)
    for session in after.active:
        if session.is_past(now):
            continue
        why = slots.why_not_at(session.day, minutes_of(session.start.time()))
        if why is not None:
            when = start_text(session.start)
            text = f"{session.name.in_words}, on {when}, is put back where "
            text += f"{cause_text(why, [session.day])}: move it"
            yield Notice("CLASH", text)
