"""The clinic's book: a folder of plans, and the times that they take."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.book.copies import conflict_of, how_to_drop
from mesoplan.book.finding import names_in
from mesoplan.book.names import Names, read_names
from mesoplan.book.read_plans import plans_read
from mesoplan.errors import FileProblem, quoted
from mesoplan.formats.plan_file.reading import LARGEST_PLAN_BYTES, holds_plan, plan_in
from mesoplan.model.taken import Bookings, BusySpan
from mesoplan.planning.agenda import BookEntry
from mesoplan.storage.files import LONGEST_PATH, reason
from mesoplan.storage.shared import is_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesoplan.dates.days import DateRange
    from mesoplan.model.plan import Plan

_BETWEEN_ZONES = timedelta(days=2)
"""By more than this no day in one zone is off the same day in another."""


@dataclass(frozen=True, slots=True)
class Book:
    """All that is in a folder of plans."""

    folder: Path
    entries: tuple[BookEntry, ...]
    """In the order of their files' names; each plan once."""
    unreadable: tuple[FileProblem, ...]
    """The files that hold no plan, one that can't be read, or one that is here already."""
    names_problem: FileProblem | None = None
    """Why not all names of patients whose plans are private are known."""
    copies: tuple[BookEntry, ...] = ()
    """Other states of plans that are among the entries; their files are among the unreadable."""


def read_book(folder: Path, usual_zone: Callable[[], str], *, names_plans: bool = False) -> Book:
    """All plans in a folder: those in its own `.ics` files, not in those of folders inside.

    *usual_zone* is asked for the clinic's zone where a file does not name it. Raises FileProblem
    where the folder can't be read; files that can't be read are among the unreadable ones. If it
    *names plans*, private ones have the labels that the book keeps.
    """
    entries: list[BookEntry] = []
    copies: list[BookEntry] = []
    unreadable: list[FileProblem] = []
    found = plans_read(
        folder, names_in(folder), lambda name: plan_in_book(folder, name, usual_zone)
    )
    plans = [(name, plan) for name, plan in found.items() if not isinstance(plan, FileProblem)]
    names = read_names(folder) if names_plans else Names({})
    newest: dict[str, tuple[str, Plan]] = {}
    for name, plan in sorted(plans, key=_age):
        newest.setdefault(plan.id, (name, plan))
    for name, each in found.items():
        if isinstance(each, FileProblem):
            unreadable.append(each)
        elif newest[each.id][0] == name:
            label = names.labels.get(each.id.casefold())
            phone = names.phone_of(each.id, each.request.patient or label)
            entries.append(BookEntry(folder / name, each, label, phone))
        else:
            shown = quoted(newest[each.id][0], LONGEST_PATH)
            problem = f"{quoted(name, LONGEST_PATH)} contains the same plan as {shown}"
            remedy = "keep the right one, and move the other out of the folder"
            if is_copy(folder):
                remedy = f"if it is the wrong one, {how_to_drop(folder, name)}"
            copies.append(BookEntry(folder / name, each))
            unreadable.append(FileProblem(folder / name, problem, remedy))
    return Book(folder, tuple(entries), tuple(unreadable), names.problem, tuple(copies))


def _age(named: tuple[str, Plan]) -> tuple[bool, int, int, str]:
    """The newest of several states of a plan has the least; of copies, the one of the least name.

    A sequence number rises with each change of an event, and copies are called “… (copy).ics”. A
    conflict copy, which may be on this computer alone, is the last.
    """
    name, plan = named
    changes = sum(session.sequence for session in (*plan.active, *plan.dropped))
    return conflict_of(name) is not None, -changes, len(name), name


def plan_in_book(folder: Path, name: str, usual_zone: Callable[[], str]) -> Plan | FileProblem:
    """The plan in a file of a book, or why there is none."""
    path = folder / name
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return _unusable(path, "it is not a regular file, and was not opened")
        if found.st_size > LARGEST_PLAN_BYTES:
            return _unusable(path, "it is larger than any plan")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        return _unusable(path, f"it can't be read: {reason(error)}")
    if not holds_plan(data):
        return _unusable(path, "there is no plan in it")
    try:
        read = plan_in([(Path(name), data)], usual_zone)
    except FileProblem as error:
        return FileProblem(path, error.problem, error.remedy)
    if read.found.lagging:
        return _unusable(path, "it has events from before the plan's last change")
    return read.plan


def _unusable(path: Path, problem: str) -> FileProblem:
    remedy = how_to_drop(path.parent, path.name)
    if not is_copy(path.parent):
        remedy += ", or replace it with the plan's own file"
    return FileProblem(path, f"{quoted(path.name, LONGEST_PATH)}: {problem}", remedy)


def bookings_of(books: Sequence[Book], days: DateRange | None = None) -> Bookings:
    """What the plans of the books take; only on those days where they are given.

    A plan that is in several of them counts once. What its other states take is also taken, but for
    the plan itself: the patient may have those dates.
    """
    found = Bookings()
    for book in books:
        real = book.folder.resolve()
        found.files |= {real / each.path.name: each.plan.id for each in book.entries}
    first: dict[str, Plan] = {}
    for entry in (each for book in books for each in (*book.entries, *book.copies)):
        plan, treats = entry.plan, entry.practitioner
        known = first.setdefault(plan.id, plan)
        is_state = known is not plan
        # Where both agree, it is taken once.
        agreed = known.active if is_state and known.request.practitioner == treats else ()
        spans = (
            BusySpan(each.start, each.end)
            for each in plan.active
            if days is None or days.first - _BETWEEN_ZONES <= each.day <= days.last + _BETWEEN_ZONES
            if not any((each.start, each.end) == (it.start, it.end) for it in agreed)
        )
        found.book(f"{plan.id}\n{entry.path}" if is_state else plan.id, spans, treats)
        if not is_state:
            found.remember(plan, entry.path)
    return found
