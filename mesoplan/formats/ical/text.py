"""Calendar text (RFC 5545) cut into components, with the few properties that tell a taken time.

Everything else in the text, above all what events are called, is not looked at unless a reader asks
for it by the name of the property.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.formats.ical.lines import Damaged as Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_WANTED = (
    *("BEGIN", "END", "METHOD"),
    *("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
    *("SEQUENCE", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "FREEBUSY"),
    *("TZID", "TZOFFSETFROM", "TZOFFSETTO"),
)
_NAMES = {name.encode("ascii"): name for name in _WANTED}
_FOLD = re.compile(rb"\n[ \t]")
_PARAMETER = re.compile(r';([\w-]+)=(?:"([^"]*)"|([^;]*))')


class Property(NamedTuple):
    """One property: where it stands, and what follows its name."""

    at: int
    """Its place in the text."""
    text: bytes
    """Parameters and value in one line, from the first “;” or “:” on."""

    @property
    def value(self) -> str:
        """What comes after the last colon; for values that have no colon themselves."""
        return self.text.rpartition(b":")[2].decode("ascii", "replace").strip()

    @property
    def whole_value(self) -> str:
        """What comes after the first colon; for values that may have colons."""
        return self.text.partition(b":")[2].decode("utf-8", "replace").strip()

    @property
    def parameters(self) -> Mapping[str, str]:
        """The values of the parameters without their quotes, by name in capitals."""
        return _parameters(self.text.rpartition(b":")[0])


@dataclass(slots=True)
class Component:
    """What stands between a BEGIN and its END."""

    name: str
    """In capitals."""
    at: int
    """The place of its BEGIN in the text."""
    properties: dict[str, list[Property]] = field(default_factory=dict)
    """By name in capitals; not those of the components inside."""
    parts: list[Component] = field(default_factory=list)
    """The components inside, except in a VCALENDAR."""

    def first(self, name: str) -> Property | None:
        """The first property of that name; None where there is none."""
        found = self.properties.get(name)
        return found[0] if found else None

    def word(self, name: str) -> str:
        """The value of the first property of that name, in capitals; empty without one."""
        found = self.properties.get(name)
        return _word(found[0].text) if found else ""


class CalendarText:
    """The text of a calendar file, whatever its line ends and byte order mark.

    *also* names the properties, in capitals, that are wanted beside those that tell a time.
    """

    def __init__(self, data: bytes, also: tuple[str, ...] = ()) -> None:
        self._line_pattern = _line_pattern(also)
        # With a line end in front, each line begins with one.
        data = b"\n" + data.removeprefix(b"\xef\xbb\xbf")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._data = data

    def components(self) -> Iterator[Component]:
        """Yield each component that is directly in a VCALENDAR, and after them the VCALENDAR.

        Raises Damaged where there is no VCALENDAR, where a BEGIN and an END do not match, and
        where the text ends too soon.
        """
        data = self._data
        open_now: list[Component] = []
        end_of_last = 0
        for match in self._line_pattern.finditer(data):
            word, text = match.groups()
            name = _NAMES.get(word) or word.upper().decode("ascii")
            if b"\n" in text:
                text = _FOLD.sub(b"", text)
            if name == "BEGIN":
                if not open_now:
                    self._require_blank(end_of_last, match.start())
                component = Component(_component_name(text), match.start())
                if not open_now and component.name != "VCALENDAR":
                    raise Damaged(self._line(match.start()), "this is no calendar")
                if len(open_now) > 1:
                    open_now[-1].parts.append(component)
                open_now.append(component)
            elif name == "END":
                self._require_match(open_now, match.start(), text)
                component = open_now.pop()
                if len(open_now) < 2:
                    yield component
                end_of_last = match.end()
            elif open_now:
                properties = open_now[-1].properties
                found = Property(match.start(), text)
                if name in properties:
                    properties[name].append(found)
                else:
                    properties[name] = [found]
        if open_now:
            begun = self._line(open_now[-1].at)
            raise Damaged(
                self._last_line(), f"the file ends before what begins in line {begun} does"
            )
        self._require_blank(end_of_last, len(data))
        if end_of_last == 0:
            raise Damaged(1, "the file is empty")

    def lines(self, places: Iterable[int]) -> dict[int, int]:
        """The number of the line that stands at each of those places, counted from 1."""
        numbers: dict[int, int] = {}
        counted_to, number = 0, 0
        for place in sorted(places):
            number += self._data.count(b"\n", counted_to, place + 1)
            counted_to = place + 1
            numbers[place] = number
        return numbers

    def _line(self, place: int) -> int:
        return self.lines([place])[place]

    def _last_line(self) -> int:
        return self._line(len(self._data.rstrip()) - 1)

    def _require_blank(self, start: int, end: int) -> None:
        between = self._data[start:end]
        if between.strip():
            first = start + len(between) - len(between.lstrip()) - 1
            raise Damaged(self._line(first), "this is no calendar: BEGIN:VCALENDAR is missing")

    def _require_match(self, open_now: list[Component], place: int, text: bytes) -> None:
        # What stands after END is not shown: in a damaged file it can be anything.
        if not open_now:
            raise Damaged(self._line(place), "an END without a BEGIN")
        if _component_name(text) != open_now[-1].name:
            begun = self._line(open_now[-1].at)
            raise Damaged(self._line(place), f"this END does not match the BEGIN in line {begun}")


@cache
def _line_pattern(also: tuple[str, ...]) -> re.Pattern[bytes]:
    """A line, and those after it that begin with a blank or tab and so belong to it."""
    names = "|".join((*_WANTED, *map(re.escape, also))).encode("ascii")
    return re.compile(rb"\n((?i:%b))[ \t]*([:;][^\n]*(?:\n[ \t][^\n]*)*)" % names)


@lru_cache(maxsize=1024)
def _parameters(text: bytes) -> Mapping[str, str]:
    """The parameters in front of a value, by name in capitals."""
    return {
        name.upper(): (in_quotes or bare).strip()
        for name, in_quotes, bare in _PARAMETER.findall(text.decode("utf-8", "replace"))
    }


@lru_cache(maxsize=1024)
def _word(text: bytes) -> str:
    return text.rpartition(b":")[2].decode("ascii", "replace").strip().upper()


@lru_cache(maxsize=1024)
def _component_name(text: bytes) -> str:
    return text[1:].strip().upper().decode("ascii", "replace")
