"""A calendar file cut into its lines, so that whatever is not ours stays as it is.

Line ends of any kind are read; they are written as CRLF. A line that is folded stays folded as it
was, unless it is written anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.formats.ical.text import Component, Damaged, Property

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 20


class Line(NamedTuple):
    """One property as it stands in the file.

    A tuple, since a file has many, and a frozen dataclass takes longer to make.
    """

    number: int
    """Of its first line, from 1."""
    raw: bytes
    """Its lines, without the last line end; folds are LF and a blank."""
    unfolded: bytes
    """The property in one line."""
    name: str
    """What stands before its parameters and value, in capitals."""

    @property
    def value(self) -> str:
        """What comes after the first colon that stands in no quotes, with its escapes."""
        parts = self.unfolded.split(b'"')
        for place in range(0, len(parts), 2):
            _, colon, after = parts[place].partition(b":")
            if colon:
                value = b'"'.join([after, *parts[place + 1 :]])
                return value.decode("utf-8", "replace").strip()
        return ""

    @property
    def found(self) -> Property:
        """Its parameters and value, as calendar text is read everywhere."""
        return Property(self.number, self.unfolded[len(_before_value(self.unfolded)) :])


@dataclass(slots=True)
class Block:
    """What stands between a BEGIN and its END."""

    name: str
    """In capitals."""
    number: int
    """The number of the line with its BEGIN."""
    parts: list[Line | Block] = field(default_factory=list)

    @property
    def lines(self) -> Iterator[Line]:
        """Its own properties, without those of the blocks inside."""
        return (part for part in self.parts if isinstance(part, Line))

    @property
    def blocks(self) -> Iterator[Block]:
        """The blocks directly inside."""
        return (part for part in self.parts if isinstance(part, Block))

    def component(self) -> Component:
        """The same as calendar text is read everywhere."""
        found = Component(self.name, self.number)
        for line in self.lines:
            found.properties.setdefault(line.name, []).append(line.found)
        found.parts = [block.component() for block in self.blocks]
        return found

    def value(self, name: str) -> str | None:
        """The value of the first property of that name, without what the format escapes."""
        line = next((line for line in self.lines if line.name == name), None)
        return None if line is None else plain_text(line.value)

    def written(self) -> Iterator[bytes]:
        """Its lines, without line ends."""
        yield b"BEGIN:" + self.name.encode("ascii", "replace")
        for part in self.parts:
            if isinstance(part, Block):
                yield from part.written()
            else:
                yield from part.raw.split(b"\n")
        yield b"END:" + self.name.encode("ascii", "replace")


def plain_text(value: str) -> str:
    """A text value without its escapes."""
    if "\\" not in value:
        return value
    text = ""
    escaped = False
    for character in value:
        if escaped:
            text += "\n" if character in "nN" else character
        elif character != "\\":
            text += character
        escaped = character == "\\" and not escaped
    return text


def read_calendars(data: bytes) -> list[Block]:
    """The VCALENDARs of a file.

    Raises Damaged where there is none, where a BEGIN and an END do not match, and where the text
    ends too soon.
    """
    calendars: list[Block] = []
    open_now: list[Block] = []
    last = 1
    for line in _lines(data):
        last = line.number
        text = line.unfolded.strip()
        if not text:
            continue
        name = line.name
        if name == "BEGIN":
            block = Block(_block_name(line), line.number)
            if not open_now and block.name != "VCALENDAR":
                raise Damaged(line.number, "this is no calendar")
            if len(open_now) == _DEEPEST:
                raise Damaged(line.number, "its parts are nested too deep")
            (open_now[-1].parts if open_now else calendars).append(block)
            open_now.append(block)
        elif not open_now:
            raise Damaged(line.number, "this is no calendar: BEGIN:VCALENDAR is missing")
        elif name == "END":
            begun = open_now.pop()
            if _block_name(line) != begun.name:
                raise Damaged(
                    line.number, f"this END does not match the BEGIN in line {begun.number}"
                )
        else:
            open_now[-1].parts.append(line)
    if open_now:
        begun_at = open_now[-1].number
        raise Damaged(last, f"the file ends before what begins in line {begun_at} does")
    if not calendars:
        raise Damaged(1, "the file is empty")
    return calendars


def written_file(calendars: list[Block]) -> bytes:
    """The file with these VCALENDARs."""
    lines = [line for calendar in calendars for line in calendar.written()]
    return b"".join(line + b"\r\n" for line in lines)


def _lines(data: bytes) -> Iterator[Line]:
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    number, folded = 1, [b""]
    for at, physical in enumerate(data.split(b"\n"), start=1):
        if physical[:1] in (b" ", b"\t"):
            folded.append(physical)
            continue
        yield _line(number, folded)
        number, folded = at, [physical]
    yield _line(number, folded)


def _line(number: int, folded: list[bytes]) -> Line:
    if len(folded) == 1:
        raw = unfolded = folded[0]
    else:
        raw = b"\n".join(folded)
        unfolded = raw.replace(b"\n ", b"").replace(b"\n\t", b"")
    return Line(number, raw, unfolded, _name(_before_value(unfolded)))


def _before_value(text: bytes) -> bytes:
    """What stands before the first colon or semicolon of a line; all of it where there is none."""
    before = text.partition(b":")[0]
    return before.partition(b";")[0]


@lru_cache(maxsize=1024)
def _name(text: bytes) -> str:
    return text.strip().upper().decode("ascii", "replace")


def _block_name(line: Line) -> str:
    # What stands after an END is not shown: in a damaged file it can be anything.
    name = line.unfolded.partition(b":")[2].strip().upper()
    return name.decode("ascii", "replace")
