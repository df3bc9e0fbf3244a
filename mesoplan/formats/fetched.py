"""Busy calendars that have an address: fetched, or the last copies of their times.

What is planned around is always what a copy would have, even where it was fetched just now: so the
same calendar gives the same plan whether or not a server sent it again.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.errors import ServerProblem
from mesoplan.formats.calendar_files import FetchedCalendar
from mesoplan.formats.calendars import is_calendar, is_session
from mesoplan.formats.ical.events import AGENDA_UID
from mesoplan.formats.ical.lines import Damaged, utc_text
from mesoplan.formats.ical.times_only import times_only
from mesoplan.model.clinic import SERVER
from mesoplan.servers.dav import between
from mesoplan.servers.http import USUAL_PATIENCE, Address, Answer, Patience, address_in, fetch_all
from mesoplan.storage.copies import Copies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mesoplan.model.clinic import Calendars, Profile
    from mesoplan.servers.dav import Dav

    Copy = tuple[Mapping[str, str], datetime, bytes]
    """What to send along for a later one, when it was made, and the calendar."""

_DAYS_BACK, _DAYS_AHEAD = -366, 3660
"""Of what is asked of a server: a course may have begun, and maintenance goes on for years."""
_EMPTY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

_PAGE = re.compile(rb"<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)


class Fetching:
    """Fetches the calendars of one command, each once, and keeps copies of their times."""

    def __init__(
        self,
        now: datetime,
        servers: Callable[[Profile, str], Dav] | None = None,
        *,
        offline: bool = False,
        plain_http: bool = False,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        """*servers* gives a server by its name; *offline* takes the last copies instead."""
        from platformdirs import user_cache_dir

        self._now = now
        self._servers = servers
        self._offline = offline
        self._plain_http = plain_http
        self._patience = patience
        self._copies = Copies(Path(user_cache_dir("mesoplan", appauthor=False)) / "calendars")
        self._found: dict[str, FetchedCalendar | ServerProblem] = {}

    def calendars(
        self, calendars: Calendars[Path | str], profile: Profile
    ) -> Calendars[Path | FetchedCalendar]:
        """The same calendars with what is at their addresses, or its copy.

        Raises ServerProblem, FileProblem without the library, and InvalidInput as `address_in`.
        """
        staff = profile.practitioners

        def named(source: Path | str, whose: str) -> Path | Address:
            if isinstance(source, Path):
                return source
            if source.startswith(SERVER):
                return self._asked(profile, source.removeprefix(SERVER), whose)
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

    def _asked(self, profile: Profile, name: str, whose: str) -> Address:
        """What stands for the calendar of a server, of which the times are known from here on."""
        url = profile.servers[name].url if name in profile.servers else None
        # What the same address gives without a password is another calendar.
        address = Address(f"{url}#{name}", whose or f"the server {name}")
        if address.url in self._found:
            return address
        if url is not None and self._offline:
            self._found[address.url] = self._of_copy(address, self._copy(address))
            return address
        if self._servers is None:
            return address
        first, last = (self._now + timedelta(days=each) for each in (_DAYS_BACK, _DAYS_AHEAD))
        try:
            with self._servers(profile, name) as server:
                there = server.calendar(profile.servers[name].calendar).url
                found = server.events(there, between(utc_text(first), utc_text(last)))
        except ServerProblem as problem:
            problem.details = ("or use the last copy: --busy-offline",)
            self._found[address.url] = problem
            return address
        data = b"\r\n".join(each.data for each in found)
        answer = Answer(data or _EMPTY, {})
        self._found[address.url] = self._taken(address, answer, None, self._named_there)
        return address

    def _taken(
        self,
        address: Address,
        answer: Answer | ServerProblem,
        before: Copy | None,
        named: Callable[[str], str] | None = None,
    ) -> FetchedCalendar | ServerProblem:
        """What a server answered, of which a copy is kept from now on; its UIDs are *named* so."""
        if isinstance(answer, ServerProblem):
            return answer
        if answer.data is None and before is not None:
            data = before[2]
        elif is_calendar(answer.data or b""):
            try:
                data = times_only(answer.data or b"", address.url, named or self._named)
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

    def _named_there(self, uid: str) -> str:
        """The same on a server: sessions are there as in our own agenda, if the book has them."""
        if is_session(uid) and not uid.lower().startswith(AGENDA_UID):
            return f"{AGENDA_UID}{uid}"
        return self._named(uid)

    def _named(self, uid: str) -> str:
        """What stands for a UID: some programs put an address of somebody into it."""
        return uid if is_session(uid) else self._copies.digest(uid)
