"""Writes the content lines of a calendar file (RFC 5545, section 3.1): escaped, folded, with CRLF.

Of our own, not icalendar's, since most of the time of a batch, and a fifth of that of one command,
would go into the general case: the properties of the calendar profile are few, and plain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mesoplan.dates.zones import shown_text

_LONGEST_PIECE_OCTETS = 74
"""A line has at most 75 octets; those that go on another one begin with a blank."""
_LONGEST_LINE_OCTETS = _LONGEST_PIECE_OCTETS + 2
"""With the line break."""


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


recurring_line = lru_cache(maxsize=1024)(line)
"""A line that many events or plans have, made once for all of them; see `line`."""


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
    longest = _LONGEST_PIECE_OCTETS
    if octets.isascii() and b"\\" not in octets[longest - 1 :: longest]:
        # No piece ends where an escape begins, as is the case nearly always.
        pieces = [octets[at : at + longest] for at in range(0, len(octets), longest)]
        return b"\r\n ".join(pieces) + b"\r\n"
    pieces = []
    begin = 0
    while len(octets) - begin > longest:
        end = begin + longest
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        piece = octets[begin:end]
        end -= (len(piece) - len(piece.rstrip(b"\\"))) % 2
        pieces.append(octets[begin:end])
        begin = end
    pieces.append(octets[begin:])
    return b"\r\n ".join(pieces) + b"\r\n"
