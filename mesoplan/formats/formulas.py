"""Texts that a spreadsheet would take for formulas, and how they are kept from being run.

A spreadsheet runs what begins like a formula, though it is only a name in somebody's list. One
apostrophe before it makes it a text again. Texts that have apostrophes there already get one more,
so that what was added can be told, and taken away again.

A spreadsheet that takes another character for the separator cuts a cell in two, whatever stands in
quotation marks. So what comes after any separator, or line break, within a text counts as well.
"""

from __future__ import annotations

import re

# Full-width and small forms too: some spreadsheets turn them into the plain ones. Blanks, control
# characters and marks that nobody sees may stand before them.
_UNSEEN = "'\\s\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2060\ufeff"
_SIGN = "[=+\\-@\\t\\r\\n\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
_begins_as_formula = re.compile(f"[{_UNSEEN}]*{_SIGN}").match

_CUT = "[,;\\t\\r\\n]"
_can_be_cut = re.compile(_CUT).search
# There quotation marks do not belong to the text.
_inner = re.compile(f'(?<={_CUT})(?=[{_UNSEEN}"]*?{_SIGN})')
_neutral_inner = re.compile(f"(?<={_CUT})'(?=[{_UNSEEN}\"]*?{_SIGN})")


def neutralised(text: str) -> str:
    """*text*, with an apostrophe wherever a spreadsheet would take what follows for a formula."""
    if _can_be_cut(text):
        text = _inner.sub("'", text)
    return f"'{text}" if _begins_as_formula(text) else text


def as_it_was(text: str) -> str:
    """What *text* was before it was neutralised."""
    if _can_be_cut(text):
        text = _neutral_inner.sub("", text)
    return text[1:] if text[:1] == "'" and _begins_as_formula(text, 1) else text
