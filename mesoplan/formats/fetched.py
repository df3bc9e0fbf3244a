"""Busy calendars that have an address: fetched, or the last copies of their times.

What is planned around is always what a copy would have, even where it was fetched just now: so the
same calendar gives the same plan whether or not a server sent it again.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import MesoplanError, ServerProblem
from mesoplan.formats.calendar_files import FetchedCalendar
from mesoplan.formats.calendars import is_calendar, is_session
from mesoplan.formats.ical.lines import Damaged, in_utf8
from mesoplan.formats.ical.times_only import times_only
from mesoplan.servers.http import (
    LATER,
    USUAL_PATIENCE,
    Address,
    Marks,
    Patience,
    address_in,
    fetch_all,
    require_safe,
)
from mesoplan.storage.copies import Copies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoplan.model.clinic import Calendars
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.servers.http import Answer

_PAGE = re.compile(rb"<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)


class _Copy(NamedTuple):
    marks: Marks
    copied_at: datetime
    data: bytes


class Fetching:
    """Fetches the calendars of one command, each once, and keeps copies of their times."""

    def __init__(
        self,
        now: datetime,
        *,
        offline: bool = False,
        plain_http: bool = False,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        """*offline* takes the last copies instead."""
        self._now = now
        self._offline = offline
        self._plain_http = plain_http
        self._patience = patience
        self._copies = Copies(_folder())
        self._found: dict[str, FetchedCalendar | MesoplanError] = {}

    def calendars(
        self, calendars: Calendars[Path | str], staff: Iterable[Practitioner]
    ) -> Calendars[Path | FetchedCalendar]:
        """The same calendars with what is at their addresses, or its copy; *staff* for messages.

        Raises ServerProblem, FileProblem without the library, and InvalidInput for an address that
        is not complete or not safe.
        """
        named = calendars.each(
            lambda each, whose: each if isinstance(each, Path) else address_in(each, whose), staff
        )
        self.read(named.sources)
        return named.each(lambda each, _: self.read([each])[0], staff)

    def read(self, sources: Iterable[Path | Address]) -> tuple[Path | FetchedCalendar, ...]:
        """The files as they are, and in place of each address what is there, or its copy."""
        sources = tuple(sources)
        new = {each.url: each for each in sources if isinstance(each, Address)}
        new = {url: address for url, address in new.items() if url not in self._found}
        copies = {address: self._copy(address) for address in new.values()}
        for address in copies:
            require_safe(address, plain_http=self._plain_http)
        if self._offline:
            self._found |= {
                address.url: _no_copy(address) if copy is None else self._calendar(address, copy)
                for address, copy in copies.items()
            }
        elif copies:
            marks = {each: Marks() if copy is None else copy.marks for each, copy in copies.items()}
            answers = fetch_all(marks, _wrong, self._patience, plain_http=self._plain_http)
            for address, answer in answers.items():
                self._found[address.url] = self._taken(address, answer, copies[address])
        return tuple(each if isinstance(each, Path) else self._of(each) for each in sources)

    def _of(self, address: Address) -> FetchedCalendar:
        found = self._found[address.url]
        if isinstance(found, MesoplanError):
            raise found
        return found._replace(address=address)

    def _taken(
        self, address: Address, answer: Answer | ServerProblem, before: _Copy | None
    ) -> FetchedCalendar | ServerProblem:
        """What a server answered, of which a copy is kept from now on."""
        if isinstance(answer, ServerProblem):
            return answer
        if answer.data is not None:
            try:
                data = times_only(answer.data, address.url, self._named)
            except Damaged as error:
                return ServerProblem(f"{address.shown} is damaged: {error.problem}", LATER)
        elif before is not None:
            data = before.data
        said = {**answer.marks._asdict(), "copied_at": self._now.isoformat()}
        self._copies.keep(address.url, json.dumps(said).encode() + b"\n" + data)
        return FetchedCalendar(address, data, self._named)

    def _calendar(self, address: Address, copy: _Copy) -> FetchedCalendar:
        return FetchedCalendar(address, copy.data, self._named, copy.copied_at)

    def _copy(self, address: Address) -> _Copy | None:
        """The copy of a calendar; None if there is none that can be used."""
        said, _, data = (self._copies.read(address.url) or b"").partition(b"\n")
        try:
            values = json.loads(said)
            copied_at = datetime.fromisoformat(values.pop("copied_at")).astimezone()
            return _Copy(Marks(**values), copied_at, data)
        except (ValueError, LookupError, AttributeError, TypeError, OverflowError):
            return None

    def _named(self, uid: str) -> str:
        """What stands for a UID: some programs put an address of somebody into it."""
        return uid if is_session(uid) else self._copies.digest(uid)


def _folder() -> Path:
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("mesoplan", appauthor=False)) / "calendars"


def _no_copy(address: Address) -> ServerProblem:
    return ServerProblem(
        f"there is no copy of {address.shown} on this computer",
        "leave out --busy-offline, so that it is fetched",
    )


def _wrong(data: bytes) -> str | None:
    """What is wrong with the first bytes of an answer; None if they may begin a calendar."""
    if is_calendar(data):
        return None
    begin = in_utf8(data).removeprefix(b"\xef\xbb\xbf")
    what = "something other than" if begin.strip() else "nothing in place of"
    what = "a web page, not" if _PAGE.search(begin) else what
    return f"can't be read: its address answers with {what} a calendar"
