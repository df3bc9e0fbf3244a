"""A web server on a free port of this machine, with calendars and all that goes wrong with them."""

import gzip
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

CERTIFICATE = Path(__file__).parent / "servers" / "localhost.pem"
"""Of “localhost” and 127.0.0.1, signed by itself; valid until 2126."""

_CALDAV = 'xmlns:C="urn:ietf:params:xml:ns:caldav"'
Answering = Callable[["Asked"], None]


class Asked(BaseHTTPRequestHandler):
    """One request."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.count[path] += 1
        self.server.headers.append({name.lower(): text for name, text in self.headers.items()})
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.close_connection = True
        usual = self.server.answers.get(path, status(404))
        self.server.answers.get(f"{self.command} {path}", usual)(self)

    def __getattr__(self, name: str) -> Any:
        """Every method of HTTP is answered alike."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    @property
    def number(self) -> int:
        """How often the same was asked, with this time."""
        return self.server.count[self.path.partition("?")[0]]

    def begin(self, code: int = 200, **headers: Any) -> None:
        self.send_response(code)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), str(text))
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


class Server(ThreadingHTTPServer):
    """What it *answers*, by path or by method and path (“PUT /a”); how often each path was asked,
    and with what headers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers: dict[str, Answering] = {}
        self.count: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self.scheme = "http"

    def __setitem__(self, asked: str, answering: Answering) -> None:
        self.answers[asked] = answering

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, request: Any, client_address: Any) -> None: ...


@contextmanager
def serving(*, with_tls: bool = False) -> Iterator[Server]:
    with Server() as server:
        if with_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.scheme = "https"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


# ---------------------------------------------------------------- answers


def calendar(data: bytes, **headers: Any) -> Answering:
    """That text; nothing of it to who has its ETag already."""

    def answer(asked: Asked) -> None:
        tag = headers.get("ETag")
        if tag is not None and asked.headers["If-None-Match"] == tag:
            asked.begin(304)
            return
        asked.begin(**{"Content_Length": len(data), **headers})
        asked.wfile.write(data)

    return answer


def status(code: int, **headers: Any) -> Answering:
    return lambda asked: asked.begin(code, Content_Length=0, **headers)


def multistatus(*parts: str) -> Answering:
    """A list of resources, as WebDAV has it."""
    body = f'<D:multistatus xmlns:D="DAV:" {_CALDAV}>{"".join(parts)}</D:multistatus>'.encode()
    return xml(body)


def xml(body: bytes) -> Answering:
    def answer(asked: Asked) -> None:
        asked.begin(207, Content_Length=len(body), Content_Type="application/xml")
        asked.wfile.write(body)

    return answer


def resource(path: str, etag: str = "", data: str = "", properties: str = "") -> str:
    """One of a list."""
    tag = f"<D:getetag>{etag}</D:getetag>" * bool(etag)
    text = f"<C:calendar-data>{escape(data)}</C:calendar-data>" * bool(data)
    held = f"<D:prop>{tag}{text}{properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status>"
    return f"<D:response><D:href>{path}</D:href><D:propstat>{held}</D:propstat></D:response>"


A_CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
"""What a calendar has for its kind."""


def redirect(place: str, code: int = 302) -> Answering:
    return status(code, Location=place, Set_Cookie="who=you")


def at_last(number: int, before: Answering, after: Answering) -> Answering:
    """One answer before that try, another one from it on."""
    return lambda asked: (after if asked.number >= number else before)(asked)


def half(data: bytes) -> Answering:
    """Less than was announced."""

    def answer(asked: Asked) -> None:
        asked.begin(Content_Length=len(data))
        asked.wfile.write(data[: len(data) // 2])

    return answer


def lost(asked: Asked) -> None:
    """Nothing at all."""
    asked.wfile.close()
    asked.connection.close()


def endless(asked: Asked) -> None:
    """A calendar that never ends."""
    asked.begin()
    asked.wfile.write(b"BEGIN:VCALENDAR\r\n")
    for _ in range(2_000):
        asked.wfile.write(b"X-MORE:and more\r\n" * 1_000)


def in_drops(data: bytes, seconds: float) -> Answering:
    """A byte now and then."""

    def answer(asked: Asked) -> None:
        asked.begin(Content_Length=len(data))
        for byte in data:
            asked.wfile.write(bytes([byte]))
            time.sleep(seconds)

    return answer


def silent(seconds: float) -> Answering:
    """Nothing for a while."""
    return lambda _: time.sleep(seconds)


def packed(data: bytes) -> Answering:
    return calendar(gzip.compress(data), Content_Encoding="gzip")
