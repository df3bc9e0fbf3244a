"""The clinic's book: a folder of plans."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.book.index import Entry, NewIndex, Unusable, identity_of, read_index
from mesoplan.errors import FileProblem, quoted
from mesoplan.planning.agenda import BookedPlan, booked

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from mesoplan.model.plan import Plan

_LONGEST_PATH = 300
_USE_A_FOLDER = "name the folder in which the plans are"
_USE_ANOTHER = "take it out of the folder, or put the plan's own file in its place"
_OPENED_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe that has taken the place of a file would be waited for."""


@dataclass(frozen=True, slots=True)
class Book:
    """All that is in a folder of plans."""

    folder: Path
    entries: tuple[BookedPlan, ...]
    """In the order of their files' names; each plan once."""
    unreadable: tuple[FileProblem, ...]
    """The files that hold no plan, one that can't be read, or one that is here already."""


def read_book(folder: Path, usual_zone: Callable[[], str], *, writes: bool = True) -> Book:
    """All plans in a folder: what stands in its own `.ics` files, not those of folders inside.

    *usual_zone* is asked for the clinic's zone where a file does not tell it. What was read is
    remembered in the folder, if it *writes*. Raises FileProblem where the folder can't be read; of
    files that can't be read the book tells.
    """
    names = _names(folder)
    known = read_index(folder, len(names))
    reading = _Reading(folder, usual_zone, known, NewIndex(folder, writes=writes))
    try:
        told = [(name, reading.told(name)) for name in names]
        reading.keep()
    finally:
        reading.index.discard()
    entries: list[BookedPlan] = []
    unreadable: list[FileProblem] = []
    newest: dict[str, BookedPlan] = {}
    for _, found in told:
        if isinstance(found, BookedPlan):
            newer = newest.setdefault(found.plan_id, found)
            newest[found.plan_id] = min(newer, found, key=_age)
    for name, found in told:
        if isinstance(found, Unusable):
            unreadable.append(FileProblem(folder / name, *found))
        elif (other := newest[found.plan_id]) is found:
            entries.append(found)
        else:
            shown = quoted(other.file_name, _LONGEST_PATH)
            problem = f"{quoted(name, _LONGEST_PATH)} holds the same plan as {shown}"
            remedy = "keep the one that is right, and take the other out of the folder"
            unreadable.append(FileProblem(folder / name, problem, remedy))
    return Book(folder, tuple(entries), tuple(unreadable))


def _age(plan: BookedPlan) -> tuple[int, int, str]:
    """The newest of several states of a plan has the least; of copies, the one of the least name.

    A sequence number rises with each change of an event, and copies are called “… (copy).ics”.
    """
    changes = sum(session.sequence for session in plan.sessions)
    return -changes, len(plan.file_name), plan.file_name


class _Reading:
    def __init__(
        self,
        folder: Path,
        usual_zone: Callable[[], str],
        known: dict[str, Entry],
        index: NewIndex,
    ) -> None:
        self.folder = folder
        self.usual_zone = usual_zone
        self.known = known
        self.index = index
        self.entries: dict[str, Entry] = {}
        self.has_begun = False
        self.depends_on_zone = False

    def told(self, name: str) -> BookedPlan | Unusable:
        """What a file tells, from the index where nothing has changed since."""
        path = os.path.join(self.folder, name)  # noqa: PTH118 - ten times as quick as a Path
        try:
            found = os.stat(path)  # noqa: PTH116 - as above
        except (OSError, ValueError) as error:
            return _no_file(name, error)
        entry = self.known.get(name)
        if entry is not None and entry.identity == identity_of(found):
            self.entries[name] = entry
            return entry.told
        if not stat.S_ISREG(found.st_mode):
            return _unusable(name, "it is no plain file, and is not opened")
        return self._read(name, path)

    def keep(self) -> None:
        """Remember what the files tell, if that is not what was remembered."""
        if self.entries != self.known:
            if not self.has_begun:
                self.index.begin()
            self.index.put(self.entries)

    def _read(self, name: str, path: str) -> BookedPlan | Unusable:
        if not self.has_begun:
            self.has_begun = True
            self.index.begin()
        try:
            # Without a buffer, which would be made as large as the largest plan.
            with open(os.open(path, _OPENED_AT_ONCE), "rb", buffering=0) as file:  # noqa: PTH123 - of a descriptor
                before = os.fstat(file.fileno())
                if not stat.S_ISREG(before.st_mode):
                    return _unusable(name, "it is no plain file, and is not opened")
                if before.st_size > _largest():
                    return _unusable(name, "it is larger than any plan")
                data = _bytes_in(file, before.st_size)
                after = os.fstat(file.fileno())
        except (OSError, ValueError) as error:
            return _no_file(name, error)
        self.depends_on_zone = False
        told = self._understood(name, data)
        entry = Entry(identity_of(before), told)
        is_settled = entry.identity == identity_of(after) and len(data) == before.st_size
        if is_settled and not self.depends_on_zone and self.index.takes(entry):
            self.entries[name] = entry
        return told

    def _understood(self, name: str, data: bytes) -> BookedPlan | Unusable:
        from mesoplan.formats.plan_file.quick_reading import read_own
        from mesoplan.formats.plan_file.reader import holds_plan, plan_in

        own = read_own(data)
        if own is not None:
            return self._booked(own.plan, name)
        if not holds_plan(data):
            return _unusable(name, "there is no plan in it")
        try:
            plan = plan_in([(Path(name), data)], self._zone).plan
        except FileProblem as error:
            return Unusable(error.problem, error.remedy)
        return self._booked(plan, name)

    def _booked(self, plan: Plan, name: str) -> BookedPlan:
        # Not needed where nothing but the index is read.
        from mesoplan.wording.findings import rules_broken_texts

        return booked(plan, self.folder, name, rules_broken_texts(plan))

    def _zone(self) -> str:
        self.depends_on_zone = True
        return self.usual_zone()


def _largest() -> int:
    from mesoplan.formats.plan_file.reader import LARGEST_PLAN_BYTES

    return LARGEST_PLAN_BYTES


def _bytes_in(file: io.FileIO, size: int) -> bytes:
    """What is in a file, up to one byte more than the size that it had when it was opened."""
    parts: list[bytes] = []
    left = size + 1
    while left and (part := file.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _names(folder: Path) -> list[str]:
    """The names of the files of a folder that may hold a plan, in order. Raises FileProblem."""
    try:
        with os.scandir(folder) as found:
            return sorted(
                each.name
                for each in found
                if each.name[-4:].lower() == ".ics"
                and not each.name.startswith(".")
                and not each.is_dir()
            )
    except (OSError, ValueError) as error:
        shown = quoted(folder, _LONGEST_PATH)
        if isinstance(error, FileNotFoundError):
            raise FileProblem(folder, f"there is no folder {shown}", _USE_A_FOLDER) from error
        if isinstance(error, NotADirectoryError):
            raise FileProblem(folder, f"{shown} is no folder", _USE_A_FOLDER) from error
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileProblem(folder, f"{shown} can't be read: {why}", _USE_A_FOLDER) from error


def _no_file(name: str, error: OSError | ValueError) -> Unusable:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _unusable(name, f"it can't be read: {why}")


def _unusable(name: str, problem: str) -> Unusable:
    return Unusable(f"{quoted(name, _LONGEST_PATH)}: {problem}", _USE_ANOTHER)
