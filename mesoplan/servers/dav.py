"""Asks a WebDAV or CalDAV server of the clinic's (RFC 4918, RFC 4791).

Nothing is written over what somebody else wrote: whoever writes says which version is replaced, and
the server refuses that (412) if it has another one by now.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.sax.saxutils import escape

from mesoplan.errors import InvalidInput, printable, quoted
from mesoplan.servers.http import Address, Connection, Patience, begun, require_library

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from mesoplan.servers.account import Account
    from mesoplan.servers.http import Reply

USUAL_PATIENCE = Patience(largest_bytes=50_000_000)
IF_NEW: Mapping[str, str] = {"If-None-Match": "*"}
"""Write only what is not there."""
CALENDAR, PAGE = "text/calendar; charset=utf-8", "text/html; charset=utf-8"
_XML = "application/xml; charset=utf-8"
_D, _C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
_LONGEST_NAME = 100
_MOMENT = "%a, %d %b %Y %H:%M:%S GMT"
"""As servers write it (RFC 9110, section 5.6.7)."""
_EVENT = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
ETAG, _DATA = f"{_D}getetag", f"{_C}calendar-data"
_NO_VERSIONS = (
    "can't be used: it does not say which version of an event it has (ETag)",
    "use another server, or ask whoever runs it",
)


class Changed(Exception):
    """What was to be written or removed is not there as it was."""


class Resource(NamedTuple):
    """A file or a folder of a server."""

    url: str
    etag: str
    """Its version; empty where the server does not say it."""
    data: bytes = b""
    properties: Mapping[str, Element] = {}
    """By their names, “{DAV:}getetag”."""

    @property
    def version(self) -> Mapping[str, str]:
        """Write only in place of this version."""
        return {"If-Match": self.etag}

    def has(self, name: str, inside: str) -> bool:
        """Whether a property has an element inside: “{DAV:}resourcetype”, “{DAV:}collection”."""
        found = self.properties.get(name)
        return found is not None and found.find(inside) is not None

    def text(self, name: str) -> str:
        """The text of a property, of a link inside it if there is one; empty without it."""
        found = self.properties.get(name)
        if found is None:
            return ""
        link = found.find(f"{_D}href")
        return ((found if link is None else link).text or "").strip()


class Dav:
    """A server that is asked for as long as a command takes.

    All that asks raises ServerProblem.
    """

    def __init__(self, account: Account, patience: Patience = USUAL_PATIENCE) -> None:
        self.address = account.address
        require_library(f"{self.address.shown} can't be used")
        self._login = account.login
        self._patience = patience
        self._connection: Connection | None = None
        self.answered: datetime | None = None
        """When it answered last, by its own clock."""

    def __enter__(self) -> Dav:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.__exit__()

    def ask(
        self,
        method: str,
        url: str,
        expected: Collection[int],
        headers: Mapping[str, str],
        content: bytes = b"",
    ) -> Reply:
        """What the server answers with an *expected* status."""
        from concurrent.futures import TimeoutError as TooLate

        if why_not := self.address.may_send_on(url):
            raise self.address.failure(why_not, host=printable(Address(url).origin[1]))
        deadline = time.monotonic() + self._patience.whole
        # Packed answers have versions of their own.
        headers = {"Accept-Encoding": "identity", **headers}

        def answer() -> Reply:
            if self._connection is None:
                self._connection = Connection(self.address, self._patience, self._login)
            return self._connection.ask(method, url, expected, headers, content, deadline)

        try:
            reply = begun(answer).result(self._patience.whole + self._patience.pause)
        except TooLate:
            raise self.address.failure("slow", seconds=self._patience.whole) from None
        self.answered = None
        with suppress(ValueError):
            said = reply.headers.get("date", "")
            self.answered = datetime.strptime(said, _MOMENT).replace(tzinfo=UTC)
        return reply

    def place(self, *names: str) -> str:
        """The address of something in the server's folder; a name that ends in / is a folder."""
        folder = self.address.url
        return urljoin(folder if folder.endswith("/") else f"{folder}/", quote("".join(names)))

    def get(self, url: str) -> Resource | None:
        """What is there; None if nothing is."""
        reply = self.ask("GET", url, {200, 404, 410}, {})
        if reply.status != 200:
            return None
        return Resource(url, reply.headers.get("etag", ""), reply.data)

    def put(self, url: str, data: bytes, kind: str, only: Mapping[str, str] | None = None) -> str:
        """Write something, *only* if it is new (`IF_NEW`) or in place of a `Resource.version`.

        Returns its ETag, empty where the server doesn't say it. Raises Changed if it isn't so.
        """
        for each in (only or {}).values():
            self.require_version(each)
        headers = {"Content-Type": kind, **(only or {})}
        reply = self.ask("PUT", url, {200, 201, 204, *_stale(only)}, headers, data)
        if reply.status == 412:
            raise Changed
        etag: str = reply.headers.get("etag", "")
        return etag

    def require_version(self, etag: str) -> None:
        """Raise ServerProblem for what does not stand for one version alone."""
        # One that begins so may stand for several versions, and is never the same as another.
        if not etag or etag.startswith("W/"):
            raise self.address.problem(*_NO_VERSIONS)

    def put_again(
        self, url: str, data: bytes, only: Mapping[str, str], is_ours: Callable[[bytes], bool]
    ) -> str:
        """Write an event as `put`; what it wrote is there also if just the answer was lost.

        *is_ours* says whether what is there is that. Returns its ETag. Raises Changed if it isn't.
        """
        etag = ""
        with suppress(Changed):
            etag = self.put(url, data, CALENDAR, only)
        if not etag:
            there = self.get(url)
            if there is None or not is_ours(there.data):
                raise Changed
            etag = there.etag
        self.require_version(etag)
        return etag

    def delete(self, url: str, only: Mapping[str, str] | None = None) -> None:
        """Remove something, if it is there, and *only* in this `Resource.version`.

        Raises Changed if it is there in another one.
        """
        expected = {200, 204, 404, 410, *_stale(only)}
        if self.ask("DELETE", url, expected, only or {}).status == 412:
            raise Changed

    def make_folder(self, url: str) -> None:
        """Make a folder, if there is none."""
        self.ask("MKCOL", url, {201, 405}, {})

    def found(self, url: str, names: Sequence[str], depth: int = 0) -> list[Resource]:
        """What is there, and with *depth* 1 what is in it, with properties of these names."""
        asked = "".join(map(_element, names))
        body = f"<D:propfind {_SPACES}><D:prop>{asked}</D:prop></D:propfind>"
        return self._listed("PROPFIND", url, body, depth)

    def events(self, calendar: str, condition: str) -> list[Resource]:
        """The events of a calendar for which a condition holds: `of_uid`, `between`."""
        body = (
            f"<C:calendar-query {_SPACES}>{_EVENT}"
            f'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{condition}'
            "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        return _with_data(self._listed("REPORT", calendar, body, 1))

    def those(self, calendar: str, urls: Sequence[str]) -> list[Resource]:
        """The events of a calendar at these addresses, those that are there."""
        hrefs = "".join(f"<D:href>{escape(urlsplit(each).path)}</D:href>" for each in urls)
        body = f"<C:calendar-multiget {_SPACES}>{_EVENT}{hrefs}</C:calendar-multiget>"
        return _with_data(self._listed("REPORT", calendar, body, 1))

    def _listed(self, method: str, url: str, body: str, depth: int) -> list[Resource]:
        headers = {"Content-Type": _XML, "Depth": str(depth)}
        reply = self.ask(method, url, {207}, headers, f'<?xml version="1.0"?>{body}'.encode())
        try:
            return list(_resources(_parsed(reply.data), reply.url))
        except (ParseError, ValueError, LookupError):
            raise self.address.failure("nonsense") from None

    # ---------------------------------------------------------------- calendars

    def calendar(self, called: str | None) -> Resource:
        """The calendar at the address of the server, or that is found from there on.

        Of several it is the one that is *called* so. Raises InvalidInput if none is meant.
        """
        calendars = self.calendars()
        named = {calendar_name(each): each for each in calendars}
        if called is not None and called in named:
            return named[called]
        if len(calendars) == 1 and called is None:
            return calendars[0]
        shown, key = self.address.shown, f"under [servers.{self.address.whose}] in the profile"
        if not calendars:
            raise InvalidInput(f"no calendar is found on {shown}", f"check url {key}")
        none = f"has no calendar {quoted(called, _LONGEST_NAME)}"
        which = "has several calendars" if called is None else none
        listed = ", ".join(quoted(each, _LONGEST_NAME) for each in named)
        raise InvalidInput(f"{shown} {which}", f"write calendar = … {key}, one of: {listed}")

    def calendars(self) -> list[Resource]:
        """All calendars for events that are found from the address of the server on."""
        names = [f"{_D}current-user-principal", *_OF_A_CALENDAR]
        first = self.found(self.address.url, names)[:1]
        if first and _is_calendar(first[0]):
            return first
        principal = first[0].text(names[0]) if first else ""
        principal = principal or self._link("/.well-known/caldav", names[0])
        home = principal and self._link(principal, f"{_C}calendar-home-set")
        members = self.found(self._at(home), _OF_A_CALENDAR, 1) if home else []
        return [each for each in members if _is_calendar(each)]

    def _link(self, place: str, name: str) -> str:
        found = self.found(self._at(place), [name])
        return found[0].text(name) if found else ""

    def _at(self, place: str) -> str:
        """The address of a place that the server names."""
        try:
            return urljoin(self.address.url, place)
        except ValueError:
            raise self.address.failure("nonsense") from None


_KIND, _NAME = f"{_D}resourcetype", f"{_D}displayname"
_HOLDS = f"{_C}supported-calendar-component-set"
_OF_A_CALENDAR = (_KIND, _NAME, _HOLDS)


def calendar_name(calendar: Resource) -> str:
    """What a calendar is called, by its server."""
    return calendar.text(_NAME) or calendar.url.rstrip("/").rpartition("/")[2]


def _is_calendar(found: Resource) -> bool:
    holds = found.properties.get(_HOLDS)
    kinds = [each.get("name") for each in holds or ()]
    return found.has(_KIND, f"{_C}calendar") and (not kinds or "VEVENT" in kinds)


def _stale(only: Mapping[str, str] | None) -> set[int]:
    """The status that says that a condition does not hold, if there is one."""
    return set() if only is None else {412}


def of_uid(text: str) -> str:
    """That the UID of an event contains a text."""
    match = f"<C:text-match>{escape(text)}</C:text-match>"
    return f'<C:prop-filter name="UID">{match}</C:prop-filter>'


def between(first: str, last: str) -> str:
    """That an event is at some time between two moments, “20261201T000000Z”."""
    return f'<C:time-range start="{first}" end="{last}"/>'


# ---------------------------------------------------------------- answers


class _Builder(TreeBuilder):
    def doctype(self, *_: object) -> None:
        """Refuse what could make a short answer endless."""
        raise ValueError


def _parsed(data: bytes) -> Element:
    parser = XMLParser(target=_Builder())  # noqa: S314 - without DOCTYPE there are no entities
    parser.feed(data)
    root: Element = parser.close()
    return root


def _resources(answer: Element, at: str) -> Iterator[Resource]:
    """What is listed, each with the properties that it has. Raises ValueError for other answers."""
    if answer.tag != f"{_D}multistatus":
        raise ValueError
    for each in answer.iterfind(f"{_D}response"):
        url = urljoin(at, (each.findtext(f"{_D}href") or "").strip())
        status = each.findtext(f"{_D}status", " 200")
        if " 5" in status:
            # What could not be listed is not what is not there.
            raise ValueError
        if " 200" not in status:
            continue
        properties = {
            found.tag: found
            for part in each.iterfind(f"{_D}propstat")
            if " 200" in part.findtext(f"{_D}status", " 200")
            for found in part.iterfind(f"{_D}prop/*")
        }
        etag = (properties[ETAG].text or "").strip() if ETAG in properties else ""
        yield Resource(url, etag, b"", properties)


def _with_data(found: Iterable[Resource]) -> list[Resource]:
    return [each._replace(data=each.text(_DATA).encode()) for each in found if each.text(_DATA)]


def _element(name: str) -> str:
    """The empty element of that name, “{DAV:}getetag”."""
    space, _, own = name.removeprefix("{").partition("}")
    return f"<{'D' if space == 'DAV:' else 'C'}:{own}/>"
