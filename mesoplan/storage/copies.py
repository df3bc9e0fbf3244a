"""Copies of what was fetched, in the user's cache folder: mode 0600, with names that say nothing.

They are a help, not a record: where none can be kept, nothing fails.
"""

from __future__ import annotations

import hmac
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem
from mesoplan.storage.files import folder_made, read_whole, replace_own, write_all_new

if TYPE_CHECKING:
    from pathlib import Path

_KEY_NAME, _ENDS = "key", ".copy"
_KEY_BYTES, _DIGEST_CHARACTERS = 32, 32
_LARGEST_BYTES = 100_000_000
_KEPT_SECONDS = 90 * 24 * 3600


class Copies:
    """The copies in one folder, each under a digest of what it is a copy of, with a key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = self._own_key()

    def digest(self, text: str) -> str:
        """What stands for a text here, and says nothing of it; the same each time."""
        return hmac.digest(self._key, text.encode(), "sha256").hex()[:_DIGEST_CHARACTERS]

    def read(self, of: str) -> bytes | None:
        """The copy of what is called that; None if there is none that can be read."""
        try:
            return read_whole(self._path(of), _LARGEST_BYTES, "")
        except FileProblem:
            return None

    def keep(self, of: str, data: bytes) -> None:
        """Keep a copy in place of an earlier one, and remove those that nobody has used for long.

        If it can't be kept, there is none.
        """
        path = self._path(of)
        try:
            replace_own(path, data)
        except FileProblem:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        with suppress(OSError):
            for each in self.folder.glob(f"*{_ENDS}"):
                if time.time() - each.stat().st_mtime > _KEPT_SECONDS:
                    each.unlink()

    def _path(self, of: str) -> Path:
        return self.folder / f"{self.digest(of)}{_ENDS}"

    def _own_key(self) -> bytes:
        """The key of this folder, made if it has none; a passing one if it can't be kept."""
        path, new = self.folder / _KEY_NAME, secrets.token_bytes(_KEY_BYTES)
        # Another command may be making it right now: the one that is there counts.
        with suppress(FileProblem), folder_made(self.folder, parents=True):
            if not path.exists():
                write_all_new({path: new}, sweeps=False)
        with suppress(FileProblem):
            found = read_whole(path, _KEY_BYTES, "")
            return found if len(found) == _KEY_BYTES else new
        return new
