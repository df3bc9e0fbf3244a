"""The clinic's servers, as commands use them: which one is meant, and its password."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.cli.questions import may_ask
from mesoplan.errors import InvalidInput, UnknownName, printable
from mesoplan.storage.shared import server_of_copy

if TYPE_CHECKING:
    from mesoplan.cli.profile import FoundProfile
    from mesoplan.model.clinic import Profile
    from mesoplan.servers.dav import Dav


def server_meant(found: FoundProfile, typed: str | None, option: str, *, public: bool) -> str:
    """The name of the server that was *typed* after an *option*, else of the only one.

    It is a calendar, or what patients can look up where it is *public*. Raises InvalidInput.
    """
    names = [
        name for name, each in found.profile.servers.items() if (each.public is not None) is public
    ]
    if typed is not None and typed in found.profile.servers and typed not in names:
        problem = "is not for feeds: it has no “public”" if public else "is for feeds alone"
        others = f"name another with {option}" if public else f"add --feed, or change {option}"
        raise InvalidInput(f"the server {typed} {problem}", others)
    if typed is not None:
        if typed not in names:
            raise UnknownName("server", typed, names, f"add [servers.{typed}] to the profile")
        return typed
    if len(names) == 1:
        return names[0]
    if names:
        raise InvalidInput(
            "the profile names several servers", f"name one: {option} {' or '.join(names)}"
        )
    what = "for patients' links" if public else "with a calendar of the clinic's"
    how = f"add one: “mesoplan help {'feeds' if public else 'servers'}” shows how"
    raise InvalidInput(f"the profile names no server {what}", how)


def shown_file(path: Path) -> str:
    """A plan's file as answers name it; of one in the copy of a server's book that, too."""
    server = server_of_copy(path.parent)
    return printable(path) + ("" if server is None else f" (a copy: the book is on {server})")


def connected(found: FoundProfile, name: str, *, plain_http: bool = False) -> Dav:
    """A server of the profile that has an address, with its password.

    Raises InvalidInput, and FileProblem without the library.
    """
    return server_of(found.profile, name, plain_http=plain_http)


def server_of(profile: Profile, name: str, *, plain_http: bool = False) -> Dav:
    """The server of that name, as `connected`."""
    from mesoplan.servers.account import PasswordCommand, account
    from mesoplan.servers.dav import Dav

    with_address = {key: each for key, each in profile.servers.items() if each.url is not None}
    if name not in with_address:
        raise UnknownName("server", name, with_address, f"add [servers.{name}] to the profile")
    server = with_address[name]
    command = None
    if server.password_command:
        command = PasswordCommand(server.password_command, Path(server.named_in))
    asks = _ask if may_ask() else None
    return Dav(account(name, server.url or "", server.user, command, asks, plain_http=plain_http))


def _ask(name: str) -> str:
    from getpass import getpass

    try:
        return getpass(f"Password for the server {name}: ", sys.stderr)
    except EOFError:
        return ""
