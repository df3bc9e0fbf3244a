"""The servers of a clinic, as the tables of its profile say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mesoplan.errors import InvalidInput, quoted
from mesoplan.formats.checked_toml import as_text, as_texts, one_line
from mesoplan.formats.profile_staff import name_of
from mesoplan.model.clinic import Server
from mesoplan.model.request import LONGEST_ID, is_short_id
from mesoplan.servers.account import server_address
from mesoplan.servers.http import address_in

if TYPE_CHECKING:
    from mesoplan.formats.checked_toml import Table

_LONGEST = 300


def servers_named(table: Table, profile: str) -> dict[str, Server]:
    """The servers under [servers], by their names; *profile* is the file that they are in."""
    return {
        name: _server(name, own)._replace(named_in=profile)
        for name in table.values
        if table.take(name, partial(_name, name)) and (own := table.table(name)) is not None
    }


def _name(name: str, _value: Any) -> str:
    if not is_short_id(name):
        raise InvalidInput(
            f"{quoted(name)} is not a name for a server",
            f"use letters without accents, digits and hyphens, {LONGEST_ID} at most",
        )
    return name


def _server(name: str, table: Table) -> Server:
    found = Server(
        table.take("url", lambda value: _checked(name, value)),
        table.take("folder", name_of("folder")),
        table.take("user", one_line("user", _LONGEST)),
        table.take("password_command", _command) or (),
        table.take("calendar", one_line("calendar", _LONGEST)),
        table.take("public", lambda value: address_in(as_text(value)).url),
    )
    table.finish()
    if ("url" in table.values) == ("folder" in table.values):
        table.add("", "it needs either url or folder", "write one of the two")
    if "folder" in table.values and "public" not in table.values:
        table.add("", "public is missing", "write the address at which patients find the folder")
    if "password_command" in table.values and "user" not in table.values:
        table.add("", "user is missing", 'write it: user = "clinic"')
    return found


def _checked(name: str, value: Any) -> str:
    return server_address(name, as_text(value), plain_http=True).url


def _command(value: Any) -> tuple[str, ...]:
    words = tuple(as_texts(value))
    if not words or not words[0].strip():
        raise InvalidInput("the command is empty", 'write it as ["secret-tool", "lookup", …]')
    return words
