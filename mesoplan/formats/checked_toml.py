"""A TOML document read table by table, with all the mistakes in it and the lines they are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from mesoplan.dates.days import require_plannable
from mesoplan.errors import InvalidInput, nearest, printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mesoplan.formats.toml_lines import KeyPath

T = TypeVar("T")

MOST_MISTAKES = 100
_LARGEST_NUMBER = 10**9


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a document."""

    line: int | None
    """Counted from 1; None where the mistake is that something is missing."""
    key: str
    """“hours.wed”; empty where it is about no key."""
    text: str
    """What is wrong, and what to do."""

    def __str__(self) -> str:
        where = ", ".join(filter(None, (f"line {self.line}" if self.line else "", self.key)))
        return f"{where}: {self.text}" if where else self.text


class Document:
    """The lines of a document, and the mistakes found in it so far."""

    def __init__(self, lines: dict[KeyPath, int]) -> None:
        self.lines = lines
        self.mistakes: list[Mistake] = []

    def add(self, path: KeyPath, problem: str, remedy: str) -> None:
        """Note a mistake at a key, or at the nearest table around it that has a line."""
        known = (path[:length] for length in range(len(path), 0, -1))
        line = next((self.lines[each] for each in known if each in self.lines), None)
        key = ".".join(str(part) for part in path if isinstance(part, str))
        self.mistakes.append(Mistake(line, printable(key), f"{problem}; {remedy}"))


class Table:
    """One table of the document, of which each key is taken once; those left over are unknown."""

    def __init__(self, document: Document, path: KeyPath, values: Mapping[str, Any]) -> None:
        self.document = document
        self.path = path
        self.values = values
        self.asked: list[str] = []

    def take(self, key: str, read: Callable[[Any], T]) -> T | None:
        """What *read* makes of a value; None when it is missing, or wrong and noted as that."""
        self.asked.append(key)
        if key not in self.values:
            return None
        try:
            return read(self.values[key])
        except InvalidInput as error:
            self.note(key, error)
            return None

    def note(self, key: str, error: InvalidInput) -> None:
        """Note a mistake in the value of a key."""
        problem = error.problem.removeprefix(f"{key}: ")
        self.document.add((*self.path, key), problem, error.remedy)

    def table(self, key: str) -> Table | None:
        """The table under a key; None when it is missing or no table."""
        values = self.take(key, as_table)
        return None if values is None else Table(self.document, (*self.path, key), values)

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of an array; what is no table in it is noted."""
        for number, values in enumerate(self.each(key, as_table, "list of tables")):
            yield Table(self.document, (*self.path, key, number), values)

    def each(self, key: str, read: Callable[[Any], T], what: str) -> list[T]:
        """What *read* makes of each item of a list; each that is wrong is noted by itself."""
        found = []
        for value in self.take(key, lambda values: as_list(values, what)) or ():
            try:
                found.append(read(value))
            except InvalidInput as error:
                self.note(key, error)
        return found

    def finish(self, elsewhere: Mapping[str, str] | None = None) -> None:
        """Note every key that nobody asked for; *elsewhere* has the tables that some belong to."""
        for key in self.values:
            if key in self.asked:
                continue
            if len(self.document.mistakes) > MOST_MISTAKES:
                # To look for a similar name takes a while.
                return
            similar = nearest(key, self.asked)
            if elsewhere and key in elsewhere:
                remedy = f"it belongs under [{elsewhere[key]}]"
            elif similar:
                remedy = f"did you mean {' or '.join(similar)}?"
            else:
                remedy = f"known here: {', '.join(self.asked)}"
            self.document.add((*self.path, key), "unknown key", remedy)


def as_text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise wrong_type(value, "text", "it in quotes")
    return value


def as_texts(value: Any) -> tuple[str, ...]:
    """A list of texts, or one text alone."""
    return tuple(as_text(each) for each in as_list(value, "list of texts"))


def as_list(value: Any, what: str) -> list[Any]:
    """A list, or one text alone as a list of one; *what* names it in errors."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        raise wrong_type(value, what, "it in brackets, as [...]")
    return values


def as_whole_number(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, "whole number", "it in digits without quotes, as 2")
    if abs(value) > _LARGEST_NUMBER:
        raise InvalidInput("the number is too large for anything here", "check its digits")
    return value


def as_number_between(what: str, least: int, most: int) -> Callable[[Any], int]:
    """What reads a whole number within limits; *what* names it in errors."""

    def read(value: Any) -> int:
        number = as_whole_number(value)
        if not least <= number <= most:
            raise InvalidInput(
                f"{what}: {number} is not between {least} and {most}",
                f"choose {least} to {most}",
            )
        return number

    return read


def as_yes_or_no(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong_type(value, "yes or no", "true or false, without quotes")
    return value


def as_day(value: Any) -> date:
    """A date that can be planned with, as TOML writes it or in quotes."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise wrong_type(value, "date", "it as 2026-12-24") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise wrong_type(value, "date", "it as 2026-12-24")
    require_plannable(value)
    return value


def as_table(value: Any) -> dict[str, Any]:
    """A table."""
    if not isinstance(value, dict):
        raise wrong_type(value, "table", "its name in square brackets, and its keys below")
    return value


def wrong_type(value: Any, wanted: str, example: str) -> InvalidInput:
    """The error for a value that is not what it should be."""
    if isinstance(value, bool):
        shown = quoted(str(value).lower())
    elif isinstance(value, dict | list):
        shown = "what stands here"
    else:
        huge = isinstance(value, int) and abs(value) > _LARGEST_NUMBER
        shown = "such a number" if huge else quoted(value)
    return InvalidInput(f"{shown} is no {wanted}", f"write {example}")
