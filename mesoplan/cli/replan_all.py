"""`--all` of `replan` and `undo`: every plan of the book that a change of the clinic affects."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mesoplan.book.copies import folder_notes
from mesoplan.book.finding import list_book
from mesoplan.cli import clock
from mesoplan.cli.carry_out import days_ahead
from mesoplan.cli.console import say
from mesoplan.cli.last_run import last_run
from mesoplan.cli.named_plan import typed_again
from mesoplan.cli.profile import (
    NONE,
    find_profile,
    options_typed,
    request_of_today,
    with_taken_times,
)
from mesoplan.cli.whole_book import Run, Whole, folder_of_all, opened_book, to_undo
from mesoplan.errors import InvalidInput, MesoplanError, UnknownName
from mesoplan.formats.call_list import Call
from mesoplan.formats.page import counted
from mesoplan.model.causes import NoLegalPlan, WayOut
from mesoplan.model.changes import Replan, recorded_of_all, without_moment
from mesoplan.model.fields import read_range, write_closure, write_range
from mesoplan.model.request import Request
from mesoplan.planning.replanner import undone
from mesoplan.wording import plans as wording
from mesoplan.wording.notices import notice_text
from mesoplan.wording.options import ways_out_of_change
from mesoplan.wording.reasons import begun

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from datetime import datetime

    from mesoplan.book.folder import Book
    from mesoplan.cli.open_plan import OpenPlan
    from mesoplan.model.plan import Notice, Plan
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.planning.agenda import BookEntry
    from mesoplan.planning.whole_clinic import Replanned

_ONE_RUN = timedelta(hours=1)
_OF_ONE = {"as_json": False, "dry_run": False, "format": None}
"""What is not typed again in a command for one plan."""


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
    folder = folder_of_all(typed, found)
    calendars = found.calendars_with({"patient_busy": None, **typed}, folder)
    with opened_book(typed, folder, found) as whole:
        run = Run(whole, "Not changed")
        run.heading = _understood(whole)
        with run.shown_if_interrupted():
            outcomes = _planned_again(whole, calendars, run)
    if not outcomes:
        return run.shown("No plan is affected: all sessions to come can take place.")
    count = sum(each.comparison is not None for each in run.calls)
    done = "Would be planned" if typed["dry_run"] else "Planned"
    title = f"{done} again: {count} of {counted(len(outcomes), 'affected plan')}."
    return run.shown(title, _afterwards(whole) if count else ())


def _planned_again(whole: Whole, calendars: Any, run: Run) -> tuple[Replanned, ...]:
    """What becomes of the affected plans, once they are written."""
    profile, typed = whole.found.profile, whole.typed
    practitioner = typed["practitioner"] and profile.practitioner_called(typed["practitioner"])
    clinic, unread = _clinic_of_today(whole, calendars)
    say(*map(notice_text, unread), *_unreadable(whole.book))

    def changed(request: Request) -> Request:
        others = typed | {"practitioner": None}
        own = request_of_today(request, others, whole.found, whole.words)
        return own.with_taken_of(clinic)

    outcomes = wording.replan_all(
        [each.plan for each in whole.entries.values()],
        changed,
        now=whole.now,
        practitioner=practitioner,
        typed=tuple(options_typed(typed, whole.words)),
        taken=run.bookings,
    )

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
    refused = [each for each in outcomes if each.after is None]
    names = _names(whole, {each.before.id for each in refused})
    for each in refused:
        booked = run.bookings.around(each.before.id)
        asked = replace(changed(each.before.request), booked=booked)
        asked = replace(asked, practitioner=practitioner or asked.practitioner)
        run.calls.append(_refused(whole, each, asked, names[each.before.id]))
    return outcomes


def _names(whole: Whole, ids: Container[str]) -> dict[str, str]:
    """How plans of the book are typed, by their ids."""
    listing = list_book(whole.book.folder, clock.usual_zone(None, whole.found.profile.timezone))
    plans = (each for each in listing.plans if each.plan_id in ids)
    return {each.plan_id: typed_again(each, listing, whole.found) for each in plans}


def _clinic_of_today(whole: Whole, calendars: Any) -> tuple[Request, tuple[Notice, ...]]:
    """What any request has of the clinic: who treats, and what calendars take."""
    plans = [each.plan for each in whole.entries.values()]
    years = max((plan.request.years for plan in plans), default=1)
    days = days_ahead(whole.today, years)
    own = {each.uid for plan in plans for each in plan.every_session}
    return with_taken_times(_staffed(whole), calendars, None, days, own)


def _staffed(whole: Whole) -> Request:
    """What any request has of the clinic, with those who were typed as away."""
    typed = dict.fromkeys(whole.typed) | {"away_practitioner": whole.typed["away_practitioner"]}
    return request_of_today(Request("", timezone=whole.zone), typed, whole.found, whole.words)


def _refused(whole: Whole, outcome: Replanned, request: Request, name: str) -> Call:
    """A patient whose plan stays as it is, with the commands that help."""
    refusal, ways = outcome.refusal, tuple[WayOut, ...]()
    if isinstance(refusal, NoLegalPlan):
        ways = refusal.ways_out
    elif refusal is not None:
        ways = tuple(_others_who_treat(outcome.before, request, whole.now))
        refusal.remedy = "Any one of these works:" if len(ways) > 1 else "This works:"
        if not ways:
            refusal.remedy = "With nobody who treats it does a schedule fit."
    if refusal is not None:
        options = {key: each for key, each in whole.typed.items() if key not in _OF_ONE}
        typed = ways_out_of_change(ways, Replan(), name, options, request)
        refusal.details = tuple(line for way in typed for line in way.lines)
    return Call(whole.entries[outcome.before.id], outcome.sessions[0], None, refusal)


def _others_who_treat(plan: Plan, request: Request, now: datetime) -> Iterator[WayOut]:
    """Those with whom there is a schedule, of all who treat the goal; its own comes first."""
    own = plan.request.practitioner
    for each in sorted(request.practitioners, key=lambda it: it.id != own):
        if not each.treats(plan.goal) or each.id == request.practitioner:
            continue
        asked = replace(request, practitioner=each.id)
        with suppress(MesoplanError):
            wording.replan(plan, Replan(), now=now, request=asked, explains=False)
            how = f"stay with {each.name}" if each.id == own else f"see {each.name} instead"
            yield WayOut(how, {"practitioner": each.id}, "PRACTITIONER")


def _afterwards(whole: Whole) -> Iterator[str]:
    """How it is taken back, and what other plans don't know."""
    typed = whole.typed
    if not typed["dry_run"]:
        yield to_undo(whole)
    for who in _absent(whole):
        known = next(each.away for each in whole.found.profile.practitioners if each.id == who.id)
        if not set(who.away) <= set(known):
            days = ", ".join(f'"{write_range(each)}"' for each in dict.fromkeys(who.away))
            yield f"For new plans, write for {who.id} in the clinic's profile: away = [{days}]"
    profile = whole.found.profile
    closed = {*map(write_closure, profile.closures), *map(write_closure, profile.closed_times)}
    if not closed.issuperset(each for each in typed["closures"] if each != NONE):
        yield "For new plans, write the closure into the clinic's profile."


def _absent(whole: Whole) -> list[Practitioner]:
    """Those who were typed as away, with all the days on which they are."""
    called = whole.found.profile.practitioner_called
    ids = [called(it) for it, _ in whole.typed["away_practitioner"]]
    return [each for each in _staffed(whole).practitioners if each.id in ids]


def _understood(whole: Whole) -> str:
    """“Dr Roux away 24 – 27 Nov 2026 · closed 1 Dec 2026”: what was typed."""
    named = whole.typed["away_practitioner"]
    names = {each.id: each.name for each in whole.found.profile.practitioners}
    called = whole.found.profile.practitioner_called
    parts = [f"{names[called(who)]} away {read_range(days)}" for who, days in named]
    closed = ", ".join(
        each if "T" in each else str(read_range(each))
        for each in whole.typed["closures"]
        if each != NONE
    )
    return begun(" · ".join([*parts, *[f"closed {closed}"] * bool(closed)]))


def _unreadable(book: Book) -> Iterator[str]:
    problems = [*book.unreadable, *filter(None, [book.names_problem])]
    if problems:
        files = counted(len(problems), "file")
        yield f"{files} of the book can't be read: “mesoplan agenda” shows why."
    yield from folder_notes(book.folder)


# ---------------------------------------------------------------- undo --all


def undo_all(typed: Mapping[str, Any]) -> int:
    """Take back what the last “replan --all” changed; the exit code.

    Plans that were changed since stay as they are, and are named. Raises InvalidInput where nothing
    is to be taken back.
    """
    found = find_profile(typed["clinic"])
    with opened_book(typed, folder_of_all(typed, found), found) as whole:
        entries = whole.entries.values()
        last, changed = last_run(entries, _runs(entries), "mesoplan replan --all")
        run = Run(whole, "Not taken back")
        with run.shown_if_interrupted():
            run.each([(each, _put_back) for each in last])
            run.calls = [*map(run.with_clashes, run.calls)]
    would = "Would be taken back" if typed["dry_run"] else "Taken back"
    said = [f"Changed since, and left as it is: {', '.join(changed)}"] * bool(changed)
    if not typed["dry_run"]:
        said.append(f"To do it again: mesoplan {without_moment(last[0].plan.did or '')}")
    return run.shown(f"{would}: {counted(len(run.calls), 'plan')}.", said)


def _put_back(file: OpenPlan) -> Plan:
    """The plan before its last change. Raises InvalidInput where a date of either has passed."""
    after, now = undone(file.plan, file.before(), file.now), file.now
    there = {each.uid: each.start for each in file.plan.active if each.start < now}
    then = {each.uid: each.start for each in after.active if each.start < now}
    if there != then:
        raise InvalidInput(
            "a date has passed since, so it is not taken back", "“mesoplan show” shows the plan"
        )
    return after


def _runs(entries: Iterable[BookEntry]) -> Callable[[str | None], datetime | None]:
    """What gives the moment of a run from what a plan keeps of it.

    What the same command changed within an hour is one run: it went on after an interruption.
    """
    known = {each.plan.did: recorded_of_all(each.plan.did) for each in entries}
    last: dict[str | None, datetime] = {}
    moments = ((moment, did) for did, moment in known.items() if did and moment)
    for moment, did in sorted(moments, reverse=True):
        command = without_moment(did)
        later = [
            last[other]
            for other, then in known.items()
            if other in last and then and without_moment(other or "") == command
            if then - moment <= _ONE_RUN
        ]
        last[did] = max(later, default=moment)
    return lambda did: last.get(did, recorded_of_all(did))
