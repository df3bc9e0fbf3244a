"""Keeps private files neutral: no word of treatment, goal, area or patient in what is typed."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput
from mesoplan.rules.goals import ALL_GOALS, TELLTALE_BEGINNINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import CalendarOptions

_FEWEST_TO_TELL = 4
"""Letters or digits of a label that is looked for as a whole: “7” is in many an address."""


def require_neutral(plan: Plan, options: CalendarOptions) -> None:
    """Raise InvalidInput if the file is to be private and what was typed tells what it is for.

    They are looked through for the treatment, any goal, substances and other procedures, and
    for the area and the patient of this plan. What no list can know is left to whoever types it.
    """
    if not options.private:
        return
    request = plan.request
    reasons = (session.late for session in (*plan.active, *plan.dropped))
    # An address may well be in “Hands Lane”, a reason has no such excuse.
    if _tells(plan, filter(None, reasons), areas=True):
        raise _telltale("reason for being late", "write it in neutral words")
    if _tells(plan, filter(None, (request.location, request.phone)), areas=False):
        remedy = "write it in neutral words, or plan with --no-private"
        raise _telltale("location or phone number", remedy)


def _telltale(what: str, remedy: str) -> InvalidInput:
    return InvalidInput(
        f"the {what} names the treatment or patient, which a private file must not", remedy
    )


def _tells(plan: Plan, texts: Iterable[str], *, areas: bool) -> bool:
    """Whether a text names the treatment, the patient or, if that counts, any area of the body."""
    shown = _folded(" ".join(texts))
    if not shown:
        return False
    label = _folded(plan.request.patient or "")
    whole_words = {*re.findall(r"\w{3,}", label), *([plan.area] if plan.area else [])}
    if sum(map(str.isalnum, label)) >= _FEWEST_TO_TELL:
        # Its words may all be short.
        whole_words.add(label)
    for goal in ALL_GOALS:
        whole_words |= {goal.name, *goal.aliases, *(goal.areas if areas else ())}
    patterns = [rf"\b{_folded(word)}\b" for word in whole_words]
    patterns += [rf"\b{beginning}" for beginning in TELLTALE_BEGINNINGS]
    return re.search("|".join(patterns), shown) is not None


def _folded(text: str) -> str:
    """Its words, each after one blank, without letter case, accents and what nobody sees.

    So “Mésothérapie” and “hair_loss” are found, and a soft hyphen or a joiner hides nothing.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"})
    return " ".join(re.findall(r"[^\W_]+", seen))
