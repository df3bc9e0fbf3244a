"""What keeps private files neutral: they name neither the treatment nor the patient."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput
from mesoplan.model.request import LANGUAGES, ClinicWords
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.wording.languages import words_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import CalendarOptions

_FEWEST_TO_TELL = 4
"""Letters or digits of a label that is looked for as a whole: “7” is in many an address."""


def require_neutral(plan: Plan, options: CalendarOptions) -> None:
    """Raise InvalidInput if the file is to be private and what was typed says what it is for.

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
    # Somebody who treats may well have the patient's name.
    who = _folded(" ".join(filter(None, (request.practitioner, request.treats))))
    if _names(who, (), areas=False):
        remedy = "write it in neutral words in the clinic's profile, or plan with --no-private"
        raise _telltale("id or name of the practitioner", remedy)


def neutral(plan: Plan, options: CalendarOptions) -> CalendarOptions:
    """The options, without what of the clinic's own words a private file must not say.

    Our own sentence stands in its place.
    """
    words = options.words
    if not options.private or not any(words):
        return options

    def fit(texts: Mapping[str, str]) -> Mapping[str, str]:
        return {key: it for key, it in texts.items() if not _tells(plan, [it], areas=True)}

    translated = {language: fit(texts) for language, texts in words.translated.items()}
    return replace(options, words=ClinicWords(None, fit(words.texts), translated))


def telling(texts: Mapping[str, str]) -> Iterator[str]:
    """Which of the clinic's own lines name what is treated, whoever the patient is."""
    return (line for line, text in texts.items() if _names(_folded(text), (), areas=True))


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
    whole_words = {*re.findall(r"\w{3,}", label)}
    if plan.area is not None:
        whole_words |= {plan.area, words_in(plan.request.language).areas[plan.area]}
    if sum(map(str.isalnum, label)) >= _FEWEST_TO_TELL:
        # Its words may all be short.
        whole_words.add(label)
    return _names(shown, whole_words, areas=areas)


def _names(shown: str, further: Iterable[str], *, areas: bool) -> bool:
    """Whether a folded text has a word that names the treatment, or one of *further* ones."""
    whole_words = {_folded(word) for word in further}
    patterns = [rf"\b{re.escape(word)}\b" for word in whole_words if word]
    return re.search("|".join((*_patterns(areas=areas), *patterns)), shown) is not None


@cache
def _patterns(*, areas: bool) -> tuple[str, ...]:
    """What names the treatment in any language: beginnings of words, and whole ones."""
    whole_words = {word for goal in ALL_GOALS for word in (goal.name, *goal.aliases)}
    beginnings: set[str] = set()
    for language in LANGUAGES:
        words = words_in(language)
        beginnings.update(words.gives_away)
        # In other scripts short ones are in many a word; `gives_away` has those that are not.
        whole_words.update(name for name in words.goals.values() if _folded(name).isascii())
        if areas:
            whole_words.update(words.areas.values())
    found = [*(_folded(word) for word in whole_words)]
    # Some scripts write no blanks between words; there a word of one sign is in many others.
    spaced = [rf"\b{word}\b" for word in found if word.isascii()]
    return (
        *spaced,
        *(word for word in found if not word.isascii() and len(word) > 1),
        *(rf"\b{it}" if it.isascii() else it for it in map(_folded, sorted(beginnings))),
    )


def _folded(text: str) -> str:
    """Its words, each after one blank, without letter case, accents and what nobody sees.

    So “Mésothérapie” and “hair_loss” are found, and a soft hyphen or a joiner hides nothing.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"})
    return " ".join(re.findall(r"[^\W_]+", seen))
