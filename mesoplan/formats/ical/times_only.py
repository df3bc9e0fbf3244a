"""A calendar with nothing but when it is busy: no title, no place, no person, no note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.formats.ical.events import takes_time, uid
from mesoplan.formats.ical.lines import components, line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mesoplan.formats.ical.lines import Block

_KEPT = frozenset(
    {
        *("SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE"),
        *("RECURRENCE-ID", "X-APPLE-TRAVEL-DURATION", "FREEBUSY"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "METHOD"),
    }
)
_PARAMETERS = ("TZID", "VALUE", "RANGE", "FBTYPE")
_BLOCKS = frozenset({"VEVENT", "VFREEBUSY", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VAVAILABILITY"})


def times_only(data: bytes, of: str, named: Callable[[str], str]) -> bytes:
    """The calendars of a file, with only what says when they are busy.

    Each UID is *named* anew: some programs put an address of somebody into it. An event without
    one gets one by its place in *of*, which identifies the file. Raises Damaged.
    """
    inside: list[bytes] = []
    found: list[bytes] = []
    for component in components(data):
        if component.name in _BLOCKS:
            inside += _lines(component, of, named)
        elif component.name == "VCALENDAR":
            first, *own, last = _lines(component, of, named)
            found += [first, *own, *inside, last]
            inside = []
    return b"".join(found)


def _lines(block: Block, of: str, named: Callable[[str], str]) -> Iterator[bytes]:
    yield line("BEGIN", block.name)
    if block.name == "VEVENT":
        yield line("UID", named(uid(block) or f"{block.number} of {of}"))
        if not takes_time(block):
            yield line("TRANSP", "TRANSPARENT")
    for each in block.lines:
        if each.name in _KEPT:
            given = each.parameters
            said = (f';{key}="{given[key]}"' for key in _PARAMETERS if key in given)
            yield line(each.name + "".join(said), each.value)
    for part in block.blocks:
        if part.name in _BLOCKS:
            yield from _lines(part, of, named)
    yield line("END", block.name)
