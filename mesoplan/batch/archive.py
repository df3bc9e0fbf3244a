"""An archive (tar) that is written member by member, and keeps none of them in mind."""

from __future__ import annotations

import shutil
import tarfile
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from datetime import datetime


class Archive:
    """Writes plain files into an archive, readable by their owner alone.

    The headers are those of `tarfile`. Its own writer remembers every member, for a reader that
    there will not be, and would need a gigabyte for a million. Raises OSError.
    """

    def __init__(self, stream: BinaryIO, stamp: datetime) -> None:
        """*stamp* (aware) is told as the time of all members."""
        self._stream = stream
        self._seconds = int(stamp.timestamp())
        self._written = 0
        self.members = 0

    def add(self, name: str, data: bytes) -> None:
        """Add a file."""
        self._write(self._header(name, len(data)) + data + _padding(len(data)))

    def add_stream(self, name: str, content: BinaryIO, size: int) -> None:
        """Add a file of that size from where *content* stands."""
        self._write(self._header(name, size))
        shutil.copyfileobj(content, self._stream)
        self._written += size
        self._write(_padding(size))

    def close(self) -> None:
        """Write what ends an archive."""
        self._write(bytes(2 * tarfile.BLOCKSIZE))
        self._write(bytes(-self._written % tarfile.RECORDSIZE))

    def _header(self, name: str, size: int) -> bytes:
        self.members += 1
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self._seconds
        return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._written += len(data)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
