"""A TOML document read table by table, with all the mistakes in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from mesoplan.dates.days import require_plannable
from mesoplan.errors import InvalidInput, in_one_line, nearest, printable, quoted
from mesoplan.model.request import require_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")
Reader = Callable[[Any], T]
"""What makes something of a value as TOML has it. Raises InvalidInput."""

MOST_MISTAKES = 100
_LARGEST_NUMBER = 10**9


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the profile, of which each key is taken once; those left over are unknown."""

    path: tuple[str, ...]
    values: Mapping[str, Any]
    mistakes: list[str]
    """Of the whole profile, those that were found so far: “hours.wed: …”."""
    known: dict[str, None] = field(default_factory=dict)
    """The keys that were taken, or looked for."""

    def add(self, key: str, problem: str, remedy: str) -> None:
        """Note a mistake in the value of a key, or in the table where the key is empty."""
        where = ".".join((*self.path, *([key] * bool(key))))
        self.mistakes.append(f"{printable(where)}: {in_one_line(problem, remedy)}")

    @contextmanager
    def noting(self, key: str, whose: str = "") -> Iterator[None]:
        """Note what is raised as a mistake in the value of a key; *whose* begins its text."""
        try:
            yield
        except InvalidInput as error:
            self.add(key, whose + error.problem.removeprefix(f"{key}: "), error.remedy)

    def take(self, key: str, read: Reader[T]) -> T | None:
        """What *read* makes of a value; None if it is missing, or wrong and noted as that."""
        self.known[key] = None
        if key in self.values:
            with self.noting(key):
                return read(self.values[key])
        return None

    def each(self, key: str, read: Reader[T], what: str) -> list[T]:
        """What *read* makes of each item of a list; each that is wrong is noted by itself."""
        found = []
        for value in self.take(key, partial(_as_list, what)) or ():
            with self.noting(key):
                found.append(read(value))
        return found

    def table(self, key: str) -> Table | None:
        """The table under a key; None if it is missing or not a table."""
        values = self.take(key, as_table)
        return None if values is None else self._inside(key, values)

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of an array; anything else in it is noted as a mistake."""
        for values in self.each(key, as_table, "a list of tables"):
            yield self._inside(key, values)

    def _inside(self, key: str, values: Mapping[str, Any]) -> Table:
        return Table((*self.path, key), values, self.mistakes)

    def finish(self, elsewhere: Mapping[str, str] | None = None) -> None:
        """Note every key that nobody asked for; *elsewhere* has the tables that some belong to."""
        for key in self.values:
            # To look for a similar name takes a while.
            if key in self.known or len(self.mistakes) > MOST_MISTAKES:
                continue
            similar = nearest(key, self.known)
            if elsewhere and key in elsewhere:
                remedy = f"it belongs under [{elsewhere[key]}]"
            elif similar:
                remedy = f"did you mean {' or '.join(similar)}?"
            else:
                remedy = f"known here: {', '.join(self.known)}"
            self.add(key, "unknown key", remedy)


# ---------------------------------------------------------------- values


def typed(kind: type[T], what: str, example: str) -> Reader[T]:
    """What reads a value of one type of TOML's; *what* and *example* name it in errors."""

    def read(value: Any) -> T:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _wrong_type(value, what, example)
        return value

    return read


as_text = typed(str, "text", "it in quotes")
as_yes_or_no = typed(bool, "yes or no", "true or false, without quotes")
as_table: Reader[dict[str, Any]] = typed(
    dict, "a table", "its name in square brackets, and its keys below"
)
_as_any_number = typed(int, "a whole number", "it in digits without quotes, as 2")


def as_texts(value: Any) -> tuple[str, ...]:
    """A list of texts, or one text alone."""
    return tuple(map(as_text, _as_list("a list of texts", value)))


def _as_list(what: str, value: Any) -> list[Any]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        raise _wrong_type(value, what, "it in brackets, as [...]")
    return values


def as_number(value: Any) -> int:
    """A whole number."""
    number = _as_any_number(value)
    if abs(number) > _LARGEST_NUMBER:
        raise InvalidInput("the number is too large", "check its digits")
    return number


def between(least: int, most: int) -> Reader[int]:
    """What reads a whole number within limits."""

    def read(value: Any) -> int:
        number = as_number(value)
        if not least <= number <= most:
            raise InvalidInput(
                f"{number} is outside {least} to {most}", f"choose {least} to {most}"
            )
        return number

    return read


def as_day(value: Any) -> date:
    """A date that can be planned with, as TOML writes it or in quotes."""
    day = value
    if isinstance(value, str):
        with suppress(ValueError):
            day = date.fromisoformat(value)
    if isinstance(day, datetime) or not isinstance(day, date):
        raise _wrong_type(value, "a date", "it as 2026-12-24")
    require_plannable(day)
    return day


def one_line(what: str, longest: int) -> Reader[str]:
    """What reads a text that can be shown in one line; *what* names it in errors."""

    def read(value: Any) -> str:
        text = as_text(value).strip()
        require_one_line(what, text, longest)
        return text

    return read


def _wrong_type(value: Any, wanted: str, example: str) -> InvalidInput:
    if isinstance(value, bool):
        shown = quoted(str(value).lower())
    elif isinstance(value, dict | list):
        shown = "this value"
    else:
        huge = isinstance(value, int) and abs(value) > _LARGEST_NUMBER
        shown = "this number" if huge else quoted(value)
    return InvalidInput(f"{shown} is not {wanted}", f"write {example}")
