"""The dates of a plan as one text for a messenger.

It says no goal, area or label, since it shows on locked screens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.wording.patient import is_held, neutral

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions
    from mesoplan.planning.replanner import Comparison
    from mesoplan.wording.handout import PageWords


def message(
    plan: Plan,
    options: CalendarOptions,
    words: PageWords,
    now: datetime,
    change: Comparison | None = None,
) -> str:
    """What is to come at the moment *now* (aware), and what a *change* makes of it.

    A private plan has no name of the clinic here, which may say what it is for.
    """
    clinic = neutral(plan, options).words.name
    parts = [[words.message_from.format(clinic=clinic) if clinic else words.message]]
    dates: dict[bool, list[str]] = {False: [], True: []}
    for session in plan.coming(now):
        dates[is_held(session)].append(_when(session, words))
    if change is not None and (lines := [*_changes(change, words)]):
        parts.append([words.message_changed, *lines])
        parts += [[words.message_dates, *dates[False]]] if dates[False] else []
    else:
        above = [words.message_anew] * (plan.unseen is not None)
        parts.append([*above, *dates[False]])
    if dates[True]:
        parts.append([words.message_held, *dates[True]])
    if plan.request.phone is not None:
        parts.append([words.message_contact.format(phone=plan.request.phone)])
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _changes(change: Comparison, words: PageWords) -> Iterator[str]:
    for old, new in change.in_pairs:
        if old is not None and new is not None:
            yield f"{_when(old, words)} → {_when(new, words)}"
        elif new is not None:
            yield words.message_new.format(when=_when(new, words))
        elif old is not None:
            yield words.message_cancelled.format(when=_when(old, words))


def _when(session: Session, words: PageWords) -> str:
    return f"{words.day(session.day)}, {session.start:%H:%M}"
