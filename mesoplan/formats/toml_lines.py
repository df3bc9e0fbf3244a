"""At which line each key of a TOML document stands, which the standard library does not tell."""

from __future__ import annotations

import re
from collections import Counter

KeyPath = tuple[str | int, ...]
"""The way to a value: keys, and places in an array of tables, counted from 0."""

MOST_DOTS = 200
DEEPEST = 10
"""No key that means anything is deeper; of those that are, the line of the outer key is told."""

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_STATEMENT = rf"""(?x)
    [\ \t]* (?:
    \[\[ [\ \t]* (?P<array>{_DOTTED}) [\ \t]* \]\]
  | \[   [\ \t]* (?P<table>{_DOTTED}) [\ \t]* \]
  | (?P<key>{_DOTTED}) [\ \t]* =
    )
"""
_PIECE = r'''(?xs)
    """ (?: \\. | [^\\] )*? "{3,5}
  | [']{3} .*? '{3,5}
  | " (?: \\. | [^"\\\n] )* "
  | ' [^'\n]* '
  | \# [^\n]*
  | (?P<open> [\[{] ) | (?P<close> [\]}] ) | (?P<end> \n )
  | [^"'\#\[\]{}\n]+
'''


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of each table and key of a document that `tomllib` has read.

    Keys inside an inline table or an array are not listed; the key that holds those is.
    """
    statement, piece = re.compile(_STATEMENT), re.compile(_PIECE)
    lines: dict[KeyPath, int] = {}
    tables: Counter[KeyPath] = Counter()
    table: KeyPath = ()
    position, line = 0, 1
    while position < len(text):
        found = statement.match(text, position)
        if found is None:
            pass
        elif found["key"]:
            _note(lines, (*table, *_parts(found["key"])), line)
        elif found["table"]:
            table = _parts(found["table"])
            _note(lines, table, line)
        else:
            name = _parts(found["array"])
            table = (*name, tables[name])
            tables[name] += 1
            _note(lines, table, line)
        depth = 0
        position = found.end() if found else position
        while position < len(text):
            each = piece.match(text, position)
            if each is None:
                return lines
            position = each.end()
            depth += bool(each["open"]) - bool(each["close"])
            line += each[0].count("\n")
            if each["end"] and depth <= 0:
                break
    return lines


def line_of_endless_key(text: str) -> int | None:
    """The first line that may have a key of so many parts that `tomllib` would take hours."""
    lines = enumerate(text.split("\n"), start=1)
    return next((number for number, line in lines if line.count(".") > MOST_DOTS), None)


def _note(lines: dict[KeyPath, int], path: KeyPath, line: int) -> None:
    for length in range(1, min(len(path), DEEPEST) + 1):
        lines.setdefault(path[:length], line)


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))
