"""What patients read, one module per language, each called by the language's code."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from mesoplan.model.request import language_called

if TYPE_CHECKING:
    from mesoplan.wording.languages.words import Words


@cache
def words_in(language: str) -> Words:
    """What patients read in a language, by its code. Only that language is loaded.

    Raises UnknownName for a language that there is not.
    """
    words: Words = import_module(f"{__name__}.{language_called(language)}").WORDS
    return words
