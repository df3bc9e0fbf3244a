"""Gets what is at addresses of the web.

An address may be a secret: whoever has it can read the calendar. So errors show no more of it than
its host, or whose calendar it is; those of the library have all of it, and are never shown.
"""

from __future__ import annotations

import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from mesoplan.errors import FileProblem, InvalidInput, ServerProblem, printable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS, _MOST_TRIES = 5, 3
_FIRST_BYTES = 1000
"""They show whether it is a calendar."""
_MARK = re.compile(r"[\x20-\x7e]{0,300}")
_COPY_ANEW = "copy the address again from the calendar's settings: it may have changed"
LATER = "try again later, or use the last copy with --busy-offline"
_REFUSALS = {
    401: ("asks for a password", "use the calendar's secret or public address, which needs none"),
    403: ("is not shown to you: the server refuses it", _COPY_ANEW),
    404: ("is not there: the server knows no such address", _COPY_ANEW),
    410: ("is not there any more", _COPY_ANEW),
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


class Marks(NamedTuple):
    """By what a server knows whether anything has changed."""

    tag: str = ""
    modified: str = ""


class Answer(NamedTuple):
    """What a server sent."""

    data: bytes | None
    """None if nothing has changed."""
    marks: Marks


class Patience(NamedTuple):
    """How long to wait, in seconds, and how much to take."""

    connect: float = 10
    read: float = 30
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


def address_in(text: str, whose: str = "") -> Address:
    """The address in a text that is one.

    Raises InvalidInput for one that is not complete, or has a password in it.
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
    address = Address(
        urlunsplit(("http" if scheme == "http" else "https", place, path or "/", query, "")), whose
    )
    if "@" in place:
        raise InvalidInput(
            f"the address of {address.shown} has a password or a user name in it",
            "use the calendar's secret or public address, which needs none",
        )
    return address


def require_safe(address: Address, *, plain_http: bool) -> None:
    """Raise InvalidInput for http, but for this machine or where *plain_http* is wanted."""
    if not (plain_http or _is_safe(address.url)):
        raise InvalidInput(
            f"{address.shown} has an address with http, which others on the way can read",
            "write https:// instead, or add --insecure-http",
        )


def fetch_all(
    wanted: Mapping[Address, Marks],
    first_bytes: Callable[[bytes], str | None],
    patience: Patience = USUAL_PATIENCE,
    *,
    plain_http: bool = False,
) -> dict[Address, Answer | ServerProblem]:
    """Get what is at these addresses, all at once, where it has changed since it had these marks.

    What *first_bytes* says of them is what is wrong: then no more is read. An address where
    anything goes wrong has its problem for an answer. Raises FileProblem without the library.
    """
    from concurrent.futures import Future
    from concurrent.futures import TimeoutError as TooLate
    from importlib.util import find_spec
    from threading import Thread

    if find_spec("httpx2") is None:
        raise FileProblem(
            None,
            f"{next(iter(wanted)).shown} can't be read: that needs the extra “server”",
            "install it with “pip install httpx2”, or give the calendar as a file",
        )

    def answer(getting: _Getting, future: Future[Answer | ServerProblem]) -> None:
        try:
            future.set_result(getting.answer())
        except ServerProblem as problem:
            future.set_result(problem)
        except BaseException as error:
            future.set_exception(error)

    found: dict[Address, Future[Answer | ServerProblem]] = {}
    deadline = time.monotonic() + patience.whole
    for address, marks in wanted.items():
        found[address] = Future()
        getting = _Getting(address, marks, first_bytes, patience, deadline, plain_http)
        # Neither Ctrl-C nor the end waits for it, nor for a name that is never found.
        Thread(target=answer, args=(getting, found[address]), daemon=True).start()
    answers: dict[Address, Answer | ServerProblem] = {}
    for address, future in found.items():
        try:
            answers[address] = future.result(max(0, deadline - time.monotonic()) + patience.pause)
        except TooLate:
            answers[address] = _too_slow(address, patience)
    return answers


class _Getting(NamedTuple):
    """Gets what is at one address."""

    address: Address
    marks: Marks
    first_bytes: Callable[[bytes], str | None]
    patience: Patience
    deadline: float
    plain_http: bool

    def answer(self) -> Answer:
        """What the server sends, at the third try at the latest. Raises ServerProblem."""
        for number in range(1, _MOST_TRIES + 1):
            try:
                return self._tried()
            except _Again as again:
                pause = self.patience.pause * number if again.after is None else again.after
                if number == _MOST_TRIES or pause > self._left():
                    raise again.problem from None
                time.sleep(pause)
        raise AssertionError

    def _tried(self) -> Answer:
        import ssl

        import httpx2

        try:
            return self._sent()
        except httpx2.TimeoutException:
            raise _too_slow(self.address, self.patience) from None
        except (httpx2.ConnectError, httpx2.ProxyError) as error:
            if _is_due_to(error, ssl.SSLCertVerificationError):
                raise self._problem(
                    "can't be read: this computer doesn't trust the server's certificate",
                    "check this computer's date, or ask whoever runs the server",
                ) from None
            raise self._problem("can't be reached", f"check the network, then {LATER}") from None
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            raise _Again(self._problem("came only in part: the connection was lost")) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
            raise self._problem("can't be read: the answer makes no sense", LATER) from None

    def _sent(self) -> Answer:
        import httpx2

        headers = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": self.marks.tag} if self.marks.tag else {}
        headers |= {"If-Modified-Since": self.marks.modified} if self.marks.modified else {}
        url = self.address.url
        for _ in range(_MOST_REDIRECTS + 1):
            left = self._left()
            timeout = httpx2.Timeout(
                min(self.patience.read, left), connect=min(self.patience.connect, left)
            )
            # A client for each: no host gets what another one sent, such as cookies.
            with (
                httpx2.Client(
                    # To be made, it takes longer than all the rest here.
                    verify=_trusted() if url.startswith("https:") else False,
                    timeout=timeout,
                    trust_env=not _is_here(url),
                ) as client,
                client.stream("GET", url, headers=headers) as response,
            ):
                place = response.headers.get("location")
                if response.status_code in _REDIRECTS and place:
                    url = self._redirected(url, place)
                    continue
                if response.status_code == 304 and any(self.marks):
                    return Answer(None, self.marks)
                if response.status_code != 200:
                    self._refuse(response)
                data = self._body(response)
                found = (response.headers.get(name, "") for name in ("etag", "last-modified"))
                marks = Marks(*(each if _MARK.fullmatch(each) else "" for each in found))
                return Answer(data, marks)
        raise self._problem("is sent on from address to address without end", _COPY_ANEW)

    def _redirected(self, url: str, place: str) -> str:
        """Where a server sends us: never from https to http, and with no password."""
        scheme, host, path, query, _ = urlsplit(urljoin(url, place))
        new = urlunsplit((scheme, host.rpartition("@")[2], path or "/", query, ""))
        is_plain_before = urlsplit(url).scheme == "http"
        is_allowed = is_plain_before and (self.plain_http or _is_safe(new))
        if scheme != "https" and not (scheme == "http" and is_allowed):
            raise self._problem(
                "is sent on to an address without https, which others on the way can read",
                _COPY_ANEW,
            )
        return new

    def _refuse(self, response: Any) -> None:
        """Raise ServerProblem for a status, or _Again if another try may help."""
        status = response.status_code
        if status in _REFUSALS:
            what, remedy = _REFUSALS[status]
            raise self._problem(f"{what} ({status})", remedy)
        if status in {423, 429} or status >= 500:
            after = _seconds(response.headers.get("retry-after"))
            when = f" for {after:.0f} seconds" if after else ""
            busy = f"can't be read: the server asks to wait{when} ({status})"
            broken = f"can't be read: the server has a fault ({status})"
            raise _Again(self._problem(busy if status < 500 else broken), after)
        raise self._problem(f"can't be read: the server answers {status}", _COPY_ANEW)

    def _body(self, response: Any) -> bytes:
        """All that is sent, unpacked. Raises ServerProblem if it is too much or no calendar."""
        data = bytearray()
        is_right = False
        for piece in response.iter_bytes():
            data += piece
            if not is_right and len(data) >= _FIRST_BYTES:
                self._require_right(data)
                is_right = True
            if len(data) > self.patience.largest_bytes:
                megabytes = self.patience.largest_bytes // 1_000_000
                raise self._problem(
                    f"is larger than {megabytes} MB",
                    "share only the calendar that matters, or only the years from now on",
                )
            if self._left() == 0:
                raise _too_slow(self.address, self.patience)
        self._require_right(data)
        return bytes(data)

    def _require_right(self, data: bytearray) -> None:
        if wrong := self.first_bytes(bytes(data[:_FIRST_BYTES])):
            raise self._problem(
                wrong, "copy the address of the calendar itself (iCal, .ics), not that of a page"
            )

    def _left(self) -> float:
        return max(0, self.deadline - time.monotonic())

    def _problem(self, what: str, remedy: str = LATER) -> ServerProblem:
        return ServerProblem(f"{self.address.shown} {what}", remedy)


def _too_slow(address: Address, patience: Patience) -> ServerProblem:
    within = f"{patience.whole:.0f} seconds"
    return ServerProblem(f"{address.shown} did not come whole within {within}", LATER)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom this computer trusts."""
    import httpx2

    return httpx2.create_ssl_context()


def _is_safe(url: str) -> bool:
    return urlsplit(url).scheme == "https" or _is_here(url)


def _is_here(url: str) -> bool:
    """Whether an address is of this machine."""
    from ipaddress import ip_address

    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_due_to(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


def _seconds(text: str | None) -> float | None:
    """The seconds that a server asks to wait, as a number or until a moment."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    if text is None or text.strip().isdecimal():
        return None if text is None else float(text[:9])
    try:
        return max(0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
