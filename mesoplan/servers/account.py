"""The servers that the clinic's profile names, and the password for each.

A password is on no disk of ours and in no message. It comes from a command of the clinic's, from
the keyring of this computer, from ~/.netrc, or from whoever sits at the terminal.
"""

from __future__ import annotations

import os
import stat
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import InvalidInput, quoted
from mesoplan.servers.http import USUAL_PORTS, Address, address_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from subprocess import Popen

    from mesoplan.servers.http import Sayings

    Asks = Callable[[str], str]
    """Asks somebody for a password, for a server that is called so."""

_KEYRING = "keyring"
_PATIENCE_SECONDS = 120
"""For a command that may ask somebody to unlock something."""
_LARGEST_PASSWORD = 10_000
_LATER = "try again later"
_CHECK = "check url under [servers.{name}] in the profile, then: mesoplan server check {name}"
_OF_A_SERVER: Sayings = {
    "certificate": (
        "can't be used: this computer doesn't trust its certificate",
        "check this computer's date, or ask whoever runs the server",
    ),
    "unreachable": (
        "can't be reached",
        f"check the network, and url under [servers.{{name}}] in the profile, then {_LATER}",
    ),
    "lost": ("can't be used: the connection was lost", _LATER),
    "slow": ("did not answer within {seconds:.0f} seconds", _LATER),
    "large": ("can't be used: it sends more than {megabytes} MB", _CHECK),
    "round": ("can't be used: it sends us on from address to address without end", _CHECK),
    "unsafe": ("sends us on to an address without https, which others can read", _CHECK),
    "elsewhere": (
        "sends us on to another machine, {host}, which does not get the password",
        "if that machine is your provider's, write it in url under [servers.{name}]",
    ),
    "nonsense": ("can't be used: its answer makes no sense", _CHECK),
    "busy": ("asks to wait{wait} ({status})", _LATER),
    "broken": ("has a fault ({status})", _LATER),
    "401": (
        "refuses the user or the password (401)",
        "correct them, then: mesoplan server check {name}",
    ),
    "403": ("does not allow that (403)", "ask whoever runs the server what the user may do"),
    "404": ("has nothing at that address (404)", _CHECK),
    "409": ("refuses that: a folder above it is missing, or in the way (409)", _CHECK),
    "refused": ("can't be used: it answers {status}", _CHECK),
}


class ServerAddress(Address):
    """The address of a server of the clinic's; *whose* is its name in the profile."""

    __slots__ = ()

    @property
    def shown(self) -> str:
        """What it is called in messages."""
        return f"the server {self.whose}"

    @property
    def sayings(self) -> Sayings:
        """What is said of what goes wrong there."""
        return {
            what: (problem, remedy.replace("{name}", self.whose))
            for what, (problem, remedy) in _OF_A_SERVER.items()
        }

    def may_send_on(self, url: str) -> str:
        """Why an answer from there may not lead to another address; empty if it may."""
        new = Address(url).origin
        if new in {self.origin, ("https", self.origin[1], USUAL_PORTS["https"])}:
            return ""
        return "elsewhere" if new[0] == "https" else "unsafe"


class Account(NamedTuple):
    """A server, and who we are there."""

    address: ServerAddress
    login: tuple[str, str] | None = None
    """User and password; None if it asks for neither."""

    def __repr__(self) -> str:
        return repr(self.address)


class PasswordCommand(NamedTuple):
    """What prints a password, and the profile that says so."""

    words: Sequence[str]
    profile: Path


def account(
    name: str,
    url: str,
    user: str | None,
    command: PasswordCommand | None,
    asks: Asks | None,
    *,
    plain_http: bool = False,
) -> Account:
    """The server of that name, with its password; *asks* is None where nobody can be asked.

    Raises InvalidInput for an address that can't be used, and where there is no password.
    """
    address = server_address(name, url, plain_http=plain_http)
    if user is None:
        return Account(address)
    password = _printed(name, command) if command else _kept(name, address.host, user)
    if password is None and asks is not None:
        password = asks(name)
    if not password:
        raise InvalidInput(
            f"there is no password for {address.shown}",
            f"write password_command under [servers.{name}] in the profile, or use ~/.netrc",
        )
    return Account(address, (user, password))


def server_address(name: str, url: str, *, plain_http: bool = False) -> ServerAddress:
    """The address of a server of that name. Raises InvalidInput as `address_in`."""
    instead = "write user and password_command beside it"
    found = address_in(url, f"the server {name}", plain_http=plain_http, instead=instead)
    return ServerAddress(found.url, name)


def _printed(name: str, command: PasswordCommand) -> str:
    """What a command prints, its first line. Raises InvalidInput if it can't be used."""
    import subprocess

    _require_own(command.profile)
    what = f"password_command of the server {name}"
    try:
        process = subprocess.Popen(  # noqa: S603 - the clinic's own command, without a shell
            list(command.words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        problem = f"{what} can't be run: there is no such program"
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no program can be called like that"
        problem = f"{what} can't be run: {why}"
    else:
        printed, code = _read(process)
        first = printed.decode("utf-8", "replace").splitlines()[:1]
        if code == 0 and first and first[0]:
            return first[0]
        ends = f"ended with exit code {code}" if code else "printed nothing"
        if code is None:
            ends = f"did not end within {_PATIENCE_SECONDS} seconds, or prints without end"
        problem = f"{what} {ends}"
    raise InvalidInput(problem, "type it in a terminal to see why")


def _read(process: Popen[bytes]) -> tuple[bytes, int | None]:
    """What a program prints, and its exit code; none if it takes too long, or prints too much."""
    from threading import Timer

    timer = Timer(_PATIENCE_SECONDS, process.kill)
    timer.start()
    with process:
        try:
            printed = process.stdout.read(_LARGEST_PASSWORD + 1) if process.stdout else b""
            if len(printed) > _LARGEST_PASSWORD:
                process.kill()
            code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            is_late = timer.finished.is_set()
            timer.cancel()
    return printed, None if is_late or len(printed) > _LARGEST_PASSWORD else code


def _require_own(profile: Path) -> None:
    """Raise InvalidInput if anybody else can write the profile, and so choose what is run."""
    if os.name == "nt":
        # Whose it is, and who may write it, is in lists that Python can't read.
        return
    path = profile.resolve()
    for each in (path, path.parent):
        found = each.stat()
        # In a folder such as /tmp nobody can put another file in place of ours.
        others = stat.S_IWGRP | stat.S_IWOTH
        may_write = found.st_mode & others and not found.st_mode & stat.S_ISVTX
        if may_write or found.st_uid not in {os.geteuid(), 0}:
            raise InvalidInput(
                f"others can change {quoted(each, 300)}, and so its password_command is not run",
                f"type: chmod go-w {quoted(each, 300)}",
            )


def _kept(name: str, host: str, user: str) -> str | None:
    """The password in the keyring, if one is installed, or in ~/.netrc."""
    if find_spec(_KEYRING) is not None:
        keyring = import_module(_KEYRING)
        # Whatever its many kinds raise: the password may be elsewhere.
        try:
            password = keyring.get_password(host, user)
        except Exception:
            password = None
        if isinstance(password, str):
            return password
    return _in_netrc(name, host, user)


def _in_netrc(name: str, host: str, user: str) -> str | None:
    from netrc import NetrcParseError, netrc

    path = Path("~/.netrc").expanduser()
    try:
        if os.name != "nt" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InvalidInput(
                f"others can read ~/.netrc, and so the server {name} gets no password from it",
                "type: chmod 600 ~/.netrc",
            )
        login, _, password = netrc(str(path)).hosts[host]
    except (KeyError, OSError, RuntimeError):
        return None
    except (NetrcParseError, UnicodeDecodeError):
        raise InvalidInput(
            "~/.netrc can't be read", "correct it, or use password_command"
        ) from None
    return password if login == user else None
