"""The lease of a book on a server: whoever has it may change the book, one desk at a time.

It is an event that says until when it runs, by the server's own clock. One that has run out is
taken over by whoever is first, so nobody waits for a desk that has died. A desk that slept for too
long finds out by the times of the server's answers that it has lost it.
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

from mesoplan.book.resources import LEASE_UID, carried_by, event
from mesoplan.errors import ServerProblem
from mesoplan.formats.ical.lines import utc_text
from mesoplan.servers.dav import IF_NEW, Changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mesoplan.servers.dav import Dav

_RUNS = timedelta(seconds=60)
_RENEWED_SECONDS = 15
_LONGEST_WAIT_SECONDS, _SAID_AFTER_SECONDS = 90, 2
"""How long to wait for another desk: more than the lease of one that has died still runs."""
_PAUSE_SECONDS = (0.1, 0.4)
"""Chosen between these each time, so that not all desks ask at once."""
_ENDED = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN, _UNTIL = "X-MESOPLAN-TOKEN", "X-MESOPLAN-UNTIL"


class Lease:
    """The lease of one book. What asks the server raises ServerProblem."""

    def __init__(self, server: Dav, url: str) -> None:
        self._server = server
        self._url = url
        self._desk, self._token = uuid4().hex, ""
        """What this desk wrote last: another text each time, so that no two versions look alike."""
        self._is_unsure = False
        """Whether the answer to what it wrote last is not known."""
        self._version: Mapping[str, str] = IF_NEW
        self._until = _ENDED
        """When it runs out, whoever has it."""
        self._was_over = True
        self._written_at = 0.0
        self._one_at_a_time = RLock()
        self.on_their_way = 0
        """How many changes may still arrive at the server when it is over here: no answer came.

        Then it has to run out.
        """

    def look(self) -> None:
        """See who has it."""
        there, self._is_unsure = self._server.get(self._url), False
        if there is None:
            self._version, self._until = IF_NEW, _ENDED
        elif there.version != self._version:
            # A lease that makes no sense, or runs for too long, is given as long as ours.
            self._version = there.version
            self._until = min(_end_in(there.data), self._now() + _RUNS)
        self._was_over = self._until <= self._now()

    @contextmanager
    def held(self, says: Callable[[str], None]) -> Iterator[bool]:
        """Have the lease. Yields whether no other desk had it since this one looked.

        *says* informs whoever waits. Raises ServerProblem if another desk has it for too long.
        """
        is_unbroken = self._take(says)
        ended = Event()
        Thread(target=self._renew_until, args=(ended,), daemon=True).start()
        try:
            yield is_unbroken
        finally:
            ended.set()
            if self.on_their_way:
                says("The server may still get a change. So the next one may wait for a minute.")
            else:
                with suppress(ServerProblem, Changed):
                    self._write(_ENDED)

    def renew_if_old(self) -> None:
        """Renew it if half of it is over, as after this computer slept. Raises Changed if lost."""
        # The clock that goes on while a computer sleeps.
        if not 0 <= time.time() - self._written_at < _RUNS.seconds / 2:
            self._renew()

    def require(self) -> None:
        """Raise Changed unless the lease ran when the server gave its last answer, or still does.

        An answer says to the second when it was given.
        """
        if self._now() >= self._until:
            self._renew()

    def _take(self, says: Callable[[str], None]) -> bool:
        began, looks, is_said, was_over = time.monotonic(), 0, False, self._was_over
        while True:
            if self._until <= self._now():
                with suppress(Changed):
                    self._renew()
                    return was_over and not looks
            waited = time.monotonic() - began
            if waited > _LONGEST_WAIT_SECONDS:
                raise self._server.address.problem(
                    "has a book that another desk is changing right now", "try again in a moment"
                )
            if waited > _SAID_AFTER_SECONDS and not is_said:
                is_said = True
                says(
                    "The book is being changed, or was left in the middle. Waiting a minute or two…"
                )
            if looks:
                time.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - no secret
            self.look()
            looks += 1

    def _renew_until(self, ended: Event) -> None:
        while not ended.wait(_RENEWED_SECONDS):
            # Whoever writes finds out that it could not be renewed. RuntimeError: the command ends.
            with self._one_at_a_time, suppress(ServerProblem, RuntimeError):
                if ended.is_set():
                    return
                try:
                    self._renew()
                except Changed:
                    self._until = _ENDED

    def _renew(self) -> None:
        """Let it run for as long as it can. Raises Changed if another desk has it."""
        self._write(self._now() + _RUNS)
        if self._until < self._now() + _RUNS / 2:
            # The answer before was long ago: this computer slept, or somebody was asked something.
            self._write(self._now() + _RUNS)

    def _write(self, until: datetime) -> None:
        """Let it run so long. Raises Changed if another desk has it."""
        with self._one_at_a_time:
            if self._is_unsure:
                there = self._server.get(self._url)
                if there is not None and (_token_in(there.data) or "").startswith(self._desk):
                    self._version = there.version
            self._is_unsure, self._token = True, f"{self._desk}-{uuid4().hex}"
            carried = {_TOKEN: self._token, _UNTIL: utc_text(until)}
            data = event(LEASE_UID, "mesoplan: which desk is changing the book", carried)
            written_at = time.time()
            etag = self._server.put_again(self._url, data, self._version, self._is_ours)
            self._written_at = written_at
            self._version, self._until = {"If-Match": etag}, until
            self._is_unsure, self._was_over = False, until == _ENDED

    def _is_ours(self, data: bytes) -> bool:
        return _token_in(data) == self._token

    def _now(self) -> datetime:
        """When the server answered last, by its own clock; raises ServerProblem if it has none."""
        if self._server.answered is None:
            raise self._server.address.problem(
                "can't be used: it does not say what time it is (Date)",
                "use another server, or ask whoever runs it",
            )
        return self._server.answered


def _token_in(data: bytes) -> str | None:
    return carried_by(data).text(_TOKEN)


def _end_in(data: bytes) -> datetime:
    try:
        text = carried_by(data).text(_UNTIL) or ""
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
