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

CERTIFICATE = Path(__file__).parent / "servers" / "localhost.pem"
"""Of “localhost” and 127.0.0.1, signed by itself; valid until 2126."""

Answering = Callable[["Asked"], None]


class Asked(BaseHTTPRequestHandler):
    """One request."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.count[path] += 1
        self.server.headers.append({name.lower(): text for name, text in self.headers.items()})
        self.close_connection = True
        self.server.answers.get(path, status(404))(self)

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
    """What it *answers*, by path; how often each was asked, and with what headers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers: dict[str, Answering] = {}
        self.count: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self.scheme = "http"

    def __setitem__(self, path: str, answering: Answering) -> None:
        self.answers[path] = answering

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
