"""The dates of a plan as one text for a messenger.

It says no goal, area or label, since it shows on locked screens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesoplan.wording.languages import words_in
from mesoplan.wording.neutral import neutral
from mesoplan.wording.patient import is_held, lines_of_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions
    from mesoplan.planning.replanner import Comparison
    from mesoplan.wording.languages.words import Words


def message(
    plan: Plan, options: CalendarOptions, now: datetime, change: Comparison | None = None
) -> str:
    """What is to come at the moment *now* (aware), and what a *change* makes of it.

    A private plan has no name of the clinic here, which may say what it is for.
    """
    options, words = neutral(plan, options), words_in(plan.request.language)
    clinic, page = options.words.name, words.page
    parts = [[page.message_from.format(clinic=clinic) if clinic else page.message]]
    dates: dict[bool, list[str]] = {False: [], True: []}
    for session in plan.coming(now):
        dates[is_held(session)].append(_when(session, words))
    lines = [] if change is None else [*_changes(change, words)]
    if lines:
        parts.append([page.changed, *lines])
    if dates[False]:
        above = page.dates if lines else page.anew if plan.unseen and change is None else ""
        parts.append([*filter(None, [above]), *dates[False]])
    if dates[True]:
        parts.append([page.held_dates, *dates[True]])
    # A line of the clinic's own may name the treatment; that of a private page can't.
    quiet = neutral(plan, replace(options, private=True))
    parts.append(lines_of_page(plan, quiet)["contact"])
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _changes(change: Comparison, words: Words) -> Iterator[str]:
    for old, new in change.in_pairs:
        if old is not None and new is not None:
            yield f"{_when(old, words)} → {_when(new, words)}"
        elif new is not None:
            yield words.page.new.format(when=_when(new, words))
        elif old is not None:
            yield words.page.gone.format(when=_when(old, words))


def _when(session: Session, words: Words) -> str:
    return f"{words.full_day(session.day)}{words.comma}{session.start:%H:%M}"
