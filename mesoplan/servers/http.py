"""Asks servers of the web, within limits, and gets what is at addresses.

An address may be a secret: whoever has it can read the calendar. So errors show no more of it than
its host, or whose calendar it is; those of the library have all of it, and are never shown.
"""

from __future__ import annotations

import time
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit

from mesoplan.errors import FileProblem, InvalidInput, ServerProblem, printable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Mapping
    from concurrent.futures import Future

    Sayings = Mapping[str, tuple[str, str]]
    """What is said of each thing that goes wrong: what it is, and what to do."""

_T = TypeVar("_T")
_MOST_REDIRECTS, _MOST_TRIES = 5, 3
_SENT_ON = frozenset({301, 302, 307, 308})
_MARKS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
"""By what a server knows whether anything has changed: as it sends them, and as it gets them."""
_MAY_PASS = frozenset({"unreachable", "lost", "slow", "busy", "broken"})
USUAL_PORTS = {"http": 80, "https": 443}
_COPY_ANEW = "copy the address again from the calendar's settings: it may have changed"
NO_PASSWORD = "use the calendar's secret or public address, which needs none"  # noqa: S105 - a text
LATER = "try again later, or use the last copy with --busy-offline"
_WHO_RUNS_IT = "check this computer's date, or ask whoever runs the server"
_OF_A_CALENDAR: Sayings = {
    "certificate": (
        "can't be read: this computer doesn't trust the server's certificate",
        _WHO_RUNS_IT,
    ),
    "unreachable": ("can't be reached", f"check the network, then {LATER}"),
    "lost": ("came only in part: the connection was lost", LATER),
    "slow": ("did not come whole within {seconds:.0f} seconds", LATER),
    "large": (
        "is larger than {megabytes} MB",
        "share only the calendar that matters, or only the years from now on",
    ),
    "round": ("is sent on from address to address without end", _COPY_ANEW),
    "unsafe": (
        "is sent on to an address without https, which others on the way can read",
        _COPY_ANEW,
    ),
    "nonsense": ("can't be read: the answer makes no sense", LATER),
    "busy": ("can't be read: the server asks to wait{wait} ({status})", LATER),
    "broken": ("can't be read: the server has a fault ({status})", LATER),
    "401": ("asks for a password (401)", NO_PASSWORD),
    "403": ("is not shown to you: the server refuses it (403)", _COPY_ANEW),
    "404": ("is not there: the server knows no such address (404)", _COPY_ANEW),
    "410": ("is not there any more (410)", _COPY_ANEW),
    "refused": ("can't be read: the server answers {status}", _COPY_ANEW),
}


class Address(NamedTuple):
    """The address of a calendar, which is shown nowhere."""

    url: str
    whose: str = ""
    """“the diary of Dr Roux”, for messages; empty if they show its host."""

    def __repr__(self) -> str:
        return f"<{self.shown}>"

    @property
    def host(self) -> str:
        """The name of the machine, safe to print."""
        return printable(urlsplit(self.url).hostname or "")

    @property
    def shown(self) -> str:
        """What the calendar is called in messages."""
        return self.whose or f"the calendar at {self.host}"

    @property
    def sayings(self) -> Sayings:
        """What is said of what goes wrong there."""
        return _OF_A_CALENDAR

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, machine and port."""
        return _origin(self.url)

    def may_send_on(self, url: str) -> str:
        """Why an answer from there may not lead to another address; empty if it may."""
        scheme, host, _ = _origin(url)
        if scheme == "https" or url == self.url:
            return ""
        stays_here = scheme == "http" and self.origin[0] == "http" and _is_here(host)
        return "" if stays_here else "unsafe"

    def failure(self, what: str, **values: Any) -> ServerProblem:
        """That this goes wrong there, in the words of `sayings`."""
        problem, remedy = self.sayings[what]
        failure = self.problem(problem.format(**values), remedy)
        failure.may_pass = what in _MAY_PASS
        return failure

    def problem(self, what: str, remedy: str = LATER) -> ServerProblem:
        """“the calendar at example.org is not there”, and what to do."""
        return ServerProblem(f"{self.shown} {what}", remedy)


class Answer(NamedTuple):
    """What a server sent."""

    data: bytes | None
    """None if nothing has changed."""
    marks: Mapping[str, str]
    """What to send along the next time, to get only what has changed since."""


class Patience(NamedTuple):
    """How long to wait, in seconds, and how much to take."""

    connect: float = 10
    whole: float = 30
    """For all tries together."""
    pause: float = 1
    """Before the second try; twice as long before the third."""
    largest_bytes: int = 20_000_000


USUAL_PATIENCE = Patience()


class _Again(Exception):
    """The server may do better at another try, *after* some seconds if it says so."""

    def __init__(self, problem: ServerProblem, after: float | None = None) -> None:
        super().__init__(problem.problem)
        self.problem = problem
        self.after = after


def address_in(
    text: str, whose: str = "", *, plain_http: bool = False, instead: str = NO_PASSWORD
) -> Address:
    """The address in a text that is one.

    Raises InvalidInput for one that is not complete, has http, but for this machine or where
    *plain_http* is wanted, or has a password in it: then it says what to do *instead*.
    """
    url = text.strip()
    try:
        scheme, place, path, query, _ = urlsplit(url)
        host, port = urlsplit(url).hostname, urlsplit(url).port
    except ValueError:
        host = port = None
    if not host or port == 0 or not url.isprintable() or " " in url:
        what = f"the address of {whose}" if whose else "an address"
        raise InvalidInput(f"{what} is not complete", "copy it again from the calendar's settings")
    scheme = "http" if scheme == "http" else "https"
    address = Address(urlunsplit((scheme, place, path or "/", query, "")), whose)
    if "@" in place:
        raise InvalidInput(
            f"the address of {address.shown} has a password or a user name in it", instead
        )
    if scheme == "http" and not plain_http and not _is_here(host):
        raise InvalidInput(
            f"{address.shown} has an address with http, which others on the way can read",
            "write https:// instead, or add --insecure-http",
        )
    return address


def require_library(what: str, instead: str = "") -> None:
    """Raise FileProblem without the library: *what* can't be done; what to do *instead*."""
    from importlib.util import find_spec

    if find_spec("httpx2") is None:
        problem = f"{what}: that needs the extra “server”"
        raise FileProblem(None, problem, f"install it with “pip install httpx2”{instead}")


def fetch_all(
    wanted: Mapping[Address, Mapping[str, str]], patience: Patience = USUAL_PATIENCE
) -> dict[Address, Answer | ServerProblem]:
    """Get what is at these addresses, all at once, where it has changed since it had these marks.

    An address where anything goes wrong has its problem for an answer. Raises FileProblem without
    the library.
    """
    from concurrent.futures import TimeoutError as TooLate

    shown = next(iter(wanted)).shown
    require_library(f"{shown} can't be read", ", or give the calendar as a file")
    deadline = time.monotonic() + patience.whole

    def fetched(address: Address, marks: Mapping[str, str]) -> Answer:
        with Connection(address, patience) as connection:
            expected = {200, 304} if marks else {200}
            asked = {"Accept-Encoding": "gzip", **marks}
            reply = connection.ask("GET", address.url, expected, asked, deadline=deadline)
        if reply.status == 304:
            return Answer(None, marks)
        sent = reply.headers
        return Answer(reply.data, {to: sent[name] for name, to in _MARKS.items() if name in sent})

    found = {each: begun(partial(fetched, each, wanted[each])) for each in wanted}
    answers: dict[Address, Answer | ServerProblem] = {}
    for address, future in found.items():
        try:
            answers[address] = future.result(max(0, deadline - time.monotonic()) + patience.pause)
        except TooLate:
            answers[address] = address.failure("slow", seconds=patience.whole)
        except ServerProblem as problem:
            answers[address] = problem
    return answers


def begun(work: Callable[[], _T]) -> Future[_T]:
    """What some work comes to, which has just begun.

    Neither Ctrl-C nor the end waits for it, nor for the name of a machine that is never found.
    """
    from concurrent.futures import Future
    from threading import Thread

    future: Future[_T] = Future()

    def do() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=do, daemon=True).start()
    return future


class Reply(NamedTuple):
    """What a server answers to one request."""

    status: int
    headers: Mapping[str, str]
    """By their names, in capitals or not."""
    data: bytes
    url: str
    """Where it was sent on to, at last."""


class Connection:
    """Asks the server of one address, one request after the other."""

    def __init__(
        self, address: Address, patience: Patience, login: tuple[str, str] | None = None
    ) -> None:
        import httpx2

        self._address = address
        self._patience = patience
        # Where others may read it, no password is sent before the server says how.
        at_once = login if address.origin[0] == "https" else None
        self._client = httpx2.Client(
            verify=_trusted(), trust_env=not _is_here(address.host), auth=at_once
        )
        self._ways: dict[str, Any] = {}
        if login is not None:
            self._ways = {"digest": httpx2.DigestAuth(*login), "basic": httpx2.BasicAuth(*login)}
            """How to log in, the best way first, as the server wants it."""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(
        self,
        method: str,
        url: str,
        expected: Collection[int],
        headers: Mapping[str, str],
        content: bytes = b"",
        deadline: float | None = None,
    ) -> Reply:
        """What the server answers with an *expected* status, at the third try at the latest.

        Raises ServerProblem.
        """
        deadline = deadline or time.monotonic() + self._patience.whole
        asking = _Asking(method, expected, headers, content, deadline)
        for number in range(1, _MOST_TRIES + 1):
            try:
                return self._tried(asking, url)
            except _Again as again:
                pause = self._patience.pause * number if again.after is None else again.after
                if number == _MOST_TRIES or pause > asking.left:
                    raise again.problem from None
                time.sleep(pause)
        raise AssertionError

    def _tried(self, asking: _Asking, url: str) -> Reply:
        import httpx2

        failure = self._address.failure
        try:
            return self._sent(asking, url)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise failure("certificate") from None
            raise failure("unreachable") from None
        except httpx2.TimeoutException:
            raise failure("slow", seconds=self._patience.whole) from None
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            raise _Again(failure("lost")) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
            raise failure("nonsense") from None

    def _sent(self, asking: _Asking, url: str) -> Reply:
        import httpx2

        for _ in range(_MOST_REDIRECTS + 1):
            with self._client.stream(
                asking.method,
                url,
                headers=asking.headers,
                content=asking.content or None,
                timeout=httpx2.Timeout(asking.left, connect=self._patience.connect),
            ) as response:
                status, sent = response.status_code, response.headers
                place = sent.get("location") if status in _SENT_ON else None
                if status == 401 and self._logs_in(sent.get("www-authenticate", "")):
                    continue
                if place is None:
                    if status not in asking.expected:
                        self._refuse(status, sent.get("retry-after", ""))
                    return Reply(status, sent, self._read(response, asking), url)
            url = urljoin(url, place)
            if why_not := self._address.may_send_on(url):
                raise self._address.failure(why_not, host=printable(urlsplit(url).hostname))
        raise self._address.failure("round")

    def _logs_in(self, wanted: str) -> bool:
        """Log in as the server wants it, if that was not tried yet; whether it was not."""
        ways = [way for way in self._ways if way in wanted.lower()]
        if ways:
            self._client.auth = self._ways.pop(ways[0])
            # A server that wants more than one way has refused the password.
            self._ways.clear()
        return bool(ways)

    def _read(self, response: Any, asking: _Asking) -> bytes:
        """All that comes. Raises ServerProblem if it is too much, or takes too long."""
        data, largest = bytearray(), self._patience.largest_bytes
        for piece in response.iter_bytes():
            data += piece
            if len(data) > largest:
                raise self._address.failure("large", megabytes=largest // 1_000_000)
            if asking.left == 0:
                raise self._address.failure("slow", seconds=self._patience.whole)
        return bytes(data)

    def _refuse(self, status: int, retry_after: str) -> None:
        """Raise ServerProblem for a status, or _Again if another try may help."""
        failure = self._address.failure
        if str(status) in self._address.sayings:
            raise failure(str(status))
        if status in {423, 429} or status >= 500:
            after = float(retry_after[:9]) if retry_after.strip().isdecimal() else None
            wait = f" for {after:.0f} seconds" if after else ""
            what = "busy" if status < 500 else "broken"
            raise _Again(failure(what, status=status, wait=wait), after)
        raise failure("refused", status=status)


class _Asking(NamedTuple):
    """One request."""

    method: str
    expected: Collection[int]
    headers: Mapping[str, str]
    content: bytes
    deadline: float

    @property
    def left(self) -> float:
        """The seconds left for it."""
        return max(0, self.deadline - time.monotonic())


@cache
def _trusted() -> ssl.SSLContext:
    """Whom this computer trusts: to be made, it takes longer than all the rest here."""
    import httpx2

    return httpx2.create_ssl_context()


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, machine and port of an address; empty for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or USUAL_PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, parts.hostname or "", port
