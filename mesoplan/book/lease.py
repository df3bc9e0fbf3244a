"""The lease of a book on a server: whoever has it may change the book, one desk at a time.

It is an event that says until when it runs, by the server's own clock. No desk waits for one that
has died: a lease that has run out is taken over, by whoever is first. So a desk that slept for too
long finds out by the times of the server's answers that it has lost it.
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

from mesoplan.book.resources import LEASE_UID, carried_by, event
from mesoplan.errors import ServerProblem
from mesoplan.formats.ical.lines import utc_text
from mesoplan.servers.dav import IF_NEW, Changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mesoplan.servers.dav import Dav, Resource

_RUNS = timedelta(seconds=60)
_RENEWED_SECONDS = 15
_LONGEST_WAIT_SECONDS = 90
"""More than a lease of a desk that has died still runs."""
_SAID_AFTER_SECONDS = 2
_PAUSE_SECONDS = (0.1, 0.4)
"""Chosen between these each time, so that not all desks ask at once."""
_TOKEN, _UNTIL = "X-MESOPLAN-DESK", "X-MESOPLAN-UNTIL"


class Lease:
    """The lease of one book, while this desk has it. What asks the server raises ServerProblem."""

    def __init__(self, server: Dav, url: str) -> None:
        self._server = server
        self._url = url
        self._token = uuid4().hex
        self._etag = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        self._one_at_a_time = Lock()
        self.must_run_out = False
        """Whether something may be on its way to the server, and arrive when it is over here."""

    @contextmanager
    def held(self, says: Callable[[str], None]) -> Iterator[None]:
        """Have the lease; *says* tells whoever waits for another desk.

        Raises ServerProblem if another desk has it for too long.
        """
        self._take(says)
        ended = Event()
        renewing = Thread(target=self._renew_until, args=(ended,), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            if not self.must_run_out:
                with self._one_at_a_time, suppress(ServerProblem, Changed):
                    self._server.delete(self._url, {"If-Match": self._etag})

    def require(self) -> None:
        """Raise Changed unless the lease ran when the server gave its last answer, or still does.

        An answer says to the second when it was given.
        """
        if self._now() >= self._until:
            self._renew()

    def _take(self, says: Callable[[str], None]) -> None:
        began, seen, is_said = time.monotonic(), ("", datetime.max.replace(tzinfo=UTC)), False
        while True:
            there = self._server.get(self._url)
            if there is not None and there.etag != seen[0]:
                # A lease that makes no sense, or runs for too long, is given as long as ours.
                seen = there.etag, min(_end_of(there), self._now() + _RUNS)
            if there is None or seen[1] <= self._now():
                with suppress(Changed):
                    return self._write(IF_NEW if there is None else there.version)
            waited = time.monotonic() - began
            if waited > _LONGEST_WAIT_SECONDS:
                raise self._server.address.problem(
                    "has a book that another desk is changing right now", "try again in a moment"
                )
            if waited > _SAID_AFTER_SECONDS and not is_said:
                is_said = True
                says("Another desk is changing the book. Waiting for it, up to a minute…")
            time.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - no secret

    def _renew_until(self, ended: Event) -> None:
        while not ended.wait(_RENEWED_SECONDS):
            # Whoever writes finds out that it could not be renewed.
            with suppress(ServerProblem, Changed):
                self._renew()

    def _renew(self) -> None:
        with self._one_at_a_time:
            self._write({"If-Match": self._etag})

    def _write(self, only: Mapping[str, str]) -> None:
        """Let it run from now on. Raises Changed if another desk has it."""
        until = self._now() + _RUNS
        data = event(
            LEASE_UID,
            "A desk is changing the book",
            {_TOKEN: self._token, _UNTIL: utc_text(until)},
        )
        self._etag = self._server.put_again(self._url, data, only, self._is_ours)
        self._until = until

    def _is_ours(self, data: bytes) -> bool:
        return carried_by(data).text(_TOKEN) == self._token

    def _now(self) -> datetime:
        """When the server answered last, by its own clock; raises ServerProblem if it has none."""
        if self._server.answered is None:
            raise self._server.address.problem(
                "can't be used: it does not say what time it is (Date)",
                "use another server, or ask whoever runs it",
            )
        return self._server.answered


def _end_of(lease: Resource) -> datetime:
    try:
        text = carried_by(lease.data).text(_UNTIL) or ""
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
