"""Puts patients' feeds into a WebDAV folder, which others show on the web."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mesoplan.servers.dav import CALENDAR, PAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesoplan.servers.dav import Dav


class WebFeeds(NamedTuple):
    """A folder of a server, with a folder in it for each feed. Each method raises ServerProblem."""

    server: Dav

    def read(self, token: str, names: tuple[str, ...]) -> dict[str, bytes]:
        """What there is of the files of these names."""
        found = {name: self.server.get(self.server.place(f"{token}/", name)) for name in names}
        return {name: each.data for name, each in found.items() if each is not None}

    def write(self, token: str, files: Mapping[str, bytes]) -> None:
        """Put files there, one after the other."""
        self.server.make_folder(self.server.place(f"{token}/"))
        for name, data in files.items():
            kind = CALENDAR if name.endswith(".ics") else PAGE
            self.server.put(self.server.place(f"{token}/", name), data, kind)

    def remove(self, token: str) -> None:
        """Remove a feed."""
        self.server.delete(self.server.place(f"{token}/"))
