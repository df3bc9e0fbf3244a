"""What a book on a server consists of: an event for each of its files, which carries it whole.

So a plan is there as it is in a folder, with what `undo` needs, and changes whole or not at all.
With an event per session a thousand patients would be ten thousand events, and servers that look
through all of them at each change need a second for one.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.book.names import FILE_NAME
from mesoplan.formats.ical.lines import Block, Damaged, line, read_calendars, text_line

if TYPE_CHECKING:
    from collections.abc import Mapping

LEASE_UID = "mesoplan-lease"
_UID = "mesoplan-{}"
_DIGITS = 32
_NAME, _FILE, _BEFORE = "X-MESOPLAN-NAME", "X-MESOPLAN-FILE", "X-MESOPLAN-BEFORE"
_LONGEST_NAME, _LARGEST_BYTES = 240, 20_000_000


class BookFile(NamedTuple):
    """A file of a book, as it is on a server."""

    name: str
    data: bytes
    before: bytes | None = None
    """Of a plan: its file before the last change, if that is kept."""

    @property
    def resource(self) -> bytes:
        """The event that carries it."""
        carried = {_NAME: self.name, _FILE: _packed(self.data)}
        if self.before is not None:
            carried[_BEFORE] = _packed(self.before)
        return event(uid_of(self.name), "A plan of mesoplan's book: please leave it here", carried)


def uid_of(name: str) -> str:
    """The UID for the file of that name, of which it says nothing; capitals don't count."""
    return _UID.format(sha256(name.casefold().encode()).hexdigest()[:_DIGITS])


def is_resource(name: str) -> bool:
    """Whether something of that name on a server is a part of a book."""
    return name.startswith(_UID.format(""))


def event(uid: str, title: str, carried: Mapping[str, str]) -> bytes:
    """An event that carries something, on a day on which nobody looks."""
    lines = (
        *(line("BEGIN", "VCALENDAR"), line("VERSION", "2.0")),
        line("PRODID", "-//Appointments//Appointment Book//EN"),
        *(line("BEGIN", "VEVENT"), line("UID", uid), line("DTSTAMP", "19700101T000000Z")),
        *(line("DTSTART;VALUE=DATE", "19700101"), text_line("SUMMARY", title)),
        line("TRANSP", "TRANSPARENT"),
        *(text_line(name, text) for name, text in carried.items()),
        *(line("END", "VEVENT"), line("END", "VCALENDAR")),
    )
    return b"".join(lines)


def carried_by(data: bytes) -> Block:
    """The event in what a server has; an empty one where there is no event."""
    with suppress(Damaged):
        for each in read_calendars(data)[0].blocks:
            if each.name == "VEVENT":
                return each
    return Block("VEVENT", 0)


def file_in(data: bytes) -> BookFile | None:
    """The file that an event carries; None if it is not one of ours.

    In place of a file that was damaged since, it is the event itself, so that it will be listed.
    """
    name, whole, before = map(carried_by(data).text, (_NAME, _FILE, _BEFORE))
    if name is None or not is_name(name):
        return None
    try:
        return BookFile(name, _unpacked(whole or ""), None if before is None else _unpacked(before))
    except ValueError:
        return BookFile(name, data)


def is_of_book(name: str) -> bool:
    """Whether a file of that name is a part of the book, and not somebody's page or table."""
    return name == FILE_NAME or (name[-4:].lower() == ".ics" and not name.startswith("."))


def is_name(name: str) -> bool:
    """Whether a server may give a file that name here: in this folder, and one of a book's."""
    is_short = len(name.encode()) <= _LONGEST_NAME
    return (
        is_of_book(name) and is_short and name.isprintable() and not set(name) & set('/\\:<>"|?*')
    )


def _packed(data: bytes) -> str:
    return b64encode(zlib.compress(data)).decode()


def _unpacked(text: str) -> bytes:
    """What was packed. Raises ValueError for anything else, and for what is far too large."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(b64decode(text, validate=True), _LARGEST_BYTES)
    except zlib.error as error:
        raise ValueError from error
    if not unpacking.eof:
        raise ValueError
    return data
