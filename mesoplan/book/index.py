"""What is remembered of the files of a book, so that a second look need not read them all.

The index is a hidden file in the book's folder. An entry is used only for a file that is the same
one, of the same size and times, as when it was read, and only files that had not been changed for
a while by then get one: a file system's clock may show one time for two changes. Whatever is not
right with the index, it is left aside; to remove it loses nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
from itertools import repeat
from operator import le
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan import __version__
from mesoplan.dates.zones import find_zone, zone_file
from mesoplan.errors import MesoplanError
from mesoplan.model.plan import Status
from mesoplan.model.texts import require_label
from mesoplan.planning.agenda import BookedPlan, BookedSession
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.storage.interruptions import undisturbed
from mesoplan.storage.temporaries import NEW_INDEXES, Temporary, sweep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INDEX_NAME = ".mesoplan-index"
_FORM = 1
"""Of this file's form, and of what the entries tell."""

_SETTLED_NS = 2_500_000_000
"""How long a file must not have been changed: longer than the longest step of a clock of a file
system (FAT's, two seconds)."""

_LARGEST_BYTES = 2_000_000
_LARGEST_ENTRY_BYTES = 20_000
_GOALS = {goal.name for goal in ALL_GOALS}
_AREAS = {area for goal in ALL_GOALS for area in goal.areas}
_LATEST_SECOND = 2**33
"""More than any number in it can be: the first seconds are of the year 2242."""

_KINDS: tuple[Any, ...] = ("course", "maintenance")
_STATUSES = tuple(Status)


class Identity(NamedTuple):
    """What tells a state of a file from every other one."""

    size: int
    changed_ns: int
    """When its content was changed, as the file system says; programs can set that."""
    touched_ns: int
    """When anything of it was changed; on Windows, when it was made."""
    file: int
    device: int


def identity_of(found: os.stat_result) -> Identity:
    """The identity of a file that was looked at."""
    return Identity(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


class Unusable(NamedTuple):
    """A file that holds no plan, or none that can be read."""

    problem: str
    remedy: str


class Entry(NamedTuple):
    """What is remembered of a file."""

    identity: Identity
    told: BookedPlan | Unusable


def read_index(folder: Path, files: int) -> dict[str, Entry]:
    """The entries by the names of their files; none where there is no index that can be used.

    *files* is how many files are in the folder: an index that is much too large is none of ours.
    """
    try:
        data = _bytes_of(folder / INDEX_NAME, _LARGEST_BYTES + files * _LARGEST_ENTRY_BYTES)
        first, _, body = data.partition(b"\n")
        head = json.loads(first)
        if head != _head(body, head["zones"]):
            return {}
        zones = set(head["zones"])
        return {
            name: _entry(folder, name, written, zones) for name, written in json.loads(body).items()
        }
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return {}
    except (OverflowError, MesoplanError):
        return {}


def forget_index(folder: Path) -> None:
    """Remove the index, if there is one that can be removed: the next look makes another."""
    with contextlib.suppress(OSError):
        (folder / INDEX_NAME).unlink(missing_ok=True)


class NewIndex:
    """An index that is being made, while the files are read that it will tell of.

    Nothing here raises an error: a folder that can't be written, or is full, has no index.
    """

    def __init__(self, folder: Path, *, writes: bool = True) -> None:
        self._folder = folder
        self._writes = writes
        self._temporary: Temporary | None = None
        self._settled_by = 0

    def begin(self) -> None:
        """Ask the file system for its time: no file is read before that."""
        if not self._writes:
            return
        with contextlib.suppress(OSError, ValueError):
            with undisturbed():
                self._temporary = Temporary(self._folder, NEW_INDEXES)
            file = self._temporary.file
            # Some file systems give an empty file no time of its own.
            file.write(b"\n")
            file.flush()
            self._settled_by = os.fstat(file.fileno()).st_mtime_ns - _SETTLED_NS

    def takes(self, entry: Entry) -> bool:
        """Whether a file that was read since then can be known again for sure."""
        latest = max(entry.identity.changed_ns, entry.identity.touched_ns)
        return latest < self._settled_by and _can_be_packed(entry.told)

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Put it in place of the one that is there, if there is any."""
        if self._temporary is None:
            return
        with contextlib.suppress(OSError, MesoplanError):
            file, index = self._temporary.file, self._folder / INDEX_NAME
            file.seek(0)
            file.truncate()
            file.write(_written(entries))
            file.flush()
            self._temporary.let_go()
            self._temporary.path.replace(index)
            sweep(self._folder, index)

    def discard(self) -> None:
        """Remove what is left of making it."""
        if self._temporary is not None:
            with undisturbed():
                self._temporary.discard()


def _bytes_of(path: Path, largest: int) -> bytes:
    # A pipe of that name would never end.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > largest:
            raise ValueError
        return file.read()


def _head(body: bytes, zones: Mapping[str, str]) -> dict[str, Any]:
    """What an index must say of itself.

    The instants in it are what the clocks of the zones tell, so it is bound to their files.
    """
    return {
        "form": _FORM,
        "program": __version__,
        "zones": {name: _digest(zone_file(find_zone(name).key)) for name in sorted(zones)},
        "digest": _digest(body),
    }


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _written(entries: Mapping[str, Entry]) -> bytes:
    body = json.dumps(
        {name: _packed(entry) for name, entry in entries.items()}, separators=(",", ":")
    ).encode("ascii")
    plans = (entry.told for entry in entries.values())
    zones = {plan.zone: "" for plan in plans if isinstance(plan, BookedPlan)}
    head = json.dumps(_head(body, zones), separators=(",", ":")).encode("ascii")
    return head + b"\n" + body


def _can_be_packed(told: BookedPlan | Unusable) -> bool:
    """Whether it comes back as it is; appointments that others wrote may be of any kind."""
    return isinstance(told, Unusable) or all(
        each.plan_id == told.plan_id
        and each.serial.isdecimal()
        and 0 <= each.start_seconds <= each.end_seconds < _LATEST_SECOND
        for each in told.sessions
    )


def _packed(entry: Entry) -> list[Any]:
    told = entry.told
    if isinstance(told, Unusable):
        return [entry.identity, *told]
    sessions = told.sessions
    return [
        entry.identity,
        *(told.plan_id, told.goal, told.area, told.patient, told.zone),
        *(told.total_sessions, told.total_maintenance, told.ended, told.is_whole),
        *(told.row_digest, told.problems),
        " ".join(each.serial for each in sessions),
        [_KINDS.index(each.kind) for each in sessions],
        [each.number for each in sessions],
        [each.start_seconds for each in sessions],
        [each.end_seconds for each in sessions],
        [_STATUSES.index(each.status) for each in sessions],
        [each.sequence for each in sessions],
    ]


def _entry(folder: Path, name: str, written: list[Any], zones: set[str]) -> Entry:
    """An entry read back. Raises ValueError, TypeError or IndexError where it is none."""
    numbers = written[0]
    _require(len(numbers) == len(Identity._fields) and set(map(type, numbers)) == {int})
    identity = Identity(*numbers)
    if len(written) == 3:
        _require(written[1].isprintable(), written[2].isprintable())
        return Entry(identity, Unusable(written[1], written[2]))
    _, plan_id, goal, area, patient, zone, total, upkeep, ended, is_whole, *rest = written
    row_digest, breaches, serials, *columns = rest
    _require(
        re.fullmatch("[0-9A-Za-z-]{8,64}", plan_id) is not None,
        goal is None or goal in _GOALS,
        area is None or area in _AREAS,
        zone in zones,
        type(total) is int and total > 0,
        type(upkeep) is int and upkeep >= 0,
        type(ended) is bool and type(is_whole) is bool,
        row_digest is None or row_digest.isalnum(),
        type(breaches) is list and all(breach.isprintable() for breach in breaches),
    )
    if patient is not None and not (patient.isascii() and patient.isprintable()):
        require_label(patient)
    return Entry(
        identity,
        BookedPlan(
            folder=folder,
            file_name=name,
            plan_id=plan_id,
            goal=goal,
            area=area,
            patient=patient,
            zone=zone,
            total_sessions=total,
            total_maintenance=upkeep,
            ended=ended,
            is_whole=is_whole,
            row_digest=row_digest,
            problems=tuple(breaches),
            sessions=_sessions(plan_id, serials, *columns),
        ),
    )


def _sessions(
    plan_id: str,
    serials: str,
    kinds: list[int],
    numbers: list[int],
    starts: list[int],
    ends: list[int],
    statuses: list[int],
    sequences: list[int],
) -> tuple[BookedSession, ...]:
    for column in (kinds, numbers, starts, ends, statuses, sequences):
        _require(type(column) is list, set(map(type, column)) <= {int})
        _require(min(column, default=0) >= 0, max(column, default=0) < _LATEST_SECOND)
    uids_end = serials.split()
    _require(all(map(str.isdecimal, uids_end)))
    columns = (
        uids_end,
        [_KINDS[kind] for kind in kinds],
        numbers,
        starts,
        ends,
        [_STATUSES[status] for status in statuses],
        sequences,
    )
    _require(len(set(map(len, columns))) == 1, all(map(le, starts, ends)))
    return tuple(map(BookedSession._make, zip(repeat(plan_id), *columns, strict=False)))


def _require(*conditions: bool) -> None:
    if not all(conditions):
        raise ValueError
