"""Tries what a server can do, with an event or a file that is removed again."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mesoplan.errors import ServerProblem
from mesoplan.servers.dav import CALENDAR, IF_NEW, Changed, calendar_name, of_uid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesoplan.servers.dav import Dav

_ANOTHER = "use another server, or ask whoever runs it"


def try_calendar(
    server: Dav, called: str | None, uid: str, first: bytes, second: bytes
) -> tuple[str, list[str]]:
    """The name of the calendar in use, which does all that is needed, and those of others.

    *first* and *second* are an event with that UID, and the same after a change. Raises
    ServerProblem, and InvalidInput if no calendar is meant.
    """
    calendar = server.calendar(called)
    url = f"{calendar.url.rstrip('/')}/{uid}.ics"
    with _removed_again(server, url):
        _try_versions(server, url, first, second)
        if [each.url for each in server.events(calendar.url, of_uid(uid))] != [url]:
            raise server.address.problem("does not find an event by its UID", _ANOTHER)
    others = [calendar_name(each) for each in server.calendars() if each.url != calendar.url]
    return calendar_name(calendar), others


def try_folder(server: Dav, name: str, first: bytes, second: bytes) -> None:
    """Try whether files can be put into a folder. Raises ServerProblem."""
    url = server.place(f"{name}.ics")
    with _removed_again(server, url):
        _try_versions(server, url, first, second)


@contextmanager
def _removed_again(server: Dav, url: str) -> Iterator[None]:
    """Remove what was written there; if something went wrong before, that is what is said."""
    try:
        yield
    except BaseException:
        with suppress(ServerProblem, Changed):
            server.delete(url)
        raise
    server.delete(url)


def _try_versions(server: Dav, url: str, first: bytes, second: bytes) -> None:
    """Write, read, and change; what is not up to date must be refused."""
    try:
        server.put(url, first, CALENDAR, IF_NEW)
        found = server.get(url)
        if found is None:
            raise server.address.problem("does not have what was just written there", _ANOTHER)
        server.put(url, second, CALENDAR, found.version)
    except Changed:
        raise server.address.problem(
            "refuses what nobody else has changed (412)", _ANOTHER
        ) from None
    try:
        server.put(url, first, CALENDAR, found.version)
    except Changed:
        return
    raise server.address.problem("writes over what somebody else has changed", _ANOTHER)
