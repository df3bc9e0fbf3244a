"""Busy calendars that have an address: fetched, or the last copies of their times.

What is planned around is always what a copy would have, even where it was fetched just now: so the
same calendar gives the same plan whether or not a server sent it again.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.errors import ServerProblem
from mesoplan.formats.calendar_files import FetchedCalendar
from mesoplan.formats.calendars import is_calendar, is_session
from mesoplan.formats.ical.lines import Damaged
from mesoplan.formats.ical.times_only import times_only
from mesoplan.servers.http import USUAL_PATIENCE, Address, Patience, address_in, fetch_all
from mesoplan.storage.copies import Copies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mesoplan.model.clinic import Calendars
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.servers.http import Answer

    Copy = tuple[Mapping[str, str], datetime, bytes]
    """What to send along for a later one, when it was made, and the calendar."""

_PAGE = re.compile(rb"<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)


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
        from platformdirs import user_cache_dir

        self._now = now
        self._offline = offline
        self._plain_http = plain_http
        self._patience = patience
        self._copies = Copies(Path(user_cache_dir("mesoplan", appauthor=False)) / "calendars")
        self._found: dict[str, FetchedCalendar | ServerProblem] = {}

    def calendars(
        self, calendars: Calendars[Path | str], staff: Iterable[Practitioner]
    ) -> Calendars[Path | FetchedCalendar]:
        """The same calendars with what is at their addresses, or its copy; *staff* for messages.

        Raises ServerProblem, FileProblem without the library, and InvalidInput as `address_in`.
        """

        def named(source: Path | str, whose: str) -> Path | Address:
            if isinstance(source, Path):
                return source
            return address_in(source, whose, plain_http=self._plain_http)

        with_addresses = calendars.each(named, staff)
        self.read(with_addresses.sources)
        return with_addresses.each(lambda each, _: self.read([each])[0], staff)

    def read(self, sources: Iterable[Path | Address]) -> tuple[Path | FetchedCalendar, ...]:
        """The files as they are, and in place of each address what is there, or its copy."""
        sources = tuple(sources)
        new = {each.url: each for each in sources if isinstance(each, Address)}
        copies = {each: self._copy(each) for url, each in new.items() if url not in self._found}
        if self._offline:
            self._found |= {each.url: self._of_copy(each, copy) for each, copy in copies.items()}
        elif copies:
            marks = {each: copy[0] if copy else {} for each, copy in copies.items()}
            for each, answer in fetch_all(marks, self._patience).items():
                self._found[each.url] = self._taken(each, answer, copies[each])
        return tuple(each if isinstance(each, Path) else self._of(each) for each in sources)

    def _of(self, address: Address) -> FetchedCalendar:
        found = self._found[address.url]
        if isinstance(found, ServerProblem):
            raise found
        return found._replace(address=address)

    def _taken(
        self, address: Address, answer: Answer | ServerProblem, before: Copy | None
    ) -> FetchedCalendar | ServerProblem:
        """What a server answered, of which a copy is kept from now on."""
        if isinstance(answer, ServerProblem):
            return answer
        if answer.data is None and before is not None:
            data = before[2]
        elif is_calendar(answer.data or b""):
            try:
                data = times_only(answer.data or b"", address.url, self._named)
            except Damaged as error:
                return address.problem(f"is damaged: {error.problem}")
        else:
            what = "a web page, not" if _PAGE.search(answer.data or b"") else "anything but"
            return address.problem(
                f"can't be read: its address answers with {what} a calendar",
                "copy the address of the calendar itself (iCal, .ics), not that of a page",
            )
        said = json.dumps([dict(answer.marks), self._now.isoformat()]).encode()
        self._copies.keep(address.url, said + b"\n" + data)
        return FetchedCalendar(address, data, self._named)

    def _of_copy(self, address: Address, copy: Copy | None) -> FetchedCalendar | ServerProblem:
        if copy is None:
            return ServerProblem(
                f"there is no copy of {address.shown} on this computer",
                "leave out --busy-offline, so that it is fetched",
            )
        return FetchedCalendar(address, copy[2], self._named, copy[1])

    def _copy(self, address: Address) -> Copy | None:
        """The copy of a calendar; None if there is none that can be used."""
        said, _, data = (self._copies.read(address.url) or b"").partition(b"\n")
        try:
            marks, copied_at = json.loads(said)
            return dict(marks), datetime.fromisoformat(copied_at).astimezone(), data
        except (ValueError, TypeError, OverflowError):
            return None

    def _named(self, uid: str) -> str:
        """What stands for a UID: some programs put an address of somebody into it."""
        return uid if is_session(uid) else self._copies.digest(uid)
