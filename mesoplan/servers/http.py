"""Gets what is at addresses of the web.

An address may be a secret: whoever has it can read the calendar. So errors show no more of it than
its host, or whose calendar it is; those of the library have all of it, and are never shown.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from mesoplan.errors import FileProblem, InvalidInput, ServerProblem, printable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

_MOST_REDIRECTS, _MOST_TRIES = 5, 3
_MARKS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
"""By what a server knows whether anything has changed: as it sends them, and as it gets them."""
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


def address_in(text: str, whose: str = "", *, plain_http: bool = False) -> Address:
    """The address in a text that is one.

    Raises InvalidInput for one that is not complete, has a password in it, or has http, but for
    this machine or where *plain_http* is wanted.
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
            f"the address of {address.shown} has a password or a user name in it",
            "use the calendar's secret or public address, which needs none",
        )
    if scheme == "http" and not plain_http and not _is_here(host):
        raise InvalidInput(
            f"{address.shown} has an address with http, which others on the way can read",
            "write https:// instead, or add --insecure-http",
        )
    return address


def fetch_all(
    wanted: Mapping[Address, Mapping[str, str]], patience: Patience = USUAL_PATIENCE
) -> dict[Address, Answer | ServerProblem]:
    """Get what is at these addresses, all at once, where it has changed since it had these marks.

    An address where anything goes wrong has its problem for an answer. Raises FileProblem without
    the library.
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
        getting = _Getting(address, marks, patience, deadline)
        # Neither Ctrl-C nor the end waits for it, nor for a name that is never found.
        Thread(target=answer, args=(getting, found[address]), daemon=True).start()
    answers: dict[Address, Answer | ServerProblem] = {}
    for address, future in found.items():
        try:
            answers[address] = future.result(max(0, deadline - time.monotonic()) + patience.pause)
        except TooLate:
            answers[address] = getting._replace(address=address).too_slow()
    return answers


class _Getting(NamedTuple):
    """Gets what is at one address."""

    address: Address
    marks: Mapping[str, str]
    patience: Patience
    deadline: float

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
        import httpx2

        problem = self.address.problem
        try:
            return self._sent()
        except httpx2.TimeoutException:
            raise self.too_slow() from None
        except (httpx2.ConnectError, httpx2.ProxyError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise problem(
                    "can't be read: this computer doesn't trust the server's certificate",
                    "check this computer's date, or ask whoever runs the server",
                ) from None
            raise problem("can't be reached", f"check the network, then {LATER}") from None
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            raise _Again(problem("came only in part: the connection was lost")) from None
        except httpx2.TooManyRedirects:
            raise problem("is sent on from address to address without end", _COPY_ANEW) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
            raise problem("can't be read: the answer makes no sense", LATER) from None

    def _sent(self) -> Answer:
        import httpx2

        url = self.address.url
        with (
            httpx2.Client(
                verify=_trusted(),
                timeout=httpx2.Timeout(self._left(), connect=self.patience.connect),
                trust_env=not _is_here(self.address.host),
                follow_redirects=True,
                max_redirects=_MOST_REDIRECTS,
                event_hooks={"request": [self._require_safe]},
            ) as client,
            client.stream(
                "GET", url, headers={"Accept-Encoding": "gzip", **self.marks}
            ) as response,
        ):
            if response.status_code == 304 and self.marks:
                return Answer(None, self.marks)
            if response.status_code != 200:
                self._refuse(response)
            data = bytearray()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > self.patience.largest_bytes:
                    raise self.address.problem(
                        f"is larger than {self.patience.largest_bytes // 1_000_000} MB",
                        "share only the calendar that matters, or only the years from now on",
                    )
                if self._left() == 0:
                    raise self.too_slow()
            sent = response.headers
            return Answer(
                bytes(data), {to: sent[name] for name, to in _MARKS.items() if name in sent}
            )

    def _require_safe(self, request: Any) -> None:
        """Raise ServerProblem where a server sends us on from https, or this machine, to http."""
        before, new = urlsplit(self.address.url), request.url
        if new.scheme == "https" or str(new) == self.address.url:
            return
        if new.scheme != "http" or before.scheme == "https" or not _is_here(new.host):
            raise self.address.problem(
                "is sent on to an address without https, which others on the way can read",
                _COPY_ANEW,
            )

    def _refuse(self, response: Any) -> None:
        """Raise ServerProblem for a status, or _Again if another try may help."""
        status = response.status_code
        if status in _REFUSALS:
            what, remedy = _REFUSALS[status]
            raise self.address.problem(f"{what} ({status})", remedy)
        if status in {423, 429} or status >= 500:
            asked = response.headers.get("retry-after", "").strip()
            after = float(asked[:9]) if asked.isdecimal() else None
            when = f" for {after:.0f} seconds" if after else ""
            busy = f"can't be read: the server asks to wait{when} ({status})"
            broken = f"can't be read: the server has a fault ({status})"
            raise _Again(self.address.problem(busy if status < 500 else broken), after)
        raise self.address.problem(f"can't be read: the server answers {status}", _COPY_ANEW)

    def too_slow(self) -> ServerProblem:
        """That it took too long."""
        return self.address.problem(f"did not come whole within {self.patience.whole:.0f} seconds")

    def _left(self) -> float:
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
