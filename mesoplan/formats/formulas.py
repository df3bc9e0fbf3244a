"""Texts that a spreadsheet would take for formulas, and how they are kept from being run.

A spreadsheet runs what begins like a formula, though it is only a name in somebody's list. One
apostrophe before it makes it a text again. Texts that have apostrophes there already get one more,
so that what was added can be told, and taken away again.
"""

from __future__ import annotations

import re

# Full-width and small forms too: some spreadsheets turn them into the plain ones. Blanks, control
# characters and marks that nobody sees may stand before them.
_FORMULA = re.compile(
    "['\\s\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2060\ufeff]*"
    "[=+\\-@\\t\\r\\n\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
)
_begins_as_formula = _FORMULA.match


def neutralised(text: str) -> str:
    """*text*, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if _begins_as_formula(text) else text


def as_it_was(text: str) -> str:
    """What *text* was before it was neutralised."""
    return text[1:] if text[:1] == "'" and _begins_as_formula(text, 1) else text
