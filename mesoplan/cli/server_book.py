"""A book on a server, as commands use it: the folder that is this computer's copy of it."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from typer._click.globals import get_current_context

from mesoplan.cli.app import COMPLETING
from mesoplan.cli.clock import system_zone_name
from mesoplan.cli.console import say
from mesoplan.cli.servers import connected, server_meant
from mesoplan.dates.readings import moment_text
from mesoplan.dates.zones import find_zone
from mesoplan.storage.files import folder_made
from mesoplan.storage.shared import COPY_NAME, share
from mesoplan.wording.reasons import begun

if TYPE_CHECKING:
    from datetime import datetime

    from mesoplan.cli.profile import FoundProfile

_DIGITS = 8


def opened_book(found: FoundProfile, name: str) -> Path:
    """The folder of the copy of the book on the server of that name, up to date.

    Without the network it is the last copy, which is then said. Raises InvalidInput, FileProblem
    without the library, and ServerProblem.
    """
    name = server_meant(found, name, "--book", public=False)
    copy = _folder_of(found, name)
    if os.environ.get(COMPLETING):
        # Nobody waits for a server while a shell completes a word.
        return copy
    from mesoplan.book.on_server import ServerBook

    server = get_current_context().with_resource(connected(found, name))
    book = ServerBook(server, found.profile.servers[name].calendar, copy, say)
    with folder_made(copy, parents=True):
        book.open()
    share(copy, book)
    if book.absent is not None and book.read_at is not None:
        say(
            f"{begun(book.absent.problem)}.",
            f"  This is the book as of {_moment(found, book.read_at)}. It can't be changed now.",
        )
    return copy


def _folder_of(found: FoundProfile, name: str) -> Path:
    """Where the copy is: not the same for two servers that have one name in two profiles."""
    from platformdirs import user_cache_dir

    server = found.profile.servers[name]
    of = "\n".join((server.url or "", server.user or "", server.calendar or ""))
    digest = sha256(of.encode()).hexdigest()[:_DIGITS]
    return (
        Path(user_cache_dir("mesoplan", appauthor=False)) / "books" / COPY_NAME.format(name, digest)
    )


def _moment(found: FoundProfile, moment: datetime) -> str:
    zone = find_zone(found.profile.timezone or system_zone_name())
    local = moment.astimezone(zone)
    return moment_text(local.date(), local.time())
