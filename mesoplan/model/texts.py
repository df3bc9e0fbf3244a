"""Which texts can be shown anywhere as they are: on a screen, in a calendar, in another program."""

from __future__ import annotations

import re
import unicodedata

from mesoplan.errors import InvalidInput

MAX_LABEL_CHARACTERS = 80


def require_label(label: str) -> None:
    """Raise InvalidInput, without repeating it, unless *label* can be shown anywhere as it is."""
    require_one_line("patient label", label, MAX_LABEL_CHARACTERS)
    if re.search(r"\[/?[a-z#@][^\[]*\]", label):
        raise InvalidInput(
            "the patient label has square brackets that a terminal would read as markup",
            "write it without them, or with round ones",
        )


def require_one_line(what: str, text: str, longest: int) -> None:
    """Raise InvalidInput unless *text* is one printable line of at most *longest* characters."""
    if not text.strip():
        raise InvalidInput(f"the {what} is empty", "write it, or leave the option out")
    if len(text) > longest:
        raise InvalidInput(
            f"the {what} has {len(text):,} characters", f"write at most {longest} characters"
        )
    # What is printable breaks no line; to ask each character takes far longer.
    if (not text.isprintable() or "\ufffd" in text) and any(_breaks_a_line(c) for c in text):
        raise InvalidInput(
            f"the {what} has a line break, control character or text-direction override",
            "write it in one line of plain text",
        )


def _breaks_a_line(character: str) -> bool:
    kind = unicodedata.category(character)
    # Direction marks and joiners (also Cf) belong to some scripts; overrides and isolates reach
    # beyond the label and turn round what is printed after it.
    overrides = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    return kind in {"Cc", "Cs", "Zl", "Zp"} or character in overrides or character == "\ufffd"
