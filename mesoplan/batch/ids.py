"""Ids of rows as names of files: names that every system takes, and each only once."""

from __future__ import annotations

import re
import unicodedata
from array import array
from hashlib import blake2b

from mesoplan.errors import InvalidInput, quoted

_LONGEST_CHARACTERS = 80
_LONGEST_BYTES = 200
"""Of 255 that file systems take; what stands beside a file while it is changed is longer."""
_REFUSED = set('<>:"/\\|?*')
"""What Windows takes in no name; the slashes nobody does."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_CUT_SHORT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2}")
_SHELVES = 4096
_OF_A_FILE = 0
"""In place of a line."""


def name_of(cell: str) -> str:
    """The id in a cell, as the name of a file.

    Raises InvalidInput for an id that is no name everywhere: not safe, not portable, too long.
    """
    name = unicodedata.normalize("NFC", cell.strip())
    if not name:
        raise InvalidInput("the id is empty", "give each row an id of its own")
    if _CUT_SHORT.fullmatch(name):
        raise InvalidInput(
            f"the id {quoted(name)} is a long number that the spreadsheet cut short",
            "format the column as text, and write the ids again",
        )
    if len(name) > _LONGEST_CHARACTERS or len(name.encode("utf-8", "replace")) > _LONGEST_BYTES:
        raise InvalidInput(
            f"the id has {len(name)} characters", f"write at most {_LONGEST_CHARACTERS}"
        )
    if not name.isprintable() or _REFUSED & set(name):
        raise InvalidInput(
            "the id has characters that no file's name may have", "use letters, digits and hyphens"
        )
    if name[0] in ".-~" or name[-1] in ".~" or _RESERVED.fullmatch(name):
        raise InvalidInput(
            f"the id {quoted(name)} is no name that a file can have everywhere",
            "begin and end it with a letter or digit; CON, NUL and the like are reserved",
        )
    return name


class SeenIds:
    """The ids of rows, on what line each was and what came of it, and the plans that rows have.

    Only digests of them are kept: a million ids take 20 MB, in a dict more than a hundred.
    """

    def __init__(self) -> None:
        self._shelves = [_Shelf() for _ in range(_SHELVES)]

    def add_file(self, name: str) -> None:
        """Let a plan of that name be there already."""
        if self._line(_row(name)) is None:
            self._put(_row(name), name, _OF_A_FILE)

    def add_row(self, name: str, line: int, *, is_new: bool = False) -> None:
        """Let a row on that line have that name.

        Raises InvalidInput where a row before it has the same one, letter case and forms of Unicode
        aside, or where a plan is there whose name differs in nothing else; where it *is_new*, any.
        """
        key = _row(name)
        shelf, at = self._find(key)
        if at is None:
            self._put(key, name, line)
            return
        is_same = shelf.spellings[at] == _digest(name, 4)
        if earlier := shelf.lines[at]:
            same = "the id of" if is_same else "but for letter case, the id of"
            raise InvalidInput(
                f"the id {quoted(name)} is {same} line {earlier}", "give each row an id of its own"
            )
        if is_new:
            raise InvalidInput(
                f"the id {quoted(name)} was refused before, and is that of another plan here",
                "give each row an id of its own",
            )
        if not is_same:
            raise InvalidInput(
                f"the id {quoted(name)} differs only in letter case from that of a plan here",
                "write it as that plan's file is called",
            )
        shelf.lines[at] = line

    def add_refused(self, name: str) -> None:
        """Let the row of that name have been refused: what is there under it stays."""
        self._put(f"refused {_folded(name)}", name, _OF_A_FILE)

    def add_plan(self, plan_id: str) -> None:
        """Let a row have the plan of that id."""
        self._put(f"plan {plan_id}", "", _OF_A_FILE)

    def has_plan(self, plan_id: str) -> bool:
        """Whether a row has the plan of that id, in whatever file."""
        return self._line(f"plan {plan_id}") is not None

    def has_row(self, name: str) -> bool:
        """Whether a row has that name."""
        return bool(self._line(_row(name)))

    def is_planned(self, name: str) -> bool:
        """Whether a row has that name, and was not refused."""
        return self.has_row(name) and self._line(f"refused {_folded(name)}") is None

    def _line(self, key: str) -> int | None:
        shelf, at = self._find(key)
        return None if at is None else shelf.lines[at]

    def _find(self, key: str) -> tuple[_Shelf, int | None]:
        digest = _digest(key, 8)
        shelf = self._shelves[digest % _SHELVES]
        return shelf, shelf.digests.index(digest) if digest in shelf.digests else None

    def _put(self, key: str, spelling: str, line: int) -> None:
        digest = _digest(key, 8)
        shelf = self._shelves[digest % _SHELVES]
        shelf.digests.append(digest)
        shelf.spellings.append(_digest(spelling, 4))
        shelf.lines.append(line)


class _Shelf:
    """Some of the ids: a few hundred at most are quick enough to look through."""

    def __init__(self) -> None:
        self.digests, self.spellings, self.lines = array("Q"), array("I"), array("I")


def _row(name: str) -> str:
    return f"row {_folded(name)}"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name.casefold()).casefold()


def _digest(text: str, size: int) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=size).digest(), "big")
