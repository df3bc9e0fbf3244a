"""Which plan is meant by what was typed after a command: a file, or words looked up in the book."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.cli import clock
from mesoplan.cli.console import say
from mesoplan.cli.profile import profile_path
from mesoplan.cli.questions import choose, may_ask
from mesoplan.errors import FileProblem, InvalidInput, printable, quoted
from mesoplan.storage.files import LONGEST_PATH
from mesoplan.storage.shared import server_of_copy
from mesoplan.wording.findings import progress
from mesoplan.wording.options import for_shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mesoplan.book.finding import ListedPlan, Listing
    from mesoplan.cli.profile import FoundProfile

_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))
_MOST_READ, _MOST_LISTED = 100, 20
"""How many plans are read whole to see what is open of them, and how many are shown."""
_HOW_TO_NAME = (
    "type words of the patient's name, four characters of the plan's id, or the name of its file"
)
_IN_ITS_PLACE = "type one of these in its place:"


class NamedPlan(NamedTuple):
    """The plan that is meant."""

    path: Path
    """Its file, or the folder of its events."""
    typed: str
    """How it is typed again in a command that is shown."""
    plan_id: str | None = None
    """Its id, if it was looked up in the book."""


class _Described(NamedTuple):
    """A plan that may be meant, in words."""

    plan: ListedPlan
    text: str
    """“Anne Martin, hair: 3 of 8 done. Next: Tue 15 Dec 2026, 10:00”."""
    is_over: bool
    """Whether nothing of it is to come or to record."""


def named_plan(typed: str, found: FoundProfile, book: str | None) -> NamedPlan:
    """The plan that is meant; *book* is what was typed after --book.

    A file or a folder of that name comes before words that the book is searched for. Raises
    InvalidInput where both are there, and where not exactly one plan is meant; and FileProblem for
    a book that can't be read.
    """
    named = NamedPlan(Path(typed), typed)
    is_there, is_file_name = os.path.lexists(typed), typed[-4:].lower() == ".ics"
    if (is_there and is_file_name) or any(each in typed for each in _SEPARATORS):
        if server_of_copy(named.path.parent) is not None:
            found.folder_named(str(named.path.parent))
        return named
    folder = found.book_folder(book)
    if folder is None:
        if is_there or is_file_name:
            return named
        raise InvalidInput(
            f"there is no file {quoted(typed)}, and no book to look for a patient in",
            "name the plan's file (plan.ics), or the folder of all plans: --book FOLDER",
        )
    # Loaded only where there is a book to search.
    from mesoplan.book.finding import found_by, list_book

    try:
        listing = list_book(folder, clock.usual_zone(None, found.profile.timezone))
    except FileProblem:
        if is_there or is_file_name:
            return named
        raise
    plans = found_by(typed, listing.plans)
    if is_there:
        _require_nothing_but_the_path(typed, plans, listing, found)
    if is_there or (not plans and is_file_name):
        return named
    plan = plans[0] if len(plans) == 1 else _one_of(typed, plans, listing, found)
    if (count := len(listing.unreadable)) and plan.plan_id.casefold() != typed.casefold():
        files = "1 file" if count == 1 else f"{count} files"
        say(f"Not searched: {files} of the book that can't be read; “mesoplan agenda” names them.")
    return NamedPlan(
        Path(listing.path(plan)), typed_again(plan, listing, found, typed), plan.plan_id
    )


def typed_again(plan: ListedPlan, listing: Listing, found: FoundProfile, typed: str = "") -> str:
    """How a plan of a book is typed in a command that is shown: as it was *typed* if that does."""
    from mesoplan.book.finding import typed_for

    # Another book is not searched where nobody names it.
    usual = found.book if found.path == profile_path(None) else None
    return typed_for(plan, listing, typed) if listing.folder == usual else listing.path(plan)


def _require_nothing_but_the_path(
    typed: str, plans: Iterable[ListedPlan], listing: Listing, found: FoundProfile
) -> None:
    """Raise InvalidInput where a plan of the book can be meant as well as what has that path."""

    def is_another(plan: ListedPlan) -> bool:
        with suppress(OSError):
            return not Path(listing.path(plan)).samefile(typed)
        return True

    if others := list(filter(is_another, plans))[:_MOST_READ]:
        kind = "folder" if Path(typed).is_dir() else "file"
        ambiguous = InvalidInput(
            f"{quoted(typed)} is a {kind} here, and can mean a plan in {_shown(listing)}",
            _IN_ITS_PLACE,
        )
        itself = f"{for_shell(f'{os.curdir}{os.sep}{typed}')}  the {kind}"
        ambiguous.details = (itself, *_to_type(_described(others, listing, found), listing))
        raise ambiguous


def _one_of(
    typed: str, plans: Sequence[ListedPlan], listing: Listing, found: FoundProfile
) -> ListedPlan:
    """The plan that is meant, of none or several: the one that is not over, or the one chosen.

    Raises InvalidInput where that is not exactly one, and nobody can be asked.
    """
    if not plans:
        raise _unknown(typed, listing)
    described = []
    if len(plans) <= _MOST_READ:
        described = _described(plans, listing, found)
        described = [each for each in described if not each.is_over] or described
    if len(described) == 1:
        return described[0].plan
    count = len(described or plans)
    several = InvalidInput(
        f"{quoted(typed)} can mean {count} plans in {_shown(listing)}", _HOW_TO_NAME
    )
    if not described:
        raise several
    if may_ask():
        lines = (f"  {number}  {each.text}" for number, each in enumerate(described, start=1))
        chosen = choose([f"{several.problem}:", *lines], len(described))
        if chosen is None:
            raise InvalidInput("no plan was chosen, so nothing was done", _HOW_TO_NAME)
        return described[chosen - 1].plan
    several.remedy, several.details = _IN_ITS_PLACE, tuple(_to_type(described, listing))
    raise several


def _unknown(typed: str, listing: Listing) -> InvalidInput:
    from mesoplan.book.finding import nearest_plans

    nearest = nearest_plans(typed, listing)
    remedy = _HOW_TO_NAME
    if nearest:
        remedy = f"did you mean {' or '.join(map(printable, nearest))}?"
    elif typed.casefold() == "all":
        remedy = "for all plans that are affected: mesoplan replan --all"
    elif re.fullmatch("[0-9]{1,3}", typed):
        remedy = f"if it is a number of today's list: mesoplan done --today {typed}"
    problem = f"no plan in {_shown(listing)} is called {quoted(typed)}"
    unknown = InvalidInput(problem, remedy)
    unknown.details = tuple(each.in_one_line for each in listing.unreadable[:_MOST_LISTED])
    return unknown


def _described(
    plans: Iterable[ListedPlan], listing: Listing, found: FoundProfile
) -> list[_Described]:
    """The plans in words, by their labels; one that can't be read may be meant, too."""
    from mesoplan.book.folder import plan_in_book

    zone, now, described = clock.usual_zone(None, found.profile.timezone), clock.now(), []
    for each in plans:
        plan = plan_in_book(listing.folder, each.name, zone)
        who, is_over = ", ".join(filter(None, (each.called, each.goal))), False
        if isinstance(plan, FileProblem):
            state = "its file can't be read"
        else:
            state = progress(plan, now)
            is_over = not (plan.overdue(now) or plan.coming(now))
        described.append(_Described(each, printable(f"{who}: {state}"), is_over))
    return sorted(described, key=lambda each: each.text)


def _to_type(described: Sequence[_Described], listing: Listing) -> Iterator[str]:
    """A line for each plan: what is typed to mean it alone, and what it is."""
    from mesoplan.book.finding import typed_for

    for each in described[:_MOST_LISTED]:
        yield f"{for_shell(typed_for(each.plan, listing))}  {each.text}"
    if len(described) > _MOST_LISTED:
        yield f"and {len(described) - _MOST_LISTED} more"


def _shown(listing: Listing) -> str:
    server = server_of_copy(listing.folder)
    shown = quoted(listing.folder, LONGEST_PATH)
    return shown if server is None else f"the book on the server {server}"
