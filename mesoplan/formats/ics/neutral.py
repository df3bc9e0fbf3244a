"""Keeps private files neutral: no word of treatment, goal, area or patient in what is typed."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput
from mesoplan.goals import ALL_GOALS, TELLTALE_BEGINNINGS

if TYPE_CHECKING:
    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.model import Plan


def require_neutral(plan: Plan, options: CalendarOptions) -> None:
    """Raise InvalidInput if the file is to be private and what was typed tells what it is for.

    They are looked through for the treatment, any goal, substances and other procedures, and
    for the area and the patient of this plan. What no list can know is left to whoever types it.
    """
    reasons = (session.late for session in (*plan.standing, *plan.dropped))
    late = _folded(" ".join(filter(None, reasons)))
    shown = " ".join(filter(None, (plan.request.place, plan.request.phone, late)))
    if not options.private or not shown:
        return
    label = re.findall(r"\w{3,}", _folded(plan.request.patient or ""))
    whole_words = {*label, *([plan.area] if plan.area else [])}
    for goal in ALL_GOALS:
        whole_words |= {goal.name, *goal.aliases}
    patterns = [rf"\b{re.escape(word)}\b" for word in whole_words]
    patterns += [rf"\b{beginning}" for beginning in TELLTALE_BEGINNINGS]
    # An address may well be in “Hands Lane”, a reason has no such excuse.
    areas = "|".join(sorted({area for goal in ALL_GOALS for area in goal.areas}))
    tells_area = re.search(rf"\b(?:{areas})\b", late)
    if tells_area or re.search("|".join(patterns), _folded(shown)):
        raise InvalidInput(
            "the location, phone or reason names the treatment or patient, which a private file "
            "must not",
            "write it in neutral words, or plan with --no-private",
        )


def _folded(text: str) -> str:
    """The text without letter case and accents, so that “Mésothérapie” is found."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
