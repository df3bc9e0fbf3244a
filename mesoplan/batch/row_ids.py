"""Ids of rows as names of files: what every system takes, and each once.

A million ids are kept on the disk, in a database without a name that goes with the program. It
knows their digests alone: nobody's name is in it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from secrets import token_bytes
from typing import TYPE_CHECKING

from mesoplan.batch.places import plan_names
from mesoplan.errors import InvalidInput, quoted

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

_LONGEST_CHARACTERS = 80
_LONGEST_BYTES = 200
"""Of 255 that file systems take; what stands beside a file while it is changed is longer."""
_REFUSED = set('<>:"/\\|?*')
"""What Windows takes in no name; the slashes nobody does."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_CUT_SHORT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2}")


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
    """Which ids have been there, on what line, and what came of them; close it after use."""

    def __init__(self) -> None:
        import sqlite3

        self._key = token_bytes(32)
        # Without a name it is kept in a temporary file that nobody else can open.
        self._database: sqlite3.Connection = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA cache_size = -2000")
        self._database.execute(
            "CREATE TABLE seen (folded BLOB PRIMARY KEY, exact BLOB, line INTEGER) WITHOUT ROWID"
        )
        self._database.execute("CREATE TABLE plans (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("CREATE TABLE refused (folded BLOB PRIMARY KEY) WITHOUT ROWID")

    def add_files(self, folder: Path) -> None:
        """Let the plans in a folder be there already."""
        self._database.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, 0)",
            ((self._folded(name), self._exact(name)) for name in plan_names(folder)),
        )

    def add_row(self, name: str, line: int, *, is_new: bool = False) -> None:
        """Let a row on that line have that name.

        Raises InvalidInput where a row before it has the same one, letter case and forms of Unicode
        aside, or where a plan is there whose name differs in nothing else; where it *is_new*, any.
        """
        folded, exact = self._folded(name), self._exact(name)
        found = self._database.execute(
            "SELECT exact, line FROM seen WHERE folded = ?", (folded,)
        ).fetchone()
        if found is None:
            self._database.execute("INSERT INTO seen VALUES (?, ?, ?)", (folded, exact, line))
            return
        other, earlier = found
        if earlier:
            same = "the id of" if other == exact else "but for letter case, the id of"
            raise InvalidInput(
                f"the id {quoted(name)} is {same} line {earlier}", "give each row an id of its own"
            )
        if is_new:
            raise InvalidInput(
                f"the id {quoted(name)} was refused before, and is that of another plan here",
                "give each row an id of its own",
            )
        if other != exact:
            raise InvalidInput(
                f"the id {quoted(name)} differs only in letter case from that of a plan here",
                "write it as that plan's file is called",
            )
        self._database.execute("UPDATE seen SET line = ? WHERE folded = ?", (line, folded))

    def add_refused(self, name: str) -> None:
        """Let the row of that name have been refused: what is there under it stays."""
        self._database.execute("INSERT OR IGNORE INTO refused VALUES (?)", (self._folded(name),))

    def add_plan(self, plan_id: str) -> None:
        """Let a row have the plan of that id."""
        self._database.execute("INSERT OR IGNORE INTO plans VALUES (?)", (self._exact(plan_id),))

    def has_plan(self, plan_id: str) -> bool:
        """Whether a row has the plan of that id, in whatever file."""
        query = "SELECT 1 FROM plans WHERE id = ?"
        return self._database.execute(query, (self._exact(plan_id),)).fetchone() is not None

    def has_row(self, name: str) -> bool:
        """Whether a row has that name."""
        return self._finds("SELECT line FROM seen WHERE folded = ? AND line > 0", name)

    def is_planned(self, name: str) -> bool:
        """Whether a row has that name, and was not refused."""
        return self.has_row(name) and not self._finds(
            "SELECT 1 FROM refused WHERE folded = ?", name
        )

    def _finds(self, query: str, name: str) -> bool:
        return self._database.execute(query, (self._folded(name),)).fetchone() is not None

    def close(self) -> None:
        """Forget them all."""
        self._database.close()

    def _folded(self, name: str) -> bytes:
        return self._exact(unicodedata.normalize("NFKC", name.casefold()).casefold())

    def _exact(self, name: str) -> bytes:
        data = name.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=16, key=self._key).digest()
