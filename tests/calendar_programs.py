"""Runs real calendar programs on files: khal as a phone that imports, Radicale as a server.

Each has a folder of its own and touches nothing else: no home, no network, no clock of the machine.

khal runs in processes of its own, since it sets icalendar up for itself (`use_pytz`), for whoever
else uses it in the same process; see `khal_server`. It tells its appointments by `khal search
--json`, which lists all that it has, whenever that is. (`khal list` needs a span of days, and
prints a line for each day.)

Radicale runs in this process, without a socket: its WSGI application is called as a server calls
it. Its appointments are read as a client reads them, by a CalDAV REPORT.
"""

import atexit
import base64
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from wsgiref.util import setup_testing_defaults
from xml.etree import ElementTree

import vobject
from radicale import config
from radicale.app import Application

from tests.reading import read

_MOMENT = "%Y-%m-%dT%H:%M:%S%z"
Placed = tuple[str, datetime]
"""The UID of an appointment, and its start in UTC."""


@dataclass(frozen=True)
class Appointment:
    """An event that a calendar program holds, as that program understands it."""

    uid: str
    start: datetime
    """Aware, as the end is."""
    end: datetime
    status: str
    """CONFIRMED, TENTATIVE, CANCELLED, or empty."""
    summary: str


def standing(data: bytes) -> set[Placed]:
    """The appointments of a file that are not cancelled: what a program is to be left with.

    Read by vobject and dateutil, as all in `tests.reading`.
    """
    return {
        (event.uid, event.start.astimezone(UTC))
        for event in read(data).events
        if event.texts.get("status") != "CANCELLED"
    }


def left(appointments: Iterable[Appointment]) -> list[Placed]:
    """The appointments that are not cancelled, in order; one that is there twice is twice in it."""
    return sorted(
        (each.uid, each.start.astimezone(UTC))
        for each in appointments
        if each.status != "CANCELLED"
    )


def events_by_uid(data: bytes) -> dict[str, bytes]:
    """A calendar file taken apart: a file for each UID, with the text of its events as it is."""
    head, *rest = data.split(b"BEGIN:VEVENT\r\n")
    parts: dict[str, bytes] = {}
    for piece in rest:
        body, end, _ = piece.partition(b"END:VEVENT\r\n")
        event = b"BEGIN:VEVENT\r\n" + body + end
        (uid,) = (
            line.removeprefix(b"UID:").decode()
            for line in body.partition(b"BEGIN:VALARM")[0].split(b"\r\n")
            if line.startswith(b"UID:")
        )
        parts[uid] = parts.get(uid, head) + event
    return {uid: part + b"END:VCALENDAR\r\n" for uid, part in parts.items()}


class Khal:
    """khal with one empty calendar; *folder* is an empty folder for all that it keeps."""

    def __init__(self, folder: Path, zone: str = "UTC") -> None:
        self._config, self._said = folder / "config", folder / "said"
        self.vdir = folder / "calendar"
        self.vdir.mkdir()
        self._config.write_text(
            "[calendars]\n[[patient]]\n"
            f"path = {self.vdir}\n"
            "[default]\ndefault_calendar = patient\n"
            f"[sqlite]\npath = {folder / 'khal.db'}\n"
            "[locale]\n"
            f"local_timezone = {zone}\ndefault_timezone = {zone}\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            f"datetimeformat = {_MOMENT}\nlongdatetimeformat = {_MOMENT}\n",
            "utf-8",
        )

    def import_file(self, path: Path) -> None:
        """Import a calendar file over what is there, as `khal import --batch` does."""
        self._run("import", "--batch", str(path))

    def appointments(self) -> list[Appointment]:
        """All that khal has, in order of time; not for all-day or floating events."""
        names = ("uid", "start", "end", "status", "title")
        text = self._run("search", *(word for name in names for word in ("--json", name)), "")
        rows = [row for line in text.splitlines() for row in json.loads(line)]
        assert all("T" in row["start"] and row["start"][-5] in "+-" for row in rows), rows
        return [
            Appointment(
                uid=row["uid"],
                start=datetime.fromisoformat(row["start"]),
                end=datetime.fromisoformat(row["end"]),
                status=row["status"],
                summary=row["title"],
            )
            for row in rows
        ]

    def _run(self, *arguments: str) -> str:
        server = _khal_server()
        assert server.stdin is not None
        assert server.stdout is not None
        line = json.dumps([str(self._said), "-c", str(self._config), *arguments])
        server.stdin.write(f"{line}\n")
        server.stdin.flush()
        code, said = server.stdout.readline(), self._said.read_text("utf-8")
        # khal warns of what it leaves out, and goes on; then this is no JSON, or not empty.
        assert code == "0\n", (arguments, said)
        assert arguments[0] != "import" or not said, (arguments, said)
        return said


@cache
def _khal_server() -> subprocess.Popen[str]:
    """khal, waiting for commands for as long as this process lives."""
    home = tempfile.TemporaryDirectory()
    environment = {
        "HOME": home.name,
        **{f"XDG_{kind}_HOME": home.name for kind in ("CONFIG", "CACHE", "DATA")},
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        # A line that is too wide would be broken, also inside of JSON.
        "COLUMNS": "100000",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.khal_server"],
        cwd=Path(__file__).parent.parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )

    def end() -> None:
        with server, home:
            pass

    atexit.register(end)
    return server


class Radicale:
    """A Radicale server with one empty calendar; *folder* is where it stores it."""

    _CALENDAR = "/patient/appointments/"
    _QUERY = (
        b'<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        b"<D:prop><C:calendar-data/></D:prop>"
        b'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/>'
        b"</C:comp-filter></C:filter></C:calendar-query>"
    )

    def __init__(self, folder: Path) -> None:
        settings = config.load()
        settings.update(
            {
                "auth": {"type": "none"},
                "rights": {"type": "owner_only"},
                "storage": {"filesystem_folder": str(folder)},
                "logging": {"level": "error"},
            },
            "the tests",
        )
        self._application = Application(settings)
        self._zones: dict[str, Any] = {"UTC": vobject.icalendar.utc}
        self._request("MKCALENDAR", self._CALENDAR)

    def put(self, data: bytes) -> None:
        """Put the whole calendar: what was in it and is not in *data* is gone."""
        self._request("PUT", self._CALENDAR, data)

    def put_each(self, data: bytes) -> None:
        """Put each UID as a resource of its own, as clients do: what is not in *data* stays."""
        for uid, part in events_by_uid(data).items():
            self._request("PUT", f"{self._CALENDAR}{uid}.ics", part)

    def appointments(self) -> list[Appointment]:
        """All that the server has, as a client reads it."""
        answer = self._request("REPORT", self._CALENDAR, self._QUERY, HTTP_DEPTH="1")
        found = ElementTree.fromstring(answer).iter("{urn:ietf:params:xml:ns:caldav}calendar-data")
        return [
            Appointment(
                event.uid,
                event.start,
                event.end,
                event.texts.get("status", ""),
                event.texts["summary"],
            )
            for element in found
            for event in read((element.text or "").encode()).events
        ]

    def _request(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        errors = io.StringIO()
        environment: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "text/xml" if method == "REPORT" else "text/calendar; charset=utf-8",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"patient:any").decode(),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": errors,
            **headers,
        }
        setup_testing_defaults(environment)
        statuses: list[str] = []
        # vobject keeps the zones that it has seen for the whole process, the first of each name;
        # a server is to see its own ones only.
        with patch.object(vobject.icalendar, "__tzidMap", self._zones):
            answer = self._application(
                environment, lambda status, _headers: statuses.append(status)
            )
        content = b"".join(answer)
        assert statuses[0].startswith("2"), (method, path, statuses[0], content, errors.getvalue())
        return content
