"""The shortest input that breaks a reader in the same way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.proving.fuzzing.trial import Broken, emptied

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proving.fuzzing.readers import Reader

_LONGEST_SECONDS = 30


def how_it_breaks(reader: Reader, folder: Path, data: bytes) -> Broken | None:
    """What comes of giving an input to a reader in a folder, which is emptied first."""
    emptied(folder)
    try:
        reader.read(reader.trial(folder, data), data)
    except Broken as broken:
        return broken
    return None


def shortened(reader: Reader, folder: Path, data: bytes, kind: str) -> bytes:
    """The input without every part that it can do without, and still break in that way."""
    end = time.monotonic() + _LONGEST_SECONDS
    length = max(1, len(data) // 2)
    while True:
        at = 0
        while at < len(data):
            if time.monotonic() > end:
                return data
            shorter = data[:at] + data[at + length :]
            broken = how_it_breaks(reader, folder, shorter)
            if broken is not None and broken.kind == kind:
                data = shorter
            else:
                at += length
        if length == 1:
            return data
        length = length // 2
