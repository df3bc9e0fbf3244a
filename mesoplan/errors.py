"""Every failure that a user can cause: one tree, each class with its exit code and its values.

MesoplanError
├── InvalidInput         2  a value is wrong
│   ├── OutsideRule         a number is outside a rule
│   ├── UnknownName         a name that is not known
│   └── ProfileMistakes     in `formats.profile`: all mistakes in a clinic's profile
├── NoLegalPlan          3  in `model.causes`: no plan is within the rules
├── FileProblem          4  a file can't be read or written
└── ServerProblem        5  a server refuses, can't be reached, or sends what can't be used
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_ADDRESS = re.compile(r"\s*(https?|webcals?):/+(?:[^/?#]*@)?([^/?#\s]*)", re.IGNORECASE)
"""With one slash where it went through a path."""


def printable(text: object) -> str:
    """*text* with its control characters escaped, so that a terminal shows but does not obey it."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown)


def is_address(text: str) -> bool:
    """Whether a text is an address of the web: whoever has one may read what is there."""
    return _ADDRESS.match(text) is not None


def without_secret(text: str) -> str:
    """The text; of an address its host alone: “https://example.org/…”."""
    found = _ADDRESS.match(text)
    return text if found is None else f"{found[1]}://{found[2]}/…"


def quoted(text: object, longest: int = 40) -> str:
    """*text* in quotes, safe to print, cut to *longest* characters; of an address the host."""
    shown = printable(without_secret(str(text))[: longest + 1])
    return f"'{shown[:longest]}…'" if len(shown) > longest else f"'{shown}'"


def in_one_line(problem: str, remedy: str) -> str:
    """“'p.ics' already exists. Choose another name”: for a list, where each error has one line."""
    return f"{problem}. {remedy[:1].upper()}{remedy[1:]}"


class MesoplanError(Exception):
    """The root: one line that says what is wrong, one that says what to do, and an exit code."""

    exit_code: ClassVar[int]
    kind: ClassVar[str] = "VALUE"
    """What kind of error it is, in the table of rejected rows."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        """What is wrong, in one line."""
        self.remedy = remedy
        """What to do about it, in one line."""
        self.details: tuple[str, ...] = ()
        """Lines to show below, if one line can't say everything."""

    @property
    def in_one_line(self) -> str:
        """What is wrong and what to do, as two sentences."""
        return in_one_line(self.problem, self.remedy)


class InvalidInput(MesoplanError):
    """A value that was typed, or put into a Request, is wrong."""

    exit_code = 2


class OutsideRule(InvalidInput):
    """A number is outside the limits of a rule, perhaps as the clinic narrows them."""

    def __init__(
        self, rule_id: str, what: str, value: int, limit: str, *, narrowed: bool = False
    ) -> None:
        whose = ", narrowed by the clinic" if narrowed else ""
        where = "clinic show" if narrowed else "rules"
        super().__init__(
            f"{what}: {value} is outside rule {rule_id} ({limit}{whose})",
            f"choose {limit}; “mesoplan {where}” shows where the limit comes from",
        )
        self.rule_id = rule_id
        self.value = value


class UnknownName(InvalidInput):
    """A name (of a goal, area, zone, country, weekday, …) that is not known."""

    kind = "UNKNOWN_NAME"

    def __init__(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        how_to_list: str = "",
        meant: Sequence[str] = (),
    ) -> None:
        names = list(known)
        self.name = name
        self.suggestions = list(meant) or nearest(name, names)
        """What is *meant*, or else the known names that look most like it, best first."""
        if self.suggestions:
            remedy = f"did you mean {' or '.join(self.suggestions)}?"
        else:
            remedy = how_to_list or f"known: {', '.join(names)}"
        super().__init__(f"unknown {kind} {quoted(name)}", remedy)


class FileProblem(MesoplanError):
    """A file can't be read or written; what was there is untouched."""

    exit_code, kind = 4, "FILE"

    def __init__(self, path: Path | None, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.path = path
        """The file, or None for standard output."""


class ServerProblem(MesoplanError):
    """A server refuses, can't be reached, or sends what can't be used; no file here was changed."""

    exit_code, kind = 5, "SERVER"
    may_pass = False
    """Whether nobody need do anything: the network is down, or the server has too much to do."""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three of *known* that look most like *name*, letter case aside, best first."""
    from difflib import get_close_matches

    by_folded: dict[str, str] = {}
    for each in known:
        by_folded.setdefault(each.casefold(), each)
    if name.casefold() in by_folded:
        return [by_folded[name.casefold()]]
    matches = get_close_matches(name[:100].casefold(), by_folded, n=3, cutoff=0.6)
    return [by_folded[match] for match in matches]
