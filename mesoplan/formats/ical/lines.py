"""The content lines of calendar text (RFC 5545, section 3.1): cut, and written.

A file is cut so that whatever is not ours can be written again as it is. Line ends of any kind are
read; they are written as CRLF. A line that is folded stays folded as it was, unless it is written
anew. This is our own code, not icalendar's, because icalendar takes 8 ms a plan and does not keep
the bytes of a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.zones import shown_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEEPEST = 20
_GOES_ON, _QUOTE, _SEMICOLON, _BACKSLASH = b'\r";\\'
"""As numbers: to look for bytes in bytes takes several times as long."""
_LONGEST_PIECE_OCTETS = 74
"""A line has at most 75 octets; those that go on another one begin with a blank."""
_LONGEST_LINE_OCTETS = _LONGEST_PIECE_OCTETS + 2
"""With the line break."""
_EDGES_BEGIN = frozenset(b"BbEe \t\r\v\f")
"""With what a BEGIN or END may begin, or an empty line; nearly all lines begin otherwise."""
_BLANKS = frozenset({b" ", b"\t"})
_PARAMETER = re.compile(r';([\w-]+)=(?:"([^"]*)"|([^;]*))')
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)


class Damaged(Exception):
    """The text is not a whole calendar; *line* is where that shows, *problem* says how."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


class Line(NamedTuple):
    """One property as it stands in a file."""

    number: int
    """Of its first line, from 1."""
    raw: bytes
    """Its lines, without the last line end; where one goes on, there are CR and a blank."""

    @property
    def name(self) -> str:
        """What stands before its parameters and value, in capitals."""
        return _name(self.raw.partition(b":")[0])

    @property
    def value(self) -> str:
        """What comes after the first colon that stands in no quotes, with its escapes."""
        return _value(self.raw)

    @property
    def parameters(self) -> Mapping[str, str]:
        """The values of the parameters without their quotes, by name in capitals."""
        head = _halves(self.raw)[0]
        if _SEMICOLON not in head:
            return {}
        return {
            name.upper(): (in_quotes or bare).strip()
            for name, in_quotes, bare in _PARAMETER.findall(head.decode("utf-8", "replace"))
        }


@dataclass
class Block:
    """What stands between a BEGIN and its END."""

    name: str
    """In capitals."""
    number: int
    """The number of the line with its BEGIN."""
    parts: list[tuple[int, bytes] | Block] = field(default_factory=list)
    """Its properties and the blocks directly inside, in the order of the file.

    A property is what a Line is made of, which takes ten times as long to make.
    """
    _by_name: dict[str, tuple[int, bytes]] = field(default_factory=dict, compare=False)
    """The first property of each name, once one is looked for."""

    @property
    def lines(self) -> list[Line]:
        """Its own properties, without those of the blocks inside."""
        return [Line(*part) for part in self.parts if not isinstance(part, Block)]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks directly inside."""
        return tuple([part for part in self.parts if isinstance(part, Block)])

    @property
    def _first(self) -> dict[str, tuple[int, bytes]]:
        if not self._by_name:
            self._by_name = {
                _name(part[1].partition(b":")[0]): part
                for part in reversed(self.parts)
                if not isinstance(part, Block)
            }
        return self._by_name

    def first(self, name: str) -> Line | None:
        """The first property of that name; None if there is none."""
        found = self._first.get(name)
        return None if found is None else Line(*found)

    def all(self, name: str) -> list[Line]:
        """The properties of that name."""
        return [line for line in self.lines if line.name == name] if name in self._first else []

    def text(self, name: str) -> str | None:
        """The value of the first property of that name, without what the format escapes."""
        found = self._first.get(name)
        return None if found is None else plain_text(_value(found[1]))

    def word(self, name: str) -> str:
        """The value of the first property of that name, in capitals; empty without one."""
        found = self._first.get(name)
        return "" if found is None else _value(found[1]).upper()

    def written(self) -> Iterator[bytes]:
        """Its lines, without line ends."""
        yield b"BEGIN:" + self.name.encode("ascii", "replace")
        for part in self.parts:
            if isinstance(part, Block):
                yield from part.written()
            else:
                yield from part[1].split(b"\r")
        yield b"END:" + self.name.encode("ascii", "replace")


def read_calendars(data: bytes) -> list[Block]:
    """The VCALENDARs of a file.

    Raises Damaged if there is none, if a BEGIN and an END do not match, or if the text ends too
    soon.
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


def in_utf8(data: bytes) -> bytes:
    """The bytes of a file in UTF-8, where they are in UTF-16, as some programs save it on Windows.

    What is broken in them becomes “\ufffd”.
    """
    codecs = {
        b"\xff\xfe": "utf-16",
        b"\xfe\xff": "utf-16",
        b"B\0": "utf-16-le",
        b"\0B": "utf-16-be",
    }
    codec = codecs.get(data[:2])
    return data if codec is None else data.decode(codec, "replace").encode("utf-8", "replace")


def plain_text(value: str) -> str:
    """A text value without its escapes."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: "\n" if found[1] in ("n", "N") else found[1], value)


def _blocks(data: bytes, *, keeps: bool) -> Iterator[tuple[Block, int]]:
    """Each block as it ends, and in how many others it is; see `components`.

    A VCALENDAR only *keeps* what is in it if it is to.
    """
    lines = in_utf8(data).removeprefix(b"\xef\xbb\xbf").rstrip().splitlines()
    if not lines:
        raise Damaged(1, "the file is empty")
    if not _BLANKS.isdisjoint([raw[:1] for raw in lines]):
        # From here on CR is only where a line goes on.
        text = b"\n".join(lines).replace(b"\n ", b"\r ").replace(b"\n\t", b"\r\t")
        lines = text.split(b"\n")
    open_now: list[Block] = []
    parts: list[tuple[int, bytes] | Block] = []
    number = goes_on = 0
    for raw in lines:
        number += 1 + goes_on
        goes_on = raw.count(b"\r") if _GOES_ON in raw else 0
        if open_now and raw and raw[0] not in _EDGES_BEGIN:
            parts.append((number, raw))
            continue
        name, of = _edge(raw)
        if name == "BEGIN":
            block = Block(of, number, [])
            if not open_now and block.name != "VCALENDAR":
                raise Damaged(number, "this is not a calendar")
            if len(open_now) == _DEEPEST:
                raise Damaged(number, "its parts are nested too deep")
            if len(open_now) > (not keeps):
                parts.append(block)
            open_now.append(block)
            parts = block.parts
        elif not raw.strip():
            continue
        elif not open_now:
            raise Damaged(number, "this is not a calendar: BEGIN:VCALENDAR is missing")
        elif name == "END":
            block = open_now.pop()
            # What stands after an END is not shown: in a damaged file it can be anything.
            if of != block.name:
                raise Damaged(number, f"this END does not match the BEGIN in line {block.number}")
            parts = open_now[-1].parts if open_now else []
            yield block, len(open_now)
        else:
            parts.append((number, raw))
    if open_now:
        begun = open_now[-1].number
        raise Damaged(number, f"the file ends inside what begins in line {begun}")


def unfolded(text: bytes) -> bytes:
    """A property in one line, whatever lines it stands in."""
    return text.replace(b"\r ", b"").replace(b"\r\t", b"") if _GOES_ON in text else text


def _value(raw: bytes) -> str:
    return _halves(raw)[1].decode("utf-8", "replace").strip()


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """What stands before the first colon that stands in no quotes, and what stands after it."""
    text = unfolded(raw)
    head, _, value = text.partition(b":")
    if _QUOTE not in head:
        return head, value
    parts = text.split(b'"')
    for place in range(0, len(parts), 2):
        before, colon, after = parts[place].partition(b":")
        if colon:
            return b'"'.join([*parts[:place], before]), b'"'.join([after, *parts[place + 1 :]])
    return text, b""


@lru_cache(maxsize=100)
def _edge(raw: bytes) -> tuple[str, str]:
    """What a line may begin or end, with BEGIN or END: nearly all files have the same few."""
    head, _, value = unfolded(raw).partition(b":")
    return _name(head), _capitals(value)


@lru_cache(maxsize=1_000)
def _name(head: bytes) -> str:
    """The name of a property, from what stands before its first colon."""
    return _capitals(unfolded(head).partition(b";")[0])


def _capitals(text: bytes) -> str:
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
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n", "\\n")


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
    return f"{datetime(2000, 1, 1, tzinfo=timezone(offset)):%z}"


def _folded(octets: bytes) -> bytes:
    """A line cut between characters, and not within an escape, which some readers stumble over."""
    pieces = []
    begin = 0
    while len(octets) - begin > _LONGEST_PIECE_OCTETS:
        end = begin + _LONGEST_PIECE_OCTETS
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        if octets[end - 1] == _BACKSLASH:
            piece = octets[begin:end]
            end -= (len(piece) - len(piece.rstrip(b"\\"))) % 2
        pieces.append(octets[begin:end])
        begin = end
    pieces.append(octets[begin:])
    return b"\r\n ".join(pieces) + b"\r\n"
