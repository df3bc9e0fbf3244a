"""Real calendar servers on free ports of this machine: Radicale, and Xandikos.

Each is one process for all tests of a session, with a calendar of its own for each test. Somebody
else at such a server is a client that shares nothing with the program.
"""

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import httpx2

USER, PASSWORD = "clinic", "secret-0123"
_NUMBERS = count(1)
_RADICALE = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = critical
"""


@dataclass(frozen=True)
class Calendar:
    """A calendar of a server, as somebody else sees it."""

    url: str
    login: tuple[str, str] | None

    def request(self, method: str, name: str = "", content: bytes = b"", **headers: str) -> bytes:
        named = {key.replace("_", "-"): text for key, text in headers.items()}
        answer = _client().request(
            method, self.url + name, content=content, headers=named, auth=self.login
        )
        assert answer.status_code < 300, (method, name, answer.status_code, answer.text)
        return answer.content

    def names(self) -> list[str]:
        """The names of all that is in it."""
        found = ElementTree.fromstring(self.request("PROPFIND", Depth="1"))
        hrefs = (each.text or "" for each in found.iter("{DAV:}href"))
        return sorted(href.rpartition("/")[2] for href in hrefs if href.endswith(".ics"))

    def get(self, name: str) -> str:
        return self.request("GET", name).decode()

    def put(self, name: str, text: str) -> None:
        self.request("PUT", name, text.encode(), Content_Type="text/calendar; charset=utf-8")

    def delete(self, name: str) -> None:
        self.request("DELETE", name)

    def everything(self) -> dict[str, str]:
        return {name: self.get(name) for name in self.names()}


@cache
def _client() -> httpx2.Client:
    return httpx2.Client(verify=False, trust_env=False)


class ServerProcess:
    """The process of a server, which can be killed, and started again on its folder."""

    def __init__(self, port: int, *module: str) -> None:
        self._port, self._module = port, module
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", *self._module],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            assert process.poll() is None, self._module
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)

    def end(self, kind: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(kind)
            self._process.wait()
            self._process = None


@dataclass(frozen=True)
class RealServer:
    """A server that is running, with calendars in the home of a user."""

    kind: str
    home: str
    login: tuple[str, str] | None
    process: ServerProcess

    def new_calendar(self, name: str = "") -> Calendar:
        calendar = Calendar(f"{self.home}{name or f'c{next(_NUMBERS)}'}/", self.login)
        calendar.request("MKCALENDAR")
        return calendar

    def profile(self, calendar: Calendar, *further: str, name: str = "clinic") -> str:
        """A profile that names a calendar, with what prints the password."""
        lines = [f"[servers.{name}]", f'url = "{calendar.url}"']
        if self.login is not None:
            lines += [f'user = "{self.login[0]}"', f'password_command = ["echo", "{PASSWORD}"]']
        return "\n".join([*further, *lines, ""])


@contextmanager
def radicale(
    folder: Path | None = None, port: int | None = None, user: str = USER
) -> Iterator[RealServer]:
    """Radicale, with what an earlier one left in that folder."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = folder or Path(name), port or free_port()
        (folder / "users").write_text(f"{user}:{PASSWORD}\n")
        config = folder / "config"
        config.write_text(_RADICALE.format(port=port, folder=folder))
        with _running(port, "radicale", "--config", str(config)) as process:
            url = f"http://127.0.0.1:{port}/{user}/"
            yield RealServer("radicale", url, (user, PASSWORD), process)


@contextmanager
def calendar_with(events: Path, user: str = USER) -> Iterator[Calendar]:
    """A calendar of Radicale, with the events in a folder."""
    with radicale(user=user) as server:
        calendar = server.new_calendar("sessions")
        for path in sorted(events.glob("*.ics")):
            calendar.put(path.name, path.read_text("utf-8"))
        yield calendar


@contextmanager
def xandikos() -> Iterator[RealServer]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        where = ("-d", folder, "--defaults", "-l", "127.0.0.1", "-p", str(port))
        with _running(port, "xandikos", "serve", *where, "--no-detect-systemd") as process:
            home = f"http://127.0.0.1:{port}/user/calendars/"
            yield RealServer("xandikos", home, None, process)


@contextmanager
def _running(port: int, *module: str) -> Iterator[ServerProcess]:
    process = ServerProcess(port, *module)
    try:
        process.start()
        yield process
    finally:
        process.end()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
