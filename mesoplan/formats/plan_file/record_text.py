"""Records as text: URL-encoded pairs, and what must hold of them when they are read."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = 1
"""Of the form of records: a later one may tell things that this program would lose."""

KINDS = {"series": "course", "upkeep": "maintenance"}
"""The kinds of sessions by the neutral words for them."""

_LONGEST_TEXT = 20_000
"""Each of 90 days on which a course could not begin may have a reason of its own."""


class BrokenRecord(Exception):
    """A record is not what this program writes; *problem* says how, without what is in it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class NewerRecord(BrokenRecord):
    """A record was written by a later version of this program."""


def encoded(pairs: Iterable[tuple[str, object]]) -> str:
    """Pairs as one line of ASCII; those without a value are left out."""
    return "&".join(
        f"{key}={quoted_value(str(value))}" for key, value in pairs if value not in (None, "")
    )


@lru_cache(maxsize=4096)
def quoted_value(value: str) -> str:
    """A value as it stands in a record."""
    # Most values recur from session to session, and from plan to plan.
    return quote_plus(value, safe=":./")


def pairs_of(text: str, *, repeated: str) -> tuple[dict[str, str], list[str]]:
    """The pairs of a record, and the values of the one key that may come several times."""
    single: dict[str, str] = {}
    several: list[str] = []
    text = text.strip()
    # Most of what is in records is written as it is; urllib takes long to find that out.
    is_plain = "%" not in text and "+" not in text
    for pair in text.split("&"):
        key, equals, value = pair.partition("=")
        if not equals:
            raise BrokenRecord("it is no list of pairs")
        if not is_plain:
            key, value = _decoded(key), _decoded(value)
        if not value:
            continue
        if key == repeated:
            several.append(value)
        elif key in single:
            raise BrokenRecord("it says something twice")
        else:
            single[key] = value
    return single, several


def _decoded(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_plus(text, errors="strict")
    except ValueError as error:
        raise BrokenRecord("it is no list of pairs") from error


def problem_of(error: Exception) -> str:
    """What is wrong with a record that could not be read, without what is in it."""
    if isinstance(error, KeyError) and error.args:
        return f"“{error.args[0]}” is missing"
    return "a value in it is none"


def at_least(number: int, least: int) -> int:
    """The number, if it is *least* or more. Raises ValueError."""
    require(number >= least)
    return number


def require_shown(*texts: str) -> None:
    """Raise ValueError for a text that can't be shown as it is."""
    require(all(len(text) <= _LONGEST_TEXT and text.isprintable() for text in texts))


def require(*conditions: bool) -> None:
    """Raise ValueError unless all the conditions hold."""
    if not all(conditions):
        raise ValueError
