"""A TOML document read table by table, with all the mistakes in it and the lines they are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from mesoplan.days import require_plannable
from mesoplan.errors import InvalidInput, nearest, printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mesoplan.toml_lines import KeyPath

T = TypeVar("T")


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

    def __init__(self, lines: Mapping[KeyPath, int]) -> None:
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
        """The tables of an array."""
        for number, values in enumerate(self.take(key, as_tables) or ()):
            yield Table(self.document, (*self.path, key, number), values)

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.values:
            if key not in self.asked:
                similar = nearest(key, self.asked)
                remedy = (
                    f"did you mean {' or '.join(similar)}?"
                    if similar
                    else f"known here: {', '.join(self.asked)}"
                )
                self.document.add((*self.path, key), "unknown key", remedy)


def as_text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise wrong_type(value, "text", 'it in quotes, as "Europe/Paris"')
    return value


def as_texts(value: Any) -> tuple[str, ...]:
    """A list of texts, or one text alone."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise wrong_type(value, "list of texts", 'them in quotes and brackets, as ["1d", "2h"]')
    return tuple(values)


def as_whole_number(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, "whole number", "it in digits without quotes, as 2")
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


def as_tables(value: Any) -> list[dict[str, Any]]:
    """An array of tables."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise wrong_type(value, "list of tables", "each with its keys in braces or below its name")
    return value


def wrong_type(value: Any, wanted: str, example: str) -> InvalidInput:
    """The error for a value that is not what it should be."""
    return InvalidInput(f"{quoted(value)} is no {wanted}", f"write {example}")
