"""A book on a calendar server, for several desks: this computer's copy, and how both are changed.

The copy is a folder of plans like any other. It is read anew before anything is changed, and what a
command writes goes to the server before it goes into the copy, in place of just the version that
was read. So nothing depends on the copy: whatever is missing or was touched there is fetched again.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.book.lease import Lease
from mesoplan.book.resources import (
    LEASE_UID,
    BookFile,
    file_in,
    is_name,
    is_of_book,
    is_resource,
    uid_of,
)
from mesoplan.errors import FileProblem, ServerProblem, printable, quoted
from mesoplan.servers.dav import ETAG, IF_NEW, Changed
from mesoplan.storage.files import problem_with, problems_of, reason, write_unsynced
from mesoplan.storage.locks import held_here
from mesoplan.storage.shared import COPY_MARK, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from mesoplan.servers.dav import Dav, Resource

_LOCK_NAME = ".book-lock"
_MOST_AT_ONCE = 500
"""Events that are fetched in one answer: far fewer than 50 MB."""
_GONE, _MOST_NAMED = ".gone", 5
_PERHAPS_WRITTEN = "look at the plan before you try again: the server may have the change anyway"


class _Kept(NamedTuple):
    """What the copy has of an event of the server."""

    etag: str
    name: str
    """Of the file."""
    stamps: list[int]
    """Size and time of the file and of the one before it: whether anybody touched them since."""


class ServerBook:
    """The book in a calendar of a server. All that asks it raises ServerProblem."""

    def __init__(
        self, server: Dav, calendar: str | None, copy: Path, says: Callable[..., None]
    ) -> None:
        """*calendar* is what it is called there, if there are several; *copy* is a folder.

        *says* informs whoever uses this computer.
        """
        self._server = server
        self._calendar = calendar
        self._copy = copy
        self._says = says
        self._url = ""
        self._lease = Lease(server, "")
        self._kept: dict[str, _Kept] = {}
        """By the names of the events on the server."""
        self._is_held = False
        self.absent: ServerProblem | None = None
        """Why the server can't be asked, while only the copy is read."""
        self.read_at: datetime | None = None
        """From when the copy is."""

    def open(self) -> None:
        """Bring the copy up to date, or take it as it is while the server can't be asked.

        Raises InvalidInput if no calendar is meant, and FileProblem if nothing can be written.
        """
        try:
            self._url = self._server.calendar(self._calendar).url.rstrip("/")
            self._lease = Lease(self._server, f"{self._url}/{LEASE_UID}.ics")
            self._read()
        except ServerProblem as problem:
            self._remember()
            if not problem.may_pass or self.read_at is None:
                raise
            self.absent = problem

    def _read(self) -> None:
        with held_here(self._copy / _LOCK_NAME, self._copy):
            self._lease.look()
            self._remember()
            self._update()

    def _update(self) -> None:
        listed = {
            _name(each): each
            for each in self._server.found(f"{self._url}/", [ETAG], 1)
            if each.url.rstrip("/") != self._url and _name(each) != f"{LEASE_UID}.ics"
        }
        if self._kept and not listed:
            raise self._server.address.problem(
                "has nothing of the book any more",
                "check url and calendar in the profile; if that is right, remove "
                f"{quoted(self._copy, 300)}",
            )
        for name in filter(is_resource, listed):
            self._server.require_version(listed[name].etag)
        self._kept = {
            name: kept
            for name, kept in self._kept.items()
            if name in listed
            and kept.stamps
            and (kept.etag, kept.stamps) == (listed[name].etag, self._stamps(kept.name))
        }
        new = [each.url for name, each in listed.items() if name not in self._kept]
        for start in range(0, len(new), _MOST_AT_ONCE):
            for found in self._server.those(f"{self._url}/", new[start : start + _MOST_AT_ONCE]):
                self._kept[_name(found)] = self._placed(found)
        if any(is_resource(name) and name not in self._kept for name in listed):
            raise self._server.address.problem(
                "lists a part of the book that it does not send", "try again in a moment"
            )
        self._set_aside({each.name for each in self._kept.values()})
        self._mark()

    def _mark(self) -> None:
        """Keep what the copy has by now, and from when."""
        self.read_at = self._server.answered
        state = {"read": self.read_at and self.read_at.isoformat(), "files": self._kept}
        write_unsynced(self._copy / COPY_MARK, json.dumps(state).encode())

    def _placed(self, found: Resource) -> _Kept:
        """Put what an event carries into the copy; another event as it is, so that it is listed."""
        file = file_in(found.data)
        if file is None or _name(found) != f"{uid_of(file.name)}.ics":
            name = f"event {_name(found)}"
            file = BookFile(name if is_name(name) else f"{uid_of(name)}.ics", found.data)
        self._place(file.name, file.data)
        self._place(f"{file.name}~", file.before)
        return _Kept(found.etag, file.name, self._stamps(file.name))

    def _set_aside(self, there: set[str]) -> None:
        """Keep what the book has no longer under names that no plan has, and say so."""
        gone = []
        with problems_of(self._copy):
            for path in sorted(self._copy.iterdir()):
                if is_of_book(path.name) and path.name not in there:
                    path.replace(path.with_name(f"{path.name}{_GONE}"))
                    gone.append(printable(path.name))
                elif path.name[-1] == "~" and path.name[:-1] not in there:
                    path.unlink()
        if gone:
            more = f" and {len(gone) - _MOST_NAMED} more" * (len(gone) > _MOST_NAMED)
            self._says(
                f"No longer in the book on {self._server.address.shown}: "
                f"{', '.join(gone[:_MOST_NAMED])}{more}.",
                f"  Their last state has the same names with {_GONE} in {printable(self._copy)}.",
            )

    def _place(self, name: str, data: bytes | None) -> None:
        """Let the copy have a file of that name, or none."""
        path = self._copy / name
        with problems_of(path):
            if data is None:
                path.unlink(missing_ok=True)
                return
        write_unsynced(path, data)

    def _stamps(self, name: str) -> list[int]:
        return stamp_of(self._copy / name) + stamp_of(self._copy / f"{name}~")

    def _remember(self) -> None:
        """Find out what the copy has, and from when; nothing if that can't be known."""
        try:
            state = json.loads((self._copy / COPY_MARK).read_bytes())
            self._kept = {
                str(at): _Kept(str(etag), str(name), [*map(int, stamps)])
                for at, (etag, name, stamps) in state["files"].items()
            }
            self.read_at = datetime.fromisoformat(state["read"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self._kept, self.read_at = {}, None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the lease, and the copy up to date. Raises ServerProblem without the network."""
        if self._is_held:
            yield
            return
        if self.absent is not None:
            self.absent.problem += ", so nothing is changed"
            raise self.absent
        with self._lease.held(self._says) as is_unbroken:
            self._is_held = True
            try:
                if not is_unbroken:
                    self._read()
                yield
            finally:
                self._is_held = False

    def remove(self, name: str) -> None:
        """Take a file out of the book; the copy keeps its last state. Raises ServerProblem."""
        with self.held():
            (at,) = (at for at, kept in self._kept.items() if kept.name == name)
            try:
                self._server.delete(f"{self._url}/{at}", {"If-Match": self._kept.pop(at).etag})
            except Changed:
                raise self._changed() from None
            self._mark()
            self._read()

    @contextmanager
    def written(self, files: Mapping[str, bytes]) -> Iterator[None]:
        """Write files in place of the versions that were read. Raises ServerProblem otherwise.

        A plan and the one before it, NAME~, are written as one.
        """
        names = [*filter(is_of_book, files)]
        known = {each.name: each for each in self._kept.values()}
        for name in names:
            if not is_name(name):
                what = "has a name that not every desk can use"
                raise problem_with(self._copy / name, what, "give it a short name of plain letters")
        with self.held(), held_here(self._copy / _LOCK_NAME, self._copy):
            for name in names:
                before = files.get(f"{name}~") or _content(self._copy / f"{name}~")
                self._write(BookFile(name, files[name], before), known.get(name))
            try:
                yield
            except (OSError, FileProblem) as error:
                if not names:
                    raise
                # What is not here by now is fetched again.
                why = error.problem if isinstance(error, FileProblem) else reason(error)
                what = f"can't be written ({why}), but the book on the server is changed already"
                raise problem_with(self._copy / names[0], what, "look at it again") from error
            for at, kept in self._kept.items():
                if kept.name in files:
                    self._kept[at] = kept._replace(stamps=self._stamps(kept.name))
            with suppress(FileProblem):
                self._mark()

    def _write(self, file: BookFile, known: _Kept | None) -> None:
        at = f"{uid_of(file.name)}.ics"
        url = f"{self._url}/{at}"
        self._lease.on_their_way += 1
        try:
            self._lease.renew_if_old()
            etag = self._put(url, file, {"If-Match": known.etag} if known else IF_NEW)
            self._require_lease(url, etag, file.name if known else None)
        except Changed:
            self._lease.on_their_way -= 1
            raise self._changed() from None
        except ServerProblem as problem:
            if problem.may_pass:
                problem.remedy = _PERHAPS_WRITTEN
            else:
                self._lease.on_their_way -= 1
            raise
        self._lease.on_their_way -= 1
        self._kept[at] = _Kept(etag, file.name, [])

    def _changed(self) -> ServerProblem:
        what = "has another state of the book: another desk changed it a moment ago"
        return self._server.address.problem(what, "type the same command again")

    def _require_lease(self, url: str, etag: str, name: str | None) -> None:
        """Raise Changed if another desk has the lease, and put back the file of that name."""
        try:
            self._lease.require()
        except Changed:
            if name is None:
                self._server.delete(url, {"If-Match": etag})
            else:
                earlier, before = (_content(self._copy / f"{name}{end}") for end in ("", "~"))
                self._put(url, BookFile(name, earlier or b"", before), {"If-Match": etag})
            raise

    def _put(self, url: str, file: BookFile, only: Mapping[str, str]) -> str:
        return self._server.put_again(url, file.resource, only, lambda data: file_in(data) == file)


def _name(resource: Resource) -> str:
    return resource.url.rpartition("/")[2]


def _content(path: Path) -> bytes | None:
    with suppress(OSError):
        return path.read_bytes()
    return None
