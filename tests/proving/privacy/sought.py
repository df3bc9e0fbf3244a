"""Looks for words in the bytes of a file, in whatever form they may be hidden there."""

import base64
import binascii
import contextlib
import html
import quopri
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

from mesoplan.model.request import LANGUAGES
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.wording.languages import words_in

_RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b"
    r"|\b[a-z2-7]{26}\b"
)
"""Ids of plans, digests, and links: chance may write “face” in them."""

_LONG_ENOUGH = 5
"""Letters that chance does not put together in what is decoded from something else."""

WORDS_OF_TREATMENT = frozenset(
    {
        *("treatment", "therapy", "clinic", "medical", "doctor", "patient", "session", "goal"),
        *("maintenance", "area", "recovery", "needle", "bruising", "swelling", "redness", "pain"),
        *("anaesthetic", "peptide", "mineral", "extract", "buttock", "thigh", "dermatology"),
        *(word for goal in ALL_GOALS for word in (goal.name, *goal.aliases, *goal.areas)),
    }
)
"""Words that a private file may not have, as whole words."""


@lru_cache(maxsize=1024)
def told_in(data: bytes, words: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words that the bytes tell: those of treatment, and *words* (three letters or more).

    They are found in any case and form of Unicode, folded as calendar lines are, escaped, URL- or
    HTML-encoded, quoted-printable, in UTF-16, base64 or hexadecimal.
    """
    whole = WORDS_OF_TREATMENT | {_folded(word) for word in words}
    read = {word for text in _readings(data) for word in _words_of(text)}
    decoded = {word for text in _decodings(data) for word in _words_of(text)}
    sure = {word for word in decoded if len(word) >= _LONG_ENOUGH}
    return tuple(sorted((whole & (read | sure)) | _begin(read, 1) | _begin(sure, _LONG_ENOUGH)))


def _words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text))


def _begin(words: Iterable[str], shortest: int) -> set[str]:
    """The words in which a telling one begins, of so many letters or more."""
    sought = [beginning for beginning in BEGINNINGS if len(beginning) >= shortest]
    return {word for word in words if any(beginning in word for beginning in sought)}


def _readings(data: bytes) -> Iterator[str]:
    """The text of a file, as different readers have it."""
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data)
    # An id that a calendar's line was folded in may have any letters after the fold.
    data = unfolded if data.startswith(b"BEGIN:VCALENDAR") else data
    seen: set[str] = set()
    for octets in {data, unfolded, quopri.decodestring(unfolded)}:
        plain = octets.decode("utf-8", "replace")
        once = unquote_plus(plain)
        escaped = plain.replace("\\n", "\n").replace("\\", "")
        for text in {plain, once, unquote_plus(once), escaped, html.unescape(once)}:
            # Most lines of a file recur from event to event.
            lines = frozenset(text.splitlines()) - seen
            seen |= lines
            yield _folded("\n".join(lines))


def _decodings(data: bytes) -> Iterator[str]:
    """What may be hidden in a file as something else than text."""
    for encoding in ("utf-16-le", "utf-16-be"):
        if b"\0" in data:
            yield _folded(data.decode(encoding, "replace"))
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data)
    text = _RANDOM.sub("", unquote_plus(unfolded.decode("utf-8", "replace")))
    for token in set(re.findall(r"[0-9A-Za-z+/_-]{8,}", text)):
        usual = token.replace("-", "+").replace("_", "/")
        with contextlib.suppress(binascii.Error):
            yield _folded(base64.b64decode(usual + "=" * (-len(usual) % 4)).decode("latin-1"))
        with contextlib.suppress(ValueError):
            yield _folded(bytes.fromhex(token).decode("latin-1"))


def _folded(text: str) -> str:
    """The text without letter case, accents, and characters that nobody sees."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"})
    return _RANDOM.sub("", text.casefold())


BEGINNINGS = frozenset(
    {
        *("mesoth", "mesopl"),
        *(_folded(it) for code in LANGUAGES for it in words_in(code).gives_away if " " not in it),
    }
)
"""How words begin that it may not have, in any language, wherever they begin."""
