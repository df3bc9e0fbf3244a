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
    from collections.abc import Collection, Iterator, Mapping

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import CalendarOptions

_FEWEST_TO_TELL = 4
"""Letters or digits of a label that is looked for as a whole: “7” is in many an address."""


def require_neutral(plan: Plan, options: CalendarOptions, before: Plan | None = None) -> None:
    """Raise InvalidInput if the file is to be private and what was typed says what it is for.

    It is looked through for the treatment, any goal, substances and other procedures, and for the
    area and the patient of this plan. What no list can know is left to whoever types it. What a
    private file of the plan *before* has already was accepted, and is not looked at again.
    """
    if not options.private:
        return
    known = set() if before is None else {text for text, *_ in _typed(before)}
    for text, what, remedy, language, further in _typed(plan):
        if text not in known and _names(_folded(text), further, language):
            raise InvalidInput(
                f"the {what} names the treatment or patient, which a private file must not", remedy
            )


def _typed(plan: Plan) -> Iterator[tuple[str, str, str, str | None, Collection[str]]]:
    """What was typed for a plan: the text, what it is, and what to do if it names too much.

    Then come the language whose everyday words it may not have, if any, and words of this plan.
    """
    request, of_plan = plan.request, _words_of_plan(plan)
    for session in plan.every_session:
        if session.late:
            remedy = "write it in neutral words"
            yield session.late, "reason for being late", remedy, request.language, of_plan
    # An address may well be in “Hands Lane”, a reason has no such excuse.
    remedy = "write it in neutral words, or plan with --no-private"
    for text in filter(None, (request.location, request.phone)):
        yield text, "location or phone number", remedy, None, of_plan
    # Somebody who treats may well have the patient's name.
    remedy = "write it in neutral words in the clinic's profile, or plan with --no-private"
    for text in filter(None, (request.practitioner, request.treats)):
        yield text, "id or name of the practitioner", remedy, None, ()


def neutral(plan: Plan, options: CalendarOptions) -> CalendarOptions:
    """The options, without what of the clinic's own words a private file must not say.

    Our own sentence stands in its place.
    """
    words = options.words
    if not options.private or not any(words):
        return options

    of_plan = _words_of_plan(plan)

    def fit(texts: Mapping[str, str], language: str) -> Mapping[str, str]:
        told = {*telling(texts, language, of_plan)}
        return {key: text for key, text in texts.items() if key not in told}

    translated = {code: fit(texts, code) for code, texts in words.translated.items()}
    return replace(options, words=ClinicWords(None, fit(words.texts, "en"), translated))


def without_telltales(plan: Plan, options: CalendarOptions) -> tuple[Plan, CalendarOptions]:
    """A plan, and how it is written, for a private text, whatever its own file is.

    What names the treatment or patient is left out, and so is the clinic's name, which may.
    """
    request, of_plan = plan.request, _words_of_plan(plan)
    place = (request.location or "").removeprefix(options.words.name or "").lstrip(" ,")
    location, phone = (
        text if text and not _names(_folded(text), of_plan, None) else None
        for text in (place, request.phone)
    )
    kept = replace(request, location=location, phone=phone)
    return replace(plan, request=kept), neutral(plan, replace(options, private=True))


def telling(
    texts: Mapping[str, str], language: str = "en", further: Collection[str] = ()
) -> Iterator[str]:
    """Which of the clinic's own lines in a language name what is treated, or *further* words."""
    return (line for line, text in texts.items() if _names(_folded(text), further, language))


def _words_of_plan(plan: Plan) -> set[str]:
    """Words that name the patient, or the area that is treated."""
    label = _folded(plan.request.patient or "")
    words = {*re.findall(r"\w{3,}", label)}
    if plan.area is not None:
        words |= {plan.area, words_in(plan.request.language).areas[plan.area]}
    if sum(map(str.isalnum, label)) >= _FEWEST_TO_TELL:
        # Its words may all be short.
        words.add(label)
    return words


def _names(shown: str, further: Collection[str], language: str | None) -> bool:
    """Whether a folded text names the treatment, also by everyday words of a *language*."""
    patterns = [rf"\b{re.escape(_folded(word))}\b" for word in further]
    return re.search("|".join((*_patterns(language), *patterns)), shown) is not None


@cache
def _patterns(language: str | None) -> tuple[str, ...]:
    """What names the treatment in any language, and everyday words for it in one and in English.

    They are beginnings of words, and whole ones.
    """
    whole_words = {word for goal in ALL_GOALS for word in (goal.name, *goal.aliases)}
    beginnings = {each for code in LANGUAGES for each in words_in(code).gives_away}
    for code in {language, "en"} if language is not None else ():
        words = words_in(code)
        beginnings.update(words.suggests)
        whole_words.update(words.areas.values())
        # In other scripts short ones are in many a word; the lists have those that are not.
        whole_words.update(name for name in words.goals.values() if _folded(name).isascii())
    found = [*map(_folded, whole_words)]
    # Some scripts write no blanks between words; there a word of one sign is in many others.
    return (
        *(rf"\b{word}\b" for word in found if word.isascii()),
        *(word for word in found if not word.isascii() and len(word) > 1),
        *(rf"\b{it}" if it.isascii() else it for it in map(_folded, sorted(beginnings))),
    )


_MARKS = re.compile("[\u0e00-\u0e7f\u3099\u309a]")
"""Marks without which a Thai or Japanese letter is another one."""


def _folded(text: str) -> str:
    """Its words, each after one blank, without letter case, accents and what nobody sees.

    So “Mésothérapie” and “hair_loss” are found, and a soft hyphen or a joiner hides nothing.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(
        c
        for c in decomposed
        if unicodedata.category(c) not in {"Mn", "Cf"} or _MARKS.match(c) is not None
    )
    whole = unicodedata.normalize("NFC", seen)
    return " ".join("".join(c if c.isalnum() or _MARKS.match(c) else " " for c in whole).split())
