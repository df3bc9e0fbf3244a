"""The way from a desk to a real server, on which all goes wrong that can.

What is not spoilt goes to the server and back as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from tests.dav_servers import Calendar, RealServer
from tests.fake_server import Answering, Asked, Server, lost, serving

LEASE, PLAN = "mesoplan-lease", "mesoplan-"
"""How the names of resources begin: of the lease, and of all that is of a book."""
_OF_ONE_CONNECTION = {"connection", "content-length", "content-encoding", "transfer-encoding"}
Spoiling = Callable[["Wire", Asked], None]


@dataclass
class Rule:
    """What is done to some requests in place of passing them on."""

    spoils: Spoiling
    method: str
    is_meant: Callable[[str], bool]
    """By the last part of the path: the name of a resource, empty for the calendar itself."""
    left: int
    """How many times it is done yet."""


@dataclass
class Wire:
    """The way to a real server."""

    server: Server
    real: str
    """The beginning of the real server's addresses."""
    client: httpx2.Client
    rules: list[Rule] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """The method, and the name of the resource, of each request."""

    def spoil(self, method: str, spoils: Spoiling, of: str = "", times: int = 1_000_000) -> Rule:
        """Spoil requests of a method that are for the *lease*, a *plan* or whatever it is."""
        is_meant = {
            "lease": lambda name: name.startswith(LEASE),
            "plan": lambda name: name.startswith(PLAN) and not name.startswith(LEASE),
        }.get(of, lambda _: True)
        rule = Rule(spoils, method, is_meant, times)
        self.rules.append(rule)
        return rule

    def heal(self) -> None:
        self.rules.clear()

    def spoiling(self, asked: Asked) -> Rule | None:
        name = urlsplit(asked.path).path.rpartition("/")[2]
        self.asked.append((asked.command, name))
        for rule in self.rules:
            if rule.left and rule.method in (asked.command, "") and rule.is_meant(name):
                rule.left -= 1
                return rule
        return None

    def pass_on(self, asked: Asked) -> httpx2.Response:
        """What the real server answers."""
        sent = {
            name: text
            for name, text in asked.headers.items()
            if name.lower() not in {*_OF_ONE_CONNECTION, "host"}
        }
        return self.client.request(
            asked.command, self.real + asked.path, headers=sent, content=asked.body or None
        )


class _Everywhere(dict[str, Answering]):
    """What is answered at all paths."""

    def __init__(self, answering: Answering) -> None:
        super().__init__()
        self.answering = answering

    def get(self, *_: object) -> Answering:
        return self.answering


@contextmanager
def wire_to(real: RealServer) -> Iterator[Wire]:
    """A way to a server that is running."""
    place = urlsplit(real.home)
    with serving() as server, httpx2.Client(trust_env=False, timeout=60) as client:
        wire = Wire(server, f"{place.scheme}://{place.netloc}", client)

        def answer(asked: Asked) -> None:
            if (rule := wire.spoiling(asked)) is not None:
                rule.spoils(wire, asked)
            else:
                hand_back(asked, wire.pass_on(asked))

        server.answers = _Everywhere(answer)
        yield wire


def through(wire: Wire, calendar: Calendar) -> str:
    """The address of a calendar by that way."""
    return wire.server.url(urlsplit(calendar.url).path)


def hand_back(
    asked: Asked,
    response: httpx2.Response,
    but: Mapping[str, str | None] | None = None,
    content: bytes | None = None,
) -> None:
    """Give back what the server answered, with other headers or another content."""
    but = {name.lower(): text for name, text in (but or {}).items()}
    data = response.content if content is None else content
    headers = {
        name.lower(): text
        for name, text in response.headers.items()
        if name.lower() not in _OF_ONE_CONNECTION
    }
    asked.send_response_only(response.status_code)
    for name, text in (headers | but).items():
        if text is not None:
            asked.send_header(name, text)
    asked.send_header("Content-Length", str(len(data)))
    asked.send_header("Connection", "close")
    asked.end_headers()
    asked.wfile.write(data)


# ---------------------------------------------------------------- what goes wrong


def instead(answering: Answering) -> Spoiling:
    """The server never sees it; this is answered."""
    return lambda _, asked: answering(asked)


def arrives_but_answer_is_lost(wire: Wire, asked: Asked) -> None:
    wire.pass_on(asked)
    lost(asked)


def arrives_but(answering: Answering) -> Spoiling:
    """The server does it, and this is answered in its place."""

    def spoil(wire: Wire, asked: Asked) -> None:
        wire.pass_on(asked)
        answering(asked)

    return spoil


def after(happens: Callable[[], object]) -> Spoiling:
    """Something happens before the server sees it."""

    def spoil(wire: Wire, asked: Asked) -> None:
        happens()
        hand_back(asked, wire.pass_on(asked))

    return spoil


def before(happens: Callable[[], object]) -> Spoiling:
    """Something happens when the server has done it, before its answer arrives."""

    def spoil(wire: Wire, asked: Asked) -> None:
        response = wire.pass_on(asked)
        happens()
        hand_back(asked, response)

    return spoil


def with_other(
    headers: Mapping[str, str | None], content: Callable[[bytes], bytes] = lambda data: data
) -> Spoiling:
    """The server's answer with other headers, or none, and another content."""

    def spoil(wire: Wire, asked: Asked) -> None:
        response = wire.pass_on(asked)
        hand_back(asked, response, headers, content(response.content))

    return spoil
