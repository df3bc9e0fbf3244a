"""Which texts of a calendar are ours, in all languages and all wordings so far.

What the patient wrote is everything that is not one of our titles or sentences.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.model.request import LANGUAGES
from mesoplan.wording.languages import words_in
from mesoplan.wording.patient import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_OUR_SENTENCES_BEFORE = (
    r"(?:Maintenance s|S)ession \d+ of \d+(?: \([a-z-]+(?:, [a-z]+)?\))?\. What to expect: .*?"
    r"some take a day off\.",
    r"Plan a quiet day afterwards; many people work again the same day\.",
    r"No other day would do without moving another one as well\.",
    r"If this day does not suit you, it may be possible to move it within .*?; ask first\.",
    r"Earliest day to travel home: .*?\.",
    r"Next (?:session|appointment): .*?, \d\d:\d\d\.",
    r"This is the last (?:session|appointment) of the plan\.",
    r"Call the clinic(?: \(.*?\))? if you can.t come; call at once .*?, or with a fever\.",
    r"Call(?: \S.*?)? as soon as you can if you can.t come\.",
    r"This calendar is a planning aid(?:, not medical advice\.|; .*? comes first\.)",
    r"This appointment does not take place\.",
    r"Your trip: first (?:session|appointment) .*?, last (?:session|appointment) .*?\.",
    r"Please call to confirm it(?:, or to choose another day between .*?)?\.",
    r"Please don.t come at this time\.",
)
"""Every sentence before those of today. What a sentence was stays here when it changes."""
_LONGEST = 300
"""Characters that are filled in into a sentence of ours, at most."""
_NAMES_BEFORE = {
    "Mesotherapy maintenance": ("maintenance", False),
    "Follow-up appointment": ("maintenance", True),
}
"""What sessions were called in English titles before today: which kind, and whether private."""


class OwnTitle(NamedTuple):
    """What a title of ours says."""

    kind: str
    is_private: bool
    number: int
    total: int | None
    goal: str | None
    """Titles had one once."""


def _likeliest(*languages: str) -> Iterable[str]:
    """All languages, likely ones first: the others are loaded only for what none of them has."""
    return dict.fromkeys((*languages, *LANGUAGES))


def own_title(text: str) -> OwnTitle | None:
    """What the title of an event says; None if it is not as we write it."""
    for language in LANGUAGES:
        if (found := _titles(language).fullmatch(text.strip())) is not None:
            kind, is_private = next(
                what
                for name, what in _names(language).items()
                if re.fullmatch(_literal(name), found["name"])
            )
            total = None if found["total"] is None else int(found["total"])
            return OwnTitle(kind, is_private, int(found["number"]), total, found["goal"])
    return None


def _names(language: str) -> dict[str, tuple[str, bool]]:
    """What sessions are called in titles: which kind, and whether private."""
    words = words_in(language)
    return {
        words.mesotherapy: ("course", False),
        words.mesotherapy_top_up: ("maintenance", False),
        words.appointment: ("course", True),
        words.follow_up: ("maintenance", True),
        **(_NAMES_BEFORE if language == "en" else {}),
    }


@cache
def _titles(language: str) -> re.Pattern[str]:
    """Every title in a language, in all wordings so far."""
    return re.compile(
        rf"(?P<name>{_one_of(*_names(language))}) (?P<number>[0-9]{{1,2}})"
        r"(?:/(?P<total>[0-9]{1,2}))?(?: · (?P<goal>[a-z-]+))?"
    )


def title_of_others(text: str, *, dropped: bool, language: str) -> str | None:
    """A title that somebody else wrote, with a mark if its session is dropped; None for ours.

    The mark is in that *language*, which is the likeliest for a title of ours.
    """
    theirs = text.strip()
    for each in _likeliest(language, "en"):
        theirs = re.sub(rf"\A{_literal(words_in(each).cancelled_title)}", "", theirs)
        if not theirs or _titles(each).fullmatch(theirs):
            return None
    return f"{words_in(language).cancelled_title if dropped else ''}{theirs}"


def words_of_others(
    text: str, is_own: Callable[[str], bool] = lambda _line: False, *languages: str
) -> str:
    """What somebody else wrote into a description: everything but our sentences.

    A line of the clinic *is_own* too. The *languages* are the likeliest for ours. A program that
    shows descriptions as pages of the web saves them as one.
    """
    if re.search(r"<(?:br|p|div|span|html)\b", text, re.IGNORECASE):
        from html import unescape

        text = unescape(re.sub(r"<[^>]*>", "", re.sub(r"(?i)<br[^>]*>|</(?:p|div)>", "\n", text)))
    found = []
    for line in text.splitlines():
        if is_own(line):
            continue
        left = line.strip()
        for language in _likeliest(*languages, "en"):
            if not left:
                break
            left = _our_sentences(language).sub("", left).strip()
        if left or not line.strip():
            found.append(left)
    return "\n".join(found).strip()


def is_english(title: str) -> bool:
    """Whether a title is ours, in English."""
    return _titles("en").fullmatch(title.strip()) is not None


def language_of(text: str) -> str:
    """The language in which most of a text is ours; English for none."""
    left = {language: len(_our_sentences(language).sub("", text)) for language in LANGUAGES}
    return min(left, key=left.__getitem__)


def described(text: str) -> tuple[str, str | None] | None:
    """The goal and the area of a session, by their own names, if a description says them."""
    for language in LANGUAGES:
        if (found := _treated(language).search(text)) is not None:
            words = words_in(language)
            goals, areas = (
                {it: key for key, it in of.items()} for of in (words.goals, words.areas)
            )
            return goals[found["goal"]], areas.get(found["area"])
    return None


@cache
def _treated(language: str) -> re.Pattern[str]:
    """The sentence that says which session it is, as far as what is treated."""
    words = words_in(language)
    goals, areas = (_one_of(*of.values()) for of in (words.goals, words.areas))
    treated = f"(?P<goal>{goals})(?:{_literal(words.comma)}(?P<area>{areas}))?"
    before, _, _ = words.which.partition("{treated}")
    return re.compile(
        _pattern(before, language) + _literal(words.in_brackets).replace(r"\{treated\}", treated)
    )


@cache
def _our_sentences(language: str) -> re.Pattern[str]:
    """Every sentence of ours in a language, in all wordings so far, whatever was filled in."""
    words = words_in(language)
    before = _OUR_SENTENCES_BEFORE if language == "en" else ()
    today = dict.fromkeys(_pattern(each.in_words(words), language) for each in SENTENCES)
    # No part of a longer sentence is ours, where capital letters don't show where one begins.
    begins = r"(?<!\S)" if words.between else r"(?<![^\s。])"
    sentences = f"{'' if language == 'en' else begins}(?:{'|'.join((*before, *today))})"
    # What is filled in is never as long as a line can be, which would take minutes.
    return re.compile(sentences.replace(".*?", f".{{0,{_LONGEST}}}?"))


def _pattern(text: str, language: str) -> str:
    """What a sentence looks like, whatever was filled in."""
    pieces = re.split(r"\{(\w+)\}", text)
    shapes = _shapes(language)
    fields = (shapes.get(name, ".*?") for name in pieces[1::2])
    texts = map(_literal, pieces[0::2])
    return "".join(text + shape for text, shape in zip(texts, (*fields, ""), strict=True))


@cache
def _shapes(language: str) -> dict[str, str]:
    """How what is filled in looks, where it is not just anything."""
    words = words_in(language)
    number = _literal(words.call_number).replace(r"\{phone\}", ".*?")
    # A number may have points in it.
    ends = r"(?!\S)" if words.between else ""
    return {
        **dict.fromkeys(("number", "total"), r"\d+"),
        "minutes": _one_of(words.one_minute, words.minutes).replace(r"\{number\}", r"\d+"),
        "what": f"(?i:{_one_of(words.session, words.top_up)})",
        "stands": _one_of(words.is_cancelled, words.no_longer_stands),
        "call": f"(?:{_one_of(words.call_us, words.call_clinic)}|{number}){ends}",
    }


def _one_of(*texts: str) -> str:
    return f"(?:{'|'.join(map(_literal, texts))})"


def _literal(text: str) -> str:
    """A pattern for a text, whatever programs make of its apostrophes and its fixed spaces."""
    return re.sub("['’]", ".", re.escape(text)).replace("\u00a0", r"\s")
