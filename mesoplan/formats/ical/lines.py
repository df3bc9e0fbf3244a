"""The content lines of calendar text (RFC 5545, section 3.1): cut, and written.

A file is cut so that whatever is not ours can be written again as it is. Line ends of any kind are
read; they are written as CRLF. A line that is folded stays folded as it was, unless it is written
anew. This is our own code, not icalendar's, because icalendar takes 8 ms a plan and does not keep
the bytes of a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.zones import shown_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEEPEST = 20
_LONGEST_PIECE_OCTETS = 74
"""A line has at most 75 octets; those that go on another one begin with a blank."""
_LONGEST_LINE_OCTETS = _LONGEST_PIECE_OCTETS + 2
"""With the line break."""
_LINE_BREAK = re.compile(rb"\n(?![ \t])")
_FOLD = re.compile(rb"\n[ \t]")
_PARAMETER = re.compile(r';([\w-]+)=(?:"([^"]*)"|([^;]*))')
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)


class Damaged(Exception):
    """The text is no whole calendar; *line* is where that shows, *problem* says how."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


class Line(NamedTuple):
    """One property as it stands in a file.

    A tuple, since a file has many, and a frozen dataclass takes longer to make.
    """

    number: int
    """Of its first line, from 1."""
    raw: bytes
    """Its lines, without the last line end; folds are LF and a blank."""
    name: str
    """What stands before its parameters and value, in capitals."""

    @property
    def value(self) -> str:
        """What comes after the first colon that stands in no quotes, with its escapes."""
        return self._halves[1].decode("utf-8", "replace").strip()

    @property
    def parameters(self) -> Mapping[str, str]:
        """The values of the parameters without their quotes, by name in capitals."""
        head = self._halves[0]
        if b";" not in head:
            return {}
        return {
            name.upper(): (in_quotes or bare).strip()
            for name, in_quotes, bare in _PARAMETER.findall(head.decode("utf-8", "replace"))
        }

    @property
    def _halves(self) -> tuple[bytes, bytes]:
        """What stands before the colon, and what stands after it."""
        text = _FOLD.sub(b"", self.raw) if b"\n" in self.raw else self.raw
        head, _, value = text.partition(b":")
        if b'"' not in head:
            return head, value
        parts = text.split(b'"')
        for place in range(0, len(parts), 2):
            before, colon, after = parts[place].partition(b":")
            if colon:
                return b'"'.join([*parts[:place], before]), b'"'.join([after, *parts[place + 1 :]])
        return text, b""


@dataclass
class Block:
    """What stands between a BEGIN and its END."""

    name: str
    """In capitals."""
    number: int
    """The number of the line with its BEGIN."""
    parts: list[Line | Block] = field(default_factory=list)
    """Its properties and the blocks directly inside, in the order of the file."""

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Its own properties, without those of the blocks inside."""
        return tuple([part for part in self.parts if isinstance(part, Line)])

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks directly inside."""
        return tuple([part for part in self.parts if isinstance(part, Block)])

    @cached_property
    def _first(self) -> Mapping[str, Line]:
        return {part.name: part for part in reversed(self.parts) if isinstance(part, Line)}

    def first(self, name: str) -> Line | None:
        """The first property of that name; None where there is none."""
        return self._first.get(name)

    def all(self, name: str) -> list[Line]:
        """The properties of that name."""
        return [line for line in self.lines if line.name == name] if name in self._first else []

    def text(self, name: str) -> str | None:
        """The value of the first property of that name, without what the format escapes."""
        line = self._first.get(name)
        return None if line is None else plain_text(line.value)

    def word(self, name: str) -> str:
        """The value of the first property of that name, in capitals; empty without one."""
        line = self._first.get(name)
        return "" if line is None else line.value.upper()

    def written(self) -> Iterator[bytes]:
        """Its lines, without line ends."""
        yield b"BEGIN:" + self.name.encode("ascii", "replace")
        for part in self.parts:
            if isinstance(part, Block):
                yield from part.written()
            else:
                yield from part.raw.split(b"\n")
        yield b"END:" + self.name.encode("ascii", "replace")


def read_calendars(data: bytes) -> list[Block]:
    """The VCALENDARs of a file.

    Raises Damaged where there is none, where a BEGIN and an END do not match, and where the text
    ends too soon.
    """
    return [block for block, depth in _blocks(data, keeps=True) if depth == 0]


def components(data: bytes) -> Iterator[Block]:
    """Yield each block that is directly in a VCALENDAR, and after them the VCALENDAR without them.

    So a file that is much larger than any plan need not be held in memory as blocks. Raises
    Damaged as `read_calendars` does, when what is wrong is come to.
    """
    return (block for block, depth in _blocks(data, keeps=False) if depth <= 1)


def written_file(calendars: list[Block]) -> bytes:
    """The file with these VCALENDARs."""
    lines = [line for calendar in calendars for line in calendar.written()]
    return b"".join(line + b"\r\n" for line in lines)


def plain_text(value: str) -> str:
    """A text value without its escapes."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: "\n" if found[1] in ("n", "N") else found[1], value)


def _blocks(data: bytes, *, keeps: bool) -> Iterator[tuple[Block, int]]:
    """Each block as it ends, and in how many others it is; see `components`.

    A VCALENDAR only *keeps* what is in it if it is to.
    """
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    open_now: list[Block] = []
    parts: list[Line | Block] = []
    names: dict[bytes, str] = {}
    is_empty = True
    following = last = 1
    for raw in _LINE_BREAK.split(data):
        number = following
        following += 1
        text = raw
        if b"\n" in raw:
            following += raw.count(b"\n")
            text = _FOLD.sub(b"", raw)
        head, _, value = text.partition(b":")
        if b";" in head:
            head = head.partition(b";")[0]
        name = names.get(head)
        if name is None:
            if not text.strip():
                continue
            name = names[head] = _name(head)
        last = number
        if name == "BEGIN":
            block = Block(_name(value), number)
            if not open_now and block.name != "VCALENDAR":
                raise Damaged(number, "this is no calendar")
            if len(open_now) == _DEEPEST:
                raise Damaged(number, "its parts are nested too deep")
            if len(open_now) > (not keeps):
                parts.append(block)
            open_now.append(block)
            parts = block.parts
        elif not open_now:
            raise Damaged(number, "this is no calendar: BEGIN:VCALENDAR is missing")
        elif name == "END":
            block = open_now.pop()
            # What stands after an END is not shown: in a damaged file it can be anything.
            if _name(value) != block.name:
                raise Damaged(number, f"this END does not match the BEGIN in line {block.number}")
            is_empty = False
            parts = open_now[-1].parts if open_now else []
            yield block, len(open_now)
        else:
            parts.append(Line(number, raw, name))
    if open_now:
        begun = open_now[-1].number
        raise Damaged(last, f"the file ends before what begins in line {begun} does")
    if is_empty:
        raise Damaged(1, "the file is empty")


def _name(text: bytes) -> str:
    return text.strip().upper().decode("ascii", "replace")


def line(name: str, value: str) -> bytes:
    """A property with its value as it is; *name* may have parameters.

    Neither has a line break in it.
    """
    octets = f"{name}:{value}\r\n".encode()
    return octets if len(octets) <= _LONGEST_LINE_OCTETS else _folded(octets[:-2])


def text_line(name: str, text: str) -> bytes:
    """A property of the value type TEXT; every kind of line break in *text* becomes a new line."""
    return line(name, escaped(text))


def escaped(text: str) -> str:
    """A text as the value of a property."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    for line_break in ("\r\n", "\n", "\r"):
        text = text.replace(line_break, "\\n")
    return text


def utc_text(moment: datetime) -> str:
    """An aware moment, to the second, as a DATE-TIME in UTC."""
    return f"{local_text(moment.astimezone(UTC))}Z"


def local_text(moment: datetime) -> str:
    """What the clocks show at a moment, to the second, as a DATE-TIME without a zone."""
    return shown_text(moment).replace("-", "").replace(":", "")


def lead_text(lead: timedelta) -> str:
    """How long before an event, in whole minutes and days first, as a DURATION: “-P1DT2H”."""
    minutes = lead // timedelta(minutes=1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    clock = f"{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}"
    if not days and not clock:
        return "-P0D"
    return f"-P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def offset_text(offset: timedelta) -> str:
    """An offset from UTC: “+0100”; with seconds where it has any."""
    sign = "-" if offset < timedelta() else "+"
    hours, rest = divmod(abs(offset) // timedelta(seconds=1), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02d}{minutes:02d}{f'{seconds:02d}' if seconds else ''}"


def _folded(octets: bytes) -> bytes:
    """A line cut between characters, and not within an escape, which some readers stumble over."""
    pieces = []
    begin = 0
    while len(octets) - begin > _LONGEST_PIECE_OCTETS:
        end = begin + _LONGEST_PIECE_OCTETS
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        piece = octets[begin:end]
        end -= (len(piece) - len(piece.rstrip(b"\\"))) % 2
        pieces.append(octets[begin:end])
        begin = end
    pieces.append(octets[begin:])
    return b"\r\n ".join(pieces) + b"\r\n"
